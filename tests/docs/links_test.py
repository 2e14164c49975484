#!/usr/bin/env python3
"""Pages point at what exists: links, their anchors, and paths of the repository."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = "src|tests|docs|launch|configs|datasets"


def pages():
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "datasets").glob("*.md"))]


def prose(page):
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)


def anchors(page):
    titles = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page):
    for target in re.findall(r"\]\(([^)]+)\)", prose(page)):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield target
    for code in re.findall(r"`([^`\s<>*{}]+)`", prose(page)):
        header = re.fullmatch(r"[a-z_]+/[a-z_0-9/]+\.h", code)
        if re.match(rf"({FOLDERS})/", code) and not (ROOT / code).exists():
            yield code
        elif header and not code.startswith("tests/") and not (ROOT / "src" / code).exists():
            yield code


class Pages(unittest.TestCase):
    def test_point_at_what_exists(self):
        found = [f"{page.relative_to(ROOT)}: {target}" for page in pages() for target in broken(page)]

        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_with_a_wrong_link_are_named(self):
        page = ROOT / "docs/architecture.md"

        class Wrong:
            parent = page.parent

            @staticmethod
            def read_text():
                return "[a](nowhere.md) [b](adding.md#nowhere) `src/nowhere.cpp` `core/nowhere.h` [c](adding.md#a-task)"

        self.assertEqual(list(broken(Wrong)), ["nowhere.md", "adding.md#nowhere", "src/nowhere.cpp", "core/nowhere.h"])


if __name__ == "__main__":
    unittest.main()
