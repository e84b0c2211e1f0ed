/* userns.h - the user namespaces behind idmapped mounts */
#ifndef HULL_USERNS_H
#define HULL_USERNS_H

#include <stdbool.h>

#include "hull/plan.h"

/**
 * userns_open_all() - one for each mapping that a mount of the plan asks for
 * @privileged: the caller may map any id
 * @ret: a descriptor by mount, -1 for those that are not idmapped; mounts that ask for the same
 *       mapping share one. userns_close_all() it, also after a failure.
 *
 * Return: 0 or -errno; messages name the mount.
 */
int userns_open_all(struct arena *a, int proc_fd, const struct plan *p, bool privileged, int **ret,
		    struct err *e);

/* userns_close_all() - NULL is ignored */
void userns_close_all(const struct plan *p, int *userns);

#endif
