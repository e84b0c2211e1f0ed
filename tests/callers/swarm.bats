#!/usr/bin/env bats
# Docker Swarm: services on a swarm of one node, whose tasks run on hull
#
# Tasks are on the node's own bridge; networks across nodes are made of vxlan links, which not every
# kernel has, and are none of a runtime's business.

load lib
load docker

setup_file() {
	caller_begin dockerd docker containerd iptables
	docker_begin
	docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 --task-history-limit 0 >/dev/null
	# the links of the ingress network come with the first task
	within 20 docker network inspect docker_gwbridge
	in_services warm 1
	remove_all
}

teardown_file() {
	docker swarm leave --force >/dev/null || true
	docker_end
	caller_end
}

# in_services NAME REPLICAS [OPTIONS...] - a service whose tasks are all running
in_services() {
	local name=$1 replicas=$2
	shift 2
	docker service create -q --detach --no-resolve-image --restart-delay 100ms --stop-grace-period 2s \
		--name "$name" --replicas "$replicas" "$@" bb \
		sh -c 'trap "exit 0" TERM; echo $A; while :; do usleep 50000; done' >/dev/null
	running "$name" "$replicas"
}

# running NAME N - exactly N tasks are
running() {
	within 90 has_tasks "$1" "$2" || { docker service ps --no-trunc "$1"; return 1; }
}

has_tasks() {
	[ "$(docker ps -q --filter "label=com.docker.swarm.service.name=$1" | wc -l)" = "$2" ] &&
		[ "$(docker service ls --filter "name=$1" --format '{{.Replicas}}')" = "$2/$2" ]
}

# remove_all - services, and wait for the containers of their tasks
remove_all() {
	local left
	left=$(docker service ls -q)
	[ -z "$left" ] || docker service rm $left >/dev/null
	within 60 eval '[ -z "$(docker ps -aq)" ]' || docker rm -f $(docker ps -aq)
}

containers() {
	docker ps -q --no-trunc --filter "label=com.docker.swarm.service.name=$1"
}

@test "service: its tasks run, with their options, and can be looked into" {
	echo secret >"$TMP/secret"
	docker secret create s "$TMP/secret" >/dev/null
	docker config create c "$TMP/secret" >/dev/null
	in_services web 3 --env A=one --limit-memory 64m --limit-cpu 0.5 --secret s --config c \
		--mount type=tmpfs,dst=/t --read-only --hostname '{{.Task.Slot}}' --cap-drop CHOWN --init
	for c in $(containers web); do
		is secret "$(docker exec "$c" cat /run/secrets/s)"
		is secret "$(docker exec "$c" cat /c)"
		docker exec "$c" touch /t/x
		is 67108864 "$(of "$c" .HostConfig.Memory)"
		docker exec "$c" grep -q '^CapEff:.00000000a80425fa$' /proc/self/status
		docker exec "$c" hostname
	done | sort | paste -sd' ' >"$TMP/names"
	is "1 2 3" "$(cat "$TMP/names")"
	is "one one one" "$(docker service logs --raw web | xargs)"
	docker service rm web >/dev/null
	within 30 eval '[ -z "$(docker ps -aq)" ]'
	docker secret rm s >/dev/null
	docker config rm c >/dev/null
}

@test "scaling to 20 tasks and to none" {
	in_services web 2
	docker service scale --detach web=20 >/dev/null
	running web 20
	is 20 "$(docker ps -q | while read -r c; do docker exec "$c" ip -o -4 addr show eth0; done | awk '{ print $4 }' | sort -u | wc -l)"
	docker service scale --detach web=0 >/dev/null
	within 60 eval '[ -z "$(docker ps -aq)" ]'
}

@test "a rolling update replaces every task, one that fails is rolled back" {
	in_services web 4 --env A=one
	containers web | sort >"$TMP/old"
	docker service update -q --detach --env-add A=two --update-parallelism 2 --update-monitor 200ms web >/dev/null
	within 60 eval '[ "$(docker service inspect -f "{{.UpdateStatus.State}}" web)" = completed ]'
	running web 4
	is "" "$(containers web | sort | comm -12 - "$TMP/old")"
	for c in $(containers web); do
		is two "$(docker exec "$c" sh -c 'echo $A')"
	done
	# a failure counts while its task is monitored, which on a busy host may be long before it is seen
	docker service update -q --detach --args nosuch --update-failure-action rollback --update-monitor 20s \
		--rollback-monitor 200ms web >/dev/null
	within 60 eval '[ "$(docker service inspect -f "{{.UpdateStatus.State}}" web)" = rollback_completed ]' || {
		docker service inspect -f '{{json .UpdateStatus}}' web
		docker service ps --no-trunc web
		return 1
	}
	running web 4
}

@test "a task that is killed is made anew" {
	in_services web 3
	victim=$(containers web | head -n 1)
	kill -KILL "$(of "$victim" .State.Pid)"
	within 30 not eval 'containers web | grep -q "$victim"'
	running web 3
	docker kill "$(containers web | head -n 1)" >/dev/null
	sleep 1
	running web 3
	# and one that ends by itself, again and again
	docker service create -q --detach --no-resolve-image --restart-delay 100ms --name short bb \
		sh -c 'sleep 0.2; exit 3' >/dev/null
	within 30 has_died short 2
}

# has_died NAME N - at least so many containers of a service have ended, with status 3
has_died() {
	local since
	since=$(($(date +%s) - 60))
	[ "$(docker events --since $since --until "$(date +%s)" --filter event=die --format '{{json .Actor.Attributes}}' |
		grep -c "service.name\":\"$1\".*exitCode\":\"3\"\|exitCode\":\"3\".*service.name\":\"$1\"")" -ge "$2" ]
}
