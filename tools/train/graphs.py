"""CUDA graphs: a whole training step as one launch, where hundreds of small ones would bound the speed."""

import sys

import torch


class GraphedStep:
    """Calls `step` by CUDA graphs, one for each head and batch size, captured at the first call.

    step(head, x, channel_weights, head_weights) must do the same work on the same shapes at every call for a head, and
    return a tuple of tensors; they are overwritten by the next call. Should a capture fail, this says so once, and all
    calls go to `step` itself from then on.
    """

    WARM_UP = 3  # calls before a capture, in which cuDNN chooses its algorithms

    def __init__(self, step):
        self.step, self.graphs, self.memory, self.failed = step, {}, None, False

    def reset(self):
        """Forgets the graphs, and the memory they hold."""
        self.graphs, self.memory = {}, None

    def __call__(self, head, *inputs):
        if self.failed:
            return self.step(head, *inputs)
        key = head, tuple(one.shape for one in inputs)
        if key not in self.graphs:
            try:
                self.graphs[key] = self._capture(head, inputs)
            except Exception as error:  # which one depends on PyTorch's version and the device
                if "out of memory" in str(error):
                    raise
                self.reset()
                self.failed = True
                print(f"no CUDA graphs, steps are launched one kernel at a time: {error}", file=sys.stderr, flush=True)
                return self.step(head, *inputs)
        graph, fixed_inputs, outputs = self.graphs[key]
        for fixed, new in zip(fixed_inputs, inputs):
            fixed.copy_(new)
        graph.replay()
        return outputs

    def _capture(self, head, inputs):
        fixed_inputs = [one.clone() for one in inputs]
        # Warming up on a stream of its own, as torch.cuda.graph wants it
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(self.WARM_UP):
                self.step(head, *fixed_inputs)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.memory):
            outputs = self.step(head, *fixed_inputs)
        self.memory = self.memory or graph.pool()
        return graph, fixed_inputs, outputs
