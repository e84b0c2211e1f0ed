#!/usr/bin/env bats
# Docker Engine: dockerd, its containerd and docker on hull
#
# What each test relies on is numbered in the catalogue of what callers expect of a runtime.

load lib
load docker

setup_file() {
	caller_begin dockerd docker containerd iptables
	docker_begin
}

teardown_file() {
	docker_end
	caller_end
}

person() {
	"$PYTHON" "$TESTS/integration/helpers/person.py" "$@"
}

# attempts PATTERN EXPECTED-STATUS DOCKER-ARGS... - a docker command that fails, and what it says
attempts() {
	local pattern=$1 said
	shift
	status "$1" docker "${@:2}" || return 1
	said=$(tr '\n' ' ' <"$TMP/.said")
	matches "$pattern" "$said"
}

@test "info: the runtime's version and commit are understood" {
	is hull "$(docker info -f '{{.DefaultRuntime}}')"
	docker info 2>&1 | tee "$TMP/info" | grep -q "^ *[a-z]* version: "
	not grep -i "N/A" "$TMP/info"
	docker version -f '{{range .Server.Components}}{{.Name}} {{.Version}}
{{end}}' | grep -q "^hull $("$HULL" --version | sed -n '1s/.* //p')"
}

@test "run: without a terminal" {
	is hi "$(docker run --rm bb echo hi)"
	is through "$(echo through | docker run --rm -i bb cat)"
	docker run --rm bb sh -c 'echo out; echo err >&2' >"$TMP/out" 2>"$TMP/err"
	is out "$(cat "$TMP/out")"
	is err "$(cat "$TMP/err")"
	is "not a tty" "$(docker run --rm bb tty || true)"
	status 3 docker run --rm bb sh -c 'exit 3'
}

@test "run: with a terminal" {
	person --size=33x77 expect=/dev/pts/0 expect='33 77' resize=40x100 send='x\n' expect='40 100' -- \
		"$DOCKER" run --rm -it bb sh -c 'tty; usleep 500000; stty size; read x; usleep 300000; stty size' \
		>"$TMP/seen" || { cat "$TMP/seen"; false; }
	matches "*status 0 raw yes restored yes" "$(cat "$TMP/seen")"
}

@test "run: attach and logs" {
	docker create -i --name it bb sh -c 'while read x; do echo "<$x>"; done; exit 4' >/dev/null
	ended=0
	printf 'a\nb\n' | docker start -ai it >"$TMP/out" || ended=$?
	is 4 "$ended"
	is "<a> <b>" "$(xargs <"$TMP/out")"
	is 4 "$(docker wait it)"
	is "<a> <b>" "$(docker logs it | xargs)"
}

@test "run: user, directory, environment, names" {
	is "uid=5 gid=6 groups=6,7" "$(docker run --rm -u 5:6 --group-add 7 bb id)"
	is "/w b" "$(docker run --rm -w /w -e A=b bb sh -c 'echo $(pwd) $A')"
	is here "$(docker run --rm --hostname here bb hostname)"
	docker run --rm --add-host there:1.2.3.4 bb grep -q '^1.2.3.4.there$' /etc/hosts
	is "1000 0" "$(docker run --rm --sysctl kernel.msgmax=1000 --sysctl net.ipv4.ip_forward=0 bb \
		sh -c 'echo $(cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward)')"
	is 500 "$(docker run --rm --oom-score-adj 500 bb cat /proc/self/oom_score_adj)"
}

@test "exit codes: 125, 126, 127, 137 and those of the container" {
	attempts '*exec: "nosuch": executable file not found in $PATH*' 127 run --rm bb nosuch
	attempts '*exec: "/nosuch": stat /nosuch: no such file or directory*' 127 run --rm bb /nosuch
	attempts '*exec: "/etc/passwd": permission denied*' 126 run --rm bb /etc/passwd
	attempts '*exec: "/etc": is a directory*' 12[56] run --rm bb /etc
	# a mismatch of file and directory has a hint that only this word brings
	attempts '*not a directory*Are you trying to mount a directory onto a file*' 12[57] \
		run --rm -v /etc/passwd:/etc bb true
	attempts '*not a directory*Are you trying to mount a directory onto a file*' 12[57] \
		run --rm -v /etc:/etc/passwd bb true
	status 125 docker run --rm --mount type=bind,src=/nosuch,dst=/x bb true
	status 137 docker run --rm --init bb sh -c 'kill -9 $$'
	status 143 docker run --rm --init bb sh -c 'kill -15 $$'
	status 255 docker run --rm bb sh -c 'exit 255'
	# of docker create and start: the number in the state
	docker create --name it bb nosuch >/dev/null
	not docker start it 2>/dev/null
	is_of 127 it .State.ExitCode
}

@test "exec: without a terminal" {
	started it
	is "hi" "$(docker exec it echo hi)"
	is through "$(echo through | docker exec -i it cat)"
	status 9 docker exec it sh -c 'exit 9'
	is "/tmp b uid=5 gid=6 groups=6" "$(docker exec -w /tmp -e A=b -u 5:6 it sh -c 'echo $(pwd) $A $(id)')"
	docker exec it grep -q '^CapEff:.00000000a80425fb$' /proc/self/status
	docker exec --privileged it sh -c 'grep CapEff /proc/self/status' >"$TMP/caps"
	not grep a80425fb "$TMP/caps"
	docker exec -d it sh -c 'echo there >/tmp/mark; sleep 100'
	within 5 docker exec it test -e /tmp/mark
	attempts '*exec: "nosuch": executable file not found in $PATH*' 12[67] exec it nosuch
	attempts '*exec: "/etc/passwd": permission denied*' 126 exec it /etc/passwd
	status 137 docker exec it sh -c 'kill -9 $$'
	is_of true it .State.Running
}

@test "exec: with a terminal" {
	started it
	person --size=33x77 expect='#' send='tty\n' expect=/dev/pts/ send='stty size\n' expect='33 77' \
		resize=40x100 send='usleep 300000; stty size\n' expect='40 100' send='exit 6\n' -- \
		"$DOCKER" exec -it it sh >"$TMP/seen" || { cat "$TMP/seen"; false; }
	matches "*status 6 raw yes restored yes" "$(cat "$TMP/seen")"
}

@test "exec: many at once, and ends that are quicker than the caller" {
	started it
	for i in 1 2 3 4 5 6 7 8 9 10; do
		docker exec it sh -c "exit $i" &
		pids[i]=$!
	done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ended=0
		wait "${pids[i]}" || ended=$?
		is "$i" "$ended" "exec $i"
	done
	is 0 "$(of it 'len .ExecIDs')"
}

@test "top and stats" {
	started it -m 64m
	docker exec -d it sleep 2000
	within 5 eval 'docker top it | grep -q "sleep 2000"'
	is "sleep 1000,sleep 2000" "$(docker top it -o pid,args | awk 'NR > 1 { print $2, $3 }' | sort | paste -sd,)"
	docker stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' it >"$TMP/stats"
	matches "*KiB / 64MiB 2" "$(cat "$TMP/stats")"
}

@test "pause and unpause" {
	docker run -d --name it bb sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/n; usleep 10000; done' >/dev/null
	docker pause it >/dev/null
	is_of paused it .State.Status
	docker cp it:/n - | tar -xO >"$TMP/one"
	not docker exec it true
	docker top it >/dev/null
	sleep 0.2
	docker cp it:/n - | tar -xO >"$TMP/two"
	cmp "$TMP/one" "$TMP/two"
	docker unpause it >/dev/null
	is_of running it .State.Status
	docker exec it true
	docker pause it >/dev/null
	docker kill it >/dev/null
	within 5 is_of exited it .State.Status
	is_of 137 it .State.ExitCode
	docker start it >/dev/null
	docker pause it >/dev/null
	docker rm -f it >/dev/null
}

@test "update: what is named changes, the rest stays" {
	started it --memory 32m --cpu-shares 512
	docker update --memory 64m --memory-swap 128m it >/dev/null
	is 67108864 "$(limit it memory memory.limit_in_bytes memory.max)"
	docker update --cpus 0.5 --pids-limit 30 it >/dev/null
	matches "50000*" "$(limit it cpu cpu.cfs_quota_us cpu.max)"
	is 30 "$(limit it pids pids.max pids.max)"
	is 67108864 "$(limit it memory memory.limit_in_bytes memory.max)"
	docker update --cpuset-cpus 0 --memory-reservation 16m --restart no it >/dev/null
	is 0 "$(limit it cpuset cpuset.cpus cpuset.cpus)"
	is 1 "$(docker exec it nproc)"
	is 67108864 "$(limit it memory memory.limit_in_bytes memory.max)"
	matches "50000*" "$(limit it cpu cpu.cfs_quota_us cpu.max)"
	docker stop -t 0 it >/dev/null
	docker start it >/dev/null
	is 30 "$(limit it pids pids.max pids.max)"
}

# limit CONTAINER CONTROLLER V1-FILE V2-FILE - its value, on either version
limit() {
	local group=$GROUP/$(of "$1" .Id)
	if [ -d "$CGROOT/$2$group" ]; then
		cat "$CGROOT/$2$group/$3"
	else
		cat "$CGROOT$group/$4"
	fi
}

@test "cp in and out, of a running and a stopped container" {
	started it --read-only --tmpfs /t -v /v
	echo in >"$TMP/file"
	docker cp "$TMP/file" it:/v/
	is in "$(docker exec it cat /v/file)"
	docker exec it sh -c 'echo out >/v/made'
	docker cp it:/v/made "$TMP/made"
	is out "$(cat "$TMP/made")"
	docker stop -t 0 it >/dev/null
	docker cp it:/v/made - | tar -xO | grep -q out
	docker run -d --name two bb sleep 1000 >/dev/null
	docker cp "$TMP/file" two:/root/
	is "A /root/file" "$(docker diff two | grep file)"
	docker export two | tar -t | grep -q '^root/file$'
}

@test "kill and stop with signals" {
	local script='trap "echo usr1" USR1; trap "echo term; exit 5" TERM; trap "exit 6" QUIT; touch /up
		while :; do usleep 20000; done'
	docker run -d --name one bb sh -c "$script" >/dev/null
	docker run -d --name two --stop-signal QUIT bb sh -c "$script" >/dev/null
	within 5 docker exec one test -e /up
	within 5 docker exec two test -e /up
	docker kill -s USR1 one >/dev/null
	within 5 eval 'docker logs one | grep -q usr1'
	docker stop one >/dev/null
	is_of 5 one .State.ExitCode
	docker stop two >/dev/null
	is_of 6 two .State.ExitCode
	attempts "*is not running*" 1 kill one
	started deaf
	docker stop -t 1 deaf >/dev/null
	is_of 137 deaf .State.ExitCode
	docker restart -t 0 deaf >/dev/null
	is_of true deaf .State.Running
}

@test "kill: a container without a pid namespace of its own ends with all it has" {
	docker run -d --name it --pid host bb sh -c 'sleep 1234 & sleep 1234 & exec sleep 1234' >/dev/null
	is 3 "$(docker top it | grep -c 'sleep 1234')"
	docker kill it >/dev/null
	within 5 is_of exited it .State.Status
	docker run -d --name two --pid host bb sh -c 'sleep 1234 & usleep 300000; exit 2' >/dev/null
	is 2 "$(docker wait two)"
}

@test "restart policies" {
	docker run -d --name failure --restart on-failure:2 bb false >/dev/null
	docker run -d --name fine --restart on-failure:2 bb true >/dev/null
	docker run -d --name always --restart always bb sh -c 'sleep 0.3; exit 1' >/dev/null
	docker run -d --name unless --restart unless-stopped bb sleep 1000 >/dev/null
	within 10 is_of "2 exited 1" failure '.RestartCount}} {{.State.Status}} {{.State.ExitCode'
	is_of "0 exited" fine '.RestartCount}} {{.State.Status'
	within 10 eval '[ $(of always .RestartCount) -ge 2 ]'
	docker stop -t 0 always >/dev/null
	is_of false always .State.Running
	# killed from the host: is started again
	kill -KILL "$(of unless .State.Pid)"
	within 10 is_of "1 running" unless '.RestartCount}} {{.State.Status'
	docker kill unless >/dev/null
	within 5 is_of exited unless .State.Status
}

@test "out of memory" {
	docker run --name it -m 16m bb sh -c 'x=a; while :; do x=$x$x; done' || true
	is_of "137 true" it '.State.ExitCode}} {{.State.OOMKilled'
	# a process of it only
	docker run --name two -m 32m bb sh -c '(x=a; while :; do x=$x$x; done); exit 3' || true
	is_of 3 two .State.ExitCode
}

@test "--read-only and --tmpfs" {
	not docker run --rm --read-only bb touch /x
	is "yes 1024 drwxrws--T" "$(docker run --rm --read-only --tmpfs /t:size=1m,mode=3770 bb \
		sh -c 'touch /t/x && echo yes $(df /t | awk "NR > 1 { print \$2 }") $(stat -c %A /t)')"
	is tmpfs "$(docker run --rm --read-only --mount type=tmpfs,dst=/t,tmpfs-size=4096 bb stat -f -c %T /t)"
}

@test "--mount and --volume: bind, volume, tmpfs" {
	mkdir -p "$TMP/src/sub"
	echo host >"$TMP/src/file"
	is host "$(docker run --rm --mount type=bind,src="$TMP/src",dst=/m bb sh -c 'cat /m/file; echo c >/m/made')"
	is c "$(cat "$TMP/src/made")"
	not docker run --rm --mount type=bind,src="$TMP/src",dst=/m,readonly bb touch /m/x
	not docker run --rm -v "$TMP/src:/m:ro" bb touch /m/x
	is host "$(docker run --rm -v "$TMP/src/file:/a/b/c/file:ro" bb cat /a/b/c/file)"
	# a volume starts with what the image has there, unless told otherwise
	docker run --rm --mount type=volume,src=vol,dst=/etc bb sh -c 'echo x >/etc/more'
	is "group more passwd" "$(docker run --rm -v vol:/v bb ls /v | grep -v host | grep -v resolv | grep -v mtab | xargs)"
	docker volume rm vol >/dev/null
	docker run --rm --volume /anonymous bb sh -c 'grep -q " /anonymous " /proc/mounts'
	docker run -d --name giver -v /shared bb sh -c 'echo given >/shared/f; sleep 1000' >/dev/null
	within 5 eval '[ "$(docker run --rm --volumes-from giver bb cat /shared/f)" = given ]'
}

@test "--mount: propagation" {
	mkdir "$TMP/src"
	mount -t tmpfs hull-test "$TMP/src"
	mount --make-shared "$TMP/src"
	docker run -d --name it -v "$TMP/src:/slave:rslave" -v "$TMP/src:/private:rprivate" \
		--privileged -v "$TMP/src:/shared:rshared" bb sleep 1000 >/dev/null
	mkdir "$TMP/src/sub"
	mount -t tmpfs hull-test "$TMP/src/sub"
	touch "$TMP/src/sub/seen"
	docker exec it test -e /slave/sub/seen
	docker exec it test -e /shared/sub/seen
	not docker exec it test -e /private/sub/seen
	umount "$TMP/src/sub"
	docker exec it mount -t tmpfs none /shared/sub
	mountpoint -q "$TMP/src/sub"
	umount "$TMP/src/sub"
	docker rm -f it >/dev/null
	umount "$TMP/src"
}

@test "--cap-add, --cap-drop, --privileged" {
	caps() { docker run --rm "$@" bb sed -n 's/^Cap\(Prm\|Eff\|Bnd\|Inh\|Amb\):.//p' /proc/self/status | xargs; }
	local none=0000000000000000
	is "$none 00000000a80425fb 00000000a80425fb 00000000a80425fb $none" "$(caps)"
	is "$none 0000000000000001 0000000000000001 0000000000000001 $none" "$(caps --cap-drop ALL --cap-add CHOWN)"
	is "$none 00000000a80435fa 00000000a80435fa 00000000a80435fa $none" "$(caps --cap-add NET_ADMIN --cap-drop CHOWN)"
	is "$none $none $none 00000000a80425fb $none" "$(caps -u 1000)"
	docker run --rm --privileged bb sh -c 'mount -t tmpfs none /mnt 2>/dev/null || { mkdir /mnt; mount -t tmpfs none /mnt; }'
	not docker run --rm bb sh -c 'mkdir /mnt; mount -t tmpfs none /mnt'
	not docker run --rm --cap-drop CHOWN bb chown 5 /tmp
}

@test "--security-opt: seccomp and no-new-privileges" {
	mode() { docker run --rm "$@" bb sed -n "s/^$what:.//p" /proc/self/status; }
	what=Seccomp
	is 2 "$(mode)"
	is 0 "$(mode --security-opt seccomp=unconfined)"
	echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":95}]}' >"$TMP/profile"
	docker run --rm --security-opt seccomp="$TMP/profile" bb sh -c 'mkdir /x' 2>&1 | grep -qi "not supported"
	what=NoNewPrivs
	is 0 "$(mode)"
	is 1 "$(mode --security-opt no-new-privileges)"
	# exec is under the same
	started it --security-opt no-new-privileges
	is "1 2" "$(docker exec it sed -n 's/^\(NoNewPrivs\|Seccomp\):.//p' /proc/self/status | xargs)"
}

@test "limits: --memory, --cpus, --pids-limit, --cpuset-cpus, --ulimit" {
	started it --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 0 \
		--pids-limit 7 --ulimit nofile=100:200 --ulimit core=0 --cpu-shares 512
	is 67108864 "$(limit it memory memory.limit_in_bytes memory.max)"
	matches "50000*" "$(limit it cpu cpu.cfs_quota_us cpu.max)"
	is 0 "$(limit it cpuset cpuset.cpus cpuset.cpus)"
	is 7 "$(limit it pids pids.max pids.max)"
	is "100 200 0" "$(docker exec it sh -c 'echo $(ulimit -n) $(ulimit -Hn) $(ulimit -c)')"
	is 1 "$(docker exec it nproc)"
	not docker exec it sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait' 2>/dev/null
}

@test "--device" {
	local node=$TMP/node
	mknod "$node" b 7 0
	# there is none of it by default, and making one is not enough
	docker run --rm bb sh -c 'mknod /n b 7 0 && dd if=/n count=0 2>&1' | grep -q "not permitted"
	docker run --rm --device "$node:/dev/other:r" bb sh -c '
		test -b /dev/other || exit 1
		dd if=/dev/other count=0 2>&1 | grep "not permitted" && exit 2
		dd of=/dev/other count=0 2>&1 </dev/null | grep -q "not permitted" || exit 3'
	docker run --rm --device "$node:/dev/other" bb sh -c '! dd of=/dev/other count=0 2>&1 </dev/null | grep "not permitted"'
	docker run --rm --device-cgroup-rule 'b 7:0 rm' bb sh -c 'mknod /n b 7 0 && ! dd if=/n count=0 2>&1 | grep "not permitted"'
}

@test "--init" {
	docker run -d --name it --init bb sh -c 'trap "exit 5" TERM; while :; do usleep 20000; done' >/dev/null
	docker exec it sh -c 'tr "\0" " " </proc/1/cmdline' | grep -q init
	# whose parent is gone is reaped
	docker exec it sh -c '(sleep 0.1 &) ; exit 0'
	sleep 0.5
	docker exec it sh -c 'cat /proc/[0-9]*/stat 2>/dev/null; true' >"$TMP/stats" # some end meanwhile
	not grep " Z " "$TMP/stats"
	docker stop it >/dev/null
	is_of 5 it .State.ExitCode
}

@test "--ipc, --pid, --network, --uts: container, host, none" {
	started it --ipc shareable
	docker exec it sh -c 'echo shared >/dev/shm/f'
	is shared "$(docker run --rm --ipc container:it bb cat /dev/shm/f)"
	is "sleep 1000" "$(docker run --rm --pid container:it bb sh -c 'tr "\0" " " </proc/1/cmdline' | xargs)"
	is "$(docker exec it ip -o addr)" "$(docker run --rm --network container:it bb ip -o addr)"
	for n in ipc pid net; do
		is "$(docker exec it readlink /proc/self/ns/$n)" \
			"$(docker run --rm --ipc container:it --pid container:it --network container:it bb readlink /proc/self/ns/$n)"
	done
	is "$(in_net readlink /proc/self/ns/net)" "$(docker run --rm --network host bb readlink /proc/self/ns/net)"
	for n in pid uts ipc; do
		is "$(readlink /proc/self/ns/$n)" "$(docker run --rm --pid host --uts host --ipc host bb readlink /proc/self/ns/$n)"
	done
	is 1 "$(docker run --rm --network none bb ip -o link | wc -l)"
	is "0::/" "$(docker run --rm --cgroupns private bb grep ^0: /proc/self/cgroup)"
	is "0::$GROUP/x" "$(docker run --rm --cgroupns host bb grep ^0: /proc/self/cgroup | sed 's,/[0-9a-f]\{64\},/x,')"
	is 8192 "$(docker run --rm --shm-size 8m bb df /dev/shm | awk 'NR > 1 { print $2 }')"
}

@test "networking: containers reach each other, ports are published" {
	docker network create --subnet 10.213.8.0/24 own >/dev/null
	docker run -d --name server --network own -p 127.0.0.1:8080:80 bb sh -c \
		'while :; do echo served | busybox nc -l -p 80; done' >/dev/null
	within 5 eval '[ "$(docker run --rm --network own bb busybox nc -w 1 server 80 </dev/null)" = served ]'
	within 5 eval '[ "$(in_net busybox nc -w 1 127.0.0.1 8080 </dev/null)" = served ]'
	started late
	docker network connect own late
	docker exec late ip -o addr | grep -q 10.213.8
	docker rm -f server late >/dev/null
	docker network rm own >/dev/null
}

@test "healthcheck" {
	docker run -d --name it --health-cmd 'test -e /ok' --health-interval 200ms --health-retries 2 bb sleep 1000 >/dev/null
	within 10 is_of unhealthy it .State.Health.Status
	docker exec it touch /ok
	within 10 is_of healthy it .State.Health.Status
}

build_context() {
	mkdir "$TMP/context"
	echo content >"$TMP/context/file"
	cat >"$TMP/context/Dockerfile" <<-'END'
		FROM bb
		ENV A=one
		RUN echo $A >/one && mkdir -p /w && chmod 1777 /tmp
		WORKDIR /w
		COPY file /w/file
		RUN cat file >two; id -u >>two
		USER 1000
		RUN id -u >/tmp/uid
		ENTRYPOINT ["cat", "/one", "/w/two", "/tmp/uid"]
	END
}

@test "build: the classic builder" {
	build_context
	docker build -q -t built "$TMP/context"
	is "one content 0 1000" "$(docker run --rm built | xargs)"
	echo "RUN exit 5" >>"$TMP/context/Dockerfile"
	attempts "*returned a non-zero code: 5*" 5 build "$TMP/context"
}

@test "build: BuildKit" {
	build_context
	export DOCKER_BUILDKIT=1
	docker build --progress plain -t built "$TMP/context" >"$TMP/out" 2>&1 || { cat "$TMP/out"; false; }
	is "one content 0 1000" "$(docker run --rm built | xargs)"
	echo "RUN exit 5" >>"$TMP/context/Dockerfile"
	attempts "*exit code: 5*" 1 build --progress plain "$TMP/context"
}

@test "compose: services, a network and a volume of their own, one after the other's health" {
	command -v docker-compose >/dev/null || skip "this host has no docker-compose (make deps-callers)"
	mkdir "$TMP/app"
	cat >"$TMP/app/docker-compose.yml" <<-'END'
		version: "2.4"
		services:
		  server:
		    image: bb
		    command: sh -c 'echo given >/shared/f; while :; do echo served | busybox nc -l -p 80; done'
		    volumes: ["data:/shared"]
		    mem_limit: 64m
		    healthcheck: {test: ["CMD", "test", "-e", "/shared/f"], interval: 1s}
		  client:
		    image: bb
		    command: sh -c 'until busybox nc -w 1 server 80 </dev/null >/got; do sleep 0.2; done; sleep 1000'
		    depends_on: {server: {condition: service_healthy}}
		    volumes: ["data:/shared:ro"]
		    read_only: false
		    stop_grace_period: 1s
		volumes: {data: {}}
		networks: {default: {ipam: {config: [{subnet: 10.213.9.0/24}]}}}
	END
	cd "$TMP/app"
	docker-compose up -d 2>"$TMP/err" || { cat "$TMP/err"; false; }
	within 10 eval '[ "$(docker-compose exec -T client cat /got)" = served ]'
	is given "$(docker-compose exec -T client cat /shared/f)"
	not docker-compose exec -T client touch /shared/g 2>/dev/null
	docker-compose up -d --scale client=3 2>/dev/null
	is 4 "$(docker ps -q | wc -l)"
	docker-compose restart -t 0 server 2>/dev/null
	docker-compose down -v -t 0 2>/dev/null
	is "" "$(docker ps -aq)"
}
