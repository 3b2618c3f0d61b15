"""Every code of compiler/diagnostics/codes.def has a page, an emission and an example: check_codes.py ROOT."""
import pathlib
import re
import sys

CODE = re.compile(r'^LAB_CODE\((\w+),\s*(\d+),\s*(error|warning|hint),\s*"[\d.]+",\s*"([^"]+)"\)', re.MULTILINE)
PAGE_LINES = 30


def page_problems(page, spelled, title):
    if not page.exists():
        return ["has no page"]
    lines = page.read_text(encoding="utf-8").splitlines()
    found = []
    if lines[0] != f"# {spelled}: {title}":
        found.append(f"has a page that does not begin with `# {spelled}: {title}`")
    if sum(line.startswith("```lab") for line in lines) < 2:
        found.append("has a page without a failing and a fixed example")
    if len(lines) > PAGE_LINES:
        found.append(f"has a page of {len(lines)} lines, more than {PAGE_LINES}")
    return found


def problems(root):
    codes = CODE.findall((root / "compiler/diagnostics/codes.def").read_text(encoding="utf-8"))
    sources = "\n".join(file.read_text(encoding="utf-8") for file in sorted((root / "compiler").rglob("*"))
                        if file.suffix == ".cpp")
    emitted = set(re.findall(r"\bCode::(\w+)", sources))
    examples = [entry.name for entry in (root / "tests/golden/diagnostics").glob("LAB*")]
    pages = root / "docs/diagnostics"
    known = set()
    for name, number, _, title in codes:
        spelled = f"LAB{int(number):04}"
        known.add(spelled)
        found = page_problems(pages / f"{spelled}.md", spelled, title)
        if name not in emitted:
            found.append("is emitted nowhere")
        if not any(example.startswith(spelled) for example in examples):
            found.append("has no example in tests/golden/diagnostics")
        yield from (f"{spelled} {name} {problem}" for problem in found)
    for page in sorted(pages.glob("*")):
        if page.stem not in known:
            yield f"docs/diagnostics/{page.name} belongs to no code"
    for example in sorted(examples):
        if example[:7] not in known:
            yield f"tests/golden/diagnostics/{example} belongs to no code"
    numbers = [int(number) for _, number, _, _ in codes]
    if numbers != sorted(numbers):
        yield "codes.def is not in the order of its numbers"
    if not codes:
        yield "codes.def holds no code"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found + [f"{len(found)} problems"]))
    sys.exit(1 if found else 0)


main()
