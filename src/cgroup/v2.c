/* v2.c - linux.resources in the files of cgroup v2; Documentation/admin-guide/cgroup-v2.rst */
#include <errno.h>

#include "hull/str.h"
#include "limits.h"

#define MEMORY "linux.resources.memory."
#define CPU "linux.resources.cpu."
#define BLOCK_IO "linux.resources.blockIO."

#define DEFAULT_SWAPPINESS 60 /* the kernel's: wishing for it is wishing for nothing */

#define MIN_PERIOD_US 1000 /* of tg_set_cfs_bandwidth() in the kernel's kernel/sched/core.c */
#define MAX_PERIOD_US 1000000

#define MIN_SHARES 2
#define MAX_SHARES 262144
#define MAX_WEIGHT 10000

static struct limit *add(struct limits *l, const char *controller, const char *file,
			 const char *value, const char *where)
{
	return limits_add(l, true, controller, file, value, where);
}

static int refuse(struct err *e, const char *where)
{
	return err_set(e, EINVAL, "%s: cgroup v2 has no such limit", where);
}

/* One bit of the result a round; good to twelve digits, which is far more than needed here. */
static double log2_of(uint64_t n)
{
	int whole = 63 - __builtin_clzll(n);
	double x = (double)n / (double)(UINT64_C(1) << whole), log = whole, bit = 1;

	for (int i = 0; i < 43; i++) {
		x *= x;
		bit /= 2;
		if (x >= 2) {
			x /= 2;
			log += bit;
		}
	}
	return log;
}

/*
 * The smallest weight that is not below 10^((x^2 + 125 x) / 612 - 7 / 34) for x = log2(shares).
 * The curve runs through minimum, default and maximum of both scales: 2 is 1, 1024 is 100, 262144
 * is 10000. Comparing logarithms finds it without libm.
 */
uint64_t v2_weight_of_shares(uint64_t shares)
{
	if (!shares)
		return 0;
	if (shares <= MIN_SHARES)
		return 1;
	if (shares >= MAX_SHARES)
		return MAX_WEIGHT;
	double x = log2_of(shares);
	double wanted = (x * x + 125 * x) / 612 - 7.0 / 34 - 1e-10; /* 100 must not become 101 */
	uint64_t low = 1, high = MAX_WEIGHT;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (log2_of(middle) / log2_of(10) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* From 10..1000 to 1..10000, both linear. */
uint64_t v2_weight_of_blkio(uint64_t weight)
{
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

static int refuse_v1_memory(const struct config_memory *m, struct err *e)
{
	if (m->kernel.set && m->kernel.value > 0)
		return refuse(e, MEMORY "kernel");
	if (m->kernel_tcp.set && m->kernel_tcp.value > 0)
		return refuse(e, MEMORY "kernelTCP");
	if (m->swappiness.set && m->swappiness.value != DEFAULT_SWAPPINESS)
		return refuse(e, MEMORY "swappiness");
	if (m->disable_oom_killer.set && m->disable_oom_killer.value)
		return refuse(e, MEMORY "disableOOMKiller");
	return 0;
}

static int add_swap(const struct config_memory *m, struct limits *l, struct err *e)
{
	int64_t swap = -1;
	int kind = limits_swap(m, &swap, e);

	if (kind <= SWAP_LEAVE)
		return kind;
	/* a kernel that does not count swap lacks the file */
	add(l, "memory", "memory.swap.max", limits_bytes(l, swap), MEMORY "swap")->flags =
		swap > 0 ? 0 : LIMIT_OPTIONAL;
	return 0;
}

static int write_memory(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_memory *m = r->memory;

	if (!m)
		return 0;
	int ret = refuse_v1_memory(m, e);

	if (ret < 0)
		return ret;
	if (m->limit.set && m->limit.value)
		(void)add(l, "memory", "memory.max", limits_bytes(l, m->limit.value),
			  MEMORY "limit");
	ret = add_swap(m, l, e);
	if (ret < 0)
		return ret;
	if (m->reservation.set && m->reservation.value)
		(void)add(l, "memory", "memory.low", limits_bytes(l, m->reservation.value),
			  MEMORY "reservation");
	return 0;
}

/* The two share a file, and the kernel does not say which of them it refuses. */
static const char *cpu_max_where(const struct config_cpu *c)
{
	bool bad_period = c->period.set && c->period.value &&
			  (c->period.value < MIN_PERIOD_US || c->period.value > MAX_PERIOD_US);

	return c->quota.set && !bad_period ? CPU "quota" : CPU "period";
}

/* The kernel keeps the period when only a quota is written; it has no such way for the quota. */
static void add_cpu_max(const struct config_cpu *c, struct limits *l)
{
	bool period = c->period.set && c->period.value;
	const char *quota =
		c->quota.set && c->quota.value > 0 ? limits_number(l, c->quota.value) : "max";

	if (!c->quota.set && !period)
		return;
	const char *value = period ? arena_printf(l->arena, "%s %llu", quota,
						  (unsigned long long)c->period.value)
				   : quota;

	add(l, "cpu", "cpu.max", value, cpu_max_where(c))->flags =
		c->quota.set ? 0 : LIMIT_KEEPS_WORD;
}

static int write_cpu(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_cpu *c = r->cpu;

	if (!c)
		return 0;
	if (c->realtime_period.set && c->realtime_period.value)
		return refuse(e, CPU "realtimePeriod");
	if (c->realtime_runtime.set && c->realtime_runtime.value)
		return refuse(e, CPU "realtimeRuntime");
	bool idle = c->idle.set && c->idle.value;
	uint64_t weight = c->shares.set && !idle ? v2_weight_of_shares(c->shares.value) : 0;

	if (weight)
		(void)add(l, "cpu", "cpu.weight", limits_number(l, (int64_t)weight), CPU "shares");
	add_cpu_max(c, l);
	if (c->burst.set)
		add(l, "cpu", "cpu.max.burst", limits_number(l, (int64_t)c->burst.value),
		    CPU "burst")
			->flags = c->burst.value ? 0 : LIMIT_OPTIONAL;
	if (c->idle.set)
		add(l, "cpu", "cpu.idle", idle ? "1" : "0", CPU "idle")->flags =
			idle ? 0 : LIMIT_OPTIONAL;
	return 0;
}

static const char *node_of(struct limits *l, int64_t major, int64_t minor)
{
	return arena_printf(l->arena, "%lld:%lld", (long long)major, (long long)minor);
}

static int add_weights(const struct config_block_io *b, struct limits *l, struct err *e)
{
	if (b->leaf_weight.set && b->leaf_weight.value)
		return refuse(e, BLOCK_IO "leafWeight");
	if (b->weight.set && b->weight.value) {
		uint64_t weight = v2_weight_of_blkio(b->weight.value);
		struct limit *limit =
			add(l, "io", "io.bfq.weight", limits_number(l, (int64_t)b->weight.value),
			    BLOCK_IO "weight");

		limit->instead = "io.weight";
		limit->instead_value =
			arena_printf(l->arena, "default %llu", (unsigned long long)weight);
	}
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct config_weight_device *d = &b->weight_device.items[i];
		const char *where = arena_printf(l->arena, BLOCK_IO "weightDevice[%zu]", i);

		if (d->leaf_weight.set && d->leaf_weight.value)
			return refuse(e, where);
		if (d->weight.set && d->weight.value)
			(void)add(l, "io", "io.bfq.weight",
				  arena_printf(l->arena, "%s %u", node_of(l, d->major, d->minor),
					       (unsigned)d->weight.value),
				  where);
	}
	return 0;
}

/* A rate of zero takes a limit away on v1. */
static void add_throttles(const struct config_throttle_devices *list, const char *key,
			  const char *name, struct limits *l)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct config_throttle_device *d = &list->items[i];
		const char *node = node_of(l, d->major, d->minor);
		const char *value = d->rate ? arena_printf(l->arena, "%s %s=%llu", node, key,
							   (unsigned long long)d->rate)
					    : arena_printf(l->arena, "%s %s=max", node, key);

		(void)add(l, "io", "io.max", value,
			  arena_printf(l->arena, BLOCK_IO "%s[%zu]", name, i));
	}
}

static int write_io(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_block_io *b = r->block_io;

	if (!b)
		return 0;
	int ret = add_weights(b, l, e);

	if (ret < 0)
		return ret;
	add_throttles(&b->read_bps, "rbps", "throttleReadBpsDevice", l);
	add_throttles(&b->write_bps, "wbps", "throttleWriteBpsDevice", l);
	add_throttles(&b->read_iops, "riops", "throttleReadIOPSDevice", l);
	add_throttles(&b->write_iops, "wiops", "throttleWriteIOPSDevice", l);
	return 0;
}

static int write_hugetlb(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)e;
	limits_add_hugepages(l, true, "max", &r->hugepage_limits);
	return 0;
}

static int refuse_net_cls(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)l;
	if (r->network && r->network->class_id.set && r->network->class_id.value)
		return refuse(e, "linux.resources.network.classID");
	return 0;
}

static int refuse_net_prio(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)l;
	if (r->network && r->network->priorities.n)
		return refuse(e, "linux.resources.network.priorities");
	return 0;
}

int v2_writes(const struct config_resources *r, unsigned families, struct limits *l, struct err *e)
{
	static const struct {
		unsigned family;
		int (*write)(const struct config_resources *, struct limits *, struct err *);
	} rows[] = {
		{ FAMILY_CPU, write_cpu },
		{ FAMILY_MEMORY, write_memory },
		{ FAMILY_IO, write_io },
		{ FAMILY_HUGETLB, write_hugetlb },
		{ FAMILY_NET_CLS, refuse_net_cls },
		{ FAMILY_NET_PRIO, refuse_net_prio },
	};
	int ret = limits_add_common(r, families, true, l, e);

	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(rows); i++) {
		if (families & rows[i].family)
			ret = rows[i].write(r, l, e);
	}
	return ret;
}
