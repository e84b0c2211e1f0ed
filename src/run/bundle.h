/* bundle.h - the directory with config.json, and the host paths that it names */
#ifndef HULL_BUNDLE_H
#define HULL_BUNDLE_H

#include "hull/plan.h"

struct bundle {
	const char *dir;  /* absolute, without links */
	const char *text; /* of config.json as it was read: what is parsed is what is kept */
	size_t len;
	struct config config;
};

/**
 * bundle_read() - find the bundle and read its configuration
 * @dir: NULL is the working directory
 * @config: another file than its config.json; NULL: none
 *
 * Return: 0 or -errno.
 */
int bundle_read(struct arena *a, const char *dir, const char *config, struct bundle *ret,
		struct err *e);

/**
 * bundle_check() - what only a look at the host tells about a plan
 *
 * The root file system must be a directory; and a namespace that is joined by path may turn out to
 * be the host's own, where nothing may be set for the container.
 *
 * Return: 0 or -errno.
 */
int bundle_check(struct arena *a, const struct plan *p, struct err *e);

#endif
