/* rdt.c - resctrl groups; Documentation/arch/x86/resctrl.rst of the kernel */
#include "hull/rdt.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"

#define MAX_SCHEMATA 8192

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool has_schemata(const struct config_intel_rdt *c)
{
	return str_or(c->l3_cache_schema, "")[0] || str_or(c->mem_bw_schema, "")[0] ||
	       c->schemata.n;
}

/* A class is one directory below resctrl's root; the root itself is the default class. */
static int check_clos_id(const char *id, struct err *e)
{
	if (!id[0] ||
	    (strcmp(id, "/") != 0 && (strchr(id, '/') || !strcmp(id, ".") || !strcmp(id, ".."))))
		return err_set(e, EINVAL,
			       "linux.intelRdt.closID: not the name of a class: \"%.60s\"", id);
	return 0;
}

int rdt_prepare(struct arena *a, const char *base, const struct config *c, const char *id,
		struct rdt **ret, struct err *e)
{
	const struct config_intel_rdt *rdt = c->linux ? c->linux->intel_rdt : NULL;

	*ret = NULL;
	if (!rdt)
		return 0;
	if (rdt->clos_id && check_clos_id(rdt->clos_id, e) < 0)
		return -EINVAL;
	if (!exists(arena_printf(a, "%s/schemata", base)))
		return err_set(e, ENODEV, "linux.intelRdt: resctrl is not mounted at %s", base);
	struct rdt *r = arena_new(a, struct rdt);

	r->clos = str_eq(rdt->clos_id, "/")
			  ? arena_strdup(a, base)
			  : arena_printf(a, "%s/%s", base, str_or(rdt->clos_id, id));
	r->made_clos = !rdt->clos_id && !exists(r->clos);
	if (rdt->enable_monitoring)
		r->monitor = arena_printf(a, "%s/mon_groups/%s", r->clos, id);
	r->made_monitor = r->monitor && !exists(r->monitor);
	if (rdt->clos_id && !has_schemata(rdt) && !exists(r->clos))
		return err_set(e, ENOENT,
			       "linux.intelRdt.closID: %s does not exist, and no schemata say "
			       "what it should be",
			       r->clos);
	*ret = r;
	return 0;
}

/* Calls @take for each line asked for. MB lines in l3CacheSchema do not count, as in peers. */
static int each_line(const struct config_intel_rdt *c,
		     int (*take)(void *arg, const char *line, struct err *e), void *arg,
		     struct err *e)
{
	char line[MAX_SCHEMATA];
	int r = 0;

	for (const char *p = str_or(c->l3_cache_schema, ""); r == 0 && *p;) {
		size_t n = strcspn(p, "\n");

		if ((size_t)snprintf(line, sizeof(line), "%.*s", (int)n, p) >= sizeof(line))
			return err_sys(e, E2BIG, "linux.intelRdt: \"%.100s\"", line);
		if (n && !str_has_prefix(line, "MB:"))
			r = take(arg, line, e);
		p += n + (p[n] == '\n');
	}
	if (r == 0 && str_or(c->mem_bw_schema, "")[0])
		r = take(arg, c->mem_bw_schema, e);
	for (size_t i = 0; r == 0 && i < c->schemata.n; i++)
		r = take(arg, c->schemata.items[i], e);
	return r;
}

static int write_line(void *arg, const char *line, struct err *e)
{
	const char *clos = arg;
	char path[4096], text[MAX_SCHEMATA + 1]; /* no more of it is read, either */

	(void)snprintf(path, sizeof(path), "%s/schemata", clos);
	if ((size_t)snprintf(text, sizeof(text), "%s\n", line) >= sizeof(text))
		return err_sys(e, E2BIG, "linux.intelRdt: \"%.100s\"", line);
	int r = file_write_at(AT_FDCWD, path, text);

	return r < 0 ? err_sys(e, -r, "linux.intelRdt: write \"%.100s\" to %s", line, path) : 0;
}

/* "0=ff" is "0= 00FF" to the kernel: domain and value, without what does not count. */
static bool same_domain(const char *a, size_t an, const char *b, size_t bn)
{
	size_t at = 0, bt = 0;

	while (at < an || bt < bn) {
		while (at < an && a[at] == ' ')
			at++;
		while (bt < bn && b[bt] == ' ')
			bt++;
		if (at < an && bt < bn && a[at] == '=' && b[bt] == '=') {
			at += 1 + strspn(a + at + 1, " 0");
			bt += 1 + strspn(b + bt + 1, " 0");
			continue;
		}
		if (at >= an || bt >= bn)
			return at >= an && bt >= bn;
		if (tolower((unsigned char)a[at++]) != tolower((unsigned char)b[bt++]))
			return false;
	}
	return true;
}

static bool has_domain(const char *line, const char *domain, size_t n)
{
	const char *p = strchr(line, ':');

	while (p && *p && *p != '\n') {
		p++;
		size_t have = strcspn(p, ";\n");

		if (same_domain(p, have, domain, n))
			return true;
		p += have;
	}
	return false;
}

/* Return: the line of the file for the same resource, or NULL. The kernel indents them. */
static const char *find_resource(const char *text, const char *line)
{
	size_t n = strcspn(line, ":") + 1;

	while (*text) {
		text += strspn(text, " \t\n");
		if (!strncmp(text, line, n))
			return text;
		text += strcspn(text, "\n");
	}
	return NULL;
}

static int compare_line(void *arg, const char *line, struct err *e)
{
	const char *have = find_resource(arg, line);
	const char *p = strchr(line, ':');

	while (have && p && *p) {
		p++;
		size_t n = strcspn(p, ";");

		if (n && !has_domain(have, p, n))
			have = NULL;
		p += n;
	}
	if (have)
		return 0;
	return err_set(e, EEXIST,
		       "linux.intelRdt: the class exists with other schemata than \"%.100s\"",
		       line);
}

static int read_schemata(const struct rdt *r, char text[MAX_SCHEMATA], struct err *e)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/schemata", r->clos);
	ssize_t n = file_read_at(AT_FDCWD, path, text, MAX_SCHEMATA);

	return n < 0 ? err_sys(e, (int)-n, "linux.intelRdt: read %s", path) : 0;
}

static int compare(const struct rdt *r, const struct config_intel_rdt *c, struct err *e)
{
	char text[MAX_SCHEMATA];
	int ret = read_schemata(r, text, e);

	return ret < 0 ? ret : each_line(c, compare_line, text, e);
}

void rdt_restore(const struct rdt *r, const char *before)
{
	struct err ignored; /* the error that led here is the one to report */
	char line[MAX_SCHEMATA];

	for (size_t n; *before; before += n + (before[n] == '\n')) {
		before += strspn(before, " \t");
		n = strcspn(before, "\n");
		(void)snprintf(line, sizeof(line), "%.*s", (int)n, before);
		if (n)
			(void)write_line((void *)r->clos, line, &ignored);
	}
}

int rdt_update(struct arena *a, const struct rdt *r, const struct config_intel_rdt *c,
	       const char **ret_before, struct err *e)
{
	char text[MAX_SCHEMATA];
	int ret = read_schemata(r, text, e);

	if (ret < 0)
		return ret;
	ret = each_line(c, write_line, (void *)r->clos, e);
	if (ret < 0)
		rdt_restore(r, text);
	else
		*ret_before = arena_strdup(a, text);
	return ret;
}

int rdt_create(const struct rdt *r, const struct config_intel_rdt *c, struct err *e)
{
	bool made = mkdirat(AT_FDCWD, r->clos, 0755) == 0;

	if (!made && errno != EEXIST)
		return err_errno(e, "linux.intelRdt: mkdir %s", r->clos);
	int ret = made ? each_line(c, write_line, (void *)r->clos, e) : compare(r, c, e);

	/* a class that was asked for and could not be filled in is not left half-made */
	if (ret < 0 && made)
		(void)unlinkat(AT_FDCWD, r->clos, AT_REMOVEDIR); /* the error came first */
	if (ret == 0 && r->monitor && mkdirat(AT_FDCWD, r->monitor, 0755) < 0 && errno != EEXIST)
		ret = err_errno(e, "linux.intelRdt: mkdir %s", r->monitor);
	return ret;
}

static int add_to(const char *group, pid_t pid, struct err *e)
{
	char path[4096], text[16];

	(void)snprintf(path, sizeof(path), "%s/tasks", group);
	(void)snprintf(text, sizeof(text), "%d\n", pid);
	int r = file_write_at(AT_FDCWD, path, text);

	return r < 0 ? err_sys(e, -r, "linux.intelRdt: write %d to %s", pid, path) : 0;
}

int rdt_add(const struct rdt *r, pid_t pid, struct err *e)
{
	int ret = add_to(r->clos, pid, e);

	return ret == 0 && r->monitor ? add_to(r->monitor, pid, e) : ret;
}

static int remove_group(const char *path, struct err *e)
{
	if (unlinkat(AT_FDCWD, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_errno(e, "linux.intelRdt: rmdir %s", path);
	return 0;
}

int rdt_remove(const struct rdt *r, struct err *e)
{
	int ret = r->made_monitor ? remove_group(r->monitor, e) : 0;

	return ret == 0 && r->made_clos ? remove_group(r->clos, e) : ret;
}
