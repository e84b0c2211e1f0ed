/* hear.h - waiting for a process that is being made, and not for ever */
#ifndef HULL_HEAR_H
#define HULL_HEAR_H

#include "hull/container.h"
#include "sync.h"

/**
 * hear() - the next message, as long as one can come
 * @sock: the command's end of sync_pair()
 * @c: the container, with its configuration
 * @pid: who speaks
 * @asked: the seccomp agent has the listener: a call on the way to the payload may wait for it
 * @ret_fd: as of sync_recv()
 *
 * Return: 1, 0 at end of file, or -errno as of hear_silence() and sync_recv().
 */
int hear(int sock, const struct container *c, pid_t pid, bool asked, struct message *ret,
	 int *ret_fd, struct err *e);

/**
 * hear_silence() - why nothing was heard for FD_PATIENCE_S
 *
 * An agent that does not answer is in the way, or somebody has stopped the process, as whoever
 * shares a pid namespace with it may: kill(2), SIGSTOP. One that is frozen is waited for.
 *
 * Return: 0 when there may still come something, or -ETIMEDOUT.
 */
int hear_silence(const struct container *c, pid_t pid, bool asked, struct err *e);

#endif
