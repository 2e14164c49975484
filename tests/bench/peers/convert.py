"""Converts a folder of JPEGs, a folder a class, by another library in one process.

    convert.py mds|h5py|webdataset|litdata FOLDER OUT

h5py decodes into one contiguous dataset; the others keep the encoded bytes. Listing is part of the
time, as in `espalier pack`; imports are not. Prints one JSON object.
"""
import argparse
import importlib.metadata
import io
import json
import pathlib
import shutil
import time

import numpy as np
from PIL import Image


def listed(folder):
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
    classes = {name: i for i, name in enumerate(sorted({p.parent.name for p in files}))}
    return [(p, classes[p.parent.name]) for p in files]


def mds(items, out):
    with library.MDSWriter(out=out, columns={"image": "bytes", "label": "int"}) as writer:
        for path, label in items:
            writer.write({"image": path.read_bytes(), "label": label})


def pixels(path):
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))


def h5py(items, out):
    pathlib.Path(out).mkdir()
    with library.File(pathlib.Path(out) / "set.h5", "w") as file:
        images = file.create_dataset("images", (len(items), *pixels(items[0][0]).shape), np.uint8)
        for begin in range(0, len(items), 1000):
            part = items[begin:begin + 1000]
            images[begin:begin + len(part)] = np.stack([pixels(path) for path, _ in part])
        file["labels"] = np.array([label for _, label in items])


def webdataset(items, out):
    pathlib.Path(out).mkdir()
    with library.ShardWriter(f"{out}/set-%05d.tar", maxsize=256 << 20, verbose=0) as writer:
        for i, (path, label) in enumerate(items):
            writer.write({"__key__": f"{i:08d}", "jpg": path.read_bytes(), "cls": label})


def lit_sample(item):
    return {"image": item[0].read_bytes(), "label": item[1]}


def litdata(items, out):
    library.optimize(fn=lit_sample, inputs=items, output_dir=out, num_workers=1, chunk_bytes="64MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=["mds", "h5py", "webdataset", "litdata"])
    parser.add_argument("folder")
    parser.add_argument("out")
    options = parser.parse_args()
    library = importlib.import_module({"mds": "streaming"}.get(options.peer, options.peer))
    shutil.rmtree(options.out, ignore_errors=True)
    start = time.perf_counter()
    items = listed(options.folder)
    globals()[options.peer](items, options.out)
    seconds = time.perf_counter() - start
    package = {"mds": "mosaicml-streaming"}.get(options.peer, options.peer)
    print(json.dumps({"peer": options.peer, "case": "convert", "rates": [round(len(items) / seconds)],
                      "versions": {package: importlib.metadata.version(package)}}))
