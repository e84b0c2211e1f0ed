#!/usr/bin/env bash
# vm.sh - what callers do on hull where systemd runs with cgroup v2: Podman with systemd as a container's
# first process, and hull as a service of docs/integration.md
#
# Boots the machine of tests/vm with the host's podman and conmon in the directory that it shares (the
# image has neither; host and image are the same release), and prints TAP. HULL names the program.
# Status 0 only when every test passed.
set -u
cd "$(dirname "$0")/../.." || exit 1

HULL=${HULL:-$PWD/build/hull}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# pack DIRECTORY PROGRAM... - programs and the libraries that they need
pack() {
	local directory=$1 program
	shift
	mkdir -p "$directory/bin" "$directory/lib"
	for program; do
		cp "$(command -v "$program")" "$directory/bin/" || return 1
		ldd "$(command -v "$program")" 2>/dev/null | awk '$3 ~ /^\// && $3 !~ /\/libc\.so/ { print $3 }' |
			xargs -r cp -Lt "$directory/lib/"
	done
}

for program in podman conmon qemu-system-x86_64; do
	command -v $program >/dev/null || {
		echo "1..0 # skip this host has no $program"
		exit 0
	}
done
image=$(tests/vm/image.sh) || exit 1
mkdir "$work/share"
pack "$work/share" podman conmon || exit 1
cp "$HULL" "$work/share/hull"
awk '$0 == "<!-- block: web.service -->" { found = 1 }
	found && /^```$/ { exit }
	found && inside
	found && /^```ini/ { inside = 1 }' docs/integration.md >"$work/share/web.service"
gcc -O1 -static -o "$work/share/notify" tests/integration/helpers/notify.c || exit 1
cp tests/callers/vm_guest.sh "$work/share/guest.sh"
timeout --kill-after=10 "${TIMEOUT:-600}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 3072 \
	-nographic -no-reboot -nic none -monitor none -kernel "$image/vmlinuz" -initrd "$image/initrd" \
	-append "root=/dev/vda rw console=ttyS0 quiet systemd.unified_cgroup_hierarchy=1" \
	-drive "file=$image/disk.ext4,format=raw,if=virtio,snapshot=on" \
	-virtfs "local,path=$work/share,mount_tag=hull,security_model=none,readonly=on" \
	-serial "file:$work/console" -serial "file:$work/out" </dev/null
sed 's/\r$//' "$work/out"
if ! grep -q '^1\.\.' "$work/out"; then
	echo "the machine ended early; its console said last:"
	tail -n 20 "$work/console"
	exit 1
fi
! grep -q '^not ok' "$work/out"
