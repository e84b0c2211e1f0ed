/* ns.h - existing namespaces, and the id maps of a new one */
#ifndef HULL_NS_H
#define HULL_NS_H

#include <stdbool.h>

#include "hull/err.h"
#include "hull/plan.h"

/**
 * ns_open() - a namespace by path, verified to be of its type
 * @type: CLONE_NEW*
 *
 * Return: a descriptor owned by the caller, or -errno (-EINVAL: a file of another kind, told by
 * NS_GET_NSTYPE, ioctl_ns(2)).
 */
int ns_open(const char *path, unsigned type, struct err *e);

/* ns_is_own() - whether a path is the namespace of this type that the caller itself is in */
bool ns_is_own(const char *path, unsigned type);

/**
 * ns_join_all() - enter every namespace the plan joins
 *
 * A namespace may belong to the joined user namespace or to the host's: those that only the
 * caller's present privilege can enter come before the user namespace, the others after it. The
 * pid namespace is last and takes effect for children.
 *
 * Return: 0 or -errno.
 */
int ns_join_all(const struct plan *p, struct err *e);

/**
 * ns_enter_new_time() - move the calling process, which has one thread, into a new time namespace
 * @t: linux.timeOffsets; NULL: none
 *
 * To be called before the process changes its ids, which would take its own files in procfs away.
 *
 * Return: 0 or -errno.
 */
int ns_enter_new_time(int proc_fd, const struct config_time_offsets *t, struct err *e);

/**
 * ns_write_idmaps() - give a process in a new user namespace its ids
 * @pid: in the caller's pid namespace
 * @privileged: the caller may map any id; else one own id is mapped without groups, and several
 *              through newuidmap(1) and newgidmap(1)
 *
 * Return: 0 or -errno.
 */
int ns_write_idmaps(int proc_fd, pid_t pid, const struct plan_idmap *m, bool privileged,
		    struct err *e);

/**
 * ns_make_user() - a user namespace that is nothing but its maps, for idmapped mounts
 *
 * Return: a descriptor owned by the caller, or -errno.
 */
int ns_make_user(int proc_fd, const struct plan_idmap *m, bool privileged, struct err *e);

#endif
