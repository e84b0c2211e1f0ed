#!/usr/bin/env bats
# extremes: sizes and numbers at the edge of what the kernel takes, and past it

load lib
load helpers/m_lib

# at_most SECONDS COMMAND... - it ends within
at_most() {
	local limit=$1 begin=$SECONDS
	shift
	"$@"
	[ $((SECONDS - begin)) -le "$limit" ]
}

@test "ten thousand mounts" {
	mkdir source
	echo text >source/file
	config '.mounts += [range(10000) | {destination: "/m/\(.)", type: "none", source: $s, options: ["bind", "ro"]}]
		| .process.rlimits = []' --arg s "$PWD/source"
	sh_config 'cat /m/0/file /m/9999/file; grep -c " /m/" /proc/self/mountinfo'
	is "text text 10000" "$(hull run "$ID" | xargs)"
	config '.mounts += [range(100000) | {destination: "/n/\(.)", type: "none", source: $s, options: ["bind"]}]' \
		--arg s "$PWD/source"
	refused "hull: run $ID: read *config.json: file too large" run "$ID"
}

@test "five thousand variables, and one of a hundred thousand bytes" {
	config '.process.env += [range(5000) | "V\(.)=\(.)"] + ["LONG=" + ("x" * 100000)]'
	sh_config 'env | grep -c "^V[0-9]*="; echo $V0 $V4999 ${#LONG}'
	is "5000 0 4999 100000" "$(hull run "$ID" | xargs)"
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	is 5000 "$(hull exec "$ID" env | grep -c '^V[0-9]*=')"
}

@test "an argument as long as the kernel takes, one that is longer, and too many" {
	config '.process.args = ["sh", "-c", "echo ${#1}", "sh", "x" * 131071]'
	is 131071 "$(hull run "$ID")"
	config '.process.args = ["sh", "-c", "echo ${#1}", "sh", "x" * 131072]'
	refused "hull: run $ID: *rgument list too long*" run "$ID"
	config '.process.args = ["sh", "-c", "echo $#", "sh"] + [range(100) | "x" * 100000]'
	refused "hull: run $ID: *rgument list too long*" run "$ID"
	refused "hull: create $ID: *rgument list too long*" create "$ID"
}

@test "paths of three hundred characters and more: bundle, state, working directory, mounts, program" {
	local long
	long=$(printf 'd%.0s' $(seq 150))/$(printf 'e%.0s' $(seq 150))/$(printf 'f%.0s' $(seq 100))
	mkdir -p "$long/bundle" "rootfs/$long"
	mv rootfs config.json "$long/bundle/"
	mv "$long/bundle" "$long/b"
	cp "$long/b/rootfs/bin/busybox" "$long/b/rootfs/$long/cat"
	BUNDLE=$PWD/$long/b
	mkdir "$BUNDLE/source"
	echo text >"$BUNDLE/source/file"
	config '.mounts += [{destination: ("/" + $l + "/m"), type: "none", source: $s, options: ["bind"]}]
		| .process.cwd = "/" + $l + "/m" | .process.args = ["/" + $l + "/cat", "file"]' \
		--arg l "$long" --arg s "$BUNDLE/source"
	ROOT=$PWD/$long/state
	is text "$(hull run --bundle "$BUNDLE" --pid-file "$PWD/$long/pid" "$ID")"
	config '.process.args = ["sleep", "1000"]'
	hull run -d --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	is "/$long/m" "$(hull exec "$ID" pwd)"
	hull delete --force "$ID"
	ls "$ROOT" | not grep . # nothing is left there
}

@test "an id of 255 bytes, and one of 256" {
	local id
	id=$ID$(printf 'x%.0s' $(seq $((255 - ${#ID}))))
	config '.process.args = ["sleep", "1000"]'
	hull run -d "$id" </dev/null >/dev/null 2>&1
	is in "$(hull exec "$id" echo in)"
	is "$id" "$(hull list -q)"
	hull delete --force "$id"
	refused "hull: run *: invalid container ID format: longer than 255 bytes" run "${id}x"
	is "" "$(hull list -q)"
}

@test "a full file system for states: one line, and what is there still works and can be deleted" {
	mkdir full
	mount -t tmpfs -o size=64k tmpfs full
	ROOT=$PWD/full/state
	config '.process.args = ["sleep", "1000"]'
	detached "$ID"
	head -c 1000000 /dev/zero >full/rest 2>/dev/null || true
	fails "hull: run $ID-2: *o space left on device*" run "$ID-2"
	is "$ID" "$(hull list -q)"
	is running "$(status_of "$ID")"
	is in "$(hull exec "$ID" echo in)"
	hull kill "$ID" KILL
	hull delete --force "$ID"
	is "" "$(hull list -q)"
	umount full
	ROOT=$BATS_TEST_TMPDIR/state
}

@test "64 descriptors: run, exec, list of more containers than that" {
	local i
	config '.process.rlimits = [] | .process.args = ["sleep", "1000"]'
	for i in $(seq 70); do
		detached "$ID-$i"
	done
	ulimit -n 64
	is 70 "$(hull list -q | wc -l)"
	is in "$(hull exec "$ID-1" echo in)"
	sh_config 'echo ran'
	is ran "$(hull run "$ID")"
	hull delete --force --regex "$ID-.*" 2>/dev/null || for i in $(seq 70); do hull delete --force "$ID-$i"; done
	is "" "$(hull list -q)"
}

# A listening socket whose queue is full accepts nobody and refuses nobody: connect(2) waits.
@test "a console socket that is full is waited for ten seconds, and nothing is left" {
	"$PYTHON" -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind("busy")
s.listen(0)
waiting = []
while True:
    c = socket.socket(socket.AF_UNIX)
    c.setblocking(False)
    try:
        c.connect("busy")
        waiting.append(c)
    except BlockingIOError:
        break
print("full", flush=True)
sys.stdin.read()' <>"$(fifo end)" >said 3>&- &
	wait_for grep -q full said
	config '.process.terminal = true'
	at_most 20 refused "hull: create $ID: *console*" create --console-socket busy "$ID"
	kill $!
}

# fifo NAME - made; prints its name
fifo() {
	mkfifo "$1"
	echo "$1"
}
