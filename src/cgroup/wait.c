/* wait.c - waiting for the kernel, never for longer than a deadline */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "hull/sys.h"
#include "tree.h"

#define MAX_NAP_US 10000

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t deadline_in(int ms)
{
	return now_ms() + ms;
}

int deadline_left(int64_t deadline)
{
	int64_t left = deadline - now_ms();

	return left > 0 ? (int)left : 0;
}

bool deadline_nap(int64_t deadline, unsigned *us)
{
	struct timespec t = { .tv_nsec = (long)*us * 1000 };

	if (!deadline_left(deadline))
		return false;
	(void)nanosleep(&t, NULL); /* woken early is no harm */
	*us = *us * 2 < MAX_NAP_US ? *us * 2 : MAX_NAP_US;
	return true;
}

/* Whether cgroup.events has this line; the kernel reports a change of the file as POLLPRI. */
static int has_line(int fd, const char *line)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return hierarchy_lists(text, '\n', line);
}

int wait_event(const struct hierarchy *h, const char *line, int64_t deadline)
{
	_cleanup_close_ int fd = hierarchy_open(h, "cgroup.events", O_RDONLY);
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return fd;
	for (;;) {
		int r = has_line(fd, line);

		if (r)
			return r < 0 ? r : 0;
		r = poll(&p, 1, deadline_left(deadline));
		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

/*
 * v1 says nothing when a group becomes empty, so this waits for the processes one after the other.
 * A number that belongs to a new process outside by now costs time, no more.
 */
static int wait_process(pid_t pid, int64_t deadline)
{
	_cleanup_close_ int fd = sys_pidfd_open(pid);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	do
		n = poll(&p, 1, deadline_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int wait_empty_v1(const struct hierarchy *h, int64_t deadline)
{
	unsigned nap = 100;

	for (;;) {
		cleanup_pids struct pids pids = { 0 };
		int r = group_pids(h, &pids);

		if (r < 0 || !pids.n)
			return r;
		for (size_t i = 0; r == 0 && i < pids.n; i++)
			r = wait_process(pids.items[i], deadline);
		if (r < 0)
			return r;
		/* dead but listed: old kernels count a process until its parent has reaped it */
		if (!deadline_nap(deadline, &nap))
			return -ETIMEDOUT;
	}
}

int wait_empty(const struct hierarchy *h, int64_t deadline)
{
	return hierarchy_is_v2(h) ? wait_event(h, "populated 0", deadline)
				  : wait_empty_v1(h, deadline);
}
