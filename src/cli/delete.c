/* delete.c - `hull delete` */
#include "each.h"
#include "hull/launch.h"

struct options {
	bool force, regex;
};

static int delete_one(struct invocation *in, const char *id, struct err *e)
{
	const struct options *o = in->options;

	return launch_delete(in->globals->root, id, o->force, e);
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *o = in->options;

	return each_container(in, in->argv[0], o->regex, delete_one, e);
}

static const struct cli_option options[] = {
	CLI_BOOL(struct options, force, "force", 'f',
		 "kill it first; one that is gone is no error"),
	CLI_BOOL(struct options, regex, "regex", 'r', "every container whose id matches"),
	CLI_END,
};

const struct command command_delete = {
	.name = "delete",
	.arguments = "ID",
	.summary = "remove a container and everything that was made for it",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
