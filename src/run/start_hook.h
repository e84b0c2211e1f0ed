/* start_hook.h - startContainer hooks, the only ones that run inside the container */
#ifndef HULL_START_HOOK_H
#define HULL_START_HOOK_H

#include "hook_output.h"
#include "hull/arena.h"
#include "hull/container.h"
#include "hull/err.h"

/**
 * start_hooks_run() - all of them in order, in a container whose init waits to become the payload
 * @c: with its configuration read
 *
 * Return: 0, or -errno at the first hook that fails.
 */
int start_hooks_run(struct arena *a, struct container *c, const struct hook_output *output,
		    struct err *e);

#endif
