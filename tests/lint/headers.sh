#!/bin/sh
# headers.sh - each header compiles alone: headers.sh COMPILER [FLAG...]
status=0
for header in include/hull/*.h src/*/*.h; do
	printf '#include "%s"\n' "$header" |
		"$@" -std=c11 -D_GNU_SOURCE -Iinclude -I. -Wall -Wextra -Werror -fsyntax-only -x c - ||
		{ echo "$header: does not compile alone" >&2; status=1; }
done
exit $status
