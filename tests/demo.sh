#!/bin/sh
# demo.sh - a container from config.json.example on a busybox root file system: `sudo make demo`
set -eu
cd "$(dirname "$0")/.."

tests/deps.sh build
${MAKE:-make} all
hull=${HULL:-build/hull}
id=hull-demo-$$
bundle=$(mktemp -d)
clean_up() {
	"$hull" delete --force "$id" 2>/dev/null || true # there only if the run was interrupted
	rm -rf "$bundle"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# A root file system is any directory with a program in it.
cp config.json.example "$bundle/config.json"
mkdir -p "$bundle/rootfs/bin" "$bundle/rootfs/etc"
cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
"$bundle/rootfs/bin/busybox" --install "$bundle/rootfs/bin"
echo 'root:x:0:0:root:/root:/bin/sh' >"$bundle/rootfs/etc/passwd"

echo "demo: $hull run -b $bundle $id"
output=$("$hull" run -b "$bundle" "$id")
echo "$output"

expect() {
	echo "$output" | grep -qE "$1" || { echo "demo: expected a line like: $1" >&2; exit 1; }
}
expect '^pid: +1$'
expect '^hostname: +hull-demo$'
expect '^open files: +1024, at most 4096$'
expect '^pids limit: +64$'
expect '^memory limit: +67108864$'
expect '^NoNewPrivs:.1$'
expect '^Seccomp:.2$'
expect '^new user namespace: refused$'
echo "demo: a container of its own: process 1, host name, limits and system call filter as configured"
