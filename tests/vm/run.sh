#!/usr/bin/env bash
# run.sh - the integration tests on other hosts, as root: run.sh LEG...
#
# A leg is a Debian kernel and systemd in qemu, without KVM, with one layout of cgroups:
#   v2          the unified hierarchy with every controller
#   v2-systemd  the same, and containers in scopes of systemd (HULL_MANAGER=systemd for the tests)
#   hybrid      controllers on v1, the unified hierarchy beside them
#   v1          v1 alone
# HULL names the program, FILES the tests (default: all but those that need a network or the build
# tree). A leg's files are shared out among MACHINES with one processor each, which is much faster
# than one with several: emulated processors wait for each other. Prints what the guests printed and
# closes with the sum of all. Status 0 only with none failed. GUEST is another script for the guest,
# WITH a directory that it finds in /mnt/hull.
set -u
cd "$(dirname "$0")/../.." || exit 1

HULL=${HULL:-$PWD/build/hull}
MACHINES=${MACHINES:-$(nproc)}
TIMEOUT=${TIMEOUT:-3600}
passed=0 failed=0 skipped=0

# Mitigations and clearing of pages guard nothing here and cost time. So does a library at another
# address in every process: its code is translated anew each time, which was more than half of all.
SPEED="norandmaps mitigations=off init_on_alloc=0 rcupdate.rcu_expedited=1 audit=0"
# A machine that gets hardly a processor boots all the same, and one that panics ends.
SPEED+=" no_timer_check panic=1"
# its directory in the tree of cgroups comes and goes in the middle of a test
SPEED+=" systemd.mask=systemd-tmpfiles-clean.timer"

cmdline() {
	case $1 in
	v2 | v2-systemd) echo systemd.unified_cgroup_hierarchy=1 ;;
	hybrid) echo systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0 ;;
	v1) echo systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 ;;
	*) echo "no such leg: $1" >&2 && return 1 ;;
	esac
}

# files - the names of the tests that shall run, those with the most cases first
files() {
	local file name
	for file in tests/integration/*.bats; do
		name=$(basename "$file" .bats)
		case $name in inputs | demo) continue ;; esac
		case " ${FILES:-$name} " in *" $name "*) echo "$(grep -c '^@test' "$file") $name" ;; esac
	done | sort -rn
}

# deal N - a line for each of N machines: the files that it runs
deal() {
	files | awk -v n="$1" '
		{ for (best = i = 1; i <= n; i++) if (load[i] < load[best]) best = i
		  load[best] += $1; list[best] = list[best] " " $2 }
		END { for (i = 1; i <= n; i++) if (list[i]) print list[i] }'
}

# share DIR LEG FILES - what the guest sees: the program, the tests, and what to do with them. C
# programs of the tests are compiled here, where it takes no time.
share() {
	local dir=$1 file
	mkdir -p "$dir/build"
	cp -r tests "$dir/"
	rm "$dir"/tests/integration/*.bats
	for file in $3; do
		cp "tests/integration/$file.bats" "$dir/tests/integration/"
	done
	cp "$work"/helpers/* "$dir/tests/integration/helpers/"
	cp "$HULL" "$dir/build/hull"
	cp "${GUEST:-tests/vm/guest.sh}" "$dir/guest.sh"
	[ -z "${WITH:-}" ] || cp -r "$WITH"/. "$dir/"
	printf 'LEG=%s\nHULL_MANAGER=%s\n' "$2" "$([ "$2" = v2-systemd ] && echo systemd)" >"$dir/leg"
}

# boot DIR LEG
boot() {
	timeout --kill-after=10 "$TIMEOUT" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64 \
		-smp 1 -m 2048 -nographic -no-reboot -nic none -monitor none \
		-kernel "$image/vmlinuz" -initrd "$image/initrd" \
		-append "root=/dev/vda rw console=ttyS0 quiet $SPEED $(cmdline "$2")" \
		-drive "file=$image/disk.ext4,format=raw,if=virtio,snapshot=on" \
		-virtfs "local,path=$1,mount_tag=hull,security_model=none,readonly=on" \
		-serial "file:$1.console" -serial "file:$1.out" </dev/null >"$1.qemu" 2>&1
}

# report DIR STATUS - print what the guest printed and add up
report() {
	local p f s
	sed -i 's/\r$//' "$1.out"
	cat "$1.out"
	if read -r p _ f _ s _ < <(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1.out" | tail -n 1); then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		echo "the machine ended without a result (status $2); it said last:"
		tail -n 20 "$1.qemu" "$1.console"
		failed=$((failed + 1))
	fi
}

run_leg() {
	local list dirs=() pids=() dir i status
	while read -r list; do
		dir=$work/$1-${#dirs[@]}
		share "$dir" "$1" "$list"
		: >"$dir.out"
		boot "$dir" "$1" &
		pids+=($!) dirs+=("$dir")
	done < <(deal "$MACHINES")
	for i in "${!dirs[@]}"; do
		status=0
		wait "${pids[i]}" || status=$?
		echo "== virtual machine $((i + 1)) of ${#dirs[@]}, $1"
		report "${dirs[i]}" "$status"
	done
}

for leg; do
	cmdline "$leg" >/dev/null || exit 1
done
image=$(tests/vm/image.sh) || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/helpers"
for source in tests/integration/helpers/*.c; do
	gcc -O1 -static -o "$work/helpers/$(basename "$source" .c)" "$source" || exit 1
done
for leg; do
	SECONDS=0
	run_leg "$leg"
	echo "== $leg took $((SECONDS / 60)) min $((SECONDS % 60)) s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed != 0 ]
