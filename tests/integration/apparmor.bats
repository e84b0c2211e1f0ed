#!/usr/bin/env bats
# apparmor: process.apparmorProfile and exec --apparmor, with profiles that the tests load

load lib
load helpers/m_lib

test_setup() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "AppArmor is not enabled in this kernel"
	[ -w /sys/kernel/security/apparmor/.load ] || skip "securityfs, through which profiles are loaded, is not writable here"
	command -v apparmor_parser >/dev/null || skip "apparmor_parser is not installed"
	PROFILE=hull-test-$ID
	load_profile "$PROFILE" /forbidden
	touch rootfs/forbidden rootfs/secret
}

test_teardown() {
	m_kill_all
	host_umount_all
	hull delete --force "$ID" || true
	[ ! -d "$BATS_TEST_TMPDIR/profiles" ] || apparmor_parser --remove "$BATS_TEST_TMPDIR"/profiles/*
}

# load_profile NAME PATH - one that allows everything but reading that path
load_profile() {
	mkdir -p "$BATS_TEST_TMPDIR/profiles"
	cat >"$BATS_TEST_TMPDIR/profiles/$1" <<-END
		profile $1 flags=(attach_disconnected,mediate_deleted) {
			file,
			capability,
			network,
			mount,
			umount,
			pivot_root,
			ptrace,
			signal,
			unix,
			deny $2 rw,
		}
	END
	apparmor_parser --skip-cache --replace "$BATS_TEST_TMPDIR/profiles/$1"
}

SHOW='cat /proc/self/attr/apparmor/current; cat /forbidden 2>&1; cat /secret && echo read'

@test "process.apparmorProfile: init is confined by it, and what it denies is denied" {
	config '.process.apparmorProfile = $p' --arg p "$PROFILE"
	is "$PROFILE (enforce)
cat: can't open '/forbidden': Permission denied
read" "$(inside "$SHOW")"
}

@test "without a profile the process is not confined" {
	is "unconfined
read" "$(inside "$SHOW")"
	config '.process.apparmorProfile = "unconfined"'
	is unconfined "$(inside 'cat /proc/self/attr/apparmor/current')"
}

@test "hull itself is not confined by it: only the payload is" {
	touch rootfs/forbidden
	config '.process.apparmorProfile = $p' --arg p "$PROFILE"
	created "$ID"
	is unconfined "$(cat "/proc/$(pid_of "$ID")/attr/apparmor/current")"
	hull delete --force "$ID"
	add_bind /mounted rootfs/forbidden
	is "$PROFILE (enforce)" "$(inside 'cat /proc/self/attr/apparmor/current')"
}

@test "exec takes the container's profile, or the one of its own" {
	load_profile "$PROFILE-b" /secret
	config '.process.apparmorProfile = $p | .process.args = ["sleep", "100"]' --arg p "$PROFILE"
	detached "$ID"
	is "$PROFILE (enforce)" "$(cat "/proc/$(pid_of "$ID")/attr/apparmor/current")"
	is "$PROFILE (enforce)
cat: can't open '/forbidden': Permission denied
read" "$(hull exec "$ID" sh -c "$SHOW")"
	is "$PROFILE-b (enforce)" "$(hull exec --apparmor "$PROFILE-b" "$ID" cat /proc/self/attr/apparmor/current)"
	has "$(hull exec --apparmor "$PROFILE-b" "$ID" cat /secret 2>&1 || true)" "Permission denied"
	echo '{"args": ["cat", "/proc/self/attr/apparmor/current"], "cwd": "/", "user": {"uid": 0, "gid": 0},
		"apparmorProfile": "'"$PROFILE-b"'"}' >process.json
	is "$PROFILE-b (enforce)" "$(hull exec -p process.json "$ID")"
}

@test "no_new_privs and a profile go together, for an ordinary user and for root" {
	config '.process.apparmorProfile = $p | .process.noNewPrivileges = true' --arg p "$PROFILE"
	is "$PROFILE (enforce)" "$(inside 'cat /proc/self/attr/apparmor/current')"
	config '.process.user = {uid: 1000, gid: 1000} | del(.process.capabilities)'
	is "$PROFILE (enforce)" "$(inside 'cat /proc/self/attr/apparmor/current')"
}

@test "a user namespace and a profile go together" {
	user_namespace
	config '.process.apparmorProfile = $p' --arg p "$PROFILE"
	is "$PROFILE (enforce)" "$(inside 'cat /proc/self/attr/apparmor/current')"
}

@test "a profile that is not loaded is refused by one line, and nothing is left" {
	config '.process.apparmorProfile = "hull-test-nosuch"'
	refused "hull: run $ID: *AppArmor profile \"hull-test-nosuch\" is not loaded*" run "$ID"
	refused "hull: create $ID: *AppArmor profile \"hull-test-nosuch\" is not loaded*" create "$ID"
}

@test "exec with a profile that is not loaded is refused by one line, and the container lives on" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	fails "hull: exec $ID: *AppArmor profile \"hull-test-nosuch\" is not loaded*" exec --apparmor hull-test-nosuch "$ID" true
	is running "$(status_of "$ID")"
}
