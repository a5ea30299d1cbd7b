"""Writes the network that ships: its graph and arrays as one .safetensors file (docs/formats/native.md).

Needs nothing beside Python. An array is (shape, its numbers as little-endian float16 bytes).
"""

import json
import struct

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

    def convolve(self, name, bottom, stride=1):
        """A convolution, padded so that stride 1 keeps the size, and its ReLU."""
        shape, _ = self.source[name + ".weights"]
        pad = shape[2] // 2
        for kind in ("weights", "bias"):
            self.stored[f"{name}.{kind}"] = self.source[f"{name}.{kind}"]
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


def build(source, blocks, heads):
    """The student's layers to the last of `blocks`, with a head at each of `heads`."""
    net = Network(source)
    x = net.add("data", "input", channels=3)
    x = net.pool("pool1", net.convolve("conv1", x, stride=2), 2, 0)
    x = net.convolve("conv2_reduce", x)
    x = net.pool("pool2", net.convolve("conv2", x), 2, 0)
    for block in blocks:
        if block == "4a":
            x = net.pool("pool3", x, 2, 0)
        parts = [net.convolve(f"{block}/1x1", x)]
        for size in ("3x3", "5x5"):
            reduced = net.convolve(f"{block}/{size}_reduce", x)
            parts.append(net.convolve(f"{block}/{size}", reduced))
        pooled = net.pool(f"{block}/pool", x, 1, 1)
        parts.append(net.convolve(f"{block}/pool_proj", pooled))
        x = net.add(f"{block}/concat", "concat", parts)
        if block in heads:
            net.convolve(f"{block}/output", x)
    return net


def write(net, path, name, description, default_layer, heads, looks):
    aliases = {}
    for block in heads:
        aliases[block] = f"{block}/output"
        aliases[f"inception_{block}/output"] = f"{block}/output"
    graph = {
        "version": 1,
        "name": name,
        "description": description,
        "default_layer": default_layer,
        "transform": {"order": [2, 1, 0], "mean": [104, 117, 123], "scale": [1, 1, 1]},
        "layers": net.layers,
        "aliases": aliases,
        "looks": [{"name": name, "layer": layer} for name, layer in looks.items()],
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
