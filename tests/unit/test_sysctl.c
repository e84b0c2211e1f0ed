/* test_sysctl.c - kernel parameters: from keys to paths, and which ones a container may set */
#include "hull/plan.h"
#include "plan/parts.h"
#include "unit.h"

TEST(keys_become_paths_by_the_rule_of_sysctl_d)
{
	static const struct {
		const char *key, *path;
	} cases[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
		/* the first separator decides, and the other one is a part of a name */
		{ "net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding" },
		{ "net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding" },
		{ "kernel.shm_rmid_forced", "kernel/shm_rmid_forced" },
		{ "user.max_user_namespaces", "user/max_user_namespaces" },
		{ "net/ipv4/conf/a.b/.x/x./...", "net/ipv4/conf/a.b/.x/x./..." },
		{ "single", "single" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = sysctl_to_path(&unit_arena, cases[i].key);

		assert_non_null(path);
		assert_string_equal(path, cases[i].path);
	}
}

TEST(keys_that_would_leave_proc_sys_are_none)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"/",
		"net..x",
		"net.",
		".net.x",
		"/net/x",
		"net//x",
		"net/",
		"net/../kernel/x",
		"net/./x",
		"../x",
		"net/..",
		"./x",
		"net.//.kernel.x",
		"net.ipv4.//",
		"net././.x",
		"//.x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (sysctl_to_path(&unit_arena, bad[i]))
			fail_msg("\"%s\" becomes \"%s\"", bad[i],
				 sysctl_to_path(&unit_arena, bad[i]));
	}
}

/* A document with these namespaces and one parameter. */
static int build(const char *namespaces, const char *key, struct plan *ret)
{
	static const struct host_facts host = { .last_cap = 40, .permitted = ~0ULL };
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	struct config *c = arena_new(&unit_arena, struct config);
	const char *text = arena_printf(&unit_arena,
					"{'ociVersion':'1.3.0','process':{'args':['x'],"
					"'cwd':'/'},'root':{'path':'r'},'linux':"
					"{'namespaces':[%s],\n'sysctl':{'%s':'1'}}}",
					namespaces, key);

	text = unit_json(text);
	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0)
		fail_msg("%s", unit_err.text);
	return plan_build(&unit_arena, c, &in, &host, ret, &unit_err);
}

#define NEW(type) "{'type':'" type "'}"
#define JOINED(type) "{'type':'" type "','path':'/proc/7/ns/x'}"

static void allow(const char *namespaces, const char *key, const char *path)
{
	struct plan p = { 0 };

	if (build(namespaces, key, &p) < 0)
		fail_msg("%s: %s", key, unit_err.text);
	assert_int_equal(p.nsysctls, 1);
	assert_string_equal(p.sysctls[0].key, key);
	assert_string_equal(p.sysctls[0].path, path);
	assert_string_equal(p.sysctls[0].value, "1");
}

static void refuse(const char *namespaces, const char *key, const char *why)
{
	struct plan p = { 0 };

	if (build(namespaces, key, &p) != -EINVAL)
		fail_msg("not refused: %s", key);
	if (!str_has_prefix(unit_err.text, arena_printf(&unit_arena, "linux.sysctl.%s", key)) ||
	    !strstr(unit_err.text, why))
		fail_msg("\"%s\" instead of \"%s\"", unit_err.text, why);
}

TEST(parameters_of_namespaces_that_the_container_has)
{
	allow(NEW("network"), "net.ipv4.ip_forward", "net/ipv4/ip_forward");
	allow(JOINED("network"), "net.core.somaxconn", "net/core/somaxconn");
	allow(NEW("ipc"), "kernel.shmmax", "kernel/shmmax");
	allow(NEW("ipc"), "kernel.sem", "kernel/sem");
	allow(NEW("ipc"), "fs.mqueue.msg_max", "fs/mqueue/msg_max");
	allow(NEW("uts"), "kernel.domainname", "kernel/domainname");
	allow(NEW("network"), "net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding");
}

TEST(parameters_of_the_hosts_namespaces)
{
	static const char network[] = "needs a separate network namespace";

	refuse(NEW("ipc"), "net.ipv4.ip_forward", network);
	refuse(NEW("ipc"), "net/ipv4/ip_forward", network);
	refuse(NEW("network"), "kernel.msgmax", "needs a separate ipc namespace");
	refuse(NEW("network"), "fs.mqueue.msg_max", "needs a separate ipc namespace");
	refuse(NEW("network"), "kernel.domainname", "needs a separate uts namespace");
	refuse(NEW("network"), "user.max_user_namespaces", "needs a separate user namespace");
}

TEST(parameters_of_the_whole_machine)
{
	static const char why[] = "not in a separate kernel namespace";

	refuse(NEW("ipc") "," NEW("network"), "kernel.panic", why);
	refuse(NEW("ipc"), "kernel.shmmaxx", why);
	refuse(NEW("ipc"), "kernel.core_pattern", why);
	refuse(NEW("ipc"), "kernel/core_pattern", why);
	refuse(NEW("network"), "vm.swappiness", why);
	refuse(NEW("network"), "network.x", why);
	refuse(NEW("ipc"), "fs.mqueuex", why);
	refuse(NEW("uts"), "kernel.hostname", "set \"hostname\" instead");
	refuse(NEW("network"), "net/../kernel/core_pattern", "not the name of a kernel parameter");
}
