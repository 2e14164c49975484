#!/usr/bin/env python3
"""Makes the table of docs/results.md of what run.py measured.

    table.py ROWS.csv

Accuracies in %, means over seeds; differences to the untrained network of the same seed, paired,
with 95 % Student intervals.
"""
import collections
import csv
import statistics
import sys

STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def difference(before, after):
    differences = [100 * (b - a) for a, b in zip(before, after)]
    mean = statistics.mean(differences)
    if len(differences) < 2:
        return f"{mean:+.1f}", mean, float("inf")
    half = STUDENT[len(differences)] * statistics.stdev(differences) / len(differences) ** 0.5
    return f"{mean:+.1f} ± {half:.1f}", mean, half


def main():
    runs = collections.defaultdict(list)
    with open(sys.argv[1]) as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            runs[row["task"]].append(row)
    print("| task | seeds | kNN: untrained | trained | difference | probe: untrained | trained | "
          "difference | CPU s |\n|---|---|---|---|---|---|---|---|---|")
    lines = []
    for task, rows in runs.items():
        column = lambda name: [float(row[name]) for row in rows]
        cells, gain = [f"`{task}`", str(len(rows))], 0
        for name in ("knn", "probe"):
            before, after = column(name + "_before"), column(name)
            text, gain, half = difference(before, after)
            better = f"**{text}**" if gain - half > 0 else text
            cells += [f"{100 * statistics.mean(before):.1f}", f"{100 * statistics.mean(after):.1f}", better]
        lines.append((-gain, "| " + " | ".join([*cells, f"{statistics.mean(column('cpu_seconds')):.0f}"]) + " |"))
    print("\n".join(line for _, line in sorted(lines)))


if __name__ == "__main__":
    main()
