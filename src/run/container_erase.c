/* container_erase.c - the end of a state directory */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/container.h"
#include "hull/fd.h"

/* a privileged container can make its directory "notify" writable, and fill it */
#define ERASE_DEPTH 16

/* A directory, what is in it, and in directories there; @depth of them at most. */
static int erase_tree(int parent, const char *name, unsigned depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		fd_close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlinkat(fd, entry->d_name, 0) < 0 && errno != ENOENT)
			r = errno == EISDIR && depth ? erase_tree(fd, entry->d_name, depth - 1)
						     : -errno;
	}
	(void)closedir(dir); /* only reads happened */
	return r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : r;
}

int container_erase(struct container *c, struct err *e)
{
	if (c->dirfd < 0)
		return 0;                          /* the name was never had */
	(void)fchmod(c->dirfd, S_ISVTX | S_IRWXU); /* for who looks in meanwhile */
	/* mostly that is all there is */
	(void)unlinkat(c->dirfd, "config.json", 0);
	(void)unlinkat(c->dirfd, "state.json", 0);
	if (unlinkat(c->root_fd, c->id, AT_REMOVEDIR) == 0)
		return 0;
	int r = erase_tree(c->root_fd, c->id, ERASE_DEPTH);

	return r < 0 && r != -ENOENT ? err_sys(e, -r, "remove %s/%s", c->root, c->id) : 0;
}
