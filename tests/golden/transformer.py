"""A vision transformer by its formulas, and weights for it, for the scripts beside it. All in float64.

Weights are `pattern` of their shape, repeated in tests/support/golden.h.
"""

import math

import torch


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


class Shapes(dict):
    """Of parameters, by name."""

    def linear(self, name, rows, columns):
        self[name + ".weight"], self[name + ".bias"] = (rows, columns), (rows,)

    def norm(self, name, width):
        self[name + ".weight"] = self[name + ".bias"] = (width,)

    def block(self, name, width, cross=False):
        self.norm(name + ".norm1", width)
        self.norm(name + ".norm2", width)
        for part, rows in (("q", width), ("kv", 2 * width)) if cross else (("qkv", 3 * width),):
            self.linear(f"{name}.attn.{part}", rows, width)
        self.linear(f"{name}.attn.proj", width, width)
        self.linear(f"{name}.mlp.fc1", 4 * width, width)
        self.linear(f"{name}.mlp.fc2", width, 4 * width)

    def vit(self, name, side, patches, width, depth):
        self[name + ".cls_token"], self[name + ".pos_embed"] = (1, 1, width), (1, patches + 1, width)
        self[name + ".patch_embed.proj.weight"] = (width, 3, side, side)
        self[name + ".patch_embed.proj.bias"] = (width,)
        for i in range(depth):
            self.block(f"{name}.blocks.{i}", width)
        self.norm(name + ".norm", width)

    def predictor(self, name, inputs, width, depth, outputs, cross=False):
        self.linear(name + ".embed", width, inputs)
        self[name + ".mask_token"] = (1, 1, width)
        for i in range(depth):
            self.block(f"{name}.blocks.{i}", width, cross)
        self.norm(name + ".norm", width)
        self.linear(name + ".output", outputs, width)

    def values(self):
        values = {}
        for name, shape in self.items():
            tokens = len(shape) == 3
            scale = (12 / math.prod(shape[1:])) ** 0.5 if len(shape) > 1 and not tokens else 1
            is_scale = len(shape) == 1 and not name.endswith("bias")
            values[name] = (pattern(shape) * scale + (1 if is_scale else 0)).requires_grad_(True)
        return values


def linear(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def standardised(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt()


def norm(p, name, x):
    return standardised(x) * p[name + ".weight"] + p[name + ".bias"]


def block(p, name, x, heads, others=None):
    y = norm(p, name + ".norm1", x)
    if others is None:
        q, k, v = linear(p, name + ".attn.qkv", y).chunk(3, -1)
    else:
        q = linear(p, name + ".attn.q", y)
        k, v = linear(p, name + ".attn.kv", others).chunk(2, -1)
    parts = []
    for q_, k_, v_ in zip(q.chunk(heads, -1), k.chunk(heads, -1), v.chunk(heads, -1)):
        parts.append((q_ @ k_.transpose(1, 2) / q_.size(-1) ** 0.5).softmax(-1) @ v_)
    x = x + linear(p, name + ".attn.proj", torch.cat(parts, -1))
    y = linear(p, name + ".mlp.fc1", norm(p, name + ".norm2", x))
    return x + linear(p, name + ".mlp.fc2", y * (1 + torch.erf(y / 2**0.5)) / 2)


def patches_of(x, side):
    """[n, 3, side, side] for each patch, row by row."""
    return [x[:, :, top : top + side, left : left + side]
            for top in range(0, x.size(2) - side + 1, side) for left in range(0, x.size(3) - side + 1, side)]


def embedded(p, name, x, side):
    """[n, D] for each patch."""
    weight, bias = p[name + ".patch_embed.proj.weight"].flatten(1), p[name + ".patch_embed.proj.bias"]
    return [patch.flatten(1) @ weight.T + bias for patch in patches_of(x, side)]


def positions(rows, columns, width):
    """[P, width]: sines and cosines of the column, then of the row."""
    quarter = width // 4
    table = []
    for place in range(rows * columns):
        row = []
        for coordinate in (place % columns, place // columns):
            angles = [coordinate / 10000 ** (i / quarter) for i in range(quarter)]
            row += [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]
        table.append(row)
    return torch.tensor(table, dtype=torch.float64)


def vit(p, name, tokens, shown, depth, heads):
    """tokens: [n, D] for each patch; shown: which of them sample s has. -> [n, 1 + shown, D], after the last norm."""
    pos = p[name + ".pos_embed"][0]
    rows = []
    for s, places in enumerate(shown):
        row = [p[name + ".cls_token"][0, 0] + pos[0]] + [tokens[i][s] + pos[1 + i] for i in places]
        rows.append(torch.stack(row))
    x = torch.stack(rows)
    for i in range(depth):
        x = block(p, f"{name}.blocks.{i}", x, heads)
    return norm(p, name + ".norm", x)
