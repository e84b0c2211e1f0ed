/* test_process.c - one process: identity, capabilities, environment, arguments */
#include <linux/capability.h>

#include "hull/log.h"
#include "hull/plan.h"
#include "unit.h"

#define BIT(cap) (1ULL << (cap))

static struct plan_input input = { .id = "test", .bundle = "/bundle" };
static struct host_facts host = { .last_cap = 40, .permitted = ~0ULL };

/* @members of process in addition to its arguments, @more after it in the document */
static struct plan_process build(const char *members, const char *more)
{
	struct config *c = arena_new(&unit_arena, struct config);
	struct plan p = { 0 };
	const char *text = arena_printf(&unit_arena,
					"{'ociVersion':'1.3.0','root':{'path':'r'},'process':"
					"{'args':['sh','-c','x'],'cwd':'/w'%s%s}%s%s}",
					members[0] ? "," : "", members, more[0] ? "," : "", more);

	text = unit_json(text);
	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0 ||
	    plan_build(&unit_arena, c, &input, &host, &p, &unit_err) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	return p.process;
}

TEST(what_is_not_given)
{
	struct plan_process p = build("", "");

	assert_int_equal(p.uid, 0);
	assert_int_equal(p.gid, 0);
	assert_int_equal(p.ngroups, 0);
	assert_int_equal(p.umask, 0022); /* as both peers */
	assert_false(p.terminal || p.no_new_privileges || p.keep_groups || p.has_home);
	assert_false(p.oom_score_adj.set); /* must not be touched */
	assert_null(p.envp[0]);
	assert_true(!p.caps.bounding && !p.caps.permitted && !p.caps.effective &&
		    !p.caps.inheritable && !p.caps.ambient);
	assert_null(p.filter.bpf);
}

TEST(arguments_and_directory)
{
	struct plan_process p = build("", "");

	assert_string_equal(p.argv[0], "sh");
	assert_string_equal(p.argv[2], "x");
	assert_null(p.argv[3]);
	assert_string_equal(p.cwd, "/w");
}

TEST(identity)
{
	struct plan_process p = build("'user':{'uid':1000,'gid':2000,'umask':0,"
				      "'additionalGids':[3,4294967294]}",
				      "");

	assert_int_equal(p.uid, 1000);
	assert_int_equal(p.gid, 2000);
	assert_int_equal(p.umask, 0);
	assert_int_equal(p.ngroups, 2);
	assert_int_equal(p.groups[0], 3);
	assert_int_equal(p.groups[1], 4294967294u);
}

TEST(the_callers_groups_can_be_kept)
{
	static const char form[] = "'annotations':{'run.oci.keep_original_groups':'%s'}";

	assert_true(build("", arena_printf(&unit_arena, form, "1")).keep_groups);
	assert_false(build("", arena_printf(&unit_arena, form, "0")).keep_groups);
}

TEST(a_zero_score_is_a_score)
{
	struct plan_process p = build("'oomScoreAdj':0", "");

	assert_true(p.oom_score_adj.set);
	assert_int_equal(p.oom_score_adj.value, 0);
}

static const char *join(char *const *list)
{
	char *text = arena_alloc(&unit_arena, 4096);

	for (; *list; list++)
		assert_true(str_append(text, 4096, "%s|", *list));
	return text;
}

TEST(of_variables_given_twice_the_last_stands)
{
	struct plan_process p = build("'env':['A=1','AB=2','A=3','B=','A=4=5']", "");

	assert_string_equal(join(p.envp), "A=4=5|AB=2|B=|");
}

TEST(home_counts_when_it_is_not_empty)
{
	assert_true(build("'env':['HOME=/h']", "").has_home);
	assert_false(build("'env':['HOME=']", "").has_home);
	assert_false(build("'env':['HOMER=/h','XHOME=/h']", "").has_home);
	/* the last one stands */
	assert_true(build("'env':['HOME=','HOME=/h']", "").has_home);
	assert_false(build("'env':['HOME=/h','HOME=']", "").has_home);
}

TEST(passed_sockets_are_announced)
{
	input.listen_fds = 2;
	input.preserve_fds = 3;
	struct plan_process p = build("'env':['LISTEN_FDS=9','X=y']", "");

	assert_string_equal(join(p.envp), "LISTEN_FDS=2|X=y|LISTEN_PID=1|");
	assert_int_equal(p.preserve_fds, 3);
	input.listen_fdnames = "a:b";
	assert_string_equal(join(build("", "").envp),
			    "LISTEN_FDS=2|LISTEN_PID=1|LISTEN_FDNAMES=a:b|");
	input = (struct plan_input){ .id = "test", .bundle = "/bundle" };
}

TEST(capability_sets)
{
	struct plan_process p =
		build("'capabilities':{'bounding':['CAP_KILL','CAP_CHOWN','CAP_BPF'],"
		      "'permitted':['CAP_KILL','CAP_CHOWN'],'effective':['CAP_KILL'],"
		      "'inheritable':['CAP_CHOWN'],'ambient':['CAP_CHOWN']}",
		      "");

	assert_true(p.caps.bounding == (BIT(CAP_KILL) | BIT(CAP_CHOWN) | BIT(CAP_BPF)));
	assert_true(p.caps.permitted == (BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	assert_true(p.caps.effective == BIT(CAP_KILL));
	assert_true(p.caps.inheritable == BIT(CAP_CHOWN));
	assert_true(p.caps.ambient == BIT(CAP_CHOWN));
}

/* What happens with a log in place of a terminal: the warnings are to be seen there. */
struct warned {
	const char *members, *log;
	struct plan_process process;
};

static bool build_and_log(void *arg)
{
	struct warned *w = arg;

	REQUIRE(log_open(w->log, false, LEVEL_WARNING, &unit_err) == 0);
	struct plan_process p = build(w->members, "");

	log_flush();
	REQUIRE(p.caps.bounding == w->process.caps.bounding);
	REQUIRE(p.caps.permitted == w->process.caps.permitted);
	REQUIRE(p.caps.effective == w->process.caps.effective);
	REQUIRE(p.caps.ambient == w->process.caps.ambient);
	return true;
}

static const char *warnings(const char *members, struct caps_sets expected)
{
	struct warned w = { members, unit_temp_path("log"), { .caps = expected } };

	(void)unlink(w.log);
	unit_in_child(build_and_log, &w);
	return unit_read_file(w.log);
}

TEST(unknown_capabilities_are_a_warning)
{
	const char *log = warnings("'capabilities':{'bounding':['CAP_KILL','CAP_FOO']}",
				   (struct caps_sets){ .bounding = BIT(CAP_KILL) });

	assert_non_null(
		strstr(log, "process.capabilities.bounding[1]: unknown capability CAP_FOO"));
}

TEST(capabilities_that_hull_does_not_have_are_a_warning)
{
	host.permitted = BIT(CAP_KILL);
	const char *log = warnings("'capabilities':{'permitted':['CAP_SYS_ADMIN','CAP_KILL']}",
				   (struct caps_sets){ .permitted = BIT(CAP_KILL) });

	host.permitted = ~0ULL;
	assert_non_null(strstr(log, "process.capabilities.permitted[0]: CAP_SYS_ADMIN cannot"));
}

TEST(capabilities_that_the_kernel_does_not_have_are_a_warning)
{
	host.last_cap = CAP_AUDIT_READ;
	const char *log = warnings("'capabilities':{'permitted':['CAP_BPF','CAP_KILL']}",
				   (struct caps_sets){ .permitted = BIT(CAP_KILL) });

	host.last_cap = 40;
	assert_non_null(strstr(log, "CAP_BPF"));
}

TEST(sets_are_cut_to_what_the_kernel_would_take)
{
	const char *log =
		warnings("'capabilities':{'permitted':['CAP_KILL','CAP_CHOWN'],'effective':"
			 "['CAP_KILL','CAP_FOWNER'],'inheritable':['CAP_KILL'],"
			 "'ambient':['CAP_KILL','CAP_CHOWN']}",
			 (struct caps_sets){ .permitted = BIT(CAP_KILL) | BIT(CAP_CHOWN),
					     .effective = BIT(CAP_KILL),
					     .ambient = BIT(CAP_KILL) });

	assert_non_null(strstr(log, "process.capabilities.effective:"));
	assert_non_null(strstr(log, "process.capabilities.ambient:"));
}

TEST(a_user_namespace_has_every_capability)
{
	host = (struct host_facts){ .euid = 1000, .egid = 1000, .last_cap = 40 };
	struct plan_process p =
		build("'capabilities':{'permitted':['CAP_SYS_ADMIN']}",
		      "'linux':{'namespaces':[{'type':'user'}],'uidMappings':[{'containerID':"
		      "0,'hostID':1000,'size':1}],'gidMappings':[{'containerID':0,"
		      "'hostID':1000,'size':1}]}");

	host = (struct host_facts){ .last_cap = 40, .permitted = ~0ULL };
	assert_true(p.caps.permitted == BIT(CAP_SYS_ADMIN));
}

TEST(names_of_capabilities)
{
	char name[32];

	assert_int_equal(caps_from_name("CAP_CHOWN"), CAP_CHOWN);
	assert_int_equal(caps_from_name("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	assert_int_equal(caps_from_name("cap_net_raw"), CAP_NET_RAW);
	assert_int_equal(caps_from_name("KILL"), CAP_KILL);
	assert_int_equal(caps_from_name("CAP_CHECKPOINT_RESTORE"), 40);
	assert_int_equal(caps_from_name("CAP_"), -EINVAL);
	assert_int_equal(caps_from_name(""), -EINVAL);
	assert_int_equal(caps_from_name("CAP_CHOWN "), -EINVAL);
	assert_int_equal(caps_from_name("all"), -EINVAL);
	/* libcap itself reads no further than the name, and takes numbers */
	assert_int_equal(caps_from_name("CAP_CHOWN,CAP_KILL"), -EINVAL);
	assert_int_equal(caps_from_name("CAP_KILL=x"), -EINVAL);
	assert_int_equal(caps_from_name("CAP_KILL0"), -EINVAL);
	assert_int_equal(caps_from_name("0"), -EINVAL);
	assert_int_equal(caps_from_name("12"), -EINVAL);
	assert_string_equal(caps_name(CAP_NET_ADMIN, name, sizeof(name)), "CAP_NET_ADMIN");
	assert_string_equal(caps_name(CAP_CHOWN, name, sizeof(name)), "CAP_CHOWN");
	assert_string_equal(caps_name(caps_last(), name, 5), "CAP_"); /* cut, not overrun */
}

TEST(the_last_capability_is_the_kernels)
{
	const char *said = unit_read_file("/proc/sys/kernel/cap_last_cap");
	uint64_t n;

	assert_int_equal(str_to_u64(arena_strndup(&unit_arena, said, strcspn(said, "\n")), 63, &n),
			 0);
	assert_int_equal(caps_last(), n);
}
