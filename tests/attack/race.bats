# race: names in a volume are exchanged by threads while containers are made, for a bounded time
#
# Each thread exchanges a directory or a file with a link to the sentinel's, as fast as the kernel
# does it. Whatever a container then is, the sentinel and the host's mounts stay what they were.

load ../integration/lib
load ../integration/helpers/m_lib
load ../integration/helpers/m_rootless
load modes

SPEC_FLAGS=()
CONTAINERS=6 # or more, in five seconds; on a busy machine they take longer

# pair NAME KIND TARGET - volume/NAME, a directory or a file, and volume/NAME-link
pair() {
	if [ "$2" = directory ]; then mkdir "volume/$1"; else touch "volume/$1"; fi
	ln -s "$3" "volume/$1-link"
	PAIRS+=("volume/$1" "volume/$1-link")
}

# The places of mounts and of hull's own writes, and what lies on the way to them.
setup_volume() {
	mkdir volume
	PAIRS=()
	pair place directory "$SENTINEL/sub"
	pair inner directory "/proc/1/root$SENTINEL"
	pair climbs directory "../../../../../../../../../..$SENTINEL/sub"
	pair file file "$SENTINEL/null"
	pair hidden file "$SENTINEL/kcore"
	pair work directory "$SENTINEL/sub"
	mkdir volume/inner/sub
	add_bind /volume "$BUNDLE/volume"
	add_mount /volume/place tmpfs tmpfs
	add_mount /volume/inner/sub/new tmpfs tmpfs
	add_bind /volume/climbs/made /etc/hostname
	add_bind /volume/file /etc/hostname
	config '.process.cwd = "/volume/work/made" | .linux.maskedPaths += ["/volume/hidden"]'
	payload 'cat /volume/hidden /volume/file; echo ran'
	case $MODE in
	userns)
		user_namespace
		chown -hR 100000:100000 volume
		;;
	rootless) chown -hR "$USER_ID:$GROUP_ID" volume ;;
	esac
}

# all_races - containers for five seconds and more, while the pairs are exchanged
all_races() {
	local end runs=0 ran=0 exchanges status
	setup_volume
	has "$(in_mode run "$ID" </dev/null)" ran # with nobody in the way
	gcc -O1 -Wall -Wextra -static -pthread -o "$BATS_TEST_TMPDIR/racer" "$TESTS/attack/racer.c"
	m_background "$BATS_TEST_TMPDIR/racer" "$BATS_TEST_TMPDIR/count" "${PAIRS[@]}"
	wait_for test -s "$BATS_TEST_TMPDIR/count"
	end=$((SECONDS + 5))
	while [ $SECONDS -lt $end ] || { [ $runs -lt $CONTAINERS ] && [ $SECONDS -lt $((end + 20)) ]; }; do
		status=0
		in_mode run "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
		lacks "$(cat "$BATS_TEST_TMPDIR/out")" "$SECRET"
		runs=$((runs + 1))
		if [ $status = 0 ]; then
			ran=$((ran + 1))
		else
			is 1 "$(wc -l <"$BATS_TEST_TMPDIR/out")" "lines of: $(cat "$BATS_TEST_TMPDIR/out")"
			matches "hull: run $ID: *" "$(cat "$BATS_TEST_TMPDIR/out")"
		fi
	done
	exchanges=$((10#$(<"$BATS_TEST_TMPDIR/count")))
	m_kill_all
	untouched
	unchanged
	# a race that nobody ran, or nobody took part in, shows nothing
	[ $exchanges -gt 10000 ]
	[ $runs -ge $CONTAINERS ]
	echo "# tried $MODE: $runs containers ($ran ran) during $exchanges exchanges; D $runs" >&3
}

@test "root: places of mounts, hidden paths and the working directory (CVE-2021-30465, CVE-2024-45310)" {
	all_races
}

@test "userns: the same (CVE-2021-30465, CVE-2024-45310)" {
	all_races
}

@test "rootless: the same (CVE-2021-30465, CVE-2024-45310)" {
	all_races
}

@test "root: the same without openat2 (CVE-2021-30465, CVE-2024-45310)" {
	WRAPPER=("$DENY" 437 38)
	all_races
}
