/* userns.c - the user namespaces behind idmapped mounts */
#include "userns.h"

#include <sched.h>

#include "hull/fd.h"
#include "hull/ns.h"
#include "hull/str.h"

static bool same(const struct plan_idmap *a, const struct plan_idmap *b)
{
	if (a->path || b->path)
		return str_eq(a->path, b->path);
	return str_eq(a->uid_map, b->uid_map) && str_eq(a->gid_map, b->gid_map);
}

/* Return: the descriptor of an earlier mount with the same mapping, or -1. */
static int find(const struct plan *p, const int *userns, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		if (p->mounts[i].idmap && same(p->mounts[i].idmap, p->mounts[before].idmap))
			return userns[i];
	}
	return -1;
}

static int open_one(int proc_fd, const struct plan_mount *m, bool privileged, struct err *e)
{
	int fd = m->idmap->path ? ns_open(m->idmap->path, CLONE_NEWUSER, e)
				: ns_make_user(proc_fd, m->idmap, privileged, e);

	return fd < 0 ? err_wrap(e, "%s: idmap", m->where) : fd;
}

int userns_open_all(struct arena *a, int proc_fd, const struct plan *p, bool privileged, int **ret,
		    struct err *e)
{
	int *userns = arena_new_n(a, int, p->nmounts + 1);

	for (size_t i = 0; i < p->nmounts; i++)
		userns[i] = -1;
	*ret = userns;
	for (size_t i = 0; i < p->nmounts; i++) {
		if (!p->mounts[i].idmap)
			continue;
		userns[i] = find(p, userns, i);
		if (userns[i] < 0)
			userns[i] = open_one(proc_fd, &p->mounts[i], privileged, e);
		if (userns[i] < 0)
			return userns[i];
	}
	return 0;
}

void userns_close_all(const struct plan *p, int *userns)
{
	for (size_t i = 0; userns && i < p->nmounts; i++) {
		/* the first mount with a mapping owns it */
		if (userns[i] >= 0 && find(p, userns, i) != userns[i])
			fd_close(userns[i]);
	}
}
