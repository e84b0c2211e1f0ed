/* kill.c - `hull kill` */
#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "each.h"
#include "hull/container.h"
#include "hull/fd.h"
#include "hull/names.h"

struct options {
	bool all, regex;
};

static int signal_of(const struct invocation *in, struct err *e)
{
	const char *name = in->argc > 1 ? in->argv[1] : "TERM";
	int sig = names_signal(name);

	return sig < 0 ? err_set(e, EINVAL, "unknown signal \"%.40s\"", name) : sig;
}

static bool has_processes(struct invocation *in, const struct container *c)
{
	struct err ignored;
	pid_t *pids;
	size_t n = 0;

	return cgroup_pids(c->cgroup, in->arena, &pids, &n, &ignored) == 0 && n > 0;
}

/*
 * Without a pid namespace init's death ends nothing but init: there SIGKILL goes to the whole
 * group, as long as it has anybody. containerd asks for --all after init has ended (callers.md
 * C-15).
 */
static int kill_container(struct invocation *in, struct container *c, int sig, struct err *e)
{
	const struct options *o = in->options;
	_cleanup_close_ int pidfd = container_pidfd(c);
	/* before init has been in its groups, and after it took all along, they are others' */
	bool inside = c->cgroup && c->pid && (pidfd >= 0 || !c->own_pid_ns);
	bool shared = inside && !c->own_pid_ns && (pidfd >= 0 || has_processes(in, c));
	bool everything = sig == SIGKILL && inside && (o->all || shared);

	if (pidfd < 0 && pidfd != -ESRCH)
		return err_sys(e, -pidfd, "pidfd_open init, pid %d", c->pid);
	if (everything)
		return cgroup_kill(c->cgroup, e);
	if (pidfd < 0)
		return o->all ? 0 : err_set(e, ESRCH, "container not running");
	if (o->all && inside) {
		int r = cgroup_signal(c->cgroup, sig, c->pid, e); /* init has its pidfd */

		if (r < 0)
			return r;
	}
	if (pidfd_send_signal(pidfd, sig, NULL, 0) < 0)
		return errno == ESRCH ? err_set(e, ESRCH, "container not running")
				      : err_errno(e, "send signal %d to init, pid %d", sig, c->pid);
	/* callers take the end of a paused container for granted (callers.md C-16) */
	return sig == SIGKILL && inside ? cgroup_thaw_killed(c->cgroup, e) : 0;
}

static int kill_one(struct invocation *in, const char *id, struct err *e)
{
	struct container c;
	int sig = signal_of(in, e);

	if (sig < 0)
		return sig;
	int r = container_open(in->arena, in->globals->root, id, LOCK_NONE, &c, e);

	if (r < 0)
		return r;
	r = kill_container(in, &c, sig, e);
	container_close(&c);
	return r;
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *o = in->options;

	return each_container(in, in->argv[0], o->regex, kill_one, e);
}

static const struct cli_option options[] = {
	CLI_BOOL(struct options, all, "all", 'a', "every process of the container"),
	CLI_BOOL(struct options, regex, "regex", 'r', "every container whose id matches"),
	CLI_END,
};

const struct command command_kill = {
	.name = "kill",
	.arguments = "ID [SIGNAL]",
	.summary = "send a signal to a container's init (default: TERM)",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
