/* device.h - device nodes and links below the container's /dev */
#ifndef HULL_DEVICE_H
#define HULL_DEVICE_H

#include "hull/err.h"
#include "hull/plan.h"

/**
 * device_make_all() - the plan's nodes and links
 * @rootfd: the container's root
 *
 * Modes are the plan's when the caller's umask is 0.
 * Nodes are created exclusively; one that is there already must be the same device. Where the
 * kernel forbids mknod (user namespaces) the host's node is bound in its place.
 *
 * Return: 0 or -errno.
 */
int device_make_all(int rootfd, const struct plan *p, struct err *e);

/* device_make_null() - a null device with an inode of its own. Open for both, owned, or -errno. */
int device_make_null(void);

#endif
