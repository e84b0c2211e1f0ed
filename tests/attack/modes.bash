# modes.bash - hostile containers, each tried as root, in a user namespace and as an ordinary user
#
# A case is a function CLASS_name that turns the bundle in the current directory hostile and says by
# $EXPECTED what becomes of it where the kernel has every system call: "ran" or "refused"; "ended"
# for a program that the kernel may well run into the ground. The letters are those of
# docs/security.md. Beside the bundles lies a tree that nobody has business with, $SENTINEL; its
# owner is who the container's root is outside, so that no permission protects it.

SECRET=nobody-inside-reads-this

# test_setup - by the name of the test, which begins with its mode; $PROGRAM is hull, $DENY what
# withholds a call, as the mode's user may execute them
test_setup() {
	MODE=${BATS_TEST_DESCRIPTION%%:*}
	DENY=$(compile m_deny)
	PROGRAM=$HULL
	if [ "$MODE" = rootless ]; then
		rootless_setup
		cp "$DENY" "$DIR/deny"
		DENY=$DIR/deny
		chmod 755 "$DENY"
		SENTINEL=$DIR/sentinel
		make_sentinel "$USER_ID"
	else
		chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
		SENTINEL=$BATS_TEST_TMPDIR/sentinel
		make_sentinel "$([ "$MODE" = root ] && echo 0 || echo 100000)"
	fi
}

test_teardown() {
	if [ "$MODE" = rootless ]; then
		rootless_teardown
	else
		m_kill_all
	fi
}

# in_mode ARGS... - hull behind the wrapper, hull - without
in_mode() {
	if [ "$MODE" = rootless ]; then
		as_user timeout -k 1 10 "${WRAPPER[@]}" "$PROGRAM" "$@"
	else
		timeout -k 1 10 "${WRAPPER[@]}" "$PROGRAM" --root "$ROOT" "$@"
	fi
}

hull() {
	local WRAPPER=()
	in_mode "$@"
}

# make_sentinel OWNER
make_sentinel() {
	local file
	mkdir -p "$SENTINEL"/{self/attr,fd,pts,shm,sub/deep,dev}
	for file in null console ptmx self/attr/exec self/attr/current pts/0 pts/ptmx kcore sub/file; do
		echo "$SECRET $file" >"$SENTINEL/$file"
	done
	echo "root:x:0:0:root:/$SECRET:/bin/sh" >"$SENTINEL/passwd"
	chown -R "$1:$1" "$SENTINEL"
	sentinel >"$BATS_TEST_TMPDIR/sentinel.before"
}

sentinel() {
	find "$SENTINEL" -printf '%p %i %D %m %U %G %n %s %T@ %C@ %l\n' | sort
	find "$SENTINEL" "$PROGRAM" -type f -exec sha256sum {} + | sort
}

untouched() {
	sentinel >"$BATS_TEST_TMPDIR/sentinel.after"
	diff "$BATS_TEST_TMPDIR/sentinel.before" "$BATS_TEST_TMPDIR/sentinel.after"
}

# --- what the cases say to the configuration

without_mount() { # DESTINATION
	config '.mounts |= map(select(.destination != $d))' --arg d "$1"
}

without_dev() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
}

writable() {
	config '.root.readonly = false'
}

on_a_terminal() {
	config '.process.terminal = true'
}

# --- A: the program of hull

A_entry_is_a_link_to_proc_self_exe() {
	ln -s /proc/self/exe rootfs/bin/link
	config '.process.args = ["/bin/link", "attack"]'
	EXPECTED=ended
}

A_interpreter_is_proc_self_exe() {
	printf '#!/proc/self/exe\n' >rootfs/bin/script
	chmod 755 rootfs/bin/script
	config '.process.args = ["script", "attack"]'
	EXPECTED=ended
}

A_entry_is_init_of_its_own() {
	config '.process.args = ["/proc/1/exe", "attack"]'
	EXPECTED=ended
}

# --- C: descriptors and the working directory; 7 is a directory of the sentinel's

C_directory_is_a_descriptor() {
	config '.process.cwd = "/proc/self/fd/7/sub"'
	EXPECTED=refused
}

C_directory_is_a_link_to_a_descriptor() {
	ln -s /proc/self/fd/7 rootfs/work
	config '.process.cwd = "/work/sub"'
	EXPECTED=refused
}

C_directory_is_a_link_outwards() {
	ln -s "$SENTINEL/sub" rootfs/work
	config '.process.cwd = "/work/made/here"'
	writable
}

C_program_is_behind_a_descriptor() {
	config '.process.args = ["/proc/self/fd/7/program"]'
	EXPECTED=refused
}

# --- D: links where something is mounted or made

D_proc_is_a_link() {
	rm -r rootfs/proc
	ln -s "$SENTINEL" rootfs/proc
	EXPECTED=refused
}

D_sys_is_a_link() {
	rm -r rootfs/sys
	ln -s "$SENTINEL" rootfs/sys
	[ "$MODE" = rootless ] || EXPECTED=refused # there it is a bind, which may follow a link inside
}

D_dev_is_a_link() {
	rm -r rootfs/dev
	ln -s "$SENTINEL/dev" rootfs/dev
}

D_dev_is_a_link_and_nothing_mounted_on_it() {
	D_dev_is_a_link
	without_dev
	writable
}

D_dev_pts_is_a_link() {
	ln -s "$SENTINEL/pts" rootfs/dev/pts
	without_mount /dev
	writable
	EXPECTED=refused
}

D_dev_shm_is_a_link() {
	ln -s "$SENTINEL/shm" rootfs/dev/shm
	without_mount /dev
	writable
}

D_ptmx_is_a_link() {
	ln -s "$SENTINEL/ptmx" rootfs/dev/ptmx
	without_dev
	writable
}

D_console_is_a_link() {
	ln -s "$SENTINEL/console" rootfs/dev/console
	without_mount /dev
	writable
	on_a_terminal
	EXPECTED=refused
}

D_console_is_a_dangling_link() {
	ln -s "$SENTINEL/sub/made" rootfs/dev/console
	without_mount /dev
	writable
	on_a_terminal
	EXPECTED=refused
}

D_destinations_are_links() {
	ln -s "$SENTINEL/sub" rootfs/absolute
	ln -s "../../../../../../../../../..$SENTINEL/sub" rootfs/relative
	ln -s "$SENTINEL/sub/none" rootfs/dangling
	add_mount /absolute tmpfs tmpfs
	add_mount /relative/deep tmpfs tmpfs
	add_bind /dangling /etc/hostname
	writable
}

D_destinations_are_magic_links() {
	ln -s "/proc/1/root$SENTINEL/sub" rootfs/magic
	add_mount /magic/deep tmpfs tmpfs
	writable
	EXPECTED=refused
}

D_destinations_climb() {
	ln -s /bin rootfs/link
	add_mount "/../../../..$SENTINEL/sub" tmpfs tmpfs
	add_bind "/link/../../../..$SENTINEL/sub/file" /etc/hostname
	writable
}

D_a_volume_has_links() {
	mkdir volume
	ln -s "$SENTINEL/sub" volume/absolute
	ln -s "../../../../../../../../../..$SENTINEL/sub" volume/relative
	add_bind /volume "$PWD/volume"
	add_mount /volume/absolute/deep tmpfs tmpfs
	add_bind /volume/relative/new /etc/hostname
	writable
}

# --- E: writes to procfs

E_proc_is_a_volume() {
	mkdir -p volume/self/attr
	touch volume/self/attr/exec
	without_mount /proc
	config 'del(.linux.maskedPaths, .linux.readonlyPaths)'
	add_bind /proc "$PWD/volume"
	EXPECTED=refused
}

E_a_mount_over_proc_self_attr() {
	add_bind /proc/self/attr "$SENTINEL/self/attr"
	EXPECTED=refused
}

E_a_link_leads_a_bind_into_proc() {
	ln -s /proc/self rootfs/link
	add_bind /link/fd "$SENTINEL/fd"
	EXPECTED=refused
}

E_a_link_leads_a_tmpfs_into_proc() {
	ln -s /proc rootfs/link
	add_mount /link/sys tmpfs tmpfs
	EXPECTED=refused
}

E_a_link_leads_a_remount_to_proc() {
	ln -s /proc rootfs/link
	add_mount /link "" "" remount rw
	EXPECTED=refused
}

# --- F: inodes of the image that hull could take for others

F_null_is_a_link_and_paths_are_hidden() {
	mkdir volume
	ln -s /proc/sys/kernel/core_pattern volume/null
	without_dev
	add_bind /dev "$PWD/volume"
	config '.linux.devices = [] | .linux.maskedPaths += ["/masked"]'
	echo "$SECRET" >rootfs/masked
}

F_null_is_a_fifo() {
	mkdir volume
	mkfifo volume/null
	without_dev
	add_bind /dev "$PWD/volume"
	payload 'echo ran' # which alone does not wait for it
}

F_null_is_a_link_to_be_made() {
	ln -s "$SENTINEL/null" rootfs/dev/null
	without_dev
	writable
	EXPECTED=refused
}

F_hidden_paths_are_links() {
	ln -s "$SENTINEL/kcore" rootfs/masked
	ln -s "$SENTINEL/sub" rootfs/readonly
	config '.linux.maskedPaths += ["/masked"] | .linux.readonlyPaths += ["/readonly"]'
}

F_terminals_are_false() {
	mkdir rootfs/dev/pts
	ln -s "$SENTINEL/pts/0" rootfs/dev/pts/0
	ln -s "$SENTINEL/pts/ptmx" rootfs/dev/pts/ptmx
	without_dev
	writable
	on_a_terminal
	EXPECTED=refused
}

# --- G: who the payload is

G_passwd_is_a_link_outwards() {
	rm rootfs/etc/passwd
	ln -s "$SENTINEL/passwd" rootfs/etc/passwd
	config '.process.env = ["PATH=/bin"]'
}

G_passwd_is_a_fifo() {
	rm rootfs/etc/passwd
	mkfifo rootfs/etc/passwd
	config '.process.env = ["PATH=/bin"]'
	payload '[ "$HOME" = / ] && echo ran'
}

G_nothing_is_inherited() {
	config '.process.capabilities.bounding += ["CAP_CHOWN"] | .process.noNewPrivileges = false'
	payload 'grep -qx "CapInh:.0*" /proc/self/status && grep -qx "CapAmb:.0*" /proc/self/status && echo ran'
}

# --- H: control groups

H_groups_of_the_host() {
	payload 'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do
			mkdir $d/attack 2>/dev/null && echo escaped
			(echo 0 >$d/../cgroup.procs) 2>/dev/null && echo escaped
		done; echo ran'
}

H_path_climbs() {
	config '.linux.cgroupsPath = "/../../attack"'
	EXPECTED=refused
}

# --- J: programs and parameters of the host, steered by the image

J_traps_for_libraries() {
	echo "/trap.so" >rootfs/etc/ld.so.preload
	mkdir -p rootfs/lib/x86_64-linux-gnu
	ln -s "$SENTINEL/null" rootfs/lib/x86_64-linux-gnu/libnss_files.so.2
	config '.process.env += ["LD_PRELOAD=/trap.so", "GCONV_PATH=/", "LD_LIBRARY_PATH=/"]'
}

J_a_parameter_climbs() {
	config '.linux.sysctl = {"net/../kernel/core_pattern": "|/attack"}'
	EXPECTED=refused
}

# --- K: the caller's terminal

K_the_session_is_the_payloads_own() {
	payload '[ "$(cut -d" " -f6 /proc/self/stat)" = 1 ] && [ "$(cut -d" " -f7 /proc/self/stat)" = 0 ] && echo ran'
}

# --- M: names

M_id_climbs() {
	NAME=../attack
	EXPECTED=refused
}

M_id_is_a_directory_above() {
	NAME=..
	EXPECTED=refused
}

# --- P: engines that an annotation could ask for

P_handlers_are_not_there() {
	config '.annotations = {"run.oci.handler": "krun", "krun.cpus": "2", "run.oci.wasm": "1",
		"module.wasm.image/variant": "compat"}'
}

# --- trying them

# payload SCRIPT - which prints "ran" when all is as it should be inside
payload() {
	sh_config "$1"
}

all_cases() {
	compgen -A function | grep -E '^[A-P]_' | sort
}

# make_bundles - a bundle for each case and one that is not hostile, in the mode's own way
make_bundles() {
	local name top=$BUNDLE
	# shows what it could see of the sentinel, and writes wherever a link leads
	sh_config 'cat /masked /dev/null /etc/passwd "$HOME" </dev/null 2>/dev/null
		echo attack 2>/dev/null >>/masked; ls "$PWD" /absolute /relative /dev/shm 2>/dev/null
		rm -rf /absolute/* /relative/* 2>/dev/null; echo ran'
	NAMES=(none $(all_cases))
	for name in "${NAMES[@]}"; do
		BUNDLE=$top/cases/$name
		mkdir -p "$BUNDLE"
		cp -al "$top/rootfs" "$top/config.json" "$BUNDLE"
		cd "$BUNDLE" || return 1
		EXPECTED=ran NAME=$ID
		[ "$name" = none ] || "$name"
		echo "$EXPECTED" >expected
		echo "$NAME" >name
	done
	BUNDLE=$top
	cd "$top" || return 1
	"own_$MODE"
}

own_root() {
	:
}

own_userns() {
	chown -R 100000:100000 rootfs cases/*/rootfs
	[ ! -e cases/volume ] || chown -R 100000:100000 cases/*/volume
	local dir
	for dir in cases/*; do
		BUNDLE=$PWD/$dir config '.linux.namespaces += [{type: "user"}]
			| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
			| .linux.gidMappings = .linux.uidMappings'
	done
}

own_rootless() {
	chown -hR "$USER_ID:$GROUP_ID" cases
}

# attempt BUNDLE - in the mode, behind "${WRAPPER[@]}": "ran", "refused" or "ended" in $outcome. What
# is refused is refused by one line, what runs has seen nothing of the sentinel.
attempt() {
	local status=0 output name=${1##*/}
	cd "$1" || return 1
	# a file: what hung, and was killed, could hold on to a pipe
	in_mode run "$(<name)" 7<"$SENTINEL" </dev/null >../.out 2>&1 || status=$?
	output=$(<../.out)
	lacks "$output" "$SECRET" || return 1
	lacks "$output" escaped || return 1
	if [ $status = 0 ] && [[ $output == *ran* ]]; then
		outcome=ran
	elif [[ $output == "hull: run $(<name): "* && $output != *$'\n'* ]]; then
		outcome=refused
	elif [ "$(<expected)" = ended ] && [ $status != 0 ] && [ $status -lt 124 ]; then
		outcome=ended
	else
		echo "$MODE, $name: status $status: $output"
		return 1
	fi
}

# held BLOCKED BUNDLE - the attempt's outcome may be what it is: refusing is right where a call is
# missing, or where the case is refused anyway
held() {
	local expected
	expected=$(<expected)
	[ "$outcome" = "$expected" ] || { [ "$expected" = ended ] && [ "$outcome" = refused ]; } ||
		{ [ "$1" != none ] && [ "$outcome" = refused ] && [[ $STRICT != *" $1 "* ]]; } || {
		echo "$MODE, without $1, ${2##*/}: $outcome, expected $expected: $(<../.out)"
		return 1
	}
}

# entries - what enters a running container is no better a way out
entries() {
	local args
	cd "$BUNDLE/cases/sleeps" || return 1
	in_mode run -d "$ID" </dev/null >out 2>&1 7<"$SENTINEL" || return 0 # refused, as "none" was
	for args in "--cwd /proc/self/fd/7/sub $ID ls" "--cwd /out $ID ls -R /out" "$ID /bin/exe" "$ID /bin/script" \
		"$ID /proc/self/exe" "--user 1x $ID id" "--cgroup ../../attack $ID id"; do
		in_mode exec $args 7<"$SENTINEL" </dev/null >../.out 2>&1 || true
		output=$(<../.out)
		lacks "$output" "$SECRET" || return 1
		lacks "$output" deep || return 1
		lacks "$output" "uid=" || return 1
		tried=$((tried + 1))
		BY_CLASS[B]=$((${BY_CLASS[B]:-0} + 1))
	done
	hull delete --force "$ID"
}

make_sleeper() {
	mkdir -p cases/sleeps
	cp -al rootfs config.json cases/sleeps
	BUNDLE=$BUNDLE/cases/sleeps config '.process.args = ["sleep", "100"]'
	ln -s "$SENTINEL" cases/sleeps/rootfs/out
	ln -s /proc/self/exe cases/sleeps/rootfs/bin/exe
	printf '#!/proc/self/exe\n' >cases/sleeps/rootfs/bin/script
	chmod 755 cases/sleeps/rootfs/bin/script
}

# The newer calls by their numbers, those of every architecture.
# ENOSYS is an old kernel's answer, EPERM that of a seccomp profile.
BLOCKED="none open_tree:428:38 fsopen:430:1 pidfd_open:434:38 clone3:435:38 close_range:436:1
	openat2:437:38 openat2:437:1 mount_setattr:442:38"

# all_attempts - every case in the mode, first with all calls, then without each of the newer ones
all_attempts() {
	local call number errno name tried=0 ran=0 refused=0 ended=0 outcome class
	declare -A BY_CLASS=()
	trap - DEBUG # of bats, which looks at each command: a third of the time
	make_sleeper
	make_bundles
	for call in $BLOCKED; do
		IFS=: read -r call number errno <<<"$call"
		WRAPPER=()
		[ "$call" = none ] || WRAPPER=("$DENY" "$number" "$errno")
		for name in "${NAMES[@]}"; do
			attempt "$BUNDLE/cases/$name" || return 1
			held "$call" "$BUNDLE/cases/$name" || return 1
			tried=$((tried + 1))
			eval "$outcome=\$(($outcome + 1))"
			class=${name%%_*}
			BY_CLASS[$class]=$((${BY_CLASS[$class]:-0} + 1))
		done
		entries || return 1
		untouched || { echo "$MODE, without $call"; return 1; }
	done
	unset "BY_CLASS[none]"
	echo "# tried $MODE: $tried and held: $ran ran, $refused refused, $ended ended;$(
		for class in $(printf '%s\n' "${!BY_CLASS[@]}" | sort); do printf ' %s %s' "$class" "${BY_CLASS[$class]}"; done)" >&3
}
