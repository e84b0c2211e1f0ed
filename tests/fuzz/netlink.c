/*
 * netlink.c - the target for the kernel's replies about network devices
 *
 * libmnl's socket is taken over when libmnl is loaded: it takes every request and receives what the
 * input has, as long as it has any. libmnl's own reading of messages is the real one.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <net/if.h>
#include <string.h>

#include "fuzz.h"
#include "hull/library.h"
#include "hull/net.h"
#include "hull/str.h"

static struct input *replies;

ssize_t __real_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
			socklen_t *len);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
			socklen_t *len);

static struct mnl_socket *fake_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&replies; /* never looked into */
}

static int fake_bind(struct mnl_socket *s, unsigned groups, pid_t pid)
{
	(void)s;
	(void)groups;
	(void)pid;
	return 0;
}

static ssize_t fake_sendto(const struct mnl_socket *s, const void *data, size_t n)
{
	const struct nlmsghdr *h = data;

	(void)s;
	REQUIRE(n == h->nlmsg_len && n >= sizeof(*h));
	return (ssize_t)n;
}

#define FAKE_FD (-42)

static int fake_get_fd(const struct mnl_socket *s)
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

static unsigned fake_get_portid(const struct mnl_socket *s)
{
	(void)s;
	return 0;
}

static int fake_close(struct mnl_socket *s)
{
	(void)s;
	return 0;
}

int __real_library_load(const char *name, const struct library_symbol *symbols, size_t n,
			struct err *e);
int __wrap_library_load(const char *name, const struct library_symbol *symbols, size_t n,
			struct err *e);

int __wrap_library_load(const char *name, const struct library_symbol *symbols, size_t n,
			struct err *e)
{
	static const struct library_symbol fakes[] = {
		{ "mnl_socket_open2", (void *)fake_open2 },
		{ "mnl_socket_bind", (void *)fake_bind },
		{ "mnl_socket_sendto", (void *)fake_sendto },
		{ "mnl_socket_get_fd", (void *)fake_get_fd },
		{ "mnl_socket_get_portid", (void *)fake_get_portid },
		{ "mnl_socket_close", (void *)fake_close },
	};
	int r = __real_library_load(name, symbols, n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(fakes); j++) {
			if (str_eq(symbols[i].name, fakes[j].name))
				memcpy(symbols[i].function, &fakes[j].function, sizeof(void *));
		}
	}
	return r;
}

void fuzz_netlink(struct input *in, struct arena *a, struct err *e)
{
	struct config_net_device devices[] = { { .key = "eth0", .name = "eth1" },
					       { .key = "fifteen-bytes-x", .name = "net%d" } };
	const struct config_net_devices list = { ARRAY_SIZE(devices), devices };
	struct net_moves moves = { 0 };

	world_file("ns/net", "", 0, OTHERS_ABSENT); /* hull's own */
	replies = in;
	(void)input_byte(in); /* the committed inputs begin with one that says nothing */
	if (net_move_devices(a, -1, 1, &list, &moves, e) == 0)
		net_move_back(&moves);
	net_moves_end(&moves);
}
