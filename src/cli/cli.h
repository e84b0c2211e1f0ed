/* cli.h - commands and their options as tables */
#ifndef HULL_CLI_H
#define HULL_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "hull/arena.h"
#include "hull/err.h"

/* What the options before the command said. */
struct globals {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless;
	bool debug, systemd_cgroup, help, version;
};

enum option_kind {
	OPT_BOOL,   /* bool; "--x", "--x=true", "--x=false" */
	OPT_STRING, /* const char *; the last one given counts */
	OPT_UINT,   /* unsigned */
	OPT_LIST,   /* struct option_list; every one counts */
};

struct option_list {
	size_t n;
	const char **items;
};

/* One option. Long names take one dash or two; a NULL name ends a table. */
struct cli_option {
	const char *name;
	char letter; /* 0: none */
	enum option_kind kind;
	size_t offset; /* of the member of the command's struct */
	const char *help;
};

#define CLI_BOOL(type, member, name, letter, help)                                                 \
	{                                                                                          \
		name, letter, OPT_BOOL, CLI_OFFSET(type, member, bool), help                       \
	}
#define CLI_STRING(type, member, name, letter, help)                                               \
	{                                                                                          \
		name, letter, OPT_STRING, CLI_OFFSET(type, member, const char *), help             \
	}
#define CLI_UINT(type, member, name, letter, help)                                                 \
	{                                                                                          \
		name, letter, OPT_UINT, CLI_OFFSET(type, member, unsigned), help                   \
	}
#define CLI_LIST(type, member, name, letter, help)                                                 \
	{                                                                                          \
		name, letter, OPT_LIST, CLI_OFFSET(type, member, struct option_list), help         \
	}
#define CLI_END                                                                                    \
	{                                                                                          \
		NULL, 0, OPT_BOOL, 0, NULL                                                         \
	}
/* a row that names a member of another type does not compile */
#define CLI_OFFSET(type, member, ctype)                                                            \
	(offsetof(type, member) +                                                                  \
	 0 * sizeof(struct {                                                                       \
		 _Static_assert(_Generic(((type *)0)->member, ctype : 1, default : 0),             \
				#type "." #member " is not a " #ctype);                            \
		 int unused;                                                                       \
	 }))

/* What a command gets: its options filled in, and its arguments. */
struct invocation {
	const struct globals *globals;
	struct arena *arena;
	void *options; /* the command's own struct, zeroed before parsing */
	int argc;
	char **argv;
	int status; /* to exit with on success */
};

struct command {
	const char *name, *arguments, *summary;
	const struct cli_option *options;
	size_t options_size;
	int min_args, max_args; /* max -1: any number */
	bool stop_at_argument;  /* what follows the first argument is not hull's to read */
	int failure;            /* exit status of a failure; 0 means 1 */
	int (*run)(struct invocation *in, struct err *e);
};

extern const struct command command_checkpoint, command_create, command_delete, command_events,
	command_exec, command_features, command_kill, command_list, command_pause, command_ps,
	command_restore, command_resume, command_run, command_spec, command_start, command_state,
	command_update;

/* Every command by name, and NULL; the options before it. */
extern const struct command *const commands[];
extern const struct cli_option global_options[];

/**
 * cli_parse() - read options into a command's struct
 * @a: lists are allocated here
 * @stop_at_argument: the first word that is no option ends them
 * @ret_first: index in @argv of the first argument; arguments are moved behind the options
 *
 * Return: 0, -EINVAL with the message, or -ECANCELED when help was asked for.
 */
int cli_parse(struct arena *a, int argc, char **argv, const struct cli_option *options, void *out,
	      bool stop_at_argument, int *ret_first, struct err *e);

/* cli_print_options() - one line an option, for --help */
void cli_print_options(const struct cli_option *options);

/* cli_print_json() - a finished document and a newline on standard output. 0 or -errno. */
struct json_out;
int cli_print_json(struct json_out *o, struct err *e);

#endif
