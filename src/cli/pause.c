/* pause.c - `hull pause` and `hull resume` */
#include <errno.h>

#include "cli.h"
#include "hull/container.h"

static int pause_locked(struct container *c, struct err *e)
{
	enum container_status status = container_status(c);

	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return err_set(e, ESRCH, "container not running");
	if (status == STATUS_PAUSED)
		return err_set(e, EBUSY, "container paused");
	if (!c->cgroup)
		return err_set(e, EOPNOTSUPP, "container has no cgroup to freeze");
	return cgroup_freeze(c->cgroup, true, e);
}

/*
 * A container that died frozen is thawed too: containerd asks for it (callers.md C-16). So is one
 * whose `pause` was killed while it waited for the last process.
 */
static int resume_locked(struct container *c, struct err *e)
{
	if (!c->pid || !c->cgroup || !cgroup_is_freezing(c->cgroup))
		return err_set(e, EINVAL, "container not paused");
	return cgroup_freeze(c->cgroup, false, e);
}

static int with_container(struct invocation *in, int (*act)(struct container *, struct err *),
			  struct err *e)
{
	struct container c;
	int r = container_open(in->arena, in->globals->root, in->argv[0], LOCK_CHANGE, &c, e);

	if (r < 0)
		return r;
	r = act(&c, e);
	container_close(&c);
	return r;
}

static int run_pause(struct invocation *in, struct err *e)
{
	return with_container(in, pause_locked, e);
}

static int run_resume(struct invocation *in, struct err *e)
{
	return with_container(in, resume_locked, e);
}

static const struct cli_option options[] = { CLI_END };

const struct command command_pause = {
	.name = "pause",
	.arguments = "ID",
	.summary = "stop every process of a container where it is",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run_pause,
};

const struct command command_resume = {
	.name = "resume",
	.arguments = "ID",
	.summary = "let a paused container go on",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run_resume,
};
