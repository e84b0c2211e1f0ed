#!/usr/bin/env bash
# security.sh - each attack of docs/security.md is named by a test of each file that stands beside it
cd "$(dirname "$0")/../.." || exit 1
bad=0 n=0
while IFS='|' read -r _ attacks files _; do
	for attack in ${attacks//,/ }; do
		for file in ${files//,/ }; do
			n=$((n + 1))
			grep -hs '^@test' tests/{attack,integration}/"$file".bats | grep -q "$attack" && continue
			echo "docs/security.md: $file.bats has no test for $attack"
			bad=1
		done
	done
done < <(grep '^| CVE' docs/security.md)
[ $n != 0 ] || { echo "docs/security.md: no table of attacks"; bad=1; }
exit $bad
