/* start_hook.c - startContainer hooks, the only ones that run inside the container */
#include "start_hook.h"

#include "hook.h"
#include "host.h"
#include "host_limits.h"
#include "hull/fd.h"
#include "hull/plan.h"
#include "join.h"

/* Runs one hook inside, with the payload's identity. Return: 0 or -errno. */
static int run_inside(struct arena *a, struct container *c, const struct config_hook *h, int state,
		      const struct hook_output *output, struct err *e)
{
	struct config_process process = *c->config.process;
	const struct plan_input in = { .id = c->id, .bundle = c->bundle };
	int errors[2] = { -1, -1 };
	struct host_facts host;
	struct join j;

	process.terminal = false;
	process.cwd = "/";
	process.args = h->args;
	if (!h->args.n)
		process.args = (struct strings){ 1, (const char **)&h->path };
	if (h->env.n)
		process.env = h->env;
	join_init(&j, c, a);
	j.program = h->path;
	j.input = state;
	j.output = *output;
	int r = output->err < 0 ? hook_pipe(errors, e) : 0;

	if (errors[1] >= 0)
		j.output.err = errors[1];
	if (r == 0)
		r = host_read_facts(&c->config, &host, e);
	if (r == 0)
		r = plan_build_process(a, &c->config, &process, &in, &host, &j.process, e);
	if (h->env.n)
		j.process.has_home = true; /* exactly the environment it is configured with */
	if (r == 0)
		r = join_prepare(&j, &host, e);
	if (r == 0)
		r = join_spawn(&j, e);
	if (r == 0)
		r = host_limits_apply(c->proc_fd, j.pid, &j.process, &host, false, e);
	if (r == 0)
		r = join_go(&j, e);
	fd_close(errors[1]);
	if (r == 0)
		r = hook_await(j.pid, j.pidfd, fd_steal(&errors[0]), &h->timeout, e);
	fd_close(errors[0]);
	fd_close(fd_steal(&j.sock)); /* now: one that has not begun ends with it */
	join_end(&j);
	return r;
}

/*
 * config.md, "StartContainer Hooks": in the container's namespaces, after start was called and
 * before the payload. Init is already the gate, which can run nothing; so the hooks enter as
 * `exec` does, and are as confined as the payload.
 */
int start_hooks_run(struct arena *a, struct container *c, const struct hook_output *output,
		    struct err *e)
{
	const struct config_hooks *hooks = c->config.hooks;

	if (!hooks || !hooks->start_container.n)
		return 0;
	const char *state = container_state_json(a, c, "created", c->own_pid_ns ? 1 : c->pid);

	for (size_t i = 0; i < hooks->start_container.n; i++) {
		const struct config_hook *h = &hooks->start_container.items[i];
		_cleanup_close_ int file = hook_state_file(state, e);
		int r = file < 0 ? file : run_inside(a, c, h, file, output, e);

		if (r < 0)
			return err_wrap(e, "hooks.startContainer[%zu] %s", i, h->path);
	}
	return 0;
}
