/*
 * config_support.c - print docs/config-support.md from the reader's own tables
 *
 * What a property takes, whether it must be there and why it is ignored come from
 * src/config/spec.c. What the tables do not know stands in notes[] below: one row a property, in
 * their order. A property without a row, or a row without a property, ends the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"
#include "hull/str.h"

struct note {
	const char *path;
	const char *kernel; /* what it needs beyond what hull does; "": nothing */
	const char *text;   /* what is not plain, and what is refused with which words; "" */
};

/* clang-format off */
static const struct note notes[] = {
	{ "ociVersion", "",
	  "1.0.0 and every later 1.x; others are refused: \"is not supported: hull knows "
	  "1.0.0 to 1.3.0\"" },
	{ "root", "", "required" },
	{ "root.path", "", "absolute or relative to the bundle" },
	{ "root.readonly", "", "" },
	{ "process", "", "required" },
	{ "process.terminal", "", "the master goes to `--console-socket`, or is forwarded" },
	{ "process.consoleSize", "", "ignored without a terminal" },
	{ "process.consoleSize.height", "", "" },
	{ "process.consoleSize.width", "", "" },
	{ "process.cwd", "", "absolute; made when it is missing" },
	{ "process.args", "", "at least one; looked up in the `PATH` of `process.env`" },
	{ "process.env", "", "of names given twice the last stands" },
	{ "process.user", "", "" },
	{ "process.user.uid", "", "one without a mapping is refused" },
	{ "process.user.gid", "", "one without a mapping is refused" },
	{ "process.user.umask", "", "0022 when absent" },
	{ "process.user.additionalGids", "",
	  "refused where the user namespace denies setgroups(2)" },
	{ "process.capabilities", "",
	  "absent: none at all. Unknown names, and what hull cannot give, are warnings" },
	{ "process.capabilities.bounding", "", "" },
	{ "process.capabilities.permitted", "", "" },
	{ "process.capabilities.effective", "", "" },
	{ "process.capabilities.inheritable", "", "" },
	{ "process.capabilities.ambient", "", "" },
	{ "process.rlimits", "", "a type that is given twice is refused" },
	{ "process.rlimits[].type", "", "" },
	{ "process.rlimits[].soft", "", "" },
	{ "process.rlimits[].hard", "", "" },
	{ "process.noNewPrivileges", "", "" },
	{ "process.oomScoreAdj", "",
	  "absent: left alone. A warning where it needs CAP_SYS_RESOURCE" },
	{ "process.scheduler", "", "by sched_setattr(2), for init and exec" },
	{ "process.scheduler.policy", "", "`SCHED_ISO` is refused by every kernel so far" },
	{ "process.scheduler.nice", "", "" },
	{ "process.scheduler.priority", "", "`SCHED_FIFO` and `SCHED_RR` only" },
	{ "process.scheduler.flags", "",
	  "`SCHED_FLAG_UTIL_CLAMP_*` needs CONFIG_UCLAMP_TASK, and clamps nothing: there "
	  "is no property for its numbers" },
	{ "process.scheduler.runtime", "", "`SCHED_DEADLINE` only" },
	{ "process.scheduler.deadline", "", "`SCHED_DEADLINE` only" },
	{ "process.scheduler.period", "", "`SCHED_DEADLINE` only" },
	{ "process.ioPriority", "", "" },
	{ "process.ioPriority.class", "", "" },
	{ "process.ioPriority.priority", "", "0 when absent" },
	{ "process.execCPUAffinity", "", "of `hull exec`" },
	{ "process.execCPUAffinity.initial", "", "before the container's cgroups are entered" },
	{ "process.execCPUAffinity.final", "",
	  "absent: what the kernel makes of it in the container's cpuset" },
	{ "process.apparmorProfile", "AppArmor",
	  "without: refused with \"this host has no AppArmor\"" },
	{ "process.selinuxLabel", "SELinux",
	  "without: refused with \"this host has no SELinux\"" },
	{ "hostname", "", "needs a uts namespace, new or joined" },
	{ "domainname", "", "needs a uts namespace, new or joined" },
	{ "mounts", "", "in the order listed; need a mount namespace" },
	{ "mounts[].destination", "",
	  "resolved inside of the root; a relative one begins at `/`" },
	{ "mounts[].type", "", "ignored for binds" },
	{ "mounts[].source", "", "of a bind absolute or relative to the bundle" },
	{ "mounts[].options", "5.14 for nosymfollow",
	  "`hull features` lists the names; what is no name goes to the file system, and "
	  "is refused for a bind" },
	{ "mounts[].uidMappings", "tmpfs 6.3, overlay 5.19",
	  "with gidMappings only; the file system must support it" },
	{ "mounts[].uidMappings[].containerID", "", "" },
	{ "mounts[].uidMappings[].hostID", "", "" },
	{ "mounts[].uidMappings[].size", "", "" },
	{ "mounts[].gidMappings", "tmpfs 6.3, overlay 5.19", "with uidMappings only" },
	{ "hooks", "",
	  "the state is their standard input; output is discarded unless annotations "
	  "keep it" },
	{ "hooks.prestart", "", "before createRuntime, as these" },
	{ "hooks.prestart[].path", "", "" },
	{ "hooks.prestart[].args", "", "absent: the path alone" },
	{ "hooks.prestart[].env", "", "absent: empty; the container's for startContainer" },
	{ "hooks.prestart[].timeout", "", "in seconds; the hook's process group is killed" },
	{ "hooks.createRuntime", "", "in the namespaces of hull, the container's mounts made" },
	{ "hooks.createContainer", "", "in the container's namespaces, before the root changes" },
	{ "hooks.startContainer", "", "by `hull start`, inside, as confined as the payload" },
	{ "hooks.poststart", "", "a failure stops the container" },
	{ "hooks.poststop", "", "a failure is a warning" },
	{ "annotations", "", "see below" },
	{ "linux", "", "" },
	{ "linux.namespaces", "", "each type once" },
	{ "linux.namespaces[].type", "time: 5.6", "" },
	{ "linux.namespaces[].path", "", "an absolute path to a namespace of that type" },
	{ "linux.uidMappings", "", "need a user namespace; at most 340 lines" },
	{ "linux.gidMappings", "", "need a user namespace; at most 340 lines" },
	{ "linux.timeOffsets", "5.6",
	  "needs a new time namespace; a clock that is not below is refused with "
	  "\"unknown clock\"" },
	{ "linux.timeOffsets.monotonic", "", "" },
	{ "linux.timeOffsets.monotonic.secs", "", "" },
	{ "linux.timeOffsets.monotonic.nanosecs", "", "" },
	{ "linux.timeOffsets.boottime", "", "" },
	{ "linux.devices", "", "made, or bound from the host in a user namespace" },
	{ "linux.devices[].type", "", "" },
	{ "linux.devices[].path", "", "one that exists must be the same device" },
	{ "linux.devices[].major", "", "required but for `p`" },
	{ "linux.devices[].minor", "", "required but for `p`" },
	{ "linux.devices[].fileMode", "", "0666 when absent" },
	{ "linux.devices[].uid", "", "" },
	{ "linux.devices[].gid", "", "" },
	{ "linux.netDevices", "",
	  "needs a network namespace and root of the host; put back when create fails" },
	{ "linux.netDevices.*.name", "",
	  "`%d` is numbered by the kernel; a name that is taken is refused" },
	{ "linux.cgroupsPath", "", "relative ones begin at the root of the hierarchies" },
	{ "linux.resources", "",
	  "cgroup v1, v2 and hybrid. A controller that the host lacks is refused with "
	  "\"this host has no … controller\"" },
	{ "linux.resources.devices", "",
	  "v1 the devices controller, v2 an eBPF program; the default devices stay "
	  "allowed" },
	{ "linux.resources.devices[].allow", "", "" },
	{ "linux.resources.devices[].type", "", "`a` when absent" },
	{ "linux.resources.devices[].major", "", "absent or -1: every" },
	{ "linux.resources.devices[].minor", "", "absent or -1: every" },
	{ "linux.resources.devices[].access", "", "of `r`, `w`, `m`; absent: all" },
	{ "linux.resources.memory", "", "" },
	{ "linux.resources.memory.limit", "", "" },
	{ "linux.resources.memory.reservation", "", "v2: memory.low" },
	{ "linux.resources.memory.swap", "",
	  "memory and swap together; below the limit is refused" },
	{ "linux.resources.memory.kernel", "v1",
	  "does nothing since Linux 5.16. v2: refused with \"cgroup v2 has no such "
	  "limit\"" },
	{ "linux.resources.memory.kernelTCP", "v1",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.memory.swappiness", "v1",
	  "v2: refused with \"cgroup v2 has no such limit\", but for 60" },
	{ "linux.resources.memory.disableOOMKiller", "v1",
	  "v2: `true` is refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.memory.checkBeforeUpdate", "", "of `hull update`" },
	{ "linux.resources.memory.useHierarchy", "", "" },
	{ "linux.resources.cpu", "", "" },
	{ "linux.resources.cpu.shares", "", "v2: cpu.weight" },
	{ "linux.resources.cpu.quota", "", "" },
	{ "linux.resources.cpu.burst", "5.14", "" },
	{ "linux.resources.cpu.period", "", "" },
	{ "linux.resources.cpu.realtimeRuntime", "v1, CONFIG_RT_GROUP_SCHED",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.cpu.realtimePeriod", "v1, CONFIG_RT_GROUP_SCHED",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.cpu.cpus", "", "" },
	{ "linux.resources.cpu.mems", "", "" },
	{ "linux.resources.cpu.idle", "5.15", "" },
	{ "linux.resources.pids", "", "" },
	{ "linux.resources.pids.limit", "", "-1: no limit; 0 is one" },
	{ "linux.resources.blockIO", "", "" },
	{ "linux.resources.blockIO.weight", "",
	  "10 to 1000, or 0 for none; io.bfq.weight, else io.weight" },
	{ "linux.resources.blockIO.leafWeight", "v1 before 5.0",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.blockIO.weightDevice", "", "weight or leafWeight is required" },
	{ "linux.resources.blockIO.weightDevice[].major", "", "" },
	{ "linux.resources.blockIO.weightDevice[].minor", "", "" },
	{ "linux.resources.blockIO.weightDevice[].weight", "", "" },
	{ "linux.resources.blockIO.weightDevice[].leafWeight", "v1 before 5.0",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.blockIO.throttleReadBpsDevice", "", "" },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].major", "", "" },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].minor", "", "" },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].rate", "", "0: no limit" },
	{ "linux.resources.blockIO.throttleWriteBpsDevice", "", "" },
	{ "linux.resources.blockIO.throttleReadIOPSDevice", "", "" },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice", "", "" },
	{ "linux.resources.hugepageLimits", "",
	  "of pages, and of reservations where the kernel counts them" },
	{ "linux.resources.hugepageLimits[].pageSize", "", "" },
	{ "linux.resources.hugepageLimits[].limit", "", "" },
	{ "linux.resources.network", "v1", "" },
	{ "linux.resources.network.classID", "v1",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.network.priorities", "v1",
	  "v2: refused with \"cgroup v2 has no such limit\"" },
	{ "linux.resources.network.priorities[].name", "", "" },
	{ "linux.resources.network.priorities[].priority", "", "" },
	{ "linux.resources.rdma", "", "one of the two is required" },
	{ "linux.resources.rdma.*.hcaHandles", "", "" },
	{ "linux.resources.rdma.*.hcaObjects", "", "" },
	{ "linux.resources.unified", "v2",
	  "written last; v1: refused with \"needs cgroup v2, which this host does not "
	  "have\"" },
	{ "linux.intelRdt", "CONFIG_X86_CPU_RESCTRL",
	  "without: refused with \"resctrl is not mounted at /sys/fs/resctrl\"" },
	{ "linux.intelRdt.closID", "",
	  "the class stays when the container goes; absent: one of its own, which goes "
	  "with it" },
	{ "linux.intelRdt.schemata", "", "written last, a line each" },
	{ "linux.intelRdt.l3CacheSchema", "", "lines that begin with `MB:` do not count" },
	{ "linux.intelRdt.memBwSchema", "", "one line that begins with `MB:`" },
	{ "linux.intelRdt.enableMonitoring", "",
	  "a group named as the container, which goes with it" },
	{ "linux.memoryPolicy", "CONFIG_NUMA", "by set_mempolicy(2), for init and exec" },
	{ "linux.memoryPolicy.mode", "PREFERRED_MANY 5.15, WEIGHTED_INTERLEAVE 6.9", "" },
	{ "linux.memoryPolicy.nodes", "", "" },
	{ "linux.memoryPolicy.flags", "", "" },
	{ "linux.personality", "", "of init, exec and startContainer hooks" },
	{ "linux.personality.domain", "", "" },
	{ "linux.personality.flags", "",
	  "the specification has none: any is refused with \"unknown value\"" },
	{ "linux.sysctl", "", "of the container's own namespaces; others are refused" },
	{ "linux.seccomp", "", "" },
	{ "linux.seccomp.defaultAction", "",
	  "`SCMP_ACT_NOTIFY` is refused with \"cannot be used as default action\"" },
	{ "linux.seccomp.defaultErrnoRet", "",
	  "EPERM when absent; refused with \"the default action takes no number\" where "
	  "it does not" },
	{ "linux.seccomp.architectures", "",
	  "as far as libseccomp knows them; the native one is there always, and none of the "
	  "other byte order" },
	{ "linux.seccomp.flags", "WAIT_KILLABLE_RECV 5.19",
	  "absent: `SECCOMP_FILTER_FLAG_SPEC_ALLOW`. TSYNC has no effect on one thread; "
	  "WAIT_KILLABLE_RECV none without a rule that notifies" },
	{ "linux.seccomp.listenerPath", "",
	  "of the agent, who is given ten seconds to accept, read and answer on the way "
	  "to the payload" },
	{ "linux.seccomp.listenerMetadata", "", "needs listenerPath" },
	{ "linux.seccomp.syscalls", "",
	  "names that no architecture has are passed over; calls newer than all of them "
	  "read ENOSYS, unless the default allows" },
	{ "linux.seccomp.syscalls[].names", "", "" },
	{ "linux.seccomp.syscalls[].action", "",
	  "`SCMP_ACT_NOTIFY` is refused for write(2), without which hull could not "
	  "report" },
	{ "linux.seccomp.syscalls[].errnoRet", "",
	  "EPERM when absent; refused with \"the action takes no number\" where it does "
	  "not" },
	{ "linux.seccomp.syscalls[].args", "",
	  "all must hold; of several for one index one is enough" },
	{ "linux.seccomp.syscalls[].args[].index", "", "" },
	{ "linux.seccomp.syscalls[].args[].value", "", "" },
	{ "linux.seccomp.syscalls[].args[].valueTwo", "", "of `SCMP_CMP_MASKED_EQ` only" },
	{ "linux.seccomp.syscalls[].args[].op", "", "" },
	{ "linux.rootfsPropagation", "", "absent: rslave while the container is made" },
	{ "linux.maskedPaths", "",
	  "absolute; missing ones are passed over; need a mount namespace" },
	{ "linux.readonlyPaths", "",
	  "absolute; missing ones are passed over; need a mount namespace" },
	{ "linux.mountLabel", "SELinux", "without: refused with \"this host has no SELinux\"" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

static bool is_object(const struct field *f)
{
	return f->size || f->read == read_object_in_place;
}

static void put_names(const struct spec_name *n)
{
	for (const char *space = " "; n->name; n++, space = ", ")
		(void)printf("%s`%s`", space, n->name);
}

static void put_range(const struct field *f)
{
	if (f->min || f->max)
		(void)printf(", %lld to %llu", (long long)f->min, (unsigned long long)f->max);
}

static const char *kind_of(const struct field *f)
{
	static const struct {
		field_reader *read;
		const char *text;
	} kinds[] = {
		{ read_bool, "boolean" },
		{ read_opt_bool, "boolean" },
		{ read_ignored_bool, "boolean" },
		{ read_u64, "number" },
		{ read_opt_u64, "number" },
		{ read_i64, "number" },
		{ read_opt_i64, "number" },
		{ read_string, "string" },
		{ read_path, "absolute path" },
		{ read_strings, "list of strings" },
		{ read_numbers, "list of numbers" },
		{ read_pairs, "strings by name" },
		{ read_objects, "list of objects" },
		{ read_map, "objects by name" },
		{ read_name, "one of" },
		{ read_opt_name, "one of" },
		{ read_names, "list of" },
		{ read_refused, "anything" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].read == f->read)
			return kinds[i].text;
	}
	/* the specification's own readers */
	return is_object(f) ? "object" : f->table ? "list of" : "string";
}

/* Rows that several properties share are printed once. Return: where, or NULL for here. */
static const char *printed_at(const struct field *rows, const char *path)
{
	static struct {
		const struct field *rows;
		char path[256];
	} seen[128];
	static size_t n;

	for (size_t i = 0; i < n; i++) {
		if (seen[i].rows == rows)
			return seen[i].path;
	}
	if (n == ARRAY_SIZE(seen))
		abort();
	seen[n].rows = rows;
	(void)snprintf(seen[n++].path, sizeof(seen->path), "%s", path);
	return NULL;
}

static const struct note *take_note(const char *path)
{
	static const struct note *next = notes;

	if (path && next->path && !strcmp(next->path, path))
		return next++;
	if (!path && !next->path)
		return NULL;
	(void)fprintf(stderr, "%s: the next property is %s, the next row of notes[] %s\n", __FILE__,
		      str_or(path, "none"), str_or(next->path, "none"));
	exit(1);
}

static const char *support_of(const struct field *f)
{
	return f->support == FIELD_REFUSED   ? "refused"
	       : f->support == FIELD_IGNORED ? "ignored"
					     : "yes";
}

static void put_rows(const struct field *rows, const char *where);

static void put_property(const struct field *f, const char *where)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s%s%s", where, *where ? "." : "", f->name);
	const struct note *n = take_note(path);

	(void)printf("| `%s` | %s", path, kind_of(f));
	if (!is_object(f) && f->table)
		put_names(f->table);
	else
		put_range(f);
	(void)printf("%s | %s | %s | ", f->support == FIELD_REQUIRED ? "; required" : "",
		     support_of(f), n->kernel);
	(void)str_append(path, sizeof(path), "%s",
			 f->read == read_objects ? "[]"
			 : f->read == read_map   ? ".*"
						 : "");
	const char *there = is_object(f) ? printed_at(f->table, path) : NULL;

	if (there)
		(void)printf("members as of `%s`%s", there, n->text[0] ? "; " : "");
	(void)printf("%s%s |\n", n->text, f->note ? f->note : "");
	if (is_object(f) && !there)
		put_rows(f->table, path);
}

static void put_rows(const struct field *rows, const char *where)
{
	for (const struct field *f = rows; f->name; f++) {
		if (f->read != read_present) /* the row above, once more */
			put_property(f, where);
	}
}

int main(void)
{
	(void)puts(
		"# What hull takes of config.json\n\n"
		"Printed by `make docs` from the tables that read it (src/config/spec.c); do not "
		"edit.\n\n"
		"Every property that runtime-spec " SPEC_VERSION " has for Linux is here. hull "
		"itself needs Linux 5.12; the column *needs* says what a property needs beyond "
		"that. A value of another type, out of range or unknown is refused with the path "
		"and the line; a property that is not here is ignored, as the specification has "
		"it. Those are `process.commandLine` and `process.user.username`, which are "
		"Windows', the objects `windows`, `solaris`, `freebsd`, `vm` and `zos`, and "
		"`enableCMT` and `enableMBM` of `linux.intelRdt`, which 1.3 took away.\n\n"
		"| property | takes | supported | needs | what hull makes of it |\n"
		"|---|---|---|---|---|");
	put_rows(spec_rows, "");
	(void)take_note(NULL);
	(void)puts(
		"\n## Annotations\n\n"
		"These change what hull does; all others are only kept, and shown in the state.\n\n"
		"| annotation | meaning |\n|---|---|");
	for (const struct annotation *a = spec_annotations; a->name; a++)
		(void)printf("| `%s` | %s |\n", a->name, a->text);
	return 0;
}
