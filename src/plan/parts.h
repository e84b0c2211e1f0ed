/* parts.h - the pieces of plan_build(), one file each */
#ifndef HULL_PLAN_PARTS_H
#define HULL_PLAN_PARTS_H

#include "hull/plan.h"

/* What every part reads, and where it writes. */
struct planner {
	struct arena *arena;
	const struct config *config;
	const struct plan_input *in;
	const struct host_facts *host;
	struct err *err;
};

/* plan_mounts() - config.mounts in order (mounts.c). Return: 0 or -EINVAL. */
int plan_mounts(const struct planner *p, struct plan *plan);

/* plan_new_idmap() - mappings as the kernel takes them, in the arena */
struct plan_idmap *plan_new_idmap(struct arena *a, const struct config_idmaps *uids,
				  const struct config_idmaps *gids);

/* plan_map_id() - the host's id for one of the container's, or -1 where it is not mapped */
int64_t plan_map_id(const struct config_idmaps *maps, uint64_t id);

/* plan_devices() - nodes, links and cgroup rules every container has (devices.c) */
void plan_devices(const struct planner *p, struct plan *plan);

/* plan_sysctls() - keys to paths below /proc/sys (sysctl.c). Return: 0 or -EINVAL. */
int plan_sysctls(const struct planner *p, struct plan *plan);

/* sysctl_to_path() - "net.ipv4.conf.eth0/1.forwarding" by the rule of sysctl.d(5), or NULL */
char *sysctl_to_path(struct arena *a, const char *key);

/* plan_options() - sort a mount's options into @m (mounts.c). Return: 0 or -EINVAL. */
int plan_options(const struct planner *p, size_t index, const struct config_mount *c,
		 struct plan_mount *m);

#endif
