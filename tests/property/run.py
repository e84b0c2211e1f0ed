#!/usr/bin/env python3
"""run.py - what a container is equals what its config says: run.py HULL PROBE COUNT SEED

Every seed makes a valid config (generate.py), of which expect.py computes what a process inside and
the host outside must see. hull is held to that. With PEERS_EVERY=N each Nth bundle is run by runc and
crun too, where they are, and what they do otherwise must be in peers.py. Prints TAP; a case that
fails leaves its bundle, and COUNT=1 with its seed repeats it.
"""
import collections
import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

import expect
import peers
from generate import generate

USER = pwd.getpwnam("nobody").pw_uid
# descriptors that the runtime inherits and must not pass on, beyond those it is told to
LEAK = 'exec "$@" 3</dev/null 4</dev/null 5</dev/null 6</dev/null'
SECONDS = "20"
OWNERS = {"root": os.getuid(), "userns": 100000}


def make_bundle(path, config, probe, owner):
    """@owner: who is root in the container, for only he can make what is missing"""
    rootfs = os.path.join(path, "rootfs")
    for name in ("rootfs/tmp", "rootfs/out", "rootfs/masked/dir/x", "rootfs/readonly", "data", "out"):
        os.makedirs(os.path.join(path, name))
    for name in ("rootfs/masked/file", "data/file", "out/hooks"):
        with open(os.path.join(path, name), "w") as f:
            f.write("content\n" if "out" not in name else "")
    os.chmod(os.path.join(path, "out"), 0o777)
    os.chmod(os.path.join(path, "out/hooks"), 0o666)
    shutil.copy(probe, os.path.join(rootfs, "probe"))
    for name, hooks in config["hooks"].items():
        inside = name == "startContainer"
        for hook in hooks:
            hook["path"] = "/probe" if inside else os.path.join(rootfs, "probe")
            hook["args"] = ["probe", "--hook", name, "/out/hooks" if inside else os.path.join(path, "out/hooks")]
    with open(os.path.join(path, "config.json"), "w") as f:
        json.dump(config, f, indent=1)
    if owner != os.getuid():
        for where, _, files in os.walk(path):
            for name in [where] + [os.path.join(where, f) for f in files]:
                os.chown(name, owner, owner)


def cgroup_directories(pid):
    """{controller: directory}; "" is the unified hierarchy"""
    mounts = {}
    with open("/proc/self/mountinfo") as f:
        for line in f:
            left, right = line.split(" - ")
            kind, _, options = right.split()[:3]
            if kind in ("cgroup", "cgroup2"):
                for controller in options.split(",") if kind == "cgroup" else [""]:
                    # the first one: others may be somebody's view of a part
                    mounts.setdefault(controller, left.split()[4])
    found = {}
    with open("/proc/%d/cgroup" % pid) as f:
        for line in f:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            for controller in controllers.split(","):
                if controller in mounts:
                    found[controller] = mounts[controller] + path
    return found


def look_from_outside(pid):
    seen = {}
    for name, link in expect.NS_FILES.items():
        ours, theirs = (os.readlink("/proc/%s/ns/%s" % (p, link)) for p in ("self", pid))
        seen["ns " + name] = "shared" if ours == theirs else "own"
    groups = cgroup_directories(pid)

    def read(controller, v1, v2):
        path = os.path.join(groups[controller], v1) if controller in groups else os.path.join(groups.get("", "/"), v2)
        try:
            with open(path) as f:
                words = f.read().split()
        except OSError:
            return []
        return ["max" if w == "-1" else int(w) if w.isdigit() else w for w in words]

    quota = read("cpu", "cpu.cfs_quota_us", "cpu.max")
    seen["cgroup memory"] = (read("memory", "memory.limit_in_bytes", "memory.max") or [None])[0]
    seen["cgroup pids"] = (read("pids", "pids.max", "pids.max") or [None])[0]
    seen["cgroup quota"] = (quota or [None])[0]
    seen["cgroup period"] = (quota[1:] or read("cpu", "cpu.cfs_period_us", "none") or [None])[0]
    seen["cgroup shares"] = (read("cpu", "cpu.shares", "none") or [None])[0]
    seen["cgroup cpus"] = " ".join(map(str, read("cpuset", "cpuset.cpus", "cpuset.cpus")))
    return seen


def hooks_of(path, ident):
    """[[hook, status]] in the order they ran; a state that is not this container's is no status"""
    rows = []
    with open(os.path.join(path, "out/hooks")) as f:
        for line in f:
            name, _, text = line.partition(" ")
            try:
                state = json.loads(text)
                whole = (state["id"] == ident and state["bundle"] == path
                         and state["annotations"]["org.example.seed"]
                         and (state["status"] == "stopped" or state["pid"] > 0))
                rows.append([name, state["status"] if whole else text])
            except (ValueError, KeyError):
                rows.append([name, text.strip()])
    return rows


def read_pid(path):
    """Peers write it once the payload runs, hull before."""
    for _ in range(200):
        try:
            with open(path) as f:
                return int(f.read())
        except (OSError, ValueError):
            time.sleep(0.01)
    raise TimeoutError(path)


def run_bundle(program, kind, config, preserved, path, ident):
    """(what was observed, None) or (None, what the runtime said)"""
    state, pid_file, errors = (os.path.join(path, n) for n in (".state", ".pid", ".errors"))
    command = program + ["--root", state, "run", "--bundle", path, "--pid-file", pid_file,
                         "--preserve-fds", str(preserved), ident]
    if kind == "rootless":
        command = ["setpriv", "--reuid=%d" % USER, "--regid=%d" % USER, "--clear-groups", "--inh-caps=-all",
                   "env", "-i", "PATH=" + os.environ["PATH"], "XDG_RUNTIME_DIR=" + path] + command
    with open(errors, "wb") as stderr, subprocess.Popen(
            ["timeout", SECONDS, "sh", "-c", LEAK, "sh"] + command, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=stderr, cwd=path) as run:
        lines, outside = [], {}
        for line in run.stdout:
            lines.append(line.decode())
            if lines[-1] == ".\n":
                outside = look_from_outside(read_pid(pid_file))
                run.stdin.close()
        status = run.wait()
    with open(errors, errors="replace") as f:
        said = f.read().strip()
    if status or not outside:
        return None, "status %d: %s" % (status, said)
    seen = json.loads("".join(lines[:-1]))
    return expect.observe(config, seen, outside, hooks_of(path, ident)), None


def clear_groups(ident):
    """crun leaves them when it fails."""
    for path in glob.glob("/sys/fs/cgroup/" + ident) + glob.glob("/sys/fs/cgroup/*/" + ident):
        try:
            os.rmdir(path)
        except OSError:
            pass  # gone by itself meanwhile


def differences(wanted, observed):
    return ["%s: %r, the config says %r" % (k, observed.get(k), v) for k, v in wanted.items()
            if observed.get(k) != v]


def run_case(work, hull, probe, seed, compared, met):
    """what is wrong, as lines; @met: a Counter of what peers are known to do otherwise"""
    kind, config, preserved = generate(seed, USER)
    config["process"]["args"] = ["/probe"] + expect.paths(config)
    wanted, wrong = expect.expect(kind, config, preserved), []
    for name, program in [("hull", [hull])] + (compared if kind != "rootless" else []):
        ident = "hull-property-%d-%s" % (seed, name)
        path = os.path.join(work, ident)
        if kind != "rootless":
            config["linux"]["cgroupsPath"] = "/" + ident
        if name != "hull":
            config["ociVersion"] = "1.0.2"  # crun of Debian 12 knows no later one
        os.mkdir(path, 0o755)
        make_bundle(path, config, probe, OWNERS.get(kind, USER))
        observed, said = run_bundle(program, kind, config, preserved, path, ident)
        if name != "hull":
            clear_groups(ident)
        bad = [said] if said else differences(wanted, observed)
        if name != "hull":
            bad = [b for b in bad if not peers.known(name, b, config, met)]
        wrong += ["%s, %s: %s" % (name, kind, b) for b in bad]
        if not bad:
            shutil.rmtree(path)
    return wrong


def main():
    hull, probe, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    work = tempfile.mkdtemp(prefix="hull-property.")
    os.chmod(work, 0o755)
    hull = shutil.copy(hull, os.path.join(work, "hull"))
    compared = peers.available()
    every = int(os.environ.get("PEERS_EVERY", 0))
    met = collections.Counter()
    print("1..%d" % count)
    for number in range(count):
        wrong = run_case(work, hull, probe, seed + number,
                         compared if every and number % every == 0 else [], met)
        print("%sok %d - seed %d" % ("not " if wrong else "", number + 1, seed + number))
        for line in wrong:
            print("#", line.replace("\n", "\n# "))
        if wrong:
            print("# left:", " ".join(glob.glob(os.path.join(work, "hull-property-%d-*" % (seed + number)))))
    for what, times in sorted(met.items()):
        print("# known of %s: %d times" % (what, times))
    os.unlink(hull)
    if not os.listdir(work):
        os.rmdir(work)


main()
