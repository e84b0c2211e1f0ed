/* device.c - device nodes and links */
#include "hull/device.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/mnt.h"
#include "hull/path.h"
#include "hull/sys.h"

/* The directory that the last name was made in: nearly always /dev again. */
struct parent {
	int rootfd, fd;
	bool binds; /* in a user namespace mknod is not permitted */
	size_t len; /* of the path before the name */
	const char *path;
};

/* Return: the parent's descriptor, owned by @p, or -errno. */
static int enter(struct parent *p, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (slash && p->fd >= 0 && len == p->len && !memcmp(p->path, path, len) && slash[1]) {
		*ret_name = slash + 1;
		return p->fd;
	}
	fd_close(fd_steal(&p->fd));
	p->fd = path_parent_in_root(p->rootfd, path, ret_name);
	p->path = path;
	p->len = len;
	return p->fd;
}

static bool is_same(const struct stat *st, const struct plan_device *d)
{
	return (st->st_mode & S_IFMT) == (d->mode & S_IFMT) &&
	       (S_ISFIFO(d->mode) || st->st_rdev == d->dev);
}

/* The host's node of the same name, when it is the same device; its owner and mode stay. */
static int bind_host_node(int rootfd, const struct plan_device *d, struct err *e)
{
	_cleanup_close_ int source = mnt_clone_path(d->path, false);
	struct stat st;

	if (source < 0)
		return err_sys(e, -source, "device %s: bind the host's", d->path);
	if (fstat(source, &st) < 0)
		return err_errno(e, "device %s: stat the host's", d->path);
	if (!is_same(&st, d))
		return err_set(e, EPERM,
			       "device %s: mknod is not permitted here, and the host's node "
			       "of that name is another device",
			       d->path);
	_cleanup_close_ int target = path_make_in_root(rootfd, d->path, PATH_FILE, 0644);
	/* the inode is the host's: the device may be written to, but its mode and owner may not */
	int r = target < 0 ? target : mnt_set_readonly(source, false);

	if (r == 0)
		r = mnt_move(source, target);
	return r < 0 ? err_sys(e, -r, "device %s: bind", d->path) : 0;
}

/* An empty file is what bind_host_node() has left of an earlier container in the same root. */
static int take_existing(const struct parent *parent, const char *name, const struct plan_device *d,
			 struct err *e)
{
	struct stat st;

	if (fstatat(parent->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "device %s: stat", d->path);
	if (is_same(&st, d))
		return 0;
	if ((parent->binds || sys_in_user_namespace()) && S_ISREG(st.st_mode) && !st.st_size)
		return bind_host_node(parent->rootfd, d, e);
	return err_set(e, EEXIST, "device %s: something else is there: file exists", d->path);
}

static int make_node(struct parent *parent, const struct plan_device *d, struct err *e)
{
	const char *name;
	int dir = enter(parent, d->path, &name);

	if (dir < 0)
		return err_sys(e, -dir, "device %s: open its directory", d->path);
	if (mknodat(dir, name, d->mode, d->dev) < 0) {
		if (errno == EEXIST)
			return take_existing(parent, name, d, e);
		if (errno == EPERM)
			return bind_host_node(parent->rootfd, d, e);
		return err_errno(e, "device %s: mknod", d->path);
	}
	if ((d->uid || d->gid) && fchownat(dir, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "device %s: chown", d->path);
	return 0;
}

/* An image may bring its own link or file of that name: it is left as it is. */
static int make_link(struct parent *parent, const struct plan_link *l, struct err *e)
{
	const char *name;
	int dir = enter(parent, l->path, &name);

	if (dir < 0)
		return err_sys(e, -dir, "%s: open its directory", l->path);
	if (symlinkat(l->target, dir, name) < 0 && errno != EEXIST)
		return err_errno(e, "%s: symlink", l->path);
	return 0;
}

int device_make_all(int rootfd, const struct plan *p, struct err *e)
{
	struct parent parent = { .rootfd = rootfd,
				 .fd = -1,
				 .binds = plan_has_ns(p, CLONE_NEWUSER) };
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->devices.n; i++)
		r = make_node(&parent, &p->devices.items[i], e);
	for (size_t i = 0; r == 0 && i < p->nlinks; i++)
		r = make_link(&parent, &p->links[i], e);
	fd_close_later(parent.fd);
	return r;
}

int device_make_null(void)
{
	cleanup_close_later int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	cleanup_close_later int mount = fsmount(context, FSMOUNT_CLOEXEC, 0);

	if (mount < 0 || mknodat(mount, "null", S_IFCHR | 0666, makedev(1, 3)) < 0)
		return -errno;
	int fd = openat(mount, "null", O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}
