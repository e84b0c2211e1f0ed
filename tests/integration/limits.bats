#!/usr/bin/env bats
# limits: those for which the host must have something: a controller, a disk, a kernel's option, or
# a process that is stuck; each as the kernel's files show it, changed by update, and as it is felt

load lib
load helpers/m_lib
load helpers/m_groups

HULL_MANAGER= # the places are the tests' choice

test_setup() {
	GROUP=/hull-test-$ID
	config '.linux.cgroupsPath = $p | .process.args = ["sleep", "1000"]' --arg p "$GROUP"
}

test_teardown() {
	if [ -n "${STUCK:-}" ]; then
		exec {STUCK_IN}>&-
		ends "$STUCK"
	fi
	m_kill_all
	hull delete --force "$ID" || true
	[ -z "${HUGE:-}" ] || echo "$HUGE" >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
	[ -z "${LOOP:-}" ] || losetup --detach "$LOOP"
	[ -z "${RXE:-}" ] || rdma link delete "$RXE"
	drop_groups
}

resources() { # FILTER
	config ".linux.resources = $1" "${@:2}"
	detached "$ID" || { errors_of "$ID"; return 1; }
}

json() { # DOCUMENT
	hull update --resources - "$ID" <<<"$1"
}

# used NAME - microseconds of processor time of the group below $GROUP
used() {
	if is_v2 cpu; then
		awk '$1 == "usage_usec" { print $2 }' "$V2$GROUP/$1/cpu.stat"
	else
		echo $(($(cat "$CGROOT/cpuacct$GROUP/$1/cpuacct.usage") / 1000))
	fi
}

@test "cpu: shares are felt by two that want one processor" {
	need cpu && need cpuset
	local shares before=() after=()
	sh_config 'while :; do :; done'
	for shares in 2000 200; do
		config '.linux.cgroupsPath = $p | .linux.resources.cpu = {shares: $s, cpus: "0"}' \
			--arg p "$GROUP/$shares" --argjson s "$shares"
		detached "$ID-$shares"
	done
	before=("$(used 2000)" "$(used 200)")
	sleep 2
	after=("$(used 2000)" "$(used 200)")
	echo "${before[*]} ${after[*]}"
	[ $((after[0] - before[0])) -gt $((3 * (after[1] - before[1]))) ]
}

@test "cpu: runtime of real-time processes, up, down, none" {
	need cpu
	is_v2 cpu && skip "only v1 has this limit"
	config '.linux.resources.cpu = {realtimeRuntime: 20000, realtimePeriod: 500000}'
	if [ ! -e "$CGROOT/cpu/cpu.rt_runtime_us" ]; then
		refused "hull: run $ID: linux.resources.cpu.realtimePeriod: * cpu.rt_period_us*: no such file or directory" run "$ID"
		return
	fi
	detached "$ID" || { errors_of "$ID"; return 1; }
	realtime_is 20000 500000
	hull update --cpu-rt-runtime 40000 "$ID"
	realtime_is 40000 500000
	hull update --cpu-rt-runtime 10000 --cpu-rt-period 100000 "$ID"
	realtime_is 10000 100000
	hull update --cpu-share 500 "$ID"
	realtime_is 10000 100000
	fails "hull: update $ID: linux.resources.cpu.realtimeRuntime: *invalid argument" update --cpu-rt-runtime 200000 "$ID"
	realtime_is 10000 100000
	json '{"cpu": {"realtimeRuntime": 0}}' # as Docker says nothing
	realtime_is 10000 100000
}

realtime_is() { # RUNTIME PERIOD
	is "$1 $2" "$(cd "$CGROOT/cpu$GROUP" && cat cpu.rt_runtime_us cpu.rt_period_us | xargs)"
}

# --- memory

@test "memory: with disableOOMKiller what takes more waits, is not killed, and ends by delete" {
	need memory
	is_v2 memory && skip "only v1 has this limit"
	sh_config 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
	resources '{memory: {limit: 33554432, swap: 33554432, disableOOMKiller: true}}'
	local control=$CGROOT/memory$GROUP/memory.oom_control
	wait_for grep -qx "under_oom 1" "$control"
	is "oom_kill_disable 1" "$(head -1 "$control")"
	is "oom_kill 0" "$(grep "^oom_kill " "$control")"
	is running "$(status_of "$ID")"
	timeout 20 "$HULL" --root "$ROOT" delete --force "$ID"
	is "" "$(output_of "$ID")"
}

@test "memory: swappiness and disableOOMKiller are updated" {
	need memory
	is_v2 memory && skip "only v1 has these limits"
	resources '{memory: {limit: 67108864}}'
	local value
	for value in 100 0 33; do
		json "{\"memory\": {\"swappiness\": $value}}"
		is $value "$(cat "$CGROOT/memory$GROUP/memory.swappiness")"
	done
	for value in true false; do
		json "{\"memory\": {\"disableOOMKiller\": $value}}"
		is "oom_kill_disable $([ $value = true ] && echo 1 || echo 0)" \
			"$(head -1 "$CGROOT/memory$GROUP/memory.oom_control")"
	done
	is 33 "$(cat "$CGROOT/memory$GROUP/memory.swappiness")"
}

@test "memory: of the kernel's TCP, and of the kernel, which is no limit any more; useHierarchy" {
	need memory
	is_v2 memory && skip "only v1 has these limits"
	local dir=$CGROOT/memory$GROUP hierarchy
	resources '{memory: {kernelTCP: 40960000, kernel: 50003968, useHierarchy: false}}'
	is 40960000 "$(cat "$dir/memory.kmem.tcp.limit_in_bytes")"
	# Linux 5.16 and later take the number and do nothing, or have no such file
	[ ! -e "$dir/memory.kmem.limit_in_bytes" ] || [ "$(cat "$dir/memory.kmem.limit_in_bytes")" -ge 50003968 ]
	[ ! -e "$dir/memory.use_hierarchy" ] || is 1 "$(cat "$dir/memory.use_hierarchy")"
	json '{"memory": {"kernelTCP": 20480000, "kernel": 60006400, "useHierarchy": true}}'
	is 20480000 "$(cat "$dir/memory.kmem.tcp.limit_in_bytes")"
}

@test "huge pages: what takes more gets no more" {
	need hugetlb
	local all=/sys/kernel/mm/hugepages/hugepages-2048kB
	[ -d $all ] || skip "this kernel has no huge pages of 2 MiB"
	if is_v2 hugetlb && [ -e "$V2/cgroup.type" ] && [ -n "$(cat "$V2/cgroup.procs")" ]; then
		skip "the v2 hierarchy seen here is not the real root, and has processes in it"
	fi
	HUGE=$(cat $all/nr_hugepages)
	echo $((HUGE + 3)) >$all/nr_hugepages
	[ "$(cat $all/free_hugepages)" -ge 3 ] || skip "no three free huge pages can be had"
	cp "$(compile probe)" rootfs/bin/probe
	config '.process.args = ["probe", "huge", "3"]'
	is 3 "$(hull run "$ID")"
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	is 2 "$(hull run "$ID")"
}

# --- block devices

# a_loop - sets LOOP to a disk of one's own and DISK to its number; SCHEDULER is what it has then
a_loop() { # [SCHEDULER]
	truncate -s 4M disk
	modprobe loop 2>/dev/null || true
	LOOP=$(losetup --find --show disk) || { LOOP=; skip "this host gives no loop devices"; }
	DISK=$(cat "/sys/block/${LOOP#/dev/}/dev")
	[ $# = 0 ] && return
	modprobe "$1" 2>/dev/null || true
	echo "$1" >"/sys/block/${LOOP#/dev/}/queue/scheduler" || skip "this kernel has no I/O scheduler $1"
}

node='{major: ($d | split(":")[0] | tonumber), minor: ($d | split(":")[1] | tonumber)}'

@test "block I/O: each of four rates, given and updated: up, down, none" {
	home blkio >/dev/null || need io
	a_loop
	resources "$node as \$n | {blockIO: {throttleReadBpsDevice: [\$n + {rate: 1000}],
		throttleWriteBpsDevice: [\$n + {rate: 2000}], throttleReadIOPSDevice: [\$n + {rate: 30}],
		throttleWriteIOPSDevice: [\$n + {rate: 40}]}}" --arg d "$DISK"
	rates_are 1000 2000 30 40
	rate ReadBps 5000
	rate WriteBps 1500
	rate ReadIOPS 60
	rate WriteIOPS 20
	rates_are 5000 1500 60 20
	rate ReadBps 0
	rate WriteIOPS 0
	rates_are "" 1500 60 ""
	rate WriteBps 0
	rate ReadIOPS 0
	rates_are "" "" "" ""
}

rate() { # KIND RATE
	json "$(jq -n "{blockIO: {throttle$1Device: [$node + {rate: $2}]}}" --arg d "$DISK")"
}

rates_are() { # READ-BPS WRITE-BPS READ-IOPS WRITE-IOPS; "" is none
	local file want
	if [ ! -d "$CGROOT/blkio" ]; then
		want="$DISK rbps=${1:-max} wbps=${2:-max} riops=${3:-max} wiops=${4:-max}"
		[ -n "$1$2$3$4" ] || want=
		is "$want" "$(grep "^$DISK " "$V2$GROUP/io.max")"
		return
	fi
	for file in read_bps write_bps read_iops write_iops; do
		is "${1:+$DISK $1}" "$(cat "$CGROOT/blkio$GROUP/blkio.throttle.${file}_device")" "$file"
		shift
	done
}

@test "block I/O: weight of all and of one device, given and updated, where a disk has BFQ" {
	home blkio >/dev/null || need io
	a_loop bfq
	resources "{blockIO: {weight: 300, weightDevice: [$node + {weight: 200}]}}" --arg d "$DISK"
	weights_are 300 200
	json "$(jq -n "{blockIO: {weightDevice: [$node + {weight: 1000}]}}" --arg d "$DISK")"
	weights_are 300 1000
	hull update --blkio-weight 10 "$ID"
	weights_are 10 1000
	json "$(jq -n "{blockIO: {weight: 500, weightDevice: [$node + {weight: 50}]}}" --arg d "$DISK")"
	weights_are 500 50
	hull delete --force "$ID"
	config '.linux.resources.blockIO = {weight: 5}'
	refused "hull: run $ID: linux.resources.blockIO.weight*: must be from 10 to 1000" run "$ID"
}

@test "block I/O: weights of leaves, which were CFQ's" {
	need blkio
	[ ! -e "$CGROOT/blkio/blkio.leaf_weight" ] || skip "this kernel is older than hull"
	config '.linux.resources.blockIO = {leafWeight: 100}'
	refused "hull: run $ID: linux.resources.blockIO.leafWeight: *: no such file or directory" run "$ID"
	config '.linux.resources.blockIO = {weightDevice: [{major: 7, minor: 0, leafWeight: 100}]}'
	refused "hull: run $ID: linux.resources.blockIO.weightDevice[[]0]: *: no such file or directory" run "$ID"
	config '.linux.resources.blockIO = {weightDevice: [{major: 7, minor: 0}]}'
	refused "hull: run $ID: linux.resources.blockIO.weightDevice[[]0]*" run "$ID"
}

weights_are() { # ALL DEVICE
	local dir=$V2$GROUP file=io.bfq.weight
	[ ! -d "$CGROOT/blkio" ] || dir=$CGROOT/blkio$GROUP file=blkio.bfq.weight
	matches "*$1" "$(head -1 "$dir/$file")"
	[ ! -e "$dir/${file}_device" ] || file=${file}_device # v1 since Linux 5.4 has its own
	is "$DISK $2" "$(grep "^$DISK " "$dir/$file")"
}

# --- network and RDMA

@test "network: class and priorities, given and updated; refused without the controllers" {
	if [ ! -e "$CGROOT/net_cls/net_cls.classid" ] || [ ! -e "$CGROOT/net_prio/net_prio.ifpriomap" ]; then
		config '.linux.resources.network = {classID: 1048577}'
		refused "hull: run $ID: linux.resources.network.classID: *" run "$ID"
		config '.linux.resources.network = {priorities: [{name: "lo", priority: 3}]}'
		refused "hull: run $ID: linux.resources.network.priorities*: *" run "$ID"
		return
	fi
	resources '{network: {classID: 1048577, priorities: [{name: "lo", priority: 3}]}}'
	network_is 1048577 3
	json '{"network": {"classID": 1048578}}'
	network_is 1048578 3
	json '{"network": {"priorities": [{"name": "lo", "priority": 5}]}}'
	network_is 1048578 5
	json '{"network": {"priorities": [{"name": "lo", "priority": 1}]}}'
	network_is 1048578 1
	fails "hull: update $ID: linux.resources.network.priorities\[0\]: *" \
		update --resources <(echo '{"network": {"priorities": [{"name": "nosuch0", "priority": 1}]}}') "$ID"
	network_is 1048578 1
}

network_is() { # CLASS PRIORITY-OF-LO
	is "$1" "$(cat "$CGROOT/net_cls$GROUP/net_cls.classid")"
	is "lo $2" "$(grep "^lo " "$CGROOT/net_prio$GROUP/net_prio.ifpriomap")"
}

@test "rdma: handles and objects of one device, given and updated; refused without the controller" {
	config '.linux.resources.rdma = {nosuch0: {hcaHandles: 3}}'
	refused "hull: run $ID: linux.resources.rdma.nosuch0: *" run "$ID"
	home rdma >/dev/null || return 0
	modprobe rdma_rxe 2>/dev/null && rdma link add hull0 type rxe netdev lo || skip "this host can have no RDMA device"
	RXE=hull0
	resources '{rdma: {hull0: {hcaHandles: 3, hcaObjects: 10000}}}'
	rdma_is "hca_handle=3 hca_object=10000"
	json '{"rdma": {"hull0": {"hcaObjects": 20000}}}'
	rdma_is "hca_handle=3 hca_object=20000"
	json '{"rdma": {"hull0": {"hcaHandles": 2, "hcaObjects": 50}}}'
	rdma_is "hca_handle=2 hca_object=50"
}

rdma_is() { # LIMITS
	is "hull0 $1" "$(grep "^hull0 " "$(home rdma)$GROUP/rdma.max" | xargs)"
}

# --- when limits hold, and what does not obey

@test "limits hold before the first hook and before the program" {
	need pids && need memory
	no_namespace cgroup
	config '.hooks = ({prestart: "a", createRuntime: "b", createContainer: "c"} | map_values([{path: "/bin/sh",
		args: ["sh", "-c", "cat \($d)/pids.max \($m) >\($o)/\(.)"]}])) | .linux.resources = {pids: {limit: 33}, memory: {limit: 67108864}}' \
		--arg o "$BATS_TEST_TMPDIR" --arg d "$(home pids)$GROUP" \
		--arg m "$(home memory)$GROUP/$(is_v2 memory && echo memory.max || echo memory.limit_in_bytes)"
	created "$ID" || { errors_of "$ID"; return 1; }
	local hook
	for hook in a b c; do
		is "33 67108864" "$(xargs <"$BATS_TEST_TMPDIR/$hook")"
	done
}

# stuck - a process in the container's group that neither stops nor ends, until unstuck
stuck() {
	modprobe fuse 2>/dev/null || true
	mkdir stuck
	mkfifo in out
	(exec 3>&-; exec "$PYTHON" "$TESTS/integration/helpers/stuck.py" "$PWD/stuck") <in >out 2>why &
	STUCK=$!
	exec {STUCK_IN}>in
	read -r -t 20 STUCK_PID <out || { ends "$STUCK"; STUCK=; skip "a FUSE file system cannot be mounted: $(cat why)"; }
	local h
	for h in $(hierarchies); do
		echo "$STUCK_PID" >"$h$GROUP/cgroup.procs"
	done
}

unstuck() {
	exec {STUCK_IN}>&-
	ends "$STUCK"
	STUCK=
}

@test "pause that does not come about: an error after ten seconds, and nothing is frozen" {
	sh_config 'while :; do echo x >>/dev/shm/count; usleep 10000; done'
	detached "$ID"
	stuck
	local start=$SECONDS file
	fails "hull: pause $ID: freeze *$GROUP: *timed out" pause "$ID"
	[ $((SECONDS - start)) -le 15 ]
	is running "$(status_of "$ID")"
	file=/proc/$(pid_of "$ID")/root/dev/shm/count
	start=$(stat -c %s "$file")
	wait_for eval '[ "$(stat -c %s "'"$file"'")" -gt '"$start"' ]'
	unstuck
	hull pause "$ID"
	is paused "$(status_of "$ID")"
}

@test "pause is killed while it waits: resume lets go what has stopped" {
	sh_config 'while :; do echo x >>/dev/shm/count; usleep 10000; done'
	detached "$ID"
	stuck
	local file
	"$HULL" --root "$ROOT" pause "$ID" 3>&- &
	sleep 1
	kill -KILL $!
	wait $! || true
	hull resume "$ID" || true # with an error where the kernel waits for the one that is stuck
	file=/proc/$(pid_of "$ID")/root/dev/shm/count
	start=$(stat -c %s "$file")
	wait_for eval '[ "$(stat -c %s "'"$file"'")" -gt '"$start"' ]'
	is running "$(status_of "$ID")"
	unstuck
}

@test "delete names what does not end after ten seconds, and ends when that does" {
	detached "$ID"
	stuck
	local start=$SECONDS
	fails "hull: delete $ID: rmdir *$GROUP: *1 process(es) do not end: $STUCK_PID ([DS]*)" delete --force "$ID"
	[ $((SECONDS - start)) -le 20 ]
	is "$ID" "$(hull list -q)"
	unstuck
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
	is "" "$(hull list -q)"
}
