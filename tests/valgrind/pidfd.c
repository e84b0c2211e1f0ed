/*
 * pidfd.c - preloaded into hull under valgrind, whose version in Debian 12 knows no pidfds
 *
 * pidfd_open(2) and pidfd_send_signal(2) are asked of tests/valgrind/pidfd.py, which runs outside;
 * its socket is named by HULL_PIDFD. The descriptor comes from there, and is a real one.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* @pid and -1: open; -1 and @sig: send to the descriptor @passed. Return: 0 with @ret_fd, or -1. */
static int ask(int pid, int sig, int passed, int *ret_fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("HULL_PIDFD");
	int32_t words[2] = { pid, sig }, result = -EIO;
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { words, sizeof(words) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(addr.sun_path))
		abort();
	memcpy(addr.sun_path, path, strlen(path) + 1);
	memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	if (passed >= 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_LEN(sizeof(int));
	}
	if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    sendmsg(sock, &m, 0) == sizeof(words)) {
		iov = (struct iovec){ &result, sizeof(result) };
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) == sizeof(result) && m.msg_controllen)
			memcpy(ret_fd, CMSG_DATA(&control.header), sizeof(*ret_fd));
	}
	(void)close(sock);
	errno = -result;
	return result < 0 ? -1 : 0;
}

int pidfd_open(pid_t pid, unsigned flags)
{
	int fd = -1;

	(void)flags;
	if (pid <= 0) {
		errno = EINVAL;
		return -1;
	}
	return ask(pid, -1, -1, &fd) < 0 ? -1 : fd;
}

int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned flags)
{
	int unused;

	(void)info;
	(void)flags;
	if (pidfd < 0) {
		errno = EBADF;
		return -1;
	}
	return ask(-1, sig, pidfd, &unused);
}
