/* devrules.h - linux.resources.devices: what the list as a whole allows */
#ifndef HULL_CGROUP_DEVRULES_H
#define HULL_CGROUP_DEVRULES_H

#include <stdbool.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/spec.h"
#include "limits.h"

/* For each device and each kind of access the last rule that covers it decides. */

/**
 * struct devrules - a list without what later rules make void
 * @allow: what happens to a device that no rule covers
 * @items: in order, of type 'b' or 'c', never without an access; -1 in a number is any
 */
struct devrules {
	bool allow;
	size_t n;
	struct devrule {
		bool allow;
		unsigned type, access;
		int64_t major, minor;
	} * items;
};

/* devrules_reduce() - the same list, beginning after its last rule for everything */
void devrules_reduce(struct arena *a, const struct config_device_rules *list, struct devrules *ret);

/* devrules_allow_all() - whether no access to any device is denied */
bool devrules_allow_all(const struct devrules *rules);

/**
 * devrules_v1() - the lines for devices.allow and devices.deny
 *
 * v1 keeps one answer for everything and a set of exceptions from it; a rule that takes something
 * back from an exception for more than one device cannot be said, and is refused.
 *
 * Return: 0 or -EINVAL.
 */
int devrules_v1(const struct devrules *rules, struct limits *l, struct err *e);

#endif
