/* rdt.h - cache and memory bandwidth allocation, by the kernel's resctrl file system */
#ifndef HULL_RDT_H
#define HULL_RDT_H

#include <stdbool.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/json.h"
#include "hull/spec.h"

/**
 * struct rdt - the resctrl groups of a container
 * @clos: directory of its class of service
 * @made_clos: hull makes and removes it: closID was not given, and none of the id was there
 * @monitor: directory of its monitoring group; NULL: none
 * @made_monitor: it was not there before
 */
struct rdt {
	const char *clos, *monitor;
	bool made_clos, made_monitor;
};

/**
 * rdt_prepare() - choose the groups; nothing is made
 * @base: where resctrl is mounted, RDT_MOUNT
 * @ret: NULL when the configuration has no intelRdt
 *
 * runtime-spec config-linux.md, "IntelRdt".
 *
 * Return: 0, or -errno when resctrl is not mounted, or a class that must be there is not.
 */
int rdt_prepare(struct arena *a, const char *base, const struct config *c, const char *id,
		struct rdt **ret, struct err *e);

#define RDT_MOUNT "/sys/fs/resctrl"

/**
 * rdt_create() - make the groups and write the schemata
 *
 * An existing class with a given id is not changed: its schemata must be what is asked for.
 *
 * Return: 0 or -errno.
 */
int rdt_create(const struct rdt *r, const struct config_intel_rdt *c, struct err *e);

/* rdt_add() - put a process into the groups. Return: 0 or -errno. */
int rdt_add(const struct rdt *r, pid_t pid, struct err *e);

/**
 * rdt_update() - write other schemata into the container's class
 * @c: whose lines to write
 * @ret_before: what they were, in the arena, for rdt_restore()
 *
 * Return: 0 or -errno, with the old ones in force.
 */
int rdt_update(struct arena *a, const struct rdt *r, const struct config_intel_rdt *c,
	       const char **ret_before, struct err *e);

/* rdt_restore() - write them back, as far as it goes */
void rdt_restore(const struct rdt *r, const char *before);

/* rdt_remove() - remove what rdt_create() made; what is gone is fine. Return: 0 or -errno. */
int rdt_remove(const struct rdt *r, struct err *e);

/**
 * rdt_put_stats() - the class's schemata and what its monitoring counts, as members of an object
 * @base: RDT_MOUNT
 * @r: NULL: none
 *
 * In the shape of `runc events`: l3_cache_info, l3_cache_schema_root, ..., mbm_stats, cmt_stats.
 */
void rdt_put_stats(struct arena *a, const char *base, const struct rdt *r, struct json_out *o);

#endif
