/*
 * net.c - network devices, over libmnl
 *
 * Moving a device to another network namespace takes its addresses away, so they are read before
 * and given back after. Requests to the other namespace go over a socket that was opened there;
 * a socket stays in the namespace of its birth, whatever namespace its owner is in.
 */
#include "hull/net.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>

#include "hull/fd.h"
#include "hull/library.h"
#include "hull/log.h"
#include "hull/str.h"
#include "mnl.h"

#define MESSAGE_SIZE 8192 /* requests; more than any that is made here */
#define REPLY_SIZE 32768  /* what a dump fills at most, netlink(7) */
#define MAX_ADDRESSES 256

static struct mnl mnl; /* filled by load_mnl() */

static int load_mnl(struct err *e)
{
	static const struct library_symbol symbols[] = {
#define X(name) { "mnl_" #name, &mnl.name },
		MNL_FUNCTIONS
#undef X
	};

	return mnl.socket_open2 ? 0 : library_load("libmnl.so.0", symbols, ARRAY_SIZE(symbols), e);
}

static void socket_cleanup(struct mnl_socket **s)
{
	if (*s)
		(void)mnl.socket_close(*s); /* nothing can be done about it */
}

#define cleanup_socket __attribute__((cleanup(socket_cleanup)))

/* Return: a netlink socket in the caller's network namespace, or NULL with errno. */
static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *s = mnl.socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (s && mnl.socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		int saved = errno;

		(void)mnl.socket_close(s);
		errno = saved;
		return NULL;
	}
	return s;
}

static struct mnl_socket *open_socket_in(int ns_fd)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct mnl_socket *s = NULL;

	if (own < 0 || setns(ns_fd, CLONE_NEWNET) < 0)
		return NULL;
	s = open_socket();
	int saved = errno;

	/* hull is a single thread, and was here before: what was left can be entered again */
	if (setns(own, CLONE_NEWNET) < 0) {
		socket_cleanup(&s);
		return NULL;
	}
	errno = saved;
	return s;
}

/*
 * One message of the kernel's. Whoever administers a namespace that is joined can write to the
 * sockets in it (netlink(7): CAP_NET_ADMIN), and must not speak for the kernel.
 *
 * Return: its length, or -errno.
 */
static ssize_t receive(const struct mnl_socket *s, char *buf, size_t size)
{
	for (;;) {
		struct sockaddr_nl from = { .nl_pid = UINT32_MAX };
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(mnl.socket_get_fd(s), buf, size, MSG_TRUNC,
				     (struct sockaddr *)&from, &len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n >= 0 && len == sizeof(from) && from.nl_pid == 0)
			return (size_t)n <= size ? n : -ENOSPC;
	}
}

/* Each message ends within @n bytes; mnl_nlmsg_ok() takes 2 GiB and more for a negative length. */
static bool is_whole(const char *buf, size_t n)
{
	struct nlmsghdr h;

	for (size_t at = 0; n - at >= sizeof(h); at += MNL_ALIGN(h.nlmsg_len)) {
		memcpy(&h, buf + at, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > n - at)
			return false;
		if (MNL_ALIGN(h.nlmsg_len) >= n - at)
			break;
	}
	return true;
}

/* Whether a datagram, which is whole, ends the answer. */
static bool is_last(const char *buf, size_t n)
{
	struct nlmsghdr h;

	for (size_t at = 0; at + sizeof(h) <= n; at += MNL_ALIGN(h.nlmsg_len)) {
		memcpy(&h, buf + at, sizeof(h));
		if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR)
			return true;
	}
	return false;
}

/* Sends a request and hands every reply to @take until it is answered. Return: 0 or -errno. */
static int talk(struct mnl_socket *s, struct nlmsghdr *request, mnl_cb_t take, void *arg)
{
	static uint32_t sequence;
	char buf[REPLY_SIZE];
	bool interrupted = false;
	int r;

	request->nlmsg_seq = ++sequence;
	if (mnl.socket_sendto(s, request, request->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t n = receive(s, buf, sizeof(buf));

		if (n < 0)
			return (int)n;
		if (!is_whole(buf, (size_t)n))
			return -EBADMSG;
		r = mnl.cb_run(buf, (size_t)n, request->nlmsg_seq, mnl.socket_get_portid(s), take,
			       arg);
		/* what is left of a dump would be in the way of the next one */
		interrupted |= r < 0 && errno == EINTR;
		if (r < 0 && errno == EINTR)
			r = is_last(buf, (size_t)n) ? MNL_CB_STOP : MNL_CB_OK;
		if (r < 0)
			return errno > 0 ? -errno : -EBADMSG; /* it is the message's word */
	} while (r > MNL_CB_STOP);
	return interrupted ? -EINTR : 0;
}

/* A dump that something changed under (NLM_F_DUMP_INTR, which is EINTR here) begins anew. */
static int dump(struct mnl_socket *s, struct nlmsghdr *request, mnl_cb_t take, void *arg,
		size_t *count)
{
	int r;

	do {
		*count = 0;
		r = talk(s, request, take, arg);
	} while (r == -EINTR);
	return r;
}

static struct nlmsghdr *new_request(char *buf, int type, int flags)
{
	struct nlmsghdr *h = mnl.nlmsg_put_header(buf);

	h->nlmsg_type = (uint16_t)type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return h;
}

static struct ifinfomsg *put_link(struct nlmsghdr *h, int index)
{
	struct ifinfomsg *link = mnl.nlmsg_put_extra_header(h, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	return link;
}

/* Return: 0 or -errno. */
static int set_up(struct mnl_socket *s, int index)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h = new_request(buf, RTM_NEWLINK, NLM_F_ACK);
	struct ifinfomsg *link = put_link(h, index);

	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return talk(s, h, NULL, NULL);
}

/* What the user has said about an address; the other flags say how the kernel finds it. */
#define ADDRESS_FLAGS                                                                              \
	(IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |               \
	 IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

/* One address as it is given back: rtnetlink(7), RTM_NEWADDR. */
struct address {
	struct ifaddrmsg head;
	uint32_t flags, metric;
	unsigned char local[16], peer[16], broadcast[16];
	uint16_t local_len, peer_len, broadcast_len;
};

struct net_move {
	char name[IFNAMSIZ]; /* on the host */
	int index, new_index;
	bool was_up;
	size_t naddresses;
	struct address addresses[MAX_ADDRESSES];
};

static int take_link(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *link = mnl.nlmsg_get_payload(h);
	struct net_move *m = arg;

	if (mnl.nlmsg_get_payload_len(h) < sizeof(*link) || h->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	m->index = link->ifi_index;
	m->was_up = link->ifi_flags & IFF_UP;
	return MNL_CB_OK;
}

/* Return: 0 with @m->index set, or -errno. */
static int find_link(struct mnl_socket *s, const char *name, struct net_move *m)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h = new_request(buf, RTM_GETLINK, NLM_F_ACK);

	(void)put_link(h, 0);
	mnl.attr_put_strz(h, IFLA_IFNAME, name);
	m->index = 0;
	int r = talk(s, h, take_link, m);

	return r < 0 ? r : m->index ? 0 : -ENODEV;
}

static void take_bytes(const struct nlattr *attr, unsigned char *out, uint16_t *ret_len)
{
	uint16_t n = mnl.attr_get_payload_len(attr);

	if (n > 16)
		return;
	memcpy(out, mnl.attr_get_payload(attr), n);
	*ret_len = n;
}

/* What mnl_attr_for_each() takes for the end; the macro itself names functions of the library. */
static int left(const struct nlmsghdr *h, const struct nlattr *attr)
{
	return (int)((const char *)mnl.nlmsg_get_payload_tail(h) - (const char *)attr);
}

static int take_address(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *head = mnl.nlmsg_get_payload(h);
	struct net_move *m = arg;
	struct address a = { 0 };
	const struct nlattr *attr;

	if (mnl.nlmsg_get_payload_len(h) < sizeof(*head) || h->nlmsg_type != RTM_NEWADDR)
		return MNL_CB_OK;
	uint32_t flags = head->ifa_flags;

	a.head = *head;
	for (attr = mnl.nlmsg_get_payload_offset(h, sizeof(*head));
	     mnl.attr_ok(attr, left(h, attr)); attr = mnl.attr_next(attr)) {
		if (mnl.attr_get_type(attr) == IFA_LOCAL)
			take_bytes(attr, a.local, &a.local_len);
		else if (mnl.attr_get_type(attr) == IFA_ADDRESS)
			take_bytes(attr, a.peer, &a.peer_len);
		else if (mnl.attr_get_type(attr) == IFA_BROADCAST)
			take_bytes(attr, a.broadcast, &a.broadcast_len);
		else if (mnl.attr_get_type(attr) == IFA_FLAGS &&
			 mnl.attr_validate(attr, MNL_TYPE_U32) >= 0)
			flags = mnl.attr_get_u32(attr);
		else if (mnl.attr_get_type(attr) == IFA_RT_PRIORITY &&
			 mnl.attr_validate(attr, MNL_TYPE_U32) >= 0)
			a.metric = mnl.attr_get_u32(attr);
	}
	a.flags = flags & ADDRESS_FLAGS;
	if ((int)head->ifa_index == m->index && (flags & IFA_F_PERMANENT) &&
	    head->ifa_scope == RT_SCOPE_UNIVERSE) {
		if (m->naddresses == MAX_ADDRESSES) {
			errno = E2BIG;
			return MNL_CB_ERROR; /* none may be lost */
		}
		m->addresses[m->naddresses++] = a;
	}
	return MNL_CB_OK;
}

static int read_addresses(struct mnl_socket *s, struct net_move *m)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h = new_request(buf, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *head = mnl.nlmsg_put_extra_header(h, sizeof(*head));

	head->ifa_family = AF_UNSPEC;
	return dump(s, h, take_address, m, &m->naddresses);
}

static int add_address(struct mnl_socket *s, const struct address *a, int index)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h =
		new_request(buf, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	struct ifaddrmsg *head = mnl.nlmsg_put_extra_header(h, sizeof(*head));

	*head = a->head;
	head->ifa_flags = 0;
	head->ifa_index = (unsigned)index;
	if (a->local_len)
		mnl.attr_put(h, IFA_LOCAL, a->local_len, a->local);
	if (a->peer_len)
		mnl.attr_put(h, IFA_ADDRESS, a->peer_len, a->peer);
	if (a->broadcast_len)
		mnl.attr_put(h, IFA_BROADCAST, a->broadcast_len, a->broadcast);
	if (a->flags)
		mnl.attr_put_u32(h, IFA_FLAGS, a->flags);
	if (a->metric)
		mnl.attr_put_u32(h, IFA_RT_PRIORITY, a->metric);
	return talk(s, h, NULL, NULL);
}

/* Name and namespace in one message. Return: 0 or -errno. */
static int change_namespace(struct mnl_socket *s, int index, const char *name, int ns_fd)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h = new_request(buf, RTM_NEWLINK, NLM_F_ACK);

	(void)put_link(h, index);
	mnl.attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)ns_fd);
	mnl.attr_put_strz(h, IFLA_IFNAME, name);
	return talk(s, h, NULL, NULL);
}

struct seen {
	size_t n;
	int indices[4096];
};

static int take_index(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *link = mnl.nlmsg_get_payload(h);
	struct seen *seen = arg;

	if (h->nlmsg_type == RTM_NEWLINK && seen->n < ARRAY_SIZE(seen->indices))
		seen->indices[seen->n++] = link->ifi_index;
	return MNL_CB_OK;
}

static int list_links(struct mnl_socket *s, struct seen *ret)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *h = new_request(buf, RTM_GETLINK, NLM_F_DUMP);

	(void)put_link(h, 0);
	return dump(s, h, take_index, ret, &ret->n);
}

/* The index that is there now and was not before: the kernel may have given a new one. */
static int new_index(const struct seen *before, const struct seen *after)
{
	for (size_t i = 0; i < after->n; i++) {
		bool old = false;

		for (size_t n = 0; !old && n < before->n; n++)
			old = before->indices[n] == after->indices[i];
		if (!old)
			return after->indices[i];
	}
	return -ENODEV;
}

/* The kernel makes a name of the template: which device got it shows in what is new. */
static int move_by_template(struct mnl_socket *from, struct mnl_socket *to, int ns_fd,
			    const char *name, int index, int *ret_index)
{
	struct seen before = { 0 }, after = { 0 };
	int r = list_links(to, &before);

	if (r == 0)
		r = change_namespace(from, index, name, ns_fd);
	if (r == 0)
		r = list_links(to, &after);
	if (r < 0)
		return r;
	*ret_index = new_index(&before, &after);
	return *ret_index < 0 ? *ret_index : 0;
}

/*
 * The kernel changes the namespace first and the name then: a name that is taken would leave the
 * device there under its old one. So the name is looked for before.
 */
static int move_link(struct mnl_socket *from, struct mnl_socket *to, int ns_fd, const char *name,
		     int index, int *ret_index)
{
	struct net_move there;

	if (strchr(name, '%'))
		return move_by_template(from, to, ns_fd, name, index, ret_index);
	if (find_link(to, name, &there) == 0)
		return -EEXIST;
	int r = change_namespace(from, index, name, ns_fd);

	if (r == 0)
		r = find_link(to, name, &there);
	if (r == 0)
		*ret_index = there.index;
	return r;
}

/* What the device was in its namespace it is again in the other. Return: 0 or -errno. */
static int restore(struct mnl_socket *s, const struct net_move *m, int index, bool up)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->naddresses; i++)
		r = add_address(s, &m->addresses[i], index);
	return r == 0 && up ? set_up(s, index) : r;
}

struct namespaces {
	struct mnl_socket *here, *there;
	int here_fd, there_fd;
};

static int move_one(const struct namespaces *ns, const struct config_net_device *d,
		    struct net_move *m, struct err *e)
{
	const char *name = str_or(d->name, d->key);
	struct net_move there;

	memcpy(m->name, d->key, strlen(d->key) + 1); /* plan_check() has seen that it fits */
	int r = find_link(ns->here, d->key, m);

	if (r == 0)
		r = read_addresses(ns->here, m);
	if (r == -E2BIG)
		return err_set(e, E2BIG, "linux.netDevices.%s: has more than %d addresses", d->key,
			       MAX_ADDRESSES);
	if (r < 0)
		return err_sys(e, -r, "linux.netDevices.%s: find the device", d->key);
	r = move_link(ns->here, ns->there, ns->there_fd, name, m->index, &m->new_index);
	/* somebody took the name meanwhile: the device is there under its own */
	if (r < 0 && find_link(ns->here, d->key, &there) < 0 &&
	    find_link(ns->there, d->key, &there) == 0)
		m->new_index = there.index;
	if (r < 0)
		return err_sys(e, -r, "linux.netDevices.%s: move to the container as %s", d->key,
			       name);
	r = restore(ns->there, m, m->new_index, true);
	return r < 0 ? err_sys(e, -r, "linux.netDevices.%s: set addresses and state", d->key) : 0;
}

static int open_namespaces(struct namespaces *ns, int ns_fd)
{
	ns->there_fd = ns_fd;
	ns->here_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ns->here = ns->here_fd < 0 ? NULL : open_socket();
	ns->there = ns->here ? open_socket_in(ns_fd) : NULL;
	return ns->there ? 0 : -errno;
}

static void close_namespaces(struct namespaces *ns)
{
	socket_cleanup(&ns->here);
	socket_cleanup(&ns->there);
	fd_close(ns->here_fd);
}

static int move_all(const struct config_net_devices *devices, struct net_moves *moves,
		    struct err *e)
{
	struct namespaces ns = { .here_fd = -1 };
	int r = open_namespaces(&ns, moves->ns_fd);

	if (r < 0)
		r = err_sys(e, -r, "linux.netDevices: netlink socket");
	for (size_t i = 0; r == 0 && i < devices->n; i++) {
		struct net_move *m = &moves->items[moves->n];

		r = move_one(&ns, &devices->items[i], m, e);
		moves->n += m->new_index > 0; /* moved, whatever became of its addresses */
	}
	close_namespaces(&ns);
	return r;
}

int net_move_devices(struct arena *a, int proc_fd, pid_t pid,
		     const struct config_net_devices *devices, struct net_moves *ret, struct err *e)
{
	struct net_moves moves = { .items = arena_new_n(a, struct net_move, devices->n + 1) };
	char path[32];

	if (!devices->n)
		return 0;
	if (load_mnl(e) < 0)
		return err_wrap(e, "linux.netDevices");
	(void)snprintf(path, sizeof(path), "%d/ns/net", pid);
	moves.ns_fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (moves.ns_fd < 0)
		return err_errno(e, "open /proc/%s", path);
	int r = move_all(devices, &moves, e);

	if (r == 0) {
		*ret = moves;
		return 0;
	}
	net_move_back(&moves);
	fd_close(moves.ns_fd);
	return r;
}

/* As the kernel does when a namespace ends: a device whose name is taken gets another one. */
static int move_one_back(const struct namespaces *ns, const struct net_move *m, int *ret_index)
{
	int r = move_link(ns->there, ns->here, ns->here_fd, m->name, m->new_index, ret_index);

	if (r != -EEXIST)
		return r;
	log_warn("linux.netDevices.%s: that name was taken meanwhile: the device is back under one "
		 "that begins with dev",
		 m->name);
	return move_link(ns->there, ns->here, ns->here_fd, "dev%d", m->new_index, ret_index);
}

void net_move_back(const struct net_moves *moves)
{
	struct namespaces ns = { .here_fd = -1 };

	if (!moves->n)
		return;
	if (open_namespaces(&ns, moves->ns_fd) == 0) {
		for (size_t i = moves->n; i-- > 0;) {
			const struct net_move *m = &moves->items[i];
			int index;

			/* the error that led here is the one to report */
			if (move_one_back(&ns, m, &index) == 0)
				(void)restore(ns.here, m, index, m->was_up);
		}
	}
	close_namespaces(&ns);
}

void net_moves_end(struct net_moves *moves)
{
	if (moves->n)
		fd_close(moves->ns_fd);
	*moves = (struct net_moves){ 0 };
}
