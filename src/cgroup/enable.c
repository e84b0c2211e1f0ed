/*
 * enable.c - controllers of cgroup v2
 *
 * A group has a controller when every group above enables it for its children. On a pure v2 host
 * all of them are enabled, for callers read the statistics of each and a container may want to
 * limit its own children; next to v1 only those that a limit needs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"

/* Calls @each for the controllers that shall be enabled. */
struct wanted {
	const struct cgroup *cg;
	const char *rest;
	char name[64];
	bool all;
};

static struct wanted wanted_of(const struct cgroup *cg)
{
	return (struct wanted){ .cg = cg,
				.rest = str_or(cg->layout.available, ""),
				.all = !layout_has_v1(&cg->layout) };
}

static bool next_wanted(struct wanted *w)
{
	while (*w->rest) {
		size_t n = strcspn(w->rest, " ");

		(void)snprintf(w->name, sizeof(w->name), "%.*s", (int)n, w->rest);
		w->rest += n + (w->rest[n] == ' ');
		if (w->name[0] && (w->all || limits_where(&w->cg->limits, w->name)))
			return true;
	}
	return false;
}

static int write_control(const struct hierarchy *h, unsigned depth, const char *text)
{
	char path[PATH_MAX];

	hierarchy_prefix(h, depth, path, sizeof(path));
	if (!str_append(path, sizeof(path), "/cgroup.subtree_control"))
		return -ENAMETOOLONG;
	return file_write_at(AT_FDCWD, path, text);
}

static int enable_at_once(const struct cgroup *cg, const struct hierarchy *h, unsigned depth)
{
	struct wanted w = wanted_of(cg);
	char text[1024] = "";

	while (next_wanted(&w)) {
		if (!str_append(text, sizeof(text), "%s+%s", text[0] ? " " : "", w.name))
			return -E2BIG;
	}
	return text[0] ? write_control(h, depth, text) : 0;
}

/* Controllers that allow threads of one process in several groups; cgroup-v2.rst, "Threads" */
static bool is_threaded(const char *controller)
{
	return hierarchy_lists("cpu,cpuset,perf_event,pids,cgroup", ',', controller);
}

/* One by one, as many of the one kind as there can be. Return: whether the group has processes. */
static bool enable_kind(const struct cgroup *cg, const struct hierarchy *h, unsigned depth,
			struct wanted w, bool threaded, int *why)
{
	bool busy = false;

	while (next_wanted(&w)) {
		char text[80];

		if (is_threaded(w.name) != threaded)
			continue;
		(void)snprintf(text, sizeof(text), "+%s", w.name);
		int r = write_control(h, depth, text);

		busy = busy || r == -EBUSY;
		if (r < 0 && limits_where(&cg->limits, w.name))
			*why = r;
	}
	return busy;
}

/*
 * A group with processes refuses the domain controllers, and the threaded ones would make it the
 * root of a threaded subtree, where the container's group is invalid: of these only what a limit
 * needs. Return: why one that a limit needs could not, or 0.
 */
static int enable_each(const struct cgroup *cg, const struct hierarchy *h, unsigned depth)
{
	struct wanted w = wanted_of(cg);
	int why = 0;

	if (enable_kind(cg, h, depth, w, false, &why))
		w.all = false;
	(void)enable_kind(cg, h, depth, w, true, &why);
	return why;
}

/* Whether the container's group got what the limits need, whoever enabled it. */
static int check_enabled(const struct cgroup *cg, const struct hierarchy *h, int why, struct err *e)
{
	struct wanted w = wanted_of(cg);
	char list[1024], parent[PATH_MAX];

	if (hierarchy_read(h, "cgroup.controllers", list, sizeof(list)) < 0)
		return 0; /* writing the limits will tell */
	list[strcspn(list, "\n")] = '\0';
	hierarchy_prefix(h, h->depth - 1, parent, sizeof(parent));
	while (next_wanted(&w)) {
		const char *where = limits_where(&cg->limits, w.name);

		if (where && !hierarchy_lists(list, ' ', w.name))
			return err_set(e, -why,
				       "%s: enable the %s controller in "
				       "%s/cgroup.subtree_control: %s%s",
				       where, w.name, parent, err_text(-why),
				       why == -EBUSY ? " (that group has processes)" : "");
	}
	return 0;
}

/*
 * Below a threaded group nothing but threaded groups can be entered, and these have the threaded
 * controllers only.
 */
static int join_threads(const struct cgroup *cg, const struct hierarchy *h, struct err *e)
{
	char type[64];
	ssize_t n = hierarchy_read(h, "cgroup.type", type, sizeof(type));

	if (n < 0 || !str_has_prefix(type, "domain invalid"))
		return 0;
	for (size_t i = 0; i < cg->limits.n; i++) {
		const struct limit *l = &cg->limits.items[i];

		if (l->v2 && !is_threaded(l->controller))
			return err_set(e, EOPNOTSUPP,
				       "%s: cannot enter cgroupv2 \"%s\" with domain controllers: "
				       "its parent is in threaded mode",
				       l->where, h->group);
	}
	int r = hierarchy_write(h, "cgroup.type", "threaded");

	return r < 0 ? err_sys(e, -r, "write %s/cgroup.type \"threaded\"", h->group) : 0;
}

/* The nearest group alone, usually: what it may enable has been enabled above. */
int enable_controllers(const struct cgroup *cg, const struct hierarchy *h, struct err *e)
{
	unsigned first = h->depth - (h->made ? h->made : 1);
	bool refused = false;
	int why = 0;

	for (unsigned depth = first; depth < h->depth; depth++) {
		int r = enable_at_once(cg, h, depth);

		refused = refused || r < 0;
		for (unsigned i = depth == first ? 0 : depth; r < 0 && i <= depth; i++)
			why = enable_each(cg, h, i);
	}
	int r = refused ? join_threads(cg, h, e) : 0;

	return r == 0 && why < 0 ? check_enabled(cg, h, why, e) : r;
}
