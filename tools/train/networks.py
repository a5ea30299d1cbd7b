"""The teacher, and the student that learns from it.

Pictures are float tensors [N,3,H,W], red, green, blue, 0..255. Heads are the places where the student
answers with the teacher's own channels; HEADS names them by the teacher's blocks.
"""

import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench/peers"))
import network_torch  # noqa: E402  (any network that `reverie models convert` wrote)

# The teacher's channels at each head, and what an error there counts for.
HEADS = {"pool2": 192, "3a": 256, "3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528, "4e": 832}
LOSS_WEIGHTS = {"pool2": 0.3, "3a": 0.4, "3b": 1, "4a": 1, "4b": 1, "4c": 2, "4d": 0.7, "4e": 0.7}
SHIPPED_HEADS = ["3b", "4a", "4b", "4c", "4d", "4e"]
BLOCKS = ["3a", "3b", "4a", "4b", "4c", "4d", "4e"]
MEAN = (123.0, 117.0, 104.0)  # of the teacher's input, red first
INPUT_UNIT = 64  # the student counts the picture in these

# Channels of each convolution. Blocks: 1x1, 3x3 reduced, 3x3, 5x5 reduced, 5x5, pool.
WIDTHS = {
    "conv1": 32,
    "conv2_reduce": 32,
    "conv2": 96,
    "3a": (32, 48, 64, 8, 16, 16),
    "3b": (64, 64, 96, 16, 48, 32),
    "4a": (128, 64, 136, 16, 32, 40),
    "4b": (104, 72, 144, 16, 40, 40),
    "4c": (88, 84, 168, 16, 40, 40),
    "4d": (88, 84, 168, 16, 40, 40),
    "4e": (128, 96, 192, 16, 64, 64),
}
TEACHER_WIDTHS = {
    "conv1": 64,
    "conv2_reduce": 64,
    "conv2": 192,
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
}


def teacher_layer(head):
    return "pool2/3x3_s2" if head == "pool2" else f"inception_{head}/output"


class Teacher:
    """GoogLeNet, frozen. Called with pictures, it gives {head: activation}, after the ReLU."""

    def __init__(self, path, device, dtype=torch.float32):
        self.net = network_torch.Network(path, teacher_layer("4e"), channels_last=True)
        to = dict(device=device, dtype=dtype)
        self.dtype = dtype
        self.net.arrays = {
            name: a.to(**to, memory_format=torch.channels_last) if a.dim() == 4 else a.to(**to)
            for name, a in self.net.arrays.items()
        }
        self.net.mean, self.net.scale = self.net.mean.to(device), self.net.scale.to(device)
        self.bands = {}

    def __call__(self, pictures, upto="4e"):
        values, heads = {}, {}
        names = {teacher_layer(head): head for head in HEADS}
        for layer in self.net.layers:
            name, inputs = layer["name"], [values[i] for i in layer.get("inputs", [])]
            if layer["op"] == "input":
                values[name] = self.net.transformed(pictures).to(self.dtype)
            elif layer["op"] == "lrn":
                values[name] = self.lrn(layer, inputs[0])
            else:
                values[name] = self.net.step(layer, inputs)
            # Aliases name a block by its joined channels
            head = names.get(name)
            if head:
                heads[head] = values[name]
            if head == upto:
                return heads
        raise SystemExit(f"the teacher has no layer {teacher_layer(upto)}")

    def lrn(self, layer, x):
        """By a convolution with a band, which every device runs well in every type."""
        channels = x.shape[1]
        if channels not in self.bands:
            i = torch.arange(channels, device=x.device)
            near = (i[:, None] - i[None]).abs() <= layer["size"] // 2
            self.bands[channels] = near.to(x.dtype)[:, :, None, None]
        return x * (layer["k"] + layer["alpha"] * F.conv2d(x * x, self.bands[channels])) ** -layer["beta"]


def heads_of(path):
    """The heads of a shipped network."""
    _, arrays = network_torch.read(path)
    return [head for head in HEADS if f"{head}/output.weights" in arrays]


class ConvolutionNormRelu(nn.Module):
    def __init__(self, inside, outside, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outside, momentum=0.03)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def folded(self):
        """Weights and biases of the convolution with its norm, as it ships."""
        norm = self.norm
        factor = norm.weight / (norm.running_var + norm.eps).sqrt()
        return self.conv.weight * factor.reshape(-1, 1, 1, 1), norm.bias - norm.running_mean * factor

    def adopt(self, weights, bias):
        """The same function as a shipped convolution; the norm carries each channel's size."""
        size = weights.flatten(1).norm(dim=1).clamp(min=1e-6) / 2 ** 0.5
        self.conv.weight.copy_(weights / size.reshape(-1, 1, 1, 1))
        self.norm.weight.copy_(size)
        self.norm.bias.copy_(bias)
        self.norm.running_mean.zero_()
        self.norm.running_var.fill_(1 - self.norm.eps)

    def forward(self, x):
        if self.norm.training:
            return F.relu(self.norm(self.conv(x)))
        # A frozen norm costs nothing so, least of all in the second derivative
        weights, bias = self.folded()
        return F.relu(F.conv2d(x, weights, bias, self.conv.stride, self.conv.padding))


class Inception(nn.Module):
    def __init__(self, inside, widths):
        super().__init__()
        one, reduced3, three, reduced5, five, pool = widths
        self.one = ConvolutionNormRelu(inside, one, 1)
        self.reduced3 = ConvolutionNormRelu(inside, reduced3, 1)
        self.three = ConvolutionNormRelu(reduced3, three, 3)
        self.reduced5 = ConvolutionNormRelu(inside, reduced5, 1)
        self.five = ConvolutionNormRelu(reduced5, five, 5)
        self.pool = ConvolutionNormRelu(inside, pool, 1)
        self.channels = one + three + five + pool

    def forward(self, x):
        return torch.cat([self.one(x), self.three(self.reduced3(x)), self.five(self.reduced5(x)),
                          self.pool(F.max_pool2d(x, 3, 1, 1))], 1)


def halve(x):
    return F.max_pool2d(x, 3, 2, 0, ceil_mode=True)


class Student(nn.Module):
    """GoogLeNet's shape to the last of its heads, thinner, without local response normalisation."""

    def __init__(self, widths=None, heads=tuple(HEADS)):
        super().__init__()
        self.widths = widths = dict(widths or WIDTHS)
        self.heads_there = tuple(head for head in HEADS if head in heads)
        self.conv1 = ConvolutionNormRelu(3, widths["conv1"], 7, 2)
        self.conv2_reduce = ConvolutionNormRelu(widths["conv1"], widths["conv2_reduce"], 1)
        self.conv2 = ConvolutionNormRelu(widths["conv2_reduce"], widths["conv2"], 3)
        self.blocks, self.heads = nn.ModuleDict(), nn.ModuleDict()
        channels = {"pool2": widths["conv2"]}
        inside = widths["conv2"]
        for name in BLOCKS[:BLOCKS.index(self.heads_there[-1]) + 1]:
            self.blocks[name] = Inception(inside, widths[name])
            inside = channels[name] = self.blocks[name].channels
        for name in self.heads_there:
            outside = HEADS[name]
            head = nn.Conv2d(channels[name], outside, 1)
            nn.init.normal_(head.weight, std=0.5 * channels[name] ** -0.5)
            nn.init.zeros_(head.bias)
            self.heads[name] = head
            # How large the teacher's channels are: heads answer in units of it
            self.register_buffer("scale_" + name, torch.ones(outside))
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1))

    def scale(self, head):
        return getattr(self, "scale_" + head).reshape(1, -1, 1, 1)

    def forward(self, pictures, heads=None):
        """{head: answer before its ReLU, in units of scale(head)}; of all heads when none are named."""
        heads = heads or self.heads_there
        x = ((pictures - self.mean) / INPUT_UNIT).contiguous(memory_format=torch.channels_last)
        x = halve(self.conv2(self.conv2_reduce(halve(self.conv1(x)))))
        answers = {"pool2": self.heads["pool2"](x)} if "pool2" in heads else {}
        for name, block in self.blocks.items():
            if name == "4a":
                x = halve(x)
            x = block(x)
            if name in heads:
                answers[name] = self.heads[name](x)
            if name == heads[-1]:
                break
        return answers

    def activation(self, pictures, head):
        """What the shipped network's layer HEAD/output gives: the teacher's channels and units."""
        return F.relu(self(pictures, (head,))[head]) * self.scale(head)

    def units(self):
        """{"conv1": its ConvolutionNormRelu, "3a/1x1": ...}, by the names that they ship under."""
        named = {"conv1": self.conv1, "conv2_reduce": self.conv2_reduce, "conv2": self.conv2}
        for name, block in self.blocks.items():
            for part, unit in (("1x1", block.one), ("3x3_reduce", block.reduced3), ("3x3", block.three),
                               ("5x5_reduce", block.reduced5), ("5x5", block.five),
                               ("pool_proj", block.pool)):
                named[f"{name}/{part}"] = unit
        return named

    def shipped(self, heads):
        """{"conv1.weights": tensor, "conv1.bias" ...}: what takes pictures blue first, minus the mean, and
        whose heads answer in the teacher's units."""
        arrays = {}
        for name, unit in self.units().items():
            arrays[name + ".weights"], arrays[name + ".bias"] = unit.folded()
        arrays["conv1.weights"] = arrays["conv1.weights"].flip(1) / INPUT_UNIT
        for name in heads:
            scale = getattr(self, "scale_" + name)
            arrays[f"{name}/output.weights"] = self.heads[name].weight * scale.reshape(-1, 1, 1, 1)
            arrays[f"{name}/output.bias"] = self.heads[name].bias * scale
        return {name: array.detach() for name, array in arrays.items()}

    @torch.no_grad()
    def begin_from(self, path):
        """Takes over a shipped network of the same widths; a head that it lacks stays as it is."""
        _, arrays = network_torch.read(path)
        arrays["conv1.weights"] = arrays["conv1.weights"].flip(1) * INPUT_UNIT
        for name, unit in self.units().items():
            unit.adopt(arrays[name + ".weights"], arrays[name + ".bias"])
        for name in self.heads_there:
            if f"{name}/output.weights" in arrays:
                scale = getattr(self, "scale_" + name)
                self.heads[name].weight.copy_(arrays[f"{name}/output.weights"] / scale.reshape(-1, 1, 1, 1))
                self.heads[name].bias.copy_(arrays[f"{name}/output.bias"] / scale)


def multiply_adds(widths, upto="4c", side=224, head=True):
    """Millions to a block of a picture of side x side, its head included."""
    area = (side // 2) ** 2
    total = 3 * 49 * widths["conv1"] * area
    area //= 4
    total += (widths["conv1"] * widths["conv2_reduce"]
              + 9 * widths["conv2_reduce"] * widths["conv2"]) * area
    area //= 4
    inside = widths["conv2"]
    for name in BLOCKS:
        area //= 4 if name == "4a" else 1
        one, reduced3, three, reduced5, five, pool = widths[name]
        total += (inside * (one + reduced3 + reduced5 + pool)
                  + 9 * reduced3 * three + 25 * reduced5 * five) * area
        inside = one + three + five + pool
        if name == upto:
            break
    return (total + (inside * HEADS[upto] * area if head else 0)) / 1e6
