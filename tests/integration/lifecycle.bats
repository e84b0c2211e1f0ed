# create, start, delete: runtime-spec runtime.md, "Lifecycle" and "Operations"
load lib

test_setup() {
	config '.root.readonly = false'
}

# hull_alive - whether a hull command of this test is still there
hull_alive() {
	grep -lsF -e "$ROOT" /proc/[0-9]*/cmdline | while read -r file; do
		[ "$(readlink "${file%/cmdline}/exe")" = "$HULL" ] && echo "$file"
	done | grep -q .
}

@test "create parks a process and runs nothing of the payload; start runs it" {
	sh_config 'touch /tmp/ran; sleep 100'
	created "$ID"
	is created "$(status_of "$ID")"
	[ ! -e rootfs/tmp/ran ]
	hull start "$ID"
	wait_for test -e rootfs/tmp/ran
	is running "$(status_of "$ID")"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
	fails '*container does not exist' state "$ID"
}

@test "create, start, kill and delete are silent" {
	sh_config 'sleep 100'
	created "$ID"
	is "" "$(output_of "$ID")$(errors_of "$ID")"
	is "" "$(hull start "$ID" 2>&1)"
	is "" "$(hull kill "$ID" KILL 2>&1)"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is "" "$(hull delete "$ID" 2>&1)"
}

@test "who reads a pid file that is a FIFO is not kept waiting for the container's end" {
	config '.process.args = ["sleep", "100"]'
	mkfifo pid
	cat pid >got &
	local reader=$!
	"$HULL" --root "$ROOT" run --pid-file pid "$ID" </dev/null >out 2>&1 3>&- &
	local runner=$!
	ends "$reader"
	is 0 "$ended"
	is "$(pid_of "$ID")" "$(cat got)"
	is running "$(status_of "$ID")"
	hull kill "$ID" KILL
	ends "$runner"
}

@test "a created process is the sealed gate and not hull" {
	created "$ID"
	pid=$(pid_of "$ID")
	is "/memfd:hull-gate (deleted)" "$(readlink "/proc/$pid/exe")"
	not grep -q "$HULL" "/proc/$pid/maps"
	# F_GET_SEALS of the program: none of its bytes can be changed
	seals=$($PYTHON -c 'import fcntl, sys; print(fcntl.fcntl(open(sys.argv[1]), 1034))' "/proc/$pid/exe")
	is 15 "$seals"
}

@test "a created process holds its streams, two FIFOs and one socket, and nothing of the host" {
	exec 7<"$BUNDLE" 8</etc/hostname
	created "$ID"
	exec 7<&- 8<&-
	pid=$(pid_of "$ID")
	others=$(find "/proc/$pid/fd" -mindepth 1 -printf '%f %l\n' | awk '$1 > 2 { print $2 }' | sort)
	is 3 "$(wc -l <<<"$others")"
	is 1 "$(grep -c '^socket:' <<<"$others")"
	is 2 "$(grep -cE '/(go|status)$' <<<"$others")"
	is / "$(readlink "/proc/$pid/cwd")"
	not test "/proc/$pid/cwd" -ef /
}

@test "a created process cannot be looked at from inside" {
	# exec enters the pid namespace; without dumpability /proc/1 belongs to root and is closed
	config '.process.capabilities |= map_values(. - ["CAP_SYS_PTRACE"])'
	created "$ID"
	not hull exec "$ID" cat /proc/1/environ
	not hull exec "$ID" readlink /proc/1/exe
}

@test "no process of hull stays after create, start, exec -d and run -d" {
	sh_config 'sleep 100'
	created "$ID"
	not hull_alive
	hull start "$ID"
	not hull_alive
	hull exec -d "$ID" sleep 50 </dev/null >/dev/null 2>&1
	not hull_alive
	detached "$ID-d"
	not hull_alive
	is 3 "$(hull_processes | wc -l)"
}

@test "init and exec's process become children of the caller's subreaper, with nothing in between" {
	sh_config 'sleep 0.1; exit 7'
	timeout 20 $PYTHON "$TESTS/integration/helpers/reaper.py" "$HULL" "$ROOT" "$ID" >result
	cat result
	is '{"init": "child", "exec": "child", "exec status": 9, "init status": 7}' "$(cat result)"
}

@test "later edits of config.json have no effect" {
	sh_config 'echo first; sleep 100'
	config '.hostname = "before" | .annotations.note = "one"'
	created "$ID"
	config '.hostname = "after" | .annotations.note = "two" | .process.env += ["LATER=1"] |
		.process.args = ["sh", "-c", "echo second"] |
		.hooks.poststop = [{path: "/bin/touch", args: ["touch", $f]}]' --arg f "$BATS_TEST_TMPDIR/poststop"
	hull start "$ID"
	wait_for grep -q . "$BATS_TEST_TMPDIR/$ID.out"
	is first "$(output_of "$ID")"
	is before "$(hull exec "$ID" hostname)"
	is "" "$(hull exec "$ID" sh -c 'echo $LATER')"
	is one "$(hull state "$ID" | jq -r .annotations.note)"
	rm config.json
	is before "$(hull exec "$ID" hostname)"
	hull delete --force "$ID"
	[ ! -e "$BATS_TEST_TMPDIR/poststop" ]
}

@test "an id that is taken is refused and its container is untouched" {
	sh_config 'sleep 100'
	created "$ID"
	before=$(hull state "$ID")
	inode=$(stat -c %i "$ROOT/$ID/state.json")
	fails "hull: create $ID: container with given ID already exists" create "$ID"
	fails "hull: run $ID: container with given ID already exists" run "$ID"
	fails "hull: run $ID: container with given ID already exists" run -d --pid-file p "$ID"
	[ ! -e p ]
	is "$before" "$(hull state "$ID")"
	is "$inode" "$(stat -c %i "$ROOT/$ID/state.json")"
	hull start "$ID"
	is running "$(status_of "$ID")"
}

@test "a pid file that is a device or a FIFO is written to, and stays" {
	local reader
	mknod null c 1 3
	mkfifo pipe
	hull run --pid-file "$PWD/null" "$ID"
	is "character special file" "$(stat -c %F null)"
	config '.process.args = ["/none"]'
	refused '*' create --pid-file "$PWD/null" "$ID"
	is "character special file" "$(stat -c %F null)"
	config '.process.args = ["sleep", "100"]'
	cat pipe >number 3>&- &
	reader=$!
	created "$ID" --pid-file pipe
	ends $reader
	is "$(pid_of "$ID")" "$(cat number)"
	is fifo "$(stat -c %F pipe)"
}

@test "after start no state says created, also when the program's start is held up" {
	sh_config 'sleep 100'
	# a tracer holds up the execve, in the middle of which the FIFOs are closed
	cat >loop <<-'LOOP'
		for n in $(seq 20); do
			"$1" --root "$2" create "$3" </dev/null >/dev/null 2>&1 && "$1" --root "$2" start "$3"
			"$1" --root "$2" state "$3"
			"$1" --root "$2" delete --force "$3"
		done
	LOOP
	strace -f -qq -e trace=execve -o /dev/null bash loop "$HULL" "$ROOT" "$ID" >states
	is "20 running" "$(jq -r .status states | sort | uniq -c | xargs)"
}

@test "of two creates of one id at the same time one wins" {
	local i won=0
	for i in 1 2 3 4; do
		hull create "$ID" </dev/null >/dev/null 2>"err$i" 3>&- &
		pids[i]=$!
	done
	for i in 1 2 3 4; do
		wait "${pids[i]}" && won=$((won + 1))
	done
	is 1 "$won"
	is 3 "$(cat err? | grep -c 'already exists$')"
	is created "$(status_of "$ID")"
	hull delete "$ID"
}

@test "start of a running container is refused and changes nothing" {
	sh_config 'sleep 100'
	detached "$ID"
	before=$(hull state "$ID")
	fails "hull: start $ID: cannot start an already running container" start "$ID"
	is "$before" "$(hull state "$ID")"
	hull delete --force "$ID"
	created "$ID"
	hull start "$ID"
	fails "hull: start $ID: cannot start an already running container" start "$ID"
	is running "$(status_of "$ID")"
}

@test "start of a stopped container is refused" {
	created "$ID"
	hull start "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	fails "hull: start $ID: cannot start a container that has stopped" start "$ID"
	is stopped "$(status_of "$ID")"
}

@test "start of a container that was killed while created fails and does not hang" {
	created "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	failure=0
	timeout 5 "$HULL" --root "$ROOT" start "$ID" 2>err || failure=$?
	is 1 "$failure"
	matches '*cannot start a container that has stopped' "$(cat err)"
}

@test "delete of a running container needs --force" {
	sh_config 'sleep 100'
	detached "$ID"
	fails "hull: delete $ID: cannot delete container $ID that is not stopped: running" delete "$ID"
	is running "$(status_of "$ID")"
	pid=$(pid_of "$ID")
	hull delete --force "$ID"
	[ ! -e "/proc/$pid" ] || is Z "$(awk '{ print $3 }' "/proc/$pid/stat")"
	fails '*container does not exist' state "$ID"
}

@test "delete of a created container needs no --force" {
	sh_config 'touch /tmp/ran'
	created "$ID"
	hull delete "$ID"
	[ ! -e rootfs/tmp/ran ]
	fails '*container does not exist' state "$ID"
}

@test "delete of an id that is not there: an error alone, no error with --force" {
	fails "hull: delete $ID: container does not exist" delete "$ID"
	is 1 "$failure"
	is "" "$(hull delete --force "$ID" 2>&1)"
	mkdir "$ROOT" # also where the root exists
	fails "hull: delete $ID: container does not exist" delete "$ID"
	is "" "$(hull delete --force "$ID" 2>&1)"
	rmdir "$ROOT"
}

@test "delete twice: the second one says that it does not exist" {
	created "$ID"
	hull delete "$ID"
	fails "hull: delete $ID: container does not exist" delete "$ID"
}

@test "every command on an unknown id says that it does not exist" {
	mkdir "$ROOT"
	for command in state start kill delete pause resume ps; do
		fails "hull: $command $ID: container does not exist" $command "$ID"
		is 1 "$failure"
	done
	fails "hull: exec $ID: container does not exist" exec "$ID" true
	is 255 "$failure"
	rmdir "$ROOT"
}

@test "an id with other characters, empty, or with a leading dot is refused" {
	for id in a/b ../x . .. .hidden 'a b' $'a\nb' a:b ä '*'; do
		refused '*invalid container ID format*' create "$id"
		refused '*invalid container ID format*' state "$id"
		refused '*invalid container ID format*' delete --force "$id"
	done
	refused '*container id cannot be empty' create ''
	refused '*invalid container ID format*' create "$(printf 'x%.0s' {1..256})"
	[ ! -e "$BATS_TEST_TMPDIR/x" ]
}

@test "an id may have letters, digits and _ + . -" {
	id="$ID.A_b+c-9"
	created "$id"
	is "$id" "$(hull state "$id" | jq -r .id)"
	hull delete "$id"
}

@test "the death of init ends every process of the container" {
	sh_config 'sleep 1000 & sleep 1001 & wait'
	detached "$ID"
	wait_for eval '[ "$(hull_processes | wc -l)" = 3 ]'
	hull kill "$ID" KILL
	wait_for eval '[ "$(hull_processes | wc -l)" = 0 ]'
	is stopped "$(status_of "$ID")"
}

@test "start tells that the payload could not be executed, and stops the container" {
	printf 'neither ELF nor script\n' >rootfs/bin/garbage
	chmod 755 rootfs/bin/garbage
	config '.process.args = ["/bin/garbage"]'
	created "$ID"
	fails "hull: start $ID: exec: \"/bin/garbage\": exec format error" start "$ID"
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	hull delete "$ID"
}

@test "run tells that the payload could not be executed, and leaves nothing" {
	printf 'neither ELF nor script\n' >rootfs/bin/garbage
	chmod 755 rootfs/bin/garbage
	config '.process.args = ["/bin/garbage"]'
	refused "hull: run $ID: exec: \"/bin/garbage\": exec format error" run "$ID"
	refused "hull: run $ID: exec: \"/bin/garbage\": exec format error" run -d "$ID"
}

@test "create makes a state root of several levels, closed to others" {
	ROOT=$BATS_TEST_TMPDIR/a/b/c
	created "$ID"
	is "700 700 700" "$(cd "$BATS_TEST_TMPDIR"; stat -c %a a/b/c a/b/c/"$ID" a | xargs)"
	hull delete "$ID"
}

@test "the state directory and its files are closed to others" {
	created "$ID"
	is "" "$(find "$ROOT" ! -type l -perm /077)"
}

@test "bundles are found relative, absolute, through links and by --bundle=" {
	ln -s "$BUNDLE" "$BATS_TEST_TMPDIR/link"
	for way in "-b ." "--bundle $BUNDLE" "--bundle=../bundle" "-bundle ../link" "-b../link"; do
		created "$ID" $way
		is "$BUNDLE" "$(hull state "$ID" | jq -r .bundle)"
		hull delete "$ID"
	done
	cd /
	fails '*config.json not found*' create "$ID"
}

@test "--config takes the configuration from elsewhere and the root file system from the bundle" {
	mkdir "$BATS_TEST_TMPDIR/else"
	jq '.process.args = ["echo", "other"]' config.json >"$BATS_TEST_TMPDIR/else/c.json"
	is other "$(hull run --config "$BATS_TEST_TMPDIR/else/c.json" "$ID")"
	is other "$(hull run -f ../else/c.json "$ID")"
	rm config.json
	is other "$(hull run -f ../else/c.json "$ID")"
	refused '*' run -f ../else/missing.json "$ID"
}

@test "hull does not depend on its own name" {
	for name in runc crun; do
		ln -s "$HULL" "$BATS_TEST_TMPDIR/$name"
		config '.process.args = ["echo", "hello"]'
		is hello "$("$BATS_TEST_TMPDIR/$name" --root "$ROOT" run "$ID")"
		out=$("$BATS_TEST_TMPDIR/$name" --root "$ROOT" state "$ID" 2>&1) && false
		is "hull: state $ID: container does not exist" "$out"
	done
}

@test "commands need no environment: no PATH, no HOME" {
	sh_config 'sleep 100'
	env -i "$HULL" --root "$ROOT" create "$ID" </dev/null >/dev/null 2>&1
	env -i "$HULL" --root "$ROOT" start "$ID"
	is running "$(env -i "$HULL" --root "$ROOT" state "$ID" | jq -r .status)"
	is in "$(env -i "$HULL" --root "$ROOT" exec "$ID" echo in)"
	env -i "$HULL" --root "$ROOT" kill "$ID" KILL
	env -i "$HULL" --root "$ROOT" delete --force "$ID"
}
