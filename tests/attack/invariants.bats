# invariants: those of docs/security.md that neither the auditor nor another test would see broken

load ../integration/lib
load ../integration/helpers/m_lib

# --- I7, A and B: the probes inside

# watched NAME - a container whose program is the watcher NAME, which writes to /seen
watched() {
	gcc -O2 -static -o "rootfs/bin/$1" "$TESTS/attack/$1.c"
	config '.process.args = [$w] | .root.readonly = false | .process.noNewPrivileges = false' --arg w "$1"
	detached "$ID"
	wait_for grep -q watching rootfs/seen
}

# nothing_reached - of the processes that came by, forty of which were seen
nothing_reached() {
	lacks "$(grep reached rootfs/seen | sort | uniq -c | head)" reached
	[ "$(saw)" -ge 40 ] || { echo "the watcher saw $(saw) processes"; return 1; }
}

saw() {
	grep -c '^saw' rootfs/seen
}

# enter ID - sixty times, or as often as it takes on a busy machine until enough were seen
enter() {
	local i
	for ((i = 0; i < 60 || (i < 400 && $(saw) < 40); i++)); do
		hull exec "$1" true </dev/null
	done
}

@test "I7, A: who enters has no program, root or directory to be reached by (CVE-2019-5736, CVE-2016-9962)" {
	SUM=$(sha256sum <"$HULL")
	config '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER"])'
	watched watch
	enter "$ID"
	nothing_reached
	is "$SUM" "$(sha256sum <"$HULL")"
}

@test "I7, A: nor by root of a user namespace with CAP_SYS_PTRACE (CVE-2019-5736, CVE-2016-9962)" {
	user_namespace
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"])'
	watched watch
	enter "$ID"
	nothing_reached
}

@test "I7, A: nor through another container that shares the pid namespace (CVE-2019-5736, CVE-2016-9962)" {
	user_namespace
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"])'
	watched watch
	local init
	init=$(pid_of "$ID")
	join_namespace pid "/proc/$init/ns/pid"
	join_namespace user "/proc/$init/ns/user"
	config '.process.args = ["sleep", "100"] | del(.linux.uidMappings, .linux.gidMappings)'
	detached "$ID-b"
	enter "$ID-b"
	nothing_reached
}

# --- I6: at the payload's execve

@test "I6, C: what the caller leaves open is neither the payload's nor a startContainer hook's (CVE-2024-21626)" {
	local fd output
	cp "$(compile probe)" rootfs/bin/probe
	config '.process.args = ["probe", "fds"] | .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "ls /proc/self/fd >/hooked"]}]
		| .root.readonly = false'
	for fd in 20 21 22 23 24; do
		eval "exec $fd<'$BATS_TEST_TMPDIR'"
	done
	exec 25<>/dev/null 26< <(sleep 5)
	output=$(hull run "$ID" </dev/null)
	is "0 1 2" "$(cut -d' ' -f1 <<<"$output" | xargs)"
	is "0 1 2 3" "$(xargs <rootfs/hooked)" # 3 is the listing's own
	for fd in 20 21 22 23 24 25 26; do
		eval "exec $fd<&-"
	done
}

# --- I12: names and the state directory

@test "I12, M: hull refuses to be installed set-id (CVE-2017-5985, CVE-2018-6556, CVE-2020-5291, CVE-2022-47952)" {
	[ -z "$(findmnt -no OPTIONS -T "$BATS_TEST_TMPDIR" | grep -w nosuid)" ] ||
		skip "$BATS_TEST_TMPDIR is mounted nosuid"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	local mode output
	cp "$HULL" "$BATS_TEST_TMPDIR/hull"
	for mode in 4755 2755; do
		chmod $mode "$BATS_TEST_TMPDIR/hull"
		output=$(setpriv --reuid=1234 --regid=1234 --clear-groups "$BATS_TEST_TMPDIR/hull" list 2>&1) && return 1
		is "hull: installed set-user-ID or set-group-ID: operation not permitted" "$output"
	done
}

@test "I12, M: a state root or state of somebody else's is not believed (CVE-2015-1331)" {
	config '.process.args = ["sleep", "100"]'
	mkdir -m 777 "$ROOT"
	refused "hull: run $ID: $ROOT is writable by others*" run "$ID"
	chmod 755 "$ROOT"
	chown 1234 "$ROOT"
	refused "hull: run $ID: $ROOT belongs to uid 1234*" run "$ID"
	chown 0 "$ROOT"
	detached "$ID"
	local file
	# planted: by another user, or through a link
	cp -a "$ROOT/$ID" "$ROOT/$ID-other"
	chown 1234 "$ROOT/$ID-other"
	ln -s "$ROOT/$ID" "$ROOT/$ID-link"
	fails "hull: kill $ID-other: * belongs to uid 1234*" kill "$ID-other" KILL
	fails "hull: exec $ID-link: *" exec "$ID-link" true
	fails "hull: delete $ID-other: * belongs to uid 1234*" delete --force "$ID-other"
	is running "$(status_of "$ID")"
	rm -r "$ROOT/$ID-other" "$ROOT/$ID-link"
}

# --- I14: what cannot be done is not left out

@test "I14, G: without a call that confines it the payload does not run" {
	local call output
	WRAPPER=$(compile m_deny)
	sh_config 'echo came this far'
	config '.process.user = {uid: 7, gid: 7, additionalGids: [5]} | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}'
	# setgroups setresgid setresuid capset seccomp prctl pivot_root mount_setattr move_mount
	# close_range umount2 setns
	for call in 116 119 117 126 317 157 155 442 429 436 166; do
		output=$("$WRAPPER" "$call" 1 "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) && { echo "call $call"; return 1; }
		lacks "$output" "this far"
		matches "hull: run $ID: *" "$output"
		is 1 "$(wc -l <<<"$output")" "lines without call $call"
	done
	unchanged
}

@test "I14, G: without a call that confines it what enters does not run, either" {
	local call output
	WRAPPER=$(compile m_deny)
	config '.process.args = ["sleep", "100"] | .process.user = {uid: 7, gid: 7, additionalGids: [5]}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}'
	detached "$ID"
	for call in 116 119 117 126 317 157 436 308; do
		output=$("$WRAPPER" "$call" 1 "$HULL" --root "$ROOT" exec "$ID" echo came this far </dev/null 2>&1) && { echo "call $call"; return 1; }
		lacks "$output" "this far"
		matches "hull: exec $ID: *" "$output"
	done
}

# --- I15: no code that a configuration, an annotation or an image could name

@test "I15, P: no handler, and nothing loaded but by a fixed name (CVE-2025-24965, CVE-2026-84042)" {
	local names
	names=$(grep -rhoE 'library_load\([^,;)]*' "$TESTS"/../src | grep -v 'const char' | sort -u)
	# a constant each: a name in quotes, or one that the file itself defines by quotes
	while read -r name; do
		name=${name#library_load(}
		[[ $name == \"*\" ]] || grep -rqE "(define|char) +$name(\[\] =)? \"" "$TESTS"/../src || { echo "$name"; return 1; }
	done <<<"$names"
	is "" "$(grep -rlE '(^|[^a-z_])(dlopen|dlmopen)\(' "$TESTS"/../src | grep -v 'src/base/library.c')" dlopen
	is "" "$("$HULL" features | jq -r '.. | strings' | grep -iE 'krun|wasm|handler')"
}
