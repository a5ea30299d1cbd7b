"""GoogLeNet's architecture, for the teacher, the student and the student's tangent.

A set of widths says how many channels each convolution has. The 1x1 convolutions that read the same input
within a block (1x1, 3x3_reduce, 5x5_reduce) are one convolution here, "BLOCK/in": fewer and larger launches.

Inputs of networks are "normalised" pictures: [N,3,H,W], red, green, blue, (value - MEAN) / INPUT_UNIT, channels
last in memory. "Pictures" are float [N,3,H,W], red, green, blue, 0..255.
"""

import torch
import torch.nn.functional as F

MEAN = (123.0, 117.0, 104.0)  # of red, green, blue
INPUT_UNIT = 64  # grey levels
BLOCKS = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]
FIRST_OF_STAGE = {"4a": "pool3", "5a": "pool4"}  # blocks that a pooling at stride 2 comes before
HEADS = {"3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528, "4e": 832, "5b": 1024}  # the teacher's channels
STRIDES = {"conv1": 2}  # of convolutions; 1 for all others

# Channels of each convolution. Blocks: 1x1, 3x3_reduce, 3x3, 5x5_reduce, 5x5, pool_proj.
STUDENT_WIDTHS = {
    "conv1": 32, "conv2_reduce": 32, "conv2": 96,
    "3a": (32, 48, 64, 8, 16, 16),
    "3b": (64, 64, 96, 16, 48, 32),
    "4a": (128, 64, 136, 16, 32, 40),
    "4b": (104, 80, 152, 16, 40, 40),
    "4c": (88, 88, 176, 16, 40, 40),
    "4d": (96, 96, 192, 16, 48, 48),
    "4e": (144, 112, 256, 24, 64, 64),
    "5a": (144, 112, 256, 24, 64, 64),
    "5b": (192, 128, 256, 24, 64, 64),
}
TEACHER_WIDTHS = {
    "conv1": 64, "conv2_reduce": 64, "conv2": 192,
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def uniform_widths(channels):
    """Widths for trials: every convolution has as many channels."""
    return {name: channels if isinstance(width, int) else (channels,) * 6 for name, width in STUDENT_WIDTHS.items()}


def block_channels(widths, block):
    """Channels of a block's output."""
    one, _, three, _, five, pool = widths[block]
    return one + three + five + pool


def convolutions(widths):
    """{name: (output channels, input channels, kernel)} in the order in which they run."""
    found = {"conv1": (widths["conv1"], 3, 7),
             "conv2_reduce": (widths["conv2_reduce"], widths["conv1"], 1),
             "conv2": (widths["conv2"], widths["conv2_reduce"], 3)}
    inputs = widths["conv2"]
    for block in BLOCKS:
        one, reduced3, three, reduced5, five, pool = widths[block]
        found[block + "/in"] = one + reduced3 + reduced5, inputs, 1
        found[block + "/3x3"] = three, reduced3, 3
        found[block + "/5x5"] = five, reduced5, 5
        found[block + "/pool_proj"] = pool, inputs, 1
        inputs = block_channels(widths, block)
    return found


def groups(widths):
    """{name: channels}: the tensors that get their bias (or batch norm) and ReLU, in the order in which they do."""
    found = {name: widths[name] for name in ("conv1", "conv2_reduce", "conv2")}
    for block in BLOCKS:
        found[block + "/reduced"] = widths[block][1] + widths[block][3]
        found[block + "/out"] = block_channels(widths, block)
    return found


def layer_slices(widths):
    """[(layer of the network's file, convolution, first row, last row, group, first channel in the group)].

    The file has the merged convolutions one by one, as GoogLeNet has them.
    """
    found = [(name, name, 0, widths[name], name, 0) for name in ("conv1", "conv2_reduce", "conv2")]
    for block in BLOCKS:
        one, reduced3, three, reduced5, five, pool = widths[block]
        out, reduced = block + "/out", block + "/reduced"
        found += [(block + "/1x1", block + "/in", 0, one, out, 0),
                  (block + "/3x3_reduce", block + "/in", one, one + reduced3, reduced, 0),
                  (block + "/5x5_reduce", block + "/in", one + reduced3, one + reduced3 + reduced5, reduced, reduced3),
                  (block + "/3x3", block + "/3x3", 0, three, out, one),
                  (block + "/5x5", block + "/5x5", 0, five, out, one + three),
                  (block + "/pool_proj", block + "/pool_proj", 0, pool, out, one + three + five)]
    return found


def multiply_adds(widths, last="4c", side_px=224, head=True):
    """Millions of multiply-adds of one picture to block `last`, its head included."""
    total, area = 0, (side_px // 4) ** 2
    for name, (outputs, inputs, kernel) in convolutions(widths).items():
        block = name.split("/")[0]
        if block in BLOCKS:
            area = (side_px // {"3": 8, "4": 16, "5": 32}[block[0]]) ** 2
        total += outputs * inputs * kernel ** 2 * (4 * area if name == "conv1" else area)
        if name == last + "/pool_proj":
            break
    return (total + (block_channels(widths, last) * HEADS[last] * area if head else 0)) / 1e6


def run_trunk(x, widths, convolve, activate, pool, blocks, normalise=lambda x: x):
    """{block: its output} for each of `blocks`; nothing beyond the last of them is computed.

    convolve(x, convolution), activate(x, group), pool(x, stride) and normalise(x) do the work: values for a network,
    directional derivatives for its tangent. `normalise` stands where GoogLeNet has local response normalisation.
    """
    x = normalise(pool(activate(convolve(x, "conv1"), "conv1"), 2))
    x = activate(convolve(x, "conv2_reduce"), "conv2_reduce")
    x = pool(normalise(activate(convolve(x, "conv2"), "conv2")), 2)
    last = max(blocks, key=BLOCKS.index)
    outputs = {}
    for block in BLOCKS[:BLOCKS.index(last) + 1]:
        if block in FIRST_OF_STAGE:
            x = pool(x, 2)
        one, reduced3, _, reduced5, _, _ = widths[block]
        first, reduced = convolve(x, block + "/in").split([one, reduced3 + reduced5], 1)
        for3, for5 = activate(reduced, block + "/reduced").split([reduced3, reduced5], 1)
        joined = torch.cat([first, convolve(for3, block + "/3x3"), convolve(for5, block + "/5x5"),
                            convolve(pool(x, 1), block + "/pool_proj")], 1)
        x = activate(joined, block + "/out")
        if block in blocks:
            outputs[block] = x
    return outputs


# ---------------------------------------------------------------------------------------- operations
def convolve(x, weights, stride=1):
    """Padded so that stride 1 keeps the size."""
    # A slice of channels has to become dense, in the same memory format
    return F.conv2d(x.contiguous(memory_format=torch.channels_last), weights, None, stride, weights.shape[2] // 2)


def space_to_depth_weights(weights):
    """conv1's weights [C,3,7,7] as [C,16,4,4], for space_to_depth_convolve()."""
    channels = weights.shape[0]
    padded = F.pad(weights, (1, 0, 1, 0)).reshape(channels, 3, 4, 2, 4, 2)
    folded = padded.permute(0, 1, 3, 5, 2, 4).reshape(channels, 12, 4, 4)
    return F.pad(folded, (0, 0, 0, 0, 0, 4)).contiguous(memory_format=torch.channels_last)


def space_to_depth_convolve(x, weights):
    """The 7x7 convolution at stride 2 as one of 4x4 at stride 1 over 2x2 pixels taken as channels.

    Tensor cores and their gradients are several times faster with 16 input channels than with 3. Even sizes only.
    """
    x = F.pad(F.pixel_unshuffle(x, 2), (2, 1, 2, 1, 0, 4))
    return F.conv2d(x.contiguous(memory_format=torch.channels_last), weights)


def is_even(x):
    return x.shape[2] % 2 == 0 and x.shape[3] % 2 == 0


def max_pool(x, stride):
    """(values, places of the maxima in the input plane); kernel 3."""
    if stride == 2:
        return F.max_pool2d(x, 3, 2, 0, ceil_mode=True, return_indices=True)
    return F.max_pool2d(x, 3, 1, 1, return_indices=True)


def gather_places(x, places):
    """x [N,C,H,W] at the places that max_pool() found; channels last."""
    n, c, h, w = x.shape
    flat = x.permute(0, 2, 3, 1).reshape(n, h * w, c)
    at = places.permute(0, 2, 3, 1).reshape(n, -1, c)
    return flat.gather(1, at).reshape(n, places.shape[2], places.shape[3], c).permute(0, 3, 1, 2)


_means = {}  # one for each device: to send it anew would wait for the device


def normalised(pictures, dtype):
    """Pictures as networks take them."""
    if pictures.device not in _means:
        _means[pictures.device] = torch.tensor(MEAN, device=pictures.device).reshape(1, 3, 1, 1)
    x = (pictures - _means[pictures.device]) / INPUT_UNIT
    return x.to(dtype).contiguous(memory_format=torch.channels_last)
