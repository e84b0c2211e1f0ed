#!/usr/bin/env bats
# hull is static, and goes on as a program with shared libraries where one has to be loaded: restart.h

load lib
load helpers/m_lib

test_setup() {
	readelf -lW "$HULL" | grep -q INTERP && skip "this hull is linked with shared libraries"
	config '.process.args = ["sleep", "1000"]'
}

# follower WORDS... - hull with them, until it has said something; its pid is $FOLLOWER
follower() {
	"$HULL" --root "$ROOT" "$@" >said 2>said.err 3>&- &
	FOLLOWER=$!
	echo "$FOLLOWER" >>"$BATS_TEST_TMPDIR/pids"
	wait_for test -s said
}

@test "what follows is in sealed memory, and has the words, environment and descriptors of before" {
	sh_config 'echo here; exec sleep 1000'
	mkfifo pipe # which only one of the two can read
	cat config.json >pipe &
	exec 7<config.json
	COLOUR='not any
	at all' follower --log-format json --log "$PWD/a log" run --config pipe "$ID"
	exec 7<&-
	matches "/memfd:hull*" "$(readlink "/proc/$FOLLOWER/exe")"
	# F_GET_SEALS: seal, shrink, grow, write
	is 15 "$(python3 -c 'import fcntl, sys; print(fcntl.fcntl(open(sys.argv[1]), 1034))' "/proc/$FOLLOWER/exe")"
	is "$HULL --root $ROOT --log-format json --log $PWD/a log run --config pipe $ID" \
		"$(tr '\0' ' ' <"/proc/$FOLLOWER/cmdline" | sed 's/ $//')"
	has "$(tr '\0' '|' <"/proc/$FOLLOWER/environ")" "COLOUR=not any
	at all|"
	is "$PWD" "$(readlink "/proc/$FOLLOWER/cwd")"
	is "$PWD/config.json" "$(readlink "/proc/$FOLLOWER/fd/7")"
	hull delete --force "$ID"
	ends "$FOLLOWER"
	is "137 " "$ended $(cat said.err)"
}

@test "words that are empty, or that a shell would split, stay what they were" {
	fails "*--interval \"\": not a duration*" events --interval "" "$ID"
	fails "*--interval \"1  s\": not a duration*" events --interval "1  s" "$ID"
	fails "*id cannot be empty" events ""
	fails "*ID format: \"a  b\" *" events "a  b"
	fails "hull: events -x: container does not exist" events -- -x
}

# traced WORDS... - hull, its execve calls added to "calls"
traced() {
	strace -f -A -e trace=execve,execveat -o calls "$HULL" --root "$ROOT" "$@" </dev/null
}

@test "a plain container is made, entered, shown and removed by the static program alone" {
	command -v strace >/dev/null || skip "strace is not installed"
	local gates=2 restarts=0 # one for each `true`
	[ "${HULL_MANAGER:-}" != systemd ] || restarts=2 # update and delete, to ask it
	detached "$ID"
	traced exec "$ID" true
	traced update --pids-limit 100 "$ID"
	traced state "$ID" >/dev/null
	traced kill "$ID" KILL
	traced delete --force "$ID"
	config '.process.args = ["true"]'
	traced run "$ID"
	is 6 "$(grep -c "execve(\"$HULL\"" calls)"
	is $((gates + restarts)) "$(grep -c "execveat(" calls)"
}

@test "a host without the C library: one line where a library is needed, and nothing is left" {
	local empty=$BATS_TEST_TMPDIR/empty why
	why="execute hull for shared libraries (the C library it was linked with must be there): no such file or directory"
	mkdir -p "$empty/proc" "$empty/bundle/rootfs"
	cp "$HULL" "$empty/hull"
	jq 'del(.process.terminal) | .linux.netDevices = {d0: {}}' config.json >"$empty/bundle/config.json"
	alone() {
		unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /hull --root /state "$@"' "$empty" "$@" 2>&1
	}
	is "hull: run $ID: $why" "$(alone --cgroup-manager systemd run --bundle /bundle "$ID" || true)"
	is "hull: run $ID: $why" "$(alone run --bundle /bundle "$ID" || true)"
	[ ! -e "$empty/state" ]
}

@test "without /proc, or without leave to execute memory, the line says so" {
	local out
	out=$(unshare --mount sh -c 'umount -l /proc && exec "$0" "$@"' "$HULL" --root "$ROOT" run --config /dev/null "$ID" 2>&1 || true)
	matches "hull: run $ID: read /proc/self/cmdline: *" "$out"
	[ -e /proc/sys/vm/memfd_noexec ] || skip "kernel before 6.3 (vm.memfd_noexec)"
	# of a pid namespace of its own
	out=$(unshare --pid --fork --mount-proc sh -c 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$0" "$@"' "$HULL" --root "$ROOT" run --config /dev/null "$ID" 2>&1 || true)
	matches "hull: run $ID: *memfd*" "$out"
}

@test "a configuration that comes through a pipe is read by the program that goes on with it" {
	config '.process.args = ["true"]'
	hull run --config <(cat config.json) "$ID"
	hull run --config <(jq 'del(.linux.namespaces[] | select(.type == "pid"))' config.json) "$ID"
	jq '.linux.netDevices = {"no-such": {}}' config.json >devices.json
	fails "hull: run $ID: linux.netDevices.no-such: find the device: *" run --config /dev/stdin "$ID" <devices.json
	fails "hull: run $ID: linux.netDevices.no-such: find the device: *" run --config <(cat devices.json) "$ID"
	mkfifo fifo
	cat config.json >fifo &
	hull run --config fifo "$ID"
	wait $!
}
