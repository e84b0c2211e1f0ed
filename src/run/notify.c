/* notify.c - sd_notify(3) between a container and the service manager that started the command */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "handover.h"
#include "hull/fd.h"
#include "hull/names.h"
#include "hull/str.h"

#define DIR_NAME "notify"
#define SOCKET_NAME NAMES_NOTIFY_SOCKET
#define MESSAGE_MAX 4096 /* systemd reads no more */
#define BARRIER_MS 30000
#define REST_MAX 64 /* messages; who shares no pid namespace may go on for ever */

/* What a container may tell the manager; see the top of notify.h. */
static const char *const passed_on[] = {
	"READY=1",         "RELOADING=1",          "STOPPING=1", "STATUS=",         "ERRNO=",
	"MONOTONIC_USEC=", "EXTEND_TIMEOUT_USEC=", "WATCHDOG=1", "WATCHDOG=trigger"
};

/* Return: the length of the address, or 0 for what is none of sd_notify(3)'s two forms. */
static socklen_t address_of(const char *path, struct sockaddr_un *ret)
{
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(ret->sun_path) || (path[0] != '/' && path[0] != '@'))
		return 0;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path, n);
	if (path[0] == '/')
		return sizeof(*ret);
	ret->sun_path[0] = '\0'; /* abstract: what counts is the length */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

void notify_connect(struct notify *n)
{
	struct sockaddr_un address;
	socklen_t length = address_of(getenv("NOTIFY_SOCKET"), &address);

	if (!length)
		return;
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock >= 0 && connect(sock, (struct sockaddr *)&address, length) == 0)
		n->host = fd_steal(&sock);
}

const char *notify_dir(const struct notify *n, struct arena *a, const char *root, const char *id)
{
	if (n->host < 0)
		return NULL;
	return arena_printf(a, "%s/%s/" DIR_NAME, handover_absolute(a, root), id);
}

int notify_make_dir(const struct container *c, struct err *e)
{
	if (mkdirat(c->dirfd, DIR_NAME, 0755) < 0)
		return err_errno(e, "mkdir %s/%s/" DIR_NAME, c->root, c->id);
	/* whoever the payload is; the directory above lets nobody of the host's in */
	if (fchmodat(c->dirfd, DIR_NAME, 0755, 0) < 0)
		return err_errno(e, "chmod %s/%s/" DIR_NAME, c->root, c->id);
	return 0;
}

/* Through the descriptor of its directory, for sun_path is short. */
static int bind_in(int sock, int dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET_NAME,
		       dir);
	/* of a start that was interrupted */
	if (unlinkat(dir, SOCKET_NAME, 0) < 0 && errno != ENOENT)
		return -errno;
	/* for everybody before it has a name, which whoever owns the directory could exchange */
	const struct sockaddr *to = (const struct sockaddr *)&address;
	mode_t before = umask(0);
	int r = fchmod(sock, 0666) < 0 || bind(sock, to, sizeof(address)) < 0 ? -errno : 0;

	(void)umask(before);
	return r;
}

int notify_listen(struct notify *n, const struct container *c, struct err *e)
{
	if (n->host < 0)
		return 0;
	_cleanup_close_ int dir =
		openat(c->dirfd, DIR_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT ? 0 : err_errno(e, "open %s/%s/" DIR_NAME, c->root, c->id);
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r = sock < 0 ? -errno : bind_in(sock, dir);

	if (r < 0)
		return err_sys(e, -r, "NOTIFY_SOCKET: bind %s/%s/" DIR_NAME "/" SOCKET_NAME,
			       c->root, c->id);
	n->own = fd_steal(&sock);
	return 0;
}

/* "KEY=" takes any value, "KEY=value" that one. */
static bool is_passed_on(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
		const char *p = passed_on[i];

		if (p[strlen(p) - 1] == '=' ? str_has_prefix(line, p) : str_eq(line, p))
			return true;
	}
	return false;
}

/* The lines of @message that may pass, with the main process where it says ready. */
static bool pass_lines(char *message, pid_t pid, char *ret, size_t size)
{
	char *rest = message, *line;
	bool ready = false;

	ret[0] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!is_passed_on(line))
			continue;
		(void)str_append(ret, size, "%s%s", ret[0] ? "\n" : "", line);
		ready = ready || str_eq(line, "READY=1");
	}
	if (ready)
		(void)str_append(ret, size, "\nMAINPID=%d", pid);
	return ready;
}

int notify_take(const struct notify *n, pid_t pid)
{
	char message[MESSAGE_MAX + 1], out[MESSAGE_MAX + 64];
	ssize_t len;

	/* descriptors that come along, those of a barrier among them, are closed by the kernel */
	do
		len = recv(n->own, message, MESSAGE_MAX, MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if (len > MESSAGE_MAX || memchr(message, '\0', (size_t)len))
		return 0; /* nothing that sd_notify(3) sends */
	message[len] = '\0';
	bool ready = pass_lines(message, pid, out, sizeof(out));

	if (out[0])
		(void)send(n->host, out, strlen(out), MSG_NOSIGNAL); /* it may have gone */
	return ready;
}

void notify_rest(const struct notify *n, pid_t pid)
{
	for (int i = 0; n->own >= 0 && i < REST_MAX; i++) {
		if (notify_take(n, pid) < 0)
			return;
	}
}

/* sd_notify_barrier(3): the manager closes the descriptor when it has read all before it. */
static void barrier(const struct notify *n)
{
	static const char word[] = "BARRIER=1";
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	struct pollfd closed = { .fd = ends[0] };
	int r = fd_send(n->host, ends[1], word, sizeof(word) - 1);

	fd_close(ends[1]);
	while (r == 0 && poll(&closed, 1, BARRIER_MS) < 0 && errno == EINTR)
		;
	fd_close(ends[0]);
}

int notify_ready(const struct notify *n, struct container *c, int pidfd, struct err *e)
{
	struct pollfd fds[] = { { .fd = n->own, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	int ready = 0;

	if (n->own < 0)
		return 0;
	container_unlock(c);
	while (ready <= 0) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			if (errno != EINTR)
				return err_errno(e, "poll");
			continue;
		}
		/* what init said before it ended counts */
		if (fds[0].revents)
			ready = notify_take(n, c->pid);
		else if (fds[1].revents)
			return 0;
	}
	barrier(n);
	return 0;
}

void notify_close(struct notify *n)
{
	fd_close(fd_steal(&n->own));
	fd_close(fd_steal(&n->host));
}
