/* sched.h - when and where a process runs: scheduler, io priority, CPUs, memory nodes */
#ifndef HULL_SCHED_H
#define HULL_SCHED_H

#include <sys/types.h>

#include "hull/err.h"
#include "hull/spec.h"

/* sched_set_scheduler() - process.scheduler by sched_setattr(2); NULL: nothing. 0 or -errno. */
int sched_set_scheduler(pid_t pid, const struct config_scheduler *s, struct err *e);

/* sched_set_io_priority() - process.ioPriority by ioprio_set(2); NULL: nothing. 0 or -errno. */
int sched_set_io_priority(pid_t pid, const struct config_io_priority *p, struct err *e);

/**
 * sched_set_memory_policy() - linux.memoryPolicy of the calling process, by set_mempolicy(2)
 *
 * It outlives execve. NULL: nothing.
 *
 * Return: 0 or -errno.
 */
int sched_set_memory_policy(const struct config_memory_policy *m, struct err *e);

/* sched_set_personality() - linux.personality of the caller; NULL: nothing. 0 or -errno. */
int sched_set_personality(const struct config_personality *p, struct err *e);

/**
 * sched_set_affinity() - bind a process to CPUs
 * @pid: 0 is the caller
 * @list: "0-3,7"; NULL or empty: nothing
 * @where: the JSON path, for messages
 *
 * Return: 0 or -errno.
 */
int sched_set_affinity(pid_t pid, const char *list, const char *where, struct err *e);

/**
 * sched_reset_affinity() - allow every CPU of the cgroup
 *
 * A mask inherited from the caller would pin the container to the caller's CPUs; the cpuset it is
 * in limits it all the same. Refusals are ignored: it is a courtesy.
 */
void sched_reset_affinity(pid_t pid);

#endif
