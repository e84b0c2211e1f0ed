# linux.timeOffsets: time_namespaces(7)
load lib
load helpers/m_lib

test_setup() {
	[ -e /proc/self/timens_offsets ] || skip "kernel without time namespaces (5.6)"
	PROBE=$(compile probe)
	cp "$PROBE" rootfs/bin/probe
	config '.linux.namespaces += [{type: "time"}] | .process.args = ["sh", "-c", "probe clock; sleep 1000"]'
}

# offsets JSON - set them
offsets() {
	config '.linux.timeOffsets = $t' --argjson t "$1"
}

# ahead MONOTONIC BOOTTIME CLOCKS - those two clocks are that many seconds before the host's, or a
# little more
ahead() {
	local mono boot inmono inboot
	read -r mono boot <<<"$("$PROBE" clock)"
	read -r inmono inboot <<<"$3"
	inmono=$((inmono - mono - $1)) inboot=$((inboot - boot - $2))
	[ "$inmono" -ge -30 ] && [ "$inmono" -le 1 ] && [ "$inboot" -ge -30 ] && [ "$inboot" -le 1 ] && return
	echo "clocks: $3, the host's: $mono $boot, expected: $1 $2 ahead"
	return 1
}

first_words() {
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	output_of "$ID"
}

@test "init's clocks, those of what enters and of hooks inside; nobody else's" {
	config '.root.readonly = false | .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "probe clock >/tmp/hook"]}]'
	offsets '{"monotonic": {"secs": 100000, "nanosecs": 5}, "boottime": {"secs": 200000}}'
	local before
	before=$("$PROBE" clock)
	created "$ID"
	local init
	init=$(pid_of "$ID")
	is "monotonic 100000 5 boottime 200000 0" "$(xargs <"/proc/$init/timens_offsets" | tr -s ' ')"
	hull start "$ID"
	ahead 100000 200000 "$(first_words)"
	ahead 100000 200000 "$(hull exec "$ID" probe clock)"
	ahead 100000 200000 "$(cat rootfs/tmp/hook)"
	# time since boot, as the kernel tells it inside
	ahead 0 200000 "$("$PROBE" clock | cut -d' ' -f1) $(hull exec "$ID" sed 's/[. ].*//' /proc/uptime)"
	ahead 0 0 "$("$PROBE" clock)"
	[ "$(readlink "/proc/$init/ns/time")" != "$(readlink /proc/self/ns/time)" ]
	is "$(readlink "/proc/$init/ns/time")" "$(readlink "/proc/$init/ns/time_for_children")"
	is "$(readlink "/proc/$init/ns/time")" "$(hull exec "$ID" readlink /proc/self/ns/time)"
	is "$(readlink /proc/self/ns/time)" "$(readlink /proc/self/ns/time_for_children)"
}

@test "one clock, fractions alone, and backwards" {
	offsets '{"boottime": {"nanosecs": 999999999}}'
	detached "$ID"
	is "monotonic 0 0 boottime 0 999999999" "$(xargs <"/proc/$(pid_of "$ID")/timens_offsets" | tr -s ' ')"
	ahead 0 0 "$(first_words)"
	hull delete --force "$ID"
	offsets '{"monotonic": {"secs": -60, "nanosecs": 250000000}}'
	detached "$ID"
	is "monotonic -60 250000000 boottime 0 0" "$(xargs <"/proc/$(pid_of "$ID")/timens_offsets" | tr -s ' ')"
	ahead -60 0 "$(first_words)"
}

@test "a new namespace without offsets, and with an empty list of them" {
	for t in null '{}'; do
		offsets "$t"
		detached "$ID"
		[ "$(readlink "/proc/$(pid_of "$ID")/ns/time")" != "$(readlink /proc/self/ns/time)" ]
		ahead 0 0 "$(first_words)"
		hull delete --force "$ID"
	done
}

@test "without the namespace it is the host's" {
	no_namespace time
	detached "$ID"
	is "$(readlink /proc/self/ns/time)" "$(readlink "/proc/$(pid_of "$ID")/ns/time")"
}

@test "with a user namespace: its root makes them" {
	user_namespace
	offsets '{"monotonic": {"secs": 4000}, "boottime": {"secs": 5000}}'
	detached "$ID" || { errors_of "$ID"; return 1; }
	ahead 4000 5000 "$(first_words)"
	ahead 4000 5000 "$(hull exec "$ID" probe clock)"
}

@test "a joined namespace has the offsets of whoever made it" {
	offsets '{"monotonic": {"secs": 7000}, "boottime": {"secs": 8000}}'
	detached "$ID"
	join_namespace time "/proc/$(pid_of "$ID")/ns/time"
	config 'del(.linux.timeOffsets)'
	cp "$BATS_TEST_TMPDIR/$ID.out" first
	config '.process.args = ["probe", "clock"]'
	ahead 7000 8000 "$(hull run "$ID-2")"
}

@test "with other namespaces that are joined" {
	offsets '{"monotonic": {"secs": 300}}'
	m_background unshare -u sleep 100
	wait_for eval '[ "$(readlink /proc/$M_PID/ns/uts)" != "$(readlink /proc/self/ns/uts)" ]'
	join_namespace uts "/proc/$M_PID/ns/uts"
	config 'del(.hostname)'
	detached "$ID" || { errors_of "$ID"; return 1; }
	ahead 300 0 "$(first_words)"
	is "$(readlink "/proc/$M_PID/ns/uts")" "$(readlink "/proc/$(pid_of "$ID")/ns/uts")"
}

# --- failures

@test "a clock before the machine's start, or beyond the end of time" {
	offsets '{"monotonic": {"secs": -100000000}}'
	refused "hull: create $ID: linux.timeOffsets: write timens_offsets: numerical result out of range*" create "$ID"
	offsets '{"boottime": {"secs": 9000000000000000}}'
	refused "hull: run $ID: linux.timeOffsets: write timens_offsets: numerical result out of range*" run "$ID"
}

@test "a clock that has no offset, numbers that are none, and no namespace for them" {
	offsets '{"realtime": {"secs": 1}}'
	refused "hull: create $ID: linux.timeOffsets (line *): unknown clock \"realtime\"" create "$ID"
	offsets '{"monotonic": {"secs": 1.5}}'
	refused "hull: create $ID: linux.timeOffsets.monotonic.secs (line *): not a whole number: 1.5" create "$ID"
	offsets '{"monotonic": {"nanosecs": -1}}'
	refused "hull: create $ID: linux.timeOffsets.monotonic.nanosecs (line *): out of range: -1" create "$ID"
	offsets '[]'
	refused "hull: create $ID: linux.timeOffsets (line *): expected object, found array" create "$ID"
	offsets '{"monotonic": {"secs": 1}}'
	no_namespace time
	refused "hull: create $ID: linux.timeOffsets (line *): needs a new time namespace" create "$ID"
}
