# --log, --log-format, --log-level: one error, in the words of standard error, as the last line
load lib

test_setup() {
	config '.root.readonly = false'
	LOG=$BATS_TEST_TMPDIR/log
}

# fail_into_log ARGS... - a command that fails, its standard error in the file err
fail_into_log() {
	not hull --log "$LOG" "$@" >out 2>err
}

@test "an error is one line on standard error: hull, the command, the id, the reason" {
	hull state "$ID" >out 2>err || true
	is "hull: state $ID: container does not exist" "$(cat err)"
	is "" "$(cat out)"
	is 1 "$(wc -l <err)"
	not grep -q $'\e' err
}

@test "text: the log's last line says the same" {
	fail_into_log state "$ID"
	is 1 "$(wc -l <"$LOG")"
	[[ $(cat "$LOG") =~ ^[0-9-]+T[0-9:.]+Z\ error:\ state\ $ID:\ container\ does\ not\ exist$ ]]
	is "hull: state $ID: container does not exist" "$(cat err)"
}

@test "json: one object with level, msg and time as callers decode them" {
	fail_into_log --log-format json state "$ID"
	is 1 "$(wc -l <"$LOG")"
	is "error state $ID: container does not exist" "$(jq -r '"\(.level) \(.msg)"' "$LOG")"
	is "level msg time" "$(jq -r 'keys | join(" ")' "$LOG")"
	[[ $(jq -r .time "$LOG") =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$ ]]
	age=$(($(date +%s) - $(date -d "$(jq -r .time "$LOG")" +%s)))
	[ "$age" -ge 0 ] && [ "$age" -lt 60 ]
	is "hull: state $ID: container does not exist" "$(cat err)"
}

@test "the log is appended to: each failure adds its own line, the last one last" {
	echo '{"level":"info","msg":"of another","time":"2020-01-01T00:00:00Z"}' >"$LOG"
	fail_into_log --log-format json state "$ID"
	fail_into_log --log-format=json delete "$ID-2"
	is 3 "$(wc -l <"$LOG")"
	is "of another" "$(head -n1 "$LOG" | jq -r .msg)"
	is "delete $ID-2: container does not exist" "$(tail -n1 "$LOG" | jq -r .msg)"
	is "3" "$(jq -s length "$LOG")"
}

@test "a failed create leaves exactly one object, warnings or not" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"] | .process.args = ["/none"]'
	fail_into_log --log-format json create "$ID"
	is 1 "$(wc -l <"$LOG")"
	is error "$(jq -r .level "$LOG")"
	matches "create $ID: exec: \"/none\": *" "$(jq -r .msg "$LOG")"
	is "hull: $(jq -r .msg "$LOG")" "$(cat err)"
}

@test "warnings go to the log alone, and only when the command succeeds" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	hull --log "$LOG" --log-format json create "$ID" </dev/null >out 2>err
	is "" "$(cat out err)"
	is 1 "$(wc -l <"$LOG")"
	is "warning" "$(jq -r .level "$LOG")"
	matches "*unknown capability CAP_NO_SUCH*" "$(jq -r .msg "$LOG")"
	hull --log "$LOG" start "$ID"
	is 1 "$(wc -l <"$LOG")"
}

@test "without --log a warning appears nowhere where a program reads" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	is "" "$(hull run "$ID" 2>&1)"
}

@test "success writes nothing at all" {
	config '.process.args = ["sleep", "100"]'
	hull --log "$LOG" create "$ID" </dev/null >out 2>err
	hull --log "$LOG" start "$ID" >>out 2>>err
	hull --log "$LOG" exec "$ID" true >>out 2>>err
	hull --log "$LOG" kill "$ID" KILL >>out 2>>err
	hull --log "$LOG" delete --force "$ID" >>out 2>>err
	is "" "$(cat out err "$LOG")"
}

@test "a payload's failure is not hull's: no error is logged" {
	config '.process.args = ["false"]'
	not hull --log "$LOG" run "$ID" 2>err
	is "" "$(cat err "$LOG")"
}

@test "what is quoted in the log is valid JSON, whatever the names hold" {
	config '.process.args = ["/no\"ne\\\u00e9"]'
	fail_into_log --log-format json create "$ID"
	matches 'create *: exec: "/no"ne\\é": stat /no"ne\\é: no such file or directory*' "$(jq -r .msg "$LOG")"
	: >"$LOG"
	fail_into_log --log-format json state $'bad\nid\x01'
	is 1 "$(wc -l <"$LOG")"
	jq -e '.level == "error"' "$LOG"
	is 1 "$(wc -l <err)"
	: >"$LOG"
	config '.process.args = ["/line\nbreak"]'
	fail_into_log create "$ID"
	is 1 "$(wc -l <"$LOG")"
	is 1 "$(wc -l <err)"
}

@test "a very long name gives a line that is cut, not broken" {
	config '.process.args = [$a]' --arg a "/$(printf 'x%.0s' {1..5000})"
	fail_into_log --log-format json create "$ID"
	is 1 "$(wc -l <"$LOG")"
	is error "$(jq -r .level "$LOG")"
	[ "$(jq -r '.msg | length' "$LOG")" -lt 1000 ]
}

@test "--log-level: debug tells more, error keeps warnings out" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	hull --log "$LOG" --log-level error run "$ID"
	is "" "$(cat "$LOG")"
	hull --log "$LOG" --log-level warning run "$ID"
	is 1 "$(wc -l <"$LOG")"
	is "" "$(hull --debug --log "$LOG" run "$ID" 2>&1)"
	grep -q "Z debug: $ID: reserve the id\$" "$LOG" # the steps, in their order
	grep -A100 "Z debug: $ID: cgroups\$" "$LOG" | grep -q "Z debug: $ID: start\$"
	fails 'hull: run: invalid value "loud" for flag --log-level' --log-level loud run "$ID"
	fails 'hull: run: invalid value "xml" for flag --log-format' --log-format xml run "$ID"
}

@test "--debug without --log tells on standard error, of exec the process too" {
	config '.process.args = ["sleep", "100"]'
	hull --debug run --detach "$ID" </dev/null >out 2>err
	is "" "$(cat out)"
	grep -qx "hull: $ID: init" err
	hull --debug exec --pid-file pid "$ID" true >out 2>err
	is "" "$(cat out)"
	grep -qx "hull: $ID: exec: process $(cat pid)" err
	hull --debug --log-format json --log "$LOG" exec "$ID" true >out 2>err
	is "debug" "$(jq -r .level "$LOG")"
	is "" "$(cat err)"
}

@test "a log that cannot be opened is an error, before anything is done" {
	refused "hull: create*: --log /nonexistent/log: open: no such file or directory" \
		--log /nonexistent/log create "$ID"
	refused "hull: create*: --log $BATS_TEST_TMPDIR: open: is a directory" --log "$BATS_TEST_TMPDIR" create "$ID"
}

@test "file: in front of the path" {
	not hull --log "file:$LOG" state "$ID" 2>err
	is 1 "$(wc -l <"$LOG")"
}

@test "a full or closed log does not fail the command" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	hull --log /dev/full run "$ID"
}

@test "the error of init and of hooks reaches the log too" {
	config '.linux.sysctl = {"net.ipv4.nothing": "1"}'
	fail_into_log --log-format json create "$ID"
	matches "create $ID: linux.sysctl.net.ipv4.nothing: *" "$(jq -r .msg "$LOG")"
	config 'del(.linux.sysctl) | .hooks.poststart = [{path: "/bin/false"}]'
	: >"$LOG"
	fail_into_log --log-format json run "$ID"
	is "run $ID: hooks.poststart[0] /bin/false: exit status 1" "$(jq -r .msg "$LOG")"
}

@test "version and help are on standard output, with status 0" {
	is "" "$(hull --version 2>&1 >/dev/null)"
	is 1 "$("$HULL" --version | grep -c version)"
	matches 'hull version *' "$("$HULL" -v | head -n1)"
	matches 'commit: *' "$("$HULL" --version | sed -n 2p)"
	is "" "$(hull --help 2>&1 >/dev/null)"
	for command in create start run state kill delete exec list ps pause resume update events spec features; do
		matches "hull $command - *" "$("$HULL" $command --help 2>err | head -n1)"
		is "" "$(cat err)"
	done
}

@test "usage errors are one line and status 1" {
	fails 'hull: nonsense: no such command (see hull --help)' nonsense
	is 1 "$failure"
	fails 'hull: flag provided but not defined: --nonsense' --nonsense
	fails 'hull: state: wrong number of arguments: hull state [[]options] ID' state
	fails "hull: checkpoint $ID: not built into this version of hull" checkpoint "$ID"
	not "$HULL" >out 2>&1
}

@test "a log that is a FIFO: without a reader one line says so, and one that reads nothing is not waited for" {
	mkfifo "$LOG"
	fails "hull: state: --log $LOG: nobody reads it" --log "$LOG" state "$ID"
	exec 8<>"$LOG"
	head -c 1000000 /dev/zero | timeout 1 dd of="$LOG" bs=4096 oflag=nonblock 2>/dev/null || true # full now
	is "hull: state $ID: container does not exist" "$(timeout 10 "$HULL" --log "$LOG" --root "$ROOT" state "$ID" 2>&1 || true)"
	exec 8<&-
	exec 8<>"$LOG" # empty again
	fails "hull: state $ID: container does not exist" --log "$LOG" state "$ID"
	read -r line <&8
	exec 8<&-
	matches "* error: state $ID: container does not exist" "$line"
}
