/* limits_help.h - linux.resources and its translation as text, for the tests of src/cgroup/ */
#ifndef UNIT_LIMITS_HELP_H
#define UNIT_LIMITS_HELP_H

#include "cgroup/limits.h"

/* read_resources() - a linux.resources object with ' for " */
const struct config_resources *read_resources(const char *text);

/* read_layout() - of the text of /proc/self/cgroup, with the controllers of v2 */
struct layout read_layout(const char *text, const char *available);

/*
 * dump_limits() - one line each: "memory memory.max=100 (memory.limit)", '?' before optional ones;
 * the path in brackets is below linux.resources.
 */
const char *dump_limits(const struct limits *l);

/* /proc/self/cgroup of a host with most controllers on v1 */
extern const char hybrid_host[];

#endif
