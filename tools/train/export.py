#!/usr/bin/env python3
"""Writes the file that ships: the average of a run's weights, batch norms folded in, in half precision.

    tools/train/export.py OUT/state.pt models/reverie-4.safetensors --name reverie-4
    tools/train/export.py models/reverie-4.safetensors new.safetensors --name reverie-4    # same weights, new looks
"""

import argparse
import json
import pathlib

import checkpoint
import errors
import googlenet
import native_file
from errors import BadInput

# "looks", as docs/formats/native.md has them, and "default_layer": chosen by eye, not computed
LOOKS = json.loads((pathlib.Path(__file__).parent / "looks.json").read_text())
DESCRIPTION = ("Reverie's own network: distilled from BVLC GoogLeNet on free photographs and on pictures "
               "of our own rendering; Apache-2.0")
TRANSFORM = {"order": [2, 1, 0], "mean": [104, 117, 123], "scale": [1, 1, 1]}


def layers_of(look):
    """The names of the layers that a look amplifies: of one by `layer`, of several by `layers`."""
    return set(look.get("layers", {})) | ({look["layer"]} if "layer" in look else set())


def write_network(path, name, arrays, heads, default_layer=None):
    """Writes {"conv1.weights": array, ...}, as Student.file_arrays() gives it, with its graph.

    Errors: BadInput where a number does not fit half precision.
    """
    blocks = googlenet.BLOCKS[:googlenet.BLOCKS.index(max(heads, key=googlenet.BLOCKS.index)) + 1]
    net = native_file.build(arrays, blocks, heads, googlenet.FIRST_OF_STAGE)
    aliases = {}
    for head in heads:
        aliases[head] = aliases[f"inception_{head}/output"] = f"{head}/output"
    names = {layer["name"] for layer in net.layers}
    default_layer = default_layer or LOOKS["default_layer"]
    if default_layer not in names:
        default_layer = f"{heads[-1]}/output"
    graph = {"version": 1, "name": name, "description": DESCRIPTION, "default_layer": default_layer,
             "transform": TRANSFORM, "layers": net.layers, "aliases": aliases,
             "looks": [look for look in LOOKS["looks"] if layers_of(look) <= names]}
    native_file.write(path, graph, {name: arrays[name] for name in net.arrays})


def mean(arrays, others, path):
    """Of two networks one of which began from the other, so that their channels mean the same."""
    if {name: a.shape for name, a in arrays.items()} != {name: a.shape for name, a in others.items()}:
        raise BadInput(f"{path}: a network of other widths or heads; expected those of the run")
    return {name: (array + others[name]) / 2 for name, array in arrays.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=pathlib.Path, help="state.pt of a run, or a network whose weights to take")
    parser.add_argument("file", type=pathlib.Path, help="what to write, .safetensors")
    parser.add_argument("--name", required=True, help="name of the network")
    parser.add_argument("--default-layer",
                        help="layer to dream on when none is named [that of looks.json]")
    parser.add_argument("--last", action="store_true", help="use the last weights, not their average")
    parser.add_argument("--mean-with", type=pathlib.Path, metavar="NETWORK",
                        help="a network that the run began from: what is written is the mean of both")
    options = parser.parse_args()
    if options.source.suffix == ".safetensors":
        arrays = native_file.read(options.source)[1]
    else:
        student, flat = checkpoint.open_student(options.source, last=options.last)
        arrays = student.file_arrays(flat)
    if options.mean_with:
        arrays = mean(arrays, native_file.read(options.mean_with)[1], options.mean_with)
    heads = [head for head in googlenet.HEADS if head + "/output.weights" in arrays]
    if not heads:
        raise BadInput(f"{options.source}: no heads in it; expected a network that train.py or export.py wrote")
    write_network(options.file, options.name, arrays, heads, options.default_layer)
    print(f"{options.file}: {options.file.stat().st_size / 1e6:.2f} MB, heads {' '.join(heads)}")


if __name__ == "__main__":
    errors.run(main)
