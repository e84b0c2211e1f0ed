"""expect.py - what a config promises, as {name: value}, and what was observed, by the same names"""
import os
import re

from generate import CAPS, UNLIMITED

NS_FILES = {"mount": "mnt", "network": "net", "pid": "pid", "uts": "uts", "ipc": "ipc", "user": "user",
            "cgroup": "cgroup", "time": "time"}
LIMIT_TITLES = {"CORE": "core file size", "CPU": "cpu time", "DATA": "data size", "FSIZE": "file size",
                "LOCKS": "file locks", "MEMLOCK": "locked memory", "MSGQUEUE": "msgqueue size",
                "NOFILE": "open files", "NPROC": "processes", "RSS": "resident set",
                "RTPRIO": "realtime priority", "RTTIME": "realtime timeout",
                "SIGPENDING": "pending signals", "STACK": "stack size"}
NODES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9, "tty": 0}
POLICIES = {"OTHER": 0, "FIFO": 1, "RR": 2, "BATCH": 3, "IDLE": 5}
STATUSES = {"prestart": "creating", "createRuntime": "creating", "createContainer": "creating",
            "startContainer": "created", "poststart": "running", "poststop": "stopped"}
CHOSEN = {"nosuid", "nodev", "noexec", "ro", "noatime", "nodiratime"}
CAP_BITS = {name: bit for bit, name in enumerate(CAPS)}


def own_capabilities():
    """What the caller has is the most that hull can give."""
    with open("/proc/self/status") as f:
        bits = int(re.search(r"^CapBnd:\s*(\w+)", f.read(), re.M).group(1), 16)
    return {name for name, bit in CAP_BITS.items() if bits >> bit & 1}


def capability_sets(config):
    """What execve(2) makes of the sets: capabilities(7), "Transformation during execve()"."""
    given = config["process"].get("capabilities", {})
    s = {k: set(given.get(k, [])) for k in ("bounding", "permitted", "inheritable", "effective", "ambient")}
    if not any(n["type"] == "user" for n in config["linux"]["namespaces"]):
        s = {k: v & own_capabilities() for k, v in s.items()}
    root = config["process"]["user"]["uid"] == 0
    permitted = (s["inheritable"] | s["bounding"]) if root else s["ambient"]
    if config["process"]["noNewPrivileges"]:
        permitted &= s["permitted"]
    # uid 0 is effective in all it has, others in what is ambient
    s["permitted"] = s["effective"] = permitted
    return s


def mask(names):
    return sum(1 << CAP_BITS[n] for n in names)


def there(path):
    return os.path.exists(path) if path.startswith("/proc") else path != "/none"


def paths(config):
    """Arguments of the probe: what it is to look at, "=" before what it is to read."""
    l = config["linux"]
    looked = ["/", "/tmp"] + ["/dev/" + n for n in NODES] + ["/dev/fd", "/dev/stdin", "/dev/ptmx"]
    looked += [d["path"] for d in l.get("devices", [])] + l["maskedPaths"] + l["readonlyPaths"]
    looked += [m["destination"] for m in config["mounts"] if m["destination"].startswith("/mnt")]
    return looked + ["=/proc/sys/" + k.replace(".", "/") for k in l["sysctl"]]


def expect(kind, config, preserved):
    p, l = config["process"], config["linux"]
    e = {"args": p["args"], "environ": p["env"] + ["HOME=/"], "cwd": p["cwd"], "umask": p["user"].get("umask", 0o22),
         "uids": [p["user"]["uid"]] * 4, "gids": [p["user"]["gid"]] * 4,
         "nnp": int(p["noNewPrivileges"]), "seccomp": 2 if "seccomp" in l else 0,
         "sysinfo": l["seccomp"]["syscalls"][0]["errnoRet"] if "seccomp" in l else 0,
         "files": list(range(3 + preserved))}
    if kind != "rootless":
        e["groups"] = p["user"]["additionalGids"]
    for name, names in capability_sets(config).items():
        e["cap " + name] = mask(names)
    for row in p.get("rlimits", []):
        e["limit " + row["type"][7:]] = [row["soft"], row["hard"]]
    if "oomScoreAdj" in p and (p["oomScoreAdj"] >= 0 or "CAP_SYS_RESOURCE" in own_capabilities()):
        e["oom_score_adj"] = p["oomScoreAdj"]
    if "ioPriority" in p:
        e["ioprio"] = ((2 if p["ioPriority"]["class"].endswith("BE") else 3) << 13) | p["ioPriority"]["priority"]
    if "scheduler" in p:
        e["policy"] = POLICIES[p["scheduler"]["policy"][6:]]
        e["schedflags"] = 1 if "flags" in p["scheduler"] else 0
        e["priority"] = p["scheduler"].get("priority", 0)
        if "nice" in p["scheduler"]:
            e["nice"] = p["scheduler"]["nice"]
    if "personality" in l:
        e["personality"] = 8 if l["personality"]["domain"] == "LINUX32" else 0
    for key, name in (("hostname", "nodename"), ("domainname", "domainname")):
        if key in config:
            e[name] = config[key]
    for key, value in l["sysctl"].items():
        e["sysctl " + key.replace(".", "/")] = value
    own = {n["type"]: "joined" if "path" in n else "own" for n in l["namespaces"]}
    for name in NS_FILES:
        e["ns " + name] = own.get(name, "shared")
    for which in ("uid", "gid"):
        if "user" in own:
            e[which + "_map"] = sorted([m["containerID"], m["hostID"], m["size"]] for m in l[which + "Mappings"])
    for clock, offset in l.get("timeOffsets", {}).items():
        e["time " + clock] = [offset["secs"], offset["nanosecs"]]
    expect_files(e, kind, config)
    expect_cgroup(e, l.get("resources", {}))
    expect_hooks(e, [(h, STATUSES[h]) for h in STATUSES for _ in config["hooks"].get(h, [])])
    return e


def expect_entered(e):
    """what `exec` of the same arguments is: init's equal, but for the descriptors that are preserved"""
    entered = {k: v for k, v in e.items() if not re.match("ns |cgroup |hook", k)}
    entered["files"] = [0, 1, 2]
    return entered


def expect_files(e, kind, config):
    l = config["linux"]
    e["root ro"] = config["root"]["readonly"]
    e["mounts"] = [m["destination"] for m in config["mounts"]]
    for m in config["mounts"]:
        e["mount flags " + m["destination"]] = sorted(CHOSEN & set(m.get("options", [])))
        if m["type"] not in ("bind", "none"):
            e["mount type " + m["destination"]] = m["type"]
        for option in m.get("options", []):
            if option.startswith("mode=") and m["destination"].startswith("/mnt"):
                e["mode " + m["destination"]] = int(option[5:], 8)
            if option in ("shared", "rshared", "private", "slave", "unbindable"):
                wanted = option.lstrip("r") if option != "slave" else "private"
                e["propagation " + m["destination"]] = below_root(l.get("rootfsPropagation"), wanted)
        if "uidMappings" in m:
            e["owner " + m["destination"]] = [5000, 6000]
    for name, minor in NODES.items():
        e["node /dev/" + name] = [0o020666, 5 if name == "tty" else 1, minor]
    e["link /dev/fd"], e["link /dev/stdin"] = "/proc/self/fd", "/proc/self/fd/0"
    for d in l.get("devices", []):
        form = {"c": 0o020000, "u": 0o020000, "b": 0o060000, "p": 0o010000}[d["type"]]
        e["node " + d["path"]] = [form | d["fileMode"], d.get("major", 0), d.get("minor", 0)]
        e["owner " + d["path"]] = [d["uid"], d["gid"]]
    for path in l["maskedPaths"]:
        if there(path):
            e["masked " + path] = 0
    for path in l["readonlyPaths"]:
        if there(path):
            e["readonly " + path] = True
    if "rootfsPropagation" in l:
        wanted = l["rootfsPropagation"].lstrip("r")
        e["propagation /"] = wanted if wanted in ("shared", "unbindable") else "private"


def expect_hooks(e, hooks):
    e["hooks"] = sorted(h for h, _ in hooks)
    e["hook order"] = [h for h, _ in hooks]
    e["hook status"] = sorted([h, status] for h, status in hooks)


def below_root(root, wanted):
    """The root's propagation is set last, and with an r for what is below it, too."""
    if root == "rprivate" or (root == "rslave" and wanted == "shared"):
        return "private"
    return wanted


def expect_cgroup(e, resources):
    if "memory" in resources:
        e["cgroup memory"] = resources["memory"]["limit"]
    if "pids" in resources:
        limit = resources["pids"]["limit"]
        e["cgroup pids"] = "max" if limit < 0 else limit
    cpu = resources.get("cpu", {})
    if cpu:
        e["cgroup quota"] = "max" if cpu["quota"] < 0 else cpu["quota"]
        e["cgroup period"] = cpu["period"]
        e["cgroup shares"] = cpu["shares"]
    if "cpus" in cpu:
        e["cgroup cpus"] = cpu["cpus"]


def mount_table(text):
    """{mount point: (root, options, optional fields, type)} and the points in order"""
    table, order = {}, []
    for line in text.splitlines():
        f = line.split(" ")
        dash = f.index("-")
        table[f[4]] = (f[3], set(f[5].split(",")), f[6:dash], f[dash + 1])
        order.append(f[4])
    return table, order


def propagation(fields):
    if "unbindable" in fields:
        return "unbindable"
    return "shared" if any(f.startswith("shared:") for f in fields) else "private"


def observe(config, seen, outside, hooks):
    """@seen: what the probe printed; @outside: what the host saw; @hooks: lines of hooks"""
    status = dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", seen["/proc/self/status"], re.M))
    limits = seen["/proc/self/limits"]
    o = {k: seen[k] for k in ("args", "environ", "cwd", "umask", "sysinfo", "ioprio", "policy", "nice",
                              "priority", "schedflags", "personality", "nodename", "domainname")}
    o["files"] = sorted(seen["files"])
    # the probe prints bytes
    o["environ"] = [v.encode("latin-1").decode() for v in seen["environ"]]
    o["uids"], o["gids"] = ([int(n) for n in status[k].split()] for k in ("Uid", "Gid"))
    o["groups"] = sorted(int(n) for n in status["Groups"].split())  # the kernel's order is the host's ids'
    o["nnp"], o["seccomp"] = int(status["NoNewPrivs"]), int(status["Seccomp"])
    for name, key in (("bounding", "Bnd"), ("permitted", "Prm"), ("inheritable", "Inh"),
                      ("effective", "Eff"), ("ambient", "Amb")):
        o["cap " + name] = int(status["Cap" + key], 16)
    for name, title in LIMIT_TITLES.items():
        numbers = re.search(r"^Max %s\s+(\w+)\s+(\w+)" % title, limits, re.M).groups()
        o["limit " + name] = [UNLIMITED if n == "unlimited" else int(n) for n in numbers]
    o["oom_score_adj"] = int(seen["/proc/self/oom_score_adj"])
    for which in ("uid", "gid"):
        o[which + "_map"] = sorted([int(n) for n in line.split()]
                                   for line in seen["/proc/self/%s_map" % which].splitlines())
    for line in seen.get("/proc/self/timens_offsets", "").splitlines():
        clock, secs, nanosecs = line.split()
        o["time " + clock] = [int(secs), int(nanosecs)]
    for key, value in seen.items():
        if key.startswith("/proc/sys/"):
            o["sysctl " + key[10:]] = value.strip()
    observe_files(o, config, seen)
    o.update(outside)
    expect_hooks(o, hooks)
    return o


def observe_files(o, config, seen):
    table, order = mount_table(seen["/proc/self/mountinfo"])
    o["root ro"] = "ro" in table["/"][1] and seen["path /"]["write"] != 0
    o["propagation /"] = propagation(table["/"][2])
    wanted = {m["destination"] for m in config["mounts"]}
    o["mounts"] = [p for i, p in enumerate(order) if p in wanted and p not in order[:i]]
    for m in config["mounts"]:
        where = m["destination"]
        if where in table:
            o["mount flags " + where] = sorted(table[where][1] & CHOSEN)
            o["mount type " + where] = table[where][3]
            o["propagation " + where] = propagation(table[where][2])
    for key, path in seen.items():
        if not key.startswith("path ") or not isinstance(path, dict):
            continue
        name = key[5:]
        o["node " + name] = [path["mode"], path["major"], path["minor"]]
        o["owner " + name] = [path["uid"], path["gid"]]
        o["mode " + name] = path["mode"] & 0o7777
        o["link " + name] = path["link"]
        # what is unreadable, for the ordinary user of the container, hides as much
        o["masked " + name] = 0 if path["inside"] in (0, -13) else path["inside"]
        o["readonly " + name] = "ro" in table.get(name, ("", set()))[1]
