"""Writes what a masked autoencoder written after the paper loses and learns: mae.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1
    golden/bin/python tests/golden/make_mae.py

The decoder is written as published: every token in its place, mask tokens in the places of hidden patches, all of them
predicted, and the loss taken of hidden ones. Weights and images are `pattern`, repeated in tests/support/golden.h; masks
are keyed permutations (Philox4x32-10, src/core/random.h).
"""

import json
import math
import pathlib

import torch

SIDE, GRID, WIDTH, DECODER, KEPT = 4, 4, 32, 64, 4
PATCHES = GRID * GRID
SEED, SAMPLES, STEPS, RATE = 9, (10, 11, 12), 10, 0.05
M64, M32 = (1 << 64) - 1, (1 << 32) - 1


def mix(state, word):
    z = (state + 0x9E3779B97F4A7C15 + word) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def hash_key(start, name, indices):
    state = mix(start, SEED)
    for byte in name.encode():
        state = mix(state, byte)
    state = mix(state, len(name))
    for index in indices:
        state = mix(state, index)
    return mix(state, len(indices))


def philox(c, k):
    for i in range(10):
        if i > 0:
            k = ((k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32)
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = ((p1 >> 32) ^ c[1] ^ k[0], p1 & M32, (p0 >> 32) ^ c[3] ^ k[1], p0 & M32)
    return c


def permutation(name, indices, n):
    key, counter = hash_key(1, name, indices), hash_key(2, name, indices)
    words = (
        word
        for block in range(n)
        for word in philox((block, 0, counter & M32, counter >> 32), (key & M32, key >> 32))
    )
    order = list(range(n))
    for i in range(n, 1, -1):
        value = next(words) | next(words) << 32
        assert value >= (1 << 64) % i  # else it would be drawn again
        j = value % i
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def parameters(crosses):
    shapes = {}

    def linear(name, rows, columns):
        shapes[name + ".weight"], shapes[name + ".bias"] = (rows, columns), (rows,)

    def block(name, width, cross=False):
        for norm in ("norm1", "norm2"):
            shapes[f"{name}.{norm}.weight"] = shapes[f"{name}.{norm}.bias"] = (width,)
        for part, rows in (("q", width), ("kv", 2 * width)) if cross else (("qkv", 3 * width),):
            linear(f"{name}.attn.{part}", rows, width)
        linear(f"{name}.attn.proj", width, width)
        linear(f"{name}.mlp.fc1", 4 * width, width)
        linear(f"{name}.mlp.fc2", width, 4 * width)

    shapes["backbone.cls_token"], shapes["backbone.pos_embed"] = (1, 1, WIDTH), (1, PATCHES + 1, WIDTH)
    shapes["backbone.patch_embed.proj.weight"] = (WIDTH, 3, SIDE, SIDE)
    shapes["backbone.patch_embed.proj.bias"] = (WIDTH,)
    for i in range(2):
        block(f"backbone.blocks.{i}", WIDTH)
        block(f"task.decoder.blocks.{i}", DECODER, crosses)
    for name, width in (("backbone.norm", WIDTH), ("task.decoder.norm", DECODER)):
        shapes[name + ".weight"] = shapes[name + ".bias"] = (width,)
    linear("task.decoder.embed", DECODER, WIDTH)
    shapes["task.decoder.mask_token"] = (1, 1, DECODER)
    linear("task.decoder.output", SIDE * SIDE * 3, DECODER)

    values = {}
    for name, shape in shapes.items():
        tokens = len(shape) == 3
        scale = (12 / math.prod(shape[1:])) ** 0.5 if len(shape) > 1 and not tokens else 1
        is_scale = len(shape) == 1 and not name.endswith("bias")
        values[name] = (pattern(shape) * scale + (1 if is_scale else 0)).requires_grad_(True)
    return values


def linear(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def norm(p, name, x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt() * p[name + ".weight"] + p[name + ".bias"]


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


def positions():
    quarter = DECODER // 4
    rows = []
    for place in range(PATCHES):
        row = []
        for coordinate in (place % GRID, place // GRID):
            angles = [coordinate / 10000 ** (i / quarter) for i in range(quarter)]
            row += [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


def losses(p, x, orders, crosses, normalised, predicted):
    n = len(x)
    patches = [
        x[:, :, SIDE * (i // GRID) :][:, :, :SIDE, SIDE * (i % GRID) :][..., :SIDE] for i in range(PATCHES)
    ]
    embedded = [
        (patch.flatten(1) @ p["backbone.patch_embed.proj.weight"].flatten(1).T) + p["backbone.patch_embed.proj.bias"]
        for patch in patches
    ]
    pos = p["backbone.pos_embed"][0]
    rows = []
    for s in range(n):
        tokens = [p["backbone.cls_token"][0, 0] + pos[0]]
        tokens += [embedded[i][s] + pos[1 + i] for i in orders[s][:KEPT]]
        rows.append(torch.stack(tokens))
    tokens = torch.stack(rows)
    for i in range(2):
        tokens = block(p, f"backbone.blocks.{i}", tokens, heads=1)
    memory = linear(p, "task.decoder.embed", norm(p, "backbone.norm", tokens))
    place, mask = positions(), p["task.decoder.mask_token"][0, 0]
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
    result = []
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
    return [permutation("mae.mask", (step, sample, 0), PATCHES) for sample in SAMPLES]


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
