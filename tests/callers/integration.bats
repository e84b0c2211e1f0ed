# The blocks of docs/integration.md, taken out of the page and used as they stand
load lib
load podman

DOC=$TESTS/../docs/integration.md

setup_file() {
	podman_options
	podman_begin iptables
	podman run --rm --cgroup-parent "$GROUP" bb true # netavark's chains are there before the first test
	remove_all
}

teardown_file() {
	podman_options
	podman_end
}

test_setup() {
	podman_options
}

test_teardown() {
	[ ! -e "$TMP/dockerd" ] || end_dockerd
	[ ! -e "$TMP/home" ] || rm -rf "$(cat "$TMP/home")"
}

# block NAME - print it, with the program under test in the place of the installed one
block() {
	awk -v mark="<!-- block: $1 -->" '$0 == mark { found = 1; next }
		found && /^```/ { if (inside) exit; inside = 1; next }
		inside' "$DOC" | sed "s|/usr/local/bin/hull|$HULL|g" >"$TMP/$1"
	[ -s "$TMP/$1" ] || {
		echo "no block $1 in docs/integration.md"
		return 1
	}
}

@test "every block of the page that is called tested is used by a test" {
	for name in $(sed -n 's/^<!-- block: \(.*\) -->$/\1/p' "$DOC"); do
		grep -qE "^	block $name\$" "$BATS_TEST_FILENAME" || grep -q "integration.md.*$name\|block: $name" "$TESTS/callers/vm.sh" ||
			{ echo "block $name is used by no test" && return 1; }
	done
}

@test "Docker Engine: daemon.json" {
	command -v dockerd >/dev/null || skip "this host has no dockerd (make deps-callers)"
	local cli
	block daemon.json
	cli=$(dirname "$(dirname "$(command -v dockerd)")")/bin/docker
	nsenter --net="$NET" dockerd --config-file "$TMP/daemon.json" --storage-driver vfs --data-root "$TMP/data" \
		--exec-root "$TMP/exec" --pidfile "$TMP/pid" -H "unix://$TMP/sock" --bridge none --iptables=false \
		--cgroup-parent "$GROUP" </dev/null >"$TMP/log" 2>&1 3>&- 4>&- &
	echo $! >"$TMP/dockerd"
	docker() {
		DOCKER_CONFIG=$TMP/config "$cli" -H "unix://$TMP/sock" "$@"
	}
	within 30 docker version || cat "$TMP/log"
	docker import "$IMAGE" bb >/dev/null
	is hull "$(docker info -f '{{.DefaultRuntime}}')"
	is "from hull" "$(docker run --rm --network none bb echo from hull)"
	docker run -d --name aa --network none bb sleep 100 >/dev/null
	is hull "$(docker inspect -f '{{.HostConfig.Runtime}}' aa)"
	docker rm -f aa >/dev/null
}

end_dockerd() {
	local pid
	pid=$(cat "$TMP/dockerd")
	kill "$pid"
	within 20 not kill -0 "$pid"
	rm "$TMP/dockerd"
	unmount_below "$TMP"
}

@test "containerd: config.toml in version 2" {
	command -v containerd >/dev/null || skip "this host has no containerd (make deps-callers)"
	block containerd-v2.toml
	containerd --config "$TMP/containerd-v2.toml" config dump >"$TMP/dump"
	grep -q "BinaryName = \"$HULL\"" "$TMP/dump"
	grep -q 'default_runtime_name = "hull"' "$TMP/dump"
}

@test "containerd: config.toml in version 1" {
	command -v containerd >/dev/null || skip "this host has no containerd (make deps-callers)"
	block containerd-v1.toml
	containerd --config "$TMP/containerd-v1.toml" config dump >"$TMP/dump"
	grep -q "BinaryName = \"$HULL\"" "$TMP/dump"
	grep -q 'default_runtime_name = "hull"' "$TMP/dump"
}

@test "Podman: containers.conf" {
	block containers.conf
	sed '/^\[engine\]/d' "$CONTAINERS_CONF" | cat - "$TMP/containers.conf" >"$TMP/both.conf"
	export CONTAINERS_CONF=$TMP/both.conf
	PODMAN=("${PODMAN[@]:0:${#PODMAN[@]}-2}") # without --runtime
	is "hull $HULL" "$(podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}')"
	is "from hull" "$(run_in bb echo from hull)"
	is "no groups" "$(podman run --rm --network none --cgroups disabled bb echo no groups)"
	status 127 run_in bb none
	grep -q 'exec: "none": executable file not found in $PATH' "$TMP/.said"
}

@test "buildah: BUILDAH_RUNTIME" {
	command -v buildah >/dev/null || skip "this host has no buildah (make deps-callers)"
	printf 'FROM bb\nRUN echo made >/made\n' >"$TMP/Containerfile"
	in_world env BUILDAH_RUNTIME="$HULL" strace -f -qq -e trace=execve -o "$TMP/trace" buildah --root "$BATS_FILE_TMPDIR/root" \
		--runroot "$BATS_FILE_TMPDIR/run" --storage-driver vfs bud --isolation oci --cgroup-parent "$GROUP" \
		--network none -q -t built "$TMP" >/dev/null
	grep -q "execve(\"$HULL\"" "$TMP/trace"
	is made "$(run_in built cat /made)"
	podman rmi built >/dev/null
}

@test "a pipeline as an ordinary user, with nothing listening" {
	local home
	home=$(mktemp -d /tmp/hull-pipeline.XXXXXX)
	echo "$home" >"$TMP/home"
	block pipeline.sh
	cp "$IMAGE" "$home/image.tar"
	cp "$HULL" "$home/hull"
	sed -i "s|$HULL|$home/hull|" "$TMP/pipeline.sh"
	mkdir "$home/src" "$home/run"
	echo 'echo checked in $(hostname); id -u; echo log >build.log; exit ${STATUS:-0}' >"$home/src/check.sh"
	cp "$TMP/pipeline.sh" "$home/pipeline.sh"
	chown -R daemon:daemon "$home"
	chmod 755 "$home"
	is "checked in hull 0" "$(as_daemon "$home" | xargs)"
	is log "$(cat "$home/src/build.log")"
	is "" "$(ls "$home/run/hull")"
	rm -rf "$home/bundle"
	echo 'exit 3' >"$home/src/check.sh"
	got=0
	as_daemon "$home" || got=$?
	is 3 $got
}

as_daemon() {
	(
		cd "$1" && setpriv --reuid=daemon --regid=daemon --clear-groups --inh-caps=-all -- env -i PATH="$PATH" HOME="$1" \
			XDG_RUNTIME_DIR="$1/run" sh pipeline.sh
	)
}
