# m_lib.bash - mounts of the configuration and of the host, what mountinfo says, processes of the test

# add_mount DESTINATION TYPE SOURCE [OPTION...] - append to the configuration's mounts; "" leaves out
add_mount() {
	config '.mounts += [{destination: $d, type: $t, source: $s, options: $o} | with_entries(select(.value != ""))]' \
		--arg d "$1" --arg t "$2" --arg s "$3" \
		--argjson o "$(jq -n '$ARGS.positional' --args "${@:4}")"
}

# add_bind DESTINATION SOURCE [OPTION...]
add_bind() {
	add_mount "$1" none "$2" bind "${@:3}"
}

# inside SCRIPT - run it as the container's shell script
inside() {
	sh_config "$1"
	hull run "$ID" </dev/null
}

# has TEXT PART
has() {
	[[ $1 == *"$2"* ]] && return
	printf 'not there: %s\n%s\n' "$2" "$1"
	return 1
}

# lacks TEXT PART
lacks() {
	[[ $1 != *"$2"* ]] && return
	printf 'there, but should not be: %s\n%s\n' "$2" "$1"
	return 1
}

# Fields of the uppermost mount on a path in the text of mountinfo, proc(5).
mount_options() { # MOUNTINFO PATH
	awk -v p="$2" '$5 == p { o = $6 } END { print o }' <<<"$1"
}

mount_propagation() { # MOUNTINFO PATH - "shared master", "unbindable", or "private"
	awk -v p="$2" '$5 == p { o = ""; for (i = 7; $i != "-"; i++) { sub(/:.*/, "", $i); o = o " " $i } }
		END { sub(/^ /, "", o); print o == "" ? "private" : o }' <<<"$1"
}

mount_type() { # MOUNTINFO PATH
	awk -v p="$2" '$5 == p { for (i = 7; $i != "-"; i++); t = $(i + 1) } END { print t }' <<<"$1"
}

mount_super() { # MOUNTINFO PATH - the file system's options
	awk -v p="$2" '$5 == p { for (i = 7; $i != "-"; i++); s = $(i + 3) } END { print s }' <<<"$1"
}

# host_mount ARGS... DIRECTORY - a mount of the test's own, which teardown takes away again. The
# comparison with the host before the test begins anew.
host_mount() {
	mount "$@"
	realpath "${*: -1}" >>"$BATS_TEST_TMPDIR/host_mounts"
	[ -e "$BATS_TEST_TMPDIR/before.first" ] || cp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/before.first"
	host_snapshot >"$BATS_TEST_TMPDIR/before"
}

# host_changed - the test itself changed the host, as it means to
host_changed() {
	[ -e "$BATS_TEST_TMPDIR/before.first" ] || cp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/before.first"
	host_snapshot >"$BATS_TEST_TMPDIR/before"
}

host_umount_all() {
	local dir
	[ ! -e "$BATS_TEST_TMPDIR/host_mounts" ] || while read -r dir; do
		umount "$dir" || echo "umount $dir failed"
	done < <(tac "$BATS_TEST_TMPDIR/host_mounts")
	[ ! -e "$BATS_TEST_TMPDIR/before.first" ] || mv "$BATS_TEST_TMPDIR/before.first" "$BATS_TEST_TMPDIR/before"
}

test_teardown() {
	m_kill_all
	host_umount_all
}

# m_background COMMAND... - a process of the test's, which teardown ends; its number is in $M_PID
m_background() {
	"$@" </dev/null >/dev/null 2>&1 3>&- &
	M_PID=$!
	echo $M_PID >>"$BATS_TEST_TMPDIR/pids"
}

# m_delete_all - for teardown, where only the test's own hull() reaches its containers
m_delete_all() {
	local id
	for id in $(hull list -q); do
		hull delete --force "$id" || echo "delete --force $id failed"
	done
}

m_kill_all() {
	local pid
	[ -e "$BATS_TEST_TMPDIR/pids" ] || return 0
	while read -r pid; do
		kill -KILL "$pid" 2>/dev/null || true # ended already
		wait "$pid" 2>/dev/null || true
	done <"$BATS_TEST_TMPDIR/pids"
}

# user_namespace [HOST-ID [SIZE]] - one of the container's own, root being HOST-ID outside, who gets
# the root file system
user_namespace() {
	chown -R "${1:-100000}:${1:-100000}" "$BUNDLE/rootfs"
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0,
		hostID: ($h | tonumber), size: ($n | tonumber)}] | .linux.gidMappings = .linux.uidMappings' \
		--arg h "${1:-100000}" --arg n "${2:-65536}"
}

no_namespace() { # TYPE
	config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"
}

join_namespace() { # TYPE PATH
	no_namespace "$1"
	config '.linux.namespaces += [{type: $t, path: $p}]' --arg t "$1" --arg p "$2"
}

caps_too() { # CAP...
	config '.process.capabilities |= map_values(. + ($c | split(" ")))' --arg c "$*"
}

# line_of JQ-PATH - nothing else tells where a value stands in config.json
line_of() { # FIXED-TEXT
	grep -nF -- "$1" "$BUNDLE/config.json" | head -1 | cut -d: -f1
}

# on_terminal [--type TEXT] COMMAND... - run it on a terminal of its own; prints what that shows
on_terminal() {
	python3 "$TESTS/integration/helpers/m_pty.py" "$@"
}
