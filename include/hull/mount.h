/* mount.h - mounts of the container, made and placed by descriptor */
#ifndef HULL_MOUNT_H
#define HULL_MOUNT_H

#include <stdbool.h>

#include "hull/err.h"
#include "hull/plan.h"

/**
 * mount_source() - a detached clone of a bind mount's source
 * @m: of kind MOUNT_BIND; @m->source is looked up in the caller's mount namespace
 * @userns: whose maps it is shown by, where @m->idmap is set
 *
 * Return: a mount descriptor owned by the caller, or -errno.
 */
int mount_source(const struct plan_mount *m, int userns, struct err *e);

/**
 * mount_place() - make one mount of the plan and put it where it belongs
 * @rootfd: the container's root
 * @source: what mount_source() gave, owned by the caller; -1 for file systems
 * @userns: of a file system that is to be idmapped
 *
 * @ret_late: a tmpfs that is to become read-only, but not before what the configuration puts into
 *            it is there: its descriptor, owned by the caller, for mnt_set_readonly(). Otherwise
 *            untouched.
 *
 * A missing destination is created: a directory, or an empty file for a file. Kinds MOUNT_BIND,
 * MOUNT_FS and MOUNT_REMOUNT; cgroups are cgroup_mount()'s.
 *
 * Return: 0 or -errno.
 */
int mount_place(int rootfd, const struct plan_mount *m, int source, int userns, int *ret_late,
		struct err *e);

/**
 * mount_dest() - the destination of a mount, created when missing
 * @file: the source is not a directory
 *
 * Return: an O_PATH descriptor owned by the caller, or -errno.
 */
int mount_dest(int rootfd, const struct plan_mount *m, bool file, struct err *e);

/* mount_make_empty() - an empty read-only directory, detached. Its mount, owned, or -errno. */
int mount_make_empty(struct err *e);

/* A detached mount that is put in many places: the first gets itself, the others its clones. */
struct mount_stamp {
	int fd; /* owned */
	bool placed;
};

/* What hides paths: opened before the pivot, while the host's tree can still be trusted. */
struct mount_masks {
	struct mount_stamp null; /* the host's /dev/null, verified to be it */
	struct mount_stamp
		dir; /* an empty read-only file system, shared by all hidden directories */
};

/* mount_masks_open() - @ret owns both descriptors. Return: 0 or -errno. */
int mount_masks_open(struct mount_masks *ret, struct err *e);

/**
 * mount_mask() - make a path of the container unreadable; one that does not exist is skipped
 *
 * Never uses a device node of the container's (CVE-2025-31133).
 *
 * Return: 0 or -errno.
 */
int mount_mask(int rootfd, struct mount_masks *masks, const char *path, struct err *e);

/* mount_readonly() - bind a path and all below it read-only; skipped when missing. 0 or -errno. */
int mount_readonly(int rootfd, const char *path, struct err *e);

#endif
