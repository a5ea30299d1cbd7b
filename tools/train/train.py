#!/usr/bin/env python3
"""Trains the network that ships, on one GPU or slowly on a CPU, from random weights or from an earlier network.

    tools/train/train.py --data DATA --out OUT --minutes 8.5

DATA is what prepare.py wrote. Everything that depends on progress (learning rate, freezing of batch norms) goes by
the clock, so that a run ends complete at any speed. OUT/state.pt and OUT/NAME.safetensors, the average of the
weights, are written every minute; at the end fidelity is measured at every head. Ctrl-C or SIGTERM ends a run after
the step; the same command resumes it from OUT/state.pt.
"""

import time

START = time.time()  # importing PyTorch takes seconds that belong to the run

import argparse  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402

import checkpoint  # noqa: E402
import errors  # noqa: E402
import googlenet  # noqa: E402
import numpy as np  # noqa: E402
import pools  # noqa: E402
import speeds  # noqa: E402
import torch  # noqa: E402
from sources import Sources  # noqa: E402
from teacher import Teacher  # noqa: E402
from trainer import Trainer  # noqa: E402

TRIAL_DREAM_SIZES = [(128, 96), (112, 112)]  # px


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=pathlib.Path, required=True, help="folder that prepare.py wrote")
    add("--out", type=pathlib.Path, required=True, help="folder for state.pt and the network; a run in it is resumed")
    add("--name", default="trial", help="name of the network and of its file [%(default)s]")
    add("--start", type=pathlib.Path, help="begin from this network (.safetensors) or state (.pt), at a new learning rate")
    add("--minutes", type=float, default=8.5, help="length of the whole run, from start to end [%(default)s]")
    add("--reserve", type=float, default=25, help="seconds of the run kept for judging at the end [%(default)s]")
    add("--steps", type=int, help="end after so many steps, if that is earlier")
    add("--batch", type=int, default=128, help="pictures in a step [%(default)s]")
    add("--side", type=int, default=192, dest="side_px", help="side of pictures in px, a multiple of 32 [%(default)s]")
    add("--pool", type=int, default=2048, help="dreamed pictures kept for each head [%(default)s]")
    add("--fresh", type=int, default=4096, help="undreamed pictures kept [%(default)s]")
    add("--dreams", type=int, default=64, help="dreams under way at once at each head [%(default)s]")
    add("--taken", type=int, default=32, help="dreams that go to the pool at each of their steps [%(default)s]")
    add("--dream-every", type=int, default=2, help="training steps for one step of dreams [%(default)s]")
    add("--fresh-share", type=float, default=0.25, help="share of undreamed pictures in a step [%(default)s]")
    add("--lower-heads", type=float, default=0.4, help="chance that a lower head's activations count [%(default)s]")
    add("--drawn-share", type=float, default=0.12, help="share of drawn pictures among fresh ones [%(default)s]")
    add("--freeze", type=float, default=0.2, help="part of the run after which batch norms are frozen and gradients "
        "matched [%(default)s]")
    add("--gradient-weight", type=float, default=12, help="weight of the gradients' error [%(default)s]")
    add("--rate", type=float, default=2e-3, help="highest learning rate [%(default)s]")
    add("--decay", type=float, default=0.02, help="weight decay [%(default)s]")
    add("--seed", type=int, default=0, help="seed of everything random [%(default)s]")
    add("--report-every", type=float, default=15, help="seconds between lines [%(default)s]")
    add("--judge-every", type=float, default=90, help="seconds between measurements of fidelity [%(default)s]")
    add("--judge-pictures", type=int, default=8, help="held-out pictures that are judged [%(default)s]")
    add("--judge-heads", nargs="*", default=list(googlenet.HEADS), choices=googlenet.HEADS, metavar="HEAD",
        help="heads that are judged at the end; none: no judging [all]")
    add("--bfloat16", action=argparse.BooleanOptionalAction, help="convolutions in bfloat16 [on a GPU]")
    add("--cuda-graphs", action="store_true", help="launch whole steps as CUDA graphs")
    add("--speeds", type=int, nargs="+", metavar="BATCH", help="only measure the speed of these batch sizes")
    add("--limit", type=int, help="number of stored pictures of each kind that are read, for trials")
    add("--trial-width", type=int, help="channels of every convolution of the student, for trials")
    add("--trial-dreams", action="store_true", help="dreams of 128 px, for trials")
    options = parser.parse_args()
    if options.side_px % 32 or options.side_px < 64:
        parser.error("--side must be a multiple of 32, at least 64")
    if not 0 < options.taken <= options.dreams <= options.pool:
        parser.error("--taken must not exceed --dreams, nor --dreams --pool")
    options.dream_sizes = TRIAL_DREAM_SIZES if options.trial_dreams else pools.DREAM_SIZES
    return options


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def log(*words):
    print(f"[{time.time() - START:6.1f}]", *words, flush=True)


def main():
    options = parse_options()
    errors.require_folder(options.data, "prepare.py writes it")
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if options.bfloat16 is None:
        options.bfloat16 = device.type == "cuda"
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = True
    log(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name(0) if device.type == 'cuda' else 'CPU'}")

    # Another piece of a run sees other pictures
    path = options.out / "state.pt"
    state = checkpoint.load(path) if path.exists() else None
    seed = (options.seed + 1000003 * (state["step"] if state and "step" in state else 0)) % 2 ** 31
    seed_everything(seed)

    dtype = torch.bfloat16 if options.bfloat16 else torch.float32
    teacher = Teacher(options.data / "teacher.safetensors", device, dtype, space_to_depth=device.type == "cuda")
    sources = Sources([(options.data / "training.npz", 1 - options.drawn_share),
                       (options.data / "patterns.npz", options.drawn_share)],
                      device, seed, os.cpu_count() or 1, options.limit)
    log(f"{sources.count} pictures, {sources.pixels.numel() / 1e6:.0f} MB")
    trainer = Trainer(options, device, sources, teacher, START, log)
    if state:
        trainer.load(path, state)
    else:
        trainer.begin()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, trainer.end)
    if options.speeds:
        speeds.measure(trainer, options.speeds, log)
    else:
        trainer.run()


if __name__ == "__main__":
    errors.run(main)
