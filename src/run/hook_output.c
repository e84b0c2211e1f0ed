/* hook_output.c - files that keep what hooks write */
#include "hook_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "hull/fd.h"

struct hook_output hook_output_none(void)
{
	return (struct hook_output){ -1, -1 };
}

/* Return: a descriptor, or -errno. */
static int open_to_append(const char *path)
{
	/* O_NONBLOCK: a FIFO that nobody reads must not hold hull up */
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
	_cleanup_close_ int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0 || fcntl(fd, F_SETFL, O_APPEND) < 0) /* hooks expect writes that wait */
		return -errno;
	return fd_steal(&fd);
}

static int open_named(const struct config *c, const char *bundle, const char *annotation, int *ret,
		      struct err *e)
{
	const char *name = spec_annotation(c, annotation);
	char path[PATH_MAX];

	if (!name || !name[0])
		return 0;
	bool relative = name[0] != '/';
	int n = snprintf(path, sizeof(path), "%s%s%s", relative ? bundle : "", relative ? "/" : "",
			 name);
	int fd = n >= (int)sizeof(path) ? -ENAMETOOLONG : open_to_append(path);

	if (fd < 0)
		return err_sys(e, -fd, "annotations.%s: open %.200s", annotation, name);
	*ret = fd;
	return 0;
}

static bool has_hooks(const struct config_hooks *h)
{
	return h && (h->prestart.n || h->create_runtime.n || h->create_container.n ||
		     h->start_container.n || h->poststart.n || h->poststop.n);
}

int hook_output_open(const struct config *c, const char *bundle, struct hook_output *ret,
		     struct err *e)
{
	*ret = hook_output_none();
	if (!has_hooks(c->hooks))
		return 0;
	int r = open_named(c, bundle, "run.oci.hooks.stdout", &ret->out, e);

	return r == 0 ? open_named(c, bundle, "run.oci.hooks.stderr", &ret->err, e) : r;
}

void hook_output_close(struct hook_output *o)
{
	fd_close(fd_steal(&o->out));
	fd_close(fd_steal(&o->err));
}
