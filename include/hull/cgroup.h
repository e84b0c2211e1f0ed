/* cgroup.h - one container's control groups, whatever kind of host this is */
#ifndef HULL_CGROUP_H
#define HULL_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/json.h"
#include "hull/plan.h"

/*
 * Two independent choices hide here: the layout of the host (v2, v1, or hybrid: some controllers
 * on v1, the rest on v2) and who places processes (hull itself through the file system, or
 * systemd). Nobody outside src/cgroup/ may ask which is in use.
 */
struct cgroup;

/**
 * cgroup_prepare() - choose the places and translate the limits; nothing is created
 * @p: from the plan
 * @id: the container's, for places that the configuration leaves open
 * @ret: allocated in @a; NULL when the plan disables cgroups
 *
 * For systemd it connects to the bus. What cannot be expressed on this host (unknown controller in
 * unified, a v1-only field with a value on v2) is refused here by JSON path. Return: 0 or -errno.
 */
int cgroup_prepare(struct arena *a, const struct plan_cgroup *p, const char *id,
		   struct cgroup **ret, struct err *e);

/* cgroup_save() - write everything that cgroup_load() needs, as the members of an open object */
void cgroup_save(const struct cgroup *cg, struct json_out *o);

/**
 * cgroup_load() - find the control groups of a container again from its saved state
 *
 * Reads nothing of the host: paths come from @saved, which hull wrote. A group that was removed
 * meanwhile is noticed by the call that needs it.
 *
 * Return: 0 or -EINVAL for a state that hull did not write. @ret is NULL for a container without.
 */
int cgroup_load(struct arena *a, const struct json *saved, struct cgroup **ret, struct err *e);

/**
 * cgroup_asks_systemd() - whether its removal, an update or a new process may need the bus
 * @cg: NULL for a container without
 *
 * For restart_shared() only, without which the library for it cannot be loaded.
 */
bool cgroup_asks_systemd(const struct cgroup *cg);

/**
 * cgroup_create() - make the groups and write all limits, before any process is inside
 *
 * An existing group is taken when it is empty and not frozen (the specification lets a runtime
 * refuse others). Directories made by this call, parents included, are remembered for
 * cgroup_remove(); when it fails they are gone again. Where the plan calls cgroups optional
 * (rootless, no limits) a refusal by the kernel (EACCES, EPERM, EROFS) is not an error and the
 * container goes without.
 *
 * Return: 0 or -errno; messages name the file and, for a limit, the JSON path it came from.
 */
int cgroup_create(struct cgroup *cg, struct err *e);

/**
 * cgroup_admit() - cgroup_create() for systemd, which makes a scope only around a process: init's
 *
 * Bounded by thirty seconds, its undoing by ten. Return: 0, or -errno with cgroup_remove() to do.
 */
int cgroup_admit(struct cgroup *cg, pid_t pid, struct err *e);

/* cgroup_dirfd() - of the v2 group, for CLONE_INTO_CGROUP; owned by @cg; -1: use cgroup_enter() */
int cgroup_dirfd(struct cgroup *cg);

/**
 * cgroup_enter() - put the calling process, which has one thread, into every group
 * @born: it was cloned into cgroup_dirfd() and is there already
 *
 * A thread that moves itself does not stop the others on the machine: ten v1 hierarchies take
 * 0.3 ms, cgroup_add() 7 ms. When born into v2, and after cgroup_create(), it needs no rights, so
 * root of a new user namespace can call it. To be called before unshare(CLONE_NEWCGROUP).
 *
 * Return: 0 or -errno.
 */
int cgroup_enter(struct cgroup *cg, bool born, struct err *e);

/* cgroup_add() - put another process into every group. Return: 0 or -errno. */
int cgroup_add(struct cgroup *cg, pid_t pid, struct err *e);

/**
 * cgroup_freeze() - stop or continue every process, and wait for the kernel to say so
 *
 * Bounded by ten seconds; a freeze that does not come about is taken back before the error.
 *
 * Return: 0, -ENOENT when the group is gone, -EOPNOTSUPP without a freezer, or -errno.
 */
int cgroup_freeze(struct cgroup *cg, bool frozen, struct err *e);

/* cgroup_signal() - to all processes but @except (0: none). 0 or -errno, a group that is gone 0. */
int cgroup_signal(const struct cgroup *cg, int sig, pid_t except, struct err *e);

/* cgroup_thaw_killed() - v1 keeps frozen processes from a SIGKILL they have got. 0 or -errno. */
int cgroup_thaw_killed(const struct cgroup *cg, struct err *e);

/* cgroup_is_frozen() - 1, 0, or -errno; a group that is gone is not frozen */
int cgroup_is_frozen(const struct cgroup *cg);

/* cgroup_is_freezing() - whether it has been told to, and maybe is not yet */
bool cgroup_is_freezing(const struct cgroup *cg);

/**
 * cgroup_kill() - SIGKILL every process of the group and of all groups below
 *
 * v2, also next to v1: cgroup.kill. Without it: freezes, signals, thaws, and repeats until none is
 * left, so that a fork bomb cannot outrun it. Whatever is frozen on v1 is thawed, sub-groups first.
 * Returns when the signal is sent to all, not when all are reaped.
 *
 * Return: 0, also for a group that is gone; or -errno.
 */
int cgroup_kill(struct cgroup *cg, struct err *e);

/* cgroup_pids() - all processes at and below the group, ascending, as seen by hull. 0 or -errno. */
int cgroup_pids(const struct cgroup *cg, struct arena *a, pid_t **ret, size_t *ret_n,
		struct err *e);

/**
 * cgroup_remove() - remove what cgroup_create() made, sub-groups of the container's first
 *
 * Processes that are left are waited for, ten seconds at most; the message then names them: after
 * cgroup_kill(), or init's end, they are somebody else's or do not end. What is gone is fine. A
 * directory that create found in place stays, and a parent that others use; what another container
 * made goes with the last below it.
 *
 * Return: 0 or -errno.
 */
int cgroup_remove(struct cgroup *cg, struct err *e);

/**
 * cgroup_oom_kills() - how many processes the kernel has killed for memory; 0 if it cannot tell
 * @ret_limit: the memory limit in bytes, or -1; may be NULL
 */
uint64_t cgroup_oom_kills(const struct cgroup *cg, int64_t *ret_limit);

/* cgroup_close() - close the descriptors @cg holds; its memory is the arena's */
void cgroup_close(struct cgroup *cg);

#endif
