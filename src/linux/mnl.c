/* mnl.c - loading libmnl */
#include "mnl.h"

#include <errno.h>

#include "hull/library.h"
#include "hull/str.h"

#define LIBRARY "libmnl.so.0"

struct mnl mnl;

int mnl_load(struct err *e)
{
	static const struct library_symbol symbols[] = {
#define X(name) { "mnl_" #name, &mnl.name },
		MNL_FUNCTIONS
#undef X
	};

	return mnl.socket_open2 ? 0 : library_load(LIBRARY, symbols, ARRAY_SIZE(symbols), e);
}
