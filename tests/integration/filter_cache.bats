# compiled seccomp profiles kept in /run/hull/.filters: found again, and never trusted blindly
load lib

# A profile with enough names to be kept: all but one allowed, so that a wrong one shows at once.
test_setup() {
	config '.root.readonly = false | .process.args = ["probe", "call", $nr, "0", "0"] |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls:
			[{names: ["getpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 77},
			 {names: ($names | split(" ")), action: "SCMP_ACT_LOG"}]}' \
		--arg nr "$([ "$(uname -m)" = x86_64 ] && echo 140 || echo 141)" --arg names "acct \
add_key afs_syscall bpf clock_adjtime clock_settime create_module delete_module finit_module \
get_kernel_syms get_mempolicy getpmsg init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl \
lookup_dcookie mbind migrate_pages move_pages nfsservctl open_by_handle_at perf_event_open \
process_vm_readv process_vm_writev ptrace putpmsg query_module quotactl reboot request_key"
	cp "$(compile probe)" rootfs/bin/probe
	export HULL
}

# here COMMAND... - with a /run/hull of its own
here() {
	unshare --mount bash -c 'mkdir -p /run/hull && mount -t tmpfs -o mode=700 tmpfs /run/hull && "$@"' \
		bash "$@"
}

# By the descriptor that libseccomp writes to.
count_compiled() {
	grep -c 'memfd_create("bpf"' "$1" || true
}

@test "the second container with a profile compiles nothing, and is filtered alike" {
	twice() {
		for n in 1 2; do
			strace -f -o "calls.$n" "$HULL" --root "$ROOT" run "$ID" >"answer.$n"
		done
		ls -A /run/hull/.filters >files
		stat -c %a,%u /run/hull/.filters /run/hull/.filters/* >modes
	}
	export -f twice
	export ROOT ID
	here bash -euc twice
	is "errno 77" "$(cat answer.1)"
	is "errno 77" "$(cat answer.2)"
	is 1 "$(count_compiled calls.1)"
	is 0 "$(count_compiled calls.2)"
	is 1 "$(wc -l <files)"
	is "700,0
600,0" "$(cat modes)"
}

@test "another profile is another program, however alike" {
	both() {
		"$HULL" --root "$ROOT" run "$ID" >answer.1
		sed -i 's/"errnoRet": *77/"errnoRet": 78/' config.json
		"$HULL" --root "$ROOT" run "$ID" >answer.2
	}
	export -f both
	export ROOT ID
	here bash -euc both
	is "errno 77" "$(cat answer.1)"
	is "errno 78" "$(cat answer.2)"
}

@test "what is kept for one profile is refused for another, cut short, or changed" {
	spoil() {
		"$HULL" --root "$ROOT" run "$ID" >answer.0
		kept=$(echo /run/hull/.filters/*)
		cp "$kept" good
		sed -i 's/"errnoRet": *77/"errnoRet": 79/' config.json
		rm "$kept" && "$HULL" --root "$ROOT" run "$ID" >answer.1
		other=$(echo /run/hull/.filters/*)
		for how in "cp good $other" "head -c 100 good >$other" "truncate -s 0 $other" \
			"ln -sf $PWD/good $other" "mkfifo $other" "mkdir $other"; do
			rm -rf "$other" && eval "$how" && "$HULL" --root "$ROOT" run "$ID"
		done >answer.2
	}
	export -f spoil
	export ROOT ID
	here bash -euc spoil
	is "errno 77" "$(cat answer.0)"
	is "errno 79" "$(cat answer.1)"
	is "errno 79" "$(sort -u answer.2)"
	is 6 "$(wc -l <answer.2)"
}

@test "a directory or a file that somebody else could have written is not used" {
	shared() {
		local dir=/run/hull/.filters file
		"$HULL" --root "$ROOT" run "$ID" >/dev/null
		file=$(echo $dir/*)
		for how in "chmod 770 $dir" "chmod 606 $file" "chown 1 $dir" "chown 1 $file"; do
			$how
			strace -f -o calls "$HULL" --root "$ROOT" run "$ID" >>answers
			grep -c 'memfd_create("bpf"' calls >>compiled
			chown 0 $dir $dir/* && chmod 700 $dir && chmod 600 $dir/*
		done
	}
	export -f shared
	export ROOT ID
	here bash -euc shared
	is "errno 77" "$(sort -u answers)"
	is "1 1 1 1" "$(paste -sd " " compiled)"
}
