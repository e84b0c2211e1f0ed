/* each.c - one container, or all that match */
#include "each.h"

#include <errno.h>
#include <regex.h>

#include "hull/container.h"

int each_container(struct invocation *in, const char *name, bool regex,
		   int (*act)(struct invocation *in, const char *id, struct err *e), struct err *e)
{
	const char **ids;
	regex_t pattern;
	int first = 0;

	if (!regex)
		return act(in, name, e);
	if (regcomp(&pattern, name, REG_EXTENDED | REG_NOSUB))
		return err_set(e, EINVAL, "--regex \"%.80s\": not a regular expression", name);
	int r = container_list(in->arena, in->globals->root, &ids, e);

	for (; r == 0 && *ids; ids++) {
		struct err failed;

		if (regexec(&pattern, *ids, 0, NULL, 0))
			continue;
		int one = act(in, *ids, &failed);

		if (one < 0 && first == 0) {
			first = one;
			*e = failed;
			(void)err_wrap(e, "%s", *ids);
		}
	}
	regfree(&pattern);
	return r < 0 ? r : first;
}
