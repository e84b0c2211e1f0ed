# m_rootless.bash - hull as an ordinary user, whoever runs the tests
#
# Root takes a user that exists (newuidmap asks for its name), and gives it a directory of its own
# that it may walk to; an ordinary user is that user. hull() is then the program as that user with
# its default directory of state.

SPEC_FLAGS=(--rootless)

# choose_account - sets USER_ID, GROUP_ID, USER_NAME
choose_account() {
	if [ "$(id -u)" != 0 ]; then
		USER_ID=$(id -u) GROUP_ID=$(id -g) USER_NAME=$(id -un)
		return
	fi
	IFS=: read -r USER_NAME _ USER_ID GROUP_ID _ < <(getent passwd |
		awk -F: '$3 >= 1000 && $3 < 60000 { print; exit } $1 == "daemon" { daemon = $0 } END { print daemon }')
}

choose_user() {
	choose_account
	if [ "$(id -u)" != 0 ]; then
		DIR=$BATS_TEST_TMPDIR/user
		mkdir -p "$DIR"
		return
	fi
	DIR=$(mktemp -d /tmp/hull-rootless.XXXXXX)
	chmod 0755 "$DIR"
	chown "$USER_ID:$GROUP_ID" "$DIR"
}

# as_user COMMAND... - with nothing of root's left
as_user() {
	(exec_as_user "$@")
}

exec_as_user() {
	local env=(env -i "PATH=$PATH" "HOME=$DIR" "XDG_RUNTIME_DIR=$DIR/run" "USER=$USER_NAME" "TERM=xterm")
	[ "$(id -u)" = 0 ] || exec "${env[@]}" "$@"
	exec setpriv --reuid="$USER_ID" --regid="$GROUP_ID" --clear-groups --inh-caps=-all -- "${env[@]}" "$@"
}

# on_terminal_as_user ARGS... - hull on a terminal of the user's
on_terminal_as_user() {
	as_user python3 "$DIR/pty" "$PROGRAM" "$@"
}

hull() {
	as_user "$PROGRAM" "$@"
}

rootless_setup() {
	choose_user
	MARK=${DIR#/tmp/} # what lib.bash looks for in mounts and command lines
	PROGRAM=$HULL
	if ! as_user test -x "$HULL"; then
		PROGRAM=$DIR/hull
		cp "$HULL" "$PROGRAM"
	fi
	cp "$TESTS/integration/helpers/m_pty.py" "$DIR/pty"
	mkdir "$DIR/run"
	mv "$BUNDLE" "$DIR/bundle"
	BUNDLE=$DIR/bundle ROOT=$DIR/run/hull
	cd "$BUNDLE" || return 1
	rm config.json
	[ "$(id -u)" != 0 ] || chown -R "$USER_ID:$GROUP_ID" "$DIR"
	hull spec --rootless
	config '.process.terminal = false | .process.args = ["true"]'
}

rootless_teardown() {
	local id
	m_kill_all
	for id in $(hull list -q); do
		hull delete --force "$id" || echo "delete --force $id failed"
	done
	is "" "$(ls -A "$ROOT" 2>/dev/null)" "state that is left"
	end_subordinate_ids
	[ "$(id -u)" != 0 ] || rm -rf --one-file-system "$DIR"
}

test_setup() {
	rootless_setup
}

test_teardown() {
	rootless_teardown
}

# subordinate_ids - the user may map a range; sets $SUB to its first id
subordinate_ids() {
	command -v newuidmap >/dev/null || skip "newuidmap (package uidmap) is not installed"
	if [ "$(id -u)" != 0 ]; then
		SUB=$(awk -F: -v u="$USER_NAME" -v i="$USER_ID" '($1 == u || $1 == i) && $3 >= 65535 { print $2; exit }' /etc/subuid)
		[ -n "$SUB" ] || skip "user $USER_NAME has no 65535 subordinate ids in /etc/subuid"
		[ "$SUB" = "$(awk -F: -v u="$USER_NAME" -v i="$USER_ID" '($1 == u || $1 == i) && $3 >= 65535 { print $2; exit }' /etc/subgid)" ] ||
			skip "user $USER_NAME has other ids in /etc/subgid than in /etc/subuid"
		return
	fi
	SUB=700000000
	SUB_LINE="$USER_NAME:$SUB:65535"
	echo "$SUB_LINE" >>/etc/subuid
	echo "$SUB_LINE" >>/etc/subgid
}

end_subordinate_ids() {
	[ -z "$SUB_LINE" ] || sed -i "/^$SUB_LINE\$/d" /etc/subuid /etc/subgid
}

map_subordinate_ids() {
	config '.linux.uidMappings = [{containerID: 0, hostID: ($u | tonumber), size: 1},
			{containerID: 1, hostID: ($s | tonumber), size: 65535}]
		| .linux.gidMappings = [{containerID: 0, hostID: ($g | tonumber), size: 1},
			{containerID: 1, hostID: ($s | tonumber), size: 65535}]' \
		--arg u "$USER_ID" --arg g "$GROUP_ID" --arg s "$SUB"
}
