/* exec.c - `hull exec` */
#include <errno.h>

#include "cli.h"
#include "hull/launch.h"

struct options {
	struct exec_options exec;
	struct option_list env, caps, groups, cgroups;
};

static int run(struct invocation *in, struct err *e)
{
	struct options *o = in->options;
	struct exec_options *x = &o->exec;

	x->root = in->globals->root;
	x->id = in->argv[0];
	x->args = in->argv + 1;
	x->nargs = (size_t)in->argc - 1;
	x->env = o->env.items;
	x->nenv = o->env.n;
	x->caps = o->caps.items;
	x->ncaps = o->caps.n;
	x->groups = o->groups.items;
	x->ngroups = o->groups.n;
	x->cgroups = o->cgroups.items;
	x->ncgroups = o->cgroups.n;
	return launch_exec(x, &in->status, e);
}

static const struct cli_option options[] = {
	CLI_STRING(struct options, exec.console_socket, "console-socket", 0,
		   "AF_UNIX socket that gets the terminal's master"),
	CLI_STRING(struct options, exec.pidfd_socket, "pidfd-socket", 0,
		   "AF_UNIX socket that gets a pidfd of it"),
	CLI_STRING(struct options, exec.cwd, "cwd", 0, "working directory inside"),
	CLI_LIST(struct options, env, "env", 'e', "NAME=value, in addition to the container's"),
	CLI_BOOL(struct options, exec.tty, "tty", 't', "give it a terminal"),
	CLI_STRING(struct options, exec.user, "user", 'u', "UID[:GID]"),
	CLI_LIST(struct options, groups, "additional-gids", 'g', "one more group id"),
	CLI_STRING(struct options, exec.process_file, "process", 'p', "process object as JSON"),
	CLI_BOOL(struct options, exec.detach, "detach", 'd', "do not wait for it"),
	CLI_STRING(struct options, exec.pid_file, "pid-file", 0, "file to write its pid to"),
	CLI_STRING(struct options, exec.process_label, "process-label", 0, "SELinux label"),
	CLI_STRING(struct options, exec.apparmor, "apparmor", 0, "AppArmor profile"),
	CLI_BOOL(struct options, exec.no_new_privileges, "no-new-privs", 0, "set no_new_privs"),
	CLI_LIST(struct options, caps, "cap", 'c', "one more capability"),
	CLI_UINT(struct options, exec.preserve_fds, "preserve-fds", 0,
		 "pass descriptors 3 to 3 + N - 1"),
	CLI_LIST(struct options, cgroups, "cgroup", 0,
		 "[CONTROLLER,...:]PATH of a group below the container's"),
	CLI_BOOL(struct options, exec.ignore_paused, "ignore-paused", 0,
		 "also in a paused container"),
	CLI_END,
};

const struct command command_exec = {
	.name = "exec",
	.arguments = "ID [COMMAND [ARGUMENTS...]]",
	.summary = "run another process in a container",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = -1,
	.stop_at_argument = true,
	.failure = 255, /* what callers tell from a payload's status by */
	.run = run,
};
