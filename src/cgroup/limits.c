/* limits.c - the list of values for the files of the groups: collecting and writing them */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "hull/fd.h"
#include "hull/str.h"

struct limit *limits_add(struct limits *l, bool v2, const char *controller, const char *file,
			 const char *value, const char *where)
{
	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : 32;
		struct limit *items = arena_new_n(l->arena, struct limit, size);

		if (l->n)
			memcpy(items, l->items, l->n * sizeof(*items));
		l->items = items;
		l->size = size;
	}
	struct limit *limit = &l->items[l->n++];

	*limit = (struct limit){
		.controller = controller, .v2 = v2, .file = file, .value = value, .where = where
	};
	return limit;
}

void limits_add_hugepages(struct limits *l, bool v2, const char *what,
			  const struct config_hugepages *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct config_hugepage *h = &list->items[i];
		const char *where =
			arena_printf(l->arena, "linux.resources.hugepageLimits[%zu]", i);
		const char *value = arena_printf(l->arena, "%llu", (unsigned long long)h->limit);
		const char *file = arena_printf(l->arena, "hugetlb.%s.%s", h->page_size, what);
		const char *rsvd = arena_printf(l->arena, "hugetlb.%s.rsvd.%s", h->page_size, what);

		(void)limits_add(l, v2, "hugetlb", file, value, where);
		limits_add(l, v2, "hugetlb", rsvd, value, where)->flags = LIMIT_OPTIONAL;
	}
}

const char *limits_number(struct limits *l, int64_t n)
{
	return arena_printf(l->arena, "%lld", (long long)n);
}

const char *limits_bytes(struct limits *l, int64_t n)
{
	return n < 0 ? "max" : limits_number(l, n);
}

int limits_swap(const struct config_memory *m, int64_t *ret_swap, struct err *e)
{
	int64_t limit = m->limit.set ? m->limit.value : 0, total = m->swap.set ? m->swap.value : 0;

	if (!total)
		return limit < 0 ? SWAP_UNLIMITED : SWAP_LEAVE;
	if (total < 0)
		return SWAP_UNLIMITED;
	if (limit <= 0)
		return err_set(e, EINVAL,
			       "linux.resources.memory.swap: unable to set swap limit "
			       "without memory limit");
	if (total < limit)
		return err_set(e, EINVAL,
			       "linux.resources.memory.swap: memory+swap limit should be "
			       ">= memory limit");
	*ret_swap = total - limit;
	return SWAP_LIMITED;
}

static int add_rdma(const struct config_rdma *d, bool v2, struct limits *l, struct err *e)
{
	const char *where = arena_printf(l->arena, "linux.resources.rdma.%s", d->key);
	char value[512] = "";
	bool fits = str_append(value, sizeof(value), "%s", d->key);

	if (!d->hca_handles.set && !d->hca_objects.set)
		return err_set(e, EINVAL, "%s: hcaHandles or hcaObjects is required", where);
	if (d->hca_handles.set)
		fits = fits && str_append(value, sizeof(value), " hca_handle=%llu",
					  (unsigned long long)d->hca_handles.value);
	if (d->hca_objects.set)
		fits = fits && str_append(value, sizeof(value), " hca_object=%llu",
					  (unsigned long long)d->hca_objects.value);
	if (!fits)
		return err_sys(e, ENAMETOOLONG, "%s", where);
	(void)limits_add(l, v2, "rdma", "rdma.max", arena_strdup(l->arena, value), where);
	return 0;
}

int limits_add_common(const struct config_resources *r, unsigned families, bool v2,
		      struct limits *l, struct err *e)
{
	const struct config_cpu *c = families & FAMILY_CPUSET ? r->cpu : NULL;
	int ret = 0;

	if (c && str_or(c->cpus, "")[0])
		(void)limits_add(l, v2, "cpuset", "cpuset.cpus", c->cpus,
				 "linux.resources.cpu.cpus");
	if (c && str_or(c->mems, "")[0])
		(void)limits_add(l, v2, "cpuset", "cpuset.mems", c->mems,
				 "linux.resources.cpu.mems");
	if ((families & FAMILY_PIDS) && r->pids && r->pids->limit.set)
		(void)limits_add(l, v2, "pids", "pids.max", limits_bytes(l, r->pids->limit.value),
				 "linux.resources.pids.limit");
	for (size_t i = 0; ret == 0 && (families & FAMILY_RDMA) && i < r->rdma.n; i++)
		ret = add_rdma(&r->rdma.items[i], v2, l, e);
	return ret;
}

const char *limits_where(const struct limits *l, const char *controller)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].v2 && !(l->items[i].flags & LIMIT_OPTIONAL) &&
		    str_eq(l->items[i].controller, controller))
			return l->items[i].where;
	}
	return NULL;
}

/* The file that is open: many device rules go into one. */
struct open_file {
	int fd;
	const struct hierarchy *home;
	const char *name;
};

static int open_limit(struct open_file *f, const struct limit *limit, const char *name)
{
	if (f->fd >= 0 && f->home == limit->home && str_eq(f->name, name))
		return 0;
	fd_close(f->fd);
	*f = (struct open_file){ hierarchy_open(limit->home, name, O_WRONLY), limit->home, name };
	return f->fd < 0 ? f->fd : 0;
}

static int write_value(struct open_file *f, const struct limit *limit, const char *name,
		       const char *value)
{
	int r = open_limit(f, limit, name);
	ssize_t n = r < 0 ? r : fd_write(f->fd, value, strlen(value));

	return n < 0 ? (int)n : 0;
}

/* "max 50000" with the first word of what the file says now. */
static const char *keep_word(const struct limit *limit, char *buf, size_t size)
{
	ssize_t n = hierarchy_read(limit->home, limit->file, buf, size);
	const char *rest = strchr(limit->value, ' ');

	if (n < 0 || !rest)
		return limit->value;
	buf[strcspn(buf, " \n")] = '\0';
	return str_append(buf, size, "%s", rest) ? buf : limit->value;
}

static int write_limit(struct open_file *f, const struct limit *limit, bool fresh, bool lenient)
{
	const char *value = limit->value;
	char kept[128];

	if ((limit->home && limit->home->absent) || (fresh && (limit->flags & LIMIT_INITIAL)))
		return 0;
	if ((limit->flags & LIMIT_KEEPS_WORD) && !fresh)
		value = keep_word(limit, kept, sizeof(kept));
	int r = limit->home ? write_value(f, limit, limit->file, value) : -ENOENT;

	if (r == -ENOENT && limit->home && limit->instead)
		r = write_value(f, limit, limit->instead, limit->instead_value);
	if (r == -ENOENT && (limit->flags & LIMIT_OPTIONAL))
		return 0;
	if (r == -EOPNOTSUPP && (limit->flags & LIMIT_DEPRECATED))
		return 0;
	if (r == -EPERM && lenient && str_eq(limit->controller, "devices"))
		return 0;
	return r != -EINVAL && (limit->flags & LIMIT_BEST_EFFORT) ? 0 : r;
}

static int fail(const struct limit *limit, int num, struct err *e)
{
	return err_sys(e, num, "%s: write %s \"%s\"", limit->where, limit->file, limit->value);
}

/* Return: how many are left that may yet succeed, or -errno. */
static int apply_once(struct limits *l, bool fresh, bool lenient, struct err *e)
{
	struct open_file f = { .fd = -1 };
	int left = 0, r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		struct limit *limit = &l->items[i];

		if (limit->written)
			continue;
		r = write_limit(&f, limit, fresh, lenient);
		limit->written = r == 0;
		if (r < 0 && (left == 0 || r != -EINVAL))
			(void)fail(limit, -r, e);
		if (r == -EINVAL) {
			left++;
			r = 0;
		}
	}
	fd_close(f.fd);
	return r < 0 ? r : left;
}

int limits_apply(struct limits *l, bool fresh, bool lenient, struct err *e)
{
	int left = 0;

	for (size_t i = 0; i < l->n; i++)
		l->items[i].written = false;
	for (;;) {
		int now = apply_once(l, fresh, lenient, e);

		if (now <= 0)
			return now;
		if (now == left)
			return -EINVAL;
		left = now;
	}
}
