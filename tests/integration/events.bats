#!/usr/bin/env bats
# events: statistics and running out of memory, on hosts with v1, hybrid and v2

load lib
load helpers/m_lib
load helpers/m_groups

# stat_is JQ-FILTER - of the statistics of this moment; fails when it is false
stat_is() {
	hull events --stats "$ID" >"$BATS_TEST_TMPDIR/stats.json"
	jq -e ".data | $1" "$BATS_TEST_TMPDIR/stats.json" >/dev/null && return
	echo "not so: $1"
	jq .data "$BATS_TEST_TMPDIR/stats.json"
	return 1
}

# following [OPTIONS...] - hull events in the background, into $LOG
following() {
	LOG=$BATS_TEST_TMPDIR/events
	: >"$LOG"
	"$HULL" --root "$ROOT" events "$@" "$ID" >>"$LOG" 2>"$LOG.err" 3>&- &
	FOLLOWER=$!
	echo "$FOLLOWER" >>"$BATS_TEST_TMPDIR/pids"
	# only with its first wait can it miss nothing
	wait_for eval 'grep -qs poll "/proc/$FOLLOWER/wchan" || grep -qs "^State:.S" "/proc/$FOLLOWER/status"'
}

# A process that wants more memory than there is. While a killed one still gives its memory back the
# kernel may kill another: those of the pipe come before init, which is to live.
HOG='echo 1000 >/proc/self/oom_score_adj; x=$(head -c 100000000 /dev/zero | tr "\0" x)'

@test "stats: one line, compact, in the order callers match by text" {
	detached "$ID"
	output=$(hull events --stats "$ID")
	is 1 "$(wc -l <<<"$output")"
	matches "{\"type\":\"stats\",\"id\":\"$ID\",\"data\":{*}}" "$output"
	is '["blkio","cpu","cpuset","hugetlb","intel_rdt","memory","network_interfaces","pids"]' \
		"$(jq -c '.data | keys' <<<"$output")"
}

@test "stats: what runc's types decode has the right type everywhere" {
	detached "$ID"
	stat_is '(.cpu.usage | [.total, .kernel, .user] | all(type == "number"))'
	stat_is '(.cpu.throttling | [.periods, .throttledPeriods, .throttledTime] | all(type == "number"))'
	stat_is '(.memory | [.usage, .swap, .kernel, .kernelTCP] | all(.limit, .usage, .max, .failcnt | type == "number"))'
	stat_is '.memory.cache | type == "number"'
	stat_is '.memory.raw | to_entries | all(.value | type == "number")'
	stat_is '.cpuset | .sched_relax_domain_level | type == "number"'
	stat_is '.blkio | to_entries | all(if .key == "psi" then true else (.value | all(has("major") and has("minor") and has("op") and has("value"))) end)'
	stat_is '.hugetlb | to_entries | all(.key | test("^[0-9]+[KMG]B$"))'
	stat_is '[.cpu.psi, .memory.psi, .blkio.psi] | all(. == null or (.some | [.avg10, .avg60, .avg300, .total] | all(type == "number")))'
}

@test "stats: limits are those of the container" {
	need memory && need pids
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 40}, cpu: {cpus: "0"}}'
	detached "$ID"
	stat_is '.memory.usage.limit == 67108864'
	stat_is '.pids.limit == 40 and .pids.current == 1'
	stat_is '.cpuset.cpus == [0]'
	hull update --memory 32m --pids-limit -1 "$ID"
	stat_is '.memory.usage.limit == 33554432 and .memory.usage.usage > 0'
	stat_is '.pids | has("limit") | not'
}

@test "stats: processors and memory that are used are counted" {
	need memory
	sh_config 'x=$(head -c 20000000 /dev/zero | tr "\0" x); touch /dev/shm/done; sleep 1000; :'
	detached "$ID"
	wait_for hull exec "$ID" test -e /dev/shm/done
	stat_is '.cpu.usage.total > 1000000'
	stat_is '.memory.usage.usage > 20000000'
	stat_is '.memory.raw.anon // .memory.raw.rss | . > 15000000'
	local before
	before=$(jq .data.cpu.usage.total "$BATS_TEST_TMPDIR/stats.json")
	hull exec "$ID" sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done'
	stat_is ".cpu.usage.total > $before"
}

@test "stats: throttling is counted" {
	need cpu
	config '.linux.resources.cpu = {quota: 5000, period: 50000}'
	sh_config 'while :; do :; done'
	detached "$ID"
	wait_for stat_is '.cpu.throttling | .periods > 1 and .throttledPeriods > 0 and .throttledTime > 1000000'
}

@test "stats: pressure, where the kernel measures it" {
	need cpu
	[ -e "$V2/cgroup.controllers" ] || skip "v1 has no pressure"
	[ -e /proc/pressure/cpu ] || skip "this kernel does not measure pressure"
	config '.linux.resources.cpu = {quota: 2000, period: 20000}'
	sh_config 'while :; do :; done'
	detached "$ID"
	[ -e "$V2$GROUP/cpu.pressure" ] || skip "this hierarchy does not measure pressure"
	stat_is '.cpu.psi.some | has("avg10") and has("avg60") and has("avg300") and has("total")'
	stat_is '[.memory.psi, .blkio.psi] | all(.some.total >= 0)'
	! is_v2 cpu || wait_for stat_is '.cpu.psi.some.total > 0'
}

@test "stats: network interfaces of the container, and none of the host's" {
	detached "$ID"
	stat_is '.network_interfaces | map(.Name) == ["lo"]'
	stat_is '.network_interfaces[0] | keys == ["Name","RxBytes","RxDropped","RxErrors","RxPackets","TxBytes","TxDropped","TxErrors","TxPackets"]'
	nsenter -t "$(pid_of "$ID")" -n $PYTHON -c '
import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b.bind(("127.0.0.1", 0))
a.sendto(b"x" * 1000, b.getsockname())'
	stat_is '.network_interfaces[0] | .TxBytes > 1000 and .RxPackets >= 1'
	hull delete --force "$ID"
	no_namespace network
	detached "$ID"
	stat_is '.network_interfaces == []'
}

@test "stats: created and paused containers have them; stopped and unknown ones, and those without cgroups, not" {
	created "$ID"
	stat_is '.pids.current == null or .pids.current >= 1'
	hull start "$ID"
	hull pause "$ID"
	stat_is '.cpu.usage.total >= 0'
	hull resume "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: events $ID: container with id $ID is not running" events --stats "$ID"
	fails "hull: events $ID: container with id $ID is not running" events "$ID"
	fails "hull: events $ID-x: container does not exist" events --stats "$ID-x"
	hull delete "$ID"
	hull --cgroup-manager disabled run -d "$ID" </dev/null >/dev/null 2>&1
	fails "hull: events $ID: container has no cgroup to measure" events --stats "$ID"
}

@test "stats again and again, at the interval asked for, until the container ends" {
	detached "$ID"
	following --interval 100ms
	wait_for eval '[ "$(wc -l <"$LOG")" -ge 4 ]'
	is "$(printf 'stats %s\n' "$ID")" "$(jq -r '"\(.type) \(.id)"' "$LOG" | sort -u)"
	hull kill "$ID" KILL
	ends "$FOLLOWER"
	is 0 "$ended"
	is "" "$(cat "$LOG.err")"
}

@test "an interval of an hour: nothing is printed, and the end of the container still ends it at once" {
	detached "$ID"
	following --interval 1h
	sleep 0.3
	# it sleeps in poll(2) and is not woken
	local before after
	before=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$FOLLOWER/status")
	sleep 0.5
	after=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$FOLLOWER/status")
	is "$before" "$after"
	hull delete --force "$ID"
	ends "$FOLLOWER"
	is 0 "$ended"
	is "" "$(cat "$LOG" "$LOG.err")"
}

@test "an interval that is none" {
	detached "$ID"
	local bad
	for bad in 5 five 5d "" -; do
		fails "hull: events $ID: --interval \"$bad\": not a duration like 5s or 1m30s" events --interval "$bad" "$ID"
	done
	for bad in 0 0s -5s; do
		fails "hull: events $ID: --interval: duration interval must be greater than 0" events --interval=$bad "$ID"
	done
}

@test "oom: a process that is killed is told at once, and the container goes on" {
	need memory
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	detached "$ID"
	following --interval 1h
	hull exec "$ID" sh -c "$HOG" || true
	wait_for test -s "$LOG"
	is "{\"type\":\"oom\",\"id\":\"$ID\"}" "$(sort -u "$LOG")"
	local told
	told=$(wc -l <"$LOG")
	hull exec "$ID" sh -c "$HOG" || true
	wait_for eval '[ "$(wc -l <"$LOG")" -gt '"$told"' ]'
	is running "$(status_of "$ID")"
	hull kill "$ID" KILL
	ends "$FOLLOWER"
	is 0 "$ended"
	is "{\"type\":\"oom\",\"id\":\"$ID\"}" "$(sort -u "$LOG")"
}

@test "oom: of init itself is told before the end" {
	need memory
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	sh_config "while [ ! -e /dev/shm/go ]; do sleep 0.05; done; $HOG; :"
	detached "$ID"
	following --interval 1h
	hull exec "$ID" touch /dev/shm/go
	ends "$FOLLOWER"
	is 0 "$ended"
	is "{\"type\":\"oom\",\"id\":\"$ID\"}" "$(sort -u "$LOG")"
}

@test "oom: in a group below is told, too" {
	need memory
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	detached "$ID"
	following --interval 1h
	local group pid
	group=$(home memory)$GROUP/below
	mkdir "$group"
	hull exec -d --pid-file pid "$ID" sh -c "while [ ! -e /dev/shm/go ]; do sleep 0.05; done; $HOG; :" \
		</dev/null >/dev/null 2>&1
	cat pid >"$group/cgroup.procs"
	hull exec "$ID" touch /dev/shm/go
	wait_for test -s "$LOG"
	is "{\"type\":\"oom\",\"id\":\"$ID\"}" "$(sort -u "$LOG")"
}

@test "the end of a container that is not out of memory is no oom" {
	need memory
	config '.linux.resources.memory = {limit: 67108864}'
	detached "$ID"
	following --interval 1h
	hull delete --force "$ID"
	ends "$FOLLOWER"
	is 0 "$ended"
	is "" "$(cat "$LOG" "$LOG.err")"
}

@test "whoever reads goes away: events ends" {
	detached "$ID"
	"$HULL" --root "$ROOT" events --interval 1h "$ID" 2>/dev/null 3>&- > >(sleep 0.2) &
	FOLLOWER=$!
	echo "$FOLLOWER" >>"$BATS_TEST_TMPDIR/pids"
	ends "$FOLLOWER"
	is 0 "$ended"
	is running "$(status_of "$ID")"
}

@test "a follower that is killed leaves nothing behind" {
	need memory
	detached "$ID"
	following --interval 1h
	kill -KILL "$FOLLOWER"
	ends "$FOLLOWER"
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
	unchanged
}
