# audit: every system call of hull's processes against the invariants I1, I2, I3 and I6

load ../integration/lib
load ../integration/helpers/m_lib

test_setup() {
	AUDIT=$BATS_TEST_TMPDIR/audit
	gcc -std=c11 -D_GNU_SOURCE -O1 -o "$AUDIT" "$TESTS/attack/audit.c" "$TESTS/crash/tracer.c"
	config '.process.args = ["sleep", "100"] | .process.env = ["PATH=/bin"] | .linux.maskedPaths += ["/masked"]'
	mkdir -p rootfs/masked volume
	add_bind /made/here volume
	add_mount /made/there tmpfs tmpfs
	add_bind /made/file /etc/hostname
	config '.process.cwd = "/work/made"'
}

audited() {
	output=$(timeout 60 "$AUDIT" "$BUNDLE/rootfs" "$HULL" --root "$ROOT" "$@" 2>&1) || {
		echo "$output"
		return 1
	}
	matches "*, 0 findings, status 0" "$output"
}

@test "root: create, start, exec and run keep to descriptors" {
	audited run -d "$ID"
	audited exec "$ID" true
	hull delete --force "$ID"
	audited create "$ID"
	audited start "$ID"
}

@test "user namespace: the same" {
	user_namespace
	chown -R 100000:100000 volume
	audited run -d "$ID"
	audited exec "$ID" true
}

@test "the auditor finds what breaks an invariant" {
	cp "$(command -v cat)" "$BATS_TEST_TMPDIR/hull-cat" # by its name it is followed
	output=$("$AUDIT" "$BUNDLE/rootfs" "$BATS_TEST_TMPDIR/hull-cat" "$BUNDLE/rootfs/etc/passwd" 2>&1) && return 1
	has "$output" "walks in the root"
}
