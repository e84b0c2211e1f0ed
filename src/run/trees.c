/*
 * trees.c - a process between the host's privilege and the container's mount namespace
 *
 * A bind source is a path as the host's root sees it, looked up among the mounts that the container
 * has so far. Root of the container's user namespace may not be allowed to walk there, and the
 * command is in another mount namespace; so a child of the command enters init's mount namespace
 * and answers init's requests. Nothing of the container runs yet.
 */
#include "trees.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/mount.h"
#include "hull/rootfs.h"
#include "hull/sys.h"
#include "spawn.h"

#define ROOT UINT32_MAX /* in place of the index of a mount */

static int open_tree_of(const struct plan *p, const int *userns, uint32_t index, struct err *e)
{
	if (index == ROOT)
		return rootfs_place(p, e);
	return index < p->nmounts ? mount_source(&p->mounts[index], userns[index], e)
				  : err_set(e, EINVAL, "no such mount");
}

static ssize_t answer(const struct plan *p, const int *userns, int sock, uint32_t index)
{
	struct err e = { 0 };
	_cleanup_close_ int fd = open_tree_of(p, userns, index, &e);
	int r = fd < 0 ? 0 : fd_send(sock, fd, &e, sizeof(e));

	if (r < 0)
		(void)err_sys(&e, -r, "hand over a tree of mounts");
	return fd < 0 || r < 0 ? fd_write(sock, &e, sizeof(e)) : 0;
}

static _Noreturn void serve(const struct plan *p, const int *userns, int pidfd, int sock)
{
	struct err e = { 0 };
	uint32_t index;

	/* a path may lead to a server that does not answer */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setns(pidfd, CLONE_NEWNS) < 0) {
		(void)err_sys(&e, errno, "setns mount namespace of init");
		(void)fd_write(sock, &e, sizeof(e));
		_exit(1);
	}
	/* init waits for an answer: where none can be sent, the end has to be one */
	while (fd_read(sock, &index, sizeof(index)) == sizeof(index)) {
		if (answer(p, userns, sock, index) < 0)
			_exit(1);
	}
	_exit(0);
}

int trees_serve(const struct plan *p, const int *userns, int pidfd, int sock, const int commands[2],
		int *ret_pidfd, struct err *e)
{
	int fd = -1;
	struct clone_args args = { .flags = CLONE_PIDFD,
				   .pidfd = (uint64_t)(uintptr_t)&fd,
				   .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args);

	if (pid == 0) {
		/* the end of its socket must be the command's death, and its lock goes with it */
		fd_close(commands[0]);
		fd_close(commands[1]);
		serve(p, userns, pidfd, sock);
	}
	fd_close(sock);
	if (pid < 0)
		return err_sys(e, -pid, "clone3");
	*ret_pidfd = fd;
	return 0;
}

void trees_end(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return;
	(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0); /* has ended with init's execve, mostly */
	if (poll(&end, 1, 1000) == 1)
		(void)spawn_wait(pidfd);
	fd_close_later(pidfd);
}

static int get(int sock, uint32_t request, struct err *e)
{
	struct err said = { 0 };
	_cleanup_close_ int fd = -1;
	ssize_t n = fd_write(sock, &request, sizeof(request));

	/* who has ended may have said why; a request that was not read is heard of before that */
	if (n == sizeof(request) || n == -EPIPE)
		n = fd_recv(sock, &fd, &said, sizeof(said));
	if (n == -ECONNRESET)
		n = fd_recv(sock, &fd, &said, sizeof(said));
	if (n == sizeof(said) && said.num > 0) {
		said.text[sizeof(said.text) - 1] = '\0';
		*e = said;
		return -said.num;
	}
	return fd < 0 ? err_set(e, EPROTO, "who opens the host's paths ended without a word")
		      : fd_steal(&fd);
}

int trees_get(int sock, size_t index, struct err *e)
{
	return get(sock, (uint32_t)index, e);
}

int trees_get_root(int sock, struct err *e)
{
	return get(sock, ROOT, e);
}
