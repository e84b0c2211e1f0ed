#!/usr/bin/env bats
# Kubernetes: containerd's CRI plug-in on hull, asked what a kubelet asks

load lib

setup_file() {
	caller_begin containerd ctr containerd-shim-runc-v2
	local dir=$BATS_FILE_TMPDIR
	"$PYTHON" -c 'import grpc, google.protobuf' || skip "this host's Python has no gRPC (make deps-callers)"
	[ -x /usr/lib/cni/bridge ] || skip "this host has no CNI plug-ins (make deps-callers)"
	export CONTAINERD_ADDRESS=$dir/sock CONTAINERD_NAMESPACE=k8s.io IMG=docker.io/library/bb:latest
	mkdir "$dir/cni"
	jq -n --arg dir "$dir/ipam" '{cniVersion: "0.4.0", name: "net", plugins: [{type: "bridge", bridge: "cri0",
		isGateway: true, ipam: {type: "host-local", dataDir: $dir, ranges: [[{subnet: "10.213.11.0/24"}]]}}]}' \
		>"$dir/cni/net.conflist"
	cat >"$dir/config.toml" <<-END
		version = 2
		root = "$dir/root"
		state = "$dir/state"
		[grpc]
		  address = "$dir/sock"
		[ttrpc]
		  address = "$dir/sock.ttrpc"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "$IMG"
		  restrict_oom_score_adj = true
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/usr/lib/cni"
		    conf_dir = "$dir/cni"
		  [plugins."io.containerd.grpc.v1.cri".containerd]
		    default_runtime_name = "hull"
		    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hull]
		      runtime_type = "io.containerd.runc.v2"
		      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hull.options]
		        BinaryName = "$HULL"
		        Root = "$dir/hull"
	END
	"$TESTS/callers/cri.py" "$(command -v containerd)" >"$dir/descriptors"
	daemon containerd --config "$dir/config.toml"
	within 30 ctr version || { cat "$dir/log"; return 1; }
	image_archive "$dir/archive.tar" "$IMG" sleep 1000
	ctr image import "$dir/archive.tar" >/dev/null
	within 30 network_ready
}

teardown_file() {
	end_daemon
	caller_end
}

# cri METHOD [JQ-FILTER [JQ-OPTIONS...]] - the filter makes the request
cri() {
	local method=$1 filter=${2:-{\}}
	shift
	[ $# = 0 ] || shift
	"$TESTS/callers/cri.py" "$BATS_FILE_TMPDIR/descriptors" "$CONTAINERD_ADDRESS" "$method" \
		"$(jq -cn "$filter" "$@")"
}

network_ready() {
	[ "$(cri Status | jq '[.status.conditions[].status] | all')" = true ]
}

remove_all() {
	local pod
	for pod in $(cri ListPodSandbox | jq -r '.items[].id'); do
		cri StopPodSandbox '{pod_sandbox_id: $p}' --arg p "$pod" >/dev/null
		cri RemovePodSandbox '{pod_sandbox_id: $p}' --arg p "$pod" >/dev/null
	done
	in_net ip link del cri0 2>/dev/null || true
}

# pod [JQ-FILTER] - run a sandbox; $POD is its id, $SANDBOX its configuration
pod() {
	SANDBOX=$(jq -cn --arg logs "$TMP" --arg cgroup "$GROUP" '{metadata: {name: "p", uid: "u", namespace: "default"},
		hostname: "pod", log_directory: $logs, labels: {app: "test"}, linux: {cgroup_parent: $cgroup,
		security_context: {namespace_options: {pid: "CONTAINER"}}}} | '"${1:-.}")
	POD=$(cri RunPodSandbox '{config: $c, runtime_handler: "hull"}' --argjson c "$SANDBOX" | jq -r .pod_sandbox_id)
	[ -n "$POD" ]
}

# words WORD... - as a list in JSON
words() {
	printf '%s\n' "$@" | jq -Rcn '[inputs]'
}

# created NAME JQ-FILTER COMMAND... - a container in the pod; prints its id
created() {
	local name=$1 filter=$2
	shift 2
	cri CreateContainer '{pod_sandbox_id: $p, sandbox_config: $s, config: ({metadata: {name: $name},
			image: {image: $image}, log_path: ($name + ".log"), command: $words,
			linux: {security_context: {namespace_options: {pid: "CONTAINER"}}}} | '"$filter"')}' --arg p "$POD" \
		--argjson s "$SANDBOX" --arg name "$name" --arg image "$IMG" --argjson words "$(words "$@")" |
		jq -r .container_id
}

started() {
	local id
	id=$(created "$@")
	start "$id" && echo "$id"
}

start() {
	cri StartContainer '{container_id: $c}' --arg c "$1" >/dev/null
}

# status_of ID JQ-FILTER
status_of() {
	cri ContainerStatus '{container_id: $c}' --arg c "$1" | jq -r ".status | $2"
}

# exited ID CODE
exited() {
	[ "$(status_of "$1" '"\(.state) \(.exit_code)"')" = "CONTAINER_EXITED $2" ]
}

# inside ID COMMAND... - exec; prints what it prints, and its status if that is not 0
inside() {
	local id=$1
	shift
	cri ExecSync '{container_id: $c, cmd: $words, timeout: 20}' --arg c "$id" --argjson words "$(words "$@")" |
		jq -r '(.stdout, .stderr | @base64d | select(. != "") | rtrimstr("\n")), (.exit_code | select(. != 0) | "status \(.)")'
}

@test "the runtime is ready, and its network" {
	is containerd "$(cri Version | jq -r .runtime_name)"
	is "RuntimeReady NetworkReady" "$(cri Status | jq -r '[.status.conditions[] | select(.status).type] | join(" ")')"
}

@test "a pod: its sandbox, address, host name, two containers that share what a pod shares" {
	pod
	is SANDBOX_READY "$(cri PodSandboxStatus '{pod_sandbox_id: $p}' --arg p "$POD" | jq -r .status.state)"
	matches "10.213.11.*" "$(cri PodSandboxStatus '{pod_sandbox_id: $p}' --arg p "$POD" | jq -r .status.network.ip)"
	one=$(started one . sleep 1000)
	two=$(started two . sleep 1000)
	is CONTAINER_RUNNING "$(status_of "$one" .state)"
	is pod "$(inside "$one" hostname)"
	for ns in net ipc uts; do
		is "$(inside "$one" readlink "/proc/self/ns/$ns")" "$(inside "$two" readlink "/proc/self/ns/$ns")" "$ns"
	done
	for ns in pid mnt; do
		not is "$(inside "$one" readlink "/proc/self/ns/$ns")" "$(inside "$two" readlink "/proc/self/ns/$ns")"
	done
	is 2 "$(cri ListContainers | jq '.containers | length')"
	inside "$one" sh -c 'busybox nc -l -p 80 -e echo served >/dev/null 2>&1 & sleep 0.2'
	is served "$(inside "$two" busybox nc 127.0.0.1 80)"
}

@test "a pod whose processes see each other, and one of the host's network" {
	pod '.linux.security_context.namespace_options = {pid: "POD"}'
	pid='.linux.security_context.namespace_options = {pid: "POD"}'
	one=$(started one "$pid" sleep 1001)
	two=$(started two "$pid" sleep 1002)
	matches "*sleep 1001*sleep 1002*" "$(inside "$two" ps -o args | xargs)"
	remove_all
	pod '.hostname = "" | .linux.security_context.namespace_options = {network: "NODE"}' # as a kubelet has it
	one=$(started one '.linux.security_context.namespace_options = {network: "NODE"}' sleep 1000)
	is "$(in_net readlink /proc/self/ns/net)" "$(inside "$one" readlink /proc/self/ns/net)"
}

@test "exec: output, errors and status; a command that is not there" {
	pod
	one=$(started one . sleep 1000)
	is "out
err
status 3" "$(inside "$one" sh -c 'echo out; echo err >&2; exit 3')"
	cri ExecSync '{container_id: $c, cmd: ["nosuch"], timeout: 20}' --arg c "$one" >"$TMP/out" 2>&1 || true
	matches '*exec: "nosuch": executable file not found in $PATH*' "$(cat "$TMP/out")"
	cri ExecSync '{container_id: $c, cmd: ["sleep", "100"], timeout: 1}' --arg c "$one" >"$TMP/out" 2>&1 || true
	matches "DEADLINE_EXCEEDED: *timeout 1s exceeded*" "$(cat "$TMP/out")"
	is "" "$(inside "$one" sh -c 'ps -o args | grep "^sleep 100$"' | grep -v status)"
}

@test "logs, exit status, reason; a program that is not there" {
	pod
	one=$(started one . sh -c 'echo to out; echo to err >&2; exit 7')
	within 10 exited "$one" 7
	is Error "$(status_of "$one" .reason)"
	is "stderr F to err
stdout F to out" "$(cut -d' ' -f2- "$TMP/one.log" | sort)"
	two=$(started two . true)
	within 10 exited "$two" 0
	is Completed "$(status_of "$two" .reason)"
	three=$(created three . nosuch)
	not start "$three" 2>"$TMP/err"
	matches '*exec: "nosuch": executable file not found in $PATH*' "$(cat "$TMP/err")"
	is "StartError 128" "$(status_of "$three" '"\(.reason) \(.exit_code)"')"
}

@test "limits: given, read by stats, updated while it runs; out of memory is said" {
	pod
	limits='.linux.resources = {cpu_period: 100000, cpu_quota: 50000, cpu_shares: 512, memory_limit_in_bytes: 67108864}'
	one=$(started one "$limits" sleep 1000)
	is "67108864 50000" "$(limits_of "$one")"
	within 20 used_memory "$one" # containerd collects now and then
	cri UpdateContainerResources '{container_id: $c, linux: {memory_limit_in_bytes: 33554432, cpu_quota: 25000,
		cpu_period: 100000}}' --arg c "$one" >/dev/null
	is "33554432 25000" "$(limits_of "$one")"
	two=$(started two '.linux.resources.memory_limit_in_bytes = 33554432' sh -c 'x=a; while :; do x=$x$x; done')
	within 20 exited "$two" 137
	is OOMKilled "$(status_of "$two" .reason)"
}

used_memory() {
	[ "$(cri ContainerStats '{container_id: $c}' --arg c "$1" | jq '.stats.memory.working_set_bytes.value | tonumber')" -gt 0 ]
}

# limits_of ID - memory and processor time, as its cgroup has them
limits_of() {
	if [ -d "$CGROOT/memory$GROUP/$1" ]; then
		echo $(cat "$CGROOT/memory$GROUP/$1/memory.limit_in_bytes" "$CGROOT/cpu$GROUP/$1/cpu.cfs_quota_us")
	else
		echo $(cat "$CGROOT$GROUP/$1/memory.max" "$CGROOT$GROUP/$1/cpu.max" | cut -d' ' -f1)
	fi
}

@test "stop: the signal, the grace period, and KILL after it" {
	pod
	one=$(started one . sh -c 'trap "exit 9" TERM; echo up; while :; do usleep 50000; done')
	within 10 grep -q up "$TMP/one.log"
	cri StopContainer '{container_id: $c, timeout: 20}' --arg c "$one" >/dev/null
	is "CONTAINER_EXITED 9" "$(status_of "$one" '"\(.state) \(.exit_code)"')"
	two=$(started two . sh -c 'trap "" TERM; echo up; while :; do usleep 50000; done')
	within 10 grep -q up "$TMP/two.log"
	cri StopContainer '{container_id: $c, timeout: 1}' --arg c "$two" >/dev/null
	is "CONTAINER_EXITED 137" "$(status_of "$two" '"\(.state) \(.exit_code)"')"
	cri RemoveContainer '{container_id: $c}' --arg c "$one" >/dev/null
	is 1 "$(cri ListContainers | jq '.containers | length')"
	three=$(created three . sleep 1000)
	cri RemoveContainer '{container_id: $c}' --arg c "$three" >/dev/null # never started
}

@test "mounts, user, capabilities, seccomp, read-only root, masked paths" {
	pod
	export VOLUME=$TMP/volume
	mkdir "$VOLUME"
	echo content >"$VOLUME/file"
	one=$(started one '.mounts = [{host_path: $ENV.VOLUME, container_path: "/v", readonly: true}]
		| .working_dir = "/tmp" | .envs = [{key: "A", value: "b"}]
		| .linux.security_context *= {run_as_user: {value: 1000}, run_as_group: {value: 1001}, readonly_rootfs: true,
			supplemental_groups: [55], no_new_privs: true, seccomp: {profile_type: "RuntimeDefault"},
			capabilities: {drop_capabilities: ["ALL"], add_capabilities: ["NET_RAW"]},
			masked_paths: ["/proc/keys"], readonly_paths: ["/proc/sys"]}' sleep 1000)
	is "1000 1001 1001 55" "$(inside "$one" sh -c 'echo $(id -u) $(id -g) $(id -G)')"
	is "content /tmp b" "$(inside "$one" sh -c 'echo $(cat /v/file) $(pwd) $A')"
	is "0000000000002000 1 2" "$(inside "$one" awk '/^CapBnd|^NoNewPrivs|^Seccomp:/ { print $2 }' /proc/1/status | xargs)"
	matches "*Read-only file system*Read-only file system*" "$(inside "$one" sh -c 'touch /v/x; touch /x; wc -c </proc/keys')"
	two=$(started two '.linux.security_context.privileged = false
		| .linux.security_context.capabilities.add_capabilities = ["ALL"]' sleep 1000)
	is "$(awk '/^CapBnd/ { print $2 }' /proc/self/status)" "$(inside "$two" awk '/^CapEff/ { print $2 }' /proc/1/status)"
}
