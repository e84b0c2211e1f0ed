/* handover.c - console, pid file and descriptors between hull and its caller */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"

int handover_check_console(bool terminal, const char *socket, bool proxy, struct err *e)
{
	if (terminal && !socket && !proxy)
		return err_set(e, EINVAL,
			       "cannot allocate tty if hull will detach without setting "
			       "console socket: give --console-socket");
	if (socket && !terminal)
		return err_set(e, EINVAL,
			       "cannot use console socket if hull will not detach or allocate tty: "
			       "process.terminal is false");
	return 0;
}

int handover_connect(const char *path, int *ret, struct err *e)
{
	*ret = -1;
	if (!path)
		return 0;
	int fd = fd_connect_unix(path);

	if (fd < 0)
		return err_sys(e, -fd, "--console-socket: connect %s", path);
	*ret = fd;
	return 0;
}

int handover_console(int sock, int master, struct err *e)
{
	static const char name[] = "/dev/ptmx"; /* peers send the master's name; it is not used */
	int r = fd_send(sock, master, name, sizeof(name) - 1);

	return r < 0 ? err_sys(e, -r, "--console-socket: sendmsg") : 0;
}

int handover_pidfd(const char *path, int pidfd, const char *word, struct err *e)
{
	if (!path)
		return 0;
	_cleanup_close_ int sock = fd_connect_unix(path);

	if (sock < 0)
		return err_sys(e, -sock, "--pidfd-socket: connect %s", path);
	int r = fd_send(sock, pidfd, word, strlen(word));

	return r < 0 ? err_sys(e, -r, "--pidfd-socket: sendmsg") : 0;
}

/* Return: the directory's descriptor, with the name in @ret_name, or -errno. */
static int open_parent(const char *path, const char **ret_name)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n >= sizeof(dir) - 1)
		return -ENAMETOOLONG;
	memcpy(dir, path, n);
	memcpy(dir + n, n ? "" : slash ? "/" : ".", n ? 1 : 2);
	*ret_name = slash ? slash + 1 : path;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* /dev/null, /dev/stderr or a FIFO: a rename would take its place away. */
static bool is_special(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int handover_pid_file(const char *path, pid_t pid, struct err *e)
{
	const char *name;
	char text[16];
	_cleanup_close_ int dir = open_parent(path, &name);

	(void)snprintf(text, sizeof(text), "%d", pid);
	int r = dir < 0 ? dir : file_publish_at(dir, name, 0644, text, strlen(text));

	if (dir >= 0 && r < 0)
		r = is_special(dir, name) ? file_write_at(dir, name, text)
					  : file_replace_at(dir, name, 0644, text, strlen(text));
	fd_close_now(); /* who reads a FIFO waits for its end */
	return r < 0 ? err_sys(e, -r, "--pid-file: write %s", path) : 0;
}

void handover_forget_pid_file(const char *path, pid_t pid)
{
	char temporary[NAME_MAX + 1], own[16], text[16];
	const char *name;
	_cleanup_close_ int dir = open_parent(path, &name);

	if (dir < 0 || is_special(dir, name))
		return;
	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
	(void)unlinkat(dir, temporary, 0); /* missing when its writer got to the end */
	(void)snprintf(own, sizeof(own), "%d", pid);
	if (file_read_at(dir, name, text, sizeof(text)) > 0 && !strcmp(text, own))
		(void)unlinkat(dir, name, 0);
}

const char *handover_absolute(struct arena *a, const char *path)
{
	char cwd[PATH_MAX];

	if (!path || path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return path;
	return arena_printf(a, "%s/%s", cwd, path);
}

int handover_inherited(unsigned n, struct err *e)
{
	for (unsigned i = 0; i < n; i++) {
		int flags = fcntl((int)(3 + i), F_GETFD);

		if (flags < 0 || (flags & FD_CLOEXEC))
			return err_set(e, EBADF,
				       "unable to stat preserved-fd %u (of %u): bad file "
				       "descriptor",
				       3 + i, n);
	}
	return 0;
}

int handover_cloexec(struct err *e)
{
	return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? err_errno(e, "close_range") : 0;
}

unsigned handover_listen_fds(void)
{
	uint64_t n = 0, pid = 0;

	if (str_to_u64(getenv("LISTEN_FDS"), 4096, &n) < 0 ||
	    str_to_u64(getenv("LISTEN_PID"), INT32_MAX, &pid) < 0 || pid != (uint64_t)getpid())
		return 0;
	return (unsigned)n;
}
