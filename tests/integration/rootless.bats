#!/usr/bin/env bats
# rootless: hull as an ordinary user, with one id mapped or with those of /etc/subuid

load lib
load helpers/m_lib
load helpers/m_rootless

sleeper() {
	config '.process.args = ["sleep", "100"]'
	detached "$ID" || { errors_of "$ID"; return 1; }
	INIT=$(pid_of "$ID")
}

@test "the configuration of spec --rootless runs as it is" {
	sh_config 'id; cat /proc/self/uid_map /proc/self/gid_map; hostname'
	is "uid=0(root) gid=0(root)
0 $USER_ID 1
0 $GROUP_ID 1
hull" "$(hull run "$ID" | sed 's/^  *//; s/   */ /g')"
}

@test "the configuration of spec --rootless runs with its terminal" {
	config '.process.terminal = true'
	sh_config 'tty; [ -t 0 ] && echo terminal'
	output=$(on_terminal_as_user run "$ID")
	is "/dev/pts/0
terminal" "$output"
}

@test "create, state, start, exec, kill, delete" {
	config '.process.args = ["sleep", "100"]'
	created "$ID"
	is created "$(status_of "$ID")"
	hull start "$ID"
	is running "$(status_of "$ID")"
	is "#$USER_ID" "$(hull list | awk 'NR == 2 { print $NF }')"
	is "uid=0(root) gid=0(root)" "$(hull exec "$ID" id)"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	is "" "$(hull list -q)"
}

@test "run with a startContainer hook, and groups that the user could not make" {
	config '.hooks.startContainer = [{path: "/bin/true"}]'
	hull run "$ID"
	is "" "$(hull list -q)"
}

@test "state is in XDG_RUNTIME_DIR, for the user alone" {
	sleeper
	is "$ID" "$(ls "$DIR/run/hull")"
	is "700 $USER_ID" "$(stat -c '%a %u' "$DIR/run/hull")"
	is "700 $USER_ID" "$(stat -c '%a %u' "$DIR/run/hull/$ID")"
	hull delete --force "$ID"
	is "" "$(ls -A "$DIR/run/hull")"
}

@test "without a place for state the error says which" {
	rm -rf "$DIR/run"
	status=0
	output=$(as_user env -u XDG_RUNTIME_DIR "$PROGRAM" run "$ID" 2>&1 </dev/null) || status=$?
	mkdir -p "$DIR/run"
	if [ -d "/run/user/$USER_ID" ]; then # a user who is logged in
		is 0 "$status"
	else
		is 1 "$status"
		matches "hull: run $ID: --root /run/user/$USER_ID/hull: mkdir: *ermission denied" "$output"
	fi
}

@test "the process is the user outside, without any capability there" {
	sleeper
	is "$USER_ID $USER_ID $USER_ID $USER_ID" "$(awk '/^Uid/ { print $2, $3, $4, $5 }' "/proc/$INIT/status")"
	not is "$(readlink /proc/self/ns/user)" "$(readlink "/proc/$INIT/ns/user")"
	is deny "$(cat "/proc/$INIT/setgroups")"
}

@test "files that are made belong to the user" {
	config '.root.readonly = false'
	mkdir data
	[ "$(id -u)" != 0 ] || chown "$USER_ID:$GROUP_ID" data
	add_bind /data data
	inside 'echo >/data/a; echo >/b; mkdir /c'
	is "$USER_ID:$GROUP_ID" "$(stat -c %u:%g data/a rootfs/b rootfs/c | sort -u)"
}

@test "a second id is refused: none is mapped" {
	config '.process.user = {uid: 1, gid: 0}'
	refused "hull: create $ID: process.user.uid (line *): 1 is not in linux.uidMappings" create "$ID"
	config '.process.user = {uid: 0, gid: 1}'
	refused "hull: create $ID: process.user.gid (line *): 1 is not in linux.gidMappings" create "$ID"
	config '.process.user = {uid: 0, gid: 0, additionalGids: [1]}'
	refused "hull: create $ID: process.user.additionalGids* (line *): 1 is not in linux.gidMappings" create "$ID"
}

@test "devices are the host's own, bound, and work" {
	is "3 0 4 No space left on device" "$(inside 'echo $(head -c 3 /dev/zero | wc -c) $(cat /dev/null | wc -c) \
		$(head -c 4 /dev/urandom | wc -c) $(sh -c "echo x >/dev/full" 2>&1 | grep -o "No space left on device")')"
}

@test "/sys is the host's, read-only throughout, where the network is" {
	output=$(inside 'cat /proc/self/mountinfo; ls /sys/class/net')
	is "" "$(awk '$5 ~ "^/sys" && $6 !~ /^ro/' <<<"$output")"
	is "$(ls /sys/class/net)" "$(inside 'ls /sys/class/net')"
}

@test "a network of its own: lo is up, /sys shows it" {
	config '.linux.namespaces += [{type: "network"}] | .mounts |= map(if .destination == "/sys"
		then {destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]} else . end)'
	output=$(inside 'ip -o link show lo; ls /sys/class/net; cat /proc/self/mountinfo')
	has "$output" ",UP"
	is sysfs "$(mount_type "$output" /sys)"
	is ro,nosuid,nodev,noexec,relatime "$(mount_options "$output" /sys)"
}

@test "parameters of the container's own namespaces can be set" {
	config '.linux.namespaces += [{type: "network"}] | .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "55"}'
	is "1 55" "$(inside 'echo $(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)')"
}

@test "a read-only root, hidden and read-only paths" {
	config '.linux.maskedPaths += ["/etc"]'
	output=$(inside 'touch /new 2>&1; ls -A /etc; echo 1 2>&1 >/proc/sys/kernel/shmmni; true')
	is 2 "$(grep -c "Read-only file system" <<<"$output")"
	is 2 "$(wc -l <<<"$output")"
}

@test "tmpfs, tmpcopyup and binds" {
	mkdir data rootfs/var
	echo text >data/file
	echo image >rootfs/var/file
	[ "$(id -u)" != 0 ] || chown -R "$USER_ID:$GROUP_ID" data rootfs
	add_mount /var tmpfs tmpfs tmpcopyup size=1m
	add_bind /data data ro
	output=$(inside 'cat /var/file /data/file; echo new >/var/file; touch /data/new 2>&1 || true')
	is "image
text
touch: /data/new: Read-only file system" "$output"
	is image "$(cat rootfs/var/file)"
}

@test "flags of a host mount that the user may not clear stay" {
	local dir line
	# any mount that has locked flags and can be read: /proc or /sys of most hosts will do
	line=$(awk '$6 ~ /nosuid/ && $5 !~ /[\\]/ { print $5 }' /proc/self/mountinfo | while read -r dir; do
		[ -r "$dir" ] && [ -d "$dir" ] && [[ $dir != /proc* ]] && echo "$dir" && break
	done)
	[ -n "$line" ] || skip "no mount of this host is nosuid"
	add_mount /m none "$line" rbind ro
	has "$(mount_options "$(inside 'cat /proc/self/mountinfo')" /m)" nosuid
	config '.mounts[-1].options = ["rbind", "suid"]'
	refused "*mounts\[*\] /m: mount_setattr *peration not permitted*" run "$ID"
}

@test "what the user may not read on the host is not readable inside" {
	[ ! -r /etc/shadow ] || [ "$(id -u)" = 0 ]
	add_bind /shadow /etc/shadow
	output=$(inside 'cat /shadow 2>&1' || true)
	has "$output" "Permission denied"
}

@test "oomScoreAdj that needs privilege is a warning, and the container runs" {
	config '.process.oomScoreAdj = -500'
	sh_config 'cat /proc/self/oom_score_adj'
	not is -500 "$(hull --log "$DIR/log" run "$ID")"
	matches '*warning: process.oomScoreAdj: *CAP_SYS_RESOURCE*' "$(cat "$DIR/log")"
	config '.process.oomScoreAdj = 500'
	is 500 "$(hull run "$ID")"
}

@test "oomScoreAdj that needs privilege, from root of another user namespace: a warning" {
	config '.process.oomScoreAdj = -500
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	sh_config 'cat /proc/self/oom_score_adj'
	local output
	output=$(as_user unshare --user --map-root-user --mount --pid --fork --mount-proc "$HULL" --root "$DIR/root" \
		--log "$DIR/log" run "$ID" </dev/null)
	not is -500 "$output"
	matches '*warning: process.oomScoreAdj: *CAP_SYS_RESOURCE*' "$(cat "$DIR/log")"
}

@test "limits of the process hold, for exec too" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}]'
	sleeper
	is "77 99" "$(awk '/^Max open files/ { print $4, $5 }' "/proc/$INIT/limits")"
	is "77 99" "$(hull exec "$ID" sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)')"
}

@test "a process that may write no file at all: run, and exec" {
	config '.process.rlimits = [{type: "RLIMIT_FSIZE", soft: 0, hard: 0}]'
	sleeper
	is "0 0" "$(awk '/^Max file size/ { print $4, $5 }' "/proc/$INIT/limits")"
	is 0 "$(hull exec "$ID" sh -c 'ulimit -f')"
}

@test "a time namespace with offsets, for init and exec" {
	[ -e /proc/self/timens_offsets ] || skip "kernel without time namespaces (5.6)"
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1000000}}'
	sleeper
	is "boottime 1000000 0" "$(awk '/boottime/ { print $1, $2, $3 }' "/proc/$INIT/timens_offsets")"
	[ "$(hull exec "$ID" sed 's/[.].*//' /proc/uptime)" -ge 1000000 ]
}

@test "seccomp, capabilities and no_new_privs, the same for exec" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"],
		action: "SCMP_ACT_ERRNO", errnoRet: 28}]}'
	sleeper
	local pattern='^(Cap|NoNewPrivs|Seccomp:|Groups)'
	is "$(grep -E "$pattern" "/proc/$INIT/status")" "$(hull exec "$ID" grep -E "$pattern" /proc/self/status)"
	has "$(hull exec "$ID" mkdir /dev/shm/x 2>&1 || true)" "No space left on device"
}

# --- control groups

@test "without a wish for limits the container goes without a control group" {
	sleeper
	fails "hull: pause $ID: *" pause "$ID"
}

@test "a limit that nobody granted is refused, naming it" {
	config '.linux.resources = {pids: {limit: 10}}'
	refused "hull: run $ID: *ermission denied*" run "$ID"
	config '.linux.resources = {} | .linux.cgroupsPath = "/hull-rootless"'
	refused "hull: run $ID: *ermission denied*" run "$ID"
}

@test "the host's control groups cannot be written through a cgroup mount (CVE-2023-25809)" {
	config '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"]}]
		| .mounts |= map(select(.destination != "/sys"))'
	mkdir -p rootfs/sys/fs/cgroup
	[ "$(id -u)" != 0 ] || chown -R "$USER_ID:$GROUP_ID" rootfs/sys
	no_namespace cgroup
	sh_config 'grep " /sys/fs/cgroup" /proc/self/mountinfo; find /sys/fs/cgroup -type d | while read d; do
		mkdir $d/hull-test 2>/dev/null && echo "made $d/hull-test"; done; echo ran'
	output=$(hull run "$ID" 2>&1) || is 1 "$(wc -l <<<"$output")"
	lacks "$output" made
	is "" "$(awk '$5 ~ "^/sys/fs/cgroup/" && $6 !~ /^ro/' <<<"$output")"
}

# --- what an ordinary user is told

@test "without a user namespace: the remedy" {
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	no_namespace user
	refused "hull: run $ID: linux.namespaces: an ordinary user needs a user namespace (\`hull spec --rootless\` writes a configuration that has one)" run "$ID"
}

@test "the default configuration of root: the remedy, too" {
	rm config.json
	hull spec
	config '.process.terminal = false'
	refused "hull: run $ID: linux.namespaces: an ordinary user needs a user namespace*" run "$ID"
}

@test "ids that are not the user's are refused, by one line" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	refused "hull: run $ID: linux.uidMappings: write uid_map: *peration not permitted*" run "$ID"
}

@test "several ids that nobody granted are refused, by one line" {
	command -v newuidmap >/dev/null || skip "newuidmap (package uidmap) is not installed"
	config '.linux.uidMappings = [{containerID: 0, hostID: 2000000000, size: 10}] | .linux.gidMappings = .linux.uidMappings'
	refused "hull: run $ID: newuidmap: uid range *2000000000*not allowed (see /etc/subuid and /etc/subgid)" run "$ID"
}

@test "a rootfs of root's own that the user may read" {
	[ "$(id -u)" = 0 ] || skip "only root can make files of root's"
	chown -R 0:0 rootfs
	is ran "$(inside 'echo ran')"
}

@test "a bundle that the user may not read" {
	[ "$(id -u)" = 0 ] || skip "only root can make files of root's"
	chown 0:0 "$BUNDLE"
	chmod 0700 "$BUNDLE"
	fails "hull: run $ID: *ermission denied*" run -b "$BUNDLE" "$ID"
	chown "$USER_ID" "$BUNDLE"
}

# --- subordinate ids

@test "subordinate ids: mapped by newuidmap and newgidmap" {
	subordinate_ids
	map_subordinate_ids
	sleeper
	is "0 $USER_ID 1
1 $SUB 65535" "$(awk '{ print $1, $2, $3 }' "/proc/$INIT/uid_map")"
	is "0 $GROUP_ID 1
1 $SUB 65535" "$(awk '{ print $1, $2, $3 }' "/proc/$INIT/gid_map")"
	is allow "$(cat "/proc/$INIT/setgroups")"
}

@test "subordinate ids: files of another user" {
	subordinate_ids
	map_subordinate_ids
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_CHOWN"])'
	chmod 1777 rootfs/tmp
	inside 'echo >/tmp/a; chown 5:6 /tmp/a'
	is "$((SUB + 4)):$((SUB + 5))" "$(stat -c %u:%g rootfs/tmp/a)"
	sh_config 'rm /tmp/a' # an ordinary user could not
	config '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE", "CAP_FOWNER"])'
	hull run "$ID"
}

@test "subordinate ids: another user with groups and limits, and exec as a third" {
	subordinate_ids
	map_subordinate_ids
	config '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 7]}'
	sleeper
	is "$((SUB + 999)) $((SUB + 1000))" "$(awk '/^[UG]id/ { print $2 }' "/proc/$INIT/status" | xargs)"
	is "uid=1000 gid=1001 groups=5,7" "$(hull exec "$ID" id)"
	is "uid=12 gid=13" "$(hull exec -u 12:13 "$ID" id | sed 's/ groups.*//')"
	is "1024" "$(hull exec -u 12:13 "$ID" sh -c 'ulimit -n')"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "subordinate ids: a terminal's owner" {
	subordinate_ids
	map_subordinate_ids
	config '.process.terminal = true | .process.user = {uid: 1000, gid: 1000}'
	sh_config 'stat -c %u "$(tty)"'
	is 1000 "$(on_terminal_as_user run "$ID")"
}

# --- hull as root of a user namespace that the user has made

in_user_namespace() {
	as_user unshare --user --map-root-user --mount "$PROGRAM" "$@"
}

@test "root of the user's own user namespace: without a user namespace in the configuration" {
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	no_namespace user
	sh_config 'id -u; head -c 3 /dev/zero | wc -c; cat /proc/self/uid_map'
	is "0
3
0 $USER_ID 1" "$(in_user_namespace --root "$ROOT" run "$ID" | sed 's/^  *//; s/   */ /g')"
}

@test "root of the user's own user namespace: with another one in the configuration" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	sh_config 'id -u; cat /proc/self/uid_map'
	is "0
0 0 1" "$(in_user_namespace --root "$ROOT" run "$ID" | sed 's/^  *//; s/   */ /g')"
}

@test "root of the user's own user namespace: state is the user's, in XDG_RUNTIME_DIR" {
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	no_namespace user
	sh_config 'true'
	in_user_namespace run --keep "$ID"
	is "$ID" "$(ls "$DIR/run/hull")"
	is stopped "$(status_of "$ID")"
	hull delete "$ID"
}

@test "root of a user namespace: USER does not matter, which Podman gives to some commands only" {
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	no_namespace user
	as_user unshare -Ur env -u USER "$PROGRAM" create "$ID" </dev/null >/dev/null 2>&1
	is created "$(as_user unshare -Ur env USER=root "$PROGRAM" state "$ID" | jq -r .status)"
	is created "$(as_user unshare -Ur env USER="$USER_NAME" "$PROGRAM" state "$ID" | jq -r .status)"
	as_user unshare -Ur env -u USER "$PROGRAM" delete --force "$ID"
	is "" "$(ls -A "$DIR/run/hull")"
}

@test "root itself keeps to /run/hull, whatever the environment" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	is "hull: state $ID-none: container does not exist" \
		"$(XDG_RUNTIME_DIR=$DIR/run USER=other "$PROGRAM" state "$ID-none" 2>&1 || true)"
	is "" "$(ls -A "$DIR/run")"
	XDG_RUNTIME_DIR=$DIR/run USER=other "$HULL" create "$ID" </dev/null >/dev/null 2>&1 || true
	"$HULL" --root /run/hull delete --force "$ID"
	is "" "$(ls -A "$DIR/run")"
}
