/* cgroup_live.h - a container's control groups in use: limits, groups below, numbers, events */
#ifndef HULL_CGROUP_LIVE_H
#define HULL_CGROUP_LIVE_H

#include <poll.h>

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

/**
 * cgroup_put_stats() - what the groups count, as members of an open object
 *
 * cpu, cpuset, memory, pids, blkio and hugetlb in the shape of `runc events`, whichever layout the
 * host has: times in nanoseconds, sizes in bytes. What a kernel does not count, or a group that is
 * being removed no longer has, is left out or 0.
 */
void cgroup_put_stats(const struct cgroup *cg, struct arena *a, struct json_out *o);

/* What cgroup_watch_oom() waits for: poll(2) @pollfd, then ask cgroup_oom_happened(). */
struct cgroup_oom {
	struct pollfd pollfd; /* fd owned; -1: nothing can be told here, and poll() skips it */
	int control;          /* owned; v1's memory.oom_control */
	uint64_t seen;
};

/**
 * cgroup_watch_oom() - be told by the kernel when the group runs out of memory
 *
 * v2 notifies who polls memory.events, v1 an eventfd(2); memory.txt 9 and 10, cgroup-v2.rst.
 *
 * Return: 0, also where there is no memory controller, or -errno.
 */
int cgroup_watch_oom(const struct cgroup *cg, struct cgroup_oom *ret, struct err *e);

/* cgroup_oom_happened() - whether it did since the last call */
bool cgroup_oom_happened(struct cgroup_oom *w);

void cgroup_oom_close(struct cgroup_oom *w);

#endif
