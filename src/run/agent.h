/* agent.h - handing the listener of a seccomp filter to the agent that answers for it */
#ifndef HULL_AGENT_H
#define HULL_AGENT_H

#include "hull/container.h"

/**
 * agent_send() - runtime-spec config-linux.md, "The Container Process State"
 * @c: with its configuration
 * @status: of the container, as the state object has it
 * @pid: of the filtered process
 * @listener: stays the caller's
 *
 * Connects to listenerPath, sends the object with the descriptor on its first bytes, and closes.
 *
 * Return: 0 or -errno.
 */
int agent_send(struct arena *a, const struct container *c, const char *status, pid_t pid,
	       int listener, struct err *e);

#endif
