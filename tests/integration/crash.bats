# hull is killed: at every step of its commands, while hooks sleep, at odd moments. One delete
# --force clears what is left.
load lib
load helpers/m_lib
load helpers/m_groups

test_setup() {
	mkdir -m 700 "$ROOT" # so that every create makes the same calls
	config '.root.readonly = false | .process.args = ["sleep", "1000"]'
}

# cleared - one delete --force, twice for good measure, and nothing of the container is there
cleared() {
	local at=$1
	hull delete --force "$ID" || { echo "delete --force failed after $at"; return 1; }
	is "" "$(hull list -q)" || { echo "left after $at"; return 1; }
	if ! unchanged; then
		echo "left after $at"
		return 1
	fi
}

# readable AT - what is left is a container for who asks
readable() {
	[ -n "$(hull list -q)" ] || return 0
	is "$ID" "$(hull list -f json | jq -r '.[].id')" "after $1"
	hull state "$ID" >/dev/null || { echo "no state after $1" && return 1; }
}

# calls_of ARGS... - the system calls that a command makes which have effects, with how often
calls_of() {
	strace -qq -o "$BATS_TEST_TMPDIR/calls" "$HULL" --root "$ROOT" "$@" </dev/null >/dev/null 2>&1
	sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/calls" |
		grep -E '^(mkdir|mkdirat|mknodat|openat|write|pwrite64|renameat|renameat2|unlinkat|rmdir|socketpair|connect|memfd_create|clone3|sendto|sendmsg|recvmsg|flock|prlimit64|sched_setaffinity|pidfd_open|pidfd_send_signal|poll|waitid|exit_group)$' |
		sort | uniq -c
}

# killed_at CALL N ARGS... - hull ARGS, which a SIGKILL hits at its Nth CALL
killed_at() {
	local call=$1 n=$2
	shift 2
	ended=0
	strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
		"$HULL" --root "$ROOT" "$@" </dev/null >/dev/null 2>&1 || ended=$?
	# how often some are made depends on who is faster, the first is made always
	[ "$n" -gt 1 ] || is 137 "$ended" || { echo "$call did not come"; return 1; }
}

# some MAX - of the numbers 1 to MAX: all where they are few, else a spread that ends with MAX
some() {
	if [ "$1" -le 6 ]; then
		seq "$1"
	else
		{ seq 1 $((($1 + 4) / 5)) "$1"; echo "$1"; } | sort -nu
	fi
}

@test "create, killed at each of its system calls that matter" {
	calls=$(calls_of create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID")
	hull delete --force "$ID"
	while read -r count call; do
		for n in $(some "$count"); do
			killed_at "$call" "$n" create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
			readable "SIGKILL at $call number $n of create"
			cleared "SIGKILL at $call number $n of create"
			rm -f "$BATS_TEST_TMPDIR/pid"
		done
	done <<<"$calls"
}

@test "create, killed before anything was in a group that is somebody else's: kill leaves that alone" {
	local group=/hull-test-$ID h stranger
	h=$(hierarchies | head -n 1)
	mkdir "$h$group"
	sleep 1000 3>&- &
	stranger=$!
	echo "$stranger" >"$h$group/cgroup.procs"
	config '.linux.cgroupsPath = $g' --arg g "$group"
	killed_at memfd_create 1 create "$ID"
	hull kill --all "$ID" KILL
	fails '*container not running' kill "$ID" KILL
	fails '*container not running' ps "$ID"
	hull delete --force "$ID"
	kill "$stranger"
	ends "$stranger"
	is 143 "$ended"
	wait_for rmdir "$h$group"
}

@test "create and a process that helps it, killed: an error, at once" {
	local status=0
	ip netns add "$ID"
	join_namespace network "/run/netns/$ID"
	timeout 20 strace -qq -f -o /dev/null -e trace=sendmsg -e inject=sendmsg:error=ENOBUFS:when=1 \
		"$HULL" --root "$ROOT" create "$ID" </dev/null >out 2>err || status=$?
	ip netns delete "$ID"
	is "1 hull: create $ID: the process that joins namespaces ended without a word" "$status $(cat err)"
	config 'del(.linux.namespaces[] | select(.type == "network"))'
	user_namespace
	status=0
	timeout 20 strace -qq -f -o /dev/null -e trace=setns -e inject=setns:signal=KILL:when=1 \
		"$HULL" --root "$ROOT" create "$ID" </dev/null >out 2>err || status=$?
	matches "1 hull: create $ID: *who opens the host's paths ended without a word*" "$status $(cat err)"
	cleared "the end of a process that helps"
}

@test "what a failing create cannot undo keeps its record" {
	local h
	config '.process.args = ["/no/such"]'
	strace -qq -o /dev/null -e trace=rmdir -e inject=rmdir:error=EIO \
		"$HULL" --root "$ROOT" create "$ID" </dev/null >out 2>err || true
	matches "hull: create $ID: exec: \"/no/such\": *; undo it with delete --force: rmdir *" "$(cat err)"
	is 1 "$(wc -l <err)"
	is "$ID stopped" "$(hull list -f json | jq -r '.[] | "\(.id) \(.status)"')"
	cleared "an undoing that failed"
}

@test "run -d, killed at each of its system calls that matter" {
	calls=$(calls_of run -d "$ID")
	hull delete --force "$ID"
	while read -r count call; do
		[[ $call =~ ^(clone3|sendto|recvmsg|renameat|write|exit_group)$ ]] || continue
		for n in $(some "$count"); do
			killed_at "$call" "$n" run -d "$ID"
			cleared "SIGKILL at $call number $n of run -d"
		done
	done <<<"$calls"
}

@test "start, killed at each of its system calls that matter: created, running or stopped, never in between" {
	created "$ID"
	calls=$(calls_of start "$ID")
	hull delete --force "$ID"
	while read -r count call; do
		[[ $call =~ ^(openat|write|poll|pidfd_open|exit_group)$ ]] || continue
		for n in $(some "$count"); do
			created "$ID"
			killed_at "$call" "$n" start "$ID"
			[[ $(status_of "$ID") =~ ^(created|running|stopped)$ ]]
			[ "$(status_of "$ID")" != created ] || hull start "$ID"
			hull delete --force "$ID"
		done
	done <<<"$calls"
	unchanged
}

@test "delete, killed at each of its system calls that matter: another one ends the work" {
	created "$ID"
	calls=$(calls_of delete --force "$ID")
	while read -r count call; do
		for n in $(some "$count"); do
			created "$ID"
			killed_at "$call" "$n" delete --force "$ID"
			readable "SIGKILL at $call number $n of delete"
			cleared "SIGKILL at $call number $n of delete"
		done
	done <<<"$calls"
}

@test "exec, killed at each of its system calls that matter, leaves the container whole" {
	detached "$ID"
	calls=$(calls_of exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" true)
	while read -r count call; do
		[[ $call =~ ^(clone3|sendto|recvmsg|write|renameat|pidfd_open|waitid|exit_group)$ ]] || continue
		for n in $(some "$count"); do
			killed_at "$call" "$n" exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" true
			is running "$(status_of "$ID")"
			# whoever had entered has heard that nobody waits
			wait_for eval '[ "$(hull_processes | wc -l)" = 1 ]'
		done
	done <<<"$calls"
	is in "$(hull exec "$ID" echo in)"
}

@test "create, killed at odd moments" {
	for delay in 0 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.010 0.012 0.015; do
		$PYTHON - "$delay" "$HULL" --root "$ROOT" create "$ID" <<-'PY'
			import subprocess, sys, time
			null = open("/dev/null", "r+")
			p = subprocess.Popen(sys.argv[2:], stdin=null, stdout=null, stderr=null)
			time.sleep(float(sys.argv[1]))
			p.kill()
			p.wait()
		PY
		cleared "SIGKILL after $delay s"
	done
}

# sleeper KIND PATH - a hook that notes its pid and sleeps
sleeper() {
	printf '#!/bin/sh\necho $$ >%s\nexec sleep 100\n' "$BATS_TEST_TMPDIR/hook.pid" >"$BATS_TEST_TMPDIR/hook"
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	config '.hooks = {($k): [{path: $p}]}' --arg k "$1" --arg p "$BATS_TEST_TMPDIR/hook"
}

# killed_in_hook COMMAND... - hull COMMAND in the background, killed while its hook sleeps
killed_in_hook() {
	rm -f "$BATS_TEST_TMPDIR/hook.pid"
	"$HULL" --root "$ROOT" "$@" </dev/null >/dev/null 2>&1 3>&- &
	runner=$!
	wait_for test -s "$BATS_TEST_TMPDIR/hook.pid"
	kill -KILL "$runner"
	ends "$runner"
	is 137 "$ended"
}

@test "create, killed while a hook of the host sleeps" {
	for kind in prestart createRuntime; do
		sleeper $kind
		killed_in_hook create "$ID"
		# init went with its creator
		wait_for eval '[ -z "$(hull_processes)" ]'
		is stopped "$(status_of "$ID")"
		is 0 "$(pid_of "$ID")"
		fails '*' exec "$ID" true
		fails "hull: create $ID: container with given ID already exists" create "$ID"
		kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")" # a process of the hook's own
		cleared "SIGKILL in $kind"
	done
}

@test "create, killed while a hook in the container's namespaces sleeps" {
	sleeper createContainer
	# its pid is one of the container's: it ends with init
	killed_in_hook create "$ID"
	wait_for eval '[ -z "$(hull_processes)" ]'
	is stopped "$(status_of "$ID")"
	cleared "SIGKILL in createContainer"
}

@test "a plain delete clears what a dead creator left, too" {
	sleeper createRuntime
	killed_in_hook create "$ID"
	kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	unchanged
}

@test "start, killed while poststart sleeps: running, and delete --force clears it" {
	sleeper poststart
	created "$ID"
	killed_in_hook start "$ID"
	is running "$(status_of "$ID")"
	kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")"
	cleared "SIGKILL in poststart"
}

@test "delete, killed while poststop sleeps: another delete ends the work" {
	sleeper poststop
	created "$ID"
	killed_in_hook delete --force "$ID"
	kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")"
	is stopped "$(status_of "$ID")"
	printf '#!/bin/sh\necho again >%s\n' "$BATS_TEST_TMPDIR/again" >"$BATS_TEST_TMPDIR/hook"
	hull delete "$ID"
	is again "$(cat "$BATS_TEST_TMPDIR/again")"
	unchanged
}

@test "SIGTERM and SIGINT to create while a hook sleeps leave what delete --force clears" {
	sleeper createRuntime
	for sig in TERM INT HUP; do
		rm -f "$BATS_TEST_TMPDIR/hook.pid"
		env --default-signal=INT,QUIT "$HULL" --root "$ROOT" create "$ID" </dev/null >/dev/null 2>&1 3>&- &
		runner=$!
		wait_for test -s "$BATS_TEST_TMPDIR/hook.pid"
		kill -$sig "$runner"
		ends "$runner"
		[ "$ended" != 0 ]
		kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")" 2>/dev/null || true
		cleared "SIG$sig"
	done
}

@test "a creator that dies with its parent, as containerd's and conmon's do (PR_SET_PDEATHSIG)" {
	sleeper createRuntime
	$PYTHON - "$HULL" --root "$ROOT" create "$ID" 3>&- <<-'PY' &
		import ctypes, os, signal, subprocess, sys
		null = open("/dev/null", "r+")
		prctl = ctypes.CDLL(None).prctl
		p = subprocess.Popen(sys.argv[1:], stdin=null, stdout=null, stderr=null,
		                     preexec_fn=lambda: prctl(1, signal.SIGKILL, 0, 0, 0))
		p.wait()
	PY
	shim=$!
	wait_for test -s "$BATS_TEST_TMPDIR/hook.pid"
	kill -KILL "$shim"
	ends "$shim"
	wait_for eval '[ -z "$(hull_processes)" ]'
	is stopped "$(status_of "$ID")"
	kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")"
	cleared "its parent's death"
}

@test "a foreground run that is killed while it waits for its payload" {
	config '.process.args = ["sh", "-c", "echo ready; sleep 1000"]'
	"$HULL" --root "$ROOT" run "$ID" </dev/null >out 2>&1 3>&- &
	runner=$!
	wait_for grep -q ready out
	kill -KILL "$runner"
	ends "$runner"
	is running "$(status_of "$ID")"
	cleared "SIGKILL"
}

@test "what hull cannot know any more: no state file, an empty one, half of one" {
	mkdir -p "$ROOT/$ID"
	is stopped "$(status_of "$ID")"
	cleared "an empty state directory"
	mkdir -p "$ROOT/$ID"
	touch "$ROOT/$ID/.state.json.tmp"
	cleared "a state that was never written"
	mkdir -p "$ROOT/$ID"
	touch "$ROOT/$ID/state.json"
	cleared "an empty state"
}
