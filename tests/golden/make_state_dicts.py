"""Writes state_dicts/*.pth: what Python's torch.save makes of small state dicts, and of what is none.

    python3 -m venv golden && golden/bin/pip install torch    # written by 2.14.1
    golden/bin/python tests/golden/make_state_dicts.py

`weight` is arange(6) as [2, 3]; `turned` is its transpose, a view of the same numbers; `half` is 0.5 in bf16; `count` is
7 in i64; `empty` has no numbers.
"""

import argparse
import collections
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent / "state_dicts"


def state():
    weight = torch.arange(6, dtype=torch.float32).view(2, 3)
    tensors = collections.OrderedDict(weight=weight, turned=weight.t(), half=torch.full((1,), 0.5).bfloat16())
    tensors.update(count=torch.tensor(7), empty=torch.empty(0, 4), parameter=torch.nn.Parameter(torch.ones(2)))
    return tensors


def main():
    FOLDER.mkdir(exist_ok=True)
    module = torch.nn.BatchNorm2d(2)
    torch.save(state(), FOLDER / "plain.pth")
    torch.save(state(), FOLDER / "before_zip.pth", _use_new_zipfile_serialization=False)
    torch.save(state(), FOLDER / "protocol4.pth", pickle_protocol=4)
    torch.save(module.state_dict(), FOLDER / "module.pth")
    torch.save(
        {"epoch": 3, "lr": 0.5, "name": "run", "big": 2**40, "less": -5, "list": [1, (2, None, True)], "model": state()},
        FOLDER / "checkpoint.pth",
    )
    torch.save({"model": state(), "options": argparse.Namespace(lr=1)}, FOLDER / "object.pth")
    torch.save({"model": state(), "ema": state()}, FOLDER / "two.pth")


if __name__ == "__main__":
    main()
