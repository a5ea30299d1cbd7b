#!/usr/bin/env python3
"""Trains the network that ships: a student of GoogLeNet, from random weights.

    tools/train/distil.py --data DATA --out RUN [--steps 20000] [--minutes 9]

DATA is what prepare.py wrote. RUN/checkpoint.pt holds the state; the same command goes on from there, so a
run may be cut into pieces (--minutes, Ctrl-C or SIGTERM ends one cleanly). CPU or CUDA, whichever there is.

Three things teach: the teacher's activations at every head; pictures that the student dreamed itself,
labelled by the teacher, so that it cannot fool itself; and the teacher's gradient with respect to the
picture, matched by double backward, since that is what dreams climb. The latter begins when the batch
norms are frozen; the learning rate falls to zero; an average of the weights is what ships.
"""

import argparse
import copy
import math
import os
import pathlib
import random
import signal
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dreams
import networks
import pictures

# How often pictures are dreamed, and gradients matched, at each head
AIMS = {"3a": 0.03, "3b": 0.24, "4a": 0.11, "4b": 0.11, "4c": 0.45, "4d": 0.03, "4e": 0.03}


def choose(shares):
    return random.choices(list(shares), list(shares.values()))[0]


class Pool:
    """Labelled pictures that are trained on again and again; the oldest make room.

    Of each: the teacher's activations, the head and the channels that it was dreamed with, and the
    teacher's slope for them at half resolution.
    """

    def __init__(self, capacity, side, heads, device):
        self.capacity, self.device = capacity, device
        self.pictures = torch.zeros(capacity, 3, side, side, dtype=torch.uint8, device=device)
        self.labels = {}
        self.aims = torch.zeros(capacity, dtype=torch.long, device=device)
        widest = max(networks.HEADS[head] for head in heads)
        self.channels = torch.zeros(capacity, widest, dtype=torch.bool, device=device)
        self.slopes = torch.zeros(capacity, 3, side // 2, side // 2, dtype=torch.bfloat16, device=device)
        self.depth = torch.zeros(capacity, dtype=torch.long)  # steps dreamed so far
        self.next = self.filled = 0

    def insert(self, batch, labels, aim, channels, slopes, depth):
        rows = [(self.next + i) % self.capacity for i in range(len(batch))]
        self.pictures[rows] = batch.to(torch.uint8)
        for head, label in labels.items():
            if head not in self.labels:
                self.labels[head] = torch.zeros(self.capacity, *label.shape[1:], dtype=torch.bfloat16,
                                                device=self.device)
            self.labels[head][rows] = label.to(torch.bfloat16)
        self.aims[rows] = aim
        self.channels[rows, :channels.shape[1]] = channels.flatten(1).bool()
        # Only directions are matched
        self.slopes[rows] = (slopes / (slopes.abs().mean((1, 2, 3), keepdim=True) + 1e-20)).to(torch.bfloat16)
        self.depth[rows] = depth
        self.next = (self.next + len(batch)) % self.capacity
        self.filled = min(self.filled + len(batch), self.capacity)

    def state(self):
        """All that it holds, for the next piece of the run; some GB."""
        return {name: value for name, value in vars(self).items() if name not in ("capacity", "device")}

    def load(self, state):
        if state["pictures"].shape != self.pictures.shape:
            return  # of another size: it fills anew
        vars(self).update(state)

    def rows(self, count):
        return np.random.randint(0, self.filled, count)

    def shallow_rows(self, count):
        """Mostly those that were dreamed on little."""
        rows = self.rows(3 * count)
        return rows[np.argsort(self.depth[rows].cpu().numpy() + np.random.randint(0, 24, 3 * count))[:count]]


class Distiller:
    def __init__(self, options, device):
        self.options, self.device = options, device
        self.amp = dict(device_type=device.type, dtype=torch.bfloat16, enabled=options.amp)
        self.teacher = networks.Teacher(options.data / "teacher.safetensors", device,
                                        torch.bfloat16 if options.amp else torch.float32)
        photos = pictures.read_set(options.data / "training.npz")
        drawn = pictures.read_set(options.data / "patterns.npz")
        self.photos = pictures.Sources(photos, device)
        self.drawn = pictures.Sources(drawn, device)
        self.student = networks.Student(heads=options.heads).to(device, memory_format=torch.channels_last)
        self.heads = self.student.heads_there
        self.aims = {head: share for head, share in AIMS.items() if head in self.heads}
        self.pool = Pool(options.pool, options.side, self.heads, device)
        self.step, self.ending = 0, False
        parameters = list(self.student.parameters())
        self.optimiser = torch.optim.AdamW(
            [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.02},
             {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0}],
            lr=options.rate, betas=(0.9, 0.98))
        self.average = copy.deepcopy(self.student)

    # ------------------------------------------------------------------------ pictures
    def sample(self, count):
        return torch.stack([
            (self.drawn if random.random() < self.options.drawn else self.photos).sample(self.options.side)
            for _ in range(count)])

    def label(self, batch, depth, aim, channels):
        """Into the pool, with all that the teacher says of a batch."""
        batch = batch.round().clamp(0, 255).requires_grad_(True)
        labels = self.teacher(batch, self.heads[-1])
        slopes = torch.autograd.grad(dreams.objective(labels[aim], channels), batch)[0].float()
        self.pool.insert(batch.detach(), {head: labels[head].detach() for head in self.heads},
                         self.heads.index(aim), channels, F.avg_pool2d(slopes, 2), depth)

    def measure_scales(self):
        """What the student's heads count in: each teacher channel's root mean square."""
        sums = dict.fromkeys(self.heads, 0)
        with torch.no_grad():
            for _ in range(6):
                labels = self.teacher(self.sample(16), self.heads[-1])
                for head in self.heads:
                    sums[head] = sums[head] + (labels[head].float() ** 2).mean((0, 2, 3)) / 6
        for head, total in sums.items():
            scale = total.sqrt()
            scale = scale.clamp(min=0.15 * scale.median())
            for network in (self.student, self.average):
                getattr(network, "scale_" + head).copy_(scale)

    def add_pictures(self):
        """A batch of fresh ones, or of the pool's dreamed further by the teacher or the student."""
        count = self.options.fresh
        aim = choose(self.aims)
        channels = dreams.some_channels(count, networks.HEADS[aim], self.device)
        kind = random.random()
        if self.pool.filled < 4 * count or kind < 0.4:
            self.label(self.sample(count), 0, aim, channels)
            return
        rows = self.pool.shallow_rows(count)
        batch = self.pool.pictures[rows].float()
        side = self.options.side
        if random.random() < 0.5:  # nearer, as from octave to octave
            part = int(side / random.choice((1.15, 1.25, 1.4)))
            y, x = random.randint(0, side - part), random.randint(0, side - part)
            batch = dreams.resize(batch[:, :, y:y + part, x:x + part], side, side)
        size = dreams.step_size()
        by_student = kind > 0.55
        steps = random.randint(1, 7 if by_student else 4)
        self.student.eval()
        activation = self.student_activation if by_student else self.teacher_activation
        for half in (1, 2):
            batch = dreams.climb(lambda x: activation(x, aim), batch, steps, channels, size)
            self.label(batch, self.pool.depth[rows] + half * steps, aim, channels)

    def teacher_activation(self, x, head):
        return self.teacher(x, head)[head]

    def student_activation(self, x, head):
        with torch.autocast(**self.amp):
            return self.student.activation(x, head)

    # --------------------------------------------------------------------------- losses
    def activation_loss(self, answers, rows):
        loss = 0
        for head, answer in answers.items():
            wanted = self.pool.labels[head][rows].float() / self.student.scale(head)
            # Where the teacher is silent, any answer below zero is right
            error = torch.where(wanted > 0, answer - wanted, F.relu(answer))
            energy = (wanted ** 2).mean((1, 2, 3))
            each = (error ** 2).mean((1, 2, 3)) / (energy + 0.3) ** 0.7
            loss = loss + networks.LOSS_WEIGHTS[head] * each.mean()
        return loss

    def slope_loss(self, batch, answers, rows):
        """1 - cosine between what student and teacher would climb, at half resolution."""
        objective = 0
        for number, head in enumerate(self.heads):
            aimed = (self.pool.aims[rows] == number)[:, None] & self.pool.channels[rows, :networks.HEADS[head]]
            activation = F.relu(answers[head]) * self.student.scale(head)
            objective = objective + dreams.objective(activation, aimed[:, :, None, None])
        found = torch.autograd.grad(objective, batch, create_graph=True)[0].float()
        found = F.avg_pool2d(found, 2)
        wanted = self.pool.slopes[rows].float()
        alive = ((wanted.abs().sum((1, 2, 3)) > 0) & (found.detach().abs().sum((1, 2, 3)) > 0)).float()
        found = found / (found.detach().abs().mean((1, 2, 3), keepdim=True) + 1e-20)
        dot = (found * wanted).sum((1, 2, 3))
        norms = ((found ** 2).sum((1, 2, 3)) + 1e-6).sqrt() * ((wanted ** 2).sum((1, 2, 3)) + 1e-6).sqrt()
        return ((1 - dot / norms) * alive).sum() / alive.sum().clamp(min=1)

    # ------------------------------------------------------------------------- training
    def train_step(self):
        options = self.options
        progress = self.step / options.steps
        rate = options.rate * 0.5 * (1 + math.cos(math.pi * progress)) * min(1, (self.step + 1) / 200)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if self.step % options.reuse == 0:
            self.add_pictures()
        frozen = options.start is not None or progress > options.freeze
        self.student.train(not frozen)
        rows = self.pool.rows(options.batch)
        batch = self.pool.pictures[rows].float().requires_grad_(frozen)
        with torch.autocast(**self.amp):
            answers = {head: answer.float() for head, answer in self.student(batch).items()}
        loss = activations = self.activation_loss(answers, rows)
        slopes = None
        if frozen:
            slopes = self.slope_loss(batch, answers, rows)
            loss = loss + options.slopes * slopes
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), 2)
        self.optimiser.step()
        self.step += 1
        self.update_average()
        return activations.item(), None if slopes is None else slopes.item()

    def update_average(self):
        keep = min(0.9995, 1 - 10 / (self.step + 10))
        with torch.no_grad():
            for kept, new in zip(self.average.state_dict().values(), self.student.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.lerp_(new, 1 - keep)
                else:
                    kept.copy_(new)

    def train(self):
        start, said, losses, slopes = time.time(), time.time(), [], []
        while (self.step < self.options.steps and time.time() - start < 60 * self.options.minutes
               and not self.ending):
            activations, slope = self.train_step()
            losses.append(activations)
            slopes += [slope] if slope is not None else []
            if time.time() - said > 60 or self.step == self.options.steps:
                print(f"step {self.step} of {self.options.steps}, activations {np.mean(losses):.4f}, "
                      f"gradients {np.mean(slopes) if slopes else float('nan'):.4f}, "
                      f"{len(losses) / (time.time() - said):.2f} steps/s", flush=True)
                said, losses, slopes = time.time(), [], []
                self.save()
        self.save()
        if self.step < self.options.steps:
            torch.save(self.pool.state(), self.options.out / "pool.pt")

    def end(self, *_):
        """After this step; for signals."""
        self.ending = True

    # ---------------------------------------------------------------------- checkpoints
    def save(self):
        path = self.options.out / "checkpoint.pt"
        state = {"step": self.step, "widths": self.student.widths, "heads": self.heads,
                 "student": self.student.state_dict(), "average": self.average.state_dict(),
                 "optimiser": self.optimiser.state_dict()}
        torch.save(state, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)

    def load(self, path):
        state = torch.load(path, map_location=self.device)
        if (state["widths"], state["heads"]) != (self.student.widths, self.heads):
            raise SystemExit(f"{path} is of a student of other widths or heads")
        self.step = state["step"]
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        pool = path.with_name("pool.pt")
        if pool.exists():
            self.pool.load(torch.load(pool, map_location=self.device))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=20000, help="of the whole run")
    parser.add_argument("--minutes", type=float, default=math.inf, help="of this piece of it")
    parser.add_argument("--side", type=int, default=160, help="of the training pictures, px")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--fresh", type=int, default=16, help="pictures added at a time")
    parser.add_argument("--reuse", type=int, default=4, help="steps between additions")
    parser.add_argument("--pool", type=int, default=2400, help="labelled pictures kept")
    parser.add_argument("--drawn", type=float, default=0.25, help="share of rendered pictures")
    parser.add_argument("--heads", nargs="+", choices=networks.HEADS,
                        help="where the student answers; its trunk ends at the last [those of --start, else all]")
    parser.add_argument("--start", type=pathlib.Path,
                        help="a shipped network to begin from, with norms frozen from the first step")
    parser.add_argument("--freeze", type=float, default=0.4,
                        help="the part of the run after which norms are frozen and slopes matched")
    parser.add_argument("--slopes", type=float, default=12, help="weight of the slopes' loss")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--amp", action=argparse.BooleanOptionalAction,
                        default=torch.cuda.is_available(), help="bfloat16 where that is fast")
    options = parser.parse_args()
    options.heads = options.heads or (networks.heads_of(options.start) if options.start else list(networks.HEADS))
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_flush_denormal(True)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.backends.cudnn.benchmark = True

    checkpoint = options.out / "checkpoint.pt"
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    distiller = Distiller(options, device)
    if checkpoint.exists():
        distiller.load(checkpoint)
        # Another piece of the run sees other pictures
        for seed in (random.seed, np.random.seed, torch.manual_seed):
            seed(options.seed + 1000003 * distiller.step % 2**31)
    else:
        distiller.measure_scales()
        if options.start:
            for network in (distiller.student, distiller.average):
                network.begin_from(options.start)
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, distiller.end)
    while distiller.pool.filled < min(options.pool, 16 * options.fresh):
        distiller.add_pictures()
    distiller.train()


if __name__ == "__main__":
    main()
