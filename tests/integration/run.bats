# run: in the foreground, detached, with --keep, and what stays when hull itself is killed
load lib

test_setup() {
	config '.root.readonly = false'
}

# foreground [OPTIONS...] - hull run beside the test; its pid is in $runner
foreground() {
	# bash has INT and QUIT ignored in what it starts in the background
	env --default-signal=INT,QUIT "$HULL" --root "$ROOT" run "$@" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	runner=$!
}

ready() {
	wait_for grep -q ready "$BATS_TEST_TMPDIR/out"
}

@test "the exit status is the payload's" {
	for code in 0 1 2 42 127 255; do
		sh_config "exit $code"
		ended=0
		hull run "$ID" || ended=$?
		is $code $ended
	done
}

@test "a payload that a signal ended gives 128 and the signal" {
	# a child of the shell: pid 1 cannot kill itself
	sh_config 'sh -c "kill -TERM \$\$"; exit $?'
	ended=0
	hull run "$ID" || ended=$?
	is 143 $ended
	sh_config 'echo ready; sleep 100'
	for sig in 9:137 KILL:137; do
		foreground
		ready
		hull kill "$ID" "${sig%:*}"
		ends "$runner"
		is "${sig#*:}" "$ended"
		is "" "$(cat "$BATS_TEST_TMPDIR/err")"
		: >"$BATS_TEST_TMPDIR/out"
	done
}

@test "without a pid namespace a payload that TERM ended gives 143" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_config 'echo ready; exec sleep 100'
	foreground
	ready
	hull kill "$ID" TERM
	ends "$runner"
	is 143 "$ended"
}

@test "standard streams are the caller's" {
	sh_config 'cat; echo error >&2'
	echo input | hull run "$ID" >out 2>err
	is input "$(cat out)"
	is error "$(cat err)"
	head -c 3000000 /dev/urandom >big
	config '.process.args = ["cat"]'
	hull run "$ID" <big | cmp - big
}

@test "nothing is left after the payload ends" {
	sh_config 'sleep 1000 & sleep 1000 & echo done'
	is "done" "$(hull run "$ID" </dev/null)"
	fails '*container does not exist' state "$ID"
	unchanged
}

@test "signals to hull are forwarded to the payload" {
	sh_config 'for s in TERM INT USR1 USR2 HUP QUIT; do trap "echo got $s" $s; done
		trap "exit 5" ALRM; echo ready; while :; do sleep 100 & wait; done'
	foreground
	ready
	for s in TERM INT USR1 USR2 HUP QUIT; do
		: >"$BATS_TEST_TMPDIR/out"
		kill -$s "$runner"
		wait_for grep -q . "$BATS_TEST_TMPDIR/out"
		is "got $s" "$(tr -d '\0' <"$BATS_TEST_TMPDIR/out")"
	done
	kill -ALRM "$runner"
	ends "$runner"
	is 5 "$ended"
	is "" "$(cat "$BATS_TEST_TMPDIR/err")"
}

@test "CHLD, URG and WINCH to hull are not the payload's" {
	sh_config 'trap "echo bad" CHLD URG WINCH; trap "exit 6" TERM
		echo ready; while :; do read -t 1 x; done </dev/zero'
	foreground
	ready
	for s in CHLD URG WINCH; do
		kill -$s "$runner"
	done
	sleep 0.1
	kill -TERM "$runner"
	ends "$runner"
	is 6 "$ended"
	is ready "$(cat "$BATS_TEST_TMPDIR/out")"
}

@test "while it waits others see a running container and may enter it" {
	sh_config 'echo ready; sleep 100'
	foreground
	ready
	is running "$(status_of "$ID")"
	is inside "$(hull exec "$ID" echo inside)"
	fails '*already running*' start "$ID"
	hull kill "$ID" KILL
	ends "$runner"
	is 137 "$ended"
}

# deleted_meanwhile STATUS WORDS - how a foreground run ends that another command deletes
deleted_meanwhile() {
	foreground
	ready
	hull delete --force "$ID"
	ends "$runner"
	is "$1" "$ended"
	is "$2" "$(cat "$BATS_TEST_TMPDIR/err")"
}

@test "delete --force by another command ends it without an error" {
	sh_config 'echo ready; sleep 100'
	deleted_meanwhile 137 ""
	unchanged
}

@test "delete --force by another command takes longer than run waits for it: the payload's status, and a line" {
	sh_config 'echo ready; sleep 100'
	config '.hooks.poststop = [{path: "/bin/sleep", args: ["sleep", $n]}]' --arg n 4
	deleted_meanwhile 137 ""
	config '.hooks.poststop[0].args[1] = "13"'
	deleted_meanwhile 137 "hull: run $ID: another hull command is at work on it: device or resource busy"
}

@test "--keep leaves the stopped container to delete" {
	sh_config 'exit 3'
	ended=0
	hull run --keep "$ID" || ended=$?
	is 3 $ended
	is stopped "$(status_of "$ID")"
	fails '*already exists' run --keep "$ID"
	hull delete "$ID"
	fails '*container does not exist' state "$ID"
}

@test "--detach returns when the payload runs" {
	sh_config 'echo ready; sleep 100'
	is "" "$(detached "$ID" 2>&1)"
	is running "$(status_of "$ID")"
	ready=$(readlink "/proc/$(pid_of "$ID")/exe")
	is /bin/busybox "$ready"
	wait_for grep -q ready "$BATS_TEST_TMPDIR/$ID.out"
}

@test "--detach of a payload that ends at once is no error" {
	sh_config 'exit 4'
	detached "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "--pid-file holds the decimal pid and nothing more" {
	sh_config 'echo ready; sleep 100'
	detached "$ID" --pid-file "$BATS_TEST_TMPDIR/pid"
	is "$(pid_of "$ID")" "$(cat "$BATS_TEST_TMPDIR/pid")"
	is 0 "$(tr -d 0-9 <"$BATS_TEST_TMPDIR/pid" | wc -c)"
	hull delete --force "$ID"
	foreground --pid-file "$BATS_TEST_TMPDIR/pid2"
	ready
	is "$(pid_of "$ID")" "$(cat "$BATS_TEST_TMPDIR/pid2")"
	hull kill "$ID" KILL
	ends "$runner"
	created "$ID" --pid-file=rel.pid
	is "$(pid_of "$ID")" "$(cat "$BUNDLE/rel.pid")"
}

@test "--pid-file is replaced and never rewritten" {
	sh_config 'sleep 100'
	echo old >"$BATS_TEST_TMPDIR/pid"
	exec 9<"$BATS_TEST_TMPDIR/pid"
	created "$ID" --pid-file "$BATS_TEST_TMPDIR/pid"
	is old "$(cat <&9)"
	exec 9<&-
	is "$(pid_of "$ID")" "$(cat "$BATS_TEST_TMPDIR/pid")"
	# and nothing temporary beside it
	is "" "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '.*pid*')"
}

@test "--pid-file of somebody else's stays where nothing has been written yet" {
	echo 4711 >pid
	config '.hooks.createRuntime = [{path: "/bin/false"}]'
	fails '*hooks.createRuntime*' run --pid-file pid "$ID"
	is 4711 "$(cat pid)"
}

@test "--pid-file that cannot be written fails and leaves nothing" {
	refused "hull: create $ID: --pid-file: write /nonexistent/pid: no such file or directory" \
		create --pid-file /nonexistent/pid "$ID"
	refused "hull: run $ID: --pid-file: write /nonexistent/pid: *" run --pid-file /nonexistent/pid "$ID"
	mkdir "$BATS_TEST_TMPDIR/dir"
	refused "hull: create $ID: --pid-file: *" create --pid-file "$BATS_TEST_TMPDIR/dir" "$ID"
	[ -d "$BATS_TEST_TMPDIR/dir" ]
}

@test "SIGTERM and SIGINT to a foreground run whose payload ends of them leave nothing" {
	sh_config 'trap "exit 0" TERM INT; echo ready; while :; do sleep 100 & wait; done'
	for s in TERM INT; do
		: >"$BATS_TEST_TMPDIR/out"
		foreground
		ready
		kill -$s "$runner"
		ends "$runner"
		is 0 "$ended"
		unchanged
	done
}

@test "SIGKILL to a foreground run leaves what one delete --force clears" {
	sh_config 'echo ready; sleep 100'
	foreground --pid-file "$BATS_TEST_TMPDIR/pid"
	ready
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	kill -KILL "$runner"
	ends "$runner"
	# the payload is not hull's to take along
	is running "$(status_of "$ID")"
	[ -e "/proc/$pid" ]
	hull delete --force "$ID"
	unchanged
}

@test "orphans of the payload are reaped by hull where there is no pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_config '(sleep 0.05 &); echo ready; sleep 0.3; for p in /proc/[0-9]*; do
		grep -q "^State:.Z" $p/status 2>/dev/null && grep PPid $p/status; done; :'
	foreground
	ends "$runner"
	is 0 "$ended"
	not grep -q "PPid:.$runner\$" "$BATS_TEST_TMPDIR/out"
}

@test "a reader of standard error that is gone makes no difference to the exit status" {
	config '.process.args = ["/none"]'
	for ended in 1 2 3; do
		{ hull run "$ID" 2>&1 >/dev/null || echo $? >status; } | true
		is 1 "$(cat status)"
	done
}

# ignoring_all COMMAND... - under nohup's rule for every signal, glibc's internal ones included, which
# posix_spawn sets so, and with every signal blocked
ignoring_all() {
	"$PYTHON" -c 'import os, signal, sys
for sig in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(sig, signal.SIG_IGN)
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, setsigmask=signal.valid_signals())
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))' "$@"
}

@test "the payload starts with default dispositions and an empty mask" {
	config '.process.args = ["grep", "^Sig[BIC]", "/proc/self/status"]'
	want=$'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000'
	is "$want" "$(hull run "$ID")"
	is "$want" "$(ignoring_all "$HULL" --root "$ROOT" run "$ID")"
	detached "$ID"
	is "$want" "$(output_of "$ID")"
	hull delete --force "$ID"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "$want" "$(hull exec "$ID" grep '^Sig[BIC]' /proc/self/status)"
	is "$want" "$(ignoring_all "$HULL" --root "$ROOT" exec "$ID" grep '^Sig[BIC]' /proc/self/status)"
	# a foreground run that is killed has not given its mask away
	is "$want" "$(grep '^Sig[BIC]' "/proc/$(pid_of "$ID")/status")"
}

@test "the payload does not die with hull or with hull's caller" {
	cp "$(compile probe)" rootfs/bin/probe
	config '.process.args = ["probe", "pdeathsig"]'
	# as containerd and conmon start runtimes
	is 0 "$(setpriv --pdeathsig KILL "$HULL" --root "$ROOT" run "$ID")"
	config '.process.user.uid = 1000'
	is 0 "$(setpriv --pdeathsig KILL "$HULL" --root "$ROOT" run "$ID")"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is 0 "$(setpriv --pdeathsig KILL "$HULL" --root "$ROOT" exec "$ID" probe pdeathsig)"
}

@test "the payload has every CPU that its group allows, whatever the caller's mask" {
	[ "$(nproc)" -gt 1 ] || skip "one CPU: there is no smaller mask"
	config '.process.args = ["nproc"]'
	is "$(nproc --all)" "$(taskset -c 0 "$HULL" --root "$ROOT" run "$ID")"
}

@test "run of a bad payload fails alike in the foreground and detached" {
	config '.process.args = ["/none"]'
	refused "hull: run $ID: exec: \"/none\": stat /none: no such file or directory*" run "$ID"
	refused "hull: run $ID: exec: \"/none\": stat /none: no such file or directory*" run -d "$ID"
	is 1 "$failure"
}

@test "options may be repeated, have one dash or two, and stand behind the id" {
	sh_config 'exit 9'
	for args in "-keep $ID" "--keep=true $ID" "$ID --keep" "--no-subreaper --keep $ID" \
		"-no-subreaper -no-new-keyring -keep $ID" "--bundle /none --bundle . --keep $ID"; do
		ended=0
		"$HULL" --root /none --root "$ROOT" run $args || ended=$?
		is 9 $ended
		hull delete "$ID"
	done
	refused 'hull: run*: flag provided but not defined: --nonsense' run --nonsense "$ID"
	refused 'hull: run*: flag needs an argument: --pid-file' run "$ID" --pid-file
	refused 'hull: run*: wrong number of arguments*' run "$ID" more
	refused 'hull: run*: wrong number of arguments*' run
}
