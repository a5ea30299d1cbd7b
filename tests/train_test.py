#!/usr/bin/env python3
"""The training scripts: two steps on pictures of our own, a checkpoint gone on from, and the exported file
giving in Reverie what the student gives in PyTorch: train_test.py SOURCE REVERIE. 77: skipped.

The teacher is a network of random weights in GoogLeNet's shape, so nothing has to be at hand.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from PIL import Image
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: ./bootstrap install bench")
    sys.exit(77)

source, reverie = pathlib.Path(sys.argv[1]), sys.argv[2]
scripts = source / "tools/train"
sys.path.insert(0, str(scripts))
import dreams  # noqa: E402
import fidelity  # noqa: E402
import native_file  # noqa: E402
import networks  # noqa: E402
import patterns  # noqa: E402
import pictures  # noqa: E402


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "2"})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}")
    return done.stdout


def write_teacher(path):
    """GoogLeNet's widths and names."""
    torch.manual_seed(1)
    student = networks.Student(networks.TEACHER_WIDTHS)
    arrays = student.eval().shipped([])
    stored = {name: (list(a.shape), a.half().numpy().astype("<f2").tobytes()) for name, a in arrays.items()}
    net = native_file.build(stored, networks.BLOCKS, [])
    renamed = {f"{block}/concat": networks.teacher_layer(block) for block in networks.BLOCKS}
    renamed["pool2"] = networks.teacher_layer("pool2")
    for layer in net.layers:
        layer["name"] = renamed.get(layer["name"], layer["name"])
        layer["inputs"] = [renamed.get(name, name) for name in layer.get("inputs", [])]
    native_file.write(net, path, "teacher", "random weights", networks.teacher_layer("4c"), [], {})


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reverie-train-"))
    data, out = folder / "data", folder / "run"
    data.mkdir()
    write_teacher(data / "teacher.safetensors")
    drawn = [patterns.draw(seed) for seed in range(4)]
    assert patterns.draw(2).tobytes() == drawn[2].tobytes(), "a pattern differs from itself"
    for name in ("training", "patterns", "held-out"):
        pictures.write_set(drawn, data / f"{name}.npz")

    command = [sys.executable, scripts / "distil.py", "--data", data, "--out", out, "--batch", 2,
               "--fresh", 2, "--pool", 16, "--side", 96]
    assert "step 2 of 2" in run(*command, "--steps", 2)
    first = torch.load(out / "checkpoint.pt")
    # A piece that ends at once keeps the pool, in a form that newer PyTorch loads, too
    run(*command, "--steps", 4, "--minutes", 0)
    assert torch.load(out / "pool.pt", weights_only=True)["filled"] > 0
    assert "step 4 of 4" in run(*command, "--steps", 4)
    second = torch.load(out / "checkpoint.pt")
    assert second["step"] == 4
    moved = max((second["student"][name] - value).abs().max().item()
                for name, value in first["student"].items() if value.dtype.is_floating_point)
    assert 0 < moved < 10, moved

    # The file is the student: the same activation from the same picture
    run(sys.executable, scripts / "export.py", out / "checkpoint.pt", folder / "net.safetensors",
        "--name", "trial")
    picture = drawn[0].resize((97, 64))
    picture.save(folder / "picture.png")
    student = fidelity.load_student(out / "checkpoint.pt", "cpu")
    for head in ("3b", "4c", "4e"):
        with torch.no_grad():
            wanted = student.activation(pictures.to_tensor(picture)[None].float(), head)[0].numpy()
        run(reverie, "probe", folder / "picture.png", "--model", folder / "net.safetensors", "--layer",
            f"{head}/output", "--activation", folder / "activation.npy", "--overwrite")
        found = np.load(folder / "activation.npy")
        assert found.shape == wanted.shape, (found.shape, wanted.shape)
        # Half precision of the weights is what is left between them
        error = np.abs(found - wanted).max() / np.abs(wanted).max()
        assert wanted.max() > 0 and error < 1e-2, (head, error)
        print(f"{head}: {error:.1e} of the largest activation")

    # A shipped network says which heads a run from it has; all pictures out of whole dreams
    native = folder / "net.safetensors"
    run(*command[:5], folder / "further", *command[6:], "--start", native, "--steps", 1, "--courses", 1)
    assert torch.load(folder / "further/checkpoint.pt")["heads"] == tuple(networks.SHIPPED_HEADS)

    # The mean with a network whose head at 4c is three times as large has one that is twice as large
    third = torch.load(out / "checkpoint.pt")
    for part in ("weight", "bias"):
        third["average"][f"heads.4c.{part}"] *= 3
    torch.save(third, folder / "third.pt")
    run(sys.executable, scripts / "export.py", folder / "third.pt", folder / "mean.safetensors",
        "--name", "trial", "--mean-with", native)
    means = networks.arrays_of(folder / "mean.safetensors")
    for name, array in networks.arrays_of(native).items():
        wanted = 2 * array if name.startswith("4c/output.") else array
        assert torch.allclose(means[name], wanted, rtol=2e-3, atol=1e-6), name  # the least of halves

    activation = lambda x: student.activation(x, "3b")
    source = pictures.shrunk(drawn[0], 96)
    states = list(dreams.course(activation, source, np.random.RandomState(0)))
    assert len(states) == 4 * 10 + 1 and states[0].shape[2] < states[-1].shape[2] == source.shape[2]
    assert torch.equal(states[-1], dreams.classic(activation, source))
    assert pictures.part(states[0], 96).shape == (1, 3, 96, 96)

    judge = fidelity.Judge(data, "cpu", side=96, count=1)
    own = [low_high for low_high in judge.teacher_ends("3b")]
    assert own[0][1] > 1.5 * own[0][0], "the teacher's own dream does not excite it"
    assert np.isfinite(judge.fidelities(student, "3b")).all()


main()
