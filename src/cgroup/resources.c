/* resources.c - linux.resources: which layout each of its values belongs to on this host */
#include <errno.h>
#include <string.h>

#include "hull/str.h"
#include "limits.h"

#define UNIFIED "linux.resources.unified."

/* What each family's controller is called; the order of the bits. */
static const char *const v1_names[] = { "memory",  "cpu",     "cpuset",   "pids", "blkio",
					"hugetlb", "net_cls", "net_prio", "rdma" };

/* A family without a v1 hierarchy belongs to v2, if there is one: it says why not, if need be. */
static unsigned v1_families(const struct layout *layout)
{
	unsigned families = layout_v2(layout) ? 0 : FAMILY_ALL;

	for (size_t i = 0; i < ARRAY_SIZE(v1_names); i++) {
		if (layout_v1(layout, v1_names[i]))
			families |= 1u << i;
	}
	return families;
}

/* The schema's "^[1-9][0-9]*[KMG]B$": it becomes part of a file name. */
static int check_page_sizes(const struct config_resources *r, struct err *e)
{
	for (size_t i = 0; i < r->hugepage_limits.n; i++) {
		const char *s = r->hugepage_limits.items[i].page_size;
		size_t digits = strspn(s, "0123456789");

		if (!digits || s[0] == '0' || digits > 10 || !s[digits] ||
		    !strchr("KMG", s[digits]) || !str_eq(s + digits + 1, "B"))
			return err_set(e, EINVAL,
				       "linux.resources.hugepageLimits[%zu].pageSize: expected a "
				       "size like \"2MB\": \"%.40s\"",
				       i, s);
	}
	return 0;
}

/* One write each: files like io.max take one device at a time. */
static void add_lines(struct limits *l, const char *controller, const struct pair *p,
		      const char *where)
{
	const char *line = p->value;

	do {
		size_t n = strcspn(line, "\n");

		(void)limits_add(l, true, controller, p->key, arena_strndup(l->arena, line, n),
				 where);
		line += n + (line[n] == '\n');
	} while (*line);
}

static int add_unified(const struct pair *p, struct layout *layout, struct limits *l, struct err *e)
{
	const char *where = arena_printf(l->arena, UNIFIED "%s", p->key);
	size_t n = strcspn(p->key, ".");
	const char *controller = arena_strndup(l->arena, p->key, n);

	if (strchr(p->key, '/') || !n || !p->key[n])
		return err_set(e, EINVAL, "%s: is not the name of a cgroup file", where);
	if (!layout_v2(layout))
		return err_set(e, EINVAL, "%s: needs cgroup v2, which this host does not have",
			       where);
	const struct hierarchy *v1 = layout_v1(layout, controller);

	if (v1)
		return err_set(e, EINVAL, "%s: the %s controller is on cgroup v1 here (%s)", where,
			       controller, v1->dir);
	add_lines(l, controller, p, where);
	return 0;
}

static int find_home(struct limit *limit, struct layout *layout, struct err *e)
{
	struct hierarchy *v2 = layout_v2(layout);

	if (!limit->v2)
		limit->home = layout_v1(layout, limit->controller);
	else if (v2 && (str_eq(limit->controller, "cgroup") ||
			hierarchy_lists(str_or(layout->available, ""), ' ', limit->controller)))
		limit->home = v2;
	if (limit->home || (limit->flags & LIMIT_OPTIONAL))
		return 0;
	return err_set(e, EINVAL, "%s: this host has no %s controller%s", limit->where,
		       limit->controller, limit->v2 ? " on cgroup v2" : "");
}

static int translate(const struct config_resources *r, struct layout *layout, struct limits *l,
		     struct err *e)
{
	unsigned families = v1_families(layout);
	int ret = check_page_sizes(r, e);

	if (ret == 0)
		ret = v1_writes(r, families, l, e);
	size_t n = l->n;

	if (ret == 0)
		ret = v2_writes(r, FAMILY_ALL & ~families, l, e);
	for (size_t i = 0; ret == 0 && i < r->unified.n; i++)
		ret = add_unified(&r->unified.items[i], layout, l, e);
	return ret == 0 && l->n > n ? layout_read_available(l->arena, layout, e) : ret;
}

int resources_plan(const struct config_resources *r, struct layout *layout, struct limits *l,
		   struct err *e)
{
	int ret = r ? translate(r, layout, l, e) : 0;

	for (size_t i = 0; ret == 0 && i < l->n; i++)
		ret = find_home(&l->items[i], layout, e);
	return ret;
}
