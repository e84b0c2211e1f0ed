/* rootfs.c - attaching and entering the container's root */
#include "hull/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/mnt.h"
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

	if (strlen(path) >= sizeof(up))
		return err_sys(e, ENAMETOOLONG, "root.path %s", path);
	memcpy(up, path, strlen(path) + 1);
	for (;;) {
		if (mount(NULL, up, NULL, MS_PRIVATE, NULL) == 0)
			return 0;
		if (errno != EINVAL || !strcmp(up, "/"))
			return err_sys(e, errno, "make the mount of %s private", path);
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
		return err_sys(e, errno, "set propagation of /");
	return 0;
}

int rootfs_place(const struct plan *p, struct err *e)
{
	int r = p->root_propagation & MS_SHARED ? privatise_parent(p->rootfs, e) : 0;

	if (r < 0)
		return r;
	int fd = open(p->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys(e, errno, "root.path: open %s", p->rootfs) : fd;
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

static int pivot(struct err *e)
{
	cleanup_close_later int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0)
		return err_sys(e, errno, "open the old root");
	int r = sys_pivot_root(".", ".");

	if (r < 0)
		return err_sys(e, -r, "pivot_root%s",
			       r == -EINVAL ? " (a ramdisk root needs --no-pivot)" : "");
	/* the old root lies over the new one now, where only umount2 sees it by the name ".";
	 * nothing done to it may reach the host */
	r = mnt_set_propagation(old, MS_SLAVE | MS_REC);
	if (r < 0)
		return err_sys(e, -r, "make the old root a slave");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(e, errno, "umount the old root");
	return 0;
}

static int move_over_root(int rootfd, struct err *e)
{
	if (move_mount(rootfd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(e, errno, "move the root file system to /");
	return chroot(".") < 0 ? err_sys(e, errno, "chroot") : 0;
}

int rootfs_enter(const struct plan *p, int rootfd, struct err *e)
{
	if (fchdir(rootfd) < 0)
		return err_sys(e, errno, "fchdir to the root file system");
	int r = p->no_pivot ? move_over_root(rootfd, e) : pivot(e);

	if (r < 0)
		return r;
	return chdir("/") < 0 ? err_sys(e, errno, "chdir /") : 0;
}

int rootfs_chroot(const struct plan *p, int *ret_rootfd, struct err *e)
{
	cleanup_close_later int fd = open(p->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "root.path: open %s", p->rootfs);
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return err_sys(e, errno, "root.path: chroot %s", p->rootfs);
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
