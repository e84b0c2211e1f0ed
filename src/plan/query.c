/* query.c - questions about a plan */
#include <linux/seccomp.h>

#include "hull/plan.h"

#define WAIT_KILLABLE_RECV (1U << 5) /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, since 5.19 */

bool plan_has_ns(const struct plan *p, unsigned type)
{
	return (p->unshare & type) || plan_joined(p, type);
}

const char *plan_joined(const struct plan *p, unsigned type)
{
	for (size_t i = 0; i < p->njoins; i++) {
		if (p->joins[i].type == type)
			return p->joins[i].path;
	}
	return NULL;
}

/* Both peers leave speculation alone when the profile says nothing about flags. */
unsigned plan_filter_flags(const struct config_seccomp *s)
{
	unsigned flags = s->has_flags ? (unsigned)s->flags : SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	/* the gate has one thread to filter; the kernel refuses one flag without, and one with */
	flags &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
	if (!plan_filter_notifies(s))
		flags &= ~WAIT_KILLABLE_RECV;
	return flags;
}

bool plan_filter_notifies(const struct config_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.n; i++) {
		if (s->syscalls.items[i].action == SECCOMP_ACT_NOTIFY)
			return true;
	}
	return false;
}

const char *plan_listener_path(const struct config *c)
{
	const struct config_seccomp *s = c->linux ? c->linux->seccomp : NULL;

	if (s && s->listener_path && s->listener_path[0])
		return s->listener_path;
	return spec_annotation(c, "run.oci.seccomp.receiver");
}
