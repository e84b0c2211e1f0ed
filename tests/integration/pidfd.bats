# pidfd: --pidfd-socket, for callers that watch a process without a race about its number
load lib

test_setup() {
	sh_config 'exec sleep 100'
	SOCK=$BATS_TEST_TMPDIR/pidfd.sock
}

test_teardown() {
	[ -z "${peer:-}" ] || kill "$peer" 2>/dev/null || true
}

# listener - the peer of a pidfd socket, in the background
listener() {
	rm -f "$SOCK"
	$PYTHON "$TESTS/integration/helpers/pidfd.py" "$SOCK" >"$BATS_TEST_TMPDIR/heard" 3>&- &
	peer=$!
	wait_for test -S "$SOCK"
}

heard() {
	ends "$peer"
	peer=
	is 0 "$ended"
	is "$1" "$(sed 's/ *$//' "$BATS_TEST_TMPDIR/heard")"
}

@test "create sends init's, before it returns" {
	listener
	created "$ID" --pidfd-socket "$SOCK"
	heard "standard 1 $(pid_of "$ID")"
	hull start "$ID"
	is running "$(status_of "$ID")"
}

@test "run -d does the same" {
	listener
	detached "$ID" --pidfd-socket "$SOCK"
	heard "standard 1 $(pid_of "$ID")"
}

@test "a relative path is the caller's, also where hooks run in the bundle" {
	config '.hooks.createRuntime = [{path: "/bin/true"}]'
	listener
	cd "$BATS_TEST_TMPDIR"
	created "$ID" -b "$BUNDLE" --pidfd-socket ./pidfd.sock
	heard "standard 1 $(pid_of "$ID")"
}

@test "exec sends that of the process that entered, detached or not" {
	detached "$ID"
	listener
	hull exec -d --pidfd-socket "$SOCK" --pid-file pid "$ID" sleep 100 </dev/null >/dev/null 2>&1
	heard "setns 1 $(cat pid)"
	listener
	hull exec --pidfd-socket "$SOCK" --pid-file pid "$ID" true
	matches "setns 1 *" "$(ends "$peer"; cat "$BATS_TEST_TMPDIR/heard")"
	peer=
}

@test "nobody there: a clear line, and nothing is left" {
	refused "hull: create $ID: --pidfd-socket: connect $SOCK: no such file or directory" \
		create --pidfd-socket "$SOCK" "$ID"
	detached "$ID"
	fails "hull: exec $ID: --pidfd-socket: connect $SOCK: no such file or directory" \
		exec --pidfd-socket "$SOCK" --pid-file pid "$ID" true
	is 255 "$failure"
	not test -e pid
}
