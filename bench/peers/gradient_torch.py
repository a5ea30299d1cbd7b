#!/usr/bin/python3
"""The peer of `reverie bench gradient`: the same gradient, by PyTorch on the CPU.

One run is forward to LAYER and backward to the canvas of 0.5*sum(activation^2), of BVLC GoogLeNet at
SIZE x SIZE. Weights take no gradient, denormals are flushed, every processor is used, and of the ways
that PyTorch offers (channels last or first, LRN by its own function or by a convolution) the fastest
on this machine is reported.

With --image, computes that picture's gradient instead and writes it as --gradient FILE.npy.
"""

import argparse
import itertools
import json
import os
import resource
import statistics
import sys
import time

try:
    import numpy as np
    import torch
    from PIL import Image
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: ./bootstrap install bench", file=sys.stderr)
    sys.exit(77)

import googlenet


def milliseconds(network, canvas, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        network.gradient(canvas)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def gradient_of_image(options):
    picture = np.asarray(Image.open(options.image).convert("RGB"), np.float32)
    canvas = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    _, grad = googlenet.Network(options.caffemodel, options.layer).gradient(canvas)
    np.save(options.gradient, grad[0].contiguous().numpy())


def measure(options):
    torch.manual_seed(1)
    canvas = torch.rand(1, 3, options.size, options.size) * 255

    # Try every way a few times, and keep the fastest
    trials = {}
    for way in itertools.product((False, True), repeat=2):
        network = googlenet.Network(options.caffemodel, options.layer, *way)
        milliseconds(network, canvas, 1)
        trials[way] = min(milliseconds(network, canvas, 2))
    channels_last, lrn_by_convolution = way = min(trials, key=trials.get)

    network = googlenet.Network(options.caffemodel, options.layer, *way)
    milliseconds(network, canvas, 1)
    times = milliseconds(network, canvas, options.runs)
    return {
        "peer": f"PyTorch {torch.__version__}",
        "layer": options.layer,
        "size": options.size,
        "runs": options.runs,
        "ms_median": round(statistics.median(times), 2),
        "ms_min": round(min(times), 2),
        "threads": torch.get_num_threads(),
        "ms_plain": round(trials[False, False], 2),
        "channels_last": channels_last,
        "lrn_by_convolution": lrn_by_convolution,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--caffemodel", required=True)
    parser.add_argument("--layer", default="inception_4c/output")
    parser.add_argument("--size", type=int, default=512, help="pixels on each side")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--image", help="a picture whose gradient to compute")
    parser.add_argument("--gradient", default="gradient.npy")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)

    if options.image:
        gradient_of_image(options)
        return
    result = measure(options)
    if options.json:
        print(json.dumps(result))
    else:
        print(f"{result['peer']}, {result['threads']} threads: {result['layer']} at {result['size']} px: "
              f"median {result['ms_median']} ms, least {result['ms_min']} ms of {result['runs']}")


if __name__ == "__main__":
    main()
