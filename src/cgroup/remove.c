/*
 * remove.c - removing what fs_create() made
 *
 * In the end nearly every container leaves groups that are empty, so each is tried with one rmdir
 * first. Only a refusal (EBUSY means children as well as processes) leads to waiting and looking
 * for groups that the container made. Nobody is killed here: who is left may be somebody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "systemd.h"
#include "tree.h"

#define MAX_NAMED 8 /* processes in a message */
#define MARK "user.hull.made"

/* A refusal for want of rights matters only where there is something to remove. */
static int remove_dir(const char *path)
{
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	int r = -errno;
	bool refused = r == -EROFS || r == -EACCES || r == -EPERM;

	return refused && access(path, F_OK) < 0 && errno == ENOENT ? 0 : r;
}

/* The container's own groups may come and go meanwhile; what counts is the rmdir that follows. */
static void remove_below(const struct hierarchy *h)
{
	_cleanup_close_ int root = hierarchy_open_dir(h);
	cleanup_tree struct tree t = { 0 };

	if (root < 0 || tree_list(root, &t) < 0)
		return;
	for (size_t i = t.n; i-- > 1;)
		(void)tree_remove(&t, root, i);
}

/* A parent that bears the mark of a hull that had to leave it, or that is gone already. */
static bool is_left_behind(const char *path)
{
	return getxattr(path, MARK, NULL, 0) >= 0 || errno == ENOENT;
}

/* Return: whether it ended at a parent that this container made. */
static bool climb(const struct hierarchy *h)
{
	char path[PATH_MAX];

	for (unsigned i = 1; i < h->depth; i++) {
		bool made = i < h->made;

		hierarchy_prefix(h, h->depth - i, path, sizeof(path));
		if (!made && !is_left_behind(path))
			return false;
		if (remove_dir(path) < 0)
			return made;
	}
	return false;
}

/*
 * Parents that hull made go with the last container below, whichever that is. The one that made
 * them marks those it must leave, and then tries once more: who went in between saw no mark.
 */
static void remove_parents(const struct hierarchy *h)
{
	char path[PATH_MAX];

	if (!climb(h))
		return;
	for (unsigned i = 1; i < h->made; i++) {
		hierarchy_prefix(h, h->depth - i, path, sizeof(path));
		(void)setxattr(path, MARK, "", 0, 0); /* some are gone already */
	}
	(void)climb(h);
}

/* "1234 (D nfs_wait)", as far as /proc says; proc(5) */
static void describe_process(pid_t pid, char *buf, size_t size)
{
	char path[48], stat[512] = "", wchan[64] = "";
	_cleanup_close_ int dir = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && file_read_at(dir, "stat", stat, sizeof(stat)) < 0)
		stat[0] = '\0';
	if (dir >= 0 && file_read_at(dir, "wchan", wchan, sizeof(wchan)) < 0)
		wchan[0] = '\0';
	const char *after = strrchr(stat, ')');
	int state = after && after[1] == ' ' ? after[2] : '?';

	(void)str_append(buf, size, "%s%d (%c%s%s)", buf[0] ? ", " : "", pid, state,
			 wchan[0] && wchan[0] != '0' ? " " : "", wchan[0] == '0' ? "" : wchan);
}

static int fail_busy(const struct hierarchy *h, struct err *e)
{
	cleanup_pids struct pids pids = { 0 };
	char names[400] = "";

	(void)group_pids(h, &pids); /* what can be named is */
	for (size_t i = 0; i < pids.n && i < MAX_NAMED; i++)
		describe_process(pids.items[i], names, sizeof(names));
	if (!pids.n)
		return err_sys(e, EBUSY, "rmdir %s", h->group);
	return err_set(e, EBUSY, "rmdir %s: %s: %zu process(es) do not end: %s", h->group,
		       err_text(EBUSY), pids.n, names);
}

/*
 * @deadline: of the whole removal; 0: there was nothing to wait for yet
 *
 * Return: 0 when it is worth trying again, -ETIMEDOUT, or -errno.
 */
static int empty_group(const struct hierarchy *h, int64_t *deadline, unsigned *nap, struct err *e)
{
	if (!*deadline)
		*deadline = deadline_in(WAIT_MS);
	int r = wait_empty(h, *deadline);

	if (r < 0 && r != -ETIMEDOUT && !hierarchy_is_gone(r))
		return err_sys(e, -r, "wait for %s to be empty", h->group);
	if (r == -ETIMEDOUT)
		return r;
	remove_below(h);
	/* empty, and yet: the kernel is not quite done, or somebody makes new groups */
	return *nap == 0 || deadline_nap(*deadline, nap) ? 0 : -ETIMEDOUT;
}

static int remove_group(const struct hierarchy *h, int64_t *deadline, struct err *e)
{
	unsigned nap = 0;
	int r = remove_dir(h->group);

	while (r == -EBUSY || r == -ENOTEMPTY) {
		r = empty_group(h, deadline, &nap, e);
		if (r == -ETIMEDOUT)
			return fail_busy(h, e);
		if (r < 0)
			return r;
		r = remove_dir(h->group);
		nap = nap ? nap : 100;
	}
	if (r < 0)
		return err_sys(e, -r, "rmdir %s", h->group);
	remove_parents(h);
	return 0;
}

/*
 * A systemd that cannot be asked is no reason to keep a container whose scope has been there: with
 * its last process the scope goes too. Of one that was only announced (its creator died) hull
 * cannot know whether it is there, and whose it is.
 *
 * Return: 1 when the groups are the container's to remove, 0 when not, or -errno.
 */
static int release_scope(struct cgroup *cg, struct err *e)
{
	bool started = cg->systemd->started;
	int r = systemd_find(cg, e);

	if (r == SCOPE_OTHER)
		return 0;
	if (r == SCOPE_OURS)
		r = systemd_stop(cg, e);
	if (r < 0 && !started)
		return r;
	cg->foreign = !started;
	if (!started)
		remove_made(cg);
	return started;
}

int cgroup_remove(struct cgroup *cg, struct err *e)
{
	int64_t deadline = 0;
	int ours = cg->systemd ? release_scope(cg, e) : 1;

	if (ours <= 0)
		return ours;
	const struct hierarchy *first = group_processes(cg);
	int ret = first && first->made ? remove_group(first, &deadline, e) : 0;

	/* an error in one is no reason to leave the others; the first one is told */
	for (size_t i = 0; i < cg->layout.n; i++) {
		const struct hierarchy *h = &cg->layout.items[i];
		struct err later;
		int r = h->made && h != first ? remove_group(h, &deadline, ret < 0 ? &later : e)
					      : 0;

		ret = ret < 0 ? ret : r;
	}
	return ret;
}

void remove_made(const struct cgroup *cg)
{
	for (size_t i = 0; i < cg->layout.n; i++) {
		const struct hierarchy *h = &cg->layout.items[i];

		if (h->made && remove_dir(h->group) == 0)
			remove_parents(h);
	}
}
