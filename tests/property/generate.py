"""generate.py - a valid config.json, decided by a seed"""
import os
import random
import resource

CAPS = ["CAP_" + c for c in (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE").split()]
LIMITS = ["CORE", "CPU", "DATA", "FSIZE", "LOCKS", "MEMLOCK", "MSGQUEUE", "NOFILE", "NPROC", "RSS",
          "RTPRIO", "RTTIME", "SIGPENDING", "STACK"]
FLAGS = ["nosuid", "nodev", "noexec", "ro", "noatime", "nodiratime"]
SYSCTLS = {"network": {"net.ipv4.ip_default_ttl": range(2, 200), "net.ipv4.ip_forward": range(0, 2),
                       "net/core/somaxconn": range(100, 900)},
           "ipc": {"kernel.msgmax": range(5000, 9000), "kernel.shmmni": range(100, 4000),
                   "fs.mqueue.msg_max": range(5, 90)}}
UNLIMITED = 2**64 - 1
# the others are 0 for an ordinary user, or not known to Python
KNOWN = [l for l in LIMITS if hasattr(resource, "RLIMIT_" + l)]
JOINED = ["network", "uts", "ipc", "pid", "cgroup"]
HOOKS = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]


def some(r, items, chance=0.5):
    return [i for i in items if r.random() < chance]


def capabilities(r):
    bounding = some(r, CAPS, r.choice([0.1, 0.5, 0.9]))
    permitted = some(r, bounding, 0.7)
    inheritable = some(r, permitted, 0.4)
    return {"bounding": bounding, "permitted": permitted, "inheritable": inheritable,
            "effective": some(r, permitted, 0.8), "ambient": some(r, inheritable, 0.6)}


def rlimits(r, kind):
    rows = []
    for name in some(r, LIMITS, 0.3):
        # what a build under test needs itself, and what an ordinary user may not raise
        hard = r.choice([700, 1000, 2**20 + 1]) if kind == "root" else r.choice([700, 1000])
        if name in ("DATA", "STACK", "FSIZE", "NPROC", "CPU", "RTTIME"):
            hard += 2**26
        elif name in ("MSGQUEUE", "RTPRIO", "CORE") and kind == "rootless":
            hard = 0
        elif name == "RSS" and r.random() < 0.5:
            hard = UNLIMITED
        # a caller without CAP_SYS_RESOURCE may not give more than it has
        own = resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] if name in KNOWN else hard
        hard = hard if own == resource.RLIM_INFINITY else min(hard, own)
        soft = hard if hard == UNLIMITED else r.choice([hard, hard // 2])
        rows.append({"type": "RLIMIT_" + name, "soft": soft, "hard": hard})
    return rows


def mounts(r, spaces, kind):
    rows = [{"destination": "/proc", "type": "proc", "source": "proc"}]
    if kind == "root" or "pid" in spaces:
        rows[0]["options"] = some(r, FLAGS[:3])
    rows += [{"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
              "options": ["nosuid", "mode=755", "size=65536k"] + some(r, ["noexec", "strictatime"])},
             {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
              "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]}]
    if "ipc" in spaces and r.random() < 0.5:
        rows.append({"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
                     "options": some(r, FLAGS[:3])})
    if "network" in spaces and r.random() < 0.5:
        rows.append({"destination": "/sys", "type": "sysfs", "source": "sysfs",
                     "options": ["nosuid", "noexec", "nodev", "ro"]})
    rows.append({"destination": "/out", "type": "bind", "source": "out", "options": ["bind"]})
    for i in range(r.randrange(4)):
        fresh = r.random() < 0.5
        # times of access are locked on what comes from outside of a user namespace
        locked = kind != "root" and not fresh
        options = some(r, FLAGS[:4] if locked else FLAGS, 0.4)
        if "noatime" not in options and not locked:
            options += r.choice([[], ["relatime"], ["strictatime"]])
        if fresh:
            options += ["size=%dk" % r.choice([64, 1024]), "mode=%o" % r.choice([0o700, 0o1777])]
            rows.append({"destination": "/mnt/new/%d" % i, "type": "tmpfs", "source": "t%d" % i,
                         "options": options})
        else:
            source = r.choice(["data", "data/file"])
            options.append(r.choice(["bind", "rbind"]))
            if r.random() < 0.3:
                options.append(r.choice(["shared", "private", "slave", "unbindable", "rshared"]))
            row = {"destination": "/mnt/bind%d" % i, "type": r.choice(["bind", "none"]),
                   "source": source, "options": options}
            if kind == "root" and "user" not in spaces and r.random() < 0.3:
                row["uidMappings"] = [{"containerID": 0, "hostID": 5000, "size": 10}]
                row["gidMappings"] = [{"containerID": 0, "hostID": 6000, "size": 10}]
            rows.append(row)
    return rows


def process(r, kind, caller):
    several = kind != "rootless"
    user = {"uid": r.choice([0, 0, 7, 1000]) if several else 0, "gid": r.choice([0, 9]) if several else 0}
    if r.random() < 0.6:
        user["umask"] = r.choice([0, 0o22, 0o77, 0o27])
    if several:
        user["additionalGids"] = sorted(r.sample(range(1, 900), r.randrange(5)))
    p = {"terminal": False, "cwd": r.choice(["/", "/tmp", "/made/by/hull"]), "user": user,
         "env": ["PATH=/bin:/"] + ["V%d=%s" % (i, r.choice(["", "a b", "\u00e9=\"", "x" * 3000]))
                                  for i in range(r.randrange(4))],
         "noNewPrivileges": r.random() < 0.5}
    if r.random() < 0.9:
        p["capabilities"] = capabilities(r)
    if r.random() < 0.7:
        p["rlimits"] = rlimits(r, kind)
    if r.random() < 0.4:
        p["oomScoreAdj"] = r.randrange(-1000, 1001) if kind != "rootless" else r.randrange(300, 1001)
    if r.random() < 0.3:
        p["ioPriority"] = {"class": r.choice(["IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]),
                           "priority": r.randrange(8)}
    if r.random() < 0.3:
        low = 0 if kind == "rootless" else -20
        policy = r.choice(["OTHER", "BATCH", "IDLE"])
        p["scheduler"] = {"policy": "SCHED_" + policy}
        # real time needs a share of the cgroup's: sched.bats
        if policy != "IDLE":
            p["scheduler"]["nice"] = r.randrange(low, 20)
        if r.random() < 0.3:
            p["scheduler"]["flags"] = ["SCHED_FLAG_RESET_ON_FORK"]
        # what does not say so has 0, which who has more cannot take back
        if kind == "rootless" and os.nice(0) > 0:
            del p["scheduler"]
    return p


def namespaces(r, kind):
    chance = {"network": 0.7, "uts": 0.8, "ipc": 0.8, "pid": 0.8, "cgroup": 0.5, "time": 0.3}
    spaces = ["mount"] + [s for s in chance if r.random() < chance[s]]
    if kind != "root":
        # proc and the caller's ids are the new namespaces' alone there
        spaces = ["user"] + sorted(set(spaces) | {"pid"})
    r.shuffle(spaces)
    return spaces


def ranges(r, size, host):
    """all ids below @size, in one piece or several; the first one's are those from @host on"""
    cuts = [0] + sorted(r.sample(range(1, size), r.choice([0, 1, 3, 12]))) + [size]
    places = list(range(1, len(cuts) - 1))
    r.shuffle(places)
    rows = [{"containerID": start, "hostID": host + 10000 * place, "size": end - start}
            for start, end, place in zip(cuts, cuts[1:], [0] + places)]
    r.shuffle(rows)
    return rows


def linux(r, kind, spaces, caller, name):
    l = {"namespaces": [{"type": s} for s in spaces]}
    more = random.Random(name)  # what was thought of later leaves the rest of a seed as it was
    if kind == "userns":
        l["uidMappings"] = ranges(more, 5900, 100000)
        l["gidMappings"] = ranges(more, 1000, 300000)
    elif kind == "root" and more.random() < 0.3:
        for row in l["namespaces"]:
            if row["type"] in JOINED and more.random() < 0.5:
                row["path"] = "of somebody who is there already"
    if kind == "rootless":
        l["uidMappings"] = [{"containerID": 0, "hostID": caller, "size": 1}]
        l["gidMappings"] = [{"containerID": 0, "hostID": caller, "size": 1}]
    if "time" in spaces and r.random() < 0.8:
        l["timeOffsets"] = {c: {"secs": r.randrange(1, 10**6), "nanosecs": r.randrange(10**9)}
                            for c in some(r, ["monotonic", "boottime"], 0.7)}
    l["sysctl"] = {k: str(r.choice(v)) for s in SYSCTLS if s in spaces and kind == "root"
                   for k, v in SYSCTLS[s].items() if r.random() < 0.4}
    if kind == "root":
        l["devices"] = [{"path": "/dev/made/%s%d" % (t, i), "type": t, "fileMode": r.choice([0o600, 0o644, 0o666]),
                         "uid": r.randrange(9), "gid": r.randrange(9),
                         **({} if t == "p" else {"major": 1, "minor": r.choice([3, 5, 7])})}
                        for i, t in enumerate(some(r, "cupb", 0.3))]
    l["maskedPaths"] = some(r, ["/proc/kcore", "/proc/timer_list", "/masked/dir", "/masked/file", "/none"])
    l["readonlyPaths"] = some(r, ["/proc/sys", "/proc/irq", "/readonly", "/none"])
    if r.random() < 0.4:
        l["rootfsPropagation"] = r.choice(["private", "rprivate", "shared", "slave", "rslave", "unbindable"])
    if r.random() < 0.2:
        l["personality"] = {"domain": r.choice(["LINUX", "LINUX32"])}
    if r.random() < 0.4:
        l["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["sysinfo"], "action": "SCMP_ACT_ERRNO", "errnoRet": r.randrange(1, 100)}]}
    if kind != "rootless":
        l["cgroupsPath"] = "/" + name
        l["resources"] = resources(r)
    return l


def resources(r):
    res = {"devices": [{"allow": False, "access": "rwm"}]}
    if r.random() < 0.5:
        res["memory"] = {"limit": 4096 * r.randrange(10000, 90000)}
    if r.random() < 0.5:
        res["pids"] = {"limit": r.choice([-1, 20, 500])}
    if r.random() < 0.5:
        res["cpu"] = {"shares": r.randrange(2, 5000), "period": 1000 * r.randrange(10, 200)}
        res["cpu"]["quota"] = r.choice([-1, res["cpu"]["period"] * r.randrange(1, 4)])
        if r.random() < 0.5:
            res["cpu"]["cpus"], res["cpu"]["mems"] = "0", "0"
    return res


def generate(seed, caller):
    """(kind, config); @caller: the id of the ordinary user whose the rootless ones are"""
    r = random.Random(seed)
    kind = r.choice(["root"] * 5 + ["userns"] * 3 + ["rootless"] * 2)
    spaces = namespaces(r, kind)
    config = {"ociVersion": "1.3.0", "root": {"path": "rootfs", "readonly": r.random() < 0.5},
              "process": process(r, kind, caller), "mounts": mounts(r, spaces, kind),
              "annotations": {"org.example.seed": str(seed)},
              "linux": linux(r, kind, spaces, caller, "hull-property-%d" % seed)}
    if "uts" in spaces:
        for key in some(r, ["hostname", "domainname"], 0.6):
            config[key] = "%s%d" % (key, r.randrange(1000))
    config["hooks"] = {h: [{"path": "BUNDLE/rootfs/probe" if h != "startContainer" else "/probe"}]
                       * r.randrange(1, 3) for h in some(r, HOOKS, 0.3)}
    return kind, config, r.randrange(3)
