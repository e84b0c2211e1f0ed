/* v1.c - linux.resources in the files of cgroup v1; Documentation/admin-guide/cgroup-v1 */
#include <errno.h>

#include "hull/str.h"
#include "limits.h"

#define MEMORY "linux.resources.memory."
#define CPU "linux.resources.cpu."
#define BLOCK_IO "linux.resources.blockIO."

static struct limit *add(struct limits *l, const char *controller, const char *file,
			 const char *value, const char *where)
{
	return limits_add(l, false, controller, file, value, where);
}

static void add_number(struct limits *l, const char *controller, const char *file, int64_t n,
		       const char *where)
{
	(void)add(l, controller, file, limits_number(l, n), where);
}

/* v1 takes no negative number but -1. */
static int64_t or_unlimited(int64_t n)
{
	return n < 0 ? -1 : n;
}

static void add_bytes(struct limits *l, const char *file, const struct opt_i64 *n,
		      const char *where, unsigned flags)
{
	if (n->set && n->value)
		add(l, "memory", file, limits_number(l, or_unlimited(n->value)), where)->flags =
			flags;
}

static int add_swap(const struct config_memory *m, struct limits *l, struct err *e)
{
	int64_t swap;
	int kind = limits_swap(m, &swap, e);

	if (kind <= SWAP_LEAVE)
		return kind;
	int64_t total = kind == SWAP_UNLIMITED ? -1 : m->swap.value;
	struct limit *limit = add(l, "memory", "memory.memsw.limit_in_bytes",
				  limits_number(l, total), MEMORY "swap");

	/* a kernel that does not count swap */
	if (kind == SWAP_UNLIMITED || swap == 0)
		limit->flags = LIMIT_OPTIONAL;
	return 0;
}

static int write_memory(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_memory *m = r->memory;

	if (!m)
		return 0;
	add_bytes(l, "memory.limit_in_bytes", &m->limit, MEMORY "limit", 0);
	int ret = add_swap(m, l, e);

	if (ret < 0)
		return ret;
	add_bytes(l, "memory.soft_limit_in_bytes", &m->reservation, MEMORY "reservation", 0);
	add_bytes(l, "memory.kmem.limit_in_bytes", &m->kernel, MEMORY "kernel",
		  LIMIT_OPTIONAL | LIMIT_DEPRECATED);
	add_bytes(l, "memory.kmem.tcp.limit_in_bytes", &m->kernel_tcp, MEMORY "kernelTCP",
		  LIMIT_OPTIONAL | LIMIT_DEPRECATED);
	if (m->swappiness.set)
		add_number(l, "memory", "memory.swappiness", (int64_t)m->swappiness.value,
			   MEMORY "swappiness");
	if (m->disable_oom_killer.set)
		add(l, "memory", "memory.oom_control",
		    limits_number(l, (int64_t)m->disable_oom_killer.value),
		    MEMORY "disableOOMKiller")
			->flags = m->disable_oom_killer.value ? 0 : LIMIT_INITIAL;
	return 0;
}

/* Period before quota: a new group has no quota, so any period is right for it. */
static int write_cpu(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_cpu *c = r->cpu;
	bool idle = c && c->idle.set && c->idle.value;

	(void)e;
	if (!c)
		return 0;
	if (c->shares.set && c->shares.value && !idle)
		add_number(l, "cpu", "cpu.shares", (int64_t)c->shares.value, CPU "shares");
	if (c->period.set && c->period.value)
		add_number(l, "cpu", "cpu.cfs_period_us", (int64_t)c->period.value, CPU "period");
	if (c->quota.set)
		add_number(l, "cpu", "cpu.cfs_quota_us", c->quota.value > 0 ? c->quota.value : -1,
			   CPU "quota");
	if (c->burst.set)
		add(l, "cpu", "cpu.cfs_burst_us", limits_number(l, (int64_t)c->burst.value),
		    CPU "burst")
			->flags = c->burst.value ? 0 : LIMIT_OPTIONAL;
	if (c->realtime_period.set && c->realtime_period.value)
		add_number(l, "cpu", "cpu.rt_period_us", (int64_t)c->realtime_period.value,
			   CPU "realtimePeriod");
	if (c->realtime_runtime.set && c->realtime_runtime.value)
		add_number(l, "cpu", "cpu.rt_runtime_us", c->realtime_runtime.value,
			   CPU "realtimeRuntime");
	if (c->idle.set)
		add(l, "cpu", "cpu.idle", idle ? "1" : "0", CPU "idle")->flags =
			idle ? 0 : LIMIT_OPTIONAL;
	return 0;
}

/* BFQ is the one scheduler with weights since Linux 5.0; before, CFQ had the plain names. */
static void add_weight(struct limits *l, const char *bfq, const char *cfq, const char *value,
		       const char *where)
{
	struct limit *limit = add(l, "blkio", bfq, value, where);

	limit->instead = cfq;
	limit->instead_value = value;
}

static void add_weight_devices(const struct config_weight_devices *list, struct limits *l)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct config_weight_device *d = &list->items[i];
		const char *where = arena_printf(l->arena, BLOCK_IO "weightDevice[%zu]", i);
		const char *node = arena_printf(l->arena, "%lld:%lld", (long long)d->major,
						(long long)d->minor);

		if (d->weight.set && d->weight.value)
			add_weight(l, "blkio.bfq.weight_device", "blkio.weight_device",
				   arena_printf(l->arena, "%s %u", node, (unsigned)d->weight.value),
				   where);
		if (d->leaf_weight.set && d->leaf_weight.value)
			(void)add(l, "blkio", "blkio.leaf_weight_device",
				  arena_printf(l->arena, "%s %u", node,
					       (unsigned)d->leaf_weight.value),
				  where);
	}
}

static void add_throttles(const struct config_throttle_devices *list, const char *file,
			  const char *name, struct limits *l)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct config_throttle_device *d = &list->items[i];

		(void)add(l, "blkio", file,
			  arena_printf(l->arena, "%lld:%lld %llu", (long long)d->major,
				       (long long)d->minor, (unsigned long long)d->rate),
			  arena_printf(l->arena, BLOCK_IO "%s[%zu]", name, i));
	}
}

static int write_block_io(const struct config_resources *r, struct limits *l, struct err *e)
{
	const struct config_block_io *b = r->block_io;

	(void)e;
	if (!b)
		return 0;
	if (b->weight.set && b->weight.value)
		add_weight(l, "blkio.bfq.weight", "blkio.weight",
			   limits_number(l, (int64_t)b->weight.value), BLOCK_IO "weight");
	if (b->leaf_weight.set && b->leaf_weight.value)
		add_number(l, "blkio", "blkio.leaf_weight", (int64_t)b->leaf_weight.value,
			   BLOCK_IO "leafWeight");
	add_weight_devices(&b->weight_device, l);
	add_throttles(&b->read_bps, "blkio.throttle.read_bps_device", "throttleReadBpsDevice", l);
	add_throttles(&b->write_bps, "blkio.throttle.write_bps_device", "throttleWriteBpsDevice",
		      l);
	add_throttles(&b->read_iops, "blkio.throttle.read_iops_device", "throttleReadIOPSDevice",
		      l);
	add_throttles(&b->write_iops, "blkio.throttle.write_iops_device", "throttleWriteIOPSDevice",
		      l);
	return 0;
}

static int write_hugetlb(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)e;
	limits_add_hugepages(l, false, "limit_in_bytes", &r->hugepage_limits);
	return 0;
}

static int write_net_cls(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)e;
	if (r->network && r->network->class_id.set && r->network->class_id.value)
		add_number(l, "net_cls", "net_cls.classid", (int64_t)r->network->class_id.value,
			   "linux.resources.network.classID");
	return 0;
}

static int write_net_prio(const struct config_resources *r, struct limits *l, struct err *e)
{
	(void)e;
	for (size_t i = 0; r->network && i < r->network->priorities.n; i++) {
		const struct config_net_priority *p = &r->network->priorities.items[i];

		(void)add(l, "net_prio", "net_prio.ifpriomap",
			  arena_printf(l->arena, "%s %u", p->name, (unsigned)p->priority),
			  arena_printf(l->arena, "linux.resources.network.priorities[%zu]", i));
	}
	return 0;
}

int v1_writes(const struct config_resources *r, unsigned families, struct limits *l, struct err *e)
{
	static const struct {
		unsigned family;
		int (*write)(const struct config_resources *, struct limits *, struct err *);
	} rows[] = {
		{ FAMILY_CPU, write_cpu },         { FAMILY_MEMORY, write_memory },
		{ FAMILY_IO, write_block_io },     { FAMILY_HUGETLB, write_hugetlb },
		{ FAMILY_NET_CLS, write_net_cls }, { FAMILY_NET_PRIO, write_net_prio },
	};
	int ret = limits_add_common(r, families, false, l, e);

	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(rows); i++) {
		if (families & rows[i].family)
			ret = rows[i].write(r, l, e);
	}
	return ret;
}
