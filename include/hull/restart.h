/* restart.h - the command begins again, as another program in sealed memory */
#ifndef HULL_RESTART_H
#define HULL_RESTART_H

#include <fcntl.h>

#include "hull/err.h"

/*
 * Both functions below execute hull anew with the same words, environment, working directory and
 * inherited descriptors; what hull has opened itself is close-on-exec. So they are for before
 * anything has been done, and before anything that can be read only once was read.
 */

/* Nobody can change what is in a memfd with these: memfd_create(2), fcntl(2). */
#define RESTART_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/**
 * restart_sealed() - continue as a sealed copy of this program, unless it is one already
 *
 * Where a process of the container can see hull's own process before the gate (an existing pid
 * namespace is joined), /proc/PID/exe must not lead to the host's file (CVE-2019-5736).
 *
 * Return: 0 when this is the copy; -errno otherwise.
 */
int restart_sealed(struct err *e);

/**
 * restart_shared() - continue as hull linked with shared libraries, unless this is it
 *
 * A static program starts sooner, and cannot load a library. What may need one goes on in the other
 * program, which the static one has inside it.
 *
 * Return: 0 when this program can load libraries; -errno otherwise, -ENOENT where the host does not
 * have the C library that hull was linked with.
 */
int restart_shared(struct err *e);

/* Made by the Makefile; nothing where the program can load libraries itself. */
extern const unsigned char shared_image[];
extern const unsigned char shared_image_end[];

#endif
