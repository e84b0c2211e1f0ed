#!/usr/bin/env python3
"""Who calls whom, by the symbols of the objects: layers.py OBJDIR

A folder of src/ is a layer, and calls go down only. What a source file includes proves little;
what its object leaves undefined, and where that is defined, proves everything.
"""
import re
import subprocess
import sys
from pathlib import Path

# Lower number, lower layer. linux and cgroup stand side by side and do not know each other.
RANK = {"base": 0, "config": 1, "plan": 2, "linux": 3, "cgroup": 3, "run": 4, "cli": 5}

# What linux/ and cgroup/ may ask of the plan: its types, and these two questions about them.
PLAN_QUESTIONS = {"plan_has_ns", "plan_joined"}

# Files of linux/ that may call a sibling. "mount_copy" is a part of "mount" by its name.
LINUX_CALLS = {"rootfs": {"mount", "device"}}

# Each library is used in one place, so that it can be replaced.
LIBRARIES = [
    (re.compile(r"yajl_"), "config/json"),
    (re.compile(r"seccomp_"), "plan/filter"),
    (re.compile(r"cap_"), "plan/caps"),
    (re.compile(r"mnl_"), "linux/net"),
    (re.compile(r"sd_bus_"), "cgroup/systemd_bus"),
    (re.compile(r"dlopen$|dlsym$"), "base/library"),
]


def read_objects(objdir):
    """Return {module: undefined symbols}, {symbol: defining module}; a module is "linux/mount"."""
    wanted, owner = {}, {}
    src = objdir / "src"
    for obj in sorted(src.glob("*/*.o")):
        module = str(obj.relative_to(src).with_suffix(""))
        if not Path("src", module + ".c").exists():
            continue  # left over from a source that is gone
        out = subprocess.run(["nm", "-g", str(obj)], check=True, capture_output=True, text=True)
        wanted[module] = set()
        for line in out.stdout.splitlines():
            kind, symbol = line.split()[-2:]
            if kind in "Uw":
                wanted[module].add(symbol)
            else:
                owner[symbol] = module
    return wanted, owner


def edges(wanted, owner):
    """Yield (caller, callee, symbol) for each call that crosses a file."""
    for caller, symbols in wanted.items():
        for symbol in sorted(symbols):
            if symbol in owner and owner[symbol] != caller:
                yield caller, owner[symbol], symbol


def may_call_sibling(caller, callee):
    return callee.startswith(caller + "_") or callee in LINUX_CALLS.get(caller, ())


def judge(caller, callee, symbol):
    """Return why the call is wrong, or None."""
    layer, file = caller.split("/")
    below, other = callee.split("/")
    if RANK[below] > RANK[layer]:
        return "upward"
    if layer != below and RANK[below] == RANK[layer]:
        return "sideways"
    if layer == below == "linux" and not may_call_sibling(file, other):
        return "between siblings of linux/"
    if layer in ("linux", "cgroup") and below == "plan" and symbol not in PLAN_QUESTIONS:
        return "to a function of plan/, of which only the types are known here"
    return None


def foreign(wanted, owner):
    """Yield a message for each library function that is used outside its one place."""
    for module, symbols in wanted.items():
        for symbol in sorted(symbols - owner.keys()):
            for pattern, home in LIBRARIES:
                if pattern.match(symbol) and module != home:
                    yield f"src/{module}.c: calls {symbol}, which is for src/{home}.c alone"


def cycles(graph):
    """Return the strongly connected components of more than one file (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(graph[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            cut = stack.index(v)
            if len(stack) - cut > 1:
                found.append(sorted(stack[cut:]))
            del stack[cut:]

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def describe(graph, cycle):
    calls = [f"{a}.c -> {b}.c ({graph[a][b]})" for a in cycle for b in cycle if b in graph[a]]
    return "cycle below src/: " + ", ".join(calls)


def main():
    wanted, owner = read_objects(Path(sys.argv[1]))
    if not wanted:
        sys.exit(f"layers: no objects below {sys.argv[1]}: build first")
    unknown = {m.split("/")[0] for m in wanted} - RANK.keys()
    if unknown:
        sys.exit(f"layers: give these folders of src/ a rank: {', '.join(sorted(unknown))}")
    problems = []
    graph = {module: {} for module in wanted}
    for caller, callee, symbol in edges(wanted, owner):
        graph[caller].setdefault(callee, symbol)
        why = judge(caller, callee, symbol)
        if why:
            problems.append(f"src/{caller}.c: calls {symbol} of src/{callee}.c: {why}")
    problems += foreign(wanted, owner)
    problems += [describe(graph, cycle) for cycle in cycles(graph)]
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
