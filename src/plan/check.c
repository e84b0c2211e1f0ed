/* check.c - rules over several members of config.json, one small function each */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hull/path.h"
#include "hull/plan.h"
#include "hull/str.h"
#include "parts.h"

#define MAX_ID_LINES 340 /* user_namespaces(7) */
#define MAX_HOST_NAME 64 /* __NEW_UTS_LEN */

struct check {
	const struct config *c;
	const struct config_linux *l; /* never NULL: an empty one stands in */
	const struct plan_input *in;
	const struct host_facts *host;
	struct err *e;
	const char *process; /* where that object stands: "process", or "" in a file of its own */
};

/* "namespaces[3]" and the like, in a buffer that lasts until the next call in one expression. */
struct where {
	char text[160];
};

static struct where at(const char *list, size_t i, const char *member)
{
	struct where w;

	(void)snprintf(w.text, sizeof(w.text), "%s[%zu]%s", list, i, member);
	return w;
}

/* A member of the process object. */
static struct where in_process(const struct check *k, const char *format, size_t i)
{
	struct where w;
	size_t n = (size_t)snprintf(w.text, sizeof(w.text), "%s%s", k->process,
				    k->process[0] ? "." : "");

	(void)snprintf(w.text + n, sizeof(w.text) - n, "%.100s", format);
	if (i != SIZE_MAX)
		(void)str_append(w.text, sizeof(w.text), "[%zu]", i);
	return w;
}

#define MEMBER(k, name) in_process((k), (name), SIZE_MAX).text
#define REFUSE(k, path, ...) spec_refuse((k)->c, (k)->e, (path), __VA_ARGS__)

static const struct config_namespace *namespace_of(const struct check *k, unsigned type)
{
	for (size_t i = 0; i < k->l->namespaces.n; i++) {
		if (k->l->namespaces.items[i].type == type)
			return &k->l->namespaces.items[i];
	}
	return NULL;
}

static bool is_new(const struct config_namespace *ns)
{
	return ns && !str_or(ns->path, "")[0];
}

/* SemVer 2.0, "1.0.2-dev+x": three numbers without leading zeros, then identifiers and dots. */
static bool is_semver(const char *v)
{
	for (int i = 0; i < 3; i++) {
		size_t n = strspn(v, "0123456789");

		if (!n || (n > 1 && v[0] == '0'))
			return false;
		v += n;
		if (i < 2 && *v++ != '.')
			return false;
	}
	return !*v ||
	       (strchr("-+", *v) && v[1] &&
		!v[strspn(v, "-+.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")]);
}

/* Major version 1: unknown properties of later minors are ignored anyway. */
static int check_version(const struct check *k)
{
	const char *v = k->c->oci_version;

	if (!is_semver(v))
		return REFUSE(k, "ociVersion", "not a SemVer version: \"%.40s\"", v);
	if (!str_has_prefix(v, "1."))
		return REFUSE(k, "ociVersion",
			      "%.40s is not supported: hull knows " SPEC_VERSION_MIN
			      " to " SPEC_VERSION,
			      v);
	return 0;
}

static int check_root(const struct check *k)
{
	if (!k->c->root)
		return err_set(k->e, EINVAL, "root: is required");
	if (!k->c->root->path[0])
		return REFUSE(k, "root.path", "must not be empty");
	return 0;
}

static int check_namespaces(const struct check *k)
{
	unsigned seen = 0;

	for (size_t i = 0; i < k->l->namespaces.n; i++) {
		const struct config_namespace *ns = &k->l->namespaces.items[i];

		if (seen & ns->type)
			return REFUSE(k, at("linux.namespaces", i, ".type").text,
				      "the %s namespace is given twice",
				      spec_name_of(spec_namespaces, ns->type));
		seen |= ns->type;
		if (!is_new(ns) && ns->path[0] != '/')
			return REFUSE(k, at("linux.namespaces", i, ".path").text,
				      "must be an absolute path: \"%.100s\"", ns->path);
	}
	return 0;
}

static int check_id_list(const struct check *k, const struct config_idmaps *maps, const char *name)
{
	if (maps->n > MAX_ID_LINES)
		return REFUSE(k, name, "%zu ranges: the kernel takes at most %d", maps->n,
			      MAX_ID_LINES);
	return 0;
}

static int check_idmaps(const struct check *k)
{
	const struct config_namespace *user = namespace_of(k, CLONE_NEWUSER);
	size_t uids = k->l->uid_mappings.n, gids = k->l->gid_mappings.n;

	if (!user && (uids || gids))
		return REFUSE(k, uids ? "linux.uidMappings" : "linux.gidMappings",
			      "need a user namespace in linux.namespaces");
	if (is_new(user) && (!uids || !gids))
		return REFUSE(k, uids ? "linux.gidMappings" : "linux.uidMappings",
			      "a new user namespace needs both uidMappings and gidMappings");
	int r = check_id_list(k, &k->l->uid_mappings, "linux.uidMappings");

	return r < 0 ? r : check_id_list(k, &k->l->gid_mappings, "linux.gidMappings");
}

/* An id without a mapping does not exist inside; the kernel would say so late and namelessly. */
static int check_user(const struct check *k)
{
	const struct config_user *u = &k->c->process->user;

	if (!is_new(namespace_of(k, CLONE_NEWUSER)))
		return 0;
	if (plan_map_id(&k->l->uid_mappings, u->uid) < 0)
		return REFUSE(k, "process.user.uid", "%u is not in linux.uidMappings",
			      (unsigned)u->uid);
	if (plan_map_id(&k->l->gid_mappings, u->gid) < 0)
		return REFUSE(k, "process.user.gid", "%u is not in linux.gidMappings",
			      (unsigned)u->gid);
	for (size_t i = 0; i < u->additional_gids.n; i++) {
		if (plan_map_id(&k->l->gid_mappings, u->additional_gids.items[i]) < 0)
			return REFUSE(k, at("process.user.additionalGids", i, "").text,
				      "%u is not in linux.gidMappings",
				      (unsigned)u->additional_gids.items[i]);
	}
	return 0;
}

/* Everything but one's own processes needs privilege, which only a user namespace can give. */
static int check_rootless(const struct check *k)
{
	if (k->host->euid == 0 || namespace_of(k, CLONE_NEWUSER))
		return 0;
	return err_set(k->e, EPERM,
		       "linux.namespaces: an ordinary user needs a user namespace "
		       "(`hull spec --rootless` writes a configuration that has one)");
}

static int check_names(const struct check *k)
{
	const struct config_namespace *uts = namespace_of(k, CLONE_NEWUTS);

	if (k->c->hostname && !uts)
		return REFUSE(k, "hostname", "needs a uts namespace in linux.namespaces");
	if (k->c->domainname && !uts)
		return REFUSE(k, "domainname", "needs a uts namespace in linux.namespaces");
	if (strlen(str_or(k->c->hostname, "")) > MAX_HOST_NAME)
		return REFUSE(k, "hostname", "longer than %d bytes", MAX_HOST_NAME);
	if (strlen(str_or(k->c->domainname, "")) > MAX_HOST_NAME)
		return REFUSE(k, "domainname", "longer than %d bytes", MAX_HOST_NAME);
	return 0;
}

static int check_paths(const struct check *k, const struct strings *paths, const char *name)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (paths->items[i][0] != '/')
			return REFUSE(k, at(name, i, "").text,
				      "must be an absolute path: \"%.100s\"", paths->items[i]);
	}
	return 0;
}

/* What changes mounts would change the host's without a namespace of the container's own. */
static int check_mount_namespace(const struct check *k)
{
	if (namespace_of(k, CLONE_NEWNS)) {
		int r = check_paths(k, &k->l->masked_paths, "linux.maskedPaths");

		return r < 0 ? r : check_paths(k, &k->l->readonly_paths, "linux.readonlyPaths");
	}
	static const char why[] = "needs a mount namespace in linux.namespaces";

	if (k->c->mounts.n)
		return REFUSE(k, "mounts", why);
	if (k->l->masked_paths.n)
		return REFUSE(k, "linux.maskedPaths", why);
	if (k->l->readonly_paths.n)
		return REFUSE(k, "linux.readonlyPaths", why);
	if (k->c->root->readonly)
		return REFUSE(k, "root.readonly", why);
	return 0;
}

/*
 * A mount below /proc hides what hull and the LSMs write there (CVE-2019-16884, CVE-2025-52881);
 * these files are what lxcfs and the like put a container's own view on.
 */
static int check_proc_mounts(const struct check *k)
{
	static const char *const allowed[] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/meminfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/uptime",
		"/proc/loadavg",
		"/proc/slabinfo",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/sys/crypto/fips_enabled",
	};

	for (size_t i = 0; i < k->c->mounts.n; i++) {
		const char *given = k->c->mounts.items[i].destination;
		char dest[PATH_MAX];

		if (path_clean(given, dest, sizeof(dest)) < 0)
			return REFUSE(k, at("mounts", i, ".destination").text, "%.100s: %s", given,
				      err_text(ENAMETOOLONG));
		bool ok = !str_has_prefix(dest, "/proc/");

		for (size_t n = 0; !ok && n < ARRAY_SIZE(allowed); n++)
			ok = !strcmp(dest, allowed[n]);
		if (!ok)
			return REFUSE(k, at("mounts", i, ".destination").text,
				      "%.100s cannot be mounted: it is inside /proc", given);
	}
	return 0;
}

static int check_mounts(const struct check *k)
{
	for (size_t i = 0; i < k->c->mounts.n; i++) {
		const struct config_mount *m = &k->c->mounts.items[i];

		if (!m->destination[0])
			return REFUSE(k, at("mounts", i, ".destination").text, "must not be empty");
		if (!m->uid_mappings.n != !m->gid_mappings.n)
			return REFUSE(k, at("mounts", i, "").text,
				      "uidMappings and gidMappings must be given together");
		int r = check_id_list(k, &m->uid_mappings, at("mounts", i, ".uidMappings").text);

		if (r == 0)
			r = check_id_list(k, &m->gid_mappings,
					  at("mounts", i, ".gidMappings").text);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_devices(const struct check *k)
{
	for (size_t i = 0; i < k->l->devices.n; i++) {
		const struct config_device *d = &k->l->devices.items[i];

		if (d->type != S_IFIFO && (!d->major.set || !d->minor.set))
			return REFUSE(k, at("linux.devices", i, "").text,
				      "major and minor are required for a %s device",
				      d->type == S_IFBLK ? "block" : "character");
	}
	return 0;
}

static int check_env(const struct check *k, const struct strings *env)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->items[i], '=');

		/* the value may be a secret: never print it */
		if (!equals || equals == env->items[i])
			return REFUSE(k, in_process(k, "env", i).text,
				      "is not of the form NAME=value");
	}
	return 0;
}

static int check_rlimits(const struct check *k, const struct config_rlimits *limits)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < limits->n; i++) {
		const struct config_rlimit *r = &limits->items[i];
		const char *name = spec_name_of(spec_rlimits, r->type);

		if (seen >> r->type & 1)
			return REFUSE(k, in_process(k, "rlimits", i).text, "%s is given twice",
				      name);
		seen |= 1ULL << r->type;
		if (r->soft > r->hard)
			return REFUSE(k, in_process(k, "rlimits", i).text,
				      "%s: the soft limit is above the hard one", name);
	}
	return 0;
}

/* sched(7): which numbers belong to which policy. */
static int check_scheduler(const struct check *k, const struct config_scheduler *s)
{
	static const char wrong[] = "is not for %s";
	const char *name = s ? spec_name_of(spec_schedulers, s->policy) : NULL;

	if (!s)
		return 0;
	if (s->priority.set && s->priority.value && !str_eq(name, "SCHED_FIFO") &&
	    !str_eq(name, "SCHED_RR"))
		return REFUSE(k, MEMBER(k, "scheduler.priority"), wrong, name);
	if ((s->runtime.set || s->deadline.set || s->period.set) && !str_eq(name, "SCHED_DEADLINE"))
		return REFUSE(k, MEMBER(k, "scheduler"),
			      "runtime, deadline and period are not for %s", name);
	return 0;
}

static int check_cpu_list(const struct check *k, const char *list, const char *member)
{
	unsigned long mask[8192 / (8 * sizeof(unsigned long))];

	if (str_to_mask(list, mask, 8192) < 0)
		return REFUSE(k, MEMBER(k, member), "not a list of CPUs: \"%.60s\"", list);
	return 0;
}

static int check_process(const struct check *k)
{
	const struct config_process *p = k->c->process;

	if (!p)
		return err_set(k->e, EINVAL, "process: is required");
	if (!p->args.n || !p->args.items[0][0])
		return REFUSE(k, MEMBER(k, "args"), "args must not be empty");
	if (p->cwd[0] != '/')
		return REFUSE(k, MEMBER(k, "cwd"), "Cwd must be an absolute path: \"%.100s\"",
			      p->cwd);
	int r = check_env(k, &p->env);

	if (r == 0)
		r = check_rlimits(k, &p->rlimits);
	if (r == 0)
		r = check_scheduler(k, p->scheduler);
	if (r == 0 && p->exec_cpu_affinity)
		r = check_cpu_list(k, p->exec_cpu_affinity->initial, "execCPUAffinity.initial");
	if (r == 0 && p->exec_cpu_affinity)
		r = check_cpu_list(k, p->exec_cpu_affinity->final, "execCPUAffinity.final");
	return r;
}

static int check_labels(const struct check *k)
{
	const char *profile = str_or(k->c->process->apparmor_profile, "");

	if (profile[0] && !str_eq(profile, "unconfined") && !k->host->apparmor)
		return REFUSE(k, "process.apparmorProfile", "this host has no AppArmor");
	if (str_or(k->c->process->selinux_label, "")[0] && !k->host->selinux)
		return REFUSE(k, "process.selinuxLabel", "this host has no SELinux");
	if (str_or(k->l->mount_label, "")[0] && !k->host->selinux)
		return REFUSE(k, "linux.mountLabel", "this host has no SELinux");
	return 0;
}

/* mount(8): the mount options of SELinux */
static int check_context_type(const struct check *k)
{
	static const char *const types[] = { "context", "fscontext", "defcontext", "rootcontext" };
	const char *type = spec_annotation(k->c, "run.oci.mount_context_type");

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!type || str_eq(type, types[i]))
			return 0;
	}
	return REFUSE(k, "annotations.run.oci.mount_context_type",
		      "must be context, fscontext, defcontext or rootcontext: \"%.60s\"", type);
}

static bool has_name(const struct strings *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_eq(names->items[i], name))
			return true;
	}
	return false;
}

static bool takes_errno(unsigned action)
{
	return action == SECCOMP_ACT_ERRNO || action == SECCOMP_ACT_TRACE;
}

static int check_seccomp(const struct check *k)
{
	const struct config_seccomp *s = k->l->seccomp;

	if (!s)
		return 0;
	if (s->default_errno_ret.set && !takes_errno(s->default_action))
		return REFUSE(k, "linux.seccomp.defaultErrnoRet",
			      "the default action takes no number");
	if (s->listener_metadata && !s->listener_path)
		return REFUSE(k, "linux.seccomp.listenerMetadata", "needs listenerPath");
	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct config_syscall *c = &s->syscalls.items[i];

		if (!c->names.n)
			return REFUSE(k, at("linux.seccomp.syscalls", i, ".names").text,
				      "needs at least one name");
		if (c->errno_ret.set && !takes_errno(c->action))
			return REFUSE(k, at("linux.seccomp.syscalls", i, ".errnoRet").text,
				      "the action takes no number");
		if (c->action == SECCOMP_ACT_NOTIFY && has_name(&c->names, "write"))
			return REFUSE(k, at("linux.seccomp.syscalls", i, ".action").text,
				      "SCMP_ACT_NOTIFY cannot be used for write");
	}
	if (s->default_action == SECCOMP_ACT_NOTIFY)
		return REFUSE(k, "linux.seccomp.defaultAction",
			      "SCMP_ACT_NOTIFY cannot be used as default action");
	if (plan_filter_notifies(s) && !plan_listener_path(k->c))
		return REFUSE(k, "linux.seccomp", "SCMP_ACT_NOTIFY needs listenerPath");
	return 0;
}

/* config-linux.md, "Personality": no flag values are supported. */
static int check_personality(const struct check *k)
{
	const struct config_personality *p = k->l->personality;

	if (p && p->flags.n)
		return REFUSE(k, "linux.personality.flags[0]", "unknown value \"%.100s\"",
			      p->flags.items[0]);
	return 0;
}

static int check_time(const struct check *k)
{
	const struct config_time_offsets *t = k->l->time_offsets;

	if (t && !is_new(namespace_of(k, CLONE_NEWTIME)))
		return REFUSE(k, "linux.timeOffsets", "needs a new time namespace");
	return 0;
}

/* dev_valid_name() of the kernel: what it refuses has one word for all of it there. */
static int check_net_name(const struct check *k, const char *key, const char *name)
{
	char where[160];

	(void)snprintf(where, sizeof(where), "linux.netDevices.%.100s", key);
	if (!name[0] || strlen(name) >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, "..") ||
	    name[strcspn(name, "/: \t\n\v\f\r")])
		return REFUSE(k, where, "not the name of a network device: \"%.40s\"", name);
	return 0;
}

static int check_net_devices(const struct check *k)
{
	const struct config_net_devices *d = &k->l->net_devices;

	if (!d->n)
		return 0;
	if (!namespace_of(k, CLONE_NEWNET))
		return REFUSE(k, "linux.netDevices",
			      "needs a network namespace in linux.namespaces");
	if (k->host->euid != 0 || k->host->in_userns)
		return REFUSE(k, "linux.netDevices", "only root of the host can move its devices");
	for (size_t i = 0; i < d->n; i++) {
		int r = check_net_name(k, d->items[i].key, d->items[i].key);

		if (r == 0 && d->items[i].name)
			r = check_net_name(k, d->items[i].key, d->items[i].name);
		if (r < 0)
			return r;
	}
	return 0;
}

/* config-linux.md, "Block IO": from 10 to 1000; 0 is what callers write for none. */
static int check_weight(const struct check *k, const char *path, const struct opt_u64 *weight)
{
	if (!weight->set || !weight->value || (weight->value >= 10 && weight->value <= 1000))
		return 0;
	return REFUSE(k, path, "must be from 10 to 1000");
}

static int check_pids(const struct check *k)
{
	const struct config_pids *p = k->l->resources ? k->l->resources->pids : NULL;

	if (p && p->limit.set && p->limit.value < -1)
		return REFUSE(k, "linux.resources.pids.limit", "below -1, which means no limit");
	return 0;
}

static int check_block_io(const struct check *k)
{
	const struct config_block_io *b = k->l->resources ? k->l->resources->block_io : NULL;
	int r = b ? check_weight(k, "linux.resources.blockIO.weight", &b->weight) : 0;

	if (r == 0 && b)
		r = check_weight(k, "linux.resources.blockIO.leafWeight", &b->leaf_weight);
	if (r < 0)
		return r;

	for (size_t i = 0; b && i < b->weight_device.n; i++) {
		const struct config_weight_device *d = &b->weight_device.items[i];

		if (!d->weight.set && !d->leaf_weight.set)
			return REFUSE(k, at("linux.resources.blockIO.weightDevice", i, "").text,
				      "weight or leafWeight is required");
	}
	return 0;
}

static int check_intel_rdt(const struct check *k)
{
	const struct config_intel_rdt *r = k->l->intel_rdt;

	if (!r)
		return 0;
	if (r->mem_bw_schema &&
	    (!str_has_prefix(r->mem_bw_schema, "MB:") || strchr(r->mem_bw_schema, '\n')))
		return REFUSE(k, "linux.intelRdt.memBwSchema",
			      "must be one line that begins with MB: \"%.60s\"", r->mem_bw_schema);
	for (size_t i = 0; i < r->schemata.n; i++) {
		if (strchr(r->schemata.items[i], '\n') || !strchr(r->schemata.items[i], ':'))
			return REFUSE(k, at("linux.intelRdt.schemata", i, "").text,
				      "must be one line of the form RESOURCE:values");
	}
	return 0;
}

int plan_check(const struct config *c, const struct plan_input *in, const struct host_facts *host,
	       struct err *e)
{
	static const struct config_linux none = { 0 };
	static int (*const rules[])(const struct check *) = {
		check_version,      check_root,        check_process,     check_namespaces,
		check_idmaps,       check_rootless,    check_names,       check_mount_namespace,
		check_mounts,       check_proc_mounts, check_devices,     check_labels,
		check_seccomp,      check_time,        check_net_devices, check_intel_rdt,
		check_block_io,     check_pids,        check_user,        check_personality,
		check_context_type,
	};
	const struct check k = { c, c->linux ? c->linux : &none, in, host, e, "process" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rules); i++)
		r = rules[i](&k);
	return r;
}

int plan_check_resources(const struct config *c, struct err *e)
{
	const struct check k = { .c = c, .l = c->linux, .e = e };
	int r = check_block_io(&k);

	return r < 0 ? r : check_pids(&k);
}

int plan_check_process(const struct config *c, const char *path, struct err *e)
{
	const struct check k = { .c = c, .e = e, .process = path };

	return check_process(&k);
}
