/* loopback.c - setting up the loopback device of a new network namespace */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "hull/fd.h"
#include "hull/net.h"

#define LOOPBACK_INDEX 1 /* the first device of every network namespace */

/*
 * The answer comes with the request: rtnetlink works it off before send(2) returns. Anybody else's
 * is none: who administers the user namespace could be here too.
 */
static int ask(int sock)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_NEWLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = LOOPBACK_INDEX, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr ack;
	} answer;
	struct sockaddr_nl from = { .nl_pid = UINT32_MAX };
	socklen_t len = sizeof(from);
	ssize_t n;

	if (send(sock, &request, sizeof(request), 0) < 0)
		return -errno;
	do
		n = recvfrom(sock, &answer, sizeof(answer), 0, (struct sockaddr *)&from, &len);
	while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(answer) || answer.head.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.ack.error;
}

int net_loopback_up(struct err *e)
{
	cleanup_close_later int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (sock < 0)
		return err_errno(e, "netlink socket");
	int r = ask(sock);

	return r < 0 ? err_sys(e, -r, "set link lo up") : 0;
}
