#!/usr/bin/env bash
# run.sh - hull's commands at the worst moments: run.sh PROGRAM HULL EVERY
#
# Kills and failures side by side, the failures, which are six times as many, over three processes.
# Closes with "N passed, N failed, N skipped"; status 0 only with none failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
crash=$1 hull=$2 every=$3

if [ "$(id -u)" != 0 ]; then
	echo "check-crash: needs root" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
work=$(mktemp -d)
chmod 711 "$work" # root of a user namespace has to get to its rootfs
pids=()

# Also after an interruption, which the programs outlive, and their containers them.
# shellcheck disable=SC2317 # called by the trap
clean_up() {
	local state file
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
	for state in "$work"/*/root/*; do
		[ ! -d "$state" ] || "$hull" --root "${state%/*}" delete --force "${state##*/}"
	done
	for file in "$work"/*/ns/* "$work"/*/ns; do
		! mountpoint -q "$file" || umount "$file"
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# config NAME FROM FILTER - another configuration of the bundle at $directory
config() {
	jq --arg dir "$directory" "$3" "$directory/bundle/$2.json" >"$directory/bundle/$1.json"
}

# shellcheck disable=SC2016 # $dir is jq's
# a bundle with a hook, for the moments around it, and what else create can be told to do
bundle() {
	mkdir -p "$directory/bundle/rootfs/bin" "$directory/bundle/rootfs/data" "$directory/bundle/data" &&
		mkdir -m 700 "$directory/root" &&
		cp "$(command -v busybox)" "$directory/bundle/rootfs/bin/busybox" &&
		ln -s busybox "$directory/bundle/rootfs/bin/true" &&
		ln -s busybox "$directory/bundle/rootfs/bin/sleep" &&
		cp config.json.example "$directory/bundle/example.json" &&
		config config example '.process.args = ["sleep", "1000"]
			| .hooks.createRuntime = [{path: "/bin/true"}]' &&
		config short config '.process.args = ["true"]' &&
		config shared config 'del(.linux.namespaces[] | select(.type == "pid"))' &&
		config terminal config '.process.terminal = true' &&
		config users config '.linux.namespaces += [{type: "user"}]
			| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
			| .linux.gidMappings = .linux.uidMappings
			| .mounts += [{destination: "/data", source: "data", options: ["bind", "idmap"]}]' &&
		config joined config '(.linux.namespaces[] | select(.type | IN("network", "ipc", "uts")))
			|= (.path = "\($dir)/ns/\(if .type == "network" then "net" else .type end)")' &&
		config everything config '.root.readonly = true
			| .process.oomScoreAdj = 100
			| .process.scheduler = {policy: "SCHED_BATCH", nice: 5}
			| .process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}
			| .hooks += ({createContainer: [{path: "/bin/true"}]}
				| .startContainer = .createContainer | .poststart = .createContainer
				| .poststop = .createContainer)
			| .linux.namespaces += [{type: "time"}]
			| .linux.timeOffsets.monotonic = {secs: 10}
			| .linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229}]
			# so few names are compiled each time
			| .linux.seccomp.syscalls |= .[1:]
			| .mounts += [{destination: "/data", source: "data", options: ["bind", "idmap"]}
				| .uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
				| .gidMappings = .uidMappings]'
}

# namespaces to join, each held by a mount and no process
namespaces() {
	local ns=$directory/ns
	mkdir "$ns" && mount --bind "$ns" "$ns" && mount --make-private "$ns" &&
		touch "$ns/net" "$ns/ipc" "$ns/uts" &&
		unshare --net="$ns/net" --ipc="$ns/ipc" --uts="$ns/uts" true
}

for part in "kill 0/1" "fail 0/3" "fail 1/3" "fail 2/3"; do
	directory=$work/${part//[ \/]/-}
	if ! bundle || ! namespaces; then
		echo "0 passed, 1 failed, 0 skipped"
		exit 1
	fi
	# shellcheck disable=SC2086 # two words
	$crash $part "$hull" "$directory" "$every" >"$directory.out" 2>&1 &
	pids+=($!)
done
status=0
for pid in "${pids[@]}"; do
	wait "$pid" || status=1
done
pids=()
passed=0 failed=0
for out in "$work"/*.out; do
	echo "== $(basename "$out" .out)"
	grep -v ' passed, ' "$out"
	read -r p _ f _ < <(grep -E '^[0-9]+ passed, ' "$out" || echo 0 passed, 1 failed,)
	passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed, 0 skipped"
exit $status
