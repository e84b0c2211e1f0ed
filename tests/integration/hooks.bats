# hooks: config.md "POSIX-platform Hooks", runtime.md "Lifecycle"
load lib

NAMESPACES="mnt pid net ipc uts cgroup user"

# recorder FILE - a hook for hosts and containers that writes all it can see below $NOTES, which is
# the same directory inside and outside
recorder() {
	cat >"$1" <<-'END'
		#!/bin/sh
		# the first argument after its own name says whose notes these are
		notes=@NOTES@/$1
		echo "$1" >>@NOTES@/order
		cat >$notes.state
		pwd >$notes.cwd
		echo "$0" >$notes.name
		shift
		for a in "$@"; do echo "<$a>"; done >$notes.args
		tr '\0' '\n' </proc/self/environ >$notes.env
		# of ls, which inherits them; the last is of its own making
		ls -l /proc/self/fd | sed -n 's/.* \([0-9]*\) -> /\1 /p' | grep -v '/fd$' >$notes.fds
		for n in mnt pid net ipc uts cgroup user; do echo $n $(readlink /proc/self/ns/$n); done >$notes.ns
		grep -E '^(Cap|Sig[BI]|NoNewPrivs|Seccomp:|Uid|NSpid)' /proc/self/status >$notes.status
	END
	sed -i "s|@NOTES@|$2|" "$1"
	chmod 755 "$1"
}

test_setup() {
	NOTES=$BUNDLE/rootfs/notes
	config '.root.readonly = false'
	mkdir "$NOTES"
	recorder "$BATS_TEST_TMPDIR/hook" "$NOTES"
	recorder rootfs/bin/hook /notes
	sh_config 'echo payload >>/notes/order; sleep 1000'
}

# script NAME TEXT - an executable on the host; prints its path
script() {
	printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/$1"
	chmod 755 "$BATS_TEST_TMPDIR/$1"
	echo "$BATS_TEST_TMPDIR/$1"
}

# hook KIND PATH [ARG...] - one more hook of a kind
hook() {
	local kind=$1 path=$2
	shift 2
	jq --arg k "$kind" --arg p "$path" \
		'.hooks[$k] += [{path: $p, args: ([$p] + $ARGS.positional)}]' config.json --args -- "$@" >.config
	mv .config config.json
}

all_hooks() {
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook $kind "$BATS_TEST_TMPDIR/hook" $kind
	done
	hook startContainer /bin/hook startContainer
}

@test "all six kinds run, in the order of the lifecycle" {
	all_hooks
	hook prestart "$BATS_TEST_TMPDIR/hook" second
	hook poststop "$BATS_TEST_TMPDIR/hook" last
	created "$ID"
	is "prestart second createRuntime createContainer" "$(xargs <"$NOTES/order")"
	hull start "$ID"
	wait_for grep -q payload "$NOTES/order"
	order=$(xargs <"$NOTES/order")
	# the payload and poststart begin at the same moment
	matches "prestart second createRuntime createContainer startContainer *" "$order"
	matches "*poststart*" "$order"
	not grep -q poststop "$NOTES/order"
	hull delete --force "$ID"
	matches "* poststop last" "$(xargs <"$NOTES/order")"
	is 9 "$(wc -l <"$NOTES/order")"
}

@test "run, in the foreground and detached, runs all six" {
	all_hooks
	sh_config 'echo payload >>/notes/order'
	hull run "$ID"
	is "createContainer createRuntime payload poststart poststop prestart startContainer" \
		"$(sort "$NOTES/order" | xargs)"
	matches "prestart createRuntime createContainer startContainer * poststop" "$(xargs <"$NOTES/order")"
	rm "$NOTES/order"
	detached "$ID"
	matches "prestart createRuntime createContainer startContainer *" "$(xargs <"$NOTES/order")"
	hull delete --force "$ID"
	matches "* poststop" "$(xargs <"$NOTES/order")"
}

@test "prestart and createRuntime run on the host, with the state creating and the host's pid" {
	all_hooks
	created "$ID"
	pid=$(pid_of "$ID")
	for kind in prestart createRuntime; do
		for n in $NAMESPACES; do
			is "$n $(readlink /proc/self/ns/$n)" "$(grep "^$n " "$NOTES/$kind.ns")"
		done
		is "creating $pid $ID $BUNDLE" "$(jq -r '"\(.status) \(.pid) \(.id) \(.bundle)"' "$NOTES/$kind.state")"
	done
}

@test "createContainer runs in the container's namespaces, by a host path, with the pid seen there" {
	all_hooks
	created "$ID"
	pid=$(pid_of "$ID")
	for n in $NAMESPACES; do
		is "$n $(readlink "/proc/$pid/ns/$n")" "$(grep "^$n " "$NOTES/createContainer.ns")"
	done
	is "creating 1 $ID" "$(jq -r '"\(.status) \(.pid) \(.id)"' "$NOTES/createContainer.state")"
}

@test "createContainer sees the container's mounts below the root file system, before the pivot" {
	h=$(script look "ls $BUNDLE/rootfs/proc/self/status $BUNDLE/rootfs/dev/null >$NOTES/seen; ls -d $BATS_TEST_TMPDIR >>$NOTES/seen")
	hook createContainer "$h"
	created "$ID"
	is "$BUNDLE/rootfs/dev/null $BUNDLE/rootfs/proc/self/status $BATS_TEST_TMPDIR" "$(xargs <"$NOTES/seen")"
}

@test "what createContainer hooks mount is in the container" {
	mkdir rootfs/extra "$BATS_TEST_TMPDIR/data"
	echo mounted >"$BATS_TEST_TMPDIR/data/file"
	config '.process.capabilities = null' # hooks have hull's privilege, not the payload's
	hook createContainer "$(script mount "mount --bind $BATS_TEST_TMPDIR/data $BUNDLE/rootfs/extra")"
	config_out=$(sh_config 'cat /extra/file'; hull run "$ID")
	is mounted "$config_out"
}

@test "startContainer runs inside, with the state created and the pid seen there" {
	all_hooks
	created "$ID"
	[ ! -e "$NOTES/startContainer.state" ]
	hull start "$ID"
	pid=$(pid_of "$ID")
	for n in $NAMESPACES; do
		is "$n $(readlink "/proc/$pid/ns/$n")" "$(grep "^$n " "$NOTES/startContainer.ns")"
	done
	is "created 1 $ID" "$(jq -r '"\(.status) \(.pid) \(.id)"' "$NOTES/startContainer.state")"
}

@test "startContainer hooks are as confined as the payload" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | .process.noNewPrivileges = true'
	all_hooks
	created "$ID"
	hull start "$ID"
	grep -q $'^NoNewPrivs:\t1' "$NOTES/startContainer.status"
	grep -q $'^Seccomp:\t2' "$NOTES/startContainer.status"
	is "$(grep ^CapBnd "/proc/$(pid_of "$ID")/status")" "$(grep ^CapBnd "$NOTES/startContainer.status")"
}

@test "poststart runs on the host after the payload was executed, with running and the host's pid" {
	hook poststart "$BATS_TEST_TMPDIR/hook" poststart
	hook poststart "$(script exe "readlink /proc/\$(sed 's/.*\"pid\":\([0-9]*\).*/\1/')/exe >$NOTES/exe")"
	created "$ID"
	hull start "$ID"
	is "running $(pid_of "$ID")" "$(jq -r '"\(.status) \(.pid)"' "$NOTES/poststart.state")"
	is "mnt $(readlink /proc/self/ns/mnt)" "$(grep ^mnt "$NOTES/poststart.ns")"
	is /bin/busybox "$(cat "$NOTES/exe")"
}

@test "poststop runs on the host after everything is gone, with stopped and no pid" {
	config '.annotations.a = "b"'
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	hook poststop "$(script gone "find /sys/fs/cgroup -name '$ID*' >$NOTES/groups; ls /proc | grep -cx @PID@ >$NOTES/alive")"
	created "$ID"
	pid=$(pid_of "$ID")
	sed -i "s/@PID@/$pid/" "$BATS_TEST_TMPDIR/gone"
	hull delete "$ID"
	is "stopped null $ID b" "$(jq -r '"\(.status) \(.pid) \(.id) \(.annotations.a)"' "$NOTES/poststop.state")"
	is "mnt $(readlink /proc/self/ns/mnt)" "$(grep ^mnt "$NOTES/poststop.ns")"
	is "" "$(cat "$NOTES/groups")"
}

@test "the working directory of hooks on the host is the bundle, of createContainer's the root" {
	all_hooks
	cd /
	created "$ID" -b "$BUNDLE"
	hull start "$ID"
	for kind in prestart createRuntime poststart; do
		is "$BUNDLE" "$(cat "$NOTES/$kind.cwd")"
	done
	is "$BUNDLE/rootfs" "$(cat "$NOTES/createContainer.cwd")"
	is / "$(cat "$NOTES/startContainer.cwd")"
	hull delete --force "$ID"
	rm "$NOTES"/*
	config '.hooks |= {poststart}'
	detached "$ID" -b "$BUNDLE"
	is "$BUNDLE" "$(cat "$NOTES/poststart.cwd")"
}

@test "state is compact JSON with slashes as they are" {
	config '.annotations = {"a/b": "c/d"}'
	all_hooks
	created "$ID"
	hull start "$ID"
	hull delete --force "$ID"
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		is 1 "$(grep -c . "$NOTES/$kind.state")"
		grep -qF '"a/b":"c/d"' "$NOTES/$kind.state"
		jq -e '.ociVersion and .id and .status and .bundle' "$NOTES/$kind.state" >/dev/null
	done
}

@test "arguments are execv's, and without any the path is the name" {
	hook createRuntime "$BATS_TEST_TMPDIR/hook" one 'two words' '' '$x'
	created "$ID"
	is "<two words>
<>
<\$x>" "$(cat "$NOTES/one.args")"
	hull delete --force "$ID"
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$(script bare "echo \$0 \$# >$NOTES/bare")"
	created "$ID"
	is "$BATS_TEST_TMPDIR/bare 0" "$(cat "$NOTES/bare")"
}

@test "the environment is exactly the configured one; without any it is empty" {
	all_hooks
	config '.hooks.createRuntime[0].env = ["ONE=1", "TWO=a b"] | .hooks.startContainer[0].env = ["PATH=/bin", "S=1"]'
	LEAK=1 created "$ID"
	LEAK=1 hull start "$ID"
	# the shell that runs the hook may add to its environment, never to /proc/self/environ of tr
	grep -qx ONE=1 "$NOTES/createRuntime.env"
	grep -qx 'TWO=a b' "$NOTES/createRuntime.env"
	for kind in prestart createRuntime createContainer poststart startContainer; do
		not grep -qE '^(LEAK|HOME|BATS|HULL)' "$NOTES/$kind.env"
	done
	is "" "$(grep -vE '^(PWD|_|OLDPWD|SHLVL)=' "$NOTES/prestart.env" || true)"
	is "PATH=/bin S=1" "$(grep -vE '^(PWD|_|OLDPWD|SHLVL)=' "$NOTES/startContainer.env" | sort | xargs)"
	# inside, without one of its own, a hook has the container's
	hull delete --force "$ID"
	config '.hooks.startContainer[0].env = null | .process.env += ["C=1"]'
	created "$ID"
	hull start "$ID"
	grep -qx C=1 "$NOTES/startContainer.env"
}

@test "hooks have three descriptors and default signals" {
	all_hooks
	exec 7<"$BUNDLE" 8</etc/passwd
	created "$ID"
	hull start "$ID"
	hull delete --force "$ID"
	exec 7<&- 8<&-
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		is "0 1 2" "$(awk '{ print $1 }' "$NOTES/$kind.fds" | xargs)"
		grep -q $'^SigBlk:\t0000000000000000' "$NOTES/$kind.status"
		# glibc's posix_spawn() ignores 32 and 33, which it keeps for itself
		ignored=$((16#$(awk '/^SigIgn/ { print $2 }' "$NOTES/$kind.status") & ~0x180000000))
		is 0 "$ignored"
	done
}

@test "what hooks write goes nowhere while they succeed" {
	noise=$(script noise 'echo out; echo err >&2')
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook $kind "$noise"
	done
	created "$ID"
	is "" "$(output_of "$ID")$(errors_of "$ID")"
	is "" "$(hull start "$ID" 2>&1)"
	is "" "$(hull delete --force "$ID" 2>&1)"
}

@test "a create hook that fails: the error has its name, status and last words, and nothing is left" {
	for kind in prestart createRuntime createContainer; do
		config 'del(.hooks)'
		hook $kind "$(script bad 'echo first >&2; echo the reason >&2; exit 7')"
		refused "hull: create $ID: hooks.$kind[[]0] $BATS_TEST_TMPDIR/bad: exit status 7: the reason*" create "$ID"
		refused "hull: run $ID: hooks.$kind[[]0] *: exit status 7: the reason*" run "$ID"
		hook $kind "$BATS_TEST_TMPDIR/hook" never
		refused "*hooks.$kind[[]0]*" create "$ID"
		[ ! -e "$NOTES/order" ]
	done
}

@test "a hook that a signal ended, and one that is not there" {
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$(script killed 'kill -9 $$')"
	refused "*hooks.createRuntime[[]0] *: killed by signal 9*" create "$ID"
	config '.hooks.createRuntime = [{path: "/no/such/hook"}]'
	refused "*hooks.createRuntime[[]0] /no/such/hook: *no such file or directory" create "$ID"
	config '.hooks = {createContainer: [{path: "/no/such/hook"}]}'
	refused "*hooks.createContainer[[]0] /no/such/hook: *no such file or directory*" create "$ID"
	touch "$BATS_TEST_TMPDIR/plain"
	config '.hooks = {prestart: [{path: $p}]}' --arg p "$BATS_TEST_TMPDIR/plain"
	refused "*hooks.prestart[[]0] *: *permission denied" create "$ID"
}

@test "a startContainer hook that is no program: nothing waits for what nobody has waited for" {
	printf 'no program\0' >rootfs/bin/bad
	chmod 755 rootfs/bin/bad
	hook startContainer /bin/bad
	local begin=$SECONDS
	refused "hull: run $ID: hooks.startContainer[[]0] /bin/bad: *exec format error" run "$ID"
	refused "hull: run $ID: hooks.startContainer[[]0] /bin/bad: *exec format error" run -d "$ID"
	created "$ID"
	fails "hull: start $ID: hooks.startContainer[[]0] /bin/bad: *exec format error" start "$ID"
	is stopped "$(status_of "$ID")"
	# init was waited for ten seconds by start, and for ever by run
	[ $((SECONDS - begin)) -lt 9 ]
}

@test "after a create hook failed poststop hooks run" {
	hook createRuntime "$BATS_TEST_TMPDIR/hook" runtime
	hook createContainer /bin/false
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	fails '*hooks.createContainer*' create "$ID"
	is "runtime poststop" "$(xargs <"$NOTES/order")"
	config 'del(.hooks.createRuntime)'
	fails '*hooks.createContainer*' create "$ID"
	is "runtime poststop poststop" "$(xargs <"$NOTES/order")"
	# and where the hook did its work, and something after it fails
	config '.hooks.createContainer = [{path: "/bin/true"}] | .process.args = ["/no/such"]'
	fails '*/no/such*' create "$ID"
	is "runtime poststop poststop poststop" "$(xargs <"$NOTES/order")"
}

@test "nothing of poststop runs where the configuration was refused" {
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	config '.process.args = []'
	refused '*' create "$ID"
	[ ! -e "$NOTES/order" ]
}

@test "a startContainer hook has the payload's limits" {
	hook startContainer /bin/sh
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}]
		| .hooks.startContainer[0].args = ["sh", "-c", "ulimit -n >/notes/limit"]'
	detached "$ID"
	is 77 "$(cat "$NOTES/limit")"
}

@test "a hook may say a lot at once, and its last line is in the message however long the rest was" {
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c",
		"head -c 300000 /dev/zero | tr \"\\0\" x >&2 || exit 9; echo >&2; seq -s, 80 >&2; exit 3"]}]'
	refused "hull: run $ID: hooks.createRuntime[[]0] /bin/sh: exit status 3: $(seq -s, 80)" run "$ID"
	config '.hooks.startContainer = .hooks.createRuntime | del(.hooks.createRuntime)'
	created "$ID"
	fails "hull: start $ID: hooks.startContainer[[]0] /bin/sh: exit status 3: $(seq -s, 80)" start "$ID"
}

@test "a hook that never stops talking runs out of time like any other" {
	config '.hooks.createRuntime = [{path: "/usr/bin/env", args: ["env", "sh", "-c", "exec yes >&2"], timeout: 1}]'
	refused "hull: run $ID: hooks.createRuntime[[]0] /usr/bin/env: hook ran past specified timeout of 1.0s" run "$ID"
}

@test "a createContainer hook of a container in the host's mount namespace runs in its root" {
	config '.linux.namespaces |= map(select(.type != "mount")) | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)
		| .root.readonly = false | .process.args = ["true"]'
	config '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "pwd >\($dir)/where"]}]' --arg dir "$PWD"
	hull run "$ID"
	is "$PWD/rootfs" "$(cat where)"
}

@test "a startContainer hook that fails: start fails, the payload never runs, delete works" {
	printf '#!/bin/sh\necho much talk; echo the reason >&2; exit 3\n' >rootfs/bin/bad
	chmod 755 rootfs/bin/bad
	hook startContainer /bin/bad
	hook poststart "$BATS_TEST_TMPDIR/hook" poststart
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	created "$ID"
	fails "hull: start $ID: hooks.startContainer[[]0] /bin/bad: exit status 3: the reason" start "$ID"
	is stopped "$(status_of "$ID")"
	[ ! -e "$NOTES/order" ]
	hull delete "$ID"
	is poststop "$(cat "$NOTES/order")"
	refused "hull: run $ID: hooks.startContainer[[]0] /bin/bad: exit status 3: the reason*" run "$ID"
	refused "hull: run $ID: hooks.startContainer[[]0] /bin/bad: exit status 3: the reason*" run -d "$ID"
	not grep -q payload "$NOTES/order"
}

@test "a poststart hook that fails: start fails and the container is stopped" {
	hook poststart /bin/false
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	created "$ID"
	fails "hull: start $ID: hooks.poststart[[]0] /bin/false: exit status 1" start "$ID"
	is stopped "$(status_of "$ID")"
	hull delete "$ID"
	grep -qx poststop "$NOTES/order"
	fails "hull: run $ID: hooks.poststart[[]0] /bin/false: exit status 1" run -d "$ID"
	fails '*container does not exist' state "$ID"
	is 2 "$(grep -cx poststop "$NOTES/order")"
}

@test "a poststop hook that fails is a warning: the others run, delete succeeds" {
	hook poststop /bin/false
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	created "$ID"
	hull --log "$BATS_TEST_TMPDIR/log" delete "$ID" 2>err
	is "" "$(cat err)"
	is poststop "$(cat "$NOTES/order")"
	grep -q 'warning: hooks.poststop\[0\] /bin/false: exit status 1' "$BATS_TEST_TMPDIR/log"
	fails '*container does not exist' state "$ID"
}

# timed COMMAND... - its seconds in $seconds
timed() {
	local start=$SECONDS
	"$@"
	seconds=$((SECONDS - start))
}

@test "a hook that ignores TERM is killed at its time-out" {
	h=$(script deaf "trap '' TERM HUP INT; echo \$\$ >$NOTES/pid; while :; do sleep 1; done")
	for kind in prestart createContainer; do
		config 'del(.hooks) | .hooks[$k] = [{path: $h, timeout: 1}]' --arg k $kind --arg h "$h"
		timed refused "*hooks.$kind[[]0] $h: hook ran past specified timeout of 1.0s*" create "$ID"
		[ "$seconds" -lt 5 ]
		[ ! -e "/proc/$(cat "$NOTES/pid")" ] || [ "$kind" = createContainer ]
	done
}

@test "a child of a hook that holds its streams delays nothing and dies with it at a time-out" {
	h=$(script parent "sleep 77 & echo \$! >$NOTES/child; wait")
	config '.hooks.createRuntime = [{path: $h, timeout: 1}]' --arg h "$h"
	timed refused '*hook ran past specified timeout of 1.0s*' create "$ID"
	[ "$seconds" -lt 5 ]
	wait_for eval '[ ! -e "/proc/$(cat "$NOTES/child")" ] || grep -q "^State:.Z" "/proc/$(cat "$NOTES/child")/status"'
	# and one whose parent ends well goes on
	h=$(script leaver "sleep 78 & echo \$! >$NOTES/child; exit 0")
	config '.hooks.createRuntime = [{path: $h, timeout: 5}]' --arg h "$h"
	timed created "$ID"
	[ "$seconds" -lt 4 ]
	kill "$(cat "$NOTES/child")"
}

@test "startContainer, poststart and poststop have time-outs too" {
	printf '#!/bin/sh\nsleep 50\n' >rootfs/bin/slow
	chmod 755 rootfs/bin/slow
	config '.hooks = {startContainer: [{path: "/bin/slow", timeout: 1}]}'
	created "$ID"
	timed fails "*hooks.startContainer[[]0] /bin/slow: hook ran past specified timeout of 1.0s" start "$ID"
	[ "$seconds" -lt 5 ]
	hull delete "$ID"
	slow=$(script slow 'exec sleep 50')
	config '.hooks = {poststart: [{path: $h, timeout: 1}], poststop: [{path: $h, timeout: 1}]}' --arg h "$slow"
	created "$ID"
	timed fails "*hooks.poststart[[]0] $slow: hook ran past specified timeout of 1.0s" start "$ID"
	[ "$seconds" -lt 5 ]
	timed hull --log "$BATS_TEST_TMPDIR/log" delete "$ID"
	[ "$seconds" -lt 5 ]
	grep -q 'hooks.poststop.*timeout of 1.0s' "$BATS_TEST_TMPDIR/log"
}

@test "a hook that is in time is not killed" {
	config '.hooks.createRuntime = [{path: $h, timeout: 3}]' --arg h "$(script quick "sleep 0.2; echo ok >$NOTES/ok")"
	created "$ID"
	is ok "$(cat "$NOTES/ok")"
}

@test "a hook that does not read its large input is no error, and one that does gets all of it" {
	head -c 900000 /dev/zero | tr '\0' x >big
	config '.annotations.big = ($b | rtrimstr("\n"))' --rawfile b big
	hook prestart /bin/true
	hook prestart "$BATS_TEST_TMPDIR/hook" prestart
	hook createContainer /bin/true
	hook createContainer "$BATS_TEST_TMPDIR/hook" inside
	hook startContainer /bin/true
	hook startContainer /bin/hook start
	hook poststop /bin/true
	created "$ID"
	hull start "$ID"
	for kind in prestart inside start; do
		is 900000 "$(jq '.annotations.big | length' "$NOTES/$kind.state")"
	done
}

@test "a hook may read the container's file system through the pid it is given" {
	hook createRuntime "$(script ns "pid=\$(sed 's/.*\"pid\":\([0-9]*\).*/\1/'); readlink /proc/\$pid/ns/net >$NOTES/net; nsenter -t \$pid -n ip -o link | wc -l >$NOTES/links")"
	created "$ID"
	is "$(readlink "/proc/$(pid_of "$ID")/ns/net")" "$(cat "$NOTES/net")"
	[ "$(cat "$NOTES/links")" -ge 1 ]
}

@test "a hook that deletes the container it belongs to does not wait for itself" {
	h=$(script suicide "timeout 3 $HULL --root $ROOT delete --force $ID >/dev/null 2>&1; echo \$? >$NOTES/code; exit 0")
	config '.hooks.createRuntime = [{path: $h, timeout: 20}]' --arg h "$h"
	timed hull create "$ID" </dev/null >/dev/null 2>&1 || true
	[ -s "$NOTES/code" ]
	[ "$(cat "$NOTES/code")" != 0 ] # it could not: the creator is at work
	[ "$seconds" -lt 12 ]
}

@test "hooks may look at the state of their container by hull itself" {
	hook createRuntime "$(script ask "$HULL --root $ROOT state $ID | grep -o '\"status\": *\"[a-z]*\"' >$NOTES/create")"
	hook poststart "$(script ask2 "$HULL --root $ROOT state $ID | grep -o '\"status\": *\"[a-z]*\"' >$NOTES/start")"
	created "$ID"
	hull start "$ID"
	matches '*creating*' "$(cat "$NOTES/create")"
	matches '*running*' "$(cat "$NOTES/start")"
}

# --- run.oci.hooks.stdout, run.oci.hooks.stderr

# kept OUT [ERR] - the annotations
kept() {
	config '.annotations = ({"run.oci.hooks.stdout": $o, "run.oci.hooks.stderr": $e} | with_entries(select(.value != "")))' \
		--arg o "$1" --arg e "${2:-}"
}

# talkers - one hook of each kind that says its name on both streams
talkers() {
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook $kind "$(script say-$kind "echo out $kind; echo err $kind >&2")"
	done
	printf '#!/bin/sh\necho out startContainer; echo err startContainer >&2\n' >rootfs/bin/say
	chmod 755 rootfs/bin/say
	hook startContainer /bin/say
}

SIX="prestart createRuntime createContainer startContainer poststart poststop"

@test "run.oci.hooks.stdout and stderr: what hooks write is appended to these files" {
	talkers
	local out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	echo before >"$out"
	kept "$out" "$err"
	created "$ID"
	hull start "$ID"
	hull delete --force "$ID"
	is "before $(printf 'out %s ' $SIX)" "$(xargs <"$out") "
	is "$(printf 'err %s ' $SIX)" "$(xargs <"$err") "
	is 600 "$(stat -c %a "$err")"
	sh_config true
	hull run "$ID"
	is 13 "$(wc -l <"$out")"
	is 12 "$(wc -l <"$err")"
}

@test "run.oci.hooks.stdout and stderr: one file for both, a relative path, one alone" {
	talkers
	kept hooks.log hooks.log
	cd /
	created "$ID" -b "$BUNDLE"
	hull start "$ID"
	hull delete --force "$ID"
	is 12 "$(wc -l <"$BUNDLE/hooks.log")"
	kept "" "$BATS_TEST_TMPDIR/err"
	sh_config true
	hull run -b "$BUNDLE" "$ID"
	is "err err err err err err" "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/err" | xargs)"
	# and standard output alone leaves the reason of a failure in the message
	cd "$BUNDLE"
	kept "$BATS_TEST_TMPDIR/out"
	config '.hooks = {}'
	hook createRuntime "$(script bad 'echo said; echo the reason >&2; exit 7')"
	refused "*hooks.createRuntime[[]0] *: exit status 7: the reason" create "$ID"
	is said "$(cat "$BATS_TEST_TMPDIR/out")"
	kept "" "$BATS_TEST_TMPDIR/why"
	refused "*hooks.createRuntime[[]0] *: exit status 7" create "$ID"
	is "the reason" "$(cat "$BATS_TEST_TMPDIR/why")"
}

@test "run.oci.hooks.stdout: with a user namespace and a directory that only root may enter" {
	mkdir -m 0700 "$BATS_TEST_TMPDIR/secret"
	chown -R 100000:100000 rootfs
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 0755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" # createContainer hooks are the mapped root's
	talkers
	kept "$BATS_TEST_TMPDIR/secret/out"
	created "$ID"
	hull start "$ID"
	hull delete --force "$ID"
	is "$(printf 'out %s ' $SIX)" "$(xargs <"$BATS_TEST_TMPDIR/secret/out") "
}

@test "run.oci.hooks.stdout: a link, a directory, a FIFO that nobody reads, and no place" {
	talkers
	touch target
	ln -s target link
	kept "$BUNDLE/link"
	refused "hull: create $ID: annotations.run.oci.hooks.stdout: open $BUNDLE/link: too many levels of symbolic links" create "$ID"
	kept /
	refused "hull: create $ID: annotations.run.oci.hooks.stdout: open /: is a directory" create "$ID"
	mkfifo fifo
	kept "" fifo
	refused "hull: run $ID: annotations.run.oci.hooks.stderr: open fifo: no such device or address" run "$ID"
	kept /no/such/place/out
	refused "hull: create $ID: annotations.run.oci.hooks.stdout: open /no/such/place/out: no such file or directory" create "$ID"
	config '.hooks = {}'
	created "$ID" # nobody would write there
}

@test "run.oci.hooks.stdout: deletion does not depend on it" {
	mkdir place
	kept "$BUNDLE/place/out"
	hook poststop "$BATS_TEST_TMPDIR/hook" poststop
	created "$ID"
	rm -r place
	hull --log "$BATS_TEST_TMPDIR/log" delete "$ID"
	is poststop "$(cat "$NOTES/order")"
	grep -q 'warning: annotations.run.oci.hooks.stdout: open ' "$BATS_TEST_TMPDIR/log"
}

@test "run.oci.hooks.stdout: neither init nor the payload holds the files" {
	talkers
	kept "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
	created "$ID"
	not grep -E '/(out|err)$' <<<"$(ls -l "/proc/$(pid_of "$ID")/fd" | grep -v "$ID")"
	hull start "$ID"
	not grep -E '/(out|err)$' <<<"$(ls -l "/proc/$(pid_of "$ID")/fd" | grep -v "$ID")"
}
