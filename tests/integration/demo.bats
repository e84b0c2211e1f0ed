#!/usr/bin/env bats
# demo: what `make demo` shows to a newcomer

load lib
load helpers/m_lib

@test "make demo: a container from config.json.example on busybox proves its facts" {
	cd "$TESTS/.."
	# the program is built already: here it is about what the script does with it
	output=$(MAKE=true HULL="$HULL" sh tests/demo.sh 2>&1 </dev/null)
	echo "$output"
	grep -qE '^pid: +1$' <<<"$output"
	grep -qE '^hostname: +hull-demo$' <<<"$output"
	grep -qE '^pids limit: +64$' <<<"$output"
	grep -qE '^memory limit: +67108864$' <<<"$output"
	grep -qE '^Seccomp:.2$' <<<"$output"
	grep -q '^demo: a container of its own' <<<"$output"
	is "" "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tmp.*' -newer "$BATS_TEST_TMPDIR/before" -type d \
		-exec test -e {}/config.json \; -print)"
}

@test "make demo: fails when a fact is not so" {
	cd "$TESTS/.."
	cat >"$BATS_TEST_TMPDIR/false-hull" <<-'END'
		#!/bin/sh
		echo "pid: 2"
	END
	chmod +x "$BATS_TEST_TMPDIR/false-hull"
	status=0
	output=$(MAKE=true HULL="$BATS_TEST_TMPDIR/false-hull" sh tests/demo.sh 2>&1 </dev/null) || status=$?
	is 1 "$status"
	has "$output" "demo: expected a line like"
}

@test "config.json.example is valid, and is read the same by create" {
	cp "$TESTS/../config.json.example" config.json
	config '.process.terminal = false | .process.args = ["true"]'
	hull run "$ID"
}
