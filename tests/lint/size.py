#!/usr/bin/env python3
"""Functions over 60 lines, files over 600, headers over 150, lines over 100 columns.

Each is a question to answer, not to dodge. clang-format breaks code; comments are left to people.
"""
import re
import sys
from pathlib import Path

from csource import strip, strip_directives

MAX_FUNCTION = 60
MAX_FILE = 600
MAX_HEADER = 150
MAX_COLUMNS = 100

# Longer by nature. The number is what the file may have, so that it does not grow unseen.
ALLOWED = {
    "src/config/spec.c": (700, "the specification's tables: one row per property"),
    "include/hull/spec.h": (470, "the specification's objects, member by member"),
    "src/gate/arch.h": (180, "the same two functions for each architecture"),
    "include/hull/plan.h": (230, "one type, which every layer above reads as a whole"),
}


def functions(text):
    """Yield (name, first line, last line) of each function body of a C file."""
    code = strip_directives(strip(text))
    depth, start, head_from = 0, 0, 0
    for at, char in enumerate(code):
        if char == "{":
            if depth == 0:
                start = at
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                head = code[head_from:start]
                name = re.search(r"(\w+)\s*\([^{}=]*\)\s*$", head, re.DOTALL)
                if name:  # not a table, a struct or an enum: those do not end in ')'
                    first = head_from + len(head) - len(head.lstrip())
                    yield name.group(1), code.count("\n", 0, first) + 1, code.count("\n", 0, at) + 1
                head_from = at + 1
        elif char == ";" and depth == 0:
            head_from = at + 1


def check(path):
    text = path.read_text()
    lines = text.count("\n")
    limit, _ = ALLOWED.get(str(path), (MAX_HEADER if path.suffix == ".h" else MAX_FILE, ""))
    if lines > limit:
        yield f"{path}: {lines} lines, more than {limit}"
    for number, line in enumerate(text.splitlines(), 1):
        if len(line.expandtabs(8)) > MAX_COLUMNS:
            yield f"{path}:{number}: more than {MAX_COLUMNS} columns"
    for name, first, last in functions(text):
        if last - first + 1 > MAX_FUNCTION:
            yield f"{path}:{first}: {name}() has {last - first + 1} lines, more than {MAX_FUNCTION}"


def main():
    paths = [p for d in ("src", "include", "tests") for p in sorted(Path(d).rglob("*.[ch]"))]
    problems = [problem for path in paths for problem in check(path)]
    problems += [f"size.py: {p} is on the list but gone" for p in ALLOWED if not Path(p).exists()]
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
