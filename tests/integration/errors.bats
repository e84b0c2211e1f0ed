# what config.json must not say: config.md 1.11, one line with the JSON path and its line each
load lib

test_setup() {
	config '.root.readonly = false'
}

# refuses FILTER PATTERN - with config.json changed by a jq filter, create fails with the reason and
# leaves no state; that it leaves nothing else either is teardown's to find out, once for each test
refuses() {
	jq "$1" config.json >.bad
	fails "hull: create $ID: $2" create --config .bad "$ID"
	is 1 "$failure"
	is "" "$(ls -A "$ROOT" 2>/dev/null)"
}

# refuses_text TEXT PATTERN - the same with the whole file
refuses_text() {
	printf '%s' "$1" >config.json
	refused "hull: create $ID: $2" create "$ID"
}

# --- the document

@test "config.json is missing, a directory, or empty" {
	rm config.json
	refused "hull: create $ID: *config.json not found*" create "$ID"
	matches "*JSON specification file config.json not found*" "$(hull create "$ID" 2>&1)"
	mkdir config.json
	refused "hull: create $ID: *config.json: is a directory" create "$ID"
	rmdir config.json
	refuses_text '' 'config.json: *'
	refuses_text '   ' 'config.json: *'
}

@test "config.json is not JSON, with the line" {
	refuses_text '{"ociVersion": "1.0.0",' 'config.json: *'
	refuses_text $'{\n"ociVersion": "1.0.0",\n"process": {]}' 'config.json: line 3: *'
	refuses_text $'{\n"a": 1} x' 'config.json: line 2: *'
	refuses_text '{"a": 1, /* comment */ "b": 2}' 'config.json: line 1: *'
	refuses_text $'{"a": "\xff\xfe"}' 'config.json: line 1: *'
	refuses_text '[]' 'config.json: *expected object*'
	refuses_text '"text"' 'config.json: *expected object*'
	refuses_text 'null' 'config.json: *'
}

@test "a name that is given twice" {
	refuses_text $'{"ociVersion": "1.0.0",\n"root": {"path": "rootfs"},\n"root": {"path": "rootfs"}}' \
		'config.json: line 3: member "root" is given twice'
	refuses_text $'{"ociVersion": "1.0.0", "annotations": {"a": "1",\n"a": "2"}}' 'config.json: line 2: member "a" is given twice'
}

@test "a NUL in a string, for the kernel would cut it there" {
	refuses_text '{"ociVersion": "1.0.0", "process": {"args": ["true\u0000x"], "cwd": "/"}}' 'config.json: *'
}

@test "more nesting or more bytes than hull takes" {
	refuses_text "{\"x\": $(printf '[%.0s' {1..5000})$(printf ']%.0s' {1..5000})}" 'config.json: *'
	{
		echo '{"ociVersion": "1.0.0", "annotations": {"a": "'
		head -c 40000000 /dev/zero | tr '\0' x
		echo '"}}'
	} >config.json
	refused "hull: create $ID: *" create "$ID"
}

@test "unknown members are ignored, at every level" {
	config '.nothing = {a: [1]} | .process.nothing = 1 | .linux.nothing = "x" | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", nothing: []} |
		.mounts[0].nothing = true | .process.user.nothing = -1 | .vm = {} | .windows = {"x": 1} | .solaris = {}'
	hull run "$ID"
}

@test "members that are null are as if they were not there" {
	config '.hooks = null | .annotations = null | .linux.seccomp = null | .process.rlimits = null | .linux.devices = null |
		.process.oomScoreAdj = null | .mounts[0].options = null | .linux.resources = null | .process.user.additionalGids = null'
	hull run "$ID"
}

@test "ociVersion: missing, no SemVer, another major" {
	refuses 'del(.ociVersion)' 'ociVersion (line 1): is required'
	for v in '' 1 1.0 1.0.x v1.0.0 1.0.0.0 '1.0.0 ' latest; do
		refuses ".ociVersion = \"$v\"" 'ociVersion (line 2): not a SemVer version*'
	done
	refuses '.ociVersion = "2.0.0"' 'ociVersion (line 2): 2.0.0 is not supported*'
	refuses '.ociVersion = "0.9.0"' 'ociVersion (line 2): 0.9.0 is not supported*'
	refuses '.ociVersion = 1' 'ociVersion (line 2): expected string*'
	for v in 1.0.0 1.0.2-dev 1.2.0 1.3.0 1.99.0-rc.1+build.5; do
		config ".ociVersion = \"$v\""
		hull run "$ID"
	done
}

@test "annotations must be strings, with a name" {
	refuses '.annotations = {"a": 1}' 'annotations.a (line *): expected string*'
	refuses '.annotations = {"": "x"}' 'annotations* (line *): an empty name'
	refuses '.annotations = []' 'annotations (line *): expected object*'
}

# --- root

@test "root: missing, without a path, not there, no directory" {
	refuses 'del(.root)' 'root: is required'
	refuses '.root = {}' 'root.path (line *): is required'
	refuses '.root.path = ""' 'root.path (line *): must not be empty'
	refuses '.root.path = "missing"' 'root.path*missing: no such file or directory'
	config '.root.path = "missing"'
	refused "hull: run $ID: root.path*missing: no such file or directory" run "$ID"
	refused "hull: run $ID: root.path*missing: no such file or directory" run -d "$ID"
	config '.root.path = "rootfs"'
	touch file
	refuses '.root.path = "file"' 'root.path*file: not a directory'
	refuses '.root.path = 5' 'root.path (line *): expected string*'
	refuses '.root.readonly = "yes"' 'root.readonly (line *): expected *, found *'
}

# --- process

@test "process: arguments, directory, environment" {
	refuses '.process.args = []' 'process.args (line *): args must not be empty'
	refuses '.process.args = [""]' 'process.args (line *): args must not be empty'
	refuses '.process.args = "true"' 'process.args (line *): expected array*'
	refuses '.process.args = ["a", 2]' 'process.args[[]1] (line *): expected string*'
	refuses 'del(.process.cwd)' 'process.cwd (line *): is required'
	refuses '.process.cwd = "tmp"' 'process.cwd (line *): Cwd must be an absolute path: "tmp"'
	refuses '.process.env += ["NOTHING"]' 'process.env[[]2] (line *): is not of the form NAME=value'
	refuses '.process.terminal = 1' 'process.terminal (line *): expected *'
	refuses '.process.consoleSize = {height: 1}' 'process.consoleSize.width (line *): is required'
	refuses '.process.consoleSize = {height: -1, width: 1}' 'process.consoleSize.height (line *): out of range: -1'
}

@test "process: ids and numbers out of range" {
	refuses '.process.user.uid = -1' 'process.user.uid (line *): out of range: -1'
	refuses '.process.user.uid = 4294967295' 'process.user.uid (line *): out of range: 4294967295'
	refuses '.process.user.gid = 4294967296' 'process.user.gid (line *): out of range: 4294967296'
	refuses '.process.user.uid = 1.5' 'process.user.uid (line *): not a whole number: 1.5'
	refuses '.process.user.uid = "0"' 'process.user.uid (line *): expected number*'
	refuses '.process.user.additionalGids = [1, -5]' 'process.user.additionalGids[[]1] (line *): out of range: -5'
	refuses '.process.user.umask = 512' 'process.user.umask (line *): out of range: 512'
	refuses '.process.oomScoreAdj = 1001' 'process.oomScoreAdj (line *): out of range: 1001'
	refuses '.process.oomScoreAdj = -1001' 'process.oomScoreAdj (line *): out of range: -1001'
}

@test "process: a uid that the user namespace does not map" {
	refuses '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 10}] | .process.user.uid = 10' \
		'*process.user.uid*'
}

@test "rlimits: unknown, twice, soft above hard, incomplete" {
	refuses '.process.rlimits = [{type: "RLIMIT_NONE", soft: 1, hard: 1}]' \
		'process.rlimits[[]0].type (line *): unknown value "RLIMIT_NONE"'
	refuses '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 1}, {type: "RLIMIT_CPU", soft: 9, hard: 9}, {type: "RLIMIT_CORE", soft: 2, hard: 2}]' \
		'process.rlimits[[]2] (line *): RLIMIT_CORE is given twice'
	refuses '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]' \
		'process.rlimits[[]0] (line *): RLIMIT_CORE: the soft limit is above the hard one'
	refuses '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2}]' 'process.rlimits[[]0].hard (line *): is required'
	refuses '.process.rlimits = [{soft: 1, hard: 1}]' 'process.rlimits[[]0].type (line *): is required'
	refuses '.process.rlimits = [{type: "RLIMIT_CORE", soft: -1, hard: 1}]' 'process.rlimits[[]0].soft (line *): out of range: -1'
}

@test "scheduler and I/O priority: unknown words" {
	refuses '.process.scheduler = {policy: "SCHED_MAGIC"}' 'process.scheduler.policy (line *): unknown value "SCHED_MAGIC"'
	refuses '.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_X"]}' \
		'process.scheduler.flags[[]0] (line *): unknown value "SCHED_FLAG_X"'
	refuses '.process.ioPriority = {class: "IOPRIO_CLASS_X"}' 'process.ioPriority.class (line *): unknown value "IOPRIO_CLASS_X"'
	refuses '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}' 'process.ioPriority.priority (line *): out of range: 8'
}

@test "labels the host has no security module for" {
	[ -d /sys/kernel/security/apparmor ] || refuses '.process.apparmorProfile = "x"' 'process.apparmorProfile (line *): this host has no AppArmor'
	[ -d /sys/fs/selinux/booleans ] || refuses '.process.selinuxLabel = "x"' 'process.selinuxLabel (line *): this host has no SELinux'
	[ -d /sys/fs/selinux/booleans ] || refuses '.linux.mountLabel = "x"' 'linux.mountLabel (line *): this host has no SELinux'
	if [ -d /sys/kernel/security/apparmor ] && [ -d /sys/fs/selinux/booleans ]; then
		skip "both AppArmor and SELinux are there"
	fi
}

# --- namespaces and what needs them

@test "namespaces: unknown, twice, without a type, relative path" {
	refuses '.linux.namespaces[0].type = "planet"' 'linux.namespaces[[]0].type (line *): unknown value "planet"'
	refuses '.linux.namespaces += [{type: "pid"}]' 'linux.namespaces[[]6].type (line *): the pid namespace is given twice'
	refuses '.linux.namespaces += [{type: "pid", path: "/proc/self/ns/pid"}]' 'linux.namespaces[[]6].type (line *): the pid namespace is given twice'
	refuses '.linux.namespaces[1] = {path: "/proc/self/ns/net"}' 'linux.namespaces[[]1].type (line *): is required'
	refuses '.linux.namespaces[1].path = "proc/self/ns/net"' 'linux.namespaces[[]1].path (line *): must be an absolute path: "proc/self/ns/net"'
}

@test "namespaces: a path that is not there, no namespace, or another kind" {
	refuses '.linux.namespaces[1].path = "/no/such/ns"' '*linux.namespaces*/no/such/ns: no such file or directory*'
	refuses '.linux.namespaces[1].path = "/etc/passwd"' '*linux.namespaces*/etc/passwd*'
	refuses '.linux.namespaces[1].path = "/proc/self/ns/ipc"' '*linux.namespaces*/proc/self/ns/ipc*'
	mkfifo pipe # must not be waited for
	refuses ".linux.namespaces[1].path = \"$PWD/pipe\"" '*linux.namespaces*'
}

@test "id mappings: without a user namespace, incomplete, wrong" {
	map='[{containerID: 0, hostID: 1000, size: 1}]'
	user='.linux.namespaces += [{type: "user"}]'
	refuses ".linux.uidMappings = $map" 'linux.uidMappings (line *): need a user namespace*'
	refuses ".linux.gidMappings = $map" 'linux.gidMappings (line *): need a user namespace*'
	refuses "$user" 'linux.uidMappings: a new user namespace needs both*'
	refuses "$user | .linux.uidMappings = $map" 'linux.gidMappings: a new user namespace needs both*'
	refuses "$user | .linux.gidMappings = $map" 'linux.uidMappings: a new user namespace needs both*'
	refuses "$user | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 0}] | .linux.gidMappings = $map" \
		'linux.uidMappings[[]0].size (line *): out of range: 0'
	refuses "$user | .linux.uidMappings = [{containerID: 0, size: 1}] | .linux.gidMappings = $map" \
		'linux.uidMappings[[]0].hostID (line *): is required'
	refuses "$user | .linux.gidMappings = $map | .linux.uidMappings = [range(341) | {containerID: ., hostID: (. + 1000), size: 1}]" \
		'linux.uidMappings (line *): 341 ranges: the kernel takes at most 340'
	# overlapping ranges are the kernel's to refuse
	refuses "$user | .linux.gidMappings = $map | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 5}, {containerID: 3, hostID: 2000, size: 5}]" '*'
}

@test "hostname and domainname: without a uts namespace, too long" {
	none='.linux.namespaces |= map(select(.type != "uts"))'
	refuses "$none" 'hostname (line *): needs a uts namespace*'
	refuses "$none | del(.hostname) | .domainname = \"d\"" 'domainname (line *): needs a uts namespace*'
	refuses '.hostname = ("h" * 65)' 'hostname (line *): longer than 64 bytes'
	refuses '.domainname = ("d" * 65)' 'domainname (line *): longer than 64 bytes'
}

@test "sysctls that are not the container's own" {
	refuses '.linux.sysctl = {"kernel.core_pattern": "x"}' 'linux.sysctl.kernel.core_pattern*: not in a separate kernel namespace*'
	refuses '.linux.sysctl = {"vm.swappiness": "1"}' 'linux.sysctl.vm.swappiness*: not in a separate kernel namespace*'
	refuses '.linux.sysctl = {"kernel.hostname": "x"}' 'linux.sysctl.kernel.hostname*: set "hostname" instead'
	refuses '.linux.sysctl = {"user.max_user_namespaces": "1"}' 'linux.sysctl.user.max_user_namespaces*: needs a separate user namespace*'
	for pair in network:net.ipv4.ip_forward ipc:kernel.msgmax ipc:fs.mqueue.msg_max; do
		refuses ".linux.namespaces |= map(select(.type != \"${pair%%:*}\")) | .mounts |= map(select(.type != \"mqueue\" and .type != \"sysfs\")) |
			.linux.sysctl = {\"${pair#*:}\": \"1\"}" "linux.sysctl.${pair#*:}*: needs a separate ${pair%%:*} namespace*"
	done
	refuses '.linux.sysctl = {"net.ipv4.ip_forward": 1}' 'linux.sysctl.net.ipv4.ip_forward (line *): expected string*'
	# and names that climb
	for key in net/../kernel/core_pattern net.../kernel net/./x /net/ipv4/ip_forward net//ipv4 ''; do
		refuses ".linux.sysctl = {\"$key\": \"1\"}" '*'
		matches '*linux.sysctl*' "$(jq ".linux.sysctl = {\"$key\": \"1\"}" config.json >c.json; hull create -f c.json "$ID" 2>&1)"
	done
}

@test "mounts, masked, read-only paths and a read-only root without a mount namespace" {
	none='.linux.namespaces |= map(select(.type != "mount"))'
	refuses "$none" 'mounts (line *): needs a mount namespace*'
	refuses "$none | del(.mounts)" 'linux.maskedPaths (line *): needs a mount namespace*'
	refuses "$none | del(.mounts, .linux.maskedPaths)" 'linux.readonlyPaths (line *): needs a mount namespace*'
	refuses "$none | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths) | .root.readonly = true" \
		'root.readonly (line *): needs a mount namespace*'
	refuses '.linux.maskedPaths += ["relative"]' 'linux.maskedPaths[[]*] (line *): must be an absolute path: "relative"'
	refuses '.linux.readonlyPaths = ["relative"]' 'linux.readonlyPaths[[]0] (line *): must be an absolute path: "relative"'
}

@test "time offsets without a new time namespace, or out of range" {
	refuses '.linux.timeOffsets = {monotonic: {secs: 1}}' 'linux.timeOffsets (line *): needs a new time namespace'
	refuses '.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}] | .linux.timeOffsets = {monotonic: {secs: 1}}' \
		'linux.timeOffsets (line *): needs a new time namespace'
	refuses '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 1, nanosecs: 1000000000}}' \
		'linux.timeOffsets.monotonic.nanosecs (line *): out of range: 1000000000'
}

@test "network devices: without a network namespace" {
	refuses '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.type != "sysfs")) | .linux.netDevices = {"dummy0": {}}' \
		'linux.netDevices (line *): needs a network namespace*'
	refuses '.linux.netDevices = {"dummy0": {"name": 5}}' 'linux.netDevices.dummy0.name (line *): expected string*'
	refuses '.linux.netDevices = {"no-such-device": {}}' '*linux.netDevices*'
}

# --- mounts and devices

@test "mounts: without a destination, half mapped, inside /proc, something else on /proc" {
	refuses 'del(.mounts[1].destination)' 'mounts[[]1].destination (line *): is required'
	refuses '.mounts[1].destination = ""' 'mounts[[]1].destination (line *): must not be empty'
	refuses '.mounts += [{destination: "/m", type: "bind", source: "rootfs", options: ["bind"], uidMappings: [{containerID: 0, hostID: 0, size: 1}]}]' \
		'mounts[[]*] (line *): uidMappings and gidMappings must be given together'
	refuses '.mounts += [{destination: "/proc/sys", type: "tmpfs", source: "tmpfs"}]' \
		'mounts[[]*].destination (line *): /proc/sys cannot be mounted: it is inside /proc'
	refuses '.mounts[0] = {destination: "/proc", type: "tmpfs", source: "tmpfs"}' '*mounts[[]0]*only a procfs*'
	refuses '.mounts += [{destination: "/m", type: "bind", source: "/no/such/source", options: ["bind"]}]' \
		'*mounts[[]*] /m*/no/such/source: no such file or directory*'
	refuses '.mounts += [{destination: "/m", type: "nosuchfs", source: "x"}]' '*mounts[[]*] /m*nosuchfs*'
	refuses '.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["nosuchoption"]}]' '*mounts[[]*] /m*nosuchoption*'
	refuses '.mounts += [{destination: "/m", type: "bind", source: "rootfs", options: ["bind", "idmap"]}]' '*mounts[[]*]*idmap*'
	refuses '.mounts[0].options = "ro"' 'mounts[[]0].options (line *): expected array*'
}

@test "rootfsPropagation: an unknown word" {
	refuses '.linux.rootfsPropagation = "sideways"' 'linux.rootfsPropagation (line *): unknown value "sideways"'
}

@test "devices: unknown type, without numbers, relative path, in the way of another" {
	refuses '.linux.devices = [{type: "x", path: "/dev/x", major: 1, minor: 1}]' \
		'linux.devices[[]0].type (line *): unknown value "x"'
	refuses '.linux.devices = [{type: "c", path: "/dev/x", major: 1}]' \
		'linux.devices[[]0] (line *): major and minor are required for a character device'
	refuses '.linux.devices = [{type: "b", path: "/dev/x"}]' \
		'linux.devices[[]0] (line *): major and minor are required for a block device'
	refuses '.linux.devices = [{type: "c", path: "dev/x", major: 1, minor: 1}]' \
		'linux.devices[[]0].path (line *): must be an absolute path: "dev/x"'
	refuses '.linux.devices = [{type: "c", major: 1, minor: 1}]' 'linux.devices[[]0].path (line *): is required'
	refuses '.linux.devices = [{type: "c", path: "/dev/x", major: -1, minor: 1}]' 'linux.devices[[]0].major (line *): out of range: -1'
	refuses '.linux.devices = [{type: "c", path: "/dev/x", major: 1, minor: 1, fileMode: 65536}]' \
		'linux.devices[[]0].fileMode (line *): out of range: 65536'
	refuses '.linux.devices = [{type: "c", path: "/dev/full", major: 1, minor: 3}, {type: "c", path: "/dev/full", major: 1, minor: 7}]' \
		'*device /dev/full: something else is there: file exists*'
	refuses '.linux.devices = [{type: "c", path: "/bin/busybox", major: 1, minor: 3}]' \
		'*device /bin/busybox: something else is there: file exists*'
}

# --- hooks

@test "hooks: relative path, no path, time-out of nothing" {
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		refuses ".hooks.$kind = [{path: \"true\"}]" "hooks.$kind[[]0].path (line *): must be an absolute path: \"true\""
	done
	refuses '.hooks.poststop = [{path: "/bin/true"}, {args: ["x"]}]' 'hooks.poststop[[]1].path (line *): is required'
	refuses '.hooks.prestart = [{path: "/bin/true", timeout: 0}]' 'hooks.prestart[[]0].timeout (line *): out of range: 0'
	refuses '.hooks.prestart = [{path: "/bin/true", timeout: -5}]' 'hooks.prestart[[]0].timeout (line *): out of range: -5'
	refuses '.hooks.prestart = {path: "/bin/true"}' 'hooks.prestart (line *): expected array*'
}

# --- seccomp

@test "seccomp: unknown words" {
	ok='{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpgid"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}]}]}'
	refuses ".linux.seccomp = ($ok | .defaultAction = \"SCMP_ACT_X\")" 'linux.seccomp.defaultAction (line *): unknown value "SCMP_ACT_X"'
	refuses ".linux.seccomp = ($ok | del(.defaultAction))" 'linux.seccomp.defaultAction (line *): is required'
	refuses ".linux.seccomp = ($ok | .syscalls[0].action = \"allow\")" 'linux.seccomp.syscalls[[]0].action (line *): unknown value "allow"'
	refuses ".linux.seccomp = ($ok | .syscalls[0].args[0].op = \"SCMP_CMP_X\")" 'linux.seccomp.syscalls[[]0].args[[]0].op (line *): unknown value "SCMP_CMP_X"'
	refuses ".linux.seccomp = ($ok | .syscalls[0].args[0].index = 6)" 'linux.seccomp.syscalls[[]0].args[[]0].index (line *): out of range: 6'
	refuses ".linux.seccomp = ($ok | .architectures = [\"SCMP_ARCH_PDP11\"])" 'linux.seccomp.architectures[[]0] (line *): unknown value "SCMP_ARCH_PDP11"'
	refuses ".linux.seccomp = ($ok | .flags = [\"SECCOMP_FILTER_FLAG_X\"])" 'linux.seccomp.flags[[]0] (line *): unknown value "SECCOMP_FILTER_FLAG_X"'
	refuses ".linux.seccomp = ($ok | .syscalls[0].names = [])" 'linux.seccomp.syscalls[[]0].names (line *): needs at least one name'
	refuses ".linux.seccomp = ($ok | del(.syscalls[0].names))" 'linux.seccomp.syscalls[[]0].names*: needs at least one name'
}

@test "seccomp: numbers for actions that take none, metadata without a listener" {
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1}' 'linux.seccomp.defaultErrnoRet (line *): the default action takes no number'
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["x"], action: "SCMP_ACT_KILL", errnoRet: 1}]}' \
		'linux.seccomp.syscalls[[]0].errnoRet (line *): the action takes no number'
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 4096}' 'linux.seccomp.defaultErrnoRet (line *): out of range: 4096'
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "m"}' 'linux.seccomp.listenerMetadata (line *): needs listenerPath'
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY"}' 'linux.seccomp.defaultAction (line *): *'
}

# --- everything else that has a list of words

@test "personality, memory policy, Intel RDT" {
	refuses '.linux.personality = {domain: "BSD"}' 'linux.personality.domain (line *): unknown value "BSD"'
	refuses '.linux.personality = {}' 'linux.personality.domain (line *): is required'
	refuses '.linux.memoryPolicy = {mode: "MPOL_X", nodes: "0"}' 'linux.memoryPolicy.mode (line *): unknown value "MPOL_X"'
	refuses '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_X"]}' \
		'linux.memoryPolicy.flags[[]0] (line *): unknown value "MPOL_F_X"'
	refuses '.linux.intelRdt = {memBwSchema: "L3:0=f"}' '*linux.intelRdt*'
	[ -d /sys/fs/resctrl/info ] || refuses '.linux.intelRdt = {closID: "x"}' '*linux.intelRdt*'
}

@test "a scheduler's numbers that are another policy's, CPUs and nodes that are no list" {
	refuses '.process.scheduler = {policy: "SCHED_BATCH", priority: 5}' 'process.scheduler.priority (line *): is not for SCHED_BATCH'
	refuses '.process.scheduler = {policy: "SCHED_FIFO", priority: 5, runtime: 1}' \
		'process.scheduler (line *): runtime, deadline and period are not for SCHED_FIFO'
	refuses '.process.scheduler = {policy: "SCHED_OTHER", nice: 20}' 'process.scheduler.nice (line *): out of range: 20'
	refuses '.process.scheduler = {policy: "SCHED_FIFO", priority: 1000}' '*process.scheduler: sched_setattr SCHED_FIFO: invalid argument*'
	refuses '.process.execCPUAffinity = {initial: "0-"}' 'process.execCPUAffinity.initial (line *): not a list of CPUs: "0-"'
	refuses '.process.execCPUAffinity = {final: "x"}' 'process.execCPUAffinity.final (line *): not a list of CPUs: "x"'
	refuses '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "no"}' '*linux.memoryPolicy*"no"*'
}

@test "resources: rules for devices and limits" {
	refuses '.linux.resources.devices[0] = {access: "rwm"}' 'linux.resources.devices[[]0].allow (line *): is required'
	refuses '.linux.resources.devices[0].access = "rwx"' "linux.resources.devices[[]0].access (line *): unknown access letter 'x'*"
	refuses '.linux.resources.devices[0].type = "d"' 'linux.resources.devices[[]0].type (line *): unknown value "d"'
	refuses '.linux.resources.memory = {limit: 50000000, swap: 40000000}' '*linux.resources.memory.swap*'
	refuses '.linux.resources.memory = {limit: "64m"}' 'linux.resources.memory.limit (line *): expected number*'
	refuses '.linux.resources.unified = {"memory.max/../x": "1"}' '*linux.resources.unified*'
	refuses '.linux.resources.unified = {"nosuch.max": "1"}' '*linux.resources.unified*'
	refuses '.linux.resources.cpu = {shares: -1}' 'linux.resources.cpu.shares (line *): out of range: -1'
	refuses '.linux.resources.cpu = {cpus: "abc"}' '*linux.resources.cpu.cpus*'
	refuses '.linux.resources.cpu = {idle: 2}' 'linux.resources.cpu.idle (line *): out of range: 2'
	refuses '.linux.resources.blockIO = {weightDevice: [{major: 8, minor: 0}]}' '*linux.resources.blockIO*'
	refuses '.linux.resources.hugepageLimits = [{pageSize: "3XB", limit: 1}]' '*linux.resources.hugepageLimits*'
	refuses '.linux.resources.rdma = {"mlx5_0": {}}' '*linux.resources.rdma*'
}

@test "numbers are exact to the last digit" {
	for n in 18446744073709551616 -9223372036854775809 1e400; do
		sed "s/\"hard\": 1024/\"hard\": $n/" config.json >c.json
		refused "hull: create $ID: process.rlimits[[]0].hard (line *): *" create -f c.json "$ID"
	done
}

@test "a bundle whose path is no UTF-8 is refused: its state could not be read" {
	cp -r "$BUNDLE" "$BATS_TEST_TMPDIR/"$'caf\xe9'
	refused "hull: run $ID: --bundle */caf*: *" run --bundle "$BATS_TEST_TMPDIR/"$'caf\xe9' "$ID"
}
