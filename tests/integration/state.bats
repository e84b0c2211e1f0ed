# state: runtime-spec runtime.md "State", and what callers read besides
load lib

test_setup() {
	config '.root.readonly = false'
}

@test "state has exactly the members that the specification and callers want" {
	sh_config 'sleep 100'
	config '.annotations = {"a.b": "c", "empty": "", "quote\"": "back\\slash/"}'
	detached "$ID"
	hull state "$ID" >state.json 2>err
	is "" "$(cat err)"
	is "annotations bundle created id ociVersion owner pid rootfs status" \
		"$(jq -r 'keys | join(" ")' state.json)"
	is "$ID" "$(jq -r .id state.json)"
	is running "$(jq -r .status state.json)"
	is "$BUNDLE" "$(jq -r .bundle state.json)"
	is "$BUNDLE/rootfs" "$(jq -r .rootfs state.json)"
	is root "$(jq -r .owner state.json)"
	is '{"a.b":"c","empty":"","quote\"":"back\\slash/"}' "$(jq -c .annotations state.json)"
	matches '1.*.*' "$(jq -r .ociVersion state.json)"
	is number "$(jq -r '.pid | type' state.json)"
}

@test "state without annotations leaves them out" {
	created "$ID"
	is false "$(hull state "$ID" | jq 'has("annotations")')"
}

@test "state and list need no configuration: it may be long, and is not read" {
	sh_config 'sleep 100'
	config '.annotations = {"a.b": "c"}'
	detached "$ID"
	mv "$ROOT/$ID/config.json" "$BATS_TEST_TMPDIR/kept"
	is '{"a.b":"c"}' "$(hull state "$ID" | jq -c .annotations)"
	is '{"a.b":"c"} running' \
		"$(hull list -f json | jq -r --arg id "$ID" '.[] | select(.id == $id) | "\(.annotations) \(.status)"')"
	mv "$BATS_TEST_TMPDIR/kept" "$ROOT/$ID/config.json"
}

@test "annotations up to the size of a configuration; what could not be read again is refused before" {
	config '.annotations = {long: ("x" * 8000000)}'
	detached "$ID"
	is 8000000 "$(hull state "$ID" | jq '.annotations.long | length')"
	hull delete --force "$ID"
	# a state has a few more words than the shortest configuration, of 16 MiB in all
	local short='{ociVersion, root, process: {cwd: "/", args: ["true"]}, annotations: {long: ""}}'
	local room=$((16777216 - $(jq -c "$short" config.json | wc -c)))
	jq -c "$short | .annotations.long = \"x\" * $room" config.json >long.json
	fails "hull: create $ID: write $ROOT/$ID/state.json: file too large" \
		create --config long.json "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "the pid is that of the payload as the host sees it" {
	sh_config 'sleep 100'
	detached "$ID" --pid-file "$BATS_TEST_TMPDIR/pid"
	pid=$(pid_of "$ID")
	is "$(cat "$BATS_TEST_TMPDIR/pid")" "$pid"
	[ "/proc/$pid/root" -ef rootfs ]
	is 1 "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")"
}

@test "created is a time of RFC 3339, between the moments before and after" {
	before=$(date +%s)
	created "$ID"
	after=$(date +%s)
	created=$(hull state "$ID" | jq -r .created)
	[[ $created =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+Z$ ]]
	at=$(date -d "$created" +%s)
	[ "$at" -ge "$before" ]
	[ "$at" -le "$after" ]
	hull start "$ID"
	is "$created" "$(hull state "$ID" | jq -r .created)"
}

@test "a stopped container has pid 0" {
	created "$ID"
	hull start "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is 0 "$(pid_of "$ID")"
	is "$BUNDLE" "$(hull state "$ID" | jq -r .bundle)"
}

@test "an init that nobody has reaped is stopped" {
	sh_config 'sleep 100'
	# the parent of init never waits: init stays a zombie
	$PYTHON - "$HULL" "$ROOT" "$ID" "$BATS_TEST_TMPDIR/go" 3>&- <<'PY' &
import ctypes, os, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
null = open("/dev/null", "r+")
subprocess.run([sys.argv[1], "--root", sys.argv[2], "run", "-d", sys.argv[3]], check=True,
               stdin=null, stdout=null, stderr=null)
open(sys.argv[4], "w").close()
time.sleep(100)
PY
	parent=$!
	wait_for test -e "$BATS_TEST_TMPDIR/go"
	pid=$(pid_of "$ID")
	hull kill "$ID" KILL
	wait_for grep -q '^State:.Z' "/proc/$pid/status"
	is stopped "$(status_of "$ID")"
	fails '*container not running' kill "$ID" TERM
	hull delete "$ID"
	is Z "$(awk '/^State/ { print $2 }' "/proc/$pid/status")"
	kill "$parent"
	wait "$parent" || true
}

@test "another process with init's number is not taken for it" {
	sh_config 'sleep 100'
	sleep 1000 3>&- &
	other=$!
	sleep 0.02 # start times count hundredths of a second
	detached "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	sed -i "s/\"pid\":[0-9]*/\"pid\":$other/" "$ROOT/$ID/state.json"
	grep -q "\"pid\":$other" "$ROOT/$ID/state.json"
	is stopped "$(status_of "$ID")"
	fails '*container not running' kill "$ID" KILL
	hull delete "$ID"
	kill -0 "$other"
	kill "$other"
}

@test "a payload whose first thread has ended lives as long as another one does" {
	gcc -O1 -static -pthread -x c -o rootfs/bin/threads - <<-'END'
		#include <pthread.h>
		#include <unistd.h>
		static void *stay(void *arg) { pause(); return arg; }
		int main(void) { pthread_t t; pthread_create(&t, 0, stay, 0); pthread_exit(0); }
	END
	config '.process.args = ["threads"]'
	local how init
	for how in '.' '.linux.cgroupsPath = null' 'del(.linux.namespaces[] | select(.type == "pid"))'; do
		config "$how"
		detached "$ID"
		init=$(pid_of "$ID")
		wait_for grep -q "^State:.Z" "/proc/$init/status"
		is running "$(status_of "$ID")"
		fails '*running*' delete "$ID"
		hull kill "$ID" KILL
		wait_for eval '[ "$(status_of "$ID")" = stopped ]'
		wait_for eval '[ ! -e "/proc/'"$init"'" ]'
		hull delete "$ID"
	done
}

@test "a container of before the last boot is stopped" {
	sh_config 'sleep 100'
	detached "$ID"
	cp -a "$ROOT/$ID" now
	sed -i 's/"bootId":"./"bootId":"_/' "$ROOT/$ID/state.json"
	is stopped "$(status_of "$ID")"
	is 0 "$(pid_of "$ID")"
	fails '*container not running' kill "$ID" KILL
	hull kill --all "$ID" KILL
	fails '*container not paused' resume "$ID"
	hull delete "$ID"
	# no boot has ended here, and what a boot would have taken with it is left alone
	mv now "$ROOT/$ID"
	is running "$(status_of "$ID")"
	hull delete --force "$ID"
}

@test "status reads creating while the creator lives and stopped when it died" {
	hook=$BATS_TEST_TMPDIR/hook
	printf '#!/bin/sh\necho $$ >%s.pid\nexec sleep 100\n' "$hook" >"$hook"
	chmod +x "$hook"
	config '.hooks.createRuntime = [{path: $h}]' --arg h "$hook"
	"$HULL" --root "$ROOT" create "$ID" </dev/null >/dev/null 2>&1 3>&- &
	creator=$!
	wait_for test -s "$hook.pid"
	is creating "$(status_of "$ID")"
	is creating "$(hull list -f json | jq -r '.[0].status')"
	is 0 "$(pid_of "$ID")"
	kill -KILL "$creator"
	wait "$creator" || true
	# init, which goes with it, holds the lock for as long as it takes to end
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: start $ID: cannot start a container that has stopped" start "$ID"
	kill "$(cat "$hook.pid")"
	hull delete --force "$ID"
	unchanged
}

@test "state prints JSON alone, on standard output" {
	created "$ID"
	hull state "$ID" 2>err | jq -e . >/dev/null
	is "" "$(cat err)"
	# as containerd reads it: both streams together
	hull --log /dev/null --log-format json state "$ID" 2>&1 | jq -e . >/dev/null
	hull --debug --log "$BATS_TEST_TMPDIR/log" state "$ID" 2>&1 | jq -e . >/dev/null
}

@test "state of an unreadable entry is an error that names the file" {
	created "$ID"
	cp "$ROOT/$ID/state.json" saved
	echo '{"version": 1, "phase": ' >"$ROOT/$ID/state.json"
	fails "hull: state $ID: *state.json*" state "$ID"
	cp saved "$ROOT/$ID/state.json"
	is created "$(status_of "$ID")"
}

@test "status of a created container stays created after failed commands" {
	created "$ID"
	fails '*' exec "$ID" /no/such/program
	fails '*' kill "$ID" NOSUCHSIGNAL
	is created "$(status_of "$ID")"
}

@test "a paused container is paused, and goes on after resume" {
	sh_config 'while :; do echo x; usleep 10000; done'
	config 'del(.linux.maskedPaths)'
	detached "$ID"
	wait_for grep -q x "$BATS_TEST_TMPDIR/$ID.out"
	hull pause "$ID"
	is paused "$(status_of "$ID")"
	fails "hull: pause $ID: container paused" pause "$ID"
	fails "hull: exec $ID: cannot exec in a paused container (use --ignore-paused to override)" \
		exec "$ID" true
	size=$(stat -c %s "$BATS_TEST_TMPDIR/$ID.out")
	sleep 0.1
	is "$size" "$(stat -c %s "$BATS_TEST_TMPDIR/$ID.out")"
	hull resume "$ID"
	is running "$(status_of "$ID")"
	wait_for eval '[ "$(stat -c %s "$BATS_TEST_TMPDIR/$ID.out")" -gt "$size" ]'
	fails "hull: resume $ID: container not paused" resume "$ID"
}

@test "delete --force ends a paused container" {
	sh_config 'sleep 100'
	detached "$ID"
	hull pause "$ID"
	hull delete --force "$ID"
	unchanged
}
