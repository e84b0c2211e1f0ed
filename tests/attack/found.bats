# found: holes that attacking hull itself has found, each with the class of threats it belongs to

load ../integration/lib
load ../integration/helpers/m_lib

@test "B: the gate cannot be seized by root of the container's user namespace (CVE-2016-9962, CVE-2020-14300, CVE-2026-41163)" {
	gcc -O2 -static -o rootfs/bin/seize "$TESTS/attack/seize.c"
	user_namespace
	config '.process.args = ["seize"] | .root.readonly = false
		| .process.capabilities |= map_values(["CAP_SYS_PTRACE"])'
	detached "$ID"
	wait_for grep -q watching rootfs/seen
	local i
	for i in {1..40}; do
		hull exec "$ID" true </dev/null || true # the payload itself may be seized
	done
	lacks "$(cat rootfs/seen)" hull
}

@test "D: a masked file and a device that is the host's have no mode, owner or times to change" {
	local before attack='for f in $FILES; do
		chmod 000 $f; chown 7 $f; touch -d @7 $f; stat -c "%n %a %u" $f; echo x >$f && echo written
	done 2>/dev/null'
	before=$(stat -c '%a %u %g %Y' /dev/null /dev/full)
	caps_too CAP_FOWNER CAP_CHOWN
	config '.linux.maskedPaths = ["/proc/timer_list", "/proc/keys"] | .process.env += ["FILES=/proc/timer_list /proc/keys"]'
	sh_config "$attack"
	is "$(printf '%s\n' "/proc/timer_list 666 0" written "/proc/keys 666 0" written)" "$(hull run "$ID")"
	is "$before" "$(stat -c '%a %u %g %Y' /dev/null /dev/full)"
	# ids of the host's, in a user namespace that may make no devices
	user_namespace
	config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings
		| .process.env += ["FILES=/dev/full"]'
	sh_config "$attack"
	matches "/dev/full 666 0*" "$(hull run "$ID")"
	is "$before" "$(stat -c '%a %u %g %Y' /dev/null /dev/full)"
}

@test "F: the host's /dev/null is on no descriptor of who enters a container that has removed its own" {
	local before
	before=$(stat -c '%a %u %g %Y' /dev/null)
	caps_too CAP_FOWNER CAP_CHOWN
	sh_config 'rm /dev/null; sleep 1000'
	detached "$ID"
	wait_for [ ! -e "/proc/$(pid_of "$ID")/root/dev/null" ]
	is "0 7 said" "$(hull exec "$ID" sh -c 'chmod 0 /proc/self/fd/0; chown 7 /proc/self/fd/0
		stat -Lc "%a %u" /proc/self/fd/0; cat; echo said' </dev/null | xargs)"
	is "$before" "$(stat -c '%a %u %g %Y' /dev/null)"
}

@test "I: who has got the group of a container that has ended is not killed with it" {
	local group=/hull-test-$ID other=$ROOT-b
	config '.linux.cgroupsPath = $g | .process.args = ["sleep", "1000"]' --arg g "$group"
	detached "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	"$HULL" --root "$other" run -d "$ID" </dev/null >out 2>&1
	hull kill --all "$ID" KILL
	fails '*rmdir *busy*' delete "$ID"
	is running "$("$HULL" --root "$other" state "$ID" | jq -r .status)"
	"$HULL" --root "$other" delete --force "$ID"
	rmdir "$other"
	hull delete "$ID"
}

@test "I: a /proc of another pid namespace is refused, for its numbers are somebody else's" {
	sh_config 'echo ran'
	output=$(unshare --pid --fork "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) && return 1
	is "hull: run $ID: /proc is no procfs of this pid namespace: mount one first" "$output"
	is ran "$(unshare --pid --fork --mount-proc "$HULL" --root "$ROOT" run "$ID" </dev/null)"
}

@test "B: nobody may look into the gate after its change of ids, whatever fs.suid_dumpable is" {
	config '.process.user = {uid: 1000, gid: 1000} | .process.args = ["true"]'
	strace -qq -f -o calls -e trace=setresuid,prctl "$HULL" --root "$ROOT" run "$ID" </dev/null
	sed -n '/setresuid(1000/,$p' calls | grep -q 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE'
}

@test "E: a link in a place whose name begins like /proc does not lead into /proc (CVE-2025-52881, CVE-2025-62596)" {
	sh_config 'echo ran'
	mkdir volume
	ln -s /proc/self rootfs/procdata
	add_bind /procdata/attr volume
	refused "hull: run $ID: *the destination leads into /proc*" run "$ID"
}

@test "F: output of a startContainer hook does not go to what the container calls /dev/null (CVE-2026-88265)" {
	no_dev() { config '.mounts |= map(select(.destination | startswith("/dev") | not))'; }
	no_dev
	mkdir volume
	add_bind /dev volume
	config '.process.args = ["true"] | .hooks = {startContainer: [{path: "/bin/echo", args: ["echo", "attack"]}]}'
	echo precious >volume/null
	hull run "$ID" </dev/null
	is precious "$(cat volume/null)"
	rm volume/null
	mkfifo volume/null
	timeout -k 1 20 "$HULL" --root "$ROOT" run "$ID" </dev/null
}

@test "J: /etc/passwd of terabytes does not keep hull reading" {
	config '.process.args = ["true"] | .process.env = ["PATH=/bin"]'
	rm rootfs/etc/passwd # its first line would be the user's
	truncate -s 15T rootfs/etc/passwd || skip "this file system has no such files"
	timeout -k 1 20 "$HULL" --root "$ROOT" run "$ID" </dev/null
}

@test "C: a program behind a descriptor of hull's is not read (CVE-2024-21626)" {
	local fd output
	for fd in {3..20}; do
		config '.process.args = [$p]' --arg p "/proc/self/fd/$fd/self/exe"
		output=$(hull run "$ID" </dev/null 2>&1) || true
		lacks "$output" "its interpreter"
	done
}

@test "E: a link leads no file system of the kernel's into /proc, either (CVE-2025-52881, CVE-2025-62596)" {
	sh_config 'echo ran'
	ln -s /proc rootfs/link
	local type
	for type in proc sysfs cgroup mqueue devpts; do
		config '.mounts |= .[:7]'
		add_mount /link/sys $type $type
		refused "hull: run $ID: mounts\[7\] /link/sys: the destination leads into /proc*" run "$ID"
	done
}

@test "E: a link does not choose which mount a remount makes writable (CVE-2026-115521)" {
	sh_config 'echo ran'
	mkdir volume
	add_bind /volume volume ro
	ln -s /sys rootfs/direct
	ln -s direct rootfs/twice
	ln -s /sys/fs/cgroup rootfs/groups
	ln -s / rootfs/inner
	ln -s /proc/sys rootfs/procfs
	ln -s /volume rootfs/bound
	local path
	add_mount /direct "" "" remount rw
	for path in direct twice twice/fs/cgroup groups inner/sys procfs bound; do
		config '.mounts[8].destination = $p' --arg p "/$path"
		refused "hull: run $ID: mounts\[8\] /$path: a remount follows no link of the image's*" run "$ID"
	done
	# what the configuration itself names is its own business
	config '.mounts[8] |= (.destination = "/proc/../sys/./" | .options = ["remount", "rw", "nosuid"])'
	sh_config 'grep " /sys " /proc/self/mountinfo'
	matches "* rw,nosuid,*" "$(hull run "$ID" </dev/null)"
}
