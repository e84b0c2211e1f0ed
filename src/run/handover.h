/* handover.h - what a command gives to its caller besides output: console and pid */
#ifndef HULL_HANDOVER_H
#define HULL_HANDOVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/err.h"

/**
 * handover_check_console() - the rules about --console-socket and terminals
 * @proxy: the command stays in the foreground and can relay the terminal itself
 *
 * Return: 0 or -EINVAL.
 */
int handover_check_console(bool terminal, const char *socket, bool proxy, struct err *e);

/* handover_connect() - connect to --console-socket before anything is made; -1 without; -errno */
int handover_connect(const char *path, int *ret, struct err *e);

/**
 * handover_console() - send the pty's master: one message, one descriptor
 *
 * The receiver may accept only after this command has ended (containerd), so nothing is awaited.
 *
 * Return: 0 or -errno.
 */
int handover_console(int sock, int master, struct err *e);

/**
 * handover_pidfd() - connect to --pidfd-socket and send a pidfd: one message, one descriptor
 * @path: NULL: nothing to do
 * @word: what the process is, "standard" for init, "setns" for one that entered
 *
 * Return: 0 or -errno.
 */
int handover_pidfd(const char *path, int pidfd, const char *word, struct err *e);

/**
 * handover_pid_file() - write the pid, decimal without a newline
 * @path: absolute; a device or FIFO is written to, and stays
 *
 * Return: 0 or -errno.
 */
int handover_pid_file(const char *path, pid_t pid, struct err *e);

/* handover_forget_pid_file() - remove it, when it is of @pid, and what a killed writer left */
void handover_forget_pid_file(const char *path, pid_t pid);

/* handover_absolute() - @path made absolute against the working directory; NULL stays NULL */
const char *handover_absolute(struct arena *a, const char *path);

/**
 * handover_inherited() - check the descriptors the caller wants to reach the payload
 * @n: 3 .. 3 + n - 1
 *
 * A missing one would be filled by a descriptor of hull's own; those are close-on-exec, the
 * caller's cannot be.
 *
 * Return: 0 or -EBADF.
 */
int handover_inherited(unsigned n, struct err *e);

/* handover_cloexec() - nothing the caller left open reaches hooks or helpers. 0 or -errno. */
int handover_cloexec(struct err *e);

/* handover_listen_fds() - sd_listen_fds(3): how many descriptors, when they are meant for us */
unsigned handover_listen_fds(void);

#endif
