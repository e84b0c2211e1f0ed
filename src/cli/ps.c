/* ps.c - `hull ps` */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "hull/container.h"
#include "hull/fd.h"
#include "hull/str.h"

struct options {
	const char *format;
};

#define MAX_OUTPUT ((size_t)64 << 20)

static int print_json(const pid_t *pids, size_t n, struct err *e)
{
	struct json_out *o = json_out_new(false);

	json_out_array(o, NULL);
	for (size_t i = 0; i < n; i++)
		json_out_int(o, NULL, pids[i]);
	json_out_array_end(o);
	int r = cli_print_json(o, e);

	json_out_free(o);
	return r;
}

/* Runs the host's ps(1). Return: 0 with its output in the arena, or -errno. */
static int run_ps(struct invocation *in, char **ret, struct err *e)
{
	char **argv = arena_new_n(in->arena, char *, (size_t)in->argc + 2);
	_cleanup_close_ int output = -1;
	posix_spawn_file_actions_t files;
	int ends[2], status;
	pid_t pid;

	argv[0] = arena_strdup(in->arena, "ps");
	argv[1] = arena_strdup(in->arena, "-ef");
	for (int i = 1; i < in->argc; i++)
		argv[i] = in->argv[i];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	output = ends[0];
	(void)posix_spawn_file_actions_init(&files);
	int r = posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);

	if (!r)
		r = posix_spawnp(&pid, "ps", &files, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	fd_close(ends[1]);
	if (r)
		return err_sys(e, r, "posix_spawn ps (package procps)");
	r = fd_read_file(output, in->arena, MAX_OUTPUT, ret, NULL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_sys(e, -r, "read from ps");
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : err_set(e, EIO, "ps failed");
}

/* Cuts the first line off a text. Return: it, or NULL at the end. */
static char *cut_line(char **text)
{
	char *line = *text;

	if (!*line)
		return NULL;
	*text += strcspn(line, "\n");
	if (**text)
		*(*text)++ = '\0';
	return line;
}

/* Return: the word number @column of a line, and its length. */
static const char *word(const char *line, int column, size_t *ret_len)
{
	for (;; column--) {
		line += strspn(line, " \t");
		*ret_len = strcspn(line, " \t");
		if (!column)
			return line;
		line += *ret_len;
	}
}

/* Return: which word of the heading is PID, or -1. */
static int pid_column(const char *heading)
{
	size_t len = 1;

	for (int n = 0; len; n++) {
		const char *w = word(heading, n, &len);

		if (len == 3 && str_has_prefix(w, "PID"))
			return n;
	}
	return -1;
}

static bool is_member(const pid_t *pids, size_t n, const char *line, int column)
{
	size_t len;
	const char *w = word(line, column, &len);
	char digits[16];
	uint64_t pid;

	(void)snprintf(digits, sizeof(digits), "%.*s", len > 15 ? 15 : (int)len, w);
	if (str_to_u64(digits, INT32_MAX, &pid) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((uint64_t)pids[i] == pid)
			return true;
	}
	return false;
}

static int print_table(struct invocation *in, const pid_t *pids, size_t n, struct err *e)
{
	char *text = arena_strdup(in->arena, ""), *line;
	int r = run_ps(in, &text, e);

	if (r < 0)
		return r;
	line = cut_line(&text);
	if (!line)
		return err_set(e, EIO, "ps printed nothing");
	int column = pid_column(line);

	if (column < 0)
		return err_set(e, EINVAL, "ps prints no PID column with these arguments");
	(void)puts(line);
	while ((line = cut_line(&text))) {
		if (is_member(pids, n, line, column))
			(void)puts(line);
	}
	return 0;
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *o = in->options;
	struct container c;
	pid_t *pids = NULL;
	size_t n = 0;

	if (o->format && !str_eq(o->format, "json") && !str_eq(o->format, "table"))
		return err_set(e, EINVAL, "--format \"%.40s\": table or json", o->format);
	int r = container_open(in->arena, in->globals->root, in->argv[0], LOCK_NONE, &c, e);

	if (r < 0)
		return r;
	if (!c.pid) /* whoever is in its groups is not of it */
		r = err_set(e, ESRCH, "container not running");
	else if (!c.cgroup)
		r = err_set(e, EOPNOTSUPP, "container has no cgroup to list");
	else
		r = cgroup_pids(c.cgroup, in->arena, &pids, &n, e);
	container_close(&c);
	if (r < 0)
		return r;
	return str_eq(o->format, "json") ? print_json(pids, n, e) : print_table(in, pids, n, e);
}

static const struct cli_option options[] = {
	CLI_STRING(struct options, format, "format", 'f', "table (default) or json"),
	CLI_END,
};

const struct command command_ps = {
	.name = "ps",
	.arguments = "ID [PS-OPTIONS...]",
	.summary = "show the processes of a container",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = -1,
	.stop_at_argument = true,
	.run = run,
};
