/* supervise.h - standing in front of a foreground process until it ends */
#ifndef HULL_SUPERVISE_H
#define HULL_SUPERVISE_H

#include <sys/types.h>

#include "hull/err.h"
#include "notify.h"

/**
 * struct supervisor - signals held back from the moment the process is made
 * @fd: signalfd, owned
 * @notify: what else to pass on meanwhile; NULL: nothing
 */
struct supervisor {
	int fd;
	const struct notify *notify;
};

/*
 * supervise_begin() - hold signals back, so that none is lost before there is a receiver. They stay
 * blocked until this process ends: one that comes too late for the payload must not end it instead.
 */
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

/* supervise_end() - close */
void supervise_end(struct supervisor *s);

#endif
