/* sysctl.c - which kernel parameters a container may set, and where they are */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "hull/str.h"
#include "parts.h"

/* sysctl.d(5): when the first separator is a slash it is a path; else dots and slashes swap. */
char *sysctl_to_path(struct arena *a, const char *key)
{
	char *path = arena_strdup(a, key);
	size_t first = strcspn(key, "./");

	if (key[first] == '.') {
		for (char *c = path; *c; c++) {
			if (*c == '.')
				*c = '/';
			else if (*c == '/')
				*c = '.';
		}
	}
	for (const char *c = path;; c++) { /* each component */
		size_t n = strcspn(c, "/");

		if (n == 0 || (n == 1 && c[0] == '.') || (n == 2 && c[0] == '.' && c[1] == '.'))
			return NULL;
		c += n;
		if (!*c)
			return path;
	}
}

/* The parameters that belong to one namespace: Documentation/admin-guide/sysctl of the kernel. */
static const struct {
	const char *path; /* a trailing slash takes everything below */
	unsigned ns;
	const char *ns_name;
} namespaced[] = {
	{ "net/", CLONE_NEWNET, "network" },
	{ "fs/mqueue/", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmnb", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmni", CLONE_NEWIPC, "ipc" },
	{ "kernel/sem", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmall", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmni", CLONE_NEWIPC, "ipc" },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC, "ipc" },
	{ "kernel/domainname", CLONE_NEWUTS, "uts" },
	{ "user/", CLONE_NEWUSER, "user" },
};

static int check_key(const struct planner *p, const struct plan *plan, struct plan_sysctl *s)
{
	const char *where = arena_printf(p->arena, "linux.sysctl.%s", s->key);
	const char *path = s->path;

	if (!path)
		return spec_refuse(p->config, p->err, where, "not the name of a kernel parameter");
	if (!strcmp(path, "kernel/hostname"))
		return spec_refuse(p->config, p->err, where, "set \"hostname\" instead");
	for (size_t i = 0; i < ARRAY_SIZE(namespaced); i++) {
		bool match = str_has_suffix(namespaced[i].path, "/")
				     ? str_has_prefix(path, namespaced[i].path)
				     : !strcmp(path, namespaced[i].path);

		s->ns = namespaced[i].ns;
		if (match && plan_has_ns(plan, s->ns))
			return 0;
		if (match)
			return spec_refuse(
				p->config, p->err, where,
				"needs a separate %s namespace, for the host's would change",
				namespaced[i].ns_name);
	}
	return spec_refuse(p->config, p->err, where,
			   "not in a separate kernel namespace: it would change the host");
}

int plan_sysctls(const struct planner *p, struct plan *plan)
{
	if (!p->config->linux)
		return 0;
	const struct pairs *in = &p->config->linux->sysctl;

	plan->sysctls = arena_new_n(p->arena, struct plan_sysctl, in->n + 1);
	for (size_t i = 0; i < in->n; i++) {
		struct plan_sysctl *s = &plan->sysctls[plan->nsysctls++];

		s->key = in->items[i].key;
		s->value = in->items[i].value;
		s->path = sysctl_to_path(p->arena, s->key);
		int r = check_key(p, plan, s);

		if (r < 0)
			return r;
	}
	return 0;
}
