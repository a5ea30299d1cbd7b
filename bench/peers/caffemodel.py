"""Reads the blobs of a .caffemodel without Caffe or protobuf: only the fields that weights need.

The file is a protobuf message NetParameter, either with `layers` (field 2, the old form) or with
`layer` (field 100). Source: caffe.proto, https://github.com/BVLC/caffe.
"""

import struct

import numpy as np

# Field numbers of a layer's name and blobs, by the field of NetParameter that holds the layer
LAYER_FORMS = {2: (4, 6), 100: (1, 7)}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Yields (field number, value) of one message: an int, or a memoryview of the bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at:at + size], at + size
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"byte {at}: protobuf wire type {kind} is not one of 0, 1, 2, 5")
        yield number, value


def blob(data):
    """A BlobProto as a float32 array."""
    old_shape = {1: 1, 2: 1, 3: 1, 4: 1}
    shape, values, singles = None, None, []
    for number, value in fields(data):
        if number in old_shape:
            old_shape[number] = value
        elif number == 5 and isinstance(value, memoryview) and len(value) != 4:
            values = np.frombuffer(value, "<f4")
        elif number == 5:
            singles.append(struct.unpack("<f", value)[0])
        elif number == 7:
            shape = []
            for _, dims in fields(value):
                at = 0
                while isinstance(dims, memoryview) and at < len(dims):
                    dim, at = varint(dims, at)
                    shape.append(dim)
                if isinstance(dims, int):
                    shape.append(dims)
    if values is None:
        values = np.array(singles, "<f4")
    return values.reshape(shape or [old_shape[i] for i in (1, 2, 3, 4)])


def read(path):
    """{layer name: [blobs]} of every layer that has any."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    layers = {}
    for number, value in fields(data):
        if number not in LAYER_FORMS:
            continue
        name_field, blobs_field = LAYER_FORMS[number]
        name, blobs = "", []
        for inner, content in fields(value):
            if inner == name_field:
                name = bytes(content).decode()
            elif inner == blobs_field:
                blobs.append(blob(content))
        if blobs:
            layers[name] = blobs
    return layers
