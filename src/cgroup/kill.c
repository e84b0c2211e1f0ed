/*
 * kill.c - SIGKILL for all processes of a group
 *
 * v2 does it in one step that no fork escapes (cgroup.kill, Linux 5.14), also where it is mounted
 * next to v1. Without it the group is frozen, so that its processes can neither fork nor go away
 * while they are signalled one by one. A hull that is killed in between leaves the group frozen
 * with the signals pending; the next kill thaws it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/sys.h"
#include "tree.h"

#define ROUND_MS 100 /* for one attempt to freeze */
#define KILL_MS 2000 /* for all rounds */
#define CHUNK 64     /* descriptors at a time */

struct aim {
	int sig;
	pid_t except; /* who does not get it; 0: nobody */
};

/*
 * A number read from the list may be another process's by the time it is used. So processes are
 * pinned by descriptors first; who is still listed then is who was pinned.
 */
static int signal_chunk(const struct aim *aim, const struct tree *t, int root, size_t node,
			const pid_t *pids, size_t n)
{
	cleanup_pids struct pids again = { 0 };
	int fds[CHUNK];

	for (size_t i = 0; i < n; i++)
		fds[i] = pids[i] == aim->except ? -1 : sys_pidfd_open(pids[i]);
	int r = tree_pids(t, root, node, &again);

	pids_sort(&again);
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && fds[i] >= 0 && pids_contain(&again, pids[i]))
			(void)pidfd_send_signal(fds[i], aim->sig, NULL, 0); /* gone is as good */
		fd_close(fds[i]);
	}
	return r;
}

static int signal_node(const struct aim *aim, const struct tree *t, int root, size_t node,
		       size_t *count)
{
	cleanup_pids struct pids pids = { 0 };
	int r = tree_pids(t, root, node, &pids);

	*count += pids.n;
	for (size_t i = 0; r == 0 && i < pids.n; i += CHUNK)
		r = signal_chunk(aim, t, root, node, pids.items + i,
				 pids.n - i < CHUNK ? pids.n - i : CHUNK);
	return r;
}

/* Return: how many processes there were, or -errno. */
static int64_t signal_all(const struct hierarchy *h, const struct aim *aim)
{
	_cleanup_close_ int root = hierarchy_open_dir(h);
	cleanup_tree struct tree t = { 0 };
	int r = root < 0 ? root : tree_list(root, &t);
	size_t count = 0;

	for (size_t i = 0; r == 0 && i < t.n; i++)
		r = signal_node(aim, &t, root, i, &count);
	return r < 0 ? r : (int64_t)count;
}

/* One round is enough when the freeze succeeds; a process that cannot be frozen takes more. */
static int kill_one_by_one(const struct hierarchy *h, const struct hierarchy *freezer)
{
	const struct aim aim = { .sig = SIGKILL };
	int64_t deadline = deadline_in(KILL_MS), count = 1;
	unsigned nap = 100;
	bool frozen = false;

	while (!frozen && count > 0) {
		frozen = freezer && freeze_wait(freezer, true, ROUND_MS) == 0;
		count = signal_all(h, &aim);
		if (freezer)
			(void)freeze_thaw_below(freezer); /* where there is nothing there is none */
		if (!frozen && !deadline_nap(deadline, &nap))
			break;
	}
	return count < 0 ? (int)count : 0;
}

/* v1's frozen processes die when they are thawed; v2's need not be. */
static int thaw_killed(const struct hierarchy *freezer)
{
	return freezer && !hierarchy_is_v2(freezer) ? freeze_thaw_below(freezer) : 0;
}

static int kill_group(const struct cgroup *cg)
{
	const struct hierarchy *h = group_processes(cg), *freezer = group_freezer(cg);
	const struct aim aim = { .sig = SIGKILL };
	int r = hierarchy_is_v2(h) ? hierarchy_write(h, "cgroup.kill", "1") : -ENOENT;

	/* before Linux 5.14, or a threaded group, whose processes are not its own alone */
	if (r == -ENOENT || r == -EOPNOTSUPP)
		return kill_one_by_one(h, freezer);
	/* it signals first threads, and so passes over who lives on without that one */
	if (r == 0 && signal_all(h, &aim) > 0)
		r = hierarchy_write(h, "cgroup.kill", "1");
	(void)thaw_killed(freezer); /* who waits for their end tells whether it helped */
	return r;
}

int cgroup_kill(struct cgroup *cg, struct err *e)
{
	const struct hierarchy *h = group_processes(cg);
	int r = h ? kill_group(cg) : 0;

	if (r == 0 || hierarchy_is_gone(r))
		return 0;
	return err_sys(e, -r, "kill the processes in %s", h->group);
}

int cgroup_signal(const struct cgroup *cg, int sig, pid_t except, struct err *e)
{
	const struct hierarchy *h = group_processes(cg);
	const struct aim aim = { sig, except };
	int64_t r = h ? signal_all(h, &aim) : 0;

	if (r >= 0 || hierarchy_is_gone((int)r))
		return 0;
	return err_sys(e, (int)-r, "signal the processes in %s", h->group);
}

int cgroup_thaw_killed(const struct cgroup *cg, struct err *e)
{
	const struct hierarchy *freezer = group_freezer(cg);
	int r = thaw_killed(freezer);

	return r < 0 && !hierarchy_is_gone(r) ? err_sys(e, -r, "thaw %s", freezer->group) : 0;
}
