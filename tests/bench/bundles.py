"""bundles.py - the bundles that are measured: `hull spec`, and what is added to it"""
import copy
import json
import os
import platform
import shutil
import subprocess

# of Docker's default profile, as Podman's package brings it
PROFILE = "/usr/share/containers/seccomp.json"

TRUE = "int main(void) { return 0; }"
SLEEP = "#include <unistd.h>\nint main(void) { for (;;) pause(); }"


def compile_static(source, path):
    subprocess.run(["gcc", "-O2", "-static", "-x", "c", "-o", path, "-"], input=source.encode(), check=True)


def applies(rule, caps):
    """As the callers turn a profile of theirs into linux.seccomp."""
    inc, exc = rule.get("includes", {}), rule.get("excludes", {})
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    if inc.get("arches") and arch not in inc["arches"] or arch in exc.get("arches", []):
        return False
    return all(c in caps for c in inc.get("caps", [])) and not any(c in caps for c in exc.get("caps", []))


def seccomp(path, caps):
    profile = json.load(open(path))
    rules = []
    for rule in profile["syscalls"]:
        if applies(rule, caps):
            keys = ("names", "action", "args", "errnoRet")
            rules.append({k: rule[k] for k in keys if rule.get(k) not in (None, [])})
    machine = f"SCMP_ARCH_{platform.machine().upper()}"
    arches = next((a for a in profile.get("archMap", []) if a["architecture"] == machine), None)
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile.get("defaultErrnoRet", 1),
            "architectures": [machine, *(arches or {}).get("subArchitectures", [])], "syscalls": rules}


class Bundles:
    """Directories: plain, sleeper, seccomp and binds; all with one root file system."""

    def __init__(self, work, hull):
        self.rootfs = os.path.join(work, "rootfs")
        self.work = work
        os.makedirs(self.rootfs)
        os.makedirs(os.path.join(work, "bound"))
        for d in ("proc", "dev", "sys"):
            os.makedirs(os.path.join(self.rootfs, d))
        compile_static(TRUE, os.path.join(self.rootfs, "true"))
        compile_static(SLEEP, os.path.join(self.rootfs, "sleep"))
        subprocess.run([hull, "spec", "-b", work], check=True)
        config = json.load(open(os.path.join(work, "config.json")))
        config["ociVersion"] = "1.0.2"  # crun of 2023 refuses later ones
        config["root"]["path"] = self.rootfs
        config["process"].update(args=["/true"], terminal=False)
        self.plain = self.write("plain", config)
        self.sleeper = self.write("sleeper", self.with_args(config, "/sleep"))
        self.binds = self.write("binds", self.with_binds(config))
        self.profile = PROFILE if os.path.exists(PROFILE) else None
        if self.profile:
            more = copy.deepcopy(config)
            more["linux"]["seccomp"] = seccomp(PROFILE, config["process"]["capabilities"]["bounding"])
            self.seccomp = self.write("seccomp", more)

    def write(self, name, config):
        path = os.path.join(self.work, name)
        os.makedirs(path)
        with open(os.path.join(path, "config.json"), "w") as f:
            json.dump(config, f)
        return path

    def with_args(self, config, *args):
        config = copy.deepcopy(config)
        config["process"]["args"] = list(args)
        return config

    def with_binds(self, config):
        config = copy.deepcopy(config)
        for i in range(50):
            os.makedirs(os.path.join(self.rootfs, f"m{i}"))
            config["mounts"].append({"destination": f"/m{i}", "type": "bind",
                                     "source": os.path.join(self.work, "bound"), "options": ["rbind", "ro"]})
        return config

    def remove(self):
        shutil.rmtree(self.work)
