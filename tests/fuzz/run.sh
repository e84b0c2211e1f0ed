#!/usr/bin/env bash
# run.sh - the fuzz targets, two beside each other: run.sh DIRECTORY SECONDS [TARGET...]
#
# DIRECTORY has the program. Each target first runs the inputs that are committed, then new ones for
# so many seconds (0: none), which stay in DIRECTORY/corpus for the next time. What makes one fail
# stays in DIRECTORY, and DIRECTORY/bin/TARGET FILE runs it again. A failure of the committed inputs or
# of a new one fails the target. Closes with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1 seconds=$2
shift 2

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
mkdir -p "$build/bin"
ln -sf ../targets "$build/bin/list"
[ $# != 0 ] || mapfile -t all < <("$build/bin/list" --list)
[ $# = 0 ] || all=("$@")

# fuzz TARGET: what it says goes to DIRECTORY/TARGET.log. Status 0 only when nothing was found.
fuzz() {
	local name=$1 dict=json
	local new=$build/corpus/$name own=tests/fuzz/corpus/$name log=$build/$name.log
	case $name in mounts | words | notify | proc | cgroup | rdt) dict=text ;; esac
	local options=(-dict="tests/fuzz/$dict.dict" -artifact_prefix="$build/$name-" -timeout=20
		-rss_limit_mb=2048 -print_final_stats=1)

	mkdir -p "$new"
	ln -sf ../targets "$build/bin/$name"
	"$build/bin/$name" "${options[@]}" -runs=0 "$own" >"$log" 2>&1 || return
	[ "$seconds" != 0 ] || return 0
	"$build/bin/$name" "${options[@]}" -max_total_time="$seconds" "$new" "$own" >>"$log" 2>&1
}

# report TARGET STATUS
report() {
	local log=$build/$1.log
	if [ "$2" != 0 ]; then
		grep -v -E '^#[0-9]+|^INFO' "$log" | sed '/SUMMARY/q; s/^/    | /' | tail -n 40
		echo "  $1: failed (status $2)$(sed -n 's/.*Test unit written to/, the input is/p' "$log")"
		return
	fi
	awk -v name="$1" '
		$1 ~ /^#/ { for (i = 2; i < NF; i++) if ($i == "cov:") edges = $(i + 1); else if ($i == "corp:") corpus = $(i + 1) }
		/stat::number_of_executed_units/ { runs += $2 }
		END { printf "  %-10s %10d runs, %5d edges, corpus %s\n", name, runs, edges, corpus }' "$log"
}

passed=0 failed=0
declare -A target_of
# collect: wait for one of those that run
collect() {
	local pid status
	wait -n -p pid
	status=$?
	report "${target_of[$pid]}" $status
	if [ $status = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

for ((i = 0; i < ${#all[@]}; i++)); do
	[ $i -lt 2 ] || collect
	fuzz "${all[i]}" &
	target_of[$!]=${all[i]}
done
for ((i = 0; i < ${#all[@]} && i < 2; i++)); do
	collect
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed != 0 ]
