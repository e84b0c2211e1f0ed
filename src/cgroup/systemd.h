/* systemd.h - the container's groups as a scope of systemd */
#ifndef HULL_CGROUP_SYSTEMD_H
#define HULL_CGROUP_SYSTEMD_H

#include "group.h"
#include "systemd_bus.h"
#include "systemd_props.h"

#define SYSTEMD_START_MS 30000 /* for everything until the scope is there */
#define SYSTEMD_STOP_MS 10000  /* for everything until it is gone */

/*
 * systemd makes a scope around a process that exists and takes it away with the last one, so
 * cgroup_create() only looks, and cgroup_admit() has the scope made around init, which waits.
 *
 * A unit of that name can be somebody else's. Before hull stops one it asks whose it is, by the
 * description, which has a number that no other container's has. Until systemd has said that the
 * job is done, and the kernel that init is in the group, struct cgroup is "foreign": no file of
 * the group is written, no process in it signalled, no directory removed.
 *
 * Hierarchies that systemd does not handle (on v1: freezer, cpuset and more) get a group of the
 * same path from hull.
 */
struct systemd {
	const char *id, *slice, *unit, *description;
	bool started; /* the scope has been there, with init inside */
	bool silent;  /* systemd has left a question unanswered: another one would cost as long */
	struct bus_place place;
	struct bus *bus;       /* NULL: not connected */
	struct props settings; /* of annotations */
};

/**
 * systemd_prepare() - choose the unit and connect; nothing is created
 * @ret_path: of the scope, from the root of every hierarchy
 *
 * Return: 0 or -errno.
 */
int systemd_prepare(struct arena *a, struct cgroup *cg, const struct plan_cgroup *p, const char *id,
		    const char **ret_path, struct err *e);

/* systemd_handles() - whether systemd puts processes of its units into this hierarchy */
bool systemd_handles(const struct hierarchy *h);

/* systemd_placed() - after fs_place(): parents in hierarchies that systemd handles are its own */
void systemd_placed(struct cgroup *cg);

void systemd_save(const struct systemd *sd, struct json_out *o);

/* systemd_load() - into @cg. Return: 0 or -EINVAL. */
int systemd_load(struct arena *a, const struct json *saved, struct cgroup *cg, struct err *e);

/**
 * systemd_start() - have the scope made around a process, with all limits that systemd knows
 *
 * A unit of that name that has failed is reset, once. After it @cg is the container's.
 *
 * Return: 0 or -errno, after SYSTEMD_START_MS at most.
 */
int systemd_start(struct cgroup *cg, pid_t pid, struct err *e);

enum scope_state {
	SCOPE_GONE,  /* systemd has no such unit */
	SCOPE_OURS,  /* it is this container's */
	SCOPE_OTHER, /* it is not */
};

/* systemd_find() - whose the unit is now. Return: enum scope_state or -errno. */
int systemd_find(struct cgroup *cg, struct err *e);

/**
 * systemd_stop() - kill what is in the scope and wait until systemd has done with it
 *
 * To be called for SCOPE_OURS. Return: 0 or -errno, after SYSTEMD_STOP_MS at most.
 */
int systemd_stop(struct cgroup *cg, struct err *e);

/**
 * systemd_attach() - have the calling process put into the scope
 *
 * For where the kernel does not let it go itself: an ordinary user may write into the group, but
 * not into what it has in common with the one the caller is in.
 *
 * Return: 0 or -errno.
 */
int systemd_attach(struct cgroup *cg, struct err *e);

/**
 * systemd_set_properties() - tell systemd of changed limits
 * @l: as for limits_apply(), and to be called before it: systemd writes rounded values, all that it
 * knows of the unit, before this returns
 *
 * Until the next boot, as all of a transient unit. Return: 0 or -errno.
 */
int systemd_set_properties(struct cgroup *cg, const struct limits *l, struct err *e);

void systemd_close(struct systemd *sd);

#endif
