"""Reverie's network files: graph and arrays in one .safetensors file (docs/formats/native.md).

`read` opens any of them; `build` and `write` make one of GoogLeNet's shape with heads.
"""

import json
import os
import struct

import numpy as np
from errors import BadInput, require_file

DTYPES = {"F32": "<f4", "F16": "<f2"}


def read(path):
    """(graph, {name: float32 array}).

    Errors: BadInput where there is no such file, or it is not one of Reverie's networks.
    """
    require_file(path, "`reverie models convert` writes one")
    data = path.read_bytes()
    try:
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        graph = json.loads(header.pop("__metadata__")["reverie.graph"])
        arrays = {}
        for name, entry in header.items():
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).astype("<f4")
            arrays[name] = values.reshape(entry["shape"])
    except (struct.error, KeyError, TypeError, ValueError):
        raise BadInput(f"{path}: not a network of Reverie's in F32 or F16; "
                       "`reverie models convert` writes one") from None
    return graph, arrays


def write(path, graph, arrays):
    """Writes a graph and its arrays {name: float array} in half precision, replacing the file as a whole.

    Errors: BadInput, naming the array, where a number does not fit half precision.
    """
    header = {"__metadata__": {"format": "reverie", "reverie.graph": json.dumps(graph, separators=(",", ":"))}}
    blobs, end = [], 0
    for name, values in arrays.items():
        with np.errstate(over="ignore"):
            half = np.asarray(values).astype("<f2")
        if not np.isfinite(half).all():
            raise BadInput(f"{name} does not fit half precision: the training went wrong, nothing is written")
        blobs.append(half.tobytes())
        header[name] = {"dtype": "F16", "shape": list(half.shape), "data_offsets": [end, end + len(blobs[-1])]}
        end += len(blobs[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.writelines(blobs)
    os.replace(temporary, path)


class LayerList:
    """The layers of a network in order, and the names of the arrays that they read."""

    def __init__(self, shapes):
        self.shapes = shapes  # of the weights, by array name
        self.layers, self.arrays = [], []

    def add(self, name, op, inputs=(), **settings):
        layer = {"name": name, "op": op, **settings}
        if inputs:
            layer["inputs"] = list(inputs)
        self.layers.append(layer)
        return name

    def convolve(self, name, bottom, stride=1):
        """A convolution, padded so that stride 1 keeps the size, and its ReLU."""
        weights, bias = name + ".weights", name + ".bias"
        kernel = list(self.shapes[weights][2:])
        self.arrays += [weights, bias]
        self.add(name + "/pre_relu", "convolution", [bottom], kernel=kernel, stride=[stride, stride], dilation=[1, 1],
                 padding=[kernel[0] // 2] * 4, groups=1, weights=weights, bias=bias)
        return self.add(name, "relu", [name + "/pre_relu"], negative_slope=0)

    def pool(self, name, bottom, stride):
        return self.add(name, "max_pool", [bottom], kernel=[3, 3], stride=[stride, stride], dilation=[1, 1],
                        padding=[1 if stride == 1 else 0] * 4, rounding="up")


def build(arrays, blocks, heads, first_of_stage):
    """The LayerList of a trunk to the last of `blocks`, with a head at each of `heads`.

    `arrays` holds weights and biases by layer; `first_of_stage` says which pooling comes before a block.
    """
    net = LayerList({name: array.shape for name, array in arrays.items()})
    x = net.add("data", "input", channels=3)
    x = net.pool("pool1", net.convolve("conv1", x, stride=2), 2)
    x = net.convolve("conv2_reduce", x)
    x = net.pool("pool2", net.convolve("conv2", x), 2)
    for block in blocks:
        if block in first_of_stage:
            x = net.pool(first_of_stage[block], x, 2)
        parts = [net.convolve(f"{block}/1x1", x)]
        for size in ("3x3", "5x5"):
            parts.append(net.convolve(f"{block}/{size}", net.convolve(f"{block}/{size}_reduce", x)))
        parts.append(net.convolve(f"{block}/pool_proj", net.pool(f"{block}/pool", x, 1)))
        x = net.add(f"{block}/concat", "concat", parts)
        if block in heads:
            net.convolve(f"{block}/output", x)
    return net
