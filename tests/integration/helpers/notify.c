/*
 * notify MESSAGE... - send each to NOTIFY_SOCKET, as sd_notify(3) would
 *
 * Of those that would not: with-descriptors:MESSAGE brings descriptors 0 and 1, bytes:NUMBER is a
 * datagram of so many lines' ends, as large as the sender may make it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un to = { .sun_family = AF_UNIX };

static int send_bytes(int sock, int n)
{
	char *bytes = malloc((size_t)n + 1);
	int size = 2 * n + 4096; /* the kernel counts its own, too */

	if (!bytes)
		return -1;
	memset(bytes, '\n', (size_t)n);
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return (int)sendto(sock, bytes, (size_t)n, 0, (void *)&to, sizeof(to));
}

static int send_descriptors(int sock, char *text)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec data = { text, strlen(text) };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control.space) };
	const int fds[] = { 0, 1 };

	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	return (int)sendmsg(sock, &m, 0);
}

static int send_one(int sock, char *text)
{
	static const char bytes[] = "bytes:", descriptors[] = "with-descriptors:";

	if (strncmp(text, bytes, sizeof(bytes) - 1) == 0)
		return send_bytes(sock, atoi(text + sizeof(bytes) - 1));
	if (strncmp(text, descriptors, sizeof(descriptors) - 1) == 0)
		return send_descriptors(sock, text + sizeof(descriptors) - 1);
	return (int)sendto(sock, text, strlen(text), 0, (void *)&to, sizeof(to));
}

int main(int argc, char **argv)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int sock = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (!path || sock < 0) {
		fprintf(stderr, "no NOTIFY_SOCKET\n");
		return 1;
	}
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	for (int i = 1; i < argc; i++) {
		if (send_one(sock, argv[i]) < 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
