/*
 * agent.c - a seccomp agent: takes listeners from a socket and answers for the filtered processes
 *
 *   agent SOCKET DIRECTORY RULE...
 *
 * RULE is NUMBER=ANSWER or any=ANSWER; the first that fits holds. ANSWER is errno:N, value:N,
 * continue, silent (taken, never answered) or close (the listener goes away). The rule `deaf` has
 * connections neither accepted nor read.
 *
 * What came is left in DIRECTORY: state.N is the text of the Nth connection, fds.N how many
 * descriptors came with its first message and with the others, and calls has a line "NUMBER PID"
 * for every call that was asked about. `ready` says that the socket is there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1UL /* since Linux 5.5 */
#endif

static char **rules;
static const char *dir;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static FILE *note(const char *name, int n, const char *mode)
{
	char path[512];

	snprintf(path, sizeof(path), n < 0 ? "%s/%s" : "%s/%s.%d", dir, name, n);
	FILE *f = fopen(path, mode);

	if (!f)
		die(path);
	return f;
}

static const char *rule_for(int nr)
{
	for (char **r = rules; *r; r++) {
		const char *equals = strchr(*r, '=');

		if (equals && (!strncmp(*r, "any=", 4) || atoi(*r) == nr))
			return equals + 1;
	}
	return "continue";
}

/* The kernel demands zeroed structures, and may know larger ones than this program. */
static void answer_calls(int listener)
{
	for (;;) {
		struct seccomp_notif ask = { 0 };
		struct seccomp_notif_resp say = { 0 };
		struct pollfd p = { .fd = listener, .events = POLLIN };

		if (poll(&p, 1, -1) < 0 || p.revents & (POLLHUP | POLLERR))
			exit(0);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &ask) < 0)
			continue; /* who asked has been killed */
		FILE *f = note("calls", -1, "a");
		const char *rule = rule_for(ask.data.nr);

		fprintf(f, "%d %u\n", ask.data.nr, ask.pid);
		fclose(f);
		say.id = ask.id;
		if (!strncmp(rule, "errno:", 6))
			say.error = -atoi(rule + 6);
		else if (!strncmp(rule, "value:", 6))
			say.val = atoll(rule + 6);
		else if (!strcmp(rule, "silent"))
			continue;
		else if (!strcmp(rule, "close"))
			exit(0);
		else
			say.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &say); /* ENOENT: it was killed */
	}
}

/* Return: how many descriptors came; the last is in @ret. */
static int receive(int sock, char *buf, size_t size, ssize_t *ret_n, int *ret)
{
	char control[CMSG_SPACE(8 * sizeof(int))];
	struct iovec iov = { buf, size };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int n = 0;

	*ret_n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	if (*ret_n < 0)
		die("recvmsg");
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(ret, CMSG_DATA(c), sizeof(int));
	}
	return n;
}

static void take(int sock, int number)
{
	int first = -1, later = 0, listener = -1;
	char buf[65536];
	ssize_t n, head = -1, all = 0;
	FILE *state = note(".state", number, "w");

	do {
		int fds = receive(sock, buf, sizeof(buf), &n, &listener);

		if (first < 0) {
			first = fds;
			head = n;
		} else {
			later += fds;
		}
		all += n;
		fwrite(buf, 1, (size_t)n, state);
	} while (n > 0); /* until the runtime closes */
	fclose(state);
	FILE *f = note("fds", number, "w");

	fprintf(f, "%d %d %s\n", first, later, head == all ? "whole" : "in pieces");
	fclose(f);
	char from[512], to[512];

	snprintf(from, sizeof(from), "%s/.state.%d", dir, number);
	snprintf(to, sizeof(to), "%s/state.%d", dir, number);
	rename(from, to);
	if (listener >= 0)
		answer_calls(listener);
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (argc < 4 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return 2;
	strcpy(addr.sun_path, argv[1]);
	dir = argv[2];
	rules = argv + 3;
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(sock, 0) < 0)
		die(argv[1]);
	fclose(note("ready", -1, "w"));
	if (!strcmp(rules[0], "deaf"))
		for (;;)
			pause();
	for (int n = 1;; n++) {
		int peer = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (peer < 0)
			die("accept");
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			take(peer, n);
			exit(0);
		}
		close(peer);
	}
}
