/* plan.c - from what config.json says to what will be done */
#include "hull/plan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "hull/filter.h"
#include "hull/str.h"
#include "parts.h"

static void plan_namespaces(const struct planner *p, struct plan *plan)
{
	const struct config_linux *l = p->config->linux;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct config_namespace *ns = &l->namespaces.items[i];

		if (str_or(ns->path, "")[0])
			plan->joins[plan->njoins++] = (struct plan_join){ ns->type, ns->path };
		else
			plan->unshare |= ns->type;
	}
}

/* user_namespaces(7), "Defining user and group ID mappings" */
static const char *map_text(struct arena *a, const struct config_idmaps *maps)
{
	char *text = arena_alloc(a, maps->n * 40 + 1); /* three numbers of ten digits, blanks */
	char *p = text;

	for (size_t i = 0; i < maps->n; i++) {
		const struct config_idmap *m = &maps->items[i];

		p += sprintf(p, "%u %u %u\n", (unsigned)m->container_id, (unsigned)m->host_id,
			     (unsigned)m->size);
	}
	return text;
}

/* Whom init becomes: root, or the first id there is where root is not mapped. */
static unsigned root_of(const struct config_idmaps *maps)
{
	for (size_t i = 0; i < maps->n; i++) {
		if (maps->items[i].container_id == 0)
			return 0;
	}
	return maps->n ? (unsigned)maps->items[0].container_id : 0;
}

struct plan_idmap *plan_new_idmap(struct arena *a, const struct config_idmaps *uids,
				  const struct config_idmaps *gids)
{
	struct plan_idmap *m = arena_new(a, struct plan_idmap);

	*m = (struct plan_idmap){
		.uid_map = map_text(a, uids),
		.gid_map = map_text(a, gids),
		.uids = uids,
		.gids = gids,
		.root_uid = root_of(uids),
		.root_gid = root_of(gids),
	};
	return m;
}

static void plan_idmaps(const struct planner *p, struct plan *plan)
{
	const struct config_linux *l = p->config->linux;

	if (plan->unshare & CLONE_NEWUSER)
		plan->idmap = *plan_new_idmap(p->arena, &l->uid_mappings, &l->gid_mappings);
	plan->idmap.path = plan_joined(plan, CLONE_NEWUSER);
}

static bool limits_anything(const struct config_resources *r)
{
	return r && (r->memory || r->cpu || r->pids || r->block_io || r->hugepage_limits.n ||
		     r->network || r->rdma.n || r->unified.n);
}

/* Return: the host's id for @id in the container, or (uid_t)-1 where the document does not tell. */
static uid_t host_uid(const struct planner *p, const struct plan *plan, uid_t id)
{
	const struct config_linux *l = p->config->linux;

	if (!l || !plan_has_ns(plan, CLONE_NEWUSER))
		return id;
	const struct config_idmaps *m = &l->uid_mappings;

	for (size_t i = 0; i < m->n; i++) {
		if (id >= m->items[i].container_id &&
		    id - m->items[i].container_id < m->items[i].size)
			return (uid_t)(m->items[i].host_id + (id - m->items[i].container_id));
	}
	return (uid_t)-1;
}

/*
 * config-linux.md, "Cgroup ownership": only for a new cgroup namespace with cgroup mounted
 * writable at /sys/fs/cgroup.
 */
static uid_t delegate_uid(const struct planner *p, const struct plan *plan)
{
	if (!(plan->unshare & CLONE_NEWCGROUP))
		return (uid_t)-1;
	for (size_t i = 0; i < plan->nmounts; i++) {
		const struct plan_mount *m = &plan->mounts[i];

		if (m->kind == MOUNT_CGROUP && str_eq(m->place, "/sys/fs/cgroup") &&
		    !(m->attr.set & MOUNT_ATTR_RDONLY))
			return host_uid(p, plan, (uid_t)p->config->process->user.uid);
	}
	return (uid_t)-1;
}

static void plan_cgroup(const struct planner *p, struct plan *plan)
{
	const struct config_linux *l = p->config->linux;
	const char *path = l ? l->cgroups_path : NULL;

	plan->cgroup = (struct plan_cgroup){
		.path = path && path[0] ? path : NULL,
		.systemd = p->in->systemd_cgroup,
		.disabled = p->in->no_cgroup,
		.resources = l ? l->resources : NULL,
		.delegate_uid = delegate_uid(p, plan),
	};
	plan->cgroup.optional = (p->host->euid != 0 || p->host->in_userns) && !plan->cgroup.path &&
				!limits_anything(plan->cgroup.resources);
}

/*
 * Without a wish, what the host mounts later still arrives in the container's binds and nothing
 * goes back: recursive slave, as runc.
 */
static void plan_rootfs(const struct planner *p, struct plan *plan)
{
	const struct config *c = p->config;
	const struct config_linux *l = c->linux;

	plan->rootfs = c->root->path[0] == '/'
			       ? c->root->path
			       : arena_printf(p->arena, "%s/%s", p->in->bundle, c->root->path);
	plan->rootfs_readonly = c->root->readonly;
	plan->set_root_propagation = l && l->rootfs_propagation.set;
	plan->root_propagation = plan->set_root_propagation ? l->rootfs_propagation.value
							     : MS_SLAVE | MS_REC;
	if (l) {
		plan->masked = l->masked_paths;
		plan->readonly = l->readonly_paths;
		plan->mount_label = l->mount_label;
	}
	plan->no_pivot = p->in->no_pivot;
}

static int plan_container(const struct planner *p, struct plan *plan)
{
	plan_namespaces(p, plan);
	plan_idmaps(p, plan);
	plan_rootfs(p, plan);
	int r = plan_mounts(p, plan);

	if (r == 0)
		r = plan_sysctls(p, plan);
	if (r < 0)
		return r;
	plan_cgroup(p, plan);
	plan_devices(p, plan);
	return plan_build_process(p->arena, p->config, p->config->process, p->in, p->host,
				  &plan->process, p->err);
}

int plan_build(struct arena *a, const struct config *c, const struct plan_input *in,
	       const struct host_facts *host, struct plan *ret, struct err *e)
{
	const struct planner p = { a, c, in, host, e };
	struct plan plan = {
		.config = c,
		.id = in->id,
		.bundle = in->bundle,
		.no_new_keyring = in->no_new_keyring,
		.hostname = c->hostname,
		.domainname = c->domainname,
	};
	int r = plan_check(c, in, host, e);

	if (r == 0)
		r = plan_container(&p, &plan);
	if (r == 0)
		r = filter_compile(a, c, &plan.process.filter, e);
	if (r < 0)
		return r;
	*ret = plan;
	return 0;
}
