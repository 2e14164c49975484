"""Makes foreign/: HDF5 files as other programs write them. Made with h5py 3.7.0.

    python3 make_foreign_h5.py    # in tests/pack
"""
import pathlib
import h5py, numpy as np

out = pathlib.Path("foreign")
out.mkdir(exist_ok=True)
jpeg = np.frombuffer(pathlib.Path("small.jpg").read_bytes(), np.uint8)
with h5py.File(out / "groups.h5", "w") as file:
    for name in ("dog", "cat"):
        for i in range(2):
            file.create_dataset(f"{name}/{name}_{i}.jpg", data=jpeg, compression="gzip", compression_opts=9)
pixels = np.arange(3 * 2 * 4 * 3, dtype=np.uint8).reshape(3, 2, 4, 3)
with h5py.File(out / "arrays.h5", "w") as file:
    file.create_dataset("images", data=pixels, chunks=(1, 2, 4, 3), compression="gzip")
    file.create_dataset("labels", data=np.array([2, 0, 2], np.int32))
with h5py.File(out / "grey.h5", "w") as file:
    file["x"] = pixels[..., 0]
with h5py.File(out / "float.h5", "w") as file:
    file["data"] = pixels.astype(np.float32)
with h5py.File(out / "labels.h5", "w") as file:
    file["x"], file["y"] = pixels, np.array([1, 2])
with h5py.File(out / "latest.h5", "w", libver="latest") as file:
    file["images"] = pixels
