# m_groups.bash - where the host has which controller, and what the files of $GROUP say there

# The container is in $GROUP, and sleeps. A test file may have both functions in its own way.
test_setup() {
	local path
	GROUP=/hull-test-$ID path=$GROUP
	[ "${HULL_MANAGER:-}" != systemd ] || GROUP=/system.slice/hull-test-$ID.scope path=:hull-test:$ID
	config '.linux.cgroupsPath = $p | .process.args = ["sleep", "1000"]' --arg p "$path"
}

test_teardown() {
	m_kill_all
	hull delete --force "$ID" || true
}

V2=$CGROOT
[ -e "$CGROOT/cgroup.controllers" ] || V2=$CGROOT/unified

# home CONTROLLER - where its hierarchy is mounted; fails where this host has none
home() {
	if [ -d "$CGROOT/$1" ] && [ "$V2" != "$CGROOT" ]; then
		echo "$CGROOT/$1"
	elif grep -qw "$1" "$V2/cgroup.controllers" 2>/dev/null; then
		echo "$V2"
	else
		return 1
	fi
}

is_v2() {
	[ "$(home "$1")" = "$V2" ]
}

need() { # CONTROLLER
	home "$1" >/dev/null || skip "this host has no $1 controller"
}

# reads CONTROLLER V1-FILE V1-VALUE V2-FILE V2-VALUE - in the container's group
reads() {
	if is_v2 "$1"; then
		is "$5" "$(cat "$V2$GROUP/$4")" "$4"
	else
		is "$3" "$(cat "$(home "$1")$GROUP/$2")" "$2"
	fi
}

# hierarchies - all that are mounted; not what another test has mounted on a group
hierarchies() {
	awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) ~ /^cgroup2?$/) print $5 }' /proc/self/mountinfo |
		grep -x "$CGROOT\(/[^/]*\)\?" | while read -r dir; do [ -w "$dir/cgroup.procs" ] && echo "$dir"; done | sort -u
}

# make_groups PATH - by the test, in every hierarchy
make_groups() {
	local h
	for h in $(hierarchies); do
		mkdir -p "$h$1"
		echo "$h$1" >>"$BATS_TEST_TMPDIR/groups"
		[ ! -e "$h$1/cpuset.cpus" ] || [ "$h" = "$V2" ] || {
			cat "$h/cpuset.cpus" >"$h$1/cpuset.cpus"
			cat "$h/cpuset.mems" >"$h$1/cpuset.mems"
		}
	done
	host_changed
}

drop_groups() {
	[ -e "$BATS_TEST_TMPDIR/groups" ] || return 0
	local dir
	while read -r dir; do
		[ ! -d "$dir" ] || wait_for rmdir "$dir" || return 1
	done < <(tac "$BATS_TEST_TMPDIR/groups")
}

groups_of() { # PATH - the hierarchies where it exists
	local h
	for h in $(hierarchies); do
		[ ! -d "$h$1" ] || echo "$h"
	done
}

# all_values - every file of the container's groups that holds a limit, with what it says
all_values() {
	local h
	for h in $(groups_of "$GROUP"); do
		(cd "$h$GROUP" && find . -maxdepth 1 -type f -perm -600 ! -name '*.usage*' ! -name '*max_usage*' \
			! -name '*failcnt' ! -name 'cgroup.procs' ! -name tasks ! -name 'cgroup.threads' \
			! -name '*.pressure' ! -name 'memory.reclaim' ! -name 'memory.peak' ! -name '*.peak' \
			! -name 'memory.oom_control' ! -name 'memory.stat' -exec grep -H '' {} + 2>/dev/null |
			sed "s|^|$h/|" | sort)
	done
}
