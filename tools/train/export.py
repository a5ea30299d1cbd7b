#!/usr/bin/env python3
"""Turns a checkpoint into the file that ships: batch norms folded, half precision.

    tools/train/export.py RUN/checkpoint.pt models/reverie-1.safetensors --name reverie-1
"""

import argparse
import pathlib

import native_file
import networks
import torch

DESCRIPTION = ("Reverie's own network: distilled from BVLC GoogLeNet on free photographs and on pictures "
               "of our own rendering, from random initialisation; Apache-2.0")


def folded(unit, scale=1):
    """Weights and biases of a convolution with its batch norm."""
    norm = unit.norm
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    return unit.conv.weight * factor.reshape(-1, 1, 1, 1) * scale, norm.bias - norm.running_mean * factor


def arrays_of(student, heads):
    """{"3a.1x1.w": tensor ...}, for pictures minus the mean as they are, heads in the teacher's units."""
    pairs = {"conv1": folded(student.conv1, 1 / 64), "conv2r": folded(student.conv2_reduce),
             "conv2": folded(student.conv2)}
    # The transform gives blue first
    weights, bias = pairs["conv1"]
    pairs["conv1"] = weights.flip(1), bias
    for name, block in student.blocks.items():
        for part, unit in (("1x1", block.one), ("3x3r", block.reduced3), ("3x3", block.three),
                           ("5x5r", block.reduced5), ("5x5", block.five), ("pool", block.pool)):
            pairs[f"{name}.{part}"] = folded(unit)
        if name in heads:
            scale = getattr(student, "scale_" + name)
            head = student.heads[name]
            pairs[f"{name}.head"] = head.weight * scale.reshape(-1, 1, 1, 1), head.bias * scale
    return {f"{name}.{kind}": value.detach()
            for name, pair in pairs.items() for kind, value in zip("wb", pair)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--default-layer", default="4c/output")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, map_location="cpu")
    student = networks.Student(state["widths"])
    student.load_state_dict(state["average"])
    source = {}
    for name, value in arrays_of(student.eval(), networks.SHIPPED_HEADS).items():
        half = value.half()
        if not torch.isfinite(half).all():
            raise SystemExit(f"{name} does not fit half precision")
        source[name] = list(half.shape), half.contiguous().numpy().astype("<f2").tobytes()
    net = native_file.build(source, networks.BLOCKS, networks.SHIPPED_HEADS)
    native_file.write(net, options.file, options.name, DESCRIPTION, options.default_layer,
                      networks.SHIPPED_HEADS)
    print(f"{options.file}: {options.file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
