/* net.h - network namespaces and devices; the only module that knows libmnl */
#ifndef HULL_NET_H
#define HULL_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/json.h"
#include "hull/spec.h"

/**
 * net_loopback_up() - "ip link set lo up" in the caller's network namespace, netdevice(7)
 *
 * By ioctl(2), which a socket of any family takes: every container wants it.
 *
 * Return: 0 or -errno.
 */
int net_loopback_up(struct err *e);

/* The devices that have been moved so far, and what it takes to put them back. Begins as zero. */
struct net_moves {
	size_t n;
	struct net_move *items;
	int ns_fd; /* owned where n is not 0 */
};

/**
 * net_move_devices() - linux.netDevices: hand devices over to a process's network namespace
 * @pid: held by a pidfd of the caller's
 * @a: for @ret, which is for net_moves_end() and before it, perhaps, net_move_back()
 *
 * A device keeps its permanent addresses of global scope and is set up; a name with "%d" is
 * completed by the kernel. Name and namespace change in one message, so that no half-renamed
 * device is left on the host. When one fails, those before it are put back.
 *
 * Return: 0 or -errno; messages name the device.
 */
int net_move_devices(struct arena *a, int proc_fd, pid_t pid,
		     const struct config_net_devices *devices, struct net_moves *ret,
		     struct err *e);

/* net_move_back() - undo it, as far as the devices still exist. */
void net_move_back(const struct net_moves *moves);

/* net_moves_end() - they stay where they are */
void net_moves_end(struct net_moves *moves);

/**
 * net_put_stats() - "network_interfaces": what each interface of a process's namespace has carried
 * @pid: held by a pidfd of the caller's
 *
 * In the shape of `runc events`. Empty where the namespace is hull's own: those counters are the
 * host's, not the container's.
 */
void net_put_stats(struct arena *a, int proc_fd, pid_t pid, struct json_out *o);

#endif
