# process.selinuxLabel, linux.mountLabel and run.oci.mount_context_type, on a kernel that runs no SELinux
# over a directory that looks as if it did: that the label reaches the kernel, as what and for what,
# shows in its answer. What a policy makes of a label is not the runtime's.
load lib
load helpers/m_lib

LABEL=system_u:system_r:container_t:s0:c1,c2

test_setup() {
	[ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is there, and would take the labels"
	mkdir "$BATS_TEST_TMPDIR/cgroup"
	m_background unshare --mount --propagation private sh -c "
		mount --rbind /sys/fs/cgroup '$BATS_TEST_TMPDIR/cgroup' && mount -t tmpfs tmpfs /sys/fs &&
		mkdir /sys/fs/cgroup /sys/fs/selinux && echo 1 >/sys/fs/selinux/enforce &&
		mount --rbind '$BATS_TEST_TMPDIR/cgroup' /sys/fs/cgroup && umount -l '$BATS_TEST_TMPDIR/cgroup' &&
		touch '$BATS_TEST_TMPDIR/ready' && exec sleep 1000"
	NS=$M_PID
	wait_for test -e "$BATS_TEST_TMPDIR/ready"
}

test_teardown() {
	m_delete_all
	m_kill_all
}

hull() {
	nsenter -t "$NS" --mount sh -c 'cd "$0" && exec "$@"' "$PWD" "$HULL" --root "$ROOT" "$@"
}

# asked COMMAND... - what was written to which file below attr/, and given to which file system
asked() {
	local trace=$BATS_TEST_TMPDIR/trace
	nsenter -t "$NS" --mount sh -c 'cd "$0" && exec "$@"' "$PWD" strace -f -s 200 -o "$trace" \
		-e trace=openat,openat2,write,fsopen,fsconfig "$HULL" --root "$ROOT" "$@" >/dev/null 2>&1 </dev/null || true
	sed -n 's/.*openat[2]*([^"]*"[^"]*\(attr\/[a-z/]*\)".*/\1/p; s/.*write([0-9]*, "\('"$LABEL"'\)".*/\1/p
		s/.*fsopen("\([a-z]*\)".*/\1/p
		s/.*fsconfig([0-9]*, FSCONFIG_SET_STRING, "\([a-z]*context\)", "\('"$LABEL"'\)".*/\1 \2/p' "$trace"
}

@test "process.selinuxLabel is written for the next execve; a kernel that takes none is an error" {
	config '.process.selinuxLabel = $l | .process.args = ["true"]' --arg l "$LABEL"
	has "$(asked run "$ID" | xargs)" "attr/exec $LABEL"
	refused "hull: run $ID: set security attribute: write \`/proc/thread-self/attr/exec\`: invalid argument" run "$ID"
}

@test "exec: the container's label, the process file's, and that of --process-label" {
	config '.process.args = ["sleep", "1000"]'
	detached "$ID" || { errors_of "$ID"; return 1; }
	lacks "$(asked exec "$ID" true)" attr/
	has "$(asked exec --process-label "$LABEL" "$ID" true | xargs)" "attr/exec $LABEL"
	fails "hull: exec $ID: set security attribute: write \`/proc/thread-self/attr/exec\`: invalid argument" exec --process-label "$LABEL" "$ID" true
	jq '.process | .args = ["true"] | .selinuxLabel = $l' --arg l "$LABEL" config.json >p.json
	has "$(asked exec --process p.json "$ID" | xargs)" "attr/exec $LABEL"
	is running "$(status_of "$ID")"
}

@test "linux.mountLabel is a context of file systems of the container's own; the annotation says of which kind" {
	local type
	config '.linux.mountLabel = $l | .mounts = [{destination: "/proc", type: "proc", source: "proc"},
		{destination: "/data", source: "/tmp", options: ["bind"]}, {destination: "/dev", type: "tmpfs", source: "tmpfs"}]' --arg l "$LABEL"
	matches "*proc tmpfs context $LABEL" "$(asked run "$ID" | xargs)"
	config 'del(.linux.mountLabel)'
	lacks "$(asked run "$ID")" context
	config '.linux.mountLabel = $l' --arg l "$LABEL"
	for type in context fscontext defcontext rootcontext; do
		config '.annotations["run.oci.mount_context_type"] = $t' --arg t $type
		refused "hull: run $ID: mounts[[]2] /dev: *$type=$LABEL*" run "$ID"
	done
	config '.mounts[2] = {destination: "/dev/x", type: "devpts", source: "devpts"}'
	refused "hull: run $ID: mounts[[]2] /dev/x: *rootcontext=$LABEL*" run "$ID"
	# whose file system is as old as the ipc namespace, and takes no other label
	config '.mounts[2] = {destination: "/dev/x", type: "mqueue", source: "mqueue"}'
	lacks "$(asked run "$ID")" context
	config '.annotations["run.oci.mount_context_type"] = "nocontext"'
	refused "hull: run $ID: annotations.run.oci.mount_context_type (line *): must be context, fscontext, *" run "$ID"
}
