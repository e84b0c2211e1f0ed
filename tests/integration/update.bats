#!/usr/bin/env bats
# update: limits of a container that exists, on hosts with v1, hybrid and v2
#
# The matrix: every field up, down, without a limit, and not given.

load lib
load helpers/m_lib
load helpers/m_groups

M=1048576

# json DOCUMENT - update by --resources from standard input
json() {
	hull update --resources - "$ID" <<<"$1"
}

# unchanged_by PATTERN ARGS... - hull update ARGS ID fails with one line; no value is another one
unchanged_by() {
	local before pattern=$1
	shift
	before=$(all_values)
	fails "hull: update $ID: $pattern" update "$@" "$ID" || return 1
	is "$before" "$(all_values)" "the groups' files after a refusal"
}

# refuses PATTERN DOCUMENT - the same by --resources
refuses() {
	printf '%s' "$2" >"$BATS_TEST_TMPDIR/resources.json"
	unchanged_by "$1" --resources "$BATS_TEST_TMPDIR/resources.json"
}

# saved JQ-PATH - what the container keeps of its configuration, as the next update will find it
saved() {
	jq -c ".linux.resources$1" "$ROOT/$ID/config.json"
}

has_swap() {
	if is_v2 memory; then
		[ -e "$V2$GROUP/memory.swap.max" ]
	else
		[ -e "$(home memory)$GROUP/memory.memsw.limit_in_bytes" ]
	fi
}

# memory_is LIMIT [TOTAL] - of memory, and of memory and swap together, in bytes; -1: none
memory_is() {
	local none swap=max
	none=$(cat "$(home memory)/memory.limit_in_bytes" 2>/dev/null) || true
	reads memory memory.limit_in_bytes "${1/#-1/$none}" memory.max "${1/#-1/max}" || return 1
	[ $# = 2 ] && has_swap || return 0
	[ "$2" = -1 ] || swap=$(($2 - $1))
	reads memory memory.memsw.limit_in_bytes "${2/#-1/$none}" memory.swap.max $swap
}

@test "memory: up, down, without a limit; with units; the rest stays" {
	need memory
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 40}}'
	detached "$ID"
	hull update --memory 134217728 "$ID"
	memory_is $((128 * M))
	hull update --memory 32m "$ID"
	memory_is $((32 * M))
	hull update --memory -1 "$ID"
	memory_is -1 -1
	hull update --memory 1G "$ID"
	memory_is $((1024 * M))
	hull update --memory 0 "$ID" # not given
	hull update --memory "" "$ID"
	memory_is $((1024 * M))
	is 40 "$(cat "$(home pids)$GROUP/pids.max")"
	is running "$(status_of "$ID")"
}

@test "memory and swap: all four directions, one alone, none" {
	need memory
	config '.linux.resources.memory = {limit: 67108864, swap: 134217728}'
	detached "$ID"
	has_swap || skip "this host does not count swap"
	hull update --memory 128m --memory-swap 256m "$ID"
	memory_is $((128 * M)) $((256 * M))
	hull update --memory 32m --memory-swap 48m "$ID"
	memory_is $((32 * M)) $((48 * M))
	hull update --memory 16m --memory-swap 256m "$ID"
	memory_is $((16 * M)) $((256 * M))
	hull update --memory 128m --memory-swap 130m "$ID"
	memory_is $((128 * M)) $((130 * M))
	hull update --memory-swap 200m "$ID"
	memory_is $((128 * M)) $((200 * M))
	hull update --memory 64m "$ID" # 200 MiB together, as before
	memory_is $((64 * M)) $((200 * M))
	hull update --memory-swap -1 "$ID"
	memory_is $((64 * M)) -1
	hull update --memory 32m --memory-swap 32m "$ID"
	memory_is $((32 * M)) $((32 * M))
	hull update --memory -1 "$ID"
	memory_is -1 -1
	hull update --memory -1 --memory-swap -1 "$ID"
	memory_is -1 -1
}

@test "memory: reservation up, down, without a limit" {
	need memory
	local none
	none=$(cat "$(home memory)/memory.soft_limit_in_bytes" 2>/dev/null) || true
	config '.linux.resources.memory = {reservation: 33554432}'
	detached "$ID"
	hull update --memory-reservation 64m "$ID"
	reads memory memory.soft_limit_in_bytes $((64 * M)) memory.low $((64 * M))
	hull update --memory-reservation 16m "$ID"
	reads memory memory.soft_limit_in_bytes $((16 * M)) memory.low $((16 * M))
	hull update --memory 128m "$ID"
	reads memory memory.soft_limit_in_bytes $((16 * M)) memory.low $((16 * M))
	hull update --memory-reservation -1 "$ID"
	reads memory memory.soft_limit_in_bytes "$none" memory.low max
}

@test "memory: checkBeforeUpdate keeps what is in use from being killed" {
	need memory
	config '.linux.resources.memory = {limit: 67108864}'
	sh_config 'x=$(head -c 20000000 /dev/zero | tr "\0" x); touch /dev/shm/done; sleep 1000; :'
	detached "$ID"
	wait_for hull exec "$ID" test -e /dev/shm/done
	if is_v2 memory; then
		refuses 'linux.resources.memory.limit: rejecting memory limit 4194304 <= usage *' \
			'{"memory": {"limit": 4194304, "checkBeforeUpdate": true}}'
		refuses 'linux.resources.memory.swap: rejecting memory+swap limit 5242880 <= usage *' \
			'{"memory": {"limit": 4194304, "swap": 5242880, "checkBeforeUpdate": true}}'
	else
		# v1 tries to make room and refuses when it cannot
		swapoff_here=$(awk 'NR > 1' /proc/swaps)
		[ -z "$swapoff_here" ] || skip "this host has swap, to which v1 moves what is too much"
		refuses 'linux.resources.memory.limit: write memory.limit_in_bytes "4194304": device or resource busy' \
			'{"memory": {"limit": 4194304}}'
	fi
	is running "$(status_of "$ID")"
	memory_is $((64 * M))
}

# cpu_is QUOTA PERIOD
cpu_is() {
	if is_v2 cpu; then
		is "${1/#-1/max} $2" "$(cat "$V2$GROUP/cpu.max")"
	else
		is "$1 $2" "$(cd "$(home cpu)$GROUP" && cat cpu.cfs_quota_us cpu.cfs_period_us | xargs)"
	fi
}

@test "cpu: quota and period up, down, without a limit, one without the other" {
	need cpu
	config 'del(.linux.resources.cpu)'
	detached "$ID"
	cpu_is -1 100000
	hull update --cpu-period 50000 "$ID"
	cpu_is -1 50000
	hull update --cpu-quota 20000 "$ID"
	cpu_is 20000 50000
	hull update --cpu-period 900000 "$ID"
	cpu_is 20000 900000
	hull update --cpu-quota 600000 "$ID"
	cpu_is 600000 900000
	hull update --cpu-quota 5000 --cpu-period 10000 "$ID"
	cpu_is 5000 10000
	hull update --cpu-quota 600000 --cpu-period 900000 "$ID"
	cpu_is 600000 900000
	hull update --cpu-quota 0 --cpu-period 0 "$ID" # not given
	cpu_is 600000 900000
	hull update --cpu-quota -1 "$ID"
	cpu_is -1 900000
	hull update --cpu-quota -1 --cpu-period 100000 "$ID"
	cpu_is -1 100000
}

@test "cpu: a quota that is more than a parent's, and the order that makes one possible" {
	need cpu
	is_v2 cpu && skip "v2 does not compare with the parent"
	make_groups "$GROUP"
	echo 50000 >"$(home cpu)$GROUP/cpu.cfs_quota_us"
	config '.linux.cgroupsPath = $p' --arg p "$GROUP/below"
	detached "$ID"
	GROUP=$GROUP/below
	unchanged_by 'linux.resources.cpu.quota: write cpu.cfs_quota_us "60000": invalid argument' --cpu-quota 60000
	hull update --cpu-quota 40000 "$ID"
	hull update --cpu-period 10000 --cpu-quota 3000 "$ID" # either alone is more than there is
	cpu_is 3000 10000
	hull update --cpu-period 100000 --cpu-quota 40000 "$ID"
	cpu_is 40000 100000
	hull delete --force "$ID"
	GROUP=${GROUP%/below}
	drop_groups
	unchanged || host_changed
}

@test "cpu: shares, burst and idle" {
	need cpu
	config '.linux.resources.cpu = {shares: 512}'
	detached "$ID"
	hull update --cpu-share 2048 "$ID"
	reads cpu cpu.shares 2048 cpu.weight 174
	hull update --cpu-share 1024 "$ID"
	reads cpu cpu.shares 1024 cpu.weight 100
	hull update --cpu-share 0 "$ID"
	reads cpu cpu.shares 1024 cpu.weight 100
	hull update --cpu-quota 50000 --cpu-burst 20000 "$ID"
	reads cpu cpu.cfs_burst_us 20000 cpu.max.burst 20000
	hull update --cpu-quota 100000 "$ID"
	reads cpu cpu.cfs_burst_us 20000 cpu.max.burst 20000
	hull update --cpu-burst 0 "$ID"
	reads cpu cpu.cfs_burst_us 0 cpu.max.burst 0
	[ -e "$(home cpu)$GROUP/cpu.idle" ] || return 0
	hull update --cpu-share 2048 --cpu-idle 1 "$ID"
	reads cpu cpu.idle 1 cpu.idle 1
	hull update --cpu-share 512 "$ID" # for later
	hull update --cpu-period 10000 "$ID"
	reads cpu cpu.idle 1 cpu.idle 1
	hull update --cpu-idle 0 "$ID"
	reads cpu cpu.idle 0 cpu.idle 0
	reads cpu cpu.shares 512 cpu.weight 59
	for value in -1 2 x; do
		unchanged_by "--cpu-idle*$value*" --cpu-idle $value
	done
}

@test "cpuset: other processors, felt inside; not given stays" {
	need cpuset
	[ "$(nproc)" -gt 1 ] || skip "this host has one processor"
	config '.linux.resources.cpu = {cpus: "0-1"}'
	detached "$ID"
	hull update --cpuset-cpus 1 "$ID"
	reads cpuset cpuset.cpus 1 cpuset.cpus 1
	is 1 "$(hull exec "$ID" sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)"
	hull update --cpuset-mems 0 "$ID"
	reads cpuset cpuset.cpus 1 cpuset.cpus 1
	reads cpuset cpuset.mems 0 cpuset.mems 0
	hull update --cpuset-cpus "" "$ID"
	reads cpuset cpuset.cpus 1 cpuset.cpus 1
	hull update --cpuset-cpus 0-1 "$ID"
	reads cpuset cpuset.cpus 0-1 cpuset.cpus 0-1
	json '{"cpu": {"cpus": "0"}}'
	is 0 "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$(pid_of "$ID")/status")"
}

@test "pids: up, down, without a limit, 0; and felt" {
	need pids
	local limit
	config '.linux.resources.pids.limit = 20'
	detached "$ID"
	for limit in 1 12345 10 -1 0; do
		hull update --pids-limit $limit "$ID"
		is "${limit/-1/max}" "$(cat "$(home pids)$GROUP/pids.max")"
		if [ "${limit#[01]}" ]; then
			is in "$(hull exec "$ID" echo in)"
		else
			fails "hull: exec $ID: *resource temporarily unavailable*" exec "$ID" true
		fi
	done
	is 0 "$(cat "$(home pids)$GROUP/pids.max")"
	is 0 "$(saved .pids.limit)"
}

@test "block I/O: weight, and rates of one device up, down, without a limit" {
	need blkio || need io
	local device node document
	device=$(lsblk -dno MAJ:MIN 2>/dev/null | awk '$1 !~ /^(1|7|11):/ { print $1; exit }') || true
	[ -n "$device" ] || skip "this host has no block device"
	node='{major: ($d | split(":")[0] | tonumber), minor: ($d | split(":")[1] | tonumber), rate: $r}'
	detached "$ID"
	for rate in 1048576 2097152 524288; do
		document=$(jq -n "{blockIO: {throttleReadBpsDevice: [$node]}}" --arg d "$device" --argjson r $rate)
		json "$document"
		if [ -d "$CGROOT/blkio" ]; then
			is "$device $rate" "$(cat "$CGROOT/blkio$GROUP/blkio.throttle.read_bps_device")"
		else
			has "$(cat "$V2$GROUP/io.max")" "$device rbps=$rate wbps=max"
		fi
	done
	json "$(jq -n "{blockIO: {throttleWriteIOPSDevice: [$node]}}" --arg d "$device" --argjson r 77)"
	is '[524288,77]' "$(saved .blockIO | jq -c '[.throttleReadBpsDevice[0].rate, .throttleWriteIOPSDevice[0].rate]')"
	json "$(jq -n "{blockIO: {throttleReadBpsDevice: [$node]}}" --arg d "$device" --argjson r 0)"
	if [ -d "$CGROOT/blkio" ]; then
		is "" "$(cat "$CGROOT/blkio$GROUP/blkio.throttle.read_bps_device")"
		is "$device 77" "$(cat "$CGROOT/blkio$GROUP/blkio.throttle.write_iops_device")"
	else
		has "$(cat "$V2$GROUP/io.max")" "$device rbps=max wbps=max riops=max wiops=77"
	fi
}

@test "block I/O: weight up, down, not given" {
	need blkio || need io
	detached "$ID"
	local file weight
	for file in "$CGROOT/blkio$GROUP/blkio.bfq.weight" "$CGROOT/blkio$GROUP/blkio.weight" \
		"$V2$GROUP/io.bfq.weight"; do
		[ -e "$file" ] && break
	done
	if [ ! -e "$file" ]; then
		[ ! -e "$V2$GROUP/io.weight" ] || skip "io.weight is tested by unit tests"
		unchanged_by 'linux.resources.blockIO.weight: *no such file or directory' --blkio-weight 500
		return
	fi
	for weight in 500 1000 10; do
		hull update --blkio-weight $weight "$ID"
		matches "*$weight" "$(head -1 "$file")"
	done
	json '{"blockIO": {"weight": 0}}' # how callers say nothing
	matches "*10" "$(head -1 "$file")"
}

@test "huge pages: up, down" {
	need hugetlb
	local size word
	if is_v2 hugetlb && [ -e "$V2/cgroup.type" ] && [ -n "$(cat "$V2/cgroup.procs")" ]; then
		skip "the v2 hierarchy seen here is not the real root, and has processes in it"
	fi
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "this kernel has no huge pages of 2 MiB"
	detached "$ID" # next to v1 nothing has enabled the controller on v2 so far
	for size in $((4 * M)) $((8 * M)) 0; do
		json "{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": $size}]}"
		reads hugetlb hugetlb.2MB.limit_in_bytes $size hugetlb.2MB.max $size
	done
}

@test "unified: written verbatim, one by one" {
	[ -e "$V2/cgroup.controllers" ] || skip "this host has no cgroup v2"
	config '.linux.resources.unified = {"cgroup.max.depth": "7"}'
	detached "$ID"
	json '{"unified": {"cgroup.max.descendants": "9"}}'
	is "7 9" "$(cat "$V2$GROUP/cgroup.max.depth" "$V2$GROUP/cgroup.max.descendants" | xargs)"
	json '{"unified": {"cgroup.max.depth": "max"}}'
	is max "$(cat "$V2$GROUP/cgroup.max.depth")"
	is '{"cgroup.max.depth":"max","cgroup.max.descendants":"9"}' "$(saved .unified)"
	is_v2 cpu || return 0
	json '{"unified": {"cpu.max": "max 100000", "cpu.weight": "16", "pids.max": "10"}}'
	is "max 100000 16 10" "$(cd "$V2$GROUP" && cat cpu.max cpu.weight pids.max | xargs)"
}

# change_pids_max N - as somebody else would; what systemd has not been told it writes over at any time
change_pids_max() {
	if [ "${HULL_MANAGER:-}" = systemd ]; then
		systemctl set-property --runtime "$(basename "$GROUP")" TasksMax="$1"
		wait_for eval '[ "$(cat "$(home pids)$GROUP/pids.max")" = '"$1"' ]'
	else
		echo "$1" >"$(home pids)$GROUP/pids.max"
	fi
}

@test "what is not given stays as it is, also where somebody else has changed it" {
	need pids && need memory
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 40}}'
	detached "$ID"
	change_pids_max 33
	hull update --memory 32m "$ID"
	is 33 "$(cat "$(home pids)$GROUP/pids.max")"
	hull update "$ID" # of nothing
	json '{}'
	is 33 "$(cat "$(home pids)$GROUP/pids.max")"
	memory_is $((32 * M))
}

@test "documents as Docker, Kubernetes and Podman send them" {
	need memory && need cpu
	config '.linux.resources = {memory: {limit: 134217728, swap: 268435456}, cpu: {shares: 512, quota: 30000, period: 100000}, pids: {limit: 40}}'
	detached "$ID"
	# zeros and empty lists for what is not meant
	json '{"memory": {"limit": 67108864, "reservation": 0, "swap": 134217728, "kernel": 0},
		"cpu": {"shares": 0, "quota": 0, "period": 0, "cpus": "", "mems": ""},
		"blockIO": {"weight": 0}, "devices": null}'
	memory_is $((64 * M)) $((128 * M))
	cpu_is 30000 100000
	is 40 "$(cat "$(home pids)$GROUP/pids.max")"
	# everything again, with device rules, when one value is another
	json '{"devices": [{"allow": false, "access": "rwm"}], "memory": {"limit": 67108864, "swap": 134217728},
		"cpu": {"shares": 1024, "quota": 60000, "period": 100000}, "unified": {}}'
	cpu_is 60000 100000
	reads cpu cpu.shares 1024 cpu.weight 100
	echo '{"pids": {"limit": 77}}' >"$BATS_TEST_TMPDIR/file"
	hull update --resources="$BATS_TEST_TMPDIR/file" "$ID"
	hull update -r "$BATS_TEST_TMPDIR/file" "$ID"
	is 77 "$(cat "$(home pids)$GROUP/pids.max")"
	has "$(hull exec "$ID" sh -c ': </dev/null && echo opens')" opens
}

@test "device rules are not touched" {
	detached "$ID"
	local before=
	[ ! -e "$CGROOT/devices$GROUP/devices.list" ] || before=$(cat "$CGROOT/devices$GROUP/devices.list")
	json '{"devices": [{"allow": true, "access": "rwm"}], "pids": {"limit": 50}}'
	json '{"devices": [{"allow": false, "access": "rwm"}]}'
	[ -z "$before" ] || is "$before" "$(cat "$CGROOT/devices$GROUP/devices.list")"
	is opens "$(hull exec "$ID" sh -c ': </dev/zero && echo opens')"
	is '[{"allow":false,"access":"rwm"}]' "$(saved .devices)"
}

@test "bad values: one line that names the flag or the field, and nothing changes" {
	need memory && need cpu && need cpuset
	config '.linux.resources.memory = {limit: 67108864}'
	detached "$ID"
	unchanged_by '--blkio-weight 0: must be from 10 to 1000' --blkio-weight 0 --memory 32m
	unchanged_by '--blkio-weight 1001: must be from 10 to 1000' --blkio-weight 1001
	unchanged_by '--memory "lots": not a size like 1048576 or 512m' --memory lots
	unchanged_by '--memory "-2": not a size*' --memory -2
	unchanged_by '--memory-swap "1x": not a size*' --memory-swap 1x
	unchanged_by '--pids-limit "ten": not a number' --pids-limit ten
	unchanged_by '--pids-limit -2: must be from -1 to *' --pids-limit -2
	unchanged_by '--cpu-period "1.5": not a number' --cpu-period 1.5
	unchanged_by '--cpu-share -1: must be from 0 to *' --cpu-share -1
	unchanged_by 'linux.resources.cpu.cpus: write cpuset.cpus "0-99999": *' --memory 32m --cpuset-cpus 0-99999
	unchanged_by 'linux.resources.cpu.cpus: write cpuset.cpus "one": *' --pids-limit 5 --cpuset-cpus one
	unchanged_by 'linux.resources.cpu.mems: write cpuset.mems "77": *' --cpu-quota 20000 --cpuset-mems 77
	unchanged_by 'linux.resources.memory.swap: memory+swap limit should be >= memory limit' --memory 64m --memory-swap 32m
	unchanged_by 'linux.resources.cpu.period: *invalid argument' --pids-limit 5 --cpu-period 5
	unchanged_by 'linux.resources.cpu.quota: *invalid argument' --cpu-quota 10 --memory 32m
	refuses 'linux.resources.pids.limit: below -1, which means no limit' '{"pids": {"limit": -5}}'
	refuses 'linux.resources.blockIO.weight: must be from 10 to 1000' '{"blockIO": {"weight": 5}, "pids": {"limit": 5}}'
	refuses 'linux.resources.unified.nosuch.max: @(*nosuch*|needs cgroup v2*)' '{"unified": {"nosuch.max": "1"}, "memory": {"limit": 33554432}}'
	refuses 'linux.resources.unified.../x: *' '{"unified": {"../x": "1"}}'
	refuses 'linux.resources.hugepageLimits\[0\].pageSize: *' '{"hugepageLimits": [{"pageSize": "3mB", "limit": 1}]}'
	refuses 'linux.resources: memory.limit (line 1): *' '{"memory": {"limit": "64m"}}'
	refuses 'linux.resources: *' '{"memory": {"limit": 5}'
	refuses 'linux.resources: *' ''
	fails "hull: update $ID: --resources /nonexistent: open: no such file or directory" update -r /nonexistent "$ID"
	fails "hull: update $ID: --resources: the file says all*" update -r /dev/null --memory 1g "$ID"
	fails "hull: update: flag provided but not defined: --cpus" update --cpus 1 "$ID"
	is '{"limit":67108864}' "$(saved .memory)"
}

@test "bad values: what only the other version has" {
	need memory && need cpu
	detached "$ID"
	if is_v2 memory; then
		unchanged_by 'linux.resources.memory.kernel: cgroup v2 has no such limit' --kernel-memory 64m --pids-limit 5
		refuses 'linux.resources.memory.swappiness: cgroup v2 has no such limit' '{"memory": {"swappiness": 10}}'
		unchanged_by 'linux.resources.cpu.realtimePeriod: cgroup v2 has no such limit' --cpu-rt-period 50000
		unchanged_by 'linux.resources.cpu.realtimeRuntime: cgroup v2 has no such limit' --cpu-rt-runtime 5000
		refuses 'linux.resources.network.classID: cgroup v2 has no such limit' '{"network": {"classID": 1}, "pids": {"limit": 5}}'
		refuses 'linux.resources.unified.memory.nosuch: open *memory.nosuch: no such file or directory' \
			'{"unified": {"memory.nosuch": "1"}, "pids": {"limit": 5}}'
	else
		hull update --kernel-memory 64m --kernel-memory-tcp 64m "$ID" # which the kernel ignores
		refuses 'linux.resources.unified.memory.max: *' '{"unified": {"memory.max": "1"}, "pids": {"limit": 5}}'
	fi
}

@test "a refusal after other writes puts them back" {
	need memory && need cpuset
	config '.linux.resources = {memory: {limit: 67108864, swap: 134217728}, pids: {limit: 40},
		cpu: {shares: 512, quota: 20000, cpus: "0", mems: "0"}}'
	detached "$ID"
	refuses 'linux.resources.cpu.mems: *' '{"memory": {"limit": 33554432, "swap": 50331648},
		"cpu": {"shares": 1024, "quota": 50000, "period": 200000, "cpus": "'"0-$(($(nproc) - 1))"'", "mems": "77"}, "pids": {"limit": 5}}'
	refuses 'linux.resources.cpu.mems: *' '{"memory": {"limit": 268435456, "swap": 536870912},
		"cpu": {"shares": 2, "quota": 5000, "period": 50000, "idle": 1, "mems": "77"}, "pids": {"limit": -1}}'
	is '{"limit":67108864,"swap":134217728}' "$(saved .memory)"
}

@test "a refusal after processors were chosen for the first time: they are what they were" {
	need cpuset
	config 'del(.linux.resources.cpu)'
	detached "$ID"
	local before
	before=$(grep ^Cpus_allowed: "/proc/$(pid_of "$ID")/status")
	fails "hull: update $ID: linux.resources.cpu.mems: *" update --cpuset-cpus 0 --cpuset-mems 77 "$ID"
	is "$before" "$(grep ^Cpus_allowed: "/proc/$(pid_of "$ID")/status")"
}

@test "a configuration that cannot be saved: what was written is put back" {
	need pids
	config '.linux.resources.pids.limit = 40'
	detached "$ID"
	mkdir "$ROOT/$ID/.config.json.tmp" # where the new one would be written first
	unchanged_by "write $ROOT/$ID/config.json: *" --pids-limit 5
	rmdir "$ROOT/$ID/.config.json.tmp"
	hull update --pids-limit 5 "$ID"
	is 5 "$(cat "$(home pids)$GROUP/pids.max")"
}

@test "what an update changes the container keeps, and all else of its configuration too" {
	config '.linux.resources = {memory: {limit: 67108864}} | .annotations = {"a.b": "c"} | .unknown = {x: [1, 2.5e3, null]}'
	detached "$ID"
	local before
	before=$(jq -S 'del(.linux.resources)' config.json)
	hull update --memory 32m --pids-limit 9 "$ID"
	is "$before" "$(jq -S 'del(.linux.resources)' "$ROOT/$ID/config.json")"
	is '{"memory":{"limit":33554432},"pids":{"limit":9}}' "$(saved '')"
	is 600 "$(stat -c %a "$ROOT/$ID/config.json")"
	is c "$(hull state "$ID" | jq -r '.annotations."a.b"')"
	is in "$(hull exec "$ID" echo in)"
	hull update --memory -1 "$ID"
	is '{"memory":{"limit":-1,"swap":-1},"pids":{"limit":9}}' "$(saved '')"
}

@test "created, paused and running containers can be updated, stopped ones not" {
	need pids
	created "$ID"
	hull update --pids-limit 30 "$ID"
	hull start "$ID"
	is 30 "$(cat "$(home pids)$GROUP/pids.max")"
	hull pause "$ID"
	hull update --pids-limit 31 "$ID"
	is paused "$(status_of "$ID")"
	hull resume "$ID"
	is 31 "$(cat "$(home pids)$GROUP/pids.max")"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: update $ID: container not running" update --pids-limit 5 "$ID"
	fails "hull: update $ID-x: container does not exist" update --pids-limit 5 "$ID-x"
	fails 'hull: update: wrong number of arguments: hull update *' update --pids-limit 5
}

@test "a container without cgroups has nothing to update" {
	hull --cgroup-manager disabled run -d "$ID" </dev/null >/dev/null 2>&1
	fails "hull: update $ID: container has no cgroup to limit" update --pids-limit 5 "$ID"
	hull update "$ID"
	json '{"devices": [{"allow": false}]}'
}

@test "Intel RDT: refused for a container without" {
	detached "$ID"
	unchanged_by '--l3-cache-schema: the container has no linux.intelRdt' --l3-cache-schema L3:0=f --pids-limit 5
	unchanged_by '--mem-bw-schema: the container has no linux.intelRdt' --mem-bw-schema MB:0=50
	unchanged_by '--mem-bw-schema "L3:0=f": must begin with MB:' --mem-bw-schema L3:0=f
}

@test "an update that is killed while it writes leaves a container whole; another one ends the work" {
	need pids && need memory
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 40}}'
	detached "$ID"
	local n
	for n in write:1 write:2 write:3 renameat:1; do
		hull update --memory 64m --pids-limit 40 "$ID"
		strace -qq -o /dev/null -e "trace=${n%:*}" -e "inject=${n%:*}:signal=KILL:when=${n#*:}" \
			"$HULL" --root "$ROOT" update --memory 32m --pids-limit 20 "$ID" 2>/dev/null || true
		is running "$(status_of "$ID")"
		matches '[24]0' "$(saved .pids.limit)"
	done
	is in "$(hull exec "$ID" echo in)"
	hull update --memory 16m "$ID"
	memory_is $((16 * M))
	hull delete --force "$ID"
	is "" "$(groups_of "$GROUP")"
}

@test "updates at the same time: each waits for the other" {
	need pids
	detached "$ID"
	local i pids=()
	for i in 1 2 3 4 5 6; do
		hull update --pids-limit $((10 + i)) "$ID" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		ends "$i"
		is 0 "$ended"
	done
	is "$(saved .pids.limit)" "$(cat "$(home pids)$GROUP/pids.max")"
}
