/* cpuset.c - new v1 cpuset groups begin empty, and nothing can enter those */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"

static bool is_limited(const struct limits *l, const char *file)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!l->items[i].v2 && str_eq(l->items[i].file, file))
			return true;
	}
	return false;
}

/* Return: 0 with an empty text too, or -errno. */
static int read_value(const struct hierarchy *h, unsigned depth, const char *file, char *buf,
		      size_t size)
{
	char path[PATH_MAX];

	hierarchy_prefix(h, depth, path, sizeof(path));
	if (!str_append(path, sizeof(path), "/%s", file))
		return -ENAMETOOLONG;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : fd_read(fd, buf, size - 1);

	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static int write_value(const struct hierarchy *h, unsigned depth, const char *file,
		       const char *value, struct err *e)
{
	char path[PATH_MAX];

	hierarchy_prefix(h, depth, path, sizeof(path));
	if (!str_append(path, sizeof(path), "/%s", file))
		return err_sys(e, ENAMETOOLONG, "write %s/%s", path, file);
	int r = file_write_at(AT_FDCWD, path, value);

	return r < 0 ? err_sys(e, -r, "write %s \"%.200s\"", path, value) : 0;
}

/* Up to the nearest group that has a value, and down again with it. */
static int fill(const struct hierarchy *h, const char *file, bool limited, struct err *e)
{
	unsigned depth = h->depth - h->made, last = h->depth - (limited ? 1 : 0);
	char value[4096] = "";

	if (depth > last || (depth == last && h->made))
		return 0;
	int r = read_value(h, depth, file, value, sizeof(value));

	while (r == 0 && !value[0] && depth)
		r = read_value(h, --depth, file, value, sizeof(value));
	if (r < 0)
		return err_sys(e, -r, "read %s of a parent of %s", file, h->group);
	for (depth++; r == 0 && depth <= last; depth++)
		r = write_value(h, depth, file, value, e);
	return r;
}

int cpuset_fill(const struct hierarchy *h, const struct limits *l, struct err *e)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		r = fill(h, files[i], is_limited(l, files[i]), e);
	return r;
}
