# hull under a seccomp profile that lacks one of the newer system calls, as containers and services
# have them: a default container works, or is refused in one clear line and leaves nothing
load lib
load helpers/m_lib

test_setup() {
	within= # a command that runs another one elsewhere
	DENY=$(compile m_deny)
	config '.process.args = ["sleep", "1000"]'
	case $(uname -m) in
	x86_64) BPF=321 STATX=332 MEMFD_CREATE=319 EXECVEAT=322 KEYCTL=250 PRLIMIT64=302 UNSHARE=272 SETNS=308 ;;
	*) BPF=280 STATX=291 MEMFD_CREATE=279 EXECVEAT=281 KEYCTL=219 PRLIMIT64=261 UNSHARE=97 SETNS=268 ;;
	esac
}

# without NUMBER ERRNO ARGS... - hull with that call answered so; output and status as they are
without() {
	local number=$1 errno=$2
	shift 2
	$within "$DENY" "$number" "$errno" "$HULL" --root "$ROOT" "$@"
}

# each_errno COMMAND NUMBER... - ENOSYS, as newer profiles and old kernels say, and EPERM
each_errno() {
	local errno
	for errno in 38 1; do
		"$1" "$errno" "${@:2}"
	done
}

# whole ERRNO NUMBER... - all of a container's life goes on without these
whole() {
	local errno=$1 number
	shift
	for number in "$@"; do
		without "$number" "$errno" create "$ID" </dev/null >out 2>&1 || { cat out; return 1; }
		without "$number" "$errno" start "$ID"
		is running "$(without "$number" "$errno" state "$ID" | jq -r .status)"
		is inside "$(without "$number" "$errno" exec "$ID" echo inside)"
		without "$number" "$errno" kill "$ID" KILL
		without "$number" "$errno" delete --force "$ID"
		unchanged
		jq '.process.args = ["echo", "ran"]' config.json >short.json
		is ran "$(without "$number" "$errno" run -f short.json "$ID")"
	done
}

@test "openat2, statx, bpf, faccessat2, pidfd_getfd: hull does without" {
	each_errno whole 437 $STATX 439 438
	# bpf is for the devices of cgroup v2
	[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || each_errno whole $BPF
}

@test "bpf: refused by name where it is what forbids devices" {
	if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
		each_errno named bpf $BPF
		return
	fi
	# the same kernel with its v2 hierarchy alone, which has no controllers here
	m_background unshare --mount --propagation private sh -c "
		umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
		touch '$BATS_TEST_TMPDIR/ready' && exec sleep 1000"
	wait_for test -e "$BATS_TEST_TMPDIR/ready"
	within="nsenter -t $M_PID --mount --wd=$PWD"
	config 'del(.linux.resources.pids, .linux.resources.memory)'
	each_errno named bpf $BPF
	# and works with it
	$within "$HULL" --root "$ROOT" run -d "$ID" </dev/null >/dev/null 2>&1
	is "0::/" "$($within "$HULL" --root "$ROOT" exec "$ID" tail -n 1 /proc/self/cgroup)"
	$within "$HULL" --root "$ROOT" delete --force "$ID"
}

# named ERRNO TEXT NUMBER - create and run fail with a line that has this text, and leave nothing
named() {
	local errno=$1 text=$2 number=$3 command out
	for command in create run; do
		out=$(without "$number" "$errno" $command "$ID" </dev/null 2>&1) && {
			echo "$command succeeded without system call $number"
			return 1
		}
		is 1 "$(wc -l <<<"$out")" "lines"
		matches "hull: $command $ID: *$text*" "$out"
		case $errno in
		38) matches "*function not implemented*needs Linux 5.12 and a seccomp profile that allows*" "$out" ;;
		1) matches "*operation not permitted*" "$out" ;;
		esac
		unchanged
	done
}

@test "open_tree, move_mount, fsopen, fsconfig, fsmount, mount_setattr: refused by name" {
	each_errno named open_tree 428
	each_errno named move_mount 429
	each_errno named fsopen 430
	each_errno named fsconfig 431
	each_errno named fsmount 432
	each_errno named mount_setattr 442
}

@test "pidfd_open, pidfd_send_signal, clone3, close_range: refused by name" {
	each_errno named pidfd_open 434
	each_errno named pidfd_send_signal 424
	each_errno named clone3 435
	each_errno named close_range 436
}

@test "memfd_create, execveat, prlimit64, unshare: refused by name" {
	each_errno named memfd_create $MEMFD_CREATE
	each_errno named exec $EXECVEAT
	# AddressSanitizer asks for the limit of its stack before hull is there
	grep -qa __asan_init "$HULL" || each_errno named prlimit $PRLIMIT64
	each_errno named unshare $UNSHARE
}

@test "keyctl: a kernel without keyrings has none to inherit, a profile that forbids them hides that" {
	whole 38 $KEYCTL
	named 1 "keyctl join session keyring" $KEYCTL
	jq '.process.args = ["echo", "ran"]' config.json >short.json
	is ran "$(without $KEYCTL 1 run --no-new-keyring -f short.json "$ID")"
}

# what comes to a container that others have made

# entered ERRNO NUMBER... - exec goes without
entered() {
	local errno=$1 number
	for number in "${@:2}"; do
		is inside "$(without "$number" "$errno" exec "$ID" echo inside)" "$number"
		without "$number" "$errno" exec -d "$ID" true </dev/null >/dev/null 2>&1
	done
}

# kept_out ERRNO TEXT NUMBER - exec does not, and says so by one line
kept_out() {
	local out status=0
	out=$(without "$3" "$1" exec "$ID" true 2>&1) || status=$?
	is 255 $status
	matches "hull: exec $ID: $2*" "$out"
	case $1 in
	38) matches "*: function not implemented (hull needs Linux 5.12 and a seccomp profile that allows*)" "$out" ;;
	1) matches "*: operation not permitted" "$out" ;;
	esac
	is 1 "$(hull ps -f json "$ID" | jq length)" "processes inside"
}

@test "exec: mount calls, openat2 and bpf are not needed; clone3, pidfd_open, close_range by name" {
	detached "$ID"
	each_errno entered 437 428 429 430 431 432 442 $BPF
	each_errno kept_out clone3 435
	each_errno kept_out pidfd_open 434
	each_errno kept_out close_range 436
	is running "$(status_of "$ID")"
}

# tended ERRNO NUMBER... - what is neither made nor entered needs none of these
tended() {
	local errno=$1 number
	for number in "${@:2}"; do
		without "$number" "$errno" pause "$ID"
		is paused "$(without "$number" "$errno" state "$ID" | jq -r .status)"
		without "$number" "$errno" resume "$ID"
		without "$number" "$errno" update --pids-limit 50 "$ID"
		is "$(pid_of "$ID")" "$(without "$number" "$errno" ps -f json "$ID" | jq -r '.[]')"
		is "$ID" "$(without "$number" "$errno" list -q)"
		is 1 "$(without "$number" "$errno" events --stats "$ID" | wc -l)"
	done
}

@test "pause, resume, update, ps, list, events: each call in turn; only events must hold init" {
	config '.linux.resources.pids.limit = 40'
	detached "$ID"
	each_errno tended 437 428 430 442 435 436 $BPF
	local errno
	for errno in 38 1; do
		without 434 $errno pause "$ID"
		without 434 $errno resume "$ID"
		without 434 $errno update --pids-limit 50 "$ID"
		is "$ID" "$(without 434 $errno list -q)"
		not without 434 $errno events --stats "$ID" 2>err
		matches "hull: events $ID: pidfd_open init, pid *: *" "$(cat err)"
	done
}

@test "a container that others made is not taken for one that stopped" {
	detached "$ID"
	local errno number command
	for errno in 38 1; do
		for number in 434 424; do
			is running "$(without $number $errno state "$ID" | jq -r .status)"
			for command in "kill $ID KILL" "delete $ID" "delete --force $ID"; do
				not without $number $errno $command 2>err
				is 1 "$(wc -l <err)"
			done
			is running "$(status_of "$ID")"
		done
		not without 434 $errno exec "$ID" true 2>err
		matches "hull: exec $ID: pidfd_open init, pid *" "$(cat err)"
		not without $SETNS $errno exec "$ID" true 2>err
		matches "hull: exec $ID: setns to the container's namespaces: *" "$(cat err)"
		is 1 "$(hull ps -f json "$ID" | jq length)"
	done
	hull delete --force "$ID"
	created "$ID"
	not without 434 1 start "$ID" 2>err
	matches "hull: start $ID: pidfd_open init, pid *: operation not permitted" "$(cat err)"
	is created "$(status_of "$ID")"
}
