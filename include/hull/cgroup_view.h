/* cgroup_view.h - what a mount of type "cgroup" shows inside a container */
#ifndef HULL_CGROUP_VIEW_H
#define HULL_CGROUP_VIEW_H

#include <stdbool.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/plan.h"

struct cgroup; /* hull/cgroup.h */
struct layout; /* of the host's hierarchies, and the caller's place in them */

/**
 * cgroup_look() - where the caller is, for cgroup_mount() in a cgroup namespace that it is to make
 * @cg: NULL for a container without
 * @ret: in the arena; NULL for a container with groups, whose places are known
 *
 * From inside every place is "/", which is not what "/" is among the host's mounts.
 *
 * Return: 0 or -errno.
 */
int cgroup_look(const struct cgroup *cg, struct arena *a, struct layout **ret, struct err *e);

/**
 * cgroup_mount() - what a mount of type "cgroup" shows inside the container
 * @cg: NULL for a container without; it sees the host's layout and the group it is in
 * @place: from cgroup_look(); NULL: look now
 * @m: whose attributes and propagation apply; file system options do not
 * @dest: O_PATH descriptor of the destination, in the caller's mount namespace
 * @own_namespace: the caller is in a new cgroup namespace rooted at the container's groups
 *
 * v2: the unified hierarchy. v1: a tmpfs with one mount per hierarchy and links for controllers
 * that are mounted together. Without a cgroup namespace the container's own directories are bound
 * instead, and read-only unless the configuration asks for them writable as real root.
 *
 * Called by init in its mount namespace while the host's tree is still there.
 *
 * Return: 0 or -errno.
 */
int cgroup_mount(const struct cgroup *cg, const struct layout *place, const struct plan_mount *m,
		 int dest, bool own_namespace, struct err *e);

#endif
