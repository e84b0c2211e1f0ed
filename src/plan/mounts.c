/* mounts.c - config.mounts to what the kernel will be asked for */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "hull/names.h"
#include "hull/path.h"
#include "hull/str.h"
#include "parts.h"

/* "/dev/x" of a container is never hull's to make when its /dev is the host's. */
static bool is_bind(const struct config_mount *c)
{
	for (size_t i = 0; i < c->options.n; i++) {
		if (str_eq(c->options.items[i], "bind") || str_eq(c->options.items[i], "rbind"))
			return true;
	}
	return false;
}

static bool has_option(const struct config_mount *c, const char *name)
{
	for (size_t i = 0; i < c->options.n; i++) {
		if (str_eq(c->options.items[i], name))
			return true;
	}
	return false;
}

/* Options of one attribute override each other in order: the last one wins. */
static void apply_attr(struct mnt_attr *a, const struct mount_option *o)
{
	a->mask |= o->set | o->clear;
	a->set = (a->set & ~o->clear) | o->set;
}

static int refuse_option(const struct planner *p, size_t index, size_t option, const char *why,
			 const char *name)
{
	return spec_refuse(p->config, p->err,
			   arena_printf(p->arena, "mounts[%zu].options[%zu]", index, option),
			   "%s: \"%.100s\"", why, name);
}

static int apply_option(const struct planner *p, size_t index, size_t option, const char *name,
			struct plan_mount *m)
{
	const struct mount_option *o = names_mount_option(name);

	if (!o) {
		if (m->kind == MOUNT_BIND)
			return refuse_option(p, index, option, "not an option of a bind mount",
					     name);
		m->data.items[m->data.n++] = name;
		return 0;
	}
	switch (o->kind) {
	case OPTION_ATTR:
		apply_attr(&m->attr, o);
		return 0;
	case OPTION_RATTR:
		apply_attr(&m->rattr, o);
		return 0;
	case OPTION_PROPAGATION:
		m->propagation.items[m->propagation.n++] = o->set;
		return 0;
	case OPTION_SUPERBLOCK:
		/* a bind mount shares its superblock: the kernel ignores them there too */
		if (m->kind != MOUNT_BIND)
			m->data.items[m->data.n++] = name;
		return 0;
	case OPTION_RBIND:
		m->recursive = true;
		return 0;
	case OPTION_TMPCOPYUP:
		if (!str_eq(m->fstype, "tmpfs"))
			return refuse_option(p, index, option, "only for tmpfs", name);
		m->tmpcopyup = true;
		return 0;
	case OPTION_RIDMAP:
		m->idmap_recursive = true;
		return 0;
	case OPTION_IDMAP: /* plan_mount_idmap() looks for it */
	case OPTION_BIND:
	case OPTION_REMOUNT:
	case OPTION_NONE:
		return 0;
	}
	return 0;
}

int plan_options(const struct planner *p, size_t index, const struct config_mount *c,
		 struct plan_mount *m)
{
	m->propagation.items = arena_new_n(p->arena, uint64_t, c->options.n + 1);
	m->data.items = arena_new_n(p->arena, const char *, c->options.n + 2);
	for (size_t i = 0; i < c->options.n; i++) {
		int r = apply_option(p, index, i, c->options.items[i], m);

		if (r < 0)
			return r;
	}
	return 0;
}

#define ATIMES (MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | MNT_ATTR_RELATIME)
#define CLEARABLE                                                                                  \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |            \
	 MNT_ATTR_NOSYMFOLLOW)

/*
 * A bind with flags is what `mount --bind` and then `mount -o remount,bind,flags` make, and what
 * both peers do: flags of the source that are not given again are cleared. How access times are
 * kept is one setting, which stays unless a new one is chosen; taking back is not choosing.
 */
static void complete_bind(struct plan_mount *m)
{
	if (m->kind != MOUNT_BIND || !m->attr.mask)
		return;
	m->implied = CLEARABLE & ~m->attr.mask;
	if (m->attr.set & ATIMES)
		m->attr.mask |= ATIMES;
	else
		m->attr.mask &= ~(uint64_t)ATIMES;
}

static enum mount_kind kind_of(const struct config_mount *c)
{
	if (is_bind(c))
		return MOUNT_BIND;
	if (has_option(c, "remount"))
		return MOUNT_REMOUNT;
	if (str_eq(c->type, "cgroup") || str_eq(c->type, "cgroup2"))
		return MOUNT_CGROUP;
	return MOUNT_FS;
}

/*
 * SELinux: file systems that hold files of the container alone carry its label; the kernel's own
 * (proc, sysfs, cgroup) and binds keep theirs. So does mqueue, which is there from the beginning of
 * its ipc namespace: the kernel refuses another label for it.
 */
static void add_label(const struct planner *p, const char *label, struct plan_mount *m)
{
	static const char *const labelled[] = { "tmpfs", "devpts", "ramfs", "overlay" };
	const char *type = str_or(spec_annotation(p->config, "run.oci.mount_context_type"),
				  "context"); /* plan_check() has seen that it is one */

	if (m->kind != MOUNT_FS || !label)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(labelled); i++) {
		if (str_eq(m->fstype, labelled[i]))
			m->data.items[m->data.n++] = arena_printf(p->arena, "%s=%s", type, label);
	}
}

/*
 * The kernel's own file systems are where hull and the container's security meet: an image whose
 * /proc is a link would get them mounted elsewhere (CVE-2019-19921 and its returns).
 */
static bool needs_real_dir(const struct plan_mount *m)
{
	static const char *const kernels[] = { "proc", "sysfs", "devpts", "mqueue" };

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		if (m->kind == MOUNT_FS && str_eq(m->fstype, kernels[i]))
			return true;
	}
	return m->kind == MOUNT_CGROUP;
}

static int check_source(const struct planner *p, size_t i, const struct plan_mount *m)
{
	const char *path = arena_printf(p->arena, "mounts[%zu]", i);

	if (m->kind == MOUNT_BIND && !str_or(m->source, "")[0])
		return spec_refuse(p->config, p->err, path, "a bind mount needs a source");
	if (m->kind == MOUNT_FS && !str_or(m->fstype, "")[0])
		return spec_refuse(p->config, p->err, path,
				   "needs a type, or the option bind or rbind");
	return 0;
}

static int check_destination(const struct planner *p, size_t i, struct plan_mount *m)
{
	char place[PATH_MAX];

	(void)path_clean(m->dest, place, sizeof(place)); /* plan_check() has seen that it fits */
	m->place = arena_strdup(p->arena, place);
	if (m->kind == MOUNT_REMOUNT || place[0])
		return 0;
	return spec_refuse(p->config, p->err, arena_printf(p->arena, "mounts[%zu].destination", i),
			   "\"%.100s\" is the root itself, which root.path says", m->dest);
}

/*
 * config.md, "Linux mount options", idmap: mappings of the mount's own, with or without the option;
 * or, by the option alone, those of the container's user namespace.
 */
static int plan_mount_idmap(const struct planner *p, const struct plan *plan, size_t i,
			    struct plan_mount *m)
{
	const struct config_mount *c = &p->config->mounts.items[i];
	const char *path = arena_printf(p->arena, "mounts[%zu]", i);
	bool own = c->uid_mappings.n && c->gid_mappings.n;

	if (!own && !has_option(c, "idmap") && !has_option(c, "ridmap"))
		return 0;
	if (m->kind != MOUNT_BIND && m->kind != MOUNT_FS)
		return spec_refuse(p->config, p->err, path, "cannot be idmapped");
	if (!own && !plan_has_ns(plan, CLONE_NEWUSER))
		return spec_refuse(p->config, p->err, path,
				   "idmap needs uidMappings and gidMappings, or a user namespace");
	struct plan_idmap *map = arena_new(p->arena, struct plan_idmap);

	*map = own ? *plan_new_idmap(p->arena, &c->uid_mappings, &c->gid_mappings) : plan->idmap;
	m->idmap = map;
	return 0;
}

/*
 * The group of terminals, gid=5 in every engine's configuration, is not mapped in small user
 * namespaces; the kernel refuses the mount, and peers leave the option out.
 */
static void drop_unmapped_gid(const struct planner *p, const struct plan *plan,
			      struct plan_mount *m)
{
	size_t kept = 0;
	uint64_t gid;

	if (!str_eq(m->fstype, "devpts") || !(plan->unshare & CLONE_NEWUSER))
		return;
	for (size_t i = 0; i < m->data.n; i++) {
		const char *option = m->data.items[i];
		bool unmapped = str_has_prefix(option, "gid=") &&
				str_to_u64(option + 4, UINT32_MAX, &gid) == 0 &&
				plan_map_id(&p->config->linux->gid_mappings, gid) < 0;

		if (!unmapped)
			m->data.items[kept++] = option;
	}
	m->data.n = kept;
}

static int plan_mount(const struct planner *p, const struct plan *plan, size_t i,
		      struct plan_mount *m)
{
	const struct config_mount *c = &p->config->mounts.items[i];

	m->kind = kind_of(c);
	m->where = arena_printf(p->arena, "mounts[%zu] %.100s", i, c->destination);
	m->dest = c->destination;
	m->fstype = c->type;
	m->source = c->source;
	if (m->kind == MOUNT_BIND && c->source && c->source[0] && c->source[0] != '/')
		m->source = arena_printf(p->arena, "%s/%s", p->in->bundle, c->source);
	int r = check_destination(p, i, m);

	if (r == 0)
		r = check_source(p, i, m);
	if (r == 0)
		r = plan_options(p, i, c, m);
	if (r == 0)
		r = plan_mount_idmap(p, plan, i, m);
	if (r < 0)
		return r;
	complete_bind(m);
	drop_unmapped_gid(p, plan, m);
	add_label(p, p->config->linux ? p->config->linux->mount_label : NULL, m);
	m->real_dir = needs_real_dir(m);
	return 0;
}

/*
 * Last, so that no mount of the configuration's covers it; read-only, for the socket is all that is
 * wanted of it. Without mounts of its own the container could not see it.
 */
static void add_notify_dir(const struct planner *p, struct plan *plan)
{
	const uint64_t attr =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

	plan->notifies = p->in->notify_dir && plan_has_ns(plan, CLONE_NEWNS);
	if (!plan->notifies)
		return;
	plan->mounts[plan->nmounts++] = (struct plan_mount){
		.kind = MOUNT_BIND,
		.where = "NOTIFY_SOCKET: mount " NAMES_NOTIFY_DIR,
		.source = p->in->notify_dir,
		.dest = NAMES_NOTIFY_DIR,
		.place = NAMES_NOTIFY_DIR,
		.attr = { .set = attr, .mask = attr },
	};
}

int plan_mounts(const struct planner *p, struct plan *plan)
{
	plan->nmounts = p->config->mounts.n;
	plan->mounts = arena_new_n(p->arena, struct plan_mount, plan->nmounts + 1);
	for (size_t i = 0; i < plan->nmounts; i++) {
		int r = plan_mount(p, plan, i, &plan->mounts[i]);

		if (r < 0)
			return r;
	}
	add_notify_dir(p, plan);
	return 0;
}
