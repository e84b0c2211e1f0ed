/*
 * mount.c - mounts by descriptor
 *
 * A mount is built detached (fsopen or open_tree), gets its attributes while nobody can see it,
 * and is then moved onto a descriptor of its destination that was resolved inside the container's
 * root. No path is looked up twice, so there is nothing to exchange between check and use
 * (CVE-2021-30465, CVE-2024-45310).
 */
#include "hull/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "hull/fd.h"
#include "hull/path.h"
#include "hull/str.h"
#include "mount_copy.h"
#include "mount_overlay.h"

#define LOWERDIR "lowerdir="
#define FSCONFIG_MAX 255 /* of a string: fsconfig(2) copies 256 bytes */

/* Names what an old or restricted kernel withholds. */
static const char *hint(int num)
{
	if (num == ENOSYS)
		return " (hull needs Linux 5.12 and a seccomp profile that allows its mount calls)";
	return "";
}

static int fail(struct err *e, int num, const char *call, const struct plan_mount *m,
		const char *object)
{
	return err_set(e, num, "%s: %s %.200s: %s%s", m->where, call, object, err_text(num),
		       hint(num));
}

/* mount_setattr(2): the file system must support it, and the caller have power over it. */
static int set_idmap(int mount, const struct plan_mount *m, int userns, struct err *e)
{
	int r = m->idmap ? mnt_set_idmap(mount, userns, m->idmap_recursive) : 0;

	if (r == 0)
		return 0;
	return err_set(e, -r,
		       "%s: idmap: mount_setattr: %s (the kernel and the file system must support "
		       "it, and what is below must be idmapped by ridmap or not at all)",
		       m->where, err_text(-r));
}

int mount_source(const struct plan_mount *m, int userns, struct err *e)
{
	cleanup_close_later int fd = mnt_clone_path(m->source, m->recursive);

	if (fd == -EINVAL)
		return err_set(e, EINVAL, "%s: bind %.200s: %s (%s)", m->where, m->source,
			       err_text(EINVAL),
			       m->recursive
				       ? "is it unbindable?"
				       : "is it unbindable? in a user namespace what is mounted "
					 "below can only come along, by rbind");
	if (fd < 0)
		return fail(e, -fd, "bind", m, m->source);
	int r = set_idmap(fd, m, userns, e);

	return r < 0 ? r : fd_steal(&fd);
}

static bool is_proc(const char *place)
{
	return str_eq(place, "/proc") || str_has_prefix(place, "/proc/");
}

int mount_dest(int rootfd, const struct plan_mount *m, bool file, struct err *e)
{
	/* a link here would put the kernel's file system where the image wants it */
	enum path_kind kind = m->real_dir ? PATH_REAL_DIR : file ? PATH_FILE : PATH_DIR;
	mode_t mode = file ? 0644 : 0755;
	int fd = path_make_linkless_in_root(rootfd, m->dest, kind, mode);
	bool linked = fd == -ELOOP;
	struct statfs fs;

	if (linked)
		fd = path_make_in_root(rootfd, m->dest, kind, mode);

	if (m->real_dir && fd == -ENOTDIR)
		return err_set(e, ENOTDIR,
			       "%s: must be mounted on ordinary directory, not on a link",
			       m->where);
	if (fd == -EISDIR) /* as mount(2) calls it: Docker explains that word to its user */
		return err_set(e, ENOTDIR, "%s: a file cannot be mounted on a directory: %s",
			       m->where, err_text(ENOTDIR));
	if (fd < 0)
		return fail(e, -fd, "open", m, m->dest);
	/* plan_check() has judged places below /proc; a link must not lead there from elsewhere */
	if (linked && !is_proc(m->place) && fstatfs(fd, &fs) == 0 &&
	    fs.f_type == PROC_SUPER_MAGIC) {
		fd_close(fd);
		return err_set(e, EPERM,
			       "%s: the destination leads into /proc: operation not permitted",
			       m->where);
	}
	return fd;
}

/* The kernel keeps its own words about a refused option in the context: "e tmpfs: Bad value". */
static int fail_fs(struct err *e, int num, int context, const struct plan_mount *m,
		   const char *step)
{
	char said[256];
	ssize_t n = read(context, said, sizeof(said) - 1);

	if (n <= 2)
		return fail(e, num, step, m, m->fstype);
	said[n] = '\0';
	said[strcspn(said, "\n")] = '\0';
	return err_set(e, num, "%s: %s %s: %s (%s)", m->where, step, m->fstype, err_text(num),
		       said + 2);
}

static int set_option(int context, const struct plan_mount *m, const char *option, struct err *e)
{
	const char *equals = strchr(option, '=');
	char key[128];
	int r;

	if (equals) {
		(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - option), option);
		r = fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0);
	} else {
		r = fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
	}
	if (r < 0 && errno == EINVAL && equals && strlen(equals + 1) > FSCONFIG_MAX)
		return err_set(e, EINVAL,
			       "%s: option %s is longer than the %d bytes of fsconfig(2)", m->where,
			       key, FSCONFIG_MAX);
	if (r < 0 && errno == EINVAL)
		return fail_fs(e, EINVAL, context, m, option);
	return r < 0 ? fail(e, errno, "option", m, option) : 0;
}

static bool has_option(const struct plan_mount *m, const char *prefix)
{
	for (size_t i = 0; i < m->data.n; i++) {
		if (str_has_prefix(m->data.items[i], prefix))
			return true;
	}
	return false;
}

/* Whether the mode of the file system's own root is left to what it covers. */
static bool wants_mode(const struct plan_mount *m)
{
	return str_eq(m->fstype, "tmpfs") && !has_option(m, "mode=");
}

/*
 * A new tmpfs takes the mode of the directory it covers, as a mount over /tmp must stay 1777; an
 * explicit mode= wins. A directory that hull made for it has nothing to say: the kernel's 1777.
 */
static int inherit_mode(int context, const struct plan_mount *m, int dest, struct err *e)
{
	char mode[16];
	struct stat st;

	if (dest < 0 || !wants_mode(m))
		return 0;
	if (fstat(dest, &st) < 0)
		return fail(e, errno, "stat", m, m->dest);
	(void)snprintf(mode, sizeof(mode), "mode=%04o", st.st_mode & 07777);
	return set_option(context, m, mode, e);
}

/* @ret_cwd: to go back to, when it is not -1 */
static int set_lowerdir(int context, const struct plan_mount *m, const char *layers, int *ret_cwd,
			struct err *e)
{
	char option[FSCONFIG_MAX + 32] = LOWERDIR;
	int r = mount_overlay_shorten(layers, option + strlen(LOWERDIR), FSCONFIG_MAX + 1, ret_cwd);

	if (r == -E2BIG)
		return err_set(e, EINVAL,
			       "%s: option lowerdir is longer than the %d bytes of fsconfig(2)",
			       m->where, FSCONFIG_MAX);
	return r < 0 ? fail(e, -r, "enter the directory of", m, LOWERDIR)
		     : set_option(context, m, option, e);
}

static bool is_long_lowerdir(const struct plan_mount *m, const char *option)
{
	return str_eq(m->fstype, "overlay") && str_has_prefix(option, LOWERDIR) &&
	       strlen(option) > strlen(LOWERDIR) + FSCONFIG_MAX;
}

static int configure(int context, const struct plan_mount *m, int *ret_cwd, struct err *e)
{
	const char *source = str_or(m->source, "");
	int r = 0;

	if (source[0] && fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return fail(e, errno, "source", m, source);
	/* a device must not even be opened for writing */
	if (source[0] == '/' && (m->attr.set & MOUNT_ATTR_RDONLY))
		r = set_option(context, m, "ro", e);
	for (size_t i = 0; r == 0 && i < m->data.n; i++) {
		const char *option = m->data.items[i];

		r = *ret_cwd < 0 && is_long_lowerdir(m, option)
			    ? set_lowerdir(context, m, option + strlen(LOWERDIR), ret_cwd, e)
			    : set_option(context, m, option, e);
	}
	return r;
}

static int build_fs(const struct plan_mount *m, int dest, uint64_t attrs, int *ret_cwd,
		    struct err *e)
{
	cleanup_close_later int context = fsopen(m->fstype, FSOPEN_CLOEXEC);

	if (context < 0 && errno == ENODEV)
		return err_set(e, ENODEV, "%s: the kernel has no file system type \"%s\"", m->where,
			       m->fstype);
	if (context < 0)
		return fail(e, errno, "fsopen", m, m->fstype);
	int r = inherit_mode(context, m, dest, e);

	if (r == 0)
		r = configure(context, m, ret_cwd, e);
	if (r < 0)
		return r;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_fs(e, errno, context, m, "mount");
	int fd = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attrs);

	return fd < 0 ? fail(e, errno, "fsmount", m, m->fstype) : fd;
}

/* @dest: what it will cover; -1: nothing of the image's. Return: a detached mount, or -errno. */
static int make_fs(const struct plan_mount *m, int dest, uint64_t attrs, struct err *e)
{
	_cleanup_close_ int cwd = -1;
	cleanup_close_later int fd = build_fs(m, dest, attrs, &cwd, e);

	if (cwd >= 0 && fchdir(cwd) < 0)
		return fail(e, errno, "go back after", m, m->fstype);
	return fd_steal(&fd);
}

/*
 * In a user namespace the kernel gives a sysfs only to the owner of the network namespace, and an
 * mqueue only to that of the ipc namespace: where those are the host's, the host's own mount is
 * shown, read-only.
 */
static int host_view(const struct plan_mount *m)
{
	const char *path = str_eq(m->fstype, "sysfs")    ? "/sys"
			   : str_eq(m->fstype, "mqueue") ? "/dev/mqueue"
							 : NULL;
	uint64_t bits = MOUNT_ATTR_RDONLY |
			(m->attr.set & (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
	const struct mnt_attr readonly = { bits, bits };

	if (!path)
		return -EPERM;
	int fd = mnt_clone_path(path, true);

	if (fd < 0)
		return fd;
	int r = mnt_set_attr(fd, &readonly, true);

	if (r < 0) {
		fd_close(fd);
		return r;
	}
	return fd;
}

static int finish(int mount, const struct plan_mount *m, int dest, struct err *e)
{
	int r = mnt_move(mount, dest);

	if (r < 0)
		return fail(e, -r, "move_mount", m, m->dest);
	for (size_t i = 0; r == 0 && i < m->propagation.n; i++)
		r = mnt_set_propagation(mount, m->propagation.items[i]);
	return r < 0 ? fail(e, -r, "set propagation of", m, m->dest) : 0;
}

static bool is_missing(int rootfd, const char *path)
{
	cleanup_close_later int fd = path_open_in_root(rootfd, path, O_PATH);

	return fd == -ENOENT;
}

/* A directory that hull has made has nothing to say, and options are the last word. */
static enum copy_root root_of_copy(const struct plan_mount *m, bool fresh)
{
	if (fresh)
		return 0;
	return (has_option(m, "uid=") || has_option(m, "gid=") ? 0 : COPY_ROOT_OWNER) |
	       (has_option(m, "mode=") ? 0 : COPY_ROOT_MODE);
}

static int place_fs(int rootfd, const struct plan_mount *m, int userns, int *ret_late,
		    struct err *e)
{
	bool fresh = (wants_mode(m) || m->tmpcopyup) && is_missing(rootfd, m->dest);
	cleanup_close_later int dest = mount_dest(rootfd, m, false, e);

	if (dest < 0)
		return dest;
	/* first come mounts, devices and links of the container, and what is copied up */
	uint64_t late = str_eq(m->fstype, "tmpfs") ? m->attr.set & MOUNT_ATTR_RDONLY : 0;
	uint64_t early = m->attr.set & ~late & ~MNT_ATTR_RELATIME;
	cleanup_close_later int mount = make_fs(m, fresh ? -1 : dest, early, e);

	if (mount == -EPERM) {
		mount = host_view(m);
		if (mount < 0)
			return -EPERM; /* with the first try's words */
	}
	if (mount < 0)
		return mount;
	int r = m->tmpcopyup ? mount_copy_up(dest, mount, root_of_copy(m, fresh), e) : 0;

	if (r < 0)
		return err_wrap(e, "%s: tmpcopyup", m->where);
	r = set_idmap(mount, m, userns, e);
	if (r < 0)
		return r;
	r = mnt_set_attr(mount, &m->rattr, true);
	if (r < 0)
		return fail(e, -r, "mount_setattr", m, m->dest);
	r = finish(mount, m, dest, e);
	if (r == 0 && late)
		*ret_late = fd_steal(&mount);
	return r;
}

static int try_bind_attr(int source, const struct plan_mount *m, uint64_t implied)
{
	return mnt_set_attr(source, &(struct mnt_attr){ m->attr.set, m->attr.mask | implied },
			    false);
}

/*
 * Root of a user namespace may not clear what the source's owner has set. What is only implied is
 * then left as it is; what the configuration says in words is an error.
 */
static int set_bind_attr(int source, const struct plan_mount *m)
{
	uint64_t implied = m->implied;
	int r = try_bind_attr(source, m, implied);

	/* the kernel before 5.14 does not know nosymfollow, and none locks it */
	if (r == -EINVAL && implied) {
		implied &= ~MNT_ATTR_NOSYMFOLLOW;
		r = try_bind_attr(source, m, implied);
	}
	if (r == -EPERM && m->implied)
		r = try_bind_attr(source, m, implied & MNT_ATTR_NOSYMFOLLOW);
	return r;
}

static int place_bind(int rootfd, const struct plan_mount *m, int source, struct err *e)
{
	struct stat st;

	if (fstat(source, &st) < 0)
		return fail(e, errno, "stat", m, m->source);
	cleanup_close_later int dest = mount_dest(rootfd, m, !S_ISDIR(st.st_mode), e);

	if (dest < 0)
		return dest;
	int r = set_bind_attr(source, m);

	if (r == 0)
		r = mnt_set_attr(source, &m->rattr, true);
	if (r < 0)
		return fail(e, -r, "mount_setattr", m, m->dest);
	return finish(source, m, dest, e);
}

/*
 * A link of the image could else choose which mount the configuration makes writable: a sysfs, or
 * what of the host's is bound read-only.
 */
static int open_remounted(int rootfd, const struct plan_mount *m, struct err *e)
{
	int fd = path_open_linkless_in_root(rootfd, m->dest, O_PATH);

	if (fd == -ELOOP)
		return err_set(e, EPERM,
			       "%s: a remount follows no link of the image's: operation not "
			       "permitted",
			       m->where);
	return fd < 0 ? fail(e, -fd, "open", m, m->dest) : fd;
}

/* "remount": new attributes, and options for the file system behind the mount. */
static int remount(int rootfd, const struct plan_mount *m, struct err *e)
{
	cleanup_close_later int fd = open_remounted(rootfd, m, e);
	cleanup_close_later int context = -1;

	if (fd < 0)
		return fd;
	int r = mnt_set_attr(fd, &m->attr, false);

	if (r == 0)
		r = mnt_set_attr(fd, &m->rattr, true);
	if (r < 0)
		return fail(e, -r, "mount_setattr", m, m->dest);
	if (m->data.n) {
		context = fspick(fd, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
		if (context < 0)
			return fail(e, errno, "fspick", m, m->dest);
		for (size_t i = 0; r == 0 && i < m->data.n; i++)
			r = set_option(context, m, m->data.items[i], e);
		if (r < 0)
			return r;
		if (fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
			return fail_fs(e, errno, context, m, "remount");
	}
	for (size_t i = 0; r == 0 && i < m->propagation.n; i++)
		r = mnt_set_propagation(fd, m->propagation.items[i]);
	return r < 0 ? fail(e, -r, "set propagation of", m, m->dest) : 0;
}

int mount_place(int rootfd, const struct plan_mount *m, int source, int userns, int *ret_late,
		struct err *e)
{
	switch (m->kind) {
	case MOUNT_BIND:
		return place_bind(rootfd, m, source, e);
	case MOUNT_REMOUNT:
		return remount(rootfd, m, e);
	case MOUNT_FS:
	case MOUNT_CGROUP: /* placed by cgroup_mount() */
		break;
	}
	return place_fs(rootfd, m, userns, ret_late, e);
}

static int open_null(struct err *e)
{
	cleanup_close_later int fd = mnt_clone_path("/dev/null", false);
	struct stat st;

	if (fd < 0)
		return err_sys(e, -fd, "open_tree /dev/null");
	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat /dev/null");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return err_set(e, ENODEV, "the host's /dev/null is not the null device");
	/* the inode is the host's: a device may be written to, but its mode and owner may not */
	int r = mnt_set_readonly(fd, false);

	return r < 0 ? err_sys(e, -r, "mount_setattr of /dev/null") : fd_steal(&fd);
}

int mount_make_empty(struct err *e)
{
	cleanup_close_later int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (context < 0)
		return err_errno(e, "fsopen tmpfs");
	if (fsconfig(context, FSCONFIG_SET_STRING, "nr_blocks", "1", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_errno(e, "fsconfig tmpfs of an empty directory");
	int fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);

	return fd < 0 ? err_errno(e, "fsmount tmpfs of an empty directory") : fd;
}

int mount_masks_open(struct mount_masks *ret, struct err *e)
{
	cleanup_close_later int null = open_null(e);

	if (null < 0)
		return null;
	/* one file system for all: a mount each of its own costs memory and locks at density */
	int dir = mount_make_empty(e);

	if (dir < 0)
		return dir;
	*ret = (struct mount_masks){ .null = { .fd = fd_steal(&null) }, .dir = { .fd = dir } };
	return 0;
}

/* Before Linux 6.15 only what is attached can be cloned. */
static int stamp(struct mount_stamp *s, int target)
{
	if (!s->placed) {
		s->placed = true;
		return mnt_move(s->fd, target);
	}
	cleanup_close_later int clone = mnt_clone(s->fd, false);

	return clone < 0 ? clone : mnt_move(clone, target);
}

int mount_mask(int rootfd, struct mount_masks *masks, const char *path, struct err *e)
{
	cleanup_close_later int target = path_open_in_root(rootfd, path, O_PATH);
	struct stat st;

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return err_sys(e, -target, "%s: open", path);
	if (fstat(target, &st) < 0)
		return err_errno(e, "%s: stat", path);
	int r = stamp(S_ISDIR(st.st_mode) ? &masks->dir : &masks->null, target);

	return r < 0 ? err_sys(e, -r, "%s: mask", path) : 0;
}

int mount_readonly(int rootfd, const char *path, struct err *e)
{
	cleanup_close_later int target = path_open_in_root(rootfd, path, O_PATH);

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return err_sys(e, -target, "%s: open", path);
	cleanup_close_later int clone = mnt_clone(target, true);

	if (clone < 0)
		return err_sys(e, -clone, "%s: open_tree", path);
	int r = mnt_set_readonly(clone, true);

	if (r < 0)
		return err_sys(e, -r, "%s: mount_setattr", path);
	r = mnt_move(clone, target);
	return r < 0 ? err_sys(e, -r, "%s: move_mount", path) : 0;
}
