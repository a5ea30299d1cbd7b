#!/usr/bin/python3
"""The peer of `reverie bench gradient` for any network: its .safetensors file, run by PyTorch.

Reads what `reverie models convert` writes (docs/formats/native.md), batch norms already folded in, as a
PyTorch user would run it: weights without gradients, ReLUs in place, denormals flushed, every
processor, channels first or last, whichever is faster here. One run is forward to LAYER and backward
to the canvas of 0.5*sum(activation^2) at SIZE x SIZE.

With --image, computes that picture's gradient instead and writes it as --gradient FILE.npy.
"""

import argparse
import json
import os
import statistics
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: ./bootstrap install bench", file=sys.stderr)
    sys.exit(77)

NUMPY = {"F32": "<f4", "F16": "<f2"}


def read(path):
    """The graph, and its arrays as float32 tensors by name."""
    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    graph = json.loads(header.pop("__metadata__")["reverie.graph"])
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "BF16":
            wide = np.frombuffer(data[begin:end], "<u2").astype("<u4") << 16
            values = wide.view("<f4")
        else:
            values = np.frombuffer(data[begin:end], NUMPY[entry["dtype"]]).astype("<f4")
        arrays[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return graph, arrays


def pads(layer, x):
    """Padding as [left, right, top, bottom], and whether one number along each axis says it."""
    (kh, kw), (sh, sw) = layer["kernel"], layer["stride"]
    dh, dw = layer.get("dilation", [1, 1])
    if layer["padding"] == "same":
        down, across = (max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
                        for n, k, s, d in ((x.shape[2], kh, sh, dh), (x.shape[3], kw, sw, dw)))
        return [across // 2, across - across // 2, down // 2, down - down // 2]
    top, left, bottom, right = layer["padding"]
    return [left, right, top, bottom]


class Network:
    """Called with a canvas [1,3,H,W], float32 RGB 0..255, it gives the activation of `layer`."""

    def __init__(self, path, layer, channels_last=False):
        graph, arrays = read(path)
        self.form = torch.channels_last if channels_last else torch.contiguous_format
        self.layer = graph.get("aliases", {}).get(layer, layer)
        by_name = {one["name"]: one for one in graph["layers"]}
        if self.layer not in by_name:
            raise SystemExit(f"no layer {layer} in {path}")
        needed, waiting = set(), [self.layer]
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += by_name[name].get("inputs", [])
        self.layers = [one for one in graph["layers"] if one["name"] in needed]
        readers = [i for one in self.layers for i in one.get("inputs", [])]
        self.alone = {name for name in needed if readers.count(name) == 1}
        self.arrays = {name: array.contiguous(memory_format=self.form) if array.dim() == 4 else array
                       for name, array in arrays.items()}
        transform = graph.get("transform", {"order": [0, 1, 2], "mean": [0] * 3, "scale": [1] * 3})
        self.order = transform["order"]
        self.mean = torch.tensor(transform["mean"], dtype=torch.float32).reshape(1, 3, 1, 1)
        self.scale = torch.tensor(transform["scale"], dtype=torch.float32).reshape(1, 3, 1, 1)

    def transformed(self, canvas):
        x = canvas[:, self.order] if self.order != [0, 1, 2] else canvas
        return ((x - self.mean) * self.scale).contiguous(memory_format=self.form)

    def convolution(self, layer, x):
        left, right, top, bottom = pads(layer, x)
        if (left, top) != (right, bottom):
            x, left, top = F.pad(x, (left, right, top, bottom)), 0, 0
        bias = self.arrays[layer["bias"]] if "bias" in layer else None
        x = F.conv2d(x, self.arrays[layer["weights"]], bias, layer["stride"], (top, left),
                     layer.get("dilation", 1), layer.get("groups", 1))
        if "relu" not in layer:
            return x
        return F.leaky_relu_(x, layer["relu"]) if layer["relu"] else F.relu_(x)

    def pool(self, layer, x):
        is_max = layer["op"] == "max_pool"
        if layer.get("global"):
            return F.adaptive_max_pool2d(x, 1) if is_max else F.adaptive_avg_pool2d(x, 1)
        left, right, top, bottom = pads(layer, x)
        up = layer.get("rounding") == "up"
        kernel, stride = layer["kernel"], layer["stride"]
        if (left, top) != (right, bottom):
            if not is_max:
                raise SystemExit(f"{layer['name']}: this padding is not written for the peer")
            x, left, top = F.pad(x, (left, right, top, bottom), value=-float("inf")), 0, 0
        if is_max:
            return F.max_pool2d(x, kernel, stride, (top, left), layer.get("dilation", 1), up)
        return F.avg_pool2d(x, kernel, stride, (top, left), up, layer.get("count_padding", True))

    def eltwise(self, layer, values):
        if layer["operation"] == "sum":
            coefficients = layer.get("coefficients") or [1] * len(values)
            return sum(x if c == 1 else c * x for c, x in zip(coefficients, values))
        join = torch.mul if layer["operation"] == "product" else torch.maximum
        result = values[0]
        for x in values[1:]:
            result = join(result, x)
        return result

    def step(self, layer, values):
        op, x = layer["op"], values[0]
        if op == "convolution":
            return self.convolution(layer, x)
        if op == "relu":
            slope, ceiling = layer.get("negative_slope", 0), layer.get("ceiling")
            if ceiling is not None:
                return torch.clamp(x, 0, ceiling)
            in_place = layer["inputs"][0] in self.alone
            return F.leaky_relu(x, slope, in_place) if slope else F.relu(x, in_place)
        if op in ("max_pool", "average_pool"):
            return self.pool(layer, x)
        if op == "lrn":
            return F.local_response_norm(x, layer["size"], layer["alpha"] * layer["size"],
                                         layer["beta"], layer["k"])
        if op == "concat":
            return torch.cat(values, 1)
        if op == "eltwise":
            return self.eltwise(layer, values)
        if op == "affine":
            scale, shift = (self.arrays[layer[part]].reshape(1, -1, 1, 1) for part in ("scale", "shift"))
            return x * scale + shift
        raise SystemExit(f"{layer['name']}: {op} is not written for the peer")

    def __call__(self, canvas):
        values = {}
        for layer in self.layers:
            if layer["op"] == "input":
                values[layer["name"]] = self.transformed(canvas)
            else:
                values[layer["name"]] = self.step(layer, [values[i] for i in layer["inputs"]])
        return values[self.layer]

    def gradient(self, canvas):
        """The activation, and d(0.5*sum(activation^2))/d(canvas)."""
        canvas = canvas.detach().requires_grad_(True)
        activation = self(canvas)
        activation.backward(activation.detach())
        return activation.detach(), canvas.grad


def milliseconds(network, canvas, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        network.gradient(canvas)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def gradient_of_image(options):
    from PIL import Image
    picture = np.asarray(Image.open(options.image).convert("RGB"), np.float32)
    canvas = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    _, grad = Network(options.network, options.layer).gradient(canvas)
    np.save(options.gradient, grad[0].contiguous().numpy())


def measure(options):
    torch.manual_seed(1)
    canvas = torch.rand(1, 3, options.size, options.size) * 255
    trials = {}
    for channels_last in (False, True):
        network = Network(options.network, options.layer, channels_last)
        milliseconds(network, canvas, 1)
        trials[channels_last] = min(milliseconds(network, canvas, 2))
    channels_last = min(trials, key=trials.get)
    network = Network(options.network, options.layer, channels_last)
    milliseconds(network, canvas, 1)
    times = milliseconds(network, canvas, options.runs)
    return {"peer": f"PyTorch {torch.__version__}", "layer": options.layer, "size": options.size,
            "runs": options.runs, "ms_median": round(statistics.median(times), 2),
            "ms_min": round(min(times), 2), "threads": torch.get_num_threads(),
            "ms_plain": round(trials[False], 2), "channels_last": channels_last}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", required=True, help="a .safetensors file of `reverie models convert`")
    parser.add_argument("--layer", required=True)
    parser.add_argument("--size", type=int, default=512, help="pixels on each side")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="which is always so")
    parser.add_argument("--image", help="a picture whose gradient to compute")
    parser.add_argument("--gradient", default="gradient.npy")
    options = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_flush_denormal(True)
    if options.image:
        gradient_of_image(options)
    else:
        print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
