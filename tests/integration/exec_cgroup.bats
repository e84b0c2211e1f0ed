#!/usr/bin/env bats
# exec --cgroup: groups below the container's, never others; and containers whose init has moved

load lib
load helpers/m_lib
load helpers/m_groups

test_teardown() {
	m_kill_all
	hull delete --force "$ID" || true
	local dir
	[ ! -e "$BATS_TEST_TMPDIR/mounts" ] || while read -r dir; do umount "$dir"; done <"$BATS_TEST_TMPDIR/mounts"
	drop_groups
	# what make_groups made belongs to the test
	[ ! -e "$BATS_TEST_TMPDIR/before.first" ] || mv "$BATS_TEST_TMPDIR/before.first" "$BATS_TEST_TMPDIR/before"
}

# exec_fails PATTERN ARGS... - with the status that says that nothing has run
exec_fails() {
	fails "hull: exec $ID: $1" exec "${@:2}" && is 255 "$failure"
}

# make_below PATH - a group below the container's in every hierarchy; it goes with the container
make_below() {
	local h file
	[ "${1%/*}" = "$1" ] || make_below "${1%/*}"
	for h in $(hierarchies); do
		mkdir "$h$GROUP/$1"
		for file in cpuset.cpus cpuset.mems; do
			[ "$h" = "$V2" ] || [ ! -e "$h$GROUP/$1/$file" ] || cat "$h$GROUP/$file" >"$h$GROUP/$1/$file"
		done
	done
}

# groups_inside [OPTIONS...] - the groups that an exec with these options is in, as seen inside
groups_inside() {
	hull exec "$@" "$ID" cat /proc/self/cgroup | cut -d: -f3 | sort -u | xargs
}

# group_inside CONTROLLER [OPTIONS...] - the same for one v1 hierarchy
group_inside() {
	hull exec "${@:2}" "$ID" cat /proc/self/cgroup | awk -F: -v c="$1" '$2 == c { print $3 }'
}

@test "one path for all hierarchies; slashes and dots do not matter" {
	detached "$ID"
	make_below sub/deep
	is / "$(groups_inside)"
	is / "$(groups_inside --cgroup /)"
	is / "$(groups_inside --cgroup .)"
	is /sub "$(groups_inside --cgroup sub)"
	is /sub "$(groups_inside --cgroup /sub)"
	is /sub "$(groups_inside --cgroup=//sub/./)"
	is /sub/deep "$(groups_inside --cgroup sub/deep)"
}

@test "a process that goes on is there, and ps shows it" {
	detached "$ID"
	make_below sub
	hull exec -d --pid-file pid --cgroup sub "$ID" sleep 300 </dev/null >/dev/null 2>&1
	is "$GROUP/sub" "$(cut -d: -f3 "/proc/$(cat pid)/cgroup" | sort -u)"
	has " $(hull ps -f json "$ID" | jq -r '.[]' | xargs) " " $(cat pid) "
	has "$(hull ps "$ID")" "sleep 300"
}

@test "limits of the group below hold for what enters it" {
	need pids
	detached "$ID"
	make_below sub
	if is_v2 pids; then
		echo +pids >"$V2$GROUP/cgroup.subtree_control"
	fi
	echo 1 >"$(home pids)$GROUP/sub/pids.max"
	hull exec "$ID" sh -c '(true) && true'
	ended=0
	hull exec --cgroup sub "$ID" sh -c '(true); echo forked' >out 2>&1 || ended=$?
	[ "$ended" != 0 ]
	lacks "$(cat out)" forked
}

@test "by controller, where the host has v1" {
	[ "$V2" != "$CGROOT" ] || skip "only v1 has a path for each controller"
	detached "$ID"
	make_below submem
	make_below subcpu
	local cpu=cpu,cpuacct
	[ -d "$CGROOT/cpuacct" ] && [ ! "$CGROOT/cpuacct" -ef "$CGROOT/cpu" ] && cpu=cpu
	is /submem "$(group_inside memory --cgroup memory:submem --cgroup cpu,cpuacct:/subcpu)"
	is /subcpu "$(group_inside $cpu --cgroup memory:submem --cgroup cpu,cpuacct:/subcpu)"
	is / "$(group_inside freezer --cgroup memory:submem --cgroup cpu,cpuacct:subcpu)"
	is /submem "$(group_inside name=systemd --cgroup name=systemd:submem)"
	is / "$(group_inside memory --cgroup memory:/)"
}

@test "words that are none" {
	detached "$ID"
	make_below sub
	exec_fails '--cgroup whaaat:/sub: unknown controller "whaaat"*' --cgroup whaaat:/sub "$ID" true
	exec_fails '--cgroup :sub: empty controller prefix' --cgroup :sub "$ID" true
	exec_fails '--cgroup sub: missing CONTROLLER: prefix' --cgroup sub --cgroup sub "$ID" true
	if [ "$V2" = "$CGROOT" ]; then
		exec_fails '--cgroup memory:sub: unknown controller "memory" (cgroup v2 has one path for all)' \
			--cgroup memory:sub "$ID" true
		return
	fi
	exec_fails '--cgroup memory,:sub: empty controller prefix' --cgroup memory,:sub "$ID" true
	exec_fails '--cgroup cpu,memory:/: controller memory specified multiple times' \
		--cgroup memory:sub --cgroup cpu,memory:/ "$ID" true
	exec_fails '--cgroup: open cgroup *memory*/nonexistent: no such file or directory' --cgroup memory:nonexistent "$ID" true
}

@test "what is not there, and what is no group" {
	detached "$ID"
	exec_fails '--cgroup: open cgroup */nonexistent: no such file or directory' --cgroup nonexistent "$ID" true
	exec_fails '--cgroup: open cgroup */cgroup.procs: not a directory' --cgroup cgroup.procs "$ID" true
	exec_fails '--cgroup: *file name too long' --cgroup "$(printf 'a/%.0s' $(seq 3000))" "$ID" true
	hull --cgroup-manager disabled run -d "$ID-none" </dev/null >/dev/null 2>&1
	fails "hull: exec $ID-none: --cgroup: the container has no cgroup" exec --cgroup / "$ID-none" true
}

@test "no way out: dots" {
	make_groups "$GROUP-twin"
	detached "$ID"
	make_below sub
	local path
	for path in .. ../ /.. ../"${GROUP#/}-twin" "..$GROUP-twin" sub/.. sub/../.. sub/../../"${GROUP#/}-twin" \
		./.. sub/./../../x ../../../../proc; do
		exec_fails "--cgroup: bad sub cgroup path: \"$path\" must not contain \"..\"" --cgroup "$path" "$ID" true
		[ "$V2" != "$CGROOT" ] || continue
		exec_fails "--cgroup: bad sub cgroup path: \"$path\" must not contain \"..\"" --cgroup "memory:$path" "$ID" true
	done
}

@test "no way out: a twin of the same beginning, the host's paths" {
	make_groups "$GROUP-twin"
	detached "$ID"
	local path
	for path in -twin "/-twin" "$GROUP-twin" "${GROUP#/}-twin" "$V2$GROUP-twin"; do
		exec_fails "--cgroup: open cgroup *$GROUP/*: no such file or directory" --cgroup "$path" "$ID" true
	done
	is "" "$(cat "$V2$GROUP-twin/cgroup.procs" 2>/dev/null)"
}

@test "no way out: a mount on a group below" {
	make_groups "$GROUP-other"
	detached "$ID"
	make_below sub
	local h
	for h in $(hierarchies); do
		mount --bind "$h$GROUP-other" "$h$GROUP/sub"
		echo "$h$GROUP/sub" >>"$BATS_TEST_TMPDIR/mounts"
	done
	exec_fails '--cgroup: open cgroup */sub: *cross-device link' --cgroup sub "$ID" true
}

@test "links cannot be made there at all" {
	detached "$ID"
	not ln -s / "$V2$GROUP/link"
	not ln -s / "$(home pids)$GROUP/link"
}

# take_over CONTROLLER - a v2 controller is enabled for the groups below the container's, and init
# has gone to one of them, as systemd in a container does
take_over() {
	mkdir "$V2$GROUP/init"
	pid_of "$ID" >"$V2$GROUP/init/cgroup.procs"
	echo "+$1" >"$V2$GROUP/cgroup.subtree_control"
}

# v2_domain_controller - one that forbids processes in a group which has enabled it for others
v2_domain_controller() {
	local c
	for c in memory io hugetlb; do
		grep -qw $c "$V2$GROUP/cgroup.controllers" 2>/dev/null && echo $c && return
	done
	return 1
}

@test "init has moved to a group below and enabled controllers: exec goes where init is" {
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}]'
	detached "$ID" || skip "this host has no controller on v2 for this"
	local controller
	controller=$(v2_domain_controller) || skip "this host has no controller on v2 for this"
	take_over "$controller"
	hull exec -d --pid-file pid "$ID" sleep 300 </dev/null >/dev/null 2>&1
	is "0::$GROUP/init" "$(grep ^0:: "/proc/$(cat pid)/cgroup")"
	[ "$V2" = "$CGROOT" ] || is "$GROUP" "$(grep :pids: "/proc/$(cat pid)/cgroup" | cut -d: -f3)"
	is /init "$(hull exec "$ID" sed -n 's/^0:://p' /proc/self/cgroup)"
	# whose CPUs before it is in a group matter enters it by itself
	hull exec -d --pid-file pid2 -p <(jq '.process | .args = ["sleep", "300"]
		| .execCPUAffinity = {initial: "0", final: "0"}' config.json) "$ID" </dev/null >/dev/null 2>&1
	is "0::$GROUP/init" "$(grep ^0:: "/proc/$(cat pid2)/cgroup")"
	# what is asked for is what is done
	exec_fails '*device or resource busy' --cgroup / "$ID" true
	make_below other
	is /other "$(hull exec --cgroup other "$ID" sed -n 's/^0:://p' /proc/self/cgroup)"
	has "$(hull ps -f json "$ID" | jq -c .)" "$(cat pid)"
}

@test "init has moved away and its group is gone: exec goes where init is" {
	make_groups "$GROUP-away"
	detached "$ID"
	local h init
	init=$(pid_of "$ID")
	for h in $(hierarchies); do
		echo "$init" >"$h$GROUP-away/cgroup.procs"
		wait_for eval '[ ! -e "$h$GROUP" ] || rmdir "$h$GROUP"' # systemd does so with its scope
	done
	hull exec -d --pid-file pid "$ID" sleep 300 </dev/null >/dev/null 2>&1
	is "$GROUP-away" "$(cut -d: -f3 "/proc/$(cat pid)/cgroup" | sort -u)"
	is running "$(status_of "$ID")"
	exec_fails '--cgroup: open cgroup *: no such file or directory' --cgroup / "$ID" true
	hull delete --force "$ID"
	wait_for eval '! kill -0 '"$init"
}

@test "init has moved to a group below, no controllers: exec enters the container's own" {
	[ -e "$V2/cgroup.controllers" ] || skip "this host has no cgroup v2"
	detached "$ID"
	make_below init
	pid_of "$ID" >"$V2$GROUP/init/cgroup.procs"
	is / "$(hull exec "$ID" sed -n 's/^0:://p' /proc/self/cgroup)"
}

@test "many enter a group below at once" {
	detached "$ID"
	make_below sub
	local i
	for i in 1 2 3 4 5 6; do
		hull exec --cgroup sub "$ID" true 3>&- &
		pids[i]=$!
	done
	for i in "${pids[@]}"; do
		ends "$i"
		is 0 "$ended"
	done
	is "" "$(cat "$(home pids)$GROUP/sub/cgroup.procs")"
}
