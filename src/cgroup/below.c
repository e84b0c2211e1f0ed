/*
 * below.c - entering other groups than the container's own: those below it, and where init went
 *
 * Groups below are the container's to make, rename and remove, so their paths are hostile: they are
 * resolved from the descriptor of the container's group, never as a string, and what was opened is
 * what is entered.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "group.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/path.h"
#include "hull/str.h"
#include "tree.h"

/* cgroup file systems know no links; what could lead elsewhere is a mount on a directory. */
static bool same_mount(int dir, int below)
{
	struct statx x, y;
	const unsigned mask = STATX_MNT_ID; /* since Linux 5.8; before, both are 0 */

	return statx(dir, "", AT_EMPTY_PATH, mask, &x) == 0 &&
	       statx(below, "", AT_EMPTY_PATH, mask, &y) == 0 &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor &&
	       x.stx_mnt_id == y.stx_mnt_id;
}

/* What cgroup_enter() and cgroup_dirfd() use from now on. Return: 0 or -errno. */
static int set_entrance(struct hierarchy *h, int *dir)
{
	int fd = hierarchy_is_v2(h) ? fd_steal(dir)
				    : openat(*dir, "tasks", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fd_close(h->fd);
	h->fd = fd;
	return 0;
}

static int open_below(struct arena *a, struct hierarchy *h, const char *path, struct err *e)
{
	_cleanup_close_ int root = hierarchy_open(h, ".", O_PATH | O_DIRECTORY);
	_cleanup_close_ int dir =
		root < 0 ? root : path_open_in_root(root, path, O_PATH | O_DIRECTORY);
	int r = dir < 0 ? dir : 0;

	if (r == 0)
		r = same_mount(root, dir) ? set_entrance(h, &dir) : -EXDEV;
	if (r < 0)
		return err_sys(e, -r, "--cgroup: open cgroup %s/%s", h->group,
			       path + strspn(path, "/"));
	hierarchy_set_path(a, h, arena_printf(a, "%s/%s", h->path, path + strspn(path, "/")));
	return 0;
}

/* The one word that has chosen a path in each hierarchy; NULL: none. */
struct choice {
	const char *word, *path;
};

static int check_path(const char *path, struct err *e)
{
	if (hierarchy_lists(path, '/', ".."))
		return err_set(e, EINVAL,
			       "--cgroup: bad sub cgroup path: \"%.100s\" must not contain \"..\"",
			       path);
	if (strlen(path) >= PATH_MAX)
		return err_sys(e, ENAMETOOLONG, "--cgroup: \"%.100s...\"", path);
	return 0;
}

static int choose_controller(const struct layout *l, struct choice *choices, const char *name,
			     struct choice new, struct err *e)
{
	const struct hierarchy *h = layout_v1(l, name);

	if (!name[0])
		return err_set(e, EINVAL, "--cgroup %.100s: empty controller prefix", new.word);
	if (!h)
		return err_set(e, EINVAL, "--cgroup %.100s: unknown controller \"%.40s\"%s",
			       new.word, name,
			       layout_has_v1(l) ? "" : " (cgroup v2 has one path for all)");
	struct choice *c = &choices[h - l->items];

	if (c->word && c->word != new.word)
		return err_set(e, EINVAL, "--cgroup %.100s: controller %s specified multiple times",
			       new.word, name);
	*c = new;
	return 0;
}

/* "cpu,cpuacct:/a"; what has a '/' before the ':' is a path. */
static int choose_word(struct arena *a, const struct layout *l, struct choice *choices,
		       const char *word, size_t words, struct err *e)
{
	size_t n = strcspn(word, ":/");
	bool prefixed = word[n] == ':';
	struct choice new = { word, prefixed ? word + n + 1 : word };
	int r = check_path(new.path, e);

	if (r == 0 && !prefixed && words > 1)
		return err_set(e, EINVAL, "--cgroup %.100s: missing CONTROLLER: prefix", word);
	for (size_t i = 0; r == 0 && !prefixed && i < l->n; i++)
		choices[i] = new;
	for (const char *p = word; r == 0 && prefixed;) {
		size_t len = strcspn(p, ",:");

		r = choose_controller(l, choices, arena_strndup(a, p, len), new, e);
		if (p[len] == ':')
			break;
		p += len + 1;
	}
	return r;
}

int cgroup_choose_below(struct cgroup *cg, struct arena *a, const char *const *words, size_t n,
			struct err *e)
{
	struct choice *choices = arena_new_n(a, struct choice, cg->layout.n + 1);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = choose_word(a, &cg->layout, choices, words[i], n, e);
	for (size_t i = 0; r == 0 && i < cg->layout.n; i++) {
		if (choices[i].word)
			r = open_below(a, &cg->layout.items[i], choices[i].path, e);
	}
	cg->chosen = n > 0;
	return r;
}

/* Whether a group cannot be entered: v2 says so by an error, v1 by not being there. */
static bool is_closed(struct hierarchy *h, int why)
{
	bool v2 = hierarchy_is_v2(h);

	if (why)
		return v2 && (why == EBUSY || why == ENOENT || why == ENODEV);
	if (h->fd < 0)
		h->fd = hierarchy_open(h, v2 ? "." : "tasks", v2 ? O_PATH | O_DIRECTORY : O_WRONLY);
	bool gone = hierarchy_is_gone(h->fd);

	h->fd = h->fd < 0 ? -1 : h->fd;
	return gone;
}

/*
 * The path comes from /proc, and another group could have its name by now; so it counts only when
 * init is listed in what was opened.
 */
static bool aim(struct arena *a, struct hierarchy *h, const char *path, pid_t init)
{
	cleanup_pids struct pids pids = { 0 };
	const struct tree only = { 0 };
	struct hierarchy there = *h;

	if (path[0] != '/' || hierarchy_lists(path, '/', ".."))
		return false; /* outside of what this cgroup namespace shows */
	there.fd = -1;
	hierarchy_set_path(a, &there, path);
	_cleanup_close_ int dir = hierarchy_open_dir(&there);

	if (dir < 0 || tree_pids(&only, dir, 0, &pids) < 0)
		return false;
	pids_sort(&pids);
	if (!pids_contain(&pids, init) || set_entrance(h, &dir) < 0)
		return false;
	hierarchy_set_path(a, h, path);
	return true;
}

static bool read_groups(struct arena *a, int proc_fd, pid_t pid, struct layout *ret)
{
	char name[32], text[16 * 1024];

	(void)snprintf(name, sizeof(name), "%d/cgroup", pid);
	if (file_read_at(proc_fd, name, text, sizeof(text)) < 0)
		return false;
	layout_parse(a, text, ret);
	return true;
}

bool cgroup_follow(struct cgroup *cg, struct arena *a, int why, int proc_fd, pid_t init)
{
	struct layout now = { 0 };
	bool moved = false;

	for (size_t i = 0; !cg->chosen && i < cg->layout.n; i++) {
		struct hierarchy *h = &cg->layout.items[i];

		/* where the container has no group there is none to enter, or to remove later */
		if (h->absent || !is_closed(h, why) ||
		    (!now.items && !read_groups(a, proc_fd, init, &now)))
			continue;
		for (size_t j = 0; j < now.n; j++) {
			if (str_eq(now.items[j].controllers, h->controllers))
				moved = aim(a, h, now.items[j].own, init) || moved;
		}
	}
	return moved;
}
