/* sync.c - messages between a command and the process it is building */
#include "sync.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "hull/fd.h"

static const char *const gate_stages[GATE_STAGES] = {
	[GATE_AT_START] = "close_range",
	[GATE_AT_FORK] = "clone into the pid namespace",
	[GATE_AT_TTY] = "process.terminal: ioctl TIOCSCTTY",
	[GATE_AT_GROUPS] = "process.user.additionalGids: setgroups",
	[GATE_AT_GID] = "process.user.gid: setresgid",
	[GATE_AT_BOUNDING] = "process.capabilities.bounding: prctl PR_CAPBSET_DROP",
	[GATE_AT_UID] = "process.user.uid: setresuid",
	[GATE_AT_CHDIR] = "process.cwd: chdir",
	[GATE_AT_LABEL] = "set security attribute: write `/proc/thread-self/attr/exec`",
	[GATE_AT_NO_NEW_PRIVS] = "process.noNewPrivileges: prctl",
	[GATE_AT_FILTER] = "linux.seccomp: seccomp",
	[GATE_AT_CAPS] = "process.capabilities: capset",
	[GATE_AT_AMBIENT] = "process.capabilities.ambient: prctl PR_CAP_AMBIENT_RAISE",
	[GATE_AT_WAIT] = "wait for start",
	[GATE_AT_EXEC] = "exec",
};

int sync_pair(int ret_ends[2])
{
	const struct timeval patience = { .tv_sec = FD_PATIENCE_S };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) < 0)
		return -errno;
	/* fails for what is no socket only */
	(void)setsockopt(ret_ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

int sync_send(int sock, unsigned type, int num)
{
	const struct gate_report r = { .type = type, .num = num };
	ssize_t n = fd_write(sock, &r, sizeof(r));

	return n < 0 ? (int)n : 0;
}

void sync_send_error(int sock, unsigned step, const struct err *e)
{
	struct message m = { .head = { .type = MESSAGE_ERROR, .num = e->num, .step = step } };

	memcpy(m.text, e->text, sizeof(m.text));
	(void)fd_write(sock, &m,
		       sizeof(m)); /* nobody left to hear it: the exit status says it too */
}

int sync_recv(int sock, struct message *ret, int *ret_fd)
{
	struct message m = { 0 };
	ssize_t n = fd_recv(sock, ret_fd, &m, sizeof(m));

	/* a peer that ended with a byte of ours unread resets the connection, and is heard then */
	if (n == -ECONNRESET)
		n = fd_recv(sock, ret_fd, &m, sizeof(m));
	if (n == 0) { /* a message of no bytes could bring one */
		fd_close(fd_steal(ret_fd));
		return 0;
	}
	if (n < 0)
		return (int)n;
	if (n != sizeof(m) && n != sizeof(m.head)) {
		fd_close(fd_steal(ret_fd));
		return -EPROTO;
	}
	m.text[sizeof(m.text) - 1] = '\0';
	*ret = m;
	return 1;
}

int sync_go(int sock)
{
	ssize_t n;

	do
		n = send(sock, "", 1, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int sync_wait_go(int sock)
{
	char byte;
	ssize_t n = fd_read(sock, &byte, 1);

	if (n < 0)
		return (int)n;
	return n == 1 ? 0 : -EPIPE;
}

static int from_gate(const struct message *m, const char *program, const char *profile,
		     struct err *e)
{
	unsigned stage = m->head.step < GATE_STAGES ? m->head.step : GATE_AT_START;

	if (stage == GATE_AT_EXEC)
		return err_sys(e, m->head.num, "exec: \"%s\"", program);
	if (stage == GATE_AT_LABEL && profile && m->head.num == ENOENT)
		return err_sys(e, ENOENT, "AppArmor profile \"%s\" is not loaded: %s", profile,
			       gate_stages[stage]);
	return err_sys(e, m->head.num, "%s", gate_stages[stage]);
}

int sync_error(const struct message *m, const char *(*step_name)(unsigned), const char *program,
	       const char *profile, struct err *e)
{
	if (m->head.num <= 0)
		return err_set(e, EPROTO, "init sent an error without a number");
	if (m->head.from_gate)
		return from_gate(m, program, profile, e);
	const char *step = step_name(m->head.step);

	return err_set(e, m->head.num, "%.430s (init: %.60s)", m->text, step ? step : "?");
}
