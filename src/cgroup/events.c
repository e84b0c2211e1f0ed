/*
 * events.c - the kernel's word that a group has run out of memory
 *
 * v2 counts kills in memory.events and wakes who polls the file when a count changes. v1 signals
 * eventfd(2)s that were registered for memory.oom_control, just before it kills, and once more when
 * the group is removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "group.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"

/* Return: 0, or -errno for a group that is removed. */
static int read_kills(int events, uint64_t *ret)
{
	char text[1024];
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	const char *line = strstr(text, "\noom_kill ");

	*ret = 0;
	if (line)
		(void)sscanf(line, "\noom_kill %20" SCNu64, ret);
	return 0;
}

static int watch_v2(const struct hierarchy *h, struct cgroup_oom *w, struct err *e)
{
	int fd = hierarchy_open(h, "memory.events", O_RDONLY);

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "open %s/memory.events", h->group);
	w->pollfd = (struct pollfd){ .fd = fd, .events = POLLPRI };
	int r = read_kills(fd, &w->seen);

	return r < 0 ? err_sys(e, -r, "read %s/memory.events", h->group) : 0;
}

static int watch_v1(const struct hierarchy *h, struct cgroup_oom *w, struct err *e)
{
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	_cleanup_close_ int control = hierarchy_open(h, "memory.oom_control", O_RDONLY);
	char line[32];

	if (event < 0)
		return err_errno(e, "eventfd");
	if (control < 0)
		return err_sys(e, -control, "open %s/memory.oom_control", h->group);
	(void)snprintf(line, sizeof(line), "%d %d", event, control);
	int r = hierarchy_write(h, "cgroup.event_control", line);

	if (r < 0)
		return err_sys(e, -r, "write %s/cgroup.event_control", h->group);
	w->pollfd = (struct pollfd){ .fd = fd_steal(&event), .events = POLLIN };
	w->control = fd_steal(&control);
	return 0;
}

int cgroup_watch_oom(const struct cgroup *cg, struct cgroup_oom *ret, struct err *e)
{
	const struct hierarchy *v1 = layout_v1(&cg->layout, "memory"), *v2 = layout_v2(&cg->layout);
	struct cgroup_oom w = { .pollfd = { .fd = -1 }, .control = -1 };
	int r = v1 ? watch_v1(v1, &w, e) : v2 ? watch_v2(v2, &w, e) : 0;

	if (r < 0)
		cgroup_oom_close(&w);
	else
		*ret = w;
	return r;
}

static bool happened_v1(struct cgroup_oom *w)
{
	uint64_t signals; /* eventfd(2) */
	char text[8];

	if (fd_read(w->pollfd.fd, &signals, sizeof(signals)) < 0)
		return false;
	if (pread(w->control, text, sizeof(text), 0) >= 0)
		return true;
	cgroup_oom_close(w);
	return false;
}

/* What is closed is not polled any more: files of a removed group are always ready. */
bool cgroup_oom_happened(struct cgroup_oom *w)
{
	uint64_t now = 0;

	if (w->pollfd.fd < 0)
		return false;
	if (w->control >= 0)
		return happened_v1(w);
	if (read_kills(w->pollfd.fd, &now) < 0) {
		cgroup_oom_close(w);
		return false;
	}
	bool more = now > w->seen;

	w->seen = now;
	return more;
}

void cgroup_oom_close(struct cgroup_oom *w)
{
	fd_close(fd_steal(&w->pollfd.fd));
	fd_close(fd_steal(&w->control));
}
