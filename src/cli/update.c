/* update.c - `hull update` */
#include <errno.h>

#include "cli.h"
#include "hull/json.h"
#include "hull/launch.h"
#include "hull/str.h"

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_BYTES };

/*
 * Every flag is a member of linux.resources, in the order of the objects there: flag, object,
 * member, kind, least and greatest value, help.
 */
#define RESOURCE_FLAGS(X)                                                                          \
	X(FLAG_BLKIO_WEIGHT, "blkio-weight", "blockIO", "weight", VALUE_NUMBER, 10, 1000,          \
	  "block I/O weight, 10 to 1000")                                                          \
	X(FLAG_CPU_PERIOD, "cpu-period", "cpu", "period", VALUE_NUMBER, 0, INT64_MAX,              \
	  "CFS period, microseconds")                                                              \
	X(FLAG_CPU_QUOTA, "cpu-quota", "cpu", "quota", VALUE_NUMBER, INT64_MIN, INT64_MAX,         \
	  "CPU time a period, microseconds; -1: no limit")                                         \
	X(FLAG_CPU_BURST, "cpu-burst", "cpu", "burst", VALUE_NUMBER, 0, INT64_MAX,                 \
	  "CPU time saved up for bursts, microseconds")                                            \
	X(FLAG_CPU_SHARE, "cpu-share", "cpu", "shares", VALUE_NUMBER, 0, INT64_MAX,                \
	  "CPU shares, 2 to 262144")                                                               \
	X(FLAG_CPU_RT_PERIOD, "cpu-rt-period", "cpu", "realtimePeriod", VALUE_NUMBER, 0,           \
	  INT64_MAX, "real-time period, microseconds")                                             \
	X(FLAG_CPU_RT_RUNTIME, "cpu-rt-runtime", "cpu", "realtimeRuntime", VALUE_NUMBER,           \
	  INT64_MIN, INT64_MAX, "real-time CPU time a period, microseconds")                       \
	X(FLAG_CPUSET_CPUS, "cpuset-cpus", "cpu", "cpus", VALUE_TEXT, 0, 0,                        \
	  "processors, as in 0-2,7")                                                               \
	X(FLAG_CPUSET_MEMS, "cpuset-mems", "cpu", "mems", VALUE_TEXT, 0, 0, "memory nodes")        \
	X(FLAG_CPU_IDLE, "cpu-idle", "cpu", "idle", VALUE_NUMBER, 0, 1,                            \
	  "1: only when nobody else wants the CPU")                                                \
	X(FLAG_KERNEL_MEMORY, "kernel-memory", "memory", "kernel", VALUE_BYTES, 0, 0,              \
	  "kernel memory of v1, which newer kernels ignore")                                       \
	X(FLAG_KERNEL_MEMORY_TCP, "kernel-memory-tcp", "memory", "kernelTCP", VALUE_BYTES, 0, 0,   \
	  "the same for TCP buffers")                                                              \
	X(FLAG_MEMORY, "memory", "memory", "limit", VALUE_BYTES, 0, 0,                             \
	  "memory, bytes or 512m; -1: no limit")                                                   \
	X(FLAG_MEMORY_RESERVATION, "memory-reservation", "memory", "reservation", VALUE_BYTES, 0,  \
	  0, "memory that others should leave, bytes")                                             \
	X(FLAG_MEMORY_SWAP, "memory-swap", "memory", "swap", VALUE_BYTES, 0, 0,                    \
	  "memory and swap together, bytes; -1: no limit")                                         \
	X(FLAG_PIDS_LIMIT, "pids-limit", "pids", "limit", VALUE_NUMBER, -1, INT64_MAX,             \
	  "processes; -1: no limit")

enum {
#define ID(id, ...) id,
	RESOURCE_FLAGS(ID)
#undef ID
		FLAGS,
};

static const struct resource_flag {
	const char *name, *object, *member;
	enum value_kind kind;
	int64_t min, max;
} flags[] = {
#define ROW(id, name, object, member, kind, min, max, help)                                        \
	[id] = { name, object, member, kind, min, max },
	RESOURCE_FLAGS(ROW)
#undef ROW
};

struct options {
	const char *resources, *l3_cache_schema, *mem_bw_schema;
	const char *values[FLAGS];
};

/* Callers pass an empty value for a flag that they do not mean. */
static const char *given(const char *value)
{
	return str_or(value, "")[0] ? value : NULL;
}

static int put_value(struct json_out *o, const struct resource_flag *f, const char *text,
		     struct err *e)
{
	int64_t n = 0;
	int r = f->kind == VALUE_NUMBER  ? str_to_i64(text, f->min, f->max, &n)
		: f->kind == VALUE_BYTES ? str_to_bytes(text, &n)
					 : 0;

	if (r == -ERANGE && f->kind == VALUE_NUMBER)
		return err_set(e, EINVAL, "--%s %.60s: must be from %lld to %lld", f->name, text,
			       (long long)f->min, (long long)f->max);
	if (r < 0)
		return err_set(e, EINVAL, "--%s \"%.60s\": not a %s", f->name, text,
			       f->kind == VALUE_NUMBER ? "number" : "size like 1048576 or 512m");
	if (f->kind == VALUE_TEXT)
		json_out_string(o, f->member, text);
	else
		json_out_int(o, f->member, n);
	return 0;
}

/* The same document that --resources brings; @ret is NULL when no flag asks for anything. */
static int put_flags(struct invocation *in, const struct options *options, const char **ret,
		     struct err *e)
{
	struct json_out *o = json_out_new(false);
	const char *object = NULL;
	int r = 0;

	json_out_object(o, NULL);
	for (size_t i = 0; r == 0 && i < FLAGS; i++) {
		if (!given(options->values[i]))
			continue;
		if (!str_eq(object, flags[i].object)) {
			if (object)
				json_out_object_end(o);
			object = flags[i].object;
			json_out_object(o, object);
		}
		r = put_value(o, &flags[i], options->values[i], e);
	}
	if (object)
		json_out_object_end(o);
	json_out_object_end(o);
	if (r == 0 && object) {
		const char *text = json_out_text(o, NULL);

		*ret = text ? arena_strdup(in->arena, text) : NULL;
		r = text ? 0 : err_sys(e, ENOMEM, "write JSON");
	}
	json_out_free(o);
	return r;
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *o = in->options;
	struct update_options u = { .root = in->globals->root,
				    .id = in->argv[0],
				    .resources_file = given(o->resources),
				    .l3_cache_schema = given(o->l3_cache_schema),
				    .mem_bw_schema = given(o->mem_bw_schema) };
	int r = put_flags(in, o, &u.resources, e);

	if (r == 0 && u.resources && u.resources_file)
		return err_set(e, EINVAL,
			       "--resources: the file says all, other flags for "
			       "resources cannot be given with it");
	if (r == 0 && u.mem_bw_schema && !str_has_prefix(u.mem_bw_schema, "MB:"))
		return err_set(e, EINVAL,
			       "--mem-bw-schema \"%.60s\": must begin with MB:", u.mem_bw_schema);
	return r < 0 ? r : launch_update(&u, e);
}

static const struct cli_option options[] = {
#define ROW(id, name, object, member, kind, min, max, help)                                        \
	CLI_STRING(struct options, values[id], name, 0, help),
	RESOURCE_FLAGS(ROW)
#undef ROW
		CLI_STRING(struct options, resources, "resources", 'r',
			   "file with a linux.resources object; -: standard input"),
	CLI_STRING(struct options, l3_cache_schema, "l3-cache-schema", 0,
		   "Intel RDT: lines for the L3 cache"),
	CLI_STRING(struct options, mem_bw_schema, "mem-bw-schema", 0,
		   "Intel RDT: line for memory bandwidth"),
	CLI_END,
};

const struct command command_update = {
	.name = "update",
	.arguments = "ID",
	.summary = "change the resource limits of a container",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
