#!/usr/bin/env python3
"""The laws of includes hold in this tree, and the check that says so can fail."""
import pathlib
import shutil
import tempfile
import unittest

import includes

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOWER_HALF = {"core", "config", "image", "shards", "data", "pack", "augment", "comm", "report"}


class ThisTree(unittest.TestCase):
    def test_includes_only_what_the_table_allows(self):
        found = includes.offenders(ROOT)

        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_keeps_torch_out_of_the_lower_half(self):
        closure, torch = includes.read_table(ROOT)

        self.assertLessEqual(LOWER_HALF, set(closure))
        self.assertEqual(LOWER_HALF & torch, set())

    def test_has_a_folder_for_every_row_and_a_row_for_every_folder(self):
        closure, _ = includes.read_table(ROOT)

        folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()} - {"cmake"}
        self.assertEqual(folders, set(closure))


class Offenders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "src/cmake").mkdir(parents=True)
        shutil.copy(ROOT / "src/cmake/Layers.cmake", self.root / "src/cmake")

    def offenders_of(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        return includes.offenders(self.root)

    def test_name_the_line_of_an_include_against_the_way_of_the_data(self):
        found = self.offenders_of("src/core/bad.h", '#pragma once\n#include "data/order.h"\n')

        self.assertEqual(found, ["src/core/bad.h:2: core may not include data: data/order.h"])

    def test_name_torch_in_the_lower_half_and_nowhere_else(self):
        for header in ("<torch/torch.h>", "<ATen/core/Tensor.h>", '"c10/core/Device.h"'):
            self.assertEqual(self.offenders_of("src/model/good.h", f"#include {header}\n"), [])
            self.assertEqual(len(self.offenders_of("src/report/bad.cpp", f"#include {header}\n")), 1)
            (self.root / "src/report/bad.cpp").unlink()

    def test_name_folders_without_a_row(self):
        found = self.offenders_of("src/tools/bad.h", "#pragma once\n")

        self.assertEqual(found, ["src/tools/bad.h:1: the table has no folder tools"])

    def test_name_includes_that_are_no_path_from_src(self):
        self.assertEqual(len(self.offenders_of("src/core/bad.cpp", '#include "error.h"\n')), 1)
        self.assertEqual(len(self.offenders_of("src/core/bad.cpp", '#include "../core/error.h"\n')), 1)

    def test_name_long_sources(self):
        self.assertEqual(self.offenders_of("src/core/long.cpp", "\n" * 300), [])
        self.assertEqual(len(self.offenders_of("src/core/long.cpp", "\n" * 301)), 1)
        self.assertEqual(len(self.offenders_of("tests/golden/long.py", "\n" * 301)), 2)

    def test_name_folders_with_too_much_in_them(self):
        for number in range(11):
            self.assertEqual(self.offenders_of(f"src/core/part{number}.cpp", "\n" * 300), [])
        self.assertEqual(self.offenders_of("src/core/last.cpp", "\n" * 100), [])
        self.assertEqual(self.offenders_of("src/core/below/other.cpp", "\n" * 100), [])
        found = self.offenders_of("src/core/last.cpp", "\n" * 101)

        self.assertEqual(found, ["src/core:3401: more than 3400 lines"])

    def test_are_none_for_the_closure_of_a_row(self):
        text = '#include <vector>\n#include "core/error.h"\n#include "image/image.h"\n#include "data/order.h"\n'

        self.assertEqual(self.offenders_of("src/data/good.cpp", text), [])


if __name__ == "__main__":
    unittest.main()
