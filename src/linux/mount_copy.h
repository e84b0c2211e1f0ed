/* mount_copy.h - tmpcopyup: fill a new file system from the directory it is going to cover */
#ifndef HULL_MOUNT_COPY_H
#define HULL_MOUNT_COPY_H

#include "hull/err.h"

/* What of the directory itself the new mount takes, too */
enum copy_root { COPY_ROOT_OWNER = 1, COPY_ROOT_MODE = 2 };

/**
 * mount_copy_up() - copy a directory's content: owner, mode, times, extended attributes and links
 * @from: O_PATH descriptor of the directory, which belongs to the container
 * @to: root of the detached new mount
 * @root: what no option has said of it
 *
 * Entries are opened with O_NOFOLLOW below descriptors; sockets are left out. Bounded depth.
 *
 * Return: 0 or -errno.
 */
int mount_copy_up(int from, int to, enum copy_root root, struct err *e);

#endif
