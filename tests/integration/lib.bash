# lib.bash - what every integration test stands on: a bundle, hull, and the proof that nothing stays
#
# HULL names the program under test, HULL_MANAGER who places containers. A test file loads this and
# calls nothing else: setup() makes a bundle in $BUNDLE whose program prints what it is asked,
# teardown() deletes what is left and then compares the host with what it was like before the test.

HULL=${HULL:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/hull}
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CGROOT=/sys/fs/cgroup
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3 # which may be a slow wrapper

# of_this_test - of what comes in, the lines that carry this test's directory or container id
of_this_test() {
	grep -F -e "$MARK" -e "$ID" || true # none is status 1
}

# The host as far as hull could change it. With HULL_TESTS_SHARE set other containers come and go
# beside these tests: then only what carries this test's mark counts. Few processes, for this runs
# twice for every test.
host_snapshot() {
	if [ -n "${HULL_TESTS_SHARE:-}" ]; then
		mounts_and_cgroups | of_this_test
	else
		mounts_and_cgroups
		echo "== links"
		printf '%s\n' /sys/class/net/*
	fi
	echo "== state"
	[ ! -d "$ROOT" ] || find "$ROOT" -mindepth 1 -maxdepth 1 # not made yet
	echo "== processes"
	hull_processes
	echo "== keyrings"
	# one that nobody uses any more is there, with one reference, until the kernel collects it
	awk -v mark="$MARK" -v id="$ID" '$3 > 1 && $9 ~ /^_ses\./ && (index($9, mark) || index($9, id)) {
		print $9 }' /proc/keys 2>/dev/null || true # a kernel without keyrings
}

mounts_and_cgroups() {
	echo "== mounts"
	# everything but the mount ids' order, optional fields included
	echo "$(</proc/self/mountinfo)"
	echo "== cgroups"
	find "$CGROOT" -name process_api -prune -o -type d -print 2>/dev/null || true # some come and go
}

# hull_processes - directory in /proc and program of every process that is hull itself, its gate, or
# in a root directory of its own, as payloads are. What a link in /proc says of another mount
# namespace's root is "/" too: compare inodes. A few processes for all, for this runs for every test.
hull_processes() {
	local mine=all
	[ -z "${HULL_TESTS_SHARE:-}" ] ||
		mine=$(grep -lsF "$MARK" /proc/[0-9]*/mountinfo /proc/[0-9]*/cmdline) || true
	{
		find /proc/[0-9]*/exe -maxdepth 0 -printf 'exe %h %l\n'
		stat -Lc 'root %n %d:%i' / /proc/[0-9]*/root
	} 2>/dev/null | MINE=$mine awk -v hull="$HULL" '
		BEGIN { mine = ENVIRON["MINE"] }
		$1 == "exe" && NF > 2 { pid = $2; exe[pid] = substr($0, length($1 $2) + 3) }
		$1 == "root" && $2 == "/" { here = $3 }
		$1 == "root" && $2 != "/" {
			sub("/root$", "", $2)
			ours = $3 != here || exe[$2] == hull || exe[$2] ~ "^/memfd:hull"
			if (exe[$2] && ours && (mine == "all" || index(mine, $2 "/")))
				print $2, exe[$2]
		}'
}

# make_rootfs DIR - busybox with a link for every applet a test calls; made once, then copied
make_rootfs() {
	local template=$BATS_RUN_TMPDIR/rootfs
	[ -d "$template" ] || make_template "$template"
	cp -a "$template" "$1"
}

make_template() {
	local applet
	mkdir -p "$1"/{bin,etc,tmp,root,proc,sys,dev}
	cp "$(command -v busybox)" "$1/bin/busybox"
	for applet in sh ls cat echo true false sleep ps id hostname mount env stat touch mkdir rm \
		kill tty stty test readlink head tail grep sed awk wc sort dd ip nproc umask printf \
		usleep umount chmod chown uname cmp date pwd seq sync tr cut find xargs whoami setsid ln mknod df; do
		ln -sf busybox "$1/bin/$applet"
	done
	echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
	echo root:x:0: >"$1/etc/group"
}

# make_config - config.json of the bundle: hull's own, but for a terminal; made once, then copied
make_config() {
	local template="$BATS_RUN_TMPDIR/config${SPEC_FLAGS[*]}.json"
	if [ ! -e "$template" ]; then
		"$HULL" spec "${SPEC_FLAGS[@]}"
		config '.process.terminal = false | .process.args = ["true"]'
		cp config.json "$template"
	fi
	cp "$template" config.json
}

setup() {
	ROOT=$BATS_TEST_TMPDIR/state
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	# what leads from a process or a mount back to this test, and an id nobody else uses
	MARK=${BATS_TEST_TMPDIR#"${BATS_RUN_TMPDIR%/*}/"}/
	ID=t$BATS_ROOT_PID-$BATS_SUITE_TEST_NUMBER
	export ROOT BUNDLE
	mkdir -p "$BUNDLE"
	make_rootfs "$BUNDLE/rootfs"
	cd "$BUNDLE" || return 1
	make_config
	type test_setup >/dev/null 2>&1 && test_setup
	host_snapshot >"$BATS_TEST_TMPDIR/before"
}

teardown() {
	local id
	cd / || return 1
	type test_teardown >/dev/null 2>&1 && test_teardown
	if [ -d "$ROOT" ]; then
		for id in $("$HULL" --root "$ROOT" list -q); do
			"$HULL" --root "$ROOT" delete --force "$id" || echo "delete --force $id failed"
		done
	fi
	[ -e "$BATS_TEST_TMPDIR/before" ] || return 0 # setup() has skipped the test, or failed
	unchanged || { unmount_left && return 1; }
}

# unmount_left - bats removes the test's directory, and must not come across what hull left mounted
unmount_left() {
	awk -v d="$BATS_TEST_TMPDIR/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r path; do umount -l "$path"; done
	return 0
}

# unchanged - the host is what it was before the test. Ends of processes are waited for, briefly.
unchanged() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		host_snapshot >"$BATS_TEST_TMPDIR/after"
		cmp -s "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" && return 0
		sleep 0.2
	done
	echo "the host is not as it was before the test:"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	return 1
}

# hull ARGS... - the program, with this test's state root
hull() {
	"$HULL" --root "$ROOT" ${HULL_MANAGER:+--cgroup-manager "$HULL_MANAGER"} "$@"
}

# config FILTER [JQ-OPTIONS...] - change config.json by a jq filter
config() {
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$BUNDLE/.config" && mv "$BUNDLE/.config" "$BUNDLE/config.json"
}

# sh_config SCRIPT - the container runs a shell script
sh_config() {
	config '.process.args = ["sh", "-c", $s]' --arg s "$1"
}

# refused PATTERN ARGS... - hull fails with one line that matches, and leaves nothing
refused() {
	fails "$@" && unchanged
}

# fails PATTERN ARGS... - hull fails with one line that matches; its status is in $failure after
fails() {
	local pattern=$1 output
	shift
	failure=0
	# a file: what was not refused lives on and would hold on to a pipe
	hull "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/.error" || failure=$?
	output=$(cat "$BATS_TEST_TMPDIR/.error")
	if [ "$failure" = 0 ]; then
		echo "hull $* succeeded"
		return 1
	fi
	if [ "$(wc -l <<<"$output")" != 1 ]; then
		printf 'not one line:\n%s\n' "$output"
		return 1
	fi
	matches "$pattern" "$output"
}

# is EXPECTED ACTUAL [OF-WHAT], matches PATTERN ACTUAL, not COMMAND... - assertions that say what they saw
is() {
	[ "$1" = "$2" ] && return 0
	printf '%sgot:      %s\nexpected: %s\n' "${3:+$3: }" "$2" "$1"
	return 1
}

matches() {
	[[ $2 == $1 ]] && return 0
	printf 'got:      %s\nexpected: %s\n' "$2" "$1"
	return 1
}

not() {
	"$@" || return 0
	echo "succeeded: $*"
	return 1
}

# wait_for COMMAND... - until it succeeds, twenty seconds at most
wait_for() {
	local i
	for i in $(seq 500); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.04
	done
	echo "waited in vain for: $*"
	return 1
}

# created ID [OPTIONS...], detached ID [OPTIONS...] - hull create, hull run -d. Standard input is
# /dev/null; output goes to $BATS_TEST_TMPDIR/ID.out and .err, for a payload that lives on would
# hold on to bats' own.
created() {
	local id=$1
	shift
	hull create "$@" "$id" </dev/null >"$BATS_TEST_TMPDIR/$id.out" 2>"$BATS_TEST_TMPDIR/$id.err"
}

detached() {
	local id=$1
	shift
	hull run -d "$@" "$id" </dev/null >"$BATS_TEST_TMPDIR/$id.out" 2>"$BATS_TEST_TMPDIR/$id.err"
}

# output_of ID, errors_of ID - what the two above and their payload have written
output_of() {
	cat "$BATS_TEST_TMPDIR/$1.out"
}

errors_of() {
	cat "$BATS_TEST_TMPDIR/$1.err"
}

# compile NAME - tests/integration/helpers/NAME.c as a static program, once; prints where it is. In
# a virtual machine it has come with the tests.
compile() {
	local out=$TESTS/integration/helpers/$1
	[ -x "$out" ] || out=$BATS_RUN_TMPDIR/$1
	[ -x "$out" ] || gcc -O1 -Wall -Wextra -static -o "$out" "$TESTS/integration/helpers/$1.c" >&2
	echo "$out"
}

# ends PID - wait for a process of the test's, twenty seconds at most; its exit status is in $ended
ends() {
	local i
	for i in $(seq 500); do
		if ! kill -0 "$1" 2>/dev/null; then
			ended=0
			wait "$1" || ended=$?
			return 0
		fi
		sleep 0.04
	done
	echo "process $1 does not end: $(tr '\0' ' ' <"/proc/$1/cmdline")"
	kill -KILL "$1"
	return 1
}

status_of() {
	hull state "$1" | jq -r .status
}

pid_of() {
	hull state "$1" | jq -r .pid
}
