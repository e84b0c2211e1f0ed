/* bundle.c - reading a bundle, and looking at the host paths that it names */
#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "hull/fd.h"
#include "hull/ns.h"
#include "hull/restart.h"
#include "hull/str.h"

static int resolve(struct arena *a, const char *dir, const char **ret, struct err *e)
{
	char *real = realpath(str_or(dir, "."), NULL);

	if (!real)
		return err_errno(e, "--bundle %s", str_or(dir, "."));
	*ret = arena_strdup(a, real);
	free(real);
	/* before there is a state that could not say it */
	return str_not_utf8(*ret) ? err_sys(e, EILSEQ, "--bundle %s", *ret) : 0;
}

/*
 * A pipe can be read once, so it is read by the program that goes on with it: hull begins again
 * before that, for it might have to do so for what the configuration says.
 */
static int begin_again(const char *config, struct err *e)
{
	struct stat st;

	if (!config || stat(config, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return 0;
	int r = restart_shared(e);

	return r == 0 ? restart_sealed(e) : r;
}

int bundle_read(struct arena *a, const char *dir, const char *config, struct bundle *ret,
		struct err *e)
{
	struct bundle b = { 0 };
	char *text;
	int r = resolve(a, dir, &b.dir, e);

	if (r < 0)
		return r;
	r = begin_again(config, e);
	if (r < 0)
		return r;
	const char *path = config ? config : arena_printf(a, "%s/config.json", b.dir);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ENOENT,
			       "%s: JSON specification file config.json not found: no such "
			       "file or directory",
			       path);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	r = fd_read_file(fd, a, JSON_MAX_SIZE, &text, &b.len);
	if (r < 0)
		return err_sys(e, -r, "read %s", path);
	b.text = text;
	r = spec_read_config(a, b.text, b.len, &b.config, e);
	/* what is wrong with a property is told by its path; with the document, by a line */
	if (r < 0)
		return str_has_prefix(e->text, "line ") ? err_wrap(e, "config.json") : r;
	*ret = b;
	return 0;
}

static int check_rootfs(const struct plan *p, struct err *e)
{
	struct stat st;

	if (stat(p->rootfs, &st) < 0)
		return err_errno(e, "root.path: %s", p->rootfs);
	return S_ISDIR(st.st_mode) ? 0 : err_sys(e, ENOTDIR, "root.path: %s", p->rootfs);
}

static int check_joined(struct arena *a, const struct plan *p, struct err *e)
{
	static const char why[] = "linux.namespaces joins the host's own, which would change";
	const char *uts = plan_joined(p, CLONE_NEWUTS);

	if (uts && (p->hostname || p->domainname) && ns_is_own(uts, CLONE_NEWUTS))
		return spec_refuse(p->config, e, p->hostname ? "hostname" : "domainname", why);
	for (size_t i = 0; i < p->nsysctls; i++) {
		const struct plan_sysctl *s = &p->sysctls[i];
		const char *path = plan_joined(p, s->ns);

		if (path && ns_is_own(path, s->ns))
			return spec_refuse(p->config, e, arena_printf(a, "linux.sysctl.%s", s->key),
					   why);
	}
	return 0;
}

int bundle_check(struct arena *a, const struct plan *p, struct err *e)
{
	int r = check_joined(a, p, e);

	return r < 0 ? r : check_rootfs(p, e);
}
