#!/usr/bin/env bats
# userns: containers with a user namespace of their own, started by real root

load lib
load helpers/m_lib

test_setup() {
	user_namespace
}

sleeper() {
	config '.process.args = ["sleep", "100"]'
	detached "$ID" || { errors_of "$ID"; return 1; }
	INIT=$(pid_of "$ID")
}

@test "the mapping holds: root inside is an ordinary user outside" {
	sleeper
	is "         0     100000      65536" "$(cat "/proc/$INIT/uid_map")"
	is "         0     100000      65536" "$(cat "/proc/$INIT/gid_map")"
	is "100000 100000 100000 100000" "$(awk '/^Uid/ { print $2, $3, $4, $5 }' "/proc/$INIT/status")"
	is "100000 100000 100000 100000" "$(awk '/^Gid/ { print $2, $3, $4, $5 }' "/proc/$INIT/status")"
	is "0 0" "$(hull exec "$ID" sh -c 'echo $(id -u) $(id -g)')"
}

@test "several ranges, in the order given" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10},
			{containerID: 10, hostID: 200000, size: 5}, {containerID: 1000, hostID: 300000, size: 1}]
		| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1},
			{containerID: 5, hostID: 7777, size: 1}, {containerID: 1000, hostID: 300000, size: 1}]
		| .process.user = {uid: 1000, gid: 1000, additionalGids: [5]}'
	sleeper
	is "0 100000 10
10 200000 5
1000 300000 1" "$(awk '{ print $1, $2, $3 }' "/proc/$INIT/uid_map")"
	is "300000 300000" "$(awk '/^[UG]id/ { print $2 }' "/proc/$INIT/status" | xargs)"
	is 7777 "$(awk '/^Groups/ { print $2 }' "/proc/$INIT/status")"
	is "uid=1000 gid=1000 groups=5" "$(hull exec "$ID" id)"
}

@test "as many ranges as the kernel takes" {
	config '.linux.uidMappings = [range(340) | {containerID: (. * 2), hostID: (5000 + . * 2), size: 1}]'
	sleeper
	cat "$BATS_TEST_TMPDIR/$ID.err"
	is 340 "$(wc -l <"/proc/$INIT/uid_map")"
	hull delete --force "$ID"
	config '.linux.uidMappings = [range(341) | {containerID: (. * 2), hostID: (5000 + . * 2), size: 1}]'
	refused "hull: run $ID: linux.uidMappings (line *): 341 ranges: the kernel takes at most 340" run "$ID"
}

@test "root itself need not be mapped" {
	config '.linux.uidMappings = [{containerID: 1000, hostID: 100000, size: 10}]
		| .linux.gidMappings = .linux.uidMappings
		| .process.user = {uid: 1003, gid: 1004}'
	no_tty_group
	is "uid=1003 gid=1004" "$(inside id)"
	sleeper
	is "100003 100004" "$(awk '/^[UG]id/ { print $2 }' "/proc/$INIT/status" | xargs)"
	is "uid=1003 gid=1004" "$(hull exec "$ID" id)"
}

@test "a user who is not mapped is an error of create" {
	config '.process.user = {uid: 70000, gid: 0}'
	refused "hull: create $ID: process.user.uid (line *): 70000 is not in linux.uidMappings" create "$ID"
	config '.process.user = {uid: 0, gid: 70000}'
	refused "hull: create $ID: process.user.gid (line *): 70000 is not in linux.gidMappings" create "$ID"
}

@test "mappings that overlap are refused by the kernel, and say which" {
	config '.linux.uidMappings += [{containerID: 5, hostID: 200000, size: 5}]'
	refused "hull: run $ID: linux.uidMappings: write uid_map: *nvalid argument*" run "$ID"
}

@test "devices are the host's own, bound" {
	output=$(inside 'cat /proc/self/mountinfo; head -c 4 /dev/zero | wc -c; echo gone >/dev/null;
		for d in null zero full random urandom tty; do stat -c "%t:%T %n" /dev/$d; done')
	has "$output" "
4
"
	local d
	for d in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		has "$output" "${d#*:} /dev/${d%%:*}"
		is "/${d%%:*}" "$(awk -v p="/dev/${d%%:*}" '$5 == p { print $4 }' <<<"$output")" "$d"
	done
}

@test "a device that the host has another node for cannot be made, and says so" {
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 5}]'
	refused "hull: run $ID: device /dev/null: mknod is not permitted here*" run "$ID"
	config '.linux.devices[0].path = "/dev/hull-test"'
	refused "hull: run $ID: device /dev/hull-test: bind the host's: *o such file*" run "$ID"
}

@test "devices: without a mount on /dev the same root serves a second time" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false'
	sh_config 'stat -c %t:%T /dev/null'
	is 1:3 "$(hull run "$ID" </dev/null)"
	is 1:3 "$(hull run "$ID" </dev/null)"
	echo full >rootfs/dev/null
	refused "hull: run $ID: device /dev/null: something else is there*" run "$ID"
}

@test "a fifo among the devices is made, not bound" {
	config '.linux.devices = [{path: "/dev/pipe", type: "p", fileMode: 384, uid: 5, gid: 6}]'
	is "fifo 600 5 6" "$(inside 'stat -c "%F %a %u %g" /dev/pipe')"
}

@test "sysfs: its own with a network namespace, the host's read-only without" {
	output=$(inside 'cat /proc/self/mountinfo; ls /sys/class/net')
	is sysfs "$(mount_type "$output" /sys)"
	is lo "$(tail -1 <<<"$output")"
	no_namespace network
	output=$(inside 'cat /proc/self/mountinfo; echo 1 2>&1 >/sys/kernel/profiling || true; ls /sys/class/net')
	is ro,nosuid,nodev,noexec,relatime "$(mount_options "$output" /sys)"
	has "$output" "Read-only file system"
	has "$output" "$(basename "$(find /sys/class/net -mindepth 1 ! -name lo | head -1)")"
	is "" "$(awk '$5 ~ "^/sys" && $6 !~ /^ro/' <<<"$output")"
}

@test "mqueue: the host's, read-only, without an ipc namespace" {
	no_namespace ipc
	if ! mountpoint -q /dev/mqueue; then
		[ -d /dev/mqueue ] || { mkdir /dev/mqueue && MADE_MQUEUE=1; }
		host_mount -t mqueue mqueue /dev/mqueue
	fi
	output=$(inside 'cat /proc/self/mountinfo; touch /dev/mqueue/q 2>&1 || true')
	has "$(mount_options "$output" /dev/mqueue)" ro
	has "$output" "Read-only file system"
}

test_teardown() {
	m_kill_all
	host_umount_all
	[ -z "$MADE_MQUEUE" ] || rmdir /dev/mqueue
}

@test "files that are made belong to the mapped users" {
	config '.root.readonly = false'
	chmod 1777 rootfs/tmp
	inside 'echo >/tmp/a; mkdir /tmp/b; chown 7:8 /tmp/b; mknod /tmp/c p' || true
	is "100000:100000" "$(stat -c %u:%g rootfs/tmp/a)"
	config '.process.capabilities |= map_values(. + ["CAP_CHOWN"])'
	inside 'mkdir /tmp/d; chown 7:8 /tmp/d'
	is "100007:100008" "$(stat -c %u:%g rootfs/tmp/d)"
}

@test "places of mounts that are made belong to the container's root" {
	mkdir "$BATS_TEST_TMPDIR/src"
	add_bind /new/place "$BATS_TEST_TMPDIR/src"
	inside true
	is "100000:100000 755" "$(stat -c '%u:%g %a' rootfs/new/place)"
}

@test "a root file system of real root's is used as it is; what is missing in it cannot be made" {
	chown -R 0:0 rootfs
	is "0 65534" "$(inside 'echo $(id -u) $(stat -c %u /bin)')"
	add_bind /new /etc/hostname
	refused "hull: run $ID: mounts\[7\] /new: *ermission denied*" run "$ID"
	[ ! -e rootfs/new ]
}

@test "exec: as root and as another mapped user, with what the configuration says" {
	sleeper
	hull exec "$ID" sh -c 'id; cat /proc/self/uid_map; grep -E "^(Cap(Eff|Bnd)|NoNewPrivs|Groups)" /proc/self/status' >"$BATS_TEST_TMPDIR/exec"
	has "$(cat "$BATS_TEST_TMPDIR/exec")" "uid=0(root) gid=0(root)"
	has "$(cat "$BATS_TEST_TMPDIR/exec")" "100000      65536"
	is "$(grep -E '^(Cap(Eff|Bnd)|NoNewPrivs)' "/proc/$INIT/status")" \
		"$(grep -E '^(Cap(Eff|Bnd)|NoNewPrivs)' "$BATS_TEST_TMPDIR/exec")"
	is "uid=12 gid=34" "$(hull exec -u 12:34 "$ID" id)"
	fails '*' exec -u 70000:0 "$ID" id
}

@test "hidden and read-only paths hold" {
	config '.linux.maskedPaths += ["/etc/passwd", "/etc"] | .linux.readonlyPaths += ["/tmp"] | .root.readonly = false'
	chmod 1777 rootfs/tmp
	output=$(inside 'echo "files:$(ls -A /etc)"; touch /tmp/x 2>&1 || true; cat /proc/self/mountinfo')
	has "$output" "Read-only file system"
	is tmpfs "$(mount_type "$output" /etc)"
	is files: "$(head -1 <<<"$output")"
}

@test "parameters of the container's own namespaces can be set" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "77", "user.max_user_namespaces": "0"}'
	is "1 77 0" "$(inside 'echo $(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni /proc/sys/user/max_user_namespaces)')"
}

@test "a terminal: its owner is the container's user" {
	config '.process.terminal = true | .process.user = {uid: 9, gid: 9}'
	sh_config 'tty; stat -c "%u %t" "$(tty)"; stat -c %u /dev/console'
	output=$(on_terminal "$HULL" --root "$ROOT" run "$ID")
	is "/dev/pts/0
9 88
9" "$output"
}

# --- paths that only real root may walk

setup_secret() {
	SECRET=$BATS_TEST_TMPDIR/secret
	mkdir -m 0700 "$SECRET"
}

@test "a bind source below a 0700 directory of root's is reached" {
	setup_secret
	mkdir -m 0755 "$SECRET/data"
	echo reached >"$SECRET/data/file"
	add_bind /data "$SECRET/data"
	add_bind /file "$SECRET/data/file" ro
	is "reached
reached" "$(inside 'cat /data/file /file')"
}

@test "a bind source in a 0700 directory stays unreadable when it is that itself" {
	setup_secret
	echo secret >"$SECRET/file"
	add_bind /data "$SECRET"
	output=$(inside 'cat /data/file 2>&1' || true)
	has "$output" "Permission denied"
	lacks "$output" secret
}

@test "a bundle below a 0700 directory of root's runs" {
	setup_secret
	mv "$BUNDLE" "$SECRET/bundle"
	sleeper_output=$("$HULL" --root "$ROOT" run -b "$SECRET/bundle" "$ID")
	is "" "$sleeper_output"
	mkdir -m 0755 "$SECRET/bundle/data"
	echo reached >"$SECRET/bundle/data/file"
	BUNDLE=$SECRET/bundle
	cd "$BUNDLE"
	add_bind /data data
	is reached "$(inside 'cat /data/file')"
	config '.linux.rootfsPropagation = "shared"'
	is reached "$(hull run "$ID")"
	sleeper
	is reached "$(hull exec "$ID" cat /data/file)"
}

@test "the process that opens sources is gone when create returns, and init holds none of it" {
	setup_secret
	mkdir "$SECRET/data"
	add_bind /data "$SECRET/data"
	created "$ID"
	local pids
	pids=$(grep -lsF "$ROOT" /proc/[0-9]*/cmdline | cut -d/ -f3 |
		while read -r pid; do [ "$(readlink "/proc/$pid/exe")" = "$HULL" ] && echo "$pid"; done) || true
	is "" "$pids"
	lacks "$(ls -l "/proc/$(pid_of "$ID")/fd")" "$SECRET"
}

# --- hull itself in a user namespace

# the group of terminals has no id where one id is mapped
no_tty_group() {
	config '.mounts |= map(if .type == "devpts" then .options -= ["gid=5"] else . end)'
}

@test "root of a user namespace runs a container without a user namespace of its own" {
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	no_namespace user
	no_tty_group
	chmod 0755 "$BATS_RUN_TMPDIR" # walked by the one id that is mapped: root, whose it is
	sh_config 'id -u; cat /proc/self/uid_map; head -c 3 /dev/zero | wc -c'
	output=$(unshare --user --map-root-user --mount "$HULL" --root "$ROOT" --cgroup-manager disabled run "$ID")
	is "0
         0          0          1
3" "$output"
}

@test "root of a user namespace runs a container with another user namespace inside" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	no_tty_group
	chown -R 0:0 rootfs
	sh_config 'id -u; head -c 3 /dev/zero | wc -c'
	output=$(unshare --user --map-root-user --mount "$HULL" --root "$ROOT" --cgroup-manager disabled run "$ID")
	is "0
3" "$output"
}

@test "a stream whose file system tells root of the namespace nothing is used all the same" {
	modprobe fuse 2>/dev/null || true
	touch file
	(exec 3>&-; exec "$PYTHON" "$TESTS/integration/helpers/fuse_file.py" "$PWD/file") >said 2>why &
	local server=$!
	wait_for eval 'grep -q mounted said || ! kill -0 '"$server"
	grep -q mounted said || skip "a FUSE file system cannot be mounted: $(cat why)"
	sh_config 'echo written by root of a user namespace'
	hull run "$ID" </dev/null >file
	ends "$server"
	is "mounted
written by root of a user namespace" "$(cat said)"
}
