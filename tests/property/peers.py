"""peers.py - runc and crun beside hull, and what they are known to do otherwise

Where the specification leaves it open, or they differ from each other, the side that hull takes is in
reference/differences.md 5.4. The rest are properties that the version at hand does not have yet, or
what this host denies all of them and hull takes as the limit that it is.
"""
import re
import shutil

# who, what the line of the difference begins with, and why
DIFFERENCES = [
    # 5.4: hull gives hooks the status that the specification's lifecycle names; crun's prestart and
    # createRuntime read "created", its createContainer has pid 0; runc's poststart reads "created"
    ("runc|crun", r"hooks: ", "the status that hooks are told"),
    # 1.2: what hull cannot give is a warning, of capabilities and of a lower oom_score_adj
    ("runc", r"status 1: .*unable to apply caps", "unknown to the caller's bounding set"),
    ("crun", r"status 1: .*(capset|sync socket)", "unknown to the caller's bounding set"),
    ("runc|crun", r"status 1: .*oom_score_adj", "lower than the caller may"),
    # 5.4: pids.limit of -1 where the kernel wants "max"; a quota before its period
    ("crun", r"status 1: writing file `pids.max`: Invalid", "-1 is no limit"),
    ("crun", r"status 1: writing file `cpu.cfs_quota_us`", "the period is written first"),
    # 5.5: a relative source with mappings; hull opens each source once, from the bundle
    ("crun", r"status 1: open `data(/file)?`", "idmapped source"),
    # its threads count among the container's processes
    ("runc", r"status 2: runtime/cgo: pthread_create failed", "a small pids.limit"),
    # older than runtime-spec 1.1 and 1.2
    ("runc", r"status 1: .*namespace .*time", "no time namespace"),
    ("runc|crun", r"(ioprio|policy|nice|schedflags): ", "no ioPriority, no scheduler"),
    ("runc", r"(personality|domainname): ", "no personality, no domainname"),
    ("runc|crun", r"owner /mnt", "no mappings of mounts"),
    ("crun", r"time (monotonic|boottime): ", "no time offsets"),
    # hull sets the propagation that is asked for; runc's root is private for the sake of pivot_root
    ("crun", r"propagation /mnt.*: 'private', the config says 'shared'", "shared below the root"),
    ("runc", r"propagation /: 'private', the config says 'shared'", "a shared root stays shared"),
]


def available():
    """crun refuses hybrid cgroups; it gets to see those of v1 alone"""
    found = []
    if shutil.which("runc"):
        found.append(("runc", ["runc"]))
    if shutil.which("crun"):
        hide = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"'
        found.append(("crun", ["unshare", "--mount", "sh", "-c", hide, "sh", "crun"]))
    return found


def known(name, line):
    return any(re.fullmatch(who, name) and re.match(what, line, re.DOTALL)
               for who, what, _ in DIFFERENCES)
