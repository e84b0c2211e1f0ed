#!/usr/bin/env python3
"""run.py - what a container is equals what its config says: run.py HULL PROBE COUNT SEED

Every seed makes a valid config (generate.py), of which expect.py computes what a process inside and
the host outside must see. hull is held to that. With PEERS_EVERY=N each Nth bundle is run by runc and
crun too, where they are, and what they do otherwise must be in peers.py. Prints TAP; a case that
fails leaves its bundle, and COUNT=1 with its seed repeats it.
"""
import collections
import contextlib
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
    with open(os.path.join(path, "process.json"), "w") as f:
        json.dump(config["process"], f)
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


@contextlib.contextmanager
def namespaces_to_join(config):
    """somebody who has them, whose paths @config gets; {type: link}"""
    rows = [n for n in config["linux"]["namespaces"] if "path" in n]
    if not rows:
        yield {}
        return
    with subprocess.Popen(["unshare", "--uts", "--ipc", "--net", "--cgroup", "--pid", "--fork", "--kill-child",
                           "sleep", "1000"]) as parent:
        try:
            pid = read_number("/proc/%d/task/%d/children" % (parent.pid, parent.pid))
            for row in rows:
                row["path"] = "/proc/%d/ns/%s" % (pid, expect.NS_FILES[row["type"]])
            yield {row["type"]: os.readlink(row["path"]) for row in rows}
        finally:
            parent.kill()


def look_from_outside(pid, joined):
    seen = {}
    for name, link in expect.NS_FILES.items():
        ours, theirs = (os.readlink("/proc/%s/ns/%s" % (p, link)) for p in ("self", pid))
        seen["ns " + name] = ("shared" if ours == theirs else "joined" if theirs == joined.get(name)
                              else "own")
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


def read_number(path):
    """Peers write their pid file once the payload runs, hull before."""
    for _ in range(200):
        try:
            with open(path) as f:
                return int(f.read())
        except (OSError, ValueError):
            time.sleep(0.01)
    raise TimeoutError(path)


def command_line(program, kind, path):
    command = ["timeout", SECONDS, "sh", "-c", LEAK, "sh"]
    if kind == "rootless":
        command += ["setpriv", "--reuid=%d" % USER, "--regid=%d" % USER, "--clear-groups", "--inh-caps=-all",
                    "env", "-i", "PATH=" + os.environ["PATH"], "XDG_RUNTIME_DIR=" + path]
    return command + program + ["--root", os.path.join(path, ".state")]


def enter(command, config, process, ident):
    """(what a process that enters observes, None) or (None, what the runtime said); @process: the file of
    it, or None for what the container's own is"""
    what = ["--process", process, ident] if process else [ident] + config["process"]["args"]
    done = subprocess.run(command + ["exec"] + what, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        return None, "status %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())
    return expect.observe(config, json.loads(done.stdout[:-2]), {}, []), None


def run_bundle(command, config, preserved, path, process, joined):
    """what init and the host observed, and what a process that enters did: each (observed, None) or
    (None, what the runtime said)"""
    ident, pid_file, errors = os.path.basename(path), os.path.join(path, ".pid"), os.path.join(path, ".errors")
    with open(errors, "wb") as stderr, subprocess.Popen(
            command + ["run", "--bundle", path, "--pid-file", pid_file, "--preserve-fds", str(preserved), ident],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, cwd=path) as run:
        lines, outside, entered = [], {}, (None, None)
        for line in run.stdout:
            lines.append(line.decode())
            if lines[-1] == ".\n":
                outside = look_from_outside(read_number(pid_file), joined)
                entered = enter(command, config, process, ident)
                run.stdin.close()
        status = run.wait()
    with open(errors, errors="replace") as f:
        said = f.read().strip()
    if status or not outside:
        return (None, "status %d: %s" % (status, said)), (None, None)
    seen = json.loads("".join(lines[:-1]))
    return (expect.observe(config, seen, outside, hooks_of(path, ident)), None), entered


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


def wrong_of(name, program, kind, config, preserved, path, joined):
    """what is not as the config says, as lines; of who entered with "exec " before each"""
    wanted = expect.expect(kind, config, preserved)
    # what is entered without a file has the container's process's rights, by hull
    process = os.path.join(path, "process.json") if name != "hull" or len(wanted) % 2 else None
    (init, said), (entered, said_inside) = run_bundle(command_line(program, kind, path), config, preserved,
                                                      path, process, joined)
    if name != "hull":
        clear_groups(os.path.basename(path))
    if said:
        return [said]
    inside = [said_inside] if said_inside else differences(expect.expect_entered(wanted), entered)
    return differences(wanted, init) + ["exec " + line for line in inside]


def run_case(work, hull, probe, seed, compared, met):
    """what is wrong, as lines; @met: a Counter of what peers are known to do otherwise"""
    kind, config, preserved = generate(seed, USER)
    config["process"]["args"] = ["/probe"] + expect.paths(config)
    wrong = []
    with namespaces_to_join(config) as joined:
        for name, program in [("hull", [hull])] + (compared if kind != "rootless" else []):
            path = os.path.join(work, "hull-property-%d-%s" % (seed, name))
            if kind != "rootless":
                config["linux"]["cgroupsPath"] = "/" + os.path.basename(path)
            if name != "hull":
                config["ociVersion"] = "1.0.2"  # crun of Debian 12 knows no later one
            os.mkdir(path, 0o755)
            make_bundle(path, config, probe, OWNERS.get(kind, USER))
            bad = wrong_of(name, program, kind, config, preserved, path, joined)
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
