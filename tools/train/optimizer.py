"""AdamW (Loshchilov and Hutter 2019) on one vector of parameters, with clipped gradients."""

import torch


class AdamW:
    """Updates `flat` in place. Never waits for the device.

    A gradient whose norm exceeds 2.5 times the usual one of its kind is scaled down to that; one with a number that
    is not finite is left out. Gradients of several kinds (here: matched at several heads) differ in size.
    """

    WARM_UP = 20  # gradients of a kind before its usual norm counts

    def __init__(self, flat, decays, weight_decay, kinds, betas=(0.9, 0.99)):
        """`decays`: 1 for parameters that decay, [total]; `kinds`: how many kinds of gradients there are."""
        self.flat, self.decays, self.weight_decay, self.betas = flat, decays, weight_decay, betas
        self.first, self.second = torch.zeros_like(flat), torch.zeros_like(flat)
        self.usual_norms = torch.zeros(kinds, device=flat.device, dtype=flat.dtype)
        self.seen = [0] * kinds
        self.steps = 0
        self.rate_factors = None  # of the learning rate, for each parameter

    def restart(self):
        for tensor in (self.first, self.second, self.usual_norms):
            tensor.zero_()
        self.seen, self.steps = [0] * len(self.seen), 0

    @torch.no_grad()
    def step(self, gradient, rate, kind=0):
        gradient = self._clipped(gradient, kind)
        self.steps += 1
        beta1, beta2 = self.betas
        self.first.lerp_(gradient, 1 - beta1)
        self.second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        size = (self.second / (1 - beta2 ** self.steps)).sqrt_().add_(1e-10)
        self.flat.mul_(1 - rate * self.weight_decay * self.decays)
        move = self.first if self.rate_factors is None else self.first * self.rate_factors
        self.flat.addcdiv_(move, size, value=-rate / (1 - beta1 ** self.steps))

    def _clipped(self, gradient, kind):
        norm = gradient.norm()
        finite = torch.isfinite(norm)
        usual = self.usual_norms[kind]  # a view
        self.seen[kind] += 1
        warm = self.seen[kind] > self.WARM_UP
        factor = (2.5 * usual / (norm + 1e-20)).clamp(max=1) if warm else torch.ones_like(norm)
        counted = torch.minimum(norm, 4 * usual) if warm else norm
        usual.lerp_(torch.where(finite, counted, usual), max(0.03, 1 / self.seen[kind]))
        return torch.nan_to_num(gradient, 0, 0, 0) * torch.where(finite, factor, torch.zeros_like(factor))

    def state(self):
        return {"first": self.first.cpu(), "second": self.second.cpu(), "usual_norms": self.usual_norms.cpu(),
                "seen": list(self.seen), "steps": self.steps}

    def load_state(self, state):
        for name in ("first", "second", "usual_norms"):
            getattr(self, name).copy_(state[name])
        self.seen, self.steps = list(state["seen"]), state["steps"]
