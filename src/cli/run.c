/* run.c - `hull run` */
#include "launch_flags.h"

static int run(struct invocation *in, struct err *e)
{
	struct launch_options *o = in->options;

	launch_fill(o, in);
	return launch_run(o, &in->status, e);
}

static const struct cli_option options[] = {
	LAUNCH_OPTIONS,
	CLI_BOOL(struct launch_options, detach, "detach", 'd', "do not wait for the container"),
	CLI_BOOL(struct launch_options, keep, "keep", 0,
		 "do not delete the container when it ends"),
	CLI_END,
};

const struct command command_run = {
	.name = "run",
	.arguments = "ID",
	.summary = "make a container, start it, wait for it and delete it",
	.options = options,
	.options_size = sizeof(struct launch_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
