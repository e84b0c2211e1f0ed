# buildah with --isolation oci, on hull: create, start, state every 100 ms, delete without --force (B-01)
load lib
load podman

setup_file() {
	podman_options
	podman_begin buildah iptables
	buildah_setup
	run_step "$WORKING" true # netavark's chains are there before the first test
}

teardown_file() {
	podman_options
	podman_end
}

test_setup() {
	podman_options
	WORKING=$(cat "$BATS_FILE_TMPDIR/working")
}

buildah_setup() {
	WORKING=$(buildah from --cgroup-parent "$GROUP" --pull-never bb)
	echo "$WORKING" >"$BATS_FILE_TMPDIR/working"
}

buildah() {
	in_world buildah --root "$BATS_FILE_TMPDIR/root" --runroot "$BATS_FILE_TMPDIR/run" --storage-driver vfs "$@"
}

# run_step [OPTIONS...] CONTAINER COMMAND... - buildah run
run_step() {
	buildah run --runtime "$HULL" --isolation oci "$@"
}

# build [OPTIONS...] - the directory $TMP
build() {
	buildah bud --runtime "$HULL" --isolation oci --cgroup-parent "$GROUP" --network none -q "$@" "$TMP"
}

@test "a build: run, copy, user, mounts of a step, its image runs" {
	echo file >"$TMP/f"
	cat >"$TMP/Containerfile" <<-'EOC'
		FROM bb
		COPY f /f
		RUN test "$(cat /f)" = file && echo made >/made
		RUN --mount=type=tmpfs,target=/t touch /t/x && echo here | cat >/here
		USER 1000
		RUN test "$(id -u)" = 1000
		CMD ["cat", "/made", "/here"]
	EOC
	build -t built >/dev/null
	is "made
here" "$(run_in built)"
	podman rmi built >/dev/null
}

@test "a step that fails ends the build with its status and leaves nothing" {
	printf 'FROM bb\nRUN exit 9\n' >"$TMP/Containerfile"
	status 9 build -t built
	printf 'FROM bb\nRUN ["none"]\n' >"$TMP/Containerfile"
	status 1 build -t built
	grep -q 'exec: "none": executable file not found in $PATH' "$TMP/.said"
}

@test "run: output, standard input, status, signal" {
	is out "$(run_step "$WORKING" echo out)"
	is in "$(echo in | run_step "$WORKING" cat)"
	status 7 run_step "$WORKING" sh -c 'exit 7'
	status 1 run_step "$WORKING" none
	is "1000 /tmp" "$(run_step --user 1000 --workingdir /tmp "$WORKING" sh -c 'echo $(id -u) $(pwd)')"
}

@test "run: a terminal over the console socket" {
	matches "/dev/pts/*" "$(run_step -t "$WORKING" tty)"
}

@test "run: volumes, capabilities, environment, host name" {
	mkdir "$TMP/v"
	run_step -v "$TMP/v:/v:rw" "$WORKING" touch /v/f
	[ -e "$TMP/v/f" ]
	status 1 run_step -v "$TMP/v:/v:ro" "$WORKING" touch /v/g
	is value "$(run_step --env NAME=value "$WORKING" sh -c 'echo $NAME')"
	is there "$(run_step --hostname there "$WORKING" hostname)"
	is 0000000000000000 "$(run_step --cap-drop all "$WORKING" awk '/CapEff/ { print $2 }' /proc/self/status)"
}

@test "run: a network from netavark, the host's, and none" {
	matches "*10.88.*" "$(run_step "$WORKING" ip -o -4 addr show eth0)"
	is lo "$(run_step --network none "$WORKING" ip -o link | awk -F: '{ print $2 }' | xargs)"
	is "$(in_world readlink /proc/self/ns/net)" "$(run_step --network host "$WORKING" readlink /proc/self/ns/net)"
}

@test "run: user namespaces" {
	# buildah leaves / to root of the host: a mount there needs its place in the image
	cp -a "$BATS_FILE_TMPDIR/rootfs" "$TMP/image"
	mkdir "$TMP/image/run"
	tar -C "$TMP/image" -c . | podman import - with-run >/dev/null 2>&1
	container=$(buildah from --cgroup-parent "$GROUP" --pull-never --userns-uid-map 0:100000:5000 --userns-gid-map 0:100000:5000 with-run)
	is "0 100000 5000" "$(run_step "$container" cat /proc/self/uid_map | xargs)"
	buildah rm "$container" >/dev/null
	podman rmi with-run >/dev/null
}
