"""Writes what I-JEPA and SimMIM written after the papers lose and learn: masked.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1
    golden/bin/python tests/golden/make_masked.py

I-JEPA: Assran et al. 2023, section 3 and appendix A; smooth L1 and the momentum as in the released code. SimMIM: Xie et
al. 2022, section 3. Weights and images are `pattern`; masks are keyed draws.
"""

import json
import math
import pathlib

import networks
import torch
from keyed import Draw
from torch import nn
from transformer import Shapes, block, embedded, linear, norm, pattern, positions, vit

PATCH, WIDTH, SEED, SAMPLES, STEPS, RATE = 4, 32, 9, (10, 11, 12), 10, 0.05


def images(rows, columns):
    return pattern((len(SAMPLES), 3, PATCH * rows, PATCH * columns)) * 4


def descent(name, p, loss_of, teacher=None):
    """Ten steps of plain descent. A teacher's weights follow those of the backbone."""
    path = []
    for step in range(STEPS):
        loss = loss_of(step)
        path.append(loss.tolist())
        loss.mean().backward()
        with torch.no_grad():
            for value in p.values():
                value -= RATE * value.grad
                value.grad = None
            if teacher:
                momentum = MOMENTUM + (1 - MOMENTUM) * step / STEPS
                for key, value in teacher.items():
                    value.copy_(momentum * value + (1 - momentum) * p[key.replace("task.teacher.", "backbone.")])
    weights = {key: value.detach().flatten()[:3].tolist() for key, value in {**p, **(teacher or {})}.items()}
    return {"case": name, "rate": RATE, "losses": path, "weights": weights}


# I-JEPA.
ROWS, COLUMNS, PREDICTOR, TARGETS, CONTEXT, MOMENTUM = 5, 6, 64, 2, 0.2, 0.7


def half_up(x):
    return math.floor(x + 0.5)


def block_of(draw, least_area, most_area, least_aspect, most_aspect):
    area, aspect = draw.uniform(least_area, most_area), draw.uniform(least_aspect, most_aspect)
    side = lambda share, patches: min(max(half_up(share * patches), 1), patches)
    return side(math.sqrt(area * aspect), ROWS), side(math.sqrt(area / aspect), COLUMNS)


def placed(draw, rows, columns):
    top, left = draw.below(ROWS - rows + 1), draw.below(COLUMNS - columns + 1)
    return [row * COLUMNS + column for row in range(top, top + rows) for column in range(left, left + columns)]


def masks(step):
    """Of each sample: patches of the context, and those of each target block."""
    sizes = Draw(SEED, "ijepa.blocks", (step,))
    target, context = block_of(sizes, 0.15, 0.2, 0.75, 1.5), block_of(sizes, 0.85, 1, 1, 1)
    kept = half_up(CONTEXT * ROWS * COLUMNS)
    chosen = []
    for sample in SAMPLES:
        draw, free = Draw(SEED, "ijepa.blocks", (step, sample, 0)), []
        while len(free) < kept:
            targets = [placed(draw, *target) for _ in range(TARGETS)]
            free = [place for place in placed(draw, *context) if place not in sum(targets, [])]
        draw.shuffle(free)
        chosen.append((sorted(free[:kept]), targets))
    return chosen


def smooth_l1(x):
    return torch.where(x.abs() < 1, x.square() / 2, x.abs() - 0.5)


def ijepa():
    shapes, of_teacher = Shapes(), Shapes()
    shapes.vit("backbone", PATCH, ROWS * COLUMNS, WIDTH, depth=2)
    shapes.predictor("task.predictor", WIDTH, PREDICTOR, 2, WIDTH)
    of_teacher.vit("task.teacher", PATCH, ROWS * COLUMNS, WIDTH, depth=2)
    p, teacher = shapes.values(), {name: value.detach() for name, value in of_teacher.values().items()}
    place, x = positions(ROWS, COLUMNS, PREDICTOR), images(ROWS, COLUMNS)

    def loss_of(step):
        chosen = masks(step)
        everything = [range(ROWS * COLUMNS)] * len(SAMPLES)
        target = vit(teacher, "task.teacher", embedded(teacher, "task.teacher", x, PATCH), everything, 2, heads=1)
        target = nn.functional.layer_norm(target[:, 1:], (WIDTH,))
        tokens = vit(p, "backbone", embedded(p, "backbone", x, PATCH), [context for context, _ in chosen], 2, heads=1)
        tokens, mask = linear(p, "task.predictor.embed", tokens), p["task.predictor.mask_token"][0, 0]
        losses = []
        for s, (context, targets) in enumerate(chosen):
            distances = []
            for wanted in targets:
                y = [tokens[s, 0]] + [tokens[s, 1 + at] + place[i] for at, i in enumerate(context)]
                y = torch.stack(y + [mask + place[i] for i in wanted]).unsqueeze(0)
                for i in range(2):
                    y = block(p, f"task.predictor.blocks.{i}", y, heads=2)
                y = linear(p, "task.predictor.output", norm(p, "task.predictor.norm", y))[0, -len(wanted) :]
                distances.append(smooth_l1(y - target[s, wanted]).mean())
            losses.append(torch.stack(distances).mean())
        return torch.stack(losses)

    return {**descent("ijepa", p, loss_of, teacher), "masks": masks(1)}


# SimMIM.
RATIO = 0.6


def squares(step, rows, columns, side):
    """bool [n, rows, columns]."""
    down, across = -(-rows // side), -(-columns // side)
    hidden = torch.zeros(len(SAMPLES), rows, columns, dtype=torch.bool)
    for s, sample in enumerate(SAMPLES):
        order = Draw(SEED, "simmim.squares", (step, sample, 0)).permutation(down * across)
        for square in order[: half_up(RATIO * down * across)]:
            top, left = square // across * side, square % across * side
            hidden[s, top : top + side, left : left + side] = True
    return hidden


def shuffled(scores, rows, columns, factor):
    """[n, rows columns, 3 factor^2] -> [n, 3, rows factor, columns factor]."""
    pixels = scores.view(len(scores), rows, columns, 3, factor, factor)
    return pixels.permute(0, 3, 1, 4, 2, 5).reshape(len(scores), 3, rows * factor, columns * factor)


def absolute_error(prediction, x, hidden):
    return torch.stack([(y - target)[:, mask].abs().mean() for y, target, mask in zip(prediction, x, hidden)])


def simmim_of_patches():
    grid, side = 5, 2
    shapes = Shapes()
    shapes.vit("backbone", PATCH, grid * grid, WIDTH, depth=2)
    shapes["task.mask_token"] = (1, 1, WIDTH)
    shapes["task.head.weight"], shapes["task.head.bias"] = (3 * PATCH**2, WIDTH, 1, 1), (3 * PATCH**2,)
    p, x = shapes.values(), images(grid, grid)

    def loss_of(step):
        hidden = squares(step, grid, grid, side)
        tokens = embedded(p, "backbone", x, PATCH)
        tokens = [torch.where(hidden[:, i // grid, i % grid, None], p["task.mask_token"][0], token)
                  for i, token in enumerate(tokens)]
        tokens = vit(p, "backbone", tokens, [range(grid * grid)] * len(x), 2, heads=1)[:, 1:]
        scores = tokens @ p["task.head.weight"][:, :, 0, 0].T + p["task.head.bias"]
        pixels = hidden.repeat_interleave(PATCH, 1).repeat_interleave(PATCH, 2)
        return absolute_error(shuffled(scores, grid, grid, PATCH), x, pixels)

    return descent("simmim_of_patches", p, loss_of)


def simmim_of_maps():
    """Squares of 3 pixels in images of 13, of which a map of 6 x 6 predicts 3 x 3 each: 18, resized to 13."""
    size, side, places, factor = 13, 3, 6, 3
    net, head = networks.ConvBn(), nn.Conv2d(6, 3 * factor**2, 1).double()
    networks.weights_of_pattern({"": net, "head.": head})
    x = (4 * networks.pattern("views", (len(SAMPLES), 3, size, size))).requires_grad_(True)
    hidden = squares(0, size, size, side)
    scores = head(net.map(x * ~hidden.unsqueeze(1)))
    pixels = shuffled(scores.flatten(2).transpose(1, 2), places, places, factor)
    nearest = [i * places * factor // size for i in range(size)]
    losses = absolute_error(pixels[:, :, nearest][..., nearest], x, hidden)
    losses.mean().backward()
    return {"case": "simmim_of_maps", "losses": losses.tolist(), "gradient": x.grad.flatten()[::3].tolist(),
            "length": x.grad.norm().item()}


def main():
    torch.set_num_threads(1)
    lines = [{"case": "made_by", "torch": torch.__version__}, ijepa(), simmim_of_patches(), simmim_of_maps()]
    path = pathlib.Path(__file__).parent / "masked.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
