# lib.bash - what the tests of hull's callers share: an image, a network of their own, and the proof
# that nothing stays
#
# A test file loads this, starts its daemon in setup_file() after caller_begin, and ends it in
# teardown_file() before caller_end. The daemon lives in a network namespace made for the file, where
# it may have links and firewall rules as it likes; mounts, processes and cgroups are the host's. A
# test file names what removes the containers of one test remove_all(); after it the host and that
# namespace must be what they were before the test, and after caller_end what they were before the
# file. HULL names the program under test.

load ../integration/lib
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}

# caller_begin COMMAND... - what a test file needs: skips all of it where a command is missing
caller_begin() {
	local command
	for command in "$@"; do
		command -v "$command" >/dev/null || skip "this host has no $command (make deps-callers)"
	done
	# what leads from a process or a mount back to this file, and the cgroup that is the parent of all
	export MARK=${BATS_FILE_TMPDIR#"${BATS_RUN_TMPDIR%/*}/"}/
	export GROUP=/hull-callers-$BATS_ROOT_PID
	export NET=$BATS_FILE_TMPDIR/net IMAGE=$BATS_FILE_TMPDIR/image.tar
	umask 022
	caller_snapshot >"$BATS_FILE_TMPDIR/before"
	: >"$NET"
	unshare --net="$NET" ip link set lo up
	make_rootfs "$BATS_FILE_TMPDIR/rootfs"
	tar -C "$BATS_FILE_TMPDIR/rootfs" -cf "$IMAGE" .
}

# caller_end - the daemon is gone; so must be everything else
caller_end() {
	[ -n "${MARK:-}" ] || return 0 # skipped
	umount "$NET" && rm "$NET"
	remove_groups
	within 10 caller_unchanged "$BATS_FILE_TMPDIR/before" || {
		caller_unchanged "$BATS_FILE_TMPDIR/before"
		unmount_below "$BATS_FILE_TMPDIR"
		return 1
	}
}

# in_net COMMAND... - in the file's own network namespace
in_net() {
	nsenter --net="$NET" "$@"
}

# daemon COMMAND... - in the network namespace, in the background; its output goes to the file "log",
# its pid to the file "daemon"
daemon() {
	# not in_net, for $! is to be the daemon; bats waits for whoever holds its descriptors
	nsenter --net="$NET" "$@" </dev/null >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- 4>&- &
	echo $! >"$BATS_FILE_TMPDIR/daemon"
}

# end_daemon - and wait for it. The links and rules that it keeps go with the network namespace.
end_daemon() {
	local pid
	[ -e "$BATS_FILE_TMPDIR/daemon" ] || return 0
	pid=$(cat "$BATS_FILE_TMPDIR/daemon")
	kill "$pid" 2>/dev/null || true
	within 20 not kill -0 "$pid" || kill -KILL "$pid"
	rm "$BATS_FILE_TMPDIR/daemon"
}

setup() {
	TMP=$BATS_TEST_TMPDIR
	cd "$TMP" || return 1
	type test_setup >/dev/null 2>&1 && test_setup
	caller_snapshot >"$TMP/before"
}

teardown() {
	cd / || return 1
	type test_teardown >/dev/null 2>&1 && test_teardown
	remove_all
	within 10 caller_unchanged "$TMP/before" || caller_unchanged "$TMP/before"
}

# caller_unchanged SNAPSHOT - whether what is there is what was there then
caller_unchanged() {
	caller_snapshot >"$1.now"
	diff "$1" "$1.now"
}

# The host, and the network namespace once there is one. With HULL_TESTS_SHARE set others use
# containers on this host at the same time, so of mounts and processes only those that carry this
# file's mark count.
caller_snapshot() {
	local filter=cat
	[ -z "${HULL_TESTS_SHARE:-}" ] || filter=of_this_file
	echo "== mounts"
	sort /proc/self/mountinfo | $filter
	echo "== cgroups"
	# the parent of all is left by every caller, unless hull has made it for the one that it removes
	find "$CGROOT" -mindepth 2 -type d 2>/dev/null | grep -v -e /process_api -e "$GROUP\$" | sort | $filter
	echo "== processes"
	caller_processes
	echo "== network namespaces"
	[ -n "${HULL_TESTS_SHARE:-}" ] || lsns -n -t net -o ns | sort -u
	if [ -s "$BATS_FILE_TMPDIR/daemon" ]; then
		echo "== links, rules"
		in_net ip -o link | awk '{ print $2 }' | sort
		in_net iptables-save | sed '/^[#:]/d'
	elif [ -z "${HULL_TESTS_SHARE:-}" ]; then
		echo "== links, rules"
		ip -o link | awk '{ print $2 }' | sort
		iptables-save | sed '/^[#:]/d'
	fi
	if type world_snapshot >/dev/null 2>&1; then world_snapshot; fi
}

of_this_file() {
	grep -F -e "$MARK" -e "$GROUP" || true # none is status 1
}

# caller_processes - directory in /proc and program of the daemon and what it started, which have the
# mark in their command lines, and of what has a root directory that comes from this file's
caller_processes() {
	local mount='^[0-9]+ [0-9]+ [^ ]+' # of mountinfo, up to the device; then root and place follow
	{
		grep -lsF "$MARK" /proc/[0-9]*/cmdline | sed 's,/cmdline$,,; s,^,named ,'
		grep -lsE "$mount ([^ ]*$MARK[^ ]* / |[^ ]+ / .*$MARK)" /proc/[0-9]*/mountinfo |
			sed 's,/mountinfo$,,; s,^,sees ,'
		stat -Lc 'root %n %d:%i' / /proc/[0-9]*/root || true # processes end meanwhile
		find /proc/[0-9]*/exe -maxdepth 0 -printf 'exe %h %l\n' || true
	} 2>/dev/null | awk '
		$1 == "named" { named[$2] = 1 }
		$1 == "sees" { sees[$2] = 1 }
		$1 == "root" && $2 == "/" { here = $3 }
		$1 == "root" { sub("/root$", "", $2); inside[$2] = $3 != here }
		# not these tests themselves, whose files carry the mark, too
		$1 == "exe" && NF > 2 && $3 !~ "/(bash|find|grep|sed|awk|mawk|gawk|stat)$" &&
			(named[$2] || sees[$2] && inside[$2]) { print $2, $3 }'
}

# remove_groups - the parents of the containers' cgroups are left by every caller. Only empty
# directories can be removed, so what a container has left stays and is found.
remove_groups() {
	local hierarchy
	for hierarchy in "$CGROOT" "$CGROOT"/*; do
		[ ! -d "$hierarchy$GROUP" ] || rmdir "$hierarchy$GROUP"
	done
}

# unmount_below DIRECTORY - bats removes it and must not come across what is left mounted
unmount_below() {
	awk -v d="$1/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r path; do umount -l "$path"; done
}

# within SECONDS COMMAND... - until it succeeds
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.1
	done
}

# status PATTERN COMMAND... - the exit status matches, or what the command said is shown
status() {
	local expected=$1 got=0
	shift
	"$@" >"$TMP/.said" 2>&1 </dev/null || got=$?
	matches "$expected" "$got" && return 0
	echo "status of $*:"
	cat "$TMP/.said"
	return 1
}

# image_archive FILE NAME [COMMAND...] - the rootfs as an image in the form that docker save writes, for
# those that import nothing simpler; it runs COMMAND, or a shell
image_archive() {
	local dir=$BATS_FILE_TMPDIR/archive archive=$1 name=$2
	shift 2
	[ $# != 0 ] || set -- sh
	mkdir "$dir"
	cp "$IMAGE" "$dir/layer.tar"
	jq -n --arg sum "sha256:$(sha256sum <"$IMAGE" | cut -d' ' -f1)" '{architecture: $a, os: "linux",
		config: {Env: ["PATH=/bin", "HOME=/root"], Cmd: $ARGS.positional},
		rootfs: {type: "layers", diff_ids: [$sum]}}' --arg a "$(machine)" --args "$@" >"$dir/config.json"
	jq -n --arg name "$name" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$dir/manifest.json"
	tar -C "$dir" -cf "$archive" manifest.json config.json layer.tar
}

# machine - this one as images name it
machine() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}
