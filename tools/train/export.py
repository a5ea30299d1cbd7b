#!/usr/bin/env python3
"""Turns a checkpoint into the file that ships: batch norms folded, half precision.

    tools/train/export.py RUN/checkpoint.pt models/reverie-2.safetensors --name reverie-2
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--default-layer", default="4c/output")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, map_location="cpu")
    student = networks.Student(state["widths"], state["heads"])
    student.load_state_dict(state["average"])
    heads = [head for head in student.heads_there if head in networks.SHIPPED_HEADS]
    source = {}
    for name, value in student.shipped(heads).items():
        half = value.half()
        if not torch.isfinite(half).all():
            raise SystemExit(f"{name} does not fit half precision")
        source[name] = list(half.shape), half.contiguous().numpy().astype("<f2").tobytes()
    net = native_file.build(source, list(student.blocks), heads)
    native_file.write(net, options.file, options.name, DESCRIPTION, options.default_layer, heads, LOOKS)
    print(f"{options.file}: {options.file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
