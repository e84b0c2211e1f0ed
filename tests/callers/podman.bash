# podman.bash - a Podman of a test file's own, with hull as its runtime
#
# Podman has no daemon to give a place to; its places are fixed (/run, /dev/shm, /etc/subuid, iptables),
# so it gets namespaces: mounts with a /run, an /etc and a /dev/shm of their own, processes, and the
# file's network. "in_world" runs a command there. Its first process reaps; when it ends all is gone,
# so what a test leaves is looked for inside, after every test.

# podman_begin COMMAND... - the namespaces, and storage with the image bb; skips without the commands
podman_begin() {
	caller_begin podman conmon catatonit nsenter "$@"
	local dir=$BATS_FILE_TMPDIR
	write_podman_files "$dir"
	export CONTAINERS_CONF=$dir/containers.conf CONTAINERS_STORAGE_CONF=$dir/storage.conf
	export CONTAINERS_REGISTRIES_CONF=$dir/registries.conf TMPDIR=$dir/tmp
	mkdir -p "$dir"/{etc,tmp,archive}
	daemon unshare --mount --pid --ipc --fork --kill-child --propagation slave \
		bash "$TESTS/callers/world.sh" "$dir"
	within 10 test -e "$dir/ready" || {
		cat "$dir/log"
		return 1
	}
	pgrep -P "$(cat "$dir/daemon")" >"$dir/world"
	podman import "$IMAGE" bb >/dev/null
}

write_podman_files() {
	# limits above those of these tests are not theirs to give
	cat >"$1/containers.conf" <<-'CONF'
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
		[engine]
		stop_timeout = 1
	CONF
	printf '[storage]\ndriver = "vfs"\nrunroot = "%s"\ngraphroot = "%s"\n' "$1/run" "$1/root" >"$1/storage.conf"
	echo 'unqualified-search-registries = []' >"$1/registries.conf"
}

# podman_end - the end of the first process is the end of all
podman_end() {
	[ -n "${MARK:-}" ] || return 0 # skipped
	[ ! -s "$BATS_FILE_TMPDIR/world" ] || kill -KILL "$(cat "$BATS_FILE_TMPDIR/world")"
	rm -f "$BATS_FILE_TMPDIR/world"
	end_daemon
	drop_groups
	caller_end
}

# in_world COMMAND... - with the tests' descriptors 0 to 2 alone; nobody waits longer than a minute
in_world() {
	nsenter --target "$(cat "$BATS_FILE_TMPDIR/world")" --mount --pid --net --ipc \
		timeout --foreground --kill-after=5 60 "$@" 3>&- 4>&-
}

# podman ARGS... - with everything of this file's
podman() {
	in_world podman "${PODMAN[@]}" "$@"
}

podman_options() {
	local dir=$BATS_FILE_TMPDIR
	PODMAN=(--root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/libpod" --storage-driver vfs
		--cgroup-manager cgroupfs --events-backend file --network-config-dir "$dir/networks" --runtime "$HULL")
}

# run_in [OPTIONS...] IMAGE COMMAND... - podman run, in the file's cgroup, removed after
run_in() {
	podman run --rm --cgroup-parent "$GROUP" --network none "$@"
}

# started NAME [OPTIONS...] - a container that sleeps
started() {
	local name=$1
	shift
	podman run -d --name "$name" --cgroup-parent "$GROUP" --network none "$@" bb sleep 1000 >/dev/null
}

# of NAME TEMPLATE - from podman inspect
of() {
	podman inspect --format "{{$2}}" "$1"
}

# rootless_begin - an ordinary user, with ids of its own to give to containers, and bb
rootless_begin() {
	in_world useradd -u 51234 -U -M -d /run/person person
	# useradd gives a range by itself where the distribution wants that
	in_world grep -q ^person: /etc/subuid || in_world usermod --add-subuids 300000-365535 --add-subgids 300000-365535 person
	in_world install -d -o person -g person -m 0700 /run/user /run/user/51234 /run/person
	in_world chmod 0755 /run/user
	in_world install -o person "$IMAGE" /run/person/image.tar
	in_world install -m 0755 "$HULL" /run/hull-program
	in_world install -D -o person -m 0644 "$CONTAINERS_CONF" /run/person/containers.conf
	rootless import /run/person/image.tar bb >/dev/null 2>&1
}

# as_person COMMAND... - nothing of root's left
as_person() {
	in_world setpriv --reuid person --regid person --clear-groups --inh-caps=-all -- env -i PATH="$PATH" \
		HOME=/run/person XDG_RUNTIME_DIR=/run/user/51234 CONTAINERS_CONF=/run/person/containers.conf \
		sh -c 'cd && exec "$@"' sh "$@"
}

# rootless ARGS... - that user's podman
rootless() {
	as_person podman --root /run/person/root --runroot /run/user/51234/run --tmpdir /run/user/51234/libpod \
		--storage-driver vfs --cgroup-manager cgroupfs --events-backend file --runtime /run/hull-program "$@"
}

rootless_end() {
	rootless rm -fa -t 0 >/dev/null
	rootless system migrate # the process that holds the user's namespaces
	in_world rm -rf /run/person /run/hull-program /run/user /dev/shm/libpod_rootless_lock_51234
	in_world userdel person
}

# remove_all - for teardown()
remove_all() {
	podman pod rm -fa -t 0 >/dev/null
	podman rm -fa -t 0 >/dev/null
	podman volume prune -f >/dev/null
	within 10 no_processes
	drop_groups
}

# no_processes - but the first one and what looks
no_processes() {
	[ "$(in_world ps -eo comm= | grep -cvxE 'catatonit|timeout|ps')" = 0 ]
}

# drop_groups - parents of containers' cgroups, where they are empty: conmon's, and of pods those that
# Podman does not know of, in hierarchies without a controller
drop_groups() {
	local hierarchy parent
	for hierarchy in "$CGROOT" "$CGROOT"/*; do
		for parent in "$GROUP" /libpod_parent; do
			case $hierarchy in
			*/systemd | */unified) rmdir "$hierarchy$parent"/*[0-9a-f] 2>/dev/null || true ;;
			esac
			rmdir "$hierarchy$parent/conmon" "$hierarchy$parent" 2>/dev/null || true
		done
	done
}

# world_snapshot - what the namespaces hold, processes aside
world_snapshot() {
	[ -s "$BATS_FILE_TMPDIR/world" ] || return 0
	echo "== mounts of the namespace"
	in_world sort /proc/self/mountinfo | grep -F -e "$MARK" -e " /run" -e " /dev/shm" # not others' on this host
	echo "== state, named network namespaces, shared memory"
	in_world find /run/hull /run/netns /dev/shm -mindepth 1 2>/dev/null | grep -v -e libpod_lock -e /run/hull/.filters || true
	echo "== processes of the namespace"
	in_world ps -eo comm= | sort
}
