/* each.h - one container by id, or all whose id matches a regular expression */
#ifndef HULL_EACH_H
#define HULL_EACH_H

#include <stdbool.h>

#include "cli.h"

/**
 * each_container() - call @act for an id, or with @regex for every id that @name matches
 *
 * All are tried; the first failure is reported.
 *
 * Return: 0 or -errno.
 */
int each_container(struct invocation *in, const char *name, bool regex,
		   int (*act)(struct invocation *in, const char *id, struct err *e), struct err *e);

#endif
