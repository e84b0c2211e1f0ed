/* host_limits.h - what a command sets on the payload's process with its own privilege */
#ifndef HULL_HOST_LIMITS_H
#define HULL_HOST_LIMITS_H

#include <sys/types.h>

#include "hull/plan.h"

/**
 * host_limits_early() - resource limits, where they cannot wait
 *
 * @owned: the process is in a user namespace that this command has made, so it has every
 *         capability over it
 *
 * prlimit(2) without CAP_SYS_RESOURCE is for processes of one's own ids, so before the process
 * takes others; with it they are left to host_limits_apply(), so that making the container is not
 * limited itself.
 *
 * Return: 0 or -errno.
 */
int host_limits_early(pid_t pid, const struct plan_process *p, const struct host_facts *host,
		      bool owned, struct err *e);

/**
 * host_limits_apply() - oom score, scheduler, io priority, resource limits of a process that waits
 * @owned: as for host_limits_early()
 *
 * Return: 0 or -errno.
 */
int host_limits_apply(int proc_fd, pid_t pid, const struct plan_process *p,
		      const struct host_facts *host, bool owned, struct err *e);

#endif
