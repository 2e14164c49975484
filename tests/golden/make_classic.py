"""Writes what the tests of jigsaw, colorization, nin and wide_resnet28_2 expect: classic.jsonl.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 numpy
    golden/bin/python tests/golden/make_classic.py

Permutations follow algorithm 1 of Noroozi & Favaro 2016 by the distance matrix; colours the formulas of scikit-image's
rgb2lab (D65, 2 degrees); networks are the authors' (gidariss/FeatureLearningRotNet, szagoruyko/wide-residual-networks)
written again, in float64, with the weights `pattern` of make_torch.py.
"""

import itertools
import json
import pathlib

import numpy as np
import torch
from torch import nn


def permutations(things, count):
    """Greedy: the largest mean distance to those chosen; the first is the identity, of equals the first is taken."""
    everything = np.array(list(itertools.permutations(range(things))))
    chosen, left = [0], np.ones(len(everything), bool)
    left[0] = False
    total = (everything != everything[0]).mean(1)
    while len(chosen) < count:
        best = max(total[left])
        at = int(np.flatnonzero(left & (total > best - 1e-9))[0])
        chosen.append(at)
        left[at] = False
        total = total + (everything != everything[at]).mean(1)
    return ["".join(map(str, everything[i])) for i in chosen]


def lab(rgb):
    v = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    matrix = [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
    xyz = v @ np.array(matrix).T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def colours():
    rgb = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5], [0.02, 0.3, 0.04], [0.9, 0.2, 0.6]])
    return {"case": "lab", "rgb": rgb.tolist(), "lab": lab(rgb).tolist()}


def classes():
    """Squares of side 10 of the a-b plane that hold one of the 256^3 colours."""
    levels, squares = np.arange(256) / 255, set()
    for red in levels:
        plane = np.stack(np.meshgrid([red], levels, levels, indexing="ij"), -1).reshape(-1, 3)
        a, b = np.rint(lab(plane)[:, 1:] / 10).astype(int).T
        squares.update(zip(*divmod(np.unique((a + 50) * 100 + b + 50), 100)))
    return {"case": "ab_bins", "bins": sorted([int(a - 50) * 10, int(b - 50) * 10] for a, b in squares)}


def nin(blocks):
    layers, channels = [], 3
    for number in range(1, blocks + 1):
        for i, width in enumerate([192, 160, 96] if number == 1 else [192, 192, 192]):
            kernel = 1 if i else 5 if number < 3 else 3
            layers += [nn.Conv2d(channels, width, kernel, padding=(kernel - 1) // 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        if number == 1:
            layers.append(nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
        if number == 2:
            layers.append(nn.AvgPool2d(kernel_size=3, stride=2, padding=1))
    return nn.Sequential(*layers)


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None

    def forward(self, x):
        o1 = self.bn1(x).relu()
        z = self.conv2(self.bn2(self.conv1(o1)).relu())
        return z + (self.shortcut(o1) if self.shortcut else x)


def wide_resnet():
    layers, channels = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)], 16
    for width, stride in ((32, 1), (64, 2), (128, 2)):
        for block in range(4):
            layers.append(WideBlock(channels, width, stride if block == 0 else 1))
            channels = width
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def features(name, net):
    """Pooled features of two images in training mode. Weights of an order that no names decide: each by its shape."""
    net.double().train()
    with torch.no_grad():
        for key, weight in net.named_parameters():
            scale = (24 / weight[0].numel()) ** 0.5 if weight.dim() == 4 else 1
            weight.copy_(pattern(weight.shape) * scale + (1 if weight.dim() == 1 and "weight" in key else 0))
        pooled = net(pattern((2, 3, 32, 32)) * 4).mean((2, 3))
    count = sum(weight.numel() for weight in net.parameters())
    return {"case": name, "parameters": count, "features": pooled[:, :8].tolist()}


def main():
    lines = [{"case": "made_by", "torch": torch.__version__, "numpy": np.__version__}]
    lines += [{"case": f"permutations_{n}", "permutations": permutations(n, m)} for n, m in ((4, 24), (9, 200))]
    lines += [colours(), classes()]
    lines += [features(f"nin_{blocks}", nin(blocks)) for blocks in (3, 4, 5)]
    lines.append(features("wide_resnet28_2", wide_resnet()))
    path = pathlib.Path(__file__).parent / "classic.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
