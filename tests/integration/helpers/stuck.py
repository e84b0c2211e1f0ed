#!/usr/bin/env python3
"""A process that no signal ends and no freezer stops: stuck.py DIRECTORY

Mounts a FUSE file system on DIRECTORY and answers no question about it: the child that asks one
sleeps in the kernel until this process ends. Prints the child's pid as soon as it does, and ends
with its standard input.
"""
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
target = sys.argv[1]
fuse = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fuse
if libc.mount(b"stuck", target.encode(), b"fuse", 0, options) != 0:
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
try:
    child = os.fork()
    if child == 0:
        os.close(fuse)
        os.stat(target)
        os._exit(0)
    # <linux/fuse.h>: the kernel's greeting, and ours: version 7.31, writes of a page
    unique = struct.unpack_from("=IIQ", os.read(fuse, 65536))[2]
    os.write(fuse, struct.pack("=IiQIIIIHHI10I", 80, 0, unique, 7, 31, 0, 0, 0, 0, 4096, *[0] * 10))
    os.read(fuse, 65536)  # the question, which is now out of a signal's reach
    print(child, flush=True)
    sys.stdin.read()
finally:
    libc.umount2(target.encode(), 2)  # MNT_DETACH; with the descriptor the wait is over
