#!/usr/bin/env bats
# Docker Engine: options of its daemon that change what hull is asked for; a daemon for each test

load lib
load docker

setup_file() {
	caller_begin dockerd docker containerd iptables
	# a remapped root has to come this far
	chmod go+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$BATS_FILE_TMPDIR"
}

teardown_file() {
	caller_end
}

# remove_all - the daemon, and whatever containers it has
remove_all() {
	local left
	left=$(docker ps -aq)
	[ -z "$left" ] || docker rm -f $left >/dev/null
	docker_end
	# of a daemon that was killed
	! mountpoint -q "$BATS_FILE_TMPDIR/data" || umount "$BATS_FILE_TMPDIR/data"
	rm -rf "$BATS_FILE_TMPDIR"/{data,exec,daemon.json}
}

@test "--userns-remap: containers in user namespaces" {
	echo nobody:200000:65536 >"$TMP/subuid"
	printf '%s:200000:65536\n' nobody nogroup >"$TMP/subgid" # which of the two is the release's choice
	DOCKERD="unshare --mount --propagation slave sh -c 'mount --bind $TMP/subuid /etc/subuid &&
		mount --bind $TMP/subgid /etc/subgid && exec dockerd \"\$@\"' dockerd" \
		docker_begin --userns-remap nobody:nogroup
	is "0 200000 65536" "$(docker run --rm bb sh -c 'echo $(cat /proc/self/uid_map)')"
	started it --read-only --tmpfs /t -v /v -m 64m
	is 200000 "$(stat -c %u "/proc/$(of it .State.Pid)")"
	docker exec it sh -c 'echo x >/v/f && touch /t/f && test "$(id -u)" = 0 && test -O /bin/busybox'
	docker exec -d -u 5 it sleep 2000
	within 5 eval '[ "$(docker top it -o pid,uid,args | awk "/2000\$/ { print \$2 }")" = 200005 ]'
	is hi "$(docker run --rm --network container:it bb echo hi)"
	is host "$(docker run --rm --userns host bb sh -c 'grep -q "^ *0 *0 " /proc/self/uid_map && echo host')"
	# what a user namespace must not do
	not docker run --rm bb sh -c 'mknod /n c 1 3'
	not docker run --rm bb sh -c 'echo 1 >/proc/sys/vm/drop_caches' 2>/dev/null
	status 137 docker run --rm -m 16m bb sh -c 'x=a; while :; do x=$x$x; done'
}

@test "build: what BuildKit runs, it runs on hull" {
	docker_begin
	rm "$BATS_FILE_TMPDIR/bin/runc"
	printf '#!/bin/bash\necho "$@" >>%s\nexec -a runc %s "$@"\n' "$TMP/calls" "$HULL" >"$BATS_FILE_TMPDIR/bin/runc"
	chmod +x "$BATS_FILE_TMPDIR/bin/runc"
	mkdir "$TMP/context"
	printf 'FROM bb\nRUN echo one >/one\nRUN cat /one >/two; exit 0\nRUN test -s /two\n' >"$TMP/context/Dockerfile"
	DOCKER_BUILDKIT=1 docker build -q -t built "$TMP/context"
	is one "$(docker run --rm built cat /two)"
	is 3 "$(grep -c ' run --bundle ' "$TMP/calls")"
	grep -q -- "--log .*runc-log.json --log-format json" "$TMP/calls"
}

@test "runtimes with arguments, which go through a shell" {
	jq -n --arg hull "$HULL" '{runtimes: {args: {path: $hull,
		runtimeArgs: ["--cgroup-manager", "cgroupfs", "--log-level=debug"]}}}' >"$BATS_FILE_TMPDIR/daemon.json"
	docker_begin
	status 3 docker run --rm --runtime args bb sh -c 'exit 3'
	started it --runtime args
	is "a  b" "$(docker exec it echo "a  b")"
	docker stop -t 0 it >/dev/null
	status 127 docker run --rm --runtime args bb nosuch
}

@test "--live-restore: a daemon that is killed finds its containers again" {
	docker_begin --live-restore
	started it
	docker run -d --name paused bb sleep 1000 >/dev/null
	docker pause paused >/dev/null
	docker run -d --name ends bb sh -c 'sleep 2; exit 4' >/dev/null
	pid=$(of it .State.Pid)
	daemon=$(cat "$BATS_FILE_TMPDIR/daemon")
	kill -KILL "$daemon"
	within 10 not kill -0 "$daemon"
	sleep 2
	kill -0 "$pid"
	dockerd_start "$BATS_FILE_TMPDIR" --live-restore
	is_of "true $pid" it '.State.Running}} {{.State.Pid'
	is hi "$(docker exec it echo hi)"
	is_of paused paused .State.Status
	docker unpause paused >/dev/null
	within 10 is_of exited ends .State.Status
	docker stop -t 0 it >/dev/null
	is_of 137 it .State.ExitCode
}
