/*
 * watch.c - inside a container: reach into whoever appears next, and write to /seen what was
 * reached
 *
 * Of each new process it opens what would lead to the host or into the process: its program, and
 * that for writing, its root and working directory, and its descriptors. A line is "reached WHAT";
 * the payload's own, which the watcher may look at, are no finding: the watcher's program and
 * busybox, the container's root, and descriptors that are no directories.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD 64 /* numbers that may be given out meanwhile, on a busy machine */

static struct stat own, payload, root;
static FILE *seen;

static void reached(pid_t pid, const char *what)
{
	fprintf(seen, "reached %s of %d\n", what, pid);
	fflush(seen);
}

/* Return: a descriptor to look at, or -1. */
static int open_of(pid_t pid, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	return open(path, O_PATH | O_CLOEXEC);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The host's programs may lie on the container's file system, too. */
static bool is_own(const struct stat *program)
{
	return is_same(program, &own) || is_same(program, &payload);
}

/* Return: whether it is the container's own, and so the process the payload. */
static bool try_program(pid_t pid)
{
	char path[64];
	struct stat st = { 0 };
	int fd = open_of(pid, "exe");

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && !is_own(&st)) {
		reached(pid, "a program that is not the container's");
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		int writable = open(path, O_WRONLY | O_CLOEXEC);

		if (writable >= 0) {
			reached(pid, "it for writing");
			close(writable);
		}
	}
	close(fd);
	return is_own(&st);
}

static void try_directory(pid_t pid, const char *what)
{
	struct stat st;
	int fd = open_of(pid, what);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && !is_same(&st, &root))
		reached(pid, what);
	close(fd);
}

/* Return: whether there is nothing more to come of it. */
static bool try_all(pid_t pid)
{
	char fd[16];
	bool done = try_program(pid);

	try_directory(pid, "root");
	try_directory(pid, "cwd");
	for (int n = 0; n < 24; n++) {
		snprintf(fd, sizeof(fd), "fd/%d", n);
		try_directory(pid, fd);
	}
	return done;
}

int main(void)
{
	char path[32];
	pid_t last = getpid();

	seen = fopen("/seen", "w");
	if (!seen || stat("/proc/self/exe", &own) < 0 || stat("/bin/busybox", &payload) < 0 ||
	    stat("/", &root) < 0)
		return 1;
	fprintf(seen, "watching\n");
	fflush(seen);
	for (;;) {
		for (pid_t pid = last + 1; pid <= last + AHEAD; pid++) {
			snprintf(path, sizeof(path), "/proc/%d", pid);
			if (access(path, F_OK) < 0)
				continue;
			while (access(path, F_OK) == 0 && !try_all(pid))
				;
			last = pid;
			fprintf(seen, "saw %d\n", pid);
			fflush(seen);
		}
	}
}
