#!/usr/bin/python3
"""What `half` loses, told without a processor that has bfloat16.

    bench/half_emulated.py --network NETWORK.safetensors --layer LAYER PICTURE...

Runs a network (as `reverie models convert` writes it) in double by PyTorch and rounds values, gradients and
weights to bfloat16. Prints the cosine between each picture's rounded gradient and the exact one: with
everything rounded, with ever more of the first layer left in float32, and with gradients alone rounded. The
last but one is what `half` does, but that its Winograd keeps weights in float32. Each picture is cropped
square, made 224 px wide, and moved off the levels of 8 bits as a dream's canvas is.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import network_torch  # noqa: E402  (first: it says what to install)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402

SIDE = 224


def rounded(x):
    return x.bfloat16().to(x.dtype)


class Keep(torch.autograd.Function):
    """An array, kept in bfloat16 or as it is; its gradient always in bfloat16."""

    @staticmethod
    def forward(context, x, narrow, exact):
        context.exact = exact
        return rounded(x) if narrow else x.clone()

    @staticmethod
    def backward(context, grad):
        return grad if context.exact else rounded(grad), None, None


class Emulation:
    def __init__(self, network, layer):
        self.net = network_torch.Network(network, layer)
        self.net.alone = set()  # nothing in place
        self.exact = {name: array.double() for name, array in self.net.arrays.items()}
        biases = {one.get("bias") for one in self.net.layers}
        self.narrow = {name: array if name in biases else rounded(array) for name, array in self.exact.items()}
        picture = self.net.layers[0]["name"]
        self.first = {one["name"] for one in self.net.layers
                      if one["op"] == "convolution" and one["inputs"] == [picture]}
        self.first |= {one["name"] for one in self.net.layers
                       if one["op"] == "relu" and one["inputs"][0] in self.first}
        readers = [one["op"] for one in self.net.layers for name in one.get("inputs", [])
                   if name in self.first and one["name"] not in self.first]
        self.pooled = readers == ["max_pool"]  # else `half` narrows the first layer's output at once

    def gradient(self, canvas, wide=(), exact=False):
        """Of 0.5*sum(activation^2). wide: what stays in float32: of the first layer, or all "values"."""
        canvas = canvas.double().requires_grad_(True)
        values = {}
        for layer in self.net.layers:
            first = layer["name"] in self.first
            if layer["op"] == "input":
                value, narrow = self.net.transformed(canvas), not {"picture", "values"} & set(wide)
            else:
                keep_weights = exact or "values" in wide or (first and "weights" in wide)
                self.net.arrays = self.exact if keep_weights else self.narrow
                value = self.net.step(layer, [values[name] for name in layer["inputs"]])
                narrow = "values" not in wide and not (first and self.pooled and "output" in wide)
            values[layer["name"]] = Keep.apply(value, narrow and not exact, exact)
        activation = values[self.net.layer]
        return torch.autograd.grad(0.5 * (activation ** 2).sum(), canvas)[0]


def canvas_of(path):
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.LANCZOS)
    levels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
    return (levels + torch.rand(levels.shape, generator=torch.Generator().manual_seed(0)) - 0.5).clamp(0, 255)


def cosine(a, b):
    return ((a * b).sum() / (a.norm() * b.norm())).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", required=True)
    parser.add_argument("--layer", required=True)
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    emulation = Emulation(options.network, options.layer)
    canvases = [canvas_of(path) for path in options.pictures]
    truths = [emulation.gradient(canvas, exact=True) for canvas in canvases]
    for wide in ((), ("picture",), ("picture", "weights"), ("picture", "weights", "output"), ("values",)):
        found = [cosine(emulation.gradient(canvas, wide), truth) for canvas, truth in zip(canvases, truths)]
        print(f"float32: {', '.join(wide) or 'nothing':25} least {min(found):.4f}, mean {np.mean(found):.4f}: "
              + " ".join(f"{one:.4f}" for one in found), flush=True)


if __name__ == "__main__":
    main()
