/* mnt.c - mounts by descriptor */
#include "hull/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

static int change(int mount, struct mount_attr *attr, bool recursive)
{
	unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

	return mount_setattr(mount, "", flags, attr, sizeof(*attr)) < 0 ? -errno : 0;
}

int mnt_set_attr(int mount, const struct mnt_attr *attr, bool recursive)
{
	uint64_t set = attr->set & ~MNT_ATTR_RELATIME, mask = attr->mask & ~MNT_ATTR_RELATIME;
	struct mount_attr m = { .attr_set = set, .attr_clr = mask & ~set };

	if (!mask)
		return 0;
	/* the access time setting is one field: the kernel wants all of it cleared first */
	if (mask & MOUNT_ATTR__ATIME)
		m.attr_clr |= MOUNT_ATTR__ATIME;
	return change(mount, &m, recursive);
}

int mnt_set_readonly(int mount, bool recursive)
{
	struct mount_attr m = { .attr_set = MOUNT_ATTR_RDONLY };

	return change(mount, &m, recursive);
}

int mnt_set_idmap(int mount, int userns, bool recursive)
{
	struct mount_attr m = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)userns };

	return change(mount, &m, recursive);
}

int mnt_set_propagation(int mount, unsigned long flags)
{
	struct mount_attr m = { .propagation = flags & ~(unsigned long)MS_REC };

	return change(mount, &m, flags & MS_REC);
}

static int clone_tree(int dirfd, const char *path, unsigned flags, bool recursive)
{
	flags |= OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
	int fd = open_tree(dirfd, path, flags);

	return fd < 0 ? -errno : fd;
}

int mnt_clone(int fd, bool recursive)
{
	return clone_tree(fd, "", AT_EMPTY_PATH, recursive);
}

int mnt_clone_path(const char *path, bool recursive)
{
	return clone_tree(AT_FDCWD, path, 0, recursive);
}

int mnt_move(int mount, int target)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	return move_mount(mount, "", target, "", flags) < 0 ? -errno : 0;
}
