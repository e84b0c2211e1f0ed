# The command lines of conmon, Podman, buildah, BuildKit, CRI-O and conmon-rs, word for word, and what they
# read afterwards. The letter and number of each test is that of the requirement in callers.md.
load ../integration/lib

test_setup() {
	LINES=$BATS_TEST_TMPDIR/lines
	mkdir "$LINES"
	sh_config 'trap "exit 3" TERM; while :; do sleep 0.05; done'
	GROUP=/hull-lines-$ID
	config '.linux.cgroupsPath = $g' --arg g "$GROUP/libpod-$ID"
}

test_teardown() {
	if [ -d "$ROOT" ]; then
		for id in $("$HULL" --root "$ROOT" list -q); do "$HULL" --root "$ROOT" delete --force "$id"; done
	fi
	for hierarchy in "$CGROOT" "$CGROOT"/*; do
		[ ! -d "$hierarchy$GROUP" ] || rmdir "$hierarchy$GROUP"
	done
}

# bare COMMAND... - with conmon's and Podman's environment: no PATH, HOME, USER or bus
bare() {
	env -i XDG_RUNTIME_DIR=/run/user/0 "$@"
}

# process ARGS... - a process.json as callers write it; prints its path
process() {
	jq --argjson args "$(printf '%s\n' "$@" | jq -R . | jq -s .)" '.process | .args = $args' config.json >"$LINES/process.json"
	echo "$LINES/process.json"
}

# own_run SCRIPT - bash in a /run of its own, so that hull without --root is nobody else's
own_run() {
	unshare --mount bash -euc 'mount -t tmpfs tmpfs /run; '"$1" own_run "$HULL" "$BUNDLE" "$ID" "$LINES" </dev/null
}

# silent COMMAND... - succeeds and says nothing on either stream
silent() {
	"$@" >"$LINES/out" 2>"$LINES/err" </dev/null
	is "" "$(cat "$LINES/out" "$LINES/err")" "output of $*"
}

# limit_file CONTROLLER V1-FILE V2-FILE - of the container's group
limit_file() {
	if [ -e "$CGROOT/cgroup.controllers" ]; then
		echo "$CGROOT$GROUP/libpod-$ID/$3"
	else
		echo "$CGROOT/$1$GROUP/libpod-$ID/$2"
	fi
}

# peer FILE - conmon's end of a console socket: room for one descriptor, four kilobytes of text. It
# accepts when FILE.go is there, and writes what came to FILE.
peer() {
	"$PYTHON" - "$1" <<'PY' 3>&- &
import os, socket, sys, time, fcntl
base = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(base + ".sock")
s.listen(1)
while not os.path.exists(base + ".go"):
    time.sleep(0.02)
s.settimeout(10)
c, _ = s.accept()
data, control, flags, _ = c.recvmsg(4096, socket.CMSG_SPACE(4))
(level, kind, payload), = control
fd = int.from_bytes(payload, sys.byteorder)
rest = c.recv(1)
with open(base + ".tmp", "w") as out:
    print(len(payload), 0 < len(data) < 4096, flags & socket.MSG_CTRUNC, len(rest), os.isatty(fd), file=out)
os.rename(base + ".tmp", base)
PY
	PEER=$!
	wait_for test -S "$1.sock"
}

@test "M-01, P-01, P-02: conmon's create and exec, Podman's other commands, without --root and PATH" {
	own_run '
		env -i XDG_RUNTIME_DIR=/run/user/0 PATH="$PATH" "$1" create --bundle "$2" --pid-file "$4/pid" "$3" >/dev/null 2>&1
		p() { env -i XDG_RUNTIME_DIR=/run/user/0 "$1" "${@:2}" 2>&1; }
		[ -z "$(env -i XDG_RUNTIME_DIR=/run/user/0 PATH="$PATH" "$1" start "$3" 2>&1)" ]
		jq ".process | .args = [\"sh\", \"-c\", \"exit 4\"]" "$2/config.json" >"$4/process"
		env -i PATH="$PATH" XDG_RUNTIME_DIR=/run/user/0 "$1" exec --pid-file "$4/exec" --process "$4/process" --detach "$3" \
			>/dev/null 2>&1
		[ -s "$4/exec" ]
		[ -z "$(p "$1" pause "$3")" ] && [ -z "$(p "$1" resume "$3")" ]
		[ -z "$(p "$1" kill "$3" 15)" ]
		for i in $(seq 50); do kill -0 "$(cat "$4/pid")" 2>/dev/null || break; sleep 0.1; done
		[ -z "$(p "$1" delete --force "$3")" ]
		[ -z "$(ls /run/hull)" ] && echo done >"$4/done"'
	is "done" "$(cat "$LINES/done")"
}

@test "M-01: runtime options stand between the fixed words and the id" {
	echo three >"$LINES/3"
	created "$ID" --bundle "$BUNDLE" --pid-file "$LINES/pid" --no-pivot --no-new-keyring
	hull start "$ID"
	hull exec --pid-file "$LINES/exec" --process "$(process sh -c 'cat <&3 >/dev/null')" --detach --preserve-fds 1 "$ID" \
		3<"$LINES/3" </dev/null >"$LINES/out" 2>&1
	is "" "$(cat "$LINES/out")"
}

@test "M-04, C-04, C-28: an exec that failed leaves no pid file; one that ended at once has left a whole one" {
	detached "$ID"
	status=0
	hull exec --pid-file "$LINES/exec" --process "$(process /none)" --detach "$ID" 2>"$LINES/err" </dev/null || status=$?
	is 255 $status
	[ ! -e "$LINES/exec" ]
	is 1 "$(wc -l <"$LINES/err")" # M-05
	hull exec --pid-file "$LINES/exec" --process "$(process true)" --detach "$ID" </dev/null >/dev/null 2>&1
	matches "[0-9]*[0-9]" "$(cat "$LINES/exec")"
	is "$(tr -d '0-9' <"$LINES/exec" | wc -c)" 0
}

@test "M-06, C-12: a console is one message with one descriptor, and nobody has to be there yet" {
	config '.process.terminal = true'
	peer "$LINES/console"
	silent hull create --bundle "$BUNDLE" --pid-file "$LINES/pid" --console-socket "$LINES/console.sock" "$ID"
	touch "$LINES/console.go"
	ends $PEER
	is "4 True 0 0 True" "$(cat "$LINES/console")"
	hull start "$ID"
	rm "$LINES"/console*
	peer "$LINES/console"
	touch "$LINES/console.go"
	silent hull exec --pid-file "$LINES/exec" --process "$(process true)" --detach --console-socket "$LINES/console.sock" "$ID"
	ends $PEER
	is "4 True 0 0 True" "$(cat "$LINES/console")"
}

@test "M-07, M-08, C-21, B-01: init belongs to the subreaper, leads a session, and its status can be waited for" {
	sh_config 'exit 7'
	"$PYTHON" - "$HULL" "$ROOT" "$BUNDLE" "$ID" "$LINES" <<'PY'
import ctypes, os, subprocess, sys
hull, root, bundle, name, lines = sys.argv[1:]
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
run = lambda *words: subprocess.run([hull, "--root", root, *words], check=True, stdin=subprocess.DEVNULL)
run("create", "--bundle", bundle, "--pid-file", lines + "/pid", name)
pid = int(open(lines + "/pid").read())
stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
assert stat[1] == str(os.getpid()), "parent " + stat[1]
assert stat[2] == stat[3] == str(pid), "process group, session " + str(stat[2:4])
run("start", name)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
try:
    os.waitpid(-1, os.WNOHANG)
    raise AssertionError("another child of hull's is left")
except ChildProcessError:
    pass
PY
	is stopped "$(status_of "$ID")"
}

@test "P-04, P-05: a JSON log holds exactly one object, the error that standard error has too" {
	fails '*' --log-format=json --log "$LINES/log" create --bundle "$BUNDLE/none" --pid-file "$LINES/pid" "$ID"
	is 1 "$(jq -s length "$LINES/log")"
	is "error" "$(jq -r .level "$LINES/log")"
	config '.process.args = ["none"]'
	rm "$LINES/log"
	fails '*exec: "none": executable file not found in $PATH*' --log-format=json --log "$LINES/log" create --bundle "$BUNDLE" "$ID"
	is 1 "$(jq -s length "$LINES/log")"
	matches '*exec: "none": executable file not found in $PATH*' "$(jq -r .msg "$LINES/log")"
	date -d "$(jq -r .time "$LINES/log")" >/dev/null
	# C-09: a log that others have written to gets one more
	fails '*' --log-format=json --log "$LINES/log" create --bundle "$BUNDLE" "$ID"
	is 2 "$(jq -s length "$LINES/log")"
	config '.process.args = ["true"] | .process.capabilities.bounding += ["CAP_UNKNOWN"]'
	rm "$LINES/log"
	hull --log-format=json --log "$LINES/log" run --bundle "$BUNDLE" "$ID"
	rm -f "$LINES/log"
	config '.process.args = ["none"]'
	fails '*' --log-format=json --log "$LINES/log" create --bundle "$BUNDLE" "$ID"
	is 1 "$(jq -s '[.[] | select(.level == "error")] | length' "$LINES/log")"
}

@test "P-06, D-02, 3.8: the words by which callers know an error" {
	said() { # said PROGRAM PATTERN
		config '.process.args = [$p]' --arg p "$1"
		fails "$2" create --bundle "$BUNDLE" "$ID"
	}
	said none '*exec: "none": executable file not found in $PATH*'
	said /none '*exec: "/none": stat /none: no such file or directory*'
	said /etc/passwd '*exec: "/etc/passwd": permission denied*'
	said /etc '*exec: "/etc": is a directory*'
	fails '*container does not exist*' kill "$ID" 15
	fails '*container does not exist*' delete "$ID"
	fails '*container does not exist*' state "$ID"
	config '.process.args = ["true"] | .mounts += [{destination: "/etc/passwd", source: $b, type: "bind", options: ["bind"]}]' --arg b "$LINES"
	fails '*not a directory*' create --bundle "$BUNDLE" "$ID"
	config '.mounts[-1].source = "/none/such"'
	fails '*/none/such*no such file or directory*' create --bundle "$BUNDLE" "$ID"
}

@test "P-07: --cgroup-manager disabled" {
	config 'del(.linux.cgroupsPath, .linux.resources)'
	before=$(cat /proc/self/cgroup)
	sh_config 'cat /proc/self/cgroup'
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	is "$before" "$(hull --cgroup-manager disabled run --bundle "$BUNDLE" "$ID")"
}

@test "P-08, O-07, B-06: cgroup paths as Podman, CRI-O and BuildKit write them" {
	for path in "$GROUP/libpod-$ID" "$GROUP/crio-$ID" "$GROUP/buildkit/$ID" ""; do
		config '.linux.cgroupsPath = $p' --arg p "$path"
		detached "$ID" --bundle "$BUNDLE"
		matches "*:$path*" "$(cat "/proc/$(pid_of "$ID")/cgroup")"
		hull delete --force "$ID"
	done
	# no --systemd-cgroup: a name like any other, below the root
	config '.linux.cgroupsPath = $p' --arg p "system.slice:buildkit:$ID"
	detached "$ID" --bundle "$BUNDLE"
	matches "*/system.slice:buildkit:$ID*" "$(cat "/proc/$(pid_of "$ID")/cgroup")"
	hull delete --force "$ID"
}

@test "P-09, O-13: annotations that are not for this driver do no harm" {
	config '.annotations = {"org.systemd.property.KillSignal": "15", "org.systemd.property.TimeoutStopUSec": "uint64 10000000",
		"org.systemd.property.CollectMode": "'"'inactive-or-failed'"'", "org.systemd.property.DefaultDependencies": "true",
		"run.oci.keep_original_groups": "1", "run.oci.mount_context_type": "rootcontext", "run.oci.systemd.subgroup": "",
		"io.container.manager": "libpod", "org.opencontainers.image.stopSignal": "15", "io.kubernetes.cri-o.userns-mode": "auto",
		"io.kubernetes.cri.container-type": "container"}'
	sh_config 'true'
	silent hull run --bundle "$BUNDLE" "$ID"
}

@test "P-10: an empty mount option is none" {
	config '.mounts += [{destination: "/run", type: "tmpfs", source: "tmpfs",
		options: ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup", ""]}] | .root.readonly = false'
	sh_config 'awk "\$5 == \"/run\" { print \$6 }" /proc/self/mountinfo'
	is "rw,nosuid,nodev,relatime" "$(hull run --bundle "$BUNDLE" "$ID")"
}

@test "P-11, P-12, O-09: probes for checkpoints, and restore as conmon asks for it" {
	"$HULL" checkpoint --help >/dev/null
	matches "*flag needs an argument*" "$("$HULL" restore --lsm-mount-context 2>&1 || true)"
	fails '*not built*' restore --bundle "$BUNDLE" --pid-file "$LINES/pid" --detach --image-path "$LINES" --work-path "$BUNDLE" \
		--tcp-established --tcp-close --file-locks --lsm-profile=selinux:a --lsm-mount-context=b "$ID"
	detached "$ID"
	fails '*not built*' checkpoint --file-locks --image-path "$LINES" --work-path "$LINES" --leave-running "$ID"
	is running "$(status_of "$ID")"
}

@test "P-13, O-10, C-24, D-04: --version and features, with both streams together" {
	is 1 "$("$HULL" --version 2>&1 | grep -c version)"
	matches "hull version *" "$(bare "$HULL" --version 2>&1 | head -n 1)"
	is "true true" "$(bare "$HULL" features 2>&1 | jq -r '[(.mountOptions | index("rro") != null), .linux.mountExtensions.idmap.enabled] | join(" ")')"
}

@test "P-16: namespaces by path of a process" {
	detached "$ID"
	pid=$(pid_of "$ID")
	for ns in ipc network pid uts; do
		config '.linux.namespaces |= map(if .type == $ns then .path = $p else . end)' --arg ns $ns --arg p "/proc/$pid/ns/${ns/network/net}"
	done
	config 'del(.hostname)'
	sh_config 'for n in ipc net pid uts; do readlink /proc/self/ns/$n; done'
	config '.linux.cgroupsPath = $p' --arg p "$GROUP/other-$ID"
	is "$(for n in ipc net pid uts; do readlink "/proc/$pid/ns/$n"; done)" "$(hull run --bundle "$BUNDLE" "$ID-2")"
}

@test "B-02, B-03: BuildKit's run --keep, the status, and its reading of the group afterwards" {
	sh_config 'exit 6'
	own_run '
		status=0
		"$1" --log "$4/runc-log.json" --log-format json run --bundle "$2" --keep "$3" || status=$?
		[ $status = 6 ]
		[ "$("$1" state "$3" | jq -r .status)" = stopped ]
		for f in /sys/fs/cgroup/memory'"$GROUP/libpod-$ID"'/memory.oom_control /sys/fs/cgroup'"$GROUP/libpod-$ID"'/memory.events; do
			[ ! -e "$f" ] || cat "$f" >"$4/events"
		done
		"$1" --log "$4/runc-log.json" --log-format json delete "$3"
		[ ! -e "/sys/fs/cgroup/memory'"$GROUP/libpod-$ID"'" ] && [ -z "$(ls /run/hull)" ]
		[ ! -s "$4/runc-log.json" ] && echo done >"$4/done"'
	is "done" "$(cat "$LINES/done")"
	grep -q 'oom_kill 0' "$LINES/events"
}

@test "B-03: a step that ran out of memory can be told by its group" {
	config '.linux.resources.memory = {limit: 16777216}'
	sh_config 'x=a; while :; do x=$x$x; done'
	status=0
	hull run --bundle "$BUNDLE" --keep "$ID" 2>/dev/null || status=$?
	is 137 $status
	matches "oom_kill [1-9]*" "$(grep '^oom_kill ' "$(limit_file memory memory.oom_control memory.events)")"
	hull delete "$ID"
	[ ! -e "$(dirname "$(limit_file memory memory.oom_control memory.events)")" ]
}

@test "B-04: a terminal of the caller's: hull makes one in it, and follows its size" {
	config '.process.terminal = true'
	sh_config 'trap "stty size" WINCH; echo ready; read x; stty size; read x; tty; exit 9'
	"$PYTHON" - "$HULL" "$ROOT" "$BUNDLE" "$ID" <<'PY'
import fcntl, os, pty, select, signal, struct, subprocess, sys, termios, time
hull, root, bundle, name = sys.argv[1:]
master, slave = pty.openpty()
size = lambda rows, columns: fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
size(30, 90)
before = termios.tcgetattr(slave)
p = subprocess.Popen([hull, "--root", root, "run", "--bundle", bundle, "--keep", name], stdin=slave, stdout=slave, stderr=slave)
seen = b""
def until(word):
    global seen
    end = time.time() + 10
    while word not in seen:
        assert time.time() < end and p.poll() is None, (word, seen)
        if select.select([master], [], [], 0.2)[0]:
            seen += os.read(master, 4096)
until(b"ready")
size(44, 111)
p.send_signal(signal.SIGWINCH)
time.sleep(0.3)
os.write(master, b"\n")
until(b"44 111")
os.write(master, b"\n")
until(b"/dev/pts/0")
assert p.wait(10) == 9, p.returncode
assert termios.tcgetattr(slave) == before
PY
	hull delete "$ID"
}

@test "B-04, B-07: signals go on to the step; SIGKILL is for kill, which says so while there is nothing" {
	fails '*container does not exist*' kill "$ID" 9
	hull run --bundle "$BUNDLE" --keep "$ID" </dev/null >/dev/null 2>&1 3>&- &
	run=$!
	wait_for is_running
	hull kill "$ID" 9
	ends $run
	is 137 "$ended"
	hull delete "$ID"
	"$HULL" --root "$ROOT" run --bundle "$BUNDLE" --keep "$ID" </dev/null >/dev/null 2>&1 3>&- &
	run=$!
	wait_for is_running
	sleep 0.2
	kill -TERM $run
	ends $run
	is 3 "$ended"
}

has_stopped() {
	[ "$(status_of "$ID")" = stopped ]
}

is_running() {
	[ "$(status_of "$ID")" = running ]
}

@test "B-05: BuildKit's exec: state first, a pid to kill while it runs, its status" {
	detached "$ID"
	hull state "$ID" >"$LINES/state"
	is "running $BUNDLE $BUNDLE/rootfs" "$(jq -r '[.status, .bundle, .rootfs] | join(" ")' "$LINES/state")"
	"$HULL" --root "$ROOT" exec --process "$(process sleep 100)" --pid-file "$LINES/pidfile" "$ID" </dev/null 3>&- &
	exec=$!
	wait_for test -s "$LINES/pidfile"
	is sleep "$(cat "/proc/$(cat "$LINES/pidfile")/comm")"
	kill -KILL "$(cat "$LINES/pidfile")"
	ends $exec
	is 137 "$ended"
	status=0
	hull exec --process "$(process sh -c 'exit 12')" --pid-file "$LINES/pidfile" "$ID" </dev/null || status=$?
	is 12 $status
}

@test "O-01, O-05: CRI-O's streaming exec, with XDG_RUNTIME_DIR for an environment and pipes" {
	config '.process.user = {uid: 1000, gid: 1000}'
	detached "$ID"
	status=0
	echo hello | env -i XDG_RUNTIME_DIR=/run/user/0 "$HULL" --root "$ROOT" exec \
		--process "$(process sh -c 'cat /dev/stdin; echo err >&2; exit 5')" "$ID" >"$LINES/out" 2>"$LINES/err" || status=$?
	is "5 hello err" "$status $(cat "$LINES/out" "$LINES/err" | xargs)"
}

@test "O-02, O-03: stop as CRI-O does it: a number, then KILL by name until it is gone" {
	silent hull create --bundle "$BUNDLE" --pid-file "$LINES/pid" "$ID"
	silent hull start "$ID"
	sleep 0.2
	silent hull kill "$ID" 15
	while hull kill "$ID" KILL 2>"$LINES/err"; do sleep 0.02; done
	matches "*container not running*" "$(cat "$LINES/err")"
	hull kill -a "$ID" 9
	silent hull delete --force "$ID"
	silent hull delete --force "$ID"
}

@test "O-02, C-10, C-16: pause and resume, and a paused container that is killed" {
	silent hull create --bundle "$BUNDLE" "$ID"
	silent hull start "$ID"
	silent hull pause "$ID"
	is paused "$(status_of "$ID")"
	silent hull resume "$ID"
	silent hull pause "$ID"
	silent hull delete --force "$ID"
}

@test "O-04: state is never in the way of a change, and says stopped as soon as init is dead" {
	created "$ID" --bundle "$BUNDLE" --pid-file "$LINES/pid"
	(
		for i in $(seq 60); do hull state "$ID" >"$LINES/state.$i" || echo failed; done
	) >"$LINES/failures" 2>&1 3>&- &
	poller=$!
	hull start "$ID"
	hull pause "$ID"
	hull resume "$ID"
	hull kill "$ID" KILL
	wait_for has_stopped
	is "stopped 0" "$(hull state "$ID" | jq -r '"\(.status) \(.pid)"')"
	ends $poller
	is "" "$(cat "$LINES/failures")"
	for state in "$LINES"/state.*; do
		jq -e '.status and (.pid | type == "number") and (.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}"))' "$state" >/dev/null
	done
}

@test "O-05: groups that others made below the container's go with it" {
	detached "$ID"
	for hierarchy in "$CGROOT" "$CGROOT"/*; do
		[ ! -d "$hierarchy$GROUP/libpod-$ID" ] || mkdir -p "$hierarchy$GROUP/libpod-$ID/exec/deeper"
	done
	silent hull delete --force "$ID"
	is "" "$(find "$CGROOT" -path "*libpod-$ID*" -print -quit)"
}

@test "O-08: update, with the resources on standard input" {
	[[ $("$HULL" update --help 2>&1) != *"not built"* ]] || skip "this hull has no update"
	detached "$ID"
	echo '{"cpu":{"shares":512},"memory":{"limit":67108864},"pids":{"limit":33}}' |
		bare "$HULL" --root "$ROOT" update --resources - "$ID"
	is "67108864 33" "$(cat "$(limit_file memory memory.limit_in_bytes memory.max)" "$(limit_file pids pids.max pids.max)" | xargs)"
}

@test "O-11: what a create that was killed has left is removed by delete --force" {
	config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "100"]}]'
	"$HULL" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
	create=$!
	wait_for test -e "$ROOT/$ID/state.json"
	wait_for hook_runs $create
	hook=$(pgrep -P $create -x sleep)
	kill -KILL $create
	ends $create
	kill -KILL "$hook"
	silent hull delete --force "$ID"
}

hook_runs() {
	pgrep -P "$1" -x sleep
}

@test "O-12: conmon-rs gives globals twice, and a command after the id without --" {
	config '.process.terminal = true'
	peer "$LINES/console"
	touch "$LINES/console.go"
	silent "$HULL" --root="$ROOT" --root="$ROOT" create --bundle "$BUNDLE" --pid-file "$LINES/pid" --console-socket="$LINES/console.sock" "$ID"
	ends $PEER
	silent "$HULL" --root="$ROOT" --root="$ROOT" start "$ID"
	is "-d --pid-file=x --root y" "$("$HULL" --root="$ROOT" --root="$ROOT" exec --pid-file="$LINES/exec" "$ID" echo -d --pid-file=x --root y)"
	[ ! -e x ]
	rm "$LINES"/console*
	peer "$LINES/console"
	touch "$LINES/console.go"
	silent "$HULL" --root="$ROOT" --root="$ROOT" exec -d --console-socket="$LINES/console.sock" --tty --pid-file="$LINES/exec" "$ID" sh -c 'exit 3' --flag
	ends $PEER
	is "4 True 0 0 True" "$(cat "$LINES/console")"
}

@test "O-14: a pinned user namespace by path, with mappings given too" {
	touch "$LINES/userns"
	unshare --user sleep 100 3>&- &
	wait_for [ "$(readlink /proc/self/ns/user)" != "$(readlink "/proc/$!/ns/user")" ]
	echo 0 100000 65536 | tee "/proc/$!/uid_map" >"/proc/$!/gid_map"
	mount --bind "/proc/$!/ns/user" "$LINES/userns"
	kill $!
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_TEST_TMPDIR"
	config '.linux.namespaces += [{type: "user", path: $p}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings' --arg p "$LINES/userns"
	sh_config 'cat /proc/self/uid_map'
	status=0
	output=$(hull run --bundle "$BUNDLE" "$ID") || status=$?
	umount "$LINES/userns"
	is "0 0 100000 65536" "$status $(xargs <<<"$output")"
}

@test "3.9: success says nothing, in every command that a caller reads" {
	silent hull --log "$LINES/log" create --bundle "$BUNDLE" "$ID"
	silent hull --log "$LINES/log" start "$ID"
	silent hull --log "$LINES/log" exec -d --process "$(process true)" "$ID"
	silent hull --log "$LINES/log" pause "$ID"
	silent hull --log "$LINES/log" resume "$ID"
	is "true" "$(hull ps --format json "$ID" 2>&1 | jq 'type == "array"')"
	is "true" "$(hull list --format json 2>&1 | jq 'type == "array"')"
	silent hull --log "$LINES/log" kill --all "$ID" 9
	wait_for has_stopped
	silent hull --log "$LINES/log" delete --force "$ID"
	[ ! -s "$LINES/log" ]
}

@test "3.10, C-14: what made it is remembered: no later command repeats the globals" {
	silent hull --cgroup-manager cgroupfs create --bundle "$BUNDLE" "$ID"
	for command in "start $ID" "pause $ID" "resume $ID" "kill $ID 9" "delete --force $ID"; do
		# shellcheck disable=SC2086 # words
		silent bare "$HULL" --root "$ROOT" $command
	done
	is "" "$(find "$CGROOT" -path "*libpod-$ID*" -print -quit)"
}

@test "3.11: no process of hull's remains after create, start and a detached exec" {
	created "$ID"
	hull start "$ID"
	hull exec -d --process "$(process sleep 100)" "$ID" </dev/null >/dev/null 2>&1
	is "" "$(for pid in $(pgrep -f "^$HULL --root $ROOT" || true); do tr '\0' ' ' <"/proc/$pid/cmdline"; done)"
}

@test "3.11: the foreground stays, also when nobody reads its errors any more" {
	sh_config 'sleep 0.4; echo to nobody >&2; sleep 0.2; exit 8'
	{
		status=0
		"$HULL" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null 3>&- || status=$?
		echo $status >"$LINES/status"
	} | true
	wait_for test -s "$LINES/status"
	is 8 "$(cat "$LINES/status")"
	is "" "$(hull list -q)"
}

@test "3.11: called runc or crun, hull is the same" {
	config '.process.args = ["none"]'
	for name in runc crun; do
		ln -s "$HULL" "$LINES/$name"
		is "$("$HULL" --version)" "$("$LINES/$name" --version)"
		is "$("$HULL" features)" "$("$LINES/$name" features)"
		is "$("$HULL" --root "$ROOT" create --bundle "$BUNDLE" "$ID" 2>&1 || true)" \
			"$("$LINES/$name" --root "$ROOT" create --bundle "$BUNDLE" "$ID" 2>&1 || true)"
	done
}
