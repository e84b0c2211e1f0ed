#!/usr/bin/env python3
"""m_pty.py [--type TEXT] COMMAND... - run it on a terminal of its own and print what it shows

TEXT is typed when the command has shown something, for then it listens. Carriage returns are
dropped. The exit status is the command's; a command that is not done in 20 seconds is killed.
"""
import os, pty, select, signal, sys, time

args = sys.argv[1:]
text = b""
if args[0] == "--type":
    text = args[1].encode().decode("unicode_escape").encode()
    args = args[2:]

pid, master = pty.fork()
if pid == 0:
    os.execvp(args[0], args)

out = b""
end = time.monotonic() + 20
while True:
    ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
    if not ready:
        os.kill(pid, signal.SIGKILL)
        print("timeout", file=sys.stderr)
        break
    try:
        data = os.read(master, 65536)
    except OSError:  # EIO: the last slave is closed
        break
    if not data:
        break
    out += data
    if text:
        os.write(master, text)
        text = b""
sys.stdout.buffer.write(out.replace(b"\r", b""))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xff)
