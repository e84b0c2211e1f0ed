/* test_spec.c - the tables: ranges, required members, where errors point */
#include <sched.h>
#include <sys/resource.h>

#include "documents.h"
#include "unit.h"

TEST(only_the_version_is_required)
{
	struct config c = read_ok("'x': 1");

	assert_string_equal(c.oci_version, "1.3.0");
	assert_null(c.root);
	assert_null(c.process);
	assert_null(c.linux);
	assert_null(c.hooks);
	assert_int_equal(c.mounts.n + c.annotations.n, 0);
	assert_int_equal(read_config("{}", &c), -EINVAL);
	assert_string_equal(unit_err.text, "ociVersion (line 1): is required");
	assert_int_equal(read_config("[]", &c), -EINVAL);
	assert_string_equal(unit_err.text, "line 1: expected object, found array");
	assert_int_equal(read_config("{", &c), -EINVAL);
	assert_true(str_has_prefix(unit_err.text, "line 1: "));
}

TEST(other_platforms_are_ignored)
{
	(void)read_ok("'windows': {'layerFolders': 7}, 'vm': 1, 'solaris': [], 'zos': null, "
		      "'freebsd': {'x': 1}");
}

TEST(device_rules)
{
	static const char form[] = "'linux':{'resources':{'devices':[{'allow':true,%s}]}}";
	const struct config_device_rule *r =
		read_ok(fill(form, "'type':'b','major':8,'minor':-1,'access':'mr'"))
			.linux->resources->devices.items;

	assert_true(r->allow);
	assert_int_equal(r->type, 'b');
	assert_true(r->major.set && r->major.value == 8);
	assert_true(r->minor.set && r->minor.value == -1);
	assert_int_equal(r->access, DEVICE_READ | DEVICE_MKNOD);
	r = read_ok(fill(form, "'access':'w'")).linux->resources->devices.items;
	assert_int_equal(r->access, DEVICE_WRITE);
	assert_false(r->major.set || r->minor.set);
	refuse(fill(form, "'access':'rx'"), "linux.resources.devices[0].access (line 2): "
					    "unknown access letter 'x': expected r, w or m");
	refuse(fill(form, "'access':7"), "linux.resources.devices[0].access (line 2): "
					 "expected string, found number");
	refuse(fill(form, "'type':'p'"),
	       "linux.resources.devices[0].type (line 2): unknown value \"p\"");
	refuse("'linux':{'resources':{'devices':[{'type':'a'}]}}",
	       "linux.resources.devices[0].allow (line 2): is required");
}

/* A number's place, and the bounds that its row has. */
struct bounds {
	const char *path, *form, *min, *max, *below, *above;
};

#define PROCESS(member) "'process':{'cwd':'/'," member "}"
#define USER(member) PROCESS("'user':{" member "}")
#define LINUX(member) "'linux':{" member "}"
#define RESOURCES(member) LINUX("'resources':{" member "}")
#define BLOCK_IO(member) RESOURCES("'blockIO':{" member "}")
#define U32_MAX "4294967295"
#define TOO_MUCH "4294967296"

static const struct bounds bounds[] = {
	{ "process.user.uid", USER("'uid':%s"), "0", "4294967294", "-1", U32_MAX },
	{ "process.user.gid", USER("'gid':%s"), "0", "4294967294", "-1", U32_MAX },
	{ "process.user.additionalGids[1]", USER("'additionalGids':[5,%s]"), "0", "4294967294",
	  "-1", U32_MAX },
	{ "process.user.umask", USER("'umask':%s"), "0", "511", "-1", "512" },
	{ "process.oomScoreAdj", PROCESS("'oomScoreAdj':%s"), "-1000", "1000", "-1001", "1001" },
	{ "process.consoleSize.height", PROCESS("'consoleSize':{'width':1,'height':%s}"), "0",
	  "65535", "-1", "65536" },
	{ "process.consoleSize.width", PROCESS("'consoleSize':{'height':1,'width':%s}"), "0",
	  "65535", "-1", "65536" },
	{ "process.ioPriority.priority",
	  PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':%s}"), "0", "7", "-1", "8" },
	{ "process.scheduler.nice", PROCESS("'scheduler':{'policy':'SCHED_OTHER','nice':%s}"),
	  "-20", "19", "-21", "20" },
	{ "hooks.prestart[0].timeout", "'hooks':{'prestart':[{'path':'/x','timeout':%s}]}", "1",
	  "2147483647", "0", "2147483648" },
	{ "linux.uidMappings[0].containerID",
	  LINUX("'uidMappings':[{'containerID':%s,'hostID':0,'size':1}]"), "0", U32_MAX, "-1",
	  TOO_MUCH },
	{ "linux.gidMappings[0].hostID",
	  LINUX("'gidMappings':[{'containerID':0,'hostID':%s,'size':1}]"), "0", U32_MAX, "-1",
	  TOO_MUCH },
	{ "linux.uidMappings[0].size",
	  LINUX("'uidMappings':[{'containerID':0,'hostID':0,'size':%s}]"), "1", U32_MAX, "0",
	  TOO_MUCH },
	{ "linux.devices[0].fileMode", LINUX("'devices':[{'type':'c','path':'/x','fileMode':%s}]"),
	  "0", "65535", "-1", "65536" },
	{ "linux.devices[0].major", LINUX("'devices':[{'type':'c','path':'/x','major':%s}]"), "0",
	  U32_MAX, "-1", TOO_MUCH },
	{ "linux.timeOffsets.monotonic.nanosecs",
	  LINUX("'timeOffsets':{'monotonic':{'nanosecs':%s}}"), "0", "999999999", "-1",
	  "1000000000" },
	{ "linux.seccomp.defaultErrnoRet",
	  LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':%s}"), "0", "4095",
	  "-1", "4096" },
	{ "linux.seccomp.syscalls[0].args[0].index",
	  LINUX("'seccomp':{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['a'],"
		"'action':'SCMP_ACT_KILL','args':[{'op':'SCMP_CMP_EQ','value':1,'index':%s}]}]}"),
	  "0", "5", "-1", "6" },
	{ "linux.resources.devices[0].major", RESOURCES("'devices':[{'allow':true,'major':%s}]"),
	  "-1", U32_MAX, "-2", TOO_MUCH },
	{ "linux.resources.cpu.idle", RESOURCES("'cpu':{'idle':%s}"), "0", "1", "-1", "2" },
	{ "linux.resources.cpu.shares", RESOURCES("'cpu':{'shares':%s}"), "0",
	  "18446744073709551615", "-1", "18446744073709551616" },
	{ "linux.resources.cpu.quota", RESOURCES("'cpu':{'quota':%s}"), "-9223372036854775808",
	  "9223372036854775807", "-9223372036854775809", "9223372036854775808" },
	{ "linux.resources.pids.limit", RESOURCES("'pids':{'limit':%s}"), "-9223372036854775808",
	  "9223372036854775807", "-9223372036854775809", "9223372036854775808" },
	{ "linux.resources.memory.limit", RESOURCES("'memory':{'limit':%s}"),
	  "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
	  "9223372036854775808" },
	{ "linux.resources.blockIO.weight", BLOCK_IO("'weight':%s"), "0", "65535", "-1", "65536" },
	{ "linux.resources.blockIO.throttleReadBpsDevice[0].minor",
	  BLOCK_IO("'throttleReadBpsDevice':[{'major':1,'minor':%s,'rate':1}]"), "0", U32_MAX, "-1",
	  TOO_MUCH },
	{ "linux.resources.network.classID", RESOURCES("'network':{'classID':%s}"), "0", U32_MAX,
	  "-1", TOO_MUCH },
	{ "linux.resources.rdma.mlx.hcaHandles", RESOURCES("'rdma':{'mlx':{'hcaHandles':%s}}"), "0",
	  U32_MAX, "-1", TOO_MUCH },
	{ "linux.resources.hugepageLimits[0].limit",
	  RESOURCES("'hugepageLimits':[{'pageSize':'2MB','limit':%s}]"), "0",
	  "18446744073709551615", "-1", "18446744073709551616" },
};

TEST(ranges_are_inclusive_and_kept)
{
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		const struct bounds *b = &bounds[i];

		(void)read_ok(fill(b->form, b->min));
		(void)read_ok(fill(b->form, b->max));
		refuse(fill(b->form, b->below),
		       arena_printf(&unit_arena, "%s (line 2): out of range: %s", b->path,
				    b->below));
		refuse(fill(b->form, b->above),
		       arena_printf(&unit_arena, "%s (line 2): out of range: %s", b->path,
				    b->above));
	}
}

/* What an object cannot do without: the member, and a document that lacks it alone. */
static const struct {
	const char *path, *members;
} required[] = {
	{ "root.path", "'root':{}" },
	{ "mounts[0].destination", "'mounts':[{'type':'proc'}]" },
	{ "process.cwd", "'process':{'args':['x']}" },
	{ "process.consoleSize.height", PROCESS("'consoleSize':{'width':1}") },
	{ "process.consoleSize.width", PROCESS("'consoleSize':{'height':1}") },
	{ "process.rlimits[0].type", PROCESS("'rlimits':[{'soft':1,'hard':1}]") },
	{ "process.rlimits[0].soft", PROCESS("'rlimits':[{'type':'RLIMIT_CPU','hard':1}]") },
	{ "process.ioPriority.class", PROCESS("'ioPriority':{'priority':1}") },
	{ "hooks.poststop[0].path", "'hooks':{'poststop':[{}]}" },
	{ "linux.uidMappings[0].containerID", LINUX("'uidMappings':[{'hostID':0,'size':1}]") },
	{ "linux.uidMappings[0].hostID", LINUX("'uidMappings':[{'containerID':0,'size':1}]") },
	{ "linux.uidMappings[0].size", LINUX("'uidMappings':[{'containerID':0,'hostID':1}]") },
	{ "linux.devices[0].type", LINUX("'devices':[{'path':'/x'}]") },
	{ "linux.personality.domain", LINUX("'personality':{}") },
	{ "linux.memoryPolicy.mode", LINUX("'memoryPolicy':{}") },
	{ "linux.resources.hugepageLimits[0].pageSize",
	  RESOURCES("'hugepageLimits':[{'limit':1}]") },
	{ "linux.resources.hugepageLimits[0].limit",
	  RESOURCES("'hugepageLimits':[{'pageSize':'2MB'}]") },
	{ "linux.resources.network.priorities[0].name",
	  RESOURCES("'network':{'priorities':[{'priority':1}]}") },
	{ "linux.resources.blockIO.weightDevice[0].major",
	  BLOCK_IO("'weightDevice':[{'minor':1}]") },
	{ "linux.seccomp.syscalls[0].args[0].op",
	  LINUX("'seccomp':{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['a'],"
		"'action':'SCMP_ACT_KILL','args':[{'index':0,'value':1}]}]}") },
};

TEST(required_members)
{
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		refuse(required[i].members, fill("%s (line 2): is required", required[i].path));
}

TEST(process_members)
{
	const struct config_process *p =
		read_ok("'process':{'terminal':true,'consoleSize':{'height':24,'width':80},"
			"'user':{'uid':1,'gid':2,'umask':63,'additionalGids':[3,4]},"
			"'args':['sh','-c','x'],'env':['A=b'],'cwd':'/w',"
			"'capabilities':{'bounding':['CAP_KILL'],'ambient':['CAP_CHOWN']},"
			"'noNewPrivileges':true,'oomScoreAdj':0,'apparmorProfile':'p',"
			"'selinuxLabel':'l','execCPUAffinity':{'initial':'0-3',"
			"'final':'7'},'commandLine':'windows only'}")
			.process;

	assert_true(p->terminal && p->no_new_privileges);
	assert_int_equal(p->console_size->height, 24);
	assert_int_equal(p->console_size->width, 80);
	assert_int_equal(p->user.uid, 1);
	assert_int_equal(p->user.gid, 2);
	assert_true(p->user.umask.set);
	assert_int_equal(p->user.umask.value, 077);
	assert_int_equal(p->user.additional_gids.items[1], 4);
	assert_int_equal(p->args.n, 3);
	assert_string_equal(p->env.items[0], "A=b");
	assert_string_equal(p->cwd, "/w");
	assert_string_equal(p->capabilities->bounding.items[0], "CAP_KILL");
	assert_string_equal(p->capabilities->ambient.items[0], "CAP_CHOWN");
	assert_true(p->oom_score_adj.set);
	assert_string_equal(p->apparmor_profile, "p");
	assert_string_equal(p->selinux_label, "l");
	assert_string_equal(p->exec_cpu_affinity->initial, "0-3");
	assert_string_equal(p->exec_cpu_affinity->final, "7");
}

TEST(hooks_of_all_kinds)
{
	const struct config_hooks *h =
		read_ok("'hooks':{'prestart':[{'path':'/1'}],'createRuntime':[{'path':"
			"'/2'}],'createContainer':[{'path':'/3'}],'startContainer':"
			"[{'path':'/4'}],'poststart':[{'path':'/5'}],'poststop':"
			"[{'path':'/6','args':['six'],'env':['K=v'],'timeout':9}]}")
			.hooks;

	assert_string_equal(h->prestart.items[0].path, "/1");
	assert_string_equal(h->create_runtime.items[0].path, "/2");
	assert_string_equal(h->create_container.items[0].path, "/3");
	assert_string_equal(h->start_container.items[0].path, "/4");
	assert_string_equal(h->poststart.items[0].path, "/5");
	assert_string_equal(h->poststop.items[0].path, "/6");
	assert_string_equal(h->poststop.items[0].args.items[0], "six");
	assert_string_equal(h->poststop.items[0].env.items[0], "K=v");
	assert_int_equal(h->poststop.items[0].timeout.value, 9);
	assert_false(h->prestart.items[0].timeout.set);
	refuse("'hooks':{'poststop':[{'path':'/a'},\n{'path':'bin/b'}]}",
	       "hooks.poststop[1].path (line 3): must be an absolute path: \"bin/b\"");
}

TEST(mounts_and_annotations)
{
	struct config c = read_ok("'mounts':[{'destination':'/d','type':'bind','source':"
				  "'/s','options':['rbind','ro'],'uidMappings':"
				  "[{'containerID':0,'hostID':5,'size':1}]}],"
				  "'annotations':{'k':'v','e':''}");

	assert_string_equal(c.mounts.items[0].destination, "/d");
	assert_string_equal(c.mounts.items[0].type, "bind");
	assert_string_equal(c.mounts.items[0].source, "/s");
	assert_string_equal(c.mounts.items[0].options.items[1], "ro");
	assert_int_equal(c.mounts.items[0].uid_mappings.items[0].host_id, 5);
	assert_string_equal(spec_annotation(&c, "k"), "v");
	assert_string_equal(spec_annotation(&c, "e"), "");
	assert_null(spec_annotation(&c, "absent"));
	refuse("'annotations':{'k':1}", "annotations.k (line 2): expected string, found number");
	refuse("'annotations':{'':'v'}", "annotations. (line 2): an empty name");
	refuse("'mounts':[{'destination':'/a'},\n{'destination':'/b','options':[\n'ro',\n"
	       "5]}]",
	       "mounts[1].options[1] (line 5): expected string, found number");
}

TEST(resources_of_all_kinds)
{
	const struct config_resources *r =
		read_ok(RESOURCES("'memory':{'limit':1,'reservation':2,'swap':-1,'kernel':4,"
				  "'kernelTCP':5,'swappiness':60,'disableOOMKiller':true,"
				  "'checkBeforeUpdate':true},'cpu':{'shares':1,'quota':-1,"
				  "'burst':2,'period':3,'realtimeRuntime':4,'realtimePeriod':5,"
				  "'cpus':'0-1','mems':'0','idle':1},'pids':{'limit':0},"
				  "'hugepageLimits':[{'pageSize':'2MB','limit':9}],"
				  "'network':{'classID':7,'priorities':[{'name':'lo',"
				  "'priority':8}]},'rdma':{'mlx':{'hcaObjects':6}},"
				  "'unified':{'memory.high':'1000'}"))
			.linux->resources;

	assert_int_equal(r->memory->limit.value, 1);
	assert_int_equal(r->memory->swap.value, -1);
	assert_int_equal(r->memory->kernel_tcp.value, 5);
	assert_int_equal(r->memory->swappiness.value, 60);
	assert_true(r->memory->disable_oom_killer.set && r->memory->disable_oom_killer.value);
	assert_true(r->memory->check_before_update);
	assert_int_equal(r->cpu->quota.value, -1);
	assert_int_equal(r->cpu->realtime_period.value, 5);
	assert_string_equal(r->cpu->cpus, "0-1");
	assert_int_equal(r->cpu->idle.value, 1);
	assert_int_equal(r->pids->limit.value, 0);
	assert_string_equal(r->hugepage_limits.items[0].page_size, "2MB");
	assert_int_equal(r->network->class_id.value, 7);
	assert_string_equal(r->network->priorities.items[0].name, "lo");
	assert_string_equal(r->rdma.items[0].key, "mlx");
	assert_int_equal(r->rdma.items[0].hca_objects.value, 6);
	assert_false(r->rdma.items[0].hca_handles.set);
	assert_string_equal(r->unified.items[0].key, "memory.high");
	assert_string_equal(r->unified.items[0].value, "1000");
}

TEST(block_io_of_all_kinds)
{
	const struct config_block_io *b =
		read_ok(BLOCK_IO("'weight':10,'leafWeight':20,'weightDevice':[{'major':8,"
				 "'minor':1,'weight':30,'leafWeight':40}],"
				 "'throttleReadBpsDevice':[{'major':1,'minor':2,'rate':3}],"
				 "'throttleWriteBpsDevice':[{'major':4,'minor':5,'rate':6}],"
				 "'throttleReadIOPSDevice':[{'major':7,'minor':8,'rate':9}],"
				 "'throttleWriteIOPSDevice':[{'major':10,'minor':11,'rate':12}]"))
			.linux->resources->block_io;

	assert_int_equal(b->weight.value, 10);
	assert_int_equal(b->leaf_weight.value, 20);
	assert_int_equal(b->weight_device.items[0].leaf_weight.value, 40);
	assert_int_equal(b->read_bps.items[0].rate, 3);
	assert_int_equal(b->write_bps.items[0].rate, 6);
	assert_int_equal(b->read_iops.items[0].rate, 9);
	assert_int_equal(b->write_iops.items[0].minor, 11);
}

TEST(linux_members_that_are_lists_of_text)
{
	const struct config_linux *l =
		read_ok(LINUX("'maskedPaths':['/a','/b'],'readonlyPaths':['/c'],"
			      "'sysctl':{'net.a':'1'},'mountLabel':'m','cgroupsPath':'/g',"
			      "'netDevices':{'eth0':{'name':'e'},'eth1':{}},"
			      "'intelRdt':{'closID':'c','schemata':['L3:0=f'],"
			      "'enableMonitoring':true},'timeOffsets':{'boottime':"
			      "{'secs':-5,'nanosecs':6}}"))
			.linux;

	assert_string_equal(l->masked_paths.items[1], "/b");
	assert_string_equal(l->readonly_paths.items[0], "/c");
	assert_string_equal(l->sysctl.items[0].value, "1");
	assert_string_equal(l->mount_label, "m");
	assert_string_equal(l->cgroups_path, "/g");
	assert_string_equal(l->net_devices.items[0].key, "eth0");
	assert_string_equal(l->net_devices.items[0].name, "e");
	assert_null(l->net_devices.items[1].name);
	assert_string_equal(l->intel_rdt->clos_id, "c");
	assert_true(l->intel_rdt->enable_monitoring);
	assert_int_equal(l->time_offsets->boottime->secs, -5);
	assert_null(l->time_offsets->monotonic);
}

TEST(null_members_are_absent_ones)
{
	struct config c = read_ok("'process':null,'root':null,'mounts':null,'hooks':null,"
				  "'hostname':null,'annotations':null,'linux':null");

	assert_null(c.process);
	assert_null(c.linux);
	assert_null(c.hostname);
	c = read_ok("'process':{'cwd':'/','capabilities':null,'user':null,'env':null,"
		    "'oomScoreAdj':null,'rlimits':null},'linux':{'resources':null,"
		    "'seccomp':null,'namespaces':null,'rootfsPropagation':null}");
	assert_null(c.process->capabilities);
	assert_false(c.process->oom_score_adj.set);
	assert_false(c.linux->rootfs_propagation.set);
}

TEST(a_process_document_alone)
{
	const char *text = unit_json("{\n'cwd':'/','args':['ls'],\n'user':{'uid':-4}}");
	const char *good = unit_json("{'cwd':'/x','args':['ls']}");
	struct config c;

	assert_int_equal(spec_read_process(&unit_arena, text, strlen(text), &c, &unit_err),
			 -EINVAL);
	assert_string_equal(unit_err.text, "user.uid (line 3): out of range: -4");
	assert_int_equal(spec_read_process(&unit_arena, good, strlen(good), &c, &unit_err), 0);
	assert_string_equal(c.process->cwd, "/x");
	assert_null(c.root);
}

TEST(a_resources_document_alone)
{
	const char *text = unit_json("{'pids':{'limit':5}}");
	const char *bad = unit_json("{'cpu':{'shares':'x'}}");
	struct config_resources r;

	assert_int_equal(spec_read_resources(&unit_arena, text, strlen(text), &r, &unit_err), 0);
	assert_int_equal(r.pids->limit.value, 5);
	assert_int_equal(spec_read_resources(&unit_arena, bad, strlen(bad), &r, &unit_err),
			 -EINVAL);
	assert_string_equal(unit_err.text, "cpu.shares (line 1): expected number, found string");
}

TEST(refusals_find_the_line_by_the_path)
{
	struct config c = read_ok("'mounts':[{'destination':'/a'},\n"
				  "{'destination':'/b',\n"
				  "'options':['x',\n"
				  "'y']}],\n"
				  "'process':{'cwd':'/'}");
	static const struct {
		const char *path, *message;
	} cases[] = {
		{ "mounts[0].destination", "mounts[0].destination (line 2): no 7" },
		{ "mounts[1].options[1]", "mounts[1].options[1] (line 5): no 7" },
		{ "process.cwd", "process.cwd (line 6): no 7" },
		/* not in the document: no line */
		{ "process.args", "process.args: no 7" },
		{ "mounts[5].type", "mounts[5].type: no 7" },
		{ "linux.seccomp.syscalls[3]", "linux.seccomp.syscalls[3]: no 7" },
		{ "hostname", "hostname: no 7" },
		{ "process.cwd.x", "process.cwd.x: no 7" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(spec_refuse(&c, &unit_err, cases[i].path, "no %d", 7), -EINVAL);
		assert_string_equal(unit_err.text, cases[i].message);
	}
}

TEST(names_of_values)
{
	assert_string_equal(spec_name_of(spec_namespaces, CLONE_NEWNET), "network");
	assert_string_equal(spec_name_of(spec_rlimits, RLIMIT_NOFILE), "RLIMIT_NOFILE");
	assert_null(spec_name_of(spec_namespaces, 12345));
}
