# many: containers side by side, and processes in one
load lib

@test "200 containers made and deleted, 8 at a time: none is lost, and nothing is left" {
	config '.process.args = ["sleep", "1000"] | .linux.resources.pids.limit = 10'
	seq 200 | xargs -P 8 -I{} "$HULL" --root "$ROOT" ${HULL_MANAGER:+--cgroup-manager "$HULL_MANAGER"} run -d "$ID-{}" >said 2>&1
	is "" "$(cat said)"
	is "200 running" "$(hull list -f json | jq -r '"\(length) \([.[].status] | unique | join(" "))"')"
	is 200 "$(hull list -f json | jq '[.[].pid] | unique | length')"
	seq 200 | xargs -P 8 -I{} "$HULL" --root "$ROOT" delete --force "$ID-{}" >said 2>&1
	is "" "$(cat said)"
	is "" "$(hull list -q)"
	is "" "$(find "$CGROOT" -type d -name "$ID-*")"
	unchanged
}

# bomb - a container that forks until it has a thousand processes, and goes on trying
bomb() {
	cp "$(compile m_bomb)" rootfs/bin/bomb
	config '.process.args = ["bomb"] | .linux.resources.pids.limit = 1000'
	detached "$ID"
	wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" -ge 1000 ]'
}

@test "a fork bomb of a thousand processes is deleted in one call" {
	bomb
	timeout 30 "$HULL" --root "$ROOT" delete --force "$ID"
	is "" "$(find "$CGROOT" -type d -name "$ID")"
	unchanged
}

@test "a fork bomb of a thousand processes without a pid namespace of its own" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	bomb
	timeout 30 "$HULL" --root "$ROOT" delete --force "$ID"
	is "" "$(find "$CGROOT" -type d -name "$ID")"
	unchanged
}
