#!/usr/bin/env bash
# run.sh - every test that this host can run: run.sh UNIT_DIR [unit|root|property|attack|callers]
#
# UNIT_DIR holds the unit test programs; HULL names the program that tests/integration uses. The
# last argument runs one part alone; callers, the programs that use hull, run only when asked for.
# As an ordinary user the integration tests are those of rootless*.bats. FILES="exec hooks" names files.
#
# After each case the host must be what it was before. With JOBS over 1 that many test files run at a
# time, and each answers only for what carries its marks; for the rest the host is compared once, at
# the end. Closes with "N passed, N failed, N skipped"; status 0 only with none failed and at least
# one passed.
set -u
cd "$(dirname "$0")/.." || exit 1

unit_dir=$1
only=${2:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
: >"$out/skips" >"$out/sums"

# Reads TAP: prints "passed failed skipped" and appends what was skipped to @skips. What was planned
# and not reported, or reported beyond the plan, has failed; so has a program that gave no plan, or
# that ended badly (@status) without a failure of its own to show for it.
read -r -d '' count <<'AWK'
# bats ends a name with "# skip reason"; cmocka (1.1) writes "not ok N # SKIP name" and knows no
# reason, so tests/unit/unit.h prints one in the line above
tolower($0) ~ /^not ok [0-9]+ # skip / || tolower($0) ~ /^ok [0-9]+ .*# skip/ {
	line = $0
	sub(/^(not )?ok [0-9]+ (- )?/, "", line)
	sub(/# (skip|SKIP) */, "# ", line)
	sub(/^# /, "", line)
	if (line !~ /# ./)
		line = line " # " (reason ? reason : "no reason given")
	print label ": " line >>skips
	skip++
	reason = ""
	next
}
/^ok [0-9]+/ { pass++; reason = "" }
/^not ok [0-9]+/ { fail++; reason = "" }
/^# skip: / { reason = substr($0, 9) }
/^1\.\.[0-9]+$/ { plan += substr($0, 4); planned = 1 }
END {
	seen = pass + fail + skip
	if (!planned)
		fail++
	else if (seen != plan)
		fail += seen < plan ? plan - seen : seen - plan
	else if (status && !fail)
		fail++
	print pass + 0, fail + 0, skip + 0
}
AWK

# Reads TAP: prints each case that failed, with what was said before it (cmocka) and after it (bats),
# and what a program said after its last case
read -r -d '' failures <<'AWK'
/^ok [0-9]+/ || /^not ok [0-9]+ # SKIP / { bad = 0; said = ""; next }
/^not ok [0-9]+/ { printf "%s", said; bad = 1; said = "" }
bad { print; next }
{ said = said $0 "\n" }
END { printf "%s", said }
AWK

# run LABEL COMMAND...: one program's tests, and what it says of those that fail
run() {
	local label=$1 tap status p f s
	shift
	SECONDS=0
	tap=$(mktemp -p "$out")
	timeout --kill-after=10 "${TEST_TIMEOUT:-1800}" "$@" >"$tap" 2>&1 </dev/null
	status=$?
	read -r p f s < <(awk -v label="$label" -v skips="$out/skips" -v status=$status "$count" "$tap")
	echo "$p $f $s" >>"$out/sums"
	{
		printf '  %-34s %s passed, %s failed, %s skipped, %s s\n' "$label" "$p" "$f" "$s" $SECONDS
		sed -n 's/^# \(tried .*\)/    \1/p' "$tap" # what a test counted
		if [ "$f" != 0 ]; then
			awk "$failures" "$tap" | sed 's/^/    | /'
			[ $status -lt 124 ] || echo "    | (exit status $status)"
		fi
	} >"$tap.report"
	cat "$tap.report" # at once, for others may be writing
}

run_unit() {
	local source program
	for source in tests/unit/test_*.c; do
		program=$(basename "$source" .c)
		CMOCKA_MESSAGE_OUTPUT=TAP run "unit/${program#test_}" "$unit_dir/$program"
	done
}

# skip_file FILE LABEL REASON: none of its tests is run
skip_file() {
	local n
	n=$(grep -c '^@test' "$1")
	echo "0 0 $n" >>"$out/sums"
	echo "$2: all $n tests # $3" >>"$out/skips"
}

# run_bats DIRECTORY: of tests/, those of FILES if it is set; the ones with the most cases first, so that
# all jobs end together
run_bats() {
	local file name label
	for file in $(grep -c '^@test' /dev/null "tests/$1"/*.bats | sort -t: -k2nr | cut -d: -f1); do
		name=$(basename "$file" .bats)
		[[ $file != /dev/null && " ${FILES:-$name} " == *" $name "* ]] || continue
		label=$1/$name
		if [ "$(id -u)" != 0 ] && [[ $file != */rootless* ]]; then
			skip_file "$file" "$label" "needs root"
			continue
		fi
		while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do
			wait -n
		done
		run "$label" bats --tap "$file" &
	done
	wait
}

# host - all that a container could leave anywhere; the first `ip netns` of a machine mounts its
# directory for good, and hull keeps what it has compiled
host() (
	. tests/integration/lib.bash
	ROOT=/run/hull MARK=/ ID=/ HULL_TESTS_SHARE=
	host_snapshot | grep -v -e ' /run/netns /run/netns ' -e '^/run/hull/\.filters$'
)

# compare_host - with what it was like before, once the last process has ended
compare_host() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		host >"$out/after"
		if cmp -s "$out/before" "$out/after"; then
			echo "1 0 0" >>"$out/sums"
			return
		fi
		sleep 0.5
	done
	echo "0 1 0" >>"$out/sums"
	echo "  the host is not as it was before the tests:"
	diff "$out/before" "$out/after" | sed 's/^/    | /'
}

# run_property - COUNT generated configs from SEED on, and what the container then is
run_property() {
	if [ "$(id -u)" != 0 ]; then
		echo "0 0 1" >>"$out/sums"
		echo "property: all # needs root" >>"$out/skips"
		return
	fi
	gcc -O1 -Wall -Wextra -static -o "$out/probe" tests/property/probe.c || exit 1
	run property python3 tests/property/run.py "$HULL" "$out/probe" "${COUNT:-300}" "${SEED:-1}"
}

if [ "${JOBS:=1}" -gt 1 ]; then
	export HULL_TESTS_SHARE=1
	host >"$out/before"
fi
case $only in
unit) run_unit ;;
root) run_bats integration ;;
property) run_property ;;
callers) run_bats callers ;;
attack) run_bats attack ;;
*)
	run_unit
	run_bats integration
	run_property
	[ "$(id -u)" != 0 ] || run_bats attack
	;;
esac
[ "$JOBS" = 1 ] || compare_host
if [ -s "$out/skips" ]; then
	echo "skipped:"
	sed 's/^/  /' "$out/skips"
fi
read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$out/sums")
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
