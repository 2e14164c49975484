"""Makes a table of the lines of run.sh: for each peer the median over pairs, and the ratios' range.

    table.py < LINES

A line of Espalier is followed by the lines of the peers it is paired with. Of every line the best
rate counts: on a shared machine neighbours only slow down.
"""
import collections
import json
import statistics
import sys

pairs, versions = collections.defaultdict(list), {}
for line in filter(str.strip, sys.stdin):
    row = json.loads(line)
    best = max(row["rates"])
    versions.update(row.get("versions", {}))
    if row["peer"].startswith("espalier"):
        ours = best
    else:
        pairs[row["case"], row["peer"]].append((ours, best))

print("| case | peer | its rate | Espalier | ratio (pairs: least to most) |\n|---|---|---|---|---|")
for (case, peer), both in sorted(pairs.items(), key=lambda item: item[0][0]):
    ratios = [ours / theirs for ours, theirs in both]
    theirs, ours = (statistics.median(pair[i] for pair in both) for i in (1, 0))
    print(f"| {case} | {peer} | {theirs:,.0f} | {ours:,.0f} | {statistics.median(ratios):.2f} "
          f"({len(ratios)}: {min(ratios):.2f} to {max(ratios):.2f}) |")
print("\nVersions: " + ", ".join(f"{name} {version}" for name, version in sorted(versions.items())))
