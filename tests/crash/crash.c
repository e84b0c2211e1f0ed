/*
 * crash.c - hull's commands, killed or failed at each of their system calls
 *
 *   crash kill|fail I/N HULL DIRECTORY EVERY
 *
 * kill: SIGKILL at the call. fail: the call returns an error instead, each of six in turn. After
 * it one `hull delete --force` must leave the machine as it was: no process (and with them no
 * session keyring), control group, mount, file. A call that failed may fail the command, with one
 * line, or not: then the container is what it is without the failure. I/N is each Nth process, or
 * each Nth error, from I on. DIRECTORY holds a bundle in "bundle" and namespaces to join in "ns",
 * and gets the state; each EVERYth point is tried. Prints a line for each command, each finding,
 * and the sum.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "container.h"
#include "tracer.h"

#define MAX_ARGS 16
#define SETTLE_MS 20000 /* a busy host takes its time to let go of keyrings */

/*
 * Words of a command line after "hull --root DIR"; ID, BUNDLE, PID (a file) and CONSOLE (a socket)
 * stand for what they say.
 */
struct command {
	const char *name;
	const char *setup[2]; /* before it */
	const char *line;
	bool makes; /* a container: one that failed leaves nothing, even without a delete */
	bool shows; /* its success is a container to look at */
};

/* "run" alone may fail at deleting what it ran, for which there is the delete after it. */
static const struct command commands[] = {
	{ "create", { NULL }, "create --bundle BUNDLE --pid-file PID ID", true, true },
	/* where it can be seen from inside, hull begins again in sealed memory */
	{ "create, pids shared",
	  { NULL },
	  "create --bundle BUNDLE --config BUNDLE/shared.json --pid-file PID ID",
	  true,
	  true },
	/* a helper opens its mounts, which its root may not be allowed to */
	{ "create, users",
	  { NULL },
	  "create --bundle BUNDLE --config BUNDLE/users.json --pid-file PID ID",
	  true,
	  true },
	/* a process in between makes init */
	{ "create, joined",
	  { NULL },
	  "create --bundle BUNDLE --config BUNDLE/joined.json --pid-file PID ID",
	  true,
	  true },
	{ "create, terminal",
	  { NULL },
	  "create --bundle BUNDLE --config BUNDLE/terminal.json --console-socket CONSOLE "
	  "--pid-file PID ID",
	  true,
	  true },
	{ "run -d", { NULL }, "run -d --bundle BUNDLE --pid-file PID ID", true, true },
	{ "run -d, everything",
	  { NULL },
	  "run -d --bundle BUNDLE --config BUNDLE/everything.json --pid-file PID ID",
	  true,
	  true },
	{ "run", { NULL }, "run --bundle BUNDLE --config BUNDLE/short.json ID", false, false },
	{ "start", { "create --bundle BUNDLE ID" }, "start ID", false, false },
	{ "start, everything",
	  { "create --bundle BUNDLE --config BUNDLE/everything.json ID" },
	  "start ID",
	  false,
	  false },
	{ "exec", { "run -d --bundle BUNDLE ID" }, "exec ID true", false, true },
	{ "exec -d",
	  { "run -d --bundle BUNDLE ID" },
	  "exec -d --pid-file PID ID true",
	  false,
	  true },
	{ "exec --cgroup",
	  { "run -d --bundle BUNDLE ID" },
	  "exec --cgroup / ID true",
	  false,
	  true },
	{ "exec, users",
	  { "run -d --bundle BUNDLE --config BUNDLE/users.json ID" },
	  "exec ID true",
	  false,
	  true },
	{ "exec -d, terminal",
	  { "run -d --bundle BUNDLE ID" },
	  "exec -d --tty --console-socket CONSOLE --pid-file PID ID sleep 1000",
	  false,
	  true },
	{ "update",
	  { "run -d --bundle BUNDLE ID" },
	  "update --memory 64m --memory-swap 128m --cpu-share 512 --pids-limit 50 ID",
	  false,
	  true },
	{ "events --stats", { "run -d --bundle BUNDLE ID" }, "events --stats ID", false, true },
	{ "pause", { "run -d --bundle BUNDLE ID" }, "pause ID", false, false },
	{ "resume", { "run -d --bundle BUNDLE ID", "pause ID" }, "resume ID", false, false },
	{ "kill", { "run -d --bundle BUNDLE ID" }, "kill ID KILL", false, false },
	{ "state", { "run -d --bundle BUNDLE ID" }, "state ID", false, true },
	{ "list", { "run -d --bundle BUNDLE ID" }, "list -f json", false, true },
	{ "ps", { "run -d --bundle BUNDLE ID" }, "ps -f json ID", false, true },
	{ "delete", { "create --bundle BUNDLE ID" }, "delete ID", false, false },
	{ "delete, everything",
	  { "create --bundle BUNDLE --config BUNDLE/everything.json ID" },
	  "delete ID",
	  false,
	  false },
	{ "delete --force", { "run -d --bundle BUNDLE ID" }, "delete --force ID", false, false },
};

static const int errors[] = { ENOSPC, EIO, ENOMEM, EMFILE, EINTR, EROFS };

static char hull[4096], directory[4096], root[4200], bundle[4200], pid_file[4200], id[64];
static char joined[4200], console[4200];
static unsigned passed, failed, part, parts;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* --- running hull --- */

static char *expand(char *word)
{
	static char text[8][4300];
	static unsigned at;
	char *to = text[at++ % 8];

	if (!strcmp(word, "ID"))
		return id;
	if (!strcmp(word, "PID"))
		return pid_file;
	if (!strcmp(word, "CONSOLE"))
		return console;
	if (strncmp(word, "BUNDLE", 6) != 0)
		return word;
	snprintf(to, sizeof(text[0]), "%s%s", bundle, word + 6);
	return to;
}

/* @line is cut into words in @copy. */
static void command_line(const char *line, char *copy, size_t size, char *argv[MAX_ARGS])
{
	int n = 0;

	argv[n++] = hull;
	argv[n++] = "--root";
	argv[n++] = root;
	snprintf(copy, size, "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[n++] = expand(word);
	argv[n] = NULL;
}

static char called[1024]; /* what the last one wrote to standard error */

static int call(const char *line)
{
	char copy[256], *argv[MAX_ARGS];

	command_line(line, copy, sizeof(copy), argv);
	return tracer_call(argv, called, sizeof(called));
}

/* --- what the machine is like --- */

static char seen[65536];

static void see(const char *what)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof(seen) - n, "%s\n", what);
}

/* Lines of a kernel file that carry @mark. */
static void see_lines(const char *path, const char *mark)
{
	static char text[1 << 20];

	read_text(path, text, sizeof(text));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strstr(line, mark))
			see(line);
	}
}

static int see_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char line[4400];

	(void)type;
	(void)ftw;
	snprintf(line, sizeof(line), "%o %s", st->st_mode, path);
	see(line);
	return 0;
}

static void see_groups(void)
{
	DIR *d = opendir("/sys/fs/cgroup");
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/%s", e->d_name, id);
		if (!access(path, F_OK))
			see(path);
	}
	if (d)
		closedir(d);
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", id);
	if (!access(path, F_OK))
		see(path);
}

/*
 * What the container could have changed; this process is the reaper of all that it left running. A
 * namespace lives by a process or a mount.
 */
static const char *look(void)
{
	char keyring[80];
	int status;

	snprintf(keyring, sizeof(keyring), "_ses.%s", id);
	seen[0] = '\0';
	while (waitpid(-1, &status, WNOHANG | __WALL) > 0)
		;
	if (waitpid(-1, &status, WNOHANG | __WALL) == 0)
		see_lines("/proc/thread-self/children", " ");
	see_lines("/proc/self/mountinfo", directory);
	see_lines("/proc/keys", keyring);
	see_groups();
	nftw(directory, see_file, 16, FTW_PHYS);
	return seen;
}

static void nap(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

/* Processes end, and are seen to have, a moment after they were killed; and keyrings after them. */
static bool settles_to(const char *before)
{
	for (int ms = 0; ms < SETTLE_MS; ms++) {
		if (!strcmp(look(), before))
			return true;
		nap();
	}
	return false;
}

/* --- one point --- */

static char before[sizeof(seen)], normal[16384];

static void complain(const struct command *c, const struct point *p, const struct outcome *o,
		     const char *what, const char *detail)
{
	failed++;
	printf("%s: process %d, call %u (%ld), %s: %s\n", c->name, p->role, p->n, o->call,
	       p->error ? strerrorname_np(p->error) : "SIGKILL", what);
	if (o->said[0])
		printf("  it said: %s\n", o->said);
	if (detail && *detail)
		printf("  %.2000s\n", detail);
	fflush(stdout);
}

/* The lines of @of that @other lacks, each after @sign. */
static void add_lacking(char *text, size_t size, char sign, const char *other, const char *of)
{
	static char copy[sizeof(seen)];

	snprintf(copy, sizeof(copy), "%s", of);
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strstr(other, line))
			snprintf(text + strlen(text), size - strlen(text), "%c %s ", sign, line);
	}
}

static const char *difference(const char *then, const char *now)
{
	static char text[sizeof(seen)];

	text[0] = '\0';
	add_lacking(text, sizeof(text), '-', now, then);
	add_lacking(text, sizeof(text), '+', then, now);
	return text[0] ? text : "the same in another order";
}

static bool one_line(const char *said)
{
	const char *end = strchr(said, '\n');

	return !strncmp(said, "hull: ", 6) && end && !end[1];
}

/*
 * A command whose call failed and that succeeded all the same has not done less than usual. It may
 * have been its last word to a process that waits, whose read failed: that one has ended.
 */
static bool whole(const struct command *c, const struct point *p, const struct outcome *o)
{
	char now[sizeof(normal)];

	if (!c->makes || !c->shows)
		return true;
	container_look(pid_file, joined, now, sizeof(now));
	if (!strcmp(now, normal) || (p->role > 0 && o->call == SYS_read))
		return true;
	complain(c, p, o, "succeeded, and the container is another", difference(normal, now));
	return false;
}

static bool judge_failure(const struct command *c, const struct point *p, const struct outcome *o)
{
	if (WIFSIGNALED(o->status)) {
		complain(c, p, o, "died of a signal", strsignal(WTERMSIG(o->status)));
		return false;
	}
	if (!WEXITSTATUS(o->status))
		return whole(c, p, o);
	if (!one_line(o->said)) {
		complain(c, p, o, "failed without one line of its own", "");
		return false;
	}
	/* a terminal has the credentials of who opened it, and they a session keyring */
	(void)terminals_take();
	if (c->makes && !settles_to(before)) {
		complain(c, p, o, "failed and left", difference(before, seen));
		return false;
	}
	return true;
}

/* Return: whether there was such a point. */
static bool try_point(const struct command *c, const struct point *p, struct outcome *o)
{
	char copy[256], *argv[MAX_ARGS];
	bool good = true;

	for (int i = 0; i < 2 && c->setup[i]; i++) {
		if (call(c->setup[i])) {
			fprintf(stderr, "crash: setup failed: %s: %s\n", c->setup[i], called);
			exit(2);
		}
	}
	command_line(c->line, copy, sizeof(copy), argv);
	tracer_run(argv, p, o);
	if (p->role < 0)
		container_look(pid_file, joined, normal, sizeof(normal));
	if (o->hung) {
		complain(c, p, o, "did not end", "");
		good = false;
	} else if (o->reached && p->error) {
		good = judge_failure(c, p, o);
	}
	int status = call("delete --force ID");

	unlink(pid_file); /* the caller's, once a command has succeeded */
	(void)terminals_take();
	if (status) {
		complain(c, p, o, "delete --force failed", called);
		good = false;
	} else if (!settles_to(before)) {
		complain(c, p, o, "delete --force left", difference(before, seen));
		good = false;
	}
	if (o->reached && good)
		passed++;
	return o->reached;
}

/* What is when nothing happens: the processes and calls, in @ret, and the container, in @normal. */
static void measure(const struct command *c, struct outcome *ret)
{
	static const struct point nowhere = { .role = -1 };
	unsigned was = failed;

	(void)try_point(c, &nowhere, ret);
	if (failed != was || WIFSIGNALED(ret->status) || WEXITSTATUS(ret->status)) {
		fprintf(stderr, "crash: %s fails untouched: %s\n", c->name, ret->said);
		exit(2);
	}
}

static void try_role(const struct command *c, int role, int error, unsigned every)
{
	struct outcome o;

	for (unsigned n = 1 + (unsigned)role % every;; n += every) {
		const struct point p = { .role = role, .n = n, .error = error };

		if (!try_point(c, &p, &o))
			return;
	}
}

static void try_command(const struct command *c, bool fail, unsigned every)
{
	struct outcome o;
	unsigned was_passed = passed, was_failed = failed;

	measure(c, &o);
	for (unsigned role = 0; role < o.started; role++) {
		if (!fail && role % parts == part)
			try_role(c, (int)role, 0, every);
		for (size_t i = part; fail && i < sizeof(errors) / sizeof(errors[0]); i += parts)
			try_role(c, (int)role, errors[i], every);
	}
	printf("  %-20s %u points, %u failed\n", c->name, passed - was_passed + failed - was_failed,
	       failed - was_failed);
	fflush(stdout);
}

/* Places of mounts that a first container makes in the bundle stay there. */
static void see_before(void)
{
	if (call(commands[0].line) || call("start ID"))
		die("crash: create and start");
	call("delete --force ID");
	unlink(pid_file);
	for (int ms = 0; ms < SETTLE_MS && strstr(look(), " keyring "); ms++)
		nap();
	snprintf(before, sizeof(before), "%s", look());
}

int main(int argc, char **argv)
{
	unsigned every = argc == 6 ? (unsigned)atoi(argv[5]) : 0;
	bool fail = every && !strcmp(argv[1], "fail");

	if (!every || (!fail && strcmp(argv[1], "kill") != 0) ||
	    sscanf(argv[2], "%u/%u", &part, &parts) != 2 || !parts) {
		fprintf(stderr, "usage: crash kill|fail I/N HULL DIRECTORY EVERY\n");
		return 2;
	}
	if (!realpath(argv[3], hull) || !realpath(argv[4], directory))
		die(argv[4]);
	snprintf(root, sizeof(root), "%s/root", directory);
	snprintf(bundle, sizeof(bundle), "%s/bundle", directory);
	snprintf(pid_file, sizeof(pid_file), "%s/pid", directory);
	snprintf(joined, sizeof(joined), "%s/ns", directory);
	snprintf(console, sizeof(console), "%s/console", directory);
	snprintf(id, sizeof(id), "crash-%s-%d", argv[1], getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	terminals_listen(console);
	see_before();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		try_command(&commands[i], fail, every);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
