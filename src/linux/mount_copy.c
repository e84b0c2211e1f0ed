/* mount_copy.c - tmpcopyup */
#include "mount_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "hull/fd.h"

#define MAX_DEPTH 128 /* two descriptors a level */

static int copy_dir(int from, int to, unsigned depth, struct err *e);

static void dir_cleanup(DIR **d)
{
	if (*d)
		(void)closedir(*d); /* only reads happened */
}

static int copy_content(int in, int out, const char *name, struct err *e)
{
	ssize_t n;

	do
		n = sendfile(out, in, NULL, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? err_errno(e, "copy %s", name) : 0;
}

/*
 * Extended attributes carry file capabilities, which chown(2) takes away, and labels; a tmpfs may
 * not take all of them.
 */
static void copy_xattrs(int in, int out)
{
	char names[4096], value[4096];
	ssize_t n = flistxattr(in, names, sizeof(names));

	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(names + i) + 1) {
		ssize_t size = fgetxattr(in, names + i, value, sizeof(value));

		if (size >= 0)
			(void)fsetxattr(out, names + i, value, (size_t)size, 0);
	}
}

static int copy_owner(int to, const char *name, const struct stat *st, struct err *e)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "chown %s", name);
	/* after chown, which clears set-id bits */
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return err_errno(e, "chmod %s", name);
	(void)utimensat(to, name, times, AT_SYMLINK_NOFOLLOW); /* times are a courtesy */
	return 0;
}

/* Of a file or directory. */
static int copy_attributes(int in, int out, int to, const char *name, const struct stat *st,
			   struct err *e)
{
	int r = copy_owner(to, name, st, e);

	if (r == 0)
		copy_xattrs(in, out);
	return r;
}

static int copy_file(int from, int to, const char *name, const struct stat *st, struct err *e)
{
	_cleanup_close_ int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (in < 0)
		return err_errno(e, "open %s", name);
	_cleanup_close_ int out =
		openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (out < 0)
		return err_errno(e, "create %s", name);
	int r = copy_content(in, out, name, e);

	return r < 0 ? r : copy_attributes(in, out, to, name, st, e);
}

static int copy_link(int from, int to, const char *name, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return err_errno(e, "readlink %s", name);
	target[n] = '\0';
	return symlinkat(target, to, name) < 0 ? err_errno(e, "symlink %s", name) : 0;
}

static int copy_subdir(int from, int to, const char *name, const struct stat *st, unsigned depth,
		       struct err *e)
{
	if (depth == MAX_DEPTH)
		return err_set(e, ELOOP, "%s: more than %d directories deep", name, MAX_DEPTH);
	_cleanup_close_ int in =
		openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (in < 0)
		return err_errno(e, "open %s", name);
	if (mkdirat(to, name, 0700) < 0)
		return err_errno(e, "mkdir %s", name);
	_cleanup_close_ int out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (out < 0)
		return err_errno(e, "open copy of %s", name);
	int r = copy_dir(in, out, depth + 1, e);

	return r < 0 ? r : copy_attributes(in, out, to, name, st, e);
}

static int copy_entry(int from, int to, const char *name, unsigned depth, struct err *e)
{
	struct stat st;
	int r;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "stat %s", name);
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_subdir(from, to, name, &st, depth, e);
	case S_IFREG:
		return copy_file(from, to, name, &st, e);
	case S_IFLNK:
		r = copy_link(from, to, name, e);
		break;
	case S_IFSOCK:
		return 0; /* nobody listens on a copy */
	default:
		r = mknodat(to, name, st.st_mode, st.st_rdev) < 0 ? err_errno(e, "mknod %s", name)
								  : 0;
	}
	return r < 0 ? r : copy_owner(to, name, &st, e);
}

static int copy_dir(int from, int to, unsigned depth, struct err *e)
{
	int dup = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir __attribute__((cleanup(dir_cleanup))) = dup < 0 ? NULL : fdopendir(dup);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = err_errno(e, "open directory");
		fd_close(dup);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		r = copy_entry(from, to, entry->d_name, depth, e);
	}
	return r == 0 && errno ? err_errno(e, "readdir") : r;
}

int mount_copy_up(int from, int to, enum copy_root root, struct err *e)
{
	_cleanup_close_ int in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (in < 0)
		return err_errno(e, "open");
	if (fstat(in, &st) < 0)
		return err_errno(e, "stat");
	int r = copy_dir(in, to, 0, e);

	if (r == 0 && (root & COPY_ROOT_OWNER) && fchownat(to, ".", st.st_uid, st.st_gid, 0) < 0)
		r = err_errno(e, "chown");
	if (r == 0 && (root & COPY_ROOT_MODE) && fchmodat(to, ".", st.st_mode & 07777, 0) < 0)
		r = err_errno(e, "chmod");
	return r;
}
