/* test_check.c - the rules over several members of config.json: what is refused, in which words */
#include <sched.h>

#include "hull/plan.h"
#include "unit.h"

/* The members of a document, each as JSON; NULL stands for one that is right, "" for none. */
struct doc {
	const char *version, *process, *root, *mounts, *linux, *extra;
	struct host_facts host;
};

static const struct host_facts plain_root = { .last_cap = 40, .permitted = ~0ULL };

static void add(char *text, size_t size, const char *member, const char *usual)
{
	const char *m = member ? member : usual;

	if (m[0])
		assert_true(str_append(text, size, ",\n%s", m));
}

static const char *write_doc(const struct doc *d)
{
	size_t size = 100000;
	char *text = arena_alloc(&unit_arena, size);

	assert_true(str_append(text, size, "{'ociVersion':'%s'", str_or(d->version, "1.3.0")));
	add(text, size, d->process, "'process':{'args':['sh'],'cwd':'/'}");
	add(text, size, d->root, "'root':{'path':'rootfs'}");
	add(text, size, d->mounts, "");
	add(text, size, d->linux, "'linux':{'namespaces':[{'type':'mount'}]}");
	add(text, size, d->extra, "");
	assert_true(str_append(text, size, "\n}"));
	return unit_json(text);
}

static int build(const struct doc *d, struct plan *ret)
{
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	struct config *c = arena_new(&unit_arena, struct config);
	const char *text = write_doc(d);

	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	return plan_build(&unit_arena, c, &in, d->host.last_cap ? &d->host : &plain_root, ret,
			  &unit_err);
}

static void accept_doc(const struct doc *d)
{
	struct plan p = { 0 };

	if (build(d, &p) < 0)
		fail_msg("%s: %s", write_doc(d), unit_err.text);
}

static void refuse_doc(const struct doc *d, int num, const char *message)
{
	struct plan p = { .id = "untouched" };

	if (build(d, &p) != -num)
		fail_msg("not refused, or with another number: %s", write_doc(d));
	assert_int_equal(unit_err.num, num);
	if (!str_has_prefix(unit_err.text, message))
		fail_msg("\"%s\" instead of \"%s\"", unit_err.text, message);
	assert_string_equal(p.id, "untouched");
}

#define ACCEPTED(...) accept_doc(&(struct doc){ __VA_ARGS__ })
#define REFUSED(message, ...) refuse_doc(&(struct doc){ __VA_ARGS__ }, EINVAL, message)

/* "linux" with a mount namespace and what else it says */
#define LINUX(members) "'linux':{'namespaces':[{'type':'mount'}]," members "}"
#define NAMESPACES(list) "'linux':{'namespaces':[" list "]}"
#define PROCESS(members) "'process':{'args':['sh'],'cwd':'/'," members "}"

TEST(the_document_without_faults)
{
	ACCEPTED(.version = NULL);
}

TEST(versions)
{
	static const char *const good[] = { "1.0.0",  "1.0.2-dev",     "1.2.1",      "1.3.0",
					    "1.99.0", "1.0.0-rc1+dev", "1.3.0+build" };
	static const char *const bad[] = { "",       "1",      "1.0",    "1.0.",   "1.0.0.0",
					   "v1.0.0", " 1.0.0", "1.0.0 ", "1. 0.0", "1.-2.0",
					   "1.+2.0", "one",    "1.0.x",  "1..0",   "01.0.0",
					   "1.0.0-", "1.0.0_", "+1.0.0", "-1.0.0", "1,0,0" };
	static const char *const other[] = { "0.2.0", "2.0.0", "10.0.0", "0.0.0" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		ACCEPTED(.version = good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		REFUSED(arena_printf(&unit_arena,
				     "ociVersion (line 1): not a SemVer version: \"%s\"", bad[i]),
			.version = bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		REFUSED(arena_printf(&unit_arena, "ociVersion (line 1): %s is not supported",
				     other[i]),
			.version = other[i]);
}

TEST(a_root_is_required)
{
	REFUSED("root: is required", .root = "");
	REFUSED("root.path (line 3): must not be empty", .root = "'root':{'path':''}");
}

TEST(a_process_is_required)
{
	REFUSED("process: is required", .process = "");
}

TEST(arguments_are_required)
{
	REFUSED("process.args: args must not be empty", .process = "'process':{'cwd':'/'}");
	REFUSED("process.args (line 2): args must not be empty",
		.process = "'process':{'cwd':'/','args':[]}");
	REFUSED("process.args (line 2): args must not be empty",
		.process = "'process':{'cwd':'/','args':['','x']}");
	ACCEPTED(.process = "'process':{'cwd':'/','args':['x','']}");
}

TEST(the_working_directory_is_absolute)
{
	REFUSED("process.cwd (line 2): Cwd must be an absolute path: \"tmp\"",
		.process = "'process':{'args':['x'],'cwd':'tmp'}");
	REFUSED("process.cwd (line 2): Cwd must be an absolute path: \"\"",
		.process = "'process':{'args':['x'],'cwd':''}");
}

TEST(environment_entries_are_assignments)
{
	REFUSED("process.env[1] (line 3): is not of the form NAME=value",
		.process = PROCESS("'env':['A=1',\n'secret']"));
	REFUSED("process.env[0] (line 2): is not of the form NAME=value",
		.process = PROCESS("'env':['=secret']"));
	assert_null(strstr(unit_err.text, "secret")); /* a value must not get into logs */
	ACCEPTED(.process = PROCESS("'env':['A=','B==','C=a=b']"));
}

TEST(a_limit_is_given_once)
{
	REFUSED("process.rlimits[1]",
		.process = PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
				   "{'type':'RLIMIT_CPU','soft':2,'hard':2}]"));
	assert_non_null(strstr(unit_err.text, "RLIMIT_CPU is given twice"));
	ACCEPTED(.process = PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
				    "{'type':'RLIMIT_FSIZE','soft':2,'hard':2}]"));
}

TEST(a_soft_limit_is_not_above_the_hard_one)
{
	REFUSED("process.rlimits[0]",
		.process = PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':2,'hard':1}]"));
	assert_non_null(strstr(unit_err.text, "RLIMIT_CPU: the soft limit is above the hard one"));
	ACCEPTED(.process = PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':2,'hard':2}]"));
}

TEST(a_namespace_is_given_once)
{
	REFUSED("linux.namespaces[2].type (line 5): the pid namespace is given twice",
		.linux = NAMESPACES("{'type':'pid'},{'type':'mount'},\n{'type':'pid'}"));
	REFUSED("linux.namespaces[1].type (line 4): the pid namespace is given twice",
		.linux = NAMESPACES("{'type':'pid','path':'/proc/1/ns/pid'},{'type':'pid'}"));
	ACCEPTED(.linux = NAMESPACES("{'type':'pid'},{'type':'mount'},{'type':'ipc'},"
				     "{'type':'uts'},{'type':'network'},"
				     "{'type':'cgroup'},{'type':'time'}"));
}

TEST(a_namespace_path_is_absolute)
{
	REFUSED("linux.namespaces[1].path (line 4): must be an absolute path: \"ns/net\"",
		.linux = NAMESPACES("{'type':'mount'},{'type':'network','path':'ns/net'}"));
	ACCEPTED(.linux = NAMESPACES("{'type':'mount','path':''},"
				     "{'type':'network','path':'/run/netns/x'}"));
}

#define MAP "[{'containerID':0,'hostID':1000,'size':1}]"

TEST(mappings_need_a_user_namespace)
{
	REFUSED("linux.uidMappings (line 4): need a user namespace in linux.namespaces",
		.linux = LINUX("'uidMappings':" MAP));
	REFUSED("linux.gidMappings (line 4): need a user namespace in linux.namespaces",
		.linux = LINUX("'gidMappings':" MAP));
}

#define USER_NS(members) "'linux':{'namespaces':[{'type':'mount'},{'type':'user'}]" members "}"

TEST(a_new_user_namespace_needs_both_mappings)
{
	REFUSED("linux.uidMappings: a new user namespace needs both", .linux = USER_NS(""));
	REFUSED("linux.gidMappings: a new user namespace needs both",
		.linux = USER_NS(",'uidMappings':" MAP));
	REFUSED("linux.uidMappings: a new user namespace needs both",
		.linux = USER_NS(",'gidMappings':" MAP));
	ACCEPTED(.linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
	/* one that exists has its own, and callers repeat them */
	ACCEPTED(.linux = NAMESPACES("{'type':'mount'},{'type':'user','path':'/proc/7/ns/user'}"));
}

TEST(the_kernel_takes_340_ranges)
{
	char *maps = arena_alloc(&unit_arena, 341 * 64);

	for (int i = 0; i < 340; i++)
		(void)str_append(maps, 341 * 64, "%s{'containerID':%d,'hostID':%d,'size':1}",
				 i ? "," : "", i, i);
	ACCEPTED(.linux = arena_printf(&unit_arena,
				       USER_NS(",'uidMappings':[%s],'gidMappings':[%s]"), maps,
				       maps));
	REFUSED("linux.gidMappings (line 4): 341 ranges: the kernel takes at most 340",
		.linux = arena_printf(&unit_arena,
				      USER_NS(",'uidMappings':" MAP ",'gidMappings':[%s,"
					      "{'containerID':900,'hostID':900,'size':1}]"),
				      maps));
}

TEST(an_ordinary_user_needs_a_user_namespace)
{
	const struct host_facts user = { .euid = 1000, .egid = 1000, .last_cap = 40 };

	refuse_doc(&(struct doc){ .host = user }, EPERM,
		   "linux.namespaces: an ordinary user needs a user namespace");
	ACCEPTED(.host = user, .linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
}

TEST(host_names_need_a_uts_namespace)
{
	REFUSED("hostname (line 5): needs a uts namespace in linux.namespaces",
		.extra = "'hostname':'h'");
	REFUSED("domainname (line 5): needs a uts namespace in linux.namespaces",
		.extra = "'domainname':'d'");
	ACCEPTED(.linux = NAMESPACES("{'type':'mount'},{'type':'uts'}"),
		 .extra = "'hostname':'h','domainname':'d'");
	ACCEPTED(.linux = NAMESPACES("{'type':'mount'},{'type':'uts','path':'/x'}"),
		 .extra = "'hostname':'h'");
}

#define TEN "0123456789"

TEST(host_names_have_64_bytes)
{
	static const char uts[] = NAMESPACES("{'type':'mount'},{'type':'uts'}");

	ACCEPTED(.linux = uts, .extra = "'hostname':'" TEN TEN TEN TEN TEN TEN "1234'");
	ACCEPTED(.linux = uts, .extra = "'domainname':'" TEN TEN TEN TEN TEN TEN "1234'");
	REFUSED("hostname (line 5): longer than 64 bytes", .linux = uts,
		.extra = "'hostname':'" TEN TEN TEN TEN TEN TEN "12345'");
	REFUSED("domainname (line 5): longer than 64 bytes", .linux = uts,
		.extra = "'domainname':'" TEN TEN TEN TEN TEN TEN "12345'");
}

TEST(mounts_need_a_mount_namespace)
{
	static const char none[] = NAMESPACES("{'type':'pid'}");

	REFUSED("mounts (line 4): needs a mount namespace in linux.namespaces", .linux = none,
		.mounts = "'mounts':[{'destination':'/p','type':'proc'}]");
	REFUSED("linux.maskedPaths (line 4): needs a mount namespace in linux.namespaces",
		.linux = "'linux':{'maskedPaths':['/proc/kcore']}");
	REFUSED("linux.readonlyPaths (line 4): needs a mount namespace in linux.namespaces",
		.linux = "'linux':{'readonlyPaths':['/proc/sys']}");
	REFUSED("root.readonly (line 3): needs a mount namespace in linux.namespaces",
		.linux = none, .root = "'root':{'path':'r','readonly':true}");
	REFUSED("root.readonly (line 3): needs a mount namespace in linux.namespaces", .linux = "",
		.root = "'root':{'path':'r','readonly':true}");
	ACCEPTED(.linux = none);
	ACCEPTED(.linux = "");
}

TEST(masked_and_readonly_paths_are_absolute)
{
	REFUSED("linux.maskedPaths[1] (line 4): must be an absolute path: \"proc/kcore\"",
		.linux = LINUX("'maskedPaths':['/a','proc/kcore']"));
	REFUSED("linux.readonlyPaths[0] (line 4): must be an absolute path: \"\"",
		.linux = LINUX("'readonlyPaths':['']"));
	ACCEPTED(.linux = LINUX("'maskedPaths':['/a'],'readonlyPaths':['/b']"));
}

TEST(mounts_have_a_destination)
{
	REFUSED("mounts[0].destination (line 4): must not be empty",
		.mounts = "'mounts':[{'destination':'','type':'tmpfs'}]");
	/* relative ones come from old tools and count from the root */
	ACCEPTED(.mounts = "'mounts':[{'destination':'data','type':'tmpfs'}]");
}

TEST(mappings_of_a_mount_come_in_pairs)
{
	REFUSED("mounts[1] (line 5): uidMappings and gidMappings must be given together",
		.mounts = "'mounts':[{'destination':'/a','type':'tmpfs'},\n"
			  "{'destination':'/b','source':'/s','options':['bind'],"
			  "'uidMappings':" MAP "}]");
	REFUSED("mounts[0] (line 4): uidMappings and gidMappings must be given together",
		.mounts = "'mounts':[{'destination':'/b','source':'/s','options':['bind'],"
			  "'gidMappings':" MAP "}]");
}

TEST(nothing_is_mounted_inside_proc)
{
	static const char *const bad[] = {
		"/proc/sys",       "/proc/self",          "/proc/sys/kernel", "/proc/1",
		"/proc/cpuinfo/x", "/proc/sysrq-trigger", "/proc/./sys",      "/proc/../proc/sys",
		"//proc/sys",      "/proc//sys",          "/./proc/sys",      "proc/sys",
		"/a/../proc/sys"
	};
	static const char *const good[] = { "/proc",
					    "/proc/cpuinfo",
					    "/proc/meminfo",
					    "/proc/stat",
					    "/proc/uptime",
					    "/proc/loadavg",
					    "/proc/swaps",
					    "/proc/diskstats",
					    "/proc/slabinfo",
					    "/proc/sys/kernel/ns_last_pid",
					    "/proc/sys/crypto/fips_enabled",
					    "/processes/x",
					    "/proc/",
					    "/proc//cpuinfo",
					    "/proc/../data" };
	static const char form[] = "'mounts':[{'destination':'%s','source':'/s',"
				   "'options':['bind']}]";

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		REFUSED("mounts[0].destination (line 4): ",
			.mounts = arena_printf(&unit_arena, form, bad[i]));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		ACCEPTED(.mounts = arena_printf(&unit_arena, form, good[i]));
}

TEST(a_destination_that_is_too_long_is_refused)
{
	char name[5000];

	memset(name, 'n', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	REFUSED("mounts[0].destination (line 4): ",
		.mounts = arena_printf(&unit_arena,
				       "'mounts':[{'destination':'%s','type':'tmpfs'}]", name));
}

TEST(nothing_is_mounted_on_the_root_itself)
{
	static const char *const roots[] = {
		"/", "//", "/.", ".", "/..", "/a/..", "a/../..", "./"
	};
	static const char *const others[] = { "/a",   "/a/../b", "/..a", "/.a",
					      "/...", "/a/.",    "/../a" };
	static const char form[] = "'mounts':[{'destination':'%s','type':'tmpfs'}]";

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		REFUSED("mounts[0].destination (line 4): ",
			.mounts = arena_printf(&unit_arena, form, roots[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		ACCEPTED(.mounts = arena_printf(&unit_arena, form, others[i]));
	/* changing the root's attributes is something else */
	ACCEPTED(.mounts = "'mounts':[{'destination':'/','options':['remount','ro']}]");
}

TEST(binds_need_a_source_and_file_systems_a_type)
{
	REFUSED("mounts[0] (line 4): a bind mount needs a source",
		.mounts = "'mounts':[{'destination':'/b','options':['rbind']}]");
	REFUSED("mounts[0] (line 4): needs a type, or the option bind or rbind",
		.mounts = "'mounts':[{'destination':'/b','source':'/x'}]");
}

TEST(unknown_options_of_a_bind_are_refused)
{
	REFUSED("mounts[0].options[1] (line 4): not an option of a bind mount: \"size=5\"",
		.mounts = "'mounts':[{'destination':'/b','source':'/x',"
			  "'options':['bind','size=5']}]");
	REFUSED("mounts[0].options[0] (line 4): only for tmpfs: \"tmpcopyup\"",
		.mounts = "'mounts':[{'destination':'/b','type':'proc','options':['tmpcopyup']}]");
}

TEST(users_are_mapped)
{
	REFUSED("process.user.uid (line 2): 1 is not in linux.uidMappings",
		.process = PROCESS("'user':{'uid':1}"),
		.linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
	REFUSED("process.user.gid (line 2): 1 is not in linux.gidMappings",
		.process = PROCESS("'user':{'gid':1}"),
		.linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
	REFUSED("process.user.additionalGids[1] (line 2): 5 is not in linux.gidMappings",
		.process = PROCESS("'user':{'additionalGids':[0,5]}"),
		.linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
}

TEST(limits_out_of_their_range)
{
	REFUSED("linux.resources.pids.limit (line 4): below -1",
		.linux = LINUX("'resources':{'pids':{'limit':-2}}"));
	REFUSED("linux.resources.blockIO.weight (line 4): must be from 10 to 1000",
		.linux = LINUX("'resources':{'blockIO':{'weight':9}}"));
	REFUSED("linux.resources.blockIO.leafWeight (line 4): must be from 10 to 1000",
		.linux = LINUX("'resources':{'blockIO':{'leafWeight':1001}}"));
	ACCEPTED(.linux = LINUX("'resources':{'pids':{'limit':-1},'blockIO':{'weight':10}}"));
}

TEST(idmapped_mounts_need_a_mapping)
{
	REFUSED("mounts[0] (line 4): idmap needs uidMappings and gidMappings, or a user namespace",
		.mounts = "'mounts':[{'destination':'/b','source':'/x',"
			  "'options':['bind','idmap']}]");
	REFUSED("mounts[0] (line 4): idmap needs uidMappings and gidMappings, or a user namespace",
		.mounts = "'mounts':[{'destination':'/b','source':'/x',"
			  "'options':['ridmap','bind']}]");
	REFUSED("mounts[0] (line 4): cannot be idmapped",
		.mounts = "'mounts':[{'destination':'/b','type':'cgroup',"
			  "'uidMappings':" MAP ",'gidMappings':" MAP "}]");
	ACCEPTED(.mounts = "'mounts':[{'destination':'/b','source':'/x','options':['bind'],"
			   "'uidMappings':" MAP ",'gidMappings':" MAP "}]");
	ACCEPTED(.mounts =
			 "'mounts':[{'destination':'/b','source':'/x','options':['bind','idmap']}]",
		 .linux = USER_NS(",'uidMappings':" MAP ",'gidMappings':" MAP));
}

TEST(device_numbers_are_required_for_nodes)
{
	REFUSED("linux.devices[0] (line 4): major and minor are required for a character device",
		.linux = LINUX("'devices':[{'type':'c','path':'/dev/x','major':1}]"));
	REFUSED("linux.devices[0] (line 4): major and minor are required for a block device",
		.linux = LINUX("'devices':[{'type':'b','path':'/dev/x','minor':1}]"));
	REFUSED("linux.devices[0] (line 4): major and minor are required for a character device",
		.linux = LINUX("'devices':[{'type':'u','path':'/dev/x'}]"));
	ACCEPTED(.linux = LINUX("'devices':[{'type':'p','path':'/dev/x'},{'type':'c',"
				"'path':'/dev/y','major':0,'minor':0}]"));
}

TEST(labels_need_their_security_module)
{
	struct host_facts with = plain_root;

	with.apparmor = with.selinux = true;
	REFUSED("process.apparmorProfile (line 2): this host has no AppArmor",
		.process = PROCESS("'apparmorProfile':'p'"));
	REFUSED("process.selinuxLabel (line 2): this host has no SELinux",
		.process = PROCESS("'selinuxLabel':'l'"));
	REFUSED("linux.mountLabel (line 4): this host has no SELinux",
		.linux = LINUX("'mountLabel':'l'"));
	ACCEPTED(.host = with, .process = PROCESS("'apparmorProfile':'p','selinuxLabel':'l'"),
		 .linux = LINUX("'mountLabel':'l'"));
	/* no label is no label */
	ACCEPTED(.process = PROCESS("'apparmorProfile':'unconfined'"));
	ACCEPTED(.process = PROCESS("'apparmorProfile':'','selinuxLabel':''"),
		 .linux = LINUX("'mountLabel':''"));
}

#define SECCOMP(members) LINUX("'seccomp':{" members "}")

TEST(a_number_needs_an_action_that_takes_one)
{
	static const char *const without[] = { "KILL", "KILL_PROCESS", "TRAP", "ALLOW", "LOG" };

	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		REFUSED("linux.seccomp.defaultErrnoRet (line 4): the default action",
			.linux = arena_printf(&unit_arena,
					      SECCOMP("'defaultAction':'SCMP_ACT_%s',"
						      "'defaultErrnoRet':1"),
					      without[i]));
		REFUSED("linux.seccomp.syscalls[0].errnoRet (line 4): the action takes no number",
			.linux = arena_printf(&unit_arena,
					      SECCOMP("'defaultAction':'SCMP_ACT_ERRNO',"
						      "'syscalls':[{'names':['read'],"
						      "'action':'SCMP_ACT_%s','errnoRet':1}]"),
					      without[i]));
	}
	ACCEPTED(.linux = SECCOMP("'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,"
				  "'syscalls':[{'names':['read'],'action':"
				  "'SCMP_ACT_TRACE','errnoRet':1}]"));
}

TEST(listener_metadata_needs_a_listener)
{
	REFUSED("linux.seccomp.listenerMetadata (line 4): needs listenerPath",
		.linux = SECCOMP("'defaultAction':'SCMP_ACT_ALLOW','listenerMetadata':'m'"));
	ACCEPTED(.linux = SECCOMP("'defaultAction':'SCMP_ACT_ALLOW','listenerMetadata':'m',"
				  "'listenerPath':'/run/agent'"));
}

TEST(a_rule_names_a_system_call)
{
	REFUSED("linux.seccomp.syscalls[0].names (line 4): needs at least one name",
		.linux = SECCOMP("'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':[],"
				 "'action':'SCMP_ACT_KILL'}]"));
	REFUSED("linux.seccomp.syscalls[0].names: needs at least one name",
		.linux = SECCOMP("'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
				 "{'action':'SCMP_ACT_KILL'}]"));
}

TEST(notify_as_the_default_is_refused)
{
	/* hull itself could not hand the listener over any more */
	REFUSED("linux.seccomp.defaultAction (line 4): ",
		.linux = SECCOMP("'defaultAction':'SCMP_ACT_NOTIFY'"));
}

TEST(personality_flags)
{
	ACCEPTED(.linux = LINUX("'personality':{'domain':'LINUX','flags':[]}"));
	REFUSED("linux.personality.flags[0] (line 4): unknown value \"X\"",
		.linux = LINUX("'personality':{'domain':'LINUX','flags':['X','Y']}"));
}

TEST(the_option_that_carries_a_label)
{
	ACCEPTED(.extra = "'annotations':{'run.oci.mount_context_type':'rootcontext'}");
	REFUSED("annotations.run.oci.mount_context_type (line 5): must be context, fscontext, "
		"defcontext or rootcontext: \"fcontext\"",
		.extra = "'annotations':{'run.oci.mount_context_type':'fcontext'}");
}

TEST(time_offsets_need_a_new_time_namespace)
{
	REFUSED("linux.timeOffsets (line 4): needs a new time namespace",
		.linux = LINUX("'timeOffsets':{'monotonic':{'secs':1}}"));
	REFUSED("linux.timeOffsets (line 4): needs a new time namespace",
		.linux = "'linux':{'namespaces':[{'type':'time','path':'/x'}],"
			 "'timeOffsets':{'monotonic':{'secs':1}}}");
	ACCEPTED(.linux = "'linux':{'namespaces':[{'type':'time'}],"
			  "'timeOffsets':{'monotonic':{'secs':1}}}");
}

TEST(net_devices_need_a_network_namespace)
{
	REFUSED("linux.netDevices (line 4): needs a network namespace in linux.namespaces",
		.linux = LINUX("'netDevices':{'eth0':{}}"));
}

TEST(schemata_are_lines_of_resctrl)
{
	REFUSED("linux.intelRdt.memBwSchema (line 4): must be one line that begins with MB:",
		.linux = LINUX("'intelRdt':{'memBwSchema':'X:0=1'}"));
	REFUSED("linux.intelRdt.memBwSchema (line 4): must be one line",
		.linux = LINUX("'intelRdt':{'memBwSchema':'MB:0=1\\nL3:0=f'}"));
	REFUSED("linux.intelRdt.schemata[1] (line 4): must be one line of the form",
		.linux = LINUX("'intelRdt':{'schemata':['L3:0=f','L3']}"));
	ACCEPTED(.linux = LINUX("'intelRdt':{'closID':'gold','l3CacheSchema':'L3:0=f',"
				"'memBwSchema':'MB:0=50','schemata':['L2:0=f'],"
				"'enableMonitoring':true}"));
}

TEST(scheduler_numbers_belong_to_their_policy)
{
	REFUSED("process.scheduler.priority (line 2): is not for SCHED_BATCH",
		.process = PROCESS("'scheduler':{'policy':'SCHED_BATCH','priority':1}"));
	REFUSED("process.scheduler (line 2): runtime, deadline and period are not for SCHED_RR",
		.process = PROCESS("'scheduler':{'policy':'SCHED_RR','period':1000}"));
	ACCEPTED(.process = PROCESS("'scheduler':{'policy':'SCHED_FIFO','priority':1}"));
	ACCEPTED(.process = PROCESS("'scheduler':{'policy':'SCHED_BATCH','priority':0}"));
	ACCEPTED(.process =
			 PROCESS("'scheduler':{'policy':'SCHED_DEADLINE','runtime':1,'deadline':2,"
				 "'period':2}"));
	ACCEPTED(.process = PROCESS("'scheduler':{'policy':'SCHED_OTHER','nice':-5}"));
}

TEST(exec_cpu_affinity_is_two_lists_of_cpus)
{
	REFUSED("process.execCPUAffinity.initial (line 2): not a list of CPUs: \"0-\"",
		.process = PROCESS("'execCPUAffinity':{'initial':'0-'}"));
	REFUSED("process.execCPUAffinity.final (line 2): not a list of CPUs: \"x\"",
		.process = PROCESS("'execCPUAffinity':{'final':'x'}"));
	ACCEPTED(.process = PROCESS("'execCPUAffinity':{'initial':'0-3, 7','final':''}"));
}
