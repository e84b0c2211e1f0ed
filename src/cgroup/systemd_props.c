/* systemd_props.c - limits and annotations as properties of a unit */
#include "systemd_props.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hull/str.h"

#define PREFIX "org.systemd.property."
#define MAX_CPUS 8192 /* CONFIG_NR_CPUS of the largest kernels */
#define USEC_PER_SEC UINT64_C(1000000)
#define PERCENT_USEC 10000 /* of one second: what a unit file can say */

static struct prop *find(const struct props *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (str_eq(p->items[i].name, name))
			return &p->items[i];
	}
	return NULL;
}

static struct prop *add(struct props *p)
{
	if (p->n == p->size) {
		size_t size = p->size ? 2 * p->size : 32;
		struct prop *items = arena_new_n(p->arena, struct prop, size);

		if (p->n)
			memcpy(items, p->items, p->n * sizeof(*items));
		p->items = items;
		p->size = size;
	}
	return &p->items[p->n++];
}

struct prop *props_set(struct props *p, const char *name, struct value v, const char *where)
{
	struct prop *prop = find(p, name);

	prop = prop ? prop : add(p);
	*prop = (struct prop){ .name = name, .where = where, .value = v };
	return prop;
}

void props_extend(struct props *p, const char *name, struct value element, const char *where)
{
	struct prop *prop = find(p, name);
	size_t n = prop ? prop->value.n : 0;
	struct value *items = arena_new_n(p->arena, struct value, n + 1);

	if (n)
		memcpy(items, prop->value.items, n * sizeof(*items));
	items[n] = element;
	props_set(p, name, value_list(p->arena, "", items, n + 1), where)->optional = true;
}

bool props_drop(struct props *p, const char *name)
{
	const struct prop *prop = find(p, name);

	if (!prop || !prop->optional)
		return false;
	size_t i = (size_t)(prop - p->items);

	p->n--;
	memmove(p->items + i, p->items + i + 1, (p->n - i) * sizeof(*p->items));
	return true;
}

struct translation {
	struct props *props;
	struct cpu_max cpu;
	bool cpu_given;
	const char *cpu_where;
};

static void set_u64(struct translation *t, const char *name, uint64_t n, const struct limit *l)
{
	props_set(t->props, name, value_u64(n), l->where)->optional = true;
}

/*
 * A number, or no limit: "max" on v2, below zero on v1. What linux.resources.unified says the
 * kernel reads, by memparse() of its lib/cmdline.c, so 64M is one, too.
 *
 * Return: false for what is neither.
 */
static bool number_of(const char *text, uint64_t *ret)
{
	static const char units[] = "kmgtpe";
	char word[32];

	text += strspn(text, " \t");
	size_t n = strcspn(text, " \t\n");

	if (!n || n >= sizeof(word))
		return false;
	memcpy(word, text, n);
	word[n] = '\0';
	if (str_eq(word, "max") || word[0] == '-') {
		*ret = UINT64_MAX;
		return true;
	}
	const char *unit = strchr(units, word[n - 1] | 0x20);
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (unit)
		word[n - 1] = '\0';
	if (str_to_u64(word, UINT64_MAX >> shift, ret) < 0)
		return false;
	*ret <<= shift;
	return true;
}

static void put_number(struct translation *t, const struct limit *l, const char *property)
{
	uint64_t n;

	if (number_of(l->value, &n))
		set_u64(t, property, n, l);
}

/* systemd knows no limit of 0 processes. The kernel does: see limits_apply(). */
static void put_tasks(struct translation *t, const struct limit *l, const char *property)
{
	uint64_t n;

	if (number_of(l->value, &n))
		set_u64(t, property, n ? n : 1, l);
}

/*
 * systemd.resource-control(5): CPUWeight=idle is 0 on the bus. Without a weight in its place the
 * unit would stay idle, and so, with its next change, the group.
 */
static void put_idle(struct translation *t, const struct limit *l, const char *property)
{
	if (str_eq(l->value, "1"))
		set_u64(t, property, 0, l);
	else if (!find(t->props, property))
		set_u64(t, property, UINT64_MAX, l);
}

static void put_oom_group(struct translation *t, const struct limit *l, const char *property)
{
	props_set(t->props, property, value_string(str_eq(l->value, "1") ? "kill" : "continue"),
		  l->where)
		->optional = true;
}

static void put_mask(struct translation *t, const struct limit *l, const char *property)
{
	unsigned long mask[MAX_CPUS / (8 * sizeof(unsigned long))];
	uint8_t bytes[MAX_CPUS / 8] = { 0 };
	size_t n = 0;

	if (str_to_mask(l->value, mask, MAX_CPUS) < 0)
		return; /* the kernel will say what is wrong with it */
	for (size_t i = 0; i < MAX_CPUS; i++) {
		size_t bits = 8 * sizeof(*mask);

		if (!(mask[i / bits] >> i % bits & 1))
			continue;
		bytes[i / 8] |= (uint8_t)(1u << i % 8);
		n = i / 8 + 1;
	}
	props_set(t->props, property, value_bytes(t->props->arena, bytes, n), l->where)->optional =
		true;
}

void cpu_max_parse(const char *text, struct cpu_max *ret)
{
	char quota[32] = "", period[32] = "";

	(void)sscanf(text, "%31s %31s", quota, period);
	(void)number_of(quota, &ret->quota);
	(void)number_of(period, &ret->period);
}

static void put_cpu_max(struct translation *t, const struct limit *l, const char *property)
{
	uint64_t quota = t->cpu.quota;

	(void)property;
	cpu_max_parse(l->value, &t->cpu);
	if (l->flags & LIMIT_KEEPS_WORD)
		t->cpu.quota = quota;
	t->cpu_given = true;
	t->cpu_where = l->where;
}

static void put_cfs(struct translation *t, const struct limit *l, const char *property)
{
	(void)number_of(l->value, str_eq(property, "quota") ? &t->cpu.quota : &t->cpu.period);
	t->cpu_given = true;
	t->cpu_where = l->where;
}

/* A transient unit is a file too, and in that the quota is a percentage without a fraction. */
static void put_cpu(struct translation *t)
{
	const struct limit l = { .where = t->cpu_where };
	uint64_t quota = t->cpu.quota, period = t->cpu.period ? t->cpu.period : 1;
	uint64_t usec = UINT64_MAX;

	if (!t->cpu_given)
		return;
	if (quota <= UINT64_MAX / USEC_PER_SEC / 2) {
		usec = (quota * USEC_PER_SEC + period - 1) / period;
		usec = (usec + PERCENT_USEC - 1) / PERCENT_USEC * PERCENT_USEC;
	}
	set_u64(t, "CPUQuotaPerSecUSec", usec, &l);
	set_u64(t, "CPUQuotaPeriodUSec", period, &l);
}

/* "8:0 rest" as (path, number); systemd takes the numbers out of such a path without looking. */
static void put_node(struct translation *t, const struct limit *l, const char *property, uint64_t n)
{
	size_t len = strcspn(l->value, " ");
	const char *path = arena_printf(t->props->arena, "/dev/block/%.*s", (int)len, l->value);
	const struct value pair[] = { value_string(path), value_u64(n) };

	props_extend(t->props, property, value_tuple(t->props->arena, pair, 2), l->where);
}

/* "default 100", "100", "8:0 100"; of BFQ's file, whose scale is v1's, what is there instead. */
static void put_io_weight(struct translation *t, const struct limit *l, const char *property)
{
	bool bfq = str_eq(l->file, "io.bfq.weight");
	const char *text = bfq && l->instead ? l->instead_value : l->value;
	const char *blank = strchr(text, ' ');
	uint64_t n;

	if (!number_of(blank ? blank + 1 : text, &n))
		return;
	if (!strchr(text, ':'))
		set_u64(t, property, n, l);
	else
		put_node(t, l, "IODeviceWeight", bfq ? v2_weight_of_blkio(n) : n);
}

static void put_io_max(struct translation *t, const struct limit *l, const char *property)
{
	static const char *const names[][2] = { { "rbps=", "IOReadBandwidthMax" },
						{ "wbps=", "IOWriteBandwidthMax" },
						{ "riops=", "IOReadIOPSMax" },
						{ "wiops=", "IOWriteIOPSMax" } };

	(void)property;
	for (const char *word = strchr(l->value, ' '); word; word = strchr(word, ' ')) {
		word++;
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			const char *value = word + strlen(names[i][0]);
			uint64_t n;

			if (str_has_prefix(word, names[i][0]) &&
			    number_of(arena_strndup(t->props->arena, value, strcspn(value, " ")),
				      &n))
				put_node(t, l, names[i][1], n);
		}
	}
}

/* v1's "8:0 1048576", where 0 takes a limit away */
static void put_v1_node(struct translation *t, const struct limit *l, const char *property)
{
	const char *blank = strchr(l->value, ' ');
	uint64_t n;

	if (blank && number_of(blank + 1, &n))
		put_node(t, l, property, n ? n : UINT64_MAX);
}

/*
 * "a" sets what holds for all devices, the lines after it are the exceptions; see devrules_v1().
 * systemd knows lists of what is allowed only, and in these no minor number without a major one.
 */
static void put_devices(struct translation *t, const struct limit *l, const char *property)
{
	struct arena *a = t->props->arena;
	char type, major[24], minor[24], access[8];
	bool allow = str_eq(l->file, "devices.allow");

	if (str_eq(l->value, "a")) {
		props_set(t->props, "DevicePolicy", value_string(allow ? "auto" : "strict"),
			  l->where);
		return;
	}
	if (!allow || sscanf(l->value, "%c %23[^:]:%23s %7s", &type, major, minor, access) != 4 ||
	    (major[0] == '*' && minor[0] != '*'))
		return;
	const char *kind = type == 'b' ? "block" : "char";
	const struct value pair[] = {
		value_string(minor[0] == '*'
				     ? arena_printf(a, "%s-%s", kind, major)
				     : arena_printf(a, "/dev/%s/%s:%s", kind, major, minor)),
		value_string(arena_strdup(a, access)),
	};

	props_extend(t->props, property, value_tuple(a, pair, 2), l->where);
}

static const struct row {
	bool v2;
	const char *file, *property;
	void (*put)(struct translation *, const struct limit *, const char *property);
} rows[] = {
	{ true, "cpu.weight", "CPUWeight", put_number },
	{ true, "cpu.idle", "CPUWeight", put_idle },
	{ true, "cpu.max", "CPUQuotaPerSecUSec", put_cpu_max },
	{ true, "cpuset.cpus", "AllowedCPUs", put_mask },
	{ true, "cpuset.mems", "AllowedMemoryNodes", put_mask },
	{ true, "memory.min", "MemoryMin", put_number },
	{ true, "memory.low", "MemoryLow", put_number },
	{ true, "memory.high", "MemoryHigh", put_number },
	{ true, "memory.zswap.max", "MemoryZSwapMax", put_number },
	{ true, "memory.max", "MemoryMax", put_number },
	{ true, "memory.swap.max", "MemorySwapMax", put_number },
	{ true, "memory.oom.group", "OOMPolicy", put_oom_group },
	{ true, "pids.max", "TasksMax", put_tasks },
	{ true, "io.weight", "IOWeight", put_io_weight },
	{ true, "io.bfq.weight", "IOWeight", put_io_weight },
	{ true, "io.max", "IOReadBandwidthMax", put_io_max },
	{ false, "cpu.shares", "CPUShares", put_number },
	{ false, "cpu.cfs_quota_us", "quota", put_cfs },
	{ false, "cpu.cfs_period_us", "period", put_cfs },
	{ false, "memory.limit_in_bytes", "MemoryLimit", put_number },
	{ false, "pids.max", "TasksMax", put_tasks },
	{ false, "blkio.bfq.weight", "BlockIOWeight", put_number },
	{ false, "blkio.bfq.weight_device", "BlockIODeviceWeight", put_v1_node },
	{ false, "blkio.throttle.read_bps_device", "BlockIOReadBandwidth", put_v1_node },
	{ false, "blkio.throttle.write_bps_device", "BlockIOWriteBandwidth", put_v1_node },
	{ false, "devices.allow", "DeviceAllow", put_devices },
	{ false, "devices.deny", "DeviceAllow", put_devices },
};

void props_of_limits(const struct limits *l, const struct cpu_max *now, struct props *ret)
{
	struct translation t = { .props = ret, .cpu = *now };

	for (size_t i = 0; i < l->n; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			if (rows[j].v2 == l->items[i].v2 && str_eq(rows[j].file, l->items[i].file))
				rows[j].put(&t, &l->items[i], rows[j].property);
		}
	}
	put_cpu(&t);
}

/* sd_bus names a time by its unit: RuntimeMaxSec=2 is RuntimeMaxUSec=2000000 */
static int in_microseconds(struct props *p, const char *name, struct value *v, const char *where,
			   const char **ret_name, struct err *e)
{
	size_t n = strlen(name);

	if (n < 4 || !str_eq(name + n - 3, "Sec") || name[n - 4] < 'a' || name[n - 4] > 'z') {
		*ret_name = name;
		return 0;
	}
	bool real = v->type[0] == 'd';

	if ((!real && !strchr("ynqiuxt", v->type[0])) || v->real < 0 || v->real > 1e12 ||
	    (int64_t)v->number < 0 || v->number > UINT64_MAX / USEC_PER_SEC)
		return err_set(e, EINVAL, "%s: expected a number of seconds", where);
	*v = value_u64(real ? (uint64_t)(v->real * (double)USEC_PER_SEC)
			    : v->number * USEC_PER_SEC);
	*ret_name = arena_printf(p->arena, "%.*sUSec", (int)n - 3, name);
	return 0;
}

int props_of_annotations(const struct pairs *annotations, struct props *ret, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < annotations->n; i++) {
		const struct pair *p = &annotations->items[i];
		const char *name = p->key + strlen(PREFIX);
		struct value v;

		if (!str_has_prefix(p->key, PREFIX))
			continue;
		const char *where = arena_printf(ret->arena, "annotations: %s", p->key);

		if (!name[0] || name[strspn(name, letters)])
			return err_set(e, EINVAL, "%s: not the name of a unit's property", where);
		int r = value_parse(ret->arena, p->value, where, &v, e);

		if (r == 0)
			r = in_microseconds(ret, name, &v, where, &name, e);
		if (r < 0)
			return r;
		(void)props_set(ret, name, v, where);
	}
	return 0;
}
