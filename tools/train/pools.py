"""The pictures that a student is trained on: fresh ones, and ones that were dreamed, for each head.

Most of them the student dreamed itself, in whole dreams, since that is where users take it; the teacher says what is
right there, so that the student cannot fool itself.
"""

import math
import random

import dreams
import googlenet
import losses
import torch

# How often gradients are matched, and pictures dreamed, at each head
HEAD_CHANCES = {"3b": 0.18, "4a": 0.08, "4b": 0.08, "4c": 0.34, "4d": 0.11, "4e": 0.12, "5b": 0.09}
DREAM_SIZES = [(320, 240), (240, 320), (256, 256)]  # px
OCTAVES = (4, 4, 4, 4, 4, 4, 3, 2, 1, 1)  # one of them by chance
STEP_SIZES = 0.7, 4  # grey levels; between them, evenly in the logarithm


def random_head():
    return random.choices(list(HEAD_CHANCES), list(HEAD_CHANCES.values()))[0]


def random_channels(count, channels, device):
    """Weights 0 or 1, [count,channels,1,1]: of all channels, of one, or of a few."""
    kind = torch.rand(count, device=device)
    power = torch.randint(0, 4, (count,), device=device).float()
    few = 4 ** power.clamp(min=0.5)  # 2, 4, 16 or 64
    chosen = torch.where(kind < 0.65, float(channels), torch.where(kind < 0.82, 1.0, few))
    rank = torch.rand(count, channels, device=device).argsort(1).argsort(1)
    return (rank < chosen[:, None]).float()[:, :, None, None]


class Pool:
    """Dreamed pictures of one head, uint8 on the device; the oldest make room."""

    def __init__(self, capacity, side_px, channels, device):
        self.pictures = torch.zeros(capacity, 3, side_px, side_px, dtype=torch.uint8, device=device)
        self.channels = torch.zeros(capacity, channels, dtype=torch.bool, device=device)
        self.capacity, self.next, self.filled = capacity, 0, 0

    def insert(self, pictures, channel_weights):
        count = len(pictures)
        if self.next + count > self.capacity:
            self.next = 0  # the few at the end stay a little longer
        at = slice(self.next, self.next + count)
        self.pictures[at] = pictures.round().clamp(0, 255).to(torch.uint8)
        self.channels[at] = channel_weights.flatten(1) > 0
        self.next += count
        self.filled = max(self.filled, self.next)


class TrainingPictures:
    """Fresh pictures and a Pool for each head, with a batch of dreams under way at each.

    `settings`: side_px, fresh (how many are kept), pool (capacity), dreams (in a batch), taken (of them into the pool
    at each step), dream_sizes.
    """

    def __init__(self, sources, teacher, student, settings, device):
        self.sources, self.teacher, self.student = sources, teacher, student
        self.settings, self.device = settings, device
        side = settings.side_px
        self.fresh = torch.zeros(settings.fresh, 3, side, side, dtype=torch.uint8, device=device)
        self.next_fresh = 0
        self.pools = {head: Pool(settings.pool, side, channels, device) for head, channels in googlenet.HEADS.items()}
        self.restart()
        for _ in range(0, settings.fresh, 256):
            self.refresh(256)

    def restart(self):
        """Begins all dreams anew."""
        self.dreams = {head: self._dreams(head) for head in googlenet.HEADS}

    def refresh(self, count):
        """Replaces the oldest `count` fresh pictures."""
        at = slice(self.next_fresh, min(self.next_fresh + count, len(self.fresh)))
        sample = self.sources.sample(at.stop - at.start, self.settings.side_px)
        self.fresh[at] = sample.round().to(torch.uint8)
        self.next_fresh = at.stop % len(self.fresh)

    def dream(self, head):
        """One step of the batch of dreams at a head; parts of what it passed go to the pool."""
        # Sizes change from octave to octave: to search for the fastest algorithms at each costs more than it gains
        benchmark, torch.backends.cudnn.benchmark = torch.backends.cudnn.benchmark, False
        try:
            next(self.dreams[head])
        finally:
            torch.backends.cudnn.benchmark = benchmark

    def _dreams(self, head):
        """Endless: whole dreams, a step of a batch of them at a time."""
        settings = self.settings
        while True:
            height, width = random.choice(settings.dream_sizes)
            by_teacher = random.random() < (0.1 if self.student.frozen else 0.35)
            channel_weights = random_channels(settings.dreams, googlenet.HEADS[head], self.device)
            low, high = (math.log(size) for size in STEP_SIZES)
            step_size = torch.exp(low + torch.rand(settings.dreams, 1, 1, 1, device=self.device) * (high - low))

            def activation(pictures):
                x = googlenet.normalised(pictures, self.student.dtype)
                if by_teacher:
                    return self.teacher.activation(x, head)
                with torch.no_grad():
                    tensors = self.student.folded_tensors()
                return self.student.activation(tensors, x, head)

            states = dreams.dream_states(
                lambda x: losses.objective_gradient(activation, x, channel_weights),
                self.sources.sample(settings.dreams, height, width),
                lambda: (random.randint(-dreams.JITTER, dreams.JITTER), random.randint(-dreams.JITTER, dreams.JITTER)),
                octaves=random.choice(OCTAVES), step_size=step_size)
            for pictures in states:
                first = random.randint(0, settings.dreams - settings.taken)
                chosen = slice(first, first + settings.taken)
                parts = dreams.crop_somewhere(pictures[chosen], settings.side_px, self.sources.random)
                self.pools[head].insert(parts, channel_weights[chosen])
                yield

    def batch(self, head, count, fresh_share):
        """(normalised pictures, channel weights [count,C,1,1]) for a head; `fresh_share` of them were not dreamed."""
        pool = self.pools[head]
        fresh = round(count * fresh_share) if pool.filled >= 2 * self.settings.taken else count
        pictures = self.fresh[torch.randint(0, len(self.fresh), (fresh,), device=self.device)]
        channel_weights = random_channels(count, googlenet.HEADS[head], self.device)
        if fresh < count:
            rows = torch.randint(0, pool.filled, (count - fresh,), device=self.device)
            pictures = torch.cat([pictures, pool.pictures[rows]])
            # Mostly the channels that they were dreamed with
            keep = torch.rand(count - fresh, 1, 1, 1, device=self.device) < 0.85
            dreamed_with = pool.channels[rows].float()[:, :, None, None]
            channel_weights[fresh:] = torch.where(keep, dreamed_with, channel_weights[fresh:])
        if random.random() < 0.5:
            pictures = pictures.flip(3)
        return googlenet.normalised(pictures.float(), self.student.dtype), channel_weights
