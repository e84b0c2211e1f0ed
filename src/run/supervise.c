/* supervise.c - signals and terminal of a foreground process */
#include "supervise.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"
#include "hull/tty.h"

int supervise_begin(struct supervisor *s, struct err *e)
{
	sigset_t all;

	(void)sigfillset(&all);
	/* faults of hull's own must still end it */
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		(void)sigdelset(&all, faults[i]);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return err_errno(e, "sigprocmask");
	s->fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd < 0 ? err_errno(e, "signalfd") : 0;
}

/* Orphans of a container without a pid namespace come to us as the subreaper. */
static void reap_others(pid_t pid)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0)
			return;
		if (!info.si_pid || info.si_pid == pid)
			return;
		(void)waitpid(info.si_pid, NULL, WNOHANG | __WALL);
	}
}

static void take_signal(int sig, pid_t pid, int pidfd, const struct tty_relay *relay)
{
	if (sig == SIGCHLD)
		reap_others(pid);
	else if (sig == SIGWINCH && relay)
		tty_relay_resize(relay);
	else if (sig != SIGURG && sig != SIGPIPE && sig != SIGWINCH)
		(void)pidfd_send_signal(pidfd, sig, NULL, 0); /* it may have ended */
}

static void take_signals(const struct supervisor *s, pid_t pid, int pidfd,
			 const struct tty_relay *relay)
{
	struct signalfd_siginfo infos[4];
	ssize_t n;

	/* a read that is not filled has taken all there are, signalfd(2) */
	do {
		n = fd_read(s->fd, infos, sizeof(infos));
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(*infos); i++)
			take_signal((int)infos[i].ssi_signo, pid, pidfd, relay);
	} while (n == sizeof(infos));
}

static int exit_status(int pidfd, struct err *e)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return err_errno(e, "wait");
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/* Return: 0 when the process has ended. */
static int loop(struct supervisor *s, pid_t pid, int pidfd, struct tty_relay *relay, struct err *e)
{
	for (;;) {
		struct pollfd fds[6] = { { .fd = pidfd, .events = POLLIN },
					 { .fd = s->fd, .events = POLLIN },
					 { .fd = s->notify ? s->notify->own : -1,
					   .events = POLLIN } };
		nfds_t n = 3;

		if (relay) {
			tty_relay_poll(relay, fds + 3);
			n = 6;
		}
		if (poll(fds, n, -1) < 0) {
			if (errno != EINTR)
				return err_errno(e, "poll");
			continue;
		}
		if (fds[1].revents)
			take_signals(s, pid, pidfd, relay);
		if (relay)
			tty_relay_move(relay, fds + 3);
		if (fds[2].revents)
			(void)notify_take(s->notify, getpid());
		if (fds[0].revents) {
			if (fds[2].fd >= 0)
				notify_rest(s->notify, getpid());
			return 0;
		}
	}
}

int supervise_wait(struct supervisor *s, pid_t pid, int pidfd, int master, struct err *e)
{
	struct tty_relay relay;
	bool has_tty = master >= 0;
	int r = has_tty ? tty_relay_start(&relay, master, e) : 0;

	if (r < 0)
		return r;
	r = loop(s, pid, pidfd, has_tty ? &relay : NULL, e);
	if (has_tty)
		tty_relay_stop(&relay);
	return r < 0 ? r : exit_status(pidfd, e);
}

void supervise_end(struct supervisor *s)
{
	fd_close_later(fd_steal(&s->fd));
}
