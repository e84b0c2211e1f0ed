/* tracer.h - a command under ptrace(2), with something happening to it at one system call */
#ifndef CRASH_TRACER_H
#define CRASH_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/user.h>

#define MAX_ROLES 32 /* processes of one command */

/**
 * struct point - where, and what
 * @role: 0 is the command itself, the others are what it makes, in the order in which it does
 * @n: the system call of that process, from 1
 * @error: errno value that the call fails with, without having been made; 0: SIGKILL instead
 * @seen: called at each system call before it is made, when not NULL; with role -1 nothing happens
 */
struct point {
	int role;
	unsigned n;
	int error;
	void (*seen)(pid_t pid, int role, const struct user_regs_struct *regs);
};

struct outcome {
	bool reached;     /* there was such a call */
	long call;        /* its number */
	bool hung;        /* had to be killed */
	int status;       /* of the command, as waitpid(2) has it */
	char said[1024];  /* what it wrote to standard error */
	unsigned started; /* processes that were hull's, so roles that there are */
	unsigned calls[MAX_ROLES];
};

/**
 * tracer_run() - run @argv from its execve to its end
 *
 * Processes are followed for as long as they run hull or its gate; a payload or a hook is let go
 * when it is executed. Points count system calls after main() began, which is hull's first poll,
 * and once more after that of a command that begins again.
 */
void tracer_run(char *const argv[], const struct point *point, struct outcome *ret);

/**
 * tracer_call() - run @argv without a tracer
 * @said: what it wrote to standard error
 *
 * Return: its status, as waitpid(2) has it.
 */
int tracer_call(char *const argv[], char *said, size_t size);

#endif
