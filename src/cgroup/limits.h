/* limits.h - linux.resources as a list of values to write into files of the container's groups */
#ifndef HULL_CGROUP_LIMITS_H
#define HULL_CGROUP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/spec.h"
#include "layout.h"

enum {
	LIMIT_OPTIONAL = 1,    /* says what the kernel does anyway: a missing file is no error */
	LIMIT_DEPRECATED = 2,  /* nor is a file that the kernel keeps only for show */
	LIMIT_KEEPS_WORD = 4,  /* the file's first word stays as it is unless the group is new */
	LIMIT_BEST_EFFORT = 8, /* no failure counts; but what is refused is tried again */
	LIMIT_INITIAL = 16,    /* what a new group says anyway: written to others only */
};

/**
 * struct limit - one value
 * @controller: whose file it is, by its name in that layout: "blkio" on v1, "io" on v2;
 *              "cgroup" for files that every v2 group has
 * @v2: the layout that the file belongs to
 * @file: below the container's group
 * @instead, @instead_value: a file and value for kernels that lack @file; NULL: there is none
 * @where: the JSON path, for messages
 * @home: the hierarchy that has the controller; filled in by resources_plan()
 * @written: done; used while applying
 * @target, @before: of an update: which file, and what to write there to undo it, or NULL
 * @side, @side_before: the same for what has to be written before that, or NULL
 */
struct limit {
	const char *controller;
	bool v2;
	unsigned flags;
	const char *file, *value, *instead, *instead_value, *where;
	const struct hierarchy *home;
	bool written;
	const char *target, *before, *side, *side_before;
};

struct limits {
	struct arena *arena;
	size_t n, size;
	struct limit *items;
};

/* Families of resources; each has its controller on v1, on v2, or nowhere. */
enum {
	FAMILY_MEMORY = 1 << 0,
	FAMILY_CPU = 1 << 1,
	FAMILY_CPUSET = 1 << 2,
	FAMILY_PIDS = 1 << 3,
	FAMILY_IO = 1 << 4,
	FAMILY_HUGETLB = 1 << 5,
	FAMILY_NET_CLS = 1 << 6,
	FAMILY_NET_PRIO = 1 << 7,
	FAMILY_RDMA = 1 << 8,
	FAMILY_ALL = (1 << 9) - 1,
};

/* limits_add() - append one; returns it for what the arguments do not say */
struct limit *limits_add(struct limits *l, bool v2, const char *controller, const char *file,
			 const char *value, const char *where);

/**
 * limits_add_hugepages() - linux.resources.hugepageLimits: "hugetlb.<size>.<what>"
 *
 * Reservations are limited too where the kernel can (5.7): else SIGBUS enforces the limit.
 */
void limits_add_hugepages(struct limits *l, bool v2, const char *what,
			  const struct config_hugepages *list);

/* limits_number() - a number as text, in the list's arena; limits_bytes() - "max" below zero */
const char *limits_number(struct limits *l, int64_t n);
const char *limits_bytes(struct limits *l, int64_t n);

/**
 * v1_writes() and v2_writes() - the files and values of some families
 * @families: bits of FAMILY_*
 * @l: appended to
 *
 * Pure. Zero means "not given" wherever zero could not be meant (callers fill whole structures
 * with it), but not for pids.limit.
 *
 * Return: 0 or -EINVAL; v2 refuses what only v1 can do, unless the value asks for nothing.
 */
int v1_writes(const struct config_resources *r, unsigned families, struct limits *l, struct err *e);
int v2_writes(const struct config_resources *r, unsigned families, struct limits *l, struct err *e);

/* limits_add_common() - families with the same files in both layouts. Return: 0 or -EINVAL. */
int limits_add_common(const struct config_resources *r, unsigned families, bool v2,
		      struct limits *l, struct err *e);

/* v2_weight_of_shares() - cpu.shares as cpu.weight; 0 when there is nothing to set */
uint64_t v2_weight_of_shares(uint64_t shares);

/* v2_weight_of_blkio() - blkio.weight, 10 to 1000, as io.weight, 1 to 10000 */
uint64_t v2_weight_of_blkio(uint64_t weight);

enum swap_kind { SWAP_LEAVE, SWAP_UNLIMITED, SWAP_LIMITED };

/**
 * limits_swap() - what memory.swap, which counts memory and swap together, means
 * @ret_swap: of SWAP_LIMITED, the swap alone
 *
 * Return: enum swap_kind, or -EINVAL.
 */
int limits_swap(const struct config_memory *m, int64_t *ret_swap, struct err *e);

/**
 * resources_plan() - all of linux.resources but the devices, for the layout of this host
 * @r: may be NULL
 * @layout: reads the v2 controllers into it when they matter
 * @l: appended to; what is in it already (device rules) gets its home too
 *
 * Each family goes where its controller lives, "unified" comes last and so wins.
 *
 * Return: 0 or -errno; messages name the JSON path.
 */
int resources_plan(const struct config_resources *r, struct layout *layout, struct limits *l,
		   struct err *e);

/**
 * limits_apply() - write all of them
 * @fresh: the groups are new, with the kernel's own defaults in all files
 * @lenient: the kernel refuses device rules to root of a user namespace; go on without
 *
 * The kernel checks some values against others (memory.limit_in_bytes against memsw, burst against
 * quota, quota against the parent's share of the period), so the right order depends on the old
 * values. What is refused with EINVAL is therefore tried again after the rest, as long as that
 * helps: right for new groups and for any change of old ones.
 *
 * Return: 0 or -errno.
 */
int limits_apply(struct limits *l, bool fresh, bool lenient, struct err *e);

/* limits_where() - the JSON path of the first limit that needs a v2 controller, or NULL */
const char *limits_where(const struct limits *l, const char *controller);

#endif
