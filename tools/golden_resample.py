#!/usr/bin/python3
"""Writes reverie/image/resample_golden.h: what the programs that the resamplers are named after give.

Needs SciPy, Pillow, OpenCV and NumPy (the header says which versions made it). TensorFlow's two
rules are evaluated here in float32 as its resize_bilinear kernel states them, one output at a time.
"""
import sys

import cv2
import numpy as np
import PIL
import scipy
from PIL import Image
from scipy import ndimage

CASES = [((5, 7), (9, 4)), ((8, 6), (4, 3)), ((7, 10), (5, 7)), ((4, 6), (6, 8)), ((6, 3), (6, 11)),
         ((1, 5), (3, 2)), ((4, 2), (1, 1)), ((1, 1), (2, 3)), ((3, 29), (2, 9))]


def source(h, w):
    """The same numbers as in resample_test.cpp: 0..255 with fractions."""
    i = np.arange(h * w, dtype=np.int64)
    return ((i * i * 131 + i * 7919 + 104729) % 2551 / np.float64(10)).astype(np.float32).reshape(h, w)


def scipy_zoom(a, size):
    if 1 in size:  # zoom() cannot say one sample exactly; it takes the first, as the formula has it
        pick = [np.arange(o) * ((n - 1) / (o - 1) if o > 1 else 0.0) for n, o in zip(a.shape, size)]
        grid = np.meshgrid(*pick, indexing="ij")
        return ndimage.map_coordinates(a, grid, order=1, mode="nearest")
    out = ndimage.zoom(a, [o / n for n, o in zip(a.shape, size)], order=1)
    assert out.shape == tuple(size)
    return out


def tf_bilinear(a, size, half_pixel):
    f = np.float32
    def axis(n, o):
        scale = f(n) / f(o)
        for x in range(o):
            at = (f(x) + f(0.5)) * scale - f(0.5) if half_pixel else f(x) * scale
            low = np.floor(at)
            yield max(int(low), 0), min(int(np.ceil(at)), n - 1), f(at - low)
    out = np.zeros(size, np.float32)
    for y, (y0, y1, ty) in enumerate(axis(a.shape[0], size[0])):
        for x, (x0, x1, tx) in enumerate(axis(a.shape[1], size[1])):
            top = a[y0, x0] + (a[y0, x1] - a[y0, x0]) * tx
            bottom = a[y1, x0] + (a[y1, x1] - a[y1, x0]) * tx
            out[y, x] = top + (bottom - top) * ty
    return out


def opencv(a, size):
    return cv2.resize(a, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)


def lanczos(a, size):
    return np.asarray(Image.fromarray(a, "F").resize((size[1], size[0]), Image.LANCZOS))


RULES = [("scipy_zoom", scipy_zoom), ("tf_legacy", lambda a, s: tf_bilinear(a, s, False)),
         ("tf_half", lambda a, s: tf_bilinear(a, s, True)), ("opencv", opencv),
         ("lanczos", lanczos)]


def main():
    print("// resample_golden.h: made by tools/golden_resample.py with SciPy %s, Pillow %s, OpenCV %s\n"
          "// and NumPy %s. Do not edit.\n#pragma once\n\n#include <vector>\n\n"
          "#include \"reverie/image/resample.h\"\n\nnamespace reverie {\n\nstruct ResampleGolden {\n"
          "  Resampler how;\n  int from_height, from_width, to_height, to_width;\n"
          "  std::vector<float> values;\n};\n\ninline const std::vector<ResampleGolden>& "
          "resample_goldens() {\n  static const std::vector<ResampleGolden> goldens = {"
          % (scipy.__version__, PIL.__version__, cv2.__version__, np.__version__))
    for name, rule in RULES:
        for (h, w), (oh, ow) in CASES:
            values = rule(source(h, w), (oh, ow)).astype(np.float32).ravel()
            text = ", ".join("%sf" % np.format_float_positional(v, unique=True, trim="0")
                             for v in values)
            print("      {Resampler::%s, %d, %d, %d, %d, {%s}}," % (name, h, w, oh, ow, text))
    print("  };\n  return goldens;\n}\n\n}  // namespace reverie")


if __name__ == "__main__":
    sys.exit(main())
