/* supervise.h - standing in front of a foreground process until it ends */
#ifndef HULL_SUPERVISE_H
#define HULL_SUPERVISE_H

#include <signal.h>
#include <sys/types.h>

#include "hull/err.h"
#include "notify.h"

/**
 * struct supervisor - signals held back from the moment the process is made
 * @fd: signalfd, owned
 * @before: mask to return to
 * @notify: what else to pass on meanwhile; NULL: nothing
 */
struct supervisor {
	int fd;
	sigset_t before;
	const struct notify *notify;
};

/* supervise_begin() - hold signals back, so that none is lost before there is a receiver */
int supervise_begin(struct supervisor *s, struct err *e);

/**
 * supervise_wait() - forward signals and the terminal until the process has ended
 * @pid, @pidfd: a child of the caller's
 * @master: its terminal, taken over; -1: none
 *
 * Every signal but SIGCHLD (reap), SIGWINCH (resize) and SIGURG goes on to the process.
 *
 * Return: what to exit with: its status, or 128 + the signal that ended it; or -errno.
 */
int supervise_wait(struct supervisor *s, pid_t pid, int pidfd, int master, struct err *e);

/* supervise_end() - close, and let signals through again */
void supervise_end(struct supervisor *s);

#endif
