/* plan_dump.c - a plan as text, for the golden files in tests/data/plans */
#include "plan_dump.h"

#include <inttypes.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hull/str.h"
#include "unit.h"

static void put_text(FILE *out, const char *name, const char *value)
{
	if (value)
		(void)fprintf(out, "%s: %s\n", name, value);
}

static void put_flag(FILE *out, const char *name, bool value)
{
	if (value)
		(void)fprintf(out, "%s\n", name);
}

static void put_strings(FILE *out, const char *name, const struct strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		put_text(out, name, s->items[i]);
}

static void put_namespaces(FILE *out, const struct plan *p)
{
	(void)fprintf(out, "new namespaces:");
	for (const struct spec_name *n = spec_namespaces; n->name; n++) {
		if (p->unshare & n->value)
			(void)fprintf(out, " %s", n->name);
	}
	(void)fprintf(out, "\n");
	for (size_t i = 0; i < p->njoins; i++)
		(void)fprintf(out, "join: %s %s\n", spec_name_of(spec_namespaces, p->joins[i].type),
			      p->joins[i].path);
}

static void put_lines(FILE *out, const char *name, const char *lines)
{
	for (const char *line = lines; line && *line; line += strcspn(line, "\n") + 1)
		(void)fprintf(out, "%s: %.*s\n", name, (int)strcspn(line, "\n"), line);
}

static void put_idmap(FILE *out, const struct plan_idmap *m)
{
	if (!m->uid_map)
		return;
	put_lines(out, "uid map", m->uid_map);
	put_lines(out, "gid map", m->gid_map);
	(void)fprintf(out, "root inside: %u:%u\n", m->root_uid, m->root_gid);
}

static void put_attr(FILE *out, const char *name, const struct mnt_attr *a)
{
	static const struct spec_name bits[] = {
		{ "ro", MOUNT_ATTR_RDONLY },
		{ "nosuid", MOUNT_ATTR_NOSUID },
		{ "nodev", MOUNT_ATTR_NODEV },
		{ "noexec", MOUNT_ATTR_NOEXEC },
		{ "nodiratime", MOUNT_ATTR_NODIRATIME },
		{ "nosymfollow", MNT_ATTR_NOSYMFOLLOW },
		{ "noatime", MOUNT_ATTR_NOATIME },
		{ "strictatime", MOUNT_ATTR_STRICTATIME },
		{ "relatime", MNT_ATTR_RELATIME },
		{ NULL, 0 },
	};

	if (!a->mask)
		return;
	(void)fprintf(out, "    %s:", name);
	for (const struct spec_name *b = bits; b->name; b++) {
		if (a->mask & b->value)
			(void)fprintf(out, " %s%s", a->set & b->value ? "+" : "-", b->name);
	}
	(void)fprintf(out, "\n");
}

static void put_mount(FILE *out, const struct plan_mount *m)
{
	static const char *const kinds[] = { "bind", "filesystem", "cgroup", "remount" };

	(void)fprintf(out, "%s: %s%s\n", m->where, m->recursive ? "recursive " : "",
		      kinds[m->kind]);
	put_text(out, "    destination", m->dest);
	put_text(out, "    type", m->fstype);
	put_text(out, "    source", m->source);
	put_attr(out, "attributes", &m->attr);
	put_attr(out, "attributes of the tree", &m->rattr);
	put_attr(out, "cleared if possible", &(struct mnt_attr){ .mask = m->implied });
	for (size_t i = 0; i < m->propagation.n; i++)
		put_text(out, "    propagation",
			 spec_name_of(spec_propagations, m->propagation.items[i]));
	put_strings(out, "    data", &m->data);
	put_flag(out, "    copies up", m->tmpcopyup);
	put_flag(out, "    real directory only", m->real_dir);
}

static void put_device(FILE *out, const struct plan_device *d)
{
	char type = S_ISCHR(d->mode) ? 'c' : S_ISBLK(d->mode) ? 'b' : S_ISFIFO(d->mode) ? 'p' : '?';

	(void)fprintf(out, "device: %s %c %u:%u mode %04o owner %u:%u\n", d->path, type,
		      major(d->dev), minor(d->dev), d->mode & 07777, d->uid, d->gid);
}

static void put_number(FILE *out, const struct opt_i64 *n)
{
	if (n->set)
		(void)fprintf(out, "%" PRId64, n->value);
	else
		(void)fputc('*', out);
}

static void put_rule(FILE *out, const struct config_device_rule *r)
{
	(void)fprintf(out, "device rule: %s %c ", r->allow ? "allow" : "deny", (char)r->type);
	put_number(out, &r->major);
	(void)fputc(':', out);
	put_number(out, &r->minor);
	(void)fprintf(out, " %s%s%s\n", r->access & DEVICE_READ ? "r" : "",
		      r->access & DEVICE_WRITE ? "w" : "", r->access & DEVICE_MKNOD ? "m" : "");
}

static void put_cgroup(FILE *out, const struct plan_cgroup *c)
{
	put_text(out, "cgroup", c->path);
	put_flag(out, "cgroup by systemd", c->systemd);
	put_flag(out, "no cgroup", c->disabled);
	put_flag(out, "cgroup may be missing", c->optional);
	put_flag(out, "limits", c->resources);
	if (c->delegate_uid != (uid_t)-1)
		(void)fprintf(out, "cgroup belongs to: %u\n", c->delegate_uid);
	for (size_t i = 0; i < c->devices.n; i++)
		put_rule(out, &c->devices.items[i]);
}

static void put_caps(FILE *out, const struct caps_sets *c)
{
	(void)fprintf(out,
		      "capabilities: bounding %" PRIx64 " permitted %" PRIx64 " effective %" PRIx64
		      " inheritable %" PRIx64 " ambient %" PRIx64 "\n",
		      c->bounding, c->permitted, c->effective, c->inheritable, c->ambient);
}

static void put_list(FILE *out, const char *name, char *const *list)
{
	for (; *list; list++)
		put_text(out, name, *list);
}

static void put_process(FILE *out, const struct plan_process *p)
{
	put_list(out, "argument", p->argv);
	put_list(out, "environment", p->envp);
	put_text(out, "directory", p->cwd);
	put_flag(out, "terminal", p->terminal);
	if (p->console_size)
		(void)fprintf(out, "console: %" PRIu64 " rows %" PRIu64 " columns\n",
			      p->console_size->height, p->console_size->width);
	(void)fprintf(out, "user: %u:%u umask %04o\n", p->uid, p->gid, p->umask);
	for (size_t i = 0; i < p->ngroups; i++)
		(void)fprintf(out, "group: %u\n", p->groups[i]);
	put_flag(out, "keeps the caller's groups", p->keep_groups);
	put_caps(out, &p->caps);
	put_flag(out, "no new privileges", p->no_new_privileges);
	put_text(out, "apparmor", p->apparmor);
	put_text(out, "selinux", p->selinux);
	for (size_t i = 0; i < p->rlimits.n; i++)
		(void)fprintf(out, "limit: %s %" PRIu64 " %" PRIu64 "\n",
			      spec_name_of(spec_rlimits, p->rlimits.items[i].type),
			      p->rlimits.items[i].soft, p->rlimits.items[i].hard);
	if (p->oom_score_adj.set)
		(void)fprintf(out, "oom score: %" PRId64 "\n", p->oom_score_adj.value);
	/* what it says depends on libseccomp's version: test_filter.c looks into it */
	if (p->filter.bpf)
		(void)fprintf(out, "filter: flags %#x\n", p->filter.flags);
	if (p->preserve_fds)
		(void)fprintf(out, "descriptors passed: %u\n", p->preserve_fds);
}

void plan_dump(FILE *out, const struct plan *p)
{
	put_text(out, "id", p->id);
	put_text(out, "bundle", p->bundle);
	put_text(out, "root", p->rootfs);
	put_flag(out, "root is read-only", p->rootfs_readonly);
	put_namespaces(out, p);
	put_idmap(out, &p->idmap);
	(void)fprintf(out, "propagation: %s%s\n",
		      spec_name_of(spec_propagations, p->root_propagation),
		      p->set_root_propagation ? ", as asked for" : "");
	put_flag(out, "no pivot", p->no_pivot);
	put_flag(out, "no new keyring", p->no_new_keyring);
	put_text(out, "host name", p->hostname);
	put_text(out, "domain name", p->domainname);
	put_text(out, "mount label", p->mount_label);
	for (size_t i = 0; i < p->nmounts; i++)
		put_mount(out, &p->mounts[i]);
	for (size_t i = 0; i < p->devices.n; i++)
		put_device(out, &p->devices.items[i]);
	for (size_t i = 0; i < p->nlinks; i++)
		(void)fprintf(out, "link: %s -> %s\n", p->links[i].path, p->links[i].target);
	put_strings(out, "masked", &p->masked);
	put_strings(out, "read-only", &p->readonly);
	for (size_t i = 0; i < p->nsysctls; i++)
		(void)fprintf(out, "sysctl: %s (%s) = %s\n", p->sysctls[i].path, p->sysctls[i].key,
			      p->sysctls[i].value);
	put_cgroup(out, &p->cgroup);
	put_process(out, &p->process);
}
