/* spec.h - struct config: what config.json says, member by member, before any of it is judged */
#ifndef HULL_SPEC_H
#define HULL_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/json.h"

/*
 * Names are the specification's, in snake_case; comments there are not repeated here. An absent
 * string or object is NULL, an absent array has n == 0, an absent number has set == false. Ranges,
 * required members and the values of enumerations have been checked; what depends on more than one
 * member is judged by plan_build().
 */

/* The highest version whose properties hull knows, and the lowest it accepts. */
#define SPEC_VERSION "1.3.0"
#define SPEC_VERSION_MIN "1.0.0"

struct opt_u64 {
	bool set;
	uint64_t value;
};

struct opt_i64 {
	bool set;
	int64_t value;
};

struct strings {
	size_t n;
	const char **items;
};

struct numbers {
	size_t n;
	uint64_t *items;
};

struct pair {
	const char *key, *value;
};

struct pairs {
	size_t n;
	struct pair *items;
};

struct config_root {
	const char *path;
	bool readonly;
};

struct config_idmap {
	uint64_t container_id, host_id, size;
};

struct config_idmaps {
	size_t n;
	struct config_idmap *items;
};

struct config_mount {
	const char *destination, *type, *source;
	struct strings options;
	struct config_idmaps uid_mappings, gid_mappings;
};

struct config_mounts {
	size_t n;
	struct config_mount *items;
};

struct config_user {
	uint64_t uid, gid;
	struct opt_u64 umask;
	struct numbers additional_gids;
};

struct config_console_size {
	uint64_t height, width;
};

/* Capability names as given; an unknown one is a warning, not an error (since 1.1). */
struct config_capabilities {
	struct strings bounding, permitted, effective, inheritable, ambient;
};

struct config_rlimit {
	unsigned type; /* RLIMIT_* */
	uint64_t soft, hard;
};

struct config_rlimits {
	size_t n;
	struct config_rlimit *items;
};

struct config_scheduler {
	unsigned policy; /* SCHED_* */
	struct opt_i64 nice, priority;
	uint64_t flags; /* SCHED_FLAG_* */
	struct opt_u64 runtime, deadline, period;
};

struct config_io_priority {
	unsigned class; /* IOPRIO_CLASS_* */
	struct opt_i64 priority;
};

struct config_affinity {
	const char *initial, *final;
};

struct config_process {
	bool terminal, no_new_privileges;
	struct config_console_size *console_size;
	const char *cwd;
	struct strings args, env;
	struct config_user user;
	struct config_capabilities *capabilities;
	struct config_rlimits rlimits;
	struct opt_i64 oom_score_adj;
	struct config_scheduler *scheduler;
	struct config_io_priority *io_priority;
	struct config_affinity *exec_cpu_affinity;
	const char *apparmor_profile, *selinux_label;
};

struct config_hook {
	const char *path;
	struct strings args, env;
	struct opt_u64 timeout;
};

struct config_hook_list {
	size_t n;
	struct config_hook *items;
};

struct config_hooks {
	struct config_hook_list prestart, create_runtime, create_container, start_container;
	struct config_hook_list poststart, poststop;
};

struct config_namespace {
	unsigned type; /* CLONE_NEW* */
	const char *path;
};

struct config_namespaces {
	size_t n;
	struct config_namespace *items;
};

struct config_time_offset {
	int64_t secs;
	uint64_t nanosecs;
};

struct config_time_offsets {
	struct config_time_offset *monotonic, *boottime;
};

struct config_device {
	unsigned type; /* S_IFCHR, S_IFBLK, S_IFIFO */
	const char *path;
	struct opt_i64 major, minor;
	struct opt_u64 file_mode, uid, gid;
};

struct config_devices {
	size_t n;
	struct config_device *items;
};

struct config_device_rule {
	bool allow;
	unsigned type; /* 'a', 'b' or 'c' */
	struct opt_i64 major, minor;
	unsigned access; /* DEVICE_READ | ... */
};

enum { DEVICE_READ = 1, DEVICE_WRITE = 2, DEVICE_MKNOD = 4 };

struct config_device_rules {
	size_t n;
	struct config_device_rule *items;
};

struct config_memory {
	struct opt_i64 limit, reservation, swap, kernel, kernel_tcp;
	struct opt_u64 swappiness, disable_oom_killer;
	bool check_before_update;
};

struct config_cpu {
	struct opt_u64 shares, burst, period, realtime_period;
	struct opt_i64 quota, realtime_runtime, idle;
	const char *cpus, *mems;
};

struct config_pids {
	struct opt_i64 limit;
};

struct config_weight_device {
	int64_t major, minor;
	struct opt_u64 weight, leaf_weight;
};

struct config_weight_devices {
	size_t n;
	struct config_weight_device *items;
};

struct config_throttle_device {
	int64_t major, minor;
	uint64_t rate;
};

struct config_throttle_devices {
	size_t n;
	struct config_throttle_device *items;
};

struct config_block_io {
	struct opt_u64 weight, leaf_weight;
	struct config_weight_devices weight_device;
	struct config_throttle_devices read_bps, write_bps, read_iops, write_iops;
};

struct config_hugepage {
	const char *page_size;
	uint64_t limit;
};

struct config_hugepages {
	size_t n;
	struct config_hugepage *items;
};

struct config_net_priority {
	const char *name;
	uint64_t priority;
};

struct config_net_priorities {
	size_t n;
	struct config_net_priority *items;
};

struct config_network {
	struct opt_u64 class_id;
	struct config_net_priorities priorities;
};

struct config_rdma {
	const char *key; /* device name */
	struct opt_u64 hca_handles, hca_objects;
};

struct config_rdmas {
	size_t n;
	struct config_rdma *items;
};

struct config_resources {
	struct config_device_rules devices;
	struct config_memory *memory;
	struct config_cpu *cpu;
	struct config_pids *pids;
	struct config_block_io *block_io;
	struct config_hugepages hugepage_limits;
	struct config_network *network;
	struct config_rdmas rdma;
	struct pairs unified;
};

struct config_intel_rdt {
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct strings schemata;
	bool enable_monitoring;
};

struct config_memory_policy {
	unsigned mode; /* MPOL_* */
	const char *nodes;
	uint64_t flags; /* MPOL_F_* */
};

struct config_personality {
	unsigned domain; /* PER_LINUX or PER_LINUX32 */
	struct strings flags;
};

struct config_net_device {
	const char *key; /* name on the host */
	const char *name;
};

struct config_net_devices {
	size_t n;
	struct config_net_device *items;
};

enum seccomp_action {
	SECCOMP_ACT_KILL_THREAD,
	SECCOMP_ACT_KILL_PROCESS,
	SECCOMP_ACT_TRAP,
	SECCOMP_ACT_ERRNO,
	SECCOMP_ACT_TRACE,
	SECCOMP_ACT_ALLOW,
	SECCOMP_ACT_LOG,
	SECCOMP_ACT_NOTIFY,
};

enum seccomp_op {
	SECCOMP_OP_NE,
	SECCOMP_OP_LT,
	SECCOMP_OP_LE,
	SECCOMP_OP_EQ,
	SECCOMP_OP_GE,
	SECCOMP_OP_GT,
	SECCOMP_OP_MASKED_EQ,
};

struct config_syscall_arg {
	uint64_t index, value, value_two;
	unsigned op;
};

struct config_syscall_args {
	size_t n;
	struct config_syscall_arg *items;
};

struct config_syscall {
	struct strings names;
	unsigned action;
	struct opt_u64 errno_ret;
	struct config_syscall_args args;
};

struct config_syscalls {
	size_t n;
	struct config_syscall *items;
};

struct config_seccomp {
	unsigned default_action;
	struct opt_u64 default_errno_ret;
	struct strings architectures; /* SCMP_ARCH_* names */
	bool has_flags;
	uint64_t flags; /* SECCOMP_FILTER_FLAG_* */
	const char *listener_path, *listener_metadata;
	struct config_syscalls syscalls;
};

struct config_linux {
	struct config_namespaces namespaces;
	struct config_idmaps uid_mappings, gid_mappings;
	struct config_time_offsets *time_offsets;
	struct config_devices devices;
	struct config_net_devices net_devices;
	const char *cgroups_path;
	struct config_resources *resources;
	struct config_intel_rdt *intel_rdt;
	struct config_memory_policy *memory_policy;
	struct config_personality *personality;
	struct pairs sysctl;
	struct config_seccomp *seccomp;
	struct opt_u64 rootfs_propagation; /* MS_SHARED, ... with or without MS_REC */
	struct strings masked_paths, readonly_paths;
	const char *mount_label;
};

struct config {
	const struct json *json; /* the document, for the lines in messages */
	const char *oci_version;
	struct config_root *root;
	struct config_process *process;
	const char *hostname, *domainname;
	struct config_mounts mounts;
	struct config_hooks *hooks;
	struct pairs annotations;
	struct config_linux *linux;
};

/**
 * spec_read_config() - read a whole config.json
 * @text: the file's bytes
 * @ret: filled in with pointers into @a
 *
 * Unknown members are ignored, unknown values of known members refused (runtime-spec config.md,
 * Extensibility and Valid values). Messages read "mounts[3].options[1] (line 41): ...".
 *
 * Return: 0 or -EINVAL.
 */
int spec_read_config(struct arena *a, const char *text, size_t len, struct config *ret,
		     struct err *e);

/* spec_read_process() - read a process object alone, as `exec --process` gets it */
int spec_read_process(struct arena *a, const char *text, size_t len, struct config *ret,
		      struct err *e);

/* spec_read_resources() - read a linux.resources object alone, as `update --resources` gets it */
int spec_read_resources(struct arena *a, const char *text, size_t len, struct config_resources *ret,
			struct err *e);

/**
 * spec_merge_resources() - linux.resources as they are after an update
 * @old: NULL: there were none
 * @given: has been read by spec_read_resources()
 *
 * Devices, page sizes and interfaces are matched by what they name. A zero where zero cannot be
 * meant is as good as absent, and device rules never change.
 */
const struct json *spec_merge_resources(struct arena *a, const struct json *old,
					const struct json *given);

/* spec_with() - an object with one member replaced or added; values are shared, NULL is empty */
const struct json *spec_with(struct arena *a, const struct json *object, const char *name,
			     const struct json *value);

/**
 * spec_refuse() - a message about one value, with its line
 * @path: as in "linux.namespaces[2].path"; where the document lacks it the line is left out
 *
 * Return: -EINVAL.
 */
int spec_refuse(const struct config *c, struct err *e, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* spec_annotation() - an annotation's value, or NULL */
const char *spec_annotation(const struct config *c, const char *key);

/* The annotations that hull acts on; a name that ends in "." begins many. Ends with a NULL name. */
struct annotation {
	const char *name, *text;
};

extern const struct annotation spec_annotations[];

/* A name and the number the kernel knows it by; lists end with a NULL name. */
struct spec_name {
	const char *name;
	uint64_t value;
};

/* The enumerations of the specification, for `hull features` and messages. */
extern const struct spec_name spec_namespaces[], spec_rlimits[], spec_seccomp_actions[],
	spec_seccomp_ops[], spec_seccomp_flags[], spec_schedulers[], spec_memory_modes[],
	spec_memory_flags[], spec_seccomp_archs[], spec_propagations[];

/* spec_name_of() - the name of a value in one of these lists, or NULL */
const char *spec_name_of(const struct spec_name *list, uint64_t value);

#endif
