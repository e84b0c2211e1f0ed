# linux.intelRdt over a directory that looks like resctrl, in a mount namespace of the test's own: the
# kernel that fills a new group with files is missing, so classes that hull makes can only fail here.
# tests/unit/test_rdt.c has the rest.
load lib
load helpers/m_lib

RESCTRL=/sys/fs/resctrl

test_setup() {
	mkdir "$BATS_TEST_TMPDIR/cgroup"
	m_background unshare --mount --propagation private sh -c "
		mount --rbind /sys/fs/cgroup '$BATS_TEST_TMPDIR/cgroup' && mount -t tmpfs tmpfs /sys/fs &&
		mkdir /sys/fs/cgroup $RESCTRL && mount --rbind '$BATS_TEST_TMPDIR/cgroup' /sys/fs/cgroup &&
		umount -l '$BATS_TEST_TMPDIR/cgroup' && touch '$BATS_TEST_TMPDIR/ready' && exec sleep 1000"
	NS=$M_PID
	wait_for test -e "$BATS_TEST_TMPDIR/ready"
	within mkdir $RESCTRL/mon_groups
	within sh -c "printf '    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n' >$RESCTRL/schemata; : >$RESCTRL/tasks"
	config '.process.args = ["sleep", "1000"]'
}

test_teardown() {
	m_delete_all
	m_kill_all
}

# within COMMAND... - in that mount namespace, in this directory
within() {
	nsenter -t "$NS" --mount sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
}

hull() {
	within "$HULL" --root "$ROOT" "$@"
}

# class NAME LINE... - one that an administrator has made
class() {
	local name=$1
	shift
	within mkdir -p "$RESCTRL/$name/mon_groups"
	printf '%s\n' "$@" | within sh -c "cat >$RESCTRL/$name/schemata; : >$RESCTRL/$name/tasks"
}

rdt() {
	config '.linux.intelRdt = $r' --argjson r "$1"
}

classes() {
	within find $RESCTRL -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | xargs
}

@test "a class that exists: init is in it before the payload runs, what enters too, and it stays" {
	class gold "    L3:0=ff;1=ff"
	rdt '{"closID": "gold"}'
	created "$ID" || { errors_of "$ID"; return 1; }
	is "$(pid_of "$ID")" "$(within cat $RESCTRL/gold/tasks)"
	hull start "$ID"
	hull exec -d --pid-file pid "$ID" sleep 99 </dev/null >/dev/null 2>&1
	# the process that enters; the payload's is its child, which the kernel puts where its parent is
	entered=$(within cat $RESCTRL/gold/tasks | head -1)
	[ "$entered" != "$(pid_of "$ID")" ] && [ "$entered" -le "$(cat pid)" ]
	hull delete --force "$ID"
	is "gold mon_groups" "$(classes)"
}

@test "the default class" {
	rdt '{"closID": "/"}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "$(pid_of "$ID")" "$(within cat $RESCTRL/tasks)"
	hull delete --force "$ID"
	is mon_groups "$(classes)"
}

@test "a class that exists with what is asked for, written otherwise" {
	class gold "    MB:0=50;1=100" "    L3:0=ff;1=0ff"
	rdt '{"closID": "gold", "l3CacheSchema": "L3:0=00ff;1=FF", "memBwSchema": "MB:0=50;1=100"}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	rdt '{"closID": "gold", "schemata": ["MB:1=100", "L3:0=ff"]}'
	detached "$ID-2" || { errors_of "$ID-2"; return 1; }
}

@test "a class that exists with something else, or not at all" {
	class gold "    L3:0=ff;1=ff"
	rdt '{"closID": "gold", "l3CacheSchema": "L3:0=f;1=ff"}'
	refused "hull: create $ID: linux.intelRdt: the class exists with other schemata than \"L3:0=f;1=ff\"" create "$ID"
	rdt '{"closID": "gold", "memBwSchema": "MB:0=20"}'
	refused "hull: create $ID: linux.intelRdt: the class exists with other schemata than \"MB:0=20\"" create "$ID"
	rdt '{"closID": "silver"}'
	refused "hull: create $ID: linux.intelRdt.closID: $RESCTRL/silver does not exist*" create "$ID"
	rdt '{"closID": "../cgroup"}'
	refused "hull: create $ID: linux.intelRdt.closID: not the name of a class: *" create "$ID"
	is "gold mon_groups" "$(classes)"
}

@test "a class that cannot be filled in or entered is not left" {
	rdt '{"l3CacheSchema": "L3:0=f"}'
	refused "hull: create $ID: linux.intelRdt: write \"L3:0=f\" to $RESCTRL/$ID/schemata: no such file or directory" create "$ID"
	is mon_groups "$(classes)"
	rdt '{}'
	refused "hull: create $ID: linux.intelRdt: write * to $RESCTRL/$ID/tasks: no such file or directory" create "$ID"
	is mon_groups "$(classes)"
	rdt '{"closID": "silver", "schemata": ["L3:0=f"]}'
	refused "hull: create $ID: linux.intelRdt: write \"L3:0=f\" to $RESCTRL/silver/schemata: *" create "$ID"
	is mon_groups "$(classes)"
}

@test "a monitoring group goes when create fails, and the class stays" {
	class gold "    L3:0=ff;1=ff"
	rdt '{"closID": "gold", "enableMonitoring": true}'
	refused "hull: create $ID: linux.intelRdt: write * to $RESCTRL/gold/mon_groups/$ID/tasks: no such file or directory" create "$ID"
	is "" "$(within ls $RESCTRL/gold/mon_groups)"
	is "gold mon_groups" "$(classes)"
}

@test "a create that fails later leaves no class of its own, one that was killed neither" {
	class gold "    L3:0=ff;1=ff"
	rdt '{"closID": "gold"}'
	config '.process.args = ["/no/such/program"]'
	refused "hull: create $ID: exec: \"/no/such/program\": *" create "$ID"
	is "gold mon_groups" "$(classes)"
	# what a killed command left: the class and state.json that tells of it
	rdt '{}'
	within strace -qq -o /dev/null -e trace=socketpair -e inject=socketpair:signal=KILL \
		"$HULL" --root "$ROOT" create -b "$BUNDLE" "$ID" </dev/null || true
	is "gold mon_groups $ID" "$(classes)"
	hull delete --force "$ID"
	is "gold mon_groups" "$(classes)"
	# one of its name that was there before stays
	class "$ID" ""
	refused "hull: create $ID: exec: \"/no/such/program\": *" create "$ID"
	is "gold mon_groups $ID" "$(classes)"
}

@test "without intelRdt nothing is looked at" {
	created "$ID"
	is "" "$(within cat $RESCTRL/tasks)"
	is mon_groups "$(classes)"
}
