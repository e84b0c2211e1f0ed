#!/usr/bin/env bats
# systemd: containers as scopes, with a real systemd where one runs, else with a stub of it
#
# The stub (helpers/systemd_stub.py) is there to behave badly: it fails, is late, or says nothing.

load lib
load helpers/m_lib

export HULL_MANAGER=systemd
SLICE=hulltest-bats.slice

real() {
	[ -d /run/systemd/system ]
}

need_library() {
	ldconfig -p | grep -q 'libsystemd\.so\.0' || skip "libsystemd is not installed"
}

need_real() {
	real || skip "no systemd runs here"
}

test_setup() {
	UNIT=pre-$ID.scope
	GROUP=/hulltest.slice/$SLICE/$UNIT
	config '.linux.cgroupsPath = $p | .process.args = ["sleep", "100"]' --arg p "$SLICE:pre:$ID"
	PLACE=$BATS_TEST_TMPDIR/bus
}

test_teardown() {
	hull delete --force "$ID" || true
	if real; then
		systemctl stop "$SLICE" hulltest.slice
		systemctl reset-failed "$UNIT" 2>/dev/null || true
	fi
	end_stubs
	if [ -n "${DIR:-}" ]; then
		uhull delete --force "$ID"
		as_user systemctl --user stop user.slice
		rm -r "$DIR"
	fi
}

V2=$CGROOT
[ -e "$CGROOT/cgroup.controllers" ] || V2=$CGROOT/unified

# home CONTROLLER - where its hierarchy is mounted
home() {
	if [ -d "$CGROOT/$1" ] && [ "$V2" != "$CGROOT" ]; then
		echo "$CGROOT/$1"
	else
		echo "$V2"
	fi
}

pure_v2() {
	[ "$V2" = "$CGROOT" ]
}

# reads CONTROLLER V1-FILE V1-VALUE V2-FILE V2-VALUE - in the container's group
reads() {
	if pure_v2; then
		is "$5" "$(cat "$V2$GROUP/$4")" "$4"
	else
		is "$3" "$(cat "$(home "$1")$GROUP/$2")" "$2"
	fi
}

# shows PROPERTY VALUE - of the container's unit
shows() {
	is "$2" "$(systemctl show -p "$1" --value "${3:-$UNIT}")" "$1"
}

LIMITS='.linux.resources += {
	memory: {limit: 67108864, reservation: 33554432},
	pids: {limit: 77},
	cpu: {shares: 512, quota: 25000, period: 50000, cpus: "0"},
	blockIO: {throttleReadBpsDevice: [{major: 254, minor: 0, rate: 10485760}]}}'

limits_are_on() {
	reads memory memory.limit_in_bytes 67108864 memory.max 67108864
	reads pids pids.max 77 pids.max 77
	reads cpu cpu.cfs_quota_us 25000 cpu.max '25000 50000'
	reads cpu cpu.cfs_period_us 50000 cpu.max '25000 50000'
	reads cpu cpu.shares 512 cpu.weight 59
	reads cpuset cpuset.cpus 0 cpuset.cpus 0
}

# --- with a real systemd

@test "the scope is in its slice, has the limits as properties, and all is gone after delete" {
	need_real
	config "$LIMITS"
	created "$ID"
	limits_are_on
	shows ActiveState active
	shows Slice "$SLICE"
	shows ControlGroup "$GROUP"
	shows Delegate yes
	shows DefaultDependencies no
	shows TasksMax 77
	shows CPUQuotaPerSecUSec 500ms
	shows CPUQuotaPeriodUSec 50ms
	matches "hull container $ID (*)" "$(systemctl show -p Description --value "$UNIT")"
	if pure_v2; then
		shows MemoryMax 67108864
		shows MemoryLow 33554432
		shows AllowedCPUs 0
		shows CPUWeight 59
		shows IOReadBandwidthMax "/dev/block/254:0 10485760"
		reads io '' '' io.max "254:0 rbps=10485760 wbps=max riops=max wiops=max"
	else
		shows MemoryLimit 67108864
		shows CPUShares 512
	fi
	hull start "$ID"
	is running "$(status_of "$ID")"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	is "" "$(systemctl list-units --all --plain --no-legend "$UNIT")"
	is "" "$(find "$CGROOT" -name "$UNIT")"
}

@test "delete --force of a running container stops its unit" {
	need_real
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_config 'sleep 100 & sleep 101; true'
	detached "$ID"
	mkdir "$(home pids)$GROUP/below"
	wait_for eval '[ "$(wc -l <"$(home pids)$GROUP/cgroup.procs")" -ge 3 ]'
	head -1 "$(home pids)$GROUP/cgroup.procs" >"$(home pids)$GROUP/below/cgroup.procs" || true
	hull delete --force "$ID"
	is "" "$(systemctl list-units --all --plain --no-legend "$UNIT")"
	is "" "$(find "$CGROOT" -name "$UNIT")"
}

@test "a cgroup mount shows the scope, and nothing above or beside it" {
	local place=/sys/fs/cgroup
	need_real
	pure_v2 || place=$place/pids
	config '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	detached "$ID"
	is "$place" "$(hull exec "$ID" find $place -type d)"
	hull exec "$ID" mkdir $place/below
	[ -d "$(home pids)$GROUP/below" ]
}

@test "without a path the unit is hull-ID.scope in system.slice" {
	need_real
	config 'del(.linux.cgroupsPath)'
	detached "$ID"
	shows ControlGroup "/system.slice/hull-$ID.scope" "hull-$ID.scope"
}

@test "init is in all hierarchies at the same place, and so is what exec runs" {
	need_real
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	detached "$ID"
	while IFS=: read -r number names path; do
		# v2 on a host that does not mount it
		[ -n "$names" ] || [ -e "$V2/cgroup.procs" ] || continue
		is "$GROUP" "$path" "$names"
	done <"/proc/$(pid_of "$ID")/cgroup"
	is "$(cat "/proc/$(pid_of "$ID")/cgroup")" "$(hull exec "$ID" cat /proc/self/cgroup)"
}

@test "the cgroup namespace begins at the scope" {
	need_real
	sh_config 'cat /proc/self/cgroup'
	output=$(hull run "$ID")
	is "/" "$(cut -d: -f3 <<<"$output" | sort -u)"
}

@test "a daemon-reload changes neither limits nor devices" {
	need_real
	config "$LIMITS"
	config '.linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: true, type: "c", major: 7, minor: 0, access: "r"}]'
	config '.process.capabilities |= map_values(. + ["CAP_MKNOD"] | unique)'
	detached "$ID"
	devices() {
		hull exec "$ID" sh -c 'cd /dev; rm -f vcs tty1; mknod vcs c 7 0; mknod tty1 c 4 1
			(true <vcs) && echo vcs is read; (true >vcs) && echo vcs is written
			(true <tty1) && echo tty1 is read; (echo >null) && echo null is written' 2>/dev/null
	}
	before=$(devices) || true
	is "vcs is read
null is written" "$before"
	systemctl daemon-reload
	limits_are_on
	is "$before" "$(devices || true)"
	# and what the neighbours' coming and going makes systemd do
	systemd-run --quiet --scope --slice="$SLICE" true
	limits_are_on
	is "$before" "$(devices || true)"
}

@test "org.systemd.property annotations are properties of the unit" {
	need_real
	config '.annotations += {
		"org.systemd.property.TimeoutStopUSec": "uint64 7000000",
		"org.systemd.property.RuntimeMaxSec": "900",
		"org.systemd.property.CollectMode": "'"'inactive-or-failed'"'",
		"org.systemd.property.After": "[\"dbus.service\"]",
		"org.systemd.property.Description": "'"'a text'"'",
		"org.systemd.property.KillSignal": "15"}'
	detached "$ID"
	shows TimeoutStopUSec 7s
	shows RuntimeMaxUSec 15min
	shows CollectMode inactive-or-failed
	has "$(systemctl show -p After --value "$UNIT")" dbus.service
	matches "a text (*)" "$(systemctl show -p Description --value "$UNIT")"
}

@test "an annotation that systemd does not know is named" {
	need_real
	config '.annotations["org.systemd.property.NoSuchThing"] = "true"'
	fails '*annotations: org.systemd.property.NoSuchThing: systemd: *NoSuchThing*' create "$ID"
	is "" "$(systemctl list-units --all --plain --no-legend "$UNIT")"
}

@test "a unit of the same name that runs is left alone; one that has failed is reset" {
	need_real
	systemd-run --quiet --unit="$UNIT" --scope sleep 100 </dev/null >/dev/null 2>&1 &
	other=$!
	wait_for eval '[ "$(systemctl is-active "$UNIT")" = active ]'
	fails "*linux.cgroupsPath: systemd has a unit $UNIT already*" create "$ID"
	kill -0 "$other"
	is active "$(systemctl is-active "$UNIT")"
	kill "$other"
	wait_for eval '[ "$(systemctl is-active "$UNIT")" != active ]'
	systemd-run --quiet --unit="$UNIT" --scope -p RuntimeMaxSec=1 sleep 100 </dev/null >/dev/null 2>&1 || true
	wait_for eval '[ "$(systemctl is-failed "$UNIT")" = failed ]'
	detached "$ID"
	shows Slice "$SLICE"
}

@test "limits that the kernel refuses: no unit stays" {
	need_real
	config '.linux.resources.cpu.cpus = "4000"'
	fails '*linux.resources.cpu.cpus*' create "$ID"
	is "" "$(find "$CGROOT" -name "$UNIT")"
	is "" "$(systemctl list-units --all --plain --no-legend "$UNIT")"
}

@test "create is killed at one call after the other: delete --force leaves no unit" {
	need_real
	for call in sendmsg recvmsg clone3 renameat write; do
		for n in 1 3 6; do
			strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
				"$HULL" --root "$ROOT" --systemd-cgroup create "$ID" </dev/null >/dev/null 2>&1 || true
			hull delete --force "$ID"
			wait_for eval '[ -z "$(systemctl list-units --all --plain --no-legend "$UNIT")" ]' ||
				{ echo "after $call $n"; systemctl status "$UNIT"; return 1; }
			is "" "$(find "$CGROOT" -name "$UNIT")" "after $call $n"
		done
	done
}

# --- with a stub

# stub [MODE] [NAME] - start one; hull finds it by the environment
stub() {
	need_library
	real && skip "a systemd runs here, see the tests above"
	local place=$PLACE${2:-}
	echo "${1:-good}" >"$place.mode"
	$PYTHON "$TESTS/integration/helpers/systemd_stub.py" "$place" "$place.mode" "$place.log" \
		</dev/null >"$place.out" 2>&1 &
	STUBS+=($!)
	wait_for test -S "$place"
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$place
}

end_stubs() {
	local pid
	for pid in "${STUBS[@]}"; do
		kill "$pid"
		wait "$pid" 2>/dev/null || true
	done
	STUBS=()
	is "" "$(cat "$PLACE"*.out 2>/dev/null)" "what the stub says" || true
}

mode() {
	echo "$*" >"$PLACE.mode"
}

# calls [METHOD] - what the stub has been asked, and for one method the arguments
calls() {
	if [ -n "${1:-}" ]; then
		jq -c --arg m "$1" 'select(.method == $m) | .args' "$PLACE.log"
	else
		jq -r .method "$PLACE.log" | xargs
	fi
}

# property NAME - of the last unit that was asked for: its type and value
property() {
	calls StartTransientUnit | tail -n 1 | jq -c --arg n "$1" '.[2][] | select(.[0] == $n) | .[1] | [.type, .value]'
}

# foreign_groups - what somebody else has at the container's place, with limits of its own
foreign_groups() {
	local h
	for h in pids memory freezer; do
		mkdir -p "$(home $h)$GROUP"
	done
	echo 7 >"$(home pids)$GROUP/pids.max"
}

foreign_groups_are_left() {
	is 7 "$(cat "$(home pids)$GROUP/pids.max")"
	is "9223372036854771712" "$(cat "$(home memory)$GROUP/memory.limit_in_bytes")"
	[ -d "$(home freezer)$GROUP" ]
}

drop_foreign_groups() {
	local h
	for h in pids memory freezer; do
		(cd "$(home $h)" && rmdir -p ".$GROUP" 2>/dev/null) || true
	done
}

@test "stub: one call with all limits, one for the end, and nothing is left" {
	stub
	config "$LIMITS"
	created "$ID"
	limits_are_on
	is '["s","'$SLICE'"]' "$(property Slice)"
	is '["b",true]' "$(property Delegate)"
	is "[\"au\",[$(pid_of "$ID")]]" "$(property PIDs)"
	is '["t",77]' "$(property TasksMax)"
	is '["t",67108864]' "$(property MemoryLimit)"
	is '["t",500000]' "$(property CPUQuotaPerSecUSec)"
	is '["s","strict"]' "$(property DevicePolicy)"
	has "$(property DeviceAllow)" '["/dev/char/1:3","rwm"]'
	is StartTransientUnit "$(calls)"
	hull start "$ID"
	is "$(cat "/proc/$(pid_of "$ID")/cgroup")" "$(hull exec "$ID" sh -c 'cat /proc/1/cgroup' |
		sed "s#:/\$#:$GROUP#")"
	# the manager is where the state says, whatever the environment
	unset DBUS_SYSTEM_BUS_ADDRESS HULL_MANAGER
	hull delete --force "$ID"
	matches "StartTransientUnit GetUnit*" "$(calls)"
	is "" "$(find "$CGROOT" -path '*hulltest*')"
}

@test "stub: systemd puts who may not write to the group there, also root without CAP_DAC_OVERRIDE" {
	stub
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	local init h file
	init=$(pid_of "$ID")
	for h in systemd cpu cpuacct blkio memory devices pids unified; do
		for file in "$(home $h)$GROUP"/{tasks,cgroup.procs}; do
			[ ! -e "$file" ] || chown 1000 "$file"
		done
	done
	hull exec -d --pid-file pid "$ID" sleep 100
	is "$(cat "/proc/$init/cgroup")" "$(cat "/proc/$(cat pid)/cgroup")"
	lacks "$(calls)" AttachProcessesToUnit
	setpriv --bounding-set=-dac_override "$HULL" --root "$ROOT" exec -d --pid-file pid "$ID" sleep 100
	has "$(calls)" AttachProcessesToUnit
	is "$(cat "/proc/$init/cgroup")" "$(cat "/proc/$(cat pid)/cgroup")"
}

@test "stub: root of a user namespace with a systemd of its own asks that, not a user's" {
	stub
	unset DBUS_SYSTEM_BUS_ADDRESS
	config '.process.args = ["true"] | .mounts |= map(select(.type != "cgroup" and .type != "devpts"))'
	unshare --user --map-root-user --mount sh -c 'mkdir -p /run/systemd && mount -t tmpfs none /run/systemd &&
		ln -s "$0" /run/systemd/private && exec "$@"' "$PLACE" "$HULL" --root "$ROOT" --systemd-cgroup run "$ID" \
		</dev/null >out 2>&1 || { cat out; return 1; }
	has "$(calls)" StartTransientUnit
	is '["s","'"$SLICE"'"]' "$(property Slice)"
}

@test "stub: two containers of one slice, the first deleted first: nothing is left of the slice" {
	stub
	created "$ID"
	config '.linux.cgroupsPath = $p' --arg p "$SLICE:pre:$ID-b"
	created "$ID-b"
	hull delete --force "$ID"
	is running "$(hull start "$ID-b" && status_of "$ID-b")"
	hull delete --force "$ID-b"
	is "" "$(find "$CGROOT" -path '*hulltest*')"
}

@test "stub: a container that has ended leaves nothing to stop" {
	stub
	config '.process.args = ["true"]'
	hull run "$ID"
	matches "StartTransientUnit GetUnit*" "$(calls)"
	unchanged
}

@test "stub: a job that fails: no group is touched, the unit is forgotten" {
	stub failed
	config "$LIMITS"
	foreign_groups
	fails "*systemd could not start $UNIT: its job ended as \"failed\"*" create "$ID"
	foreign_groups_are_left
	drop_foreign_groups
	matches "*ResetFailedUnit" "$(calls)"
	unchanged
}

@test "stub: no answer in the handshake, to the call, or about the job: an error after thirty seconds" {
	local how pid start
	real && skip "a systemd runs here, see the tests above"
	config "$LIMITS"
	foreign_groups
	for how in deaf silent never; do
		stub $how .$how
		(
			start=$EPOCHSECONDS
			hull --root "$BATS_TEST_TMPDIR/$how" create "$ID" </dev/null >/dev/null 2>"$PLACE.$how.err" && exit 1
			echo $((EPOCHSECONDS - start)) >"$PLACE.$how.seconds"
		) &
		pid+=" $!"
	done
	for how in $pid; do wait "$how"; done
	for how in deaf silent never; do
		[ "$(cat "$PLACE.$how.seconds")" -ge 29 ]
		[ "$(cat "$PLACE.$how.seconds")" -le 45 ]
		matches "hull: create $ID: *systemd*timed out*" "$(cat "$PLACE.$how.err")"
		# a record stays exactly where a unit may yet come, for when systemd answers again
		is "$([ $how != silent ] || echo "$ID")" "$(ls -A "$BATS_TEST_TMPDIR/$how" 2>/dev/null)"
		echo good >"$PLACE.$how.mode"
		DBUS_SYSTEM_BUS_ADDRESS=unix:path=$PLACE.$how hull --root "$BATS_TEST_TMPDIR/$how" delete --force "$ID"
		is "" "$(ls -A "$BATS_TEST_TMPDIR/$how" 2>/dev/null)"
	done
	foreign_groups_are_left
	drop_foreign_groups
	unchanged
}

@test "stub: a job that is late is waited for" {
	stub late\ 2
	created "$ID"
	is created "$(status_of "$ID")"
}

@test "stub: an old failed unit of the name is reset, once" {
	stub stale
	created "$ID"
	is "StartTransientUnit ResetFailedUnit StartTransientUnit" "$(calls)"
}

@test "stub: a unit of the same name is left alone by create, and by delete of a create that was killed" {
	stub
	detached "$ID"
	local other=$BATS_TEST_TMPDIR/other init
	init=$(pid_of "$ID")
	# another name in the file system, so that only systemd knows that it is taken
	config '.linux.cgroupsPath = $p' --arg p "hulltest.slice:pre:$ID"
	fails "*linux.cgroupsPath: systemd has a unit $UNIT already*" --root "$other" create "$ID"
	strace -qq -o /dev/null -e trace=clone3 -e inject=clone3:signal=KILL:when=1 \
		"$HULL" --root "$other" --systemd-cgroup create "$ID" </dev/null >/dev/null 2>&1 || true
	is "$ID" "$(ls "$other")"
	hull --root "$other" delete --force "$ID"
	is "" "$(ls "$other")"
	is running "$(status_of "$ID")"
	is "$init" "$(pid_of "$ID")"
	lacks "$(calls)" KillUnit
	lacks "$(calls)" StopUnit
}

@test "stub: a limit that an old systemd does not know is left out, anything else is an error" {
	stub old\ TasksMax
	config "$LIMITS"
	created "$ID"
	limits_are_on
	is "" "$(property TasksMax)"
	hull delete --force "$ID"
	mode old Delegate
	refused '*StartTransientUnit*Delegate*' create "$ID"
	config '.annotations["org.systemd.property.CollectMode"] = "'"'inactive'"'"'
	mode old CollectMode
	refused '*annotations: org.systemd.property.CollectMode: systemd: *' create "$ID"
}

@test "stub: update tells systemd, and what the kernel refuses is taken back there too" {
	stub
	config "$LIMITS"
	detached "$ID"
	hull update --pids-limit 55 --cpu-quota 20000 "$ID"
	reads pids pids.max 55 pids.max 55
	reads cpu cpu.cfs_quota_us 20000 cpu.max '20000 50000'
	last=$(calls SetUnitProperties | tail -n 1)
	has "$last" '["TasksMax",{"type":"t","value":55}]'
	has "$last" '["CPUQuotaPerSecUSec",{"type":"t","value":400000}]'
	has "$last" '["CPUQuotaPeriodUSec",{"type":"t","value":50000}]'
	# systemd makes 27000 of it, which is whole percents
	hull update --cpu-period 900000 "$ID"
	reads cpu cpu.cfs_quota_us 20000 cpu.max '20000 900000'
	reads cpu cpu.cfs_period_us 900000 cpu.max '20000 900000'
	fails '*cpus*' update --cpu-period 850000 --cpuset-cpus 4000 "$ID"
	reads cpu cpu.cfs_quota_us 20000 cpu.max '20000 900000'
	reads cpu cpu.cfs_period_us 900000 cpu.max '20000 900000'
	# and forgets the period with the quota
	hull update --cpu-quota -1 "$ID"
	reads cpu cpu.cfs_quota_us -1 cpu.max 'max 900000'
	reads cpu cpu.cfs_period_us 900000 cpu.max 'max 900000'
	# what comes through a pipe can be read once
	echo '{"pids": {"limit": 54}}' | hull update --resources - "$ID"
	reads pids pids.max 54 pids.max 54
	hull update --pids-limit 55 "$ID"
	fails '*cpus*' update --pids-limit 44 --cpuset-cpus 4000 "$ID"
	reads pids pids.max 55 pids.max 55
	has "$(calls SetUnitProperties | tail -n 2 | head -n 1)" '["TasksMax",{"type":"t","value":44}]'
	has "$(calls SetUnitProperties | tail -n 1)" '["TasksMax",{"type":"t","value":55}]'
}

@test "stub: systemd is gone or silent: delete still removes the container" {
	stub
	detached "$ID"
	mode mute
	local start=$EPOCHSECONDS
	hull delete --force "$ID"
	[ $((EPOCHSECONDS - start)) -le 15 ]
	unchanged
	mode good
	detached "$ID"
	end_stubs
	hull delete --force "$ID"
	is "" "$(find "$CGROOT" -name "$UNIT")"
	drop_slices
}

# what a stub that was killed has left; of the other groups some come and go
drop_slices() {
	find "$CGROOT" -depth -path '*hulltest.slice*' -type d -exec rmdir {} \; 2>/dev/null || true
	is "" "$(find "$CGROOT" -path '*hulltest.slice*' 2>/dev/null)"
}

@test "stub: create is killed at one call after the other: delete --force clears it" {
	stub
	config "$LIMITS"
	for call in sendmsg sendto recvmsg mkdir clone3 renameat openat write ppoll; do
		for n in 1 2 3 4 6 9 13; do
			strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
				"$HULL" --root "$ROOT" --systemd-cgroup create "$ID" </dev/null >/dev/null 2>&1 || true
			hull delete --force "$ID"
			is "" "$(find "$CGROOT" -path '*hulltest*')" "after $call $n" ||
				wait_for eval '[ -z "$(find "$CGROOT" -path "*hulltest*")" ]'
		done
	done
	unchanged
}

@test "no bus: the message has the addresses and the uid" {
	need_library
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$PLACE.none
	refused "*finds no system bus for uid 0: unix:path=$PLACE.none (no such file or directory)*--cgroup-manager cgroupfs" create "$ID"
	unset DBUS_SYSTEM_BUS_ADDRESS
	real || refused '*uid 0: unix:path=/run/systemd/private (*), unix:path=/run/dbus/system_bus_socket (*' create "$ID"
}

@test "paths that are no unit's are refused before systemd is asked" {
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$PLACE.none
	for path in /a/b a:b a.slice:b:c:d a.slice:b: a.slice:b:c.slice a/b.slice:c:d a--b.slice:c:d -a.slice:c:d a:c:d; do
		config '.linux.cgroupsPath = $p' --arg p "$path"
		refused 'hull: create *: linux.cgroupsPath: *' create "$ID"
	done
}

# --- the user's own manager

USER_NAME=hullperson

user_setup() {
	need_real
	pure_v2 || skip "a user's manager has no controllers on cgroup v1"
	id "$USER_NAME" >/dev/null 2>&1 || useradd --create-home "$USER_NAME"
	USER_ID=$(id -u "$USER_NAME")
	loginctl enable-linger "$USER_NAME"
	wait_for test -S "/run/user/$USER_ID/systemd/private"
	DIR=/home/$USER_NAME/$ID
	mkdir "$DIR"
	cp "$HULL" "$DIR/hull"
	cp -a "$BUNDLE" "$DIR/bundle"
	chown -R "$USER_NAME:" "$DIR"
	cd "$DIR/bundle"
	as_user systemctl --user stop user.slice
	host_snapshot >"$BATS_TEST_TMPDIR/before"
}

# as_user COMMAND... - from outside of the user's own groups, as after su
as_user() {
	setpriv --reuid="$USER_ID" --regid="$(id -g "$USER_NAME")" --clear-groups --inh-caps=-all -- \
		env -i PATH="$PATH" HOME="$DIR" XDG_RUNTIME_DIR="/run/user/$USER_ID" USER="$USER_NAME" "$@"
}

uhull() {
	as_user "$DIR/hull" --systemd-cgroup "$@"
}

@test "rootless: the scope is the user manager's, has limits, and exec enters it" {
	user_setup
	rm config.json
	uhull spec --rootless
	BUNDLE=$DIR/bundle
	config '.process.terminal = false | .process.args = ["sleep", "100"]
		| .linux.resources = {memory: {limit: 67108864}, pids: {limit: 77}}'
	chown "$USER_NAME:" config.json
	uhull run -d "$ID" </dev/null >"$DIR/out" 2>&1 || { cat "$DIR/out"; return 1; }
	init=$(uhull state "$ID" | jq .pid)
	group=/user.slice/user-$USER_ID.slice/user@$USER_ID.service/user.slice/hull-$ID.scope
	is "0::$group" "$(cat "/proc/$init/cgroup")"
	is 67108864 "$(cat "$V2$group/memory.max")"
	is 77 "$(cat "$V2$group/pids.max")"
	as_user systemctl --user daemon-reload
	is 67108864 "$(cat "$V2$group/memory.max")"
	as_user "$DIR/hull" exec -d --pid-file "$DIR/pid" "$ID" sleep 77 </dev/null >"$DIR/out" 2>&1 ||
		{ cat "$DIR/out"; return 1; }
	is "0::$group" "$(cat "/proc/$(cat "$DIR/pid")/cgroup")"
	uhull delete --force "$ID"
	is "" "$(as_user systemctl --user list-units --all --plain --no-legend "hull-$ID.scope")"
	[ ! -e "$V2$group" ]
}
