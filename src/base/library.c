/* library.c - shared libraries loaded by the commands that need them */
#include "hull/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#ifdef HULL_STATIC
/* dlopen(3) would bring a second C library into a static program: see restart_shared(). */
int library_load(const char *name, const struct library_symbol *symbols, size_t n, struct err *e)
{
	(void)symbols, (void)n;
	return err_set(e, ELIBACC, "this is the static program, which cannot load %s", name);
}
#else
int library_load(const char *name, const struct library_symbol *symbols, size_t n, struct err *e)
{
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return err_set(e, ENOENT, "%s", dlerror());
	for (size_t i = 0; i < n; i++) {
		void *symbol = dlsym(handle, symbols[i].name);

		if (!symbol)
			return err_set(e, EOPNOTSUPP, "%s", dlerror());
		/* POSIX.1-2017, dlsym(): the way from an object pointer to a function's */
		memcpy(symbols[i].function, &symbol, sizeof(symbol));
	}
	return 0;
}
#endif
