"""console.py SOCKET REPORT [--late MARK] [--send TEXT] [--until TEXT] [--size ROWSxCOLS]

A peer for --console-socket, as conmon and containerd's shim are. Listens on SOCKET, takes one
connection and writes as JSON to REPORT what came over it: how many messages, what the first one
said, how many descriptors, whether the end of file followed. Then uses the terminal: sends TEXT,
prints what comes until TEXT or the end. With --late nothing is accepted before the file MARK is
there.
"""
import array
import argparse
import fcntl
import json
import os
import select
import socket
import struct
import sys
import termios
import time


def listen(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    here = os.getcwd()
    # a socket's address is short: name it from its directory
    os.chdir(os.path.dirname(path))
    s.bind(os.path.basename(path))
    s.listen(1)
    os.chdir(here)
    return s


def receive(connection):
    messages, fds, first = 0, [], b""
    while True:
        data, ancillary, flags, _ = connection.recvmsg(4096, socket.CMSG_SPACE(64 * 4))
        if not data and not ancillary:
            break
        messages += 1
        first = first or data
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(value[:len(value) - len(value) % numbers.itemsize])
                fds.extend(numbers)
    return messages, fds, first


def use(master, send, until):
    seen = b""
    if send:
        os.write(master, send.encode())
    end = time.monotonic() + 8
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(master, 4096)
        except OSError:  # EIO: the last slave is closed
            break
        if not data:
            break
        seen += data
        if until and until.encode() in seen:
            break
    return seen


def main():
    p = argparse.ArgumentParser()
    p.add_argument("socket")
    p.add_argument("report")
    p.add_argument("--late")
    p.add_argument("--send")
    p.add_argument("--until")
    p.add_argument("--size")
    a = p.parse_args()
    s = listen(a.socket)
    if a.late:
        while not os.path.exists(a.late):
            time.sleep(0.02)
    s.settimeout(8)
    connection, _ = s.accept()
    connection.settimeout(8)
    messages, fds, first = receive(connection)
    report = {"messages": messages, "fds": len(fds), "name": first.decode(), "tty": os.isatty(fds[0])}
    report["size"] = struct.unpack("HHHH", fcntl.ioctl(fds[0], termios.TIOCGWINSZ, bytes(8)))[:2]
    with open(a.report + ".new", "w") as f:
        json.dump(report, f)
    os.rename(a.report + ".new", a.report)
    if a.size:
        rows, cols = map(int, a.size.split("x"))
        fcntl.ioctl(fds[0], termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    sys.stdout.buffer.write(use(fds[0], a.send, a.until).replace(b"\r\n", b"\n"))


main()
