"""Training pictures: crops of photographs and of rendered patterns, under heavy variation."""

import io
import math
import pathlib
import random

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

# Never trained on: fidelity is measured on them. The sky is share-alike besides.
HELD_OUT = ["kodim19.png", "kodim20.png", "kodim21.png", "kodim22.png", "kodim23.png", "kodim24.png",
            "pop_sean-afnan-244576.jpg", "pop_tony-webster-97532.jpg"]
FORMAL = ("public domain", "CC0", "CDLA", "US Government")
LARGEST = 1400  # px, longer side


def licensed(folder):
    """The names in INDEX.md whose licence is a formal one that asks nothing of derived works."""
    names = []
    for line in (pathlib.Path(folder) / "INDEX.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 6 and any(word in cells[5] for word in FORMAL) and "Kodak" not in cells[5]:
            names.append(cells[0])
    return [name for name in names if name not in HELD_OUT]


def open_photo(path):
    image = Image.open(path)
    image.draft("RGB", (LARGEST, LARGEST))
    image = image.convert("RGB")
    if path.name.startswith("cameratrap"):  # caption strips
        image = image.crop((0, int(image.height * 0.04), image.width, int(image.height * 0.93)))
    image.thumbnail((LARGEST, LARGEST), Image.LANCZOS)
    return image


def to_tensor(image):
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def shrunk(image, side):
    """[1,3,H,W] of a picture whose longer side becomes `side`."""
    factor = side / max(image.size)
    size = round(image.width * factor), round(image.height * factor)
    return to_tensor(image.resize(size, Image.LANCZOS))[None].float()


class Sources:
    """Pictures as pyramids of uint8 [3,H,W], half an octave apart, on one device."""

    def __init__(self, images, device):
        self.device = device
        self.pyramids = [self.pyramid(image) for image in images]

    def pyramid(self, image):
        levels = []
        while min(image.size) >= 110:
            levels.append(to_tensor(image).to(self.device))
            image = image.resize((round(image.width / 1.41), round(image.height / 1.41)), Image.LANCZOS)
        return levels

    def crop(self, side):
        """[3,side,side] in 0..255: a place, scale, turn, shear and mirror by chance."""
        levels = random.choice(self.pyramids)
        # Smaller ones would be mostly mirrored
        level = random.choice([level for level in levels if min(level.shape[1:]) >= 0.75 * side] or levels[:1])
        height, width = level.shape[1:]
        zoom = math.exp(random.uniform(-0.45, 0.2))
        turn = random.gauss(0, 0.25) if random.random() < 0.7 else random.uniform(-math.pi, math.pi)
        aspect, shear = math.exp(random.gauss(0, 0.12)), random.gauss(0, 0.08)
        mirror = random.choice((-1, 1))
        c, s = math.cos(turn) * zoom, math.sin(turn) * zoom
        a = torch.tensor([[c * aspect * mirror, -s + shear * zoom], [s * mirror * aspect, c]]) * (side / 2)
        reach_x, reach_y = a.abs().sum(1).tolist()
        x = random.uniform(min(reach_x, width / 2), max(width - reach_x, width / 2))
        y = random.uniform(min(reach_y, height / 2), max(height - reach_y, height / 2))
        left, right = max(0, int(x - reach_x - 2)), min(width, int(x + reach_x + 3))
        top, bottom = max(0, int(y - reach_y - 2)), min(height, int(y + reach_y + 3))
        part = level[None, :, top:bottom, left:right].float()
        h, w = part.shape[2:]
        theta = torch.zeros(1, 2, 3)
        theta[0, 0, :2], theta[0, 1, :2] = a[0] * 2 / w, a[1] * 2 / h
        theta[0, 0, 2], theta[0, 1, 2] = (x - left) * 2 / w - 1, (y - top) * 2 / h - 1
        grid = F.affine_grid(theta, (1, 3, side, side), align_corners=False).to(self.device)
        return F.grid_sample(part, grid, padding_mode="reflection", align_corners=False)[0]

    def sample(self, side):
        """[3,side,side]: a crop, a collage of two, or noise."""
        if random.random() < 0.04:
            return coloured_noise(side, self.device)
        picture = recoloured(self.crop(side))
        if random.random() < 0.27:
            picture = collage(picture, recoloured(self.crop(side)))
        if random.random() < 0.1:
            picture = F.avg_pool2d(picture[None], 3, 1, 1, count_include_pad=False)[0]
        if random.random() < 0.15:
            picture = picture + torch.randn_like(picture) * random.uniform(2, 20)
        return picture.clamp(0, 255)


def part(picture, side):
    """[1,3,side,side] of a picture, from anywhere; a smaller one is mirrored at its edges."""
    height, width = picture.shape[2:]
    down, across = max(side - height, 0), max(side - width, 0)
    picture = F.pad(picture, (across // 2, across - across // 2, down // 2, down - down // 2), "reflect")
    y, x = (random.randint(0, extent - side) for extent in picture.shape[2:])
    return picture[:, :, y:y + side, x:x + side]


def smooth_noise(channels, side, cells, device):
    noise = torch.randn(1, channels, cells, cells, device=device)
    return F.interpolate(noise, (side, side), mode="bicubic", align_corners=False)[0]


def coloured_noise(side, device):
    picture = 128 + 30 * torch.randn(3, 1, 1, device=device)
    for cells in (4, 10, 20, 40, 80, side):
        picture = picture + smooth_noise(3, side, cells, device) * math.exp(random.gauss(2.2, 1))
    return picture.clamp(0, 255)


def recoloured(picture):
    if random.random() < 0.15:
        return picture
    mix = torch.eye(3) + 0.08 * torch.randn(3, 3)
    if random.random() < 0.15:
        mix = mix[torch.randperm(3)]
    saturation = math.exp(random.gauss(0, 0.3)) if random.random() < 0.9 else 0
    grey = torch.full((3, 3), 1 / 3)
    mix = ((grey + (torch.eye(3) - grey) * saturation) @ mix).to(picture.device)
    mean = picture.mean((1, 2), keepdim=True)
    shift = (random.gauss(0, 18) + 8 * torch.randn(3, 1, 1)).to(picture.device)
    picture = (torch.einsum("ij,jhw->ihw", mix, picture - mean) * math.exp(random.gauss(0, 0.35))
               + mean * math.exp(random.gauss(0, 0.1)) + shift)
    if random.random() < 0.05:
        picture = 255 - picture
    return picture.clamp(0, 255)


def collage(one, other):
    side = one.shape[1]
    kind = random.random()
    if kind < 0.4:
        top, bottom = sorted(random.sample(range(side), 2))
        left, right = sorted(random.sample(range(side), 2))
        joined = one.clone()
        joined[:, top:bottom, left:right] = other[:, top:bottom, left:right]
        return joined
    if kind < 0.8:
        edge = smooth_noise(1, side, random.choice((3, 4, 6)), one.device)
        share = torch.sigmoid(edge * random.choice((3, 20)))
    else:
        share = random.uniform(0.2, 0.8)
    return one * share + other * (1 - share)


def write_set(images, path):
    """One file of JPEGs that travels to another machine."""
    blobs = []
    for image in images:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=92)
        blobs.append(np.frombuffer(out.getvalue(), np.uint8))
    ends = np.cumsum([len(blob) for blob in blobs])
    np.savez(path, bytes=np.concatenate(blobs), ends=ends)


def read_set(path):
    stored = np.load(path)
    starts = [0, *stored["ends"][:-1]]
    return [Image.open(io.BytesIO(stored["bytes"][a:b].tobytes())).convert("RGB")
            for a, b in zip(starts, stored["ends"])]
