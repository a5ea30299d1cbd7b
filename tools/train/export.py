#!/usr/bin/env python3
"""Turns a checkpoint into the file that ships: batch norms folded, half precision.

    tools/train/export.py RUN/checkpoint.pt models/reverie-3.safetensors --name reverie-3
"""

import argparse
import pathlib

import native_file
import networks
import torch

# What dreams of its layers look like, fine to coarse: seen, not computed
LOOKS = {"strokes": "conv2", "engraving": "3a/concat", "whirls": "3b/output", "eyes": "4a/output",
         "creatures": "4c/output", "beasts": "4c/concat"}
DESCRIPTION = ("Reverie's own network: distilled from BVLC GoogLeNet on free photographs and on pictures "
               "of our own rendering; Apache-2.0")


def mean(arrays, others):
    """Of two networks one of which began from the other, so that their channels mean the same."""
    if {name: a.shape for name, a in arrays.items()} != {name: a.shape for name, a in others.items()}:
        raise SystemExit("--mean-with: a network of other widths or heads")
    return {name: (a + others[name]) / 2 for name, a in arrays.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--default-layer", default="4c/output")
    parser.add_argument("--mean-with", type=pathlib.Path, metavar="NETWORK",
                        help="a shipped network that the run began from: what ships is the mean of both")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, map_location="cpu")
    student = networks.Student(state["widths"], state["heads"])
    student.load_state_dict(state["average"])
    heads = [head for head in student.heads_there if head in networks.SHIPPED_HEADS]
    arrays = student.shipped(heads)
    if options.mean_with:
        arrays = mean(arrays, networks.arrays_of(options.mean_with))
    source = {}
    for name, value in arrays.items():
        half = value.half()
        if not torch.isfinite(half).all():
            raise SystemExit(f"{name} does not fit half precision")
        source[name] = list(half.shape), half.contiguous().numpy().astype("<f2").tobytes()
    net = native_file.build(source, list(student.blocks), heads)
    native_file.write(net, options.file, options.name, DESCRIPTION, options.default_layer, heads, LOOKS)
    print(f"{options.file}: {options.file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
