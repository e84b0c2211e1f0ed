/* spawn.h - a process in the plan's namespaces */
#ifndef HULL_SPAWN_H
#define HULL_SPAWN_H

#include <sys/types.h>

#include "hull/cgroup.h"
#include "hull/err.h"
#include "hull/plan.h"

/**
 * spawn_init() - clone a child into new and joined namespaces
 * @cgroup_fd: directory for CLONE_INTO_CGROUP, or -1
 * @child: what it does; it must not return
 * @ret_pid: in the caller's pid namespace
 * @ret_pidfd: owned by the caller
 *
 * New namespaces come from one clone3(2), in which the kernel makes the user namespace first, so
 * that it owns the others. Where namespaces are joined, a short-lived
 * process in between joins them and clones with CLONE_PARENT, so that the child is the caller's
 * own all the same. Left to init are the cgroup namespace, before which it must be in its groups,
 * and the time namespace, whose clocks it sets.
 *
 * Return: 0 or -errno.
 */
int spawn_init(const struct plan *p, int proc_fd, int cgroup_fd, void (*child)(void *), void *arg,
	       pid_t *ret_pid, int *ret_pidfd, struct err *e);

/* spawn_check() - that a container could be ended again: pidfds work. 0 or -errno. */
int spawn_check(struct err *e);

/* spawn_wait() - reap a child by pidfd. Return: a wait status as of waitpid(2), or -errno. */
int spawn_wait(int pidfd);

/*
 * spawn_leave_children() - let the kernel reap whatever children there are, and will be
 *
 * A hook that entered the container and failed may be one that nobody has waited for, or knows of;
 * init, as the first of its pid namespace, does not end before it.
 */
void spawn_leave_children(void);

/* spawn_kill() - end init, and wait for it and for whatever it waits for */
void spawn_kill(int pidfd);

/**
 * spawn_explain_end() - why a container's init ended without a word of its own
 * @pidfd: of init, which is reaped
 * @cgroup: whose memory limit is the likely reason; NULL: none
 *
 * Return: -ENOMEM, -ESRCH for a signal, or -EPROTO, with the message.
 */
int spawn_explain_end(int pidfd, const struct cgroup *cgroup, struct err *e);

#endif
