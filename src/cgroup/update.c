/*
 * update.c - changing limits of groups that are in use
 *
 * The same tables as at creation say which file gets which value. What is new here: old values
 * matter, for the order of the writes and for putting them back.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "group.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "systemd.h"

#define MEMORY "linux.resources.memory."
#define CPU "linux.resources.cpu."

/* Files that have a line for each device or the like, and what a line without a limit says. */
static const struct keyed {
	const char *file; /* a prefix */
	const char *none;
} keyed_files[] = {
	{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "default" },
	{ "io.bfq.weight", "default" },
	{ "io.latency", "target=0" },
	{ "rdma.max", "hca_handle=max hca_object=max" },
	{ "misc.max", "max" },
	{ "dmem.", "max" },
	{ "blkio.throttle.", "0" },
	{ "blkio.bfq.weight_device", "default" },
	{ "blkio.weight_device", "0" },
	{ "blkio.leaf_weight_device", "0" },
	{ "net_prio.ifpriomap", "0" },
};

/* Zeros for "not given": the tables of creation, where nothing is kept, read them otherwise. */
static void drop_zeros(struct config_cpu *c)
{
	c->quota.set = c->quota.set && c->quota.value;
	c->realtime_runtime.set = c->realtime_runtime.set && c->realtime_runtime.value;
}

static bool has(const struct opt_i64 *n)
{
	return n->set && n->value;
}

/* v2 has swap alone, which depends on both: one of them given, the other is the container's. */
static void complete_memory(struct config_memory *m, const struct config_memory *all)
{
	if (has(&m->limit) && !has(&m->swap))
		m->swap = all->swap;
	else if (has(&m->swap) && !has(&m->limit))
		m->limit = all->limit;
}

/* Shares and idle exclude each other in the kernel, and leaving idle makes it forget the shares. */
static void complete_cpu(struct config_cpu *c, const struct config_cpu *all)
{
	if (c->idle.set && !(c->shares.set && c->shares.value))
		c->shares = all->shares;
	else if (c->shares.set && !c->idle.set)
		c->idle = all->idle;
}

/* With a new weight of all BFQ forgets those that devices have of their own. */
static void complete_weights(struct config_block_io *b, const struct config_block_io *all)
{
	if (b->weight.set && b->weight.value)
		b->weight_device = all->weight_device;
}

static void drop(struct limits *l, const char *where)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!str_eq(l->items[i].where, where))
			l->items[kept++] = l->items[i];
	}
	l->n = kept;
}

static int translate(struct cgroup *cg, const struct config_resources *given,
		     const struct config_resources *all, struct err *e)
{
	struct config_resources r = *given;
	struct config_memory m = given->memory ? *given->memory : (struct config_memory){ 0 };
	struct config_cpu c = given->cpu ? *given->cpu : (struct config_cpu){ 0 };
	struct config_block_io b =
		given->block_io ? *given->block_io : (struct config_block_io){ 0 };

	r.devices = (struct config_device_rules){ 0 };
	if (r.memory && all->memory)
		complete_memory(&m, all->memory);
	drop_zeros(&c);
	if (r.cpu && all->cpu)
		complete_cpu(&c, all->cpu);
	if (r.block_io && all->block_io)
		complete_weights(&b, all->block_io);
	r.memory = r.memory ? &m : NULL;
	r.block_io = r.block_io ? &b : NULL;
	r.cpu = r.cpu ? &c : NULL;
	int ret = resources_plan(&r, &cg->layout, &cg->limits, e);

	/* what was only filled in for the sake of the rest */
	if (given->memory && !has(&given->memory->limit))
		drop(&cg->limits, MEMORY "limit");
	if (given->cpu && !given->cpu->idle.set)
		drop(&cg->limits, CPU "idle");
	return ret;
}

static uint64_t read_bytes(const struct hierarchy *h, const char *file)
{
	char text[64];
	uint64_t n;

	if (hierarchy_read(h, file, text, sizeof(text)) <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return str_to_u64(text, UINT64_MAX, &n) == 0 ? n : 0;
}

/* config-linux.md, checkBeforeUpdate: v1 refuses by itself, v2 would kill to get there. */
static int check_memory(const struct cgroup *cg, const struct config_memory *given,
			const struct config_memory *all, struct err *e)
{
	const struct hierarchy *h = layout_v2(&cg->layout);

	if (!given || !all || !all->check_before_update || !h || layout_v1(&cg->layout, "memory"))
		return 0;
	uint64_t usage = read_bytes(h, "memory.current");
	uint64_t total = usage + read_bytes(h, "memory.swap.current");

	if (given->swap.set && given->swap.value > 0 && (uint64_t)given->swap.value <= total)
		return err_set(e, EBUSY,
			       MEMORY "swap: rejecting memory+swap limit %lld <= usage %llu",
			       (long long)given->swap.value, (unsigned long long)total);
	if (given->limit.set && given->limit.value > 0 && (uint64_t)given->limit.value <= usage)
		return err_set(e, EBUSY, MEMORY "limit: rejecting memory limit %lld <= usage %llu",
			       (long long)given->limit.value, (unsigned long long)usage);
	return 0;
}

static const struct keyed *find_keyed(const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(keyed_files); i++) {
		if (str_has_prefix(file, keyed_files[i].file))
			return &keyed_files[i];
	}
	return NULL;
}

/* The line that begins with the same word as @value; a number alone is about "default". */
static const char *keyed_line(struct arena *a, const char *text, const char *value,
			      const struct keyed *k)
{
	size_t n = strcspn(value, " ");
	const char *key = value[n] ? arena_strndup(a, value, n) : "default";

	for (n = strlen(key); *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (!strncmp(text, key, n) && text[n] == ' ')
			return arena_strndup(a, text, strcspn(text, "\n"));
	}
	return arena_printf(a, "%s %s", key, k->none);
}

/* What to write to have the old value again; NULL where that cannot be told. */
static const char *restoring(struct arena *a, const char *file, const char *value, const char *text)
{
	static const char oom[] = "oom_kill_disable ";
	const struct keyed *k = find_keyed(file);
	size_t n = strcspn(text, "\n");

	if (str_has_prefix(text, oom))
		return arena_strndup(a, text + strlen(oom), 1);
	/* a file that has weights of devices beside its own may have only the latter */
	if (k && (strchr(value, ' ') || strchr(text, ' ')))
		return keyed_line(a, text, value, k);
	if (text[n] && text[n + 1])
		return NULL;
	return n ? arena_strndup(a, text, n) : "\n"; /* an empty list is written as a blank one */
}

/*
 * Becoming idle, or not, sets the weight too, and idle groups have none to set. A set of processors
 * in use cannot be emptied again: then it gets what it had from its parent.
 */
static void look_aside(struct arena *a, struct limit *l)
{
	const char *side = NULL, *from = NULL;
	char text[4096];

	if (str_eq(l->file, "cpu.idle") && str_eq(l->before, "0")) {
		side = from = l->v2 ? "cpu.weight" : "cpu.shares";
	} else if (l->v2 && str_eq(l->controller, "cpuset") && str_eq(l->before, "\n")) {
		side = l->file;
		from = arena_printf(a, "%s.effective", l->file);
	}
	if (!from || hierarchy_read(l->home, from, text, sizeof(text)) <= 0)
		return;
	l->side = side;
	l->side_before = arena_strndup(a, text, strcspn(text, "\n"));
}

/* Which file it will be, and what it says now. A missing one is an error before any is written. */
static int look(struct arena *a, struct limit *l, struct err *e)
{
	char text[16 * 1024];

	if (!l->home)
		return 0;
	l->target = l->file;
	ssize_t n = hierarchy_read(l->home, l->file, text, sizeof(text));

	if (n == -ENOENT && l->instead) {
		l->target = l->instead;
		n = hierarchy_read(l->home, l->instead, text, sizeof(text));
	}
	if (n == -ENOENT && !(l->flags & LIMIT_OPTIONAL))
		return err_sys(e, ENOENT, "%s: open %s/%s", l->where, l->home->group, l->file);
	/* some files can only be written */
	if (n >= 0)
		l->before = restoring(a, l->target,
				      l->target == l->file ? l->value : l->instead_value, text);
	look_aside(a, l);
	return 0;
}

/* "max" and, on v1, -1 are more than any number. */
static uint64_t amount(const char *text)
{
	uint64_t n;

	return text && str_to_u64(text, UINT64_MAX, &n) == 0 ? n : UINT64_MAX;
}

static bool shrinks_memory(const struct limit *l)
{
	return str_eq(l->controller, "memory") && l->before && amount(l->value) < amount(l->before);
}

/*
 * Memory that may no longer be used has to go somewhere: swap grows first, or the kernel kills.
 * What v1 then still refuses in this order limits_apply() tries again.
 */
static void order(struct limits *l)
{
	struct limit *sorted = arena_new_n(l->arena, struct limit, l->n + 1);
	size_t n = 0;

	for (unsigned shrinking = 0; shrinking < 2; shrinking++) {
		for (size_t i = 0; i < l->n; i++) {
			if (shrinks_memory(&l->items[i]) == shrinking)
				sorted[n++] = l->items[i];
		}
	}
	l->items = sorted;
	l->size = l->n;
}

/* Next to v1 only what limits need is enabled, so this may be the first to need one. */
static int enable_missing(const struct cgroup *cg, const struct hierarchy *h, struct err *e)
{
	char list[1024];

	if (hierarchy_read(h, "cgroup.controllers", list, sizeof(list)) < 0)
		return 0; /* looking at the files will tell */
	list[strcspn(list, "\n")] = '\0';
	for (size_t i = 0; i < cg->limits.n; i++) {
		const struct limit *l = &cg->limits.items[i];

		if (l->home == h && !str_eq(l->controller, "cgroup") &&
		    !hierarchy_lists(list, ' ', l->controller))
			return enable_controllers(cg, h, e);
	}
	return 0;
}

static struct limit *find_limit(const struct limits *l, const char *file)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_eq(l->items[i].file, file))
			return &l->items[i];
	}
	return NULL;
}

/* The file that goes with @given, on v1 where each half has one. */
static void keep_file(struct limits *l, const struct limit *given, const char *file)
{
	const struct hierarchy *home = given->home;
	char text[32];

	if (!home || hierarchy_read(home, file, text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	limits_add(l, false, "cpu", file, arena_strdup(l->arena, text), given->where)->home = home;
}

/*
 * systemd, told of the quota or its period, writes both, and not exactly: so both are written after
 * it, what is not given as it was.
 */
static void keep_other_half(struct limits *l)
{
	static const char quota_file[] = "cpu.cfs_quota_us", period_file[] = "cpu.cfs_period_us";
	const struct limit *quota = find_limit(l, quota_file), *period = find_limit(l, period_file);
	struct limit *both = find_limit(l, "cpu.max");
	char text[64];

	if (period && !quota)
		keep_file(l, period, quota_file);
	else if (quota && !period)
		keep_file(l, quota, period_file);
	if (!both || !both->home || hierarchy_read(both->home, both->file, text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	size_t n = strcspn(text, " ");

	if (both->flags & LIMIT_KEEPS_WORD)
		both->value = arena_printf(l->arena, "%.*s%s", (int)n, text,
					   both->value + strcspn(both->value, " "));
	else if (!strchr(both->value, ' '))
		both->value = arena_printf(l->arena, "%s%s", both->value, text + n);
	both->flags &= ~(unsigned)LIMIT_KEEPS_WORD;
}

int cgroup_update(struct cgroup *cg, const struct config_resources *given,
		  const struct config_resources *all, struct err *e)
{
	struct limits *l = &cg->limits;
	const struct hierarchy *v2 = layout_v2(&cg->layout);

	*l = (struct limits){ .arena = l->arena };
	int r = translate(cg, given, all, e);

	if (r == 0)
		r = check_memory(cg, given->memory, all->memory, e);
	if (r == 0 && v2)
		r = enable_missing(cg, v2, e);
	if (r == 0 && cg->systemd)
		keep_other_half(l);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = look(l->arena, &l->items[i], e);
	if (r < 0) {
		l->n = 0; /* nothing to put back */
		return r;
	}
	order(l);
	/* first: systemd writes the files too, with rounded values */
	r = systemd_set_properties(cg, l, e);
	if (r == 0)
		r = limits_apply(l, false, false, e);
	if (r < 0)
		cgroup_update_undo(cg);
	return r;
}

static void put_back(struct limits *back, const struct limit *l, const char *file,
		     const char *value)
{
	if (!value)
		return;
	struct limit *b = limits_add(back, l->v2, l->controller, file, value, l->where);

	b->home = l->home;
	b->flags = LIMIT_BEST_EFFORT;
}

/* "8:0 ...": a value that the one of all devices, which comes before it, would take away. */
static bool is_of_device(const struct limit *l)
{
	return l->value[strcspn(l->value, ": ")] == ':';
}

static void undo(const struct cgroup *cg, bool devices, struct limits *back, struct limits *told)
{
	for (size_t i = cg->limits.n; i-- > 0;) {
		const struct limit *limit = &cg->limits.items[i];

		if (is_of_device(limit) != devices)
			continue;
		put_back(told, limit, limit->target, limit->before);
		/* systemd has written the quota, and writes the old one as it has been told */
		if (!limit->written && !(cg->systemd && str_eq(limit->controller, "cpu")))
			continue;
		put_back(back, limit, limit->side, limit->side_before);
		put_back(back, limit, limit->target, limit->before);
	}
}

/* Backwards, and as far as it goes: the error that led here is the one to report. */
void cgroup_update_undo(struct cgroup *cg)
{
	struct limits back = { .arena = cg->limits.arena }, told = { .arena = cg->limits.arena };
	struct err ignored;

	undo(cg, false, &back, &told);
	undo(cg, true, &back, &told);
	(void)systemd_set_properties(cg, &told, &ignored); /* who was told of all at once */
	(void)limits_apply(&back, false, true, &ignored);
	cg->limits.n = 0;
}
