/* caps.h - capability names to sets; the only module that knows libcap */
#ifndef HULL_CAPS_H
#define HULL_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bit n is capability n, capabilities(7). */
struct caps_sets {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/**
 * caps_from_name() - "CAP_NET_ADMIN", in any case, with or without the prefix
 *
 * Return: its number, or -EINVAL when this libcap does not know it.
 */
int caps_from_name(const char *name);

/* caps_last() - the highest capability the running kernel knows */
unsigned caps_last(void);

/* caps_is_known() - whether libcap has a name for the number */
bool caps_is_known(unsigned cap);

/* caps_name() - "CAP_NET_ADMIN" into @buf; for `hull features` */
const char *caps_name(unsigned cap, char *buf, size_t size);

#endif
