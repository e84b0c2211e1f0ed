/* list.c - `hull list` */
#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "describe.h"
#include "hull/log.h"
#include "hull/str.h"

struct options {
	const char *format;
	bool quiet;
};

struct row {
	const char *id;
	pid_t pid;
	const char *status, *bundle, *created, *owner;
};

/* One entry that cannot be read is a warning, not the end of the list; one that is gone is gone. */
static int visit(struct invocation *in, const char *id, struct json_out *o, struct row *row)
{
	struct container c;
	struct err e;
	char owner[16];
	int r = container_open(in->arena, in->globals->root, id, LOCK_NONE, &c, &e);

	if (r == -ENOENT)
		return r;
	if (r < 0) {
		log_warn("list: %s: %s", id, e.text);
		return r;
	}
	enum container_status status = container_status(&c);

	if (o)
		describe(o, &c, status);
	*row = (struct row){
		.id = id,
		.pid = status == STATUS_STOPPED || status == STATUS_CREATING ? 0 : c.pid,
		.status = container_status_name(status),
		.bundle = c.bundle,
		.created = c.created,
		.owner = arena_strdup(in->arena, describe_owner(&c, owner, sizeof(owner))),
	};
	container_close(&c);
	return 0;
}

static void print_row(const struct row *r)
{
	(void)printf("%-36s %-8d %-9s %-40s %-31s %s\n", r->id, r->pid, r->status, r->bundle,
		     r->created, r->owner);
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *opts = in->options;
	bool json = str_eq(opts->format, "json");
	const char **ids;
	struct row row;

	if (opts->format && !json && !str_eq(opts->format, "table"))
		return err_set(e, EINVAL, "--format \"%.40s\": table or json", opts->format);
	int r = container_list(in->arena, in->globals->root, &ids, e);

	if (r < 0)
		return r;
	if (opts->quiet) {
		for (; *ids; ids++)
			(void)puts(*ids);
		return 0;
	}
	struct json_out *o = json ? json_out_new(true) : NULL;

	if (json)
		json_out_array(o, NULL);
	else
		(void)printf("%-36s %-8s %-9s %-40s %-31s %s\n", "ID", "PID", "STATUS", "BUNDLE",
			     "CREATED", "OWNER");
	for (; *ids; ids++) {
		if (visit(in, *ids, o, &row) == 0 && !json)
			print_row(&row);
	}
	if (json) {
		json_out_array_end(o);
		r = cli_print_json(o, e);
		json_out_free(o);
	}
	return r;
}

static const struct cli_option options[] = {
	CLI_STRING(struct options, format, "format", 'f', "table (default) or json"),
	CLI_BOOL(struct options, quiet, "quiet", 'q', "ids only"),
	CLI_END,
};

const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the containers of a root",
	.options = options,
	.options_size = sizeof(struct options),
	.run = run,
};
