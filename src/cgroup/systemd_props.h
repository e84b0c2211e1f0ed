/* systemd_props.h - limits as properties of a unit: systemd.resource-control(5) */
#ifndef HULL_CGROUP_SYSTEMD_PROPS_H
#define HULL_CGROUP_SYSTEMD_PROPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/spec.h"
#include "limits.h"
#include "systemd_value.h"

/*
 * hull writes every limit into the group's files itself, exactly. The properties are there because
 * systemd writes the files too, whenever it applies what it knows of the unit anew: at a
 * daemon-reload, a SetUnitProperties, a change of a neighbour. What it does not know it resets.
 */

/**
 * struct prop - one property
 * @where: the JSON path of who asked for it; NULL: hull itself
 * @optional: a systemd that does not know it is no error: the file is written in any case
 */
struct prop {
	const char *name, *where;
	struct value value;
	bool optional;
};

struct props {
	struct arena *arena;
	size_t n, size;
	struct prop *items;
};

/* props_set() - a property, in place of an earlier one of that name */
struct prop *props_set(struct props *p, const char *name, struct value v, const char *where);

/* props_extend() - one more element for a property that is a list */
void props_extend(struct props *p, const char *name, struct value element, const char *where);

/* props_drop() - forget one that systemd does not know. Return: whether it was optional. */
bool props_drop(struct props *p, const char *name);

/* What cpu.max says before: a limit may change one half of it. */
struct cpu_max {
	uint64_t quota; /* UINT64_MAX: none */
	uint64_t period;
};

#define CPU_MAX_DEFAULT ((struct cpu_max){ UINT64_MAX, 100000 })

/* cpu_max_parse() - "max 100000" or "20000 100000"; what is missing stays as it is in @ret */
void cpu_max_parse(const char *text, struct cpu_max *ret);

/**
 * props_of_limits() - what systemd can be told of a list of limits
 * @now: of the group as it is; CPU_MAX_DEFAULT of a new one
 * @ret: added to
 *
 * Pure. The rest (hugetlb, rdma, bursts, v1's cpuset) systemd does not know and does not touch.
 * Device rules are told on v1 only: there a reload would write "a" to devices.allow. On v2 systemd
 * has a BPF program of its own, only where it has rules, and both would have to allow an access.
 */
void props_of_limits(const struct limits *l, const struct cpu_max *now, struct props *ret);

/**
 * props_of_annotations() - "org.systemd.property.NAME" with a value in GVariant's text format
 *
 * A NAME in seconds (RuntimeMaxSec) becomes the one in microseconds that the bus has.
 *
 * Return: 0, or -EINVAL for a NAME that is not one word of letters or a value that is none.
 */
int props_of_annotations(const struct pairs *annotations, struct props *ret, struct err *e);

#endif
