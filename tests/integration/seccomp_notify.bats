# SCMP_ACT_NOTIFY: config-linux.md "Seccomp", "The Container Process State"; seccomp_unotify(2)
load lib
load helpers/m_lib

test_setup() {
	grep -q user_notif /proc/sys/kernel/seccomp/actions_avail || skip "kernel without SECCOMP_RET_USER_NOTIF (5.0)"
	config '.root.readonly = false | .process.args = ["sleep", "1000"]'
	cp "$(compile probe)" rootfs/bin/probe
	AGENT=$(compile agent)
	SOCKET=$BATS_TEST_TMPDIR/agent.sock
	TOLD=$BATS_TEST_TMPDIR/told
	mkdir "$TOLD"
	case $(uname -m) in
	x86_64) GETPRIORITY=140 GETPGID=121 CAPSET=126 PRCTL=157 EXECVE=59 ;;
	*) GETPRIORITY=141 GETPGID=155 CAPSET=91 PRCTL=167 EXECVE=221 ;; # the generic table
	esac
}

# agent RULE... - one that listens, until the test ends
agent() {
	m_background "$AGENT" "$SOCKET" "$TOLD" "$@"
	wait_for test -e "$TOLD/ready"
}

# notify NAME... - a profile that allows everything and asks about these
notify() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $s,
		syscalls: [{names: ($n | split(" ")), action: "SCMP_ACT_NOTIFY"}]}' --arg s "$SOCKET" --arg n "$*"
}

no_new_privileges() {
	config '.process.noNewPrivileges = $n' --argjson n "$1"
}

# ambient - a capability in all sets, the ambient one too, which the gate raises under the filter
ambient() {
	config '.process.capabilities = (["bounding", "permitted", "effective", "inheritable", "ambient"]
		| map({key: ., value: ["CAP_KILL"]}) | from_entries)'
}

# told N FILTER - of the object that the Nth connection carried
told() {
	wait_for test -e "$TOLD/state.$1" >&2
	jq -r "$2" "$TOLD/state.$1"
}

# fds N - how many descriptors came with the Nth connection's first message, with the others, and
# whether the first was all, for agents read once; hull waits for the agent to read, and not for it to write that down
fds() {
	wait_for test -e "$TOLD/state.$1" >&2
	cat "$TOLD/fds.$1"
}

# call ARGS... - a container whose payload makes one system call
call() {
	config '.process.args = ["probe", "call"] + ($a | split(" "))' --arg a "$*"
}

@test "create: the agent gets the listener with the state, and answers for init, each way" {
	agent $GETPGID=errno:77 any=continue
	notify getpgid
	config '.annotations = {"a/b": "c"}'
	call $GETPGID 0
	local n=0 nnp
	for nnp in true false; do
		n=$((n + 1))
		no_new_privileges $nnp
		created "$ID"
		is "1 0 whole" "$(fds $n)"
		is '["seccompFd"]' "$(told $n '.fds | tojson')"
		is "$(pid_of "$ID") null" "$(told $n '"\(.pid) \(.metadata)"')"
		is "creating $(pid_of "$ID") $ID $BUNDLE c" \
			"$(told $n '.state | "\(.status) \(.pid) \(.id) \(.bundle) \(.annotations["a/b"])"')"
		is "1.3.0 1.3.0" "$(told $n '"\(.ociVersion) \(.state.ociVersion)"')"
			hull start "$ID"
		wait_for eval '[ "$(status_of "$ID")" = stopped ]'
		is "errno 77" "$(output_of "$ID")"
		hull delete "$ID"
	done
}

@test "run: the agent's value is the call's result, in the foreground and detached" {
	agent $GETPGID=value:4711
	notify getpgid
	cp "$(compile probe)" rootfs/bin/probe
	call $GETPGID 0
	local nnp
	for nnp in true false; do
		no_new_privileges $nnp
		is ok "$(hull run "$ID")"
		detached "$ID"
		wait_for grep -qx ok "$BATS_TEST_TMPDIR/$ID.out"
		hull delete --force "$ID"
	done
	is "$GETPGID $GETPGID $GETPGID $GETPGID" "$(awk '{ print $1 }' "$TOLD/calls" | xargs)"
}

@test "exec: a listener of its own, with the process's pid and the container's state" {
	agent $GETPGID=errno:78
	notify getpgid
	local n=0 nnp
	for nnp in true false; do
		no_new_privileges $nnp
		detached "$ID"
		n=$((n + 2))
		hull exec -d --pid-file pid "$ID" sleep 99 </dev/null >/dev/null 2>&1
		is "1 0 whole" "$(fds $n)"
		is "$(cat pid) running $(pid_of "$ID")" "$(told $n '"\(.pid) \(.state.status) \(.state.pid)"')"
		n=$((n + 1))
		is "errno 78" "$(hull exec "$ID" probe call $GETPGID 0)"
		told $n .pid >/dev/null
		hull delete --force "$ID"
	done
}

@test "exec in a container that was not started says created" {
	agent any=continue
	notify getpgid
	created "$ID"
	hull exec "$ID" true
	is created "$(told 2 .state.status)"
}

@test "a startContainer hook has its listener too" {
	agent any=continue
	notify getpgid
	config '.hooks.startContainer = [{path: "/bin/true"}]'
	created "$ID"
	hull start "$ID"
	is "created $(pid_of "$ID")" "$(told 2 '"\(.state.status) \(.state.pid)"')"
	not test "$(told 2 .pid)" = "$(pid_of "$ID")"
}

@test "metadata arrives as it was given" {
	agent any=continue
	notify getpgid
	config '.linux.seccomp.listenerMetadata = $m' --arg m 'MKNOD=/dev/null,"quoted" \ ünicode 	tab'
	created "$ID"
	is 'MKNOD=/dev/null,"quoted" \ ünicode 	tab' "$(told 1 .metadata)"
	hull exec "$ID" true
	is 'MKNOD=/dev/null,"quoted" \ ünicode 	tab' "$(told 2 .metadata)"
	config 'del(.linux.seccomp.listenerPath)'
	fails '*linux.seccomp.listenerMetadata (line *): needs listenerPath' create "$ID-x"
}

@test "a large state arrives whole, the descriptor on its first bytes alone" {
	agent any=continue
	notify getpgid
	head -c 900000 /dev/zero | tr '\0' x >big
	config '.annotations.big = $b' --rawfile b big
	created "$ID"
	is 900000 "$(told 1 '.state.annotations.big | length')"
	is "1 0 in pieces" "$(fds 1)"
}

@test "the annotation run.oci.seccomp.receiver stands in for listenerPath, which wins" {
	agent $GETPGID=errno:79
	notify getpgid
	call $GETPGID 0
	config '.annotations["run.oci.seccomp.receiver"] = .linux.seccomp.listenerPath | del(.linux.seccomp.listenerPath)'
	is "errno 79" "$(hull run "$ID")"
	config '.linux.seccomp.listenerPath = "/no/such/agent"'
	refused 'hull: run *: linux.seccomp.listenerPath: connect /no/such/agent: no such file or directory' run "$ID"
}

@test "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: a call that the agent has taken is not interrupted" {
	[ "$(printf '%s\n' 5.19 "$(uname -r)" | sort -V | head -1)" = 5.19 ] || skip "kernel without WAIT_KILLABLE_RECV (5.19)"
	agent $GETPGID=silent any=continue
	notify getpgid
	config '.process.args = ["probe", "signalled", $n, "0"]' --arg n $GETPGID
	local nnp flags pid
	for nnp in true false; do
		no_new_privileges $nnp
		for flags in '[]' '["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]' \
			'["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"]'; do
			config '.linux.seccomp.flags = $f' --argjson f "$flags"
			rm -f "$TOLD/calls"
			detached "$ID"
			pid=$(pid_of "$ID")
			wait_for test -s "$TOLD/calls"
			kill -USR1 "$pid"
			case $flags in
			*WAIT*) # only death gets it out
				wait_for grep -q '^State:.D' "/proc/$pid/status"
				is "" "$(output_of "$ID")"
				hull kill "$ID" KILL
				wait_for eval '[ "$(status_of "$ID")" = stopped ]'
				;;
			*)
				wait_for eval '[ "$(status_of "$ID")" = stopped ]'
				is "errno 4" "$(output_of "$ID")"
				;;
			esac
			hull delete "$ID"
		done
	done
}

@test "the flag without a rule that asks is left out, for the kernel refuses it" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}'
	call $GETPGID 0
	is ok "$(hull run "$ID")"
}

@test "what hull calls on the way to the payload may be asked about" {
	agent any=continue
	notify capset prctl execve read setgroups sendmsg
	ambient
	call $GETPGID 0
	local nnp
	for nnp in true false; do
		no_new_privileges $nnp
		is ok "$(hull run "$ID")"
		created "$ID"
		hull start "$ID"
		hull delete --force "$ID"
	done
	grep -q "^$CAPSET " "$TOLD/calls"
	grep -q "^$PRCTL " "$TOLD/calls"
	grep -q "^$EXECVE " "$TOLD/calls"
}

@test "neither init nor what enters holds a listener" {
	agent any=continue
	notify getpgid
	config '.process.args = ["sh", "-c", "probe fds; sleep 100"]'
	local nnp
	for nnp in true false; do
		no_new_privileges $nnp
		detached "$ID"
		wait_for grep -q '^2 ' "$BATS_TEST_TMPDIR/$ID.out"
		is "0 1 2" "$(awk '{ print $1 }' "$BATS_TEST_TMPDIR/$ID.out" | xargs)"
		is "0 1 2" "$(hull exec "$ID" probe fds </dev/null | awk '{ print $1 }' | xargs)"
		is 1 "$(find "/proc/$(pid_of "$ID")/task" -mindepth 1 -maxdepth 1 | wc -l)" "threads"
		hull delete --force "$ID"
	done
}

@test "an agent that goes away: its calls read ENOSYS, the container lives" {
	agent $GETPGID=close
	notify getpgid
	detached "$ID"
	is "errno 38" "$(hull exec "$ID" probe call $GETPGID 0)"
	is running "$(status_of "$ID")"
}

# --- failures

@test "no agent: one line, and nothing is left" {
	notify getpgid
	local nnp
	for nnp in true false; do
		no_new_privileges $nnp
		refused "hull: create $ID: linux.seccomp.listenerPath: connect $SOCKET: no such file or directory" create "$ID"
		refused "hull: run $ID: linux.seccomp.listenerPath: connect $SOCKET: no such file or directory" run "$ID"
	done
	"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SOCKET"
	refused "hull: create $ID: linux.seccomp.listenerPath: connect $SOCKET: connection refused" create "$ID"
	rm "$SOCKET"
	echo >"$SOCKET"
	refused "hull: create $ID: linux.seccomp.listenerPath: connect $SOCKET: connection refused" create "$ID"
}

@test "no agent any more: exec fails, and its process is gone" {
	agent any=continue
	notify getpgid
	detached "$ID"
	rm "$SOCKET"
	fails "hull: exec $ID: linux.seccomp.listenerPath: connect $SOCKET: no such file or directory" exec "$ID" sleep 55
	is 255 "$failure"
	is running "$(status_of "$ID")"
	is 1 "$(hull ps -f json "$ID" | jq length)"
}

@test "an agent that accepts nobody, or reads nothing, is waited for ten seconds" {
	agent deaf
	notify getpgid
	# the one connection that waits is taken
	m_background "$PYTHON" -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); open(sys.argv[2], "w"); time.sleep(60)' "$SOCKET" "$TOLD/taken"
	wait_for test -e "$TOLD/taken"
	SECONDS=0
	refused "hull: create $ID: linux.seccomp.listenerPath: connect $SOCKET: connection timed out" create "$ID"
	[ "$SECONDS" -ge 9 ] && [ "$SECONDS" -lt 20 ]
	kill "$M_PID"
	wait_for eval '! kill -0 $M_PID'
	rm "$SOCKET" "$TOLD/ready"
	agent deaf
	head -c 900000 /dev/zero | tr '\0' x >big
	config '.annotations.big = $b' --rawfile b big
	SECONDS=0
	refused "hull: create $ID: linux.seccomp.listenerPath: send to $SOCKET: connection timed out" create "$ID"
	[ "$SECONDS" -ge 9 ] && [ "$SECONDS" -lt 30 ] # the first bytes went through, and the next did not
}

@test "an agent that holds a call of hull's own is waited for ten seconds" {
	agent $PRCTL=silent $EXECVE=silent any=continue
	notify prctl execve
	local missing="linux.seccomp: SCMP_ACT_NOTIFY holds a call on the way to the payload: the agent at $SOCKET has not answered for 10 seconds"
	no_new_privileges false # capabilities are given up under the filter
	ambient
	SECONDS=0
	refused "hull: create $ID: $missing" create "$ID"
	[ "$SECONDS" -lt 20 ]
	no_new_privileges true
	config '.linux.seccomp.syscalls[0].names = ["execve"]'
	refused "hull: run $ID: $missing" run "$ID"
	created "$ID"
	SECONDS=0
	fails "hull: start $ID: $missing" start "$ID"
	[ "$SECONDS" -lt 20 ]
	is stopped "$(status_of "$ID")"
	hull delete "$ID"
}

@test "an agent that holds what enters is waited for ten seconds, and nothing stays inside" {
	agent $PRCTL=silent $EXECVE=silent any=continue
	ambient
	no_new_privileges false
	local names missing="linux.seccomp: SCMP_ACT_NOTIFY holds a call on the way to the payload: the agent at $SOCKET has not answered for 10 seconds"
	for names in prctl execve; do
		# init itself is let through, by another agent
		m_background "$AGENT" "$SOCKET.init" "$TOLD" any=continue
		wait_for test -S "$SOCKET.init"
		notify $names
		config '.linux.seccomp.listenerPath += ".init"'
		detached "$ID"
		mv "$SOCKET" "$SOCKET.away"
		rm "$SOCKET.init"
		ln -s "$SOCKET.away" "$SOCKET.init"
		fails "hull: exec $ID: ${missing/$SOCKET/$SOCKET.init}" exec "$ID" true
		wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" = 1 ]'
		is running "$(status_of "$ID")"
		hull delete --force "$ID"
		rm "$SOCKET.init"
		mv "$SOCKET.away" "$SOCKET"
	done
}

@test "asking about write, or about everything, is refused; so is asking nobody" {
	notify write
	refused '*linux.seccomp.syscalls[[]0].action (line *): SCMP_ACT_NOTIFY cannot be used for write' create "$ID"
	notify getpgid
	config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"'
	refused '*linux.seccomp.defaultAction (line *): SCMP_ACT_NOTIFY cannot be used as default action' create "$ID"
	notify getpgid
	config 'del(.linux.seccomp.listenerPath)'
	refused '*linux.seccomp (line *): SCMP_ACT_NOTIFY needs listenerPath' create "$ID"
}

@test "a listenerPath that no rule asks for is not looked at" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/such/agent"}'
	call $GETPGID 0
	is ok "$(hull run "$ID")"
}
