# hull features: every key that runtime-spec's features.md has, every word of it taken by create, and
# none of it from the host. That the words do what they say is in the files on their properties.
load lib
load helpers/m_lib

test_setup() {
	hull features >f.json
	config '.root.readonly = false'
}

# words FILTER - what stands there, one a line
words() {
	jq -re "$1 | .[]" f.json
}

@test "features is JSON on standard output, needs no privilege and no state" {
	hull features >again.json 2>err
	cmp f.json again.json
	is "" "$(cat err)"
	[ ! -e "$ROOT" ]
	is "$(cat f.json)" "$(setpriv --reuid 1000 --regid 1000 --clear-groups "$HULL" features 2>&1)"
	is "$(cat f.json)" "$(env -i "$HULL" features 2>&1)"
}

@test "features is the same where there is nothing but the program and its libraries" {
	local dir=$BATS_TEST_TMPDIR/empty file
	mkdir "$dir"
	cp "$HULL" "$dir/hull"
	while read -r file; do
		mkdir -p "$dir${file%/*}"
		cp "$file" "$dir$file"
	done < <(ldd "$HULL" | grep -o '/[^ ]*')
	find "$dir" >before
	is "$(cat f.json)" "$(chroot "$dir" /hull features 2>&1)"
	find "$dir" | cmp before -
}

@test "features has every key of the specification, and no other" {
	is "annotations
hooks
linux
linux.apparmor.enabled
linux.capabilities
linux.cgroup.rdma
linux.cgroup.systemd
linux.cgroup.systemdUser
linux.cgroup.v1
linux.cgroup.v2
linux.intelRdt.enabled
linux.intelRdt.monitoring
linux.intelRdt.schemata
linux.memoryPolicy.flags
linux.memoryPolicy.modes
linux.mountExtensions.idmap.enabled
linux.namespaces
linux.netDevices.enabled
linux.seccomp.actions
linux.seccomp.archs
linux.seccomp.enabled
linux.seccomp.knownFlags
linux.seccomp.operators
linux.seccomp.supportedFlags
linux.selinux.enabled
mountOptions
ociVersionMax
ociVersionMin
potentiallyUnsafeConfigAnnotations" "$(jq -r '[paths | select(all(.[]; type == "string")) | join(".")] as $all
		| $all[] | select(. as $p | $p == "linux" or all($all[]; startswith($p + ".") | not))
		| select(startswith("annotations.") | not), (select(startswith("annotations.")) | "annotations")' f.json | sort -u)"
	jq -e '[.. | booleans] | all' f.json >/dev/null
	jq -e '[.. | arrays | select(length == 0 or length != (unique | length))] == []' f.json >/dev/null
}

@test "features: the versions are those that config.json may have" {
	local version
	for version in $(jq -r '.ociVersionMin, .ociVersionMax' f.json); do
		config '.ociVersion = $v' --arg v "$version"
		hull run "$ID"
	done
	is "1.0.0 1.3.0" "$(jq -r '.ociVersionMin + " " + .ociVersionMax' f.json)"
	config '.ociVersion = "0.9.0"'
	refused "*ociVersion*not supported*" run "$ID"
}

@test "features: every hook is run" {
	local hook
	for hook in $(words .hooks); do
		config '.hooks[$h] = [{path: "/bin/sh", args: ["sh", "-c", "echo \($h) >>\($f)"]}]' --arg h "$hook" \
			--arg f "$([ $hook = startContainer ] && echo /tmp/ran || echo "$BUNDLE/rootfs/tmp/ran")"
	done
	hull run "$ID"
	is "$(words .hooks)" "$(cat rootfs/tmp/ran)"
	is "createContainer createRuntime poststart poststop prestart startContainer" "$(words .hooks | sort | xargs)"
}

@test "features: every mount option is taken, and a word that is not there is not" {
	is "[]" "$(jq -c '("async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev
		nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro
		rprivate rshared rslave runbindable rw shared silent slave strictatime suid sync unbindable mand nomand
		tmpcopyup nosymfollow symfollow ratime rdev rdiratime rexec rnoatime rnodev rnodiratime rnoexec rnorelatime
		rnostrictatime rnosuid rnosymfollow rrelatime rro rrw rstrictatime rsuid rsymfollow idmap ridmap"
		| [splits("\\s+")]) - .mountOptions' f.json)" "what the specification has"
	mkdir data
	config '([{containerID: 0, hostID: 9, size: 1}] as $ids | [$f.mountOptions[] | . as $o
		| if $o == "remount" then {destination: "/n/rw", options: [$o]}
		elif $o == "tmpcopyup" then {destination: "/m/\($o)", type: "tmpfs", source: "tmpfs", options: [$o]}
		elif $o == "bind" or $o == "rbind" then {destination: "/m/\($o)", source: "data", options: [$o]}
		else {destination: "/m/\($o)", source: "data", options: ["bind", $o]}
			+ if $o | endswith("idmap") then {uidMappings: $ids, gidMappings: $ids} else {} end,
			if $o | endswith("idmap") then empty
			else {destination: "/n/\($o)", type: "tmpfs", source: "tmpfs", options: [$o]} end
		end]) as $made | .mounts += ($made | sort_by(.options == ["remount"]))' --argjson f "$(cat f.json)"
	inside 'cat /proc/self/mountinfo' >info
	is "$(words .mountOptions | grep -vx remount | sort)" "$(awk '$5 ~ "^/m/" { print substr($5, 4) }' info | sort)"
	config '.mounts = .mounts[:7]'
	add_bind /m data nosuchword
	refused "*mounts*nosuchword*" run "$ID"
}

@test "features: every namespace is made" {
	local type
	config '.linux.namespaces = []'
	for type in $(words .linux.namespaces); do
		config '.linux.namespaces += [{type: $t}]' --arg t "$type"
	done
	is 8 "$(jq '.linux.namespaces | length' config.json)"
	chown -R 100000:100000 rootfs
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings | .process.args = ["sleep", "1000"]'
	created "$ID" || { errors_of "$ID"; return 1; }
	for type in cgroup ipc mnt net pid time user uts; do
		not is "$(readlink "/proc/self/ns/$type")" "$(readlink "/proc/$(pid_of "$ID")/ns/$type")"
	done
}

@test "features: every capability is one, in the kernel's order" {
	local last
	last=$(cat /proc/sys/kernel/cap_last_cap)
	[ "$(jq '.linux.capabilities | length' f.json)" -ge 41 ]
	config '.process.capabilities = {bounding: $f.linux.capabilities} | .process.args = ["sleep", "1000"]' \
		--argjson f "$(cat f.json)"
	hull --log "$BATS_TEST_TMPDIR/log" create "$ID" </dev/null >/dev/null 2>&1
	not grep "unknown" "$BATS_TEST_TMPDIR/log"
	is "$(awk '/^CapBnd/ { print $2 }' /proc/self/status)" "$(awk '/^CapBnd/ { print $2 }' "/proc/$(pid_of "$ID")/status")"
	hull delete --force "$ID"
	# the last that this kernel has, by its place in the list
	config '.process.capabilities = {bounding: [$f.linux.capabilities[$n]]}' --argjson f "$(cat f.json)" --argjson n "$last"
	created "$ID"
	is "$(printf '%016x' $((1 << last)))" "$(awk '/^CapBnd/ { print $2 }' "/proc/$(pid_of "$ID")/status")"
}

@test "features: every word of seccomp is taken" {
	local word rule='{names: ["getpgid"], action: "SCMP_ACT_ERRNO"}'
	while read -r word; do
		[ "$word" != SCMP_ACT_NOTIFY ] || continue # seccomp_notify.bats, with somebody to ask
		config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpgid"], action: $a}]}' --arg a "$word"
		hull run "$ID" || { echo "$word"; return 1; }
	done < <(words .linux.seccomp.actions)
	while read -r word; do
		config ".linux.seccomp.syscalls = [$rule + {args: [{index: 0, value: 7, op: \$o}]}]" --arg o "$word"
		hull run "$ID" || { echo "$word"; return 1; }
	done < <(words .linux.seccomp.operators)
	# all at once; not one is passed over as unknown
	config ".linux.seccomp.syscalls = [$rule] | .linux.seccomp.architectures = \$f.linux.seccomp.archs" \
		--argjson f "$(cat f.json)"
	hull run "$ID"
	jq -e '.linux.seccomp | .knownFlags == .supportedFlags' f.json >/dev/null
	while read -r word; do
		config '.linux.seccomp.flags = [$w]' --arg w "$word"
		hull run "$ID" || { echo "$word"; return 1; }
	done < <(words .linux.seccomp.supportedFlags)
	is 9 "$(words .linux.seccomp.actions | grep -c '^SCMP_ACT_')"
	is 7 "$(words .linux.seccomp.operators | grep -c '^SCMP_CMP_')"
	is 4 "$(words .linux.seccomp.supportedFlags | grep -c '^SECCOMP_FILTER_FLAG_')"
}

@test "features: every word of a memory policy reaches the kernel" {
	local word error
	# taken, or refused by the kernel, which may be older or have no such node: sched.bats
	while read -r word; do
		config '.linux.memoryPolicy = {mode: $w, nodes: "0"}' --arg w "$word"
		error=$(hull run "$ID" 2>&1) || matches "hull: run $ID: linux.memoryPolicy: set_mempolicy $word *" "$error"
	done < <(words .linux.memoryPolicy.modes)
	while read -r word; do
		config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$w]}' --arg w "$word"
		error=$(hull run "$ID" 2>&1) || matches "hull: run $ID: linux.memoryPolicy: set_mempolicy MPOL_BIND *" "$error"
	done < <(words .linux.memoryPolicy.flags)
	is "7 3" "$(words .linux.memoryPolicy.modes | wc -l) $(words .linux.memoryPolicy.flags | wc -l)"
}

@test "features: the annotations that change what hull does (CVE-2024-3154)" {
	is "org.systemd.property. run.oci.hooks.stderr run.oci.hooks.stdout run.oci.keep_original_groups run.oci.mount_context_type run.oci.seccomp.receiver" \
		"$(words .potentiallyUnsafeConfigAnnotations | sort | xargs)"
	matches "[0-9]*.[0-9]*.[0-9]*" "$(jq -r '.annotations["io.github.seccomp.libseccomp.version"]' f.json)"
}
