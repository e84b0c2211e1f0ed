# process: config.md "Process" and config-linux.md, as the payload sees itself and as the host sees it
load lib

test_setup() {
	config '.root.readonly = false'
}

# status_field NAME - a line of what the payload prints of /proc/self/status
status_field() {
	hull run "$ID" | awk -v f="$1:" '$1 == f { print $2 }'
}

caps() {
	config '.process.capabilities = $c' --argjson c "$1"
}

# config_args WORD... - the payload's arguments
config_args() {
	jq '.process.args = $ARGS.positional' config.json --args -- "$@" >.config
	mv .config config.json
}

# --- args, env, cwd

@test "arguments arrive byte for byte" {
	config_args printf '<%s>' 'a b' '' $'new\nline' 'ünï' '"quoted"' '\' '*' '$HOME'
	is "<a b><><new
line><ünï><\"quoted\"><\\><*><\$HOME>" "$(hull run "$ID")"
}

@test "the program is found by the container's PATH" {
	mkdir -p rootfs/opt/x
	printf '#!/bin/sh\necho found $0\n' >rootfs/opt/x/prog
	chmod 755 rootfs/opt/x/prog
	config_args prog
	refused '*exec: "prog": executable file not found in $PATH*' run "$ID"
	config '.process.env = ["PATH=/bin:/opt/x"]'
	is "found /opt/x/prog" "$(hull run "$ID")"
	config '.process.env = ["PATH=/none"]'
	refused '*exec: "prog": executable file not found in $PATH*' run "$ID"
}

@test "without PATH the program is looked for in the usual places" {
	config_args echo yes
	config '.process.env = []'
	is yes "$(hull run "$ID")"
	config 'del(.process.env)'
	is yes "$(hull run "$ID")"
}

@test "a name with a slash is taken relative to cwd" {
	mkdir rootfs/w
	printf '#!/bin/sh\necho here\n' >rootfs/w/prog
	chmod 755 rootfs/w/prog
	config_args ./prog
	config '.process.cwd = "/w"'
	is here "$(hull run "$ID")"
	config '.process.cwd = "/"'
	refused '*exec: "./prog": stat ./prog: no such file or directory*' run "$ID"
}

@test "a program in PATH that only others may execute is passed over" {
	mkdir rootfs/mine rootfs/everybodys
	printf '#!/bin/sh\necho mine\n' >rootfs/mine/tool
	printf '#!/bin/sh\necho of everybody\n' >rootfs/everybodys/tool
	chmod 0700 rootfs/mine/tool
	chmod 0755 rootfs/everybodys/tool
	config '.process.args = ["tool"] | .process.env = ["PATH=/mine:/everybodys:/bin"]'
	is mine "$(hull run "$ID")"
	config '.process.user = {uid: 1000, gid: 1000}'
	is "of everybody" "$(hull run "$ID")"
	rm rootfs/everybodys/tool
	refused "hull: run $ID: exec: \"tool\": permission denied*" run "$ID"
}

@test "the environment is the configured one and nothing of hull's" {
	config_args env
	config '.process.env = ["PATH=/bin", "A=1", "B=two words", "C=", "D=x=y", "HOME=/h"]'
	is "A=1
B=two words
C=
D=x=y
HOME=/h
PATH=/bin" "$(LEAKED=1 hull run "$ID" | sort)"
}

@test "of a variable that is given twice the last stands" {
	config_args env
	config '.process.env = ["PATH=/bin", "A=1", "B=2", "A=3", "HOME=/a", "HOME=/b"]'
	is "A=3 B=2 HOME=/b PATH=/bin" "$(hull run "$ID" | sort | xargs)"
}

@test "an environment entry without a name or = is refused, and never printed" {
	for entry in secret =secret ''; do
		config '.process.env = ["PATH=/bin", $e]' --arg e "$entry"
		refused "hull: run $ID: process.env[[]1] (line *): is not of the form NAME=value" run "$ID"
		not grep -q secret <<<"$(hull run "$ID" 2>&1)"
	done
}

@test "HOME comes from the container's passwd" {
	config_args sh -c 'echo $HOME'
	is /root "$(hull run "$ID")"
	echo 'app:x:1000:1000:app:/home/app:/bin/sh' >>rootfs/etc/passwd
	config '.process.user.uid = 1000'
	is /home/app "$(hull run "$ID")"
	config '.process.env += ["HOME="]'
	is /home/app "$(hull run "$ID")"
	config '.process.env += ["HOME=/given"]'
	is /given "$(hull run "$ID")"
}

@test "HOME is / where passwd does not tell" {
	config_args sh -c 'echo $HOME'
	config '.process.user.uid = 4242'
	is / "$(hull run "$ID")"
	rm rootfs/etc/passwd
	is / "$(hull run "$ID")"
	mkfifo rootfs/etc/passwd # must not be waited for
	is / "$(timeout 5 "$HULL" --root "$ROOT" run "$ID")"
	rm rootfs/etc/passwd
	mkdir rootfs/etc/passwd
	is / "$(hull run "$ID")"
	rmdir rootfs/etc/passwd
	# not the host's, through a link
	echo 'x:x:4242:1:x:/stolen:/bin/sh' >"$BATS_TEST_TMPDIR/passwd"
	ln -s "$BATS_TEST_TMPDIR/passwd" rootfs/etc/passwd
	is / "$(hull run "$ID")"
}

@test "HOME with odd lines in passwd" {
	config_args sh -c 'echo $HOME'
	config '.process.user.uid = 7'
	{
		echo '# comment'
		echo
		echo 'short:x:7'
		echo 'sign:x:+7:7::/plus:/bin/sh'
		echo 'blank:x: 7:7::/blank:/bin/sh'
		head -c 20000 /dev/zero | tr '\0' x
		echo ':x:7:7::/long:/bin/sh'
		echo 'ok:x:7:7::/right:/bin/sh'
		echo 'second:x:7:7::/wrong:/bin/sh'
	} >rootfs/etc/passwd
	is /right "$(hull run "$ID")"
	printf 'last:x:7:7::/last:/bin/sh' >rootfs/etc/passwd # no newline at the end
	is /last "$(hull run "$ID")"
}

@test "cwd is the working directory and is made when it is missing" {
	config_args sh -c 'pwd; stat -c "%a %u" .'
	config '.process.cwd = "/a/b c"'
	is "/a/b c
755 0" "$(umask 077; hull run "$ID")"
	is "755 755" "$(stat -c %a rootfs/a 'rootfs/a/b c' | xargs)"
}

@test "cwd by a link stays inside the container" {
	mkdir rootfs/real
	ln -s /real rootfs/link
	ln -s ../../../../../../../etc rootfs/up
	config_args sh -c '/bin/pwd; ls -d passwd 2>/dev/null'
	config '.process.cwd = "/link"'
	is /real "$(hull run "$ID" || true)"
	config '.process.cwd = "/up"'
	is "/etc
passwd" "$(hull run "$ID")"
}

@test "cwd that is relative, no directory, or a descriptor's is refused" {
	config '.process.cwd = "tmp"'
	refused "hull: run $ID: process.cwd (line *): Cwd must be an absolute path: \"tmp\"" run "$ID"
	config '.process.cwd = ""'
	refused '*Cwd must be an absolute path*' run "$ID"
	touch rootfs/file
	config '.process.cwd = "/file"'
	refused '*process.cwd: chdir to cwd ("/file") set in config.json failed: not a directory*' run "$ID"
	exec 7<"$BUNDLE"
	for n in 3 4 5 6 7 8 9 10; do
		config '.process.cwd = $p' --arg p "/proc/self/fd/$n"
		refused '*process.cwd: *' run "$ID"
	done
	config '.process.cwd = "/proc/self/cwd/../../.."'
	hull run "$ID" || true
	exec 7<&-
}

@test "cwd that only the user may enter" {
	mkdir -p rootfs/home
	chmod 700 rootfs/home
	chown 1000:1000 rootfs/home
	config_args sh -c 'pwd; id -u'
	# without CAP_DAC_OVERRIDE root is refused; with it, root enters: both end where they should
	config '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/home"'
	is "/home
1000" "$(hull run "$ID")"
}

# --- user

@test "uid, gid and supplementary groups" {
	config_args sh -c 'grep -E "^(Uid|Gid|Groups)" /proc/self/status | xargs'
	config '.process.user = {uid: 1001, gid: 1002, additionalGids: [5, 4294967294, 77]}'
	is "Uid: 1001 1001 1001 1001 Gid: 1002 1002 1002 1002 Groups: 5 77 4294967294" "$(hull run "$ID")"
	detached "$ID"
	hull delete --force "$ID"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "Uid: 1001 1001 1001 1001" "$(grep ^Uid "/proc/$(pid_of "$ID")/status" | xargs)"
}

@test "a caller who is in ever so many groups" {
	config_args grep ^Groups /proc/self/status
	is "Groups:" "$(setpriv --groups "$(seq -s , 4000000001 4000002000)" "$HULL" --root "$ROOT" run "$ID" | xargs)"
}

@test "the caller's supplementary groups do not reach the payload" {
	config_args grep ^Groups /proc/self/status
	is "Groups:" "$(setpriv --groups 12,13 "$HULL" --root "$ROOT" run "$ID" | xargs)"
	config '.process.user.additionalGids = [99]'
	is "Groups: 99" "$(setpriv --groups 12,13 "$HULL" --root "$ROOT" run "$ID" | xargs)"
	# unless an annotation asks for them
	config '.annotations["run.oci.keep_original_groups"] = "1"'
	is "Groups: 12 13" "$(setpriv --groups 12,13 "$HULL" --root "$ROOT" run "$ID" | xargs)"
}

@test "umask: 0022 where none is given, whatever the caller's" {
	config_args sh -c 'umask; >/tmp/f; stat -c %a /tmp/f'
	is "0022
644" "$(umask 000; hull run "$ID")"
	rm rootfs/tmp/f
	config '.process.user.umask = 63' # 077
	is "0077
600" "$(umask 000; hull run "$ID")"
	rm rootfs/tmp/f
	config '.process.user.umask = 0'
	is "0000
666" "$(umask 077; hull run "$ID")"
}

# --- capabilities

# five_sets PID|self - Inh Prm Eff Bnd Amb as hexadecimal numbers without leading zeros
five_sets() {
	awk '/^Cap/ { sub(/^0+/, "", $2); printf "%s%s", sep, $2 == "" ? "0" : $2; sep = " " }' "$1"
}

@test "a waiting process has exactly the five sets that the configuration says" {
	caps '{"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SYS_CHROOT"],
		"permitted": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], "effective": ["CAP_CHOWN"],
		"inheritable": ["CAP_KILL", "CAP_NET_RAW"], "ambient": ["CAP_KILL"]}'
	created "$ID"
	# chown 0, kill 5, net_raw 13, sys_chroot 18
	is "2020 2021 1 42021 20" "$(five_sets "/proc/$(pid_of "$ID")/status")"
}

@test "no capabilities object: none at all" {
	config 'del(.process.capabilities)'
	config_args cat /proc/self/status
	hull run "$ID" >out
	is "0 0 0 0 0" "$(five_sets out)"
	config '.process.capabilities = {}'
	hull run "$ID" >out
	is "0 0 0 0 0" "$(five_sets out)"
}

@test "root gets the bounding set, an ordinary user the ambient one" {
	caps '{"bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
		"effective": ["CAP_CHOWN", "CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}'
	config_args cat /proc/self/status
	hull run "$ID" >out
	is "20 21 21 21 20" "$(five_sets out)"
	config '.process.user = {uid: 1000, gid: 1000}'
	hull run "$ID" >out
	is "20 20 20 21 20" "$(five_sets out)"
	caps '{"bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"]}'
	hull run "$ID" >out
	is "0 0 0 1 0" "$(five_sets out)"
}

@test "inheritable is empty unless it is asked for (CVE-2022-29162)" {
	created "$ID"
	is 0 "$(five_sets "/proc/$(pid_of "$ID")/status" | cut -d' ' -f1)"
	hull start "$ID"
}

@test "a capability the bounding set lacks cannot be used" {
	config_args chown 5 /tmp/f
	touch rootfs/tmp/f
	caps '{"bounding": [], "permitted": [], "effective": []}'
	not hull run "$ID" 2>/dev/null
	caps '{"bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"]}'
	hull run "$ID"
	is 5 "$(stat -c %u rootfs/tmp/f)"
}

@test "an unknown capability is ignored, with a warning in the log and nothing on standard error" {
	caps '{"bounding": ["CAP_NO_SUCH", "CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]}'
	config_args cat /proc/self/status
	hull --log "$BATS_TEST_TMPDIR/log" run "$ID" >out 2>err
	is "" "$(cat err)"
	is "0 20 20 20 0" "$(five_sets out)"
	grep -q 'warning: process.capabilities.bounding\[0\]: unknown capability CAP_NO_SUCH is ignored' \
		"$BATS_TEST_TMPDIR/log"
	is 1 "$(wc -l <"$BATS_TEST_TMPDIR/log")"
}

@test "a capability that hull does not have cannot be given: a warning, no failure" {
	caps '{"bounding": ["CAP_SYS_TIME", "CAP_KILL"], "permitted": ["CAP_SYS_TIME", "CAP_KILL"],
		"effective": ["CAP_SYS_TIME", "CAP_KILL"]}'
	config_args cat /proc/self/status
	setpriv --bounding-set=-sys_time --inh-caps=-sys_time \
		"$HULL" --log "$BATS_TEST_TMPDIR/log" --root "$ROOT" run "$ID" >out 2>err
	is "" "$(cat err)"
	is "0 20 20 20 0" "$(five_sets out)"
	grep -q 'CAP_SYS_TIME' "$BATS_TEST_TMPDIR/log"
}

# --- no new privileges, rlimits, oom score, session, keyring

@test "noNewPrivileges is as configured" {
	config_args cat /proc/self/status
	config '.process.noNewPrivileges = true'
	is 1 "$(status_field NoNewPrivs)"
	config '.process.noNewPrivileges = false'
	is 0 "$(status_field NoNewPrivs)"
	config 'del(.process.noNewPrivileges)'
	is 0 "$(status_field NoNewPrivs)"
}

@test "rlimits are set, soft and hard" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_CORE", soft: 0, hard: 4096}, {type: "RLIMIT_AS", soft: 4000000000, hard: 5000000000}]'
	config_args sh -c 'sleep 100'
	detached "$ID"
	pid=$(pid_of "$ID")
	limit() { awk -v n="$1" 'index($0, n) == 1 { sub(n, ""); print $1, $2 }' "/proc/$pid/limits"; }
	is "100 200" "$(limit 'Max open files')"
	is "0 4096" "$(limit 'Max core file size')"
	is "4000000000 5000000000" "$(limit 'Max address space')"
	is 100 "$(hull exec "$ID" sh -c 'ulimit -n')"
	is 200 "$(hull exec "$ID" sh -c 'ulimit -H -n')"
}

@test "rlimits do not bind the making of a container in a user namespace" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 9, hard: 9}]
		| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts += [range(12) | {destination: "/m\(.)", type: "tmpfs", source: "tmpfs", options: ["ro"]}]'
	config_args sh -c 'ulimit -n'
	is 9 "$(hull run "$ID")"
}

@test "every rlimit of the specification is known" {
	for name in AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK; do
		limits=$(prlimit --noheadings -o SOFT,HARD "--${name,,}" 2>/dev/null |
			awk '{ gsub("unlimited", "18446744073709551615"); print $1, $2 }')
		read -r soft hard <<<"$limits"
		config '.process.rlimits = [{type: $t, soft: 0, hard: 0}]' --arg t "RLIMIT_$name"
		# exact numbers: jq would round 2^64-1
		sed -i "s/\"soft\": 0/\"soft\": ${soft:-0}/; s/\"hard\": 0/\"hard\": ${hard:-0}/" config.json
		hull run "$ID"
	done
}

@test "a limit of 2^64-1 is infinity" {
	config '.process.rlimits = []' # jq would round the number
	sed -i 's/"rlimits": \[\]/"rlimits": [{"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615}]/' config.json
	grep -q 18446744073709551615 config.json
	config_args grep core /proc/self/limits
	sed -i 's/18446744073709552000/18446744073709551615/g' config.json
	is "Max core file size unlimited unlimited bytes" "$(hull run "$ID" | xargs)"
}

@test "a limit beyond hull's own needs the privilege, or is an error that names it" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 600}]'
	out=$(ulimit -n 500; setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
		"$HULL" --root "$ROOT" run "$ID" 2>&1) && false
	is "hull: run $ID: process.rlimits[0]: prlimit RLIMIT_NOFILE: operation not permitted" "$out"
	unchanged
}

@test "oomScoreAdj: absent leaves the caller's, a number is set, 0 too" {
	config_args cat /proc/self/oom_score_adj
	is 500 "$(choom -n 500 -- "$HULL" --root "$ROOT" run "$ID")"
	config '.process.oomScoreAdj = 700'
	is 700 "$(choom -n 500 -- "$HULL" --root "$ROOT" run "$ID")"
	config '.process.oomScoreAdj = 0'
	is 0 "$(choom -n 500 -- "$HULL" --root "$ROOT" run "$ID")"
}

@test "the payload leads a session without a terminal" {
	cp "$(compile probe)" rootfs/bin/probe
	config_args probe session
	is "sid 1 pid 1 tty no" "$(hull run "$ID")"
	is "sid 1 pid 1 tty no" "$(script -qec "$HULL --root $ROOT run $ID" /dev/null </dev/null | tr -d '\r')"
}

@test "a session keyring of its own, unless it is to keep the caller's" {
	config 'del(.linux.maskedPaths)'
	config_args sleep 100
	detached "$ID"
	grep -q "_ses.$ID:" <<<"$(hull exec "$ID" cat /proc/keys)"
	hull delete --force "$ID"
	detached "$ID-b" --no-new-keyring
	not grep -q "_ses.$ID-b:" <<<"$(hull exec "$ID-b" cat /proc/keys)"
}

@test "the caller's session keyring is not inside: init, exec, startContainer hooks" {
	local keys
	keys=$(compile keys)
	cp "$keys" rootfs/bin/keys
	"$keys" new "$keys" canary >canary || skip "no keyrings here: $(cat canary)"
	is seen "$(cat canary)"
	config_args sleep 100
	config '.root.readonly = false | .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "keys canary >/hook"]}]'
	"$keys" new "$HULL" --root "$ROOT" run -d "$ID" </dev/null >out 2>err
	is "not seen" "$(cat rootfs/hook)"
	is "not seen" "$("$keys" new "$HULL" --root "$ROOT" exec "$ID" keys canary)"
	matches "keyring;0;0;3f130000;_ses.$ID" "$("$keys" new "$HULL" --root "$ROOT" exec "$ID" keys session)"
	hull delete --force "$ID"
	"$keys" new "$HULL" --root "$ROOT" run -d --no-new-keyring "$ID" </dev/null >out 2>err
	is seen "$(cat rootfs/hook)"
	is seen "$("$keys" new "$HULL" --root "$ROOT" exec "$ID" keys canary)"
	hull delete --force "$ID"
	# somebody has made one of the name before, and waits
	config 'del(.hooks)'
	config_args keys canary
	is "not seen" "$("$keys" new "$keys" trap "_ses.$ID" "$HULL" --root "$ROOT" run "$ID")"
	config_args keys session
	matches "keyring;0;0;3f0[13]0000;_ses*" "$("$keys" new "$keys" trap "_ses.$ID" "$HULL" --root "$ROOT" run "$ID")"
}

# --- names, sysctl, personality, time

@test "hostname and domainname are the container's alone" {
	host=$(cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname)
	config_args cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname
	config '.hostname = "box.example" | .domainname = "nis.example"'
	is "box.example
nis.example" "$(hull run "$ID")"
	is "$host" "$(cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname)"
	config 'del(.hostname, .domainname)'
	is "$host" "$(hull run "$ID")"
	config '.hostname = $n' --arg n "$(printf 'h%.0s' {1..64})"
	is "$(printf 'h%.0s' {1..64})" "$(hull run "$ID" | head -n1)"
}

@test "sysctls of the container's namespaces, by either spelling, leave the host's alone" {
	keys="kernel/msgmax net/ipv4/ip_forward fs/mqueue/msg_max kernel/domainname"
	host=$(cd /proc/sys && cat $keys)
	config '.linux.sysctl = {"kernel.msgmax": "4321", "net/ipv4/ip_forward": "1",
		"fs.mqueue.msg_max": "7", "kernel.domainname": "sys.example"}'
	config_args sh -c "cd /proc/sys; cat $keys"
	is "4321 1 7 sys.example" "$(hull run "$ID" | xargs)"
	is "$host" "$(cd /proc/sys && cat $keys)"
}

@test "a sysctl with a dot in a name: the first separator decides" {
	config '.linux.sysctl = {"net/ipv4/conf/lo/forwarding": "0", "net.ipv4.conf.lo.log_martians": "1"}'
	config_args cat /proc/sys/net/ipv4/conf/lo/forwarding /proc/sys/net/ipv4/conf/lo/log_martians
	is "0 1" "$(hull run "$ID" | xargs)"
}

@test "a sysctl that the kernel does not take is an error with its name" {
	config '.linux.sysctl = {"net.ipv4.no_such": "1"}'
	refused '*linux.sysctl.net.ipv4.no_such: write /proc/sys/net/ipv4/no_such: no such file or directory*' run "$ID"
	config '.linux.sysctl = {"kernel.msgmax": "many"}'
	refused '*linux.sysctl.kernel.msgmax: write *: invalid argument*' run "$ID"
}

@test "personality" {
	config_args uname -m
	machine=$(uname -m)
	is "$machine" "$(hull run "$ID")"
	config '.linux.personality = {domain: "LINUX32"}'
	case $machine in
	x86_64) is i686 "$(hull run "$ID")" ;;
	aarch64) is armv8l "$(hull run "$ID")" ;;
	*) not is "$machine" "$(hull run "$ID")" ;;
	esac
	config '.linux.personality = {domain: "LINUX", flags: []}'
	is "$machine" "$(hull run "$ID")"
	is "$machine" "$(setarch "$machine" uname -m)"
}

@test "time namespace offsets move the payload's clocks and nobody else's" {
	[ -e /proc/self/timens_offsets ] || skip "kernel without time namespaces (5.6)"
	cp "$(compile probe)" rootfs/bin/probe
	config '.linux.namespaces += [{type: "time"}] |
		.linux.timeOffsets = {monotonic: {secs: 100000, nanosecs: 5}, boottime: {secs: 200000}}'
	config_args sh -c 'probe clock; sleep 100'
	read -r mono boot <<<"$("$(compile probe)" clock)"
	detached "$ID"
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	read -r inmono inboot <<<"$(output_of "$ID")"
	[ $((inmono - mono)) -ge 100000 ] && [ $((inmono - mono)) -lt 100010 ]
	[ $((inboot - boot)) -ge 200000 ] && [ $((inboot - boot)) -lt 200010 ]
	# what is entered sees the same
	read -r exmono _ <<<"$(hull exec "$ID" probe clock)"
	[ $((exmono - mono)) -ge 100000 ]
	read -r now _ <<<"$("$(compile probe)" clock)"
	[ $((now - mono)) -lt 60 ]
}

# --- scheduler, I/O, memory, CPUs

# nice_of PID, policy_of PID - as the host sees them
nice_of() {
	awk '{ sub(/.*\) /, ""); print $17 }' "/proc/$1/stat"
}

policy_of() {
	chrt -p "$1" | sed -n 's/.*policy: //p'
}

@test "the scheduler's policy and numbers" {
	config_args sleep 100
	detached "$ID"
	is "SCHED_OTHER 0" "$(policy_of "$(pid_of "$ID")") $(nice_of "$(pid_of "$ID")")"
	hull delete --force "$ID"
	for s in '{"policy": "SCHED_BATCH", "nice": 7}=SCHED_BATCH 7' '{"policy": "SCHED_IDLE"}=SCHED_IDLE 0' \
		'{"policy": "SCHED_OTHER", "nice": -3}=SCHED_OTHER -3' \
		'{"policy": "SCHED_BATCH", "nice": 1, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}=SCHED_BATCH|SCHED_RESET_ON_FORK 1'; do
		config '.process.scheduler = $s' --argjson s "${s%=*}"
		detached "$ID"
		is "${s##*=}" "$(policy_of "$(pid_of "$ID")") $(nice_of "$(pid_of "$ID")")"
		# and what enters has the container's
		hull exec -d --pid-file pid "$ID" sleep 99 </dev/null >/dev/null 2>&1
		is "${s##*=}" "$(policy_of "$(cat pid)") $(nice_of "$(cat pid)")"
		hull delete --force "$ID"
	done
}

@test "the I/O priority" {
	config_args sleep 100
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	detached "$ID"
	is "best-effort: prio 6" "$(ionice -p "$(pid_of "$ID")")"
	hull delete --force "$ID"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	detached "$ID"
	is idle "$(ionice -p "$(pid_of "$ID")")"
}

@test "the memory policy" {
	[ -e /proc/self/numa_maps ] || skip "kernel without NUMA memory policies"
	config_args sh -c 'sleep 100'
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	detached "$ID"
	grep -q ' bind:0 ' "/proc/$(pid_of "$ID")/numa_maps"
	hull delete --force "$ID"
	config '.linux.memoryPolicy = {mode: "MPOL_DEFAULT", nodes: ""}'
	detached "$ID"
	not grep -q ' bind:' "/proc/$(pid_of "$ID")/numa_maps"
}

@test "CPUs for what enters, not for init" {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU: there is no smaller mask"
	config_args sleep 100
	config '.process.execCPUAffinity = {initial: "0", final: "1"}'
	detached "$ID"
	is 1 "$(hull exec "$ID" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)"
	all=$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(pid_of "$ID")/status")
	[ "$all" != 1 ]
}

# --- paths

@test "masked files read empty, masked directories are empty and closed for writing" {
	mkdir rootfs/secret
	echo hidden >rootfs/secret/file
	echo hidden >rootfs/plain
	config '.linux.maskedPaths += ["/secret", "/plain", "/no/such/path"]'
	config_args sh -c 'cat /plain; ls -A /secret; touch /secret/x 2>&1; cat /proc/kcore | head -c 10; echo x >/plain; cat /plain; stat -c %t:%T /plain'
	hull run "$ID" >out
	is "touch: /secret/x: Read-only file system
1:3" "$(cat out)"
	is hidden "$(cat rootfs/plain)"
	[ ! -e rootfs/no ]
}

@test "readonly paths cannot be written, with what is mounted below" {
	mkdir -p rootfs/ro/sub rootfs/data
	echo keep >rootfs/file
	config '.linux.readonlyPaths += ["/ro", "/file", "/no/such/path"] |
		.mounts += [{destination: "/ro/sub", type: "tmpfs", source: "tmpfs"}]'
	config_args sh -c 'for f in /ro/x /ro/sub/x /file /proc/sys/kernel/core_pattern; do
		{ echo x >$f; } 2>/dev/null && echo "wrote $f"; done; echo x >/data/x && cat /file'
	is keep "$(hull run "$ID")"
	is x "$(cat rootfs/data/x)"
	is "" "$(ls rootfs/ro/sub)"
}

@test "a read-only root: what is mounted stays writable, and what hull needs is made before" {
	config '.root.readonly = true | .process.cwd = "/made/for/it" |
		.mounts += [{destination: "/also/made", type: "tmpfs", source: "tmpfs"}]'
	config_args sh -c 'pwd; for f in /x /tmp/x /made/for/it/x /also/made/x /dev/x; do
		{ echo x >$f; } 2>/dev/null && echo "wrote $f"; done'
	hull run "$ID" >out || true
	is "/made/for/it /also/made/x" "$(sed 's/^wrote //' out | grep -v /dev/x | xargs)"
	is "" "$(find rootfs -name x)"
	config '.root.readonly = false'
	hull run "$ID" >out || true
	grep -q '^wrote /x$' out
}

# --- devices

@test "the default devices and links are there and work" {
	config_args sh -c 'for d in null zero full random urandom tty; do stat -c "%n %a %t:%T %F %u:%g" /dev/$d; done
		for l in fd stdin stdout stderr ptmx; do echo $l $(readlink /dev/$l); done
		head -c 3 /dev/zero | wc -c; echo x >/dev/null; head -c 5 /dev/urandom | wc -c
		{ echo x >/dev/full; } 2>/dev/null || echo full'
	is "/dev/null 666 1:3 character special file 0:0
/dev/zero 666 1:5 character special file 0:0
/dev/full 666 1:7 character special file 0:0
/dev/random 666 1:8 character special file 0:0
/dev/urandom 666 1:9 character special file 0:0
/dev/tty 666 5:0 character special file 0:0
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx
3
5
full" "$(umask 077; hull run "$ID")"
}

@test "configured devices: identity, mode, owner, also outside of /dev" {
	config '.linux.devices = [
		{type: "c", path: "/dev/mine", major: 1, minor: 3, fileMode: 432, uid: 11, gid: 12},
		{type: "u", path: "/dev/deep/er/mine", major: 1, minor: 5},
		{type: "b", path: "/dev/disk", major: 7, minor: 200, fileMode: 384},
		{type: "p", path: "/srv/pipe", fileMode: 420},
		{type: "c", path: "/dev/null", major: 1, minor: 3, fileMode: 438}]'
	config_args sh -c 'stat -c "%n %a %t:%T %F %u:%g" /dev/mine /dev/deep/er/mine /dev/disk /srv/pipe /dev/null
		echo x >/dev/deep/er/mine && echo works'
	is "/dev/mine 660 1:3 character special file 11:12
/dev/deep/er/mine 666 1:5 character special file 0:0
/dev/disk 600 7:c8 block special file 0:0
/srv/pipe 644 0:0 fifo 0:0
/dev/null 666 1:3 character special file 0:0
works" "$(hull run "$ID")"
}

@test "a path that holds another device or a file is refused, the same device is taken" {
	echo data >rootfs/node
	config '.linux.devices = [{type: "c", path: "/node", major: 1, minor: 3}]'
	refused '*device /node: something else is there: file exists*' run "$ID"
	is data "$(cat rootfs/node)"
	rm rootfs/node
	mknod rootfs/node c 1 5
	refused '*device /node: something else is there: file exists*' run "$ID"
	rm rootfs/node
	mknod rootfs/node b 1 3
	refused '*device /node: something else is there: file exists*' run "$ID"
	rm rootfs/node
	ln -s /dev/null rootfs/node
	refused '*device /node: something else is there: file exists*' run "$ID"
	rm rootfs/node
	mknod rootfs/node c 1 3
	config_args stat -c %t:%T /node
	is 1:3 "$(hull run "$ID")"
}

# --- all of it from outside

# host_status FIELD - a line of /proc/PID/status, without its name
host_status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status" | xargs
}

@test "what the payload is, the host sees alike: of init and of what enters" {
	mkdir rootfs/ro rootfs/w
	echo hidden >rootfs/plain
	config '.hostname = "box.example" | .domainname = "nis.example" | .process.cwd = "/w" | .process.oomScoreAdj = 321
		| .process.env = ["PATH=/bin", "A=two words", "HOME=/h"] | .process.noNewPrivileges = true
		| .process.user = {uid: 7, gid: 8, umask: 23, additionalGids: [9, 10]}
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]
		| .linux.sysctl = {"kernel.msgmax": "4321", "net.ipv4.ip_default_ttl": "77"}
		| .linux.maskedPaths += ["/plain"] | .linux.readonlyPaths += ["/ro"]
		| .linux.devices = [{type: "c", path: "/dev/mine", major: 1, minor: 5, fileMode: 416, uid: 11, gid: 12}]'
	config_args sleep 1000
	detached "$ID"
	hull exec -d --pid-file pid "$ID" sleep 1000 </dev/null >/dev/null 2>&1
	local pid
	for pid in "$(pid_of "$ID")" "$(cat pid)"; do
		is "sleep 1000" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | xargs)"
		is "A=two words HOME=/h PATH=/bin" "$(tr '\0' '\n' <"/proc/$pid/environ" | sort | xargs)"
		is /w "$(readlink "/proc/$pid/cwd")"
		is 321 "$(cat "/proc/$pid/oom_score_adj")"
		is "7 7 7 7/8 8 8 8/9 10/0027/1" \
			"$(host_status Uid)/$(host_status Gid)/$(host_status Groups)/$(host_status Umask)/$(host_status NoNewPrivs)"
		is "100 200" "$(awk '/^Max open files/ { print $4, $5 }' "/proc/$pid/limits")"
		is "$pid" "$(ps -o sid= -p "$pid" | xargs)"
		is "box.example nis.example" "$(nsenter -t "$pid" --uts uname -n) $(nsenter -t "$pid" --uts cat /proc/sys/kernel/domainname)"
		is "4321 77" "$(nsenter -t "$pid" --ipc cat /proc/sys/kernel/msgmax) $(nsenter -t "$pid" --net cat /proc/sys/net/ipv4/ip_default_ttl)"
		is "" "$(cat "/proc/$pid/root/plain")"
		matches "*Read-only file system" "$(touch "/proc/$pid/root/ro/x" 2>&1)"
		is "1:5 640 11:12" "$(stat -c '%t:%T %a %u:%g' "/proc/$pid/root/dev/mine")"
	done
}

# --- namespaces

@test "every namespace that is configured is the container's own, every other one the host's" {
	config 'del(.linux.readonlyPaths, .linux.maskedPaths)'
	config_args sh -c 'for n in mnt pid net ipc uts cgroup user; do echo $n $(readlink /proc/self/ns/$n); done'
	hull run "$ID" >out
	for n in mnt pid net ipc uts cgroup; do
		not grep -qF "$(readlink /proc/self/ns/$n)" out
	done
	grep -qF "user $(readlink /proc/self/ns/user)" out
	config '.linux.namespaces |= map(select(.type | . == "mount" or . == "pid")) | del(.hostname) |
		.mounts |= map(select(.type | . != "sysfs" and . != "mqueue" and . != "cgroup"))'
	hull run "$ID" >out
	for n in net ipc uts cgroup user; do
		grep -qF "$n $(readlink /proc/self/ns/$n)" out
	done
}

@test "the loopback interface of a new network namespace is up" {
	config_args ip link show lo
	matches '*LOOPBACK,UP*' "$(hull run "$ID")"
}
