/* layout.h - which cgroup hierarchies the host has, and where the container's groups are in them */
#ifndef HULL_CGROUP_LAYOUT_H
#define HULL_CGROUP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "hierarchy.h"
#include "hull/arena.h"
#include "hull/err.h"

struct layout {
	size_t n;
	struct hierarchy *items;
	const char *available; /* v2's controllers, "cpu io memory"; NULL: not read yet */
	const char *mountinfo; /* NULL: not read, which is the rule */
};

/**
 * layout_read() - the hierarchies of this host, at the places where they are by convention
 *
 * Two system calls on a v2 host, four on others. Whether something is mounted at these places is
 * found out by whoever uses them first: layout_locate() is for the case that it is not.
 *
 * Return: 0 or -errno.
 */
int layout_read(struct arena *a, struct layout *ret, struct err *e);

/* layout_read_own() - fill in @own of every hierarchy, unless it is there. Return: 0 or -errno. */
int layout_read_own(struct arena *a, struct layout *l, struct err *e);

/* layout_parse() - the text of /proc/self/cgroup; cgroups(7) */
void layout_parse(struct arena *a, const char *text, struct layout *ret);

/* layout_locate() - look for an unconventional place in mountinfo. Return: 0, -ENOENT or -errno. */
int layout_locate(struct arena *a, struct layout *l, struct hierarchy *h);

/* layout_find_mount() - the mount point of a hierarchy in the text of mountinfo, or NULL */
char *layout_find_mount(struct arena *a, const char *mountinfo, const char *controllers);

/* layout_read_available() - fill in @available, unless it is there. Return: 0 or -errno. */
int layout_read_available(struct arena *a, struct layout *l, struct err *e);

/* layout_v2() - the v2 hierarchy, or NULL */
struct hierarchy *layout_v2(const struct layout *l);

/* layout_v1() - the v1 hierarchy that has a controller, or NULL */
struct hierarchy *layout_v1(const struct layout *l, const char *controller);

/* layout_has_v1() - whether any hierarchy is of v1 */
bool layout_has_v1(const struct layout *l);

#endif
