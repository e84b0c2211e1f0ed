#!/usr/bin/env python3
"""Opens pidfds, and sends signals to them, for programs that cannot: pidfd.py SOCKET

Requests are two 32-bit numbers: a pid and -1, or -1 and a signal with the descriptor to send it to.
The answer is 0, with the new descriptor, or a negative errno.
"""
import os
import signal
import socket
import struct
import sys


def answer(sock):
    data, fds, _, _ = socket.recv_fds(sock, 8, 1)
    pid, sig = struct.unpack("ii", data)
    opened = []
    try:
        if sig == -1:
            opened = [os.pidfd_open(pid)]
        else:
            signal.pidfd_send_signal(fds[0], sig)
        result = 0
    except OSError as e:
        result = -e.errno
    socket.send_fds(sock, [struct.pack("i", result)], opened)
    for fd in opened + fds:
        os.close(fd)


def main():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(sys.argv[1])
    server.listen(8)
    while True:
        sock, _ = server.accept()
        with sock:
            answer(sock)


main()
