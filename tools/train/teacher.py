"""The teacher: BVLC GoogLeNet as `reverie models convert` or prepare.py wrote it, frozen."""

import googlenet
import native_file
import torch
import torch.nn.functional as F
from errors import BadInput

LRN_RADIUS, LRN_SCALE, LRN_POWER = 2, 2e-5, -0.75  # channels on each side; alpha / size; -beta
STORED_NAMES = {"conv1": "conv1/7x7_s2", "conv2_reduce": "conv2/3x3_reduce", "conv2": "conv2/3x3"}
HINT = "make it by `reverie models convert bvlc_googlenet.caffemodel teacher.safetensors`"


def stored_name(layer):
    """GoogLeNet's name of a layer of ours."""
    return STORED_NAMES.get(layer, "inception_" + layer)


class Teacher:
    """Called with normalised pictures and heads, it gives {head: activation after its ReLU}, in GoogLeNet's units."""

    widths = googlenet.TEACHER_WIDTHS

    def __init__(self, path, device, dtype=torch.float32, space_to_depth=False):
        """Errors: BadInput where the file is not GoogLeNet."""
        graph, arrays = native_file.read(path)
        weights, biases = self._merged(path, arrays)
        # GoogLeNet takes blue first, and grey levels as they are
        weights["conv1"] = weights["conv1"].flip(1) * googlenet.INPUT_UNIT
        to = dict(device=device, dtype=dtype)
        self.weights = {name: w.to(**to).contiguous(memory_format=torch.channels_last) for name, w in weights.items()}
        self.biases = {name: bias.to(**to).reshape(1, -1, 1, 1) for name, bias in biases.items()}
        self.space_to_depth = googlenet.space_to_depth_weights(self.weights["conv1"]) if space_to_depth else None
        # Its mean is not quite the student's
        transform = graph["transform"]
        own = [transform["mean"][transform["order"].index(colour)] for colour in range(3)]
        offset = [(ours - its) / googlenet.INPUT_UNIT for ours, its in zip(googlenet.MEAN, own)]
        self.offset = torch.tensor(offset, device=device).to(dtype).reshape(1, 3, 1, 1)
        self.bands = {}

    def _merged(self, path, arrays):
        """{convolution: weights} and {group: bias}, float32, out of the file's arrays."""
        rows = {}
        biases = {group: torch.zeros(channels) for group, channels in googlenet.groups(self.widths).items()}
        kernels = {name: shape for name, shape in googlenet.convolutions(self.widths).items()}
        for layer, convolution, first, last, group, channel in googlenet.layer_slices(self.widths):
            name = stored_name(layer) + "/pre_relu"
            _, inputs, kernel = kernels[convolution]
            wanted = (last - first, inputs, kernel, kernel)
            found = arrays[name + ".weights"].shape if name + ".weights" in arrays else "none"
            if found != wanted or name + ".bias" not in arrays:
                raise BadInput(f"{path}: not GoogLeNet: {name}.weights is {found}, not {wanted}; {HINT}")
            rows.setdefault(convolution, []).append(torch.from_numpy(arrays[name + ".weights"]))
            biases[group][channel:channel + last - first] = torch.from_numpy(arrays[name + ".bias"])
        return {name: torch.cat(parts) for name, parts in rows.items()}, biases

    def __call__(self, x, heads):
        return googlenet.run_trunk(x, self.widths, self._convolve,
                                   lambda raw, group: F.relu_(raw + self.biases[group]),
                                   lambda x, stride: googlenet.max_pool(x, stride)[0], heads, self._normalise)

    def activation(self, x, head):
        return self(x, (head,))[head]

    def _convolve(self, x, name):
        if name == "conv1":
            x = x + self.offset
            if self.space_to_depth is not None and googlenet.is_even(x):
                return googlenet.space_to_depth_convolve(x, self.space_to_depth)
        return googlenet.convolve(x, self.weights[name], googlenet.STRIDES.get(name, 1))

    def _normalise(self, x):
        """Local response normalisation, by a convolution with a band: fast on every device in every type."""
        channels = x.shape[1]
        if channels not in self.bands:
            index = torch.arange(channels, device=x.device)
            near = (index[:, None] - index[None]).abs() <= LRN_RADIUS
            self.bands[channels] = near.to(x.dtype)[:, :, None, None]
        return x * (1 + LRN_SCALE * F.conv2d(x * x, self.bands[channels])) ** LRN_POWER
