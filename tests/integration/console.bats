# console: --console-socket for callers that come later, a relayed terminal for the person in front
load lib

test_setup() {
	config '.root.readonly = false | .process.terminal = true'
	SOCK=$BATS_TEST_TMPDIR/console.sock
}

test_teardown() {
	[ -z "${peer:-}" ] || kill "$peer" 2>/dev/null || true
}

# listener [OPTIONS...] - the peer of a console socket, in the background; its pid is in $peer
listener() {
	$PYTHON "$TESTS/integration/helpers/console.py" "$SOCK" "$BATS_TEST_TMPDIR/report" "$@" \
		>"$BATS_TEST_TMPDIR/seen" 2>&1 3>&- &
	peer=$!
	wait_for test -S "$SOCK"
}

report() {
	wait_for test -e "$BATS_TEST_TMPDIR/report"
	jq -r "$1" "$BATS_TEST_TMPDIR/report"
}

# heard PATTERN - the peer has ended well, and has seen this on the terminal
heard() {
	ends "$peer"
	peer=
	matches "$1" "$(cat "$BATS_TEST_TMPDIR/seen")"
	is 0 "$ended"
}

person() {
	$PYTHON "$TESTS/integration/helpers/person.py" "$@"
}

@test "create sends one message with one descriptor, the pty's master" {
	config '.process.args = ["sh", "-c", "tty; echo hello"]'
	listener
	created "$ID" --console-socket "$SOCK"
	is "1 1 true" "$(report '"\(.messages) \(.fds) \(.tty)"')"
	[ "$(report '.name | length')" -ge 1 ]
	hull start "$ID"
	heard "/dev/pts/0
hello"
	is "" "$(output_of "$ID")$(errors_of "$ID")"
}

@test "run -d and exec -d do the same" {
	config '.process.args = ["sh", "-c", "echo from run; exec sleep 100"]'
	listener --until 'from run'
	detached "$ID" --console-socket "$SOCK"
	is "1 1 true" "$(report '"\(.messages) \(.fds) \(.tty)"')"
	heard "from run"
	rm "$SOCK" "$BATS_TEST_TMPDIR/report"
	listener --until 'from exec, and more'
	hull exec -d -t --console-socket "$SOCK" --pid-file pid "$ID" \
		sh -c 'echo from exec; exec sleep 100' </dev/null >out 2>&1
	is "1 1 true" "$(report '"\(.messages) \(.fds) \(.tty)"')"
	is "" "$(cat out)"
	for n in 0 1 2; do
		matches "/dev/pts/*" "$(readlink "/proc/$(cat pid)/fd/$n")"
	done
	hull kill "$ID" KILL
	heard "from exec"
}

@test "hull does not wait for the peer to accept" {
	config '.process.args = ["sh", "-c", "echo late"]'
	listener --late "$BATS_TEST_TMPDIR/mark"
	timeout 5 "$HULL" --root "$ROOT" create --console-socket "$SOCK" "$ID" </dev/null
	touch "$BATS_TEST_TMPDIR/mark"
	is "1 1 true" "$(report '"\(.messages) \(.fds) \(.tty)"')"
	hull start "$ID"
	heard late
}

@test "a socket's path may be longer than an address" {
	dir=$BATS_TEST_TMPDIR/$(printf 'd%.0s' {1..120})
	mkdir "$dir"
	SOCK=$dir/console.sock
	config '.process.args = ["sh", "-c", "echo far"]'
	listener
	created "$ID" --console-socket "$SOCK"
	is 1 "$(report .fds)"
	hull start "$ID"
	heard far
}

@test "a relative socket path, and one through a link" {
	config '.process.args = ["sh", "-c", "echo near"]'
	listener
	ln -s "$SOCK" sock
	created "$ID" --console-socket sock
	is 1 "$(report .fds)"
	hull start "$ID"
	heard near
}

@test "a console socket that is not there is an error that leaves nothing" {
	refused "hull: create $ID: --console-socket: connect $SOCK: no such file or directory" \
		create --console-socket "$SOCK" "$ID"
	touch "$SOCK"
	refused "hull: create $ID: --console-socket: connect $SOCK: connection refused" \
		create --console-socket "$SOCK" "$ID"
}

@test "a terminal without a socket is refused when hull detaches" {
	refused "hull: create $ID: cannot allocate tty if hull will detach without setting console socket*" create "$ID"
	refused "hull: run $ID: cannot allocate tty if hull will detach without setting console socket*" run -d "$ID"
	config '.process.terminal = false'
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	fails "hull: exec $ID: cannot allocate tty if hull will detach*" exec -d -t "$ID" true
	is 255 "$failure"
}

@test "a socket without a terminal is refused" {
	config '.process.terminal = false'
	listener
	refused "hull: create $ID: cannot use console socket if hull will not detach or allocate tty*" \
		create --console-socket "$SOCK" "$ID"
	refused "hull: run $ID: cannot use console socket if hull will not detach or allocate tty*" \
		run --console-socket "$SOCK" "$ID"
	kill -0 "$peer" # nobody called
}

@test "the terminal is the container's own: session, controlling, in its devpts, as /dev/console" {
	cp "$(compile probe)" rootfs/bin/probe
	config '.process.args = ["sh", "-c", "tty; stat -c %t:%T /dev/console /dev/pts/0; ls -1 /dev/pts; stat -c %u /dev/pts/0; exec probe session"] |
		.process.user = {uid: 1000, gid: 1000}'
	is "/dev/pts/0
88:0
88:0
0
ptmx
1000
sid 1 pid 1 tty yes" "$(person -- "$HULL" --root "$ROOT" run "$ID" | sed '$d')"
}

@test "the terminal's size is the configured one" {
	config '.process.consoleSize = {height: 33, width: 101} | .process.args = ["stty", "size"]'
	listener
	created "$ID" --console-socket "$SOCK"
	is "33 101" "$(report '.size | join(" ")')"
	hull start "$ID"
	heard "33 101"
}

@test "without a terminal consoleSize is ignored" {
	config '.process.terminal = false | .process.consoleSize = {height: 33, width: 101} | .process.args = ["echo", "ok"]'
	is ok "$(hull run "$ID")"
}

@test "the peer's changes of size reach the payload" {
	sh_config 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done'
	listener --until '44 55' --size 44x55
	created "$ID" --console-socket "$SOCK"
	report .fds
	hull start "$ID"
	sleep 0.1
	# resized before the start: a payload that asks gets the new size
	is "44 55" "$(hull exec "$ID" sh -c 'stty size </dev/console')"
	kill "$peer"
}

@test "what the peer types arrives" {
	sh_config 'stty -echo; echo ready; read line; echo "got <$line>"'
	listener --send $'typed words\n'
	created "$ID" --console-socket "$SOCK"
	hull start "$ID"
	heard "*got <typed words>*"
}

@test "no descriptor of the terminal stays with hull's caller" {
	# the shim reads hull's output to its end: only an end of file there lets it go on
	config '.process.args = ["sleep", "100"]'
	listener --until nothing
	out=$(timeout 5 "$HULL" --root "$ROOT" create --console-socket "$SOCK" "$ID" 2>&1)
	is "" "$out"
	pid=$(pid_of "$ID")
	for n in 0 1 2; do
		matches "/dev/pts/0" "$(readlink "/proc/$pid/fd/$n")"
	done
}

@test "run in the foreground relays a terminal: raw while it runs, as before afterwards" {
	sh_config 'echo ready; read line; echo "got <$line>"; exit 6'
	person expect=ready 'send=some text\n' 'expect=got <some text>' -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 6 raw yes restored yes" "$(tail -n1 transcript)"
	# one echo, the inner terminal's
	is 2 "$(grep -c 'some text' transcript)"
}

@test "who goes on writing after the payload's end is not waited for" {
	sh_config 'trap "" HUP; (while :; do echo y; done) & sleep 0.2; exit 3'
	config '.process.terminal = true | del(.linux.namespaces[] | select(.type == "pid"))'
	local status=0
	timeout -k 1 60 script -qec "$HULL --root $ROOT run $ID" /dev/null </dev/null >out || status=$?
	is 3 "$status"
}

@test "control characters are the inner terminal's" {
	sh_config 'trap "echo interrupted; exit 9" INT; echo ready; while :; do sleep 0.05; done'
	person expect=ready 'send=\x03' expect=interrupted -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 9 raw yes restored yes" "$(tail -n1 transcript)"
	config '.process.args = ["sh", "-c", "echo ready; cat; echo ended"]'
	person expect=ready 'send=a\n\x04' expect=ended -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 0 raw yes restored yes" "$(tail -n1 transcript)"
}

@test "the window's size is taken over at first and at every change" {
	sh_config 'trap "stty size" WINCH; stty size; echo ready; while ! read -t 1 x; do :; done; exit 7'
	person --size=21x77 'expect=21 77' expect=ready resize=40x50 'expect=40 50' \
		resize=41x51 'expect=41 51' 'send=q\n' -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 7 raw yes restored yes" "$(tail -n1 transcript)"
}

@test "the terminal is restored when the payload cannot be executed" {
	config '.process.args = ["/none"]'
	person -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 1 raw no restored yes" "$(tail -n1 transcript)"
	grep -q 'stat /none: no such file' transcript
}

@test "the terminal is restored after signals to hull" {
	sh_config 'trap "exit 4" TERM; echo ready; while :; do sleep 0.05; done'
	person expect=ready kill=TERM -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is "status 4 raw yes restored yes" "$(tail -n1 transcript)"
}

@test "the last output is not lost, however much it is" {
	config '.process.args = ["sh", "-c", "seq 1 20000; echo the end"]'
	person -- "$HULL" --root "$ROOT" run "$ID" >transcript
	is 20000 "$(grep -cE '^[0-9]+$' transcript)"
	grep -q '^the end$' transcript
	is "status 0 raw yes restored yes" "$(tail -n1 transcript | sed 's/raw no/raw yes/')"
}

@test "a child that keeps the terminal open does not keep hull" {
	sh_config 'sleep 1000 & echo done; exit 2'
	person -- "$HULL" --root "$ROOT" run "$ID" >transcript
	matches "status 2 raw * restored yes" "$(tail -n1 transcript)"
}

@test "a terminal for a payload whose caller has none: bytes pass, the status too" {
	config '.process.args = ["sh", "-c", "tty; read line; echo got $line; exit 3"]'
	ended=0
	out=$(echo typed | timeout 8 "$HULL" --root "$ROOT" run "$ID" 2>&1) || ended=$?
	is 3 "$ended"
	matches "*/dev/pts/0*got typed*" "$(tr -d '\r' <<<"$out" | xargs)"
	# what reads the lines is a program: they end as the payload wrote them
	config '.process.args = ["printf", "one\\ntwo\\n"]'
	is 6f6e650a74776f0a "$(timeout 8 "$HULL" --root "$ROOT" run "$ID" </dev/null | od -An -tx1 | tr -d ' \n')"
	# nobody who could type at all
	config '.process.args = ["sh", "-c", "tty; exit 5"]'
	ended=0
	out=$(timeout 8 "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) || ended=$?
	is 5 "$ended"
}

@test "exec -t in the foreground relays, resizes and restores" {
	config '.process.terminal = false | .process.args = ["sleep", "1000"]'
	detached "$ID"
	person --size=22x66 'expect=22 66' resize=30x90 'expect=30 90' 'send=q\n' 'expect=got q' -- \
		"$HULL" --root "$ROOT" exec -t "$ID" \
		sh -c 'trap "stty size" WINCH; stty size; while ! read -t 1 x; do :; done; echo got $x; exit 8' >transcript
	is "status 8 raw yes restored yes" "$(tail -n1 transcript)"
	person -- "$HULL" --root "$ROOT" exec --tty "$ID" tty >transcript
	grep -q '^/dev/pts/' transcript
	person -- "$HULL" --root "$ROOT" exec "$ID" true >transcript
	is "status 0 raw no restored yes" "$(tail -n1 transcript)"
}

@test "exec --process with a terminal" {
	config '.process.terminal = false | .process.args = ["sleep", "1000"]'
	detached "$ID"
	jq '.process | .terminal = true | .consoleSize = {height: 12, width: 34} | .args = ["sh", "-c", "tty; stty size"]' \
		config.json >process.json
	listener
	hull exec -d --process process.json --console-socket "$SOCK" "$ID" </dev/null
	heard "/dev/pts/*
12 34"
	ended=0
	person -- "$HULL" --root "$ROOT" exec --process process.json "$ID" >transcript || ended=$?
	is 0 $ended
	grep -q /dev/pts/ transcript
}

@test "a terminal needs a devpts in the container" {
	config '.mounts |= map(select(.destination != "/dev/pts"))'
	listener
	refused "hull: create $ID: *process.terminal: *" create --console-socket "$SOCK" "$ID"
}

@test "the image's own /dev/console and /dev/ptmx are not followed" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.mounts += [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"]}]'
	echo untouched >"$BATS_TEST_TMPDIR/target"
	ln -s "$BATS_TEST_TMPDIR/target" rootfs/dev/console
	listener
	refused "hull: create $ID: */dev/console: the image has a link there*" create --console-socket "$SOCK" "$ID"
	is untouched "$(cat "$BATS_TEST_TMPDIR/target")"
}

@test "a read-only root has a terminal all the same" {
	config '.root.readonly = true | .process.args = ["sh", "-c", "tty; stat -c %t /dev/console"]'
	matches "/dev/pts/0 88 status 0 *" "$(person -- "$HULL" --root "$ROOT" run "$ID" | xargs)"
}
