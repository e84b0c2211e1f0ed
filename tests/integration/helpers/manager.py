"""manager.py SOCKET OUTPUT COMMAND... - run COMMAND as a service manager would, with NOTIFY_SOCKET

Every message goes to OUTPUT, one a line with "|" for its newlines; the pid of the command is there as
COMMAND, init's as it is. Ends with the command, and with its status. @NAME is an abstract socket."""
import os
import socket
import subprocess
import sys

path, output, *command = sys.argv[1:]
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind("\0" + path[1:] if path[0] == "@" else path)
process = subprocess.Popen(command, env=dict(os.environ, NOTIFY_SOCKET=path))
sock.settimeout(0.05)
ended = False
with open(output, "w", buffering=1, encoding="utf-8") as out:
    while True:
        try:
            text = sock.recv(8192).decode()
            text = text.replace(f"MAINPID={process.pid}", "MAINPID=COMMAND")
            out.write(text.strip().replace("\n", "|") + "\n")
        except TimeoutError:
            if ended:
                break
            ended = process.poll() is not None
sys.exit(process.returncode)
