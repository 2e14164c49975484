"""Random reads of single samples of a packed set through h5py and os.pread, warm, one thread.

    read_h5py.py SET [--case NAME] [--samples 10000]

Beside `espalier bench read`. Payloads are contiguous, so h5py has nothing to decompress: a slice of
the dataset, read_direct into a buffer that is used again, and os.pread of the same bytes. Prints a
JSON object for each.
"""
import argparse
import json
import os
import time

import h5py
import numpy

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--case", default="read")
parser.add_argument("--samples", type=int, default=10000)
options = parser.parse_args()
folder, count = options.folder, options.samples

with h5py.File(os.path.join(folder, "index.h5")) as index:
    offset = index["offset"][:]
    names = [name.decode() for name in index["shard_name"][:]]
    ends = numpy.cumsum(index["shard_num_samples"][:])
    addresses = index["shard_payload_address"][:]
    raw = index.attrs["kind"] == b"raw"

files = [h5py.File(os.path.join(folder, name), "r") for name in names]
payloads = [file["images" if raw else "data"] for file in files]
descriptors = [os.open(os.path.join(folder, name), os.O_RDONLY) for name in names]
order = numpy.random.default_rng(0).permutation(len(offset) - 1)[:count]
buffer = numpy.empty(int(numpy.diff(offset).max()), dtype=numpy.uint8)


def place(sample):
    shard = int(numpy.searchsorted(ends, sample, side="right"))
    first = 0 if shard == 0 else int(ends[shard - 1])
    return shard, first


def h5py_slice(sample, shard, first, begin, end):
    return payloads[shard][sample - first] if raw else payloads[shard][begin:end]


def h5py_read_direct(sample, shard, first, begin, end):
    if raw:
        payload = payloads[shard]
        into = buffer[: end - begin].reshape(payload.shape[1:])
        payload.read_direct(into, source_sel=numpy.s_[sample - first])
    else:
        payloads[shard].read_direct(buffer, numpy.s_[begin:end], numpy.s_[: end - begin])


def os_pread(sample, shard, first, begin, end):
    return os.pread(descriptors[shard], end - begin, int(addresses[shard]) + begin)


places = []
for sample in map(int, order):
    shard, first = place(sample)
    begin = int(offset[sample] - offset[first])
    places.append((sample, shard, first, begin, begin + int(offset[sample + 1] - offset[sample])))

versions = {"h5py": h5py.version.version, "HDF5": h5py.version.hdf5_version, "numpy": numpy.__version__}
for read in (h5py_slice, h5py_read_direct, os_pread):
    rates = []
    for _ in range(8):
        start = time.perf_counter()
        for one in places:
            read(*one)
        rates.append(round(len(places) / (time.perf_counter() - start)))
    print(json.dumps({"peer": read.__name__, "case": options.case, "rates": rates[1:], "versions": versions}))
