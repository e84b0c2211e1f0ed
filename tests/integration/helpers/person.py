"""person.py [--size ROWSxCOLS] [STEP...] -- COMMAND... - somebody in front of a terminal

Runs COMMAND on a pty of its own and plays the steps, each at most eight seconds:
  expect=TEXT   wait until TEXT has been seen
  send=TEXT     type it; \\n, \\x04 and the like are understood
  resize=RxC    change the window, which sends SIGWINCH
  kill=SIGNAL   to COMMAND
Prints the transcript, then one line "status N raw yes|no restored yes|no": how COMMAND ended, whether
the terminal was raw while it ran and is afterwards what it was before.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 8


def set_size(fd, text):
    rows, cols = map(int, text.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


class Person:
    def __init__(self, master):
        self.master, self.seen, self.at = master, b"", 0

    def look(self, seconds):
        """Reads what is there. Returns False at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def expect(self, text):
        end = time.monotonic() + LIMIT
        while text not in self.seen[self.at:]:
            if time.monotonic() > end or not self.look(0.05):
                print(f"waited in vain for {text!r}; seen: {self.seen!r}")
                return False
        self.at = self.seen.index(text, self.at) + len(text)
        return True


def is_raw(fd):
    return not termios.tcgetattr(fd)[3] & (termios.ICANON | termios.ECHO)


def state_of(fd):
    """With the flags of the open file, which whoever uses the terminal shares: O_NONBLOCK."""
    return termios.tcgetattr(fd), fcntl.fcntl(fd, fcntl.F_GETFL)


def start(command, slave):
    def own_terminal():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    return subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave,
                            preexec_fn=own_terminal, close_fds=True)


def main():
    args = sys.argv[1:]
    steps, command = args[:args.index("--")], args[args.index("--") + 1:]
    master, slave = pty.openpty()
    set_size(slave, "24x80")
    if steps and steps[0].startswith("--size="):
        set_size(slave, steps.pop(0)[7:])
    before = state_of(slave)
    child = start(command, slave)
    person, raw, ok = Person(master), False, True
    for step in steps:
        what, _, text = step.partition("=")
        if what == "expect":
            ok = ok and person.expect(text.encode())
        elif what == "send":
            os.write(master, text.encode().decode("unicode_escape").encode("latin-1"))
        elif what == "resize":
            set_size(slave, text)
            child.send_signal(signal.SIGWINCH)  # the kernel tells the foreground group, as here
        elif what == "kill":
            child.send_signal(getattr(signal, "SIG" + text))
        raw = raw or is_raw(slave)
    end = time.monotonic() + LIMIT
    while child.poll() is None and time.monotonic() < end:
        person.look(0.05)
    if child.poll() is None:
        print("does not end")
        child.kill()
        child.wait()
    while select.select([master], [], [], 0)[0] and person.look(0):
        pass
    sys.stdout.write(person.seen.decode(errors="replace").replace("\r\n", "\n"))
    restored = state_of(slave) == before
    status = child.returncode if child.returncode >= 0 else 128 - child.returncode
    print(f"\nstatus {status} raw {'yes' if raw else 'no'} restored {'yes' if restored else 'no'}")
    sys.exit(0 if ok else 1)


main()
