#!/usr/bin/env bash
# run.sh - the integration tests on other hosts: run.sh LEG...
#
# A leg is a Debian kernel and systemd in qemu, without KVM, with one layout of cgroups:
#   v2      the unified hierarchy with every controller
#   hybrid  controllers on v1, the unified hierarchy beside them
#   v1      v1 alone
# HULL names the program, FILES the tests (default: all but those that need a network). Prints what
# the guest printed and closes with the sum of all legs. Status 0 only with none failed.
set -u
cd "$(dirname "$0")/../.." || exit 1

HULL=${HULL:-$PWD/build/hull}
FILES=${FILES:-}
TIMEOUT=${TIMEOUT:-2400}
passed=0 failed=0 skipped=0

cmdline() {
	case $1 in
	v2) echo systemd.unified_cgroup_hierarchy=1 ;;
	hybrid) echo systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0 ;;
	v1) echo systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 ;;
	*) echo "no such leg: $1" >&2 && return 1 ;;
	esac
}

image=$(tests/vm/image.sh) || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# share LEG - what the guest sees: the program, the tests, and what to do with them
share() {
	mkdir -p "$work/$1/build"
	cp -r tests "$work/$1/"
	cp "$HULL" "$work/$1/build/hull"
	cp tests/vm/guest.sh "$work/$1/"
	printf 'LEG=%s\nFILES=%q\n' "$1" "$FILES" >"$work/$1/leg"
}

boot() {
	timeout --kill-after=10 "$TIMEOUT" qemu-system-x86_64 -accel tcg,thread=multi -cpu max \
		-smp 2 -m 3072 -nographic -no-reboot -nic none -monitor none \
		-kernel "$image/vmlinuz" -initrd "$image/initrd" \
		-append "root=/dev/vda rw console=ttyS0 quiet $(cmdline "$1")" \
		-drive "file=$image/disk.ext4,format=raw,if=virtio,snapshot=on" \
		-virtfs "local,path=$work/$1,mount_tag=hull,security_model=none,readonly=on" \
		-serial "file:$work/$1.console" -serial "file:$work/$1.out" </dev/null
}

for leg; do
	cmdline "$leg" >/dev/null || exit 1
	share "$leg"
	echo "== virtual machine, cgroup $leg"
	boot "$leg"
	status=$?
	sed 's/\r$//' "$work/$leg.out"
	if read -r p _ f _ s _ < <(sed 's/\r$//' "$work/$leg.out" |
		grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' | tail -n 1); then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		echo "the machine ended without a result (status $status); its console said last:"
		tail -n 20 "$work/$leg.console"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed != 0 ]
