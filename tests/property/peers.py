"""peers.py - runc and crun beside hull, and what they are known to do otherwise

A number in front of a reason is the row in ../shared/reference that has the matter: 1.x are rules of
config.md, 5.x disagreements and bugs of differences.md. Where it has no row hull's side is told here,
and in docs/decisions.md if others might have chosen otherwise. The versions at hand (Debian 12: runc
1.1.5, crun 1.8.1) are older than some properties; that is no side to take, only a thing they lack.
"""
import re
import shutil


def spaces(config):
    return {n["type"] for n in config["linux"]["namespaces"]}


def always(_):
    return True


def kills_its_own_init(config):
    return {"pid", "time"} <= spaces(config)


def has_both_starts(config):
    return {"startContainer", "poststart"} <= set(config["hooks"])


def root_is(*words):
    return lambda config: config["linux"].get("rootfsPropagation") in words


# who, what the line of the difference begins with, of which configs, and why
DIFFERENCES = [
    # 1.3, the table of hooks: hull gives them the status that the specification's lifecycle names;
    # crun's prestart and createRuntime read "created", its createContainer has pid 0; runc's
    # poststart reads "created"
    ("runc|crun", r"hook status: ", always, "the status that hooks are told"),
    # 1.3, "ordering trap": their start is over before startContainer hooks are
    ("runc|crun", r"hook order: ", has_both_starts, "poststart before startContainer"),
    # 1.2, capabilities: what hull cannot give is a warning, and so is a lower oom_score_adj
    ("runc", r"status 1: .*unable to apply caps", always, "unknown to the caller's bounding set"),
    ("crun", r"status 1: .*capset", always, "unknown to the caller's bounding set"),
    ("runc|crun", r"status 1: .*oom_score_adj", always, "lower than the caller may"),
    # 1.6: pids.limit of -1 is "max" of the kernel; a quota is measured by its own period
    ("crun", r"status 1: writing file `pids.max`: Invalid", always, "-1 is no limit"),
    ("crun", r"status 1: writing file `cpu.cfs_quota_us`", always, "the period is written first"),
    # 5.5, 14: hull opens each source once, in the runtime's namespaces and from the bundle
    ("crun", r"status 1: open `data(/file)?`", always, "a relative source with mappings"),
    # a runtime's threads are none of the container's processes; hull has none
    ("runc", r"status (1|2|255): runtime/cgo: pthread_create failed", always, "a small pids.limit"),
    # 1.2, rlimits: hull's own process for the payload is so small that its limits do not hinder it
    ("runc", r"exec status 255: fatal error: (runtime: )?(out of memory|cannot allocate memory)", always,
     "a small limit of memory"),
    ("runc", r"exec limit NOFILE: ", always, "Go raises the soft limit, and lets the payload have it"),
    # 1.2: exec's process is a process as init's is, with all that the object of one may have
    ("runc|crun", r"exec umask: 18,", always, "umask of exec"),
    ("crun", r"exec oom_score_adj: ", always, "oomScoreAdj of exec"),
    # older than runtime-spec 1.1 and 1.2
    ("runc", r"status 1: .*namespace .*time", always, "no time namespace"),
    ("runc|crun", r"(ioprio|policy|nice|schedflags): ", always, "no ioPriority, no scheduler"),
    ("runc", r"(personality|domainname): ", always, "no personality, no domainname"),
    ("runc|crun", r"owner /mnt", always, "no mappings of mounts"),
    ("crun", r"time (monotonic|boottime): ", always, "no time offsets"),
    # it makes init a second time for the new clocks, inside of the pid namespace, whose first process
    # then ends and takes init along; what is heard of that depends on who is faster
    ("crun", r"status (1: write to sync socket|255: $)", kills_its_own_init, "a pid and a time namespace"),
    # 1.5, rootfsPropagation, has no word on when. hull makes the container below a slave tree and
    # sets what is asked for at the end, on what is below the root too if the word begins with r.
    # runc sets it first: its root is private for the sake of pivot_root, what is unbindable cannot
    # be bound, and a mount's own word is the last one. crun has what is below the root follow it,
    # private where nothing is asked for.
    ("crun", r"propagation /mnt.*: 'private', the config says '(shared|unbindable)'", always,
     "shared or unbindable below the root"),
    ("runc", r"propagation /: 'private', the config says 'shared'", always, "a shared root stays shared"),
    ("runc", r"status 1: .*rootfs, flags: 0x5000: invalid argument", root_is("unbindable"),
     "a root that nothing can bind afterwards"),
    ("runc", r"propagation /mnt.*: 'shared', the config says 'private'", root_is("rslave", "rprivate"),
     "r reaches what is below"),
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


def known(name, line, config, met):
    """whether this line is no mistake of hull's; @met: a Counter, of which differences were met. What
    holds of init holds of exec, whose lines begin with that word."""
    for who, what, when, why in DIFFERENCES:
        if re.fullmatch(who, name) and re.match("(exec )?" + what, line, re.DOTALL) and when(config):
            met["%s, %s" % (name, why)] += 1
            return True
    return False
