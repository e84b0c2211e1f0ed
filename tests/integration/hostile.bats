#!/usr/bin/env bats
# hostile: root file systems and volumes made to reach out of the container
#
# Beside each bundle lies a tree that nobody has business with. Whatever the image tries, the tree
# is afterwards what it was: inode, owner, mode, times, content. A container that is refused is
# refused by one line; one that runs has everything inside. CVE numbers say who fell for it.

load lib
load helpers/m_lib

test_setup() {
	SENTINEL=$BATS_TEST_TMPDIR/sentinel
	mkdir -p "$SENTINEL"/{self/attr,fd,pts,shm,mqueue,fs/cgroup,sub/deep}
	local file
	for file in null console ptmx self/attr/exec self/attr/current pts/0 pts/ptmx kcore sub/file; do
		echo "sentinel $file" >"$SENTINEL/$file"
		chmod 0600 "$SENTINEL/$file"
	done
	echo 'root:x:0:0:root:/stolen:/bin/sh' >"$SENTINEL/passwd"
	chown -R 4321:4321 "$SENTINEL"
	# reading a link or walking a directory changes no time that is compared
	sentinel >"$BATS_TEST_TMPDIR/sentinel.before"
	SUM=$(sha256sum <"$HULL")
}

# All that could betray a touch: a change of an extended attribute changes the ctime (%C@).
sentinel() {
	find "$SENTINEL" -printf '%p %i %D %m %U %G %n %s %T@ %C@ %l\n' | sort
	find "$SENTINEL" -type f -exec sha256sum {} + | sort
}

untouched() {
	sentinel >"$BATS_TEST_TMPDIR/sentinel.after"
	diff "$BATS_TEST_TMPDIR/sentinel.before" "$BATS_TEST_TMPDIR/sentinel.after"
	is "$SUM" "$(sha256sum <"$HULL")" "the hull program"
}

# attempt - run the container; it is refused by one line, or prints "ran"
attempt() {
	local status=0
	output=$(timeout 20 "${WRAPPER[@]}" "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) || status=$?
	if [ $status = 0 ]; then
		has "$output" ran
	else
		is 1 "$(wc -l <<<"$output")" "lines of: $output"
		matches 'hull: run *' "$output"
	fi
	untouched
}

# Every way to write a link at DIR/NAME of the root to a path of the sentinel's.
links_to() { # TARGET
	printf '%s\n' "$1" "../../../../../../../../../../..$1" "/proc/1/root$1" "/proc/self/root$1" \
		"/proc/1/cwd$1" "./../tmp/../..$1"
}

# each_link PLACE TARGET - attempts with PLACE of the root being each of them
each_link() {
	local link
	mkdir -p "rootfs/$(dirname "$1")"
	rm -rf "rootfs/$1" clean
	cp -al rootfs clean
	while read -r link; do
		rm -rf rootfs
		cp -al clean rootfs
		ln -s "$link" "rootfs/$1"
		attempt
	done < <(links_to "$2")
	unchanged
}

no_mount() { # DESTINATION-PREFIX
	config '.mounts |= map(select(.destination | startswith($p) | not))' --arg p "$1"
}

writable() {
	config '.root.readonly = false'
}

# --- places of mounts

@test "/proc is a link (CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-54867)" {
	sh_config 'echo ran'
	each_link proc "$SENTINEL"
	# a procfs elsewhere is what those were about: this one is always refused
	matches "hull: run $ID: mounts\[0\] /proc: must be mounted on ordinary directory, not on a link*" "$output"
}

@test "/sys is a link (CVE-2019-19921)" {
	sh_config 'echo ran'
	each_link sys "$SENTINEL"
	matches "hull: run $ID: mounts\[5\] /sys: must be mounted on ordinary directory, not on a link*" "$output"
}

@test "/dev is a link, with a mount on it" {
	sh_config 'echo ran'
	each_link dev "$SENTINEL"
}

@test "/dev is a link, without a mount on it (CVE-2026-41579, CVE-2026-47766)" {
	sh_config 'echo ran'
	no_mount /dev
	each_link dev "$SENTINEL"
	writable
	each_link dev "$SENTINEL"
}

@test "/dev is a link, without a mount on it, with a terminal" {
	sh_config 'echo ran'
	config '.process.terminal = true'
	no_mount /dev
	writable
	each_link dev "$SENTINEL"
}

@test "/dev/pts, /dev/shm and /dev/mqueue are links" {
	sh_config 'echo ran'
	no_mount_on_dev_itself
	local name
	for name in pts shm mqueue; do
		each_link dev/$name "$SENTINEL/$name"
		rm rootfs/dev/$name
	done
}

no_mount_on_dev_itself() {
	config '.mounts |= map(select(.destination != "/dev"))'
	writable
}

@test "/dev/null and other devices are links (CVE-2026-88265)" {
	sh_config 'echo ran >/dev/stdout'
	no_mount /dev
	writable
	local name
	for name in null zero tty; do
		each_link dev/$name "$SENTINEL/null"
		matches "*device /dev/$name: something else is there*" "$output"
		rm rootfs/dev/$name
	done
}

@test "/dev/ptmx and the standard links are links (CVE-2026-41579)" {
	sh_config 'echo ran'
	no_mount /dev
	writable
	local name
	for name in ptmx fd stdin; do
		each_link dev/$name "$SENTINEL/ptmx"
		rm rootfs/dev/$name
	done
}

@test "/dev/console is a link, with a terminal (CVE-2026-88264, CVE-2025-52565)" {
	sh_config 'echo ran'
	config '.process.terminal = true'
	no_mount_on_dev_itself
	mkdir -p rootfs/dev/pts
	each_link dev/console "$SENTINEL/console"
	matches "*/dev/console: the image has a link there*" "$output"
	each_link dev/console "$SENTINEL/does-not-exist"
}

@test "/dev/pts of the image's own with false terminals (CVE-2025-52565)" {
	sh_config 'echo ran'
	config '.process.terminal = true'
	no_mount /dev
	writable
	mkdir -p rootfs/dev/pts
	ln -s "$SENTINEL/pts/0" rootfs/dev/pts/0
	ln -s "/proc/1/root$SENTINEL/pts/ptmx" rootfs/dev/pts/ptmx
	attempt
	matches "*needs a devpts mounted at /dev/pts*" "$output"
	rm rootfs/dev/pts/ptmx
	mknod rootfs/dev/pts/ptmx c 5 2
	attempt
	matches "*needs a devpts mounted at /dev/pts*" "$output"
}

@test "a destination is a link: directory and file (CVE-2015-1335, CVE-2015-3629, CVE-2019-18837)" {
	sh_config 'echo ran'
	writable
	add_mount /volume tmpfs tmpfs
	each_link volume "$SENTINEL/sub"
	rm rootfs/volume
	config '.mounts[-1] = {destination: "/file", source: "/etc/hostname", options: ["bind"]}'
	each_link file "$SENTINEL/sub/file"
	each_link file "$SENTINEL/sub/new"
}

@test "an inner component of a destination is a link" {
	sh_config 'echo ran'
	writable
	add_mount /a/b/c/d tmpfs tmpfs
	add_bind /a/b/c/file /etc/hostname
	each_link a "$SENTINEL/sub"
	rm rootfs/a
	each_link a/b "$SENTINEL/sub"
	rm rootfs/a/b
	each_link a/b/c "$SENTINEL/sub"
}

@test "a destination that climbs: dots, and dots behind a link" {
	sh_config 'echo ran'
	writable
	ln -s /bin rootfs/link
	add_mount "/../../../../..$SENTINEL/sub" tmpfs tmpfs
	add_bind "/link/../../../../..$SENTINEL/new" /etc/hostname
	attempt
	has "$output" ran
}

@test "a volume with links is a destination's parent (CVE-2021-30465 without the race)" {
	sh_config 'echo ran'
	mkdir volume
	ln -s "$SENTINEL/sub" volume/absolute
	ln -s "../../../../../../../..$SENTINEL/sub" volume/relative
	ln -s "/proc/1/root$SENTINEL/sub" volume/magic
	local name
	for name in absolute relative magic; do
		config '.mounts |= .[:7]'
		add_bind /volume volume
		add_mount "/volume/$name/deep" tmpfs tmpfs
		attempt
		config '.mounts |= .[:8]'
		add_bind "/volume/$name/file" /etc/hostname
		attempt
	done
}

@test "the working directory is a link, or a descriptor (CVE-2024-21626)" {
	sh_config 'echo ran; pwd'
	writable
	config '.process.cwd = "/work"'
	each_link work "$SENTINEL/sub"
	local path
	for path in /proc/self/fd/{3..12} /proc/1/cwd /proc/1/root /proc/self/cwd /proc/thread-self/fd/7; do
		rm -f rootfs/work
		ln -s "$path" rootfs/work
		attempt
		config '.process.cwd = $p' --arg p "$path"
		attempt
		lacks "$output" "(unreachable)"
		config '.process.cwd = "/work"'
	done
}

@test "a working directory below a link that is made" {
	sh_config 'echo ran'
	writable
	config '.process.cwd = "/work/made/here"'
	each_link work "$SENTINEL/sub"
}

@test "exec: the working directory is a link, or a descriptor (CVE-2024-21626)" {
	config '.process.args = ["sleep", "100"]'
	ln -s "$SENTINEL" rootfs/absolute
	ln -s /proc/self/fd/8 rootfs/descriptor
	detached "$ID"
	exec 7<"$SENTINEL" 8<"$SENTINEL/sub"
	local path
	for path in /absolute /descriptor /proc/self/fd/{3..12} /proc/1/cwd "/proc/1/root$SENTINEL"; do
		output=$(hull exec --cwd "$path" "$ID" sh -c 'pwd; ls' 2>&1) || true
		lacks "$output" deep
		lacks "$output" attr
		lacks "$output" unreachable
	done
	exec 7<&- 8<&-
	untouched
}

@test "descriptors of the caller do not reach the container (CVE-2024-21626, CVE-2016-9962)" {
	sh_config 'ls -l /proc/self/fd; echo ran'
	exec 5<"$SENTINEL" 6<>"$SENTINEL/sub/file" 7</ 9</etc/passwd
	attempt
	exec 5<&- 6<&- 7<&- 9<&-
	# what ls has open of its own is gone when it looks
	is 3 "$(grep -c -- '->' <<<"$output")"
	lacks "$output" sentinel
}

# --- /proc and what is written there

@test "a volume for /proc with false attr files (CVE-2019-16884, CVE-2015-1334)" {
	sh_config 'echo ran'
	mkdir -p volume/self/attr/apparmor volume/thread-self/attr
	touch volume/self/attr/{exec,current,keycreate,apparmor/exec} volume/thread-self/attr/exec
	no_mount /proc
	config 'del(.linux.maskedPaths, .linux.readonlyPaths)'
	add_bind /proc volume
	attempt
	matches "*only a procfs can be mounted there*" "$output"
	is 0 "$(find volume -size +0 -type f | wc -l)"
}

@test "mounts over parts of /proc are refused however they are written (CVE-2015-3631, CVE-2025-52881, CVE-2025-62596)" {
	sh_config 'echo ran'
	add_bind /proc/self/attr/exec "$SENTINEL/self/attr/exec"
	local path
	for path in /proc/self/attr/exec /proc/thread-self/attr /proc/self/fd /proc/sys /proc/self \
		/proc/sys/kernel /proc/net/dev /proc//self/attr/exec //proc/self/attr/exec \
		/proc/./self/attr/exec /x/../proc/self/attr/exec ../proc/self/attr/exec; do
		config '.mounts[-1].destination = $p' --arg p "$path"
		attempt
		matches "hull: run $ID: mounts\[7\].destination (line *cannot be mounted: it is inside /proc*" "$output"
	done
}

@test "a link of the image leads a mount into /proc: hull's own writes do not follow (CVE-2025-52881)" {
	sh_config 'echo ran; cat /proc/sys/net/core/somaxconn'
	ln -s /proc/sys rootfs/link
	mkdir -p volume/net/core
	echo sentinel >volume/net/core/somaxconn
	add_bind /link volume
	config '.linux.sysctl = {"net.core.somaxconn": "123"}'
	local host
	host=$(cat /proc/sys/net/core/somaxconn)
	attempt
	is sentinel "$(cat volume/net/core/somaxconn)"
	is "$host" "$(cat /proc/sys/net/core/somaxconn)"
}

@test "a key of a parameter climbs, or carries a second one (CVE-2022-0811)" {
	sh_config 'echo ran'
	local key before
	before=$(cat /proc/sys/kernel/core_pattern)
	for key in net.ipv4../../kernel.core_pattern net/../kernel/core_pattern net/ipv4/../../kernel/core_pattern \
		'kernel.shm_rmid_forced+kernel.core_pattern' net..core_pattern /net/core/somaxconn net/ ''; do
		config '.linux.sysctl = {($k): "|/bin/false"}' --arg k "$key"
		attempt
		matches "hull: run $ID: *linux.sysctl*" "$output"
	done
	is "$before" "$(cat /proc/sys/kernel/core_pattern)"
}

@test "a read-only root stays so whatever lies on /proc/self/fd (CVE-2026-115521)" {
	sh_config 'touch /new 2>&1; echo ran'
	ln -s /proc/self rootfs/link
	mkdir volume
	add_bind /link/fd volume
	attempt
	no_mount /link
	attempt
	has "$output" "Read-only file system"
	[ ! -e rootfs/new ]
}

# --- hidden paths

# A /dev of the attacker's, in which hull makes nothing.
hostile_dev() {
	no_mount /dev
	mkdir -p volume
	add_bind /dev volume
}

@test "hidden paths do not use the container's /dev/null (CVE-2025-31133, CVE-2025-62161)" {
	hostile_dev
	sh_config 'stat -c %t:%T /proc/keys /proc/timer_list; cat /proc/keys; echo x >/proc/keys; echo ran'
	local kind
	for kind in link magic file fifo other missing directory; do
		rm -rf volume/null
		case $kind in
		link) ln -s /proc/sys/kernel/core_pattern volume/null ;;
		magic) ln -s "/proc/1/root$SENTINEL/null" volume/null ;;
		file) echo attack >volume/null ;;
		fifo) mkfifo volume/null ;;
		other) mknod volume/null c 1 5 ;;
		missing) ;;
		directory) mkdir volume/null ;;
		esac
		attempt
		is "1:3
1:3
ran" "$output" "$kind"
		[ $kind != file ] || is attack "$(cat volume/null)"
	done
}

@test "hidden paths: many, twice, below each other, by a link: each that is there is hidden" {
	mkdir -p rootfs/secret/below
	echo secret >rootfs/secret/file
	echo secret >rootfs/secret/below/file
	ln -s /secret rootfs/link
	ln -s "$SENTINEL/kcore" rootfs/out
	ln -s "/proc/1/root$SENTINEL/kcore" rootfs/magic
	config '.linux.maskedPaths += ["/secret/file", "/secret/file", "/link/below", "/secret/below/file",
		"/secret", "/secret/", "/link", "/out", "/missing", "/proc/self/environ"] + [range(30) | "/etc/missing\(.)"]'
	sh_config 'cat /secret/file /secret/below/file /link/file 2>/dev/null; ls -A /secret
		grep -c " /secret/file " /proc/self/mountinfo; echo ran'
	attempt
	is "1 ran" "$(xargs <<<"$output")"
	config '.linux.maskedPaths = ["/magic"]'
	attempt
}

@test "standard streams: the container's null is not believed (CVE-2026-88265)" {
	hostile_dev
	config '.process.user = {uid: 1000, gid: 1000}'
	sh_config 'stat -L -c %t:%T /proc/self/fd/0; echo ran'
	ln -s "$SENTINEL/null" volume/null
	attempt
	is "1:3
ran" "$output"
	rm volume/null
	mknod volume/null c 1 5
	attempt
	is "1:3
ran" "$output"
	rm volume/null
	mkfifo volume/null
	attempt
	is "1:3
ran" "$output"
}

@test "standard streams: a file, a pipe, a socket, closed: owners outside stay (crun#2119, runc#3674)" {
	config '.process.user = {uid: 1000, gid: 1000}'
	sh_config 'true'
	touch "$BATS_TEST_TMPDIR"/{in,out}
	local before null
	before=$(stat -c '%u:%g %a' "$BATS_TEST_TMPDIR"/{in,out})
	null=$(stat -c '%u:%g %a %t:%T' /dev/null)
	hull run "$ID" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>&1
	hull run "$ID" <&- >/dev/null 2>&1
	hull run "$ID" </dev/null >&- 2>/dev/null
	hull run "$ID" </dev/null >/dev/null 2>&-
	true | hull run "$ID" | cat
	python3 - "$HULL" --root "$ROOT" run "$ID" <<-'END'
		import socket, subprocess, sys
		a, b = socket.socketpair()
		sys.exit(subprocess.call(sys.argv[1:], stdin=b, stdout=b))
	END
	is "$before" "$(stat -c '%u:%g %a' "$BATS_TEST_TMPDIR"/{in,out})"
	is "$null" "$(stat -c '%u:%g %a %t:%T' /dev/null)"
	untouched
}

# --- files of the image that hull reads

@test "/etc/passwd is a fifo, a device, a directory, a link outwards, endless" {
	sh_config 'echo "ran $HOME"'
	writable
	local kind
	for kind in fifo device directory link magic loop zero long; do
		rm -rf rootfs/etc/passwd
		case $kind in
		fifo) mkfifo rootfs/etc/passwd ;;
		device) mknod rootfs/etc/passwd c 5 0 ;;
		directory) mkdir rootfs/etc/passwd ;;
		link) ln -s "$SENTINEL/passwd" rootfs/etc/passwd ;;
		magic) ln -s "/proc/1/root$SENTINEL/passwd" rootfs/etc/passwd ;;
		loop) ln -s passwd rootfs/etc/passwd ;;
		zero) ln -s /dev/zero rootfs/etc/passwd ;;
		long) head -c 3000000 /dev/zero | tr '\0' x >rootfs/etc/passwd ;;
		esac
		attempt
		is "ran /" "$output" "$kind"
	done
	# a long line does not hide the one after it
	{ head -c 70000 /dev/zero | tr '\0' x; printf '\nroot:x:0:0::/found:/bin/sh\n'; } >rootfs/etc/passwd
	attempt
	is "ran /found" "$output"
}

@test "a program that is a fifo or a device is an error, not a hang" {
	mkfifo -m 755 rootfs/bin/fifo
	mknod -m 755 rootfs/bin/device c 5 0
	local name
	for name in fifo device; do
		config '.process.args = [$p]' --arg p "/bin/$name"
		attempt
		matches "*exec: \"/bin/$name\"*ermission denied*" "$output"
	done
}

@test "names that are not text, and long ones, in places of mounts" {
	sh_config 'echo ran'
	writable
	add_mount "$(printf '/a\\b]:c,d%%s e')" tmpfs tmpfs
	add_mount "/$(printf 'n%.0s' {1..255})" tmpfs tmpfs
	attempt
	has "$output" ran
	add_mount "/$(printf 'n%.0s' {1..256})" tmpfs tmpfs
	attempt
	matches "*ile name too long*" "$output"
	config '.mounts |= .[:-1]'
	add_mount "$(printf '/d%.0s' {1..2500})" tmpfs tmpfs
	attempt
	matches "*ile name too long*" "$output"
}

@test "xattrs, set-id files and set-id directories of the image stay in it" {
	sh_config 'echo ran'
	chmod 2777 rootfs/tmp
	chown 77:77 rootfs/tmp
	add_mount /tmp/made tmpfs tmpfs
	attempt
	is "2777 77:77" "$(stat -c '%a %u:%g' rootfs/tmp)"
}

# --- the program of hull itself (CVE-2019-5736)

# changed_from_inside - no process of the container held hull's program open for writing, and it is
# the same file with the same content
same_program() {
	is "$SUM" "$(sha256sum <"$HULL")"
	is "$PROGRAM" "$(stat -c '%i %s %Y %Z' "$HULL")"
}

@test "an entry point that is a script or a link to /proc/self/exe (CVE-2019-5736, CVE-2020-14298)" {
	PROGRAM=$(stat -c '%i %s %Y %Z' "$HULL")
	printf '#!/proc/self/exe\n' >rootfs/bin/script
	chmod +x rootfs/bin/script
	ln -s /proc/self/exe rootfs/bin/link
	ln -s /proc/1/exe rootfs/bin/link1
	local name
	for name in script link link1; do
		config '.process.args = [$p, "attack"]' --arg p "/bin/$name"
		output=$(timeout 20 "$HULL" --root "$ROOT" run "$ID" </dev/null 2>&1) || true
		same_program
		unchanged
	done
}

@test "exec of a link to /proc/self/exe, by path and by PATH (CVE-2019-5736)" {
	PROGRAM=$(stat -c '%i %s %Y %Z' "$HULL")
	config '.process.args = ["sleep", "100"]'
	ln -s /proc/self/exe rootfs/bin/link
	printf '#!/proc/self/exe\n' >rootfs/bin/script
	chmod +x rootfs/bin/script
	detached "$ID"
	local name
	for name in link /bin/link script /bin/script /proc/self/exe /proc/1/exe; do
		timeout 20 "$HULL" --root "$ROOT" exec "$ID" $name </dev/null >/dev/null 2>&1 || true
	done
	same_program
}

@test "the container watches for hull's program in /proc while processes enter (CVE-2019-5736, CVE-2016-9962)" {
	PROGRAM=$(stat -c '%i %s %Y %Z' "$HULL")
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"])
		| .root.readonly = false | .process.noNewPrivileges = false'
	# every program seen but its own; every one that could be opened for writing; every directory
	# of a process through which the host can be reached
	sh_config 'while :; do for p in /proc/[0-9]*; do
			exe=$(readlink $p/exe) || continue
			case $exe in /bin/busybox*) continue ;; esac
			echo "exe $exe" >>/seen
			(: >>$p/exe) 2>/dev/null && echo "opened $exe" >>/seen
			[ -e "$p/cwd$SENTINEL" ] && echo "reached cwd" >>/seen
			for fd in $p/fd/*; do [ -d $fd ] && echo "directory $(readlink $fd)" >>/seen; done
		done; done'
	config '.process.env += ["SENTINEL=" + $s]' --arg s "$SENTINEL"
	detached "$ID"
	local i
	for i in {1..60}; do
		hull exec "$ID" true
	done
	hull kill "$ID" KILL
	touch rootfs/seen
	lacks "$(cat rootfs/seen)" "$HULL"
	lacks "$(cat rootfs/seen)" opened
	lacks "$(cat rootfs/seen)" reached
	lacks "$(cat rootfs/seen)" directory
	same_program
	untouched
}

@test "hull's program cannot be written through the pid namespace it shares (CVE-2019-5736)" {
	PROGRAM=$(stat -c '%i %s %Y %Z' "$HULL")
	config '.process.args = ["sh", "-c", $s] | .root.readonly = false' --arg s 'while :; do
		for p in /proc/[0-9]*; do
			case $(readlink $p/exe) in *hull*) echo "$(readlink $p/exe)"; (: >>$p/exe) 2>/dev/null && echo opened ;; esac
		done >>/seen; done'
	m_background unshare --pid --fork --kill-child sleep 1000
	wait_for pgrep -P "$M_PID"
	join_namespace pid "/proc/$(pgrep -P "$M_PID")/ns/pid"
	detached "$ID"
	config '.process.args = ["true"]'
	local i
	for i in {1..20}; do
		hull run "$ID-b"
	done
	hull kill "$ID" KILL
	touch rootfs/seen
	lacks "$(cat rootfs/seen)" "$HULL"
	lacks "$(cat rootfs/seen)" opened
	same_program
}

# --- races

# race DIRECTORY LINK - exchanges the two names for as long as the test lasts
race() {
	m_background "$(compile m_racer)" "$1" "$2"
}

# A volume that an attacker writes: "place" is a directory and, half of the time, a link.
setup_race() {
	mkdir -p volume/place volume/deep/place
	ln -s "$1" volume/link
	race volume/place volume/link
	add_bind /volume volume
	sh_config 'echo ran'
}

attempts() { # N
	local i
	for ((i = 0; i < $1; i++)); do
		timeout 20 "${WRAPPER[@]}" "$HULL" --root "$ROOT" run "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || true
		is 1 "$(wc -l <"$BATS_TEST_TMPDIR/out")" "lines"
	done
	m_kill_all
	untouched
}

@test "race: a destination in a volume is exchanged with a link (CVE-2021-30465, CVE-2024-45310)" {
	setup_race "/proc/1/root$SENTINEL/sub"
	add_mount /volume/place/new tmpfs tmpfs
	add_bind /volume/place/file /etc/hostname
	attempts 40
}

@test "race: the same with an absolute and with a climbing link" {
	setup_race "$SENTINEL/sub"
	add_mount /volume/place/new tmpfs tmpfs
	add_bind /volume/place/file /etc/hostname
	attempts 20
	rm volume/link 2>/dev/null || rm -rf volume/place
	rm -rf volume/*
	mkdir volume/place
	ln -s "../../../../../../../..$SENTINEL/sub" volume/link
	race volume/place volume/link
	attempts 20
}

@test "race: a destination itself, and the source of a later mount (CVE-2021-30465)" {
	setup_race "/proc/1/root$SENTINEL/sub"
	add_mount /volume/place tmpfs tmpfs
	add_bind /volume/place/again "$BUNDLE/volume/deep"
	add_mount /volume/place/again/place tmpfs tmpfs
	attempts 30
}

@test "race: the root itself is exchanged while a container is made" {
	cp -a rootfs other
	ln -s "$SENTINEL" link
	sh_config 'echo ran'
	writable
	race rootfs link
	add_mount /made/here tmpfs tmpfs
	# who can exchange root.path can name any root: what counts is that the other tree is not
	# written to by half a container that began in the first
	attempts 0
	local i
	for i in {1..30}; do
		timeout 20 "$HULL" --root "$ROOT" run "$ID" </dev/null >/dev/null 2>&1 || true
	done
	m_kill_all
	unchanged
}

# --- the same without openat2, as under an old seccomp profile

without_openat2() { # ERRNO
	WRAPPER=("$(compile m_deny)" 437 "$1")
}

@test "without openat2 (ENOSYS): places of mounts and devices" {
	without_openat2 38
	sh_config 'echo ran'
	attempt
	has "$output" ran
	writable
	each_link dev "$SENTINEL"
	rm rootfs/dev
	mkdir rootfs/dev
	add_mount /a/b/c tmpfs tmpfs
	add_bind /a/b/file /etc/hostname
	each_link a "$SENTINEL/sub"
	rm rootfs/a
	each_link a/b "$SENTINEL/sub"
	config '.process.cwd = "/work/made"'
	each_link work "$SENTINEL/sub"
	rm rootfs/work
	each_link etc/passwd "$SENTINEL/passwd"
	rm -rf rootfs/proc
	each_link proc "$SENTINEL"
}

@test "without openat2 (EPERM): the same" {
	without_openat2 1
	sh_config 'echo ran'
	attempt
	has "$output" ran
	no_mount /dev
	writable
	each_link dev "$SENTINEL"
	rm rootfs/dev
	mkdir rootfs/dev
	config '.linux.maskedPaths += ["/masked"]'
	each_link masked "$SENTINEL/kcore"
	rm rootfs/masked
	each_link dev/null "$SENTINEL/null"
}

@test "without openat2: a race in a volume (CVE-2021-30465)" {
	without_openat2 38
	setup_race "/proc/1/root$SENTINEL/sub"
	add_mount /volume/place/new tmpfs tmpfs
	add_bind /volume/place/file /etc/hostname
	attempts 30
}
