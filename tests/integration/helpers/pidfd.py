"""pidfd.py SOCKET - a peer for --pidfd-socket: takes one connection, prints what came over it

One line: the word, how many descriptors, and the pid that /proc says the first one stands for.
"""
import array
import os
import re
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(sys.argv[1])
s.listen(1)
s.settimeout(8)
connection, _ = s.accept()
connection.settimeout(8)
data, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(64 * 4))
fds = array.array("i")
for level, kind, value in ancillary:
    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        fds.frombytes(value)
rest = connection.recv(1)
with open(f"/proc/self/fdinfo/{fds[0]}") as f:
    pid = re.search(r"^Pid:\t(-?\d+)$", f.read(), re.M).group(1)
print(data.decode(), len(fds), pid, "and more" if rest else "", flush=True)
