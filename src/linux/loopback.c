/* loopback.c - setting up the loopback device of a new network namespace */
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "hull/fd.h"
#include "hull/net.h"

/* The flags that the kernel sets for itself are not taken back by leaving them out. */
int net_loopback_up(struct err *e)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	cleanup_close_later int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return err_errno(e, "socket");
	return ioctl(sock, SIOCSIFFLAGS, &lo) < 0 ? err_errno(e, "set link lo up") : 0;
}
