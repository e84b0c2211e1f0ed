/* spawn.c - cloning init, directly or by way of a process that joins namespaces */
#include "spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/ns.h"
#include "hull/proc.h"
#include "hull/sys.h"

struct spawn {
	const struct plan *plan;
	int proc_fd, cgroup_fd;
	void (*child)(void *);
	void *arg;
	int middle_sock; /* of the process in between, which init must not hold; -1: none */
};

/* exit_signal must be 0 with CLONE_PARENT; init's end is seen on its pidfd anyway. */
static pid_t clone_init(const struct spawn *s, uint64_t extra, int *ret_pidfd)
{
	const unsigned later = CLONE_NEWCGROUP | CLONE_NEWTIME;
	int pidfd = -1;
	struct clone_args args = {
		.flags = (s->plan->unshare & ~later) | CLONE_PIDFD | extra,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = extra & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (s->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)s->cgroup_fd;
	}
	pid_t pid = sys_clone3(&args);

	if (pid == 0) {
		fd_close(s->middle_sock); /* or its end would not be heard */
		s->child(s->arg);
		_exit(1);
	}
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

static int fail_clone(int num, struct err *e)
{
	const char *why =
		num == EPERM    ? " (creating namespaces needs CAP_SYS_ADMIN or a user namespace)"
		: num == ENOSPC ? " (see the limits in /proc/sys/user)"
		: num == ENOSYS ? " (hull needs Linux 5.12 and a seccomp profile that allows "
				  "clone3)"
				: "";

	return err_set(e, num, "clone3 init: %s%s", err_text(num), why);
}

/* What the process in between reports: a pidfd on the side, or an error. */
static void middle(struct spawn *s, int sock)
{
	struct err e = { 0 };
	int pidfd = -1;

	s->middle_sock = sock;
	/* visible to whoever is in the joined namespaces: no attaching (CVE-2016-9962) */
	(void)prctl(PR_SET_DUMPABLE, 0);
	int r = ns_join_all(s->plan, &e);

	(void)prctl(PR_SET_DUMPABLE, 0); /* a user namespace that was joined takes it back */
	if (r == 0) {
		r = clone_init(s, CLONE_PARENT, &pidfd);
		if (r < 0)
			r = fail_clone(-r, &e);
	}
	if (r < 0)
		(void)fd_write(sock, &e, sizeof(e)); /* an exit without a word is an error too */
	else
		(void)fd_send(sock, pidfd, "", 1);
	_exit(r < 0);
}

static int hear_middle(int sock, int *ret_pidfd, struct err *e)
{
	struct err said;
	ssize_t n = fd_recv(sock, ret_pidfd, &said, sizeof(said));

	if (n == 1 && *ret_pidfd >= 0)
		return 0;
	if (n == sizeof(said) && said.num > 0) {
		said.text[sizeof(said.text) - 1] = '\0';
		*e = said;
		return -said.num;
	}
	return err_set(e, EPROTO, "the process that joins namespaces ended without a word");
}

/*
 * From a cgroup namespace that begins elsewhere a group that it does not show cannot be entered
 * ("nsdelegate", cgroup-v2.rst of the kernel), so there the process in between is born in the
 * group, and init after it.
 */
static int spawn_through(const struct spawn *how, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
	struct spawn here = *how, *s = &here;
	int ends[2], middle_fd = -1;
	struct clone_args args = { .flags = CLONE_PIDFD,
				   .pidfd = (uint64_t)(uintptr_t)&middle_fd,
				   .exit_signal = SIGCHLD };

	if (s->cgroup_fd >= 0 && plan_joined(s->plan, CLONE_NEWCGROUP)) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)s->cgroup_fd;
		s->cgroup_fd = -1;
	}

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(e, "socketpair");
	_cleanup_close_ int sock = ends[0];
	pid_t pid = sys_clone3(&args);

	if (pid == 0) {
		fd_close(sock);
		middle(s, ends[1]);
	}
	fd_close(ends[1]);
	if (pid < 0)
		return fail_clone(-pid, e);
	_cleanup_close_ int middle_pidfd = middle_fd;
	_cleanup_close_ int pidfd = -1;
	int r = hear_middle(sock, &pidfd, e);

	(void)spawn_wait(middle_pidfd); /* it has said what there is to say */
	if (r < 0)
		return r;
	*ret_pid = proc_pid_of(s->proc_fd, pidfd);
	if (*ret_pid <= 0)
		return err_set(e, ESRCH, "init ended before it began");
	*ret_pidfd = fd_steal(&pidfd);
	return 0;
}

int spawn_init(const struct plan *p, int proc_fd, int cgroup_fd, void (*child)(void *), void *arg,
	       pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
	const struct spawn s = { p, proc_fd, cgroup_fd, child, arg, -1 };

	(void)fflush(NULL); /* what is buffered must not be written twice */
	if (p->njoins)
		return spawn_through(&s, ret_pid, ret_pidfd, e);
	pid_t pid = clone_init(&s, 0, ret_pidfd);

	if (pid < 0)
		return fail_clone(-pid, e);
	*ret_pid = pid;
	return 0;
}

int spawn_check(struct err *e)
{
	/* what the kernel says of arguments that cannot be right: it is there and may be called */
	if (pidfd_open(-1, 0) < 0 && errno != EINVAL)
		return err_errno(e, "pidfd_open");
	if (pidfd_send_signal(-1, 0, NULL, 0) < 0 && errno != EBADF)
		return err_errno(e, "pidfd_send_signal");
	return 0;
}

int spawn_wait(int pidfd)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status;
}

void spawn_leave_children(void)
{
	(void)signal(SIGCHLD, SIG_IGN);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

void spawn_kill(int pidfd)
{
	(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	spawn_leave_children();
	(void)spawn_wait(pidfd);
	(void)signal(SIGCHLD, SIG_DFL); /* hooks that follow are waited for */
}

int spawn_explain_end(int pidfd, const struct cgroup *cgroup, struct err *e)
{
	int64_t limit = -1;
	int status = spawn_wait(pidfd);

	if (cgroup && cgroup_oom_kills(cgroup, &limit))
		return err_set(
			e, ENOMEM,
			"container init was OOM-killed (memory limit too low?): the limit is "
			"%lld bytes",
			(long long)limit);
	if (status >= 0 && WIFSIGNALED(status))
		return err_set(e, ESRCH, "init was killed by signal %d", WTERMSIG(status));
	return err_set(e, EPROTO, "init ended without a word");
}
