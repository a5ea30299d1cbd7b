#!/usr/bin/env python3
"""Turns the prototype's weights (student_fp16.npz) into models/reverie-0.safetensors.

    tools/convert_prototype.py student_fp16.npz models/reverie-0.safetensors

Needs nothing beside Python. The half-precision numbers go over bit for bit. The file's form is
described in docs/formats/native.md; models/README.md says what the network is.
"""

import ast
import json
import struct
import sys
import zipfile

BLOCKS = ["3a", "3b", "4a", "4b", "4c"]
HEADS = ["3b", "4a", "4b", "4c"]
DESCRIPTION = (
    "Reverie's own network: distilled from BVLC GoogLeNet on free photographs, from random "
    "initialisation; Apache-2.0"
)


def read_npz(path):
    """The arrays by name: (shape, little-endian float16 bytes)."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            raw = archive.read(entry)
            if raw[:6] != b"\x93NUMPY":
                raise SystemExit(f"{path}: {entry} is not an .npy array")
            if raw[6] == 1:
                start = 10 + struct.unpack("<H", raw[8:10])[0]
                header = raw[10:start]
            else:
                start = 12 + struct.unpack("<I", raw[8:12])[0]
                header = raw[12:start]
            about = ast.literal_eval(header.decode("latin1"))
            if about["descr"] != "<f2" or about["fortran_order"]:
                raise SystemExit(f"{path}: {entry} is {about}, expected float16 in C order")
            arrays[entry.removesuffix(".npy")] = (list(about["shape"]), raw[start:])
    return arrays


class Network:
    """Layers and stored arrays, in the order in which they are added."""

    def __init__(self, source):
        self.source = source
        self.layers = []
        self.stored = {}

    def add(self, name, op, inputs=(), **settings):
        layer = {"name": name, "op": op, **settings}
        if inputs:
            layer["inputs"] = list(inputs)
        self.layers.append(layer)
        return name

    def convolve(self, name, key, bottom, stride=1):
        """A convolution, padded so that stride 1 keeps the size, and its ReLU."""
        shape, _ = self.source[key + ".w"]
        pad = shape[2] // 2
        for kind, suffix in (("weights", ".w"), ("bias", ".b")):
            self.stored[f"{name}.{kind}"] = self.source[key + suffix]
        self.add(
            name + "/pre_relu",
            "convolution",
            [bottom],
            kernel=shape[2:],
            stride=[stride, stride],
            dilation=[1, 1],
            padding=[pad] * 4,
            groups=1,
            weights=name + ".weights",
            bias=name + ".bias",
        )
        return self.add(name, "relu", [name + "/pre_relu"], negative_slope=0)

    def pool(self, name, bottom, stride, pad):
        return self.add(
            name,
            "max_pool",
            [bottom],
            kernel=[3, 3],
            stride=[stride, stride],
            dilation=[1, 1],
            padding=[pad] * 4,
            rounding="up",
        )


def build(source):
    net = Network(source)
    x = net.add("data", "input", channels=3)
    x = net.pool("pool1", net.convolve("conv1", "conv1", x, stride=2), 2, 0)
    x = net.convolve("conv2_reduce", "conv2r", x)
    x = net.pool("pool2", net.convolve("conv2", "conv2", x), 2, 0)
    for block in BLOCKS:
        if block == "4a":
            x = net.pool("pool3", x, 2, 0)
        parts = [net.convolve(f"{block}/1x1", f"{block}.1x1", x)]
        for size in ("3x3", "5x5"):
            reduced = net.convolve(f"{block}/{size}_reduce", f"{block}.{size}r", x)
            parts.append(net.convolve(f"{block}/{size}", f"{block}.{size}", reduced))
        pooled = net.pool(f"{block}/pool", x, 1, 1)
        parts.append(net.convolve(f"{block}/pool_proj", f"{block}.pool", pooled))
        x = net.add(f"{block}/concat", "concat", parts)
        if block in HEADS:
            net.convolve(f"{block}/output", f"{block}.head", x)
    return net


def write(net, path):
    aliases = {}
    for block in HEADS:
        aliases[block] = f"{block}/output"
        aliases[f"inception_{block}/output"] = f"{block}/output"
    graph = {
        "version": 1,
        "name": "reverie-0",
        "description": DESCRIPTION,
        "default_layer": "4c/output",
        "transform": {"order": [2, 1, 0], "mean": [104, 117, 123], "scale": [1, 1, 1]},
        "layers": net.layers,
        "aliases": aliases,
    }
    header = {
        "__metadata__": {
            "format": "reverie",
            "reverie.graph": json.dumps(graph, separators=(",", ":")),
        }
    }
    end = 0
    for name, (shape, raw) in net.stored.items():
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [end, end + len(raw)]}
        end += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for _, raw in net.stored.values():
            out.write(raw)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source = read_npz(sys.argv[1])
    net = build(source)
    used = sum(len(raw) for _, raw in net.stored.values())
    if used != sum(len(raw) for _, raw in source.values()):
        raise SystemExit(f"{sys.argv[1]}: some arrays were not used")
    write(net, sys.argv[2])


if __name__ == "__main__":
    main()
