/* undo.h - taking a container apart again: the undo column of launch.c */
#ifndef HULL_UNDO_H
#define HULL_UNDO_H

#include <stdbool.h>

#include "hull/container.h"
#include "hull/err.h"

/*
 * Each takes what is there, accepts what is half made or gone, and can be repeated: a failing
 * create, `delete` and `delete --force` after a kill -9 all use these.
 */

/* undo_init() - SIGKILL init by pidfd and wait for its end, bounded by ten seconds. 0 or -errno. */
int undo_init(struct container *c, struct err *e);

/* undo_cgroup() - kill what is left in the groups and remove them. 0 or -errno. */
int undo_cgroup(struct container *c, struct err *e);

/* undo_rdt() - remove resctrl groups of hull's making. 0 or -errno. */
int undo_rdt(struct container *c, struct err *e);

/* undo_pid_file() - remove the pid file of a container that never came about */
int undo_pid_file(struct container *c, struct err *e);

/* undo_reserve() - remove the state directory, which frees the id. 0 or -errno. */
int undo_reserve(struct container *c, struct err *e);

/**
 * undo_all() - the whole column
 * @hooks: run poststop hooks when all else is undone; failures are warnings
 *
 * Return: 0, or -errno of the first step that failed; the state directory then stays, so that
 * deletion can be repeated.
 */
int undo_all(struct container *c, bool hooks, struct err *e);

#endif
