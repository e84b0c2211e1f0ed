/* streams.h - the payload's descriptors 0 to 2 */
#ifndef HULL_STREAMS_H
#define HULL_STREAMS_H

#include <stdbool.h>

#include "hull/err.h"
#include "hull/plan.h"
#include "seal.h"

/**
 * streams_open_console() - where a terminal is wanted: a pty as 0 to 2, its master sent away
 * @bind_console: put it at /dev/console as well
 * @sock: gets MESSAGE_CONSOLE with the master
 * @s: gets GATE_TTY, for the session that owns the terminal is the payload's
 *
 * Return: 0 or -errno.
 */
int streams_open_console(const struct plan_process *p, int rootfd, bool bind_console, int sock,
			 struct seal *s, struct err *e);

/**
 * streams_adopt() - make inherited streams usable by the user
 *
 * Pipes are given to the user, or /dev/stdout could not be opened by other than root; nothing that
 * has a name outside changes its owner. A stream that is the host's /dev/null is opened anew as
 * the container's; what the image has there is checked on the very descriptor that is used
 * (CVE-2026-88265). Where the kernel lets nobody make a null device the stream stays, and so does
 * a pipe of a user that is not mapped.
 *
 * Return: 0 or -errno.
 */
int streams_adopt(const struct plan_process *p, int rootfd, struct err *e);

#endif
