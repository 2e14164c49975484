#!/usr/bin/env python3
"""Does each task learn something within half a minute of one core?

    run.py PROGRAM DATA ROWS.csv [--seeds 0 1 2] [--tasks ...]

Trains configs/pretrain/TASK_cifar10.yaml, all tasks with the first seed, then with the next one, and
appends a line a run to ROWS.csv; a run whose line is there is not repeated. table.py makes the
table of docs/results.md of them. DATA holds cifar10/train, packed. Not run by CI.
"""
import argparse
import json
import pathlib
import resource
import subprocess
import tempfile

CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs" / "pretrain"
SUFFIX = "_cifar10.yaml"
HEAD = "task,seed,steps,knn_before,knn,probe_before,probe,cpu_seconds"


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row(options, task, seed):
    """The line of one run, or None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        run, before = pathlib.Path(folder) / "run", cpu_seconds()
        done = subprocess.run(
            [options.program, "pretrain", CONFIGS / (task + SUFFIX), "--quiet", "--out", run,
             f"seed={seed}", f"data.shards={options.data}/cifar10/train", *options.set])
        if done.returncode != 0:
            return None
        rows = [json.loads(line) for line in (run / "metrics.jsonl").open()]
    first, last = rows[0], rows[-1]
    values = [row[name] for name in ("knn_accuracy", "probe_accuracy") for row in (first, last)]
    return ",".join([task, str(seed), str(last["step"]), *(f"{value:.4f}" for value in values),
                     f"{cpu_seconds() - before:.1f}"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("rows", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tasks", nargs="+",
                        default=sorted(path.name.removesuffix(SUFFIX) for path in CONFIGS.glob("*" + SUFFIX)))
    parser.add_argument("--set", nargs="*", default=[], help="overrides of the configurations, for trials")
    options = parser.parse_args()
    if not options.rows.exists():
        options.rows.write_text(HEAD + "\n")
    for seed in options.seeds:
        for task in options.tasks:
            if f"\n{task},{seed}," in options.rows.read_text():
                continue
            line = row(options, task, seed)
            with options.rows.open("a") as rows:
                rows.write(line + "\n" if line else f"# {task}, seed {seed}: failed\n")


if __name__ == "__main__":
    main()
