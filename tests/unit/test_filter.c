/*
 * test_filter.c - seccomp profiles: what the compiled program answers
 *
 * The program is run twice: by a small interpreter of classic BPF here, which can ask for any
 * architecture and argument, and by the kernel, which has the last word.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hull/filter.h"
#include "unit.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define NATIVE AUDIT_ARCH_RISCV64
#endif

static int try_compile(const char *profile, struct plan_filter *ret)
{
	struct config *c = arena_new(&unit_arena, struct config);
	const char *text = arena_printf(&unit_arena,
					"{'ociVersion':'1.3.0','linux':{'seccomp':{%s}}}", profile);

	*ret = (struct plan_filter){ 0 };
	text = unit_json(text);
	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0)
		fail_msg("%s: %s", profile, unit_err.text);
	return filter_compile(&unit_arena, c, ret, &unit_err);
}

static struct plan_filter compile(const char *profile)
{
	struct plan_filter f;

	if (try_compile(profile, &f) < 0)
		fail_msg("%s: %s", profile, unit_err.text);
	assert_non_null(f.bpf);
	assert_true(f.len > 0 && f.len % sizeof(struct sock_filter) == 0);
	return f;
}

static uint32_t load(const struct seccomp_data *d, uint32_t at)
{
	uint32_t word;

	assert_true(at % 4 == 0 && at + 4 <= sizeof(*d));
	memcpy(&word, (const char *)d + at, sizeof(word));
	return word;
}

static bool jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return (a & k) != 0;
	default:
		fail_msg("unknown jump %#x", code);
		return false;
	}
}

/* What seccomp(2) does with a program. Return: SECCOMP_RET_* with its data. */
static uint32_t run(const struct plan_filter *f, const struct seccomp_data *d)
{
	const struct sock_filter *program = f->bpf;
	size_t n = f->len / sizeof(*program);
	uint32_t a = 0;

	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *i = &program[at];

		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load(d, i->k);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			at += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			at += jumps(i->code, a, i->k) ? i->jt : i->jf;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else
			fail_msg("unknown instruction %#x", i->code);
	}
	fail_msg("the program has no end");
	return 0;
}

/* The answer to a native call by number, with up to six arguments. */
static uint32_t ask(const struct plan_filter *f, int nr, const uint64_t args[6])
{
	struct seccomp_data d = { .nr = nr, .arch = NATIVE };

	if (args)
		memcpy(d.args, args, sizeof(d.args));
	return run(f, &d);
}

static void assert_answer(const struct plan_filter *f, int nr, const uint64_t args[6],
			  uint32_t expected)
{
	uint32_t answer = ask(f, nr, args);

	if (answer != expected)
		fail_msg("call %d: %#x instead of %#x", nr, answer, expected);
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })
#define RULE(names, action, more) "{'names':[" names "],'action':'SCMP_ACT_" action "'" more "}"
#define PROFILE(action, rules) "'defaultAction':'SCMP_ACT_" action "','syscalls':[" rules "]"
#define FAIL(number) (SECCOMP_RET_ERRNO | (number))

TEST(without_a_profile_there_is_no_filter)
{
	struct plan_filter f = { 0 };
	struct config c = { 0 };
	struct config_linux l = { 0 };

	assert_int_equal(filter_compile(&unit_arena, &c, &f, &unit_err), 0);
	assert_null(f.bpf);
	c.linux = &l;
	assert_int_equal(filter_compile(&unit_arena, &c, &f, &unit_err), 0);
	assert_null(f.bpf);
}

TEST(every_action)
{
	static const struct {
		const char *action;
		uint32_t answer;
	} all[] = {
		{ "KILL", SECCOMP_RET_KILL_THREAD },
		{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD },
		{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
		{ "TRAP", SECCOMP_RET_TRAP },
		{ "ERRNO", FAIL(EPERM) },
		{ "TRACE", SECCOMP_RET_TRACE | EPERM },
		{ "LOG", SECCOMP_RET_LOG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct plan_filter f = compile(
			arena_printf(&unit_arena, PROFILE("ALLOW", RULE("'getppid'", "%s", "")),
				     all[i].action));

		assert_answer(&f, SYS_getppid, NULL, all[i].answer);
		assert_answer(&f, SYS_getpid, NULL, SECCOMP_RET_ALLOW);
		/* with a newer call listed: those that are not known at all are another test's */
		f = compile(arena_printf(&unit_arena,
					 PROFILE("%s", RULE("'getpid','statx'", "ALLOW", "")),
					 all[i].action));
		assert_answer(&f, SYS_getppid, NULL, all[i].answer);
		assert_answer(&f, SYS_getpid, NULL, SECCOMP_RET_ALLOW);
	}
}

TEST(error_numbers)
{
	struct plan_filter f =
		compile("'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'syscalls':["
			"{'names':['read'],'action':'SCMP_ACT_ALLOW'},"
			"{'names':['mount'],'action':'SCMP_ACT_ERRNO'},"
			"{'names':['umount2'],'action':'SCMP_ACT_ERRNO','errnoRet':13},"
			"{'names':['swapon'],'action':'SCMP_ACT_ERRNO','errnoRet':0},"
			"{'names':['swapoff'],'action':'SCMP_ACT_TRACE','errnoRet':7}]");

	assert_answer(&f, SYS_read, NULL, SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_getppid, NULL, FAIL(ENOSYS));
	assert_answer(&f, SYS_mount, NULL, FAIL(EPERM)); /* the default of the specification */
	assert_answer(&f, SYS_umount2, NULL, FAIL(EACCES));
	assert_answer(&f, SYS_swapon, NULL, FAIL(0));
	assert_answer(&f, SYS_swapoff, NULL, SECCOMP_RET_TRACE | 7);
}

TEST(a_rule_that_repeats_the_default_is_no_error)
{
	struct plan_filter f = compile(
		PROFILE("ERRNO", RULE("'mount'", "ERRNO", "") "," RULE("'read'", "ALLOW", "")));

	assert_answer(&f, SYS_mount, NULL, FAIL(EPERM));
	assert_answer(&f, SYS_read, NULL, SECCOMP_RET_ALLOW);
}

TEST(names_that_libseccomp_does_not_know_are_skipped)
{
	struct plan_filter f =
		compile(PROFILE("ALLOW", RULE("'no_such_call','getppid',''", "KILL", "")));

	assert_answer(&f, SYS_getppid, NULL, SECCOMP_RET_KILL_THREAD);
	assert_answer(&f, SYS_read, NULL, SECCOMP_RET_ALLOW);
}

TEST(calls_of_other_architectures_in_a_list_do_no_harm)
{
	/* no such calls on the architectures of today, and yet in every profile */
	struct plan_filter f =
		compile(PROFILE("ERRNO", RULE("'socketcall','ipc','breakpoint','read','cacheflush'",
					      "ALLOW", "")));

	assert_answer(&f, SYS_read, NULL, SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_write, NULL, FAIL(ENOSYS)); /* newer than any here that exists */
}

/* One condition on an argument, asked with a list of values. */
static void assert_condition(const char *op, uint64_t value, uint64_t value_two, unsigned index,
			     uint64_t asked, bool match)
{
	uint64_t args[6] = { 11, 22, 33, 44, 55, 66 };
	const char *rule =
		arena_printf(&unit_arena,
			     "{'names':['getppid'],'action':'SCMP_ACT_KILL','args':"
			     "[{'index':%u,'value':%llu,'valueTwo':%llu,'op':'SCMP_CMP_%s'}]}",
			     index, (unsigned long long)value, (unsigned long long)value_two, op);
	struct plan_filter f = compile(arena_printf(&unit_arena, PROFILE("ALLOW", "%s"), rule));

	args[index] = asked;
	if (ask(&f, SYS_getppid, args) != (match ? SECCOMP_RET_KILL_THREAD : SECCOMP_RET_ALLOW))
		fail_msg("argument %u: %llu %s %llu", index, (unsigned long long)asked, op,
			 (unsigned long long)value);
}

TEST(conditions_compare_all_64_bits)
{
	static const uint64_t values[] = { 0,           1,           5,
					   0x7fffffff,  0xffffffff,  0x100000000,
					   0x100000005, 0x500000000, 0x8000000000000000,
					   UINT64_MAX };

	for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
		for (size_t a = 0; a < ARRAY_SIZE(values); a++) {
			uint64_t value = values[v], asked = values[a];

			assert_condition("EQ", value, 0, 0, asked, asked == value);
			assert_condition("NE", value, 0, 1, asked, asked != value);
			assert_condition("LT", value, 0, 2, asked, asked < value);
			assert_condition("LE", value, 0, 3, asked, asked <= value);
			assert_condition("GT", value, 0, 4, asked, asked > value);
			assert_condition("GE", value, 0, 5, asked, asked >= value);
		}
	}
}

TEST(masked_conditions_take_the_mask_first)
{
	/* clone(CLONE_NEWUSER | ...), as Docker's profile has it */
	assert_condition("MASKED_EQ", 0x10000000, 0x10000000, 0, 0x10000011, true);
	assert_condition("MASKED_EQ", 0x10000000, 0x10000000, 0, 0x00000011, false);
	assert_condition("MASKED_EQ", 0x7e020000, 0, 0, 0x00000011, true);
	assert_condition("MASKED_EQ", 0x7e020000, 0, 0, 0x20000011, false);
	assert_condition("MASKED_EQ", 0xff00000000, 0x1200000000, 3, 0x12deadbeef, true);
	assert_condition("MASKED_EQ", 0xff00000000, 0x1200000000, 3, 0x13deadbeef, false);
}

TEST(conditions_of_one_rule_must_all_hold)
{
	struct plan_filter f = compile("'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
				       "{'names':['getppid'],'action':'SCMP_ACT_KILL','args':["
				       "{'index':0,'value':1,'op':'SCMP_CMP_EQ'},"
				       "{'index':2,'value':5,'op':'SCMP_CMP_GE'}]}]");

	assert_answer(&f, SYS_getppid, ARGS(1, 0, 5), SECCOMP_RET_KILL_THREAD);
	assert_answer(&f, SYS_getppid, ARGS(1, 0, 4), SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_getppid, ARGS(2, 0, 5), SECCOMP_RET_ALLOW);
}

#define EQUAL(value) ",'args':[{'index':0,'value':" #value ",'op':'SCMP_CMP_EQ'}]"
#define PERSONALITY(value) RULE("'personality'", "ALLOW", EQUAL(value))

TEST(of_several_rules_one_is_enough)
{
	static const char rules[] = PERSONALITY(0) "," PERSONALITY(8) "," PERSONALITY(4294967295);
	struct plan_filter f = compile(arena_printf(&unit_arena, PROFILE("ERRNO", "%s"), rules));

	assert_answer(&f, SYS_personality, ARGS(0), SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_personality, ARGS(8), SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_personality, ARGS(0xffffffff), SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_personality, ARGS(9), FAIL(EPERM));
}

TEST(conditions_on_one_argument_are_alternatives)
{
	struct plan_filter f = compile("'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
				       "{'names':['getppid'],'action':'SCMP_ACT_KILL','args':["
				       "{'index':1,'value':1,'op':'SCMP_CMP_EQ'},"
				       "{'index':1,'value':7,'op':'SCMP_CMP_EQ'}]}]");

	assert_answer(&f, SYS_getppid, ARGS(0, 1), SECCOMP_RET_KILL_THREAD);
	assert_answer(&f, SYS_getppid, ARGS(0, 7), SECCOMP_RET_KILL_THREAD);
	assert_answer(&f, SYS_getppid, ARGS(0, 2), SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_getppid, ARGS(1, 2), SECCOMP_RET_ALLOW);
}

/* Enough rules that the program becomes a search tree: what it answers must not change. */
TEST(a_large_profile_answers_like_a_small_one)
{
	static const int allowed[] = {
		SYS_read,     SYS_write,   SYS_close,    SYS_fstat,    SYS_lseek,     SYS_mmap,
		SYS_mprotect, SYS_munmap,  SYS_brk,      SYS_ioctl,    SYS_pread64,   SYS_pwrite64,
		SYS_readv,    SYS_writev,  SYS_madvise,  SYS_dup,      SYS_nanosleep, SYS_getpid,
		SYS_socket,   SYS_connect, SYS_sendto,   SYS_recvfrom, SYS_sendmsg,   SYS_recvmsg,
		SYS_shutdown, SYS_bind,    SYS_listen,   SYS_clone,    SYS_execve,    SYS_exit,
		SYS_wait4,    SYS_kill,    SYS_uname,    SYS_fcntl,    SYS_flock,     SYS_fsync,
		SYS_getcwd,   SYS_chdir,   SYS_fchdir,   SYS_fchmod,   SYS_umask,     SYS_getuid,
		SYS_openat,   SYS_mkdirat, SYS_unlinkat, SYS_openat2,  SYS_clone3,    SYS_statx,
	};
	char *names = arena_alloc(&unit_arena, 4096);

	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, allowed[i]);

		assert_true(str_append(names, 4096, "%s'%s'", i ? "," : "", name));
		free(name);
	}
	struct plan_filter f = compile(
		arena_printf(&unit_arena, PROFILE("ERRNO", RULE("%s", "ALLOW", "")), names));

	for (int nr = 0; nr < 500; nr++) {
		bool listed = false;

		for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
			listed = listed || allowed[i] == nr;
		/* openat2 is the newest of them */
		assert_answer(&f, nr, NULL,
			      listed             ? SECCOMP_RET_ALLOW
			      : nr > SYS_openat2 ? FAIL(ENOSYS)
						 : FAIL(EPERM));
	}
}

TEST(calls_newer_than_the_profile_do_not_exist)
{
	struct plan_filter f = compile(PROFILE("ERRNO", RULE("'read','statx'", "ALLOW", "")));

	assert_answer(&f, SYS_statx, NULL, SECCOMP_RET_ALLOW);
	assert_answer(&f, SYS_statx - 1, NULL, FAIL(EPERM));
	assert_answer(&f, SYS_statx + 1, NULL, FAIL(ENOSYS));
	assert_answer(&f, 100000, NULL, FAIL(ENOSYS));
	/* where the default allows, or says so itself, nothing is added */
	f = compile(PROFILE("ALLOW", RULE("'read'", "ERRNO", "")));
	assert_answer(&f, 100000, NULL, SECCOMP_RET_ALLOW);
	f = compile("'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,"
		    "'syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]");
	assert_answer(&f, SYS_write, NULL, FAIL(ENOSYS));
	/* a default that kills hides it as well */
	f = compile(PROFILE("KILL_PROCESS", RULE("'read'", "ALLOW", "")));
	assert_answer(&f, SYS_write, NULL, FAIL(ENOSYS));
}

TEST(each_architecture_has_its_newest_call)
{
	struct plan_filter f = compile(
		"'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64',"
		"'SCMP_ARCH_X86','SCMP_ARCH_X32','SCMP_ARCH_AARCH64'],"
		"'syscalls':[{'names':['read','getpid','socketcall'],'action':'SCMP_ACT_ALLOW'}]");
	static const struct {
		uint32_t arch;
		int nr;
		uint32_t answer;
	} cases[] = {
		{ AUDIT_ARCH_X86_64, 39, SECCOMP_RET_ALLOW }, /* getpid */
		{ AUDIT_ARCH_X86_64, 38, FAIL(EPERM) },
		{ AUDIT_ARCH_X86_64, 40, FAIL(ENOSYS) },
		{ AUDIT_ARCH_X86_64, 0x40000000 | 39, SECCOMP_RET_ALLOW },
		{ AUDIT_ARCH_X86_64, 0x40000000 | 38, FAIL(EPERM) },
		{ AUDIT_ARCH_X86_64, 0x40000000 | 40, FAIL(ENOSYS) },
		{ AUDIT_ARCH_I386, 102, SECCOMP_RET_ALLOW }, /* socketcall */
		{ AUDIT_ARCH_I386, 101, FAIL(EPERM) },
		{ AUDIT_ARCH_I386, 103, FAIL(ENOSYS) },
		{ AUDIT_ARCH_AARCH64, 172, SECCOMP_RET_ALLOW }, /* getpid */
		{ AUDIT_ARCH_AARCH64, 171, FAIL(EPERM) },
		{ AUDIT_ARCH_AARCH64, 173, FAIL(ENOSYS) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seccomp_data d = { .nr = cases[i].nr, .arch = cases[i].arch };

		if (run(&f, &d) != cases[i].answer)
			fail_msg("case %zu: %#x", i, run(&f, &d));
	}
}

#if defined(__x86_64__)
#define X32 0x40000000u /* marks the third set of system calls of this architecture */

TEST(calls_of_other_architectures_are_judged_by_their_own_numbers)
{
	struct plan_filter f = compile(
		"'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86','SCMP_ARCH_X32']," PROFILE(
			"ALLOW", RULE("'mount'", "ERRNO", "")));
	struct seccomp_data i386 = { .nr = 21, .arch = AUDIT_ARCH_I386 }; /* mount there */
	struct seccomp_data x32 = { .nr = (int)(X32 | SYS_mount), .arch = NATIVE };

	assert_answer(&f, SYS_mount, NULL, FAIL(EPERM));
	assert_int_equal(run(&f, &i386), FAIL(EPERM));
	i386.nr = SYS_mount; /* another call there */
	assert_int_equal(run(&f, &i386), SECCOMP_RET_ALLOW);
	assert_int_equal(run(&f, &x32), FAIL(EPERM));
}

TEST(architectures_that_are_not_listed_kill)
{
	struct plan_filter f = compile(PROFILE("ALLOW", RULE("'mount'", "ERRNO", "")));
	struct seccomp_data i386 = { .nr = 20, .arch = AUDIT_ARCH_I386 };
	struct seccomp_data x32 = { .nr = (int)(X32 | SYS_mount), .arch = NATIVE };

	assert_true(run(&f, &i386) == SECCOMP_RET_KILL_THREAD ||
		    run(&f, &i386) == SECCOMP_RET_KILL_PROCESS);
	assert_true(run(&f, &x32) != SECCOMP_RET_ALLOW);
}
#endif

TEST(architectures_of_the_other_byte_order_are_passed_over)
{
	struct plan_filter f = compile(
		"'architectures':['SCMP_ARCH_S390X','SCMP_ARCH_AARCH64',"
		"'SCMP_ARCH_X86_64','SCMP_ARCH_PPC64']," PROFILE("ALLOW",
								 RULE("'mount'", "ERRNO", "")));

	assert_answer(&f, SYS_mount, NULL, FAIL(EPERM));
	assert_answer(&f, SYS_umount2, NULL, SECCOMP_RET_ALLOW);
}

TEST(architecture_names)
{
	struct plan_filter f;

	assert_true(filter_has_arch("SCMP_ARCH_X86_64"));
	assert_true(filter_has_arch("SCMP_ARCH_AARCH64"));
	assert_true(filter_has_arch("SCMP_ARCH_RISCV64"));
	assert_false(filter_has_arch("SCMP_ARCH_VAX"));
	assert_false(filter_has_arch("X86_64"));
	assert_false(filter_has_arch(""));
	assert_false(filter_has_arch("SCMP_ARCH_"));
	assert_false(filter_has_arch("SCMP_ARCH_X86_64X86_64X86_64X86_64X86_64X86_64X86_64X86_64"));
	/* this libseccomp may be older than the specification */
	if (!filter_has_arch("SCMP_ARCH_M68K")) {
		assert_int_equal(
			try_compile("'architectures':['SCMP_ARCH_M68K']," PROFILE("ALLOW", ""), &f),
			-EINVAL);
		assert_string_equal(unit_err.text,
				    "linux.seccomp.architectures[0]: this libseccomp "
				    "does not know SCMP_ARCH_M68K");
	}
}

TEST(flags)
{
	/* nothing said: speculation stays as it is, as both peers have it */
	assert_int_equal(compile(PROFILE("ALLOW", "")).flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	assert_int_equal(compile("'flags':[]," PROFILE("ALLOW", "")).flags, 0);
	assert_int_equal(compile("'flags':['SECCOMP_FILTER_FLAG_LOG']," PROFILE("ALLOW", "")).flags,
			 SECCOMP_FILTER_FLAG_LOG);
}

TEST(a_program_beyond_the_kernels_limit_is_refused)
{
	enum { RULES = 4200, SIZE = RULES * 120 };
	char *rules = arena_alloc(&unit_arena, SIZE);
	size_t at = 0;
	struct plan_filter f;

	for (int i = 0; i < RULES; i++)
		at += (size_t)snprintf(rules + at, SIZE - at,
				       "%s{'names':['getppid'],'action':'SCMP_ACT_KILL',"
				       "'args':[{'index':0,'value':%d,'op':'SCMP_CMP_EQ'}]}",
				       i ? "," : "", i * 3);
	assert_int_equal(try_compile(arena_printf(&unit_arena, PROFILE("ALLOW", "%s"), rules), &f),
			 -EINVAL);
	assert_string_equal(unit_err.text,
			    "linux.seccomp: the compiled filter has more than the 4096 "
			    "instructions that the kernel takes");
}

TEST(the_same_profile_gives_the_same_program)
{
	static const char profile[] = PROFILE("ERRNO", RULE("'read','write','close'", "ALLOW", ""));
	struct plan_filter a = compile(profile), b = compile(profile);

	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.bpf, b.bpf, a.len);
}

static bool install(const struct plan_filter *f)
{
	struct sock_fprog program = { .len = (unsigned short)(f->len / sizeof(struct sock_filter)),
				      .filter = (struct sock_filter *)f->bpf };

	REQUIRE(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) == 0);
	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	REQUIRE(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, f->flags, &program) == 0);
	return true;
}

static bool meets_errors(void *arg)
{
	REQUIRE(install(arg));
	REQUIRE(syscall(SYS_getppid) == -1 && errno == 42);
	REQUIRE(syscall(SYS_personality, 0xffffffff) >= 0);
	REQUIRE(syscall(SYS_personality, 8) == -1 && errno == EPERM);
	REQUIRE(syscall(SYS_getpid) > 0);
	return true;
}

TEST(the_kernel_agrees_about_errors)
{
	struct plan_filter f =
		compile("'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
			"{'names':['getppid'],'action':'SCMP_ACT_ERRNO','errnoRet':42},"
			"{'names':['personality'],'action':'SCMP_ACT_ERRNO','args':["
			"{'index':0,'value':4294967295,'op':'SCMP_CMP_NE'}]}]");

	unit_in_child(meets_errors, &f);
}

static bool meets_death(void *arg)
{
	REQUIRE(install(arg));
	(void)syscall(SYS_getppid);
	return true;
}

TEST(the_kernel_agrees_about_death)
{
	struct plan_filter f = compile(PROFILE("ALLOW", RULE("'getppid'", "KILL_PROCESS", "")));
	int status = unit_fork(meets_death, &f);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

TEST(the_version_is_libseccomps)
{
	char version[32];
	const struct scmp_version *v = seccomp_version();

	assert_string_equal(filter_version(version, sizeof(version)),
			    arena_printf(&unit_arena, "%u.%u.%u", v->major, v->minor, v->micro));
}
