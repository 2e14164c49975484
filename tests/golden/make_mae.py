"""Writes what a masked autoencoder written after the paper loses and learns: mae.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1
    golden/bin/python tests/golden/make_mae.py

The decoder is written as published: every token in its place, mask tokens in the places of hidden patches, all of them
predicted, and the loss taken of hidden ones. Weights and images are `pattern`, repeated in tests/support/golden.h; masks
are keyed permutations.
"""

import json
import pathlib

import torch
from keyed import Draw
from transformer import Shapes, block, embedded, linear, norm, patches_of, pattern, positions, vit

SIDE, GRID, WIDTH, DECODER, KEPT = 4, 4, 32, 64, 4
PATCHES = GRID * GRID
SEED, SAMPLES, STEPS, RATE = 9, (10, 11, 12), 10, 0.05


def parameters(crosses):
    shapes = Shapes()
    shapes.vit("backbone", SIDE, PATCHES, WIDTH, depth=2)
    shapes.predictor("task.decoder", WIDTH, DECODER, 2, SIDE * SIDE * 3, crosses)
    return shapes.values()


def losses(p, x, orders, crosses, normalised, predicted):
    n = len(x)
    tokens = vit(p, "backbone", embedded(p, "backbone", x, SIDE), [order[:KEPT] for order in orders], 2, heads=1)
    memory = linear(p, "task.decoder.embed", tokens)
    place, mask = positions(GRID, GRID, DECODER), p["task.decoder.mask_token"][0, 0]
    hidden = [order[KEPT : KEPT + predicted] for order in orders]
    if crosses:
        y = torch.stack([torch.stack([mask + place[i] for i in hidden[s]]) for s in range(n)])
    else:
        rows = []
        for s in range(n):
            full = [mask] * PATCHES
            for at, i in enumerate(orders[s][:KEPT]):
                full[i] = memory[s, 1 + at]
            rows.append(torch.stack([memory[s, 0]] + [token + place[i] for i, token in enumerate(full)]))
        y = torch.stack(rows)
    for i in range(2):
        y = block(p, f"task.decoder.blocks.{i}", y, heads=2, others=memory if crosses else None)
    y = linear(p, "task.decoder.output", norm(p, "task.decoder.norm", y))
    patches, result = patches_of(x, SIDE), []
    for s in range(n):
        errors = []
        for at, i in enumerate(hidden[s]):
            target = patches[i][s].permute(1, 2, 0).flatten()
            if normalised:
                target = (target - target.mean()) / (target.var() + 1e-6).sqrt()
            errors.append((y[s, at if crosses else 1 + i] - target).square().mean())
        result.append(torch.stack(errors).mean())
    return torch.stack(result)


def orders_of(step):
    return [Draw(SEED, "mae.mask", (step, sample, 0)).permutation(PATCHES) for sample in SAMPLES]


def images():
    return pattern((len(SAMPLES), 3, SIDE * GRID, SIDE * GRID)) * 4


def descent():
    p = parameters(crosses=False)
    path = []
    for step in range(STEPS):
        loss = losses(p, images(), orders_of(step), False, True, PATCHES - KEPT)
        path.append(loss.tolist())
        loss.mean().backward()
        with torch.no_grad():
            for value in p.values():
                value -= RATE * value.grad
                value.grad = None
    weights = {name: value.detach().flatten()[:3].tolist() for name, value in p.items()}
    return {"case": "descent", "rate": RATE, "losses": path, "weights": weights, "orders": orders_of(1)}


def cross():
    loss = losses(parameters(crosses=True), images(), orders_of(0), True, False, 6)
    return {"case": "cross", "losses": loss.tolist()}


def main():
    lines = [{"case": "made_by", "torch": torch.__version__}, descent(), cross()]
    path = pathlib.Path(__file__).parent / "mae.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
