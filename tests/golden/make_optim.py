"""Writes what PyTorch's and lightly's optimizers and PyTorch's and timm's schedulers give: optim.jsonl, in float64.

    pip install torch==2.14.1 lightly==1.6.0 timm && python tests/golden/make_optim.py

An optimizer makes 100 steps with the gradients of `gradient`, which do not depend on the weights, at a rate that falls
linearly; the file holds the weights after them. The problem is repeated in tests/optim/trajectory_test.cpp: a matrix and
a filter, and a vector in a group of its own that does not decay.
"""

import json
import pathlib
import warnings

import lightly
import timm
import torch
from lightly.utils.lars import LARS
from timm.scheduler import CosineLRScheduler
from torch.optim import lr_scheduler

STEPS, LR = 100, 0.1
SHAPES = [(4, 3), (3, 2, 2, 2), (5,)]
warnings.filterwarnings("ignore")


def pattern(shape, offset):
    i = torch.arange(offset, offset + torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def gradient(shape, offset, step):
    return pattern(shape, offset + 9973 * (step + 1))


def tensors():
    """Weights, and the offset of each in the patterns."""
    offsets = [100 * k for k in range(len(SHAPES))]
    return [pattern(shape, offset) for shape, offset in zip(SHAPES, offsets)], offsets


def run(name, make):
    """`make(matrices, vectors)` gives optimizers; each moves what it was given."""
    weights, offsets = tensors()
    weights = [w.requires_grad_(True) for w in weights]
    optimizers = make(weights[:2], weights[2:])
    for step in range(STEPS):
        for weight, offset in zip(weights, offsets):
            weight.grad = gradient(weight.shape, offset, step)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = LR * (1 - step / (2 * STEPS))
            optimizer.step()
    return {"case": name, "end": [value for w in weights for value in w.detach().flatten().tolist()]}


def of(optimizer, **options):
    """One optimizer with two groups, of which the second does not decay."""

    def make(matrices, vectors):
        groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
        return [optimizer(groups, lr=LR, **options)]

    return make


class Larc(torch.optim.SGD):
    """solo-learn's LARS with clip_lr, written from its rule: min(r / lr, 1)."""

    def step(self):
        decays = []
        for group in self.param_groups:
            decays.append(group["weight_decay"])
            for w in group["params"] if group["weight_decay"] else []:
                g, n = w.grad, w.detach().norm()
                r = 0.02 * n / (g.norm() + group["weight_decay"] * n + 1e-8)
                w.grad = min(r / group["lr"], 1) * (g + group["weight_decay"] * w.detach())
            group["weight_decay"] = 0
        super().step()
        for group, decay in zip(self.param_groups, decays):
            group["weight_decay"] = decay


class Lamb(torch.optim.Optimizer):
    """You et al. 2020, algorithm 2, tensor by tensor."""

    def __init__(self, groups, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01):
        super().__init__(groups, dict(lr=lr, weight_decay=weight_decay))
        self.betas, self.eps, self.count = betas, eps, 0

    @torch.no_grad()
    def step(self):
        self.count += 1
        b1, b2 = self.betas
        for group in self.param_groups:
            for w in group["params"]:
                state = self.state[w]
                state["m"] = b1 * state.get("m", 0) + (1 - b1) * w.grad
                state["v"] = b2 * state.get("v", 0) + (1 - b2) * w.grad**2
                m, v = state["m"] / (1 - b1**self.count), state["v"] / (1 - b2**self.count)
                u = m / (v.sqrt() + self.eps) + group["weight_decay"] * w
                ratio = w.norm() / u.norm() if group["weight_decay"] else 1
                w -= group["lr"] * ratio * u


def muon(**options):
    """torch.optim.Muon on matrices, in float64: its iteration would round to bfloat16. AdamW moves the vector."""

    def make(matrices, vectors):
        flat = [w.detach().flatten(1) for w in matrices]  # views: they move the filters
        optimizer = torch.optim.Muon(flat, lr=LR, adjust_lr_fn="match_rms_adamw", **options)
        inner = optimizer.step

        def step():
            for view, w in zip(flat, matrices):
                view.grad = w.grad.flatten(1)
            as_bfloat16, torch.Tensor.bfloat16 = torch.Tensor.bfloat16, torch.Tensor.clone
            try:
                inner()
            finally:
                torch.Tensor.bfloat16 = as_bfloat16

        optimizer.step = step
        return [optimizer, torch.optim.AdamW(vectors, lr=LR, weight_decay=0)]

    return make


def optimizers():
    yield run("sgd", of(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=0.05))
    yield run("sgd_heavy_ball", of(torch.optim.SGD, momentum=0.9, weight_decay=0.05))
    yield run("adam", of(torch.optim.Adam))
    yield run("adamw", of(torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.05))
    yield run("lars", of(LARS, momentum=0.9, weight_decay=1e-2, trust_coefficient=0.1))
    yield run("lars_clip", of(Larc, momentum=0.9, weight_decay=1e-2))
    yield run("lamb", of(Lamb, weight_decay=0.05))
    yield run("muon", muon(weight_decay=0.1))
    yield run("muon_plain", muon(momentum=0.8, nesterov=False, weight_decay=0))


def rates(make):
    """What a PyTorch scheduler makes of 1 in each of 60 steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(60):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def schedules():
    def warm(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / 6, total_iters=5)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max=54, eta_min=0.1)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[6])

    yield {"case": "warm_cosine", "rates": rates(warm)}
    yield {"case": "step", "rates": rates(lambda o: lr_scheduler.MultiStepLR(o, [30, 45], gamma=0.2))}
    yield {"case": "constant", "rates": rates(lambda o: lr_scheduler.ConstantLR(o, factor=1.0))}
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = CosineLRScheduler(optimizer, t_initial=60, lr_min=0.1)
    yield {"case": "timm_cosine", "rates": [scheduler._get_lr(step)[0] for step in range(60)]}


def main():
    versions = {module.__name__: module.__version__ for module in (torch, lightly, timm)}
    lines = [{"case": "made_by", **versions}, *optimizers(), *schedules()]
    path = pathlib.Path(__file__).parent / "optim.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
