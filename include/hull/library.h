/* library.h - shared libraries loaded by the commands that need them */
#ifndef HULL_LIBRARY_H
#define HULL_LIBRARY_H

#include <stddef.h>

#include "hull/err.h"

/* One function of a library; @function is the address of the pointer that is to point to it. */
struct library_symbol {
	const char *name;
	void *function;
};

/**
 * library_load() - load a shared library and look its functions up
 * @name: as the dynamic linker knows it, "libmnl.so.0"
 *
 * The library stays for the life of the process: dlopen(3). Commands that may come here have called
 * restart_shared() before they did anything.
 *
 * Return: 0, -ENOENT without the library, -EOPNOTSUPP when it lacks one of the functions, -ELIBACC
 * from the static program.
 */
int library_load(const char *name, const struct library_symbol *symbols, size_t n, struct err *e);

#endif
