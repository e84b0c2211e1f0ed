# Podman, as root, on hull: conmon makes and watches containers, Podman starts, signals and deletes them
load lib
load podman

setup_file() {
	podman_options
	podman_begin python3 iptables
	# netavark's chains stay once there has been a bridge; so they are there before the first test
	podman run --rm --cgroup-parent "$GROUP" -p 127.0.0.1:8080:80 bb true
	podman network reload --all >/dev/null
	remove_all
}

teardown_file() {
	podman_options
	podman_end
}

test_setup() {
	podman_options
}

# fails_with STATUS PATTERN ARGS... - podman fails so
fails_with() {
	local expected=$1 pattern=$2 got=0
	shift 2
	podman "$@" >"$TMP/.out" 2>"$TMP/.err" || got=$?
	is "$expected" "$got" "status of podman $*" && matches "$pattern" "$(cat "$TMP/.err")"
}

fails_in() {
	local expected=$1 pattern=$2
	shift 2
	fails_with "$expected" "$pattern" run --rm --cgroup-parent "$GROUP" --network none "$@"
}

@test "podman info names the runtime and its version" {
	is "$HULL" "$(podman info --format '{{.Host.OCIRuntime.Path}}')"
	matches "hull version *" "$(podman info --format '{{.Host.OCIRuntime.Version}}')"
}

@test "run: output, standard input, environment, working directory, user" {
	is hello "$(run_in bb echo hello)"
	is from-here "$(echo from-here | run_in -i bb cat)"
	is "value /tmp 1000 1001" "$(run_in -e NAME=value -w /tmp -u 1000:1001 bb sh -c 'echo $NAME $(pwd) $(id -u) $(id -g)')"
	is "0 10 55" "$(run_in --group-add 10 --group-add 55 bb id -G)"
	is err "$(run_in bb sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)"
}

@test "run: the exit status is the program's, or 128 and the signal" {
	status 7 run_in bb sh -c 'exit 7'
	status 0 run_in bb true
	status 137 run_in --init bb sh -c 'kill -9 $$'
	status 143 run_in --pid host bb sh -c 'kill -TERM $$'
}

@test "run: 125, 126 and 127 with the reason" {
	fails_with 125 '*unknown flag*' run --no-such-flag bb
	fails_in 126 '*exec: "/etc/passwd": permission denied*' bb /etc/passwd
	fails_in 126 '*exec: "/etc": is a directory*' bb /etc
	fails_in 127 '*exec: "none": executable file not found in $PATH*' bb none
	fails_in 127 '*exec: "/none": stat /none: no such file or directory*' bb /none
}

@test "the words come without a log, as a runtime that Podman does not know by name" {
	fails_in 127 "Error: $HULL: hull: create *: exec: \"none\": executable file not found in \$PATH*" bb none
	is 1 "$(wc -l <"$TMP/.err")"
}

@test "called crun, hull gets a JSON log, of which Podman shows the message" {
	ln -s "$HULL" "$TMP/crun"
	PODMAN+=(--runtime "$TMP/crun")
	fails_in 127 'Error: *exec: "none": executable file not found in $PATH*' bb none
	fails_in 126 'Error: *exec: "/etc/passwd": permission denied*' bb /etc/passwd
	is ok "$(run_in bb echo ok)"
}

@test "exec: output, status, user, directory, environment, detached, privileged" {
	started a
	is in "$(podman exec a echo in)"
	is piped "$(echo piped | podman exec -i a cat)"
	is "1000 /tmp b" "$(podman exec -u 1000 -w /tmp -e A=b a sh -c 'echo $(id -u) $(pwd) $A')"
	status 7 podman exec a sh -c 'exit 7'
	podman exec -d a touch /detached
	within 5 podman exec a test -e /detached
	not is "$(podman exec a grep CapEff /proc/self/status)" "$(podman exec --privileged a grep CapEff /proc/self/status)"
}

@test "exec: 125, 126 and 127" {
	started a
	fails_with 127 '*exec: "none": executable file not found in $PATH*' exec a none
	fails_with 126 '*exec: "/etc/passwd": permission denied*' exec a /etc/passwd
	fails_with 125 '*no such container*' exec nobody true
	podman stop -t 0 a >/dev/null
	fails_with 255 '*can only create exec sessions on running containers*' exec a true
}

@test "a terminal: run and exec, its size and its status" {
	local tty=(script -qec)
	mkfifo "$TMP/keyboard" # nobody types; at an end of file script(1) would
	"${tty[@]}" "$(quoted podman "${PODMAN[@]}" run --rm --network none --cgroup-parent "$GROUP" -it bb \
		sh -c 'tty; test -t 1 && exit 9')" /dev/null <>"$TMP/keyboard" >"$TMP/tty" 3>&- || status=$?
	is 9 "$status"
	matches "/dev/pts/0*" "$(cat "$TMP/tty")"
	started a
	matches "/dev/pts/*" "$(podman exec -t a tty)"
	matches "/dev/console*" "$(run_in -t bb sh -c 'ls /dev/console')"
}

# quoted COMMAND... - as one word for a shell inside the world
quoted() {
	echo "nsenter --target $(cat "$BATS_FILE_TMPDIR/world") --mount --pid --net --ipc $(printf '%q ' "$@")"
}

@test "created, started, stopped, restarted, removed" {
	podman create --name a --cgroup-parent "$GROUP" --network none bb sleep 1000 >/dev/null
	is created "$(of a .State.Status)"
	podman start a >/dev/null
	is running "$(of a .State.Status)"
	first=$(of a .State.Pid)
	podman restart -t 0 a >/dev/null
	not is "$first" "$(of a .State.Pid)"
	podman stop -t 0 a >/dev/null
	is "exited 137" "$(of a .State.Status) $(of a .State.ExitCode)"
	podman init a >/dev/null
	is initialized "$(of a .State.Status)"
	podman start a >/dev/null
	podman rm -f -t 0 a >/dev/null
	status 1 podman container exists a
}

@test "kill, stop and wait: signals arrive and their status comes back" {
	local script='trap "echo usr1" USR1; trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'
	podman run -d --name a --cgroup-parent "$GROUP" --network none bb sh -c "$script" >/dev/null
	within 10 logged a up
	podman kill -s USR1 a >/dev/null
	within 10 logged a usr1
	podman stop -t 5 a >/dev/null
	is 3 "$(podman wait a)"
	podman start a >/dev/null
	podman kill a >/dev/null
	is 137 "$(podman wait a)"
	fails_with 125 '*can only kill running containers*' kill a
}

logged() {
	podman logs "$1" 2>&1 | grep -q "$2"
}

@test "--stop-signal, --timeout, restart on failure" {
	podman run -d --name a --cgroup-parent "$GROUP" --network none --stop-signal USR2 bb \
		sh -c 'trap "exit 4" USR2; echo up; while :; do sleep 0.05; done' >/dev/null
	within 10 logged a up
	podman stop -t 5 a >/dev/null
	is 4 "$(of a .State.ExitCode)"
	status 255 run_in --timeout 1 bb sleep 100
	podman run -d --name b --cgroup-parent "$GROUP" --network none --restart on-failure:2 bb false >/dev/null
	within 15 restarted b 2
	is "exited 1" "$(of b .State.Status) $(of b .State.ExitCode)"
}

restarted() {
	[ "$(of "$1" .RestartCount) $(of "$1" .State.Status)" = "$2 exited" ]
}

@test "pause, unpause, and what is refused between" {
	started a
	podman pause a >/dev/null
	is paused "$(of a .State.Status)"
	fails_with 255 '*can only create exec sessions on running containers*' exec a true
	podman unpause a >/dev/null
	is in "$(podman exec a echo in)"
	podman pause a >/dev/null
	podman rm -f -t 0 a >/dev/null
}

@test "ps, top, stats, logs, inspect" {
	podman run -d --name a --cgroup-parent "$GROUP" --network none --memory 64m bb sh -c 'echo out; echo err >&2; sleep 1000; true' >/dev/null
	within 10 logged a err
	is "a Up" "$(podman ps --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2)"
	within 10 sleeps a
	matches "a 67* 2" "$(podman stats --no-stream --format '{{.Name}} {{.MemLimit}} {{.PIDs}}' a)"
	is "out
err" "$(podman logs a 2>&1)"
	is "$HULL" "$(of a .OCIRuntime)"
}

sleeps() {
	[[ $(podman top "$1" pid args) == *"sleep 1000"* ]]
}

@test "cp in and out, also of a stopped container; diff, export, commit" {
	started a
	echo content >"$TMP/file"
	podman cp "$TMP/file" a:/tmp/
	is content "$(podman exec a cat /tmp/file)"
	podman stop -t 0 a >/dev/null
	podman cp a:/tmp/file "$TMP/back"
	is content "$(cat "$TMP/back")"
	matches "*A /tmp/file*" "$(podman diff a)"
	podman export a | tar -t | grep -qx tmp/file
	podman commit -q a committed >/dev/null
	is content "$(run_in committed cat /tmp/file)"
	podman rmi committed >/dev/null
}

@test "limits are in the container's cgroup" {
	within_limits=$(run_in --memory 64m --cpus 0.5 --pids-limit 50 --cpu-shares 300 --cpuset-cpus 0 bb sh -c '
		cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.shares \
			cpuset/cpuset.cpus pids/pids.max 2>/dev/null ||
			cat memory.max cpu.max cpu.weight cpuset.cpus pids.max' | xargs)
	case $within_limits in
	"67108864 50000 300 0 50" | "67108864 50000 100000 "*" 0 50") ;;
	*) is "the limits" "$within_limits" ;;
	esac
}

@test "out of memory: the program is killed" {
	podman run --name a --cgroup-parent "$GROUP" --network none --memory 32m bb \
		sh -c 'x=a; while :; do x=$x$x; done' >/dev/null 2>&1 || status=$?
	is 137 "$status"
	is 137 "$(of a .State.ExitCode)"
}

@test "health checks: the command is run in the container" {
	started a --health-cmd 'test -e /healthy' --health-interval disable
	status 1 podman healthcheck run a
	podman exec a touch /healthy
	podman healthcheck run a
	is healthy "$(of a .State.Health.Status || of a .State.Healthcheck.Status)"
}

@test "volumes, bind mounts and their options, --tmpfs, --read-only, --shm-size" {
	podman volume create v >/dev/null
	run_in -v v:/v bb sh -c 'echo kept >/v/f'
	is kept "$(run_in -v v:/v:ro bb cat /v/f)"
	mkdir "$TMP/dir"
	echo x >"$TMP/dir/f"
	is x "$(run_in -v "$TMP/dir:/d:ro" bb cat /d/f)"
	status 1 run_in -v "$TMP/dir:/d:ro" bb touch /d/g
	run_in --mount "type=bind,src=$TMP/dir,dst=/d,bind-propagation=rslave" bb touch /d/g
	[ -e "$TMP/dir/g" ]
	is "rw,nosuid,nodev" "$(run_in --tmpfs /t:size=1m,rw bb awk '$5 == "/t" { print $6 }' /proc/self/mountinfo | cut -d, -f1-3)"
	status 1 run_in --read-only bb touch /x
	run_in --read-only bb touch /tmp/x
	is 1024 "$(run_in --shm-size 1m bb df /dev/shm | awk 'END { print $2 }')"
	is "image data" "$(run_in --mount type=tmpfs,dst=/etc,tmpcopyup bb sh -c 'test -e /etc/passwd && echo image data')"
}

@test "capabilities, no-new-privileges, seccomp, privileged, devices, masked paths" {
	is 0000000000002000 "$(run_in --cap-drop all --cap-add net_raw bb awk '/CapEff/ { print $2 }' /proc/self/status)"
	is "1 2" "$(run_in --security-opt no-new-privileges bb awk '/NoNewPrivs|Seccomp:/ { print $2 }' /proc/self/status | xargs)"
	is 0 "$(run_in --security-opt seccomp=unconfined bb awk '/Seccomp:/ { print $2 }' /proc/self/status)"
	echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}' >"$TMP/profile"
	status 1 run_in --security-opt seccomp="$TMP/profile" bb mkdir /x
	run_in --privileged bb sh -c 'mount -t tmpfs x /tmp && ls -d /dev/loop-control /dev/mem 2>/dev/null; true'
	matches "c* 1, *5 *" "$(run_in --device /dev/zero:/dev/zz:r bb ls -l /dev/zz)"
	is "0 character special file" "$(run_in bb sh -c 'echo $(wc -c </proc/keys) $(stat -c %F /proc/keys)')"
}

@test "user namespaces: given maps, auto; host ids of files" {
	is "0 100000 1000" "$(run_in --uidmap 0:100000:1000 --gidmap 0:100000:1000 bb cat /proc/self/uid_map | xargs)"
	matches "0 2147483647 *" "$(run_in --userns auto bb cat /proc/self/uid_map | xargs)"
	podman run -d --name a --network none --cgroup-parent "$GROUP" --userns auto bb sleep 1000 >/dev/null
	is "0" "$(podman exec a id -u)"
	not is 0 "$(stat -c %u "/proc/$(of a .State.Pid)" 2>/dev/null || in_world stat -c %u "/proc/$(of a .State.Pid)")"
}

@test "namespaces of another container and of the host" {
	started a --ipc shareable
	links='for n in ipc net pid; do readlink /proc/self/ns/$n; done'
	is "$(podman exec a sh -c "$links")" "$(podman run --rm --cgroup-parent "$GROUP" --pid container:a --ipc container:a \
		--network container:a bb sh -c "$links")"
	is "$(in_world sh -c "$links")" \
		"$(podman run --rm --cgroup-parent "$GROUP" --pid host --ipc host --network host bb sh -c "$links")"
	is "$(in_world readlink /proc/self/ns/uts)" "$(run_in --uts host bb readlink /proc/self/ns/uts)"
}

@test "sysctls, host name, hosts, rlimits, init" {
	is "1 name" "$(podman run --rm --cgroup-parent "$GROUP" --sysctl net.ipv4.ip_forward=1 --hostname name bb \
		sh -c 'echo $(cat /proc/sys/net/ipv4/ip_forward) $(hostname)')"
	is "1.2.3.4 there" "$(podman run --rm --cgroup-parent "$GROUP" --add-host there:1.2.3.4 bb grep there /etc/hosts | xargs)"
	is 77 "$(run_in --ulimit nofile=77:77 --ulimit nproc=1000:1000 bb sh -c 'ulimit -n')"
	matches "*podman-init*" "$(run_in --init bb cat /proc/1/cmdline | tr '\0' ' ')"
}

@test "secrets, as file and as variable" {
	echo -n hidden | podman secret create s - >/dev/null
	is hidden "$(run_in --secret s bb cat /run/secrets/s)"
	is hidden "$(run_in --secret s,type=env,target=S bb sh -c 'echo $S')"
	podman secret rm s >/dev/null
}

@test "--preserve-fds of run and exec" {
	echo three >"$TMP/3"
	echo four >"$TMP/4"
	is "three
four" "$(nsenter --target "$(cat "$BATS_FILE_TMPDIR/world")" --mount --pid --net --ipc podman "${PODMAN[@]}" run --rm \
		--network none --cgroup-parent "$GROUP" --preserve-fds 2 bb sh -c 'cat <&3; cat <&4' 3<"$TMP/3" 4<"$TMP/4")"
	started a
	is three "$(nsenter --target "$(cat "$BATS_FILE_TMPDIR/world")" --mount --pid --net --ipc podman "${PODMAN[@]}" exec \
		--preserve-fds 1 a sh -c 'cat <&3' 3<"$TMP/3")"
}

@test "sdnotify: conmon's own word, and a container's" {
	cp "$(compile notify)" "$TMP/notify"
	manager --sdnotify conmon -d bb sleep 1000
	matches "MAINPID=*|READY=1" "$(cat "$TMP/said")"
	manager --sdnotify container -v "$TMP/notify:/bin/notify:ro" -d bb sh -c 'notify READY=1; sleep 1000'
	# the container may be quicker than Podman
	grep -q '^MAINPID=' "$TMP/said"
	grep -q '^READY=1' "$TMP/said"
}

# manager OPTIONS... - podman run as a service manager would have it
manager() {
	rm -f "$TMP/said" "$TMP/sock"
	in_world "$PYTHON" "$TESTS/integration/helpers/manager.py" "$TMP/sock" "$TMP/said" podman "${PODMAN[@]}" \
		run --network none --cgroup-parent "$GROUP" "$@" </dev/null >"$TMP/.out" 2>&1
}

@test "a network on a bridge of the test's own: names, ports, disconnect" {
	podman network create --subnet 10.213.9.0/24 net >/dev/null
	podman run -d --name web --cgroup-parent "$GROUP" --network net -p 127.0.0.1:8091:80 bb \
		sh -c 'echo served >/tmp/index.html; exec busybox httpd -f -h /tmp' >/dev/null
	address=$(of web '.NetworkSettings.Networks.net.IPAddress')
	matches "10.213.9.*" "$address"
	within 10 fetched_from "$address"
	within 10 in_world busybox wget -qO- http://127.0.0.1:8091/
	podman network disconnect net web
	is "lo" "$(podman exec web ip -o link | awk -F: '{ print $2 }' | xargs)"
	podman network connect net web
	matches "*10.213.9.*" "$(podman exec web ip -o addr)"
	podman rm -f -t 0 web >/dev/null
	podman network rm net >/dev/null
}

fetched_from() {
	[ "$(podman run --rm --cgroup-parent "$GROUP" --network net bb busybox wget -qO- "http://$1/")" = served ]
}

@test "a network by CNI plug-ins" {
	[ -x /usr/lib/cni/bridge ] || skip "this host has no CNI plug-ins (make deps-callers)"
	sed '/^\[engine\]/i [network]\nnetwork_backend = "cni"\ncni_plugin_dirs = ["/usr/lib/cni"]' "$CONTAINERS_CONF" >"$TMP/cni.conf"
	export CONTAINERS_CONF=$TMP/cni.conf
	PODMAN=(--root "$TMP/root" --runroot "$TMP/run" --tmpdir "$TMP/libpod" --storage-driver vfs --cgroup-manager cgroupfs
		--events-backend file --network-config-dir "$TMP/net" --runtime "$HULL")
	is cni "$(podman info --format '{{.Host.NetworkBackend}}')"
	podman import "$IMAGE" bb >/dev/null 2>&1
	podman network create --subnet 10.213.10.0/24 net >/dev/null
	matches "*10.213.10.2/24*" "$(podman run --rm --cgroup-parent "$GROUP" --network net bb ip -o addr show eth0)"
	podman network rm net >/dev/null
	podman rmi -fa >/dev/null
	in_world ip link del cni-podman1 2>/dev/null || true
	cni_rules_gone
	in_world sh -c "umount $TMP/root/vfs $TMP/root $TMP/run 2>/dev/null; rm -rf /var/lib/cni/*" || true
}

# cni_rules_gone - what the plug-in "firewall" leaves, by its own account for the next container
cni_rules_gone() {
	in_world sh -c 'iptables-save | grep -v -i cni | iptables-restore'
}

@test "pods: infra container, shared namespaces, pause, stop, without infra" {
	podman pod create --name p --cgroup-parent "$GROUP" --network none --infra-image bb --infra-command 'sleep 1000' >/dev/null
	podman run -d --pod p --name one bb sleep 1000 >/dev/null
	podman run -d --pod p --name two bb sleep 1000 >/dev/null
	is "$(podman exec one readlink /proc/self/ns/net)" "$(podman exec two readlink /proc/self/ns/net)"
	is "p Running 3" "$(podman pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}')"
	podman pod pause p >/dev/null
	is Paused "$(podman pod ps --format '{{.Status}}')"
	podman pod unpause p >/dev/null
	podman pod restart p >/dev/null
	is Running "$(podman pod ps --format '{{.Status}}')"
	podman pod stop -t 0 p >/dev/null
	is Exited "$(podman pod ps --format '{{.Status}}')"
	podman pod rm -f p >/dev/null
	podman pod create --name q --cgroup-parent "$GROUP" --infra=false >/dev/null
	is in-pod "$(podman run --rm --pod q --network none bb echo in-pod)"
	podman pod rm -f q >/dev/null
}

@test "kube: generate, play, down" {
	podman run -d --name a --cgroup-parent "$GROUP" --network none bb sleep 1000 >/dev/null
	podman kube generate a >"$TMP/a.yaml" 2>/dev/null
	podman rm -f -t 0 a >/dev/null
	podman kube play --network none "$TMP/a.yaml" >/dev/null 2>&1
	is "sleep" "$(podman exec a-pod-a cat /proc/1/comm)"
	podman kube down "$TMP/a.yaml" >/dev/null
	podman rmi -f "$(podman images -q --filter reference='*podman-pause*')" >/dev/null
}

@test "update of a running container" {
	podman update --help >/dev/null 2>&1 || skip "this podman has no update"
	[[ $("$HULL" update 2>&1) != *"not built"* ]] || skip "this hull has no update"
	started a --memory 64m
	podman update --memory 32m a >/dev/null
	is 33554432 "$(podman exec a sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max')"
}

@test "checkpoint is refused with hull's own words, and the container goes on" {
	started a
	fails_with 125 '*' container checkpoint a
	is running "$(of a .State.Status)"
}

@test "hooks of a hooks directory run, with the state on their standard input" {
	mkdir "$TMP/hooks"
	printf '#!/bin/sh\ncat >%s/$1\n' "$TMP" >"$TMP/hook"
	chmod +x "$TMP/hook"
	for stage in prestart createRuntime poststop; do
		jq -n --arg hook "$TMP/hook" --arg stage $stage '{version: "1.0.0", hook: {path: $hook, args: ["hook", $stage]},
			when: {always: true}, stages: [$stage]}' >"$TMP/hooks/$stage.json"
	done
	PODMAN+=(--hooks-dir "$TMP/hooks")
	run_in bb true
	is creating "$(jq -r .status "$TMP/createRuntime")"
	is stopped "$(jq -r .status "$TMP/poststop")"
	is libpod "$(jq -r '.annotations["io.container.manager"]' "$TMP/prestart")"
}

@test "an image built here runs; a step that fails stops the build" {
	printf 'FROM bb\nRUN echo built >/built\nUSER 1000\nENV A=b\nCMD ["cat", "/built"]\n' >"$TMP/Containerfile"
	podman build -q --network none -t built "$TMP" >/dev/null
	is built "$(run_in built)"
	printf 'FROM bb\nRUN exit 5\n' >"$TMP/Containerfile"
	status 5 podman build -q --network none "$TMP"
	podman rmi built >/dev/null
}

@test "a container whose conmon was killed: Podman forgets it, and hull can remove it" {
	started a
	id=$(of a .Id)
	in_world kill -KILL "$(of a .State.ConmonPid)"
	podman rm -f -t 0 a >/dev/null
	within 5 stopped "$id"
	in_world "$HULL" delete "$id"
}

stopped() {
	[ "$(in_world "$HULL" state "$1" | jq -r .status)" = stopped ]
}

@test "rootless: run, exec, states, exit statuses, no user left" {
	rootless_begin
	is "0 0" "$(rootless run --rm --network none bb sh -c 'echo $(id -u) $(id -g)')"
	is "0 51234 1" "$(rootless run --rm --network none bb cat /proc/self/uid_map | head -n 1 | xargs)"
	is "51234 51234" "$(rootless run --rm --network none --userns keep-id bb sh -c 'echo $(id -u) $(id -g)')"
	status 7 rootless run --rm --network none bb sh -c 'exit 7'
	status 127 rootless run --rm --network none bb none
	status 126 rootless run --rm --network none bb /etc/passwd
	rootless run -d --name a --network none bb sleep 1000 >/dev/null
	is in "$(rootless exec a echo in)"
	matches "/dev/pts/*" "$(rootless exec -t a tty)"
	is "$(rootless inspect --format '{{.Id}}' a)" "$(in_world ls /run/user/51234/hull)"
	is "" "$(in_world ls /run/hull)"
	rootless restart -t 0 a >/dev/null
	rootless kill -s KILL a >/dev/null
	is 137 "$(rootless wait a)"
	rootless rm -f -t 0 a >/dev/null
	is "" "$(in_world ls /run/user/51234/hull)"
	rootless_end
}

@test "rootless: pod, volume, a network of the user's" {
	in_world test -e /dev/net/tun || skip "this host has no /dev/net/tun"
	rootless_begin
	is kept "$(rootless run --rm --network none -v v:/v bb sh -c 'echo kept >/v/f' && rootless run --rm --network none -v v:/v bb cat /v/f)"
	rootless volume rm v >/dev/null
	rootless pod create --name p --network none --infra-image bb --infra-command 'sleep 1000' >/dev/null
	is in-pod "$(rootless run --rm --pod p bb echo in-pod)"
	rootless pod rm -f -t 0 p >/dev/null
	matches "*10.0.2.100/24*" "$(rootless run --rm --network slirp4netns bb ip -o addr)"
	rootless_end
}

@test "systemd as the first process" {
	skip "needs cgroup v2 and its systemd: tests/callers/vm.sh"
}
