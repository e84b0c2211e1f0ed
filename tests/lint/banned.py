#!/usr/bin/env python3
"""Functions that hull does without, and what it uses in their place."""
import re
import sys
from pathlib import Path

from csource import strip

# (function, where it is banned, what to use, files that may)
BANNED = [
    ("strcpy|strcat|stpcpy|strncpy|strncat", "src", "str_append(), memcpy()", ()),
    ("sprintf|vsprintf", "src", "snprintf(), str_append(), arena_printf()", ()),
    ("strtok|strtok_r", "src", "strcspn()", ()),
    ("atoi|atol|atoll|strtol|strtoll", "src", "str_to_i64()", ()),
    ("gets|scanf", "src", "fd_read_text()", ()),
    ("system|popen", "src", "hook.c's spawning: no shell, no PATH of the caller's", ()),
    # libraries of the image must never be loaded (CVE-2019-14271)
    ("getpwnam|getpwuid|getgrnam|getgrgid|getpwnam_r|getpwuid_r", "src", "payload_home()", ()),
    ("tmpnam|mktemp|tempnam", "src", "memfd_create(), file_replace_at()", ()),
    ("alloca", "src", "the arena", ()),
    # below a root file system nothing is reached by a path (invariant I1)
    ("mkdir|mknod|symlink|creat|rename|unlink|rmdir|chown|lchown|chmod", "src/linux",
     "the *at() call on a descriptor of path_open_in_root()", ()),
    ("umount", "src", "umount2() with MNT_DETACH on a descriptor's place", ()),
]

# mount(2) takes its target by path: only the propagation of what is ours already, by a constant
# or by "..", which the walk up to the mount point of the bundle needs.
MOUNT = re.compile(r"(?<![\w.>])mount\s*\(([^;]*)")
MOUNT_TARGET = re.compile(r'NULL,\s*("[^"]*"|up)\s*,')


def mount_calls(path, code):
    for call in MOUNT.finditer(code):
        if not MOUNT_TARGET.match(call.group(1)):
            line = code.count("\n", 0, call.start()) + 1
            yield f"{path}:{line}: mount() with a path: use move_mount() on descriptors"


def check(path):
    code = strip(path.read_text())
    for names, where, instead, allowed in BANNED:
        if not str(path).startswith(where + "/") or str(path) in allowed:
            continue
        for call in re.finditer(rf"(?<![\w.>])({names})\s*\(", code):
            line = code.count("\n", 0, call.start()) + 1
            yield f"{path}:{line}: {call.group(1)}() is banned: use {instead}"
    if str(path).startswith("src/linux/"):
        yield from mount_calls(path, code)


def main():
    paths = [p for d in ("src", "include") for p in sorted(Path(d).rglob("*.[ch]"))]
    problems = [problem for path in paths for problem in check(path)]
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
