/* rootfs.c - attaching and entering the container's root */
#include "hull/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/mnt.h"
#include "hull/mount.h"
#include "hull/mountinfo.h"
#include "hull/str.h"
#include "hull/sys.h"

/*
 * With a shared root the bind of the container's root would appear on the host: the mount it
 * lands on is made private first. Which one that is only trying tells, from the path upwards;
 * everything that is not a mount point answers EINVAL.
 */
static int privatise_parent(const char *path, struct err *e)
{
	char up[PATH_MAX];

	if (!realpath(path, up)) /* what is above a link is not what its target is in */
		return err_errno(e, "root.path %s", path);
	for (;;) {
		if (mount(NULL, up, NULL, MS_PRIVATE, NULL) == 0)
			return 0;
		if (errno != EINVAL || !strcmp(up, "/"))
			return err_errno(e, "make the mount of %s private", path);
		char *slash = strrchr(up, '/');

		slash[slash == up] = '\0';
	}
}

/*
 * Unless sharing was asked for, nothing may: a bind of a mount that is still shared would carry the
 * container's mounts to the host. Unbindable is for the container's root, when all is bound.
 */
int rootfs_isolate(const struct plan *p, struct err *e)
{
	unsigned long flags = p->root_propagation;

	if (flags & MS_UNBINDABLE)
		flags = MS_PRIVATE;
	if (!(flags & MS_SHARED))
		flags |= MS_REC;
	if (mount(NULL, "/", NULL, flags, NULL) < 0)
		return err_errno(e, "set propagation of /");
	return 0;
}

int rootfs_place(const struct plan *p, struct err *e)
{
	int r = p->root_propagation & MS_SHARED ? privatise_parent(p->rootfs, e) : 0;

	if (r < 0)
		return r;
	int fd = open(p->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(e, "root.path: open %s", p->rootfs) : fd;
}

int rootfs_attach(const struct plan *p, int place, int *ret_rootfd, struct err *e)
{
	cleanup_close_later int tree = mnt_clone(place, true);

	if (tree < 0)
		return err_sys(e, -tree, "root.path: open_tree %s", p->rootfs);
	int r = mnt_move(tree, place);

	if (r < 0)
		return err_sys(e, -r, "root.path: move_mount %s", p->rootfs);
	*ret_rootfd = fd_steal(&tree);
	return 0;
}

/* rootfs_isolate() has left it shared where that was asked for: its end must not reach the host. */
static int isolate_old_root(int old, struct err *e)
{
	int r = old < 0 ? 0 : mnt_set_propagation(old, MS_SLAVE | MS_REC);

	return r < 0 ? err_sys(e, -r, "make the old root a slave") : 0;
}

static int pivot(const struct plan *p, struct err *e)
{
	bool shared = p->root_propagation & MS_SHARED;
	cleanup_close_later int old = shared ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (shared && old < 0)
		return err_errno(e, "open the old root");
	int r = sys_pivot_root(".", ".");

	if (r < 0)
		return err_sys(e, -r, "pivot_root%s",
			       r == -EINVAL ? " (a ramdisk root needs --no-pivot)" : "");
	r = isolate_old_root(old, e);
	if (r < 0)
		return r;
	/* it lies over the new one now, where only umount2 sees it by the name "." */
	if (umount2(".", MNT_DETACH) < 0)
		return err_errno(e, "umount the old root");
	return 0;
}

/* What of the host's is mounted, as the old root's processes see it. */
struct host {
	size_t n;
	struct mountinfo *items;
	int root; /* the mount that they have as their root */
};

/* Whether the mount at @parent is in the tree of @top. The kernel knows no cycles; @n is for us. */
static bool is_below(const struct mountinfo *all, size_t n, int parent, int top)
{
	for (size_t steps = 0; parent != top && steps <= n; steps++) {
		size_t i = 0;

		while (i < n && all[i].id != parent)
			i++;
		if (i == n)
			return false;
		parent = all[i].parent;
	}
	return parent == top;
}

/* All mounts but those of the tree at @rootfd, which lies over the old root. */
static int read_host(int proc_fd, int rootfd, struct arena *a, struct host *ret, struct err *e)
{
	struct mountinfo m;
	struct statx st;
	size_t n = 0, lines = 0;
	char *text;

	if (statx(rootfd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return err_errno(e, "statx the root file system");
	int r = mountinfo_read(proc_fd, a, &text), top = (int)st.stx_mnt_id;

	if (r < 0)
		return err_sys(e, -r, "read /proc/self/mountinfo");
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	struct mountinfo *all = arena_new_n(a, struct mountinfo, lines + 1);

	for (const char *line = text; mountinfo_next(a, &line, &m); all[n++] = m) {
		if (m.id == top)
			ret->root = m.parent;
	}
	ret->items = arena_new_n(a, struct mountinfo, n);
	ret->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (all[i].id != top && !is_below(all, n, all[i].parent, top))
			ret->items[ret->n++] = all[i];
	}
	return 0;
}

/* Take away all that is mounted at a path, with what is below; slaves, so that no peer loses it. */
static void detach(const char *dir)
{
	do {
		cleanup_close_later int fd = open(dir, O_PATH | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || mnt_set_propagation(fd, MS_SLAVE | MS_REC) < 0)
			return;
	} while (umount2(dir, MNT_DETACH | UMOUNT_NOFOLLOW) == 0);
}

static int cover(const char *dir, struct err *e)
{
	cleanup_close_later int place = open(dir, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close_later int empty = place < 0 ? -1 : mount_make_empty(e);

	if (place < 0)
		return err_errno(e, "--no-pivot: open the host's %s", dir);
	if (empty < 0)
		return empty;
	int r = mnt_move(empty, place);

	return r < 0 ? err_sys(e, -r, "--no-pivot: cover the host's %s", dir) : 0;
}

/*
 * The kernel lets a user namespace mount a procfs or sysfs anew where it sees one already with
 * nothing mounted over its files, and one that lies below the root is seen: it would undo
 * linux.maskedPaths and readonlyPaths. So the host's mounts go, as with pivot_root. Those that a
 * user namespace has inherited are locked; their procfs and sysfs are covered, which holds for
 * user namespaces that the container makes, though not for a container with CAP_SYS_ADMIN in this
 * one.
 */
static int hide_host(int proc_fd, int rootfd, struct arena *a, struct err *e)
{
	struct host host = { 0 };
	int r = read_host(proc_fd, rootfd, a, &host, e);

	for (size_t i = 0; r == 0 && i < host.n; i++) {
		if (host.items[i].parent == host.root)
			detach(host.items[i].dir);
	}
	if (r == 0)
		r = read_host(proc_fd, rootfd, a, &host, e);
	for (size_t i = host.n; r == 0 && i-- > 0;) {
		const struct mountinfo *m = &host.items[i];

		if (!str_eq(m->type, "proc") && !str_eq(m->type, "sysfs"))
			continue;
		r = cover(m->dir, e);
	}
	return r;
}

static int move_over_root(int proc_fd, int rootfd, struct arena *a, struct err *e)
{
	cleanup_close_later int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0)
		return err_errno(e, "open the old root");
	/* its peers are the host's: they shall not get the container's root over theirs */
	int r = mnt_set_propagation(old, MS_SLAVE);

	if (r < 0)
		return err_sys(e, -r, "make the old root a slave");
	if (move_mount(rootfd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_errno(e, "move the root file system to /");
	r = hide_host(proc_fd, rootfd, a, e);
	if (r < 0)
		return r;
	return chroot(".") < 0 ? err_errno(e, "chroot") : 0;
}

int rootfs_enter(const struct plan *p, int proc_fd, int rootfd, struct arena *a, struct err *e)
{
	if (fchdir(rootfd) < 0)
		return err_errno(e, "fchdir to the root file system");
	int r = p->no_pivot ? move_over_root(proc_fd, rootfd, a, e) : pivot(p, e);

	if (r < 0)
		return r;
	return chdir("/") < 0 ? err_errno(e, "chdir /") : 0;
}

int rootfs_chroot(const struct plan *p, int *ret_rootfd, struct err *e)
{
	cleanup_close_later int fd = open(p->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "root.path: open %s", p->rootfs);
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return err_errno(e, "root.path: chroot %s", p->rootfs);
	*ret_rootfd = fd_steal(&fd);
	return 0;
}

int rootfs_seal(const struct plan *p, int rootfd, struct err *e)
{
	int r = p->rootfs_readonly ? mnt_set_readonly(rootfd, false) : 0;

	if (r < 0)
		return err_sys(e, -r, "root.readonly: mount_setattr");
	r = p->set_root_propagation ? mnt_set_propagation(rootfd, p->root_propagation) : 0;
	return r < 0 ? err_sys(e, -r, "linux.rootfsPropagation: mount_setattr") : 0;
}
