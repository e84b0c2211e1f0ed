#!/usr/bin/env bats
# delegated: hull as an ordinary user, in the part of cgroup v2 that systemd has given the user
#
# The user's own systemd manager makes a unit with Delegate=yes. Its process moves into a group
# below, as the rule asks that groups with limited children have no processes; hull() is then the
# program as that user, started there.

load lib
load helpers/m_lib
load helpers/m_rootless

V2_CONTROLLERS=$CGROOT/cgroup.controllers

# lacking - why nothing of this can be tested here; status 1: it can
lacking() {
	[ -e "$V2_CONTROLLERS" ] || { echo "controllers are not on cgroup v2, so nobody delegates them"; return; }
	[ "$(id -u)" = 0 ] || { echo "only root can begin in another user's group"; return; }
	[ -d /run/systemd/system ] || { echo "this host has no systemd"; return; }
	choose_account
	[ "$USER_ID" -ge 1000 ] && [ -S "/run/user/$USER_ID/systemd/private" ] || { echo "no ordinary user has a systemd manager here (loginctl enable-linger)"; return; }
	return 1
}

# by_manager ARGS... - a command as the user, who can reach the manager
by_manager() {
	as_user env "XDG_RUNTIME_DIR=/run/user/$USER_ID" "$@"
}

setup_file() {
	! lacking >/dev/null || return 0
	UNIT=hull-test-$$.service
	by_manager systemd-run --user --quiet --unit="$UNIT" -p Delegate=yes -- sleep infinity
	SLICE=$(by_manager systemctl --user show -P ControlGroup "$UNIT")
	as_user mkdir "$CGROOT$SLICE/leaf"
	by_manager systemctl --user show -P MainPID "$UNIT" >"$CGROOT$SLICE/leaf/cgroup.procs"
	export UNIT SLICE
}

teardown_file() {
	lacking >/dev/null || by_manager systemctl --user stop "$UNIT"
}

test_setup() {
	local why
	! why=$(lacking) || skip "$why"
	rootless_setup
	GROUP=$CGROOT$SLICE/$ID
}

test_teardown() {
	! lacking >/dev/null || return 0
	rootless_teardown
}

# hull ARGS... - as the user, from the delegated group. Nobody else may be in there: a user cannot
# enable the cpuset controller over root's processes.
hull() {
	(echo "$BASHPID" >"$CGROOT$SLICE/leaf/cgroup.procs" && exec_as_user "$PROGRAM" "$@")
}

sleeper() {
	config '.process.args = ["sleep", "100"]'
	detached "$ID" || { errors_of "$ID"; return 1; }
	INIT=$(pid_of "$ID")
}

value() { # FILE - of the container's group
	cat "$GROUP/$1"
}

@test "without a wish the container has a group beside hull's own, and delete removes it" {
	sleeper
	is "0::$SLICE/$ID" "$(cat "/proc/$INIT/cgroup")"
	is "$USER_ID" "$(stat -c %u "$GROUP")"
	hull delete --force "$ID"
	[ ! -e "$GROUP" ]
	is leaf "$(cd "$CGROOT$SLICE" && echo */ | tr -d /)"
}

@test "every limit of a delegated controller is written" {
	config '.linux.resources = {pids: {limit: 66}, cpu: {shares: 512, quota: 25000, period: 50000, cpus: "0"},
		memory: {limit: 67108864, reservation: 33554432, swap: 134217728}}'
	sleeper
	is "66|59|25000 50000|0|67108864|33554432|67108864" "$(cd "$GROUP" && cat pids.max cpu.weight cpu.max \
		cpuset.cpus memory.max memory.low memory.swap.max | paste -sd '|')"
	is 1 "$(hull exec "$ID" nproc)"
}

@test "pids.limit: the fork that is one too many fails" {
	config '.linux.resources.pids.limit = 6'
	output=$(inside 'i=0; while [ $i -lt 20 ]; do sleep 100 & i=$((i + 1)); done' 2>&1) || true
	has "$output" "Resource temporarily unavailable"
}

@test "memory.limit: what takes more is killed, and the group counts it" {
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	sh_config 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
	status=0
	output=$(hull run --keep "$ID" 2>&1 </dev/null) || status=$?
	lacks "$output" survived
	not is 0 "$status"
	[ "$(value memory.events | awk '$1 == "oom_kill" { print $2 }')" -ge 1 ]
}

@test "a limit of a controller that is not delegated is refused, naming it" {
	local size
	! grep -qw hugetlb "$CGROOT$SLICE/cgroup.controllers" || skip "this user has the hugetlb controller, too"
	size=$(ls /sys/kernel/mm/hugepages | sed -n 's/hugepages-2048kB/2MB/p')
	[ -n "$size" ] || skip "this kernel has no huge pages of 2 MB"
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}]'
	refused "hull: run $ID: linux.resources.hugepageLimits\[0\]: *hugetlb*" run "$ID"
	[ ! -e "$GROUP" ]
}

@test "device rules, which only root can enforce, do not stand in the way" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	is ran "$(inside 'echo ran')"
}

@test "cgroupsPath: below the user's own group, with parents" {
	config '.linux.cgroupsPath = $p | .linux.resources.pids.limit = 5' --arg p "$SLICE/pod-$ID/$ID"
	sleeper
	is "0::$SLICE/pod-$ID/$ID" "$(cat "/proc/$INIT/cgroup")"
	is 5 "$(cat "$CGROOT$SLICE/pod-$ID/$ID/pids.max")"
	hull delete --force "$ID"
	[ ! -e "$CGROOT$SLICE/pod-$ID" ]
}

@test "cgroupsPath: outside the user's own group is refused, by one line" {
	config '.linux.cgroupsPath = "/system.slice/hull-test"'
	refused "hull: run $ID: mkdir $CGROOT/system.slice/hull-test: *ermission denied*" run "$ID"
}

@test "exec is in the container's group; ps, pause, resume, kill, delete work there" {
	sleeper
	hull exec -d "$ID" sleep 200 </dev/null >/dev/null 2>&1
	is 2 "$(hull ps -f json "$ID" | jq length)"
	is "$(sort "$GROUP/cgroup.procs")" "$(hull ps -f json "$ID" | jq '.[]' | sort)"
	hull pause "$ID"
	is paused "$(status_of "$ID")"
	is 1 "$(value cgroup.freeze)"
	hull resume "$ID"
	is running "$(status_of "$ID")"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	[ ! -e "$GROUP" ]
}

@test "a container that may limit groups of its own: they are removed with it" {
	config '.mounts = [.mounts[] | select(.destination != "/sys")]
		+ [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"]}]'
	sleeper
	hull exec "$ID" mkdir /sys/fs/cgroup/own /sys/fs/cgroup/init
	hull exec "$ID" sh -c 'for p in $(cat /sys/fs/cgroup/cgroup.procs); do
		echo $p >/sys/fs/cgroup/init/cgroup.procs; done 2>/dev/null; echo +pids >/sys/fs/cgroup/cgroup.subtree_control
		echo 9 >/sys/fs/cgroup/own/pids.max'
	is 9 "$(value own/pids.max)"
	is "0::$SLICE/$ID/init" "$(cat "/proc/$INIT/cgroup")"
	hull delete --force "$ID"
	[ ! -e "$GROUP" ]
}

@test "delete --force of a fork bomb" {
	config '.linux.resources.pids.limit = 100'
	cp "$(compile m_bomb)" rootfs/bin/bomb
	config '.process.args = ["bomb"]'
	detached "$ID"
	wait_for eval '[ "$(value pids.current)" -ge 50 ]'
	hull delete --force "$ID"
	[ ! -e "$GROUP" ]
}

@test "subordinate ids: another user's processes are in the group, too, and end with it" {
	subordinate_ids
	map_subordinate_ids
	config '.process.user = {uid: 1000, gid: 1000}'
	sleeper
	hull exec -d -u 12:13 "$ID" sleep 200 </dev/null >/dev/null 2>&1
	is 2 "$(wc -l <"$GROUP/cgroup.procs")"
	hull delete --force "$ID"
	[ ! -e "$GROUP" ]
}

@test "in a scope of systemd-run, as the manual of systemd has it" {
	config '.linux.resources.pids.limit = 44 | .linux.namespaces |= map(select(.type != "cgroup"))'
	sh_config 'cat /proc/self/cgroup'
	output=$(by_manager systemd-run --user --scope --quiet -p Delegate=yes -- \
		"$PROGRAM" --root "$ROOT" run "$ID" 2>&1)
	matches "0::/user.slice/user-$USER_ID.slice/user@$USER_ID.service/*/$ID" "$output"
}
