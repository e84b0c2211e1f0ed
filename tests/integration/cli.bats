# spec, ps: the commands that only tell
load lib

test_setup() {
	config '.root.readonly = false'
}

@test "what Podman and CRI-O ask about checkpoints" {
	matches "hull checkpoint - *--leave-running*" "$(hull checkpoint --help)"
	fails "*flag needs an argument: --lsm-mount-context" restore --lsm-mount-context
	# with which containerd would restore
	fails "hull: restore $ID: not built into this version of hull" restore --image-path /i --work-path /w \
		--detach --pid-file /p -no-subreaper --bundle /b "$ID"
}

@test "spec writes a configuration that runs as it is, and does not overwrite one" {
	mkdir fresh
	cd fresh
	is "" "$(hull spec 2>&1)"
	jq -e '.ociVersion and .process and .root and .linux' config.json >/dev/null
	cp -a ../rootfs rootfs
	jq '.process.terminal = false | .process.args = ["echo", "works"]' config.json >c.json
	is works "$(hull run -f c.json "$ID")"
	fails 'hull: spec: File config.json exists. Remove it first' spec
	hull spec --file other.json
	cmp config.json other.json
	mkdir sub
	hull spec -b sub
	cmp config.json sub/config.json
	hull spec --rootless --file r.json
	is "user" "$(jq -r '.linux.namespaces[].type' r.json | grep user)"
	is "0 1" "$(jq -r '.linux.uidMappings[0] | "\(.containerID) \(.size)"' r.json)"
	is false "$(jq '.linux | has("resources")' r.json)"
	is 0 "$(jq '[.mounts[].options // [] | .[] | select(startswith("gid="))] | length' r.json)"
}

@test "ps: every process of the container, as JSON and as a table" {
	config '.process.args = ["sh", "-c", "sleep 1000 & sleep 1001 & wait"]'
	detached "$ID"
	wait_for eval '[ "$(hull ps -f json "$ID" | jq length)" = 3 ]'
	hull exec -d --pid-file pid "$ID" sleep 1002 </dev/null >/dev/null 2>&1
	hull ps --format json "$ID" >p.json 2>err
	is "" "$(cat err)"
	is 4 "$(jq length p.json)"
	jq -e --argjson a "$(pid_of "$ID")" --argjson b "$(cat pid)" 'index($a) != null and index($b) != null' p.json >/dev/null
	hull ps "$ID" >table 2>err
	is "" "$(cat err)"
	matches '*PID*CMD*' "$(head -n1 table)"
	is 5 "$(wc -l <table)"
	for n in 1000 1001 1002; do
		grep -q "sleep $n" table
	done
	is 5 "$(hull ps "$ID" -o pid,args | wc -l)"
	created "$ID-c"
	is "[$(pid_of "$ID-c")]" "$(hull ps -f json "$ID-c" | jq -c .)"
	fails '*--format "xml"*' ps -f xml "$ID"
}

@test "ps of a stopped container" {
	created "$ID"
	hull kill "$ID" KILL
	wait_for eval '[ "$(status_of "$ID")" = stopped ]'
	is '[]' "$(hull ps -f json "$ID" | jq -c .)"
}

@test "hull is the same under every name that callers know" {
	local name dir=$BATS_TEST_TMPDIR
	sh_config 'echo said; exit 3'
	for name in hull runc crun docker-runc; do
		ln -sf "$HULL" "$dir/$name"
		under_name "$dir/$name" >"$dir/$name.said" 2>&1
		cmp "$dir/hull.said" "$dir/$name.said"
	done
	is "3 1 255 1" "$(sed -n 's/^status //p' "$dir/runc.said" | xargs)"
	grep -q '^"create .*: --bundle /nosuch: no such file or directory"$' "$dir/runc.said"
}

# under_name PROGRAM - all it says, and how it ends
under_name() {
	local HULL=$1
	"$HULL" --version
	"$HULL" --help
	"$HULL" features
	hull run "$ID" || echo "status $?"
	hull --log log.json --log-format json create --bundle /nosuch "$ID" || echo "status $?"
	jq .msg log.json
	rm log.json
	hull exec "$ID" true || echo "status $?"
	hull --nonsense || echo "status $?"
}

@test "an answer that cannot be written is an error" {
	local command
	for command in list features --version; do
		! $HULL --root "$ROOT" $command >/dev/full 2>err || { echo "$command" && return 1; }
		matches "hull: *no space left on device" "$(cat err)"
	done
}
