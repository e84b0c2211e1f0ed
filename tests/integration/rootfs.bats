#!/usr/bin/env bats
# rootfs: config.json's "root", what it may be, and the nodes and links every container finds in it

load lib
load helpers/m_lib

writable() {
	config '.root.readonly = false'
}

@test "read-only: the root, but not what is mounted on it" {
	output=$(inside 'touch /new 2>&1; touch /dev/new; touch /etc/new 2>&1; cat /proc/self/mountinfo')
	is 2 "$(grep -c "Read-only file system" <<<"$output")"
	is ro,relatime "$(mount_options "$output" /)"
	touch rootfs/of-the-host # the host's own mount is as it was
}

@test "writable: what is written is in the bundle" {
	writable
	output=$(inside 'echo text >/new; cat /proc/self/mountinfo')
	is rw,relatime "$(mount_options "$output" /)"
	is text "$(cat rootfs/new)"
}

@test "read-only: directories of mounts and of the working directory are made all the same" {
	add_mount /made/here tmpfs tmpfs
	config '.process.cwd = "/work/there"'
	is /work/there "$(inside 'touch /made/here/x; pwd')"
}

@test "root.path: absolute, relative, with dots, from any directory" {
	local path
	for path in "$BUNDLE/rootfs" rootfs ./rootfs rootfs/../rootfs/ rootfs/.; do
		config '.root.path = $p' --arg p "$path"
		sh_config 'echo ran'
		is ran "$(cd / && hull run -b "$BUNDLE" "$ID")" "$path"
	done
}

@test "root.path: a link is followed, as are links on the way" {
	mkdir real
	mv rootfs real/fs
	ln -s real/fs rootfs
	is ran "$(inside 'echo ran')"
	ln -s real way
	config '.root.path = "way/fs"'
	is ran "$(hull run "$ID")"
	has "$(hull run -b "$BUNDLE" "$ID")" ran
}

@test "root.path: missing, a file, empty, not given" {
	config '.root.path = "missing"'
	refused "hull: run $ID: root.path: $BUNDLE/missing: *o such file or directory" run "$ID"
	config '.root.path = "config.json"'
	refused "hull: run $ID: root.path: $BUNDLE/config.json: *ot a directory" run "$ID"
	ln -s nowhere dangling
	config '.root.path = "dangling"'
	refused "hull: run $ID: root.path: $BUNDLE/dangling: *o such file or directory" run "$ID"
	config '.root.path = ""'
	refused "hull: run $ID: root.path (line *): must not be empty" run "$ID"
	config 'del(.root.path)'
	refused "hull: run $ID: *root.path*is required" run "$ID"
	config 'del(.root)'
	refused "hull: run $ID: root: is required" run "$ID"
}

@test "state tells where the root is" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "$BUNDLE/rootfs" "$(hull state "$ID" | jq -r .rootfs)"
	is "$BUNDLE" "$(hull state "$ID" | jq -r .bundle)"
}

# --- kinds of file systems

@test "a root that is a mount point, with mounts below it" {
	host_mount --bind rootfs rootfs
	mkdir rootfs/below
	host_mount -t tmpfs below rootfs/below
	echo deep >rootfs/below/file
	cd / # out of the covered directory
	sh_config 'cat /below/file; grep -c " / / " /proc/self/mountinfo || true; cat /proc/self/mountinfo'
	output=$(hull run -b "$BUNDLE" "$ID")
	is deep "$(head -1 <<<"$output")"
	is tmpfs "$(mount_type "$output" /below)"
}

@test "a root on a tmpfs" {
	mkdir fs
	host_mount -t tmpfs fs fs
	cp -a rootfs/. fs
	config '.root = {path: "fs"}'
	output=$(inside 'echo text >/new; cat /proc/self/mountinfo')
	is tmpfs "$(mount_type "$output" /)"
	is text "$(cat fs/new)"
}

@test "a root on an overlay: what is written is in the upper directory" {
	grep -qw overlay /proc/filesystems || skip "this kernel has no overlay file system"
	mkdir upper work merged
	host_mount -t overlay -o "lowerdir=rootfs,upperdir=upper,workdir=work" overlay merged
	config '.root = {path: "merged"}'
	output=$(inside 'echo text >/etc/new; cat /proc/self/mountinfo')
	is overlay "$(mount_type "$output" /)"
	is text "$(cat upper/etc/new)"
	[ ! -e rootfs/etc/new ]
}

@test "a root on an overlay, read-only" {
	grep -qw overlay /proc/filesystems || skip "this kernel has no overlay file system"
	mkdir upper work merged
	host_mount -t overlay -o "lowerdir=rootfs,upperdir=upper,workdir=work" overlay merged
	config '.root = {path: "merged", readonly: true}'
	has "$(inside 'touch /etc/new 2>&1 || true')" "Read-only file system"
}

@test "a root that is read-only on the host" {
	host_mount --bind rootfs rootfs
	mount -o remount,bind,ro rootfs
	host_changed
	cd /
	config '.root.readonly = false'
	sh_config 'touch /new 2>&1 || true'
	has "$(hull run -b "$BUNDLE" "$ID")" "Read-only file system"
}

@test "one root for several containers at once" {
	config '.process.args = ["sleep", "100"]'
	add_mount /made/together tmpfs tmpfs
	local i pids=()
	for i in 1 2 3 4 5 6; do
		detached "$ID-$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	is 6 "$(hull list -q | wc -l)"
}

# --- entering it

@test "nothing of the host's is above or beside the root" {
	is "bin dev etc proc root sys tmp" "$(inside 'echo $(ls /)')"
	is "$(inside 'echo $(ls -id / /.. /../..)' | tr ' ' '\n' | grep -c '^[0-9]')" 3
	is 1 "$(inside 'ls -id / /.. /../..' | awk '{ print $1 }' | sort -u | wc -l)"
}

@test "--no-pivot: the same view, for exec too" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID" --no-pivot
	is "bin dev etc proc root sys tmp" "$(hull exec "$ID" sh -c 'echo $(ls /)')"
	has "$(hull exec "$ID" sh -c 'touch /new 2>&1 || true')" "Read-only file system"
	is "sleep 100" "$(tr '\0' ' ' <"/proc/$(pid_of "$ID")/cmdline" | sed 's/ $//')"
}

@test "--no-pivot: from a root that is no mount point of its own, through create and start" {
	sh_config 'echo started >/dev/shm/x; cat /dev/shm/x'
	created "$ID" --no-pivot
	hull start "$ID"
	wait_for eval '[ "$(output_of "$ID")" = started ]'
}

# fresh OPTIONS... - what a user namespace made in a container gets when it mounts procfs and sysfs
# anew: neither, as long as masks cover files of the container's own
fresh() {
	config '.process.user = {uid: 1000, gid: 1000} | .process.args = ["busybox", "unshare", "-Urmpnf", "sh", "-c", $s]' --arg s '
		mount -t proc proc /tmp 2>/dev/null && echo proc
		mount -t sysfs sysfs /tmp 2>/dev/null && echo sysfs
		echo tried'
	hull run "$@" "$ID"
}

@test "--no-pivot: no procfs or sysfs is left that would let a mask be undone" {
	local before
	add_mount /sys sysfs sysfs ro nosuid nodev noexec
	config '.linux.maskedPaths = ["/proc/kcore", "/proc/keys", "/sys/firmware"]
		| .linux.readonlyPaths = ["/proc/sys"] | .root.readonly = false'
	before=$(sort /proc/self/mountinfo)
	is tried "$(fresh)"
	is tried "$(fresh --no-pivot)"
	config '.linux.rootfsPropagation = "shared"'
	is tried "$(fresh --no-pivot)"
	is "$before" "$(sort /proc/self/mountinfo)"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = [] | del(.linux.rootfsPropagation)'
	is "proc tried" "$(fresh --no-pivot | grep -v sysfs | xargs)" # the test can fail
}

@test "--no-pivot: the host's are covered where a user namespace may not detach them" {
	add_mount /sys sysfs sysfs ro nosuid nodev noexec
	config '.linux.maskedPaths = ["/proc/kcore", "/proc/keys", "/sys/firmware"]
		| .root.readonly = false | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown 100000:100000 rootfs
	is tried "$(fresh)"
	is tried "$(fresh --no-pivot)"
}

# --- device nodes

@test "default devices: numbers, mode, owner" {
	output=$(inside 'stat -c "%n %F %t:%T %a %u:%g" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty')
	is "/dev/null character special file 1:3 666 0:0
/dev/zero character special file 1:5 666 0:0
/dev/full character special file 1:7 666 0:0
/dev/random character special file 1:8 666 0:0
/dev/urandom character special file 1:9 666 0:0
/dev/tty character special file 5:0 666 0:0" "$output"
}

@test "default devices work" {
	is "3 0 4 No space left on device" "$(inside 'echo $(head -c 3 /dev/zero | wc -c) $(cat /dev/null | wc -c) \
		$(head -c 4 /dev/urandom | wc -c) $(sh -c "echo x >/dev/full" 2>&1 | grep -o "No space left on device")')"
}

@test "default devices: whatever the caller's umask" {
	umask 077
	is 666 "$(inside 'stat -c %a /dev/null')"
}

@test "default links" {
	is "/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx" "$(inside 'for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done')"
}

@test "/dev/console: only with a terminal" {
	is absent "$(inside '[ -e /dev/console ] || echo absent')"
	config '.process.terminal = true'
	sh_config '[ "$(stat -c %t:%T /dev/console)" = "$(stat -c %t:%T /dev/pts/0)" ] && echo same; [ -t 0 ] && echo terminal'
	output=$(on_terminal "$HULL" --root "$ROOT" run "$ID")
	is "same
terminal" "$output"
}

@test "listed devices: type, numbers, mode, owner, anywhere in the root" {
	writable
	config '.linux.devices = [
		{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0},
		{path: "/opt/dev/blk", type: "b", major: 7, minor: 99, fileMode: 416, uid: 1, gid: 2},
		{path: "/opt/raw", type: "u", major: 1, minor: 5, fileMode: 0},
		{path: "/opt/pipe", type: "p", fileMode: 384, uid: 3, gid: 4}]'
	is "/dev/fuse character special file a:e5 666 0:0
/opt/dev/blk block special file 7:63 640 1:2
/opt/raw character special file 1:5 0 0:0
/opt/pipe fifo 0:0 600 3:4" "$(inside 'stat -c "%n %F %t:%T %a %u:%g" /dev/fuse /opt/dev/blk /opt/raw /opt/pipe')"
}

@test "the file type in a device's mode, which Podman leaves there, is no error" {
	writable
	config '.linux.devices = [{path: "/dev/zz", type: "c", major: 1, minor: 5, fileMode: 8630, uid: 0, gid: 0}]'
	is "/dev/zz character special file 1:5 666" "$(inside 'stat -c "%n %F %t:%T %a" /dev/zz')"
}

@test "a listed device takes the place of a default one" {
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 384, uid: 5, gid: 6}]'
	is "600 5:6" "$(inside 'stat -c "%a %u:%g" /dev/null')"
}

@test "type, major and minor are required" {
	config '.linux.devices = [{path: "/dev/x", type: "c", major: 1}]'
	refused "hull: run $ID: *linux.devices\[0\] (line *): major and minor are required*" run "$ID"
	config '.linux.devices = [{path: "/dev/x", type: "q", major: 1, minor: 1}]'
	refused "hull: run $ID: *linux.devices\[0\].type (line *): *q*" run "$ID"
}

no_dev_mount() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	writable
}

@test "a node of the same identity is taken as it is" {
	no_dev_mount
	mknod -m 600 rootfs/dev/null c 1 3
	chown 5:6 rootfs/dev/null
	is "1:3 600 5:6" "$(inside 'stat -c "%t:%T %a %u:%g" /dev/null')"
	is "1:3 600 5:6" "$(stat -c "%t:%T %a %u:%g" rootfs/dev/null)"
}

@test "a second container in the same root finds the nodes of the first" {
	no_dev_mount
	is ran "$(inside 'echo ran')"
	is ran "$(hull run "$ID")"
}

@test "a node of another identity is an error, and stays" {
	no_dev_mount
	mknod -m 600 rootfs/dev/null c 1 5
	refused "hull: run $ID: device /dev/null: something else is there: *ile exists*" run "$ID"
	is "1:5 600" "$(stat -c "%t:%T %a" rootfs/dev/null)"
}

@test "something that is no node is an error, and stays" {
	no_dev_mount
	local kind
	for kind in file dir link fifo block; do
		rm -rf rootfs/dev/null
		case $kind in
		file) echo text >rootfs/dev/null ;;
		dir) mkdir rootfs/dev/null ;;
		link) ln -s zero rootfs/dev/null ;;
		fifo) mkfifo rootfs/dev/null ;;
		block) mknod rootfs/dev/null b 1 3 ;;
		esac
		refused "hull: run $ID: device /dev/null: something else is there: *ile exists*" run "$ID"
	done
}

@test "links that the image has of its own are left" {
	no_dev_mount
	ln -s /tmp/mine rootfs/dev/fd
	echo file >rootfs/dev/stdin
	is "/tmp/mine file" "$(inside 'echo $(readlink /dev/fd) $(cat /dev/stdin)')"
}

@test "a /dev of the host's, bound, gets no node and no link" {
	mkdir dev
	mknod dev/null c 1 3
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	add_bind /dev dev
	is null "$(inside 'ls /dev')"
	is null "$(ls dev)"
}

# --- hidden and read-only paths

@test "hidden paths: a directory is empty, a file reads as nothing; missing ones are skipped" {
	echo secret >rootfs/etc/secret
	mkdir rootfs/hidden
	echo secret >rootfs/hidden/file
	ln -s /etc/secret rootfs/link
	config '.linux.maskedPaths = ["/hidden", "/hidden/", "/etc/secret", "/link", "/does/not/exist", "/etc/secret/below"]'
	output=$(inside 'ls -A /hidden; cat /etc/secret /link; echo x 2>&1 >/hidden/new; stat -c %t:%T /etc/secret')
	lacks "$output" "secret
"
	has "$output" "Read-only file system"
	has "$output" 1:3
	is secret "$(cat rootfs/etc/secret)"
	is file "$(ls rootfs/hidden)"
}

@test "hidden directories share one file system, and hold nothing" {
	mkdir rootfs/h1 rootfs/h2
	config '.linux.maskedPaths = ["/h1", "/h2"]'
	output=$(inside 'cat /proc/self/mountinfo')
	is 1 "$(awk '$5 ~ "^/h[12]$" { print $3 }' <<<"$output" | sort -u | wc -l)"
	is ro,relatime "$(mount_options "$output" /h1)"
}

@test "read-only paths: with all that is mounted below; missing ones are skipped" {
	writable
	add_mount /data/below tmpfs tmpfs
	config '.linux.readonlyPaths = ["/data", "/etc/passwd", "/does/not/exist"]'
	output=$(inside 'touch /data/x 2>&1; touch /data/below/x 2>&1; echo x 2>&1 >>/etc/passwd; cat /proc/self/mountinfo')
	is 3 "$(grep -c "Read-only file system" <<<"$output")"
	is ro,relatime "$(mount_options "$output" /data)"
	is ro,relatime "$(mount_options "$output" /data/below)"
}

@test "read-only paths keep the other flags of what they cover" {
	config '.mounts[0].options = ["nosuid", "noexec", "nodev"]'
	is ro,nosuid,nodev,noexec,relatime "$(mount_options "$(inside 'cat /proc/self/mountinfo')" /proc/sys)"
}

@test "hidden and read-only paths must be absolute" {
	config '.linux.maskedPaths = ["etc"]'
	refused "hull: run $ID: linux.maskedPaths\[0\] (line *): must be an absolute path: \"etc\"" run "$ID"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["etc"]'
	refused "hull: run $ID: linux.readonlyPaths\[0\] (line *): must be an absolute path: \"etc\"" run "$ID"
}
