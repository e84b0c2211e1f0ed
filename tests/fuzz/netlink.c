/*
 * netlink.c - the target for the kernel's replies about network devices
 *
 * libmnl's socket is taken over by the linker: it takes every request and receives what the input
 * has, as long as it has any. libmnl's own reading of messages is the real one.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <net/if.h>
#include <string.h>

#include "fuzz.h"
#include "hull/net.h"
#include "hull/str.h"

static struct input *replies;

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_bind(struct mnl_socket *s, unsigned groups, pid_t pid);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *data, size_t n);
int __wrap_mnl_socket_get_fd(const struct mnl_socket *s);
ssize_t __real_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
			socklen_t *len);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
			socklen_t *len);
unsigned __wrap_mnl_socket_get_portid(const struct mnl_socket *s);
int __wrap_mnl_socket_close(struct mnl_socket *s);

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&replies; /* never looked into */
}

int __wrap_mnl_socket_bind(struct mnl_socket *s, unsigned groups, pid_t pid)
{
	(void)s;
	(void)groups;
	(void)pid;
	return 0;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *data, size_t n)
{
	const struct nlmsghdr *h = data;

	(void)s;
	REQUIRE(n == h->nlmsg_len && mnl_nlmsg_ok(h, (int)n));
	return (ssize_t)n;
}

#define FAKE_FD (-42)

int __wrap_mnl_socket_get_fd(const struct mnl_socket *s)
{
	(void)s;
	return FAKE_FD;
}

/*
 * A reply is two bytes that say how long it is, and then so many; with the highest bit of the two
 * it comes from another process. None left is an error.
 */
ssize_t __wrap_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
			socklen_t *len)
{
	struct sockaddr_nl sender = { .nl_family = AF_NETLINK };

	if (fd != FAKE_FD)
		return __real_recvfrom(fd, buf, n, flags, from, len);
	if (!replies->n) {
		errno = ECONNRESET;
		return -1;
	}
	size_t size = input_byte(replies), have;

	size |= (size_t)input_byte(replies) << 8;
	sender.nl_pid = size >> 15;
	memcpy(from, &sender, sizeof(sender));
	const uint8_t *bytes = input_take(replies, size & 0x7fff, &have);

	memcpy(buf, bytes, have < n ? have : n);
	return (ssize_t)have;
}

unsigned __wrap_mnl_socket_get_portid(const struct mnl_socket *s)
{
	(void)s;
	return 0;
}

int __wrap_mnl_socket_close(struct mnl_socket *s)
{
	(void)s;
	return 0;
}

void fuzz_netlink(struct input *in, struct arena *a, struct err *e)
{
	struct config_net_device devices[] = { { .key = "eth0", .name = "eth1" },
					       { .key = "fifteen-bytes-x", .name = "net%d" } };
	const struct config_net_devices list = { ARRAY_SIZE(devices), devices };
	struct net_moves moves;

	world_file("ns/net", "", 0, OTHERS_ABSENT); /* hull's own */
	replies = in;
	if (input_byte(in) & 1)
		(void)net_loopback_up(e);
	else if (net_move_devices(a, -1, &list, &moves, e) == 0)
		net_move_back(&moves, -1);
}
