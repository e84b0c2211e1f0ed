/* rootfs.h - from the host's tree to the container's root */
#ifndef HULL_ROOTFS_H
#define HULL_ROOTFS_H

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/plan.h"

/**
 * rootfs_isolate() - take the new mount namespace away from the host
 *
 * Sets the propagation of everything there is, so that no later mount leaks out.
 *
 * Return: 0 or -errno.
 */
int rootfs_isolate(const struct plan *p, struct err *e);

/**
 * rootfs_place() - the directory that becomes the root
 *
 * By who may walk there, which init's user namespace may not allow (src/run/trees.h), and after
 * rootfs_isolate().
 *
 * Return: an O_PATH descriptor owned by the caller, or -errno.
 */
int rootfs_place(const struct plan *p, struct err *e);

/**
 * rootfs_attach() - mount the root in the new mount namespace
 * @place: what rootfs_place() gave
 * @ret_rootfd: the root of the container's tree, owned by the caller
 *
 * Clones the root file system's tree and mounts it over its own path, where bind sources below it
 * see it.
 *
 * Return: 0 or -errno.
 */
int rootfs_attach(const struct plan *p, int place, int *ret_rootfd, struct err *e);

/**
 * rootfs_enter() - make the attached tree the root and let go of the host's
 *
 * pivot_root(".", ".") and a lazy umount of what is then below it, pivot_root(2); with no_pivot
 * (a root on a ramdisk) the tree is moved over "/" instead, and what is mounted below detached.
 *
 * @proc_fd: the host's procfs
 *
 * Return: 0 or -errno.
 */
int rootfs_enter(const struct plan *p, int proc_fd, int rootfd, struct arena *a, struct err *e);

/* rootfs_chroot() - the root of a container without a mount namespace. Return: 0 or -errno. */
int rootfs_chroot(const struct plan *p, int *ret_rootfd, struct err *e);

/* rootfs_seal() - root.readonly and rootfsPropagation, when nothing is written any more */
int rootfs_seal(const struct plan *p, int rootfd, struct err *e);

#endif
