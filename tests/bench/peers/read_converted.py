"""Reads of single samples, warm, one thread, from a set that convert.py wrote.

    read_converted.py mds|litdata|webdataset FOLDER [--case NAME] [--samples 5000]

In random order; webdataset, which has none, in stored order. Nothing is decoded: what is read are
encoded bytes and the label. Prints one JSON object.
"""
import argparse
import glob
import importlib.metadata
import itertools
import json
import random
import time


def mds(folder):
    from streaming.base import LocalDataset
    return indexed(LocalDataset(local=folder), lambda dataset: dataset.size)


def litdata(folder):
    from litdata import StreamingDataset
    return indexed(StreamingDataset(folder), len)


def indexed(dataset, size):
    order = random.Random(0).sample(range(size(dataset)), min(options.samples, size(dataset)))

    def run():
        for i in order:
            bytes(dataset[i]["image"])  # LitData gives a view of a mapping
        return len(order)
    return run


def webdataset(folder):
    import webdataset as wds
    dataset = wds.WebDataset(sorted(glob.glob(f"{folder}/*.tar")), shardshuffle=False)
    return lambda: sum(1 for _ in itertools.islice(iter(dataset), options.samples))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=["mds", "litdata", "webdataset"])
    parser.add_argument("folder")
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--case", default="read")
    options = parser.parse_args()
    run = globals()[options.peer](options.folder)
    run()
    rates = []
    for _ in range(7):
        start = time.perf_counter()
        count = run()
        rates.append(round(count / (time.perf_counter() - start)))
    package = {"mds": "mosaicml-streaming"}.get(options.peer, options.peer)
    print(json.dumps({"peer": options.peer, "case": options.case, "rates": rates,
                      "versions": {package: importlib.metadata.version(package)}}))
