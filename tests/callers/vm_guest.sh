# vm_guest.sh - inside the machine of vm.sh: root of a Debian with systemd and cgroup v2
set -u
export PATH=/srv/callers/bin:$PATH TMPDIR=/srv/tmp LC_ALL=C
HULL=/usr/local/bin/hull
n=0 failed=0
mkdir -p /srv/tmp /srv/callers /etc/containers
cp -r /mnt/hull/bin /mnt/hull/lib /srv/callers/
echo /srv/callers/lib >/etc/ld.so.conf.d/callers.conf
ldconfig
cp /mnt/hull/build/hull "$HULL"
ln -s "$HULL" /srv/callers/bin/runc # without one, dockerd does not start
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
echo 'unqualified-search-registries = []' >/etc/containers/registries.conf
printf '[engine]\nconmon_path = ["/srv/callers/bin/conmon"]\nevents_logger = "file"\n' >/etc/containers/containers.conf

podman() {
	timeout 60 podman --root /srv/root --runroot /srv/run --tmpdir /srv/libpod --storage-driver vfs \
		--cgroup-manager cgroupfs --runtime "$HULL" "$@" # of two managers the last one counts
}

# test_that NAME COMMAND... - one line of TAP
test_that() {
	local name=$1 output
	shift
	n=$((n + 1))
	if output=$("$@" 2>&1); then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		failed=$((failed + 1))
		echo "$output" | sed 's/^/# /'
	fi
}

# a root for systemd: this machine's own, with changes in memory, without these tests
system_root() {
	mkdir -p /srv/system /srv/root.d
	mount -t tmpfs tmpfs /srv/system
	mkdir /srv/system/upper /srv/system/work
	mount -t overlay -o lowerdir=/,upperdir=/srv/system/upper,workdir=/srv/system/work overlay /srv/root.d
	rm /srv/root.d/etc/systemd/system/multi-user.target.wants/hull-test.service
	ln -sf /dev/null /srv/root.d/etc/systemd/system/systemd-udevd.service
}

systemd_starts() {
	podman run -d --name s --systemd=always --network none --rootfs /srv/root.d /sbin/init || return 1
	for _ in $(seq 40); do
		state=$(podman exec s systemctl is-system-running 2>&1)
		[ "$(podman inspect --format '{{.State.Status}}' s)" = running ] || break
		case $state in running | degraded) break ;; esac
		sleep 0.5
	done
	case $state in
	running) ;;
	*)
		echo "$state"
		podman exec s systemctl --no-pager --failed
		podman logs s | tail -n 20
		[ "$state" = degraded ] # units of hardware, which a container has not
		;;
	esac
	[ "$(podman exec s cat /proc/1/comm)" = systemd ]
}

systemd_has_its_groups() {
	podman exec s cat /proc/1/cgroup | grep -qx '0::/init.scope' || return 1
	podman exec s systemd-run --unit hull-inside --property MemoryMax=64M sleep 1000 || return 1
	podman exec s cat /sys/fs/cgroup/system.slice/hull-inside.service/memory.max | grep -qx 67108864
}

exec_beside_systemd() {
	[ "$(podman exec s echo in)" = in ]
}

systemd_stops() {
	podman stop -t 120 s || return 1
	[ "$(podman inspect --format '{{.State.Status}}' s)" = exited ] || return 1
	code=$(podman inspect --format '{{.State.ExitCode}}' s)
	[ "$code" = 0 ] || [ "$code" = 130 ] || {
		echo "exit status $code: killed, not stopped by SIGRTMIN+3"
		return 1
	}
	podman rm s
}

# Whether Podman says OOMKilled as well is a matter of conmon's: that of this release does not, and
# with cgroup v1 it does not below runc either.
out_of_memory_kills() {
	podman run --name o --network none --memory 32m --memory-swap 32m --rootfs /srv/root.d \
		sh -c 'x=a; while :; do x=$x$x; done'
	[ "$(podman inspect --format '{{.State.ExitCode}}' o)" = 137 ] || return 1
	podman rm o
}

# a root with busybox alone, as a directory and as an archive
small_root() {
	local applet
	mkdir -p /srv/small/{bin,dev,proc,sys,etc,tmp,run}
	cp /bin/busybox /srv/small/bin/
	for applet in sh sleep cat echo id touch; do
		ln -s busybox "/srv/small/bin/$applet"
	done
	echo root:x:0:0:root:/:/bin/sh >/srv/small/etc/passwd
	chmod 0755 /srv/small
	tar -C /srv/small -cf /srv/small.tar .
}

# limits_of GROUP - memory, processes and processor time
limits_of() {
	(cd "/sys/fs/cgroup$1" && cat memory.max pids.max cpu.max | xargs)
}

# unit_has [--user] UNIT PROPERTY=VALUE... - what systemd itself knows, which a reload applies again
unit_has() {
	local manager=() unit property
	[ "$1" != --user ] || { manager=(--user); shift; }
	unit=$1
	shift
	for property; do
		systemctl "${manager[@]}" show "$unit" -p "${property%%=*}" | grep -qx "$property" || {
			systemctl "${manager[@]}" show "$unit" -p "${property%%=*}"
			return 1
		}
	done
}

# unit_gone [--user] UNIT - systemd forgets a scope when it hears that it is empty
unit_gone() {
	local _
	for _ in $(seq 50); do
		[ "$(systemctl "${@:1:$#-1}" show "${@: -1}" -p LoadState --value)" != not-found ] || return 0
		sleep 0.2
	done
	systemctl "${@:1:$#-1}" status "${@: -1}"
	return 1
}

podman_has_scopes() {
	local id group
	podman --cgroup-manager systemd run -d --name d --network none --memory 64m --pids-limit 50 --cpus 0.5 \
		--rootfs /srv/small sleep 1000 || return 1
	id=$(podman inspect --format '{{.Id}}' d)
	group=$(cut -d: -f3 "/proc/$(podman inspect --format '{{.State.Pid}}' d)/cgroup")
	echo "$group"
	[[ $group == /machine.slice/libpod-$id.scope* ]] || return 1
	[ "$(limits_of "/machine.slice/libpod-$id.scope")" = "67108864 50 50000 100000" ] || return 1
	unit_has "libpod-$id.scope" MemoryMax=67108864 TasksMax=50 CPUQuotaPerSecUSec=500ms Delegate=yes || return 1
	systemctl daemon-reload
	[ "$(limits_of "/machine.slice/libpod-$id.scope")" = "67108864 50 50000 100000" ] || return 1
	[ "$(podman exec d echo in)" = in ] && podman pause d && podman unpause d && podman rm -f -t 0 d &&
		unit_gone "libpod-$id.scope"
}

# tester COMMAND... - as the ordinary user, whose systemd manager has the controllers
tester() {
	runuser -u tester -- env -i PATH="$PATH" HOME=/home/tester XDG_RUNTIME_DIR=/run/user/1000 \
		DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus "$@"
}

rootless() {
	(cd / && tester timeout 60 podman --storage-driver vfs --cgroup-manager systemd --runtime "$HULL" "$@")
}

rootless_podman_has_scopes() {
	local id group
	mkdir -p /srv/of-tester
	tar -C /srv/of-tester -xf /srv/small.tar
	chown -R tester /srv/of-tester
	rootless run -d --name d --network none --memory 64m --pids-limit 50 --rootfs /srv/of-tester sleep 1000 || return 1
	id=$(rootless inspect --format '{{.Id}}' d)
	group=$(cut -d: -f3 "/proc/$(rootless inspect --format '{{.State.Pid}}' d)/cgroup")
	echo "$group"
	[[ $group == /user.slice/user-1000.slice/user@1000.service/*libpod-$id.scope* ]] || return 1
	[ "$(cat "/sys/fs/cgroup${group%.scope*}.scope/memory.max")" = 67108864 ] || return 1
	[ "$(cat "/sys/fs/cgroup${group%.scope*}.scope/pids.max")" = 50 ] || return 1
	[ "$(rootless exec d id -u)" = 0 ] || return 1
	rootless rm -f -t 0 d || return 1
	rootless run --rm --network none --rootfs /srv/of-tester sh -c 'exit 7'
	[ $? = 7 ] && ! ls -d "/sys/fs/cgroup${group%/libpod-*}/libpod-$id.scope" 2>/dev/null
}

docker() {
	timeout 60 docker -H unix:///srv/docker.sock "$@"
}

docker_starts() {
	local _
	dockerd --exec-opt native.cgroupdriver=systemd --add-runtime hull="$HULL" --default-runtime hull \
		--storage-driver vfs --bridge none --iptables=false --ip6tables=false --data-root /srv/docker \
		--exec-root /srv/docker-run --pidfile /srv/docker.pid -H unix:///srv/docker.sock >/srv/docker.log 2>&1 &
	for _ in $(seq 120); do
		docker version >/dev/null 2>&1 && break
		sleep 0.5
	done
	docker info --format '{{.CgroupDriver}} {{.CgroupVersion}} {{.DefaultRuntime}}' | grep -qx "systemd 2 hull" ||
		{ tail -n 20 /srv/docker.log; return 1; }
	docker import /srv/small.tar small
}

docker_has_scopes() {
	local id group
	id=$(docker run -d --name dd --network none --memory 64m --pids-limit 50 --cpus 0.5 small sleep 1000) || return 1
	group=/system.slice/docker-$id.scope
	grep -qx "0::$group" "/proc/$(docker inspect --format '{{.State.Pid}}' dd)/cgroup" || return 1
	[ "$(limits_of "$group")" = "67108864 50 50000 100000" ] || return 1
	unit_has "docker-$id.scope" MemoryMax=67108864 TasksMax=50 CPUQuotaPerSecUSec=500ms Delegate=yes || return 1
	docker update --memory 32m --memory-swap 32m --cpus 0.25 dd || return 1
	systemctl daemon-reload
	[ "$(limits_of "$group")" = "33554432 50 25000 100000" ] || return 1
	[ "$(docker exec dd echo in)" = in ] || return 1
	docker pause dd && [ "$(cat "/sys/fs/cgroup$group/cgroup.freeze")" = 1 ] && docker unpause dd || return 1
	docker stats --no-stream --format '{{.MemUsage}}' dd | grep -q '/ 32MiB' || return 1
	docker rm -f dd && unit_gone "docker-$id.scope"
}

# of a program that is not the first, for containerd hears of the group's end and of this side by side
docker_says_out_of_memory() {
	docker run --name oo --network none --memory 32m --memory-swap 32m small \
		sh -c 'sh -c "x=a; while :; do x=\$x\$x; done"; sleep 3; exit 9'
	[ $? = 9 ] || return 1
	docker inspect --format '{{.State.OOMKilled}}' oo
	[ "$(docker inspect --format '{{.State.OOMKilled}}' oo)" = true ] && docker rm oo
}

docker_stops() {
	kill "$(cat /srv/docker.pid)" && wait
	! pgrep -f containerd-shim
}

# the service of docs/integration.md, with a bundle that says when it is ready
service_bundle() {
	mkdir -p /srv/web/rootfs/bin
	cp /bin/busybox /mnt/hull/tests/integration/helpers/notify /srv/web/rootfs/bin/
	ln -s busybox /srv/web/rootfs/bin/sh
	(cd /srv/web && "$HULL" spec && jq '.process.terminal = false | .process.args = ["sh", "-c", $s]' \
		--arg s "$1" config.json >new && mv new config.json)
	cp /mnt/hull/web.service /etc/systemd/system/
	systemctl daemon-reload
}

# shown PROPERTY... - of web.service, in systemd's order
shown() {
	systemctl show web.service --value $(printf -- '-p %s ' "$@") | xargs
}

service_becomes_ready() {
	service_bundle 'trap "notify STOPPING=1; exit 0" TERM; busybox sleep 1; notify "READY=1
STATUS=serving"; while :; do busybox sleep 0.1; done'
	systemctl start web.service || return 1
	shown ActiveState SubState StatusText | grep -q 'serving active running\|active running serving' || {
		shown ActiveState SubState StatusText
		return 1
	}
	[ "$(cat "/proc/$(shown MainPID)/comm")" = hull ]
}

service_stops() {
	systemctl stop web.service
	[ "$(shown Result)" = success ] && [ "$("$HULL" list -q | wc -l)" = 0 ]
}

service_fails_with_the_status() {
	rm -r /srv/web
	service_bundle 'exit 3'
	! systemctl start web.service || return 1
	systemctl stop web.service # it is being restarted
	systemctl show web.service -p ExecMainStatus -p NRestarts
	journalctl -u web.service --no-pager | grep -q 'status=3'
}

# groups - but what systemd makes and keeps for itself and for the ordinary user
groups() {
	find /sys/fs/cgroup -type d | grep -v -e system.slice -e init.scope -e user.slice/user-1000.slice | sort
}

nothing_is_left() {
	podman rm -fa -t 0
	rmdir /sys/fs/cgroup/libpod_parent/conmon /sys/fs/cgroup/libpod_parent 2>/dev/null
	systemctl stop machine.slice # which Podman has made, and systemd keeps
	diff <(echo "$groups_before") <(groups) || return 1
	find /sys/fs/cgroup | grep -e libpod- -e docker- && return 1
	[ -z "$(ls /run/hull 2>/dev/null | grep -v .filters)" ] && ! pgrep conmon
}

groups_before=$(groups)
system_root
test_that "systemd is the first process and comes up" systemd_starts
test_that "systemd manages groups of its own below the container's" systemd_has_its_groups
test_that "exec beside it" exec_beside_systemd
test_that "podman stop ends it by its stop signal" systemd_stops
test_that "out of memory: the program is killed" out_of_memory_kills
test_that "a service of Type=notify is ready when its program is" service_becomes_ready
test_that "systemctl stop reaches the program" service_stops
test_that "a service that fails has its program's status" service_fails_with_the_status
small_root
test_that "Podman with scopes of systemd: limits, a reload, exec, pause, nothing left" podman_has_scopes
test_that "an ordinary user's Podman with scopes of its own systemd" rootless_podman_has_scopes
test_that "Docker Engine with the systemd driver starts" docker_starts
test_that "Docker Engine with scopes of systemd: limits, update, a reload, exec, pause, stats" docker_has_scopes
test_that "Docker Engine says that a container was out of memory" docker_says_out_of_memory
test_that "Docker Engine stops" docker_stops
test_that "nothing is left" nothing_is_left
umount /srv/root.d /srv/system
echo "$((n - failed)) passed, $failed failed, 0 skipped"
