#!/usr/bin/env bats
# concurrency: commands on one container at the same time, and numbers that belong to somebody else by now

load lib
load helpers/m_lib

ROUNDS=50

# The words that a command may fail with when another was quicker; all else is a wrong answer.
WORDS='container does not exist$|container not running$|container is not running$|already exists$|'
WORDS+='cannot start an already running container$|cannot start a container that has stopped$|'
WORDS+='cannot exec in a stopped container$|is not stopped$'

# aside NAME COMMAND... - in the background, for twenty seconds at most; what it says goes to files
aside() {
	local name=$1
	shift
	{
		status=0 SECONDS=0
		timeout --kill-after=5 20 "$HULL" --root "$ROOT" "$@" </dev/null >"$name.out" 2>"$name.err" 3>&- || status=$?
		[ $SECONDS -lt 20 ] || status=hung
		echo "$status" >"$name.status"
	} &
}

# answered NAME... - each ended, said nothing when it was well, and one of the words when it was not
answered() {
	local name status
	wait
	for name; do
		status=$(cat "$name.status")
		case $status in
		0 | 137) # the second is exec's, when its program was killed with the container
			[ ! -s "$name.err" ] || { cat "$name.err"; return 1; }
			continue
			;;
		esac
		if [ "$(wc -l <"$name.err")" != 1 ] || ! grep -qE "$WORDS" "$name.err"; then
			echo "$name ended with $status:"
			cat "$name.err"
			return 1
		fi
	done
}

# succeeded NAME
succeeded() {
	[ "$(cat "$1.status")" = 0 ]
}

# gone - nothing of the container is there any more
gone() {
	hull delete --force "$ID"
	is "" "$(hull list -q)"
	is "" "$(ls "$ROOT" 2>/dev/null)"
}

@test "start, state, list, exec, kill and delete of one container at the same time" {
	local i
	config '.process.args = ["sleep", "1000"]'
	for ((i = 0; i < ROUNDS; i++)); do
		created "$ID"
		aside state state "$ID"
		aside start start "$ID"
		aside exec exec "$ID" true
		aside list list -q
		aside kill kill "$ID" KILL
		aside delete delete --force "$ID"
		answered state start exec list kill delete
		succeeded list
		succeeded delete
		! succeeded state || jq -e '.status' state.out >/dev/null
		gone
	done
}

@test "two creators of one container: one wins, and its container is whole" {
	local i winners
	for ((i = 0; i < ROUNDS; i++)); do
		aside one create "$ID"
		aside two create "$ID"
		answered one two
		winners=$(cat one.status two.status | grep -cx 0)
		is 1 "$winners"
		is created "$(status_of "$ID")"
		hull start "$ID"
		gone
	done
}

@test "delete while create is at work: the container is made and whole, or there is none" {
	local i
	for ((i = 0; i < ROUNDS; i++)); do
		aside create create "$ID"
		usleep $((RANDOM % 12 * 1000))
		aside delete delete --force "$ID"
		answered delete
		succeeded delete
		if succeeded create && [ "$(hull list -q)" = "$ID" ]; then
			is created "$(status_of "$ID")"
			hull start "$ID"
		fi
		gone
	done
}

# usleep MICROSECONDS
usleep() {
	sleep "$(printf '0.%06d' "$1")"
}

@test "several deletes of one container: all are content, and it is gone" {
	local i
	config '.process.args = ["sleep", "1000"]'
	for ((i = 0; i < ROUNDS; i++)); do
		detached "$ID"
		aside one delete --force "$ID"
		aside two delete --force "$ID"
		aside three delete --force "$ID"
		answered one two three
		succeeded one && succeeded two && succeeded three
		is "" "$(hull list -q)"
	done
}

@test "pause, resume, update and exec at the same time, and the container lives" {
	local i
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	WORDS+='|container (is )?paused$|not paused$|cannot exec in a paused container'
	for ((i = 0; i < ROUNDS; i++)); do
		aside pause pause "$ID"
		aside update update --pids-limit $((50 + i)) "$ID"
		aside exec exec "$ID" true
		usleep 20000
		aside resume resume "$ID"
		while [ -n "$(jobs -rp)" ]; do # pause may be the last, and exec waits for an end of it
			hull resume "$ID" 2>/dev/null || true
			sleep 0.05
		done
		answered pause update exec resume
	done
	hull resume "$ID" 2>/dev/null || true
	is running "$(status_of "$ID")"
	is in "$(hull exec "$ID" echo in)"
}

# In a pid namespace of the test's own the next number can be chosen. The container has none of its own,
# so that its init has a number there.
@test "a number that is another process's by now: nobody is signalled, and the container is stopped" {
	config 'del(.linux.namespaces[] | select(.type == "pid")) | .process.args = ["sleep", "1000"]'
	cat >inside <<-'SCRIPT'
		set -e
		mount -t proc proc /proc
		"$HULL" --root "$ROOT" run -d "$ID" </dev/null >/dev/null 2>&1
		pid=$("$HULL" --root "$ROOT" state "$ID" | jq .pid)
		kill -KILL "$pid"
		while [ -e "/proc/$pid" ]; do sleep 0.02; done
		for i in 1 2 3 4 5 6 7 8 9; do
			echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
			sleep 1000 &
			[ $! != "$pid" ] || break
			kill $!
		done
		[ $! = "$pid" ] || { echo "no such number again"; exit 1; }
		"$HULL" --root "$ROOT" state "$ID" | jq -r .status
		"$HULL" --root "$ROOT" kill "$ID" KILL || true
		"$HULL" --root "$ROOT" kill --all "$ID" KILL || true
		"$HULL" --root "$ROOT" exec "$ID" true || true
		"$HULL" --root "$ROOT" delete --force "$ID"
		kill -0 "$pid" && echo "the stranger lives"
	SCRIPT
	output=$(HULL=$HULL ROOT=$ROOT ID=$ID unshare --pid --fork --mount --kill-child bash ./inside 2>&1)
	has "$output" "stopped"
	has "$output" "the stranger lives"
	is 2 "$(grep -c "container not running$" <<<"$output")"
}
