# exec: another process in a container, as confined as its init
load lib

test_setup() {
	config '.root.readonly = false'
	sh_config 'sleep 1000'
}

# exec_fails PATTERN ARGS... - as fails, with the status that callers know for "it never ran"
exec_fails() {
	fails "$@" && is 255 "$failure"
}

# process FILTER [JQ-OPTIONS...] - process.json for --process, from the container's own process
process() {
	local filter=$1
	shift
	jq "$@" ".process | .args = [\"true\"] | $filter" config.json >process.json
}

@test "output, error output and input are the caller's" {
	detached "$ID"
	hull exec "$ID" sh -c 'echo out; echo err >&2' >out 2>err
	is out "$(cat out)"
	is err "$(cat err)"
	is typed "$(echo typed | hull exec "$ID" cat)"
	head -c 2000000 /dev/urandom >big
	hull exec "$ID" cat <big | cmp - big
}

@test "the exit status is the process's, or 128 and the signal" {
	detached "$ID"
	for code in 0 1 42 255; do
		ended=0
		hull exec "$ID" sh -c "exit $code" || ended=$?
		is $code $ended
	done
	ended=0
	hull exec "$ID" sh -c 'kill -KILL $$' || ended=$?
	is 137 $ended
}

@test "what cannot be run gives 255, one line, and the phrases callers look for" {
	mkdir rootfs/dir
	printf '#!/no/interpreter\n' >rootfs/bin/script
	echo text >rootfs/bin/plain
	chmod 755 rootfs/bin/script
	detached "$ID"
	exec_fails "hull: exec $ID: exec: \"none\": executable file not found in \$PATH*" exec "$ID" none
	exec_fails "hull: exec $ID: exec: \"/none\": stat /none: no such file or directory*" exec "$ID" /none
	exec_fails "hull: exec $ID: exec: \"/dir\": is a directory*" exec "$ID" /dir
	exec_fails "hull: exec $ID: exec: \"/bin/plain\": permission denied*" exec "$ID" /bin/plain
	exec_fails "hull: exec $ID: exec: \"/bin/script\": its interpreter /no/interpreter: no such file or directory*" \
		exec "$ID" script
	exec_fails "hull: exec $ID: process args cannot be empty" exec "$ID"
	exec_fails "hull: exec $ID: exec: \"none\": *" exec -d "$ID" none
	is running "$(status_of "$ID")"
}

@test "what follows the id is the command's, dashes too" {
	detached "$ID"
	is "-n --debug -x" "$(hull exec "$ID" echo -- -n --debug -x | sed 's/^-- //')"
	is "--help" "$(hull exec "$ID" printf %s --help)"
}

@test "it is in the container's namespaces and cgroups, and init's equal in every right (CVE-2019-10144, CVE-2019-10145, CVE-2019-10147)" {
	config '.process.capabilities = {"bounding": ["CAP_KILL", "CAP_CHOWN"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
			"effective": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]} |
		.process.user = {uid: 1000, gid: 1001, additionalGids: [7, 8], umask: 7} |
		.process.noNewPrivileges = true | .process.oomScoreAdj = 300 |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	hull exec -d --pid-file pid "$ID" sleep 1001 </dev/null >/dev/null 2>&1
	init=$(pid_of "$ID")
	other=$(cat pid)
	rights='^(Uid|Gid|Groups|Cap[A-Z][a-z]+|NoNewPrivs|Seccomp|Seccomp_filters|Sig(Blk|Ign)|Umask|Cpus_allowed):'
	grep -E "$rights" "/proc/$init/status" >init
	grep -E "$rights" "/proc/$other/status" >other
	diff init other
	is 15 "$(wc -l <init)"
	grep -q 'CapBnd:.0000000000000021' init
	grep -q 'Seccomp:.2' init
	for n in mnt pid net ipc uts cgroup user time; do
		is "$(readlink "/proc/$init/ns/$n")" "$(readlink "/proc/$other/ns/$n")"
	done
	diff "/proc/$init/cgroup" "/proc/$other/cgroup"
	is 300 "$(cat "/proc/$other/oom_score_adj")"
	[ "/proc/$other/root" -ef "/proc/$init/root" ]
	diff "/proc/$init/limits" "/proc/$other/limits"
	# its children too are in the container's pid namespace, and it is a child of nobody there
	is "0" "$(hull exec "$ID" awk '/^PPid/ { print $2 }' /proc/self/status)"
}

@test "without no_new_privs and with one, exec has the container's seccomp filter" {
	for nnp in true false; do
		config '.process.noNewPrivileges = $n | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 17}]}' \
			--argjson n $nnp
		detached "$ID"
		is $'NoNewPrivs:\t'$([ $nnp = true ] && echo 1 || echo 0)$'\nSeccomp:\t2' \
			"$(hull exec "$ID" grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status)"
		matches "*File exists" "$(hull exec "$ID" mkdir /tmp/never 2>&1 || true)"
		[ ! -e rootfs/tmp/never ]
		hull delete --force "$ID"
	done
}

@test "--no-new-privs sets it for one process" {
	config '.process.noNewPrivileges = false'
	detached "$ID"
	is 0 "$(hull exec "$ID" awk '/NoNewPrivs/ { print $2 }' /proc/self/status)"
	is 1 "$(hull exec --no-new-privs "$ID" awk '/NoNewPrivs/ { print $2 }' /proc/self/status)"
}

@test "--cwd, --env and --user on top of the container's process" {
	config '.process.cwd = "/tmp" | .process.env += ["A=1", "B=2"] | .process.user = {uid: 3, gid: 4}'
	detached "$ID"
	show='pwd; echo $A$B$C; id -u; id -g'
	is "/tmp 12 3 4" "$(hull exec "$ID" sh -c "$show" | xargs)"
	is "/etc 19x 3 4" "$(hull exec --cwd /etc -e B=9 --env C=x "$ID" sh -c "$show" | xargs)"
	is "/tmp 12 5 4" "$(hull exec --user 5 "$ID" sh -c "$show" | xargs)"
	is "/tmp 12 5 6" "$(hull exec -u 5:6 "$ID" sh -c "$show" | xargs)"
	is "/tmp 12 0 0" "$(hull exec --user=0:0 "$ID" sh -c "$show" | xargs)"
	is "/tmp 12 4294967294 4294967294" "$(hull exec -u 4294967294:4294967294 "$ID" sh -c "$show" | xargs)"
	exec_fails "hull: exec $ID: *Cwd must be an absolute path*" exec --cwd tmp "$ID" true
	exec_fails "hull: exec $ID: *NAME=value" exec --env NOVALUE "$ID" true
	exec_fails "hull: exec $ID: process.cwd: *" exec --cwd /proc/self/fd/3 "$ID" true
	exec_fails "hull: exec $ID: process.cwd: chdir to cwd (\"/none/such\") set in config.json failed: no such file or directory*" \
		exec --cwd /none/such "$ID" true
	[ ! -e rootfs/none ]
}

@test "--user that is not one or two plain numbers is refused (CVE-2026-30892)" {
	detached "$ID"
	for user in 1: :1 : +1 ' 1' '1 ' -1 root 0x0 0x1 4294967295 4294967296 18446744073709551616 1:root \
		1:-1 1:+1 '1: 1' 1:4294967295 1:1:1 1.0 1e1 '' $'1\n' ٣; do
		exec_fails "hull: exec $ID: --user \"*\": not a numeric id" exec "--user=$user" "$ID" true
	done
	# a long number is not cut to another one
	is 1 "$(hull exec --user="$(printf '0%.0s' {1..80})1" "$ID" id -u)"
	exec_fails "hull: exec $ID: --additional-gids \"x\": not a numeric id" exec -g x "$ID" true
}

@test "--additional-gids are added to the container's groups" {
	config '.process.user.additionalGids = [5]'
	detached "$ID"
	is "Groups: 5 6 7" "$(hull exec -g 6 --additional-gids 7 "$ID" grep ^Groups /proc/self/status | xargs)"
	is "Groups: 5" "$(setpriv --groups 12,13 "$HULL" --root "$ROOT" exec "$ID" grep ^Groups /proc/self/status | xargs)"
}

# caps_of ARGS... - Inh Prm Eff Bnd Amb of a process that exec makes with these options
caps_of() {
	hull exec "$@" "$ID" cat /proc/self/status |
		awk '/^Cap/ { sub(/^0+/, "", $2); printf "%s%s", sep, $2 == "" ? "0" : $2; sep = " " }'
}

@test "--cap widens one process; ambient only where the container has an inheritable set (CVE-2022-29162)" {
	config '.process.capabilities = {"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]}'
	detached "$ID"
	is "0 20 20 20 0" "$(caps_of)"
	is "0 21 21 21 0" "$(caps_of --cap CAP_CHOWN)"
	is "0 2021 2021 2021 0" "$(caps_of -c CAP_CHOWN -c net_raw)"
	is "0 0 0 21 0" "$(caps_of --cap CAP_CHOWN --user 1000)"
	is "0 20 20 20 0" "$(caps_of --cap CAP_NO_SUCH)"
	is "0 20 20 20 0" "$(caps_of)"
}

@test "--process: everything comes from the file" {
	config '.process.env += ["OLD=1"]'
	detached "$ID"
	process '.args = ["sh", "-c", "pwd; echo $OLD$NEW; id -u; umask; ulimit -n; grep NoNewPrivs /proc/self/status"] |
		.cwd = "/etc" | .env = ["PATH=/bin", "NEW=2"] | .user = {uid: 9, gid: 9, umask: 2} |
		.rlimits = [{type: "RLIMIT_NOFILE", soft: 50, hard: 60}] | .noNewPrivileges = false'
	is "/etc 2 9 0002 50 NoNewPrivs: 0" "$(hull exec --process process.json "$ID" | xargs)"
	is "/etc 2 9 0002 50 NoNewPrivs: 0" "$(hull exec -p "$PWD/process.json" "$ID" | xargs)"
}

@test "--process with seccomp in the container: the filter stays" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
	detached "$ID"
	process '.args = ["grep", "^Seccomp:", "/proc/self/status"] | .noNewPrivileges = false'
	is "Seccomp: 2" "$(hull exec --process process.json "$ID" | xargs)"
}

@test "--process that is wrong is refused by path and line" {
	detached "$ID"
	exec_fails "hull: exec $ID: --process missing.json: open: no such file or directory" \
		exec --process missing.json "$ID"
	process '.args = []'
	exec_fails "hull: exec $ID: *args (line *): args must not be empty" exec --process process.json "$ID"
	process '.cwd = "x"'
	exec_fails "hull: exec $ID: *cwd (line *): Cwd must be an absolute path*" exec --process process.json "$ID"
	process '.user.uid = -1'
	exec_fails "hull: exec $ID: *user.uid (line *): out of range: -1" exec --process process.json "$ID"
	process '.user.uid = 4294967295'
	exec_fails "hull: exec $ID: *user.uid (line *): out of range: 4294967295" exec --process process.json "$ID"
	process '.env = ["secret"]'
	exec_fails "hull: exec $ID: *env[[]0] (line *): is not of the form NAME=value" exec --process process.json "$ID"
	process '.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]'
	exec_fails "hull: exec $ID: *rlimits[[]1] (line *): RLIMIT_CORE is given twice" exec --process process.json "$ID"
	echo '{"args": ["true"], "args": ["false"], "cwd": "/"}' >process.json
	exec_fails "hull: exec $ID: --process process.json: *args*" exec --process process.json "$ID"
	echo '[]' >process.json
	exec_fails "hull: exec $ID: --process process.json: *" exec --process process.json "$ID"
}

@test "--detach returns while the process runs; its pid file is complete" {
	detached "$ID"
	hull exec -d --pid-file pid "$ID" sh -c 'echo $$; exec sleep 500' </dev/null >out 2>err
	pid=$(cat pid)
	[ "/proc/$pid/root" -ef "/proc/$(pid_of "$ID")/root" ]
	wait_for grep -q . out
	is "$(cat out)" "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")"
	is 0 "$(tr -d 0-9 <pid | wc -c)"
	is "" "$(cat err)"
	# also where it ends at once
	hull exec -d --pid-file pid2 "$ID" true </dev/null >/dev/null
	[[ $(cat pid2) =~ ^[0-9]+$ ]]
}

@test "what a process file leaves out is the container's: limits, score, capabilities" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}] | .process.oomScoreAdj = 300'
	hull delete --force "$ID"
	detached "$ID"
	jq '.process | del(.rlimits, .oomScoreAdj, .capabilities)
		| .args = ["sh", "-c", "ulimit -n; cat /proc/self/oom_score_adj; grep CapEff /proc/self/status"]' \
		config.json >process.json
	is "77 300 CapEff: $(awk '/CapEff/ { print $2 }' "/proc/$(pid_of "$ID")/status")" \
		"$(hull exec --process process.json "$ID" | xargs)"
}

@test "--pid-file in the foreground names the process while it runs" {
	detached "$ID"
	"$HULL" --root "$ROOT" exec --pid-file pid "$ID" sh -c 'echo ready; sleep 100' >out 3>&- &
	runner=$!
	wait_for grep -q ready out
	kill -KILL "$(cat pid)"
	ends "$runner"
	is 137 "$ended"
}

@test "there is no pid file after an exec that failed, not even an older one's" {
	detached "$ID"
	exec_fails '*' exec -d --pid-file pid "$ID" /none
	[ ! -e pid ]
	printf 'neither\n' >rootfs/bin/garbage
	chmod 755 rootfs/bin/garbage
	# found, and refused by execve itself
	exec_fails "hull: exec $ID: exec: \"/bin/garbage\": exec format error" exec -d --pid-file pid "$ID" /bin/garbage
	[ ! -e pid ]
	exec_fails '*' exec --pid-file pid "$ID" /bin/garbage
	[ ! -e pid ]
	exec_fails "hull: exec $ID: --pid-file: write /none/pid: *" exec --pid-file /none/pid "$ID" true
}

@test "signals to a foreground exec go to the process" {
	detached "$ID"
	env --default-signal=INT,QUIT "$HULL" --root "$ROOT" exec "$ID" \
		sh -c 'trap "exit 11" INT; trap "echo got" USR1; echo ready; while :; do sleep 100 & wait; done' \
		>out 3>&- &
	runner=$!
	wait_for grep -q ready out
	kill -USR1 "$runner"
	wait_for grep -q got out
	kill -INT "$runner"
	ends "$runner"
	is 11 "$ended"
	is running "$(status_of "$ID")"
}

@test "a foreground exec that is killed leaves the container as it is" {
	detached "$ID"
	"$HULL" --root "$ROOT" exec "$ID" sh -c 'echo ready; sleep 100' >out 3>&- &
	runner=$!
	wait_for grep -q ready out
	kill -KILL "$runner"
	ends "$runner"
	is running "$(status_of "$ID")"
	is in "$(hull exec "$ID" echo in)"
	hull delete --force "$ID"
	unchanged
}

@test "exec into a created container" {
	created "$ID"
	is in "$(hull exec "$ID" echo in)"
	is created "$(status_of "$ID")"
	hull start "$ID"
	is running "$(status_of "$ID")"
}

@test "exec into a stopped container is refused" {
	config '.process.args = ["true"]'
	created "$ID"
	hull start "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	exec_fails "hull: exec $ID: cannot exec in a stopped container*" exec "$ID" true
	matches '*container not running*' "$(hull exec "$ID" true 2>&1)"
}

@test "the container's end is the end of what was entered" {
	detached "$ID"
	"$HULL" --root "$ROOT" exec "$ID" sh -c 'echo ready; sleep 100' >out 3>&- &
	runner=$!
	wait_for grep -q ready out
	hull kill "$ID" KILL
	ends "$runner"
	is 137 "$ended"
}

@test "HOME is that of the user who enters" {
	echo 'app:x:1000:1000:app:/home/app:/bin/sh' >>rootfs/etc/passwd
	detached "$ID"
	is /root "$(hull exec "$ID" sh -c 'echo $HOME')"
	is /home/app "$(hull exec -u 1000 "$ID" sh -c 'echo $HOME')"
	is / "$(hull exec -u 77 "$ID" sh -c 'echo $HOME')"
	is /given "$(hull exec -e HOME=/given "$ID" sh -c 'echo $HOME')"
	process '.args = ["sh", "-c", "echo $HOME"] | del(.env) | .user = {uid: 1000, gid: 0}'
	is /home/app "$(hull exec -p process.json "$ID")"
}

@test "exec in a container without a mount namespace enters its root" {
	config '.linux.namespaces |= map(select(.type != "mount")) | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)'
	touch rootfs/mark
	detached "$ID"
	is "/mark /" "$(hull exec "$ID" sh -c 'ls /mark; pwd' | xargs)"
}

@test "exec in a container that shares the host's pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	detached "$ID"
	hull exec -d --pid-file pid "$ID" sleep 300 </dev/null >/dev/null 2>&1
	is "$(cat pid)" "$(awk '/^NSpid/ { print $2 }' "/proc/$(cat pid)/status")"
	ended=0
	hull exec "$ID" sh -c 'exit 5' || ended=$?
	is 5 "$ended"
	hull delete --force "$ID"
	wait_for eval '[ "$(hull_processes | wc -l)" = 0 ]'
}

@test "many processes may enter at once" {
	detached "$ID"
	for i in 1 2 3 4 5 6 7 8; do
		hull exec "$ID" sh -c "echo $i; exit $i" >"out$i" 3>&- &
		pids[i]=$!
	done
	for i in 1 2 3 4 5 6 7 8; do
		ended=0
		wait "${pids[i]}" || ended=$?
		is $i $ended
		is $i "$(cat "out$i")"
	done
}

@test "labels the host has no security module for are refused" {
	detached "$ID"
	[ ! -d /sys/kernel/security/apparmor ] || skip "AppArmor is there: it would take the label"
	[ ! -d /sys/fs/selinux/booleans ] || skip "SELinux is there: it would take the label"
	exec_fails "hull: exec $ID: *" exec --apparmor some-profile "$ID" true
	exec_fails "hull: exec $ID: *" exec --process-label system_u:system_r:x_t:s0 "$ID" true
}
