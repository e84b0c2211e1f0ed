"""manager.py SOCKET OUTPUT COMMAND... - run COMMAND as a service manager would, with NOTIFY_SOCKET

Every message goes to OUTPUT, one a line with "|" for its newlines; the pid of the command is there as
COMMAND, init's as it is. What came along is in OUTPUT.with: "DESCRIPTORS PID", the pid by the kernel.
Ends with the command, and with its status. @NAME is an abstract socket."""
import array
import os
import socket
import struct
import subprocess
import sys

path, output, *command = sys.argv[1:]
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind("\0" + path[1:] if path[0] == "@" else path)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
process = subprocess.Popen(command, env=dict(os.environ, NOTIFY_SOCKET=path))
sock.settimeout(0.05)
ended = False


def came_along(ancillary):
    """How many descriptors, which are closed, and who sent it."""
    fds, pid = array.array("i"), 0
    for level, kind, value in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(value)
        elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid = struct.unpack("3i", value)[0]
    for fd in fds:
        os.close(fd)
    return f"{len(fds)} {'COMMAND' if pid == process.pid else pid}\n"


with open(output, "w", buffering=1, encoding="utf-8") as out, \
        open(output + ".with", "w", buffering=1, encoding="utf-8") as also:
    while True:
        try:
            data, ancillary, _, _ = sock.recvmsg(2 << 20, 8192)
            also.write(came_along(ancillary))
            text = data.decode(errors="replace")
            text = text.replace(f"MAINPID={process.pid}", "MAINPID=COMMAND")
            out.write(text.strip().replace("\n", "|") + "\n")
        except TimeoutError:
            if ended:
                break
            ended = process.poll() is not None
sys.exit(process.returncode)
