"""Writes losses and gradients of transformation prediction, and ten steps of rotation: transformations.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 numpy
    golden/bin/python tests/golden/make_transformations.py

Written after the papers: Noroozi & Favaro 2016 (sections 3-4), Doersch et al. 2015 (section 3), Gidaris et al. 2018
(eq. 2-3), and for `transform` the definitions at the top of its source. A backbone that computes nothing gives pixels, so
the gradient with respect to the views is that of everything the task makes of them. Weights are `pattern` of their name,
draws are keyed.
"""

import json
import math
import pathlib
from itertools import permutations as orders_of

import torch
from keyed import Draw
from make_classic import permutations
from networks import SAMPLES, ConvBn, pattern, trajectory, weights_of_pattern
from torch import nn
from torch.nn.functional import conv2d, cross_entropy, interpolate, pad

SEED, FIRST, CHANNELS, SIDE, HIDDEN = 9, 10, 3, 20, 5


def draw_of(name, i):
    return Draw(SEED, name, (i % 2, FIRST + i, 0))  # epoch, sample, view


def head(features, classes):
    """Linear, ReLU, linear."""
    modules = {"head.": nn.Sequential(nn.Linear(features.size(1), HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes)).double()}
    weights_of_pattern(modules)
    return modules["head."](features)


def resized(tiles, side):
    return interpolate(tiles, size=(side, side), mode="bilinear", align_corners=False, antialias=True)


def jigsaw(x, options):
    grid, count, side = options["grid"], options["permutations"], options["size"]
    cell = SIDE // grid
    tile = round(options["tile"] * cell)
    margin = (SIDE - cell * grid) // 2
    known = permutations(grid * grid, count)
    answers, rows = [], []
    for i, image in enumerate(x):
        draw = draw_of("jigsaw", i)
        answers.append(draw.below(count))
        tiles = []
        for row in range(grid):
            for column in range(grid):
                top = margin + row * cell + draw.below(cell - tile + 1)
                left = margin + column * cell + draw.below(cell - tile + 1)
                pixels = image[:, top : top + tile, left : left + tile]
                mean = pixels.mean((1, 2), keepdim=True)
                deviation = (pixels.var((1, 2), correction=0, keepdim=True) + 1e-5).sqrt()
                tiles.append((pixels - mean) / deviation)
        shown = [tiles[int(place)] for place in known[answers[-1]]]
        rows.append(resized(torch.stack(shown), side).flatten())
    return cross_entropy(head(torch.stack(rows), count), torch.tensor(answers))


def relative_patch(x, options):
    side, size = round(options["patch"] * SIDE), options["size"]
    gap, shift = round(options["gap"] * side), round(options["jitter"] * side)
    room = SIDE - (3 * side + 2 * gap + 2 * shift)
    neighbours = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
    answers, rows = [], []
    for i, image in enumerate(x):
        draw = draw_of("relative_patch", i)
        answers.append(draw.below(8))
        centre = [shift + side + gap + draw.below(room + 1) for _ in range(2)]
        patches = []
        for down, right in ((0, 0), neighbours[answers[-1]]):
            top = centre[0] + down * (side + gap) + draw.below(2 * shift + 1) - shift
            left = centre[1] + right * (side + gap) + draw.below(2 * shift + 1) - shift
            patches.append(image[:, top : top + side, left : left + side])
        for at, patch in enumerate(patches):
            kept = draw.below(CHANNELS)
            if options["colour"] == "drop":
                patches[at] = torch.stack([patch[c] if c == kept else 0 * patch[c] for c in range(CHANNELS)])
            if options["colour"] == "project":
                a = torch.tensor([[-1.0, 2.0, -1.0]], dtype=torch.float64)
                b = torch.eye(3).double() - a.T @ a / (a @ a.T)
                patches[at] = torch.einsum("dc,chw->dhw", b, patch)
        rows.append(resized(torch.stack(patches), size).flatten())
    return cross_entropy(head(torch.stack(rows), 8), torch.tensor(answers))


def blurred(image, sigma):
    radius = math.ceil(3 * sigma)
    line = torch.exp(-torch.arange(-radius, radius + 1).double() ** 2 / (2 * sigma**2))
    kernel = (line / line.sum()).view(-1, 1) @ (line / line.sum()).view(1, -1)
    wide = pad(image.unsqueeze(1), (radius,) * 4, mode="replicate")
    return conv2d(wide, kernel.view(1, 1, *kernel.shape)).squeeze(1)


def zoomed(image, share):
    """Bilinear, at the places of the middle `share` of each side; pixels are squares."""
    at = (((torch.arange(SIDE).double() + 0.5 - SIDE / 2) * share) + SIDE / 2 - 0.5).clamp(0, SIDE - 1)
    low = at.floor().long().clamp(max=SIDE - 2)
    weights = torch.zeros(SIDE, SIDE, dtype=torch.float64)
    weights[torch.arange(SIDE), low] += 1 - (at - low)
    weights[torch.arange(SIDE), low + 1] += at - low
    return torch.einsum("yi,cij,xj->cyx", weights, image, weights)


def versions(op, image, sigma):
    if op == "flip":
        return [image, image.flip(2)]
    if op == "quarter_turn":
        return [torch.rot90(image, turns, (1, 2)) for turns in range(4)]
    if op == "grey":
        return [image, image.mean(0).expand(CHANNELS, -1, -1)]
    if op == "blur":
        return [image, blurred(image, sigma)]
    if op == "solarize":
        return [image, torch.where(image > 0, -image, image)]
    if op == "channel_order":
        return [image[list(order)] for order in orders_of(range(CHANNELS))]
    return [zoomed(image, share) for share in (0.9, 0.7, 0.5)]


def transform(x, options):
    ops, answers = options["ops"], {op: [] for op in options["ops"]}
    changed = []
    for i, image in enumerate(x):
        for op in ops:
            possible = versions(op, image, options["sigma"])
            answers[op].append(draw_of("transform." + op, i).below(len(possible)))
            image = possible[answers[op][-1]]
        changed.append(image)
    features, loss = torch.stack(changed).flatten(1), 0
    for op in ops:
        classifier = nn.Linear(features.size(1), len(versions(op, x[0], options["sigma"]))).double()
        weights_of_pattern({op + ".": classifier})
        loss = loss + cross_entropy(classifier(features), torch.tensor(answers[op])) / len(ops)
    return loss


def losses():
    cases = [(jigsaw, {"grid": grid, "permutations": count, "tile": tile, "size": size})
             for grid, count, tile, size in ((3, 40, 0.85, 4), (2, 24, 0.7, 6), (3, 9, 0.7, 4))]
    cases += [(relative_patch, {"patch": 0.22, "gap": 0.5, "jitter": 0.25, "colour": colour, "size": size})
              for colour, size in (("drop", 3), ("project", 4), ("keep", 6))]
    cases += [(transform, {"ops": ops, "sigma": 0.8})
              for ops in (["quarter_turn", "zoom", "blur", "solarize"], ["flip", "grey", "zoom"], ["channel_order", "blur"])]
    for loss_of, options in cases:
        x = (pattern("views", (SAMPLES, CHANNELS, SIDE, SIDE)) / 2).requires_grad_(True)
        loss = loss_of(x, options)
        loss.backward()
        flat = x.grad.flatten()
        yield {"case": loss_of.__name__, "options": options, "loss": loss.item(), "length": flat.norm().item(),
               "gradient": flat[::23].tolist()}


def rotation_trainer():
    modules = {"": ConvBn(), "classifier.": nn.Linear(6, 4).double()}
    weights_of_pattern(modules)

    def loss_of(x, step):
        turned = torch.cat([torch.rot90(x, turns, (2, 3)) for turns in range(4)])
        scores = modules["classifier."](modules[""](turned))
        return cross_entropy(scores, torch.arange(4).repeat_interleave(len(x)))

    return modules, loss_of, lambda step: None


def main():
    torch.set_num_threads(1)
    lines = [{"case": "made_by", "torch": torch.__version__}, *losses(), trajectory("rotation", rotation_trainer, 1)]
    path = pathlib.Path(__file__).parent / "transformations.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
