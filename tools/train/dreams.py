"""Climbing a network's activation: by batches for training pictures, classically for judging.

An `activation` is a function from pictures [N,3,H,W], 0..255, to channels [N,C,h,w].
"""

import math
import random

import numpy as np
import torch
import torch.nn.functional as F


def some_channels(count, channels, device):
    """Weights [count,channels,1,1]: of all channels, or of one or a few."""
    weights = torch.ones(count, channels, 1, 1)
    for one in weights:
        kind = random.random()
        if kind < 0.6:
            continue
        chosen = 1 if kind < 0.82 else random.choice((2, 4, 16, 64))
        one.zero_()
        one[torch.randperm(channels)[:chosen]] = 1
    return weights.to(device)


def objective(a, weights=1):
    """0.5*sum(weights*a^2), and a small linear part that lets channels that sleep wake up."""
    a = a.float()
    return (0.5 * a * a * weights).sum() + 0.01 * (a * weights).sum()


def slope(activation, pictures, weights=1):
    """d(objective)/d(pictures)."""
    pictures = pictures.detach().requires_grad_(True)
    return torch.autograd.grad(objective(activation(pictures), weights), pictures)[0].float()


def step(pictures, gradient, size):
    mean = gradient.abs().mean((1, 2, 3), keepdim=True) + 1e-12
    return (pictures + gradient * (size / mean)).clamp(0, 255)


def climb(activation, pictures, steps, weights, size):
    """Steps with jitter, each batch rolled as one."""
    for _ in range(steps):
        roll = random.randint(-16, 16), random.randint(-16, 16)
        rolled = torch.roll(pictures, roll, (2, 3))
        rolled = step(rolled, slope(activation, rolled, weights), size)
        pictures = torch.roll(rolled, (-roll[0], -roll[1]), (2, 3))
    return pictures


def resize(pictures, height, width):
    return F.interpolate(pictures, (height, width), mode="bilinear", align_corners=True)


def classic(activation, picture, seed=0, iterations=10, octaves=4, scale=1.4, jitter=32, size=1.5):
    """The dream by which fidelity is measured."""
    generator = np.random.RandomState(seed)
    sizes = [picture]
    for _ in range(octaves - 1):
        height, width = sizes[-1].shape[2:]
        sizes.append(resize(sizes[-1], round(height / scale), round(width / scale)))
    detail = torch.zeros_like(sizes[-1])
    for base in reversed(sizes):
        dreamed = base + resize(detail, *base.shape[2:])
        for _ in range(iterations):
            x, y = (int(v) for v in generator.randint(-jitter, jitter + 1, 2))
            rolled = torch.roll(dreamed, (x, y), (3, 2))
            rolled = step(rolled, slope(activation, rolled), size)
            dreamed = torch.roll(rolled, (-x, -y), (3, 2))
        detail = dreamed - base
    return dreamed


def step_size():
    return math.exp(random.uniform(math.log(0.7), math.log(4)))
