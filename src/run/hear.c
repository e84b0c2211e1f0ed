/* hear.c - waiting for a process that is being made, and not for ever */
#include "hear.h"

#include <errno.h>

#include "hull/fd.h"
#include "hull/plan.h"
#include "hull/proc.h"

int hear_silence(const struct container *c, pid_t pid, bool asked, struct err *e)
{
	if (asked)
		return err_set(e, ETIMEDOUT,
			       "linux.seccomp: SCMP_ACT_NOTIFY holds a call on the way to the "
			       "payload: the agent at %s has not answered for %d seconds",
			       plan_listener_path(&c->config), FD_PATIENCE_S);
	if (proc_is_stopped(c->proc_fd, pid))
		return err_set(e, ETIMEDOUT,
			       "the process was stopped by SIGSTOP on the way to the payload, and "
			       "nobody has let it go on for %d seconds",
			       FD_PATIENCE_S);
	return 0;
}

int hear(int sock, const struct container *c, pid_t pid, bool asked, struct message *ret,
	 int *ret_fd, struct err *e)
{
	for (;;) {
		int r = sync_recv(sock, ret, ret_fd);

		if (r != -EAGAIN)
			return r < 0 ? err_sys(e, -r, "hear from process %d", pid) : r;
		r = hear_silence(c, pid, asked, e);
		if (r < 0)
			return r;
	}
}
