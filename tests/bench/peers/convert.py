"""Converts a folder of JPEGs (a folder a class) by other libraries, one process.

    convert.py PEER FOLDER OUT

PEER: mds (MosaicML Streaming), h5py (decoded, one contiguous dataset), webdataset, litdata.
Listing is part of the time, as in `espalier pack`. Prints one JSON object.
"""
import argparse, io, json, pathlib, shutil, time
import importlib.metadata as metadata

import numpy as np
from PIL import Image


def listed(folder):
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
    classes = {name: i for i, name in enumerate(sorted({p.parent.name for p in files}))}
    return [(p, classes[p.parent.name]) for p in files]


def mds(folder, out):
    from streaming import MDSWriter
    items = listed(folder)
    with MDSWriter(out=out, columns={"image": "bytes", "label": "int"}) as writer:
        for path, label in items:
            writer.write({"image": path.read_bytes(), "label": label})
    return len(items)


def h5py(folder, out):
    import h5py
    items = listed(folder)
    first = np.asarray(Image.open(items[0][0]).convert("RGB"))
    pathlib.Path(out).mkdir()
    with h5py.File(pathlib.Path(out) / "set.h5", "w") as file:
        images = file.create_dataset("images", (len(items), *first.shape), np.uint8)
        labels = np.empty(len(items), np.int64)
        for begin in range(0, len(items), 1000):
            part = items[begin:begin + 1000]
            images[begin:begin + len(part)] = np.stack(
                [np.asarray(Image.open(io.BytesIO(p.read_bytes())).convert("RGB")) for p, _ in part])
            labels[begin:begin + len(part)] = [label for _, label in part]
        file["labels"] = labels
    return len(items)


def webdataset(folder, out):
    import webdataset as wds
    items = listed(folder)
    pathlib.Path(out).mkdir()
    with wds.ShardWriter(f"{out}/set-%05d.tar", maxsize=256 << 20, verbose=0) as writer:
        for i, (path, label) in enumerate(items):
            writer.write({"__key__": f"{i:08d}", "jpg": path.read_bytes(), "cls": label})
    return len(items)


def lit_sample(item):
    return {"image": item[0].read_bytes(), "label": item[1]}


def litdata(folder, out):
    from litdata import optimize
    items = listed(folder)
    optimize(fn=lit_sample, inputs=items, output_dir=out, num_workers=1, chunk_bytes="64MB")
    return len(items)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=["mds", "h5py", "webdataset", "litdata"])
    parser.add_argument("folder")
    parser.add_argument("out")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    start = time.perf_counter()
    count = globals()[options.peer](options.folder, options.out)
    seconds = time.perf_counter() - start
    package = {"mds": "mosaicml-streaming"}.get(options.peer, options.peer)
    print(json.dumps({"peer": options.peer, "images": count, "seconds": round(seconds, 2),
                      "images_per_second": round(count / seconds), "version": metadata.version(package)}))
