/* unit.h - what the unit tests share; a test_*.c holds TEST()s and no main() */
#ifndef UNIT_H
#define UNIT_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/str.h"

/* A test is there by being written: it enters itself before main() runs. */
#define TEST(name)                                                                                 \
	static void name(void **state);                                                            \
	__attribute__((constructor)) static void unit_add_##name(void)                             \
	{                                                                                          \
		unit_add(#name, name);                                                             \
	}                                                                                          \
	static void name(void **state __attribute__((unused)))

void unit_add(const char *name, void (*test)(void **state));

/* Emptied after each test, passed or failed. */
extern struct arena unit_arena;
extern struct err unit_err;

/* cmocka knows no reasons; tests/run.sh reads this line. */
#define skip_because(...)                                                                          \
	do {                                                                                       \
		print_message("# skip: " __VA_ARGS__);                                             \
		print_message("\n");                                                               \
		skip();                                                                            \
	} while (0)

/* unit_temp_dir() - an empty directory, the same for all of one test, removed after it */
const char *unit_temp_dir(void);

/* unit_temp_fd() - a new descriptor of it, O_RDONLY; closed after the test */
int unit_temp_fd(void);

/* unit_temp_path() - a path in it, in the arena */
const char *unit_temp_path(const char *name);

/* unit_write_file(), unit_read_file() - a whole file by its path */
void unit_write_file(const char *path, const char *text);
const char *unit_read_file(const char *path);

/*
 * unit_fork() - run @body in a child and return its wait status; a child that returns true exits
 * with 0, one that returns false with 1. For what changes the process for good.
 */
int unit_fork(bool (*body)(void *arg), void *arg);

/* unit_in_child() - unit_fork(), and the test fails unless @body returned true */
void unit_in_child(bool (*body)(void *arg), void *arg);

/* In such a body: say which condition does not hold, and give up. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)dprintf(2, "# %s:%d: %s does not hold (errno %d)\n", __FILE__,       \
				      __LINE__, #condition, errno);                                \
			return false;                                                              \
		}                                                                                  \
	} while (0)

/*
 * unit_json() - text with " for each ', in the arena: JSON with its quotes escaped is a trial to
 * read, and no document here needs the character itself.
 */
const char *unit_json(const char *text);

/* unit_open_fds() - how many descriptors are open, to see leaks */
unsigned unit_open_fds(void);

#endif
