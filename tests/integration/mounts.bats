#!/usr/bin/env bats
# mounts: what each entry of config.json's "mounts" makes inside, and nothing of it outside

load lib
load helpers/m_lib

setup_source() {
	SRC=$BATS_TEST_TMPDIR/src
	mkdir -p "$SRC/sub"
	echo from-the-host >"$SRC/file"
}

# --- binds

@test "bind: a directory of the host, writable in both directions" {
	setup_source
	add_bind /data "$SRC"
	is from-the-host "$(inside 'cat /data/file && echo from-inside >/data/new')"
	is from-inside "$(cat "$SRC/new")"
}

@test "bind: one file, whose place is made as an empty file" {
	setup_source
	add_bind /etc/deep/answer "$SRC/file"
	is "from-the-host
answer" "$(inside 'cat /etc/deep/answer; ls /etc/deep')"
	is "regular empty file 0 644 0" "$(stat -c '%F %s %a %u' rootfs/etc/deep/answer)"
	is "directory 755 0" "$(stat -c '%F %a %u' rootfs/etc/deep)"
}

@test "bind: a file over a file that is there leaves the covered one alone" {
	setup_source
	echo covered >rootfs/etc/answer
	add_bind /etc/answer "$SRC/file"
	is from-the-host "$(inside 'cat /etc/answer')"
	is covered "$(cat rootfs/etc/answer)"
}

@test "bind: without what is mounted below the source; rbind: with it" {
	setup_source
	host_mount -t tmpfs below "$SRC/sub"
	echo deep >"$SRC/sub/file"
	add_bind /flat "$SRC"
	add_mount /whole none "$SRC" rbind
	is deep "$(inside 'ls /flat/sub; cat /whole/sub/file')"
}

@test "bind: the type does not matter, only the option does" {
	setup_source
	add_mount /a bind "$SRC" bind
	add_mount /b ext4 "$SRC" rbind
	add_mount /c "" "$SRC" bind
	is from-the-host "$(inside 'cat /a/file /b/file /c/file' | sort -u)"
}

@test "bind: a relative source is relative to the bundle, wherever hull is called" {
	mkdir data
	echo of-the-bundle >data/file
	add_bind /data data
	add_bind /dotted ./data/../data
	sh_config 'cat /data/file /dotted/file'
	cd /
	is of-the-bundle "$(hull run -b "$BUNDLE" "$ID" | sort -u)"
	cd "$BATS_TEST_TMPDIR"
	is of-the-bundle "$(hull run -b bundle "$ID" | sort -u)"
}

@test "bind: a source that is a link is followed on the host" {
	setup_source
	ln -s "$SRC" "$BATS_TEST_TMPDIR/link"
	add_bind /data "$BATS_TEST_TMPDIR/link"
	add_bind /file "$BATS_TEST_TMPDIR/link/file"
	is from-the-host "$(inside 'cat /data/file /file' | sort -u)"
}

@test "bind: a source that does not exist is named, with its mount" {
	add_bind /data /does/not/exist
	refused '*mounts\[7\] /data: bind /does/not/exist: *o such file or directory*' run "$ID"
}

@test "bind: a source is required" {
	add_bind /data ""
	refused "hull: run $ID: mounts\[7\]*: a bind mount needs a source*" run "$ID"
}

@test "bind: special files of the host are bound as they are" {
	setup_source
	mkfifo "$SRC/fifo"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SRC/socket"
	add_bind /fifo "$SRC/fifo"
	add_bind /socket "$SRC/socket"
	is "fifo
socket" "$(inside 'stat -c %F /fifo /socket')"
}

# --- options of one mount

# one_option OPTION... - the options that mountinfo shows for a bind of a plain directory
one_option() {
	setup_source
	add_bind /m "$SRC" "$@"
	mount_options "$(inside 'cat /proc/self/mountinfo')" /m
}

@test "option ro: mountinfo says so, and writing is EROFS" {
	setup_source
	add_bind /m "$SRC" ro
	output=$(inside 'cat /proc/self/mountinfo; touch /m/new 2>&1 || true')
	is ro,relatime "$(mount_options "$output" /m)"
	has "$output" "Read-only file system"
	[ ! -e "$SRC/new" ]
	touch "$SRC/new" # the host's own mount is as it was
}

@test "option rw: takes an earlier ro back; the last of a pair wins" {
	setup_source
	add_bind /a "$SRC" ro rw
	add_bind /b "$SRC" rw ro
	output=$(inside 'cat /proc/self/mountinfo; echo >/a/new')
	is rw,relatime "$(mount_options "$output" /a)"
	is ro,relatime "$(mount_options "$output" /b)"
	[ -e "$SRC/new" ]
}

@test "option nosuid: a set-id program gives no other user; suid: it does" {
	setup_source
	cp "$(command -v busybox)" "$SRC/busybox"
	chmod 4755 "$SRC/busybox"
	add_bind /no "$SRC" nosuid
	add_bind /yes "$SRC" nosuid suid
	config '.process.noNewPrivileges = false | .process.user = {uid: 1000, gid: 1000}'
	# busybox itself drops what it does not need, so the kernel is asked
	output=$(inside 'cat /proc/self/mountinfo; for d in no yes; do
		echo $d $(/$d/busybox sed -n "s/^Uid:\t//p" /proc/self/status); done')
	is rw,nosuid,relatime "$(mount_options "$output" /no)"
	is rw,relatime "$(mount_options "$output" /yes)"
	has "$output" "no 1000 1000 1000 1000"
	not grep -qx "yes 1000 1000 1000 1000" <<<"$output"
}

@test "option nodev: a device node does not open; dev: it does" {
	setup_source
	mknod "$SRC/zero" c 1 5
	add_bind /no "$SRC" nodev
	add_bind /yes "$SRC" nodev dev
	output=$(inside 'cat /proc/self/mountinfo; for d in no yes; do
		echo $d $(head -c 3 /$d/zero 2>/dev/null | wc -c) $(head -c 3 /$d/zero 2>&1 >/dev/null); done')
	is rw,nodev,relatime "$(mount_options "$output" /no)"
	is rw,relatime "$(mount_options "$output" /yes)"
	matches "*no 0*Permission denied*" "$output"
	has "$output" "yes 3"
}

@test "option noexec: a program there does not run; exec: it does" {
	setup_source
	cp "$(command -v busybox)" "$SRC/echo"
	add_bind /no "$SRC" noexec
	add_bind /yes "$SRC" noexec exec
	output=$(inside 'cat /proc/self/mountinfo; /no/echo ran-no 2>&1 || true; /yes/echo ran-yes')
	is rw,noexec,relatime "$(mount_options "$output" /no)"
	is rw,relatime "$(mount_options "$output" /yes)"
	lacks "$output" ran-no
	has "$output" ran-yes
	has "$output" "Permission denied"
}

@test "option nosymfollow: links do not resolve; symfollow: they do" {
	setup_source
	ln -s file "$SRC/link"
	add_bind /no "$SRC" nosymfollow
	add_bind /yes "$SRC" nosymfollow symfollow
	output=$(inside 'cat /proc/self/mountinfo; cat /no/link 2>&1 || true; cat /yes/link')
	is rw,relatime,nosymfollow "$(mount_options "$output" /no)"
	is rw,relatime "$(mount_options "$output" /yes)"
	has "$output" "Too many levels of symbolic links"
	has "$output" from-the-host
}

@test "option noatime: reading leaves the access time alone; strictatime: it does not" {
	setup_source
	touch -a -d 2001-01-01 "$SRC/file"
	add_bind /no "$SRC" noatime
	output=$(inside 'cat /proc/self/mountinfo /no/file')
	is rw,noatime "$(mount_options "$output" /no)"
	is 2001 "$(stat -c %x "$SRC/file" | cut -d- -f1)"
	add_bind /strict "$SRC" strictatime
	output=$(inside 'cat /proc/self/mountinfo /strict/file')
	is rw "$(mount_options "$output" /strict)"
	not is 2001 "$(stat -c %x "$SRC/file" | cut -d- -f1)"
}

@test "options of access times: one setting, the last word holds" {
	setup_source
	add_bind /a "$SRC" noatime relatime
	add_bind /b "$SRC" relatime strictatime
	add_bind /c "$SRC" noatime atime
	add_bind /d "$SRC" strictatime nostrictatime
	add_bind /e "$SRC" nodiratime
	add_bind /f "$SRC" nodiratime diratime
	add_bind /g "$SRC" noatime nodiratime
	add_bind /h "$SRC" norelatime
	output=$(inside 'cat /proc/self/mountinfo')
	is rw,relatime "$(mount_options "$output" /a)" "noatime relatime"
	is rw "$(mount_options "$output" /b)" "relatime strictatime"
	is rw,relatime "$(mount_options "$output" /c)" "noatime atime"
	is rw,relatime "$(mount_options "$output" /d)" "strictatime nostrictatime"
	is rw,nodiratime,relatime "$(mount_options "$output" /e)" nodiratime
	is rw,relatime "$(mount_options "$output" /f)" "nodiratime diratime"
	is rw,noatime,nodiratime "$(mount_options "$output" /g)" "noatime nodiratime"
	is rw,relatime "$(mount_options "$output" /h)" norelatime
}

@test "options sync, dirsync, lazytime belong to the file system" {
	add_mount /a tmpfs tmpfs sync
	add_mount /b tmpfs tmpfs dirsync
	add_mount /c tmpfs tmpfs lazytime
	add_mount /d tmpfs tmpfs lazytime nolazytime
	add_mount /e tmpfs tmpfs sync async
	output=$(inside 'cat /proc/self/mountinfo')
	has "$(mount_super "$output" /a)," "rw,sync,"
	has "$(mount_super "$output" /b)," "rw,dirsync,"
	has "$(mount_super "$output" /c)," "rw,lazytime,"
	lacks "$(mount_super "$output" /d)" lazytime
	lacks "$(mount_super "$output" /e)" sync
}

@test "options sync, dirsync, lazytime on a bind do not touch the host's file system" {
	setup_source
	before=$(mount_super "$(cat /proc/self/mountinfo)" /)
	add_bind /a "$SRC" sync dirsync lazytime async nolazytime
	output=$(inside 'cat /proc/self/mountinfo')
	is rw,relatime "$(mount_options "$output" /a)"
	is "$before" "$(mount_super "$(cat /proc/self/mountinfo)" /)"
}

@test "every option that the specification requires is accepted, on a bind and on a file system" {
	setup_source
	local all=(async atime defaults dev diratime dirsync exec iversion lazytime loud noatime
		nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private
		relatime ro rprivate rshared rslave runbindable rw shared silent slave strictatime
		suid sync unbindable mand nomand nosymfollow symfollow) i=0 option
	for option in "${all[@]}"; do
		add_bind "/bind/$option" "$SRC" "$option"
		add_mount "/fs/$option" tmpfs tmpfs "$option"
	done
	output=$(inside 'cat /proc/self/mountinfo')
	for option in "${all[@]}"; do
		[ -n "$(mount_options "$output" "/bind/$option")" ]
		is tmpfs "$(mount_type "$output" "/fs/$option")" "$option"
	done
}

@test "features lists the options that mounts take" {
	hull features | jq -e '.mountOptions as $have | ["async", "atime", "bind", "defaults", "dev",
		"noexec", "nosymfollow", "rbind", "rprivate", "rro", "rnosymfollow", "rstrictatime",
		"tmpcopyup", "unbindable"] - $have == []'
	hull features | jq -e '[.mountOptions[] | select(. == "")] == []'
}

@test "defaults and an empty option change nothing" {
	setup_source
	add_bind /a "$SRC" defaults
	add_bind /b "$SRC" "" ro
	add_mount /c tmpfs tmpfs defaults "" size=1m
	output=$(inside 'cat /proc/self/mountinfo')
	is rw,relatime "$(mount_options "$output" /a)"
	is ro,relatime "$(mount_options "$output" /b)"
	is rw,relatime "$(mount_options "$output" /c)"
	has "$(mount_super "$output" /c)" size=1024k
}

# --- recursive attributes

# recursive - the options of /m and of the mount below it in $output
recursive() {
	echo "$(mount_options "$output" /m) $(mount_options "$output" /m/sub)"
}

setup_submount() { # OPTIONS-ON-THE-HOST
	setup_source
	host_mount -t tmpfs -o "$1" top "$SRC"
	mkdir -p "$SRC/sub" 2>/dev/null || { mount -o remount,rw "$SRC" && mkdir "$SRC/sub"; }
	host_mount -t tmpfs -o "$1" below "$SRC/sub"
	mount -o "remount,$1" "$SRC"
	host_changed
}

@test "ro on an rbind stops at the first mount; rro reaches all below" {
	setup_submount rw
	add_mount /m none "$SRC" rbind ro
	output=$(inside 'cat /proc/self/mountinfo')
	is "ro,relatime rw,relatime" "$(recursive)"
	add_mount /n none "$SRC" rbind rro
	output=$(inside 'cat /proc/self/mountinfo; touch /m/sub/a; touch /n/sub/b 2>&1; touch /n/c 2>&1; true')
	is ro,relatime "$(mount_options "$output" /n)"
	is ro,relatime "$(mount_options "$output" /n/sub)"
	is 2 "$(grep -c "Read-only file system" <<<"$output")"
	is a "$(ls "$SRC/sub")"
}

@test "ro and rro together; rro on a bind without submounts" {
	setup_submount rw
	add_mount /m none "$SRC" rbind ro rro
	add_bind /flat "$SRC" rro
	output=$(inside 'cat /proc/self/mountinfo')
	is "ro,relatime ro,relatime" "$(recursive)"
	is ro,relatime "$(mount_options "$output" /flat)"
}

@test "each recursive attribute reaches the mount and what is below it" {
	setup_submount rw
	local -A expected=([rro]=ro,relatime [rnosuid]=rw,nosuid,relatime [rnodev]=rw,nodev,relatime
		[rnoexec]=rw,noexec,relatime [rnoatime]=rw,noatime [rstrictatime]=rw
		[rnodiratime]=rw,nodiratime,relatime [rnosymfollow]=rw,relatime,nosymfollow
		[rrelatime]=rw,relatime)
	local option
	for option in "${!expected[@]}"; do
		add_mount "/$option" none "$SRC" rbind "$option"
	done
	output=$(inside 'cat /proc/self/mountinfo')
	for option in "${!expected[@]}"; do
		is "${expected[$option]}" "$(mount_options "$output" "/$option")" "$option"
		is "${expected[$option]}" "$(mount_options "$output" "/$option/sub")" "$option below"
	done
}

@test "each recursive attribute taken back, on mounts that have it on the host" {
	setup_submount ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow
	local every=ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow option
	local -A expected=([rrw]=rw${every#ro} [rsuid]=${every/,nosuid/} [rdev]=${every/,nodev/}
		[rexec]=${every/,noexec/} [rdiratime]=${every/,nodiratime/} [rsymfollow]=${every/,nosymfollow/}
		[rstrictatime]=${every/,noatime/} [rrelatime]=${every/noatime,nodiratime/nodiratime,relatime}
		[ratime]=${every/noatime,nodiratime/nodiratime,relatime})
	for option in "${!expected[@]}"; do
		add_mount "/$option" none "$SRC" rbind "$option"
	done
	output=$(inside 'cat /proc/self/mountinfo')
	for option in "${!expected[@]}"; do
		is "${expected[$option]}" "$(mount_options "$output" "/$option")" "$option"
		is "${expected[$option]}" "$(mount_options "$output" "/$option/sub")" "$option below"
	done
	is "$every" "$(mount_options "$(cat /proc/self/mountinfo)" "$SRC")" "the host's own"
}

@test "recursive attributes after a propagation and with plain ones" {
	setup_submount rw
	add_mount /m none "$SRC" rbind rprivate rro nosuid rnoexec
	output=$(inside 'cat /proc/self/mountinfo')
	is "ro,nosuid,noexec,relatime ro,noexec,relatime" "$(recursive)"
}

# --- propagation as an option

@test "options private, shared, slave, unbindable of one mount; r forms reach those below" {
	setup_submount rw
	local kind
	for kind in private shared unbindable; do
		add_mount "/$kind" none "$SRC" rbind "$kind"
		add_mount "/r$kind" none "$SRC" rbind "r$kind"
	done
	output=$(inside 'cat /proc/self/mountinfo')
	for kind in private shared unbindable; do
		is "$kind" "$(mount_propagation "$output" "/$kind")"
		is private "$(mount_propagation "$output" "/$kind/sub")" "$kind below"
		is "$kind" "$(mount_propagation "$output" "/r$kind")"
		is "$kind" "$(mount_propagation "$output" "/r$kind/sub")" "r$kind below"
	done
}

@test "option slave of a shared source; several propagation options apply in order" {
	setup_submount rw
	mount --make-rshared "$SRC"
	host_changed
	add_mount /slave none "$SRC" rbind slave
	add_mount /rslave none "$SRC" rbind rslave
	add_mount /both none "$SRC" rbind slave shared
	add_mount /last none "$SRC" rbind shared private
	output=$(inside 'cat /proc/self/mountinfo')
	is master "$(mount_propagation "$output" /slave)"
	is master "$(mount_propagation "$output" /rslave)"
	is master "$(mount_propagation "$output" /rslave/sub)"
	is "shared master" "$(mount_propagation "$output" /both)"
	is private "$(mount_propagation "$output" /last)"
}

# --- a bind with flags is mount --bind and then mount -o remount,bind,flags

@test "bind without flags keeps those of the source" {
	setup_submount ro,nosuid,nodev,noexec,noatime
	add_bind /m "$SRC"
	is ro,nosuid,nodev,noexec,noatime "$(mount_options "$(inside 'cat /proc/self/mountinfo')" /m)"
}

@test "bind with flags: those of the source that are not given again are cleared" {
	setup_submount nosuid,nodev,noexec,nosymfollow
	add_bind /a "$SRC" ro
	add_bind /b "$SRC" nosuid
	add_bind /c "$SRC" rw
	output=$(inside 'cat /proc/self/mountinfo')
	is ro,relatime "$(mount_options "$output" /a)"
	is rw,nosuid,relatime "$(mount_options "$output" /b)"
	is rw,relatime "$(mount_options "$output" /c)"
	is rw,nosuid,nodev,noexec,relatime,nosymfollow "$(mount_options "$(cat /proc/self/mountinfo)" "$SRC")"
}

@test "bind with flags: the access time setting stays unless a new one is chosen" {
	setup_submount noatime,nodiratime
	add_bind /kept "$SRC" ro
	add_bind /chosen "$SRC" ro relatime
	add_bind /strict "$SRC" strictatime
	output=$(inside 'cat /proc/self/mountinfo')
	is ro,noatime,nodiratime "$(mount_options "$output" /kept)"
	is ro,relatime "$(mount_options "$output" /chosen)"
	is rw "$(mount_options "$output" /strict)"
}

setup_locked() { # OPTIONS-ON-THE-HOST
	setup_source
	host_mount -t tmpfs -o "$1" top "$SRC"
	user_namespace
}

@test "user namespace: flags that the source's owner has set stay where they are only implied" {
	setup_locked ro,nosuid,nodev,noexec,noatime
	add_bind /m "$SRC" ro
	add_bind /n "$SRC" nosuid
	output=$(inside 'cat /proc/self/mountinfo; touch /n/new 2>&1 || true')
	is ro,nosuid,nodev,noexec,noatime "$(mount_options "$output" /m)"
	is ro,nosuid,nodev,noexec,noatime "$(mount_options "$output" /n)"
	has "$output" "Read-only file system"
}

@test "user namespace: rw in words on a source that its owner made ro is refused" {
	setup_locked ro
	add_bind /m "$SRC" rw
	refused '*mounts\[7\] /m: mount_setattr *: *peration not permitted*' run "$ID"
}

@test "user namespace: suid in words on a source that its owner made nosuid is refused" {
	setup_locked nosuid
	add_bind /m "$SRC" suid
	refused '*mounts\[7\] /m: mount_setattr *: *peration not permitted*' run "$ID"
}

@test "user namespace: a bind that would uncover what is mounted over needs rbind, and hull says so" {
	setup_submount rw
	user_namespace
	add_bind /m "$SRC"
	refused '*mounts\[7\] /m: bind *nvalid argument*rbind*' run "$ID"
}

@test "user namespace: more flags than the source has can be added" {
	setup_submount rw
	user_namespace
	add_mount /m none "$SRC" rbind rro nosuid
	output=$(inside 'cat /proc/self/mountinfo')
	is "ro,nosuid,relatime ro,relatime" "$(recursive)"
}

# --- tmpfs

@test "tmpfs: size is a limit" {
	add_mount /m tmpfs tmpfs size=1m
	output=$(inside 'dd if=/dev/zero of=/m/file bs=64k count=32 2>&1; stat -c %s /m/file')
	has "$output" "No space left on device"
	is 1048576 "$(tail -1 <<<"$output")"
}

@test "tmpfs: mode" {
	add_mount /m tmpfs tmpfs mode=0710 uid=5 gid=6
	is "710 5 6" "$(inside 'stat -c "%a %u %g" /m')"
}

@test "tmpfs: takes the mode of the directory it covers" {
	chmod 1777 rootfs/tmp
	mkdir -m 0700 rootfs/secret
	add_mount /tmp tmpfs tmpfs
	add_mount /secret tmpfs tmpfs nosuid
	is "1777
700" "$(inside 'stat -c %a /tmp /secret')"
}

@test "tmpfs: over a directory that is made for it, the kernel's own mode" {
	add_mount /made/for/it tmpfs tmpfs
	is "1777 755" "$(inside 'stat -c %a /made/for/it /made/for' | xargs)"
}

@test "tmpfs with ro: mounts, devices and the console are in it all the same" {
	config '(.mounts[] | select(.destination == "/dev").options) += ["ro"]
		| .linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229}]'
	add_mount /top tmpfs tmpfs ro
	add_mount /top/below tmpfs tmpfs mode=0700
	output=$(inside 'cat /proc/self/mountinfo; test -c /dev/fuse && echo fuse; ls -d /dev/shm
		: >/top/below/file && echo written; touch /dev/new /top/new 2>&1 || true')
	matches "ro,*" "$(mount_options "$output" /dev)"
	matches "ro,*" "$(mount_options "$output" /top)"
	has "$output" "fuse
/dev/shm
written"
	has "$output" "/dev/new: Read-only file system"
	has "$output" "/top/new: Read-only file system"
}

@test "tmpfs: an explicit mode wins over that of the covered directory" {
	chmod 1777 rootfs/tmp
	add_mount /tmp tmpfs tmpfs mode=0755
	is 755 "$(inside 'stat -c %a /tmp')"
}

@test "tmpfs: covers what the image has, and what is written never reaches it" {
	echo image >rootfs/tmp/file
	add_mount /tmp tmpfs tmpfs
	is new "$(inside 'ls /tmp; echo new >/tmp/new; cat /tmp/new')"
	is file "$(ls rootfs/tmp)"
}

@test "tmpfs: a bad value shows the kernel's own words" {
	add_mount /m tmpfs tmpfs size=many
	refused '*mounts\[7\] /m: *tmpfs*Bad value for '\''size'\''*' run "$ID"
}

@test "tmpfs: an unknown option is named" {
	add_mount /m tmpfs tmpfs nonsense=1
	refused '*mounts\[7\] /m: *nonsense*' run "$ID"
}

setup_copyup() {
	mkdir -p rootfs/var/dir/deep
	echo content >rootfs/var/dir/file
	chmod 4755 rootfs/var/dir/file
	chown 12:34 rootfs/var/dir/file
	ln -s /nowhere rootfs/var/dir/link
	mkfifo -m 640 rootfs/var/dir/fifo
	chown -h 5:6 rootfs/var/dir/link
	chmod 2711 rootfs/var/dir/deep
	chown 7:8 rootfs/var/dir/deep
	head -c 3000000 /dev/urandom >rootfs/var/dir/deep/big
	chmod 1733 rootfs/var/dir
	chown 9:10 rootfs/var/dir
	python3 -c 'import os
os.setxattr("rootfs/var/dir/file", "user.colour", b"blue")
os.setxattr("rootfs/var/dir/deep", "trusted.secret", b"1")'
	# owner, mode, type, size of files; of the tmpfs afterwards the same
	LISTING='cd /var/dir && for f in . file link fifo deep deep/big; do
		stat -c "%n %u:%g %a %F" $f; done; readlink link; cat file; md5sum deep/big'
	EXPECTED=$(cd rootfs/var/dir && eval "${LISTING#*&&}")
}

@test "tmpcopyup: owner, mode, links, fifos and directories come along, and only a copy is changed" {
	setup_copyup
	config '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE", "CAP_FOWNER"])'
	ln -sf busybox rootfs/bin/md5sum
	add_mount /var/dir tmpfs tmpfs tmpcopyup
	output=$(inside "$LISTING; echo changed >/var/dir/file; rm /var/dir/link")
	is "$EXPECTED" "$output"
	is content "$(cat rootfs/var/dir/file)"
	[ -L rootfs/var/dir/link ]
}

@test "tmpcopyup: extended attributes come along" {
	setup_copyup
	add_mount /var/dir tmpfs tmpfs tmpcopyup
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	python3 - "/proc/$(pid_of "$ID")/root/var/dir" <<-'END'
		import os, sys
		dir = sys.argv[1]
		assert os.getxattr(dir + "/file", "user.colour") == b"blue"
		assert os.getxattr(dir + "/deep", "trusted.secret") == b"1"
	END
}

@test "tmpcopyup: capabilities of a file come along" {
	setup_copyup
	# VFS_CAP_REVISION_2, effective: CAP_NET_RAW
	caps='import os, struct, sys; caps = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)'
	$PYTHON -c "$caps; os.setxattr(sys.argv[1], 'security.capability', caps)" rootfs/var/dir/file
	add_mount /var/dir tmpfs tmpfs tmpcopyup
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	$PYTHON -c "$caps; assert os.getxattr(sys.argv[1], 'security.capability') == caps" \
		"/proc/$(pid_of "$ID")/root/var/dir/file"
}

@test "tmpcopyup: an option is the last word about the root, and a new directory has none" {
	setup_copyup
	chmod 0750 rootfs/var/dir
	chown 12:34 rootfs/var/dir
	add_mount /var/dir tmpfs tmpfs tmpcopyup mode=1770 uid=56
	add_mount /new tmpfs tmpfs tmpcopyup
	is "1770 56:0
1777 0:0" "$(inside 'stat -c "%a %u:%g" /var/dir /new')"
}

@test "tmpcopyup with ro: the copy is there and cannot be written" {
	setup_copyup
	add_mount /var/dir tmpfs tmpfs tmpcopyup ro
	output=$(inside 'cat /proc/self/mountinfo /var/dir/file; touch /var/dir/new 2>&1 || true')
	is ro,relatime "$(mount_options "$output" /var/dir)"
	has "$output" content
	has "$output" "Read-only file system"
}

@test "tmpcopyup: into a directory that the image does not have is an empty one" {
	add_mount /new/place tmpfs tmpfs tmpcopyup
	is tmpfs "$(inside 'ls -A /new/place; stat -f -c %T /new/place')"
}

@test "tmpcopyup: what does not fit is an error, and nothing stays" {
	setup_copyup
	add_mount /var/dir tmpfs tmpfs tmpcopyup size=1m
	refused '*mounts\[7\] /var/dir: tmpcopyup: *o space left on device*' run "$ID"
}

@test "tmpcopyup: only for tmpfs, refused with path and line" {
	add_mount /m mqueue mqueue tmpcopyup
	line=$(line_of '"tmpcopyup"')
	refused "hull: run $ID: mounts\[7\].options\[0\] (line $line): only for tmpfs: \"tmpcopyup\"*" run "$ID"
}

# --- order

@test "order: a mount below an earlier one lies on that one, and not on the image" {
	setup_source
	add_mount /a tmpfs tmpfs
	add_bind /a/b/c "$SRC"
	add_bind /a/file "$SRC/file"
	output=$(inside 'cat /a/b/c/file /a/file; stat -f -c %T /a/b')
	is "from-the-host
from-the-host
tmpfs" "$output"
	is "" "$(ls -A rootfs/a)"
}

@test "order: a later mount on the same place covers the earlier" {
	setup_source
	add_bind /a "$SRC"
	add_mount /a tmpfs tmpfs
	is 2 "$(inside 'ls /a; grep -c " /a " /proc/self/mountinfo')"
}

@test "order: a bind from inside the root file system sees the mount made there before" {
	mkdir rootfs/vol
	add_mount /vol tmpfs tmpfs
	add_bind /copy "$BUNDLE/rootfs/vol"
	add_bind /relative rootfs/vol
	is "one
one
1" "$(inside 'echo one >/vol/file; cat /copy/file /relative/file; stat -c %d /vol /copy /relative | sort -u | wc -l')"
	is "" "$(ls -A rootfs/vol)"
}

@test "order: a bind from inside the root file system before the mount is the image's directory" {
	mkdir rootfs/vol
	echo image >rootfs/vol/file
	add_bind /copy "$BUNDLE/rootfs/vol"
	add_mount /vol tmpfs tmpfs
	is image "$(inside 'cat /copy/file; ls /vol')"
}

@test "order: user namespace: the same from inside the root file system" {
	mkdir rootfs/vol
	user_namespace
	add_mount /vol tmpfs tmpfs
	add_bind /copy "$BUNDLE/rootfs/vol"
	is one "$(inside 'echo one >/vol/file; cat /copy/file')"
}

# --- destinations

@test "destination: missing directories are made 0755 and belong to root" {
	setup_source
	umask 077
	add_bind /x/y/z "$SRC"
	is from-the-host "$(inside 'cat /x/y/z/file')"
	is "755 0:0" "$(stat -c '%a %u:%g' rootfs/x rootfs/x/y rootfs/x/y/z | sort -u)"
}

@test "destination: with .. ends inside the root" {
	setup_source
	add_bind /x/../../../y "$SRC"
	is from-the-host "$(inside 'cat /y/file')"
	[ -d rootfs/y ]
	[ ! -e "$BATS_TEST_TMPDIR/y" ]
}

@test "destination: relative means below /" {
	setup_source
	add_bind rel/ative "$SRC"
	is from-the-host "$(inside 'cat /rel/ative/file')"
}

@test "destination: a dangling link is followed inside and its target made" {
	setup_source
	ln -s /target/of/it rootfs/link
	ln -s target/file rootfs/flink
	add_bind /link "$SRC"
	add_bind /flink "$SRC/file"
	is "from-the-host
from-the-host" "$(inside 'cat /target/of/it/file /target/file')"
	[ -L rootfs/link ]
	[ ! -e /target ]
}

@test "destination: an absolute link is the container's absolute" {
	setup_source
	mkdir rootfs/real
	ln -s /real rootfs/link
	ln -s ../../../../real rootfs/up
	add_bind /link/a "$SRC"
	add_bind /up/b "$SRC"
	is from-the-host "$(inside 'cat /real/a/file /real/b/file | sort -u')"
}

@test "destination: a loop of links is an error" {
	setup_source
	ln -s b rootfs/a
	ln -s a rootfs/b
	add_bind /a/x "$SRC"
	refused '*mounts\[7\] /a/x: *oo many levels of symbolic links*' run "$ID"
}

@test "destination: a file on a directory, a directory on a file" {
	setup_source
	add_bind /etc "$SRC/file"
	refused '*mounts\[7\] /etc: a file cannot be mounted on a directory: not a directory*' run "$ID"
	config 'del(.mounts[7])'
	add_bind /etc/passwd "$SRC"
	refused '*mounts\[7\] /etc/passwd: *ot a directory*' run "$ID"
	config 'del(.mounts[7])'
	add_bind /etc/passwd/below "$SRC"
	refused '*mounts\[7\] /etc/passwd/below: *ot a directory*' run "$ID"
}

@test "destination: the root itself is refused, for root.path says it" {
	setup_source
	local path
	for path in / // /. /.. /x/..; do
		config '.mounts[7] = {destination: $d, source: $s, options: ["bind"]}' --arg d "$path" --arg s "$SRC"
		refused "hull: run $ID: mounts\[7\].destination (line *): \"$path\" is the root itself*" run "$ID"
	done
}

@test "destination: required, and not empty" {
	config '.mounts += [{type: "tmpfs", source: "tmpfs"}]'
	refused "hull: run $ID: *mounts\[7\].destination (line *): is required" run "$ID"
	config '.mounts[7].destination = ""'
	refused "hull: run $ID: mounts\[7\].destination*must not be empty*" run "$ID"
}

# --- words

@test "an unknown option of a bind is refused with path and line" {
	setup_source
	add_bind /m "$SRC" ro nonsense
	line=$(line_of '"nonsense"')
	refused "hull: run $ID: mounts\[7\].options\[2\] (line $line): not an option of a bind mount: \"nonsense\"*" run "$ID"
}

@test "data of a file system on a bind is refused" {
	setup_source
	add_bind /m "$SRC" size=1m
	refused '*mounts\[7\].options\[1\] (line *): not an option of a bind mount: "size=1m"*' run "$ID"
}

@test "an unknown file system type is named" {
	add_mount /m nosuchfs none
	refused '*mounts\[7\] /m: the kernel has no file system type "nosuchfs"*' run "$ID"
}

@test "without type and without bind there is nothing to mount" {
	add_mount /m "" /tmp ro
	refused "hull: run $ID: mounts\[7\]*: needs a type, or the option bind or rbind*" run "$ID"
}

@test "uidMappings without gidMappings is refused" {
	setup_source
	add_bind /m "$SRC"
	config '.mounts[7].uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	refused '*mounts\[7\]*uidMappings and gidMappings must be given together*' run "$ID"
	config '.mounts[7].gidMappings = .mounts[7].uidMappings | del(.mounts[7].uidMappings)'
	refused '*mounts\[7\]*uidMappings and gidMappings must be given together*' run "$ID"
}

# --- the kernel's own file systems

@test "devpts: newinstance has no terminal of the host's, ptmxmode and gid hold" {
	output=$(inside 'ls /dev/pts; stat -c "%a" /dev/pts/ptmx; cat /proc/self/mountinfo')
	is "ptmx
666" "$(head -2 <<<"$output")"
	has "$(mount_super "$output" /dev/pts)" gid=5,mode=620,ptmxmode=666
	is devpts "$(mount_type "$output" /dev/pts)"
}

@test "mqueue: of the container's own ipc namespace" {
	inside 'stat -f -c %t /dev/mqueue; touch /dev/mqueue/q; ls /dev/mqueue' >"$BATS_TEST_TMPDIR/out"
	is "19800202
q" "$(cat "$BATS_TEST_TMPDIR/out")"
}

@test "proc: of the container's own pid namespace" {
	config '.process.args = ["ls", "/proc"]'
	is 1 "$(hull run "$ID" | grep '^[0-9]')"
}

@test "proc: hidepid hides other users' processes" {
	config '.mounts[0].options = ["hidepid=2"]'
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	has "$(hull exec "$ID" ls /proc)" 1
	lacks "$(hull exec -u 1000:1000 "$ID" sh -c 'ls -d /proc/1 2>&1')" "/proc/1
"
	has "$(hull exec -u 1000:1000 "$ID" sh -c 'ls -d /proc/1 2>&1 || true')" "No such file"
	has "$(mount_super "$(hull exec "$ID" cat /proc/self/mountinfo)" /proc)" hidepid=invisible
}

@test "proc: flags hold" {
	config '.mounts[0].options = ["nosuid", "noexec", "nodev"]'
	is rw,nosuid,nodev,noexec,relatime "$(mount_options "$(inside 'cat /proc/self/mountinfo')" /proc)"
}

@test "sysfs: read-only" {
	output=$(inside 'cat /proc/self/mountinfo; echo 1 2>&1 >/sys/kernel/profiling || true')
	is ro,nosuid,nodev,noexec,relatime "$(mount_options "$output" /sys)"
	is sysfs "$(mount_type "$output" /sys)"
}

@test "sysfs: shows the links of the container's network namespace" {
	is lo "$(inside 'ls /sys/class/net')"
}

@test "ro on a file system that is not tmpfs" {
	config '.mounts |= map(if .destination == "/dev/mqueue" then .options += ["ro"] else . end)'
	output=$(inside 'cat /proc/self/mountinfo; touch /dev/mqueue/q 2>&1 || true')
	has "$(mount_options "$output" /dev/mqueue)" ro,
	has "$output" "Read-only file system"
}

@test "a mount inside /proc is refused, but for the files of a container's own view" {
	setup_source
	add_bind /proc/self/attr "$SRC"
	refused "hull: run $ID: mounts\[7\].destination (line *): /proc/self/attr cannot be mounted: it is inside /proc*" run "$ID"
	config '.mounts[7].destination = "/proc/../proc/self/fd"'
	refused '*mounts\[7\]*cannot be mounted: it is inside /proc*' run "$ID"
	config 'del(.mounts[7])'
	add_bind /proc/meminfo "$SRC/file"
	is from-the-host "$(inside 'cat /proc/meminfo')"
}

@test "only a procfs can cover /proc" {
	setup_source
	config '.mounts |= map(select(.destination != "/proc"))'
	config 'del(.linux.maskedPaths, .linux.readonlyPaths)'
	add_mount /proc tmpfs tmpfs
	refused '*/proc: only a procfs can be mounted there*' run "$ID"
	config '.mounts[-1].destination = "//proc/."'
	refused '*: only a procfs can be mounted there*' run "$ID"
	config 'del(.mounts[-1])'
	add_bind /proc "$SRC"
	refused '*/proc: only a procfs can be mounted there*' run "$ID"
	config 'del(.mounts[-1])'
	add_mount /proc none /proc rbind
	has "$(inside 'ls /proc')" self
}

# --- remount

@test "remount: flags and data of a mount made before" {
	add_mount /m tmpfs tmpfs size=1m
	add_mount /m "" "" remount ro size=2m
	output=$(inside 'cat /proc/self/mountinfo; touch /m/a 2>&1 || true')
	is ro,relatime "$(mount_options "$output" /m)"
	has "$(mount_super "$output" /m)" size=2048k
	has "$output" "Read-only file system"
	is 1 "$(grep -c ' /m ' <<<"$output")"
}

@test "remount: propagation" {
	add_mount /m tmpfs tmpfs
	add_mount /m "" "" remount shared
	is shared "$(mount_propagation "$(inside 'cat /proc/self/mountinfo')" /m)"
}

@test "remount: of what is no mount is an error" {
	mkdir rootfs/plain
	add_mount /plain "" "" remount ro
	refused '*mounts\[7\] /plain: *nvalid argument*' run "$ID"
	config '.mounts[7].destination = "/missing"'
	refused '*mounts\[7\] /missing: *o such file or directory*' run "$ID"
}

# --- many

@test "a thousand mounts with few descriptors" {
	setup_source
	config '.mounts += [range(1000) | {destination: "/many/\(.)", type: "none", source: $s, options: ["bind", "ro"]}]
		| .process.rlimits = []' --arg s "$SRC"
	sh_config 'cat /many/0/file /many/999/file; grep -c " /many/" /proc/self/mountinfo'
	output=$(ulimit -n 64 && hull run "$ID")
	is "from-the-host
from-the-host
1000" "$output"
}

@test "a failure in the middle leaves nothing mounted" {
	setup_source
	add_bind /a "$SRC"
	add_mount /b tmpfs tmpfs
	add_bind /c /does/not/exist
	refused '*mounts\[9\] /c: *' create "$ID"
}

@test "overlay: more layers than fsconfig takes in one string" {
	local n layers=
	for n in $(seq 30); do
		mkdir -p "layers/a-long-name-for-a-snapshot/$n/fs"
		echo "$n" >"layers/a-long-name-for-a-snapshot/$n/fs/of-$n"
		layers+=${layers:+:}$PWD/layers//a-long-name-for-a-snapshot/$n/fs
	done
	[ "${#layers}" -gt 1000 ]
	# one of them with a slash too many where the names begin
	layers=${layers/snapshot\/7\//snapshot\/\/7\/}
	config '.mounts += [{destination: "/data", type: "overlay", source: "overlay", options: ["ro", $o]}]' --arg o "lowerdir=$layers"
	is "30 1 30 /" "$(inside 'ls /data | wc -l; cat /data/of-1 /data/of-30; pwd' | xargs)"
}

@test "an option that fsconfig does not take for its length is named" {
	local long
	long=$(printf 'x%.0s' {1..300})
	config '.mounts += [{destination: "/data", type: "overlay", source: "overlay", options: [$o]}]' --arg o "lowerdir=/$long"
	refused "hull: run $ID: mounts[[]*] /data: option lowerdir is longer than the 255 bytes of fsconfig(2)*" run "$ID"
}
