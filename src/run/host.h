/* host.h - the facts about this machine that plans depend on */
#ifndef HULL_RUN_HOST_H
#define HULL_RUN_HOST_H

#include "hull/plan.h"

/* host_read_facts() - ask the kernel; LSMs only where @c names a label. 0 or -errno. */
int host_read_facts(const struct config *c, struct host_facts *ret, struct err *e);

/* host_now() - the time by RFC 3339, to the nanosecond, in the arena */
const char *host_now(struct arena *a);

#endif
