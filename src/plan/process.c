/* process.c - one process: identity, environment, limits */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "hull/log.h"
#include "hull/names.h"
#include "hull/str.h"
#include "parts.h"

#define DEFAULT_UMASK 0022 /* as both peers; the specification leaves it open */

/*
 * A name that does not exist and a capability that cannot be given are warnings (config.md,
 * "Linux Process": the runtime MUST log a warning and SHOULD NOT fail).
 */
static uint64_t caps_set(const struct strings *names, const char *set, uint64_t grantable)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < names->n; i++) {
		int cap = caps_from_name(names->items[i]);

		if (cap < 0)
			log_warn("process.capabilities.%s[%zu]: unknown capability %s is ignored",
				 set, i, names->items[i]);
		else if (!(grantable >> cap & 1))
			log_warn("process.capabilities.%s[%zu]: %s cannot be given and is ignored",
				 set, i, names->items[i]);
		else
			caps |= 1ULL << cap;
	}
	return caps;
}

static uint64_t within(uint64_t caps, uint64_t limit, const char *set, const char *of)
{
	if (caps & ~limit)
		log_warn("process.capabilities.%s: what is not in %s too is ignored", set, of);
	return caps & limit;
}

static void plan_caps(const struct config_capabilities *c, uint64_t grantable,
		      struct caps_sets *ret)
{
	if (!c)
		return; /* none at all */
	ret->bounding = caps_set(&c->bounding, "bounding", grantable);
	ret->permitted = caps_set(&c->permitted, "permitted", grantable);
	ret->effective = caps_set(&c->effective, "effective", grantable);
	ret->inheritable = caps_set(&c->inheritable, "inheritable", grantable);
	ret->ambient = caps_set(&c->ambient, "ambient", grantable);
	ret->effective = within(ret->effective, ret->permitted, "effective", "permitted");
	ret->ambient = within(ret->ambient, ret->permitted, "ambient", "permitted");
	ret->ambient = within(ret->ambient, ret->inheritable, "ambient", "inheritable");
}

/* Return: whether @env sets @name to something; of several the last stands. */
static bool env_has(const struct strings *env, const char *name)
{
	size_t n = strlen(name);
	bool has = false;

	for (size_t i = 0; i < env->n; i++) {
		if (!strncmp(env->items[i], name, n) && env->items[i][n] == '=')
			has = env->items[i][n + 1] != '\0';
	}
	return has;
}

/* An environment being made; @slots is a hash table of places in @vars, counted from 1. */
struct environment {
	char **vars;
	size_t n, mask;
	uint32_t *slots;
};

/* FNV-1a, of the name alone. */
static size_t hash_name(const char *entry)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *entry && *entry != '='; entry++)
		h = (h ^ (unsigned char)*entry) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strcspn(b, "=") == n && !memcmp(a, b, n);
}

/* Of variables given twice the last stands, as runc has it and a shell would. */
static void put_env(struct environment *env, const char *entry)
{
	size_t slot = hash_name(entry) & env->mask;

	while (env->slots[slot] && !same_name(env->vars[env->slots[slot] - 1], entry))
		slot = (slot + 1) & env->mask;
	if (!env->slots[slot])
		env->slots[slot] = (uint32_t)++env->n;
	env->vars[env->slots[slot] - 1] = (char *)entry;
}

static struct environment new_env(struct arena *a, size_t vars)
{
	size_t slots = 16;

	while (slots < 2 * vars)
		slots *= 2;
	return (struct environment){ .vars = arena_new_n(a, char *, vars),
				     .mask = slots - 1,
				     .slots = arena_new_n(a, uint32_t, slots) };
}

/* New or joined. */
static bool has_ns(const struct planner *p, unsigned type)
{
	const struct config_linux *l = p->config->linux;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		if (l->namespaces.items[i].type == type)
			return true;
	}
	return false;
}

/*
 * sd_listen_fds(3). LISTEN_PID is the payload's own pid: the gate, which is the payload's process,
 * puts it in the place of what is written here.
 */
static void put_listen_env(const struct planner *p, struct environment *env)
{
	if (!p->in->listen_fds)
		return;
	put_env(env, arena_printf(p->arena, "LISTEN_FDS=%u", p->in->listen_fds));
	put_env(env, arena_strdup(p->arena, "LISTEN_PID=1"));
	if (p->in->listen_fdnames)
		put_env(env, arena_printf(p->arena, "LISTEN_FDNAMES=%s", p->in->listen_fdnames));
}

static void plan_strings(const struct planner *p, const struct config_process *c,
			 struct plan_process *ret)
{
	/* room for LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES, NOTIFY_SOCKET, HOME of init's, NULL */
	struct environment env = new_env(p->arena, c->env.n + 6);

	for (size_t i = 0; i < c->env.n; i++)
		put_env(&env, c->env.items[i]);
	put_listen_env(p, &env);
	if (p->in->notify_dir && has_ns(p, CLONE_NEWNS))
		put_env(&env, "NOTIFY_SOCKET=" NAMES_NOTIFY_DIR "/" NAMES_NOTIFY_SOCKET);
	ret->envp = env.vars; /* ended by NULL in the zeroed array */
	ret->has_home = env_has(&c->env, "HOME");
	ret->argv = arena_new_n(p->arena, char *, c->args.n + 1);
	for (size_t i = 0; i < c->args.n; i++)
		ret->argv[i] = (char *)c->args.items[i];
}

static void plan_groups(const struct planner *p, const struct config_user *u,
			struct plan_process *ret)
{
	ret->uid = (uid_t)u->uid;
	ret->gid = (gid_t)u->gid;
	ret->ngroups = u->additional_gids.n;
	ret->groups = arena_new_n(p->arena, gid_t, ret->ngroups + 1);
	for (size_t i = 0; i < ret->ngroups; i++)
		ret->groups[i] = (gid_t)u->additional_gids.items[i];
	ret->keep_groups = str_eq(spec_annotation(p->config, "run.oci.keep_original_groups"), "1");
}

/* What hull itself may give; inside a user namespace of the container's everything is there. */
static uint64_t grantable_caps(const struct planner *p)
{
	uint64_t known = p->host->last_cap >= 63 ? ~0ULL : (2ULL << p->host->last_cap) - 1;

	return has_ns(p, CLONE_NEWUSER) ? known : known & p->host->permitted;
}

/* "unconfined" is a profile to leave one's own for, and no wish where there are none. */
static const char *apparmor_of(const struct config_process *process, const struct host_facts *host)
{
	bool nothing = str_eq(process->apparmor_profile, "unconfined") && !host->apparmor;

	return nothing ? NULL : process->apparmor_profile;
}

int plan_build_process(struct arena *a, const struct config *c,
		       const struct config_process *process, const struct plan_input *in,
		       const struct host_facts *host, struct plan_process *ret, struct err *e)
{
	const struct planner p = { a, c, in, host, e };
	struct plan_process out = {
		.terminal = process->terminal,
		.console_size = process->console_size,
		.cwd = process->cwd,
		.umask =
			process->user.umask.set ? (mode_t)process->user.umask.value : DEFAULT_UMASK,
		.no_new_privileges = process->no_new_privileges,
		.apparmor = apparmor_of(process, host),
		.selinux = process->selinux_label,
		.rlimits = process->rlimits,
		.oom_score_adj = process->oom_score_adj,
		.scheduler = process->scheduler,
		.io_priority = process->io_priority,
		.memory_policy = c->linux ? c->linux->memory_policy : NULL,
		.exec_cpu_affinity = process->exec_cpu_affinity,
		.preserve_fds = in->preserve_fds,
		.listens = in->listen_fds,
	};

	plan_groups(&p, &process->user, &out);
	plan_strings(&p, process, &out);
	plan_caps(process->capabilities, grantable_caps(&p), &out.caps);
	*ret = out;
	return 0;
}
