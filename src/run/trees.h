/* trees.h - what an init whose user namespace may not walk the host's paths asks for */
#ifndef HULL_TREES_H
#define HULL_TREES_H

#include "hull/err.h"
#include "hull/plan.h"

/**
 * trees_serve() - start a process that opens bind sources with the command's privilege
 * @userns: of idmapped mounts, by mount
 * @pidfd: init, whose mount namespace the process enters
 * @commands: what that process must not hold open: the command's socket to init, and its lock
 * @sock: where requests come in; taken over by that process, closed here
 * @ret_pidfd: of the process, for trees_end(); it ends when init's end of the socket closes
 *
 * Return: 0 or -errno.
 */
int trees_serve(const struct plan *p, const int *userns, int pidfd, int sock, const int commands[2],
		int *ret_pidfd, struct err *e);

/* trees_end() - end that process, and close @pidfd; -1 is ignored */
void trees_end(int pidfd);

/* trees_get() - in init: the source of mount @index. A detached mount or -errno. */
int trees_get(int sock, size_t index, struct err *e);

/* trees_get_root() - in init: the place of the root file system, as rootfs_place() */
int trees_get_root(int sock, struct err *e);

#endif
