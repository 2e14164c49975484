#!/usr/bin/env python3
"""Who includes whom, against the table in src/cmake/Layers.cmake.

    includes.py ROOT    prints every offender as path:line: reason; exit code 1 when there is one

A folder may include itself, the folders of its row, and theirs. Torch headers are for folders that the table gives
LibTorch::cpu. Every source and script is at most 300 lines long, a folder of
src/, without the folders in it, holds at most 3,400.
"""
import collections
import pathlib
import re
import sys

TORCH = re.compile(r"(torch|ATen|c10|caffe2)/")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
MOST_LINES = 300
MOST_LINES_OF_A_FOLDER = 3400
SOURCES = (".h", ".cpp", ".py", ".sh")
# Modules that are loaded at run time are no rows: folder -> whose folders they may include.
MODULES = {"cuda": "comm"}


def read_table(root):
    """The closure of every folder, and the folders that may see torch."""
    closure, torch = {}, set()
    table = (root / "src/cmake/Layers.cmake").read_text()
    for name, direct, libraries in re.findall(r'^  "([a-z]+):([^:]*):(.*)"$', table, re.M):
        closure[name] = {name}.union(*(closure[other] for other in direct.split()))
        if "LibTorch::cpu" in libraries or torch & closure[name]:
            torch.add(name)
    for name, extended in MODULES.items():
        closure[name] = {name} | closure[extended]
        torch.add(name)
    return closure, torch


def offenders_of(path, folder, closure, torch):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        quote, header = include.groups()
        if TORCH.match(header):
            if folder not in torch:
                yield number, f"{folder} may not see torch: {header}"
        elif quote == '"':
            other = header.split("/")[0]
            if other not in closure:
                yield number, f"'{header}' is not a path from src/"
            elif other not in closure[folder]:
                yield number, f"{folder} may not include {other}: {header}"


def long_sources(root):
    for path in sorted(p for top in ("src", "tests", "launch") for p in (root / top).rglob("*")
                       if p.suffix in SOURCES):
        lines = len(path.read_text().splitlines())
        if lines > MOST_LINES:
            yield f"{path.relative_to(root)}:{lines}: more than {MOST_LINES} lines"


def offenders(root):
    root = pathlib.Path(root)
    closure, torch = read_table(root)
    found = list(long_sources(root))
    lines = collections.Counter()
    for path in sorted(p for p in (root / "src").rglob("*") if p.suffix in (".h", ".cpp")):
        folder = path.relative_to(root / "src").parts[0]
        if folder not in closure:
            found.append(f"{path.relative_to(root)}:1: the table has no folder {folder}")
            continue
        for number, reason in offenders_of(path, folder, closure, torch):
            found.append(f"{path.relative_to(root)}:{number}: {reason}")
        lines[path.parent.relative_to(root)] += len(path.read_text().splitlines())
    for folder, count in sorted(lines.items()):
        if count > MOST_LINES_OF_A_FOLDER:
            found.append(f"{folder}:{count}: more than {MOST_LINES_OF_A_FOLDER} lines")
    return found


if __name__ == "__main__":
    found = offenders(sys.argv[1])
    print("\n".join(found))
    sys.exit(1 if found else 0)
