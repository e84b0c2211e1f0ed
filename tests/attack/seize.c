/*
 * seize.c - inside a container: attach to whoever appears next, and write to /seen what could be
 *
 * A line is "seized PROGRAM", of a process at the moment of attaching.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define AHEAD 5 /* numbers that may be given out meanwhile */

static void note(FILE *seen, pid_t pid)
{
	char link[64], program[256];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	ssize_t n = readlink(link, program, sizeof(program));

	fprintf(seen, "seized %.*s\n", n < 0 ? 1 : (int)n, n < 0 ? "?" : program);
	fflush(seen);
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

int main(void)
{
	pid_t last = getpid();
	FILE *seen = fopen("/seen", "w");

	if (!seen)
		return 1;
	fprintf(seen, "watching\n");
	fflush(seen);
	for (;;) {
		for (pid_t pid = last + 1; pid <= last + AHEAD; pid++) {
			if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
				last = pid;
				note(seen, pid);
			}
		}
	}
}
