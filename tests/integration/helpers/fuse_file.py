#!/usr/bin/env python3
"""A file of a FUSE file system that is its mounter's alone: fuse_file.py FILE

Mounts it on FILE, says "mounted", and prints what is written to it, until the last descriptor of it is
closed. Who is not the mounter may use a descriptor, and nothing else.
"""
import os
import struct
import sys

import fuse

INIT, SETATTR, GETATTR, OPEN, WRITE, RELEASE = 26, 4, 3, 14, 16, 18
target = sys.argv[1]
fd = fuse.mount(target, 0o100644)
attributes = struct.pack("=QII6Q3I7I", 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o100644, 1, 0, 0, 0, 512, 0)
answers = {
    INIT: fuse.GREETING,
    GETATTR: attributes,
    SETATTR: attributes,
    OPEN: struct.pack("=QII", 0, 1, 0),  # FOPEN_DIRECT_IO
}
try:
    while True:
        request = os.read(fd, 65536)
        opcode, unique = struct.unpack_from("=4xIQ", request)
        answer, error = answers.get(opcode, b""), 0 if opcode in answers else -38  # ENOSYS
        if opcode == WRITE:
            size = struct.unpack_from("=16xI", request, 40)[0]
            sys.stdout.write(request[80:80 + size].decode())
            answer, error = struct.pack("=II", size, 0), 0
        fuse.answer(fd, unique, answer, error)
        if opcode == INIT:
            print("mounted", flush=True)
        if opcode == RELEASE:
            break
finally:
    fuse.unmount(target)
