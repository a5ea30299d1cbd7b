#!/usr/bin/python3
"""Writes tests/golden/network/: what PyTorch makes, in float64, of the network that ships.

For each of its heads the activation and the gradient of half the sum of its squares with respect to a made
picture, rounded to float32. After the network was replaced, run this once more:

usage: tools/golden_network.py [NETWORK.safetensors]      the one in models/ when none is named

Needs PyTorch and NumPy (./bootstrap install bench); the test that reads the files needs neither.

Where a ReLU's input is all but 0, or two samples of a max pool are all but equal, float32 may choose otherwise
than float64, and the gradients then differ by more than rounding. The picture's grain is drawn until the
network has no such place.
"""
import argparse
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench/peers"))
import network_torch  # noqa: E402  (says what is missing where there is no PyTorch)
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

FOLDER = ROOT / "tests/golden/network"
HEIGHT, WIDTH = 57, 71  # odd, so that windows at the edges are not whole
NEAR = 2e-6  # of a layer's deviation: closer values may be told apart otherwise in float32


def picture(seed):
    """Waves of each color under grain, whole levels of 0..255."""
    y, x, c = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3].transpose(0, 1, 2, 3)
    waves = 120 + 70 * np.sin(0.13 * (x * (c + 1) + y)) + 20 * np.cos(0.31 * y)
    grain = np.random.default_rng(seed).uniform(0, 40, waves.shape)
    return np.clip(np.round(waves + grain - 20), 0, 255).transpose(2, 0, 1).astype(np.float64)


class Exact(network_torch.Network):
    """In float64; remembers the nearest that a choice came to falling otherwise."""

    def __init__(self, path, layer):
        super().__init__(path, layer)
        self.arrays = {name: array.double() for name, array in self.arrays.items()}
        self.mean, self.scale = self.mean.double(), self.scale.double()
        self.margin = float("inf")

    def note(self, distances, values):
        if distances.numel():
            self.margin = min(self.margin, float(distances.min() / values.std()))

    def step(self, layer, values):
        x = values[0].detach()
        if layer["op"] == "relu":
            self.note(x.abs(), x)
        if layer["op"] == "max_pool":
            self.note_pool(layer, x)
        return super().step(layer, values)

    def note_pool(self, layer, x):
        """How far the greatest of each window is from the second.

        Zeros of a ReLU may tie, for none answers; and two copies of one number that an overlapping pool below
        made, for both lead to the same place.
        """
        (kh, kw), (top, left, bottom, right) = layer["kernel"], layer["padding"]
        down, across = layer["stride"]
        grow = [-(x.shape[3] + left + right - kw) % across, -(x.shape[2] + top + bottom - kh) % down]
        wide = F.pad(x, (left, right + grow[0], top, bottom + grow[1]), value=-1e9)
        windows = wide.unfold(2, kh, down).unfold(3, kw, across).flatten(4)
        best = windows.topk(2, dim=4).values
        apart = best[..., 0] - best[..., 1]
        self.note(apart[(best[..., 0] > 0) & (apart > 0)], x)


def of_heads(path, heads, canvas):
    """{head: (activation, gradient)}, and the nearest that any choice came to falling otherwise."""
    made, margin = {}, float("inf")
    for head in heads:
        network = Exact(path, head)
        made[head] = network.gradient(torch.from_numpy(canvas)[None])
        margin = min(margin, network.margin)
    return made, margin


def heads_of(path):
    graph, _ = network_torch.read(path)
    return [layer["name"] for layer in graph["layers"] if layer["name"].endswith("/output")]


def write(name, array):
    np.save(FOLDER / name, np.ascontiguousarray(array, "<f4"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", type=pathlib.Path, metavar="NETWORK.safetensors")
    path = parser.parse_args().network
    if path is None:
        shipped = sorted((ROOT / "models").glob("*.safetensors"))
        if len(shipped) != 1:
            sys.exit(f"golden_network: {len(shipped)} networks in models/; name one")
        path = shipped[0]
    heads = heads_of(path)
    if not heads:
        sys.exit(f"golden_network: {path} has no layer whose name ends with /output")

    torch.set_num_threads(1)  # sums in one order, whatever the machine
    for seed in range(1000):
        canvas = picture(seed)
        made, margin = of_heads(path, heads, canvas)
        if margin > NEAR:
            break
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.npy"):
        old.unlink()
    write("picture.npy", canvas)
    for head, (activation, gradient) in made.items():
        write(head.replace("/", "_") + ".activation.npy", activation[0].numpy())
        write(head.replace("/", "_") + ".gradient.npy", gradient[0].numpy())
    facts = {"network": path.stem, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
             "layers": heads, "grain": seed, "margin": float(f"{margin:.1e}"),
             "made by": f"tools/golden_network.py, PyTorch {torch.__version__}, NumPy {np.__version__}"}
    (FOLDER / "network.json").write_text(json.dumps(facts, indent=1) + "\n")
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{FOLDER}: {len(heads)} heads of {path.name}, {size / 1e3:.0f} kB; margin {margin:.1e}, seed {seed}")


if __name__ == "__main__":
    main()
