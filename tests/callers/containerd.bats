#!/usr/bin/env bats
# containerd: its shim for runc on hull, driven by ctr

load lib

setup_file() {
	caller_begin containerd ctr containerd-shim-runc-v2
	local dir=$BATS_FILE_TMPDIR
	export CONTAINERD_ADDRESS=$dir/sock CONTAINERD_NAMESPACE=t IMG=docker.io/library/bb:latest
	cat >"$dir/config.toml" <<-END
		version = 2
		root = "$dir/root"
		state = "$dir/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "$dir/sock"
		[ttrpc]
		  address = "$dir/sock.ttrpc"
	END
	# ctr forgets its --runc-binary where it is given maps of a user namespace
	mkdir "$dir/bin"
	ln -s "$HULL" "$dir/bin/runc"
	PATH=$dir/bin:$PATH daemon containerd --config "$dir/config.toml"
	within 30 ctr version || { cat "$dir/log"; return 1; }
	image_archive "$dir/archive.tar" "$IMG"
	ctr image import "$dir/archive.tar" >/dev/null
}

teardown_file() {
	end_daemon
	caller_end
}

remove_all() {
	local id
	for id in $(ctr task ls -q); do
		ctr task rm -f "$id" >/dev/null
	done
	for id in $(ctr container ls -q); do
		ctr container rm "$id" >/dev/null
	done
}

# run ID [OPTIONS... --] COMMAND... - ctr run of the image, to the end
run_ctr() {
	local options=() id=$1
	shift
	while [[ $1 == -* ]]; do
		[ "$1" = -- ] || options+=("$1")
		shift
	done
	in_net ctr run --runc-binary "$HULL" --runc-root "$BATS_FILE_TMPDIR/hull" --cgroup "$GROUP/$id" \
		"${options[@]}" "$IMG" "$id" "$@"
}

# started ID [OPTIONS...] - a task that sleeps
started() {
	run_ctr "$1" -d --null-io "${@:2}" -- sleep 1000
}

task_state() {
	ctr task ls | awk -v id="$1" '$1 == id { print $3 }'
}

task_pid() {
	ctr task ls | awk -v id="$1" '$1 == id { print $2 }'
}

has_state() {
	is "$1" "$(task_state "$2")"
}

# removed_with STATUS ID - a stopped task; its exit status is in what ctr says
removed_with() {
	ctr task rm "$2" 2>"$TMP/removed"
	matches "*non-zero exit code $1\"*" "$(cat "$TMP/removed")"
}

@test "run: output, exit status, environment, user, directory" {
	is hi "$(run_ctr one --rm -- echo hi </dev/null)"
	is through "$(echo through | run_ctr two --rm -- head -n 1)" # ctr never closes a task's input
	status 3 run_ctr three --rm -- sh -c 'exit 3'
	is "/tmp b" "$(run_ctr four --rm --cwd=/tmp --env=A=b -- sh -c 'echo $(pwd) $A' </dev/null)"
	is "0::$GROUP/five" "$(run_ctr five --rm -- grep ^0: /proc/self/cgroup </dev/null)"
	status 137 run_ctr six --rm -- sh -c 'sh -c "kill -9 \$\$"; exit $?'
}

@test "run: with a terminal" {
	"$PYTHON" "$TESTS/integration/helpers/person.py" --size=33x77 expect=/dev/pts/0 expect='33 77' send='x\n' -- \
		nsenter --net="$NET" ctr run --rm -t --runc-binary "$HULL" --runc-root "$BATS_FILE_TMPDIR/hull" \
		--cgroup "$GROUP/tty" "$IMG" tty sh -c 'tty; usleep 500000; stty size; read x; exit 5' >"$TMP/seen" ||
		{ cat "$TMP/seen"; false; }
	matches "*status 5 raw yes restored yes" "$(cat "$TMP/seen")"
}

@test "run: what cannot be run says why, and nothing stays" {
	not run_ctr one --rm -- nosuch 2>"$TMP/err"
	matches '*OCI runtime create failed: *exec: "nosuch": executable file not found in $PATH*' "$(cat "$TMP/err")"
	not run_ctr two --rm --mount=type=bind,src=/nosuch,dst=/x,options=rbind -- true 2>"$TMP/err"
	matches '*OCI runtime create failed: *mounts\[*/nosuch: no such file or directory*' "$(cat "$TMP/err")"
	not run_ctr three --rm --mount=type=bind,src=/etc/passwd,dst=/etc,options=bind -- true 2>"$TMP/err"
	matches '*OCI runtime create failed: *not a directory*' "$(cat "$TMP/err")"
	is "" "$(ctr task ls -q)"
}

@test "run: limits, read-only, capabilities, seccomp, user namespace, mounts" {
	run_ctr one -d --null-io --memory-limit=67108864 --cpus=0.5 -- sleep 1000
	if [ -d "$CGROOT/memory$GROUP/one" ]; then
		is 67108864 "$(cat "$CGROOT/memory$GROUP/one/memory.limit_in_bytes")"
		is 50000 "$(cat "$CGROOT/cpu$GROUP/one/cpu.cfs_quota_us")"
	else
		is 67108864 "$(cat "$CGROOT$GROUP/one/memory.max")"
	fi
	not run_ctr two --rm --read-only -- touch /x
	is 00000000a80425fa "$(run_ctr three --rm --cap-drop=CAP_CHOWN -- sed -n 's/^CapEff:.//p' /proc/self/status </dev/null)"
	is 2 "$(run_ctr four --rm --seccomp -- sed -n 's/^Seccomp:.//p' /proc/self/status </dev/null)"
	is "0 100000 65536" "$(run_ctr five --rm --uidmap=0:100000:65536 --gidmap=0:100000:65536 -- \
		sh -c 'echo $(cat /proc/self/uid_map)' </dev/null)"
	echo host >"$TMP/file"
	is host "$(run_ctr six --rm --mount=type=bind,src="$TMP/file",dst=/x/file,options=rbind:ro -- cat /x/file </dev/null)"
	is "$(in_net readlink /proc/self/ns/net)" "$(run_ctr seven --rm --net-host -- readlink /proc/self/ns/net </dev/null)"
	run_ctr eight --rm --privileged -- sh -c 'mkdir /m && mount -t tmpfs none /m'
}

@test "exec: output, status, terminal, many at once" {
	started it
	is hi "$(ctr task exec --exec-id a it echo hi </dev/null)"
	is through "$(echo through | ctr task exec --exec-id b it head -n 1)"
	status 9 ctr task exec --exec-id c it sh -c 'exit 9'
	is "/tmp uid=5 gid=0(root) groups=0(root)" "$(ctr task exec --exec-id d --cwd /tmp --user 5 it sh -c 'echo $(pwd) $(id)' </dev/null)"
	not ctr task exec --exec-id e it nosuch 2>"$TMP/err"
	matches '*OCI runtime exec failed: *exec: "nosuch": executable file not found in $PATH*' "$(cat "$TMP/err")"
	"$PYTHON" "$TESTS/integration/helpers/person.py" expect='#' send='tty\n' expect=/dev/pts/ send='exit 6\n' -- \
		ctr task exec -t --exec-id f it sh >"$TMP/seen" || { cat "$TMP/seen"; false; }
	matches "*status 6 raw yes restored yes" "$(cat "$TMP/seen")"
	for i in 1 2 3 4 5 6 7 8; do
		ctr task exec --exec-id "m$i" it sh -c "exit $i" </dev/null &
		pids[i]=$!
	done
	for i in 1 2 3 4 5 6 7 8; do
		ended=0
		wait "${pids[i]}" || ended=$?
		is "$i" "$ended" "exec $i"
	done
	ctr task exec -d --exec-id g it sleep 2000
	within 5 eval '[ "$(ctr task ps it | wc -l)" = 3 ]'
}

@test "pause, resume, and what a paused task refuses" {
	started it
	ctr task pause it
	has_state PAUSED it
	not ctr task exec --exec-id a it true 2>/dev/null
	ctr task resume it
	has_state RUNNING it
	ctr task exec --exec-id b it true
	ctr task pause it
	ctr task kill -s KILL it
	within 10 has_state STOPPED it
	removed_with 137 it
}

@test "checkpoint is refused, and the task goes on" {
	started it
	not ctr task checkpoint --image-path "$TMP/image" it >"$TMP/err" 2>&1
	matches "*checkpoint*" "$(cat "$TMP/err")"
	has_state RUNNING it
	ctr task exec --exec-id a it true
}

@test "metrics are those of the task's cgroups" {
	started it --memory-limit=67108864
	ctr task exec -d --exec-id a it sleep 2000
	ctr task metrics --format json it >"$TMP/metrics"
	is 67108864 "$(jq '.memory.usage.limit // .memory.usage_limit' "$TMP/metrics")"
	is 2 "$(jq .pids.current "$TMP/metrics")"
	[ "$(jq '.memory.usage.usage // .memory.usage' "$TMP/metrics")" -gt 0 ]
}

@test "kill: signals, a task that is gone, all of a task without a pid namespace" {
	run_ctr it -d --null-io -- sh -c 'trap "exit 7" USR1; touch /up; while :; do usleep 20000; done'
	within 5 ctr task exec --exec-id a it test -e /up
	ctr task kill -s USR1 it
	within 5 has_state STOPPED it
	not ctr task kill -s KILL it 2>"$TMP/err"
	matches "*process already finished*not found*" "$(cat "$TMP/err")"
	removed_with 7 it
	started two
	ctr task rm -f two
	not has_state RUNNING two
}

@test "out of memory: the event is seen, and the status" {
	ctr events >"$TMP/events" 3>&- &
	events=$!
	sleep 0.5
	run_ctr it -d --null-io --memory-limit=16777216 -- sh -c 'usleep 200000; x=a; while :; do x=$x$x; done'
	within 20 has_state STOPPED it
	within 5 grep /tasks/oom "$TMP/events"
	kill $events
	removed_with 137 it
	within 5 not kill -0 "$events"
}

@test "the shim is killed: what it left is cleaned up by delete --force" {
	started it
	pid=$(task_pid it)
	shim=$(awk '{ print $4 }' "/proc/$pid/stat")
	kill -KILL "$shim"
	within 10 not kill -0 "$pid"
	within 10 eval '[ -z "$(ctr task ls -q)" ]'
	is "" "$(ls "$BATS_FILE_TMPDIR/hull/t")"
}
