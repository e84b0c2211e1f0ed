/*
 * freeze.c - stopping and continuing all processes of a group
 *
 * v2 freezes a process at its way out of the kernel, where a signal may still kill it, and reports
 * by an event. v1 puts it to sleep for good: a SIGKILL waits until it is thawed, and the only way
 * to learn the state is to ask again.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "tree.h"

#define FIRST_NAP_US 50

static const char *state_file(const struct hierarchy *h)
{
	return hierarchy_is_v2(h) ? "cgroup.freeze" : "freezer.state";
}

static int set_state(const struct hierarchy *h, bool frozen)
{
	if (hierarchy_is_v2(h))
		return hierarchy_write(h, "cgroup.freeze", frozen ? "1" : "0");
	return hierarchy_write(h, "freezer.state", frozen ? "FROZEN" : "THAWED");
}

/* The state is brought up to date by being read. */
static int wait_v1(const struct hierarchy *h, const char *wanted, int64_t deadline)
{
	unsigned nap = FIRST_NAP_US;
	char state[32];

	for (;;) {
		ssize_t n = hierarchy_read(h, "freezer.state", state, sizeof(state));

		if (n < 0)
			return (int)n;
		if (str_has_prefix(state, wanted))
			return 0;
		if (!deadline_nap(deadline, &nap))
			return -ETIMEDOUT;
		/* a process that was in the middle of something may take the second hint */
		int r = set_state(h, str_eq(wanted, "FROZEN"));

		if (r < 0)
			return r;
	}
}

int freeze_wait(const struct hierarchy *h, bool frozen, int timeout_ms)
{
	int64_t deadline = deadline_in(timeout_ms);
	int r = set_state(h, frozen);

	if (r < 0)
		return r;
	if (hierarchy_is_v2(h))
		return wait_event(h, frozen ? "frozen 1" : "frozen 0", deadline);
	return wait_v1(h, frozen ? "FROZEN" : "THAWED", deadline);
}

int freeze_thaw_below(const struct hierarchy *h)
{
	const char *thawed = hierarchy_is_v2(h) ? "0" : "THAWED";
	_cleanup_close_ int root = hierarchy_open_dir(h);
	cleanup_tree struct tree t = { 0 };
	int r = root < 0 ? root : tree_list(root, &t);

	if (r < 0)
		return r;
	for (size_t i = t.n; i-- > 0;) {
		_cleanup_close_ int fd = tree_open(&t, root, i, state_file(h), O_WRONLY);
		ssize_t n = fd < 0 ? fd : fd_write(fd, thawed, strlen(thawed));

		if (i == 0 && n < 0)
			return (int)n;
	}
	return 0;
}

int cgroup_freeze(struct cgroup *cg, bool frozen, struct err *e)
{
	const struct hierarchy *h = group_freezer(cg);

	if (!h)
		return err_set(e, EOPNOTSUPP, "the container has no cgroup that can be frozen");
	int r = freeze_wait(h, frozen, WAIT_MS);

	if (r == 0)
		return 0;
	if (hierarchy_is_gone(r))
		return err_sys(e, ENOENT, "%s %s", frozen ? "freeze" : "thaw", h->group);
	if (frozen)
		(void)set_state(h, false); /* half frozen is worse; the error below tells */
	return err_sys(e, -r, "%s %s", frozen ? "freeze" : "thaw", h->group);
}

/* v1: "FROZEN" or "FREEZING"; v2: "1". A v1 hierarchy without the freezer has no such file. */
bool freeze_is_asked(const struct hierarchy *h)
{
	char state[32];
	ssize_t n = hierarchy_read(h, state_file(h), state, sizeof(state));

	return n > 0 && state[0] == (hierarchy_is_v2(h) ? '1' : 'F');
}

bool cgroup_is_freezing(const struct cgroup *cg)
{
	const struct hierarchy *h = group_freezer(cg);

	return h && (freeze_is_asked(h) || cgroup_is_frozen(cg) > 0);
}

int cgroup_is_frozen(const struct cgroup *cg)
{
	const struct hierarchy *h = group_freezer(cg);
	char text[256];

	if (!h)
		return 0;
	ssize_t n = hierarchy_read(h, hierarchy_is_v2(h) ? "cgroup.events" : "freezer.state", text,
				   sizeof(text));

	if (n < 0)
		return hierarchy_is_gone((int)n) ? 0 : (int)n;
	if (hierarchy_is_v2(h))
		return hierarchy_lists(text, '\n', "frozen 1");
	return !str_has_prefix(text, "THAWED");
}
