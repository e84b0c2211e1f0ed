/* join.h - a process in the namespaces of a container that exists */
#ifndef HULL_JOIN_H
#define HULL_JOIN_H

#include "hook_output.h"
#include "hull/container.h"
#include "hull/plan.h"
#include "seal.h"

/**
 * struct join - what to run, and what came of it
 *
 * The entering process joins everything but the pid namespace while it is visible to nobody
 * inside; the gate then clones the payload's process into it. So what a container can see of the
 * entry is the gate, with the payload's own identity (CVE-2016-9962, CVE-2019-5736).
 */
struct join {
	struct container *container; /* with its configuration read */
	struct plan_process process; /* the filter is filled in by join_prepare() */
	const char *program;         /* path to execute; NULL: look argv[0] up in PATH */
	int input; /* becomes standard input, and @output the others, else /dev/null; -1: inherit */
	struct hook_output output;
	struct arena *arena;
	const struct host_facts *host;

	/* join_prepare() */
	struct seal seal;
	unsigned namespaces; /* CLONE_NEW* */
	int init_pidfd;      /* owned */

	/* join_spawn() */
	int sock;   /* owned */
	int master; /* of the terminal, owned; -1: none */
	pid_t pid;
	int pidfd; /* owned */
};

/* join_init() - an empty one; every descriptor is -1 */
void join_init(struct join *j, struct container *c, struct arena *a);

/**
 * join_prepare() - everything that needs no process yet
 *
 * Return: 0 or -errno.
 */
int join_prepare(struct join *j, const struct host_facts *host, struct err *e);

/**
 * join_spawn() - make the process, up to the point where nothing can fail but execve
 *
 * Return: 0 or -errno; nothing is left behind on failure.
 */
int join_spawn(struct join *j, struct err *e);

/**
 * join_go() - let it execute the payload
 *
 * Return: 0 when the payload runs, or -errno.
 */
int join_go(struct join *j, struct err *e);

/* join_end() - close what it owns */
void join_end(struct join *j);

/**
 * join_restart() - begin again as the program that can talk to the user's systemd, if need be
 *
 * Who may not put itself into the container's group asks the manager of the user to do so:
 * cgroup_enter(). Return: 0 where that is not so, or it has begun again; else -errno.
 */
int join_restart(const struct container *c, struct err *e);

#endif
