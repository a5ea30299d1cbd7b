"""A training run: schedule, steps, checkpoints, reports."""

import json
import math
import random
import time

import checkpoint
import export
import googlenet
import judge
import losses
import native_file
import numpy as np
import pools
import torch
from augmentation import send
from errors import BadInput
from graphs import GraphedStep
from optimizer import AdamW
from student import Student

WARM_UP_STEPS = 200  # in which the learning rate rises
REFRESH_EVERY, REFRESH_SHARE = 8, 0.35  # steps; fresh pictures for each picture trained on since
SAVE_EVERY_S = 60
JUDGED_BETWEEN = ("4c", "3b")  # heads


class Trainer:
    """One run. `options` as in train.py; `log` prints a line.

    Batch norms learn at first, from activations alone; then they are frozen, and gradients are matched. The learning
    rate falls to zero along a cosine. `average` is the average of the weights, which ships.
    """

    def __init__(self, options, device, sources, teacher, start_s, log):
        self.options, self.device, self.sources, self.teacher, self.log = options, device, sources, teacher, log
        self.start_s = start_s  # of the clock, as time.time()
        self.heads = list(googlenet.HEADS)
        widths = googlenet.uniform_widths(options.trial_width) if options.trial_width else None
        dtype = torch.bfloat16 if options.bfloat16 else torch.float32
        self.student = Student(device, dtype, widths, space_to_depth=device.type == "cuda")
        self.student.flat.requires_grad_(True)
        self.average = self.student.flat.detach().clone()
        decays = torch.zeros(self.student.layout.total, device=device)
        decays[:self.student.layout.weights_end] = 1
        self.optimizer = AdamW(self.student.flat.detach(), decays, options.decay, len(self.heads))
        self.batch, self.step, self.frozen_at, self.rate_halvings = options.batch, 0, 0, 0
        self.ending, self.sums, self.good, self.pictures, self.judge = False, {}, None, None, None
        self.step_at_head = GraphedStep(self._step_at_head) if options.cuda_graphs and device.type == "cuda" \
            else self._step_at_head

    # ------------------------------------------------------------------------------------- begin and resume
    def begin(self):
        """From random weights, or from --start."""
        start = self.options.start
        with torch.no_grad():
            self.student.flat.copy_(self.student.layout.initial(self.options.seed))
        if start and start.suffix == ".safetensors":
            self._measure_scales()
            try:
                self.student.adopt(native_file.read(start)[1])
            except BadInput as error:
                raise BadInput(f"{start}: {error}") from None
        elif start:
            state = checkpoint.load(start)
            self._load_student(start, state)
            if "average" in state and self.student.frozen:
                with torch.no_grad():
                    self.student.flat.copy_(state["average"])
        else:
            self._measure_scales()
        self.average.copy_(self.student.flat.detach())
        if self.student.frozen:
            self.optimizer.rate_factors = self._rate_factors()

    def load(self, path, state):
        """Resumes from a checkpoint of this run.

        Errors: BadInput where it is of a student of other widths, or no checkpoint.
        """
        self._load_student(path, state)
        try:
            self.average.copy_(state["average"])
            self.optimizer.load_state(state["optimizer"])
            self.step, self.frozen_at = state["step"], state["frozen_at"]
            self.rate_halvings = state["rate_halvings"]
            self.start_s -= state["elapsed_ms"] / 1000
        except KeyError:
            raise BadInput(f"{path}: not a state that a run can resume from; "
                           "name it by --start, and an empty --out") from None
        if self.student.frozen:
            self.optimizer.rate_factors = self._rate_factors()
        self.log(f"resuming from step {self.step}, {self.elapsed_s():.0f} s into the run")

    def _load_student(self, path, state):
        try:
            self.student.load_state(state["student"])
        except BadInput as error:
            raise BadInput(f"{path}: {error}; expected one of the same options") from None

    def _measure_scales(self):
        side, count = self.options.side_px, min(64, self.batch)
        batches = (googlenet.normalised(self.sources.sample(count, side), self.student.dtype) for _ in range(4))
        for head, scale in losses.measure_scales(self.teacher, batches, self.heads).items():
            self.student.scales[head].copy_(scale)

    def prepare(self):
        """The first pictures, and the judge; takes seconds, on a CPU perhaps minutes."""
        self.pictures = pools.TrainingPictures(self.sources, self.teacher, self.student, self.options, self.device)
        if self.options.judge_heads:
            self.judge = judge.Judge(self.options.data, self.device, count=self.options.judge_pictures)
        self.log("pictures ready")

    # ------------------------------------------------------------------------------------------- schedule
    def elapsed_s(self):
        return time.time() - self.start_s

    def progress(self):
        """How much of the run is over, 0..1."""
        by_time = self.elapsed_s() / max(1e-3, 60 * self.options.minutes - self.options.reserve)
        by_steps = self.step / self.options.steps if self.options.steps else 0
        return min(1, max(by_time, by_steps))

    def rate(self, progress):
        highest = self.options.rate * 0.5 ** self.rate_halvings
        warm_up = min(1, (self.step - self.frozen_at + 1) / WARM_UP_STEPS)
        return highest * warm_up * 0.5 * (1 + math.cos(math.pi * progress))

    def freeze(self):
        self.student.freeze()
        self.average.copy_(self.student.flat.detach())
        self.optimizer.restart()
        self.optimizer.rate_factors = self._rate_factors()
        self.frozen_at = self.step
        self.log(f"batch norms frozen at step {self.step}")
        self.sums, self.good = {}, None

    def _rate_factors(self):
        """For each parameter. AdamW moves one that every tenth step needs as far as others in three: less, here."""
        chances, layout = pools.HEAD_CHANCES, self.student.layout
        of_block = {block: sum(chance for head, chance in chances.items()
                               if googlenet.BLOCKS.index(head) >= googlenet.BLOCKS.index(block))
                    for block in googlenet.BLOCKS}
        of_head = {head: chance + self.options.lower_heads * (of_block[head] - chance)
                   for head, chance in chances.items()}
        factors = torch.ones_like(self.average)
        for name, size in layout.sizes.items():
            kind, *rest = name.split("/")
            if kind == "head" or (kind == "bias" and rest[-1] in of_head):
                chance = of_head[rest[-1]]
            else:
                chance = next((of_block[part] for part in name.split("/") if part in of_block), 1)
            factors[layout.starts[name]:layout.starts[name] + size] = min(1, chance) ** 0.5
        return factors

    # ---------------------------------------------------------------------------------------------- steps
    def train_step(self):
        """Returns the learning rate."""
        options = self.options
        progress = self.progress()
        if not self.student.frozen and progress >= options.freeze:
            self.freeze()
        if self.step % REFRESH_EVERY == 0:
            self.pictures.refresh(max(8, round(REFRESH_EVERY * self.batch * REFRESH_SHARE)))
        if self.step % options.dream_every == 0:
            self.pictures.dream(pools.random_head())
        gradient, kind = self.matching_step() if self.student.frozen else self.batch_norm_step()
        rate = self.rate(progress)
        self.optimizer.step(gradient, rate, kind)
        since = self.step - self.frozen_at
        with torch.no_grad():
            self.average.lerp_(self.student.flat.detach(), max(0.002, 1 / (2 + 0.1 * since)))
        self.step += 1
        return rate

    def batch_norm_step(self):
        """(gradient, its kind): activations only, while batch norms learn."""
        x, _ = self.pictures.batch(pools.random_head(), self.batch, 0.6)
        gradient, errors = losses.batch_norm_step(self.student, self.teacher, x, self.heads)
        for head, error in errors.items():
            self._note("error " + head, error)
        return gradient, 0

    def matching_step(self, head=None):
        """(gradient, its kind): activations at a head and some lower ones, and the gradient at that head."""
        head = head or pools.random_head()
        x, channel_weights = self.pictures.batch(head, self.batch, self.options.fresh_share)
        lower = self.heads[:self.heads.index(head)]
        counts = [float(random.random() < self.options.lower_heads) for _ in lower] + [1.0]
        if self.step_at_head == self._step_at_head:
            # Heads that do not count need not be computed
            heads = [one for one, weight in zip(self.heads, counts) if weight]
            weights = torch.ones(len(heads), device=self.device)
            gradient, found, cosine = self._step(heads, x, channel_weights, weights)
        else:
            heads, weights = [*lower, head], send(np.array(counts, np.float32), self.device)
            gradient, found, cosine = self.step_at_head(head, x, channel_weights, weights)
        for one, error in zip(heads, found):
            self._note("error " + one, error)
        self._note("cosine " + head, cosine)
        return gradient, self.heads.index(head)

    def _step_at_head(self, head, x, channel_weights, head_weights):
        """Always the same work for a head, as a CUDA graph needs it: lower heads that do not count weigh nothing."""
        return self._step(self.heads[:self.heads.index(head) + 1], x, channel_weights, head_weights)

    def _step(self, heads, x, channel_weights, head_weights):
        gradient, found, cosine = losses.matching_step(self.student, self.teacher, x, channel_weights, heads,
                                                       head_weights, self.options.gradient_weight)
        return gradient, torch.stack([found[head] for head in heads]), cosine

    def _note(self, name, value):
        total, count = self.sums.get(name, (0, 0))
        self.sums[name] = total + value, count + 1

    # ------------------------------------------------------------------------------------------------ run
    def end(self, *_):
        """After this step; for signals."""
        self.ending = True

    def run(self):
        """To the end of the run, or until end()."""
        self.prepare()
        reported = saved = judged = time.time()
        steps, rate = 0, 0
        while not self.ending and self.progress() < 1:
            try:
                rate = self.train_step()
                steps += 1
                short_of_memory = False
            except RuntimeError as error:
                short_of_memory = "out of memory" in str(error) and self.batch > 8
                if not short_of_memory:
                    raise
            if short_of_memory:  # here, since the error held on to tensors
                self._halve_batch()
            now = time.time()
            if now - reported >= self.options.report_every:
                self.report(now - reported, steps, rate)
                reported, steps = now, 0
            if now - saved >= SAVE_EVERY_S:
                self.save()
                saved = now
            if self.student.frozen and now - judged >= self.options.judge_every:
                self.fidelity([head for head in JUDGED_BETWEEN if head in self.options.judge_heads])
                judged = time.time()
        self.report(max(1e-3, time.time() - reported), steps, rate)
        self.save()
        if self.ending:
            self.log(f"ended at step {self.step}; the same command resumes it")
            return
        self.finish()

    def _halve_batch(self):
        self.batch //= 2
        self.pictures.restart()
        if isinstance(self.step_at_head, GraphedStep):
            self.step_at_head.reset()
        torch.cuda.empty_cache()
        self.log(f"out of memory: batch {self.batch} from here")

    def report(self, seconds, steps, rate):
        means = {name: float(total) / count for name, (total, count) in self.sums.items()}
        filled = [pool.filled for pool in self.pictures.pools.values()]
        memory = torch.cuda.max_memory_allocated() / 2 ** 30 if self.device.type == "cuda" else 0
        self.log(f"step {self.step}, {100 * self.progress():.0f} %, {steps / seconds:.2f} steps/s, batch {self.batch}, "
                 f"rate {rate:.1e}, {memory:.1f} GiB, pools {filled} | "
                 + ", ".join(f"{name} {mean:.3f}" for name, mean in sorted(means.items())))
        self.sums = {}
        found = [mean for name, mean in means.items() if name.startswith("error")]
        if found:
            self._guard(float(np.mean(found)))

    def _guard(self, error):
        """Back to the last good state, and slower, should the run fly off."""
        best = self.good[0] if self.good else math.inf
        if math.isfinite(error) and error < 3 * best + 0.5:
            self.good = min(best, error), self.student.flat.detach().clone(), self.average.clone(), self.student.frozen
        elif self.good and self.good[3] == self.student.frozen:
            self.log(f"error {error:.3g} after {best:.3g}: back to the last good state, at half the learning rate")
            with torch.no_grad():
                self.student.flat.copy_(self.good[1])
                self.average.copy_(self.good[2])
            self.optimizer.restart()
            self.rate_halvings += 1
            self.frozen_at = self.step

    # ------------------------------------------------------------------------------------ files and judging
    def save(self):
        """OUT/state.pt and OUT/NAME.safetensors."""
        out, name = self.options.out, self.options.name
        checkpoint.save(out / "state.pt", {
            "step": self.step, "elapsed_ms": round(1000 * self.elapsed_s()), "frozen_at": self.frozen_at,
            "rate_halvings": self.rate_halvings, "student": self.student.state(), "average": self.average.cpu(),
            "optimizer": self.optimizer.state()})
        arrays = self.student.file_arrays(self.average)
        export.write_network(out / f"{name}.safetensors", name, arrays, self.heads)

    def fidelity(self, heads, kept=None):
        """{head: {"mean", "standard_error", "each"}} of the average of the weights; `kept` gets the dreams."""
        student, found = self.student, {}
        dtype, student.dtype = student.dtype, torch.float32
        benchmark, torch.backends.cudnn.benchmark = torch.backends.cudnn.benchmark, False
        try:
            with torch.no_grad():
                tensors = student.folded_tensors(self.average)
            for head in heads:
                fidelities = self.judge.fidelities(
                    lambda x: student.activation(tensors, googlenet.normalised(x, torch.float32), head), head, kept)
                found[head] = judge.summary(fidelities)
                self.log(judge.line("average", head, found[head]))
        finally:
            student.dtype, torch.backends.cudnn.benchmark = dtype, benchmark
        return found

    def finish(self):
        """Judges the network at each head: OUT/fidelity.json, and OUT/sheet.jpg with its dreams."""
        kept = {}
        found = self.fidelity(self.options.judge_heads, kept)
        (self.options.out / "fidelity.json").write_text(json.dumps(found, indent=1) + "\n")
        if kept:
            judge.write_sheet(kept, self.options.out / "sheet.jpg")
        self.log("finished " + " ".join(f"{head} {one['mean']:.3f}" for head, one in found.items()))
