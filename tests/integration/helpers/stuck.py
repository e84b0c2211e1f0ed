#!/usr/bin/env python3
"""A process that no signal ends and no freezer stops: stuck.py DIRECTORY

Mounts a FUSE file system on DIRECTORY and answers no question about it: the child that asks one
sleeps in the kernel until this process ends. Prints the child's pid as soon as it does, and ends
with its standard input.
"""
import os
import struct
import sys

import fuse

target = sys.argv[1]
fd = fuse.mount(target, 0o040000)
try:
    child = os.fork()
    if child == 0:
        os.close(fd)
        os.stat(target)
        os._exit(0)
    fuse.answer(fd, struct.unpack_from("=IIQ", os.read(fd, 65536))[2], fuse.GREETING)
    os.read(fd, 65536)  # the question, which is now out of a signal's reach
    print(child, flush=True)
    sys.stdin.read()
finally:
    fuse.unmount(target)  # with the descriptor the wait is over
