/* main.c - the command line from its first word to its exit status */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli.h"
#include "hull/container.h"
#include "hull/filter.h"
#include "hull/log.h"
#include "hull/spec.h"
#include "hull/str.h"

#ifndef HULL_VERSION
#define HULL_VERSION "0.1.0"
#endif
#ifndef HULL_COMMIT
#define HULL_COMMIT "unknown"
#endif

static void print_version(void)
{
	char seccomp[32];

	/* callers take the line with the word "version": there must be one */
	(void)printf("hull version %s\ncommit: %s\nspec: %s\nlibseccomp: %s\n", HULL_VERSION,
		     HULL_COMMIT, SPEC_VERSION, filter_version(seccomp, sizeof(seccomp)));
}

static void print_help(void)
{
	(void)printf("hull - a daemonless OCI container runtime\n\n"
		     "Usage: hull [options] command [options] [arguments]\n\nCommands:\n");
	for (const struct command *const *c = commands; *c; c++)
		(void)printf("  %-12s %s\n", (*c)->name, (*c)->summary);
	(void)printf("\nOptions:\n");
	cli_print_options(global_options);
	(void)printf("\n`hull command --help` describes a command.\n");
}

static void print_command_help(const struct command *c)
{
	(void)printf("hull %s - %s\n\nUsage: hull %s [options] %s\n", c->name, c->summary, c->name,
		     c->arguments);
	if (c->options[0].name)
		(void)printf("\nOptions:\n");
	cli_print_options(c->options);
}

static const struct command *find_command(const char *name)
{
	const struct command *const *c = commands;

	while (*c && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

static int unknown_command(struct err *e)
{
	return err_set(e, EINVAL, "no such command (see hull --help)");
}

static int choose(const char *value, const char *option, const char *const *words, size_t n,
		  size_t *ret, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(value, words[i])) {
			*ret = i;
			return 0;
		}
	}
	return err_set(e, EINVAL, "invalid value \"%.60s\" for flag --%s", value, option);
}

static int open_log(const struct globals *g, struct err *e)
{
	static const char *const formats[] = { "text", "json" };
	static const char *const levels[] = { "error", "warning", "info", "debug" };
	size_t format = 0, level = LEVEL_WARNING;
	int r = 0;

	if (g->log_format)
		r = choose(g->log_format, "log-format", formats, ARRAY_SIZE(formats), &format, e);
	if (r == 0 && g->log_level)
		r = choose(g->log_level, "log-level", levels, ARRAY_SIZE(levels), &level, e);
	if (r < 0)
		return r;
	return log_open(g->log && g->log[0] ? g->log : NULL, format == 1,
			g->debug ? LEVEL_DEBUG : (enum log_level)level, e);
}

static int check_globals(struct globals *g, struct arena *a, struct err *e)
{
	static const char *const managers[] = { "cgroupfs", "systemd", "disabled" };
	static const char *const rootless[] = { "auto", "true", "false" };
	size_t unused;
	int r = 0;

	if (g->cgroup_manager)
		r = choose(g->cgroup_manager, "cgroup-manager", managers, ARRAY_SIZE(managers),
			   &unused, e);
	if (r == 0 && g->rootless)
		r = choose(g->rootless, "rootless", rootless, ARRAY_SIZE(rootless), &unused, e);
	if (r == 0 && str_eq(g->root, "/"))
		r = err_set(e, EINVAL, "--root: \"/\" is not a directory for container state");
	if (r == 0 && !str_or(g->root, "")[0])
		g->root = container_root(a);
	return r;
}

static int run_command(const struct command *c, struct invocation *in, int argc, char **argv,
		       struct err *e)
{
	int first;

	in->options = arena_alloc(in->arena, c->options_size + 1);
	int r = cli_parse(in->arena, argc, argv, c->options, in->options, c->stop_at_argument,
			  &first, e);

	if (r == -ECANCELED) {
		print_command_help(c);
		return 0;
	}
	if (r < 0)
		return r;
	in->argc = argc - first;
	in->argv = argv + first;
	if (in->argc < c->min_args || (c->max_args >= 0 && in->argc > c->max_args))
		return err_set(e, EINVAL, "wrong number of arguments: hull %s [options] %s",
			       c->name, c->arguments);
	return c->run(in, e);
}

/* Descriptors 0 to 2 are the payload's: where they are closed nothing else may take the number. */
static void fill_stdio(void)
{
	struct pollfd fds[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(fds, 3, 0) < 0) {
		log_error("poll descriptors 0 to 2: %s", err_text(errno));
		_exit(1);
	}
	for (int fd = 0; fd <= 2; fd++) {
		if ((fds[fd].revents & POLLNVAL) && open("/dev/null", O_RDWR) != fd)
			_exit(1);
	}
}

/* "create web: <text>", or without the id where the command has none. */
static void report(const char *name, const struct command *c, const struct invocation *in,
		   const struct err *e)
{
	if (c && in->argc && str_has_prefix(c->arguments, "ID"))
		log_error("%s %.80s: %s", name, in->argv[0], e->text);
	else
		log_error("%.40s: %s", name, e->text);
}

static int dispatch(struct globals *g, struct arena *a, int argc, char **argv)
{
	const struct command *c = find_command(argv[0]);
	struct invocation in = { .globals = g, .arena = a };
	struct err e = { 0 };
	int r = check_globals(g, a, &e);

	if (r == 0)
		r = open_log(g, &e);
	if (r == 0)
		r = c ? run_command(c, &in, argc, argv, &e) : unknown_command(&e);
	if (r == 0) {
		log_flush();
		return in.status;
	}
	report(argv[0], c, &in, &e);
	return c && c->failure ? c->failure : 1;
}

/* Return: the exit status. */
static int run_line(struct globals *g, struct arena *a, int argc, char **argv)
{
	struct err e = { 0 };
	int first;
	int r = cli_parse(a, argc, argv, global_options, g, true, &first, &e);

	if (r == -EINVAL) {
		log_error("%s", e.text);
		return 1;
	}
	if (r == -ECANCELED || (!g->version && first == argc)) {
		print_help();
		return r == -ECANCELED ? 0 : 1;
	}
	if (g->version) {
		print_version();
		return 0;
	}
	return dispatch(g, a, argc - first, argv + first);
}

/* Whoever may run it would be root: what hull is told is trusted. */
static bool is_set_id(void)
{
	return getauxval(AT_UID) != getauxval(AT_EUID) || getauxval(AT_GID) != getauxval(AT_EGID);
}

int main(int argc, char **argv)
{
	struct globals g = { 0 };
	struct arena a = { 0 };

	fill_stdio();
	if (is_set_id()) {
		log_error("installed set-user-ID or set-group-ID: operation not permitted");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* a reader that goes away is a write error, not death */
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would take the exit status of our children */
	int status = run_line(&g, &a, argc, argv);

	if (fflush(NULL) != 0 && status == 0) { /* no answer, on a full disk, is not success */
		log_error("write to standard output: %s", err_text(errno));
		status = 1;
	}
	arena_free(&a);
	return status;
}
