#!/usr/bin/env python3
"""Turns the prototype's weights (student_fp16.npz) into models/reverie-0.safetensors.

    tools/convert_prototype.py student_fp16.npz models/reverie-0.safetensors

Needs nothing beside Python. The half-precision numbers go over bit for bit. The file's form is
described in docs/formats/native.md; models/README.md says what the network is.
"""

import ast
import pathlib
import struct
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "train"))
import native_file  # noqa: E402

BLOCKS = ["3a", "3b", "4a", "4b", "4c"]
HEADS = ["3b", "4a", "4b", "4c"]
DESCRIPTION = (
    "Reverie's own network: distilled from BVLC GoogLeNet on free photographs, from random "
    "initialisation; Apache-2.0"
)


def read_npz(path):
    """The arrays by name: (shape, little-endian float16 bytes)."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            raw = archive.read(entry)
            if raw[:6] != b"\x93NUMPY":
                raise SystemExit(f"{path}: {entry} is not an .npy array")
            if raw[6] == 1:
                start = 10 + struct.unpack("<H", raw[8:10])[0]
                header = raw[10:start]
            else:
                start = 12 + struct.unpack("<I", raw[8:12])[0]
                header = raw[12:start]
            about = ast.literal_eval(header.decode("latin1"))
            if about["descr"] != "<f2" or about["fortran_order"]:
                raise SystemExit(f"{path}: {entry} is {about}, expected float16 in C order")
            arrays[entry.removesuffix(".npy")] = (list(about["shape"]), raw[start:])
    return arrays


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source = read_npz(sys.argv[1])
    net = native_file.build(source, BLOCKS, HEADS)
    used = sum(len(raw) for _, raw in net.stored.values())
    if used != sum(len(raw) for _, raw in source.values()):
        raise SystemExit(f"{sys.argv[1]}: some arrays were not used")
    native_file.write(net, sys.argv[2], "reverie-0", DESCRIPTION, "4c/output", HEADS)


if __name__ == "__main__":
    main()
