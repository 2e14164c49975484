#!/usr/bin/env python3
"""Writes the examples of a page into a folder, and prints the sources among them.

    extract.py PAGE FOLDER

An example is a code block whose first line is a comment that holds nothing but a path. A file is written only when it
changes, so that an unchanged example is not built again.
"""
import pathlib
import re
import sys

page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for path, text in re.findall(r"^```\w+\n(?://|#) (\S+\.\w+)\n(.*?)^```$", page.read_text(), re.M | re.S):
    target = folder / path
    if not target.exists() or target.read_text() != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    if target.suffix == ".cpp":
        print(target)
