#!/usr/bin/python3
"""The peer of `reverie image --preset classic`: the same dream, by PyTorch on the CPU, file to file.

The algorithm is that of google/deepdream's dream.ipynb, with the defaults of the preset. Pictures of
two programs differ (the process is chaotic); the work is the same.
"""

import argparse
import json
import os
import resource
import sys
import time

start = time.perf_counter()
try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from PIL import Image
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: ./bootstrap install bench", file=sys.stderr)
    sys.exit(77)

import googlenet


def zoom(canvas, size):
    """SciPy's zoom of order 1: bilinear, corners on corners."""
    return F.interpolate(canvas, size=size, mode="bilinear", align_corners=True)


def step(network, canvas, shift, options):
    canvas = torch.roll(canvas, shift, (2, 3))
    _, grad = network.gradient(canvas)
    canvas += options.step / grad.abs().mean() * grad
    return torch.roll(canvas, (-shift[0], -shift[1]), (2, 3)).clamp_(0, 255)


def dream(network, picture, options):
    bases = [picture]
    for _ in range(options.octaves - 1):
        size = [round(n / options.octave_scale) for n in bases[-1].shape[2:]]
        bases.append(zoom(bases[-1], size))
    draw = np.random.RandomState(0)
    detail = torch.zeros_like(bases[-1])
    for base in reversed(bases):
        canvas = base + zoom(detail, base.shape[2:])
        for _ in range(options.iterations):
            shift = draw.randint(-options.jitter, options.jitter + 1, 2).tolist()
            canvas = step(network, canvas, shift, options)
        detail = canvas - base
    return canvas


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input")
    parser.add_argument("--output", required=True, help="the dream, a PNG")
    parser.add_argument("--caffemodel", required=True)
    parser.add_argument("--layer", default="inception_4c/output")
    parser.add_argument("--octaves", type=int, default=4)
    parser.add_argument("--octave-scale", type=float, default=1.4)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--step", type=float, default=1.5)
    parser.add_argument("--jitter", type=int, default=32)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)

    pixels = np.asarray(Image.open(options.input).convert("RGB"), np.float32)
    network = googlenet.Network(options.caffemodel, options.layer, channels_last=True,
                                lrn_by_convolution=True)
    canvas = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None]
    result = dream(network, canvas, options)[0].numpy().transpose(1, 2, 0)
    Image.fromarray(np.uint8(np.clip(result, 0, 255))).save(options.output)

    report = {
        "peer": f"PyTorch {torch.__version__}",
        "seconds": round(time.perf_counter() - start, 2),
        "threads": options.threads,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(report) if options.json else
          f"{report['peer']}: {report['seconds']} s, {report['peak_rss_mb']} MB")


if __name__ == "__main__":
    main()
