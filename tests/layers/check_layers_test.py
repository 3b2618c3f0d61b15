"""The check of layers refuses what it should."""
import pathlib
import tempfile
import unittest

import check_layers
import check_outside

TABLE = "| layer | may use |\n|---|---|\n| compiler/source | |\n| compiler/syntax | compiler/source |\n| compiler/lower | compiler/source |\n"


class Layers(unittest.TestCase):
    def found(self, table=TABLE, **files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {"docs/architecture.md": table, **files.get("files", {})}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return list(check_layers.problems(root))

    def test_allowed(self):
        self.assertEqual([], self.found(files={
            "compiler/syntax/a.cpp": '#include "compiler/source/span.h"\n#include "compiler/syntax/a.h"\n#include <map>\n',
            "compiler/syntax/parse_lex.cpp": "#include <antlr4-runtime.h>\n",
            "compiler/lower/talos/a.cpp": '#include "compiler/lower/talos/b.h"\n#include "compiler/lower/backend.h"\n',
            "compiler/lower/backends.cpp": '#include "compiler/lower/talos/b.h"\n'}))

    def test_refused(self):
        for path, text in {
                "compiler/source/a.h": '#include "compiler/syntax/ast.h"',
                "compiler/syntax/format.cpp": "#include <antlr4-runtime.h>",
                "compiler/lower/k3s/a.cpp": '  #  include "compiler/lower/talos/b.h"',
                "compiler/unknown/a.cpp": "",
                "compiler/syntax/a.cpp": '#include "LabParser.h"'}.items():
            self.assertEqual(1, len(self.found(files={path: text})), path)

    def test_table(self):
        self.assertEqual(1, len(self.found(TABLE + "| compiler/eval | compiler/names |\n")))
        self.assertTrue(self.found(TABLE.replace("compiler/source | |", "compiler/source | compiler/syntax |")))


class Outside(unittest.TestCase):
    def found(self, row, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, content in {"docs/architecture.md": row, "compiler/eval/a.cpp": text}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content)
            return list(check_outside.problems(root))

    def test_asking(self):
        row = "| `compiler/eval/a.cpp` | because |\n"
        for text in ('std::getenv("HOME")', "::open(path, 0)", "std::filesystem::exists(x)", "std::time(nullptr)",
                     "std::chrono::system_clock::now()", "std::ifstream in(path);", "std::random_device r;"):
            self.assertEqual(1, len(self.found("", text)), text)
            self.assertEqual([], self.found(row, text), text)
        for text in ("// getenv(x)", "Impl::open(kind)", "file.open(x)", "lifetime(x)"):
            self.assertEqual([], self.found("", text), text)
        self.assertEqual(1, len(self.found(row, "int x;")))


unittest.main()
