/*
 * view.c - what a mount of type "cgroup" shows inside the container
 *
 * Everything goes by descriptor: of mounts that nobody else can reach yet, and of the destination,
 * which was resolved inside the container's root. A mount can only be put onto one that is attached
 * (before Linux 6.15), so v1's tmpfs is attached first and filled; what the configuration says of
 * the mount is said of all of them in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"
#include "hull/cgroup_view.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "hull/sys.h"

struct view {
	const struct plan_mount *m;
	struct mnt_attr attr; /* of every mount */
	size_t nfds;
	int fds[64]; /* owned */
};

/* Return: what an open of some kind gave, owned by @v now, or -errno. */
static int hold(struct view *v, int fd)
{
	if (fd < 0)
		return fd;
	if (v->nfds == ARRAY_SIZE(v->fds)) {
		fd_close(fd);
		return -EMFILE;
	}
	return v->fds[v->nfds++] = fd;
}

/* The same for a call that leaves its reason in errno. */
static int hold_call(struct view *v, int fd)
{
	return hold(v, fd < 0 ? -errno : fd);
}

/*
 * The container's own directory of one hierarchy, bound: in a cgroup namespace that begins there
 * the kernel shows a bind of it as it would show a new mount, which takes five more calls.
 *
 * Return: a detached mount, held, or -errno.
 */
static int bind_group(struct view *v, const struct hierarchy *h, struct err *e)
{
	int fd = hold(v, mnt_clone_path(h->group, false));

	return fd < 0 ? err_sys(e, -fd, "open_tree %s", h->group) : fd;
}

static int attach(int mount, int dest, const char *name, struct err *e)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (name[0] ? 0 : MOVE_MOUNT_T_EMPTY_PATH);

	return move_mount(mount, "", dest, name, flags) < 0
		       ? err_errno(e, "move_mount %s", name[0] ? name : "cgroup")
		       : 0;
}

/* "cpu" and "cpuacct" lead to "cpu,cpuacct", as on the host. */
static int link_controllers(int dir, const char *controllers, struct err *e)
{
	char name[64];

	for (const char *p = controllers; strchr(controllers, ',') && *p;) {
		size_t n = strcspn(p, ",");

		(void)snprintf(name, sizeof(name), "%.*s", (int)n, p);
		if (symlinkat(controllers, dir, name) < 0)
			return err_errno(e, "symlink %s", name);
		p += n + (p[n] == ',');
	}
	return 0;
}

static int add_hierarchy(struct view *v, const struct hierarchy *h, int dir, struct err *e)
{
	const char *value = strchr(h->controllers, '=');
	const char *name = hierarchy_is_v2(h) ? "unified" : value ? value + 1 : h->controllers;
	int mount = bind_group(v, h, e);

	if (mount < 0)
		return mount;
	if (mkdirat(dir, name, 0755) < 0)
		return err_errno(e, "mkdir %s", name);
	int r = attach(mount, dir, name, e);

	return r < 0 || value ? r : link_controllers(dir, h->controllers, e);
}

/* Return: a detached, writable tmpfs, held, or -errno. */
static int make_tmpfs(struct view *v, struct err *e)
{
	int context = hold_call(v, fsopen("tmpfs", FSOPEN_CLOEXEC));

	if (context < 0)
		return err_sys(e, -context, "fsopen tmpfs");
	if (fsconfig(context, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_errno(e, "fsconfig tmpfs");
	int fd = hold_call(v, fsmount(context, FSMOUNT_CLOEXEC, 0));

	return fd < 0 ? err_sys(e, -fd, "fsmount tmpfs") : fd;
}

/* Return: the attached tmpfs, or -errno. */
static int fill_tmpfs(struct view *v, const struct layout *l, int dest, struct err *e)
{
	int dir = make_tmpfs(v, e);
	int r = dir < 0 ? dir : attach(dir, dest, "", e);

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		if (!l->items[i].absent)
			r = add_hierarchy(v, &l->items[i], dir, e);
	}
	return r < 0 ? r : dir;
}

/* Return: the attached mount that holds the whole view, or -errno. */
static int attach_view(struct view *v, const struct layout *l, int dest, struct err *e)
{
	if (layout_has_v1(l))
		return fill_tmpfs(v, l, dest, e);
	int mount = bind_group(v, &l->items[0], e);
	int r = mount < 0 ? mount : attach(mount, dest, "", e);

	return r < 0 ? r : mount;
}

static int show(struct view *v, const struct layout *l, int dest, struct err *e)
{
	int top = attach_view(v, l, dest, e);

	if (top < 0)
		return top;
	int r = mnt_set_attr(top, &v->attr, true);

	if (r == 0)
		r = mnt_set_attr(top, &v->m->rattr, true);
	for (size_t i = 0; r == 0 && i < v->m->propagation.n; i++)
		r = mnt_set_propagation(top, v->m->propagation.items[i]);
	return r < 0 ? err_sys(e, -r, "mount_setattr cgroup") : 0;
}

/* A container without groups of its own is where hull is. */
static int own_layout(struct arena *a, struct layout *ret, struct err *e)
{
	int r = layout_read(a, ret, e);

	if (r == 0)
		r = layout_read_own(a, ret, e);
	for (size_t i = 0; r == 0 && i < ret->n; i++) {
		const char *path = str_or(ret->items[i].own, "/");

		/* ".." is outside what hull's own cgroup namespace can see */
		hierarchy_set_path(a, &ret->items[i],
				   hierarchy_lists(path, '/', "..") ? "/" : path);
	}
	return r == 0 && !ret->n ? err_set(e, ENOENT, "this host has no cgroups") : r;
}

int cgroup_look(const struct cgroup *cg, struct arena *a, struct layout **ret, struct err *e)
{
	*ret = NULL;
	if (cg && group_processes(cg))
		return 0;
	*ret = arena_new(a, struct layout);
	return own_layout(a, *ret, e);
}

int cgroup_mount(const struct cgroup *cg, const struct layout *place, const struct plan_mount *m,
		 int dest, bool own_namespace, struct err *e)
{
	struct view v = { .m = m, .attr = m->attr };
	struct arena a = { 0 };
	struct layout own;

	/* else the groups of the user who runs hull would be writable in there (CVE-2023-25809) */
	if (!own_namespace && !(m->attr.set & MOUNT_ATTR_RDONLY) && sys_in_user_namespace()) {
		v.attr.set |= MOUNT_ATTR_RDONLY;
		v.attr.mask |= MOUNT_ATTR_RDONLY;
	}
	if (cg && group_processes(cg))
		place = &cg->layout;
	int r = place ? 0 : own_layout(&a, &own, e);

	if (r == 0)
		r = show(&v, place ? place : &own, dest, e);
	for (size_t i = 0; i < v.nfds; i++)
		fd_close_later(v.fds[i]);
	arena_free(&a);
	return r;
}
