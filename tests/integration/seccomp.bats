# linux.seccomp: what a payload may call, by numbers and arguments, with and without no_new_privs
load lib

test_setup() {
	config '.root.readonly = false | .process.args = ["sleep", "1000"]'
	cp "$(compile probe)" rootfs/bin/probe
	case $(uname -m) in
	x86_64) GETPRIORITY=140 GETPGID=121 GETPPID=110 ;;
	*) GETPRIORITY=141 GETPGID=155 GETPPID=173 ;; # the generic table
	esac
}

# rules JSON... - seccomp that allows everything but these
rules() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: $r}' --argjson r "[$*]"
}

# each_way COMMAND... - with noNewPrivileges and without
each_way() {
	local nnp
	for nnp in true false; do
		config '.process.noNewPrivileges = $n' --argjson n $nnp
		"$@"
	done
}

# probe ARGS... - one system call as payload and by exec, which must answer alike
probe() {
	local as_init
	jq '.process.args = ["probe"] + $ARGS.positional' config.json --args -- "$@" >probe.json
	as_init=$(hull run --config probe.json "$ID")
	detached "$ID"
	is "$as_init" "$(hull exec "$ID" probe "$@")" >&2
	hull delete --force "$ID"
	echo "$as_init"
}

@test "an errno of one's choice, and EPERM where none is chosen" {
	rules '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 77}' \
		', {"names": ["getpgid"], "action": "SCMP_ACT_ERRNO"}' \
		', {"names": ["getppid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}'
	check() {
		is "errno 77" "$(probe call $GETPRIORITY 0 0)"
		is "errno 1" "$(probe call $GETPGID 0)"
		is ok "$(probe call $GETPPID)"
	}
	each_way check
}

@test "the mode is 2 with and without no_new_privs, and there is one filter" {
	rules
	check() {
		is "Seccomp: 2
Seccomp_filters: 1" "$(hull run --config status.json "$ID" | grep ^Seccomp | tr '\t' ' ')"
	}
	for nnp in true false; do
		config '.process.noNewPrivileges = $n' --argjson n $nnp
		jq '.process.args = ["cat", "/proc/self/status"]' config.json >status.json
		check
	done
}

@test "without seccomp there is none" {
	config 'del(.linux.seccomp) | .process.args = ["grep", "^Seccomp:", "/proc/self/status"]'
	is "Seccomp: 0" "$(hull run "$ID" | tr '\t' ' ')"
}

@test "an allow list: everything else gets the default's errno" {
	# what busybox needs, and what hull's last steps need without no_new_privs
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, syscalls: [
		{action: "SCMP_ACT_ALLOW", names: ["execve", "read", "write", "exit", "exit_group", "brk", "arch_prctl",
			"set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom",
			"mprotect", "mmap", "munmap", "fstat", "newfstatat", "prctl", "capset", "getuid", "rt_sigaction"]}]}'
	check() {
		is "errno 38" "$(hull run --config probe.json "$ID")"
	}
	for nnp in true false; do
		config '.process.noNewPrivileges = $n' --argjson n $nnp
		jq --argjson nr $GETPGID '.process.args = ["probe", "call", "\($nr)", "0"]' config.json >probe.json
		check
	done
}

@test "conditions on different arguments must hold together" {
	rules '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 70, "args": [
		{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 5, "op": "SCMP_CMP_GE"}]}'
	is "errno 70" "$(probe call $GETPRIORITY 1 5)"
	is "errno 70" "$(probe call $GETPRIORITY 1 6)"
	not grep -q "errno 70" <<<"$(probe call $GETPRIORITY 1 4)"
	not grep -q "errno 70" <<<"$(probe call $GETPRIORITY 0 5)"
}

@test "of several conditions on one argument one is enough" {
	rules '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71, "args": [
		{"index": 1, "value": 5, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}'
	is "errno 71" "$(probe call $GETPRIORITY 0 5)"
	is "errno 71" "$(probe call $GETPRIORITY 0 9)"
	not grep -q "errno 71" <<<"$(probe call $GETPRIORITY 0 7)"
}

@test "of several rules for one call one is enough" {
	rules '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 72, "args": [
			{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}]}' \
		', {"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 73, "args": [
			{"index": 1, "value": 4, "op": "SCMP_CMP_EQ"}]}'
	is "errno 72" "$(probe call $GETPRIORITY 3 0)"
	is "errno 73" "$(probe call $GETPRIORITY 0 4)"
}

@test "every operator" {
	# op value [valueTwo]: an argument that it catches, one that it does not
	while read -r op value two hit miss; do
		rules "{\"names\": [\"getpriority\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 74, \"args\": [
			{\"index\": 1, \"value\": $value, \"valueTwo\": $two, \"op\": \"SCMP_CMP_$op\"}]}"
		jq --argjson nr $GETPRIORITY --arg a "$hit" '.process.args = ["probe", "call", "\($nr)", "0", $a]' config.json >p.json
		is "errno 74" "$(hull run -f p.json "$ID")"
		jq --argjson nr $GETPRIORITY --arg a "$miss" '.process.args = ["probe", "call", "\($nr)", "0", $a]' config.json >p.json
		not grep -q "errno 74" <<<"$(hull run -f p.json "$ID")"
	done <<-'END'
		NE 7 0 8 7
		LT 7 0 6 7
		LE 7 0 7 8
		EQ 7 0 7 8
		GE 7 0 7 6
		GT 7 0 8 7
		MASKED_EQ 12 4 5 8
	END
}

@test "arguments are compared in 64 bits" {
	sed_value() { sed -i "s/\"value\": 1111/\"value\": $1/" config.json; }
	rules '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 75, "args": [
		{"index": 2, "value": 1111, "op": "SCMP_CMP_EQ"}]}'
	sed_value 18446744073709551615 # exact: no detour by floating point
	sed "s/\"sleep\",/\"probe\", \"call\", \"$GETPRIORITY\", \"0\", \"0\", \"0xffffffffffffffff\"/; s/^ *\"1000\"\$//" config.json >p.json
	jq -e '.process.args | length == 6' p.json >/dev/null
	is "errno 75" "$(hull run -f p.json "$ID")"
	sed -i 's/0xffffffffffffffff/0xffffffff/' p.json
	not grep -q "errno 75" <<<"$(hull run -f p.json "$ID")"
}

@test "KILL_PROCESS ends the payload by SIGSYS" {
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_KILL_PROCESS"}'
	check() {
		jq --argjson nr $GETPGID '.process.args = ["probe", "call", "\($nr)", "0"]' config.json >p.json
		ended=0
		hull run -f p.json "$ID" || ended=$?
		is 159 $ended
		detached "$ID"
		ended=0
		hull exec "$ID" probe call $GETPGID 0 || ended=$?
		is 159 $ended
		is running "$(status_of "$ID")"
		hull delete --force "$ID"
	}
	each_way check
}

@test "KILL, KILL_THREAD and TRAP end it by SIGSYS as well, LOG and ALLOW let it be" {
	for action in KILL KILL_THREAD TRAP; do
		rules "{\"names\": [\"getpgid\"], \"action\": \"SCMP_ACT_$action\"}"
		jq --argjson nr $GETPGID '.process.args = ["sh", "-c", "probe call \($nr) 0; echo $?"]' config.json >p.json
		is 159 "$(hull run -f p.json "$ID" 2>/dev/null)"
	done
	for action in LOG ALLOW; do
		rules "{\"names\": [\"getpgid\"], \"action\": \"SCMP_ACT_$action\"}"
		is ok "$(probe call $GETPGID 0)"
	done
}

@test "TRACE without a tracer is ENOSYS" {
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_TRACE", "errnoRet": 5}'
	is "errno 38" "$(probe call $GETPGID 0)"
}

@test "names that no architecture has are passed over" {
	rules '{"names": ["no_such_call", "getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 78}'
	is "errno 78" "$(probe call $GETPGID 0)"
}

@test "a call of another architecture is not a hole" {
	[ "$(uname -m)" = x86_64 ] || skip "needs a kernel that runs 32-bit calls of x86"
	# x32's number of getpgid: the native filter must not allow what it forbids
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 79}'
	jq --argjson nr $((GETPGID + 0x40000000)) '.process.args = ["sh", "-c", "probe call \($nr) 0; echo $?"]' config.json >p.json
	not grep -q '^ok' <<<"$(hull run -f p.json "$ID" 2>/dev/null)"
	config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
	is "errno 79" "$(probe call $GETPGID 0)"
}

@test "flags: absent, empty, and each that the kernel knows" {
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 80}'
	is "errno 80" "$(probe call $GETPGID 0)"
	for flags in '[]' '["SECCOMP_FILTER_FLAG_LOG"]' '["SECCOMP_FILTER_FLAG_TSYNC"]' \
		'["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]' '["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'; do
		config '.linux.seccomp.flags = $f' --argjson f "$flags"
		is "errno 80" "$(probe call $GETPGID 0)"
	done
}

@test "speculation is left alone unless the profile has flags" {
	grep -q Speculation_Store_Bypass /proc/self/status || skip "kernel does not report speculation"
	rules
	want=$(awk '/Speculation_Store_Bypass/' /proc/self/status)
	jq '.process.args = ["grep", "Speculation_Store_Bypass", "/proc/self/status"]' config.json >p.json
	is "$want" "$(hull run -f p.json "$ID")"
}

@test "a large profile is compiled, kept and used by exec" {
	names=$(scmp_sys_resolver 0 >/dev/null 2>&1 && for n in $(seq 0 330); do scmp_sys_resolver $n; done |
		grep -E '^[a-z]' || echo getpgid getpriority)
	names=$(printf '%s\n' $names personality mbind move_pages swapon swapoff reboot acct kexec_load |
		grep -vE '^(execve|exit|exit_group|read|write|prctl|capset)$' | sort -u | jq -R . | jq -sc .)
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 81, syscalls: [
		{names: ($n + ["execve", "exit", "exit_group", "read", "write", "prctl", "capset", "brk", "mmap", "fstat",
			"newfstatat", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink",
			"readlinkat", "getrandom", "mprotect", "clock_nanosleep", "nanosleep", "getuid", "rt_sigaction"] -
			["getpgid"]), action: "SCMP_ACT_ALLOW"}]}' --argjson n "$names"
	is "errno 81" "$(probe call $GETPGID 0)"
	created "$ID"
	[ -s "$ROOT/$ID/filter.bpf" ]
	is 0 "$(($(stat -c %s "$ROOT/$ID/filter.bpf") % 8))"
}

@test "what a payload's child adds does not loosen it" {
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 82}'
	jq --argjson nr $GETPGID '.process.args = ["sh", "-c", "sh -c \"probe call \($nr) 0\""]' config.json >p.json
	is "errno 82" "$(hull run -f p.json "$ID")"
}

# --- calls that are newer than the profile

# allow_list MEMBERS - the default action and its number, and what busybox and hull's last steps need
allow_list() {
	config '.linux.seccomp = ($m + {syscalls: [{action: "SCMP_ACT_ALLOW", names: ["execve", "read", "write", "exit",
		"exit_group", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "prlimit64", "readlink",
		"readlinkat", "getrandom", "mprotect", "mmap", "munmap", "fstat", "newfstatat", "prctl", "capset",
		"getuid", "rt_sigaction", "clock_nanosleep", "nanosleep", "rseq"]}]})' --argjson m "$1"
}

@test "a call newer than all that an allow list knows is not there, an older one is refused" {
	# rseq is 334 on x86_64, 293 in the generic table; 424 and later are the same everywhere
	check() {
		is "errno 1" "$(probe call $GETPGID 0)"
		is "errno 38" "$(probe call 450)" # set_mempolicy_home_node
		is "errno 38" "$(probe call 439 0 0)" # faccessat2
		is "errno 38" "$(probe call 100000)"
	}
	allow_list '{"defaultAction": "SCMP_ACT_ERRNO"}'
	each_way check
	allow_list '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1}'
	each_way check
}

@test "one named call of the newest kernel keeps all before it from being new" {
	allow_list '{"defaultAction": "SCMP_ACT_ERRNO"}'
	config '.linux.seccomp.syscalls += [{action: "SCMP_ACT_ERRNO", errnoRet: 99, names: ["faccessat2"]}]'
	is "errno 99" "$(probe call 439 0 0)"
	is "errno 1" "$(probe call 434 0 0)" # pidfd_open
	is "errno 38" "$(probe call 100000)"
}

@test "a default that kills does not kill for what the profile could not know" {
	allow_list '{"defaultAction": "SCMP_ACT_KILL_PROCESS"}'
	is "errno 38" "$(probe call 450)"
	jq --argjson nr $GETPGID '.process.args = ["probe", "call", "\($nr)", "0"]' config.json >p.json
	ended=0
	hull run -f p.json "$ID" || ended=$?
	is 159 $ended
}

@test "where the default allows, or says what it wants for all, nothing is put before the profile" {
	rules '{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 77}'
	is ok "$(probe call 434 1 0)" # pidfd_open of init
	allow_list '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38}'
	is "errno 38" "$(probe call $GETPGID 0)"
	is "errno 38" "$(probe call 450)"
}

@test "the other architecture's calls have their own newest" {
	[ "$(uname -m)" = x86_64 ] || skip "x86_64 alone has a second table in use"
	printf 'int main(int argc, char **argv) { (void)argc; long r, n = __builtin_atoi(argv[1]); __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(0), "c"(0)); return r < 0 ? -r : 0; }' |
		sed 's/__builtin_atoi/atoi/; s/^/#include <stdlib.h>\n/' >"$BATS_TEST_TMPDIR/i386.c"
	gcc -O1 -static -o rootfs/bin/i386 "$BATS_TEST_TMPDIR/i386.c" || skip "no compiler"
	chroot rootfs /bin/i386 20 || skip "kernel without CONFIG_IA32_EMULATION"
	allow_list '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]}'
	answer() {
		jq --arg n "$1" '.process.args = ["i386", $n]' config.json >p.json
		ended=0
		hull run -f p.json "$ID" || ended=$?
		echo $ended
	}
	is 1 "$(answer 20)" # getpid is older than the newest that is listed, 386 (rseq)
	is 38 "$(answer 450)"
}
