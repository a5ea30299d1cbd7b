#!/usr/bin/env python3
"""How much of the teacher's dream the student dreams.

Fidelity = (teacher's objective on the student's dream - on the source) / (on the teacher's own dream -
on the source), objective the mean of squared activations, dreams classic at 320 px, averaged over
pictures never trained on. 1: as good as the teacher; the student's own opinion does not count.

    tools/train/fidelity.py --data DATA CHECKPOINT|NETWORK... [--layers 4c 3b] [--save FOLDER]
"""

import argparse
import os
import pathlib

import numpy as np
import torch
from PIL import Image

import dreams
import networks
import pictures


def load_student(path, device, averaged=True):
    """From a checkpoint, or from a shipped .safetensors file."""
    if path.suffix == ".safetensors":
        student = networks.Student(heads=networks.heads_of(path))
        student.begin_from(path)
        return student.to(device, memory_format=torch.channels_last).eval()
    state = torch.load(path, map_location="cpu")
    student = networks.Student(state["widths"], state["heads"])
    student.load_state_dict(state["average" if averaged else "student"])
    return student.to(device, memory_format=torch.channels_last).eval()


def save(picture, path):
    Image.fromarray(picture[0].clamp(0, 255).permute(1, 2, 0).byte().cpu().numpy()).save(path)


class Judge:
    """The teacher's dreams of the held-out pictures, made once."""

    def __init__(self, data, device, side=320, count=8):
        self.teacher = networks.Teacher(data / "teacher.safetensors", device)
        images = pictures.read_set(data / "held-out.npz")
        # The sky, then the held-out ones but for the first: as the prototype was measured
        chosen = [images[0], *images[2:]][:count]
        self.sources = [pictures.shrunk(image, side).to(device) for image in chosen]
        self.ends = {}

    def objective(self, picture, head):
        with torch.no_grad():
            return (self.teacher(picture.round().clamp(0, 255), head)[head] ** 2).mean().item()

    def teacher_ends(self, head):
        """The teacher's objective on each source and on its own dream of it."""
        if head not in self.ends:
            own = lambda x: self.teacher(x, head)[head]
            self.ends[head] = [(self.objective(source, head),
                                self.objective(dreams.classic(own, source, seed), head))
                               for seed, source in enumerate(self.sources)]
        return self.ends[head]

    def fidelities(self, student, head, folder=None):
        found = []
        for seed, (source, (low, high)) in enumerate(zip(self.sources, self.teacher_ends(head))):
            dream = dreams.classic(lambda x: student.activation(x, head), source, seed)
            found.append((self.objective(dream, head) - low) / (high - low))
            if folder:
                save(dream, folder / f"{head}-{seed}.png")
        return found


def of_pictures(teacher, head, paths):
    """Of dreams that were made elsewhere: the source, the student's dream and the teacher's, as files."""
    low, found, high = ((teacher(pictures.to_tensor(Image.open(path))[None].float(), head)[head] ** 2).mean().item()
                        for path in paths)
    return (found - low) / (high - low)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="*", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--layers", nargs="+", default=["4c", "3b"])
    parser.add_argument("--save", type=pathlib.Path, help="a folder for the dreams")
    parser.add_argument("--pictures", nargs=3, type=pathlib.Path, metavar=("SOURCE", "STUDENTS", "TEACHERS"),
                        help="judge a dream that was made elsewhere instead")
    parser.add_argument("--last", action="store_true", help="the last weights, not their average")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_flush_denormal(True)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    if options.pictures:
        teacher = networks.Teacher(options.data / "teacher.safetensors", device)
        with torch.no_grad():
            for head in options.layers:
                print(f"{head} fidelity {of_pictures(teacher, head, options.pictures):.3f}")
        return
    judge = Judge(options.data, device)
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
    for path in options.checkpoints:
        student = load_student(path, device, not options.last)
        for head in options.layers:
            found = judge.fidelities(student, head, options.save)
            print(f"{path} {head} fidelity {np.mean(found):.3f} "
                  f"(standard error {np.std(found, ddof=1) / len(found) ** 0.5:.3f}): "
                  + " ".join(f"{one:.2f}" for one in found), flush=True)


if __name__ == "__main__":
    main()
