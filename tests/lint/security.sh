#!/usr/bin/env bash
# security.sh - the checks that docs/security.md names are there
#
# Each attack is named by a test of each file that stands beside it. Each invariant and class, and each
# attack that is not hull's, ends with its checks: "FILE: words of a test's name", or "make TARGET".
cd "$(dirname "$0")/../.." || exit 1
bad=0 n=0 rows=0 others=0

complain() {
	echo "docs/security.md: $1"
	bad=1
}

# names FILE - of its tests
names() {
	grep -hs '^@test' tests/{attack,integration}/"$1".bats
}

while IFS='|' read -r _ attacks files _; do
	for attack in ${attacks//,/ }; do
		for file in ${files//,/ }; do
			n=$((n + 1))
			names "$file" | grep -q "$attack" || complain "$file.bats has no test for $attack"
		done
	done
done < <(grep '^| CVE' docs/security.md)

# checks WHAT TEXT - each of the text is there
checks() {
	local check
	while read -r check; do
		case $check in
		'') complain "$1 has an empty check" ;;
		make\ *) grep -q "^## ${check#make }:" Makefile || complain "$1: no target ${check#make }" ;;
		*) names "${check%%: *}" | grep -qF -- "${check#*: }" || complain "$1: no test \"$check\"" ;;
		esac
	done < <(sed 's/^ *//; s/ *$//; s/; /\n/g' <<<"$2")
}

while IFS='|' read -r _ what _ checks _; do
	rows=$((rows + 1))
	checks "$what" "$checks"
done < <(grep -E '^\| (I[0-9]+|[A-P]) \|' docs/security.md)

while IFS='|' read -r _ _ attacks checks _; do
	others=$((others + 1))
	checks "$attacks" "$checks"
done < <(grep -E '^\| [^|]+ \| CVE' docs/security.md)

[ $n != 0 ] || complain "no table of attacks"
[ $others != 0 ] || complain "no table of attacks that are not hull's"
[ $rows = 32 ] || complain "$rows invariants and classes, not 16 and 16"
exit $bad
