/* group.h - struct cgroup, and what the files of src/cgroup/ do for each other */
#ifndef HULL_CGROUP_GROUP_H
#define HULL_CGROUP_GROUP_H

#include "devbpf.h"
#include "hull/cgroup.h"
#include "layout.h"
#include "limits.h"

#define WAIT_MS 10000 /* how long the kernel may take to freeze or to empty a group */

struct systemd;

/*
 * The layout (v1, v2 or both) shows in the hierarchies alone. Placement, that is making the
 * groups, putting processes in and removing them, is in fs.c and remove.c, and in systemd.c for
 * what systemd is asked to do first.
 */
struct cgroup {
	struct layout layout;
	struct limits limits;
	struct devbpf devices; /* of v2; v1's are among the limits */
	bool optional;
	uid_t delegate_uid;
	bool chosen;             /* by cgroup_choose_below() */
	struct systemd *systemd; /* NULL: hull places processes itself */
	bool foreign;            /* the groups may be somebody else's: touch nothing */
};

/* --- fs.c: where the groups are, and making them --- */

/* fs_normalize() - what the user wrote as "/a/b" or "a/b", in the arena. Return: 0 or -EINVAL. */
int fs_normalize(struct arena *a, const char *path, const char **ret, struct err *e);

/**
 * fs_base() - the group below which a relative path begins for a hull that does not own the root
 *
 * Hull's own; on a pure v2 host its parent, for there a group with processes cannot have limited
 * children.
 *
 * Return: "" for the root, else "/a", in the arena.
 */
const char *fs_base(struct arena *a, const struct hierarchy *h, bool pure_v2);

/**
 * fs_place() - decide where the container's groups will be, and which of them are missing
 * @path: from fs_normalize()
 *
 * Drops hierarchies that are not mounted.
 *
 * Return: 0 or -errno.
 */
int fs_place(struct arena *a, struct cgroup *cg, const char *path, struct err *e);

/* fs_check() - that groups which are there already are free to be taken. Return: 0 or -errno. */
int fs_check(const struct cgroup *cg, struct err *e);

/* fs_create() - make the groups, ready to be entered. Return: 0 or -errno. */
int fs_create(struct cgroup *cg, struct err *e);

/* --- enable.c, cpuset.c: what a new group needs --- */

/* enable_controllers() - in all groups above the container's v2 group. Return: 0 or -errno. */
int enable_controllers(const struct cgroup *cg, const struct hierarchy *h, struct err *e);

/**
 * cpuset_fill() - give new v1 cpuset groups the processors and memory nodes of their parent
 *
 * A group without cannot be entered. What @l sets in the container's own group is left to it.
 *
 * Return: 0 or -errno.
 */
int cpuset_fill(const struct hierarchy *h, const struct limits *l, struct err *e);

/* --- remove.c --- */

/* remove_made() - rmdir what fs_create() made, without waiting or a word */
void remove_made(const struct cgroup *cg);

/* --- group.c: questions about all of them together --- */

/* group_processes() - where to look for the container's processes: v2 if it can be; or NULL */
const struct hierarchy *group_processes(const struct cgroup *cg);

/* group_pids() - append all in one hierarchy's group and below it, then sort. 0 or -errno. */
struct pids;
int group_pids(const struct hierarchy *h, struct pids *p);

/* group_freezer() - where they can be frozen, or NULL */
const struct hierarchy *group_freezer(const struct cgroup *cg);

/* group_fresh() - whether every group is of hull's making */
bool group_fresh(const struct cgroup *cg);

/* --- freeze.c --- */

/* freeze_wait() - freeze or thaw. Return: 0, -ETIMEDOUT or -errno; takes nothing back. */
int freeze_wait(const struct hierarchy *h, bool frozen, int timeout_ms);

/* freeze_is_asked() - whether the group is, or shall be */
bool freeze_is_asked(const struct hierarchy *h);

/* freeze_thaw_below() - thaw all groups below the container's, then it. Return: 0 or -errno. */
int freeze_thaw_below(const struct hierarchy *h);

/* --- wait.c --- */

/* deadline_in() - a time so far from now; deadline_left() - milliseconds until it, at least 0 */
int64_t deadline_in(int ms);
int deadline_left(int64_t deadline);

/* deadline_nap() - sleep @us and double it, up to 10 ms; false when the deadline has passed */
bool deadline_nap(int64_t deadline, unsigned *us);

/* wait_event() - until v2's cgroup.events says "<word>". Return: 0, -ETIMEDOUT or -errno. */
int wait_event(const struct hierarchy *h, const char *word, int64_t deadline);

/* wait_empty() - until no process is left in or below the group. 0, -ETIMEDOUT or -errno. */
int wait_empty(const struct hierarchy *h, int64_t deadline);

#endif
