"""Holds what compiler/ and crypto/ ask of the system to the table in docs/architecture.md: check_outside.py ROOT.

A build is recalled when what it asked for is as it was (compiler/session/build_record.h); who asks the system past
`source::FileSystem` would be forgotten there, so each such file is listed with the reason why it may."""
import re

import check_layers

ASKS = re.compile(r"""
    \b(?:secure_)?getenv\s*\( | \bfopen\s*\( | \bposix_spawnp?\s*\( | \brandombytes_\w+\s*\(
  | (?<!\w)::(?:open|openat|opendir|stat|lstat|fstatat|access|readlink|realpath|fork|isatty|getcwd|clock_gettime|getrandom)\s*\(
  | (?<!\w)(?:std)?::time\s*\( | \bstd::(?:filesystem|ifstream|ofstream|fstream|random_device)\b | _clock::now\b | \benviron\s*;
""", re.VERBOSE)
ROW = re.compile(r"^\| `((?:compiler|crypto)/[\w/.*]+)` \| [^|]+ \|$", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*")


def problems(root):
    listed = ROW.findall((root / "docs/architecture.md").read_text(encoding="utf-8"))
    used = set()
    for top in ("compiler", "crypto"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            asks = ASKS.search(COMMENT.sub("", file.read_text(encoding="utf-8")))
            if not asks:
                continue
            path = file.relative_to(root)
            rows = [row for row in listed if path.match(row)]
            used.update(rows)
            if not rows:
                yield f"{path}: asks the system ({asks[0].strip()}), and is not in the table of docs/architecture.md"
    yield from (f"docs/architecture.md: {row} asks the system nothing" for row in listed if row not in used)


if __name__ == "__main__":
    check_layers.main(problems, "files")
