#!/usr/bin/env bats
# propagation: which mounts travel between the host and a container, and which never do

load lib
load helpers/m_lib

# A source of the test's own that is a shared mount, as everything is on a host with systemd.
setup_shared() {
	SRC=$BATS_TEST_TMPDIR/src
	mkdir "$SRC"
	host_mount -t tmpfs source "$SRC"
	mkdir "$SRC/sub"
	mount --make-shared "$SRC"
	host_changed
}

may_mount() {
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
}

# sees ID PATH - whether the container has a mount there
sees() {
	hull exec "$1" cat /proc/self/mountinfo | awk -v p="$2" '$5 == p { found = 1 } END { exit !found }'
}

# on_shared_host COMMAND... - in a mount namespace where every mount is shared, as on most hosts
on_shared_host() {
	unshare --mount --propagation shared "$@"
}

# unchanged_by KIND - on such a host mountinfo is the same, optional fields included, before, while
# and after a container with that rootfsPropagation lives
unchanged_by() {
	config '.linux.rootfsPropagation = $k | .process.args = ["sleep", "100"]' --arg k "$1"
	[ "$1" ] || config 'del(.linux.rootfsPropagation)'
	on_shared_host bash -euc '
		cat /proc/self/mountinfo >"$3/1"
		"$1" --root "$ROOT" run -d "$2" </dev/null >/dev/null 2>"$3/err" || { cat "$3/err"; exit 1; }
		cat /proc/self/mountinfo >"$3/2"
		"$1" --root "$ROOT" delete --force "$2"
		cat /proc/self/mountinfo >"$3/3"
		grep -q shared: "$3/1"' - "$HULL" "$ID" "$BATS_TEST_TMPDIR"
	diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
	diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/3"
}

@test "a host where all is shared is unchanged: without rootfsPropagation" {
	unchanged_by ""
}

@test "a host where all is shared is unchanged: rootfsPropagation private, rprivate" {
	unchanged_by private
	unchanged_by rprivate
}

@test "a host where all is shared is unchanged: rootfsPropagation slave, rslave" {
	unchanged_by slave
	unchanged_by rslave
}

@test "a host where all is shared is unchanged: rootfsPropagation shared, rshared" {
	unchanged_by shared
	unchanged_by rshared
}

@test "a host where all is shared is unchanged: rootfsPropagation unbindable" {
	unchanged_by unbindable
}

@test "a host where all is shared is unchanged: a root file system that is a mount of its own" {
	host_mount --bind rootfs rootfs
	unchanged_by ""
	unchanged_by shared
}

@test "a host where all is shared is unchanged: user namespace" {
	user_namespace
	unchanged_by ""
	unchanged_by shared
}

@test "a host where all is shared is unchanged: --no-pivot" {
	config '.process.args = ["sleep", "100"]'
	on_shared_host bash -euc '
		cat /proc/self/mountinfo >"$3/1"
		"$1" --root "$ROOT" run -d --no-pivot "$2" </dev/null >/dev/null 2>&1
		cat /proc/self/mountinfo >"$3/2"
		"$1" --root "$ROOT" delete --force "$2"
		cat /proc/self/mountinfo >"$3/3"' - "$HULL" "$ID" "$BATS_TEST_TMPDIR"
	diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
	diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/3"
}

@test "a host where all is shared is unchanged: a create that fails after the mounts" {
	config '.process.args = ["/does/not/exist"]'
	on_shared_host bash -euc '
		cat /proc/self/mountinfo >"$3/1"
		! "$1" --root "$ROOT" run "$2" </dev/null 2>/dev/null
		cat /proc/self/mountinfo >"$3/2"' - "$HULL" "$ID" "$BATS_TEST_TMPDIR"
	diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
}

@test "rootfsPropagation shows in the container's mountinfo" {
	local kind
	for kind in private shared unbindable; do
		config '.linux.rootfsPropagation = $k' --arg k "$kind"
		is "$kind" "$(mount_propagation "$(inside 'cat /proc/self/mountinfo')" /)"
	done
}

@test "rootfsPropagation slave: of a root file system that the host shares" {
	host_mount --bind rootfs rootfs
	mount --make-shared rootfs
	host_changed
	config '.linux.rootfsPropagation = "slave"'
	is master "$(mount_propagation "$(inside 'cat /proc/self/mountinfo')" /)"
	config '.linux.rootfsPropagation = "private"'
	is private "$(mount_propagation "$(inside 'cat /proc/self/mountinfo')" /)"
}

@test "rootfsPropagation unbindable: the root cannot be bound inside" {
	may_mount
	config '.linux.rootfsPropagation = "unbindable"'
	mkdir rootfs/m
	output=$(inside 'mount --bind /etc /m 2>&1 || echo refused')
	has "$output" refused
	config 'del(.linux.rootfsPropagation)'
	lacks "$(inside 'mount --bind /etc /m 2>&1 || echo refused')" refused
}

@test "rootfsPropagation: another word is refused with path and line" {
	config '.linux.rootfsPropagation = "public"'
	refused "hull: run $ID: *linux.rootfsPropagation (line $(line_of '"public"')): *public*" run "$ID"
}

# --- from the host inwards

@test "a mount made on the host after start arrives in a bind" {
	setup_shared
	add_mount /m none "$SRC" rbind
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	not sees "$ID" /m/sub
	host_mount -t tmpfs later "$SRC/sub"
	wait_for sees "$ID" /m/sub
}

@test "a mount made on the host after start arrives in a slave bind" {
	setup_shared
	add_bind /m "$SRC" slave
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	host_mount -t tmpfs later "$SRC/sub"
	sees "$ID" /m/sub
	touch "$SRC/sub/there"
	is there "$(hull exec "$ID" ls /m/sub)"
}

@test "an unmount on the host after start arrives in a slave bind" {
	setup_shared
	host_mount -t tmpfs below "$SRC/sub"
	add_mount /m none "$SRC" rbind rslave
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	sees "$ID" /m/sub
	umount "$SRC/sub"
	sed -i '$d' "$BATS_TEST_TMPDIR/host_mounts"
	not sees "$ID" /m/sub
}

@test "a mount made on the host after start does not arrive in a private bind" {
	setup_shared
	add_mount /m none "$SRC" rbind rprivate
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	host_mount -t tmpfs later "$SRC/sub"
	not sees "$ID" /m/sub
}

@test "user namespace: a mount made on the host after start arrives in a bind" {
	setup_shared
	user_namespace
	add_mount /m none "$SRC" rbind
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	host_mount -t tmpfs later "$SRC/sub"
	sees "$ID" /m/sub
}

# --- from the container outwards

@test "a mount made inside does not reach the host" {
	setup_shared
	may_mount
	add_mount /m none "$SRC" rbind
	sh_config 'mount -t tmpfs inner /m/sub && sleep 100'
	detached "$ID"
	wait_for sees "$ID" /m/sub
	not mountpoint -q "$SRC/sub"
}

@test "a mount made inside a slave bind does not reach the host" {
	setup_shared
	may_mount
	add_bind /m "$SRC" rslave
	sh_config 'mount -t tmpfs inner /m/sub && sleep 100'
	detached "$ID"
	wait_for sees "$ID" /m/sub
	not mountpoint -q "$SRC/sub"
}

@test "a mount made inside reaches the host when both the root and the bind are asked to be shared" {
	setup_shared
	may_mount
	config '.linux.rootfsPropagation = "rshared"'
	add_mount /m none "$SRC" rbind rshared
	sh_config 'mount -t tmpfs inner /m/sub && sleep 100'
	detached "$ID"
	wait_for mountpoint -q "$SRC/sub"
	echo "$SRC/sub" >>"$BATS_TEST_TMPDIR/host_mounts"
}

@test "an unmount inside does not reach the host" {
	setup_shared
	host_mount -t tmpfs below "$SRC/sub"
	may_mount
	add_mount /m none "$SRC" rbind
	output=$(inside 'umount /m/sub; cat /proc/self/mountinfo')
	lacks "$output" " /m/sub "
	mountpoint -q "$SRC/sub"
}

@test "the end of a container with shared binds leaves the host's mounts" {
	setup_shared
	host_mount -t tmpfs below "$SRC/sub"
	config '.linux.rootfsPropagation = "shared" | .process.args = ["sleep", "100"]'
	add_mount /m none "$SRC" rbind rshared
	detached "$ID"
	hull delete --force "$ID"
	mountpoint -q "$SRC/sub"
}

# --- relation of a bind to its source

@test "a bind without a word about it stays in relation to its source" {
	setup_shared
	add_bind /m "$SRC"
	add_bind /ro "$SRC" ro
	output=$(inside 'cat /proc/self/mountinfo')
	is master "$(mount_propagation "$output" /m)"
	is master "$(mount_propagation "$output" /ro)"
}

@test "new file systems are private" {
	output=$(inside 'cat /proc/self/mountinfo')
	local path
	for path in / /proc /dev /dev/pts /dev/shm /sys; do
		is private "$(mount_propagation "$output" "$path")" "$path"
	done
}

@test "no mount of the host's is left inside" {
	is "" "$(inside 'cat /proc/self/mountinfo' | awk '$5 ~ /put_old|oldroot|bats/')"
	is 1 "$(inside 'cat /proc/self/mountinfo' | awk '$5 == "/"' | wc -l)"
}
