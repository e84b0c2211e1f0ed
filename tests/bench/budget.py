#!/usr/bin/env python3
"""budget.py - what does not depend on the clock: budget.py HULL FLOOR SHARED

System calls of all of hull's processes up to the payload's execve, peak resident memory, and the
size of SHARED, hull linked with shared libraries. Each is held against its budget; a number over it
fails. Closes with "N passed, N failed, N skipped". As root.

The budgets of run and exec are those of one hierarchy, which is cgroup v2. Each further one of v1
comes with what the kernel asks for: its calls are added.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from bundles import Bundles

# statfs twice, mkdir, open and write tasks, open_tree, mkdirat and move_mount for the view, rmdir
RUN_PER_HIERARCHY = 9
# cpus and mems taken over from the parent, a write for each rule of the devices, the tmpfs of the view
RUN_V1 = 12 + 12 + 9
EXEC_PER_HIERARCHY = 2  # open and write tasks

BUDGETS = {
    "run": (320, "system calls"),
    "exec": (172, "system calls"),
    "state": (45, "system calls"),
    "memory": (1600, "KiB"),
    "size": (300 * 1024, "bytes"),
}


def hierarchies():
    return max(1, len(open("/proc/self/cgroup").read().splitlines()))


def is_v2():
    return os.path.exists("/sys/fs/cgroup/cgroup.procs")


def count(trace):
    """The calls in strace's output, without those of a process after its execve of the payload."""
    n, gone = 0, set()
    for line in open(trace):
        pid, _, rest = line.partition(" ")
        rest = rest.strip()
        if pid in gone or not re.match(r"[a-z0-9_]+\(", rest):
            continue
        n += 1
        if rest.startswith('execve("/true"'):
            gone.add(pid)
    return n


def trace(work, budget, *words):
    """Who is quicker decides on a call or two, on a busy machine always in one way: the least of some."""
    path = os.path.join(work, "trace")
    least = None
    for _ in range(20):
        with open(os.devnull, "r+") as null:
            subprocess.run(["strace", "-f", "-o", path, *words], check=True, stdin=null, stdout=null)
        least = min(count(path), least or sys.maxsize)
        if least <= budget:
            break
    return least


def peak(floor, *words):
    """KiB, of the largest process: the floor program, which waits for it, is smaller."""
    out = subprocess.run([floor, "peak", *words], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return int(out.stdout)


def budget_of(name):
    budget = BUDGETS[name][0]
    if is_v2():
        return budget
    more = hierarchies() - 1
    if name == "run":
        return budget + RUN_PER_HIERARCHY * more + RUN_V1
    return budget + EXEC_PER_HIERARCHY * more if name == "exec" else budget


def measure(hull, floor, shared, work):
    call = [hull, "--root", os.path.join(work, "state")]
    bundles = Bundles(work, hull)
    with open(os.devnull, "r+") as null:
        subprocess.run([*call, "run", "-d", "-b", bundles.sleeper, "budget-live"], check=True,
                       stdin=null, stdout=null, stderr=null)
    try:
        yield "run", trace(work, budget_of("run"), *call, "run", "-b", bundles.plain, "budget-run")
        yield "exec", trace(work, budget_of("exec"), *call, "exec", "budget-live", "/true")
        yield "state", trace(work, budget_of("state"), *call, "state", "budget-live")
        yield "memory", peak(floor, *call, "run", "-b", bundles.plain, "budget-run")
    finally:
        subprocess.run([*call, "delete", "--force", "budget-live"], check=True)
    stripped = os.path.join(work, "stripped")
    subprocess.run(["strip", "-o", stripped, shared], check=True)
    yield "size", os.path.getsize(stripped)


def main():
    hull, floor, shared = sys.argv[1:]
    work = tempfile.mkdtemp(prefix="hull-budget-")
    passed = failed = 0
    try:
        for name, value in measure(hull, floor, shared, work):
            budget, unit = budget_of(name), BUDGETS[name][1]
            ok = value <= budget
            passed, failed = passed + ok, failed + (not ok)
            print(f"{'ok' if ok else 'not ok'} - {name}: {value} of {budget} {unit}", flush=True)
    finally:
        shutil.rmtree(work)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("check-budget: needs root\n0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    sys.exit(main())
