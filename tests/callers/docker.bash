# docker.bash - a Docker Engine of a test file's own, with hull as its only runtime
#
# The daemon and its containerd find a runc in their PATH that is a link to hull: what does not ask
# for the default runtime, as BuildKit does, gets hull too.

# docker_begin [OPTIONS...] - start dockerd, import the image bb
docker_begin() {
	local dir=$BATS_FILE_TMPDIR
	export DOCKER_HOST=unix://$dir/sock DOCKER_CONFIG=$dir/config DOCKER_BUILDKIT=0
	# the command line of the daemon's own release, which needs no plugin to build
	DOCKER=$(dirname "$(dirname "$(command -v dockerd)")")/bin/docker
	[ -x "$DOCKER" ] || DOCKER=$(command -v docker)
	export DOCKER
	mkdir -p "$dir/bin"
	ln -sf "$HULL" "$dir/bin/runc"
	[ -e "$dir/daemon.json" ] || echo "{}" >"$dir/daemon.json"
	dockerd_start "$dir" "$@"
	docker import "$IMAGE" bb >/dev/null
	# what Docker makes when it first needs it, and keeps
	docker run --rm --userns host --network host bb true
}

# docker_end - the daemon and what it leaves mounted
docker_end() {
	end_daemon
	! mountpoint -q "$BATS_FILE_TMPDIR/exec/netns/default" || umount "$BATS_FILE_TMPDIR/exec/netns/default"
}

# dockerd_start DIRECTORY [OPTIONS...] - whose data and socket are in DIRECTORY; DOCKERD may hold what
# to call, as the shell reads it
dockerd_start() {
	local dir=$1
	shift
	eval set -- "${DOCKERD:-dockerd}" '"$@"'
	PATH=$BATS_FILE_TMPDIR/bin:$PATH daemon "$@" --config-file "$BATS_FILE_TMPDIR/daemon.json" \
		--add-runtime hull="$HULL" --default-runtime hull --storage-driver vfs \
		--data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" -H "unix://$dir/sock" \
		--bip 10.213.7.1/24 --cgroup-parent "$GROUP" --shutdown-timeout 1
	DOCKER_HOST=unix://$dir/sock within 30 docker version || {
		cat "$BATS_FILE_TMPDIR/log"
		return 1
	}
}

docker() {
	"$DOCKER" "$@"
}

# remove_all - for teardown(): containers and volumes
remove_all() {
	local left
	left=$(docker ps -aq)
	[ -z "$left" ] || docker rm -f $left >/dev/null
	docker volume prune -f >/dev/null
}

# of CONTAINER TEMPLATE - from docker inspect
of() {
	docker inspect -f "{{$2}}" "$1"
}

# is_of EXPECTED CONTAINER TEMPLATE
is_of() {
	is "$1" "$(of "$2" "$3")" "$2 $3"
}

# started NAME [OPTIONS...] - a container that sleeps
started() {
	local name=$1
	shift
	docker run -d --name "$name" "$@" bb sleep 1000 >/dev/null
}
