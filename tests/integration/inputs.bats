#!/usr/bin/env bats
# inputs: bundles as other tools make them: umoci from an OCI image, mmdebstrap from a distribution

load lib
load helpers/m_lib
load helpers/debian

# --- umoci

need_umoci() {
	command -v umoci >/dev/null || skip "umoci is not installed"
}

# An image layout of two layers from the busybox root, and a bundle unpacked from it.
unpack_image() { # [UMOCI-CONFIG-OPTIONS...]
	local work=$BATS_TEST_TMPDIR/umoci
	mkdir "$work"
	umoci init --layout "$work/image"
	umoci new --image "$work/image:base"
	umoci unpack --image "$work/image:base" "$work/first"
	cp -a rootfs/. "$work/first/rootfs"
	umoci repack --image "$work/image:base" "$work/first"
	echo second >"$work/first/rootfs/etc/layer"
	ln -s /etc/layer "$work/first/rootfs/link"
	mkdir -m 1777 "$work/first/rootfs/scratch"
	umoci repack --refresh-bundle --image "$work/image:base" "$work/first"
	umoci config --image "$work/image:base" "$@"
	umoci unpack --image "$work/image:base" "$work/bundle"
	BUNDLE=$work/bundle
	cd "$BUNDLE"
}

# as_umoci_wrote - the only change: there is no terminal here
as_umoci_wrote() {
	config '.process.terminal = false'
}

@test "umoci: the bundle runs with the config.json that umoci wrote" {
	need_umoci
	unpack_image --config.cmd /bin/sh --config.cmd -c --config.cmd \
		'id -u; hostname; cat /link; echo $COLOUR; pwd; echo $$' \
		--config.env COLOUR=blue --config.workingdir /scratch
	as_umoci_wrote
	is "0
umoci-default
second
blue
/scratch
1" "$(hull run "$ID")"
}

@test "umoci: with its terminal, unchanged" {
	need_umoci
	unpack_image --config.cmd /bin/sh --config.cmd -c --config.cmd '[ -t 0 ] && tty; exit 5'
	status=0
	output=$(on_terminal "$HULL" --root "$ROOT" run -b "$BUNDLE" "$ID") || status=$?
	is /dev/pts/0 "$output"
	is 5 "$status"
}

@test "umoci: a user and the capabilities it is given" {
	need_umoci
	unpack_image --config.user 1000:1001 --config.cmd /bin/sh --config.cmd -c --config.cmd \
		'id; grep CapEff /proc/self/status; touch /scratch/mine; touch /etc/new 2>/dev/null || echo refused'
	as_umoci_wrote
	output=$(hull run "$ID")
	has "$output" "uid=1000 gid=1001"
	has "$output" "CapEff:	0000000020000420" # CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE
	has "$output" refused
	is "1000:1001" "$(stat -c %u:%g rootfs/scratch/mine)"
}

@test "umoci: create, exec, kill, delete; annotations of the image are in the state" {
	need_umoci
	unpack_image --config.cmd sleep --config.cmd 1000 --config.stopsignal SIGQUIT
	as_umoci_wrote
	created "$ID"
	is created "$(status_of "$ID")"
	is SIGQUIT "$(hull state "$ID" | jq -r '.annotations["org.opencontainers.image.stopSignal"]')"
	hull start "$ID"
	is second "$(hull exec "$ID" cat /etc/layer)"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "umoci: an image unpacked for an ordinary user's ids" {
	need_umoci
	unpack_image --config.cmd /bin/sh --config.cmd -c --config.cmd 'id -u; cat /link'
	umoci unpack --uid-map 0:100000:65536 --gid-map 0:100000:65536 --image "$BATS_TEST_TMPDIR/umoci/image:base" \
		"$BATS_TEST_TMPDIR/umoci/mapped"
	BUNDLE=$BATS_TEST_TMPDIR/umoci/mapped
	cd "$BUNDLE"
	as_umoci_wrote
	is 100000 "$(jq '.linux.uidMappings[0].hostID' config.json)"
	is "0
second" "$(hull run "$ID")"
}

# --- Debian

# use_debian - root.path is a Debian root file system, never written
use_debian() {
	debian_root
	config '.root = {path: $d, readonly: true} | .hostname = "debian"
		| .process.env += ["LANG=C.UTF-8"]' --arg d "$DEBIAN"
	add_mount /tmp tmpfs tmpfs nosuid nodev
}

@test "Debian: apt-get --version" {
	use_debian
	config '.process.args = ["apt-get", "--version"]'
	output=$(hull run "$ID")
	matches 'apt [0-9]*' "$(head -1 <<<"$output")"
}

@test "Debian: dynamic programs, locale, dpkg's own view of the system" {
	use_debian
	config '.process.args = ["bash", "-ec", "ldd /bin/bash | grep -c libc.so; dpkg -s bash | grep ^Status; cat /etc/debian_version; perl -e \"print 6 * 7\""]'
	output=$(hull run "$ID")
	has "$output" "Status: install ok installed"
	has "$output" 42
}

@test "Debian: bash with a terminal, and job control" {
	use_debian
	config '.process.terminal = true | .process.args = ["bash", "--norc", "-i"] | .process.env += ["PS1=ready> "]'
	status=0
	output=$(on_terminal --type 'stty -echo; tty; sleep 100 & jobs; kill %1; wait; echo sum=$((40 + 2)); exit 3\n' \
		"$HULL" --root "$ROOT" run "$ID") || status=$?
	has "$output" /dev/pts/0
	has "$output" "Running"
	has "$output" sum=42
	lacks "$output" "no job control"
	is 3 "$status"
}

@test "Debian: exec with a terminal" {
	use_debian
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	output=$(on_terminal --type 'stty -echo; echo user=$(whoami) pid1=$(cat /proc/1/comm); exit 4\n' \
		"$HULL" --root "$ROOT" exec -t "$ID" bash --norc -i) || is 4 $?
	has "$output" "user=root pid1=sleep"
}

# Workers that fork workers: pipelines, a background shell of each, and orphans for process 1.
workload='trap "exit 7" TERM
for i in 1 2 3 4 5; do
	(while :; do seq 1000 | sort -r | tail -1 >/tmp/out.$i; done) &
	(sleep 2001 & sleep 2002 &)
	setsid sleep 2003 &
done
echo ready >/tmp/ready
wait'

@test "Debian: a workload of many processes is killed, and all of it is gone" {
	use_debian
	config '.process.args = ["bash", "-c", $w]' --arg w "$workload"
	detached "$ID"
	wait_for hull exec "$ID" test -e /tmp/ready
	[ "$(hull ps -f json "$ID" | jq length)" -ge 20 ]
	local pids pid
	pids=$(hull ps -f json "$ID" | jq '.[]')
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	for pid in $pids; do
		wait_for eval "! grep -qs 'State:.[^Z]' /proc/$pid/status"
	done
	is "[]" "$(hull ps -f json "$ID" | jq -c .)"
	hull delete "$ID"
}

@test "Debian: a workload in the foreground: SIGTERM to hull reaches it, its status comes back" {
	use_debian
	config '.process.args = ["bash", "-c", $w]' --arg w "$workload"
	"$HULL" --root "$ROOT" run "$ID" </dev/null >/dev/null 2>&1 3>&- &
	local run=$! status=0
	wait_for hull exec "$ID" test -e /tmp/ready
	kill -TERM "$run"
	wait "$run" || status=$?
	is 7 "$status"
	is "" "$(hull list -q)"
}

# no_zombies N - the shell, which goes on making processes, has made N, and none waits to be reaped
no_zombies() {
	hull exec "$ID" sh -c '[ "$$" -gt '"$1"' ] && ! grep -l "State:.Z" /proc/[0-9]*/status'
}

@test "Debian: orphans are reaped by process 1, and hull leaves no zombie" {
	use_debian
	config '.process.args = ["bash", "-c", "for i in 1 2 3 4 5 6; do (true &) ; done; while sleep 0.1; do :; done"]'
	detached "$ID"
	wait_for no_zombies 8
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "Debian: as another user in a user namespace of its own" {
	use_debian
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 33, gid: 33}
		| .process.args = ["bash", "-c", "whoami; id -g"]'
	is "www-data
33" "$(hull run "$ID")"
}
