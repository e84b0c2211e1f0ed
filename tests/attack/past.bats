# past: attacks on other runtimes and on what stands around them, repeated where they could concern hull
#
# What of docs/security.md's classes has no file of its own. The letter of its class begins a name.

load ../integration/lib
load ../integration/helpers/m_lib

test_setup() {
	config '.process.noNewPrivileges = false | .root.readonly = false'
}

test_teardown() {
	m_kill_all
	[ -z "${WALKED:-}" ] || rm -rf --one-file-system "$WALKED"
}

# list WORD... - as JSON
list() {
	jq -nc '$ARGS.positional' --args "$@"
}

# attacker NAME [ARG...] - the container's program is NAME.c of this directory
attacker() {
	gcc -O2 -Wall -Wextra -static -o "rootfs/bin/$1" "$TESTS/attack/$1.c"
	config '.process.args = $a' --argjson a "$(list "$@")"
}

# watching ID - it has begun to
watching() {
	detached "$1"
	wait_for grep -q watching rootfs/seen
}

# elsewhere PID - it has a network namespace of its own
elsewhere() {
	[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$1/ns/net")" ]
}

# --- A: pages of hull's program

@test "A: what can be read of hull where it is seen is a copy of its own (CVE-2022-0847, CVE-2026-31431)" {
	local own
	own=$(stat -c %d:%i "$HULL")
	attacker reader
	# without this capability there is nothing to read at all; with it a hole that writes to whatever
	# can be read must find other pages than those of the host's file
	caps_too CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
	m_background unshare --pid --fork --kill-child sleep 1000
	wait_for pgrep -P "$M_PID"
	join_namespace pid "/proc/$(pgrep -P "$M_PID")/ns/pid"
	watching "$ID"
	config '.process.args = ["true"]'
	local i
	for i in {1..15}; do
		hull run "$ID-b" </dev/null
		hull exec "$ID" true </dev/null
	done
	local seen
	seen=$(sort -u rootfs/seen)
	lacks "$seen" "$own"
	lacks "$seen" "$HULL"
	has "$seen" " /memfd:hull" # else nobody has looked
}

# --- G: ids, groups, capabilities

@test "G: a number is that user, whatever the image calls by it (CVE-2016-3697, CVE-2018-9862)" {
	printf '%s\n' 1000:x:0:0:attack:/attack:/bin/sh root:x:0:0:root:/root:/bin/sh \
		somebody:x:1000:1001::/home/somebody:/bin/sh >rootfs/etc/passwd
	printf '%s\n' 1001:x:0:1000 root:x:0: >rootfs/etc/group
	config '.process.user = {uid: 1000, gid: 1001} | .process.env = ["PATH=/bin"]'
	sh_config 'grep -E "^(Uid|Gid|Groups)" /proc/self/status; echo $HOME'
	local expected="Uid: 1000 1000 1000 1000 Gid: 1001 1001 1001 1001 Groups: /home/somebody"
	is "$expected" "$(hull run "$ID" | xargs)"
	config '.process.user = {uid: 5, gid: 5}'
	local script
	script=$(jq -r '.process.args[2]' config.json)
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "$expected" "$(hull exec --user 1000:1001 "$ID" sh -c "$script" | xargs)"
}

@test "G: ids beyond 2^31 are those, or are refused: none ends as root (CVE-2024-40635)" {
	local id where
	config '.process.args = ["sleep", "100"]'
	detached "$ID-b"
	sh_config 'awk "/^(Uid|Gid|Groups)/ { print \$NF }" /proc/self/status'
	for id in 2147483647 2147483648 4294967294; do
		config '.process.user = {uid: $i, gid: $i, additionalGids: [$i]}' --argjson i $id
		is "$id $id $id" "$(hull run "$ID" | xargs)"
		is "$id $id" "$(hull exec --user $id:$id "$ID-b" \
			awk '/^(Uid|Gid)/ { print $NF }' /proc/self/status | xargs)"
	done
	for id in 4294967295 4294967296 8589934592 18446744073709551616 -1 -4294967296 0.5 1e10; do
		for where in .process.user.uid .process.user.gid '.process.user.additionalGids[0]'; do
			config ".process.user = {uid: 1, gid: 1, additionalGids: [1]} | $where = \"ID\""
			sed -i "s/\"ID\"/$id/" config.json # jq would round it
			fails "hull: run $ID: *process.user.*" run "$ID"
		done
		fails "hull: exec $ID-b: --user *: not a numeric id" exec "--user=$id" "$ID-b" true
	done
}

# inheriting_file NAME - a program whose file has cap_net_raw as inheritable, and effective
inheriting_file() {
	cp --remove-destination rootfs/bin/busybox "rootfs/bin/$1"
	"$PYTHON" -c 'import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x2000001, 0, 1 << 13, 0, 0))' "rootfs/bin/$1"
}

@test "G: a file with inheritable capabilities gives none (CVE-2022-24769, CVE-2022-27650, CVE-2025-27612)" {
	[ -z "$(findmnt -no OPTIONS -T "$PWD" | grep -w nosuid)" ] || skip "$PWD is mounted nosuid"
	inheriting_file awk
	# "permitted" of who is not root, while the bounding set has the capability
	local script='/CapPrm/ { print $2 }' none=0000000000000000
	config '.process.user = {uid: 1000, gid: 1000} | .process.args = ["/bin/awk", $s, "/proc/self/status"]
		| .process.capabilities = {bounding: ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"], effective: ["CAP_NET_RAW"]}
		| .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", $h]}]' --arg s "$script" \
		--arg h "/bin/awk '$script' /proc/self/status >/tmp/hook"
	chmod 1777 rootfs/tmp
	is $none "$(hull run "$ID")"
	is $none "$(cat rootfs/tmp/hook)"
	config '.process.args = ["sleep", "100"] | del(.hooks)'
	detached "$ID"
	is $none "$(hull exec "$ID" /bin/awk "$script" /proc/self/status)"
	is $none "$(hull exec --cap CAP_NET_RAW "$ID" /bin/awk "$script" /proc/self/status)"
	jq --arg s "$script" '.process | .args = ["/bin/awk", $s, "/proc/self/status"]' config.json >process.json
	is $none "$(hull exec --process process.json "$ID")"
	# such a file does give, where a configuration asks for an inheritable set
	hull delete --force "$ID"
	config '.process.capabilities.inheritable = ["CAP_NET_RAW"]'
	detached "$ID"
	is 0000000000002000 "$(hull exec "$ID" /bin/awk "$script" /proc/self/status)"
}

@test "G: a set-gid program does not shed a group that may not read (CVE-2022-36109, CVE-2023-25173)" {
	[ -z "$(findmnt -no OPTIONS -T "$PWD" | grep -w nosuid)" ] || skip "$PWD is mounted nosuid"
	echo secret >rootfs/tmp/forbidden
	chown 0:2000 rootfs/tmp/forbidden
	chmod 0604 rootfs/tmp/forbidden
	# cat, which in busybox would give a set-id's rights back at once; with 3000 it is one of the others
	gcc -O1 -static -x c -o rootfs/bin/shed - <<<'#include <stdio.h>
		int main(int n, char **v) { FILE *f = fopen(v[n - 1], "r"); int c;
			while (f && (c = getc(f)) != EOF) putchar(c); return !f; }'
	chown 0:3000 rootfs/bin/shed
	chmod 2755 rootfs/bin/shed
	# the primary group once more among the others, as engines write it
	config '.process.user = {uid: 1000, gid: 2000, additionalGids: [2000]}'
	sh_config 'cat /tmp/forbidden; shed /tmp/forbidden; echo done'
	is done "$(hull run "$ID" 2>/dev/null)"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is done "$(hull exec "$ID" sh -c 'cat /tmp/forbidden; shed /tmp/forbidden; echo done' 2>/dev/null)"
	is done "$(hull exec --user 7:2000 "$ID" sh -c 'shed /tmp/forbidden; echo done' 2>/dev/null)"
	# what it would read without
	config '.process.user.additionalGids = []'
	sh_config 'shed /tmp/forbidden'
	hull delete --force "$ID"
	is secret "$(hull run "$ID" 2>/dev/null)"
}

# --- I: what processes of hull say to each other

# entered - exec whose answer is the payload's, each time, until the attacker has seen thirty
entered() {
	local i
	for i in {1..200}; do
		is said "$(hull exec "$ID" echo said </dev/null 2>&1)"
		[ "$(grep -c ^saw rootfs/seen)" -lt 30 ] || return 0
	done
	echo "the attacker saw $(grep -c ^saw rootfs/seen) of $i" && return 1
}

@test "I: who enters takes no word from inside, as root of its user namespace (CVE-2016-8659, CVE-2016-8649)" {
	attacker meddle
	user_namespace
	caps_too CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
	watching "$ID"
	entered
	lacks "$(grep reached rootfs/seen | sort | uniq -c | head)" reached
}

@test "I: who enters takes no word from inside, as the host's root without CAP_SYS_PTRACE (CVE-2016-8659)" {
	attacker meddle
	caps_too CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER
	watching "$ID"
	entered
	lacks "$(grep reached rootfs/seen | sort | uniq -c | head)" reached
}

@test "I: a created container takes no word from who shares its pids and users" {
	user_namespace
	sh_config 'echo started >/started; sleep 100'
	created "$ID"
	local init
	init=$(pid_of "$ID")
	attacker meddle 1
	caps_too CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
	join_namespace pid "/proc/$init/ns/pid"
	join_namespace user "/proc/$init/ns/user"
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	watching "$ID-b"
	wait_for grep -q saw rootfs/seen
	is created "$(status_of "$ID")"
	[ ! -e rootfs/started ]
	hull start "$ID" # which hears of no error, either
	wait_for test -e rootfs/started
	is running "$(status_of "$ID")"
	lacks "$(grep reached rootfs/seen | sort | uniq -c | head)" reached
}

@test "I: who enters is killed from inside at any moment: exec ends, by one line or by that signal" {
	local i status began killed=0
	sh_config 'echo $$ >/seen; while :; do kill -KILL -1; done 2>/dev/null'
	detached "$ID"
	wait_for test -s rootfs/seen
	for i in {1..100}; do
		status=0 began=$SECONDS
		timeout -k 1 20 "$HULL" --root "$ROOT" exec "$ID" echo said </dev/null \
			>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[ $((SECONDS - began)) -lt 20 ] || { echo "it hung" && return 1; } # 137, too
		case $status in
		0) is said "$(cat "$BATS_TEST_TMPDIR/out")" ;;
		137) is "" "$(cat "$BATS_TEST_TMPDIR/err")" ;;
		255)
			matches "hull: exec $ID: *" "$(cat "$BATS_TEST_TMPDIR/err")"
			is 1 "$(wc -l <"$BATS_TEST_TMPDIR/err")"
			;;
		*) echo "status $status" && return 1 ;;
		esac
		[ $status = 0 ] || killed=$((killed + 1))
		[ $killed -lt 12 ] || break
	done
	is 12 $killed "of $i"
	is running "$(status_of "$ID")"
}

# stopped_by_a_line COMMAND... - as the only one, in the time that a peer is given
stopped_by_a_line() {
	local status=0 began=$SECONDS
	timeout -k 1 60 "$HULL" --root "$ROOT" "$@" </dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ $((SECONDS - began)) -lt 40 ] || { echo "$1 hung" && return 1; }
	[ $status != 0 ] || return 1
	is 1 "$(wc -l <"$BATS_TEST_TMPDIR/err")"
	has "$(cat "$BATS_TEST_TMPDIR/err")" "was stopped by SIGSTOP on the way to the payload"
}

# stopped_on_the_way COMMAND... - now and then it is quicker, and is stopped when all is done
stopped_on_the_way() {
	local i
	for i in {1..10}; do
		! stopped_by_a_line "$@" || return 0
		[ "$1" != create ] || hull delete --force "${@: -1}"
	done
	echo "$1 was always quicker" && return 1
}

@test "I: who enters is stopped from inside, for ever: exec ends" {
	sh_config 'echo $$ >/seen; while :; do kill -STOP -1; done 2>/dev/null'
	detached "$ID"
	wait_for test -s rootfs/seen
	stopped_on_the_way exec -d "$ID" echo said
}

@test "I: who is made is stopped by who shares its pids, for ever: create and start end" {
	sh_config 'while :; do [ -e /attack ] && kill -STOP -1; done 2>/dev/null'
	detached "$ID"
	join_namespace pid "/proc/$(pid_of "$ID")/ns/pid"
	config '.process.args = ["echo", "said"]'
	created "$ID-b"
	touch rootfs/attack
	wait_for grep -q "^State:.T" "/proc/$(pid_of "$ID-b")/status"
	stopped_by_a_line start "$ID-b"
	is stopped "$(status_of "$ID-b")"
	stopped_on_the_way create "$ID-c"
	fails '*container does not exist' state "$ID-c"
}

# Every place of a string, with a size that 16 bits do not hold, and with what could be more of a
# message behind that. A string arrives whole or is refused.
STRINGS='.process.args[1] = $x
.process.env[0] = "A=" + $x
.process.cwd = "/" + $x
.process.user.username = $x
.process.apparmorProfile = $x
.process.selinuxLabel = $x
.process.capabilities.bounding[0] = $x
.process.rlimits = [{type: $x, soft: 1, hard: 1}]
.process.ioPriority = {class: $x, priority: 1}
.process.scheduler = {policy: $x}
.hostname = $x
.domainname = $x
.ociVersion = $x
.root.path = "/" + $x
.mounts[1].destination = "/" + $x
.mounts[1].source = $x
.mounts[1].type = $x
.mounts[1].options[0] = $x
.mounts[1].options[0] = "size=" + $x
.mounts += [{destination: "/v", source: ("/" + $x), options: ["bind"]}]
.linux.namespaces |= map(if .type == "network" then .path = "/" + $x else . end)
.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" + $x else . end)
.linux.namespaces[0].type = $x
.linux.cgroupsPath = "/" + $x
.linux.sysctl = {($x): "1"}
.linux.sysctl = {"net.ipv4.ip_forward": $x}
.linux.maskedPaths[0] = "/" + $x
.linux.readonlyPaths[0] = "/" + $x
.linux.rootfsPropagation = $x
.linux.mountLabel = $x
.linux.seccomp = {defaultAction: $x}
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [$x], action: "SCMP_ACT_ERRNO"}]}
.linux.devices = [{path: ("/dev/" + $x), type: "c", major: 1, minor: 3}]
.linux.resources.unified = {($x): $x}
.linux.netDevices = {lo: {name: $x}}
.hooks.startContainer = [{path: ("/" + $x)}]
.hooks.createRuntime = [{path: "/bin/true", args: [$x], env: ["A=" + $x]}]
.annotations = {($x): $x}'

@test "I: strings longer than 16 bits count, in every place, arrive whole or are refused (CVE-2021-43784)" {
	local size where status output behind=',pid:/proc/1/ns/pid' ran=0
	cp config.json base.json
	for size in 65535 65536 1048576; do
		head -c $size /dev/zero | tr '\0' x >long
		printf '%s\n0 0 4294967295' "$behind" >>long
		while read -r where; do
			jq --rawfile x long "$where | .process.args[0:1] = [\"sh\", \"-c\", \$s, \"sh\"]" \
				--arg s 'echo "${#1} ${#A} $(readlink /proc/self/ns/pid) $(wc -l </proc/self/uid_map)"' \
				base.json >config.json
			status=0
			output=$(timeout -k 1 20 "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) || status=$?
			if [ $status != 0 ]; then
				matches "hull: run $ID: *" "$output" || { echo "$where"; return 1; }
				is 1 "$(wc -l <<<"$output")" "$where: lines"
				continue
			fi
			ran=$((ran + 1))
			lacks "$output" "$(readlink /proc/self/ns/pid)"
			case $where in
			.process.args*) matches "$(wc -c <long) 0 *" "$output" ;;
			.process.env*) matches "0 $(wc -c <long) *" "$output" ;;
			*) matches "0 0 *" "$output" ;;
			esac
		done <<<"$STRINGS"
	done
	unchanged
	[ $ran -ge 10 ]
}

@test "I: paths of namespaces with commas, lines and colons are the paths they are (CVE-2021-43784)" {
	local name=$',pid:x,user:y\nmnt:0 0 4294967295' long inside joined
	m_background unshare --net --uts sleep 1000
	wait_for elsewhere "$M_PID"
	ln -s "/proc/$M_PID/ns/net" "net$name"
	ln -s "/proc/$M_PID/ns/uts" "uts$name"
	# as long as the kernel takes: 4095 bytes
	long=$M_PID/ns/uts
	long=/proc$(printf '/%.0s' $(seq $((4095 - 5 - ${#long}))))$long
	is 4095 ${#long}
	sh_config 'for n in net uts pid mnt user; do readlink /proc/self/ns/$n; done'
	config 'del(.hostname, .domainname)'
	join_namespace network "$PWD/net$name"
	join_namespace uts "$PWD/uts$name"
	inside=$(hull run "$ID")
	joined=$(readlink "/proc/$M_PID/ns/net" "/proc/$M_PID/ns/uts")
	is "$joined" "$(head -n 2 <<<"$inside")"
	not grep -qxF -e "$(readlink /proc/self/ns/pid)" -e "$(readlink /proc/self/ns/mnt)" <<<"$inside"
	is "$(readlink /proc/self/ns/user)" "$(tail -n 1 <<<"$inside")"
	join_namespace uts "$long"
	is "$joined" "$(hull run "$ID" | head -n 2)"
	join_namespace uts "/$long"
	refused "hull: run $ID: *ile name too long*" run "$ID"
	# one that is not there is refused by one line, lines in it or not
	join_namespace uts "$PWD/none$name"
	refused "hull: run $ID: *none,pid:x*no such file or directory*" run "$ID"
	config '.linux.namespaces += [range(4096) | {type: "uts", path: "/proc/1/ns/uts\(.)"}]'
	refused "hull: run $ID: linux.namespaces*given twice" run "$ID"
}

# --- J: programs of the host, steered by the image

# trap_in DIR - libraries that a program loads by itself or for a user's name, made into traps
trap_in() {
	local dir name
	gcc -shared -fPIC -O1 -Wall -Wextra "-DTRAP=\"$1\"" -o trap.so "$TESTS/attack/trap.c"
	for dir in lib lib/x86_64-linux-gnu lib64 usr/lib usr/lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu/gconv; do
		mkdir -p "rootfs/$dir"
		for name in libnss_files.so.2 libnss_compat.so.2 libnss_systemd.so.2 libnss_dns.so.2 libc.so.6 \
			libmnl.so.0 libsystemd.so.0 libseccomp.so.2 libcap.so.2 libyajl.so.2 libgcc_s.so.1 UTF-16.so; do
			ln -f trap.so "rootfs/$dir/$name" 2>/dev/null || cp trap.so "rootfs/$dir/$name"
		done
	done
	cp trap.so rootfs/trap.so
	echo /trap.so >rootfs/etc/ld.so.preload
	printf '%s: files compat systemd\n' passwd group hosts >rootfs/etc/nsswitch.conf
	mkdir -m 777 rootfs/trap
}

@test "J: libraries of the image are loaded by nothing of hull's (CVE-2019-14271)" {
	cp "$(compile probe)" rootfs/bin/probe
	trap_in /trap
	# all that could need a name, a character set or a library while hull is inside
	config '.process.env = ["PATH=/bin", "LD_LIBRARY_PATH=/lib", "LD_PRELOAD=/trap.so", "LD_AUDIT=/trap.so",
			"GCONV_PATH=/lib", "LANG=x.UTF-16", "LC_ALL=x.UTF-16", "LOCPATH=/lib"]
		| .process.user = {uid: 1000, gid: 1000, additionalGids: [1001]} | .process.terminal = true
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}
		| .hooks.startContainer = [{path: "/bin/true"}] | .process.args = ["sh", "-c", "echo ran"]'
	has "$(on_terminal "$HULL" --root "$ROOT" run "$ID")" ran
	config '.process.terminal = false | .process.args = ["sleep", "100"]'
	detached "$ID"
	is in "$(hull exec --user 0 "$ID" echo in)"
	is in "$(hull exec --user 5:5 -g 6 "$ID" echo in)"
	hull ps "$ID" >/dev/null
	fails "*executable file not found*" exec "$ID" none
	is "" "$(ls rootfs/trap)"
}

@test "J: hooks of the host do not load what the image's environment says (CVE-2025-23266)" {
	# as seen from the host: the trap springs wherever the hook's root is
	trap_in "$BUNDLE/rootfs/trap"
	local kind
	config '.process.env = ["PATH=/bin", "LD_PRELOAD=./trap.so", "LD_AUDIT=./trap.so", "LD_LIBRARY_PATH=./lib",
			"GCONV_PATH=./lib", "BASH_ENV=./trap.sh", "ENV=./trap.sh"]
		| .process.args = ["true"]'
	echo "touch $BUNDLE/rootfs/trap/sourced" >rootfs/trap.sh
	for kind in prestart createRuntime createContainer poststart poststop; do
		# a dynamic program, and a script
		printf '#!/bin/bash\ntrue\n' >"$BATS_TEST_TMPDIR/hook"
		config '.hooks[$k] = [{path: "/bin/true"}, {path: $h}]' --arg k $kind --arg h "$BATS_TEST_TMPDIR/hook"
	done
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	hull run "$ID" </dev/null
	is "" "$(ls rootfs/trap)"
	# the trap is one
	(cd rootfs && env LD_PRELOAD=./trap.so /bin/true)
	is sprung "$(ls rootfs/trap)"
}

# --- K: the caller's terminal

@test "K: nothing is typed into the caller's terminal, nor is it taken over (CVE-2017-5226)" {
	attacker inject
	is tried "$(on_terminal "$HULL" --root "$ROOT" run "$ID")"
	# where the terminal is not even looked through a container's
	config '.process.user = {uid: 1000, gid: 1000}'
	is tried "$(on_terminal "$HULL" --root "$ROOT" run "$ID")"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is tried "$(on_terminal "$HULL" --root "$ROOT" exec "$ID" inject)"
	# a session that is the caller's does have something to try
	lacks "$(on_terminal rootfs/bin/inject)" "no terminal"
	has "$(on_terminal rootfs/bin/inject)" "opened the controlling terminal"
}

# --- L: checkpoints, which hull does not make

@test "L: neither checkpoint nor restore touches anything (CVE-2026-119101, CVE-2026-115520, CVE-2026-119614, CVE-2026-53489)" {
	local image=$BATS_TEST_TMPDIR/image work=$BATS_TEST_TMPDIR/work
	mkdir "$image" "$BATS_TEST_TMPDIR/volume"
	# a key of CRIU's in the name of a mount, and links where a log and an image would be
	ln -s / "rootfs/x]:y"
	add_bind "/x]:y/tmp/here" "$BATS_TEST_TMPDIR/volume" ro
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	mkfifo "$image/inventory.img" "$image/mountpoints-1.img" "$image/descriptors.json"
	ln -s /etc/passwd "$image/dump.log"
	ln -s /etc "$work"
	local before
	before=$(find "$image" /etc/passwd -printf '%p %i %s %T@ %C@\n' | sort; status_of "$ID")
	fails "hull: checkpoint $ID: not built into this version of hull" checkpoint --leave-running \
		--image-path "$image" --work-path "$work" "$ID"
	fails "hull: restore $ID-b: not built into this version of hull" restore --bundle "$BUNDLE" \
		--image-path "$image" --work-path "$work" "$ID-b"
	is "$before" "$(find "$image" /etc/passwd -printf '%p %i %s %T@ %C@\n' | sort; status_of "$ID")"
	is "$ID" "$(hull list -q)"
	is "" "$("$HULL" features | jq -r '.. | strings, (objects | keys[])' | grep -i -e checkpoint -e criu |
		grep -v '^CAP_')"
}

# --- M: temporary directories

# as_1234 DIR ASSIGNMENT - hull of DIR runs the bundle there as an ordinary user, and is refused by one
# line; a file, for what was not refused lives on and would hold on to a pipe
as_1234() {
	(cd "$1" && not setpriv --reuid=1234 --regid=1234 --clear-groups env -i PATH="$PATH" HOME="$1" \
		TMPDIR="$1/tmp" $2 ./hull run "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1)
	is 1 "$(wc -l <"$BATS_TEST_TMPDIR/out")" "lines, $2"
	is "" "$(find "$1"/{planted,shared}/hull "$1/tmp" -mindepth 1)" "$2"
}

@test "M: state is not kept where somebody else could have prepared it (CVE-2019-12439)" {
	local dir xdg
	WALKED=$(mktemp -d /tmp/hull-past.XXXXXX) # an ordinary user must be able to walk there
	dir=$WALKED
	cp "$HULL" "$dir/hull"
	mv rootfs "$dir/rootfs"
	(cd "$dir" && ./hull spec --rootless)
	jq '.process.terminal = false | .linux.uidMappings[0].hostID = 1234 | .linux.gidMappings[0].hostID = 1234' \
		"$dir/config.json" >config.json
	cp config.json "$dir/config.json"
	mkdir "$dir"/{planted,shared,linked,tmp}
	mkdir -m 777 "$dir/planted/hull"
	mkdir "$dir/shared/hull"
	ln -s ../planted/hull "$dir/linked/hull"
	chown -R 1234:1234 "$dir"
	chown 4321 "$dir/shared/hull" # whose owner may change it at any time
	chmod 1777 "$dir/tmp"
	chmod 755 "$dir"
	for xdg in planted linked shared; do
		as_1234 "$dir" "XDG_RUNTIME_DIR=$dir/$xdg"
		matches "hull: run $ID: $dir/$xdg/hull *" "$(cat "$BATS_TEST_TMPDIR/out")"
	done
	as_1234 "$dir" ""
	matches "hull: run $ID: --root /run/user/1234/hull: *" "$(cat "$BATS_TEST_TMPDIR/out")"
}

# --- N: sockets

@test "N: hull has no socket by a name, and needs none (CVE-2020-15257)" {
	local before
	config '.process.args = ["sleep", "100"]'
	no_namespace network
	# in a network namespace of its own there is nobody else's
	m_background unshare --net sleep 1000
	wait_for elsewhere "$M_PID"
	there() { nsenter --net="/proc/$M_PID/ns/net" "$@"; }
	there "$HULL" --root "$ROOT" create "$ID" </dev/null >out 2>&1
	names() { there awk 'NR > 1 && NF > 7' /proc/self/net/unix; }
	is "" "$(names)" "while it is created"
	there "$HULL" --root "$ROOT" start "$ID"
	there "$HULL" --root "$ROOT" exec "$ID" sleep 100 </dev/null >out 2>&1 3>&- &
	local entered=$!
	wait_for grep -q "sleep.*100" <(hull ps "$ID")
	is "" "$(names)" "while one enters, and hull waits"
	hull delete --force "$ID"
	wait $entered || true
	# bind(2), listen(2), accept(2), accept4(2): whoever gives a name to a socket or hears on it
	WRAPPER=$(compile m_deny)
	sh_config 'echo ran'
	local call
	for call in 49 50 43 288; do
		is ran "$("$WRAPPER" $call 1 "$HULL" --root "$ROOT" run "$ID" </dev/null)"
	done
}
