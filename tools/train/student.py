"""The student: GoogLeNet's shape, thinner, whose parameters are one flat vector.

With one vector, the optimizer, the average of the weights, folding and clipping are a few launches each. Batch
norms learn at first; frozen, they are folded into the weights by a factor for each parameter, so that they cost
nothing. Heads answer with the teacher's channels in units of `scales`, the teacher's root mean squares.
"""

import googlenet
import numpy as np
import torch
import torch.nn.functional as F
from errors import BadInput

EPSILON = 1e-5  # of batch norms


class Layout:
    """Where each tensor lies in the flat vector.

    Convolutions' weights come first, as [output, kernel, kernel, input] so that they are channels last; then the
    heads' weights, the heads' biases, the groups' biases, the groups' gains.
    """

    def __init__(self, widths):
        self.widths, self.groups = widths, googlenet.groups(widths)
        self.shapes = {name: (outputs, kernel, kernel, inputs)
                       for name, (outputs, inputs, kernel) in googlenet.convolutions(widths).items()}
        for head, channels in googlenet.HEADS.items():
            self.shapes["head/" + head] = channels, 1, 1, googlenet.block_channels(widths, head)
        self.sizes = {name: int(np.prod(shape)) for name, shape in self.shapes.items()}
        self.weights_end = sum(self.sizes.values())
        self.sizes.update({"bias/" + head: channels for head, channels in googlenet.HEADS.items()})
        self.sizes.update({"bias/" + group: channels for group, channels in self.groups.items()})
        self.gains_start = sum(self.sizes.values())
        self.sizes.update({"gain/" + group: channels for group, channels in self.groups.items()})
        self.total = sum(self.sizes.values())
        self.starts = dict(zip(self.sizes, np.cumsum([0, *self.sizes.values()]).tolist()))
        self.channels = sum(self.groups.values())
        self.group_starts = dict(zip(self.groups, np.cumsum([0, *self.groups.values()]).tolist()))
        self.gains = slice(self.gains_start, self.total)
        self.group_biases = slice(self.gains_start - self.channels, self.gains_start)

    def owners(self):
        """[total] int64: the normalised channel that each weight belongs to; `channels` for those without one."""
        owner = np.full(self.total, self.channels, np.int64)
        for _, name, first, last, group, channel in googlenet.layer_slices(self.widths):
            row = self.sizes[name] // self.shapes[name][0]
            at, index = self.starts[name] + first * row, self.group_starts[group] + channel
            owner[at:at + (last - first) * row] = np.repeat(np.arange(index, index + last - first), row)
        return torch.from_numpy(owner)

    def split(self, flat):
        """{name: its part of a flat vector}; weights as [output, input, kernel, kernel]."""
        tensors = dict(zip(self.sizes, flat.split(list(self.sizes.values()))))
        for name, shape in self.shapes.items():
            tensors[name] = tensors[name].view(shape).permute(0, 3, 1, 2)
        return tensors

    def initial(self, seed):
        """Random weights by He et al. 2015, half of that for heads; gains of 1."""
        generator = torch.Generator().manual_seed(seed)
        flat = torch.zeros(self.total)
        for name, shape in self.shapes.items():
            inputs = shape[1] * shape[2] * shape[3]
            deviation = 0.5 * inputs ** -0.5 if name.startswith("head/") else (2 / inputs) ** 0.5
            at = self.starts[name]
            flat[at:at + self.sizes[name]] = torch.randn(self.sizes[name], generator=generator) * deviation
        flat[self.gains] = 1
        return flat


class Student:
    """`flat` is its vector of parameters; `dtype` is what convolutions run in. One caller at a time.

    Methods that run it take `tensors`, made by folded_tensors() out of `flat` or of an average of it.
    """

    def __init__(self, device, dtype=torch.float32, widths=None, space_to_depth=False, parameter_dtype=torch.float32):
        self.widths = dict(widths or googlenet.STUDENT_WIDTHS)
        self.device, self.dtype, self.space_to_depth = device, dtype, space_to_depth
        self.layout = Layout(self.widths)
        self.frozen = False
        to = dict(device=device, dtype=parameter_dtype)
        self.flat = torch.zeros(self.layout.total, **to)
        self.means, self.variances = torch.zeros(self.layout.channels, **to), torch.ones(self.layout.channels, **to)
        self.factors = torch.ones(self.layout.channels, **to)  # of frozen norms
        self.fold = torch.ones(self.layout.total, **to)  # what each parameter is multiplied by: factors by owner
        self.scales = {head: torch.ones(channels, **to) for head, channels in googlenet.HEADS.items()}
        self.owner = self.layout.owners().to(device)

    # ------------------------------------------------------------------------------------- batch norms
    def _norms(self):
        """What the norms, were they frozen now, multiply each channel by, and the groups' biases then."""
        factors = self.flat[self.layout.gains] / (self.variances + EPSILON).sqrt()
        return factors, self.flat[self.layout.group_biases] - self.means * factors

    def _set_factors(self, factors):
        self.factors.copy_(factors)
        self.fold.copy_(torch.cat([factors, factors.new_ones(1)])[self.owner])

    @torch.no_grad()
    def freeze(self):
        """Folds the batch norms into the weights; from here on only weights and biases learn."""
        factors, biases = self._norms()
        self._set_factors(factors)
        self.flat[self.layout.group_biases] = biases
        self.flat[self.layout.gains] = 0
        self.frozen = True

    def folded_tensors(self, flat=None):
        """The tensors to run with, of `flat` or of an average of it; while norms learn, as if they were frozen now."""
        flat = self.flat if flat is None else flat
        if self.frozen:
            return self._runnable(self.layout.split((flat * self.fold).to(self.dtype)))
        with torch.no_grad():
            factors, biases = self._norms()
            folded = self.flat * torch.cat([factors, factors.new_ones(1)])[self.owner]
            folded[self.layout.group_biases] = biases
            return self._runnable(self.layout.split(folded.to(self.dtype)))

    def _runnable(self, tensors):
        for name in (*self.layout.groups, *googlenet.HEADS):
            tensors["bias/" + name] = tensors["bias/" + name].reshape(1, -1, 1, 1)
        if self.space_to_depth:
            tensors["conv1/space_to_depth"] = googlenet.space_to_depth_weights(tensors["conv1"])
        return tensors

    # -------------------------------------------------------------------------------------------- runs
    @staticmethod
    def _convolve(tensors):
        def convolve(x, name):
            if name == "conv1" and "conv1/space_to_depth" in tensors and googlenet.is_even(x):
                return googlenet.space_to_depth_convolve(x, tensors["conv1/space_to_depth"])
            return googlenet.convolve(x, tensors[name], googlenet.STRIDES.get(name, 1))
        return convolve

    @staticmethod
    def _answer(tensors, output, head):
        return googlenet.convolve(output, tensors["head/" + head]) + tensors["bias/" + head]

    def answers(self, tensors, x, heads, tape=None):
        """{head: answer before its ReLU, in units of its scale} for normalised pictures.

        `tape`, a list, gets what tangent() needs: the values after each ReLU, and the places of the maxima.
        """
        def activate(raw, group):
            value = F.relu_(raw + tensors["bias/" + group])
            if tape is not None:
                tape.append(value.detach())
            return value

        def pool(x, stride):
            value, places = googlenet.max_pool(x, stride)
            if tape is not None:
                tape.append(places)
            return value

        outputs = googlenet.run_trunk(x, self.widths, self._convolve(tensors), activate, pool, heads)
        return {head: self._answer(tensors, outputs[head], head) for head in heads}

    def tangent(self, tensors, direction, head, tape):
        """The derivative of a head's answer along a direction [N,3,H,W] of the normalised picture.

        `tape` is from answers() with the same tensors and pictures, and `head` the last of its heads. The result's
        derivatives with respect to the tensors are right: ReLUs and maxima are constant almost everywhere.
        """
        kept = iter(tape)
        outputs = googlenet.run_trunk(
            direction, self.widths, self._convolve(tensors),
            lambda raw, group: torch.ops.aten.threshold_backward(raw, next(kept), 0),
            lambda x, stride: googlenet.gather_places(x, next(kept)), (head,))
        return googlenet.convolve(outputs[head], tensors["head/" + head])

    def answers_with_batch_norm(self, x, heads, momentum=0.03):
        """As answers(), but with batch norms that learn from this batch; gradients reach `flat`."""
        exact = self.layout.split(self.flat)
        tensors = self._runnable(self.layout.split(self.flat.to(self.dtype)))

        def activate(raw, group):
            at = slice(self.layout.group_starts[group], self.layout.group_starts[group] + self.layout.groups[group])
            raw = raw.contiguous(memory_format=torch.channels_last)
            return F.relu_(F.batch_norm(raw, self.means[at], self.variances[at], exact["gain/" + group],
                                        exact["bias/" + group], True, momentum, EPSILON))

        outputs = googlenet.run_trunk(x, self.widths, self._convolve(tensors), activate,
                                      lambda x, stride: googlenet.max_pool(x, stride)[0], heads)
        return {head: self._answer(tensors, outputs[head], head) for head in heads}

    def activation(self, tensors, x, head):
        """What the network's file gives as HEAD/output: the teacher's channels and units, after the ReLU."""
        answer = self.answers(tensors, x, (head,))[head]
        answer = answer.to(torch.promote_types(answer.dtype, torch.float32))
        return F.relu(answer) * self.scales[head].reshape(1, -1, 1, 1)

    # --------------------------------------------------------------------------------- files and states
    @torch.no_grad()
    def file_arrays(self, flat=None):
        """{"conv1.weights": float32 array, "conv1.bias" ...}, as the network's file has them.

        It takes blue first, minus the mean, in grey levels; its heads answer in the teacher's units.
        """
        dtype, self.dtype = self.dtype, self.flat.dtype
        try:
            tensors = self.folded_tensors(flat)
        finally:
            self.dtype = dtype
        arrays = {}
        for layer, convolution, first, last, group, channel in googlenet.layer_slices(self.widths):
            arrays[layer + ".weights"] = tensors[convolution][first:last]
            arrays[layer + ".bias"] = tensors["bias/" + group].reshape(-1)[channel:channel + last - first]
        arrays["conv1.weights"] = arrays["conv1.weights"].flip(1) / googlenet.INPUT_UNIT
        for head, scale in self.scales.items():
            arrays[head + "/output.weights"] = tensors["head/" + head] * scale.reshape(-1, 1, 1, 1)
            arrays[head + "/output.bias"] = tensors["bias/" + head].reshape(-1) * scale
        return {name: array.float().cpu().contiguous().numpy() for name, array in arrays.items()}

    @torch.no_grad()
    def adopt(self, arrays):
        """Becomes the network of a file, norms frozen; each channel's factor carries the size of its weights.

        `scales` are to be set before.
        Errors: BadInput where widths or heads differ.
        """
        flat, factors = torch.zeros(self.layout.total), torch.ones(self.layout.channels)
        tensors = self.layout.split(flat)
        for layer, convolution, first, last, group, channel in googlenet.layer_slices(self.widths):
            weights = self._file_array(arrays, layer + ".weights", tensors[convolution][first:last])
            if layer == "conv1":
                weights = weights.flip(1) * googlenet.INPUT_UNIT
            size = weights.flatten(1).norm(dim=1).clamp(min=1e-6) / 2 ** 0.5
            tensors[convolution][first:last] = weights / size.reshape(-1, 1, 1, 1)
            bias = tensors["bias/" + group][channel:channel + last - first]
            bias.copy_(self._file_array(arrays, layer + ".bias", bias))
            at = self.layout.group_starts[group] + channel
            factors[at:at + last - first] = size
        for head, scale in self.scales.items():
            scale, weights, bias = scale.cpu(), tensors["head/" + head], tensors["bias/" + head]
            weights.copy_(self._file_array(arrays, head + "/output.weights", weights) / scale.reshape(-1, 1, 1, 1))
            bias.copy_(self._file_array(arrays, head + "/output.bias", bias) / scale)
        self.flat.copy_(flat)
        self._set_factors(factors.to(self.flat))
        self.frozen = True

    @staticmethod
    def _file_array(arrays, name, like):
        found = tuple(arrays[name].shape) if name in arrays else "none"
        if found != tuple(like.shape):
            raise BadInput(f"{name} is {found}, not {tuple(like.shape)}: a network of other widths or heads")
        return torch.from_numpy(arrays[name])

    def state(self):
        """What load_state() takes: tensors on the CPU and plain values."""
        return {"widths": self.widths, "frozen": self.frozen, "flat": self.flat.detach().cpu(),
                "means": self.means.cpu(), "variances": self.variances.cpu(), "factors": self.factors.cpu(),
                "scales": {head: scale.cpu() for head, scale in self.scales.items()}}

    @torch.no_grad()
    def load_state(self, state):
        """Takes over a state() of the same widths, or reverie-4's, which has `last` (half precision, without gains)
        instead of `flat`, and frozen norms.

        Errors: BadInput where it is of other widths, or something is missing.
        """
        try:
            if state["widths"] != self.widths:
                raise BadInput("a student of other widths")
            flat = self.flat.new_zeros(self.layout.total)
            found = state["flat"] if "flat" in state else state["last"]
            flat[:len(found)] = found.to(flat)
            self.flat.copy_(flat)
            self._set_factors(state["factors"].to(self.flat))
            for head, scale in self.scales.items():
                scale.copy_(state["scales"][head])
            if "means" in state:
                self.means.copy_(state["means"])
                self.variances.copy_(state["variances"])
            self.frozen = bool(state["frozen"])
        except (KeyError, TypeError, RuntimeError, AttributeError):
            raise BadInput("not a state that train.py wrote") from None
