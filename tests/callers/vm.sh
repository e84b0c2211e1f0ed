#!/usr/bin/env bash
# vm.sh - what callers do on hull where systemd runs with cgroup v2: Podman with systemd as a container's
# first process, Podman, also an ordinary user's, and Docker Engine with containers in scopes of
# systemd, and hull as the service of docs/integration.md
#
# In the machine of tests/vm, with the host's programs and their libraries (the image has none of
# them; host and image are the same release). HULL names the program. Closes with "N passed,
# N failed, N skipped"; status 0 only with none failed.
set -u
cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# pack PROGRAM... - and the libraries that they need
pack() {
	local program
	mkdir -p "$work/bin" "$work/lib"
	for program; do
		cp "$(command -v "$program")" "$work/bin/" || return 1
		ldd "$(command -v "$program")" 2>/dev/null | awk '$3 ~ /^\// && $3 !~ /\/libc\.so/ { print $3 }' |
			xargs -r cp -Lt "$work/lib/"
	done
}

programs="podman conmon dockerd docker containerd containerd-shim-runc-v2"
for program in $programs qemu-system-x86_64; do
	command -v $program >/dev/null || {
		echo "skipped: this host has no $program"
		echo "0 passed, 0 failed, 1 skipped"
		exit 0
	}
done
pack $programs || exit 1 # words
awk '$0 == "<!-- block: web.service -->" { found = 1 }
	found && inside && /^```$/ { exit }
	found && inside
	found && /^```ini/ { inside = 1 }' docs/integration.md >"$work/web.service"
WITH=$work GUEST=tests/callers/vm_guest.sh FILES=state MACHINES=1 TIMEOUT=${TIMEOUT:-1200} tests/vm/run.sh v2
