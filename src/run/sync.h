/* sync.h - what a command and the process it is building say to each other */
#ifndef HULL_SYNC_H
#define HULL_SYNC_H

#include "hull/err.h"
#include "hull/gate.h"

/*
 *   command (launch.c, join.c)                    init.c, then gate.c
 *
 *   ids mapped, in its cgroups    -- byte -->     begins
 *                                 <-- MOUNTED     only with hooks that run now
 *   prestart, createRuntime done  -- byte -->
 *                                 <-- CONSOLE+fd  only with a terminal
 *   ============ execve of the gate ============
 *                                 <-- LISTENER+fd only with SCMP_ACT_NOTIFY
 *                                 <-- READY       nothing can fail any more
 *   limits set, state written     -- byte -->     waits on the FIFO "go", or goes
 *                                 end of file     the payload runs
 *   instead, at any time:         <-- ERROR       step and reason; the process is gone
 *
 * The socket is SOCK_SEQPACKET: one packet is one message. A command that dies is an end of file
 * to the other side, which then ends itself. A message that is out of place kills it.
 */

struct message {
	struct gate_report head; /* type is one of MESSAGE_* */
	char text[512];          /* of an ERROR from init.c */
};

/* sync_pair() - the socket: the command's end, then that of the process. Return: 0 or -errno. */
int sync_pair(int ret_ends[2]);

/* sync_send() - from init: a type, and a number. Return: 0 or -errno. */
int sync_send(int sock, unsigned type, int num);

/* sync_send_error() - the step that failed, and why */
void sync_send_error(int sock, unsigned step, const struct err *e);

/**
 * sync_recv() - the next message
 * @ret_fd: a descriptor that came with it, owned by the caller, or -1; only with a message
 *
 * Return: 1, 0 at end of file, or -errno: -EPROTO for a packet that is no message, -EAGAIN when
 * none came for FD_PATIENCE_S.
 */
int sync_recv(int sock, struct message *ret, int *ret_fd);

/* sync_go() - from the command: the answer that lets the other side go on. Return: 0 or -errno. */
int sync_go(int sock);

/* sync_wait_go() - in init: wait for it. Return: 0, -EPIPE when the command is gone, or -errno. */
int sync_wait_go(int sock);

/**
 * sync_error() - turn an ERROR message into the command's own error
 * @step_name: of init.c's rows; NULL for a number that has none
 * @program: what the gate was to execute, for its messages
 * @profile: the AppArmor profile it was to take on, or NULL (none, or it has it already)
 *
 * Return: a negative errno.
 */
int sync_error(const struct message *m, const char *(*step_name)(unsigned), const char *program,
	       const char *profile, struct err *e);

#endif
