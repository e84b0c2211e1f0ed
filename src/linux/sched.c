/* sched.c - scheduler, io priority, CPUs, memory nodes, execution domain */
#include "hull/sched.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hull/str.h"

#define MAX_CPUS 8192 /* CONFIG_NR_CPUS of the largest distribution kernels */
#define MAX_NODES 1024
#define SCHED_CAPACITY_SCALE 1024 /* of the kernel: all of a CPU */
#define LONG_BITS (8 * sizeof(unsigned long))

/* sched_setattr(2); the C library has no struct for it, and the kernel's header clashes with it */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max; /* for flags that the specification has no numbers for */
};

int sched_set_scheduler(pid_t pid, const struct config_scheduler *s, struct err *e)
{
	if (!s)
		return 0;
	struct attr a = {
		.size = sizeof(a),
		.policy = s->policy,
		.flags = s->flags,
		.nice = (int32_t)s->nice.value,
		.priority = (uint32_t)s->priority.value,
		.runtime = s->runtime.value,
		.deadline = s->deadline.value,
		.period = s->period.value,
		.util_max = SCHED_CAPACITY_SCALE, /* with 0 that is no clamp at all */
	};

	if (syscall(SYS_sched_setattr, pid, &a, 0) == 0)
		return 0;
	/* sched(7): CONFIG_RT_GROUP_SCHED gives a group of v1 no time for these unless told to */
	const char *why = errno == EPERM ? " (needs CAP_SYS_NICE, and in a cgroup of v1 "
					   "linux.resources.cpu.realtimeRuntime)"
					 : "";

	return err_set(e, errno, "process.scheduler: sched_setattr %s: %s%s",
		       spec_name_of(spec_schedulers, s->policy), err_text(errno), why);
}

int sched_set_io_priority(pid_t pid, const struct config_io_priority *p, struct err *e)
{
	if (!p)
		return 0;
	int value = IOPRIO_PRIO_VALUE(p->class, p->priority.value);

	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, value) < 0)
		return err_errno(e, "process.ioPriority: ioprio_set");
	return 0;
}

int sched_set_memory_policy(const struct config_memory_policy *m, struct err *e)
{
	unsigned long nodes[MAX_NODES / LONG_BITS];

	if (!m)
		return 0;
	if (str_to_mask(m->nodes, nodes, MAX_NODES) < 0)
		return err_set(e, EINVAL,
			       "linux.memoryPolicy.nodes \"%.60s\": not a list of numbers",
			       m->nodes);
	/* the kernel takes one bit less than it is told of */
	if (syscall(SYS_set_mempolicy, (int)(m->mode | m->flags), nodes, MAX_NODES + 1) < 0)
		return err_errno(e, "linux.memoryPolicy: set_mempolicy %s \"%s\"",
				 spec_name_of(spec_memory_modes, m->mode), str_or(m->nodes, ""));
	return 0;
}

int sched_set_personality(const struct config_personality *p, struct err *e)
{
	if (p && personality(p->domain) < 0)
		return err_errno(e, "linux.personality: personality");
	return 0;
}

static int set_mask(pid_t pid, const unsigned long *mask)
{
	return sched_setaffinity(pid, MAX_CPUS / 8, (const cpu_set_t *)mask) < 0 ? -errno : 0;
}

int sched_set_affinity(pid_t pid, const char *list, const char *where, struct err *e)
{
	unsigned long mask[MAX_CPUS / LONG_BITS];

	if (!str_or(list, "")[0])
		return 0;
	if (str_to_mask(list, mask, MAX_CPUS) < 0)
		return err_set(e, EINVAL, "%s \"%.60s\": not a list of CPUs", where, list);
	int r = set_mask(pid, mask);

	return r < 0 ? err_sys(e, -r, "%s: sched_setaffinity \"%.60s\"", where, list) : 0;
}

void sched_reset_affinity(pid_t pid)
{
	unsigned long all[MAX_CPUS / LONG_BITS];

	memset(all, 0xff, sizeof(all));
	(void)set_mask(pid, all);
}
