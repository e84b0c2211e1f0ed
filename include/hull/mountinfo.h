/* mountinfo.h - /proc/pid/mountinfo, proc(5) */
#ifndef HULL_MOUNTINFO_H
#define HULL_MOUNTINFO_H

#include <stdbool.h>

#include "hull/arena.h"

struct mountinfo {
	int id, parent;
	const char *dir;     /* where it is mounted, below the reader's root */
	const char *type;    /* of the file system, "proc" */
	const char *options; /* of the file system, "rw,cpu"; "" for none */
};

/**
 * mountinfo_read() - the whole text; it grows with the mounts of the host
 * @proc_fd: procfs, or -1 for /proc
 * @ret_text: in the arena
 *
 * Return: 0 or -errno.
 */
int mountinfo_read(int proc_fd, struct arena *a, char **ret_text);

/**
 * mountinfo_next() - take one mount off the text
 * @text: moved on behind the line; lines that cannot be understood are passed over
 *
 * Return: false at the end.
 */
bool mountinfo_next(struct arena *a, const char **text, struct mountinfo *ret);

#endif
