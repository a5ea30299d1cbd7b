"""Variation of training pictures by whole batches: colours, collages, blur, grain, noise.

`random` is a numpy RandomState; what it decides of each picture is sent to the device in one piece.
"""

import numpy as np
import torch
import torch.nn.functional as F


def send(array, device):
    """A numpy array to the device, without waiting for what the device is busy with."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def augmented(pictures, random):
    """[N,3,H,W] in 0..255, of pictures in 0..255."""
    count, _, height, width = pictures.shape
    x = collaged(recoloured(pictures, random), random)
    blurred = torch.rand(count, 1, 1, 1, device=x.device) < 0.08
    x = torch.where(blurred, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), x)
    grain = np.where(random.rand(count) < 0.15, random.uniform(2, 20, count), 0).astype(np.float32)
    x = x + torch.randn_like(x) * send(grain, x.device).reshape(-1, 1, 1, 1)
    noisy = random.binomial(count, 0.03)
    if noisy:
        x[:noisy] = coloured_noise(noisy, height, width, random, x.device)
    return x.clamp_(0, 255)


def recoloured(x, random):
    """Other hues, saturation, contrast and brightness; a quarter of the pictures stay as they are."""
    count, _, height, width = x.shape
    mix = np.eye(3) + 0.08 * random.randn(count, 3, 3)
    order = np.argsort(random.rand(count, 3), 1)
    shuffled = np.take_along_axis(mix, order[:, :, None], 1)
    mix = np.where((random.rand(count) < 0.12)[:, None, None], shuffled, mix)
    saturation = np.where(random.rand(count) < 0.93, np.exp(random.randn(count) * 0.3), 0)[:, None, None]
    grey = np.full((3, 3), 1 / 3)
    contrast = np.exp(random.randn(count) * 0.3)[:, None, None]
    mix = (grey + (np.eye(3) - grey) * saturation) @ mix * contrast
    brightness = np.exp(random.randn(count) * 0.1)[:, None]
    shift = random.randn(count, 1) * 16 + 8 * random.randn(count, 3)
    same = random.rand(count) < 0.25
    mix[same], brightness[same], shift[same] = np.eye(3), 1, 0
    sign = np.where(~same & (random.rand(count) < 0.05), -1.0, 1.0)[:, None]
    sent = send(np.concatenate([mix.reshape(count, 9), brightness, shift, sign], 1).astype(np.float32), x.device)
    mix, brightness, shift, sign = sent[:, :9].reshape(-1, 3, 3), sent[:, 9:10], sent[:, 10:13], sent[:, 13:]
    # mix * (x - mean) + mean * brightness + shift
    mean = x.mean((2, 3))
    offset = mean * brightness + shift - torch.einsum("nij,nj->ni", mix, mean)
    x = torch.baddbmm(offset[:, :, None], mix, x.reshape(count, 3, -1)).reshape(count, 3, height, width)
    # Negatives
    x = x * sign[..., None, None] + 127.5 * (1 - sign[..., None, None])
    return x.clamp(0, 255)


def collaged(x, random):
    """A quarter of the pictures joined with their neighbour: a box of it, along a soft edge, or blended evenly."""
    count, _, height, width = x.shape
    kind = random.rand(count)
    rows = np.sort(random.randint(0, height, (count, 2)), 1)
    columns = np.sort(random.randint(0, width, (count, 2)), 1)
    steepness = np.where(random.rand(count) < 0.5, 3, 20)
    blend = np.where((kind > 0.2) & (kind < 0.24), random.uniform(0.2, 0.8, count), 1)
    soft, box = (kind > 0.1) & (kind < 0.2), kind < 0.1
    decided = np.concatenate([np.stack([steepness, blend, soft, box], 1), rows, columns], 1).astype(np.float32)
    steepness, blend, soft, box, top, bottom, left, right = (
        v.reshape(-1, 1, 1, 1) for v in send(decided, x.device).unbind(1))
    row = torch.arange(height, device=x.device).reshape(1, 1, -1, 1)
    column = torch.arange(width, device=x.device).reshape(1, 1, 1, -1)
    outside = 1 - box * ((row >= top) & (row < bottom) & (column >= left) & (column < right)).float()
    edge = torch.sigmoid(smooth_noise(count, 1, height, width, int(random.choice((3, 4, 6))), x.device) * steepness)
    share = torch.where(soft > 0, edge, blend * outside)
    return x * share + x.roll(1, 0) * (1 - share)


def smooth_noise(count, channels, height, width, cells, device):
    noise = torch.randn(count, channels, cells, cells, device=device)
    return F.interpolate(noise, (height, width), mode="bicubic", align_corners=False)


def coloured_noise(count, height, width, random, device):
    """[count,3,height,width] in 0..255: noise at several scales."""
    x = 128 + 30 * torch.randn(count, 3, 1, 1, device=device)
    for cells in (4, 10, 20, 40, 80):
        size = send(np.exp(random.randn(count) + 2.2).astype(np.float32), device)
        x = x + smooth_noise(count, 3, height, width, cells, device) * size.reshape(-1, 1, 1, 1)
    return (x + 9 * torch.randn_like(x)).clamp(0, 255)
