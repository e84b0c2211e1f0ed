/*
 * layout.c - which cgroup hierarchies the host has
 *
 * /proc/self/mountinfo grows with the number of containers, so it is read only where the
 * convention fails: v2 at /sys/fs/cgroup, or there one directory for each v1 hierarchy, named
 * after its controllers, and "unified" for v2 beside them.
 */
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "hull/fd.h"
#include "hull/mountinfo.h"
#include "hull/str.h"

#define ROOT "/sys/fs/cgroup"

struct hierarchy *layout_v2(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (hierarchy_is_v2(&l->items[i]))
			return &l->items[i];
	}
	return NULL;
}

struct hierarchy *layout_v1(const struct layout *l, const char *controller)
{
	for (size_t i = 0; i < l->n; i++) {
		if (hierarchy_has(&l->items[i], controller))
			return &l->items[i];
	}
	return NULL;
}

bool layout_has_v1(const struct layout *l)
{
	return l->n > (layout_v2(l) ? 1 : 0);
}

/* One read gets all of a small kernel file: it is generated whole at the first one. */
static ssize_t read_once(int fd, char *buf, size_t size)
{
	ssize_t n = fd_read(fd, buf, size - 1);

	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static ssize_t read_path(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_once(fd, buf, size);
}

static const char *conventional_dir(struct arena *a, const char *controllers)
{
	if (!controllers[0])
		return ROOT "/unified";
	if (str_has_prefix(controllers, "name="))
		controllers += strlen("name=");
	return arena_printf(a, ROOT "/%s", controllers);
}

/* "4:memory:/a/b" */
static bool parse_line(struct arena *a, const char *line, size_t len, struct hierarchy *ret)
{
	const char *end = line + len;
	const char *controllers = memchr(line, ':', len);
	const char *path =
		controllers ? memchr(controllers + 1, ':', (size_t)(end - controllers - 1)) : NULL;

	if (!path)
		return false;
	controllers++;
	*ret = (struct hierarchy){
		.controllers = arena_strndup(a, controllers, (size_t)(path - controllers)),
		.own = arena_strndup(a, path + 1, (size_t)(end - path - 1)),
		.fd = -1,
	};
	ret->dir = conventional_dir(a, ret->controllers);
	return true;
}

void layout_parse(struct arena *a, const char *text, struct layout *ret)
{
	size_t lines = 0;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	*ret = (struct layout){ .items = arena_new_n(a, struct hierarchy, lines + 1) };
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (parse_line(a, text, len, &ret->items[ret->n]))
			ret->n++;
		text += len + (text[len] == '\n');
	}
}

static int read_proc(struct arena *a, struct layout *ret, struct err *e)
{
	char text[16 * 1024] = "";
	ssize_t n = read_path("/proc/self/cgroup", text, sizeof(text));

	if (n < 0)
		return err_sys(e, (int)-n, "read /proc/self/cgroup");
	if ((size_t)n == sizeof(text) - 1)
		return err_sys(e, E2BIG, "read /proc/self/cgroup");
	layout_parse(a, text, ret);
	return 0;
}

int layout_read(struct arena *a, struct layout *ret, struct err *e)
{
	struct statfs fs;

	if (statfs(ROOT, &fs) < 0 || (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC)
		return read_proc(a, ret, e);
	*ret = (struct layout){ .n = 1, .items = arena_new(a, struct hierarchy) };
	ret->items[0] =
		(struct hierarchy){ .controllers = "", .dir = ROOT, .seen = true, .fd = -1 };
	return 0;
}

int layout_read_own(struct arena *a, struct layout *l, struct err *e)
{
	struct layout now = { 0 };

	if (l->n && l->items[0].own)
		return 0;
	int r = read_proc(a, &now, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->n; i++) {
		for (size_t j = 0; j < now.n; j++) {
			if (str_eq(l->items[i].controllers, now.items[j].controllers))
				l->items[i].own = now.items[j].own;
		}
	}
	return 0;
}

int layout_read_available(struct arena *a, struct layout *l, struct err *e)
{
	const struct hierarchy *h = layout_v2(l);
	char path[PATH_MAX], text[1024];

	if (!h || l->available)
		return 0;
	(void)snprintf(path, sizeof(path), "%.4000s/cgroup.controllers", h->dir);
	ssize_t n = read_path(path, text, sizeof(text));

	if (n < 0)
		return err_sys(e, (int)-n, "read %s", path);
	text[strcspn(text, "\n")] = '\0';
	l->available = arena_strdup(a, text);
	return 0;
}

/* Whether the options of a v1 superblock name every one of the controllers. */
static bool has_all(const char *options, const char *controllers)
{
	char word[256];

	while (*controllers) {
		size_t n = strcspn(controllers, ",");

		if (n >= sizeof(word))
			return false;
		memcpy(word, controllers, n);
		word[n] = '\0';
		if (!hierarchy_lists(options, ',', word))
			return false;
		controllers += n + (controllers[n] == ',');
	}
	return true;
}

char *layout_find_mount(struct arena *a, const char *mountinfo, const char *controllers)
{
	struct mountinfo m;

	while (mountinfo_next(a, &mountinfo, &m)) {
		if (controllers[0] ? str_eq(m.type, "cgroup") && has_all(m.options, controllers)
				   : str_eq(m.type, "cgroup2"))
			return arena_strdup(a, m.dir);
	}
	return NULL;
}

int layout_locate(struct arena *a, struct layout *l, struct hierarchy *h)
{
	if (!l->mountinfo) {
		char *text;
		int r = mountinfo_read(-1, a, &text);

		if (r < 0)
			return r;
		l->mountinfo = text;
	}
	const char *dir = layout_find_mount(a, l->mountinfo, h->controllers);

	if (!dir)
		return -ENOENT;
	h->dir = dir;
	return 0;
}
