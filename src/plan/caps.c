/* caps.c - capability names, by libcap */
#include "hull/caps.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

int caps_from_name(const char *name)
{
	char full[64];
	cap_value_t value;

	if (strncasecmp(name, "CAP_", 4) != 0) {
		(void)snprintf(full, sizeof(full), "CAP_%.50s", name);
		name = full;
	}
	/* libcap stops reading at the first other character: "CAP_KILL=x" would be CAP_KILL */
	for (const char *p = name; *p; p++) {
		if (!isalpha((unsigned char)*p) && *p != '_')
			return -EINVAL;
	}
	return cap_from_name(name, &value) == 0 ? value : -EINVAL;
}

unsigned caps_last(void)
{
	return (unsigned)cap_max_bits() - 1;
}

bool caps_is_known(unsigned cap)
{
	char *name = cap_to_name((cap_value_t)cap);
	/* libcap writes a number for what it does not know */
	bool known = name && !strncmp(name, "cap_", 4);

	if (name)
		(void)cap_free(name);
	return known;
}

const char *caps_name(unsigned cap, char *buf, size_t size)
{
	char *name = cap_to_name((cap_value_t)cap);

	(void)snprintf(buf, size, "%s", name ? name : "");
	if (name)
		(void)cap_free(name);
	for (char *p = buf; *p; p++) {
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
	return buf;
}
