# kill: which signal reaches whom
load lib

test_setup() {
	config '.root.readonly = false'
}

# catcher SIGNAL... - a payload that writes the name of every signal it gets, and says when it is ready
catcher() {
	local s script=
	for s in "$@"; do
		script+="trap 'echo got $s' $s; "
	done
	sh_config "$script echo ready; while :; do sleep 100 & wait; done"
	detached "$ID"
	wait_for grep -q ready "$BATS_TEST_TMPDIR/$ID.out"
}

# expect_signal NAME ARGS... - hull kill ID ARGS makes the payload say NAME
expect_signal() {
	local name=$1
	shift
	: >"$BATS_TEST_TMPDIR/$ID.out"
	hull kill "$ID" "$@"
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	is "got $name" "$(output_of "$ID" | tr -d '\0')"
}

@test "the default signal is TERM" {
	catcher TERM INT
	expect_signal TERM
}

@test "signals by number, by name, with SIG, in any case" {
	catcher TERM INT HUP USR1 USR2 WINCH
	expect_signal USR1 10
	expect_signal USR1 USR1
	expect_signal USR1 SIGUSR1
	expect_signal USR1 sigusr1
	expect_signal USR2 uSr2
	expect_signal HUP HUP
	expect_signal INT 2
	expect_signal WINCH SIGWINCH
	expect_signal TERM 15
}

@test "real-time signals by distance from their ends" {
	catcher 37 34 64
	expect_signal 37 RTMIN+3
	expect_signal 37 SIGRTMIN+3
	expect_signal 37 rtmin+3
	expect_signal 37 37
	expect_signal 34 RTMIN
	expect_signal 64 RTMAX
	expect_signal 64 SIGRTMAX
	expect_signal 37 RTMAX-27
}

@test "what is no signal is refused and none is sent" {
	catcher TERM INT HUP
	: >"$BATS_TEST_TMPDIR/$ID.out"
	for name in FOO SIG SIGSIG '' 65 999 4294967297 1x ' 9' +9 -1 0x9 RTMIN+99 RTMIN-1 RTMAX+1 RTMINX TERMX; do
		fails 'hull: *' kill -- "$ID" "$name"
		matches '*unknown signal*' "$(hull kill -- "$ID" "$name" 2>&1)"
	done
	is running "$(status_of "$ID")"
	is "" "$(output_of "$ID")"
}

@test "KILL ends the container: stopped, and kill then says that it is not running" {
	sh_config 'sleep 100'
	detached "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: kill $ID: container not running" kill "$ID" KILL
	is 1 "$failure"
	fails "hull: kill $ID: container not running" kill "$ID"
	fails "hull: kill $ID: container not running" kill "$ID" 0
	hull kill --all "$ID" 9 # as containerd does after init has ended
	is "" "$(hull kill -a "$ID" KILL 2>&1)"
}

@test "kill on a created container works" {
	sh_config 'touch /tmp/ran'
	created "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	[ ! -e rootfs/tmp/ran ]
}

@test "a created container heeds TERM and the like, though it is the first process of its namespace" {
	local s
	for s in TERM INT QUIT; do
		created "$ID"
		hull kill "$ID" USR2 # nothing ends by that, nor by the end of a terminal's other side
		hull kill "$ID" HUP
		is created "$(status_of "$ID")"
		hull kill "$ID" $s
		wait_for eval '[ "$(status_of "$ID")" = stopped ]'
		hull delete "$ID"
	done
}

@test "the signal goes to init only" {
	sh_config 'trap "echo init" USR1
		sh -c "trap \"echo child\" USR1; echo one; while :; do sleep 100 & wait; done" &
		echo two; while :; do wait; done'
	detached "$ID"
	wait_for eval '[ "$(output_of "$ID" | grep -cE "one|two")" = 2 ]'
	: >"$BATS_TEST_TMPDIR/$ID.out"
	hull kill "$ID" USR1
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	sleep 0.1
	is init "$(output_of "$ID" | tr -d '\0')"
}

@test "--all reaches every process of the container" {
	sh_config 'trap "echo init" USR1
		sh -c "trap \"echo child\" USR1; echo one; while :; do sleep 100 & wait; done" &
		echo two; while :; do wait; done'
	detached "$ID"
	wait_for eval '[ "$(output_of "$ID" | grep -cE "one|two")" = 2 ]'
	: >"$BATS_TEST_TMPDIR/$ID.out"
	# the sleep below the child dies of it, so its shell may come around more than once
	hull kill --all "$ID" USR1
	wait_for eval 'output_of "$ID" | grep -q init && output_of "$ID" | grep -q child'
}

@test "without a pid namespace KILL ends every process" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_config 'sleep 1000 & sleep 1001 & wait'
	detached "$ID"
	wait_for eval '[ "$(hull_processes | wc -l)" = 3 ]'
	hull kill "$ID" KILL
	wait_for eval '[ "$(hull_processes | wc -l)" = 0 ]'
}

@test "without a pid namespace KILL ends who has outlived init, and then there is nobody" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_config 'sleep 1000 & sleep 1001 & wait'
	detached "$ID"
	wait_for eval '[ "$(hull_processes | wc -l)" = 3 ]'
	kill -9 "$(pid_of "$ID")"
	wait_for eval '[ "$(hull_processes | wc -l)" = 2 ]'
	fails "*container not running" kill "$ID" TERM
	hull kill "$ID" KILL
	wait_for eval '[ "$(hull_processes | wc -l)" = 0 ]'
	fails "*container not running" kill "$ID" KILL
}

@test "--regex takes every container that matches" {
	sh_config 'sleep 100'
	for i in 1 2 x; do
		detached "$ID-$i"
	done
	hull kill --regex "^$ID-[0-9]\$" KILL
	wait_for eval '[ "$(status_of "$ID-1")$(status_of "$ID-2")" = stoppedstopped ]'
	is running "$(status_of "$ID-x")"
	hull delete --regex "$ID-[12]"
	is "$ID-x" "$(hull list -q)"
	fails '*not a regular expression' kill --regex '(' KILL
	hull delete --force --regex "$ID"
	is "" "$(hull list -q)"
}
