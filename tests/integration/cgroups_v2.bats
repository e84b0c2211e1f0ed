#!/usr/bin/env bats
# cgroups_v2: what only a host with its controllers on cgroup v2 can show

load lib
load helpers/m_lib

HULL_MANAGER= # the places are the tests' choice

test_setup() {
	[ -e "$CGROOT/cgroup.controllers" ] || skip "controllers are not on cgroup v2"
	TOP=$CGROOT/hull-test-$ID
	GROUP=$TOP/c
	config '.linux.cgroupsPath = $p | .process.args = ["sleep", "100"]' --arg p "${GROUP#"$CGROOT"}"
}

test_teardown() {
	m_kill_all
	hull delete --force "$ID" || true
	host_umount_all
	[ ! -d "$TOP" ] || find "$TOP" -depth -type d -exec rmdir {} +
}

# values FILE... - of the container's group, in one line
values() {
	(cd "$GROUP" && cat "$@") | paste -sd '|'
}

resources() { # FILTER
	config ".linux.resources = $1"
	detached "$ID" || { errors_of "$ID"; return 1; }
}

# --- what is written

@test "memory: limit, reservation, swap: swap alone is counted here" {
	resources '{memory: {limit: 67108864, reservation: 33554432, swap: 134217728}}'
	is "67108864|33554432|67108864" "$(values memory.max memory.low memory.swap.max)"
	hull delete --force "$ID"
	resources '{memory: {limit: 67108864, swap: 67108864}}'
	is "67108864|0" "$(values memory.max memory.swap.max)"
	hull delete --force "$ID"
	resources '{memory: {limit: 67108864, swap: -1}}'
	is "67108864|max" "$(values memory.max memory.swap.max)"
}

@test "cpu: weight of shares, quota with and without a period, burst, idle" {
	resources '{cpu: {shares: 1024, quota: 20000, burst: 5000}}'
	is "100|20000 100000|5000" "$(values cpu.weight cpu.max cpu.max.burst)"
	hull delete --force "$ID"
	resources '{cpu: {shares: 2, quota: -1, period: 200000}}'
	is "1|max 200000" "$(values cpu.weight cpu.max)"
	hull delete --force "$ID"
	resources '{cpu: {shares: 262144, idle: 1}}' # which has no weight
	is 1 "$(values cpu.idle)"
}

@test "cpuset: the group has what is allowed, effectively" {
	resources '{cpu: {cpus: "0", mems: "0"}}'
	is "0|0|0" "$(values cpuset.cpus cpuset.cpus.effective cpuset.mems.effective)"
}

@test "block I/O: each throttle, and zero takes it away" {
	a_disk
	resources '{blockIO: {throttleReadBpsDevice: [$d + {rate: 1000000}], throttleWriteBpsDevice: [$d + {rate: 2000000}],
		throttleReadIOPSDevice: [$d + {rate: 300}], throttleWriteIOPSDevice: [$d + {rate: 400}]}}'
	is "$DISK rbps=1000000 wbps=2000000 riops=300 wiops=400" "$(values io.max)"
	hull delete --force "$ID"
	resources '{blockIO: {throttleReadBpsDevice: [$d + {rate: 0}]}}'
	is "" "$(values io.max)"
}

# a_disk - sets DISK to the number of a disk, and $d for the filters of resources()
a_disk() {
	DISK=$(cat /sys/block/*/dev | grep -Ev '^(1|2|7|11):' | head -1)
	[ -n "$DISK" ] || skip "this host has no disk"
	config '.annotations.disk = $d' --arg d "$DISK"
	resources() {
		config '(.annotations.disk | split(":") | map(tonumber) | {major: .[0], minor: .[1]}) as $d
			| .linux.resources = '"$1"
		detached "$ID" || { errors_of "$ID"; return 1; }
	}
}

@test "block I/O: the weight, in the file that this kernel has" {
	config '.linux.resources.blockIO = {weight: 500}'
	local created
	created=$(detached "$ID" && values $(cd "$GROUP" && ls io.weight io.bfq.weight 2>/dev/null)) || {
		matches "hull: run $ID: linux.resources.blockIO.weight: write io.bfq.weight *" "$(errors_of "$ID")"
		skip "this kernel has neither io.weight nor io.bfq.weight"
	}
	has "$created" "default $([ -e "$GROUP/io.bfq.weight" ] && echo 500 || echo 4950)"
}

@test "unified: written last, word for word; a bad value names its key" {
	resources '{memory: {limit: 67108864}, unified: {"memory.max": "50331648", "memory.high": "41943040", "pids.max": "33"}}'
	is "50331648|41943040|33" "$(values memory.max memory.high pids.max)"
	hull delete --force "$ID"
	config '.linux.resources = {unified: {"memory.high": "plenty"}}'
	refused "hull: run $ID: linux.resources.unified*memory.high*nvalid argument*" run "$ID"
}

@test "limits that v2 does not know are refused, by their names" {
	local filter
	for filter in 'cpu = {realtimeRuntime: 5000}' 'cpu = {realtimePeriod: 100000}' 'memory = {swappiness: 10}' \
		'memory = {disableOOMKiller: true}' 'memory = {kernel: 9000000}' 'memory = {kernelTCP: 9000000}' \
		'network = {classID: 5}' 'network = {priorities: [{name: "lo", priority: 1}]}' 'blockIO = {leafWeight: 100}' \
		'blockIO = {weightDevice: [{major: 8, minor: 0, leafWeight: 100}]}'; do
		config ".linux.resources = {} | .linux.resources.$filter"
		refused "hull: run $ID: linux.resources.${filter%% *}.*: cgroup v2 has no such limit" run "$ID"
	done
	# wishes for nothing, as Docker and kubelet have them
	resources '{memory: {swappiness: 60, disableOOMKiller: false, kernel: 0, kernelTCP: 0, useHierarchy: false}}'
	is max "$(values memory.max)"
}

# --- what is felt

@test "a limit of 512 KiB is enough to start a small program" {
	cp "$(compile probe)" rootfs/bin/probe
	config '.process.args = ["probe", "pdeathsig"] | .linux.resources.memory = {limit: 524288, swap: 524288}'
	is 0 "$(hull run "$ID" </dev/null)"
}

@test "oom group: with memory.oom.group the whole container ends, not one process" {
	config '.linux.resources = {memory: {limit: 33554432, swap: 33554432}, unified: {"memory.oom.group": "1"}}'
	sh_config 'trap "" TERM; (x=$(head -c 100000000 /dev/zero | tr "\0" x)); echo survived; sleep 100'
	status=0
	output=$(hull run "$ID" 2>&1 </dev/null) || status=$?
	is 137 "$status"
	lacks "$output" survived
}

@test "cpu quota: a busy process gets its share and no more" {
	config '.linux.resources.cpu = {quota: 10000, period: 100000}'
	sh_config 'while :; do :; done'
	detached "$ID"
	local before after
	before=$(awk '$1 == "usage_usec" { print $2 }' "$GROUP/cpu.stat")
	sleep 3
	after=$(awk '$1 == "usage_usec" { print $2 }' "$GROUP/cpu.stat")
	# 10 %, and a slow machine that sleeps longer than three seconds makes it more, not all
	[ $((after - before)) -lt 1500000 ]
	[ "$(awk '$1 == "nr_throttled" { print $2 }' "$GROUP/cpu.stat")" -ge 5 ]
}

# --- controllers and the groups above

@test "every controller of the host is there for the container, and for groups of its own" {
	detached "$ID"
	is "$(cat "$CGROOT/cgroup.controllers")" "$(cat "$GROUP/cgroup.controllers")"
	is "$(cat "$CGROOT/cgroup.controllers")" "$(cat "$TOP/cgroup.subtree_control")"
	is "" "$(cat "$GROUP/cgroup.subtree_control")"
}

@test "a parent with processes: no limit and one of threads work, another is refused with the reason" {
	mkdir "$TOP"
	m_background sleep 1000
	echo "$M_PID" >"$TOP/cgroup.procs"
	host_changed
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "0::/" "$(hull exec "$ID" cat /proc/self/cgroup)"
	hull delete --force "$ID"
	config '.linux.resources.memory = {limit: 67108864}'
	refused "hull: run $ID: linux.resources.memory.limit: enable the memory controller in $TOP/cgroup.subtree_control: *busy (that group has processes)" run "$ID"
	is domain "$(cat "$TOP/cgroup.type")"
	config '.linux.resources = {pids: {limit: 30}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "threaded|30" "$(values cgroup.type pids.max)"
}

@test "a parent in threaded mode: threaded controllers work, another is refused" {
	mkdir "$TOP"
	echo threaded >"$TOP/cgroup.type"
	host_changed
	config '.linux.resources = {pids: {limit: 40}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "threaded|40" "$(values cgroup.type pids.max)"
	is sleep "$(ps -o comm= -p "$(pid_of "$ID")")"
	hull delete --force "$ID"
	# where the kernel knows no cgroup.kill, and processes do not end with init
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	sh_config 'sleep 1000 & sleep 1000'
	detached "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete --force "$ID"
	config '.linux.namespaces += [{type: "pid"}]'
	config '.linux.resources = {memory: {limit: 67108864}}'
	refused "hull: run $ID: linux.resources.memory.limit: *" run "$ID"
}

# --- devices: a program at the group

@test "devices: programs at a group that was there before are replaced, not piled up" {
	mkdir -p "$GROUP"
	host_changed
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 3, access: "rw"}]'
	sh_config '(: </dev/null) && echo null; (: </dev/zero) 2>/dev/null && echo zero; true'
	local i
	for i in 1 2 3; do
		has "$(hull run "$ID" </dev/null)" null
	done
	# a program that stayed would still deny what the last container may
	config 'del(.linux.resources)'
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	is "null
zero" "$(hull run "$ID" </dev/null)"
}

@test "devices: what a container's own user namespace may, its rules do not forbid to start" {
	user_namespace
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	is ran "$(inside 'echo ran')"
}

# --- ownership (config-linux.md, "Cgroup ownership")

@test "a writable cgroup mount in a user namespace: the group and its files to delegate are root's there" {
	user_namespace
	config '.mounts |= map(if .type == "cgroup" then .options = ["nosuid", "noexec", "nodev", "rw"] else . end)'
	detached "$ID"
	is 100000 "$(stat -c %u "$GROUP")"
	is "100000" "$(cd "$GROUP" && stat -c %u cgroup.procs cgroup.threads cgroup.subtree_control | sort -u)"
	is 0 "$(cd "$GROUP" && stat -c %u cgroup.type memory.max pids.max | sort -u)"
	hull exec "$ID" mkdir /sys/fs/cgroup/own
	has "$(hull exec "$ID" sh -c 'echo 5 >/sys/fs/cgroup/pids.max' 2>&1 || true)" "ermission denied"
	is 100000 "$(stat -c %u "$GROUP/own")"
}

@test "a read-only cgroup mount: nothing changes owner" {
	user_namespace
	detached "$ID"
	is 0 "$(stat -c %u "$GROUP" "$GROUP"/* | sort -u)"
}

# --- killing and freezing

@test "pause is cgroup.freeze of the group, and waits until it is frozen" {
	sh_config 'sleep 1001 & sleep 1002 & wait'
	detached "$ID"
	wait_for eval '[ "$(wc -l <"$GROUP/cgroup.procs")" = 3 ]'
	hull pause "$ID"
	is "1|frozen 1" "$(values cgroup.freeze)|$(grep frozen "$GROUP/cgroup.events")"
	hull resume "$ID"
	is "0|frozen 0" "$(values cgroup.freeze)|$(grep frozen "$GROUP/cgroup.events")"
}

@test "kill -KILL of a paused container takes effect at once" {
	detached "$ID"
	hull pause "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	[ ! -e "$GROUP" ]
}

@test "a group that threads of the container have made threaded is removed with it" {
	config '.mounts |= map(if .type == "cgroup" then .options = ["rw"] else . end)'
	detached "$ID"
	hull exec "$ID" sh -c 'mkdir /sys/fs/cgroup/t && echo threaded >/sys/fs/cgroup/t/cgroup.type'
	is "domain threaded" "$(values cgroup.type)"
	hull delete --force "$ID"
	[ ! -e "$TOP" ]
}
