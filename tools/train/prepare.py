#!/usr/bin/env python3
"""Gathers what training needs into one folder, small enough to carry to another machine.

    reverie models convert bvlc_googlenet.caffemodel teacher.safetensors
    tools/train/prepare.py --photos PHOTOS --teacher teacher.safetensors --out DATA

PHOTOS holds pictures and INDEX.md, a table of files and licences; only those with a formal licence are
taken (see the model card). DATA/training.npz holds them as JPEG, DATA/patterns.npz our own rendered
pictures, DATA/held-out.npz what fidelity is measured on, DATA/teacher.safetensors the teacher to 4e.
"""

import argparse
import json
import multiprocessing
import os
import pathlib

import patterns
import pictures

SKY = "deepdream_sky1024px.jpg"  # looked at, never trained on


def trim_teacher(source, target):
    """The layers up to inception_4e/output, in half precision."""
    import numpy as np
    data = source.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    meta = header.pop("__metadata__")
    graph = json.loads(meta["reverie.graph"])
    end = next(i for i, layer in enumerate(graph["layers"]) if layer["name"] == "inception_4e/output")
    graph["layers"] = graph["layers"][:end + 1]
    used = {layer[part] for layer in graph["layers"] for part in ("weights", "bias") if part in layer}
    arrays, blobs, at = {}, [], 0
    for name in sorted(used):
        begin, stop = (8 + size + offset for offset in header[name]["data_offsets"])
        form = {"F32": "<f4", "F16": "<f2"}[header[name]["dtype"]]
        blob = np.frombuffer(data[begin:stop], form).astype("<f2").tobytes()
        arrays[name] = {"dtype": "F16", "shape": header[name]["shape"], "data_offsets": [at, at + len(blob)]}
        at += len(blob)
        blobs.append(blob)
    meta["reverie.graph"] = json.dumps(graph, separators=(",", ":"))
    text = json.dumps({"__metadata__": meta, **arrays}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--patterns", type=int, default=600, help="rendered pictures")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    trim_teacher(options.teacher, options.out / "teacher.safetensors")
    names = pictures.licensed(options.photos)
    pictures.write_set([pictures.open_photo(options.photos / name) for name in names],
                       options.out / "training.npz")
    (options.out / "training.txt").write_text("\n".join(names) + "\n")
    held = [SKY, *pictures.HELD_OUT]
    pictures.write_set([pictures.open_photo(options.photos / name) for name in held],
                       options.out / "held-out.npz")
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        drawn = pool.map(patterns.draw, range(options.patterns))
    pictures.write_set(drawn, options.out / "patterns.npz")
    print(f"{len(names)} photographs, {len(drawn)} rendered pictures")


if __name__ == "__main__":
    main()
