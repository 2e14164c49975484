"""Training steps by PyTorch: DistributedDataParallel over gloo, every rank one process on a core of its own.

    step_ddp.py CASE [--ranks 2] [--rounds 5] [--steps N] [--compile] [--contiguous] [--bucket-mb 25]

Prints the images a second of all ranks together, one rate a round, and versions. A step is forward,
backward with the exchange of gradients, and the optimizer, on random f32 input in memory:

    simclr    ResNet-18 (stem for 32 x 32), projector 512-512-128, NT-Xent over the global batch of 128 images, two views each
    rotation  the three-convolution network, 256 images, each in its four quarter turns

Set up as it is fastest on a CPU: channels_last (so oneDNN reorders nothing), one thread a rank, gradients that are views of
their buckets, a static graph, fused SGD, and an allocator that keeps large blocks. Batch normalisation is each rank's own:
PyTorch has a synchronized one only on GPUs.
"""
import argparse
import importlib.metadata
import json
import os
import platform
import tempfile
import time

KEEP_BLOCKS = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(2 * 10**9),
               "MALLOC_TOP_PAD_": str(64 << 20)}
os.environ.update(KEEP_BLOCKS, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", GLOO_SOCKET_IFNAME="lo")

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
    every = Gather.apply(z.contiguous())
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


# network, loss of its output, global batch, input from images [n, ...] and other images, steps a round
CASES = {
    "simclr": (SimClr, nt_xent, 128, lambda views: torch.cat(views), 2),
    "rotation": (Rotation, rotation_loss, 256, lambda views: rotations(views[0]), 8),
}


def trainer(options):
    """step(images): one step of this rank."""
    make, loss_of, _, input_of, _ = CASES[options.case]
    memory = torch.contiguous_format if options.contiguous else torch.channels_last
    torch.manual_seed(0)
    network = make().to(memory_format=memory)
    vectors = [p for p in network.parameters() if p.dim() == 1]
    others = [p for p in network.parameters() if p.dim() > 1]
    optimizer = torch.optim.SGD(
        [{"params": others, "weight_decay": 5e-4}, {"params": vectors}],
        lr=0.01, momentum=0.9, nesterov=True, fused=True)
    if options.ranks > 1:
        network = nn.parallel.DistributedDataParallel(
            network, bucket_cap_mb=options.bucket_mb, gradient_as_bucket_view=True, static_graph=True,
            forward_sync_buffers=False)
    if options.compile:
        network = torch.compile(network)

    def step(views):
        x = input_of(views).contiguous(memory_format=memory)
        loss = loss_of(network(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def run_rank(rank, options, cores, folder):
    os.sched_setaffinity(0, {cores[rank % len(cores)]})
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=options.ranks)
    step = trainer(options)
    batch = CASES[options.case][2]
    torch.manual_seed(1 + rank)
    batches = [[torch.randn(batch // options.ranks, 3, 32, 32) for _ in range(2)] for _ in range(2)]
    for i in range(3):
        step(batches[i % 2])
    rates = []
    for _ in range(options.rounds):
        dist.barrier()
        start = time.perf_counter()
        for i in range(options.steps):
            step(batches[i % 2])
        dist.barrier()
        rates.append(options.steps * batch / (time.perf_counter() - start))
    if rank == 0:
        report(options, rates)
    dist.destroy_process_group()


def report(options, rates):
    used = [name for name in ("compile", "contiguous") if getattr(options, name)]
    print(json.dumps({
        "peer": " ".join([f"PyTorch DDP, {options.ranks} ranks" if options.ranks > 1 else "PyTorch, 1 process", *used]),
        "case": f"{options.case} step",
        "rates": [round(rate, 2) for rate in rates],
        "versions": {"torch": importlib.metadata.version("torch"), "python": platform.python_version()}}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of one round")
    parser.add_argument("--bucket-mb", type=float, default=25, help="gradients that are exchanged at once")
    parser.add_argument("--compile", action="store_true", help="with torch.compile")
    parser.add_argument("--contiguous", action="store_true", help="without channels_last")
    options = parser.parse_args()
    options.steps = options.steps or CASES[options.case][4]
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(run_rank, (options, cores, folder), options.ranks)


if __name__ == "__main__":
    main()
