/* seal.h - the gate, in sealed memory */
#ifndef HULL_SEAL_H
#define HULL_SEAL_H

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/gate.h"
#include "hull/plan.h"

/**
 * struct seal - the gate being made ready
 * @memfd: owned; program and block, not sealed yet
 * @at: where in it the block begins
 * @head: fixed part of the block; init fills in what only it can know
 */
struct seal {
	int memfd;
	off_t at;
	struct gate head;
};

/**
 * seal_gate() - put the gate and everything it needs about a process into a memfd
 * @last_cap: of the running kernel
 *
 * Called by the command, in the host's memory cgroup. All descriptors in @ret->head are -1 yet.
 *
 * Return: 0 or -errno.
 */
int seal_gate(struct arena *a, const struct plan_process *p, unsigned last_cap, struct seal *ret,
	      struct err *e);

/**
 * seal_exec() - write the head, seal, and become the gate; returns on failure only
 * @path: program to execute
 * @argv, @envp: the payload's, NULL-terminated
 *
 * Of the descriptors in the head, and of the payload's own, close-on-exec is taken off here: this
 * is the one place where hull lets descriptors through execve.
 *
 * Return: -errno.
 */
int seal_exec(struct seal *s, const char *path, char *const argv[], char *const envp[],
	      struct err *e);

#endif
