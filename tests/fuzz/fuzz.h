/* fuzz.h - what the fuzz targets share: one input, and a world that it answers for */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hull/arena.h"
#include "hull/err.h"
#include "hull/json.h"

/* What is left of an input. */
struct input {
	const uint8_t *data;
	size_t n;
};

/* input_byte() - the next byte; 0 at the end */
uint8_t input_byte(struct input *in);

/* input_take() - up to @n bytes more, of which there are @ret_n */
const uint8_t *input_take(struct input *in, size_t n, size_t *ret_n);

/* input_text() - the rest as a string, and input_line() - up to the next newline; in the arena */
char *input_text(struct input *in, struct arena *a);
char *input_line(struct input *in, struct arena *a);

/*
 * A target takes one input to its end. It may fail as it likes; what it must not do is what a
 * sanitizer sees, hang, leak memory or descriptors, or break a REQUIRE(). The arena is emptied
 * after it.
 */
typedef void target(struct input *in, struct arena *a, struct err *e);

target fuzz_json, fuzz_config, fuzz_process, fuzz_resources, fuzz_mounts, fuzz_idmaps, fuzz_words,
	fuzz_state, fuzz_init, fuzz_launch, fuzz_gate, fuzz_notify, fuzz_netlink, fuzz_proc,
	fuzz_cgroup, fuzz_rdt;

/* In a target: what must hold whatever the input is. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fuzz_die(__FILE__, __LINE__, #condition);                                  \
	} while (0)

_Noreturn void fuzz_die(const char *file, int line, const char *what);

/* fuzz_say() - reads an error as its reader will: to the end of the text */
void fuzz_say(const struct err *e);

/*
 * world.c: hull's system calls, taken over by the linker (--wrap, see the Makefile) for as long as
 * a target wants.
 */
enum others {
	OTHERS_ABSENT, /* a file that the input does not have does not exist */
	OTHERS_REAL,   /* ... is the machine's */
};

/**
 * world_files() - from here on opening a file opens what the input says is in it
 *
 * The rest of the input is lines "@name", each with the content below it. A path belongs to the
 * first name that it ends with, component by component. Writing is to nowhere.
 */
void world_files(struct input *in, enum others others);

/* world_file() - one more of them; @text stays the caller's */
void world_file(const char *name, const void *text, size_t n, enum others others);

/* world_text() - what the input says is in a file, in the arena, or "" */
const char *world_text(struct arena *a, const char *name);

/**
 * world_child() - the next sys_clone3() makes a process that says what the rest of the input says
 *
 * It speaks over the last socketpair, has a pid of its own, and has ended. Signals, waiting and
 * limits by pid reach nobody.
 */
void world_child(struct input *in);

/* world_socket() - a SOCK_SEQPACKET whose other end has said all of that, and listens */
int world_socket(struct input *in);

/* world_pid() - the child's: a zombie, for as long as the program runs */
int world_pid(void);

/* world_begin() - once, before the first input */
void world_begin(void);

/* Where output goes that nobody reads. */
extern FILE *world_null;

/* world_end() - everything is the machine's again */
void world_end(void);

/* world_dir() - an empty directory of this process, in memory */
const char *world_dir(void);

#endif
