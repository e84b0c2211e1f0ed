/* devbpf.h - device rules as a BPF program: what cgroup v2 has instead of a controller */
#ifndef HULL_CGROUP_DEVBPF_H
#define HULL_CGROUP_DEVBPF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "devrules.h"

/* A program in the arena; @n is 0 where no device is denied and none is needed. */
struct devbpf {
	size_t n;
	struct bpf_insn *items;
};

/* devbpf_compile() - pure. Return: 0, or -EINVAL for more rules than a program can hold. */
int devbpf_compile(struct arena *a, const struct devrules *rules, struct devbpf *ret,
		   struct err *e);

/**
 * devbpf_attach() - load a program and put it in force for a group and all below it
 * @group: descriptor of the v2 directory
 * @fresh: nothing of ours can be there yet; else an older program of ours is replaced in the same
 *         step, so that there is no moment without
 *
 * Programs of others stay and must allow an access too.
 *
 * Return: 0, -EPERM where hull may not (user namespaces), or -errno.
 */
int devbpf_attach(int group, const struct devbpf *program, bool fresh, struct err *e);

#endif
