# descriptors: what of the caller's reaches the payload, and what must not
load lib

test_setup() {
	config '.root.readonly = false | .process.args = ["probe", "fds"]'
	cp "$(compile probe)" rootfs/bin/probe
	echo three >"$BATS_TEST_TMPDIR/f3"
	echo four >"$BATS_TEST_TMPDIR/f4"
	echo five >"$BATS_TEST_TMPDIR/f5"
}

numbers() {
	awk '{ print $1 }' | sort -n | xargs
}

# bare COMMAND... - with descriptors 0 to 2 alone; bats has more
bare() {
	"$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

@test "by default the payload has 0, 1 and 2" {
	exec 6<"$BATS_TEST_TMPDIR/f3" 9<"$BUNDLE" 33</etc/passwd
	is "0 1 2" "$(hull run "$ID" </dev/null | numbers)"
	detached "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is "0 1 2" "$(output_of "$ID" | numbers)"
	hull delete "$ID"
	created "$ID"
	hull start "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is "0 1 2" "$(output_of "$ID" | numbers)"
	hull delete "$ID"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "0 1 2" "$(hull exec "$ID" probe fds </dev/null | numbers)"
}

@test "--preserve-fds passes 3 and on, and not one more" {
	config '.process.args = ["sh", "-c", "probe fds | cut -d\" \" -f1 | xargs; cat <&3; cat <&4"]'
	exec 6<"$BUNDLE"
	out=$(hull run --preserve-fds 2 "$ID" 3<"$BATS_TEST_TMPDIR/f3" 4<"$BATS_TEST_TMPDIR/f4" 5<"$BATS_TEST_TMPDIR/f5" </dev/null)
	is "0 1 2 3 4
three
four" "$out"
	hull create --preserve-fds 2 "$ID" 3<"$BATS_TEST_TMPDIR/f3" 4<"$BATS_TEST_TMPDIR/f4" </dev/null >out 2>&1
	hull start "$ID"
	wait_for grep -q four out
	is "0 1 2 3 4 three four" "$(xargs <out)"
}

@test "exec --preserve-fds too" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is "0 1 2 3 three" "$(hull exec --preserve-fds 1 "$ID" \
		sh -c 'probe fds | cut -d" " -f1 | xargs; cat <&3' 3<"$BATS_TEST_TMPDIR/f3" 4<"$BATS_TEST_TMPDIR/f4" </dev/null | xargs)"
}

@test "a descriptor that is to be preserved and is not there is refused" {
	bare refused "hull: run $ID: unable to stat preserved-fd 3 (of 1): bad file descriptor" \
		run --preserve-fds 1 "$ID"
	one_of_two() {
		refused "hull: create $ID: unable to stat preserved-fd 4 (of 2): bad file descriptor" \
			create --preserve-fds 2 "$ID" 3<"$BATS_TEST_TMPDIR/f3"
	}
	bare one_of_two
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	bare fails "hull: exec $ID: unable to stat preserved-fd 3 (of 1): bad file descriptor" \
		exec --preserve-fds 1 "$ID" true
	is 255 "$failure"
	fails '*invalid value "x" for flag --preserve-fds: a number' run --preserve-fds x "$ID-x"
	fails '*invalid value "-1" for flag --preserve-fds: a number' run --preserve-fds=-1 "$ID-x"
}

# listening N NAMES COMMAND... - as socket activation starts COMMAND: LISTEN_PID is its own pid
listening() {
	$PYTHON - "$@" 3<"$BATS_TEST_TMPDIR/f3" 4<"$BATS_TEST_TMPDIR/f4" 5<"$BATS_TEST_TMPDIR/f5" <<-'PY'
		import os, sys
		n, names, command = sys.argv[1], sys.argv[2], sys.argv[3:]
		os.environ.update(LISTEN_FDS=n, LISTEN_PID=str(os.getpid()))
		if names:
		    os.environ["LISTEN_FDNAMES"] = names
		for fd in range(3, 6):
		    os.set_inheritable(fd, True)
		null = os.open("/dev/null", os.O_RDONLY)
		os.dup2(null, 0)
		os.close(null)
		os.execv(command[0], command)
	PY
}

@test "LISTEN_FDS go to the payload with the variables that say so" {
	config '.process.args = ["sh", "-c", "probe fds | cut -d\" \" -f1 | xargs; echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; cat <&3"]'
	is "0 1 2 3 4 2 1 one:two three" "$(listening 2 one:two "$HULL" --root "$ROOT" run "$ID" | xargs)"
	is "0 1 2 3 1 1 three" "$(listening 1 '' "$HULL" --root "$ROOT" run "$ID" | xargs)"
	# what --preserve-fds counts comes after them
	is "0 1 2 3 4 1 1 three" "$(listening 1 '' "$HULL" --root "$ROOT" run --preserve-fds 1 "$ID" | xargs)"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
	is "0 1 2 3 1 1 three" "$(listening 1 '' "$HULL" --root "$ROOT" run "$ID" | xargs)"
}

@test "LISTEN_PID is the payload's own where pids are the host's" {
	config '.linux.namespaces |= map(select(.type != "pid")) | .process.args = ["sh", "-c", "echo $$ $LISTEN_PID"]'
	read -r pid listen <<<"$(listening 1 '' "$HULL" --root "$ROOT" run "$ID")"
	[ "$pid" -gt 1 ]
	is "$pid" "$listen"
}

@test "LISTEN_FDS that are meant for another process are not passed on" {
	config '.process.args = ["sh", "-c", "probe fds | cut -d\" \" -f1 | xargs; env | grep -c LISTEN"]'
	is "0 1 2 0" "$(LISTEN_FDS=1 LISTEN_PID=$$ hull run "$ID" 3<"$BATS_TEST_TMPDIR/f3" </dev/null | xargs)" || true
	is "0 1 2 0" "$({ LISTEN_FDS=1 LISTEN_PID=1 hull run "$ID" 3<"$BATS_TEST_TMPDIR/f3" </dev/null || true; } | xargs)"
	is "0 1 2 0" "$({ LISTEN_FDS=1 hull run "$ID" 3<"$BATS_TEST_TMPDIR/f3" </dev/null || true; } | xargs)"
}

@test "exec passes LISTEN_FDS as well" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	out=$(listening 1 name "$HULL" --root "$ROOT" exec "$ID" \
		sh -c 'echo $LISTEN_FDS $LISTEN_FDNAMES; [ $LISTEN_PID = $$ ] && echo mine; cat <&3' | xargs)
	is "1 name mine three" "$out"
}

@test "closed standard streams become the container's null, and hold nothing of hull's" {
	config '.process.args = ["sh", "-c", "probe fds >/tmp/fds"]'
	hull run "$ID" <&- >&- 2>&-
	is "0 /dev/null
1 /tmp/fds
2 /dev/null" "$(cat rootfs/tmp/fds)"
	hull run "$ID" <&-
	matches "0 /dev/null*" "$(cat rootfs/tmp/fds)"
	hull create "$ID" <&- >&- 2>&-
	for n in 0 1 2; do
		is 1:3 "$(stat -Lc %t:%T "/proc/$(pid_of "$ID")/fd/$n")"
	done
}

@test "the host's null becomes the container's" {
	config '.process.args = ["sh", "-c", "[ /proc/self/fd/0 -ef /dev/null ] && [ /proc/self/fd/2 -ef /dev/null ] && echo same"]'
	is same "$(hull run "$ID" </dev/null 2>/dev/null)"
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	is same "$(hull exec "$ID" sh -c '[ /proc/self/fd/0 -ef /dev/null ] && echo same' </dev/null)"
}

@test "a null that is made because the container has none is for everybody" {
	config '.process.args = ["sleep", "100"]'
	detached "$ID"
	hull exec "$ID" rm /dev/null
	is "1:3 666" "$(hull exec "$ID" stat -Lc '%t:%T %a' /proc/self/fd/0 </dev/null)"
}

@test "pipes of an ordinary user's payload are the user's, files of the caller stay the caller's" {
	config '.process.user = {uid: 1000, gid: 1000} | .process.args = ["sh", "-c", "stat -Lc %u /proc/self/fd/1; echo x >/dev/stdout"]'
	is "1000
x" "$(hull run "$ID" </dev/null)"
	hull run "$ID" </dev/null >file 2>&1 || true
	is 0 "$(stat -c %u file)"
	is 0 "$(stat -c %u /dev/null)"
}

@test "no path of the host can be reached through descriptors (CVE-2024-21626, CVE-2015-3627)" {
	exec 7<"$BUNDLE" 8</
	config '.process.args = ["sh", "-c", "for i in 0 1 2 3 4 5 6 7 8 9 10; do ls /proc/self/fd/$i/etc 2>/dev/null; ls /proc/1/fd/$i/.. 2>/dev/null; done; ls /proc/1/cwd/.. | xargs"]'
	is "$(ls rootfs | xargs)" "$(hull run "$ID" </dev/null)"
	exec 7<&- 8<&-
}
