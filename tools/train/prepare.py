#!/usr/bin/env python3
"""Gathers what training needs into one folder, small enough to carry to another machine.

    reverie models convert bvlc_googlenet.caffemodel teacher.safetensors
    tools/train/prepare.py --photos PHOTOS [PHOTOS...] --teacher teacher.safetensors --out DATA

Each PHOTOS holds pictures and INDEX.md, a table of six columns: file, size, bytes, what it shows, where it is from, its
licence. Only photographs under a formal licence that asks nothing of derived works but attribution are taken. DATA gets
training.npz (JPEGs), training.txt (file and licence of each), patterns.npz (our own drawings), held-out.npz (what
fidelity is measured on) and teacher.safetensors (GoogLeNet to 5b in half precision).
"""

import argparse
import concurrent.futures
import io
import multiprocessing
import os
import pathlib
import random

import errors
import native_file
import numpy as np
import patterns
import sources
from errors import BadInput
from PIL import Image
from teacher import Teacher

HELD_OUT = pathlib.Path(__file__).with_name("held_out.txt")
COLUMNS = 6  # of INDEX.md
FORMAL = ("public domain", "Public Domain", "CC0", "CDLA", "US Government", "CC BY ", "MIT")
REFUSED = ("CC BY-SA", "CC BY SA", "CC-BY-SA", "BY-NC", "BY-ND", "NonCommercial", "ShareAlike", "Kodak", "GFDL")
LARGEST_PX, LARGEST_RATIO, SMALLEST_PX = 1400, 4, 110
TOO_ALIKE = 0.97  # correlation of fingerprints
# Pictures of these go first where not all have room
SUBJECTS = (
    "dog", "cat ", "cats", "bird", "fish", "animal", "horse", "cow", "sheep", "goat", "bear", "lion", "tiger", "monkey",
    "ape", "chimp", "insect", "beetle", "butterfly", "spider", "snake", "lizard", "frog", "turtle", "whale", "dolphin",
    "shark", "seal", "elephant", "giraffe", "zebra", "deer", "fox", "wolf", "rabbit", "mouse", "rat ", "duck", "owl",
    "eagle", "chicken", "feather", "fur", "coral", "crab", "snail", "octopus", "jellyfish", "flower", "tree", "plant",
    "leaf", "forest", "mountain", "river", "lake", "ocean", "beach", "landscape", "cloud", "building", "church",
    "temple", "tower", "house", "bridge", "street", "city", "castle", "arch", "car ", "cars", "truck", "train", "ship",
    "boat", "bicycle", "wheel", "airplane", "aircraft", "machine", "market")


def read_index(folder):
    """[(path, licence, what it shows and where it is from)] of the pictures that are there.

    Errors: BadInput where the folder or its INDEX.md is missing, or no picture is in it.
    """
    hint = "expected pictures and INDEX.md as in tools/train/README.md"
    errors.require_folder(folder, hint)
    errors.require_file(folder / "INDEX.md", hint)
    found = []
    for line in (folder / "INDEX.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) >= COLUMNS and (folder / cells[0]).is_file():
            found.append((folder / cells[0], cells[-1], " ".join(cells[3:5]).lower()))
    if not found:
        raise BadInput(f"{folder}: no pictures that its INDEX.md names; {hint}")
    return found


def is_free(licence):
    return any(word in licence for word in FORMAL) and not any(word in licence for word in REFUSED)


def held_out_names():
    lines = HELD_OUT.read_text(encoding="utf-8").splitlines()
    return [one for one in lines if one and not one.startswith("#")]


def open_photo(path):
    """RGB, at most LARGEST_PX on the longer side; camera traps without their caption strips."""
    image = Image.open(path)
    image.draft("RGB", (LARGEST_PX, LARGEST_PX))
    image = image.convert("RGB")
    if path.name.startswith("cameratrap"):
        image = image.crop((0, int(image.height * 0.04), image.width, int(image.height * 0.93)))
    image.thumbnail((LARGEST_PX, LARGEST_PX), Image.LANCZOS)
    return image


def fingerprint(image):
    """[256], for the correlation of two pictures."""
    grey = np.asarray(image.convert("L").resize((16, 16), Image.BOX), np.float32)
    grey = grey - grey.mean()
    return (grey / (np.linalg.norm(grey) + 1e-6)).ravel()


def compressed(image, shorter_px, quality):
    """The bytes of a JPEG whose shorter side is at most `shorter_px`."""
    factor = shorter_px / min(image.size)
    if factor < 1:
        image = image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return np.frombuffer(out.getvalue(), np.uint8)


def write_teacher(source, target):
    """GoogLeNet's layers to 5b, in half precision.

    Errors: BadInput where the source is not GoogLeNet.
    """
    Teacher(source, "cpu")
    graph, arrays = native_file.read(source)
    end = next(i for i, layer in enumerate(graph["layers"]) if layer["name"] == "inception_5b/output")
    graph["layers"] = graph["layers"][:end + 1]
    used = [layer[part] for layer in graph["layers"] for part in ("weights", "bias") if part in layer]
    graph["aliases"], graph["looks"] = {}, []
    native_file.write(target, graph, {name: arrays[name] for name in used})


def choose(folders, held_out, seed=0):
    """[(path, licence)] of what may be trained on, in the order in which it goes in."""
    entries = []
    for folder in folders:
        found = [one for one in read_index(folder) if one[0].name not in held_out and is_free(one[1])]
        random.Random(seed).shuffle(found)
        found.sort(key=lambda one: not any(word in one[2] for word in SUBJECTS))
        entries += [(path, licence) for path, licence, _ in found]
    if not entries:
        raise BadInput(f"{folders[0]}: no photograph under a licence that has one of: {', '.join(FORMAL)}")
    return entries


def write_photos(entries, avoid, options, room):
    """Writes training.npz and training.txt, at most `room` bytes together; returns how many photographs there are.

    Left out are broken, tiny and very long pictures, and those too like one of `avoid` (fingerprints [N,256]).
    """
    def line_of(entry):
        return f"{entry[0].name}\t{entry[1]}\n"

    def one(entry):
        path, _ = entry
        try:
            image = open_photo(path)
        except OSError as error:
            print(f"left out {path.name}: {error}")
            return None
        alike = len(avoid) and float((avoid @ fingerprint(image)).max()) > TOO_ALIKE
        if min(image.size) < SMALLEST_PX or max(image.size) > LARGEST_RATIO * min(image.size) or alike:
            print(f"left out {path.name}: {image.width}x{image.height}{', like one held out' if alike else ''}")
            return None
        return compressed(image, options.shorter_side, options.quality)

    kept, total = [], 16 * len(entries)  # bytes of the .npz file beside the JPEGs, at most
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        for begin in range(0, len(entries), 50):
            some = entries[begin:begin + 50]
            for entry, blob in zip(some, workers.map(one, some)):
                size = 0 if blob is None else len(blob) + len(line_of(entry).encode())
                if size and total + size <= room:
                    kept.append((entry, blob))
                    total += size
            if total > 0.999 * room:
                break
    if not kept:
        raise BadInput(f"no photograph fits into --most {options.most} MiB beside the rest")
    np.savez(options.out / "training.npz", bytes=np.concatenate([blob for _, blob in kept]),
             ends=np.cumsum([len(blob) for _, blob in kept]))
    (options.out / "training.txt").write_text("".join(line_of(entry) for entry, _ in kept), encoding="utf-8")
    return len(kept)


def draw_patterns(count, path, side_px=288, quality=82):
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as workers:
        drawn = [image.resize((side_px, side_px), Image.LANCZOS)
                 for image in workers.imap(patterns.draw, range(count), 4)]
    sources.write_jpegs(drawn, path, quality)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--photos", type=pathlib.Path, nargs="+", required=True, help="folders of photographs with INDEX.md")
    add("--teacher", type=pathlib.Path, required=True, help="GoogLeNet as `reverie models convert` wrote it")
    add("--out", type=pathlib.Path, required=True, help="folder to write")
    add("--patterns", type=int, default=400, help="number of drawn pictures [%(default)s]")
    add("--shorter-side", type=int, default=392, help="shorter side of photographs in px, at most [%(default)s]")
    add("--quality", type=int, default=77, help="JPEG quality of photographs [%(default)s]")
    add("--most", type=float, default=48, help="size of the whole folder in MiB, at most [%(default)s]")
    return parser.parse_args()


def main():
    options = parse_options()
    held_out = held_out_names()
    entries = choose(options.photos, held_out)
    options.out.mkdir(parents=True, exist_ok=True)

    write_teacher(options.teacher, options.out / "teacher.safetensors")
    found = {path.name: path for folder in options.photos for path, *_ in read_index(folder)}
    judged = [open_photo(found[name]) for name in held_out if name in found]
    if judged:
        sources.write_jpegs(judged, options.out / "held-out.npz", 92)
    draw_patterns(options.patterns, options.out / "patterns.npz")
    used = sum(path.stat().st_size for path in options.out.iterdir() if path.name != "training.npz")
    avoid = np.array([fingerprint(image) for image in judged])
    count = write_photos(entries, avoid, options, options.most * 2 ** 20 - used)
    total = sum(path.stat().st_size for path in options.out.iterdir()) / 2 ** 20
    print(f"{count} photographs of {len(entries)}, {options.patterns} drawn pictures, "
          f"{len(judged)} of {len(held_out)} held out, {total:.1f} MiB in {options.out}")
    if not judged:
        print(f"none of the held-out photographs in {HELD_OUT.name} is there: judge by judge.py --pictures")


if __name__ == "__main__":
    errors.run(main)
