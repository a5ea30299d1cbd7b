#!/usr/bin/python3
"""The PyTorch peer computes Caffe's gradients: what Reverie is compared with does the same work.

usage: peer_test.py SOURCE_DIR DATA_DIR; exit status 77 means skipped.
"""

import pathlib
import subprocess
import sys
import tempfile

source, data = map(pathlib.Path, sys.argv[1:])
weights = data / "models/googlenet/bvlc_googlenet.caffemodel"
if not weights.exists():
    print(f"SKIPPED: {weights} is not there")
    sys.exit(77)

failed = False
for layer in ["conv2/3x3", "inception_3b/output", "inception_4c/output", "inception_5b/output"]:
    name = layer.replace("/", "_") + ("_postrelu" if layer == "conv2/3x3" else "")
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([source / "bench/peers/gradient_torch.py", "--caffemodel", weights,
                               "--layer", layer, "--image", data / "golden/sky320x240_input.png",
                               "--gradient", f"{scratch}/gradient.npy"])
        if done.returncode:
            sys.exit(done.returncode)
        import numpy as np
        gradient = np.load(f"{scratch}/gradient.npy")
    expected = np.load(data / f"golden/sky320x240_{name}_grad.npy")[::-1]  # Caffe's is BGR
    error = np.linalg.norm(gradient - expected) / np.linalg.norm(expected)
    print(f"{layer}: relative L2 {error:.2g}")
    failed |= not error < 1e-4
sys.exit(failed)
