#!/usr/bin/python3
"""Writes reverie/ascent/gradient_golden.h: what other programs make of a gradient before a step.

Needs SciPy, PyTorch and NumPy (the header says which versions made it). TensorFlow's Laplacian
pyramid is evaluated here by PyTorch's convolutions with TensorFlow's SAME padding, in float64.
"""
import sys

import numpy as np
import scipy
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter


def source(c, h, w):
    """The same numbers as in grad_golden_source() below."""
    i = np.arange(c * h * w, dtype=np.int64)
    return ((i * i * 131 + i * 7919 + 104729) % 2551 / np.float64(1000) - 1.25).astype(np.float32).reshape(c, h, w)


def growing(a, iteration, iterations, colour):
    sigma = 4 * iteration / iterations + 0.5
    axes = lambda s: s if colour else (0, s, s)
    return sum(gaussian_filter(a, axes(sigma * k)) for k in (1, 2, 0.5))


def cascade(a, iteration, iterations):
    sigma = (iteration + 1) / iterations * 2 + 0.5
    x = F.pad(torch.tensor(a)[None].double(), [4] * 4, mode="reflect")
    out = 0
    for s in (0.5 * sigma, sigma, 2 * sigma):
        k = torch.exp(-((torch.arange(9) - 4).double() / s) ** 2 / 2)
        k = torch.outer(k, k)
        out = out + F.conv2d(x, (k / k.sum())[None, None].repeat(3, 1, 1, 1), groups=3) / 3
    return out[0].numpy()


def bands(a, levels):
    k = torch.tensor([1., 4, 6, 4, 1]).double()
    k = (torch.outer(k, k) / 256)[None, None].repeat(3, 1, 1, 1)

    def pads(n):
        total = max(((n + 1) // 2 - 1) * 2 + 5 - n, 0)
        return total // 2, total - total // 2

    def down(x):
        (t, b), (l, r) = pads(x.shape[2]), pads(x.shape[3])
        return F.conv2d(F.pad(x, (l, r, t, b)), k, stride=2, groups=3)

    def up(x, like):  # the gradient of down, as conv2d_transpose is defined
        probe = torch.zeros_like(like, requires_grad=True)
        return torch.autograd.grad(down(probe), probe, x)[0] * 4

    norm = lambda x: x / max(float((x * x).mean().sqrt()), 1e-10)
    img, parts = torch.tensor(a)[None].double(), []
    for _ in range(levels):
        lo = down(img)
        parts.append(img - up(lo, img))
        img = lo
    img = norm(img)
    for hi in reversed(parts):
        img = up(img, hi) + norm(hi)
    return img[0].numpy()


def main():
    out = open(sys.argv[1], "w")
    out.write(f"""// Made by tools/golden_gradients.py with SciPy {scipy.__version__}, PyTorch {torch.__version__} and NumPy {np.__version__}.
#pragma once

#include <vector>

#include "reverie/tensor/tensor.h"

namespace reverie {{

inline Tensor grad_golden_source(std::int64_t height, std::int64_t width) {{
  Tensor grad({{3, height, width}});
  for (std::int64_t i = 0; i < grad.size(); ++i)
    grad[i] = static_cast<float>(
        static_cast<double>((i * i * 131 + i * 7919 + 104729) % 2551) / 1000 - 1.25);
  return grad;
}}
""")

    def write(name, a):
        out.write(f"\n// {'x'.join(map(str, a.shape))}\ninline const std::vector<float> {name}{{\n")
        numbers = [f"{v:.7g}" for v in a.ravel()]
        numbers = [n if any(c in n for c in ".en") else n + ".0" for n in numbers]
        for i in range(0, len(numbers), 7):
            out.write("    " + ", ".join(n + "f" for n in numbers[i:i + 7]) + ",\n")
        out.write("};\n")

    write("golden_growing_0", growing(source(3, 5, 7), 0, 10, False))
    write("golden_growing_9", growing(source(3, 5, 7), 9, 10, False))
    write("golden_growing_color_3", growing(source(3, 5, 7), 3, 10, True))
    write("golden_cascade_0", cascade(source(3, 6, 7), 0, 10))
    write("golden_cascade_9", cascade(source(3, 6, 7), 9, 10))
    write("golden_bands_6x9", bands(source(3, 6, 9), 2))
    write("golden_bands_7x5", bands(source(3, 7, 5), 4))
    out.write("\n}  // namespace reverie\n")


if __name__ == "__main__":
    main()
