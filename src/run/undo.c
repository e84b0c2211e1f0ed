/* undo.c - taking a container apart again */
#include "undo.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "handover.h"
#include "hook.h"
#include "hull/arena.h"
#include "hull/fd.h"
#include "hull/log.h"
#include "spawn.h"

#define END_MS 10000
#define PATIENCE_MS 200 /* before looking for what init may be waiting for */

/* Return: 1 when the process has ended, 0 after @ms, or -errno. */
static int wait_end(int pidfd, int ms)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&end, 1, ms);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int undo_init(struct container *c, struct err *e)
{
	_cleanup_close_ int pidfd = container_pidfd(c);

	if (pidfd == -ESRCH)
		return 0;
	if (pidfd < 0)
		return err_sys(e, -pidfd, "pidfd_open init, pid %d", c->pid);
	if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return err_errno(e, "kill init, pid %d", c->pid);
	/*
	 * A frozen process takes the signal when it is thawed. In a group below that the
	 * container made it may be one that init as the last of a pid namespace has to wait for.
	 */
	bool frozen = c->cgroup && cgroup_is_frozen(c->cgroup) > 0;
	int n = wait_end(pidfd, frozen ? 0 : PATIENCE_MS);

	if (n == 0) {
		if (c->cgroup)
			(void)cgroup_kill(c->cgroup,
					  e); /* thaws; waiting tells whether it helped */
		n = wait_end(pidfd, END_MS);
	}
	if (n == 0)
		return err_set(e, ETIMEDOUT, "init, pid %d, does not end (uninterruptible sleep?)",
			       c->pid);
	return n < 0 ? err_sys(e, -n, "poll") : 0;
}

int undo_cgroup(struct container *c, struct err *e)
{
	if (!c->cgroup)
		return 0;
	/*
	 * With a pid namespace every process ended with init. Else they are killed, once init has
	 * been in the group: before that one that was found there is somebody else's.
	 */
	int r = c->pid && !c->own_pid_ns ? cgroup_kill(c->cgroup, e) : 0;

	return r < 0 ? r : cgroup_remove(c->cgroup, e);
}

int undo_rdt(struct container *c, struct err *e)
{
	return c->rdt ? rdt_remove(c->rdt, e) : 0;
}

int undo_pid_file(struct container *c, struct err *e)
{
	(void)e;
	if (c->pid_file && c->pid && c->phase == PHASE_CREATING)
		handover_forget_pid_file(c->pid_file, c->pid);
	return 0;
}

int undo_reserve(struct container *c, struct err *e)
{
	return container_erase(c, e);
}

/* Without a configuration (its creator died early) there were no hooks to begin with. */
static void run_poststop(struct container *c)
{
	struct hook_output output;
	struct arena a = { 0 };
	struct err e;

	bool known = c->config.oci_version; /* by the command that made it */

	if ((known || container_read_config(&a, c, &e) == 0) && c->config.hooks) {
		const char *state = container_state_json(&a, c, "stopped", 0);

		/* neither hooks nor deletion depend on a place for words */
		if (hook_output_open(&c->config, c->bundle, &output, &e) < 0)
			log_warn("%s", e.text);
		hook_run_each(&c->config.hooks->poststop, "poststop", state, &output);
		hook_output_close(&output);
	}
	c->config = (struct config){ 0 };
	arena_free(&a);
}

static int undo_kernel(struct container *c, struct err *e)
{
	int r = undo_init(c, e);

	if (r == 0)
		r = undo_cgroup(c, e);
	return r == 0 ? undo_rdt(c, e) : r;
}

int undo_all(struct container *c, bool hooks, struct err *e)
{
	int r = undo_kernel(c, e);

	if (r == 0)
		r = undo_pid_file(c, e);
	if (r < 0)
		return r;
	if (hooks)
		run_poststop(c);
	return undo_reserve(c, e);
}
