#!/usr/bin/env bats
# namespaces: new, inherited, joined by path

load lib
load helpers/m_lib

ALL="mnt uts ipc net pid cgroup time user"

# type of a link in /proc/PID/ns to the word of the specification
word() {
	case $1 in
	mnt) echo mount ;;
	net) echo network ;;
	*) echo "$1" ;;
	esac
}

link_of() { # PID TYPE
	readlink "/proc/$1/ns/$2"
}

# sleeper - the container runs, its process sleeps; $INIT is its number
sleeper() {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	INIT=$(pid_of "$ID")
}

# holder FLAGS... - a process in new namespaces, by the flags of unshare(1); $HOLDER is its number
holder() {
	m_background unshare "$@" sleep 1000
	HOLDER=$M_PID
	wait_for eval '[ "$(readlink "/proc/$HOLDER/exe")" = "$(readlink -f "$(command -v sleep)")" ]'
}

@test "pid, network, ipc, uts, mount and cgroup namespaces are new where listed" {
	sleeper
	local type
	for type in mnt uts ipc net pid cgroup; do
		not is "$(link_of self $type)" "$(link_of "$INIT" $type)" $type
	done
	is "$(link_of self user)" "$(link_of "$INIT" user)"
	is "$(link_of self time)" "$(link_of "$INIT" time)"
}

@test "a user namespace is new where listed" {
	user_namespace
	sleeper
	not is "$(link_of self user)" "$(link_of "$INIT" user)"
	is "         0     100000      65536" "$(cat "/proc/$INIT/uid_map")"
}

@test "a time namespace is new where listed, with its offsets" {
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets =
		{monotonic: {secs: 172800}, boottime: {secs: 604800, nanosecs: 5}}'
	sleeper
	not is "$(link_of self time)" "$(link_of "$INIT" time)"
	read -r host _ </proc/uptime
	read -r inside _ <<<"$(hull exec "$ID" cat /proc/uptime)"
	[ $((${inside%.*} - ${host%.*})) -ge 604799 ]
	[ $((${inside%.*} - ${host%.*})) -le 604810 ]
	matches '*monotonic *172800 *0*boottime *604800 *5*' "$(tr '\n' ' ' <"/proc/$INIT/timens_offsets")"
}

@test "each namespace that is not listed is hull's own" {
	local type
	for type in uts ipc net pid cgroup; do
		no_namespace "$(word $type)"
	done
	config 'del(.hostname) | .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
	sleeper
	for type in uts ipc net pid cgroup user time; do
		is "$(link_of self $type)" "$(link_of "$INIT" $type)" $type
	done
	not is "$(link_of self mnt)" "$(link_of "$INIT" mnt)"
}

@test "without a mount namespace the root is a chroot, and mounts are refused" {
	no_namespace mount
	refused "hull: run $ID: mounts* needs a mount namespace in linux.namespaces*" run "$ID"
	config 'del(.mounts)'
	refused "hull: run $ID: linux.maskedPaths* needs a mount namespace*" run "$ID"
	config 'del(.linux.maskedPaths)'
	refused "hull: run $ID: linux.readonlyPaths* needs a mount namespace*" run "$ID"
	config 'del(.linux.readonlyPaths)'
	refused "hull: run $ID: root.readonly* needs a mount namespace*" run "$ID"
	config '.root.readonly = false'
	sleeper
	is "$(link_of self mnt)" "$(link_of "$INIT" mnt)"
	[ "/proc/$INIT/root" -ef rootfs ]
	is /bin/sleep "$(hull exec "$ID" ls /bin/sleep)"
}

@test "a shell of the container compares its own links" {
	sh_config 'for t in uts ipc net pid mnt; do readlink /proc/self/ns/$t; done'
	output=$(hull run "$ID")
	local type
	for type in uts ipc net pid mnt; do
		lacks "$output" "$(link_of self $type)"
	done
}

# --- joined by path

@test "join: uts, whose host name is not the one of the configuration" {
	holder --uts
	nsenter -t "$HOLDER" -u hostname of-the-holder
	join_namespace uts "/proc/$HOLDER/ns/uts"
	config 'del(.hostname)'
	is of-the-holder "$(inside hostname)"
	config '.hostname = "changed"'
	is changed "$(hull run "$ID")"
	is changed "$(nsenter -t "$HOLDER" -u hostname)"
}

@test "join: ipc" {
	holder --ipc
	join_namespace ipc "/proc/$HOLDER/ns/ipc"
	sleeper
	is "$(link_of "$HOLDER" ipc)" "$(link_of "$INIT" ipc)"
}

@test "join: network, whose links are not touched" {
	holder --net
	join_namespace network "/proc/$HOLDER/ns/net"
	lacks "$(inside 'ip -o link show lo')" ",UP"
	lacks "$(nsenter -t "$HOLDER" -n ip -o link show lo)" ",UP"
	sleeper
	is "$(link_of "$HOLDER" net)" "$(link_of "$INIT" net)"
}

@test "join: a network namespace that has a name of its own, as ip netns makes them" {
	m_background unshare --net sleep 1000
	wait_for eval '[ "$(link_of $M_PID net)" != "$(link_of self net)" ]'
	touch "$BATS_TEST_TMPDIR/netns"
	host_mount --bind "/proc/$M_PID/ns/net" "$BATS_TEST_TMPDIR/netns"
	join_namespace network "$BATS_TEST_TMPDIR/netns"
	sleeper
	is "$(link_of "$M_PID" net)" "$(link_of "$INIT" net)"
}

@test "join: network, with a new user namespace" {
	holder --net
	join_namespace network "/proc/$HOLDER/ns/net"
	user_namespace
	sleeper
	is "$(link_of "$HOLDER" net)" "$(link_of "$INIT" net)"
	not is "$(link_of self user)" "$(link_of "$INIT" user)"
	has "$(hull exec "$ID" cat /proc/self/mountinfo)" " /sys ro,"
}

@test "join: mount, which the container's mounts are then made in" {
	holder --mount
	join_namespace mount "/proc/$HOLDER/ns/mnt"
	sleeper
	is "$(link_of "$HOLDER" mnt)" "$(link_of "$INIT" mnt)"
}

@test "join: cgroup" {
	holder --cgroup
	join_namespace cgroup "/proc/$HOLDER/ns/cgroup"
	sleeper
	is "$(link_of "$HOLDER" cgroup)" "$(link_of "$INIT" cgroup)"
}

@test "join: time" {
	holder --time --boottime 100000
	config '.linux.namespaces += [{type: "time", path: $p}]' --arg p "/proc/$HOLDER/ns/time_for_children"
	sleeper
	is "$(readlink "/proc/$HOLDER/ns/time_for_children")" "$(link_of "$INIT" time)"
}

@test "join: pid, where init is one process among others" {
	m_background unshare --pid --fork --kill-child sleep 1000
	wait_for pgrep -P "$M_PID"
	HOLDER=$(pgrep -P "$M_PID")
	join_namespace pid "/proc/$HOLDER/ns/pid"
	sleeper
	is "$(link_of "$HOLDER" pid)" "$(link_of "$INIT" pid)"
	not is 1 "$(awk '/^NSpid/ { print $NF }' "/proc/$INIT/status")"
	has "$(hull exec "$ID" ps)" "sleep 1000"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	kill -0 "$HOLDER" # the others of that namespace live on
}

@test "join: pid of another container, whose end takes both" {
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	join_namespace pid "/proc/$(pid_of "$ID")/ns/pid"
	detached "$ID-b"
	is 2 "$(hull exec "$ID-b" ps | grep -c 'sleep 1000')"
	hull delete --force "$ID"
	wait_for eval '[ "$(status_of "$ID-b")" = stopped ]'
}

@test "join: pid: hull executes from sealed memory while the container can see it" {
	m_background unshare --pid --fork --kill-child sleep 1000
	wait_for pgrep -P "$M_PID"
	join_namespace pid "/proc/$(pgrep -P "$M_PID")/ns/pid"
	cat >"$BATS_TEST_TMPDIR/hook" <<-END
		#!/bin/sh
		touch "$BATS_TEST_TMPDIR/ready"
		while [ ! -e "$BATS_TEST_TMPDIR/go" ]; do sleep 0.02; done
	END
	chmod +x "$BATS_TEST_TMPDIR/hook"
	config '.hooks.createContainer = [{path: $h}]' --arg h "$BATS_TEST_TMPDIR/hook"
	hull create "$ID" </dev/null >/dev/null 2>&1 3>&- &
	local create=$!
	wait_for test -e "$BATS_TEST_TMPDIR/ready"
	local on_disk sealed=0 pid
	on_disk=$(find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$HULL" -printf '%h\n' 2>/dev/null |
		xargs -r -I{} grep -lsF "$ROOT" {}/cmdline) || true
	for pid in $(grep -lsF "$ID" /proc/[0-9]*/cmdline | cut -d/ -f3); do
		[[ $(readlink "/proc/$pid/exe") == /memfd:hull* ]] || continue
		sealed=$((sealed + 1))
		# F_GET_SEALS: seal, shrink, grow, write
		is 15 "$(python3 -c 'import fcntl, sys; print(fcntl.fcntl(open(sys.argv[1]), 1034))' "/proc/$pid/exe")"
	done
	touch "$BATS_TEST_TMPDIR/go"
	wait "$create"
	is "" "$on_disk"
	[ "$sealed" -ge 2 ] # the command and init
}

@test "join: user, with the mappings of its owner" {
	holder --user --mount
	printf '0 200000 1000\n' >"/proc/$HOLDER/uid_map"
	printf '0 200000 1000\n' >"/proc/$HOLDER/gid_map"
	chown -R 200000:200000 rootfs
	join_namespace user "/proc/$HOLDER/ns/user"
	sleeper
	is "$(link_of "$HOLDER" user)" "$(link_of "$INIT" user)"
	is 200000 "$(awk '/^Uid/ { print $2 }' "/proc/$INIT/status")"
	is 0 "$(hull exec "$ID" id -u)"
}

@test "join: user, with the same mappings once more in the configuration" {
	holder --user
	printf '0 200000 1000\n' >"/proc/$HOLDER/uid_map"
	printf '0 200000 1000\n' >"/proc/$HOLDER/gid_map"
	chown -R 200000:200000 rootfs
	join_namespace user "/proc/$HOLDER/ns/user"
	config '.linux.uidMappings = [{containerID: 0, hostID: 200000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings'
	is 0 "$(inside 'id -u')"
}

@test "join: user, network and pid of another container, as a pod does" {
	user_namespace
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	local pid
	pid=$(pid_of "$ID")
	join_namespace user "/proc/$pid/ns/user"
	join_namespace network "/proc/$pid/ns/net"
	join_namespace ipc "/proc/$pid/ns/ipc"
	detached "$ID-b"
	local type
	for type in user net ipc; do
		is "$(link_of "$pid" $type)" "$(link_of "$(pid_of "$ID-b")" $type)" $type
	done
	is 0 "$(hull exec "$ID-b" id -u)"
}

# --- refused

@test "a path of another type is refused" {
	local type other
	for type in $ALL; do
		other=uts
		[ $type != uts ] || other=ipc
		join_namespace "$(word $type)" "/proc/self/ns/$other"
		[ $type != uts ] || config 'del(.hostname)'
		[ $type != user ] || config 'del(.linux.uidMappings, .linux.gidMappings)'
		refused "*/proc/self/ns/$other is a $other namespace, not a $(word $type) namespace*" run "$ID"
		no_namespace "$(word $type)"
		config '.linux.namespaces += [{type: $t}] | .linux.namespaces -= [{type: "user"}, {type: "time"}]' \
			--arg t "$(word $type)"
	done
}

@test "a path that is no namespace, or is not there, is refused" {
	join_namespace uts /etc/hostname
	refused '*/etc/hostname is not a namespace*' run "$ID"
	join_namespace uts /does/not/exist
	refused '*open uts namespace /does/not/exist: *o such file*' run "$ID"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	join_namespace uts "$BATS_TEST_TMPDIR/fifo"
	refused '*fifo is not a namespace*' run "$ID"
	join_namespace uts proc/self/ns/uts
	refused "*linux.namespaces\[5\].path (line *): must be an absolute path*" run "$ID"
}

@test "a type given twice is refused with path and line" {
	config '.linux.namespaces += [{type: "uts"}]'
	refused "hull: run $ID: linux.namespaces\[6\].type (line *): the uts namespace is given twice" run "$ID"
	config '.linux.namespaces[6].path = "/proc/self/ns/uts"'
	refused "*the uts namespace is given twice" run "$ID"
}

@test "an unknown type is refused with path and line" {
	config '.linux.namespaces += [{type: "disk"}]'
	refused "hull: run $ID: *linux.namespaces\[6\].type (line *): *disk*" run "$ID"
}

@test "a host name needs a uts namespace" {
	no_namespace uts
	refused "hull: run $ID: hostname (line *): needs a uts namespace in linux.namespaces" run "$ID"
	config 'del(.hostname) | .domainname = "d"'
	refused "hull: run $ID: domainname (line *): needs a uts namespace in linux.namespaces" run "$ID"
	join_namespace uts /proc/self/ns/uts
	refused "hull: run $ID: domainname (line *): linux.namespaces joins the host's own*" run "$ID"
}

@test "mappings need a user namespace; a new user namespace needs both" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
	refused "*linux.uidMappings (line *): need a user namespace*" run "$ID"
	config '.linux.namespaces += [{type: "user"}]'
	refused "*linux.gidMappings*: a new user namespace needs both*" run "$ID"
}

@test "time offsets need a new time namespace" {
	config '.linux.timeOffsets = {monotonic: {secs: 1}}'
	refused "*linux.timeOffsets (line *): needs a new time namespace" run "$ID"
	config '.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}]'
	refused "*linux.timeOffsets (line *): needs a new time namespace" run "$ID"
}

# --- what belongs to a namespace

@test "lo is up in a new network namespace" {
	has "$(inside 'ip -o link show lo')" ",UP"
	has "$(inside 'ip -o addr show lo')" 127.0.0.1
}

@test "a network parameter of the host is refused, one of the container is set" {
	local before
	before=$(cat /proc/sys/net/core/somaxconn)
	config '.linux.sysctl = {"net.core.somaxconn": "77"}'
	is 77 "$(inside 'cat /proc/sys/net/core/somaxconn')"
	no_namespace network
	config '.mounts |= map(select(.type != "sysfs"))'
	refused "*linux.sysctl.net.core.somaxconn (line *): needs a separate network namespace*" run "$ID"
	join_namespace network /proc/self/ns/net
	refused "*linux.sysctl.net.core.somaxconn (line *): linux.namespaces joins the host's own*" run "$ID"
	join_namespace network "/proc/$$/ns/net"
	refused "*linux.sysctl.net.core.somaxconn (line *): linux.namespaces joins the host's own*" run "$ID"
	is "$before" "$(cat /proc/sys/net/core/somaxconn)"
}

@test "a parameter in a joined network namespace is set there and not on the host" {
	holder --net
	join_namespace network "/proc/$HOLDER/ns/net"
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/conf/lo/forwarding": "1"}'
	local before
	before=$(cat /proc/sys/net/ipv4/ip_forward)
	is 1 "$(inside 'cat /proc/sys/net/ipv4/ip_forward')"
	is 1 "$(nsenter -t "$HOLDER" -n cat /proc/sys/net/ipv4/ip_forward)"
	is "$before" "$(cat /proc/sys/net/ipv4/ip_forward)"
}

@test "a parameter of the kernel itself is refused" {
	config '.linux.sysctl = {"kernel.panic": "1"}'
	refused "*linux.sysctl.kernel.panic (line *): not in a separate kernel namespace*" run "$ID"
}

@test "ipc parameters need an ipc namespace" {
	config '.linux.sysctl = {"kernel.shmmni": "99", "fs.mqueue.msg_max": "11", "kernel.sem": "1 2 3 4"}'
	is "99 11 1 2 3 4" "$(inside 'echo $(cat /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max /proc/sys/kernel/sem)')"
	no_namespace ipc
	config '.mounts |= map(select(.type != "mqueue"))'
	refused "*linux.sysctl.*needs a separate ipc namespace*" run "$ID"
}

@test "the container's host and domain name, and not the host's" {
	config '.hostname = "inside" | .domainname = "example"'
	is "inside example" "$(inside 'echo $(cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname)')"
	not is inside "$(cat /proc/sys/kernel/hostname)"
}

@test "exec enters every namespace of the container" {
	user_namespace
	config '.linux.namespaces += [{type: "time"}]'
	sleeper
	output=$(hull exec "$ID" sh -c 'for t in mnt uts ipc net pid cgroup time user; do readlink /proc/self/ns/$t; done')
	local type
	for type in $ALL; do
		has "$output" "$(link_of "$INIT" $type)"
	done
}

@test "exec enters joined namespaces, too" {
	holder --net --ipc
	join_namespace network "/proc/$HOLDER/ns/net"
	join_namespace ipc "/proc/$HOLDER/ns/ipc"
	sleeper
	output=$(hull exec "$ID" sh -c 'readlink /proc/self/ns/net; readlink /proc/self/ns/ipc')
	has "$output" "$(link_of "$HOLDER" net)"
	has "$output" "$(link_of "$HOLDER" ipc)"
}
