# linux.netDevices: config-linux.md "Network Devices". Everything happens in a network namespace of
# the test's own, which plays the host.
load lib
load helpers/m_lib

test_setup() {
	HOST=hull-$BATS_ROOT_PID-$BATS_SUITE_TEST_NUMBER
	ip netns add "$HOST"
	host ip link add d0 type veth peer name p0 || { ip netns del "$HOST"; skip "kernel without veth (CONFIG_VETH)"; }
	host ip link set lo up
	config '.process.args = ["sleep", "1000"]'
}

test_teardown() {
	local id
	for id in $("$HULL" --root "$ROOT" list -q); do
		host "$HULL" --root "$ROOT" delete --force "$id" || echo "delete --force $id failed"
	done
	m_kill_all
	ip netns del "$HOST"
	wait_for eval '! ip netns list | grep -qw "$HOST"'
	# it was there when the host was looked at before the test, and hull has not taken it away
	sed -i "\\|/run/netns/$HOST |d" "$BATS_TEST_TMPDIR/before"
}

# host COMMAND... - in the network namespace that plays the host, with the mounts of the real one
host() {
	nsenter --net="/run/netns/$HOST" "$@"
}

hull() {
	host "$HULL" --root "$ROOT" "$@"
}

# devices JSON - set them
devices() {
	config '.linux.netDevices = $d' --argjson d "$1"
}

# links - names of the host's, sorted
links() {
	host ip -o link show | awk '{ sub(/[:@].*/, "", $2); print $2 }' | sort | xargs
}

# inside_ip PID ARGS... - ip(8) in a container's network namespace
inside_ip() {
	local pid=$1
	shift
	nsenter -t "$pid" -n ip "$@"
}

# addresses TEXT - of `ip -o addr`: family, address, scope and what else was set
addresses() {
	awk '{ out = $3 " " $4; for (i = 5; i <= NF; i++) {
		if ($i == "peer" || $i == "brd") out = out " " $i " " $(i + 1)
		if ($i == "scope") out = out " " $(i + 1) } print out }' | sort
}

@test "a device moves, is up, and has its global addresses of both families" {
	host ip link set d0 mtu 1400 address 02:00:00:00:00:07
	host ip addr add 10.9.8.1/24 brd 10.9.8.255 dev d0
	host ip addr add 10.9.8.2/24 brd 10.9.8.255 dev d0 # a secondary one
	host ip addr add 10.9.9.1 peer 10.9.9.2/32 dev d0
	host ip -6 addr add fd00::1/64 dev d0
	want=$(host ip -o addr show dev d0 | addresses)
	devices '{"d0": {}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "lo p0" "$(links)"
	pid=$(pid_of "$ID")
	have=$(inside_ip "$pid" -o addr show dev d0 scope global | addresses)
	is "$want" "$have"
	matches "*mtu 1400 *" "$(inside_ip "$pid" -o link show d0)"
	matches "*link/ether 02:00:00:00:00:07 *" "$(inside_ip "$pid" -o link show d0)"
	matches "*[<,]UP[,>]*" "$(inside_ip "$pid" -o link show d0)"
	# the payload sees the same
	is "d0 lo" "$(hull exec "$ID" ls /sys/class/net | xargs)"
}

@test "packets go through it" {
	host ip addr add 10.9.8.1/24 dev d0
	host ip addr add 10.9.8.3/24 dev p0
	host ip link set p0 up
	devices '{"d0": {"name": "eth0"}}'
	detached "$ID"
	wait_for nsenter -t "$(pid_of "$ID")" -n "$PYTHON" -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.9.8.1", 0)); s.connect(("10.9.8.3", 9)); s.send(b"x"); s.settimeout(1)
try:
    s.recv(1)
except ConnectionRefusedError: # its neighbour answered: nobody listens there
    pass'
}

@test "another name inside, alone and several at once" {
	host ip link add d1 type veth peer name p1
	host ip addr add 10.1.0.1/16 dev d1
	devices '{"d0": {"name": "eth0"}, "d1": {"name": "d0"}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "d0 eth0 lo" "$(hull exec "$ID" ls /sys/class/net | xargs)"
	is "10.1.0.1/16" "$(inside_ip "$(pid_of "$ID")" -o -4 addr show dev d0 | awk '{ print $4 }')"
	is "lo p0 p1" "$(links)"
}

@test "a template: the kernel numbers them" {
	host ip link add d1 type veth peer name p1
	host ip addr add 10.1.0.1/16 dev d1
	devices '{"d0": {"name": "eth%d"}, "d1": {"name": "eth%d"}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "eth0 eth1 lo" "$(hull exec "$ID" ls /sys/class/net | xargs)"
	is "10.1.0.1/16" "$(inside_ip "$(pid_of "$ID")" -o -4 addr show dev eth1 | awk '{ print $4 }')"
}

@test "link-local and temporary addresses stay behind" {
	host ip addr add 169.254.3.3/16 scope link dev d0
	host ip addr add 10.2.0.1/16 dev d0 valid_lft 1000 preferred_lft 1000
	host ip addr add 10.3.0.1/16 dev d0
	devices '{"d0": {}}'
	detached "$ID"
	is "10.3.0.1/16" "$(inside_ip "$(pid_of "$ID")" -o -4 addr show dev d0 | awk '{ print $4 }')"
}

@test "what was said about an address is said again" {
	host ip addr add 10.9.7.1/24 metric 77 dev d0
	host ip addr add 10.9.6.1/24 noprefixroute dev d0
	host ip -6 addr add fd00::5/64 nodad dev d0
	devices '{"d0": {"name": "eth0"}}'
	detached "$ID"
	pid=$(pid_of "$ID")
	matches "*noprefixroute*" "$(inside_ip "$pid" -o -4 addr show | grep -F 10.9.6.1/24)"
	matches "*nodad*" "$(inside_ip "$pid" -o -6 addr show | grep -F fd00::5/64)"
	matches "10.9.7.0/24 * metric 77 *" "$(inside_ip "$pid" route)"
}

@test "many addresses; more than can be kept are an error" {
	host "$PYTHON" -c 'for i in range(255): print("addr add 10.%d.0.1/16 dev d0" % i)' >many
	host ip -batch many
	host ip -6 addr add fd00::1/64 dev d0
	devices '{"d0": {}}'
	detached "$ID"
	is 256 "$(inside_ip "$(pid_of "$ID")" -o addr show dev d0 scope global | wc -l)"
	hull delete --force "$ID"
	wait_for eval '[ "$(links)" = lo ]'
	host ip link add d0 type veth peer name p0
	host ip -batch many
	host ip -6 addr add fd00::1/64 dev d0
	host ip -6 addr add fd00::2/64 dev d0
	as_before "hull: create $ID: linux.netDevices.d0: has more than 256 addresses" create "$ID"
}

@test "a joined network namespace: the device goes there, and stays when the container ends" {
	m_background nsenter --net="/run/netns/$HOST" unshare -n sleep 100
	wait_for eval '[ "$(readlink /proc/$M_PID/ns/net)" != "$(stat -Lc "net:[%i]" "/run/netns/$HOST")" ] && [ "$(readlink /proc/$M_PID/exe)" != "$(command -v nsenter)" ]'
	wait_for grep -q sleep "/proc/$M_PID/comm"
	join_namespace network "/proc/$M_PID/ns/net"
	devices '{"d0": {"name": "eth0"}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "$(readlink "/proc/$M_PID/ns/net")" "$(readlink "/proc/$(pid_of "$ID")/ns/net")"
	hull delete --force "$ID"
	is "eth0" "$(inside_ip "$M_PID" -o link show type veth | awk '{ sub(/[:@].*/, "", $2); print $2 }')"
	is "lo p0" "$(links)"
}

@test "with a user namespace" {
	user_namespace
	host ip addr add 10.3.0.1/16 dev d0
	devices '{"d0": {"name": "eth0"}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	is "10.3.0.1/16" "$(inside_ip "$(pid_of "$ID")" -o -4 addr show dev eth0 | awk '{ print $4 }')"
}

@test "hooks of the host see it inside already" {
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' \
		--arg s "pid=\$(sed 's/.*\"pid\":\([0-9]*\).*/\1/'); /usr/bin/nsenter -t \$pid -n $(command -v ip) -o link >$BUNDLE/seen"
	devices '{"d0": {"name": "eth0"}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	matches "*eth0*" "$(cat seen)"
}

# --- failures: the device is where and what it was

# as_before COMMAND... - fails as refused says, and the host's devices are the same in all respects
as_before() {
	host ip -d -o addr show | sed 's/ *valid_lft.*//' | sort >was
	host ip -o link show | sed 's/^[0-9]*: //; s/qlen [0-9]*//; s/@[^:]*//; s/state [A-Z]*//; s/,LOWER_UP//; s/NO-CARRIER,//; s/,M-DOWN//; s/link-netns.*//' | sort >was.links
	refused "$@"
	host ip -d -o addr show | sed 's/ *valid_lft.*//' | sort >is
	host ip -o link show | sed 's/^[0-9]*: //; s/qlen [0-9]*//; s/@[^:]*//; s/state [A-Z]*//; s/,LOWER_UP//; s/NO-CARRIER,//; s/,M-DOWN//; s/link-netns.*//' | sort >is.links
	diff <(cut -d: -f2- was | sed 's/tentative//') <(cut -d: -f2- is | sed 's/tentative//')
	diff was.links is.links
}

@test "a container that fails later puts its devices back, with addresses and state" {
	host ip link add d1 type veth peer name p1
	host ip addr add 10.3.0.1/16 brd + dev d0
	host ip -6 addr add fd00::7/64 dev d0 nodad
	host ip link set d0 up
	host ip addr add 10.4.0.1/16 dev d1
	devices '{"d0": {"name": "eth0"}, "d1": {"name": "eth%d"}}'
	config '.process.args = ["/no/such/program"]'
	as_before "hull: create $ID: exec: \"/no/such/program\": *no such file or directory*" create "$ID"
	as_before "hull: run $ID: exec: \"/no/such/program\": *no such file or directory*" run "$ID"
	config '.process.args = ["true"] | .hooks.createRuntime = [{path: "/bin/false"}]'
	as_before "hull: create $ID: hooks.createRuntime[[]0] *" create "$ID"
}

@test "a second device that is not there: the first is put back" {
	host ip addr add 10.3.0.1/16 dev d0
	devices '{"d0": {"name": "eth0"}, "nosuch": {}}'
	as_before "hull: create $ID: linux.netDevices.nosuch: find the device: no such device*" create "$ID"
}

@test "a name that is taken: the device stays where it is" {
	host ip addr add 10.3.0.1/16 dev d0
	devices '{"d0": {"name": "lo"}}'
	as_before "hull: create $ID: linux.netDevices.d0: move to the container as lo: file exists*" create "$ID"
	host ip link add d1 type veth peer name p1
	devices '{"d0": {"name": "x"}, "d1": {"name": "x"}}'
	as_before "hull: create $ID: linux.netDevices.d1: move to the container as x: file exists*" create "$ID"
}

@test "a device that cannot move" {
	devices '{"lo": {"name": "lo1"}}'
	as_before "hull: create $ID: linux.netDevices.lo: move to the container as lo1: invalid argument*" create "$ID"
}

@test "a name that was taken meanwhile on the way back: the addresses are with it all the same" {
	host ip addr add 10.3.0.1/16 dev d0
	devices '{"d0": {"name": "eth0"}}'
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' \
		--arg s "$(command -v ip) link add d0 type veth peer name q0 && exit 3"
	refused "hull: create $ID: hooks.createRuntime[[]0] *exit status 3*" create "$ID"
	# lost with the namespace it would be: it is here under another name
	is 10.3.0.1/16 "$(host ip -o -4 addr show | awk '$2 != "lo" { print $4 }')"
}

@test "names that are none, or too long, and no namespace" {
	devices '{"d0": {"name": "a/b"}}'
	refused "hull: create $ID: linux.netDevices.d0 (line *): not the name of a network device: \"a/b\"" create "$ID"
	devices '{"d0": {"name": "sixteen-letters-"}}'
	refused "hull: create $ID: linux.netDevices.d0 (line *): not the name of a network device: *" create "$ID"
	devices '{"d0": {"name": ""}}'
	refused "hull: create $ID: linux.netDevices.d0 (line *): not the name of a network device: \"\"" create "$ID"
	devices '{"d0": {"name": ".."}}'
	refused "hull: create $ID: linux.netDevices.d0 (line *): not the name of a network device: *" create "$ID"
	no_namespace network
	devices '{"d0": {}}'
	refused "hull: create $ID: linux.netDevices (line *): needs a network namespace*" create "$ID"
}

@test "kill -9 of create after the move: delete --force clears, the kernel takes the device" {
	devices '{"d0": {"name": "eth0"}}'
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' --arg s "echo >$BUNDLE/here; sleep 3"
	m_background nsenter --net="/run/netns/$HOST" "$HULL" --root "$ROOT" create "$ID"
	wait_for test -e here
	kill -KILL "$M_PID"
	hull delete --force "$ID"
	wait_for eval '[ "$(links)" = lo ]' # both ends of a veth go with one
	fails '*container does not exist' state "$ID"
}
