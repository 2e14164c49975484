#!/usr/bin/env python3
"""Does a run that goes on from another one keep what that has learnt?

    go_on.py PROGRAM DATA ROWS.csv [--seeds 0 1] [--tasks simclr rotation] [--warmup 50]

Trains configs/pretrain/TASK_cifar10.yaml, then once more with model.weights of that run and
model.warmup_steps, and measures kNN of checkpoints of the second run as a run that begins with them
does before its first step. Appends a line a checkpoint to ROWS.csv; step 0 is the parent. DATA
holds cifar10/train, packed. Not run by CI.
"""
import argparse
import json
import pathlib
import resource
import subprocess
import tempfile

CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs" / "pretrain"
STEPS = [1, 2, 5, 10, 20, 30, 40, 50, 55, 60, 75, 100, 125, 150, 175, 200]  # and the last


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pretrain(options, task, seed, out, *overrides):
    subprocess.run([options.program, "pretrain", CONFIGS / f"{task}_cifar10.yaml", "--quiet", "--out", out,
                    f"seed={seed}", f"data.shards={options.data}/cifar10/train", *overrides], check=True)
    return [json.loads(line) for line in (out / "metrics.jsonl").open()]


def knn(options, task, seed, weights, folder):
    out = folder / ("of-" + weights.replace("/", "_")[-20:])
    rows = pretrain(options, task, seed, out, f"model.weights={weights}", "train.steps=1", "train.hooks=[knn]")
    return rows[0]["knn_accuracy"]


def measure(options, task, seed, folder):
    parent, child, before = folder / "parent", folder / "child", cpu_seconds()
    last = pretrain(options, task, seed, parent)[-1]
    parent_seconds = cpu_seconds() - before
    yield 0, last["knn_accuracy"], parent_seconds
    before = cpu_seconds()
    rows = pretrain(options, task, seed, child, f"model.weights={parent}", f"model.warmup_steps={options.warmup}",
                    "train.checkpoint_steps=1", "train.keep_checkpoints=1000")
    child_seconds = cpu_seconds() - before
    for step in STEPS:
        yield step, knn(options, task, seed, f"{child}@{step}", folder), child_seconds
    yield rows[-1]["step"], rows[-1]["knn_accuracy"], child_seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("rows", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--tasks", nargs="+", default=["simclr", "rotation"])
    parser.add_argument("--warmup", type=int, default=50)
    options = parser.parse_args()
    with options.rows.open("w") as rows:
        rows.write("task,seed,step,knn,cpu_seconds\n")
        for seed in options.seeds:
            for task in options.tasks:
                with tempfile.TemporaryDirectory() as folder:
                    for step, accuracy, seconds in measure(options, task, seed, pathlib.Path(folder)):
                        rows.write(f"{task},{seed},{step},{accuracy:.4f},{seconds:.1f}\n")
                        rows.flush()


if __name__ == "__main__":
    main()
