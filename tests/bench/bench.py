#!/usr/bin/env python3
"""bench.py - what hull costs beside the bare calls, crun and runc: bench.py HULL FLOOR OUT

Each work is done by each program in turn, in rounds, timed by hyperfine(1); the ratios are of the
medians over all rounds. Prints a table, and writes OUT/performance.json;
report.py makes docs/performance.md of them. As root, on a machine that does nothing else.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from bundles import Bundles

ROUNDS = int(os.environ.get("ROUNDS", 10))
RUNS = int(os.environ.get("RUNS", 8))
# A container that starts right after another one finds the kernel's doors still open: what waits for
# a grace period of RCU does not wait again within some milliseconds of the last time.
PAUSE = "sleep 0.1"
# of perf: name, calls, errors, total, min
CALLS = re.compile(r"\s+(\w+)\s+(\d+)\s+\d+\s+([\d.]+)\s+([\d.]+)\s")


def sh(*words, **kw):
    return subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **kw)


class Programs:
    """How each of them is called, and where: crun refuses a host whose cgroups are hybrid."""

    def __init__(self, hull, floor, work):
        self.floor = floor
        self.enter = {}
        self.holder = None
        self.states = f"{work}/states"  # in memory, as /run is
        os.mkdir(self.states)
        sh("mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", self.states)
        self.call = {name: f"{program} --root {self.states}/{name}"
                     for name, program in (("hull", hull), ("crun", "crun"), ("runc", "runc"))}
        if os.path.isdir("/sys/fs/cgroup/unified"):
            self.holder = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", "umount /sys/fs/cgroup/unified && echo && exec sleep 7200"],
                stdout=subprocess.PIPE)
            self.holder.stdout.readline()
            self.enter["crun"] = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--wd=."]

    def run(self, name, *words):
        self.run_under(self.enter.get(name, []), name, *words)

    def run_under(self, under, name, *words):
        sh(*under, *self.call[name].split(), *words, stdin=subprocess.DEVNULL)

    def close(self):
        if self.holder:
            self.holder.kill()
            self.holder.wait()
        sh("umount", "-l", self.states)


def hyperfine(enter, command, runs, prepare=None):
    """The seconds that each run took."""
    shell = ["--shell=sh"] if "&&" in command or ";" in command else ["--shell=none"]
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        words = [*enter, "hyperfine", "--style=none", "--warmup=1", f"--runs={runs}",
                 f"--export-json={out.name}", *shell]
        if prepare:
            words += [f"--prepare={prepare}"]
        subprocess.run([*words, command], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return json.load(open(out.name))["results"][0]["times"]


def measure(programs, commands, rounds=ROUNDS, runs=RUNS, prepare=PAUSE):
    """{program: [seconds]}, the programs taking turns."""
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name] += hyperfine(programs.enter.get(name, []), command, runs, prepare)
    return times


def summary(times):
    """Median and middle half, in milliseconds."""
    quarters = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
    return {"median": statistics.median(times) * 1e3, "low": quarters[0] * 1e3, "high": quarters[2] * 1e3}


class Bench:
    def __init__(self, hull, floor):
        self.work = tempfile.mkdtemp(prefix="hull-bench-")
        self.programs = Programs(hull, floor, self.work)
        self.bundles = Bundles(self.work, hull)
        self.results = {}

    def add(self, work, commands, **kw):
        times = measure(self.programs, commands, **kw)
        self.results[work] = {name: summary(t) for name, t in times.items()}
        cells = "  ".join(f"{n} {s['median']:.2f}" for n, s in self.results[work].items())
        print(f"{work:44} {cells}", flush=True)

    def each(self, words, **more):
        """The same words for each runtime, which is {name} there; more for the floor."""
        return {**more, **{n: f"{c} {words.format(name=n)}" for n, c in self.programs.call.items()}}

    def floor_run(self):
        return f"{self.programs.floor} run {self.bundles.rootfs} bench-floor"

    def runs(self):
        b = self.bundles
        run = self.each(f"run -b {b.plain} bench-run", floor=self.floor_run())
        self.add("run", run)
        self.add("run, without a pause", run, prepare=None)
        if b.profile:
            self.add("run, large seccomp profile", self.each(f"run -b {b.seccomp} bench-run", floor=self.floor_run()))
        self.add("run, 50 binds", self.each(f"run -b {b.binds} bench-run"))
        steps = {n: f"{c} create -b {b.plain} bench-c </dev/null && {c} start bench-c && {c} delete --force bench-c"
                 for n, c in self.programs.call.items()}
        self.add("create, start, delete", steps)
        many = {n: f"seq 100 | xargs -P8 -I% {c} run -b {b.plain} bench-%; true" for n, c in self.programs.call.items()}
        self.add("100 containers, 8 at a time", many, rounds=max(1, ROUNDS // 4), runs=1)

    def start(self, program, ident):
        with open(os.devnull, "r+") as null:
            words = [*self.programs.enter.get(program, []), *self.programs.call[program].split(),
                     "run", "-d", "-b", self.bundles.sleeper, ident]
            subprocess.run(words, check=True, stdin=null, stdout=null, stderr=null)

    def end(self, program, ident):
        self.programs.run(program, "delete", "--force", ident)

    def pid(self, program, ident):
        words = [*self.programs.enter.get(program, []), *self.programs.call[program].split(), "state", ident]
        return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)["pid"]

    def inside(self):
        """Each has a container of another name: two of them would take the same groups."""
        for name in self.programs.call:
            self.start(name, f"bench-{name}")
        pid = self.pid("hull", "bench-hull")
        self.add("exec", self.each("exec bench-{name} /true", floor=f"{self.programs.floor} exec {pid}"))
        self.add("state", self.each("state bench-{name}"))
        self.add("kill", self.each("kill bench-{name} CONT"))
        for name in self.programs.call:
            self.end(name, f"bench-{name}")

    def density(self):
        b, call = self.bundles, self.programs.call["hull"]
        live = 0
        for count in (0, 100, 1000):
            for i in range(live, count):
                self.start("hull", f"bench-{i:04}")
            live = count
            self.start("hull", "bench-live")
            time.sleep(3)  # what the kernel still does about those that were made
            commands = {"floor": self.floor_run(), "run": f"{call} run -b {b.plain} bench-run",
                        "exec": f"{call} exec bench-live /true", "state": f"{call} state bench-live"}
            self.add(f"with {count} live containers", commands)
            self.end("hull", "bench-live")
        self.add("list of 1000", {"hull": f"{call} list"}, rounds=1)
        for i in range(live):
            self.end("hull", f"bench-{i:04}")

    def mounts(self):
        """In a mount namespace of its own, with that many mounts in it."""
        call = self.programs.call["hull"]
        for count in (0, 1000, 5000):
            script = (f"mount -t tmpfs none {self.work}/m && i=0; while [ $i -lt {count} ]; do mkdir {self.work}/m/$i; "
                      f"mount --bind {self.work}/m/$i {self.work}/m/$i; i=$((i + 1)); done; echo; exec sleep 7200")
            os.makedirs(f"{self.work}/m", exist_ok=True)
            holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE)
            holder.stdout.readline()
            enter = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", "--wd=."]
            self.programs.enter.update({"floor": enter, "run": enter})
            self.add(f"with {count} host mounts", {"floor": self.floor_run(),
                                                   "run": f"{call} run -b {self.bundles.plain} bench-run"})
            holder.kill()
            holder.wait()
        self.programs.enter.pop("floor")
        self.programs.enter.pop("run")

    def calls(self, runs=50):
        """{system call: [times, milliseconds]} of one `run`, as perf-trace(1) sees it. What it adds to
        each call is taken to be what the cheapest of all takes."""
        path, total = os.path.join(self.work, "calls"), {}
        for _ in range(runs):
            self.programs.run_under(["perf", "trace", "-s", "-o", path, "--"], "hull", "run", "-b",
                                    self.bundles.plain, "bench-run")
            rows = [(m[1], int(m[2]), float(m[3]), float(m[4]))
                    for m in map(CALLS.match, open(path)) if m and m[1] != "execve"]
            cheapest = min(least for *_, least in rows)
            for name, times, ms, _ in rows:
                n, cost = total.get(name, (0, 0))
                total[name] = (n + times / runs, cost + (ms - times * cheapest) / runs)
        self.results["calls"] = total


def version(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()[0]


def main():
    hull, floor, out = sys.argv[1:]
    bench = Bench(hull, floor)
    try:
        bench.runs()
        bench.inside()
        bench.density()
        bench.mounts()
        bench.calls()
    finally:
        bench.programs.close()
        sh("rm", "-rf", bench.work)
    facts = {"kernel": os.uname().release, "cpus": os.cpu_count(), "hull": version(hull, "--version"),
             "crun": version("crun", "--version"), "runc": version("runc", "--version"),
             "rounds": ROUNDS, "runs": RUNS, "profile": bench.bundles.profile}
    with open(os.path.join(out, "performance.json"), "w") as f:
        json.dump({"facts": facts, "results": bench.results}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
