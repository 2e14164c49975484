"""Updates by torch.optim over the parameters of ResNet-18, in one thread.

    optim_torch.py [adamw|sgd|muon] [--rounds 5] [--updates 20] [--how default|foreach|fused]

Prints the values a second, one rate a round, and versions. `default` is what a user gets who says nothing: on a CPU a loop
over the parameters. Muon moves what it can, matrices; filters are given to it as matrices.
"""
import argparse
import importlib.metadata
import json
import os
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import torch

from step_ddp import resnet18


def optimizer_of(name, how, weights):
    options = {} if how == "default" else {how: True}
    if name == "muon":
        return torch.optim.Muon([w for w in weights if w.dim() == 2], lr=1e-6)
    if name == "sgd":
        options.update(momentum=0.9, nesterov=True)
    return {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[name](weights, lr=1e-6, weight_decay=0.01, **options)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?", default="adamw", choices=["adamw", "sgd", "muon"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--how", default="default", choices=["default", "foreach", "fused"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    weights = [w.detach() for w in resnet18().parameters()]
    if options.name == "muon":
        weights = [w.flatten(1) if w.dim() > 1 else w for w in weights]
    weights = [torch.zeros_like(w).requires_grad_(True) for w in weights]
    for weight in weights:
        weight.grad = torch.full_like(weight, 1e-3)
    optimizer = optimizer_of(options.name, options.how, weights)
    values = sum(w.numel() for w in weights)
    optimizer.step()
    rates = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        for _ in range(options.updates):
            optimizer.step()
        rates.append(options.updates * values / (time.perf_counter() - start))
    print(json.dumps({
        "peer": f"torch.optim, {options.how}", "case": f"{options.name} update",
        "rates": [round(rate) for rate in rates],
        "versions": {"torch": importlib.metadata.version("torch")}}))


if __name__ == "__main__":
    main()
