/* state.c - `hull state` */
#include "cli.h"
#include "describe.h"

static int run(struct invocation *in, struct err *e)
{
	struct container c;
	int r = container_open(in->arena, in->globals->root, in->argv[0], LOCK_NONE, &c, e);

	if (r < 0)
		return r;
	struct json_out *o = json_out_new(true);

	describe(o, &c, container_status(&c));
	r = cli_print_json(o, e);
	json_out_free(o);
	container_close(&c);
	return r;
}

static const struct cli_option options[] = { CLI_END };

const struct command command_state = {
	.name = "state",
	.arguments = "ID",
	.summary = "print a container's state as JSON",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
