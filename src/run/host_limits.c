/* host_limits.c - what a command sets on the payload's process with its own privilege */
#include "host_limits.h"

#include <linux/capability.h>

#include "hull/proc.h"
#include "hull/sched.h"

static bool has_resource(const struct host_facts *host)
{
	return host->permitted >> CAP_SYS_RESOURCE & 1;
}

int host_limits_early(pid_t pid, const struct plan_process *p, const struct host_facts *host,
		      bool owned, struct err *e)
{
	return owned || has_resource(host) ? 0 : proc_set_rlimits(pid, &p->rlimits, e);
}

int host_limits_apply(int proc_fd, pid_t pid, const struct plan_process *p,
		      const struct host_facts *host, bool owned, struct err *e)
{
	bool all = has_resource(host);
	int r = 0;

	/* the kernel asks for the capability in the initial user namespace */
	if (p->oom_score_adj.set)
		r = proc_set_oom_score(proc_fd, pid, p->oom_score_adj.value,
				       !all || host->in_userns, e);
	if (r == 0)
		r = sched_set_scheduler(pid, p->scheduler, e);
	if (r == 0)
		r = sched_set_io_priority(pid, p->io_priority, e);
	return r == 0 && (owned || all) ? proc_set_rlimits(pid, &p->rlimits, e) : r;
}
