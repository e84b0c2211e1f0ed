/* notify.h - sd_notify(3) between a container and the service manager that started the command */
#ifndef HULL_NOTIFY_H
#define HULL_NOTIFY_H

#include <sys/types.h>

#include "hull/arena.h"
#include "hull/container.h"
#include "hull/err.h"

/*
 * With NOTIFY_SOCKET set the container gets a socket of its own, <root>/<id>/notify/notify.sock,
 * below NAMES_NOTIFY_DIR, and what it says there goes on to the manager: readiness, status and
 * watchdog, but no pid and no descriptor, for those of a container mean nothing, or harm, outside.
 * With READY=1 hull says who the main process is: hull itself, while it waits for the payload and
 * will exit with its status; else the container's init.
 */

/**
 * struct notify - the two ends, -1 where there are none
 * @host: connected to the manager
 * @own: where the container's messages arrive
 */
struct notify {
	int host, own;
};

#define NOTIFY_NONE ((struct notify){ -1, -1 })

/**
 * notify_connect() - find the manager
 *
 * A NOTIFY_SOCKET that is not set, malformed or has nobody listening leaves @n as it is, as for
 * every client of sd_notify(3).
 */
void notify_connect(struct notify *n);

/* notify_dir() - on the host, absolute: what the container will have mounted; NULL: no manager */
const char *notify_dir(const struct notify *n, struct arena *a, const char *root, const char *id);

/* notify_make_dir() - on the host; the container's removal takes it along. Return: 0 or -errno. */
int notify_make_dir(const struct container *c, struct err *e);

/**
 * notify_listen() - make the socket in it
 *
 * Nothing is done without a manager, or for a container that was made without one.
 *
 * Return: 0 or -errno.
 */
int notify_listen(struct notify *n, const struct container *c, struct err *e);

/**
 * notify_take() - pass on one message that has arrived
 * @pid: the main process, which goes with READY=1
 *
 * Return: 1 for READY=1, 0 for another, -EAGAIN when there is none, or -errno.
 */
int notify_take(const struct notify *n, pid_t pid);

/* notify_rest() - pass on what is left of a payload that has ended, within reason */
void notify_rest(const struct notify *n, pid_t pid);

/**
 * notify_ready() - pass messages on until the container is ready, or has ended
 * @c: unlocked meanwhile, for it can take long
 * @pidfd: its init
 *
 * Returns once the manager has read them: of a sender that is gone it would not know whose service
 * it was.
 *
 * Return: 0 or -errno.
 */
int notify_ready(const struct notify *n, struct container *c, int pidfd, struct err *e);

/* notify_close() - both ends */
void notify_close(struct notify *n);

#endif
