/* fd.h - descriptors: ownership, whole reads and writes, passing them over sockets */
#ifndef HULL_FD_H
#define HULL_FD_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "hull/arena.h"
#include "hull/err.h"

/* Every descriptor hull opens carries O_CLOEXEC from birth; src/run/init.c names the exceptions. */

/* fd_close() - close and keep errno; -1 is ignored */
void fd_close(int fd);

static inline void fd_cleanup(int *fd)
{
	fd_close(*fd);
}

/* A variable so marked is closed when it leaves its scope; initialise it to -1. */
#define _cleanup_close_ __attribute__((cleanup(fd_cleanup)))

/**
 * fd_close_later() - close with FD_MAX_LATER others, or by way of execve(2); -1 is ignored
 *
 * For init, which opens some hundred descriptors on its way to an execve that closes them all, and
 * for the end of a command. Only for those whose close nobody waits for: no pipes, no locks.
 */
void fd_close_later(int fd);
/* fd_close_now() - what is to be closed later */
void fd_close_now(void);

#define FD_MAX_LATER 20 /* with a RLIMIT_NOFILE of 64 there is room for them and what is in use */

static inline void fd_cleanup_later(int *fd)
{
	fd_close_later(*fd);
}

#define cleanup_close_later __attribute__((cleanup(fd_cleanup_later)))

/* fd_steal() - take the descriptor out of a variable, leaving -1 behind */
static inline int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* fd_read() and fd_write() - one call, repeated on EINTR; -errno on failure */
ssize_t fd_read(int fd, void *buf, size_t n);
ssize_t fd_write(int fd, const void *buf, size_t n);

/**
 * fd_write_all() - write every byte, however many calls it takes
 *
 * Return: 0 or -errno.
 */
int fd_write_all(int fd, const void *buf, size_t n);

/**
 * fd_read_text() - all of a small file, as a string in a caller's buffer
 * @size: of @buf; a file that does not fit gives -E2BIG
 *
 * Return: the length without the NUL, or -errno.
 */
ssize_t fd_read_text(int fd, char *buf, size_t size);

/**
 * fd_read_file() - all of a file of any size up to a limit, NUL-terminated, in the arena
 * @limit: bytes; a longer file gives -EFBIG
 * @ret_len: length without the NUL; may be NULL
 *
 * Return: 0 or -errno.
 */
int fd_read_file(int fd, struct arena *a, size_t limit, char **ret_text, size_t *ret_len);

/* file_read_at() - open @name of procfs, sysfs or a cgroup below @dirfd and fd_read_text() it */
ssize_t file_read_at(int dirfd, const char *name, char *buf, size_t size);

/**
 * file_write_at() - open an existing file for writing and write @text by one call
 *
 * For kernel files (cgroup, proc): never creates, never truncates, one write() as they demand.
 *
 * Return: 0 or -errno.
 */
int file_write_at(int dirfd, const char *name, const char *text);

/**
 * file_publish_at() - make a file that is whole when it appears, whatever happens before
 *
 * It has no name until it has its content (O_TMPFILE, open(2)), so a writer that is killed leaves
 * nothing. Not every file system can do that.
 *
 * Return: 0, -EEXIST when there is such a name, -EOPNOTSUPP, -EISDIR or -ENOENT where the file
 * system or the kernel cannot, or -errno.
 */
int file_publish_at(int dirfd, const char *name, mode_t mode, const void *data, size_t n);

/**
 * file_replace_at() - give a file new content so that readers see the old or the new, never a part
 * @dirfd: directory the file is in
 * @name: file name, without '/'
 * @mode: permission bits of the new file
 *
 * Writes ".<name>.tmp" (an older one is a dead writer's and is replaced) and renames it.
 *
 * Return: 0 or -errno; on failure the old content stands and the temporary file is gone.
 */
int file_replace_at(int dirfd, const char *name, mode_t mode, const void *data, size_t n);

/**
 * fd_send() - one message with one descriptor in SCM_RIGHTS
 * @data: at least one byte, for stream sockets carry no empty message
 *
 * Return: 0 or -errno.
 */
int fd_send(int sock, int fd, const void *data, size_t n);

/**
 * fd_recv() - one message and at most one descriptor, which arrives close-on-exec
 * @ret_fd: -1 when none came; a second one is closed and gives -EPROTO
 *
 * Return: bytes received, 0 at end of file, or -errno.
 */
ssize_t fd_recv(int sock, int *ret_fd, void *buf, size_t n);

/**
 * fd_connect_unix() - connect to a socket in the file system, however long its path
 *
 * sun_path holds 108 bytes; a longer path is reached through a descriptor of its directory. A peer
 * that does not accept within FD_PATIENCE_S gives -ETIMEDOUT; one that does not read has what is
 * sent to it fail with -EAGAIN after as long.
 *
 * Return: a SOCK_STREAM descriptor owned by the caller, or -errno.
 */
int fd_connect_unix(const char *path);

#define FD_PATIENCE_S 10 /* how long a peer of hull's may keep it waiting */

/* fd_is_open() - whether the number names an open descriptor */
int fd_is_open(int fd);

#endif
