#!/usr/bin/env bash
# run.sh - hull under memcheck: run.sh DIRECTORY HULL
#
# First the commands: no error, no leak of memory, no descriptor of hull's own left open at the end.
# A valgrind that does not know clone3(2) cannot make containers: `create`, `run` and `exec` are
# followed up to there, and through their undoing; the containers for the other commands are made
# without it, and pidfds come from outside (pidfd.c). Then DIRECTORY/replay runs the committed inputs
# of tests/fuzz, which have the parent's side of making a container and of an entry too.
# Closes with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/$1 hull=$2 tests=$PWD/tests
passed=0 failed=0
work=$(mktemp -d)
root=$work/state
export HULL_PIDFD=$work/pidfd

MEMCHECK=(valgrind --quiet --error-exitcode=99 --leak-check=full --child-silent-after-fork=yes)
ALL=(--show-leak-kinds=all --errors-for-leak-kinds=all --track-fds=yes)

finish() {
	local id
	for id in $("$hull" --root "$root" list -q); do
		"$hull" --root "$root" delete --force "$id"
	done
	kill "$helper"
	rm -rf "$work"
}

result() { # NAME PROBLEM
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "  $1: $2"
	sed 's/^/    | /' "$work/log" "$work/out" | head -n 80
}

# own_fds LOG - descriptors at the end that hull has opened, but for --log's
own_fds() {
	awk '/Open .*(descriptor|socket) [0-9]+:/ { open = $0 }
		open && /<inherited from parent>/ { open = "" }
		open && /^==[0-9]+== *$/ { print open; open = "" }' "$1" | grep -v "log.json"
}

# check STATUS ARGUMENT... - hull with these ends so, without an error
check() {
	local expected=$1 status problem=
	shift
	LD_PRELOAD=$build/pidfd.so "${MEMCHECK[@]}" "${ALL[@]}" --log-file="$work/log" "$hull" --root "$root" "$@" \
		>"$work/out" 2>&1 </dev/null
	status=$?
	[ $status = "$expected" ] || problem="status $status instead of $expected"
	[ -z "$(own_fds "$work/log")" ] || problem="left open: $(own_fds "$work/log")"
	result "hull $*" "$problem"
}

real() { # the same, by itself
	"$hull" --root "$root" "$@" </dev/null >/dev/null || result "hull $*" "status $? (no valgrind)"
}

make_bundle() {
	mkdir -p "$work/bundle/rootfs/bin"
	cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
	ln -s busybox "$work/bundle/rootfs/bin/sleep"
	cd "$work/bundle" || exit 1
	jq '.process.terminal = false | .process.args = ["sleep", "1000"] |
		.linux.resources.memory = {limit: 100000000} |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}' \
		"$tests/../config.json.example" >config.json
	jq '.mounts[0].options = ["idmap=x"] | .linux.namespaces += [{type: "nope"}]' config.json >bad.json
	jq '.process.user.uid = -1' config.json >number.json
	echo '{' >broken.json
}

# c: created, r: running, p: paused, s: stopped; b: broken
check_commands() {
	check 0 --version
	check 0 --help
	check 0 features
	check 0 list
	check 1 state c
	check 1 nonsense
	check 1 start c
	check 0 delete --force c
	check 1 create --config bad.json c
	check 1 create --config broken.json c
	check 1 run --config number.json c
	check 1 create --bundle /nonexistent c
	check 1 create --pid-file "$work/pid" c
	check 1 --log "$work/log.json" --log-format json run c
	for id in c r s; do
		real create "v$$$id"
	done
	real start "v$$r"
	real kill "v$$s" KILL
	mkdir -m 700 "$root/v$$b"
	echo '{"version":1' >"$root/v$$b/state.json"
	check 0 list
	check 0 list --format json
	check 0 state "v$$c"
	check 0 state "v$$r"
	check 1 state "v$$b"
	check 0 ps "v$$r"
	check 0 ps --format json "v$$r"
	check 0 events --stats "v$$r"
	check 0 update --memory 90000000 --pids-limit 50 "v$$r"
	check 1 update --memory 1k --cpus nonsense "v$$r"
	check 1 update --resources /nonexistent "v$$r"
	check 0 pause "v$$r"
	check 0 state "v$$r"
	check 255 exec "v$$r" true
	check 0 resume "v$$r"
	check 255 exec "v$$r" true
	check 255 exec --process number.json "v$$r"
	check 1 create "v$$r"
	check 0 start "v$$c"
	check 1 start "v$$c"
	check 1 delete "v$$c"
	check 1 kill "v$$c" NOSUCHSIGNAL
	check 0 kill "v$$c" KILL
	check 0 delete --force "v$$c"
	check 0 delete --force "v$$r"
	check 0 delete "v$$s"
	check 0 delete --force "v$$b"
	check 0 list
}

# Descriptors of the targets are the targets' business: they look at them after every input.
check_inputs() {
	local directory name
	mkdir -p "$build/bin"
	for directory in "$tests"/fuzz/corpus/*; do
		name=$(basename "$directory")
		ln -sf ../replay "$build/bin/$name"
		if "${MEMCHECK[@]}" --log-file="$work/log" "$build/bin/$name" "$directory"/* \
			>"$work/out" 2>&1; then
			result "inputs of $name" ""
		else
			result "inputs of $name" "status $?"
		fi
	done
}

if [ "$(id -u)" != 0 ]; then
	echo "check-valgrind: needs root" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
python3 tests/valgrind/pidfd.py "$HULL_PIDFD" &
helper=$!
trap finish EXIT
make_bundle
check_commands
check_inputs
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed != 0 ]
