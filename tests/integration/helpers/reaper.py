"""reaper.py HULL ROOT ID - a caller as containerd's shim is: it reaps what hull leaves to it

Makes and starts a container, enters it, and prints whether the two processes are its own children
and how they ended.
"""
import ctypes
import json
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def parent_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        return int(f.read().rpartition(")")[2].split()[1])


def main():
    hull, root, name = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def run(*args):
        with open("stdio", "a") as out:
            subprocess.run([hull, "--root", root, *args], check=True, stdin=subprocess.DEVNULL,
                           stdout=out, stderr=out)

    def pid_in(path):
        with open(path) as f:
            return int(f.read())

    run("create", "--pid-file", "init.pid", name)
    init = pid_in("init.pid")
    result = {"init": "child" if parent_of(init) == os.getpid() else parent_of(init)}
    run("exec", "--detach", "--pid-file", "exec.pid", name, "sh", "-c", "exit 9")
    entered = pid_in("exec.pid")
    # it may have ended, and waits for its parent all the same
    result["exec"] = "child" if parent_of(entered) == os.getpid() else parent_of(entered)
    run("start", name)
    # init cannot end while a process of its pid namespace waits to be reaped: pid_namespaces(7)
    result["exec status"] = os.waitstatus_to_exitcode(os.waitpid(entered, 0)[1])
    result["init status"] = os.waitstatus_to_exitcode(os.waitpid(init, 0)[1])
    print(json.dumps(result))
    run("delete", name)


main()
