#!/usr/bin/env python3
"""Measures how much of the teacher's dream a network dreams: its fidelity at each head, on pictures never trained on.

    tools/train/judge.py --data DATA NETWORK.safetensors|state.pt... [--heads 4c 3b] [--json FILE]
    tools/train/judge.py --teacher teacher.safetensors --pictures FOLDER NETWORK.safetensors

Fidelity = (T(network's dream) - T(source)) / (T(teacher's dream) - T(source)), where T is the teacher's objective, the
mean of its squared activations at the head. 1: as good as the teacher; the network's own opinion does not count.
Dreams are classic: 4 octaves of 10 steps at 320 px. With several networks, the differences to the first one are
paired by picture.
"""

import argparse
import json
import os
import pathlib

import checkpoint
import dreams
import errors
import googlenet
import losses
import native_file
import numpy as np
import sources
import torch
import torch.nn.functional as F
from errors import BadInput
from PIL import Image
from teacher import Teacher

SIDE_PX = 320  # of the longer side
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def shrunk(image, side_px):
    """uint8 [3,H,W] of a picture whose longer side becomes `side_px`."""
    factor = side_px / max(image.size)
    image = image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def held_out(path, side_px, count=None):
    """The pictures of a held-out.npz or of a folder, `count` of them at most, as shrunk() gives them.

    Errors: BadInput where there are none.
    """
    if path.suffix == ".npz":
        return [shrunk(sources.decode(blob), side_px) for blob in sources.read_jpegs(path, count)]
    errors.require_folder(path, "name a folder of pictures")
    files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)[:count]
    if not files:
        raise BadInput(f"{path}: no pictures in it; expected files {', '.join(SUFFIXES)}")
    return [shrunk(Image.open(one), side_px) for one in files]


class Judge:
    """The teacher's opinion of dreams; its own dreams are made once for each head."""

    def __init__(self, data, device, count=None, pictures=None, teacher=None, side_px=SIDE_PX):
        """`data`: folder with held-out.npz and teacher.safetensors, unless `pictures` and `teacher` name others.

        Errors: BadInput where these are missing.
        """
        self.device = device
        self.teacher = Teacher(teacher or data / "teacher.safetensors", device)
        found = held_out(pictures or data / "held-out.npz", side_px, count)
        self.count = len(found)
        by_size = {}
        for number, picture in enumerate(found):
            by_size.setdefault(tuple(picture.shape), []).append(number)
        self.batches = [(numbers, torch.stack([found[n] for n in numbers]).float().to(device))
                        for numbers in by_size.values()]
        self.ends = {}

    def objectives(self, pictures, head):
        """The teacher's objective on each picture, as it would be stored: in whole grey levels."""
        with torch.no_grad():
            return (self._teacher_activation(pictures.round().clamp(0, 255), head) ** 2).mean((1, 2, 3)).tolist()

    def _teacher_activation(self, pictures, head):
        return self.teacher.activation(googlenet.normalised(pictures, torch.float32), head)

    def dreams(self, activation, batch):
        """The dreams of a batch (numbers, pictures [N,3,H,W]); each picture has its own jitter, by its number."""
        numbers, pictures = batch
        generators = [np.random.RandomState(number) for number in numbers]

        def jitter():
            shifts = np.stack([generator.randint(-dreams.JITTER, dreams.JITTER + 1, 2) for generator in generators])
            across, down = torch.from_numpy(shifts.astype(np.int64)).to(self.device).unbind(1)
            return down, across

        *_, dreamed = dreams.dream_states(lambda x: losses.objective_gradient(activation, x), pictures, jitter)
        return dreamed

    def teacher_ends(self, head):
        """[(the teacher's objective on a picture, on the teacher's own dream of it)]."""
        if head not in self.ends:
            ends = [None] * self.count
            for numbers, pictures in self.batches:
                dreamed = self.dreams(lambda x: self._teacher_activation(x, head), (numbers, pictures))
                for number, *both in zip(numbers, self.objectives(pictures, head), self.objectives(dreamed, head)):
                    ends[number] = tuple(both)
            self.ends[head] = ends
        return self.ends[head]

    def fidelities(self, activation, head, kept=None):
        """The fidelity on each picture of what climbs `activation`: pictures -> channels [N,C,h,w].

        `kept`, a dictionary, gets the dreams as uint8 [3,H,W] arrays by (head, number).
        """
        found = [0.0] * self.count
        for numbers, pictures in self.batches:
            dreamed = self.dreams(activation, (numbers, pictures))
            for number, picture, reached in zip(numbers, dreamed, self.objectives(dreamed, head)):
                low, high = self.teacher_ends(head)[number]
                found[number] = (reached - low) / (high - low)
                if kept is not None:
                    kept[head, number] = picture.clamp(0, 255).round().byte().cpu().numpy()
        return found


class FileNetwork:
    """A network's file of this architecture, of any widths, blocks and heads. Called with pictures and a head, it
    gives the activation of HEAD/output."""

    def __init__(self, path, device):
        """Errors: BadInput where it is no such file, or of another architecture."""
        self.arrays = {name: torch.from_numpy(a).to(device) for name, a in native_file.read(path)[1].items()}
        self.arrays = {name: a.contiguous(memory_format=torch.channels_last) if a.dim() == 4 else a
                       for name, a in self.arrays.items()}
        self.heads = [head for head in googlenet.HEADS if head + "/output.weights" in self.arrays]
        if not self.heads or "conv2_reduce.weights" not in self.arrays:
            raise BadInput(f"{path}: not a network that train.py or export.py wrote")

    def _unit(self, x, name, stride=1):
        weights = self.arrays[name + ".weights"]
        return F.relu(F.conv2d(x, weights, self.arrays[name + ".bias"], stride, weights.shape[2] // 2))

    def __call__(self, pictures, head):
        def halve(x):
            return F.max_pool2d(x, 3, 2, 0, ceil_mode=True)

        mean = torch.tensor(googlenet.MEAN[::-1], device=pictures.device).reshape(1, 3, 1, 1)
        x = (pictures.flip(1) - mean).contiguous(memory_format=torch.channels_last)
        x = halve(self._unit(x, "conv1", 2))
        x = halve(self._unit(self._unit(x, "conv2_reduce"), "conv2"))
        for block in googlenet.BLOCKS[:googlenet.BLOCKS.index(head) + 1]:
            if block in googlenet.FIRST_OF_STAGE:
                x = halve(x)
            x = torch.cat([self._unit(x, block + "/1x1"),
                           self._unit(self._unit(x, block + "/3x3_reduce"), block + "/3x3"),
                           self._unit(self._unit(x, block + "/5x5_reduce"), block + "/5x5"),
                           self._unit(F.max_pool2d(x, 3, 1, 1), block + "/pool_proj")], 1)
        return self._unit(x, head + "/output")


def open_network(path, device, last=False):
    """(pictures, head -> activation; its heads) of a network's file or of a run's state.

    Errors: BadInput where it is neither.
    """
    if path.suffix == ".safetensors":
        network = FileNetwork(path, device)
        return network, network.heads
    student, flat = checkpoint.open_student(path, device, last)
    with torch.no_grad():
        tensors = student.folded_tensors(flat)
    return (lambda x, head: student.activation(tensors, googlenet.normalised(x, torch.float32), head),
            list(googlenet.HEADS))


def summary(found):
    """{"mean", "standard_error", "each"} of numbers, one for each picture."""
    error = float(np.std(found, ddof=1) / len(found) ** 0.5) if len(found) > 1 else float("nan")
    return {"mean": float(np.mean(found)), "standard_error": error, "each": [float(one) for one in found]}


def line(name, head, one):
    each = " ".join(f"{value:.2f}" for value in one["each"])
    return f"{name} {head} fidelity {one['mean']:.3f} (standard error {one['standard_error']:.3f}): {each}"


def write_sheet(kept, path, count=8):
    """One picture of the first `count` dreams at each head, a row for each."""
    heads = [head for head in googlenet.HEADS if any(one == head for one, _ in kept)]
    width, height = SIDE_PX, SIDE_PX * 2 // 3
    sheet = Image.new("RGB", (width * count, height * len(heads)))
    for row, head in enumerate(heads):
        for column in range(count):
            if (head, column) in kept:
                image = Image.fromarray(kept[head, column].transpose(1, 2, 0))
                image.thumbnail((width, height))
                sheet.paste(image, (column * width, row * height))
    sheet.save(path, "JPEG", quality=88)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", type=pathlib.Path, help=".safetensors files, or state.pt of runs")
    parser.add_argument("--data", type=pathlib.Path, help="folder that prepare.py wrote")
    parser.add_argument("--teacher", type=pathlib.Path, help="GoogLeNet [DATA/teacher.safetensors]")
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder of pictures [DATA/held-out.npz]")
    parser.add_argument("--count", type=int, help="number of pictures to judge, the first ones [all]")
    parser.add_argument("--side", type=int, default=SIDE_PX, help="longer side of the pictures in px [%(default)s]")
    parser.add_argument("--heads", nargs="+", choices=googlenet.HEADS, default=list(googlenet.HEADS), metavar="HEAD",
                        help="where to judge, among those that a network has [all]")
    parser.add_argument("--last", action="store_true", help="use the last weights of a state, not their average")
    parser.add_argument("--json", type=pathlib.Path, help="write the numbers of every picture, too")
    parser.add_argument("--sheet", type=pathlib.Path, help="write one JPEG of the first network's dreams")
    options = parser.parse_args()
    if not options.data and not (options.teacher and options.pictures):
        parser.error("name --data, or both --teacher and --pictures")
    return options


def main():
    options = parse_options()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_flush_denormal(True)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    networks = [(path, *open_network(path, device, options.last)) for path in options.networks]
    judge = Judge(options.data, device, options.count, options.pictures, options.teacher, options.side)
    results, kept = {}, {}
    for head in options.heads:
        for number, (path, network, heads) in enumerate(networks):
            if head not in heads:
                continue
            fidelities = judge.fidelities(lambda x: network(x, head), head, kept if number == 0 else None)
            results.setdefault(str(path), {})[head] = summary(fidelities)
            print(line(path, head, results[str(path)][head]), flush=True)
            first = results[str(networks[0][0])].get(head) if number else None
            if first:
                difference = summary(np.subtract(fidelities, first["each"]))
                print(f"{path} {head} minus {networks[0][0]}: {difference['mean']:+.3f} "
                      f"(paired standard error {difference['standard_error']:.3f})", flush=True)
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n")
    if options.sheet:
        write_sheet(kept, options.sheet)


if __name__ == "__main__":
    errors.run(main)
