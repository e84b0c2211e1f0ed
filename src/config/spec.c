/* spec.c - the runtime-spec 1.3 as tables: one row per property */
#include "hull/spec.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hull/str.h"
#include "schema.h"

#define MAX_U32 RANGE(0, UINT32_MAX)
#define MAX_ID RANGE(0, UINT32_MAX - 1) /* (uid_t)-1 means "no change" to the kernel */
#define ANY_I32 RANGE(INT32_MIN, INT32_MAX)

#define MPOL_WEIGHTED_INTERLEAVE_ 6 /* since Linux 6.9; headers here may be older */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV_ (1UL << 5) /* since 5.19 */

/* config-linux.md, "Namespaces" */
const struct spec_name spec_namespaces[] = {
	{ "mount", CLONE_NEWNS },      { "pid", CLONE_NEWPID },   { "network", CLONE_NEWNET },
	{ "uts", CLONE_NEWUTS },       { "ipc", CLONE_NEWIPC },   { "user", CLONE_NEWUSER },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME }, { NULL, 0 },
};

/* getrlimit(2) */
const struct spec_name spec_rlimits[] = {
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
	{ NULL, 0 },
};

const struct spec_name spec_propagations[] = {
	{ "private", MS_PRIVATE },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "shared", MS_SHARED },
	{ "rshared", MS_SHARED | MS_REC },
	{ "slave", MS_SLAVE },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "unbindable", MS_UNBINDABLE },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
	{ NULL, 0 },
};

const struct spec_name spec_seccomp_actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_ACT_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_TRAP", SECCOMP_ACT_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_ACT_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_ACT_TRACE },
	{ "SCMP_ACT_ALLOW", SECCOMP_ACT_ALLOW },
	{ "SCMP_ACT_LOG", SECCOMP_ACT_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_ACT_NOTIFY },
	{ NULL, 0 },
};

const struct spec_name spec_seccomp_ops[] = {
	{ "SCMP_CMP_NE", SECCOMP_OP_NE },
	{ "SCMP_CMP_LT", SECCOMP_OP_LT },
	{ "SCMP_CMP_LE", SECCOMP_OP_LE },
	{ "SCMP_CMP_EQ", SECCOMP_OP_EQ },
	{ "SCMP_CMP_GE", SECCOMP_OP_GE },
	{ "SCMP_CMP_GT", SECCOMP_OP_GT },
	{ "SCMP_CMP_MASKED_EQ", SECCOMP_OP_MASKED_EQ },
	{ NULL, 0 },
};

const struct spec_name spec_seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV_ },
	{ NULL, 0 },
};

/* The numbers are only an order: libseccomp resolves the names. */
const struct spec_name spec_seccomp_archs[] = {
	{ "SCMP_ARCH_X86", 0 },          { "SCMP_ARCH_X86_64", 1 },
	{ "SCMP_ARCH_X32", 2 },          { "SCMP_ARCH_ARM", 3 },
	{ "SCMP_ARCH_AARCH64", 4 },      { "SCMP_ARCH_LOONGARCH64", 5 },
	{ "SCMP_ARCH_M68K", 6 },         { "SCMP_ARCH_MIPS", 7 },
	{ "SCMP_ARCH_MIPS64", 8 },       { "SCMP_ARCH_MIPS64N32", 9 },
	{ "SCMP_ARCH_MIPSEL", 10 },      { "SCMP_ARCH_MIPSEL64", 11 },
	{ "SCMP_ARCH_MIPSEL64N32", 12 }, { "SCMP_ARCH_PPC", 13 },
	{ "SCMP_ARCH_PPC64", 14 },       { "SCMP_ARCH_PPC64LE", 15 },
	{ "SCMP_ARCH_S390", 16 },        { "SCMP_ARCH_S390X", 17 },
	{ "SCMP_ARCH_SH", 18 },          { "SCMP_ARCH_SHEB", 19 },
	{ "SCMP_ARCH_PARISC", 20 },      { "SCMP_ARCH_PARISC64", 21 },
	{ "SCMP_ARCH_RISCV64", 22 },     { NULL, 0 },
};

/* sched(7); SCHED_ISO is reserved by the kernel, which is left to refuse it */
const struct spec_name spec_schedulers[] = {
	{ "SCHED_OTHER", 0 }, { "SCHED_FIFO", 1 }, { "SCHED_RR", 2 },       { "SCHED_BATCH", 3 },
	{ "SCHED_ISO", 4 },   { "SCHED_IDLE", 5 }, { "SCHED_DEADLINE", 6 }, { NULL, 0 },
};

static const struct spec_name scheduler_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	{ NULL, 0 },
};

static const struct spec_name io_classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	{ NULL, 0 },
};

const struct spec_name spec_memory_modes[] = {
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_WEIGHTED_INTERLEAVE", MPOL_WEIGHTED_INTERLEAVE_ },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY },
	{ "MPOL_LOCAL", MPOL_LOCAL },
	{ NULL, 0 },
};

const struct spec_name spec_memory_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
	{ NULL, 0 },
};

static const struct spec_name personality_domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
	{ NULL, 0 },
};

static const struct spec_name device_types[] = {
	{ "c", S_IFCHR }, { "u", S_IFCHR }, { "b", S_IFBLK }, { "p", S_IFIFO }, { NULL, 0 },
};

static const struct spec_name rule_types[] = {
	{ "a", 'a' },
	{ "b", 'b' },
	{ "c", 'c' },
	{ NULL, 0 },
};

static int read_access(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	static const char letters[] = "rwm"; /* in the order of DEVICE_READ, WRITE, MKNOD */
	const char *s;

	if (read_string(r, f, v, &s) < 0)
		return -EINVAL;
	for (; *s; s++) {
		const char *letter = strchr(letters, *s);

		if (!letter)
			return schema_fail(r, v, "unknown access letter '%c': expected r, w or m",
					   *s);
		*(unsigned *)out |= 1u << (letter - letters);
	}
	return 0;
}

/* Clocks are keys here: one without an offset in time_namespaces(7) is a wrong value. */
static int read_time_offsets(struct reader *r, const struct field *f, const struct json *v,
			     void *out)
{
	for (const struct json *m = v->type == JSON_OBJECT ? v->items : NULL; m; m = m->next) {
		const struct field *clock = f->table;

		while (clock->name && strcmp(clock->name, m->key) != 0)
			clock++;
		if (!clock->name)
			return schema_fail(r, m, "unknown clock \"%.40s\"", m->key);
	}
	return read_object(r, f, v, out);
}

static int read_archs(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	uint64_t known;

	if (read_strings(r, f, v, out) < 0)
		return -EINVAL;
	return read_names(r, f, v, &known);
}

static const struct field root_rows[] = {
	STRING(struct config_root, path, "path", REQUIRED),
	BOOL(struct config_root, readonly, "readonly"),
	END,
};

static const struct field idmap_rows[] = {
	U64(struct config_idmap, container_id, "containerID", MAX_U32, REQUIRED),
	U64(struct config_idmap, host_id, "hostID", MAX_U32, REQUIRED),
	U64(struct config_idmap, size, "size", RANGE(1, UINT32_MAX), REQUIRED),
	END,
};

static const struct field mount_rows[] = {
	STRING(struct config_mount, destination, "destination", REQUIRED),
	STRING(struct config_mount, type, "type", .table = NULL),
	STRING(struct config_mount, source, "source", .table = NULL),
	STRINGS(struct config_mount, options, "options"),
	OBJECTS(struct config_mount, uid_mappings, struct config_idmap, "uidMappings", idmap_rows),
	OBJECTS(struct config_mount, gid_mappings, struct config_idmap, "gidMappings", idmap_rows),
	END,
};

static const struct field user_rows[] = {
	U64(struct config_user, uid, "uid", MAX_ID),
	U64(struct config_user, gid, "gid", MAX_ID),
	OPT_U64(struct config_user, umask, "umask", RANGE(0, 0777)),
	NUMBERS(struct config_user, additional_gids, "additionalGids", MAX_ID),
	END,
};

static const struct field console_rows[] = {
	/* struct winsize holds 16 bits */
	U64(struct config_console_size, height, "height", RANGE(0, UINT16_MAX), REQUIRED),
	U64(struct config_console_size, width, "width", RANGE(0, UINT16_MAX), REQUIRED),
	END,
};

static const struct field capability_rows[] = {
	STRINGS(struct config_capabilities, bounding, "bounding"),
	STRINGS(struct config_capabilities, permitted, "permitted"),
	STRINGS(struct config_capabilities, effective, "effective"),
	STRINGS(struct config_capabilities, inheritable, "inheritable"),
	STRINGS(struct config_capabilities, ambient, "ambient"),
	END,
};

static const struct field rlimit_rows[] = {
	NAME(struct config_rlimit, type, "type", spec_rlimits, REQUIRED),
	U64(struct config_rlimit, soft, "soft", REQUIRED),
	U64(struct config_rlimit, hard, "hard", REQUIRED),
	END,
};

static const struct field scheduler_rows[] = {
	NAME(struct config_scheduler, policy, "policy", spec_schedulers, REQUIRED),
	OPT_I64(struct config_scheduler, nice, "nice", RANGE(-20, 19)),
	OPT_I64(struct config_scheduler, priority, "priority", ANY_I32),
	NAMES(struct config_scheduler, flags, "flags", scheduler_flags),
	OPT_U64(struct config_scheduler, runtime, "runtime", .table = NULL),
	OPT_U64(struct config_scheduler, deadline, "deadline", .table = NULL),
	OPT_U64(struct config_scheduler, period, "period", .table = NULL),
	END,
};

static const struct field io_priority_rows[] = {
	NAME(struct config_io_priority, class, "class", io_classes, REQUIRED),
	OPT_I64(struct config_io_priority, priority, "priority", RANGE(0, 7)),
	END,
};

static const struct field affinity_rows[] = {
	STRING(struct config_affinity, initial, "initial", .table = NULL),
	STRING(struct config_affinity, final, "final", .table = NULL),
	END,
};

static const struct field process_rows[] = {
	BOOL(struct config_process, terminal, "terminal"),
	OBJECT(struct config_process, console_size, struct config_console_size, "consoleSize",
	       console_rows),
	STRING(struct config_process, cwd, "cwd", REQUIRED),
	STRINGS(struct config_process, args, "args"),
	STRINGS(struct config_process, env, "env"),
	{ .name = "user",
	  .read = read_object_in_place,
	  .offset = MEMBER_OFFSET(struct config_process, user, struct config_user),
	  .table = user_rows },
	OBJECT(struct config_process, capabilities, struct config_capabilities, "capabilities",
	       capability_rows),
	OBJECTS(struct config_process, rlimits, struct config_rlimit, "rlimits", rlimit_rows),
	BOOL(struct config_process, no_new_privileges, "noNewPrivileges"),
	OPT_I64(struct config_process, oom_score_adj, "oomScoreAdj", RANGE(-1000, 1000)),
	OBJECT(struct config_process, scheduler, struct config_scheduler, "scheduler",
	       scheduler_rows),
	OBJECT(struct config_process, io_priority, struct config_io_priority, "ioPriority",
	       io_priority_rows),
	OBJECT(struct config_process, exec_cpu_affinity, struct config_affinity, "execCPUAffinity",
	       affinity_rows),
	STRING(struct config_process, apparmor_profile, "apparmorProfile", .table = NULL),
	STRING(struct config_process, selinux_label, "selinuxLabel", .table = NULL),
	END,
};

static const struct field hook_rows[] = {
	PATH(struct config_hook, path, "path", REQUIRED),
	STRINGS(struct config_hook, args, "args"),
	STRINGS(struct config_hook, env, "env"),
	OPT_U64(struct config_hook, timeout, "timeout", RANGE(1, INT32_MAX)),
	END,
};

#define HOOKS(member, json)                                                                        \
	OBJECTS(struct config_hooks, member, struct config_hook, json, hook_rows)

static const struct field hooks_rows[] = {
	HOOKS(prestart, "prestart"),
	HOOKS(create_runtime, "createRuntime"),
	HOOKS(create_container, "createContainer"),
	HOOKS(start_container, "startContainer"),
	HOOKS(poststart, "poststart"),
	HOOKS(poststop, "poststop"),
	END,
};

static const struct field namespace_rows[] = {
	NAME(struct config_namespace, type, "type", spec_namespaces, REQUIRED),
	STRING(struct config_namespace, path, "path", .table = NULL),
	END,
};

static const struct field time_offset_rows[] = {
	I64(struct config_time_offset, secs, "secs", .table = NULL),
	U64(struct config_time_offset, nanosecs, "nanosecs", RANGE(0, 999999999)),
	END,
};

static const struct field time_offsets_rows[] = {
	OBJECT(struct config_time_offsets, monotonic, struct config_time_offset, "monotonic",
	       time_offset_rows),
	OBJECT(struct config_time_offsets, boottime, struct config_time_offset, "boottime",
	       time_offset_rows),
	END,
};

static const struct field device_rows[] = {
	NAME(struct config_device, type, "type", device_types, REQUIRED),
	PATH(struct config_device, path, "path", REQUIRED),
	OPT_I64(struct config_device, major, "major", RANGE(0, UINT32_MAX)),
	OPT_I64(struct config_device, minor, "minor", RANGE(0, UINT32_MAX)),
	OPT_U64(struct config_device, file_mode, "fileMode", RANGE(0, S_IFMT | 07777)),
	OPT_U64(struct config_device, uid, "uid", MAX_ID),
	OPT_U64(struct config_device, gid, "gid", MAX_ID),
	END,
};

static const struct field net_device_rows[] = {
	STRING(struct config_net_device, name, "name", .table = NULL),
	END,
};

static const struct field rule_rows[] = {
	ROW(read_bool, struct config_device_rule, allow, bool, "allow", REQUIRED),
	NAME(struct config_device_rule, type, "type", rule_types),
	OPT_I64(struct config_device_rule, major, "major", RANGE(-1, UINT32_MAX)),
	OPT_I64(struct config_device_rule, minor, "minor", RANGE(-1, UINT32_MAX)),
	{ .name = "access",
	  .read = read_access,
	  .offset = MEMBER_OFFSET(struct config_device_rule, access, unsigned) },
	END,
};

static const struct field memory_rows[] = {
	OPT_I64(struct config_memory, limit, "limit", .table = NULL),
	OPT_I64(struct config_memory, reservation, "reservation", .table = NULL),
	OPT_I64(struct config_memory, swap, "swap", .table = NULL),
	OPT_I64(struct config_memory, kernel, "kernel", .table = NULL),
	OPT_I64(struct config_memory, kernel_tcp, "kernelTCP", .table = NULL),
	OPT_U64(struct config_memory, swappiness, "swappiness", .table = NULL),
	OPT_BOOL(struct config_memory, disable_oom_killer, "disableOOMKiller"),
	BOOL(struct config_memory, check_before_update, "checkBeforeUpdate"),
	IGNORED_BOOL("useHierarchy", "hierarchical accounting is all there is since Linux 5.11"),
	END,
};

static const struct field cpu_rows[] = {
	OPT_U64(struct config_cpu, shares, "shares", .table = NULL),
	OPT_I64(struct config_cpu, quota, "quota", .table = NULL),
	OPT_U64(struct config_cpu, burst, "burst", .table = NULL),
	OPT_U64(struct config_cpu, period, "period", .table = NULL),
	OPT_I64(struct config_cpu, realtime_runtime, "realtimeRuntime", .table = NULL),
	OPT_U64(struct config_cpu, realtime_period, "realtimePeriod", .table = NULL),
	STRING(struct config_cpu, cpus, "cpus", .table = NULL),
	STRING(struct config_cpu, mems, "mems", .table = NULL),
	OPT_I64(struct config_cpu, idle, "idle", RANGE(0, 1)),
	END,
};

static const struct field pids_rows[] = {
	OPT_I64(struct config_pids, limit, "limit", .table = NULL),
	END,
};

#define DEVICE_NUMBER RANGE(0, UINT32_MAX), REQUIRED

static const struct field weight_device_rows[] = {
	I64(struct config_weight_device, major, "major", DEVICE_NUMBER),
	I64(struct config_weight_device, minor, "minor", DEVICE_NUMBER),
	OPT_U64(struct config_weight_device, weight, "weight", RANGE(0, UINT16_MAX)),
	OPT_U64(struct config_weight_device, leaf_weight, "leafWeight", RANGE(0, UINT16_MAX)),
	END,
};

static const struct field throttle_rows[] = {
	I64(struct config_throttle_device, major, "major", DEVICE_NUMBER),
	I64(struct config_throttle_device, minor, "minor", DEVICE_NUMBER),
	U64(struct config_throttle_device, rate, "rate", .table = NULL),
	END,
};

#define THROTTLE(member, json)                                                                     \
	OBJECTS(struct config_block_io, member, struct config_throttle_device, json, throttle_rows)

static const struct field block_io_rows[] = {
	OPT_U64(struct config_block_io, weight, "weight", RANGE(0, UINT16_MAX)),
	OPT_U64(struct config_block_io, leaf_weight, "leafWeight", RANGE(0, UINT16_MAX)),
	OBJECTS(struct config_block_io, weight_device, struct config_weight_device, "weightDevice",
		weight_device_rows),
	THROTTLE(read_bps, "throttleReadBpsDevice"),
	THROTTLE(write_bps, "throttleWriteBpsDevice"),
	THROTTLE(read_iops, "throttleReadIOPSDevice"),
	THROTTLE(write_iops, "throttleWriteIOPSDevice"),
	END,
};

static const struct field hugepage_rows[] = {
	STRING(struct config_hugepage, page_size, "pageSize", REQUIRED),
	U64(struct config_hugepage, limit, "limit", REQUIRED),
	END,
};

static const struct field net_priority_rows[] = {
	STRING(struct config_net_priority, name, "name", REQUIRED),
	U64(struct config_net_priority, priority, "priority", MAX_U32, REQUIRED),
	END,
};

static const struct field network_rows[] = {
	OPT_U64(struct config_network, class_id, "classID", MAX_U32),
	OBJECTS(struct config_network, priorities, struct config_net_priority, "priorities",
		net_priority_rows),
	END,
};

static const struct field rdma_rows[] = {
	OPT_U64(struct config_rdma, hca_handles, "hcaHandles", MAX_U32),
	OPT_U64(struct config_rdma, hca_objects, "hcaObjects", MAX_U32),
	END,
};

static const struct field resources_rows[] = {
	OBJECTS(struct config_resources, devices, struct config_device_rule, "devices", rule_rows),
	OBJECT(struct config_resources, memory, struct config_memory, "memory", memory_rows),
	OBJECT(struct config_resources, cpu, struct config_cpu, "cpu", cpu_rows),
	OBJECT(struct config_resources, pids, struct config_pids, "pids", pids_rows),
	OBJECT(struct config_resources, block_io, struct config_block_io, "blockIO", block_io_rows),
	OBJECTS(struct config_resources, hugepage_limits, struct config_hugepage, "hugepageLimits",
		hugepage_rows),
	OBJECT(struct config_resources, network, struct config_network, "network", network_rows),
	OBJECT_MAP(struct config_resources, rdma, struct config_rdma, "rdma", rdma_rows),
	PAIRS(struct config_resources, unified, "unified"),
	END,
};

static const struct field intel_rdt_rows[] = {
	STRING(struct config_intel_rdt, clos_id, "closID", .table = NULL),
	STRINGS(struct config_intel_rdt, schemata, "schemata"),
	STRING(struct config_intel_rdt, l3_cache_schema, "l3CacheSchema", .table = NULL),
	STRING(struct config_intel_rdt, mem_bw_schema, "memBwSchema", .table = NULL),
	BOOL(struct config_intel_rdt, enable_monitoring, "enableMonitoring"),
	END,
};

static const struct field memory_policy_rows[] = {
	NAME(struct config_memory_policy, mode, "mode", spec_memory_modes, REQUIRED),
	STRING(struct config_memory_policy, nodes, "nodes", .table = NULL),
	NAMES(struct config_memory_policy, flags, "flags", spec_memory_flags),
	END,
};

static const struct field personality_rows[] = {
	NAME(struct config_personality, domain, "domain", personality_domains, REQUIRED),
	STRINGS(struct config_personality, flags, "flags"),
	END,
};

static const struct field syscall_arg_rows[] = {
	U64(struct config_syscall_arg, index, "index", RANGE(0, 5), REQUIRED),
	U64(struct config_syscall_arg, value, "value", REQUIRED),
	U64(struct config_syscall_arg, value_two, "valueTwo", .table = NULL),
	NAME(struct config_syscall_arg, op, "op", spec_seccomp_ops, REQUIRED),
	END,
};

#define ERRNO_RANGE RANGE(0, 4095) /* what the kernel lets a filter return */

static const struct field syscall_rows[] = {
	STRINGS(struct config_syscall, names, "names"),
	NAME(struct config_syscall, action, "action", spec_seccomp_actions, REQUIRED),
	OPT_U64(struct config_syscall, errno_ret, "errnoRet", ERRNO_RANGE),
	OBJECTS(struct config_syscall, args, struct config_syscall_arg, "args", syscall_arg_rows),
	END,
};

static const struct field seccomp_rows[] = {
	NAME(struct config_seccomp, default_action, "defaultAction", spec_seccomp_actions,
	     REQUIRED),
	OPT_U64(struct config_seccomp, default_errno_ret, "defaultErrnoRet", ERRNO_RANGE),
	{ .name = "architectures",
	  .read = read_archs,
	  .offset = MEMBER_OFFSET(struct config_seccomp, architectures, struct strings),
	  .table = spec_seccomp_archs },
	NAMES(struct config_seccomp, flags, "flags", spec_seccomp_flags),
	ROW(read_present, struct config_seccomp, has_flags, bool, "flags", .table = NULL),
	STRING(struct config_seccomp, listener_path, "listenerPath", .table = NULL),
	STRING(struct config_seccomp, listener_metadata, "listenerMetadata", .table = NULL),
	OBJECTS(struct config_seccomp, syscalls, struct config_syscall, "syscalls", syscall_rows),
	END,
};

static const struct field linux_rows[] = {
	OBJECTS(struct config_linux, namespaces, struct config_namespace, "namespaces",
		namespace_rows),
	OBJECTS(struct config_linux, uid_mappings, struct config_idmap, "uidMappings", idmap_rows),
	OBJECTS(struct config_linux, gid_mappings, struct config_idmap, "gidMappings", idmap_rows),
	ROW(read_time_offsets, struct config_linux, time_offsets, struct config_time_offsets *,
	    "timeOffsets", .table = time_offsets_rows, .size = sizeof(struct config_time_offsets)),
	OBJECTS(struct config_linux, devices, struct config_device, "devices", device_rows),
	OBJECT_MAP(struct config_linux, net_devices, struct config_net_device, "netDevices",
		   net_device_rows),
	STRING(struct config_linux, cgroups_path, "cgroupsPath", .table = NULL),
	OBJECT(struct config_linux, resources, struct config_resources, "resources",
	       resources_rows),
	OBJECT(struct config_linux, intel_rdt, struct config_intel_rdt, "intelRdt", intel_rdt_rows),
	OBJECT(struct config_linux, memory_policy, struct config_memory_policy, "memoryPolicy",
	       memory_policy_rows),
	OBJECT(struct config_linux, personality, struct config_personality, "personality",
	       personality_rows),
	PAIRS(struct config_linux, sysctl, "sysctl"),
	OBJECT(struct config_linux, seccomp, struct config_seccomp, "seccomp", seccomp_rows),
	ROW(read_opt_name, struct config_linux, rootfs_propagation, struct opt_u64,
	    "rootfsPropagation", .table = spec_propagations),
	STRINGS(struct config_linux, masked_paths, "maskedPaths"),
	STRINGS(struct config_linux, readonly_paths, "readonlyPaths"),
	STRING(struct config_linux, mount_label, "mountLabel", .table = NULL),
	END,
};

const struct field spec_rows[] = {
	STRING(struct config, oci_version, "ociVersion", REQUIRED),
	OBJECT(struct config, root, struct config_root, "root", root_rows),
	OBJECT(struct config, process, struct config_process, "process", process_rows),
	STRING(struct config, hostname, "hostname", .table = NULL),
	STRING(struct config, domainname, "domainname", .table = NULL),
	OBJECTS(struct config, mounts, struct config_mount, "mounts", mount_rows),
	OBJECT(struct config, hooks, struct config_hooks, "hooks", hooks_rows),
	PAIRS(struct config, annotations, "annotations"),
	OBJECT(struct config, linux, struct config_linux, "linux", linux_rows),
	END,
};

/* What a document of one object of the specification is read into. */
static int read_document(struct arena *a, const char *text, size_t len, const struct field *table,
			 void *out, struct json **ret_json, struct err *e)
{
	struct reader r = { .arena = a, .err = e };

	if (json_parse(a, text, len, ret_json, e) < 0)
		return -EINVAL;
	return schema_read(&r, table, *ret_json, out);
}

int spec_read_config(struct arena *a, const char *text, size_t len, struct config *ret,
		     struct err *e)
{
	struct config c = { 0 };
	struct json *json;
	int r = read_document(a, text, len, spec_rows, &c, &json, e);

	if (r < 0)
		return r;
	c.json = json;
	*ret = c;
	return 0;
}

int spec_read_process(struct arena *a, const char *text, size_t len, struct config *ret,
		      struct err *e)
{
	struct config c = { 0 };
	struct json *json;

	c.process = arena_new(a, struct config_process);
	int r = read_document(a, text, len, process_rows, c.process, &json, e);

	if (r < 0)
		return r;
	c.json = json;
	*ret = c;
	return 0;
}

int spec_read_resources(struct arena *a, const char *text, size_t len, struct config_resources *ret,
			struct err *e)
{
	struct config_resources res = { 0 };
	struct json *json;
	int r = read_document(a, text, len, resources_rows, &res, &json, e);

	if (r == 0)
		*ret = res;
	return r;
}

/*
 * Walks "a.b[3].c"; NULL where the document has no such value. The last name may hold dots, as a
 * kernel parameter's does.
 */
static const struct json *find_path(const struct json *v, const char *path)
{
	char name[128];

	while (v && *path) {
		const struct json *last = json_member(v, path);
		size_t n = strcspn(path, ".[");

		if (last)
			return last;
		if (n) {
			(void)snprintf(name, sizeof(name), "%.*s", (int)n, path);
			v = json_member(v, name);
		} else if (*path == '[') {
			size_t i = (size_t)strtoul(path + 1, NULL, 10);

			for (v = v->items; v && i; i--)
				v = v->next;
			n = strcspn(path, "]") + 1;
		}
		path += n;
		path += *path == '.';
	}
	return v;
}

int spec_refuse(const struct config *c, struct err *e, const char *path, const char *fmt, ...)
{
	const struct json *v = find_path(c->json, path);
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (v)
		return err_set(e, EINVAL, "%s (line %u): %s", path, v->line, text);
	return err_set(e, EINVAL, "%s: %s", path, text);
}

const char *spec_name_of(const struct spec_name *list, uint64_t value)
{
	for (; list->name; list++) {
		if (list->value == value)
			return list->name;
	}
	return NULL;
}
