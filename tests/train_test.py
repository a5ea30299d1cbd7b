#!/usr/bin/env python3
"""The training programs at tiny size, on pictures of our own: train_test.py SOURCE REVERIE SHARED. 77: skipped.

The teacher is a network of random weights in GoogLeNet's shape, so nothing has to be at hand. Where SHARED/network holds
the state of reverie-4, that is opened, too.
"""

import contextlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
    import torch
    from PIL import Image
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: ./bootstrap install bench")
    sys.exit(77)

source, reverie, shared = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
scripts = source / "tools/train"
sys.path.insert(0, str(scripts))
import checkpoint  # noqa: E402
import credits  # noqa: E402
import dreams  # noqa: E402
import errors  # noqa: E402
import export  # noqa: E402
import googlenet  # noqa: E402
import graphs  # noqa: E402
import judge  # noqa: E402
import losses  # noqa: E402
import native_file  # noqa: E402
import optimizer  # noqa: E402
import patterns  # noqa: E402
import pools  # noqa: E402
import prepare  # noqa: E402
import sources  # noqa: E402
import student as students  # noqa: E402
import teacher as teachers  # noqa: E402
import train  # noqa: E402
import trainer  # noqa: E402

HEADS = list(googlenet.HEADS)
TINY = googlenet.uniform_widths(8)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "2"})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def relative(found, wanted):
    return float((found - wanted).abs().max() / wanted.abs().max())


def write_teacher(path):
    """GoogLeNet's widths, names and local response normalisation, random weights."""
    generator, arrays = np.random.RandomState(1), {}
    shapes = googlenet.convolutions(googlenet.TEACHER_WIDTHS)
    for layer, convolution, first, last, *_ in googlenet.layer_slices(googlenet.TEACHER_WIDTHS):
        _, inputs, kernel = shapes[convolution]
        deviation = (2 / (inputs * kernel ** 2)) ** 0.5
        arrays[layer + ".weights"] = generator.randn(last - first, inputs, kernel, kernel) * deviation
        arrays[layer + ".bias"] = generator.randn(last - first)
    net = native_file.build(arrays, googlenet.BLOCKS, [], googlenet.FIRST_OF_STAGE)
    stored, renamed, layers = {}, {}, []
    for layer in net.layers:
        layer["inputs"] = [renamed.get(name, name) for name in layer.get("inputs", [])]
        layers.append(layer)
        if "weights" in layer:
            own = layer["name"][:-len("/pre_relu")]
            for part in ("weights", "bias"):
                name = f"{teachers.stored_name(own)}/pre_relu.{part}"
                stored[name], layer[part] = arrays[layer[part]], name
        if layer["op"] == "concat":
            renamed[layer["name"]] = layer["name"] = teachers.stored_name(layer["name"].replace("concat", "output"))
        if layer["name"] in ("pool1", "conv2"):
            renamed[layer["name"]] = layer["name"] + "/norm"
            layers.append({"name": layer["name"] + "/norm", "op": "lrn", "inputs": [layer["name"]], "size": 5,
                           "alpha": 2e-5, "beta": 0.75, "k": 1})
    transform = {**export.TRANSFORM, "mean": [100, 120, 110]}  # not quite the student's
    graph = {"version": 1, "name": "teacher", "layers": layers, "transform": transform}
    native_file.write(path, graph, stored)


def probe(folder, network, layer):
    """Reverie's activation of a layer for folder/picture.png."""
    run(reverie, "probe", folder / "picture.png", "--model", network, "--layer", layer, "--activation",
        folder / "activation.npy", "--overwrite")
    return torch.from_numpy(np.load(folder / "activation.npy"))


def frozen_student(dtype, space_to_depth=False):
    """A tiny one, whose norms have seen something and are frozen."""
    one = students.Student(torch.device("cpu"), dtype, TINY, space_to_depth, parameter_dtype=dtype)
    one.flat.copy_(one.layout.initial(3))
    generator = torch.Generator().manual_seed(4)
    one.flat[one.layout.group_biases] = 0.1 * torch.randn(one.layout.channels, generator=generator, dtype=dtype)
    one.means.copy_(0.2 * torch.randn(one.layout.channels, generator=generator, dtype=dtype))
    one.variances.copy_(0.5 + torch.rand(one.layout.channels, generator=generator, dtype=dtype))
    for head, scale in one.scales.items():
        scale.copy_(0.5 + torch.rand(len(scale), generator=generator, dtype=dtype))
    one.freeze()
    one.flat.requires_grad_(True)
    return one


# ----------------------------------------------------------------------------------------------- parts
def check_matched_gradients(folder):
    """By tangents and by double backward, in float64; and lower heads that weigh nothing against ones left out."""
    teacher = teachers.Teacher(folder / "teacher.safetensors", torch.device("cpu"), torch.float64)
    student = frozen_student(torch.float64)
    drawn = torch.stack([judge.shrunk(patterns.draw(seed), 64) for seed in (1, 5)])
    x = googlenet.normalised(drawn.double(), torch.float64)
    for head, lower in (("3b", []), ("4c", ["3b", "4a"]), ("5b", ["4d"])):
        weights = pools.random_channels(2, googlenet.HEADS[head], torch.device("cpu")).double()
        weights[0] = 1
        heads = [*lower, head]
        found, _, cosine = losses.matching_step(student, teacher, x, weights, heads, torch.ones(len(heads)), 12.0)

        labels, wanted = losses.teacher_labels(teacher, x, heads, weights)
        leaf = x.clone().requires_grad_(True)
        answers = student.answers(student.folded_tensors(), leaf, heads)
        activation = torch.relu(answers[head]) * student.scales[head].reshape(1, -1, 1, 1)
        objective = (weights * (0.5 * activation ** 2 + losses.LINEAR * activation)).sum()
        gradient = torch.autograd.grad(objective, leaf, create_graph=True)[0]
        loss = 12.0 * (1 - losses.mean_cosine(gradient, wanted))
        for one in heads:
            loss = loss + losses.HEAD_WEIGHTS[one] * losses.activation_error(answers[one], labels[one],
                                                                            student.scales[one])
        error = relative(found, torch.autograd.grad(loss, student.flat)[0])
        print(f"gradients matched at {head}: {error:.1e} from double backward, cosine {float(cosine):.3f}")
        assert error < 1e-10, (head, error)
        assert float(found.abs().max()) > 0

        every = HEADS[:HEADS.index(head) + 1]
        counts = torch.tensor([float(one in heads) for one in every])
        masked = losses.matching_step(student, teacher, x, weights, every, counts, 12.0)[0]
        assert relative(masked, found) < 1e-10, head


def check_teacher(folder):
    """As Reverie runs the same file; local response normalisation counts."""
    picture = patterns.draw(0).resize((97, 64))
    picture.save(folder / "picture.png")
    teacher = teachers.Teacher(folder / "teacher.safetensors", torch.device("cpu"))
    x = googlenet.normalised(judge.shrunk(picture, 97)[None].float(), torch.float32)
    for head in ("3b", "5b"):
        found = teacher.activation(x, head)[0]
        wanted = probe(folder, folder / "teacher.safetensors", f"inception_{head}/output")
        assert found.shape == wanted.shape and relative(found, wanted) < 1e-4, (head, relative(found, wanted))


def check_convolution_by_blocks():
    """conv1 over 2x2 pixels taken as channels is the same function, in teacher's and student's form."""
    x = torch.randn(1, 3, 64, 48, dtype=torch.float64)
    with torch.no_grad():
        plain, folded = (frozen_student(torch.float64, on) for on in (False, True))
        for head in ("3b", "5b"):
            one, other = (net.activation(net.folded_tensors(), x, head) for net in (plain, folded))
            assert relative(other, one) < 1e-12


def check_optimizer():
    """The first step moves each weight by the rate; a huge gradient later is clipped, one with NaN is left out."""
    flat = torch.tensor([1.0, -2.0, 3.0])
    adam = optimizer.AdamW(flat, torch.tensor([1.0, 0.0, 0.0]), 0.5, 1)
    adam.step(torch.tensor([2.0, -4.0, 0.0]), 0.1)
    assert torch.allclose(flat, torch.tensor([1 - 0.05 - 0.1, -1.9, 3.0])), flat
    for _ in range(30):
        adam.step(torch.tensor([1.0, 0.0, 0.0]), 0.0)
    usual = float(adam.usual_norms[0])
    before = adam.first.clone()
    adam.step(torch.tensor([1e6, 0.0, 0.0]), 0.0)
    assert float((adam.first - 0.9 * before).abs().max()) <= 0.1 * 2.5 * usual * 1.001
    adam.step(torch.tensor([float("nan"), 1.0, 0.0]), 0.1)
    assert torch.isfinite(flat).all()


def check_pictures(folder):
    """Crops, variation and dreams' states have the shapes and ranges that they promise; a pattern is its seed's."""
    assert patterns.draw(2).tobytes() == patterns.draw(2).tobytes()
    stored = sources.Sources([(folder / "data/training.npz", 0.5), (folder / "data/patterns.npz", 0.5)],
                             torch.device("cpu"))
    batch = stored.sample(12, 96, 64)
    assert batch.shape == (12, 3, 96, 64) and 0 <= float(batch.min()) and float(batch.max()) <= 255
    assert float(batch.std()) > 10
    weights = pools.random_channels(400, 32, torch.device("cpu")).sum((1, 2, 3))
    assert set(weights.tolist()) == {1, 2, 4, 16, 32}, set(weights.tolist())

    picture = torch.rand(2, 3, 80, 70) * 255
    down, across = torch.tensor([3, -5]), torch.tensor([0, 11])
    moved = dreams.rolled(picture, down, across)
    assert torch.equal(moved[1], torch.roll(picture[1], (-5, 11), (1, 2)))
    assert torch.equal(dreams.rolled(moved, -down, -across), picture)
    states = list(dreams.dream_states(lambda x: torch.ones_like(x), picture, lambda: (1, 2)))
    assert len(states) == 4 * 10 + 1 and states[-1].shape == picture.shape
    assert states[0].shape[2:] == (29, 26), states[0].shape
    assert dreams.crop_somewhere(states[0], 48, np.random.RandomState(0)).shape == (2, 3, 48, 48)


# ------------------------------------------------------------------------------------------- programs
def check_prepare(folder):
    """Free photographs only, none held out, nor a copy of one; the teacher to 5b in half precision."""
    photos = folder / "photos"
    photos.mkdir()
    rows = [("one.png", 3, "CC0 (A. Name)"), ("two.jpg", 4, "CC BY 4.0 (“Two” by B. Name)"),
            ("three.png", 5, "CC BY 4.0 (a figure; its photograph CC BY-SA 4.0 by C. Name)"), ("copy.png", 6, "CC0"), ("kodim20.png", 6, "CC0"),
            ("long.png", 7, "CC0"), ("cameratrap_four.png", 8, "CDLA-Permissive-1.0 (traps)")]
    for name, seed, _ in rows:
        image = patterns.draw(seed).resize((200, 160))
        (image.resize((800, 150)) if name == "long.png" else image).save(photos / name)
    index = ["| file | size px | bytes | what | repo path | licence |", "|---|---|---|---|---|---|"]
    index += [f"| {name} | 200x160 | 1 | a tree | owner/repo {name} | {licence} |" for name, _, licence in rows]
    (photos / "INDEX.md").write_text("\n".join(index), encoding="utf-8")
    said = run(sys.executable, scripts / "prepare.py", "--photos", photos, "--teacher", folder / "teacher.safetensors",
               "--out", folder / "data", "--patterns", 3)
    assert "3 photographs of 5, 3 drawn pictures, 1 of 40 held out" in said, said
    names = [line.split("\t")[0] for line in (folder / "data/training.txt").read_text(encoding="utf-8").splitlines()]
    assert sorted(names) == ["cameratrap_four.png", "one.png", "two.jpg"], names
    assert len(sources.read_jpegs(folder / "data/training.npz")) == 3
    size = (folder / "data/teacher.safetensors").stat().st_size
    assert 11e6 < size < 13e6, size

    said = run(sys.executable, scripts / "credits.py", "--training", folder / "data/training.txt", "--photos", photos,
               "--out", folder / "credits.md")
    text = (folder / "credits.md").read_text(encoding="utf-8")
    assert "3 photographs" in said and "| Two | B. Name | CC BY 4.0 |" in text, text


def check_credits():
    """Titles and authors out of credit lines as they are written in practice."""
    for licence, wanted in (
            ("CC0 (A. Name)", (None, "A. Name", "CC0")),
            ("CC BY 2.0 (“A dog” by B. Name/Flickr, CC BY 2.0)", ("A dog", "B. Name/Flickr", "CC BY 2.0")),
            ("CC BY 3.0 (OpenStax College, Biology; credit: modification of work by C. Name)",
             (None, "OpenStax College, Biology; credit: modification of work by C. Name", "CC BY 3.0")),
            ("public domain (credit: modification of work “Shell” by “D.”/Wikimedia Commons, Public Domain)",
             ("Shell", "“D.”/Wikimedia Commons", "public domain")),
            ("public domain ()", (None, "not named", "public domain"))):
        assert credits.parse(licence) == wanted, credits.parse(licence)


def check_training(folder):
    """Steps with batch norms and with matched gradients, a run that is resumed, a network to begin from."""
    out = folder / "run"
    command = [sys.executable, scripts / "train.py", "--data", folder / "data", "--batch", 2, "--side", 64, "--pool", 6,
               "--dreams", 2, "--taken", 1, "--fresh", 8, "--trial-width", 8, "--trial-dreams", "--minutes", 60,
               "--dream-every", 1, "--lower-heads", 0.2]
    said = run(*command, "--out", out, "--steps", 4, "--freeze", 0.5, "--judge-heads")
    assert "batch norms frozen at step 2" in said and "step 4, 100 %" in said and "cosine" in said, said
    first = checkpoint.load(out / "state.pt")
    said = run(*command, "--out", out, "--steps", 6, "--judge-heads", "3b", "--judge-pictures", 1)
    assert "resuming from step 4" in said and "step 6, 100 %" in said and "finished 3b" in said, said
    second = checkpoint.load(out / "state.pt")
    assert second["step"] == 6 and second["frozen_at"] == 2 and second["elapsed_ms"] > first["elapsed_ms"]
    moved = float((second["student"]["flat"] - first["student"]["flat"]).abs().max())
    assert 0 < moved < 1, moved
    assert 0 < float((second["average"] - first["average"]).abs().max()) < moved
    assert np.isfinite(json.loads((out / "fidelity.json").read_text())["3b"]["mean"])
    assert Image.open(out / "sheet.jpg").size == (320 * 8, 320 * 2 // 3)

    # From the network that it wrote: norms are frozen from the first step
    said = run(*command, "--out", folder / "further", "--start", out / "trial.safetensors", "--steps", 1,
               "--judge-heads")
    assert "frozen" not in said and "cosine" in said, said
    assert checkpoint.load(folder / "further/state.pt")["student"]["frozen"]


def check_trainer(folder):
    """Schedule, return to the last good state, short memory; a step by heads that weigh nothing is the eager step."""
    sys.argv = ["train.py", "--data", str(folder / "data"), "--out", str(folder / "run"), "--trial-width", "8", "--batch",
                "16", "--side", "64", "--pool", "4", "--dreams", "2", "--taken", "1", "--fresh", "8", "--judge-heads",
                "--steps", "100", "--minutes", "60"]
    options, device = train.parse_options(), torch.device("cpu")
    options.bfloat16 = False
    teacher = teachers.Teacher(folder / "data/teacher.safetensors", device)
    stored = sources.Sources([(folder / "data/training.npz", 1)], device)
    one = trainer.Trainer(options, device, stored, teacher, time.time(), lambda *_: None)
    one.begin()
    with contextlib.redirect_stdout(io.StringIO()):
        one.prepare()
    assert one.rate(0) == options.rate / 200
    one.step = 300
    assert one.progress() == 1 and one.rate(1) < 1e-12 and abs(one.rate(0.5) - options.rate / 2) < 1e-9
    one.step = 30
    assert 0.29 < one.progress() < 0.31
    one.freeze()
    factors, layout = one.optimizer.rate_factors, one.student.layout
    assert float(factors[0]) == 1  # conv1
    assert abs(float(factors[layout.starts["head/5b"]]) - 0.09 ** 0.5) < 1e-6
    assert abs(float(factors[layout.starts["5a/3x3"]]) - 0.09 ** 0.5) < 1e-6

    good = one.student.flat.detach().clone()
    one._guard(1.0)
    with torch.no_grad():
        one.student.flat.mul_(3)
    one._guard(2.9)
    assert torch.equal(one.student.flat.detach(), 3 * good), "an error that only grew a little"
    one._guard(float("nan"))
    assert torch.equal(one.student.flat.detach(), 3 * good) and one.rate_halvings == 1
    with torch.no_grad():
        one.student.flat.mul_(2)
    one._guard(9.0)
    assert torch.equal(one.student.flat.detach(), 3 * good) and one.rate_halvings == 2
    one._halve_batch()
    assert one.batch == 8

    for step in (one._step_at_head, graphs.GraphedStep(one._step_at_head)):
        one.step_at_head = step
        gradient, kind = one.matching_step("4a")
        assert kind == 1 and gradient.shape == one.student.flat.shape and float(gradient.abs().max()) > 0
        assert set(one.sums) <= {"error 3b", "error 4a", "cosine 4a"} and "cosine 4a" in one.sums


class PretendedGraphs:
    """What graphs.py uses of torch.cuda, where there is none: a replay runs the step again into the same tensors."""

    class CUDAGraph:
        def pool(self):
            return "memory"

        def replay(self):
            for kept, new in zip(self.outputs, self.run()):
                kept.copy_(new)

    class Stream:
        def wait_stream(self, other):
            pass

    captures = 0

    @classmethod
    def current_stream(cls):
        return cls.Stream()

    @staticmethod
    def stream(_):
        return contextlib.nullcontext()

    @classmethod
    @contextlib.contextmanager
    def graph(cls, graph, pool):
        assert pool == (None if cls.captures == 0 else "memory")
        cls.captures += 1
        yield
        frame = sys._getframe(2).f_locals
        graph.outputs = frame["outputs"]
        graph.run = lambda: frame["self"].step(frame["head"], *frame["fixed_inputs"])


def check_graphs():
    """Where there is no CUDA, steps run as they are, and it is said once; else one capture for each head and shape."""
    def step(head, x):
        return 2 * x, x.sum() + len(head)

    plain = graphs.GraphedStep(step)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert all(float(plain("4c", torch.ones(3))[1]) == 5 for _ in range(2))
    if not torch.cuda.is_available():
        assert said.getvalue().count("no CUDA graphs") == 1, said.getvalue()

    real, graphs.torch.cuda = torch.cuda, PretendedGraphs
    try:
        graphed = graphs.GraphedStep(step)
        for head, x in (("4c", torch.ones(3)), ("4c", torch.arange(3.0)), ("5b", torch.ones(3)), ("4c", torch.ones(2))):
            double, total = graphed(head, x)
            assert torch.equal(double, 2 * x) and float(total) == float(x.sum()) + 2
        assert PretendedGraphs.captures == 3 and not graphed.failed
    finally:
        graphs.torch.cuda = real


def check_export(folder):
    """The file is the student: the same activations in Reverie, PyTorch's student, and the judge's network."""
    run(sys.executable, scripts / "export.py", folder / "run/state.pt", folder / "net.safetensors", "--name", "trial")
    assert (folder / "net.safetensors").read_bytes() == (folder / "run/trial.safetensors").read_bytes()
    pixels = torch.from_numpy(np.array(Image.open(folder / "picture.png"))).permute(2, 0, 1)[None].float()
    x = googlenet.normalised(pixels, torch.float32)
    student, flat = checkpoint.open_student(folder / "run/state.pt")
    adopted = students.Student(torch.device("cpu"), widths=TINY)
    for head, scale in student.scales.items():
        adopted.scales[head].copy_(scale)
    adopted.adopt(native_file.read(folder / "net.safetensors")[1])
    network, heads = judge.open_network(folder / "net.safetensors", "cpu")
    assert heads == HEADS
    for head in HEADS:
        found = probe(folder, folder / "net.safetensors", f"{head}/output")
        with torch.no_grad():
            exact = student.activation(student.folded_tensors(flat), x, head)[0]
            same = (network(pixels, head)[0], adopted.activation(adopted.folded_tensors(), x, head)[0])
        assert found.shape == exact.shape and float(exact.max()) > 0, head
        rounding = relative(found, exact)
        assert rounding < 1e-2, (head, rounding)  # half precision of the weights
        # Reverie runs in bfloat16 at most where the processor is fast in it; the other two are float32 throughout
        assert relative(found, same[0]) < 1e-2 and relative(same[1], same[0]) < 1e-4, head
        print(f"{head}: Reverie is {rounding:.1e} of the largest activation from the student, "
              f"{relative(found, same[0]):.1e} from the file in PyTorch")

    # The mean with a network whose head at 4c is three times as large has one that is twice as large
    arrays = native_file.read(folder / "net.safetensors")[1]
    for part in ("weights", "bias"):
        arrays["4c/output." + part] = arrays["4c/output." + part] * 3
    export.write_network(folder / "third.safetensors", "trial", arrays, HEADS)
    run(sys.executable, scripts / "export.py", folder / "third.safetensors", folder / "mean.safetensors", "--name",
        "trial", "--mean-with", folder / "net.safetensors")
    means = native_file.read(folder / "mean.safetensors")[1]
    for name, array in native_file.read(folder / "net.safetensors")[1].items():
        wanted = 2 * array if name.startswith("4c/output.") else array
        assert np.allclose(means[name], wanted, rtol=2e-3, atol=1e-6), name


def check_judge(folder):
    """The teacher has fidelity 1, what does not dream 0; a file and a state are judged on a folder's pictures."""
    one = judge.Judge(folder / "data", torch.device("cpu"), pictures=folder / "photos", count=2, side_px=64)
    low, high = one.teacher_ends("3b")[0]
    assert high > 1.2 * low, "the teacher's own dream does not excite it"
    own = one.fidelities(lambda x: one.teacher.activation(googlenet.normalised(x, torch.float32), "3b"), "3b")
    assert np.allclose(own, 1), own
    idle = one.fidelities(lambda x: x * 0, "3b")
    assert np.allclose(idle, 0, atol=0.05), idle
    said = run(sys.executable, scripts / "judge.py", "--teacher", folder / "teacher.safetensors", "--pictures",
               folder / "photos", "--count", 2, "--side", 64, "--heads", "3b", "--json", folder / "found.json",
               "--sheet", folder / "sheet.jpg", folder / "net.safetensors", folder / "third.safetensors",
               folder / "run/state.pt")
    # The third differs at 4c alone
    assert "3b minus" in said and "+0.000 (paired standard error 0.000)" in said, said
    first, third, state = (one["3b"]["each"] for one in json.loads((folder / "found.json").read_text()).values())
    assert first == third and np.allclose(first, state, atol=0.3), (first, third, state)


def check_errors(folder):
    """Bad input is one line that names it."""
    empty, nothing, text = folder / "empty", folder / "nothing", folder / "text.pt"
    empty.mkdir()
    text.write_text("no state")
    torch.save({"other": 1}, folder / "other.pt")
    np.savez(folder / "none.npz", bytes=np.zeros(0, np.uint8), ends=np.zeros(0, np.int64))
    net, teacher = folder / "net.safetensors", folder / "teacher.safetensors"
    data = ["--data", folder / "data", "--count", 1]
    tiny = ["--data", folder / "data", "--side", 64, "--batch", 2, "--out"]
    for program, words, expected in (
            (train, ["--data", nothing, "--out", folder / "bad"], "nothing: no such folder; prepare.py writes it"),
            (train, ["--data", empty, "--out", folder / "bad"], "teacher.safetensors: no such file"),
            (train, [*tiny, folder / "run"], "a student of other widths"),
            (train, [*tiny, folder / "bad", "--start", text], "text.pt: not a file that torch.save() wrote"),
            (train, [*tiny, folder / "bad", "--start", net], "a network of other widths or heads"),
            (prepare, ["--photos", nothing, "--teacher", teacher, "--out", empty], "nothing: no such folder"),
            (prepare, ["--photos", empty, "--teacher", teacher, "--out", empty], "INDEX.md: no such file"),
            (prepare, ["--photos", folder / "photos", "--teacher", net, "--out", empty], "not GoogLeNet"),
            (judge, [net, *data, "--pictures", empty], "empty: no pictures in it"),
            (judge, [net, *data, "--pictures", folder / "none.npz"], "none.npz: no pictures in it"),
            (judge, [folder / "other.pt", *data], "other.pt: not a state of a training run"),
            (judge, [teacher, *data], "not a network that train.py or export.py wrote"),
            (export, [nothing, folder / "x.safetensors", "--name", "x"], "nothing: no such file"),
            (export, [text, folder / "x.safetensors", "--name", "x"], "not a file that torch.save() wrote"),
            (export, [net, folder / "x.safetensors", "--name", "x", "--mean-with", teacher], "other widths or heads")):
        sys.argv = [program.__file__, *map(str, words)]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                errors.run(program.main)
        except SystemExit as ended:
            said = str(ended.code)
            assert expected in said and "\n" not in said, (expected, said)
        else:
            raise SystemExit(f"no error for {words}")


def check_reverie_4(folder):
    """Its state opens, and gives its file's tensors but for what lies between the last weights and their average."""
    state, file = shared / "network/state.pt", shared / "network/reverie-4.safetensors"
    if not state.is_file() or not file.is_file():
        print(f"SKIPPED: reverie-4: {state} is not here")
        return
    student, flat = checkpoint.open_student(state)
    arrays, (_, wanted) = student.file_arrays(flat), native_file.read(file)
    assert arrays.keys() == wanted.keys()
    worst = max(float(np.linalg.norm(arrays[name] - wanted[name]) / np.linalg.norm(wanted[name])) for name in wanted)
    print(f"reverie-4: its state is {worst:.1e} from its file, in the norm of the worst tensor")
    assert worst < 3e-3, worst
    export.write_network(folder / "reverie-4.safetensors", "reverie-4", wanted, HEADS)
    graph = native_file.read(folder / "reverie-4.safetensors")[0]
    assert graph["layers"] == native_file.read(file)[0]["layers"]


def main():
    torch.manual_seed(0)
    random.seed(0)
    with tempfile.TemporaryDirectory(prefix="reverie-train-") as name:
        folder = pathlib.Path(name)
        write_teacher(folder / "teacher.safetensors")
        check_teacher(folder)
        check_matched_gradients(folder)
        check_convolution_by_blocks()
        check_optimizer()
        check_credits()
        check_prepare(folder)
        check_pictures(folder)
        check_training(folder)
        check_trainer(folder)
        check_graphs()
        check_export(folder)
        check_judge(folder)
        check_errors(folder)
        check_reverie_4(folder)


main()
