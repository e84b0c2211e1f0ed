/*
 * fs.c - placing the container's groups through the cgroup file systems
 *
 * Before anything is made it is decided which directories are missing, because that is what a later
 * removal may take away again; the list is saved before the first mkdir (cgroup_save()). All paths
 * here are the host's own, below a mount that only its administrator arranges.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "tree.h"

#define WHERE "linux.cgroupsPath"
#define RETRIES 100 /* of a mkdir whose parent somebody keeps removing */

int fs_normalize(struct arena *a, const char *path, const char **ret, struct err *e)
{
	char *out = arena_alloc(a, strlen(path) + 2), *p = out;
	size_t n;

	for (const char *s = path; *s; s += n + (s[n] == '/')) {
		n = strcspn(s, "/");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return err_set(e, EINVAL, WHERE ": must not contain \"..\": \"%.200s\"",
				       path);
		if (n > NAME_MAX)
			return err_sys(e, ENAMETOOLONG, WHERE ": \"%.200s\"", path);
		if (!n || (n == 1 && s[0] == '.'))
			continue;
		*p++ = '/';
		memcpy(p, s, n);
		p += n;
	}
	if (p == out)
		return err_set(e, EINVAL,
			       WHERE ": the root of a hierarchy cannot be a container's: "
				     "\"%.200s\"",
			       path);
	*ret = path[0] == '/' ? out : out + 1;
	return 0;
}

static bool has_dotdot(const char *path)
{
	return hierarchy_lists(path, '/', "..");
}

const char *fs_base(struct arena *a, const struct hierarchy *h, bool pure_v2)
{
	const char *own = str_or(h->own, "/");
	size_t n = strlen(own);

	/* outside what this cgroup namespace can see */
	if (has_dotdot(own))
		return "";
	if (pure_v2) {
		const char *slash = strrchr(own, '/');

		n = slash ? (size_t)(slash - own) : 0;
	}
	return n <= 1 ? "" : arena_strndup(a, own, n);
}

/*
 * How much of the path is there: from its end, for usually all is but the last component. The same
 * call tells that it is a cgroup file system of the right version.
 */
static int probe(struct hierarchy *h, struct err *e)
{
	unsigned long magic = hierarchy_is_v2(h) ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
	char path[PATH_MAX];
	struct statfs fs;

	if (strlen(h->group) >= sizeof(path) - NAME_MAX)
		return err_sys(e, ENAMETOOLONG, WHERE ": \"%.200s\"", h->path);
	for (unsigned made = 0; made <= h->depth; made++) {
		hierarchy_prefix(h, h->depth - made, path, sizeof(path));
		h->made = made;
		if (h->seen && made == h->depth)
			return 0;
		if (statfs(path, &fs) == 0)
			return (unsigned long)fs.f_type == magic ? 0 : -ENOENT;
		if (errno != ENOENT)
			return err_errno(e, "statfs %s", path);
	}
	return -ENOENT;
}

/* "cpu,cpuacct" may be mounted at "cpu", or somewhere else altogether. */
static int find(struct arena *a, struct layout *l, struct hierarchy *h, const char *path,
		struct err *e)
{
	hierarchy_set_path(a, h, path);
	int r = probe(h, e);

	if (r != -ENOENT)
		return r;
	r = layout_locate(a, l, h);
	if (r < 0)
		return r == -ENOENT ? r : err_sys(e, -r, "read /proc/self/mountinfo");
	hierarchy_set_path(a, h, path);
	return probe(h, e);
}

/* Whether hull may make the first of the missing groups; asked once, of the first hierarchy. */
static bool may_create(const struct hierarchy *h)
{
	char path[PATH_MAX];

	hierarchy_prefix(h, h->depth - h->made, path, sizeof(path));
	return !h->made || access(path, W_OK) == 0 || errno == EROFS;
}

enum start { START_UNKNOWN, START_AT_ROOT, START_AT_OWN };

static int place_one(struct arena *a, struct layout *l, struct hierarchy *h, const char *path,
		     enum start *start, struct err *e)
{
	bool relative = path[0] != '/';
	const char *from_root = relative ? arena_printf(a, "/%s", path) : path;
	int r = find(a, l, h, from_root, e);

	if (r < 0)
		return r;
	if (*start == START_UNKNOWN)
		*start = !relative || may_create(h) ? START_AT_ROOT : START_AT_OWN;
	if (*start == START_AT_ROOT)
		return 0;
	r = layout_read_own(a, l, e);
	if (r < 0)
		return r;
	return find(a, l, h, arena_printf(a, "%s/%s", fs_base(a, h, !layout_has_v1(l)), path), e);
}

int fs_place(struct arena *a, struct cgroup *cg, const char *path, struct err *e)
{
	struct layout *l = &cg->layout;
	enum start start = START_UNKNOWN;
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		int r = place_one(a, l, &l->items[i], path, &start, e);

		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0)
			l->items[kept++] = l->items[i];
	}
	l->n = kept;
	return 0;
}

/* A group that was there before must be free: somebody else's container may live in it. */
static int check_free(const struct hierarchy *h, struct err *e)
{
	cleanup_pids struct pids pids = { 0 };
	int r = group_pids(h, &pids);

	if (r < 0)
		return err_sys(e, -r, "read %s", h->group);
	if (pids.n)
		return err_set(e, EBUSY,
			       "container's cgroup is not empty: %zu process(es) found (%s)",
			       pids.n, h->group);
	if ((hierarchy_is_v2(h) || hierarchy_has(h, "freezer")) && freeze_is_asked(h))
		return err_set(e, EBUSY, "container's cgroup unexpectedly frozen (%s)", h->group);
	return 0;
}

/*
 * A parent that was there a moment ago may be gone: it was another container's, and that one has
 * been removed. Then it is this container's now. A group that has come meanwhile is as good as one
 * that was there before, provided it is free.
 */
static int make_dirs(struct hierarchy *h, struct err *e)
{
	unsigned tries = RETRIES;
	char path[PATH_MAX];

	for (unsigned i = h->depth - h->made + 1; i <= h->depth; i++) {
		hierarchy_prefix(h, i, path, sizeof(path));
		if (mkdir(path, 0755) == 0 || (errno == EEXIST && (i < h->depth || h->joined)))
			continue;
		if (errno == EEXIST) {
			int r = check_free(h, e);

			h->made = r < 0 ? 0 : h->made;
			return r;
		}
		if (errno != ENOENT || i == 1 || !--tries)
			return err_errno(e, "mkdir %s", path);
		i -= 2;
		if (h->made < h->depth - i)
			h->made = h->depth - i;
	}
	return 0;
}

/* Opened here, where the right to is still there: init may be root of another user namespace. */
static int open_entrance(struct hierarchy *h, struct err *e)
{
	bool v2 = hierarchy_is_v2(h);
	int fd = v2 ? hierarchy_open(h, ".", O_PATH | O_DIRECTORY)
		    : hierarchy_open(h, "tasks", O_WRONLY);

	if (fd < 0)
		return err_sys(e, -fd, "open %s%s", h->group, v2 ? "" : "/tasks");
	h->fd = fd;
	return 0;
}

static int make_group(const struct cgroup *cg, struct hierarchy *h, struct err *e)
{
	int r = h->made ? make_dirs(h, e) : h->joined ? 0 : check_free(h, e);

	if (r == 0 && hierarchy_is_v2(h))
		r = enable_controllers(cg, h, e);
	if (r == 0 && hierarchy_has(h, "cpuset"))
		r = cpuset_fill(h, &cg->limits, e);
	return r == 0 ? open_entrance(h, e) : r;
}

int fs_check(const struct cgroup *cg, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < cg->layout.n; i++) {
		if (!cg->layout.items[i].made)
			r = check_free(&cg->layout.items[i], e);
	}
	return r;
}

int fs_create(struct cgroup *cg, struct err *e)
{
	for (size_t i = 0; i < cg->layout.n; i++) {
		struct hierarchy *h = &cg->layout.items[i];
		int r = make_group(cg, h, e);

		if (cg->optional && (r == -EACCES || r == -EPERM || r == -EROFS))
			h->absent = true;
		else if (r < 0)
			return r;
	}
	return 0;
}
