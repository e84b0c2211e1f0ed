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
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
echo 'unqualified-search-registries = []' >/etc/containers/registries.conf
printf '[engine]\nconmon_path = ["/srv/callers/bin/conmon"]\nevents_logger = "file"\n' >/etc/containers/containers.conf
groups_before=$(find /sys/fs/cgroup -type d | grep -v -e system.slice -e init.scope | sort)

podman() {
	timeout 60 podman --root /srv/root --runroot /srv/run --tmpdir /srv/libpod --storage-driver vfs \
		--cgroup-manager cgroupfs --runtime "$HULL" "$@"
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

nothing_is_left() {
	podman rm -fa -t 0
	rmdir /sys/fs/cgroup/libpod_parent/conmon /sys/fs/cgroup/libpod_parent 2>/dev/null
	[ "$(find /sys/fs/cgroup -type d | grep -v -e system.slice -e init.scope | sort)" = "$groups_before" ] &&
		[ -z "$(ls /run/hull 2>/dev/null)" ] && ! pgrep conmon
}

system_root
test_that "systemd is the first process and comes up" systemd_starts
test_that "systemd manages groups of its own below the container's" systemd_has_its_groups
test_that "exec beside it" exec_beside_systemd
test_that "podman stop ends it by its stop signal" systemd_stops
test_that "out of memory: the program is killed" out_of_memory_kills
test_that "a service of Type=notify is ready when its program is" service_becomes_ready
test_that "systemctl stop reaches the program" service_stops
test_that "a service that fails has its program's status" service_fails_with_the_status
test_that "nothing is left" nothing_is_left
umount /srv/root.d /srv/system
echo "$((n - failed)) passed, $failed failed, 0 skipped"
