"""What the scripts of views share: one thread, the cases, the clock, the line of JSON.

Each augment_*.py takes CASE FOLDER [--count 250] [--rounds 5] [--from-memory] and prints images a
second, from encoded bytes in memory to normalised f32 tensors, in one thread, and versions. Every
library draws from its own generator, as its users let it; distributions are those of the case.
"""
import argparse
import collections
import importlib.metadata
import io
import json
import os
import pathlib
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import numpy as np
from PIL import Image

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIGMA = (0.1, 2.0)

# jitter: strengths, applied at 0.8; blur, solarize: probabilities, view by view.
Case = collections.namedtuple("Case", "size filter views jitter blur solarize")
BYOL, SIMCLR = (0.4, 0.4, 0.2, 0.1), (0.8, 0.8, 0.8, 0.2)
CASES = {
    "byol": Case(224, "bicubic", 2, BYOL, (1.0, 0.1), (0.0, 0.2)),
    "one": Case(224, "bicubic", 1, None, (0.0,), (0.0,)),
    "one_bilinear": Case(224, "bilinear", 1, None, (0.0,), (0.0,)),
    "byol_cifar": Case(32, "bicubic", 2, BYOL, (0.0, 0.0), (0.0, 0.2)),
    "simclr_cifar": Case(32, "bicubic", 2, SIMCLR, (0.0, 0.0), (0.0, 0.0)),
}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=CASES)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--from-memory", action="store_true", help="images are decoded before")
    return parser.parse_args()


def images(options):
    """Encoded bytes, or pixels with --from-memory, of files at equal distances in the folder."""
    files = sorted(p for p in pathlib.Path(options.folder).rglob("*") if p.is_file())
    files = files[:: max(1, len(files) // options.count)][: options.count]
    contents = [path.read_bytes() for path in files]
    if not options.from_memory:
        return contents
    return [np.array(Image.open(io.BytesIO(content)).convert("RGB")) for content in contents]


def report(peer, options, items, run, package):
    """Times run(items) and prints the line."""
    run(items[: max(20, len(items) // 5)])
    rates = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        run(items)
        rates.append(len(items) / (time.perf_counter() - start))
    names = dict.fromkeys([package, "torch", "pillow"])
    print(json.dumps({
        "peer": peer, "case": options.case + (" from memory" if options.from_memory else ""),
        "rates": [round(rate, 1) for rate in rates],
        "versions": {name: importlib.metadata.version(name) for name in names}}))
