#!/usr/bin/env python3
"""A systemd of one's own: systemd_stub.py SOCKET MODE-FILE LOG

Speaks D-Bus on a unix socket, as bus and manager in one, and knows what hull asks: it makes scopes
in the cgroup hierarchies that systemd handles, with their processes, and removes them when they
are empty. Every call is a line of JSON in LOG. The first word of MODE-FILE, read for each call,
says how it behaves badly:

  good            not at all
  deaf            says nothing from the beginning
  silent          does not answer StartTransientUnit
  mute            does not answer anything
  stale           has a failed unit of every name, until it is told to forget it
  never           answers it, and no job ever ends
  late N          the same, but for N seconds only
  failed          the job fails, and leaves a unit that has failed
  old NAME        does not know a property
"""
import json
import os
import signal
import socket
import struct
import sys
import threading
import time

ROOT = "/sys/fs/cgroup"
HANDLED = ["systemd", "cpu", "cpuacct", "cpu,cpuacct", "blkio", "memory", "devices", "pids", "unified"]
FIXED = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "b": "I"}
ALIGN = {"y": 1, "n": 2, "q": 2, "i": 4, "u": 4, "b": 4, "x": 8, "t": 8, "d": 8, "s": 4, "o": 4,
         "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}
NONE = 2**64 - 1  # no limit
ERROR = "org.freedesktop.systemd1."
MANAGER = "/org/freedesktop/systemd1"


def one_type(sig):
    """The first complete type of a signature."""
    if sig[0] == "a":
        return "a" + one_type(sig[1:])
    if sig[0] in "({":
        depth = 0
        for i, c in enumerate(sig):
            depth += (c in "({") - (c in ")}")
            if depth == 0:
                return sig[: i + 1]
    return sig[0]


def types(sig):
    while sig:
        first = one_type(sig)
        yield first
        sig = sig[len(first):]


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def fixed(self, code):
        size = struct.calcsize(code)
        self.at += -self.at % size
        value, = struct.unpack_from("<" + code, self.data, self.at)
        self.at += size
        return value

    def text(self, n):
        value = self.data[self.at:self.at + n].decode()
        self.at += n + 1
        return value

    def value(self, t):
        if t in FIXED:
            value = self.fixed(FIXED[t])
            return bool(value) if t == "b" else value
        if t in "so":
            return self.text(self.fixed("I"))
        if t == "g":
            return self.text(self.fixed("B"))
        if t == "v":
            sig = self.value("g")
            return {"type": sig, "value": self.value(sig)}
        if t[0] == "a":
            n = self.fixed("I")
            self.at += -self.at % ALIGN[t[1]]
            end, items = self.at + n, []
            while self.at < end:
                items.append(self.value(t[1:]))
            return items
        self.at += -self.at % 8
        return [self.value(inner) for inner in types(t[1:-1])]


class Writer:
    def __init__(self):
        self.data = bytearray()

    def pad(self, n):
        self.data += bytes(-len(self.data) % n)

    def put(self, t, value):
        self.pad(ALIGN[t[0]])
        if t in FIXED:
            self.data += struct.pack("<" + FIXED[t], value)
        elif t in "so":
            self.data += struct.pack("<I", len(value)) + value.encode() + b"\0"
        elif t == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif t == "v":
            self.put("g", value[0])
            self.put(*value)
        elif t[0] == "a":
            at = len(self.data)
            self.data += bytes(4)
            self.pad(ALIGN[t[1]])
            start = len(self.data)
            for item in value:
                self.put(t[1:], item)
            struct.pack_into("<I", self.data, at, len(self.data) - start)
        else:
            for inner, item in zip(types(t[1:-1]), value):
                self.put(inner, item)


def message(kind, serial, fields, sig="", args=()):
    body = Writer()
    for t, arg in zip(types(sig), args):
        body.put(t, arg)
    if sig:
        fields = fields + [(8, ("g", sig))]
    head = Writer()
    for t, v in (("y", ord("l")), ("y", kind), ("y", 1), ("y", 1), ("u", len(body.data)), ("u", serial)):
        head.put(t, v)
    head.put("a(yv)", fields)
    head.pad(8)
    return bytes(head.data + body.data)


class Refused(Exception):
    pass


def hierarchies():
    return [f"{ROOT}/{name}" for name in HANDLED if os.path.isdir(f"{ROOT}/{name}")]


def slice_path(name):
    parts = name[: -len(".slice")].split("-")
    return "".join("/" + "-".join(parts[: i + 1]) + ".slice" for i in range(len(parts)))


class Unit:
    def __init__(self, name, props):
        self.name = name
        self.description = props.get("Description", name)
        self.failed = self.made = False
        self.path = slice_path(props.get("Slice", "system.slice")) + "/" + name

    def dirs(self):
        return [h + self.path for h in hierarchies()]

    def make(self, pids):
        self.made = True
        for path in self.dirs():
            os.makedirs(path, exist_ok=True)
            for pid in pids:
                with open(path + "/cgroup.procs", "w") as f:
                    f.write(str(pid))

    def set_quota(self, quota, period):
        """As systemd does: both files, in whole percents as it has been told."""
        if NONE in (quota, period):
            period = 100000
        value = -1 if quota == NONE else quota * period // 1000000
        for path in self.dirs():
            for file, value in (("cpu.cfs_period_us", period), ("cpu.cfs_quota_us", value)):
                if os.path.exists(f"{path}/{file}"):
                    with open(f"{path}/{file}", "w") as f:
                        f.write(str(value))

    def pids(self):
        found = set()
        for path in self.dirs()[:1]:
            for top, _, _ in os.walk(path):
                with open(top + "/cgroup.procs") as f:
                    found |= set(f.read().split())
        return found

    def remove(self):
        for path in self.dirs() if self.made else []:
            for top, _, _ in os.walk(path, topdown=False):
                os.rmdir(top)
            while path.count(".slice") and os.path.dirname(path) != ROOT:
                path = os.path.dirname(path)
                try:
                    os.rmdir(path)
                except OSError:
                    break


class Systemd:
    def __init__(self, mode_file, log):
        self.mode_file, self.log = mode_file, log
        self.units, self.jobs, self.lock = {}, 0, threading.RLock()
        self.reset = set()
        threading.Thread(target=self.collect, daemon=True).start()

    def mode(self):
        with open(self.mode_file) as f:
            return f.read().split() + [""]

    def note(self, method, args):
        self.log.write(json.dumps({"method": method, "args": args}) + "\n")
        self.log.flush()

    def collect(self):
        """A scope ends with its last process."""
        while time.sleep(0.02) is None:
            with self.lock:
                for unit in list(self.units.values()):
                    try:
                        if unit.made and not unit.pids():
                            unit.remove()
                            del self.units[unit.name]
                    except OSError:
                        pass  # in the middle of coming or going: next time

    def unit(self, name):
        if name not in self.units:
            raise Refused(ERROR + "NoSuchUnit", f"Unit {name} not loaded.")
        return self.units[name]

    def GetUnit(self, peer, name):
        self.unit(name)
        return "o", [f"{MANAGER}/unit/" + name.encode().hex()]

    def ResetFailedUnit(self, peer, name):
        self.reset.add(name)
        if self.unit(name).failed:
            del self.units[name]
        return "", []

    def KillUnit(self, peer, name, whom, number):
        for pid in self.unit(name).pids() if self.unit(name).made else []:
            os.kill(int(pid), number)
        return "", []

    def StopUnit(self, peer, name, mode):
        unit = self.unit(name)
        for _ in range(100 if unit.made else 0):
            if not unit.pids():
                break
            time.sleep(0.02)
        if not unit.failed:
            unit.remove()
            del self.units[name]
        return self.job(peer, name, "done")

    def AttachProcessesToUnit(self, peer, name, below, pids):
        unit = self.unit(name)
        unit.make([pid or peer.pid() for pid in pids])
        return "", []

    def SetUnitProperties(self, peer, name, runtime, props):
        given = {p: v["value"] for p, v in props}
        unit = self.unit(name)
        if "CPUQuotaPerSecUSec" in given:
            unit.set_quota(given["CPUQuotaPerSecUSec"], given.get("CPUQuotaPeriodUSec", NONE))
        return "", []

    def StartTransientUnit(self, peer, name, mode, props, aux):
        how, what = self.mode()[:2]
        props = {p: v["value"] for p, v in props}
        if name in self.units or (how == "stale" and name not in self.reset):
            raise Refused(ERROR + "UnitExists", f"Unit {name} was already loaded or has a fragment file.")
        if how == "old" and what in props:
            raise Refused("org.freedesktop.DBus.Error.PropertyReadOnly",
                          f"Cannot set property {what}, or unknown property.")
        if how == "silent":
            return None
        unit = self.units[name] = Unit(name, props)
        if how == "failed":
            unit.failed = True
            return self.job(peer, name, "failed")
        if how == "never":
            return self.job(peer, name, None)
        unit.make(props["PIDs"])
        return self.job(peer, name, "done", float(what) if how == "late" else 0)

    def job(self, peer, name, result, delay=0):
        self.jobs += 1
        path = f"{MANAGER}/job/{self.jobs}"
        args = [self.jobs, path, name, result]
        if result:
            threading.Timer(delay + 0.01, peer.signal, ["JobRemoved", "uoss", args]).start()
        return "o", [path]


class Peer(threading.Thread):
    def __init__(self, sock, systemd):
        super().__init__(daemon=True)
        self.sock, self.systemd, self.serial = sock, systemd, 0

    def pid(self):
        return struct.unpack("3i", self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]

    def run(self):
        try:
            if self.systemd.mode()[0] == "deaf":
                return time.sleep(1000)
            self.shake_hands()
            while True:
                self.serve_one()
        except (ConnectionError, EOFError, OSError):
            self.sock.close()

    def shake_hands(self):
        data = b""
        answers = {b"AUTH": b"DATA\r\n", b"DATA": b"OK 0123456789abcdef0123456789abcdef\r\n",
                   b"NEGOTIATE_UNIX_FD": b"ERROR\r\n"}
        while not data.endswith(b"BEGIN\r\n"):
            more = self.sock.recv(1)
            if not more:
                raise EOFError
            data += more
            if data.endswith(b"\r\n"):
                word = data.lstrip(b"\0").split(b"\r\n")[-2].split(b" ")[0]
                self.sock.sendall(answers.get(word, b""))

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def send(self, kind, fields, sig, args):
        self.serial += 1
        self.sock.sendall(message(kind, self.serial, fields, sig, args))

    def signal(self, name, sig, args):
        fields = [(1, ("o", MANAGER)), (2, ("s", ERROR + "Manager")), (3, ("s", name)),
                  (7, ("s", "org.freedesktop.systemd1"))]
        try:
            self.send(4, fields, sig, args)
        except OSError:
            pass  # nobody listens any more

    def serve_one(self):
        head = self.take(16)
        body_len, serial, fields_len = struct.unpack_from("<III", head, 4)
        rest = self.take(fields_len + -fields_len % 8 + body_len)
        r = Reader(head + rest)
        r.at = 12
        fields = {code: v["value"] for code, v in r.value("a(yv)")}
        r.at += -r.at % 8
        args = Reader(r.data[r.at:])
        self.answer(serial, fields, [args.value(t) for t in types(fields.get(8, ""))])

    def answer(self, serial, fields, args):
        method, path = fields[3], fields[1]
        reply = [(5, ("u", serial)), (7, ("s", "org.freedesktop.systemd1"))]
        try:
            with self.systemd.lock:
                result = self.call(method, path, args)
            if result:
                self.send(2, reply, *result)
        except Refused as e:
            self.send(3, reply + [(4, ("s", e.args[0]))], "s", [e.args[1]])

    def call(self, method, path, args):
        if method == "Hello":
            return "s", [":1.7"]
        if method == "AddMatch":
            return "", []
        self.systemd.note(method, args)
        if self.systemd.mode()[0] == "mute":
            return None
        if method == "Get":
            name = bytes.fromhex(path.rsplit("/", 1)[1]).decode()
            unit = self.systemd.unit(name)
            return "v", [("s", unit.description if args[1] == "Description" else "loaded")]
        return getattr(self.systemd, method)(self, *args)


def main():
    path, mode_file, log = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path + ".new")
    server.listen(16)
    os.rename(path + ".new", path)
    systemd = Systemd(mode_file, open(log, "a"))
    while True:
        Peer(server.accept()[0], systemd).start()


main()
