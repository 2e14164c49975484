"""Random reads of single samples from a set that convert.py wrote with `mds`, warm, one thread.

    read_mds.py FOLDER [--samples 5000] [--rounds 5]

Prints one JSON object: microseconds a sample, best round.
"""
import argparse, importlib.metadata as metadata, json, random, time

from streaming.base import LocalDataset

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder")
parser.add_argument("--samples", type=int, default=5000)
parser.add_argument("--rounds", type=int, default=5)
options = parser.parse_args()
dataset = LocalDataset(local=options.folder)
order = random.Random(0).sample(range(dataset.size), min(options.samples, dataset.size))
best = float("inf")
for _ in range(options.rounds):
    start = time.perf_counter()
    for i in order:
        dataset[i]
    best = min(best, (time.perf_counter() - start) / len(order))
print(json.dumps({"peer": "mds", "microseconds": round(best * 1e6, 2), "version": metadata.version("mosaicml-streaming")}))
