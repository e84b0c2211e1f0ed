/* test_enums.c - every enumeration of the specification: its words, and the kernel's numbers */
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "documents.h"
#include "unit.h"

/* The numbers of an enumeration as the specification names them, and as the kernel does. */
struct value {
	const char *name;
	uint64_t number;
};

TEST(namespace_types)
{
	static const struct value all[] = {
		{ "pid", CLONE_NEWPID }, { "network", CLONE_NEWNET },   { "mount", CLONE_NEWNS },
		{ "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS },       { "user", CLONE_NEWUSER },
		{ "time", 0x00000080u }, { "cgroup", CLONE_NEWCGROUP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct config c =
			read_ok(fill("'linux':{'namespaces':[{'type':'%s'}]}", all[i].name));

		assert_int_equal(c.linux->namespaces.items[0].type, all[i].number);
	}
	refuse("'linux':{'namespaces':[{'type':'pid'},\n{'type':'foo'}]}",
	       "linux.namespaces[1].type (line 3): unknown value \"foo\"");
	refuse("'linux':{'namespaces':[{'path':'/x'}]}",
	       "linux.namespaces[0].type (line 2): is required");
}

TEST(rlimit_types)
{
	static const struct value all[] = {
		{ "RLIMIT_AS", RLIMIT_AS },
		{ "RLIMIT_CORE", RLIMIT_CORE },
		{ "RLIMIT_CPU", RLIMIT_CPU },
		{ "RLIMIT_DATA", RLIMIT_DATA },
		{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
		{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
		{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
		{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
		{ "RLIMIT_NICE", RLIMIT_NICE },
		{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
		{ "RLIMIT_NPROC", RLIMIT_NPROC },
		{ "RLIMIT_RSS", RLIMIT_RSS },
		{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
		{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
		{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
		{ "RLIMIT_STACK", RLIMIT_STACK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct config c = read_ok(fill("'process':{'cwd':'/','rlimits':[{'type':"
					       "'%s','soft':1,'hard':18446744073709551615}]}",
					       all[i].name));

		assert_int_equal(c.process->rlimits.items[0].type, all[i].number);
		assert_true(c.process->rlimits.items[0].hard == RLIM_INFINITY);
	}
	refuse("'process':{'cwd':'/','rlimits':[{'type':'RLIMIT_FOO','soft':1,'hard':1}]}",
	       "process.rlimits[0].type (line 2): unknown value \"RLIMIT_FOO\"");
	refuse("'process':{'cwd':'/','rlimits':[{'type':'RLIMIT_CPU','soft':1}]}",
	       "process.rlimits[0].hard (line 2): is required");
}

TEST(propagations)
{
	static const struct value all[] = {
		{ "shared", MS_SHARED },
		{ "slave", MS_SLAVE },
		{ "private", MS_PRIVATE },
		{ "unbindable", MS_UNBINDABLE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct config c = read_ok(fill("'linux':{'rootfsPropagation':'%s'}", all[i].name));

		assert_true(c.linux->rootfs_propagation.set);
		assert_int_equal(c.linux->rootfs_propagation.value, all[i].number);
		c = read_ok(fill("'linux':{'rootfsPropagation':'r%s'}", all[i].name));
		assert_int_equal(c.linux->rootfs_propagation.value, all[i].number | MS_REC);
	}
	assert_false(read_ok("'linux':{}").linux->rootfs_propagation.set);
	refuse("'linux':{'rootfsPropagation':'public'}",
	       "linux.rootfsPropagation (line 2): unknown value \"public\"");
}

static struct config_seccomp *read_seccomp(const char *members)
{
	return read_ok(fill("'linux':{'seccomp':{%s}}", members)).linux->seccomp;
}

TEST(seccomp_actions)
{
	static const struct value all[] = {
		{ "SCMP_ACT_KILL", SECCOMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SECCOMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_KILL_THREAD", SECCOMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_TRAP", SECCOMP_ACT_TRAP },
		{ "SCMP_ACT_ERRNO", SECCOMP_ACT_ERRNO },
		{ "SCMP_ACT_TRACE", SECCOMP_ACT_TRACE },
		{ "SCMP_ACT_ALLOW", SECCOMP_ACT_ALLOW },
		{ "SCMP_ACT_LOG", SECCOMP_ACT_LOG },
		{ "SCMP_ACT_NOTIFY", SECCOMP_ACT_NOTIFY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct config_seccomp *s =
			read_seccomp(arena_printf(&unit_arena,
						  "'defaultAction':'%s','syscalls':[{'names':"
						  "['a'],'action':'%s'}]",
						  all[i].name, all[i].name));

		assert_int_equal(s->default_action, all[i].number);
		assert_int_equal(s->syscalls.items[0].action, all[i].number);
	}
	refuse("'linux':{'seccomp':{'defaultAction':'SCMP_ACT_FOO'}}",
	       "linux.seccomp.defaultAction (line 2): unknown value \"SCMP_ACT_FOO\"");
	refuse("'linux':{'seccomp':{}}", "linux.seccomp.defaultAction (line 2): is required");
	refuse("'linux':{'seccomp':{'defaultAction':'SCMP_ACT_LOG','syscalls':[\n{}]}}",
	       "linux.seccomp.syscalls[0].action (line 3): is required");
}

TEST(seccomp_operators)
{
	static const struct value all[] = {
		{ "SCMP_CMP_NE", SECCOMP_OP_NE },
		{ "SCMP_CMP_LT", SECCOMP_OP_LT },
		{ "SCMP_CMP_LE", SECCOMP_OP_LE },
		{ "SCMP_CMP_EQ", SECCOMP_OP_EQ },
		{ "SCMP_CMP_GE", SECCOMP_OP_GE },
		{ "SCMP_CMP_GT", SECCOMP_OP_GT },
		{ "SCMP_CMP_MASKED_EQ", SECCOMP_OP_MASKED_EQ },
	};
	static const char form[] = "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':"
				   "['a'],'action':'SCMP_ACT_KILL','args':[{'index':5,"
				   "'value':18446744073709551615,'valueTwo':2,'op':'%s'}]}]";

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct config_syscall_arg *a =
			read_seccomp(fill(form, all[i].name))->syscalls.items[0].args.items;

		assert_int_equal(a->op, all[i].number);
		assert_int_equal(a->index, 5);
		assert_true(a->value == UINT64_MAX);
		assert_int_equal(a->value_two, 2);
	}
	refuse(fill("'linux':{'seccomp':{%s}}", fill(form, "SCMP_CMP_FOO")),
	       "linux.seccomp.syscalls[0].args[0].op (line 2): unknown value \"SCMP_CMP_FOO\"");
}

TEST(seccomp_flags)
{
	static const struct value all[] = {
		{ "SECCOMP_FILTER_FLAG_TSYNC", 1 },
		{ "SECCOMP_FILTER_FLAG_LOG", 2 },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4 },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32 },
	};
	static const char form[] = "'defaultAction':'SCMP_ACT_ALLOW','flags':[%s]";

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct config_seccomp *s =
			read_seccomp(fill(form, fill("'%s'", all[i].name)));

		assert_true(s->has_flags);
		assert_int_equal(s->flags, all[i].number);
	}
	assert_int_equal(read_seccomp(fill(form, "'SECCOMP_FILTER_FLAG_LOG',"
						 "'SECCOMP_FILTER_FLAG_TSYNC'"))
				 ->flags,
			 3);
	/* an empty list is a wish, too: no flags at all */
	assert_true(read_seccomp(fill(form, ""))->has_flags);
	assert_false(read_seccomp("'defaultAction':'SCMP_ACT_ALLOW'")->has_flags);
	refuse("'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','flags':['X']}}",
	       "linux.seccomp.flags[0] (line 2): unknown value \"X\"");
}

TEST(seccomp_architectures)
{
	static const char *const all[] = {
		"X86",         "X86_64", "X32",    "ARM",       "AARCH64", "LOONGARCH64",
		"M68K",        "MIPS",   "MIPS64", "MIPS64N32", "MIPSEL",  "MIPSEL64",
		"MIPSEL64N32", "PPC",    "PPC64",  "PPC64LE",   "S390",    "S390X",
		"SH",          "SHEB",   "PARISC", "PARISC64",  "RISCV64",
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct config_seccomp *s =
			read_seccomp(fill("'defaultAction':'SCMP_ACT_ALLOW','architectures':"
					  "['SCMP_ARCH_%s']",
					  all[i]));

		assert_int_equal(s->architectures.n, 1);
		assert_string_equal(s->architectures.items[0], fill("SCMP_ARCH_%s", all[i]));
	}
	refuse("'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':"
	       "['SCMP_ARCH_X86','SCMP_ARCH_VAX']}}",
	       "linux.seccomp.architectures[1] (line 2): unknown value \"SCMP_ARCH_VAX\"");
	refuse("'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':'X86'}}",
	       "linux.seccomp.architectures (line 2): expected array, found string");
}

TEST(schedulers)
{
	static const struct value all[] = {
		{ "SCHED_OTHER", SCHED_OTHER }, { "SCHED_FIFO", SCHED_FIFO },
		{ "SCHED_RR", SCHED_RR },       { "SCHED_BATCH", SCHED_BATCH },
		{ "SCHED_IDLE", SCHED_IDLE },   { "SCHED_ISO", 4 },
		{ "SCHED_DEADLINE", 6 },
	};
	static const struct value flags[] = {
		{ "RESET_ON_FORK", 1 },   { "RECLAIM", 2 },      { "DL_OVERRUN", 4 },
		{ "KEEP_POLICY", 8 },     { "KEEP_PARAMS", 16 }, { "UTIL_CLAMP_MIN", 32 },
		{ "UTIL_CLAMP_MAX", 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(read_ok(fill("'process':{'cwd':'/','scheduler':{'policy':'%s'}}",
					      all[i].name))
					 .process->scheduler->policy,
				 all[i].number);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		assert_int_equal(read_ok(fill("'process':{'cwd':'/','scheduler':{'policy':"
					      "'SCHED_RR','flags':['SCHED_FLAG_%s']}}",
					      flags[i].name))
					 .process->scheduler->flags,
				 flags[i].number);
	refuse("'process':{'cwd':'/','scheduler':{'policy':'SCHED_FAIR'}}",
	       "process.scheduler.policy (line 2): unknown value \"SCHED_FAIR\"");
	refuse("'process':{'cwd':'/','scheduler':{}}",
	       "process.scheduler.policy (line 2): is required");
	refuse("'process':{'cwd':'/','scheduler':{'policy':'SCHED_RR','flags':['SCHED_FLAG_X']}}",
	       "process.scheduler.flags[0] (line 2): unknown value \"SCHED_FLAG_X\"");
}

TEST(io_classes)
{
	static const struct value all[] = {
		{ "IOPRIO_CLASS_RT", 1 },
		{ "IOPRIO_CLASS_BE", 2 },
		{ "IOPRIO_CLASS_IDLE", 3 },
	};
	static const char form[] = "'process':{'cwd':'/','ioPriority':{'class':'%s'}}";

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(read_ok(fill(form, all[i].name)).process->io_priority->class,
				 all[i].number);
	refuse(fill(form, "X"), "process.ioPriority.class (line 2): unknown value \"X\"");
}

TEST(memory_policies)
{
	static const struct value modes[] = {
		{ "MPOL_DEFAULT", MPOL_DEFAULT },       { "MPOL_BIND", MPOL_BIND },
		{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE }, { "MPOL_WEIGHTED_INTERLEAVE", 6 },
		{ "MPOL_PREFERRED", MPOL_PREFERRED },   { "MPOL_PREFERRED_MANY", 5 },
		{ "MPOL_LOCAL", MPOL_LOCAL },
	};
	static const struct value flags[] = {
		{ "MPOL_F_NUMA_BALANCING", 1u << 13 },
		{ "MPOL_F_RELATIVE_NODES", 1u << 14 },
		{ "MPOL_F_STATIC_NODES", 1u << 15 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		assert_int_equal(read_ok(fill("'linux':{'memoryPolicy':{'mode':'%s'}}",
					      modes[i].name))
					 .linux->memory_policy->mode,
				 modes[i].number);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		assert_int_equal(read_ok(fill("'linux':{'memoryPolicy':{'mode':'MPOL_BIND',"
					      "'nodes':'0','flags':['%s']}}",
					      flags[i].name))
					 .linux->memory_policy->flags,
				 flags[i].number);
	refuse("'linux':{'memoryPolicy':{'mode':'X'}}",
	       "linux.memoryPolicy.mode (line 2): unknown value \"X\"");
	refuse("'linux':{'memoryPolicy':{'mode':'MPOL_BIND','flags':['X']}}",
	       "linux.memoryPolicy.flags[0] (line 2): unknown value \"X\"");
}

TEST(personalities)
{
	static const char form[] = "'linux':{'personality':{'domain':'%s'}}";

	assert_int_equal(read_ok(fill(form, "LINUX")).linux->personality->domain, PER_LINUX);
	assert_int_equal(read_ok(fill(form, "LINUX32")).linux->personality->domain, PER_LINUX32);
	refuse(fill(form, "BSD"), "linux.personality.domain (line 2): unknown value \"BSD\"");
}

TEST(device_types)
{
	static const struct value all[] = {
		{ "c", S_IFCHR },
		{ "u", S_IFCHR },
		{ "b", S_IFBLK },
		{ "p", S_IFIFO },
	};
	static const char form[] = "'linux':{'devices':[{'type':'%s','path':'/dev/x'}]}";

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(read_ok(fill(form, all[i].name)).linux->devices.items[0].type,
				 all[i].number);
	refuse(fill(form, "a"), "linux.devices[0].type (line 2): unknown value \"a\"");
	refuse("'linux':{'devices':[{'type':'c','path':'dev/x'}]}",
	       "linux.devices[0].path (line 2): must be an absolute path: \"dev/x\"");
	refuse("'linux':{'devices':[{'type':'c'}]}", "linux.devices[0].path (line 2): is required");
}
