/* start.c - `hull start` */
#include "cli.h"
#include "hull/launch.h"

static int run(struct invocation *in, struct err *e)
{
	return launch_start(in->globals->root, in->argv[0], e);
}

static const struct cli_option options[] = { CLI_END };

const struct command command_start = {
	.name = "start",
	.arguments = "ID",
	.summary = "let a created container run its program",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
