/* systemd_bus.h - a connection to a manager of systemd; the only module that knows sd-bus */
#ifndef HULL_CGROUP_SYSTEMD_BUS_H
#define HULL_CGROUP_SYSTEMD_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "systemd_value.h"

#define SYSTEMD_NAME "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

/*
 * libsystemd is loaded by its soname when the first connection is made, so a host without systemd
 * needs nothing and a container that systemd does not place pays nothing. It is never unloaded.
 */
struct bus;

/**
 * struct bus_place - where a manager is
 * @address: "unix:path=/run/systemd/private"; D-Bus specification, "Server Addresses"
 * @broker: a message bus with others on it; else the manager itself at the other end
 */
struct bus_place {
	const char *address;
	bool broker;
};

/**
 * bus_find() - connect to the manager that is hull's to ask
 * @user: a user's manager; else the system's
 * @deadline: from deadline_in(), for this and all calls until bus_set_deadline()
 * @ret_place: for bus_open() by a later command, whatever its environment
 *
 * The system's: DBUS_SYSTEM_BUS_ADDRESS when it is set, else systemd's own socket, else the bus.
 * A user's: systemd's socket below XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS, the bus below
 * XDG_RUNTIME_DIR. A socket that is there but too busy to accept is tried again until @deadline.
 *
 * Return: 0 or -errno; the message has every address that was tried, the uid, and what to do.
 */
int bus_find(struct arena *a, bool user, int64_t deadline, struct bus **ret,
	     struct bus_place *ret_place, struct err *e);

/**
 * bus_open() - connect to a place that is known
 *
 * Return: 0, -ENOENT or -ECONNREFUSED where nobody listens any more, -ETIMEDOUT, or -errno.
 */
int bus_open(struct arena *a, const struct bus_place *place, int64_t deadline, struct bus **ret,
	     struct err *e);

void bus_set_deadline(struct bus *b, int64_t deadline);

/* What a call brought: the first string of the answer, or an error's name and text. */
struct bus_reply {
	bool refused;
	char name[128];
	char text[512];
};

/**
 * bus_call() - call a method and wait for the answer
 * @args: its @n arguments
 *
 * Return: 0 with @ret, also when the other side answers with an error; -ETIMEDOUT or -errno when
 * there is no answer.
 */
int bus_call(struct bus *b, const char *path, const char *interface, const char *method,
	     const struct value *args, size_t n, struct bus_reply *ret, struct err *e);

/**
 * bus_wait_job() - until systemd says that a job is done with: signal JobRemoved
 * @job: the path that the call for it returned
 * @ret_result: "done", "failed", "canceled", "timeout", "dependency", "skipped"
 *
 * Return: 0, -ETIMEDOUT or -errno.
 */
int bus_wait_job(struct bus *b, const char *job, char *ret_result, size_t size, struct err *e);

void bus_close(struct bus *b);

#endif
