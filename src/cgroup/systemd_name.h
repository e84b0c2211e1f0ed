/* systemd_name.h - names of units, and where in a hierarchy systemd puts them */
#ifndef HULL_CGROUP_SYSTEMD_NAME_H
#define HULL_CGROUP_SYSTEMD_NAME_H

#include <stdbool.h>

#include "hull/arena.h"
#include "hull/err.h"

/**
 * systemd_unit() - the scope that linux.cgroupsPath asks for
 * @path: "slice:prefix:name"; NULL: not given, which means "hull" and the id
 * @user: for a user's manager, whose slice of its own is user.slice; the system's is system.slice
 * @ret_unit: "prefix-name.scope", or "name.scope" without a prefix; bytes that no unit name can
 *            have are written as \xNN
 *
 * Return: 0 or -EINVAL.
 */
int systemd_unit(struct arena *a, const char *path, const char *id, bool user,
		 const char **ret_slice, const char **ret_unit, struct err *e);

/**
 * systemd_slice_path() - where a slice's group is, below the manager's: systemd.slice(5)
 * @ret: "/a.slice/a-b.slice" for a-b.slice, "" for the root, which is called -.slice
 *
 * Return: 0 or -EINVAL for what is not the name of a slice.
 */
int systemd_slice_path(struct arena *a, const char *slice, const char **ret, struct err *e);

/* systemd_group_name() - a unit's directory: names that the kernel has files for get a '_' */
const char *systemd_group_name(struct arena *a, const char *unit);

#endif
