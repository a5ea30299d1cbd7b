"""BVLC GoogLeNet in PyTorch, up to a chosen layer, as a PyTorch user in a hurry would run it.

The choices that only change the speed are arguments, so that the faster one can be kept.
"""

import numpy as np
import torch
import torch.nn.functional as F

import caffemodel

MEAN_RGB = (122.0, 116.0, 104.0)
MODULES = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]
POOLED_BEFORE = {"4a": "pool3/3x3_s2", "5a": "pool4/3x3_s2"}


def banded(channels, size):
    """The matrix that sums each channel with its neighbours, as the weights of a 1x1 convolution."""
    index = torch.arange(channels)
    near = (index[:, None] - index[None, :]).abs() <= size // 2
    return near.float().reshape(channels, channels, 1, 1)


class Network:
    """Called with a canvas [1,3,H,W], float32 RGB 0..255, it gives the activation of `layer`."""

    def __init__(self, path, layer, channels_last=False, lrn_by_convolution=False):
        self.layer = layer
        self.lrn_by_convolution = lrn_by_convolution
        form = torch.channels_last if channels_last else torch.contiguous_format
        self.weights = {}
        for name, blobs in caffemodel.read(path).items():
            weight = torch.from_numpy(blobs[0].copy())
            if name.startswith("loss") or weight.dim() != 4:
                continue
            if name == "conv1/7x7_s2":
                weight = weight.flip(1)  # BGR to RGB, in the weights rather than in every canvas
            bias = torch.from_numpy(blobs[1].reshape(-1).copy())
            self.weights[name] = (weight.contiguous(memory_format=form), bias)
        self.bands = {64: banded(64, 5), 192: banded(192, 5)}
        self.mean = torch.tensor(MEAN_RGB).reshape(1, 3, 1, 1)
        self.form = form

    def conv(self, x, name, stride=1, padding=0):
        weight, bias = self.weights[name]
        return F.relu_(F.conv2d(x, weight, bias, stride, padding))

    def lrn(self, x):
        if not self.lrn_by_convolution:
            return F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)
        # The same sums as a 1x1 convolution, and power -3/4 as two reciprocal roots
        root = torch.rsqrt(F.conv2d(x * x, self.bands[x.shape[1]]) * (1e-4 / 5) + 1)
        return x * (root * root.sqrt())

    def layers(self, canvas):
        """Yields (name, activation) in the order of the data's way."""
        pool = lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = (canvas - self.mean).contiguous(memory_format=self.form)
        x = self.conv(x, "conv1/7x7_s2", 2, 3)
        yield "conv1/7x7_s2", x
        x = pool(x)
        yield "pool1/3x3_s2", x
        x = self.lrn(x)
        yield "pool1/norm1", x
        x = self.conv(x, "conv2/3x3_reduce")
        yield "conv2/3x3_reduce", x
        x = self.conv(x, "conv2/3x3", 1, 1)
        yield "conv2/3x3", x
        x = self.lrn(x)
        yield "conv2/norm2", x
        x = pool(x)
        yield "pool2/3x3_s2", x
        for module in MODULES:
            if module in POOLED_BEFORE:
                x = pool(x)
                yield POOLED_BEFORE[module], x
            at = f"inception_{module}/"
            x = torch.cat([
                self.conv(x, at + "1x1"),
                self.conv(self.conv(x, at + "3x3_reduce"), at + "3x3", 1, 1),
                self.conv(self.conv(x, at + "5x5_reduce"), at + "5x5", 1, 2),
                self.conv(F.max_pool2d(x, 3, 1, 1, ceil_mode=True), at + "pool_proj"),
            ], 1)
            yield at + "output", x

    def __call__(self, canvas):
        seen = []
        for name, x in self.layers(canvas):
            if name == self.layer:
                return x
            seen.append(name)
        raise SystemExit(f"no layer {self.layer}; there are: {', '.join(seen)}")

    def gradient(self, canvas):
        """The activation, and d(0.5*sum(activation^2))/d(canvas)."""
        canvas = canvas.detach().requires_grad_(True)
        activation = self(canvas)
        activation.backward(activation.detach())
        return activation.detach(), canvas.grad
