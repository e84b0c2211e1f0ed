# sd_notify(3) between a container and the service manager that started hull (cli.md 2.5)
load lib

test_setup() {
	SAID=$BATS_TEST_TMPDIR/said
	SOCK=$BATS_TEST_TMPDIR/manager
	cp "$(compile notify)" "$BUNDLE/rootfs/bin/notify"
}

# managed ARGS... - hull, started by a service manager
managed() {
	"$PYTHON" "$TESTS/integration/helpers/manager.py" "$SOCK" "$SAID" "$HULL" --root "$ROOT" "$@" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
}

runs() {
	[ "$(status_of "$ID")" = running ]
}

said() {
	is "$1" "$(cat "$SAID")"
}

@test "run passes on that the container is ready, and stays the main process" {
	local status=0
	sh_config 'notify READY=1; notify STATUS=busy STOPPING=1; exit 7'
	managed run "$ID" || status=$?
	is 7 $status
	said "READY=1|MAINPID=COMMAND
STATUS=busy
STOPPING=1"
}

@test "what was said just before the end arrives" {
	sh_config 'exec notify READY=1 STATUS=1 STATUS=2 STATUS=3 STOPPING=1'
	managed run "$ID"
	is "STOPPING=1" "$(tail -n 1 "$SAID")"
	is 5 "$(wc -l <"$SAID")"
}

@test "a detached run ends when the container is ready, and names init" {
	sh_config 'sleep 0.3; echo late >/tmp/order; notify READY=1; sleep 100'
	config '.root.readonly = false'
	managed run -d "$ID"
	is late "$(cat rootfs/tmp/order)"
	said "READY=1|MAINPID=$(pid_of "$ID")
BARRIER=1"
}

@test "create leaves it to start, which waits and names init" {
	sh_config 'notify READY=1; sleep 100'
	managed create "$ID"
	said ""
	SOCK=$SOCK.2
	managed start "$ID"
	said "READY=1|MAINPID=$(pid_of "$ID")
BARRIER=1"
}

@test "a container that ends without a word does not hold up start" {
	sh_config 'sleep 0.2; exit 3'
	managed create "$ID"
	SOCK=$SOCK.2
	managed start "$ID"
	said ""
	is stopped "$(status_of "$ID")"
}

@test "while start waits the container can be used and removed" {
	local starter
	sh_config 'sleep 100'
	managed create "$ID"
	SOCK=$SOCK.2
	managed start "$ID" 3>&- &
	starter=$!
	wait_for runs
	is in "$(hull exec "$ID" echo in)"
	hull delete --force "$ID"
	ends $starter
	is 0 "$ended"
}

@test "what a container must not tell the manager does not get there" {
	sh_config 'notify "MAINPID=1" "NOTIFYACCESS=all" "FDSTORE=1
FDNAME=x" "BUSERROR=a" "BARRIER=1" "READY=0" "WATCHDOG_USEC=1" "READY=1
MAINPID=1
STATUS=up
MAINPID=2" "WATCHDOG=1"'
	managed run "$ID"
	said "READY=1|STATUS=up|MAINPID=COMMAND
WATCHDOG=1"
}

# came_along LINE... - descriptors and the sender of each message that the manager got
came_along() {
	is "$(printf '%s\n' "$@")" "$(cat "$SAID.with")"
}

@test "descriptors of a container's do not get to the manager, and the sender is hull" {
	sh_config 'notify "with-descriptors:FDSTORE=1
FDNAME=x" with-descriptors:BARRIER=1 with-descriptors:FDSTOREREMOVE=1 "with-descriptors:READY=1
FDSTORE=1" with-descriptors:STATUS=up'
	managed run "$ID"
	said "READY=1|MAINPID=COMMAND
STATUS=up"
	came_along "0 COMMAND" "0 COMMAND"
}

@test "a container's descriptors do not hold up who waits for it to be ready" {
	sh_config 'notify with-descriptors:BARRIER=1 with-descriptors:X=1 with-descriptors:READY=1; sleep 100'
	managed run -d "$ID"
	said "READY=1|MAINPID=$(pid_of "$ID")
BARRIER=1"
	came_along "0 COMMAND" "1 COMMAND" # a barrier of hull's own
}

@test "datagrams of a MiB, of no bytes, and more than anybody reads do no harm" {
	config '.process.capabilities |= map_values(. + ["CAP_NET_ADMIN"])' # to send what is larger than usual
	sh_config 'notify bytes:0 bytes:4096 bytes:4097 bytes:1048576 "" MAINPID=1 READY=1 && echo sent
		notify $(seq 300 | sed "s/.*/MAINPID=1 X=1 bytes:1/") STOPPING=1'
	managed run "$ID"
	is sent "$(cat "$BATS_TEST_TMPDIR/out")"
	said "READY=1|MAINPID=COMMAND
STOPPING=1"
	came_along "0 COMMAND" "0 COMMAND"
}

@test "a value as long as a message may be is passed on, one byte more is not" {
	sh_config 'notify "STATUS=$(head -c 4089 /dev/zero | tr "\\0" x)" "STATUS=$(head -c 4090 /dev/zero | tr "\\0" x)" READY=1'
	managed run "$ID"
	is "4096 READY=1|MAINPID=COMMAND" "$(awk 'NR == 1 { printf "%d ", length($0) } NR == 2' "$SAID")"
	is 2 "$(wc -l <"$SAID")"
}

@test "the container sees a socket of its own in a directory it cannot change" {
	sh_config 'echo $NOTIFY_SOCKET; touch /run/notify/x 2>/dev/null || echo read-only
		awk "\$5 == \"/run/notify\" { print \$6 }" /proc/self/mountinfo; notify READY=1'
	managed run "$ID"
	is "/run/notify/notify.sock
read-only
ro,nosuid,nodev,noexec,relatime" "$(cat "$BATS_TEST_TMPDIR/out")"
}

@test "a NOTIFY_SOCKET of the configuration's gives way; a mount over /run is below" {
	config '.process.env += ["NOTIFY_SOCKET=/elsewhere"] |
		.mounts += [{destination: "/run", type: "tmpfs", source: "tmpfs"}]'
	sh_config 'notify READY=1; echo $NOTIFY_SOCKET'
	managed run "$ID"
	is /run/notify/notify.sock "$(cat "$BATS_TEST_TMPDIR/out")"
	said "READY=1|MAINPID=COMMAND"
}

@test "any user of a user namespace reaches the socket" {
	config '.linux.namespaces += [{type: "user"}] | .process.user = {uid: 5, gid: 5} |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}] |
		.linux.gidMappings = .linux.uidMappings'
	sh_config 'notify READY=1'
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_TEST_TMPDIR"
	managed run "$ID"
	said "READY=1|MAINPID=COMMAND"
}

@test "an abstract socket" {
	SOCK=@hull-$ID
	sh_config 'notify READY=1'
	managed run "$ID"
	said "READY=1|MAINPID=COMMAND"
}

@test "a state root that is long, and relative" {
	local deep
	deep=$(printf 'd%.0s' $(seq 100))
	sh_config 'notify READY=1'
	"$PYTHON" "$TESTS/integration/helpers/manager.py" "$SOCK" "$SAID" "$HULL" --root "../$deep" run "$ID" \
		</dev/null
	said "READY=1|MAINPID=COMMAND"
	rmdir "../$deep"
}

@test "without a manager that listens there is no socket" {
	sh_config 'echo "${NOTIFY_SOCKET:-none}"; ls /run/notify 2>/dev/null || echo nothing'
	for value in "" relative "/none/socket" "@" "vsock:2:1" "$(printf '/%0200d' 0)"; do
		is "none
nothing" "$(NOTIFY_SOCKET=$value hull run "$ID")" "NOTIFY_SOCKET=$value"
	done
}

@test "a container without mounts of its own gets none" {
	config '.linux.namespaces |= map(select(.type != "mount")) | .root.readonly = false | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)'
	sh_config 'echo "${NOTIFY_SOCKET:-none}"'
	managed run "$ID" || cat "$BATS_TEST_TMPDIR/out"
	is none "$(cat "$BATS_TEST_TMPDIR/out")"
}

@test "exec has nothing to do with it" {
	sh_config 'sleep 100'
	detached "$ID"
	managed exec "$ID" sh -c 'echo "${NOTIFY_SOCKET:-none}"'
	is none "$(cat "$BATS_TEST_TMPDIR/out")"
}

@test "what a privileged container leaves in the directory is removed with it" {
	config '.process.capabilities = ([.process.capabilities | to_entries[] | .value += ["CAP_SYS_ADMIN"]] | from_entries)'
	sh_config 'mount -o remount,bind,rw /run/notify && mkdir -p /run/notify/a/b/c && touch /run/notify/a/b/f; notify READY=1'
	managed run "$ID"
	said "READY=1|MAINPID=COMMAND"
	is "" "$(ls "$ROOT")"
}
