# mounts[].uidMappings, gidMappings, idmap and ridmap: config.md "Mounts"; mount_setattr(2)
load lib
load helpers/m_lib

test_setup() {
	SRC=$BATS_TEST_TMPDIR/source
	mkdir -p "$SRC/sub"
	echo data >"$SRC/file"
	echo below >"$SRC/sub/file"
	chown 1000:2000 "$SRC/file" "$SRC/sub" "$SRC/sub/file"
	chmod 0755 "$BATS_TEST_TMPDIR"
	config '.process.args = ["sleep", "1000"] | .process.capabilities |= with_entries(.value += ["CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER"])'
}

# mapped DESTINATION MAPPINGS OPTION... - a bind of $SRC; MAPPINGS is "container:host:size ..." for uids
# and gids alike, or empty
mapped() {
	config '.mounts += [{destination: $d, type: "none", source: $s, options: $o}
		+ if $m == "" then {} else ($m | split(" ") | map(split(":") | map(tonumber)
			| {containerID: .[0], hostID: .[1], size: .[2]})
			| {uidMappings: ., gidMappings: .}) end]' \
		--arg d "$1" --arg s "$SRC" --arg m "$2" --argjson o "$(jq -n '$ARGS.positional' --args "${@:3}")"
}

@test "mappings of the mount's own: files show and take other owners, on the host they stay" {
	mapped /data "1000:5000:1 2000:6000:1 0:7000:1" rbind idmap
	mapped /plain "" rbind
	is "5000:6000 1000:2000" "$(inside 'echo $(stat -c %u:%g /data/file /plain/file)')"
	# what is made by 7000 inside is 0's outside
	config '.process.user = {uid: 7000, gid: 7000}'
	chmod 1777 "$SRC"
	is 7000:7000 "$(inside 'echo new >/data/new; stat -c %u:%g /data/new')"
	is 0:0 "$(stat -c %u:%g "$SRC/new")"
	is 1000:2000 "$(stat -c %u:%g "$SRC/file")"
	# whoever is not in the mapping cannot own a file there
	config '.process.user = {uid: 8000, gid: 8000}'
	matches "*alue too large*" "$(inside 'touch /data/other 2>&1' || true)"
	[ ! -e "$SRC/other" ]
}

@test "what the mapping leaves out belongs to nobody" {
	mapped /data "1000:5000:1" bind idmap
	is "5000:65534 65534:65534" "$(inside 'echo $(stat -c %u:%g /data/file /data)')"
}

@test "uids and gids by different maps, in ranges" {
	mapped /data "1000:0:1" bind idmap
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 100000, size: 1500}]
		| .mounts[-1].gidMappings = [{containerID: 1500, hostID: 1000, size: 1000}]'
	is "101000:1500 100000:65534" "$(inside 'echo $(stat -c %u:%g /data/file /data)')"
}

@test "mappings without the option are the option" {
	mapped /data "1000:5000:1 2000:6000:1" bind
	is "5000:6000" "$(inside 'stat -c %u:%g /data/file')"
}

@test "exec and the host see the same mount" {
	mapped /data "1000:5000:1 2000:6000:1" bind idmap
	detached "$ID"
	is "5000:6000" "$(hull exec "$ID" stat -c %u:%g /data/file)"
	is "5000:6000" "$(stat -c %u:%g "/proc/$(pid_of "$ID")/root/data/file")"
	grep -q ' /data .*idmapped' "/proc/$(pid_of "$ID")/mountinfo"
}

@test "what is mounted below: idmap leaves it, ridmap takes it along" {
	host_mount -t tmpfs -o mode=0755 tmpfs "$SRC/sub"
	echo deep >"$SRC/sub/deep"
	chown 1000:2000 "$SRC/sub/deep"
	mapped /one "1000:5000:1 2000:6000:1" rbind idmap
	is "5000:6000 1000:2000" "$(inside 'echo $(stat -c %u:%g /one/file /one/sub/deep)')"
	mapped /all "1000:5000:1 2000:6000:1" rbind ridmap
	is "5000:6000 5000:6000" "$(inside 'echo $(stat -c %u:%g /all/file /all/sub/deep)')"
	is 1000:2000 "$(stat -c %u:%g "$SRC/sub/deep")"
}

@test "a file, read-only and with other attributes" {
	mapped /one/file "1000:5000:1 2000:6000:1" bind ro nosuid idmap
	config '.mounts[-1].source += "/file"'
	is "5000:6000
data
Read-only file system" "$(inside 'stat -c %u:%g /one/file; cat /one/file; { echo x >>/one/file; } 2>&1 | sed "s/.*: //"')"
}

@test "several mounts with one mapping, and with others" {
	mapped /a "1000:5000:1" bind idmap
	mapped /b "1000:5000:1" bind idmap
	mapped /c "1000:5001:1" bind idmap
	is "5000 5000 5001" "$(inside 'echo $(stat -c %u /a/file /b/file /c/file)')"
}

@test "a new tmpfs: its root belongs to whom the mapping says" {
	[ "$(printf '%s\n' 6.3 "$(uname -r)" | sort -V | head -1)" = 6.3 ] || skip "kernel whose tmpfs cannot be idmapped (6.3)"
	config '.mounts += [{destination: "/new", type: "tmpfs", source: "tmpfs", options: ["mode=0755"],
		uidMappings: [{containerID: 0, hostID: 5000, size: 10}], gidMappings: [{containerID: 0, hostID: 6000, size: 10}]}]'
	is 5000:6000 "$(inside 'stat -c %u:%g /new')"
}

# --- user namespaces

@test "in a user namespace: the container's own mapping by the option alone" {
	user_namespace 100000
	chown 0:0 "$SRC"
	mapped /data "" bind idmap
	mapped /plain "" bind
	# what is root's outside is root's inside, and what root makes is root's outside
	is "1000:2000 65534:65534 0:0" "$(inside 'echo $(stat -c %u:%g /data/file /plain/file /data); echo x >/data/made')"
	is 0:0 "$(stat -c %u:%g "$SRC/made")"
	is "1000:2000" "$(stat -c %u:%g "$SRC/file")"
}

@test "in a user namespace: a mapping of the mount's own" {
	user_namespace 100000
	mapped /data "1000:100007:1 2000:100008:1" bind idmap
	is "7:8" "$(inside 'stat -c %u:%g /data/file')"
}

@test "in a user namespace: all below, by ridmap" {
	user_namespace 100000
	host_mount -t tmpfs -o mode=0755 tmpfs "$SRC/sub"
	echo deep >"$SRC/sub/deep"
	chown 1000:2000 "$SRC/sub/deep"
	mapped /all "" rbind ridmap
	is "1000:2000 1000:2000" "$(inside 'echo $(stat -c %u:%g /all/file /all/sub/deep)')"
}

@test "in a joined user namespace: the mapping is that namespace's" {
	user_namespace 100000
	detached "$ID"
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	join_namespace user "/proc/$(pid_of "$ID")/ns/user"
	mapped /data "" bind idmap
	sh_config 'stat -c %u:%g /data/file'
	is "1000:2000" "$(hull run "$ID-2")"
}

@test "mounts below a directory that only root may enter" {
	user_namespace 100000
	mkdir -m 0700 "$BATS_TEST_TMPDIR/secret"
	mv "$SRC" "$BATS_TEST_TMPDIR/secret/source"
	SRC=$BATS_TEST_TMPDIR/secret/source
	mapped /data "" bind idmap
	is "1000:2000" "$(inside 'stat -c %u:%g /data/file')"
}

# --- failures

@test "neither mappings nor a user namespace, one of two, and what cannot be idmapped" {
	mapped /data "" bind idmap
	refused "hull: create $ID: mounts[[]7] (line *): idmap needs uidMappings and gidMappings, or a user namespace" create "$ID"
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	refused "hull: create $ID: mounts[[]7] (line *): uidMappings and gidMappings must be given together" create "$ID"
	config '.mounts[-1] |= (del(.uidMappings) | .gidMappings = [{containerID: 0, hostID: 0, size: 1}])'
	refused "hull: create $ID: mounts[[]7] (line *): uidMappings and gidMappings must be given together" create "$ID"
	config '.mounts[-1] = {destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"],
		uidMappings: [{containerID: 0, hostID: 0, size: 1}], gidMappings: [{containerID: 0, hostID: 0, size: 1}]}'
	refused "hull: create $ID: mounts[[]7] (line *): cannot be idmapped" create "$ID"
}

@test "maps that the kernel refuses: the mount is named, and nothing is left" {
	mapped /data "1000:5000:10 1005:9000:10" bind idmap
	refused "hull: create $ID: mounts[[]7] /data: idmap: linux.uidMappings: write uid_map: invalid argument*" create "$ID"
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 0, size: 0}]'
	refused "hull: create $ID: mounts[[]7].uidMappings[[]0].size (line *): out of range: 0" create "$ID"
	mapped /more "1000:5000:1" bind idmap
	config '.mounts[7] = .mounts[8] | .mounts[8].uidMappings = [range(341) | {containerID: (. * 2), hostID: (. * 2), size: 1}]'
	refused "hull: create $ID: mounts[[]8].uidMappings (line *): 341 ranges: the kernel takes at most 340" create "$ID"
}

@test "a file system that does not support it" {
	mapped /p "1000:5000:1" bind idmap
	config '.mounts[-1].source = "/proc/self"'
	refused "hull: create $ID: mounts[[]7] /p: idmap: mount_setattr: invalid argument (the kernel and the file system must support it*)" create "$ID"
	config '.mounts[-1] |= (.options = ["rbind", "ridmap"] | .source = "/sys/fs/cgroup")'
	refused "hull: create $ID: mounts[[]7] /p: idmap: mount_setattr: *" create "$ID"
	config '.mounts[-1] |= (del(.options, .source) | .type = "mqueue" | .source = "mqueue")'
	refused "hull: create $ID: mounts[[]7] /p: idmap: mount_setattr: *" create "$ID"
}

# idmapped_on_host SOURCE DIRECTORY - as mount(8) can since util-linux 2.39
idmapped_on_host() {
	m_background unshare --user sleep 1000
	wait_for eval '[ "$(readlink /proc/$M_PID/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
	echo "1000 5000 1" | tee "/proc/$M_PID/uid_map" >"/proc/$M_PID/gid_map"
	"$PYTHON" - "$1" "$2" "/proc/$M_PID/ns/user" <<-'END'
		import ctypes, os, struct, sys
		def call(*args):
		    fd = ctypes.CDLL(None, use_errno=True).syscall(*args)
		    return fd if fd >= 0 else sys.exit(os.strerror(ctypes.get_errno()))
		source, target, space = (s.encode() for s in sys.argv[1:])
		tree = call(428, -100, source, 1)  # open_tree, OPEN_TREE_CLONE
		attr = struct.pack("4Q", 0x100000, 0, 0, os.open(space, os.O_RDONLY))  # MOUNT_ATTR_IDMAP
		call(442, tree, b"", 0x1000, attr, len(attr))  # mount_setattr, AT_EMPTY_PATH
		call(429, tree, b"", -100, target, 4)  # move_mount, MOVE_MOUNT_F_EMPTY_PATH
	END
	realpath "$2" >>"$BATS_TEST_TMPDIR/host_mounts"
	host_changed
}

@test "what is idmapped already cannot be again" {
	mkdir "$BATS_TEST_TMPDIR/mapped"
	idmapped_on_host "$SRC" "$BATS_TEST_TMPDIR/mapped"
	is "5000 1000" "$(echo $(stat -c %u "$BATS_TEST_TMPDIR/mapped/file" "$SRC/file"))"
	mapped /data "1000:5000:1" bind idmap
	config '.mounts[-1].source = $s' --arg s "$BATS_TEST_TMPDIR/mapped"
	refused "hull: create $ID: mounts[[]7] /data: idmap: mount_setattr: *not permitted (*idmapped by ridmap or not at all)*" create "$ID"
	# as it is it can be bound
	config '.mounts[-1] |= (.options = ["bind"] | del(.uidMappings, .gidMappings))'
	is 5000 "$(inside 'stat -c %u /data/file')"
}
