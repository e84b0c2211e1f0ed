/* cgroup_live.h - a container's control groups in use: limits, groups below, numbers, events */
#ifndef HULL_CGROUP_LIVE_H
#define HULL_CGROUP_LIVE_H

#include "hull/cgroup.h"

/**
 * cgroup_update() - change limits of groups that exist
 * @given: what to change; all else stays as the kernel has it, and device rules always do
 * @all: the container's resources with @given merged in, for what depends on each other
 *
 * What cannot be said on this host is refused before anything is written; values that grow are
 * written before values that shrink; when the kernel refuses one, those before it are put back.
 *
 * Return: 0 or -errno; messages name the JSON path and, for a refusal of the kernel, the file.
 */
int cgroup_update(struct cgroup *cg, const struct config_resources *given,
		  const struct config_resources *all, struct err *e);

/* cgroup_update_undo() - put back what cgroup_update() has written, for failures after it */
void cgroup_update_undo(struct cgroup *cg);

/**
 * cgroup_choose_below() - let cgroup_dirfd() and cgroup_enter() lead to groups below
 * @words: "PATH" alone, for every hierarchy, or "CONTROLLER[,CONTROLLER]:PATH" for those of v1
 *
 * Paths begin at the container's group, must exist, and cannot leave it: ".." is refused, and the
 * kernel resolves them from the group's own descriptor.
 *
 * Return: 0 or -errno; messages name --cgroup.
 */
int cgroup_choose_below(struct cgroup *cg, struct arena *a, const char *const *words, size_t n,
			struct err *e);

/**
 * cgroup_follow() - let them lead to the groups init is in, where the container's cannot be entered
 * @why: the errno of a failed CLONE_INTO_CGROUP, or 0 to look for groups that are gone
 * @proc_fd: of the host's procfs
 * @init: held by a pidfd of the caller's, so that the number is still its own
 *
 * Init may have moved itself: v2 forbids processes in a group that has controllers for the groups
 * below (EBUSY), and a group can be removed once init has left it.
 *
 * Return: whether there is something else to try now.
 */
bool cgroup_follow(struct cgroup *cg, struct arena *a, int why, int proc_fd, pid_t init);

#endif
