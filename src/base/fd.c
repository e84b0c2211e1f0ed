/* fd.c - descriptors: whole reads and writes, passing them over sockets */
#include "hull/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

void fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd); /* nothing can be done about a failed close */
	errno = saved;
}

static int later[FD_MAX_LATER];
static size_t nlater;

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* One call for numbers in a row. */
static void close_row(const int *fds, size_t n)
{
	int saved = errno;

	if (close_range((unsigned)fds[0], (unsigned)fds[n - 1], 0) < 0) {
		for (size_t i = 0; i < n; i++)
			fd_close(fds[i]);
	}
	errno = saved;
}

/* How many numbers follow each other at @from. */
static size_t row_at(size_t from)
{
	size_t n = 1;

	while (from + n < nlater && later[from + n] == later[from] + (int)n)
		n++;
	return n;
}

/* The longest row; the others wait for what may join them. */
static void close_longest_row(void)
{
	size_t from = 0, most = 0, n;

	qsort(later, nlater, sizeof(*later), by_number);
	for (size_t i = 0; i < nlater; i += n) {
		n = row_at(i);
		if (n > most) {
			most = n;
			from = i;
		}
	}
	close_row(later + from, most);
	nlater -= most;
	memmove(later + from, later + from + most, (nlater - from) * sizeof(*later));
}

void fd_close_later(int fd)
{
	if (fd < 0)
		return;
	if (nlater == FD_MAX_LATER)
		close_longest_row();
	later[nlater++] = fd;
}

void fd_close_now(void)
{
	while (nlater)
		close_longest_row();
}

ssize_t fd_read(int fd, void *buf, size_t n)
{
	ssize_t r;

	do
		r = read(fd, buf, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

ssize_t fd_write(int fd, const void *buf, size_t n)
{
	ssize_t r;

	do
		r = write(fd, buf, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

int fd_write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n) {
		ssize_t r = fd_write(fd, p, n);

		if (r < 0)
			return (int)r;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

/*
 * The kernel returns less of such a file than was asked for when there is no more, or when the next
 * record did not fit into the page it writes to; so, with records below half a page, a read of less
 * than the other half was the last one.
 */
#define KERNEL_RECORD 2048

/* Reads until the end, or until a read that returns less than @enough. */
static ssize_t read_text(int fd, char *buf, size_t size, size_t enough)
{
	size_t used = 0;

	for (;;) {
		if (used == size)
			return -E2BIG;
		ssize_t r = fd_read(fd, buf + used, size - used);

		if (r < 0)
			return r;
		used += (size_t)r;
		if (r == 0 || (size_t)r < enough)
			break;
	}
	if (used == size)
		return -E2BIG;
	buf[used] = '\0';
	return (ssize_t)used;
}

ssize_t fd_read_text(int fd, char *buf, size_t size)
{
	return read_text(fd, buf, size, 0);
}

int fd_read_file(int fd, struct arena *a, size_t limit, char **ret_text, size_t *ret_len)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0 && (size_t)st.st_size > limit)
		return -EFBIG;
	/* pipes and kernel files have no size: start small and grow */
	bool sized = S_ISREG(st.st_mode) && st.st_size > 0;
	size_t size = sized ? (size_t)st.st_size + 1 : 4096, used = 0;
	char *buf = arena_alloc(a, size + 1);

	for (;;) {
		ssize_t r = fd_read(fd, buf + used, size - used);

		if (r < 0)
			return (int)r;
		if (r == 0)
			break;
		used += (size_t)r;
		if (used > limit)
			return -EFBIG;
		if (sized && used == (size_t)st.st_size)
			break;
		if (used == size) {
			char *bigger = arena_alloc(a, 2 * size + 1);

			memcpy(bigger, buf, used);
			buf = bigger;
			size *= 2;
		}
	}
	buf[used] = '\0';
	*ret_text = buf;
	if (ret_len)
		*ret_len = used;
	return 0;
}

ssize_t file_read_at(int dirfd, const char *name, char *buf, size_t size)
{
	cleanup_close_later int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_text(fd, buf, size, KERNEL_RECORD);
}

int file_write_at(int dirfd, const char *name, const char *text)
{
	cleanup_close_later int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0)
		return -errno;
	ssize_t r = fd_write(fd, text, n);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EIO;
}

int file_replace_at(int dirfd, const char *name, mode_t mode, const void *data, size_t n)
{
	char tmp[NAME_MAX + 1];

	if (snprintf(tmp, sizeof(tmp), ".%s.tmp", name) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_close_ int fd = openat(dirfd, tmp, flags, mode);

	if (fd < 0 && errno == EEXIST && unlinkat(dirfd, tmp, 0) == 0)
		fd = openat(dirfd, tmp, flags, mode);
	if (fd < 0)
		return -errno;
	int r = fd_write_all(fd, data, n);

	if (r == 0 && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, tmp, 0); /* the failure being reported matters more */
	return r;
}

int file_publish_at(int dirfd, const char *name, mode_t mode, const void *data, size_t n)
{
	_cleanup_close_ int fd = openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	char self[32];

	if (fd < 0)
		return -errno;
	int r = fd_write_all(fd, data, n);

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (r == 0 && linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) < 0)
		r = -errno;
	return r;
}

union one_fd {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int fd_send(int sock, int fd, const void *data, size_t n)
{
	union one_fd control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					     .cmsg_level = SOL_SOCKET,
					     .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = n };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t r;

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	do
		r = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

ssize_t fd_recv(int sock, int *ret_fd, void *buf, size_t n)
{
	union one_fd control;
	struct iovec iov = { .iov_base = buf, .iov_len = n };
	/* without CMSG_SPACE's padding, which has room for a second descriptor */
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_LEN(sizeof(int)) };
	int fd = -1;
	ssize_t r;

	do
		r = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (msg.msg_flags & MSG_CTRUNC) {
		fd_close(fd);
		return -EPROTO;
	}
	*ret_fd = fd;
	return r;
}

int fd_connect_unix(const char *path)
{
	const struct timeval patience = { .tv_sec = FD_PATIENCE_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int target = -1;
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	if (strlen(path) < sizeof(addr.sun_path)) {
		memcpy(addr.sun_path, path, strlen(path) + 1);
	} else {
		target = open(path, O_PATH | O_CLOEXEC);
		if (target < 0)
			return -errno;
		(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d", target);
	}
	int r;

	do
		r = connect(sock, (struct sockaddr *)&addr, sizeof(addr));
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return fd_steal(&sock);
}

int fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}
