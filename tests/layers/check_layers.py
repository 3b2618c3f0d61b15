"""Holds every #include to the table of layers in docs/architecture.md: check_layers.py ROOT."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)
ROW = re.compile(r"^\| (crypto|(?:compiler|runtime)/\w+) \|([^|]*)\|$", re.MULTILINE)
ANTLR = re.compile(r"antlr|^Lab(Lexer|Parser)\w*\.h$|/Lab(Lexer|Parser)\w*\.h$", re.IGNORECASE)


def layer(path):
    parts = path.split("/")
    return parts[0] if parts[0] == "crypto" else "/".join(parts[:2])


def wrong(path, included, table):
    """Why `path` may not include `included`; nothing when it may."""
    if ANTLR.search(included):
        allowed = re.fullmatch(r"compiler/syntax/parse(\w*\.cpp|_\w+\.h)", path)
        return None if allowed else "ANTLR belongs to compiler/syntax/parse*.cpp and their private headers"
    if not included.startswith(("compiler/", "crypto/", "runtime/")):
        return None
    here, there = layer(path), layer(included)
    if here != there:
        return None if there in table[here] else f"{here} may not use {there}"
    backend, other = path.split("/")[2:-1], included.split("/")[2:-1]
    if here == "compiler/lower" and backend and other and backend[0] != other[0]:
        return f"backend {backend[0]} may not use backend {other[0]}"
    return None


def problems(root):
    table = {name: uses.split() for name, uses in ROW.findall((root / "docs/architecture.md").read_text())}
    rows = list(table)
    for name, uses in table.items():
        for used in uses:
            if used not in table:
                yield f"docs/architecture.md: {name} uses {used}, which has no row"
            elif name in table[used]:
                yield f"docs/architecture.md: {name} and {used} use each other"
    for top in ("compiler", "crypto", "runtime"):
        for file in sorted((root / top).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in (".h", ".cpp", ".def") or path.count("/") < (1 if top == "crypto" else 2):
                continue
            if layer(path) not in rows:
                yield f"{path}: {layer(path)} has no row in docs/architecture.md"
                continue
            for included in INCLUDE.findall(file.read_text(encoding="utf-8")):
                if reason := wrong(path, included, table):
                    yield f"{path}: includes {included}: {reason}"


def main(find, what):
    """Says what `find` finds below the folder of the command line, and ends."""
    found = list(find(pathlib.Path(sys.argv[1])))
    print("\n".join(found + [f"{len(found)} wrong {what} or rows"]))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(problems, "includes")
