/* barrier.c - what a created container waits at */
#include "barrier.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int make(const struct container *c, const char *name, struct err *e)
{
	if (mkfifoat(c->dirfd, name, 0600) < 0)
		return err_errno(e, "mkfifo %s/%s/%s", c->root, c->id, name);
	int fd = openat(c->dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_errno(e, "open %s/%s/%s", c->root, c->id, name) : fd;
}

int barrier_make(const struct container *c, int *ret_go, int *ret_status, struct err *e)
{
	*ret_go = make(c, "go", e);
	if (*ret_go < 0)
		return *ret_go;
	*ret_status = make(c, "status", e);
	return *ret_status < 0 ? *ret_status : 0;
}
