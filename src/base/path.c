/*
 * path.c - reaching a path inside a root file system
 *
 * The walk keeps two things: a descriptor of the directory reached so far and the link-free text
 * of how it was reached. Each step opens one component by name below that descriptor with
 * O_NOFOLLOW, so no link is ever followed by the kernel; a link's target is put in front of what
 * is left to walk. ".." drops the last component of the text and walks it again from the root,
 * because ".." of a directory that was renamed meanwhile may lie outside.
 */
#include "hull/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "hull/fd.h"
#include "hull/str.h"
#include "hull/sys.h"

#define MAX_LINKS 40 /* as the kernel, path_resolution(7) */

struct walk {
	int rootfd;
	int fd;     /* O_PATH, what has been reached */
	int parent; /* where it was reached from by @name; -1 for the root */
	char name[NAME_MAX + 2];
	char done[PATH_MAX]; /* link-free text of it, "" for the root */
	char todo[PATH_MAX]; /* what is left */
	unsigned links;
	bool linkless;       /* a link is an error */
	bool nofollow;       /* leave a link alone that comes last */
	enum path_kind kind; /* PATH_ANY: create nothing */
	mode_t mode;
};

/* A component's place: a slash after the last one demands a directory and follows a link. */
enum place { INNER, LAST, LAST_SLASH };

static int step_to_root(struct walk *w)
{
	int fd = openat(w->rootfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fd_close(w->fd);
	fd_close(fd_steal(&w->parent));
	w->fd = fd;
	w->done[0] = '\0';
	return 0;
}

/* Puts @front before what is left to walk, which is empty or starts with a slash. */
static int prepend(struct walk *w, const char *front)
{
	char rest[PATH_MAX];

	memcpy(rest, w->todo, sizeof(rest));
	w->todo[0] = '\0';
	if (!str_append(w->todo, sizeof(w->todo), "%s%s", front, rest))
		return -ENAMETOOLONG;
	return 0;
}

static int step_up(struct walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
	else
		w->done[0] = '\0';
	char again[PATH_MAX];

	memcpy(again, w->done, sizeof(again));
	int r = step_to_root(w);

	return r < 0 ? r : prepend(w, again);
}

/*
 * The text of a magic link (/proc/PID/fd/N, cwd, root) is not where it leads; read as a path it
 * would name something else. Only the kernel can tell one; where it will not, the plain links of a
 * procfs (self, net, mounts) are known by their text. Nothing outside of @dirfd is reached.
 */
static bool is_magic(int dirfd, const char *name, int link, const char *target)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	_cleanup_close_ int fd = sys_openat2(dirfd, name, &how);
	struct statfs fs;

	if (fd != -ENOSYS && fd != -EPERM)
		return fd == -ELOOP;
	return (target[0] == '/' || strchr(target, ':')) && fstatfs(link, &fs) == 0 &&
	       fs.f_type == PROC_SUPER_MAGIC;
}

static int step_link(struct walk *w, int link, const char *name)
{
	char target[PATH_MAX];

	if (w->linkless)
		return -ELOOP;
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (++w->links > MAX_LINKS || is_magic(w->fd, name, link, target))
		return -ELOOP;
	int r = prepend(w, target);

	return r == 0 && target[0] == '/' ? step_to_root(w) : r;
}

static int create(const struct walk *w, const char *name, enum place place)
{
	if (w->kind == PATH_ANY)
		return -ENOENT;
	if (place == INNER || w->kind != PATH_FILE) {
		if (mkdirat(w->fd, name, place == INNER ? 0755 : w->mode) < 0 && errno != EEXIST)
			return -errno;
		return 0;
	}
	if (place == LAST_SLASH)
		return -ENOTDIR;
	/* mknod makes a regular file without opening it, and never touches an existing one */
	if (mknodat(w->fd, name, S_IFREG | w->mode, 0) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* Return: an O_PATH descriptor of the component itself, made if need be, or -errno. */
static int open_component(const struct walk *w, const char *name, enum place place)
{
	int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		int r = create(w, name, place);

		if (r < 0)
			return r;
		fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

static int step_down(struct walk *w, const char *name, enum place place)
{
	_cleanup_close_ int fd = open_component(w, name, place);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && !(w->nofollow && place == LAST))
		return step_link(w, fd, name);
	if (place != LAST && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (!str_append(w->done, sizeof(w->done), "%s%s", w->done[0] ? "/" : "", name))
		return -ENAMETOOLONG;
	fd_close(w->parent);
	w->parent = w->fd;
	w->fd = fd_steal(&fd);
	memcpy(w->name, name, strlen(name) + 1);
	return 0;
}

/* Cuts the next component off w->todo; false when nothing is left. */
static bool next_component(struct walk *w, char *name, enum place *ret_place)
{
	char *p = w->todo + strspn(w->todo, "/");
	size_t n = strcspn(p, "/");

	if (!n)
		return false;
	memcpy(name, p, n > NAME_MAX ? NAME_MAX + 1 : n);
	name[n > NAME_MAX ? NAME_MAX + 1 : n] = '\0';
	p += n;
	*ret_place = !*p ? LAST : p[strspn(p, "/")] ? INNER : LAST_SLASH;
	memmove(w->todo, p, strlen(p) + 1);
	return true;
}

static int walk_all(struct walk *w)
{
	char name[NAME_MAX + 2];
	enum place place;
	int r = step_to_root(w);

	while (r == 0 && next_component(w, name, &place)) {
		if (!strcmp(name, "."))
			continue;
		r = !strcmp(name, "..") ? step_up(w) : step_down(w, name, place);
	}
	return r;
}

static int walk_path(struct walk *w, const char *path)
{
	w->fd = w->parent = -1;
	if (strlen(path) >= sizeof(w->todo))
		return -ENAMETOOLONG;
	memcpy(w->todo, path, strlen(path) + 1);
	return walk_all(w);
}

/* Opens with @flags what the walk has reached. Return: a descriptor, or -errno. */
static int reopen(struct walk *w, int flags)
{
	struct stat st;

	if (fstat(w->fd, &st) < 0)
		return -errno;
	if ((flags & O_DIRECTORY) && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return fd_steal(&w->fd);
	/* a directory by itself, anything else by its name; a link there now came by a race */
	int fd = S_ISDIR(st.st_mode) ? openat(w->fd, ".", flags)
				     : openat(w->parent, w->name, flags | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

/* What openat2(2) would do. */
static int walk_open(int rootfd, const char *path, int flags, bool linkless)
{
	struct walk w = { .rootfd = rootfd, .linkless = linkless, .nofollow = flags & O_NOFOLLOW };
	int r = walk_path(&w, path);

	if (r == 0)
		r = reopen(&w, flags | O_CLOEXEC);
	fd_close(w.fd);
	fd_close(w.parent);
	return r;
}

/* Return: an O_PATH descriptor owned by the caller, or -errno. */
static int walk_make(int rootfd, const char *path, enum path_kind kind, mode_t mode, bool linkless)
{
	struct walk w = { .rootfd = rootfd,
			  .linkless = linkless,
			  .nofollow = kind == PATH_REAL_DIR,
			  .kind = kind,
			  .mode = mode };
	int r = walk_path(&w, path);

	fd_close(w.parent);
	if (r == 0)
		return w.fd;
	fd_close(w.fd);
	return r;
}

static int open_in_root(int rootfd, const char *path, int flags, bool linkless)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
					   (linkless ? RESOLVE_NO_SYMLINKS : 0) };
	int fd = sys_openat2(rootfd, path[0] ? path : ".", &how);

	return fd == -ENOSYS || fd == -EPERM ? walk_open(rootfd, path, flags, linkless) : fd;
}

int path_open_in_root(int rootfd, const char *path, int flags)
{
	return open_in_root(rootfd, path, flags, false);
}

int path_open_linkless_in_root(int rootfd, const char *path, int flags)
{
	return open_in_root(rootfd, path, flags, true);
}

/*
 * Mostly the last component alone is missing. Whoever else can write there may put a link in the
 * place of what was made: it is not followed, and what is opened in the end is tried again.
 *
 * Return: an O_PATH descriptor, -ENOENT when there is more to it, or -errno.
 */
static int make_last_dir(int rootfd, const char *path, mode_t mode, bool linkless)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];

	if (!name || !name[1] || !strcmp(name, "/.") || !strcmp(name, "/..") ||
	    (size_t)(name - path) >= sizeof(parent))
		return -ENOENT;
	memcpy(parent, path, (size_t)(name - path));
	parent[name - path] = '\0';
	cleanup_close_later int dir = open_in_root(rootfd, parent, O_PATH | O_DIRECTORY, linkless);

	if (dir < 0)
		return dir == -ENOTDIR || dir == -ELOOP ? dir : -ENOENT;
	if (mkdirat(dir, name + 1, mode) < 0)
		return -ENOENT;
	int fd = openat(dir, name + 1, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_in_root(int rootfd, const char *path, enum path_kind kind, mode_t mode,
			bool linkless)
{
	bool dir = kind != PATH_FILE;
	int flags = O_PATH | (dir ? O_DIRECTORY : 0) | (kind == PATH_REAL_DIR ? O_NOFOLLOW : 0);
	_cleanup_close_ int fd = open_in_root(rootfd, path, flags, linkless);
	struct stat st;

	if (fd == -ENOENT && dir)
		fd = make_last_dir(rootfd, path, mode, linkless);
	if (fd != -ENOENT && dir)
		return fd_steal(&fd);
	if (fd == -ENOENT)
		fd = walk_make(rootfd, path, kind, mode, linkless);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (dir && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (!dir && S_ISDIR(st.st_mode))
		return -EISDIR;
	return fd_steal(&fd);
}

int path_make_in_root(int rootfd, const char *path, enum path_kind kind, mode_t mode)
{
	return make_in_root(rootfd, path, kind, mode, false);
}

int path_make_linkless_in_root(int rootfd, const char *path, enum path_kind kind, mode_t mode)
{
	return make_in_root(rootfd, path, kind, mode, true);
}

int path_parent_in_root(int rootfd, const char *path, const char **ret_name)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];

	name = name ? name + 1 : path;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	size_t n = (size_t)(name - path);

	if (n >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, n);
	parent[n] = '\0';
	int fd = path_make_in_root(rootfd, parent, PATH_DIR, 0755);

	if (fd >= 0)
		*ret_name = name;
	return fd;
}

int path_clean(const char *path, char *ret, size_t size)
{
	ret[0] = '\0';
	while (*(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");
		char *parent = strrchr(ret, '/');

		if (n == 2 && str_has_prefix(path, "..")) {
			if (parent)
				*parent = '\0';
		} else if (n != 1 || *path != '.') {
			if (!str_append(ret, size, "/%.*s", (int)n, path))
				return -ENAMETOOLONG;
		}
		path += n;
	}
	return 0;
}

int path_mkdirs(const char *path, mode_t mode)
{
	_cleanup_close_ int fd = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1];

	if (fd < 0)
		return -errno;
	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t n = strcspn(path, "/");

		if (n >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		path += n;
		int next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (next < 0 && errno == ENOENT) {
			if (mkdirat(fd, name, mode) < 0 && errno != EEXIST)
				return -errno;
			next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		}
		if (next < 0)
			return -errno;
		fd_close(fd);
		fd = next;
	}
	return fd_steal(&fd);
}
