#!/usr/bin/env bash
# run.sh - hull's commands at the worst moments: run.sh PROGRAM HULL EVERY
#
# Kills and failures side by side, the failures, which are six times as many, over two processes.
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
trap 'rm -rf "$work"' EXIT

# bundle DIRECTORY - with a hook, for the moments around it
bundle() {
	mkdir -p "$1/bundle/rootfs/bin"
	mkdir -m 700 "$1/root"
	cp "$(command -v busybox)" "$1/bundle/rootfs/bin/busybox"
	ln -s busybox "$1/bundle/rootfs/bin/true"
	ln -s busybox "$1/bundle/rootfs/bin/sleep"
	jq '.process.args = ["sleep", "1000"] | .hooks.createRuntime = [{path: "/bin/true"}]' \
		config.json.example >"$1/bundle/config.json"
	jq '.process.args = ["true"]' "$1/bundle/config.json" >"$1/bundle/short.json"
	jq 'del(.linux.namespaces[] | select(.type == "pid"))' "$1/bundle/config.json" >"$1/bundle/shared.json"
}

pids=()
for part in "kill all" "fail makers" "fail others"; do
	directory=$work/${part/ /-}
	bundle "$directory"
	# shellcheck disable=SC2086 # two words
	$crash $part "$hull" "$directory" "$every" >"$directory.out" 2>&1 &
	pids+=($!)
done
status=0
for pid in "${pids[@]}"; do
	wait "$pid" || status=1
done
passed=0 failed=0
for out in "$work"/*.out; do
	echo "== $(basename "$out" .out)"
	grep -v ' passed, ' "$out"
	read -r p _ f _ < <(grep -E '^[0-9]+ passed, ' "$out" || echo 0 passed, 1 failed,)
	passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed, 0 skipped"
exit $status
