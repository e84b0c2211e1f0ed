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

/*
 * config-linux.md, "Cgroup ownership": only for a new cgroup namespace with cgroup mounted
 * writable at /sys/fs/cgroup.
 */
static uid_t delegate_uid(const struct planner *p, const struct plan *plan)
{
	uid_t uid = (uid_t)p->config->process->user.uid;

	if (!(plan->unshare & CLONE_NEWCGROUP))
		return (uid_t)-1;
	/* of a joined namespace the document may say nothing: then nothing is handed over */
	if (plan_has_ns(plan, CLONE_NEWUSER))
		uid = (uid_t)plan_map_id(&p->config->linux->uid_mappings, uid);
	for (size_t i = 0; i < plan->nmounts; i++) {
		const struct plan_mount *m = &plan->mounts[i];

		if (m->kind == MOUNT_CGROUP && str_eq(m->place, "/sys/fs/cgroup") &&
		    !(m->attr.set & MOUNT_ATTR_RDONLY))
			return uid;
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
		.user = p->host->euid != 0 || (p->host->in_userns && !p->host->own_systemd),
		.annotations = &p->config->annotations,
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
	plan->root_propagation =
		plan->set_root_propagation ? l->rootfs_propagation.value : MS_SLAVE | MS_REC;
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
	plan.process.filter.bpf = in->filter_bpf;
	plan.process.filter.len = in->filter_len;
	if (r == 0)
		r = filter_compile(a, c, &plan.process.filter, e);
	if (r < 0)
		return r;
	*ret = plan;
	return 0;
}
