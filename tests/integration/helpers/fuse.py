"""fuse.py - a FUSE file system without a library: <linux/fuse.h>"""
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
# the answer to the kernel's greeting: version 7.31, writes of a page
GREETING = struct.pack("=IIIIHHI10I", 7, 31, 0, 0, 0, 0, 4096, *[0] * 10)


def mount(target, mode):
    """A file system whose root has that mode, its mounter's alone. Returns its descriptor."""
    fuse = os.open("/dev/fuse", os.O_RDWR)
    options = b"fd=%d,rootmode=%o,user_id=0,group_id=0" % (fuse, mode)
    if libc.mount(b"hull-test", target.encode(), b"fuse", 0, options) != 0:
        sys.exit("mount: " + os.strerror(ctypes.get_errno()))
    return fuse


def unmount(target):
    libc.umount2(target.encode(), 2)  # MNT_DETACH


def answer(fuse, unique, data=b"", error=0):
    os.write(fuse, struct.pack("=IiQ", 16 + len(data), error, unique) + data)
