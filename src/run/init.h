/* init.h - the child's side of making a container */
#ifndef HULL_INIT_H
#define HULL_INIT_H

#include <stdbool.h>
#include <stdint.h>

#include "hull/mount.h"
#include "hull/plan.h"
#include "seal.h"

struct container;
struct hook_output;

/* Everything init works on; built by launch.c before the clone, inherited with its memory. */
struct init {
	const struct plan *plan;
	struct arena *arena;
	const struct container *container;
	struct seal seal;
	int sock;          /* to the command: src/run/sync.h */
	int command_sock;  /* the other end, which only the command may hold */
	int command_trees; /* the same of @trees */
	int proc_fd;       /* the host's procfs */
	uint64_t ignored;  /* signals that hull was started with ignored */
	bool host_hooks;   /* the command runs hooks between the mounts and the pivot */
	const int *userns; /* of idmapped mounts, by mount */
	const struct hook_output *hook_output;
	int trees; /* to who opens bind sources (trees.h); -1: init itself */

	/* filled in on the way */
	struct layout *place; /* in the hierarchies, of a container without groups of its own */
	int rootfd;
	struct mount_masks masks;
	int *late; /* mounts that step_seal() makes read-only; nlate of them */
	size_t nlate;
	char program[4096];
};

/* init_main() - run every step, then the gate; never returns. @arg is a struct init. */
void init_main(void *arg);

/* init_step_name() - of step @n, NULL past the last; for messages and docs/lifecycle.md */
const char *init_step_name(unsigned n);

/* init_step_why() - why it stands where it stands */
const char *init_step_why(unsigned n);

#endif
