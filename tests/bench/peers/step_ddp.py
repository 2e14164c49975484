"""Training steps by PyTorch: DistributedDataParallel over gloo, every rank one process on a core of its own.

    step_ddp.py CASE [--ranks 2] [--threads 1] [--batch N] [--rounds 5] [--steps N] [--compile] [--contiguous]
                [--bucket-mb 25]

Prints the images a second of all ranks together, one rate a round, and versions. A step is forward,
backward with the exchange of gradients, and the optimizer, on random f32 input in memory:

    simclr    ResNet-18 (stem for 32 x 32), projector 512-512-128, NT-Xent over the global batch of 128 images, two views each
    rotation  the three-convolution network, 256 images, each in its four quarter turns
    mae       ViT-Ti on patches of 4 px, of which a quarter is shown, 64 images

Set up as it is fastest on a CPU: channels_last (so oneDNN reorders nothing), gradients that are views of
their buckets, a static graph, fused optimizers, and an allocator that keeps large blocks. Batch normalisation is each rank's own:
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
from torch import nn

from step_models import CASES


def trainer(options):
    """step(images): one step of this rank."""
    case = CASES[options.case]
    memory = torch.contiguous_format if options.contiguous else torch.channels_last
    torch.manual_seed(0)
    network = case.network().to(memory_format=memory)
    vectors = [p for p in network.parameters() if p.dim() == 1]
    others = [p for p in network.parameters() if p.dim() > 1]
    groups = [{"params": others}, {"params": vectors, "weight_decay": 0}]
    if case.optimizer == "sgd":
        optimizer = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True)
    else:
        optimizer = torch.optim.AdamW(groups, lr=1e-4, fused=True)
    if options.ranks > 1:
        network = nn.parallel.DistributedDataParallel(
            network, bucket_cap_mb=options.bucket_mb, gradient_as_bucket_view=True, static_graph=True,
            forward_sync_buffers=False)
    if options.compile:
        network = torch.compile(network)

    def step(views):
        x = case.input(views).contiguous(memory_format=memory)
        loss = case.loss(network(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def run_rank(rank, options, cores, folder):
    first = rank * options.threads
    os.sched_setaffinity(0, {cores[i % len(cores)] for i in range(first, first + options.threads)})
    torch.set_num_threads(options.threads)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=options.ranks)
    step = trainer(options)
    batch = options.batch
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
        "case": f"{options.case} step" + ("" if options.ranks > 1 else f", {options.threads} threads"),
        "rates": [round(rate, 2) for rate in rates],
        "versions": {"torch": importlib.metadata.version("torch"), "python": platform.python_version()}}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="of each rank")
    parser.add_argument("--batch", type=int, help="images of a step, over all ranks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of one round")
    parser.add_argument("--bucket-mb", type=float, default=25, help="gradients that are exchanged at once")
    parser.add_argument("--compile", action="store_true", help="with torch.compile")
    parser.add_argument("--contiguous", action="store_true", help="without channels_last")
    options = parser.parse_args()
    options.steps = options.steps or CASES[options.case].steps
    options.batch = options.batch or CASES[options.case].batch
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(run_rank, (options, cores, folder), options.ranks)


if __name__ == "__main__":
    main()
