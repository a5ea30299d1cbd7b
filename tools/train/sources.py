"""Training pictures: crops of stored pictures by whole batches, under heavy variation.

What chance decides of each picture is drawn by numpy and sent to the device at once; nothing loops over pictures.
"""

import concurrent.futures
import io
import math

import augmentation
import numpy as np
import torch
from augmentation import send
from errors import BadInput, load_npz
from PIL import Image

PYRAMID_STEP = 1.41  # between levels
SMALLEST_PX = 100


def write_jpegs(images, path, quality=92):
    """One .npz file of JPEGs: `bytes`, and `ends`, where each of them ends."""
    blobs = []
    for image in images:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True)
        blobs.append(np.frombuffer(out.getvalue(), np.uint8))
    np.savez(path, bytes=np.concatenate(blobs), ends=np.cumsum([len(blob) for blob in blobs]))


def read_jpegs(path, limit=None):
    """The pictures that write_jpegs() stored, still compressed, `limit` of them at most.

    Errors: BadInput where there is no such file, or no picture in it.
    """
    raw, ends = load_npz(path, ("bytes", "ends"), "prepare.py writes it")
    ends = ends.tolist()
    blobs = [raw[a:b].tobytes() for a, b in zip([0, *ends[:-1]], ends)][:limit]
    if not blobs:
        raise BadInput(f"{path}: no pictures in it; prepare.py writes it")
    return blobs


def decode(blob):
    return Image.open(io.BytesIO(blob)).convert("RGB")


def pyramid(blob):
    """The levels of a JPEG, each PYRAMID_STEP smaller than the one before, as uint8 arrays [H,W,3]."""
    image = decode(blob)
    levels = [np.asarray(image)]
    while min(image.size) >= SMALLEST_PX * PYRAMID_STEP:
        image = image.resize((round(image.width / PYRAMID_STEP), round(image.height / PYRAMID_STEP)), Image.LANCZOS)
        levels.append(np.asarray(image))
    return levels


def reflected(at, extent):
    """Positions as positions within 0..extent-1, reflected at both ends."""
    most = extent - 1
    at = torch.remainder(at.abs(), 2 * most)
    return torch.minimum(torch.where(at > most, 2 * most - at, at), most)


class Sources:
    """Pictures and their smaller levels, all in one tensor of pixels on the device."""

    def __init__(self, sets, device, seed=0, threads=4, limit=None):
        """`sets`: [(file of JPEGs, its share of the samples)].

        Errors: BadInput as read_jpegs().
        """
        self.device, self.random = device, np.random.RandomState(seed)
        pyramids, chances = [], []
        with concurrent.futures.ThreadPoolExecutor(threads) as workers:
            for path, share in sets:
                pictures = list(workers.map(pyramid, read_jpegs(path, limit)))
                pyramids += pictures
                chances += [share / len(pictures)] * len(pictures)
        self.count, self.chances = len(pyramids), np.cumsum(chances) / sum(chances)
        self.levels = np.array([len(levels) for levels in pyramids])
        shape = self.count, self.levels.max()
        self.starts, self.widths, self.heights = (np.zeros(shape, np.int64) for _ in range(3))
        at, pixels = 0, []
        for row, levels in enumerate(pyramids):
            for column, level in enumerate(levels):
                self.starts[row, column] = at
                self.heights[row, column], self.widths[row, column] = level.shape[:2]
                at += level.shape[0] * level.shape[1]
                pixels.append(level.reshape(-1, 3))
        self.pixels = torch.from_numpy(np.concatenate(pixels)).to(device)

    def sample(self, count, height, width=None):
        """[count,3,height,width] in 0..255: recoloured crops, some of them collages, blurred, grainy, or noise."""
        pictures = self._crops(count, height, width or height)
        return augmentation.augmented(pictures, self.random)

    def _choose(self, count, height, width):
        """By chance for each crop: its level (start, width, height), the matrix from crop to level, its centre."""
        r = self.random
        rows = np.searchsorted(self.chances, r.rand(count)).clip(0, self.count - 1)
        # Source pixels at the first level for one of the crop's
        fitting = np.minimum(self.heights[rows, 0] / height, self.widths[rows, 0] / width)
        widest = np.maximum(fitting * 1.1, 0.75)
        zoom = np.exp(np.log(0.6) + (np.log(widest) - np.log(0.6)) * r.rand(count) ** 0.8)
        level = np.clip(np.round(np.log(zoom) / math.log(PYRAMID_STEP)), 0, self.levels[rows] - 1).astype(int)
        zoom = zoom / PYRAMID_STEP ** level
        start, w, h = (table[rows, level] for table in (self.starts, self.widths, self.heights))
        # Rotation, aspect, shear and mirror
        angle = np.where(r.rand(count) < 0.75, r.randn(count) * 0.2, r.uniform(-math.pi, math.pi, count))
        aspect, shear = np.exp(r.randn(count) * 0.12), r.randn(count) * 0.08
        mirror = np.where(r.rand(count) < 0.5, -1, 1)
        c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
        matrix = np.stack([c * aspect * mirror, -s + shear * zoom, s * mirror * aspect, c], 1)
        # A centre from which the crop does not leave the picture, or the middle
        centre = []
        for extent, one, other in ((w, 0, 1), (h, 2, 3)):
            half = (np.abs(matrix[:, one]) * width + np.abs(matrix[:, other]) * height) / 2
            low, high = np.minimum(half, extent / 2), np.maximum(extent - half, extent / 2)
            centre.append(low + (high - low) * r.rand(count))
        return start, w, h, matrix, centre

    def _crops(self, count, height, width):
        """[count,3,height,width] in 0..255, by bilinear interpolation; pictures are reflected at their borders."""
        start, w, h, matrix, (x, y) = self._choose(count, height, width)
        sent = send(np.stack([*matrix.T, x, y, w, h], 1).astype(np.float32), self.device)
        a, b, c, d, x, y, w, h = (v.reshape(-1, 1, 1) for v in sent.unbind(1))
        start, stride = send(start, self.device).reshape(-1, 1, 1), w.long()
        v, u = torch.meshgrid(torch.arange(height, device=self.device) + 0.5 - height / 2,
                              torch.arange(width, device=self.device) + 0.5 - width / 2, indexing="ij")
        at_x, at_y = reflected(x + a * u + b * v - 0.5, w), reflected(y + c * u + d * v - 0.5, h)
        left, top = at_x.floor(), at_y.floor()
        part_x, part_y = (at_x - left)[..., None], (at_y - top)[..., None]
        left, top = left.long(), top.long()
        right, below = torch.minimum(left + 1, w.long() - 1), torch.minimum(top + 1, h.long() - 1)

        def row(number):
            first = start + number * stride
            one, other = self.pixels[first + left].float(), self.pixels[first + right].float()
            return one + (other - one) * part_x

        upper, lower = row(top), row(below)
        return (upper + (lower - upper) * part_y).permute(0, 3, 1, 2).contiguous()
