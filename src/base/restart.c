/* restart.c - the command begins again, as another program in sealed memory */
#include "hull/restart.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/arena.h"
#include "hull/fd.h"
#include "hull/sys.h"

#define CMDLINE_MAX (1U << 24) /* the kernel gives arguments 6 MiB at most: execve(2) */

static bool is_sealed(int exe)
{
	int seals = fcntl(exe, F_GET_SEALS);

	return seals >= 0 && (seals & RESTART_SEALS) == RESTART_SEALS;
}

static int new_file(struct err *e)
{
	int fd = sys_memfd("hull");

	return fd < 0 ? err_sys(e, -fd, "memfd_create (see sysctl vm.memfd_noexec)") : fd;
}

/* The words of this command, ended by NULL; NULL with an error. */
static char **own_words(struct arena *a, struct err *e)
{
	_cleanup_close_ int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len = 0, n = 0;
	int r = fd < 0 ? -errno : fd_read_file(fd, a, CMDLINE_MAX, &text, &len);

	if (r < 0) {
		(void)err_sys(e, -r, "read /proc/self/cmdline");
		return NULL;
	}
	char **words = arena_new_n(a, char *, len + 1); /* each ends with a byte of its own */

	for (const char *end = text + len; text < end; text += strlen(text) + 1)
		words[n++] = text;
	return words;
}

/* @fd: with the program @what. Return: -errno. */
static int execute(int fd, const char *what, struct err *e)
{
	struct arena a = { 0 };
	char **words = own_words(&a, e);

	if (!words) {
		arena_free(&a);
		return -e->num;
	}
	if (fcntl(fd, F_ADD_SEALS, RESTART_SEALS) < 0) {
		(void)err_errno(e, "seal %s", what);
	} else {
		(void)execveat(fd, "", words, environ, AT_EMPTY_PATH);
		(void)err_errno(e, "execute %s", what);
	}
	arena_free(&a);
	return -e->num;
}

int restart_sealed(struct err *e)
{
	_cleanup_close_ int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t done = 0;

	if (exe < 0)
		return err_errno(e, "open /proc/self/exe");
	if (is_sealed(exe))
		return 0;
	_cleanup_close_ int copy = new_file(e);

	if (copy < 0)
		return copy;
	if (fstat(exe, &st) < 0)
		return err_errno(e, "stat /proc/self/exe");
	while (done < st.st_size) {
		ssize_t n = sendfile(copy, exe, &done, (size_t)(st.st_size - done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, n < 0 ? errno : EIO, "copy /proc/self/exe");
	}
	return execute(copy, "the sealed copy of hull", e);
}

int restart_shared(struct err *e)
{
	size_t size = (size_t)(shared_image_end - shared_image);

	if (!size)
		return 0;
	_cleanup_close_ int fd = new_file(e);

	if (fd < 0)
		return fd;
	int r = fd_write_all(fd, shared_image, size);

	if (r < 0)
		return err_sys(e, -r, "write hull for shared libraries");
	return execute(fd,
		       "hull for shared libraries (the C library it was linked with must be there)",
		       e);
}
