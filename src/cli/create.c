/* create.c - `hull create` */
#include "launch_flags.h"

static int run(struct invocation *in, struct err *e)
{
	struct launch_options *o = in->options;

	launch_fill(o, in);
	return launch_create(o, e);
}

static const struct cli_option options[] = { LAUNCH_OPTIONS, CLI_END };

const struct command command_create = {
	.name = "create",
	.arguments = "ID",
	.summary = "make a container and leave it waiting for start",
	.options = options,
	.options_size = sizeof(struct launch_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
