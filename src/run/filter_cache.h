/*
 * filter_cache.h - compiled seccomp programs, kept for the next container with the same profile
 *
 * libseccomp takes longer to compile a profile of four hundred names than the kernel takes for the
 * rest of a container. A program is found again by its whole input, not by a hash of it: what is
 * kept is the profile, the build of hull and the program, and the first two are compared byte by
 * byte. The directory is ".filters" in the default state root; files there have FILTER_CACHE_FILES
 * names, chosen by a hash, and take each other's place. Only who may change hull's state may write
 * there.
 */
#ifndef HULL_RUN_FILTER_CACHE_H
#define HULL_RUN_FILTER_CACHE_H

#include <stddef.h>

#include "hull/arena.h"
#include "hull/plan.h"
#include "hull/spec.h"

#define FILTER_CACHE_FILES 64

struct filter_cache {
	const char *key; /* NULL: there is nothing to find or to keep */
	size_t key_len;
	const void *bpf; /* what was found, or NULL */
	size_t len;      /* bytes */
};

/**
 * filter_cache_find() - look for the program of linux.seccomp
 * @ret: filled in any case; lives in the arena
 *
 * A cache that cannot be read, or that somebody else could have written, is one without it.
 */
void filter_cache_find(struct arena *a, const struct config *c, struct filter_cache *ret);

/* filter_cache_keep() - for the next time; a failure costs no more than time */
void filter_cache_keep(struct arena *a, const struct filter_cache *f,
		       const struct plan_filter *new);

#endif
