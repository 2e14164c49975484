"""What step_ddp.py trains, as one would write it in PyTorch, and the cases it knows."""
import collections

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn


def norm_relu(channels):
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))


class BasicBlock(nn.Module):
    def __init__(self, inner, outer, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False), norm_relu(outer)
        self.conv2, self.norm2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False), nn.BatchNorm2d(outer)
        self.shortcut = nn.Identity()
        if stride != 1 or inner != outer:
            self.shortcut = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer))

    def forward(self, x):
        y = self.norm2(self.conv2(self.norm1(self.conv1(x))))
        return F.relu(y.add_(self.shortcut(x)), inplace=True)


def resnet18():
    layers, inner = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), norm_relu(64)], 64
    for i, outer in enumerate((64, 128, 256, 512)):
        layers += [BasicBlock(inner, outer, 1 if i == 0 else 2), BasicBlock(outer, outer, 1)]
        inner = outer
    return nn.Sequential(*layers)


class SimClr(nn.Module):
    """[2n, 3, 32, 32], view by view -> rows of length 1, [2n, 128]."""

    def __init__(self):
        super().__init__()
        self.backbone = resnet18()
        self.projector = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 128))

    def forward(self, x):
        return F.normalize(self.projector(self.backbone(x).mean((2, 3))))


class Gather(torch.autograd.Function):
    """Rows of all ranks, in their order; the gradient of a row is the sum over ranks."""

    @staticmethod
    def forward(context, x):
        parts = [torch.empty_like(x) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, x)
        return torch.cat(parts)

    @staticmethod
    def backward(context, gradient):
        dist.all_reduce(gradient)
        return gradient.chunk(dist.get_world_size())[dist.get_rank()]


def nt_xent(z, temperature=0.5):
    """The mean over this rank's anchors; partners and negatives come from all ranks."""
    every = Gather.apply(z.contiguous()) if dist.get_world_size() > 1 else z
    own = torch.arange(len(z)) + dist.get_rank() * len(z)
    logits = (z @ every.t() / temperature).index_put((own - own[0], own), z.new_tensor(-torch.inf))
    return F.cross_entropy(logits, own.roll(len(z) // 2))  # a rank holds its first views, then its second


class Rotation(nn.Module):
    """[4n, 3, 32, 32] -> logits [4n, 4]."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(3, 32, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(64, 64, 3), nn.ReLU(inplace=True))
        self.head = nn.Sequential(nn.Linear(64 * 4 * 4, 64), nn.ReLU(), nn.Linear(64, 4))

    def forward(self, x):
        return self.head(self.convolutions(x).flatten(1))


def rotations(x):
    return torch.cat([torch.rot90(x, turn, (2, 3)) for turn in range(4)])


def rotation_loss(logits):
    return F.cross_entropy(logits, torch.arange(4).repeat_interleave(len(logits) // 4))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        q, k, v = self.qkv(self.norm1(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))


def take(rows, places):
    """Of each sample the rows at `places`: [n, P, D], [n, K] -> [n, K, D]."""
    return rows.gather(1, places.unsqueeze(2).expand(-1, -1, rows.shape[2]))


class Mae(nn.Module):
    """[n, 3, 32, 32] -> squared errors of the three quarters of the patches that are hidden.

    ViT-Ti on patches of 4 px, decoder of two blocks of width 128.
    """

    def __init__(self, width=192, depth=12, side=4, decoder=128, decoder_depth=2):
        super().__init__()
        self.side, self.patches = side, (32 // side) ** 2
        token = lambda count, size: nn.Parameter(torch.randn(1, count, size) * 0.02)
        self.embed = nn.Conv2d(3, width, side, side)
        self.class_token, self.positions = token(1, width), token(self.patches + 1, width)
        self.encoder = nn.Sequential(*(TransformerBlock(width, width // 64) for _ in range(depth)), nn.LayerNorm(width, eps=1e-6))
        self.to_decoder, self.mask_token = nn.Linear(width, decoder), token(1, decoder)
        self.register_buffer("decoder_positions", torch.randn(1, self.patches, decoder))
        self.decoder = nn.Sequential(*(TransformerBlock(decoder, decoder // 32) for _ in range(decoder_depth)))
        self.norm, self.output = nn.LayerNorm(decoder, eps=1e-6), nn.Linear(decoder, side * side * 3)

    def forward(self, x):
        n = len(x)
        order = torch.rand(n, self.patches).argsort(1)
        shown, hidden = order.split([self.patches // 4, self.patches - self.patches // 4], 1)
        tokens = self.embed(x).flatten(2).transpose(1, 2) + self.positions[:, 1:]
        first = (self.class_token + self.positions[:, :1]).expand(n, -1, -1)
        y = self.to_decoder(self.encoder(torch.cat([first, take(tokens, shown)], 1)))
        positions = self.decoder_positions.expand(n, -1, -1)
        y = torch.cat([y[:, :1], y[:, 1:] + take(positions, shown), self.mask_token + take(positions, hidden)], 1)
        predicted = self.output(self.norm(self.decoder(y)[:, -hidden.shape[1]:]))
        pixels = take(F.pixel_unshuffle(x, self.side).flatten(2).transpose(1, 2), hidden)
        target = (pixels - pixels.mean(2, keepdim=True)) / (pixels.var(2, keepdim=True) + 1e-6).sqrt()
        return (predicted - target).square()


# network, loss of its output, global batch, input from images [n, ...] and other images, steps a round, optimizer
Case = collections.namedtuple("Case", "network loss batch input steps optimizer")
CASES = {
    "simclr": Case(SimClr, nt_xent, 128, torch.cat, 2, "sgd"),
    "rotation": Case(Rotation, rotation_loss, 256, lambda views: rotations(views[0]), 8, "sgd"),
    "mae": Case(Mae, torch.mean, 64, lambda views: views[0], 4, "adamw"),
}
