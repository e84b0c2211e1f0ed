#!/usr/bin/env bats
# cgroups: limits, joining, removing, pausing and killing, on hosts with v1, hybrid and v2
#
# A controller is wherever the host has it: home() finds the directory, and where the two versions
# have other files and values a test names both.

load lib
load helpers/m_lib
load helpers/m_groups

HULL_MANAGER= # the places are the tests' choice

test_setup() {
	GROUP=/hull-test-$ID
	config '.linux.cgroupsPath = $p | .process.args = ["sleep", "100"]' --arg p "$GROUP"
}

test_teardown() {
	m_kill_all
	host_umount_all
	hull delete --force "$ID" || true
	drop_groups
}

# --- limits, as the host's files show them and as they are felt inside

@test "pids.limit: the fork that is one too many fails" {
	need pids
	config '.linux.resources.pids.limit = 6'
	sh_config 'i=0; while [ $i -lt 20 ]; do sleep 100 & i=$((i + 1)); done'
	output=$(hull run "$ID" 2>&1 </dev/null) || true
	has "$output" "Resource temporarily unavailable"
}

@test "pids without a limit say nothing" {
	config '.linux.resources.pids = {} | .process.args = ["true"]'
	hull run "$ID"
}

@test "pids.limit in the host's file; -1 is no limit; 0 is a limit" {
	need pids
	local limit
	for limit in 77 -1 0; do
		config '.linux.resources.pids.limit = ($l | tonumber)' --arg l $limit
		if [ $limit = 0 ]; then
			# a limit counts for forks, and init is not born by one of its own
			created "$ID"
			is 0 "$(cat "$(home pids)$GROUP/pids.max")"
		else
			detached "$ID"
			is "${limit/-1/max}" "$(cat "$(home pids)$GROUP/pids.max")"
		fi
		hull delete --force "$ID"
	done
}

@test "memory.limit: what takes more is killed, and the host counts it" {
	need memory
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	sh_config 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
	status=0
	output=$(hull run --keep "$ID" 2>&1 </dev/null) || status=$?
	lacks "$output" survived
	not is 0 "$status"
	reads memory memory.limit_in_bytes 33554432 memory.max 33554432
	if is_v2 memory; then
		[ "$(awk '$1 == "oom_kill" { print $2 }' "$V2$GROUP/memory.events")" -ge 1 ]
	else
		[ "$(awk '$1 == "oom_kill" { print $2 }' "$(home memory)$GROUP/memory.oom_control")" -ge 1 ]
	fi
}

@test "memory.limit that is too small for init itself: hull says so, and leaves nothing" {
	need memory
	config '.linux.resources.memory = {limit: 4096, swap: 4096} | .process.args = ["true"]'
	refused "hull: run $ID: container init was OOM-killed (memory limit too low?): the limit is 4096 bytes" run "$ID"
}

@test "memory: reservation, swap, swappiness, disableOOMKiller" {
	need memory
	config '.linux.resources.memory = {limit: 67108864, reservation: 33554432, swap: 134217728}'
	detached "$ID"
	reads memory memory.limit_in_bytes 67108864 memory.max 67108864
	reads memory memory.soft_limit_in_bytes 33554432 memory.low 33554432
	if [ -e "$(home memory)$GROUP/memory.memsw.limit_in_bytes" ] || is_v2 memory; then
		reads memory memory.memsw.limit_in_bytes 134217728 memory.swap.max 67108864
	fi
	if ! is_v2 memory; then
		hull delete --force "$ID"
		config '.linux.resources.memory += {swappiness: 33, disableOOMKiller: true}'
		detached "$ID"
		is 33 "$(cat "$(home memory)$GROUP/memory.swappiness")"
		is 1 "$(awk '$1 == "oom_kill_disable" { print $2 }' "$(home memory)$GROUP/memory.oom_control")"
	fi
}

@test "memory: -1 is no limit" {
	need memory
	config '.linux.resources.memory = {limit: -1, swap: -1}'
	detached "$ID"
	reads memory memory.limit_in_bytes "$(cat "$(home memory)/memory.limit_in_bytes" 2>/dev/null)" memory.max max
}

@test "cpu: shares, quota, period, burst" {
	need cpu
	config '.linux.resources.cpu = {shares: 512, quota: 25000, period: 50000, burst: 10000}'
	detached "$ID"
	reads cpu cpu.shares 512 cpu.weight 59
	if is_v2 cpu; then
		is "25000 50000" "$(cat "$V2$GROUP/cpu.max")"
		is 10000 "$(cat "$V2$GROUP/cpu.max.burst")"
	else
		is "25000 50000 10000" "$(cd "$(home cpu)$GROUP" && cat cpu.cfs_quota_us cpu.cfs_period_us cpu.cfs_burst_us | xargs)"
	fi
}

@test "cpu: quota is felt" {
	need cpu
	config '.linux.resources.cpu = {quota: 5000, period: 50000}'
	sh_config 'i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done; sleep 100'
	detached "$ID"
	wait_for eval '[ "$(awk "\$1 == \"nr_throttled\" { print \$2 }" "$(home cpu)$GROUP/cpu.stat")" -ge 2 ]'
}

@test "cpu: only a period; a negative quota; idle" {
	need cpu
	config '.linux.resources.cpu = {period: 50000}'
	detached "$ID"
	reads cpu cpu.cfs_period_us 50000 cpu.max "max 50000"
	hull delete --force "$ID"
	config '.linux.resources.cpu = {quota: -1}'
	detached "$ID"
	reads cpu cpu.cfs_quota_us -1 cpu.max "max 100000"
	hull delete --force "$ID"
	[ -e "$(home cpu)/cpu.idle" ] || is_v2 cpu || return 0
	config '.linux.resources.cpu = {idle: 1}'
	detached "$ID"
	reads cpu cpu.idle 1 cpu.idle 1
}

@test "cpuset: cpus and mems, felt inside" {
	need cpuset
	config '.linux.resources.cpu = {cpus: "0", mems: "0"}'
	detached "$ID"
	reads cpuset cpuset.cpus 0 cpuset.cpus 0
	reads cpuset cpuset.mems 0 cpuset.mems 0
	is 0 "$(hull exec "$ID" sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)"
	is 1 "$(hull exec "$ID" nproc)"
}

@test "cpuset: parents that have none get what theirs have" {
	need cpuset
	is_v2 cpuset && skip "only v1 has cpusets that begin empty"
	config '.linux.cgroupsPath = $p + "/a/b"' --arg p "$GROUP"
	detached "$ID"
	is "$(cat "$(home cpuset)/cpuset.cpus")" "$(cat "$(home cpuset)$GROUP/a/cpuset.cpus")"
	is "$(cat "$(home cpuset)/cpuset.cpus")" "$(cat "$(home cpuset)$GROUP/a/b/cpuset.cpus")"
	[ -n "$(hull exec "$ID" nproc)" ]
}

@test "block I/O: throttling" {
	home blkio >/dev/null || need io
	local device
	device=$(lsblk -dno MAJ:MIN 2>/dev/null | awk '$1 !~ /^(1|7|11):/ { print $1; exit }') || true
	[ -n "$device" ] || device=$(cat /sys/block/*/dev | head -1)
	[ -n "$device" ] || skip "this host has no block device"
	config '.linux.resources.blockIO = {throttleReadBpsDevice: [{major: ($d | split(":")[0] | tonumber),
		minor: ($d | split(":")[1] | tonumber), rate: 1048576}]}' --arg d "$device"
	detached "$ID"
	if [ -d "$CGROOT/blkio" ]; then
		is "$device 1048576" "$(cat "$CGROOT/blkio$GROUP/blkio.throttle.read_bps_device")"
	else
		has "$(cat "$V2$GROUP/io.max")" "$device rbps=1048576"
	fi
}

@test "block I/O: a disk that is throttled is slower" {
	home blkio >/dev/null || need io
	local disk free limited
	mkdir data
	disk=$(disk_of data)
	[ -n "$disk" ] || skip "the tests' directory is not on a disk"
	add_bind /data data
	sh_config 'dd if=/dev/zero of=/data/file bs=64k count=48 oflag=direct 2>/dev/null && echo written'
	free=$(milliseconds_of hull run "$ID")
	config '.linux.resources.blockIO = {throttleWriteBpsDevice: [{major: ($d | split(":")[0] | tonumber),
		minor: ($d | split(":")[1] | tonumber), rate: 1048576}]}' --arg d "$disk"
	limited=$(milliseconds_of hull run "$ID")
	# three megabytes at one a second
	echo "free $free ms, limited $limited ms"
	[ "$limited" -ge 2000 ] && [ "$free" -lt "$limited" ]
}

# disk_of PATH - number of the disk that a file is on; nothing where it is on none
disk_of() {
	local dir
	dir=$(realpath "/sys/dev/block/$(stat -c %Hd:%Ld "$1")" 2>/dev/null) || return 0
	[ ! -e "$dir/partition" ] || dir=${dir%/*}
	cat "$dir/dev" 2>/dev/null || true
}

milliseconds_of() { # COMMAND... that prints "written"
	local start=$EPOCHREALTIME
	is written "$("$@" </dev/null)" && echo $(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
}

@test "huge pages" {
	local size
	need hugetlb
	if is_v2 hugetlb && [ -e "$V2/cgroup.type" ] && [ -n "$(cat "$V2/cgroup.procs")" ]; then
		skip "the v2 hierarchy seen here is not the real root, and has processes in it"
	fi
	size=$(ls /sys/kernel/mm/hugepages | head -1 | sed 's/hugepages-\([0-9]*\)kB/\1/')
	[ -n "$size" ] || skip "this kernel has no huge pages"
	config '.linux.resources.hugepageLimits = [{pageSize: (if $s >= 1048576 then "\($s / 1048576)GB"
		else "\($s / 1024)MB" end), limit: ($s * 1024)}]' --argjson s "$size"
	detached "$ID" || { errors_of "$ID"; return 1; }
	local word=$((size / 1024))MB
	[ "$size" -lt 1048576 ] || word=$((size / 1048576))GB
	reads hugetlb hugetlb.$word.limit_in_bytes $((size * 1024)) hugetlb.$word.max $((size * 1024))
}

# --- devices

# a_device - a node in nodes/ of a device that no container has by default, and that root can open
a_device() {
	local path
	mkdir -p nodes
	for path in /dev/fuse /dev/loop-control /dev/hwrng /dev/rtc0 $(find /dev -maxdepth 1 -type b | sort); do
		(: <"$path") 2>/dev/null || continue
		DEVICE=$(stat -c '%F %Hr %Lr' "$path")
		case $DEVICE in block*) TYPE=b ;; *) TYPE=c ;; esac
		read -r MAJOR MINOR <<<"${DEVICE##*file }"
		mknod nodes/device "$TYPE" "$MAJOR" "$MINOR"
		add_bind /nodes nodes
		config '.process.capabilities |= map_values(. + ["CAP_MKNOD", "CAP_DAC_OVERRIDE"])'
		return
	done
	skip "root can open none of the devices of this host"
}

# opens NODE... - for each whether it can be read
opens() {
	sh_config 'for n in '"$*"'; do (: <$n) 2>/dev/null && echo "$n opens" || echo "$n $( (: <$n) 2>&1 | sed "s/.*: //")"; done'
	hull run "$ID" </dev/null
}

rule() { # ALLOW ACCESS - about that device, as the last of the list
	config '.linux.resources.devices += [{allow: $a, type: $t, major: $m, minor: $n, access: $x}]' \
		--argjson a "$1" --arg x "$2" --arg t "$TYPE" --argjson m "$MAJOR" --argjson n "$MINOR"
}

@test "devices: what is not allowed does not open, though the node can be made" {
	a_device
	is "/nodes/device Operation not permitted
/dev/null opens
/dev/zero opens" "$(opens /nodes/device /dev/null /dev/zero)"
	sh_config "mknod /dev/mine $TYPE $MAJOR $MINOR && echo made; (: </dev/mine) 2>&1 | sed 's/.*: //'"
	is "made
Operation not permitted" "$(hull run "$ID" 2>&1)"
}

@test "devices: a rule that allows" {
	a_device
	rule true r
	is "/nodes/device opens" "$(opens /nodes/device)"
	sh_config '(: >>/nodes/device) 2>&1 | sed "s/.*: //"'
	is "Operation not permitted" "$(hull run "$ID" 2>&1)"
}

@test "devices: rules apply in order" {
	a_device
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	is "/nodes/device opens" "$(opens /nodes/device)"
	rule false rwm
	is "/nodes/device Operation not permitted" "$(opens /nodes/device)"
	rule true rwm
	is "/nodes/device opens" "$(opens /nodes/device)"
	config '.linux.resources.devices += [{allow: false, access: "rwm"}]'
	is "/nodes/device Operation not permitted
/dev/null opens" "$(opens /nodes/device /dev/null)"
}

@test "devices: without any rule only the default ones open" {
	a_device
	config 'del(.linux.resources)'
	is "/nodes/device Operation not permitted
/dev/urandom opens" "$(opens /nodes/device /dev/urandom)"
}

@test "devices: exec is bound by the same rules" {
	a_device
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	has "$(hull exec "$ID" sh -c ': </nodes/device' 2>&1 || true)" "Operation not permitted"
}

# --- places

@test "init and every process of exec are in the group in every hierarchy" {
	detached "$ID"
	hull exec -d "$ID" sleep 200 </dev/null >/dev/null 2>&1
	is "$(hierarchies)" "$(groups_of "$GROUP")"
	local h pid
	for pid in $(hull ps -f json "$ID" | jq '.[]'); do
		for h in $(hierarchies); do
			grep -qx "$pid" "$h$GROUP/cgroup.procs"
		done
		is 1 "$(cut -d: -f3 "/proc/$pid/cgroup" | sort -u | wc -l)"
	done
	is 2 "$(hull ps -f json "$ID" | jq length)"
}

@test "init is in the group before it runs anything" {
	no_namespace cgroup # in which it would read "/"
	config '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "cat /proc/self/cgroup >\($o)"]}]' \
		--arg o "$BATS_TEST_TMPDIR/out"
	detached "$ID"
	is "" "$(grep -v ":$GROUP\$" "$BATS_TEST_TMPDIR/out")"
}

@test "cgroupsPath: absent, relative, absolute, with parents" {
	config 'del(.linux.cgroupsPath)'
	detached "$ID"
	is "$(hierarchies)" "$(groups_of "/$ID")"
	hull delete --force "$ID"
	is "" "$(groups_of "/$ID")"
	config '.linux.cgroupsPath = $p' --arg p "hull-test-$ID/relative"
	detached "$ID"
	is "$(hierarchies)" "$(groups_of "$GROUP/relative")"
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")" # parents that hull made are gone, too
	config '.linux.cgroupsPath = $p' --arg p "$GROUP/a/b/c"
	detached "$ID"
	is "$(hierarchies)" "$(groups_of "$GROUP/a/b/c")"
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
}

@test "cgroupsPath: dots that climb, and the root itself, are refused" {
	local path
	for path in /a/../../b ../b a/.. / // /./.; do
		config '.linux.cgroupsPath = $p' --arg p "$path"
		refused "hull: run $ID: linux.cgroupsPath*: *" run "$ID"
	done
}

@test "a parent that hull made goes with the last container below it, whichever that is" {
	local first last
	for first in a b; do
		last=$([ $first = a ] && echo b || echo a)
		config '.linux.cgroupsPath = $p' --arg p "$GROUP/pod/a"
		detached "$ID-a"
		config '.linux.cgroupsPath = $p' --arg p "$GROUP/pod/b"
		detached "$ID-b"
		hull delete --force "$ID-$first"
		is "" "$(groups_of "$GROUP/pod/$first")"
		is "$(hierarchies)" "$(groups_of "$GROUP/pod/$last")"
		hull delete --force "$ID-$last"
		is "" "$(groups_of "$GROUP")"
	done
}

@test "a parent that hull did not make stays, whatever comes and goes below it" {
	make_groups "$GROUP"
	local id
	for id in a b; do
		config '.linux.cgroupsPath = $p' --arg p "$GROUP/pod/$id"
		detached "$ID-$id"
	done
	hull delete --force "$ID-a"
	hull delete --force "$ID-b"
	is "" "$(groups_of "$GROUP/pod")"
	is "$(hierarchies)" "$(groups_of "$GROUP")"
}

@test "containers that share a parent made and deleted at the same time: it goes with the last" {
	local i pids=()
	for i in 1 2 3 4; do
		mkdir "bundle$i"
		cp -a rootfs "bundle$i/"
		jq --arg p "$GROUP/pod/$i" '.linux.cgroupsPath = $p | .process.args = ["true"]' config.json >"bundle$i/config.json"
		(for _ in 1 2 3 4 5; do hull run -b "bundle$i" "$ID-$i" || exit 1; done) </dev/null >"out$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		ends "$i"
		is 0 "$ended" "$(cat out*)"
	done
	is "" "$(groups_of "$GROUP")"
}

@test "a group that is there and empty is taken, limited, and kept on delete" {
	make_groups "$GROUP"
	config '.linux.resources.pids.limit = 55'
	detached "$ID"
	is 55 "$(cat "$(home pids)$GROUP/pids.max")"
	hull delete --force "$ID"
	is "$(hierarchies)" "$(groups_of "$GROUP")"
}

@test "only what hull made is removed: the parent was there" {
	make_groups "$GROUP"
	config '.linux.cgroupsPath = $p' --arg p "$GROUP/made/here"
	detached "$ID"
	hull delete --force "$ID"
	is "$(hierarchies)" "$(groups_of "$GROUP")"
	is "" "$(groups_of "$GROUP/made")"
}

@test "a group with processes in it is refused, and they live on" {
	make_groups "$GROUP"
	m_background sleep 1000
	local h
	for h in $(hierarchies); do
		echo "$M_PID" >"$h$GROUP/cgroup.procs"
	done
	refused "hull: run $ID: container's cgroup is not empty: 1 process(es) found (*$GROUP)" run "$ID"
	kill -0 "$M_PID"
	grep -qx "$M_PID" "$(home pids)$GROUP/cgroup.procs"
}

@test "a group with processes in a group below it is refused" {
	make_groups "$GROUP"
	make_groups "$GROUP/below"
	m_background sleep 1000
	echo "$M_PID" >"$(home pids)$GROUP/below/cgroup.procs"
	refused "hull: run $ID: container's cgroup is not empty: 1 process(es) found (*" run "$ID"
}

@test "a group that is frozen is refused" {
	make_groups "$GROUP"
	if is_v2 freezer || [ "$V2" = "$CGROOT" ]; then
		echo 1 >"$V2$GROUP/cgroup.freeze"
	else
		echo FROZEN >"$(home freezer)$GROUP/freezer.state"
	fi
	refused "hull: run $ID: container's cgroup unexpectedly frozen (*$GROUP)" run "$ID"
}

@test "groups that the container makes for itself are removed with it" {
	detached "$ID"
	local h pid
	hull exec -d "$ID" sleep 300 </dev/null >/dev/null 2>&1
	pid=$(hull ps -f json "$ID" | jq '.[-1]')
	for h in $(hierarchies); do
		mkdir -p "$h$GROUP/own/deep" "$h$GROUP/second"
		[ ! -e "$h$GROUP/own/cpuset.cpus" ] || [ "$h" = "$V2" ] || {
			local d
			for d in own own/deep; do
				cat "$h$GROUP/cpuset.cpus" >"$h$GROUP/$d/cpuset.cpus"
				cat "$h$GROUP/cpuset.mems" >"$h$GROUP/$d/cpuset.mems"
			done
		}
		[ "$h" = "$V2" ] || echo "$pid" >"$h$GROUP/own/deep/cgroup.procs"
	done
	has "$(hull ps -f json "$ID" | jq -c .)" "$pid" # wherever below it is
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
	not kill -0 "$pid" 2>&1
}

@test "a group that vanished meanwhile is no obstacle to delete" {
	detached "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	local h
	for h in $(hierarchies); do
		wait_for rmdir "$h$GROUP"
	done
	hull delete "$ID"
}

# --- bad values

bad() { # FILTER PATTERN
	config "$1"
	refused "hull: run $ID: $2" run "$ID"
	is "" "$(groups_of "$GROUP")"
	config 'del(.linux.resources)'
}

@test "bad values: one line with the path, and nothing is left" {
	need memory && need cpu && need cpuset
	config '.process.args = ["true"]'
	bad '.linux.resources.pids.limit = "many"' '*linux.resources.pids.limit (line *): *'
	bad '.linux.resources.cpu.cpus = "one"' '*linux.resources.cpu.cpus: *nvalid argument*'
	bad '.linux.resources.cpu.cpus = "0-99999"' '*linux.resources.cpu.cpus: *'
	bad '.linux.resources.blockIO.weight = 5' '*linux.resources.blockIO.weight*: must be from 10 to 1000'
	bad '.linux.resources.cpu.mems = "77"' '*linux.resources.cpu.mems: *'
	bad '.linux.resources.cpu = {quota: 10, period: 50000}' '*linux.resources.cpu.quota: *nvalid argument*'
	bad '.linux.resources.cpu = {quota: 50000, period: 5}' '*linux.resources.cpu.period: *nvalid argument*'
	bad '.linux.resources.memory = {limit: 67108864, swap: 1048576}' '*linux.resources.memory*memory+swap limit should be >= memory limit*'
	bad '.linux.resources.memory.swappiness = 300' '*linux.resources.memory.swappiness*'
	bad '.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}]' '*linux.resources.hugepageLimits\[0\]*'
	bad '.linux.resources.devices = [{allow: true, type: "x"}]' '*linux.resources.devices\[0\].type (line *)*'
	bad '.linux.resources.devices = [{allow: true, access: "q"}]' '*linux.resources.devices\[0\].access (line *)*'
	bad '.linux.resources.devices = [{type: "c"}]' '*linux.resources.devices\[0\]*allow*required*'
}

@test "unified: refused where no v2 hierarchy has the controller" {
	config '.process.args = ["true"]'
	bad '.linux.resources.unified = {"nosuch.max": "1"}' '*linux.resources.unified*nosuch*'
	bad '.linux.resources.unified = {"../x": "1"}' '*linux.resources.unified*'
	if ! is_v2 memory; then
		bad '.linux.resources.unified = {"memory.max": "1000000"}' '*linux.resources.unified*memory*'
	fi
}

@test "unified: written to the v2 group" {
	[ -e "$V2/cgroup.controllers" ] || skip "this host has no cgroup v2"
	config '.linux.resources.unified = {"cgroup.max.depth": "7"}'
	detached "$ID"
	is 7 "$(cat "$V2$GROUP/cgroup.max.depth")"
}

# --- pause and resume

@test "pause stops every process, resume lets them go on" {
	sh_config 'i=0; while :; do i=$((i + 1)); echo $i >/dev/shm/count; done'
	detached "$ID"
	hull exec -d "$ID" sh -c 'while :; do :; done' </dev/null >/dev/null 2>&1
	wait_for hull exec "$ID" test -s /dev/shm/count
	hull pause "$ID"
	is paused "$(status_of "$ID")"
	local file first pid
	file=/proc/$(pid_of "$ID")/root/dev/shm/count
	first=$(cat "$file")
	local ticks=()
	for pid in $(hull ps -f json "$ID" | jq '.[]'); do
		ticks+=("$(cut -d' ' -f14,15 "/proc/$pid/stat")")
	done
	sleep 0.3
	is "$first" "$(cat "$file")"
	is "${ticks[*]}" "$(for pid in $(hull ps -f json "$ID" | jq '.[]'); do cut -d' ' -f14,15 "/proc/$pid/stat"; done | xargs)"
	hull resume "$ID"
	is running "$(status_of "$ID")"
	wait_for eval '[ "$(cat "'"$file"'")" != "'"$first"'" ]'
}

@test "paused: list says so, exec is refused unless asked for, start and second pause fail" {
	detached "$ID"
	fails "hull: resume $ID: container not paused" resume "$ID"
	hull pause "$ID"
	is paused "$(hull list -f json | jq -r '.[0].status')"
	fails "hull: pause $ID: container paused" pause "$ID"
	fails "hull: exec $ID: cannot exec in a paused container*" exec "$ID" true
	fails "hull: delete $ID: cannot delete container $ID that is not stopped: paused" delete "$ID"
	# it waits in the frozen group
	timeout -s KILL 0.5 "$HULL" --root "$ROOT" exec --ignore-paused "$ID" true || is 137 $?
	hull resume "$ID"
	is running "$(status_of "$ID")"
}

@test "a created container that is paused and resumed is created again" {
	created "$ID"
	hull pause "$ID"
	is paused "$(status_of "$ID")"
	hull resume "$ID"
	is created "$(status_of "$ID")"
	hull start "$ID"
	is running "$(status_of "$ID")"
}

@test "pause of a stopped container, and of one that is not there" {
	config '.process.args = ["true"]'
	detached "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: pause $ID: container not running" pause "$ID"
	fails "hull: pause $ID-x: container does not exist" pause "$ID-x"
}

@test "kill of a paused container: KILL takes effect at once, others when it is resumed" {
	config '.process.args = ["sh", "-c", "trap \"exit 5\" TERM; echo ready; while :; do usleep 10000; done"]'
	detached "$ID"
	wait_for eval '[ "$(output_of "$ID")" = ready ]'
	hull pause "$ID"
	hull kill "$ID" TERM
	sleep 0.2
	is paused "$(status_of "$ID")"
	hull resume "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	detached "$ID"
	hull pause "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "delete --force of a paused container" {
	detached "$ID"
	hull pause "$ID"
	hull delete --force "$ID"
	is "" "$(hull list -q)"
	is "" "$(groups_of "$GROUP")"
}

@test "delete --force of a container that froze a group below" {
	detached "$ID"
	local freezer pid
	pid=$(pid_of "$ID")
	hull exec -d "$ID" sleep 300 </dev/null >/dev/null 2>&1
	pid=$(hull ps -f json "$ID" | jq '.[-1]')
	if [ -d "$CGROOT/freezer" ]; then
		freezer=$CGROOT/freezer$GROUP/below
		mkdir "$freezer"
		echo "$pid" >"$freezer/cgroup.procs"
		echo FROZEN >"$freezer/freezer.state"
	else
		freezer=$V2$GROUP/below
		mkdir "$freezer"
		echo "$pid" >"$freezer/cgroup.procs"
		echo 1 >"$freezer/cgroup.freeze"
	fi
	hull delete --force "$ID"
	not kill -0 "$pid" 2>&1
}

@test "kill KILL ends a container that froze a group below" {
	detached "$ID"
	local pid below file=cgroup.freeze frozen=1
	hull exec -d "$ID" sleep 300 </dev/null >/dev/null 2>&1
	pid=$(hull ps -f json "$ID" | jq '.[-1]')
	below=$V2$GROUP/below
	[ ! -d "$CGROOT/freezer" ] || { below=$CGROOT/freezer$GROUP/below file=freezer.state frozen=FROZEN; }
	mkdir "$below"
	echo "$pid" >"$below/cgroup.procs"
	echo $frozen >"$below/$file"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

# --- killing

@test "delete --force of a fork bomb" {
	config '.linux.resources.pids.limit = 200'
	cp "$(compile m_bomb)" rootfs/bin/bomb
	config '.process.args = ["bomb"]'
	detached "$ID"
	wait_for eval '[ "$(cat "$(home pids)$GROUP/pids.current")" -ge 100 ]'
	timeout 20 "$HULL" --root "$ROOT" delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
}

@test "delete --force of a fork bomb without a pid namespace of its own" {
	no_namespace pid
	config '.linux.resources.pids.limit = 200'
	cp "$(compile m_bomb)" rootfs/bin/bomb
	config '.process.args = ["bomb"]'
	detached "$ID"
	wait_for eval '[ "$(cat "$(home pids)$GROUP/pids.current")" -ge 100 ]'
	timeout 20 "$HULL" --root "$ROOT" delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
}

@test "kill -KILL without a pid namespace takes all processes of the group" {
	no_namespace pid
	sh_config 'sleep 1001 & sleep 1002 & sleep 1003 & wait'
	detached "$ID"
	wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" = 4 ]'
	local pids
	pids=$(hull ps -f json "$ID" | jq '.[]')
	hull kill "$ID" KILL
	local pid
	for pid in $pids; do
		wait_for eval "! kill -0 $pid || grep -q '^State:.Z' /proc/$pid/status"
	done
	hull delete "$ID"
}

# --- ps

@test "ps: json and table" {
	sh_config 'sleep 1001 & sleep 1002 & wait'
	detached "$ID"
	wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" = 3 ]'
	local pids
	pids=$(hull ps --format json "$ID" | jq -c .)
	has "$pids" "$(pid_of "$ID")"
	is "$(jq -c sort <<<"$pids")" "$pids"
	output=$(hull ps "$ID")
	matches 'UID *PID *PPID*CMD' "$(head -1 <<<"$output")"
	is 4 "$(wc -l <<<"$output")"
	has "$output" "sleep 1001"
	is "$(jq -r '.[]' <<<"$pids" | sort)" "$(awk 'NR > 1 { print $2 }' <<<"$output" | sort)"
	is "$(jq -r '.[]' <<<"$pids" | sort)" "$(hull ps "$ID" -eo pid,args | awk 'NR > 1 { print $1 }' | sort)"
}

@test "ps: of a stopped container is empty; of none an error; a bad format an error" {
	config '.process.args = ["true"]'
	detached "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is "[]" "$(hull ps -f json "$ID" | jq -c .)"
	fails "hull: ps $ID-x: container does not exist" ps "$ID-x"
	fails "hull: ps *xml*" ps --format xml "$ID"
}

# --- what the container sees

@test "cgroup namespace: its own group is the root of what it sees" {
	sh_config 'cat /proc/self/cgroup'
	is "/" "$(hull run "$ID" | cut -d: -f3 | sort -u)"
	no_namespace cgroup
	is "$GROUP" "$(hull run "$ID" | cut -d: -f3 | sort -u)"
}

@test "cgroup mount: every hierarchy, read-only, from the container's group down" {
	detached "$ID"
	local h name
	info=$(hull exec "$ID" cat /proc/self/mountinfo)
	hull exec "$ID" ls /sys/fs/cgroup >"$BATS_TEST_TMPDIR/ls"
	is "" "$(awk '$5 ~ "^/sys/fs/cgroup" && $6 !~ /^ro,/' <<<"$info")"
	if [ "$V2" = "$CGROOT" ]; then
		is "$(pid_of "$ID")" "$(hull exec "$ID" cat /sys/fs/cgroup/cgroup.procs | head -1 | sed "s/^1$/$(pid_of "$ID")/")"
		return
	fi
	for h in $(hierarchies); do
		name=${h#"$CGROOT"/}
		grep -qx "$name" "$BATS_TEST_TMPDIR/ls"
		has "$(hull exec "$ID" cat "/sys/fs/cgroup/$name/cgroup.procs" | tr '\n' ' ')" "1 "
		has "$(hull exec "$ID" mkdir "/sys/fs/cgroup/$name/new" 2>&1 || true)" "Read-only file system"
	done
}

@test "cgroup mount: writable where asked, and it is the container's own group that is written" {
	config '.mounts |= map(if .type == "cgroup" then .options = ["nosuid", "noexec", "nodev", "rw"] else . end)'
	detached "$ID"
	local place=/sys/fs/cgroup
	[ "$V2" = "$CGROOT" ] || place=$place/pids
	hull exec "$ID" mkdir $place/made
	[ -d "$(home pids)$GROUP/made" ]
}

@test "cgroup mount: without a cgroup namespace the container's own directory is bound" {
	no_namespace cgroup
	detached "$ID"
	local place=/sys/fs/cgroup
	[ "$V2" = "$CGROOT" ] || place=$place/pids
	is "$(ls "$(home pids)$GROUP")" "$(hull exec "$ID" ls $place)"
	has "$(hull exec "$ID" mkdir $place/new 2>&1 || true)" "Read-only file system"
	is "" "$(hull exec "$ID" find /sys/fs/cgroup -name 'process_api' -o -name 'hull-test-*')"
}

@test "cgroup mount: a container without groups of its own sees the group that hull is in, nothing above" {
	local above place=/sys/fs/cgroup
	above=$(home pids)/hull-test-$ID
	[ "$V2" = "$CGROOT" ] || place=$place/pids
	sh_config "find $place -type d"
	mkdir "$above" "$above/below"
	output=$(echo "$BASHPID" >"$above/cgroup.procs" && hull --cgroup-manager disabled run "$ID" 2>&1) || true
	rmdir "$above/below" "$above"
	is "$(printf '%s\n' $place $place/below)" "$output"
}

@test "cgroup mount: user namespace: read-only without a cgroup namespace, whatever is asked (CVE-2023-25809)" {
	user_namespace
	no_namespace cgroup
	config '.mounts |= map(if .type == "cgroup" then .options = ["rw"] else . end)'
	sh_config 'grep " /sys/fs/cgroup" /proc/self/mountinfo; find /sys/fs/cgroup -type d | while read d; do
		mkdir $d/new 2>/dev/null && echo "made $d/new"; done; true'
	output=$(hull run "$ID")
	lacks "$output" made
	is "" "$(awk '$5 ~ "^/sys/fs/cgroup/" && $6 !~ /^ro/' <<<"$output")"
}

@test "release_agent cannot be written from inside (CVE-2022-0492)" {
	[ -e "$CGROOT/memory/release_agent" ] || skip "only v1 has release_agent"
	config '.mounts |= map(if .type == "cgroup" then .options = ["rw"] else . end)
		| .process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])'
	sh_config 'find /sys/fs/cgroup -name release_agent; for f in $(find /sys/fs/cgroup -name release_agent); do
		echo /bin/false >$f 2>/dev/null && echo "wrote $f"; done; true'
	local before
	before=$(cat "$CGROOT"/*/release_agent)
	lacks "$(hull run "$ID")" wrote
	is "$before" "$(cat "$CGROOT"/*/release_agent)"
}

# --- going without

@test "--cgroup-manager disabled: the container stays where hull is" {
	hull --cgroup-manager disabled run -d "$ID" </dev/null >/dev/null 2>&1
	is "" "$(groups_of "$GROUP")"
	is "$(cut -d: -f2- /proc/self/cgroup)" "$(cut -d: -f2- "/proc/$(pid_of "$ID")/cgroup")"
	fails "hull: pause $ID: container has no cgroup to freeze" pause "$ID"
	fails "hull: ps $ID: container has no cgroup to list" ps "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}
