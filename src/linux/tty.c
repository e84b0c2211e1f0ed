/* tty.c - pseudo-terminals */
#include "hull/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/mnt.h"
#include "hull/path.h"

#define LAST_ROUNDS 16 /* of 8 KiB each, when the payload has ended: a pty holds about one */

/*
 * /dev/pts must be a devpts: what is called ptmx there is then the kernel's own, whatever the
 * image has at /dev/ptmx.
 */
static int open_ptmx(int rootfd, struct err *e)
{
	_cleanup_close_ int pts = path_open_in_root(rootfd, "/dev/pts", O_PATH | O_DIRECTORY);
	struct statfs fs;

	if (pts < 0)
		return err_sys(e, -pts, "process.terminal: open /dev/pts");
	if (fstatfs(pts, &fs) < 0)
		return err_errno(e, "process.terminal: statfs /dev/pts");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return err_set(e, ENODEV, "process.terminal: needs a devpts mounted at /dev/pts");
	int fd = openat(pts, "ptmx", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_errno(e, "process.terminal: open /dev/pts/ptmx") : fd;
}

int tty_open(int rootfd, const struct config_console_size *size, int *ret_master, int *ret_slave,
	     struct err *e)
{
	_cleanup_close_ int master = open_ptmx(rootfd, e);
	int unlock = 0;

	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_errno(e, "process.terminal: unlock the pty");
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (slave < 0)
		return err_errno(e, "process.terminal: open the pty's slave");
	if (size) {
		struct winsize w = { .ws_row = (unsigned short)size->height,
				     .ws_col = (unsigned short)size->width };

		(void)ioctl(master, TIOCSWINSZ, &w); /* a size is a wish */
	}
	*ret_master = fd_steal(&master);
	*ret_slave = slave;
	return 0;
}

int tty_bind_console(int rootfd, int slave, struct err *e)
{
	_cleanup_close_ int target = path_open_in_root(rootfd, "/dev/console", O_PATH | O_NOFOLLOW);
	struct stat st;

	if (target == -ENOENT)
		target = path_make_in_root(rootfd, "/dev/console", PATH_FILE, 0600);
	if (target < 0)
		return err_sys(e, -target, "/dev/console: open");
	/* a link would put the terminal where the image wants it (CVE-2026-88264) */
	if (fstat(target, &st) < 0 || S_ISLNK(st.st_mode))
		return err_set(e, ELOOP, "/dev/console: the image has a link there");
	_cleanup_close_ int mount = mnt_clone(slave, false);

	if (mount < 0)
		return err_sys(e, -mount, "/dev/console: open_tree");
	int r = mnt_move(mount, target);

	return r < 0 ? err_sys(e, -r, "/dev/console: move_mount") : 0;
}

static void take_size(int master)
{
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0)
		(void)ioctl(master, TIOCSWINSZ, &w); /* a size is a wish */
}

void tty_suit_caller(int master)
{
	struct termios t;

	take_size(master);
	if (isatty(STDOUT_FILENO) || tcgetattr(master, &t) < 0)
		return;
	t.c_oflag &= ~(tcflag_t)ONLCR;
	(void)tcsetattr(master, TCSANOW, &t); /* how lines end is a wish, as the size is */
}

static int make_raw(struct tty_relay *r, struct err *e)
{
	struct termios raw;

	if (tcgetattr(r->in, &r->saved) < 0)
		return 0; /* not a terminal: bytes pass as they come */
	raw = r->saved;
	cfmakeraw(&raw);
	if (tcsetattr(r->in, TCSANOW, &raw) < 0)
		return err_errno(e, "set the terminal to raw mode");
	r->raw = true;
	return 0;
}

static void set_nonblock(int fd, int flags)
{
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK); /* poll(2) guards it anyway */
}

int tty_relay_start(struct tty_relay *r, int master, struct err *e)
{
	*r = (struct tty_relay){ .master = master,
				 .in = STDIN_FILENO,
				 .out = STDOUT_FILENO,
				 .in_open = true,
				 .master_open = true };
	int ret = make_raw(r, e);

	if (ret < 0) {
		fd_close(master);
		return ret;
	}
	/* both before either is changed: in a terminal they are one open file */
	r->flags_in = fcntl(r->in, F_GETFL);
	r->flags_out = fcntl(r->out, F_GETFL);
	set_nonblock(r->in, r->flags_in);
	set_nonblock(r->out, r->flags_out);
	set_nonblock(master, fcntl(master, F_GETFL));
	take_size(master);
	return 0;
}

static bool has_room(const struct tty_buffer *b)
{
	return b->end < sizeof(b->data);
}

static bool has_data(const struct tty_buffer *b)
{
	return b->start < b->end;
}

void tty_relay_poll(const struct tty_relay *r, struct pollfd fds[3])
{
	fds[0] = (struct pollfd){ .fd = -1 };
	fds[1] = (struct pollfd){ .fd = -1 };
	fds[2] = (struct pollfd){ .fd = -1 };
	if (r->in_open && has_room(&r->to_master))
		fds[0] = (struct pollfd){ .fd = r->in, .events = POLLIN };
	if (has_data(&r->to_person))
		fds[1] = (struct pollfd){ .fd = r->out, .events = POLLOUT };
	if (r->master_open) {
		fds[2] = (struct pollfd){ .fd = r->master };
		if (has_room(&r->to_person))
			fds[2].events |= POLLIN;
		if (has_data(&r->to_master))
			fds[2].events |= POLLOUT;
		/* nobody may have the other end open, which poll(2) says however it is asked */
		if (!fds[2].events)
			fds[2].fd = -1;
	}
}

/* Return: false at end of file or error. */
static bool fill(struct tty_buffer *b, int fd)
{
	ssize_t n = fd_read(fd, b->data + b->end, sizeof(b->data) - b->end);

	if (n > 0)
		b->end += (size_t)n;
	return n > 0 || n == -EAGAIN;
}

static bool drain(struct tty_buffer *b, int fd)
{
	ssize_t n = fd_write(fd, b->data + b->start, b->end - b->start);

	if (n < 0)
		return n == -EAGAIN;
	b->start += (size_t)n;
	if (b->start == b->end)
		b->start = b->end = 0;
	return true;
}

void tty_relay_move(struct tty_relay *r, const struct pollfd fds[3])
{
	if (fds[0].revents && !fill(&r->to_master, r->in))
		r->in_open = false;
	/* a person that went away must not stop the container: drop what it would have read */
	if (fds[1].revents && !drain(&r->to_person, r->out))
		r->to_person.start = r->to_person.end = 0;
	if ((fds[2].revents & POLLOUT) && !drain(&r->to_master, r->master))
		r->to_master.start = r->to_master.end = 0;
	/* after the last slave is closed reads give what is left and then EIO */
	if ((fds[2].revents & (POLLIN | POLLHUP | POLLERR)) && has_room(&r->to_person) &&
	    !fill(&r->to_person, r->master))
		r->master_open = false;
}

void tty_relay_resize(const struct tty_relay *r)
{
	take_size(r->master);
}

void tty_relay_stop(struct tty_relay *r)
{
	/* back to blocking first, so that the last output is written whole */
	if (r->flags_in >= 0)
		(void)fcntl(r->in, F_SETFL, r->flags_in);
	if (r->flags_out >= 0)
		(void)fcntl(r->out, F_SETFL, r->flags_out);
	/* what was written before the end, for somebody may be left who never stops writing */
	for (unsigned round = 0;;) {
		struct pollfd room = { .fd = r->out, .events = POLLOUT };

		if (!has_data(&r->to_person) && r->master_open && round++ < LAST_ROUNDS)
			(void)fill(&r->to_person, r->master);
		if (!has_data(&r->to_person) || !drain(&r->to_person, r->out))
			break;
		if (has_data(&r->to_person))
			(void)poll(&room, 1, -1); /* not blocking is how the caller may want it */
	}
	if (r->raw)
		(void)tcsetattr(r->in, TCSADRAIN, &r->saved); /* nothing to do about a failure */
	fd_close(r->master);
}
