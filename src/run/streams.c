/* streams.c - the payload's descriptors 0 to 2 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "hull/device.h"
#include "hull/fd.h"
#include "hull/path.h"
#include "hull/tty.h"

static int use_as_stdio(int slave, struct err *e)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (dup3(slave, fd, 0) < 0)
			return err_errno(e, "process.terminal: dup to %d", fd);
	}
	return 0;
}

int streams_open_console(const struct plan_process *p, int rootfd, bool bind_console, int sock,
			 struct seal *s, struct err *e)
{
	const struct gate_report m = { .type = MESSAGE_CONSOLE };
	_cleanup_close_ int master = -1, slave = -1;

	if (!p->terminal)
		return 0;
	int r = tty_open(rootfd, p->console_size, &master, &slave, e);

	if (r == 0 && bind_console)
		r = tty_bind_console(rootfd, slave, e);
	/* an unmapped user goes without, and fails with a better message later */
	if (r == 0 && fchown(slave, p->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
		r = err_errno(e, "process.terminal: chown");
	if (r == 0)
		r = use_as_stdio(slave, e);
	if (r < 0)
		return r;
	s->head.flags |= GATE_TTY;
	r = fd_send(sock, master, &m, sizeof(m));
	return r < 0 ? err_sys(e, -r, "process.terminal: hand over the pty") : 0;
}

/*
 * A server may be gone, and FUSE refuses whoever has not mounted it. Asked for nothing statx(2)
 * says what is in memory, which of a device node is all there is.
 *
 * Return: 1, 0 for another, or -errno.
 */
static int is_null(int fd)
{
	struct stat st;
	struct statx known;

	if (fstat(fd, &st) == 0)
		return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
	int num = errno;

	if (num == EBADF)
		return 0;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &known) < 0)
		return -num;
	return S_ISCHR(known.stx_mode) && known.stx_rdev_major == 1 && known.stx_rdev_minor == 3;
}

/* What is there may be anything, and is looked at before it is opened. Return: -1 for another. */
static int open_null(int rootfd)
{
	cleanup_close_later int seen = path_open_in_root(rootfd, "/dev/null", O_PATH | O_NOFOLLOW);

	if (seen < 0 || is_null(seen) <= 0)
		return -1;
	cleanup_close_later int null = path_open_in_root(rootfd, "/dev/null", O_RDWR | O_NOFOLLOW);

	return null >= 0 && is_null(null) > 0 ? fd_steal(&null) : -1;
}

/*
 * Who has a descriptor may change the mode and owner of what it is of: the host's null is for
 * nobody inside, also where the container has taken its own away.
 */
static int reopen_null(int rootfd, struct err *e)
{
	cleanup_close_later int null = -1;

	for (int fd = 0; fd < 3; fd++) {
		int r = is_null(fd);

		if (r > 0 && null < 0)
			null = open_null(rootfd);
		if (r > 0 && null < 0)
			null = device_make_null();
		/* who may make none does not own the host's */
		if (null < 0 && null != -EPERM && null != -EACCES && null != -ENOSYS)
			r = null;
		if (r > 0 && null >= 0 && dup3(null, fd, 0) < 0)
			r = -errno;
		if (r < 0)
			return err_sys(e, -r, "standard stream %d", fd);
	}
	return 0;
}

int streams_adopt(const struct plan_process *p, int rootfd, struct err *e)
{
	struct statfs fs;

	if (p->terminal)
		return 0;
	int r = reopen_null(rootfd, e);

	for (int fd = 0; r == 0 && p->uid && fd < 3; fd++) {
		bool is_pipe = fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;

		if (is_pipe && fchown(fd, p->uid, (gid_t)-1) < 0)
			continue; /* the id may be unmapped: the stream stays as it is */
	}
	return r;
}
