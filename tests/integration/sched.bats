# process.scheduler, ioPriority, execCPUAffinity; linux.memoryPolicy, personality: each as the kernel
# reports it from inside and from outside, for init and for what enters
load lib
load helpers/m_lib

test_setup() {
	config '.process.args = ["sleep", "1000"]'
}

# scheduler JSON - set it
scheduler() {
	config '.process.scheduler = $s' --argjson s "$1"
}

# attributes PID - policy, nice, priority and flags as sched_getattr(2) has them
attributes() {
	"$PYTHON" - "$1" <<-'END'
		import ctypes, struct, sys, platform
		number = 315 if platform.machine() == "x86_64" else 275
		buf = ctypes.create_string_buffer(56)
		if ctypes.CDLL(None, use_errno=True).syscall(number, int(sys.argv[1]), buf, 56, 0) < 0:
		    sys.exit("sched_getattr: errno %d" % ctypes.get_errno())
		size, policy, flags, nice, priority, runtime, deadline, period, low, high = struct.unpack("IIQiIQQQII", buf)
		# of a policy without a deadline the kernel tells the length of a slice here, since 6.12
		print(policy, nice, priority, flags & 7, *([runtime, deadline, period] if policy == 6 else []))
	END
}

# entered COMMAND... - it goes on inside; its pid outside is in $ENTERED
entered() {
	hull exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" "$@" </dev/null >/dev/null 2>&1
	ENTERED=$(cat "$BATS_TEST_TMPDIR/pid")
}

@test "every policy that needs no clock, with its numbers" {
	while read -r want json; do
		scheduler "$json"
		detached "$ID" || { errors_of "$ID"; return 1; }
		is "${want//:/ }" "$(attributes "$(pid_of "$ID")")" "$json"
		entered sleep 99
		is "${want//:/ }" "$(attributes "$ENTERED")" "exec: $json"
		hull delete --force "$ID"
	done <<-'END'
		0:0:0:0 {"policy": "SCHED_OTHER"}
		0:-5:0:0 {"policy": "SCHED_OTHER", "nice": -5}
		0:19:0:0 {"policy": "SCHED_OTHER", "nice": 19, "priority": null}
		3:4:0:1 {"policy": "SCHED_BATCH", "nice": 4, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}
		5:0:0:0 {"policy": "SCHED_IDLE"}
	END
}

@test "real-time policies, and what their children get" {
	chrt -f 1 true 2>/dev/null || skip "this host gives nobody SCHED_FIFO"
	if [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]; then # CONFIG_RT_GROUP_SCHED
		scheduler '{"policy": "SCHED_FIFO", "priority": 7}'
		refused "hull: run $ID: process.scheduler: sched_setattr SCHED_FIFO: operation not permitted (*linux.resources.cpu.realtimeRuntime*)" run -d "$ID"
		config '.linux.resources.cpu = {realtimeRuntime: 1000, realtimePeriod: 1000000}'
	fi
	while read -r want json; do
		scheduler "$json"
		detached "$ID" || { errors_of "$ID"; return 1; }
		is "${want//:/ }" "$(attributes "$(pid_of "$ID")" | awk '{ $2 = 0; print }')" "$json"
		entered sleep 99
		is "${want//:/ }" "$(attributes "$ENTERED" | awk '{ $2 = 0; print }')" "exec: $json"
		hull delete --force "$ID"
	done <<-'END'
		1:0:7:0 {"policy": "SCHED_FIFO", "priority": 7}
		2:0:99:0 {"policy": "SCHED_RR", "priority": 99}
		1:0:1:1 {"policy": "SCHED_FIFO", "priority": 1, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}
	END
	scheduler '{"policy": "SCHED_RR", "priority": 3, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}'
	sh_config 'sleep 1000 & echo $! >/dev/null; wait'
	detached "$ID"
	wait_for eval '[ -n "$(cat /proc/$(pid_of "$ID")/task/*/children)" ]'
	is 0 "$(attributes "$(cat "/proc/$(pid_of "$ID")"/task/*/children)" | awk '{ print $1 }')"
}

@test "a deadline, with its three numbers" {
	chrt -d --sched-runtime 1000000 --sched-deadline 5000000 --sched-period 10000000 0 true 2>/dev/null ||
		skip "this host gives nobody SCHED_DEADLINE"
	scheduler '{"policy": "SCHED_DEADLINE", "runtime": 2000000, "deadline": 30000000, "period": 40000000}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "6 0 0 0 2000000 30000000 40000000" "$(attributes "$(pid_of "$ID")")"
	hull delete --force "$ID"
	scheduler '{"policy": "SCHED_DEADLINE", "runtime": 2000000, "deadline": 30000000, "period": 40000000,
		"flags": ["SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_RESET_ON_FORK"]}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "6 0 0 7 2000000 30000000 40000000" "$(attributes "$(pid_of "$ID")")"
	scheduler '{"policy": "SCHED_DEADLINE", "runtime": 30000000, "deadline": 2000000, "period": 40000000}'
	fails "hull: run $ID-x: process.scheduler: sched_setattr SCHED_DEADLINE: invalid argument" run -d "$ID-x"
}

@test "flags for which there are no numbers: nothing is clamped" {
	scheduler '{"policy": "SCHED_OTHER", "nice": 2, "flags": ["SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX"]}'
	if detached "$ID"; then
		grep -E '^(effective )?uclamp.max' "/proc/$(pid_of "$ID")/sched" | awk '{ print $NF }' | sort -u >max
		is 1024 "$(cat max)"
	else
		# CONFIG_UCLAMP_TASK
		matches "*process.scheduler: sched_setattr SCHED_OTHER: operation not supported*" "$(errors_of "$ID")"
		unchanged
	fi
}

@test "KEEP_POLICY and KEEP_PARAMS leave what the caller has" {
	scheduler '{"policy": "SCHED_BATCH", "nice": 9, "flags": ["SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS"]}'
	nice -n 3 "$HULL" --root "$ROOT" run -d "$ID" </dev/null >/dev/null 2>&1
	is "0 3 0 0" "$(attributes "$(pid_of "$ID")")"
}

@test "a scheduler that the kernel refuses fails create, with what it was, and nothing is left" {
	scheduler '{"policy": "SCHED_ISO"}'
	refused "hull: create $ID: process.scheduler: sched_setattr SCHED_ISO: invalid argument" create "$ID"
	scheduler '{"policy": "SCHED_RR"}'
	refused "hull: create $ID: process.scheduler: sched_setattr SCHED_RR: invalid argument" create "$ID"
	scheduler '{"policy": "SCHED_RR", "priority": 100}'
	refused "hull: run $ID: process.scheduler: sched_setattr SCHED_RR: invalid argument" run "$ID"
}

@test "exec: what the process file leaves out is the container's, what it has is its own" {
	scheduler '{"policy": "SCHED_BATCH", "nice": 6}'
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 1}'
	detached "$ID"
	jq '.process | .args = ["sleep", "99"] | del(.scheduler, .ioPriority)' config.json >bare.json
	hull exec -d --pid-file pid -p bare.json "$ID" </dev/null >/dev/null 2>&1
	is "3 6" "$(attributes "$(cat pid)" | cut -d' ' -f1,2)"
	is "best-effort: prio 1" "$(ionice -p "$(cat pid)")"
	jq '.scheduler = {policy: "SCHED_IDLE"} | .ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}' bare.json >own.json
	hull exec -d --pid-file pid -p own.json "$ID" </dev/null >/dev/null 2>&1
	is "5 0" "$(attributes "$(cat pid)" | cut -d' ' -f1,2)"
	is idle "$(ionice -p "$(cat pid)")"
	jq '.scheduler = {policy: "SCHED_RR"}' bare.json >bad.json
	fails "hull: exec $ID: process.scheduler: sched_setattr SCHED_RR: invalid argument" exec -p bad.json "$ID"
	is running "$(status_of "$ID")"
	wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" = 3 ]'
}

# --- I/O

@test "I/O priority: each class and its ends" {
	while IFS='|' read -r json want; do
		config '.process.ioPriority = $p' --argjson p "$json"
		detached "$ID" || { errors_of "$ID"; return 1; }
		is "$want" "$(ionice -p "$(pid_of "$ID")")"
		entered sleep 99
		is "$want" "$(ionice -p "$ENTERED")"
		hull delete --force "$ID"
	done <<-'END'
		{"class": "IOPRIO_CLASS_BE", "priority": 0}|best-effort: prio 0
		{"class": "IOPRIO_CLASS_BE", "priority": 7}|best-effort: prio 7
		{"class": "IOPRIO_CLASS_RT", "priority": 3}|realtime: prio 3
		{"class": "IOPRIO_CLASS_IDLE", "priority": 0}|idle
	END
}

# --- CPUs

two_cpus() {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU: there is no smaller mask"
}

cpus_of() {
	awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$1/status"
}

@test "execCPUAffinity: final is where it runs; init and what comes without are nowhere bound" {
	two_cpus
	config '.process.execCPUAffinity = {initial: "0", final: "1"}'
	taskset -c 0 "$HULL" --root "$ROOT" run -d "$ID" </dev/null >/dev/null 2>&1
	all=$(cat /sys/devices/system/cpu/online)
	is "$all" "$(cpus_of "$(pid_of "$ID")")"
	is 1 "$(hull exec "$ID" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)"
	config '.process.execCPUAffinity = null'
	jq '.process | .args = ["sleep", "99"]' config.json >p.json
	hull exec -d --pid-file pid -p p.json "$ID" </dev/null >/dev/null 2>&1
	is 1 "$(cpus_of "$(cat pid)")" "the container's, where the process file says nothing"
	jq '.execCPUAffinity = {final: "0"}' p.json >own.json
	hull exec -d --pid-file pid -p own.json "$ID" </dev/null >/dev/null 2>&1
	is 0 "$(cpus_of "$(cat pid)")"
	hull delete --force "$ID"
	detached "$ID"
	taskset -c 1 "$HULL" --root "$ROOT" exec -d --pid-file pid "$ID" sleep 99 </dev/null >/dev/null 2>&1
	is "$all" "$(cpus_of "$(cat pid)")" "without a word about CPUs the caller's are not inherited"
}

@test "execCPUAffinity: without final it is what the kernel makes of initial in the container's group" {
	two_cpus
	config '.process.execCPUAffinity = {initial: "1"}'
	detached "$ID"
	matches "[01]*" "$(hull exec "$ID" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)"
}

@test "execCPUAffinity: initial may lie outside of the container's CPUs, for it is before them" {
	two_cpus
	config '.linux.resources.cpu.cpus = "1" | .process.execCPUAffinity = {initial: "0", final: "1"}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is 1 "$(hull exec "$ID" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)"
	config '.process.execCPUAffinity.final = "0" | .process.args = ["true"]'
	jq .process config.json >p.json
	fails "hull: exec $ID: process.execCPUAffinity.final: sched_setaffinity \"0\": invalid argument*" exec -p p.json "$ID"
	is running "$(status_of "$ID")"
}

@test "execCPUAffinity: CPUs that are not there" {
	config '.process.execCPUAffinity = {final: "8000"}'
	detached "$ID"
	fails "hull: exec $ID: process.execCPUAffinity.final: sched_setaffinity \"8000\": invalid argument*" exec "$ID" true
	config '.process.execCPUAffinity = {final: "99999"}'
	fails '*process.execCPUAffinity.final (line *): not a list of CPUs: "99999"' run "$ID-x"
}

# --- memory

# policies PID - of its memory
policies() {
	awk '{ print $2 ($3 ~ /^(.many.|interleave):/ ? " " $3 : "") }' "/proc/$1/numa_maps" | sort -u
}

@test "memory policy: each mode that this host's nodes allow, for init and exec" {
	[ -e /proc/self/numa_maps ] || skip "kernel without NUMA memory policies (CONFIG_NUMA)"
	while read -r want json; do
		config '.linux.memoryPolicy = $p' --argjson p "$json"
		detached "$ID" || { errors_of "$ID"; return 1; }
		is "$want" "$(policies "$(pid_of "$ID")")" "$json"
		entered sleep 99
		is "$want" "$(policies "$ENTERED")" "exec: $json"
		hull delete --force "$ID"
	done <<-'END'
		default {"mode": "MPOL_DEFAULT"}
		bind:0 {"mode": "MPOL_BIND", "nodes": "0"}
		bind=static:0 {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}
		bind=relative:0 {"mode": "MPOL_BIND", "nodes": "0-3", "flags": ["MPOL_F_RELATIVE_NODES"]}
		interleave:0 {"mode": "MPOL_INTERLEAVE", "nodes": "0"}
		prefer:0 {"mode": "MPOL_PREFERRED", "nodes": "0"}
		local {"mode": "MPOL_PREFERRED", "nodes": ""}
		local {"mode": "MPOL_LOCAL"}
	END
}

@test "memory policy: modes of newer kernels" {
	[ -e /proc/self/numa_maps ] || skip "kernel without NUMA memory policies (CONFIG_NUMA)"
	while read -r since want json; do
		[ "$(printf '%s\n' "$since" "$(uname -r)" | sort -V | head -1)" = "$since" ] || continue
		config '.linux.memoryPolicy = $p' --argjson p "$json"
		detached "$ID" || { errors_of "$ID"; return 1; }
		is "${want//_/ }" "$(policies "$(pid_of "$ID")")" "$json"
		hull delete --force "$ID"
	done <<-'END'
		5.15 prefer_(many):0 {"mode": "MPOL_PREFERRED_MANY", "nodes": "0"}
		6.9 weighted_interleave:0 {"mode": "MPOL_WEIGHTED_INTERLEAVE", "nodes": "0"}
		5.12 bind=balancing:0 {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NUMA_BALANCING"]}
	END
}

@test "memory policy: nodes that are not there, or none, or too many" {
	[ -e /proc/self/numa_maps ] || skip "kernel without NUMA memory policies (CONFIG_NUMA)"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "900"}'
	refused "hull: create $ID: linux.memoryPolicy: set_mempolicy MPOL_BIND \"900\": invalid argument*" create "$ID"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND"}'
	refused "hull: create $ID: linux.memoryPolicy: set_mempolicy MPOL_BIND \"\": invalid argument*" create "$ID"
	config '.linux.memoryPolicy = {mode: "MPOL_LOCAL", nodes: "0"}'
	refused "hull: create $ID: linux.memoryPolicy: set_mempolicy MPOL_LOCAL \"0\": invalid argument*" create "$ID"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "99999"}'
	refused "hull: create $ID: linux.memoryPolicy.nodes*\"99999\"*" create "$ID"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}'
	refused "hull: create $ID: linux.memoryPolicy: set_mempolicy MPOL_BIND \"0\": invalid argument*" create "$ID"
}

# --- execution domain

@test "personality: of init, of what enters and of hooks inside" {
	case $(uname -m) in
	x86_64) want=i686 ;;
	aarch64) want=armv8l ;;
	*) skip "no other machine to show" ;;
	esac
	config '.linux.personality = {domain: "LINUX32"} | .root.readonly = false
		| .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "uname -m >/tmp/hook"]}]'
	sh_config 'uname -m; sleep 1000'
	detached "$ID"
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	is "$want" "$(output_of "$ID")"
	is "$want" "$(hull exec "$ID" uname -m)"
	is "$want" "$(cat rootfs/tmp/hook)"
	is 8 "$((16#$(cat "/proc/$(pid_of "$ID")/personality")))"
	is "$(uname -m)" "$(chroot rootfs uname -m)"
}

@test "personality: no flag is supported" {
	config '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'
	refused "hull: create $ID: linux.personality.flags[[]0] (line *): unknown value \"ADDR_NO_RANDOMIZE\"" create "$ID"
}
