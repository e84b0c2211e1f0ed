# list: table, JSON, ids alone
load lib

test_setup() {
	config '.root.readonly = false'
}

three() {
	sh_config 'sleep 100'
	created "$ID-1"
	detached "$ID-2"
	created "$ID-3"
	hull kill "$ID-3" KILL
	wait_for eval '[ "$(status_of "$ID-3")" = stopped ]'
}

@test "the table has a heading and one row for each container" {
	three
	hull list >table 2>err
	is "" "$(cat err)"
	is 4 "$(wc -l <table)"
	is "ID PID STATUS BUNDLE CREATED OWNER" "$(head -n1 table | xargs)"
	row="$ID-1 $(pid_of "$ID-1") created $BUNDLE $(hull state "$ID-1" | jq -r .created) root"
	is "$row" "$(sed -n 2p table | xargs)"
	matches "$ID-2 $(pid_of "$ID-2") running *" "$(sed -n 3p table | xargs)"
	matches "$ID-3 0 stopped *" "$(sed -n 4p table | xargs)"
}

@test "--format table is the default" {
	three
	is "$(hull list)" "$(hull list --format table)"
}

@test "JSON is an array of what state prints" {
	three
	for i in 1 2 3; do
		is "$(hull state "$ID-$i" | jq -Sc .)" \
			"$(hull list --format json | jq -Sc --arg id "$ID-$i" '.[] | select(.id == $id)')"
	done
	is 3 "$(hull list -f json | jq length)"
}

@test "-q prints ids alone" {
	three
	is "$ID-1 $ID-2 $ID-3" "$(hull list -q | xargs)"
	is "$ID-1 $ID-2 $ID-3" "$(hull list --quiet | xargs)"
}

@test "without a container: a heading, an empty array, nothing" {
	mkdir "$ROOT"
	is 1 "$(hull list | wc -l)"
	is '[]' "$(hull list --format json | jq -c .)"
	is "" "$(hull list -q)"
	rmdir "$ROOT"
}

@test "a root that is not there is an empty one, and is not made" {
	is '[]' "$(hull list --format json | jq -c .)"
	is 1 "$(hull list | wc -l)"
	is "" "$(hull list -q)"
	[ ! -e "$ROOT" ]
}

@test "entries of others and broken ones do not break the list" {
	three
	mkdir "$ROOT/empty" "$ROOT/broken" "$ROOT/.hidden"
	echo '{' >"$ROOT/broken/state.json"
	echo foreign >"$ROOT/file"
	ln -s /etc "$ROOT/link"
	hull list >table 2>err
	is "" "$(cat err)"
	for i in 1 2 3; do
		grep -q "^$ID-$i " table
	done
	not grep -qE '^(file|link|broken|\.hidden)' table
	hull list --format json 2>err | jq -e --arg id "$ID-2" 'any(.[]; .id == $id)'
	is "" "$(cat err)"
	hull --log "$BATS_TEST_TMPDIR/log" list >/dev/null
	grep -q 'broken' "$BATS_TEST_TMPDIR/log"
	rm -r "$ROOT/broken" "$ROOT/.hidden" "$ROOT/file" "$ROOT/link"
	# a directory whose creator died before the first byte is hull's to remove
	hull delete --force empty
	[ ! -e "$ROOT/empty" ]
}

@test "an unknown format is refused" {
	refused 'hull: list: --format "yaml": table or json' list --format yaml
}

@test "a container that is deleted meanwhile is not an error" {
	# many lists beside a loop of creates and deletes: none may fail or print to stderr
	(for i in 1 2 3 4 5 6 7 8; do
		created "$ID-$i" && hull delete "$ID-$i" || echo failed
	done) >loop 2>&1 3>&- &
	loop=$!
	while kill -0 "$loop" 2>/dev/null; do
		hull list --format json 2>>err | jq -e 'type == "array"' >/dev/null
	done
	wait "$loop"
	is "" "$(cat err loop)"
}
