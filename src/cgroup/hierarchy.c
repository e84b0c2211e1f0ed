/* hierarchy.c - the container's place in one tree of groups, and the files of that place */
#include "hierarchy.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hull/fd.h"

bool hierarchy_lists(const char *list, char separator, const char *word)
{
	size_t n = strlen(word);

	while (n && *list) {
		const char *end = strchrnul(list, separator);

		if ((size_t)(end - list) == n && !strncmp(list, word, n))
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

bool hierarchy_has(const struct hierarchy *h, const char *controller)
{
	return hierarchy_lists(h->controllers, ',', controller);
}

void hierarchy_set_path(struct arena *a, struct hierarchy *h, const char *path)
{
	h->path = path;
	h->group = arena_printf(a, "%s%s", h->dir, path);
	h->depth = 0;
	for (const char *p = path; *p; p++)
		h->depth += *p == '/';
}

void hierarchy_prefix(const struct hierarchy *h, unsigned depth, char *buf, size_t size)
{
	const char *p = h->path;

	for (unsigned i = 0; i < depth && *p; i++)
		p += 1 + strcspn(p + 1, "/");
	(void)snprintf(buf, size, "%s%.*s", h->dir, (int)(p - h->path), h->path);
}

int hierarchy_open(const struct hierarchy *h, const char *file, int flags)
{
	char path[PATH_MAX];
	int at = AT_FDCWD;

	if (hierarchy_is_v2(h) && h->fd >= 0) {
		at = h->fd;
	} else {
		if (snprintf(path, sizeof(path), "%s/%s", h->group, file) >= (int)sizeof(path))
			return -ENAMETOOLONG;
		file = path;
	}
	int fd = openat(at, file, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int hierarchy_open_dir(const struct hierarchy *h)
{
	return hierarchy_open(h, ".", O_RDONLY | O_DIRECTORY);
}

/* One read gets all of a small kernel file: it is generated whole at the first one. */
ssize_t hierarchy_read(const struct hierarchy *h, const char *file, char *buf, size_t size)
{
	_cleanup_close_ int fd = hierarchy_open(h, file, O_RDONLY);
	ssize_t n = fd < 0 ? fd : fd_read(fd, buf, size - 1);

	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int hierarchy_write(const struct hierarchy *h, const char *file, const char *text)
{
	_cleanup_close_ int fd = hierarchy_open(h, file, O_WRONLY);
	ssize_t n = fd < 0 ? fd : fd_write(fd, text, strlen(text));

	return n < 0 ? (int)n : 0;
}
