/* barrier.h - what a created container waits at */
#ifndef HULL_BARRIER_H
#define HULL_BARRIER_H

#include "hull/container.h"
#include "hull/err.h"

/**
 * barrier_make() - the FIFOs "go" and "status" in the container's directory
 * @ret_go: init reads a byte from it before it executes the payload
 * @ret_status: init says there why it could not
 *
 * Both are open for both directions, so that neither end is ever missing, and owned by the caller,
 * also when this fails. `start` opens them by name.
 *
 * Return: 0 or -errno.
 */
int barrier_make(const struct container *c, int *ret_go, int *ret_status, struct err *e);

#endif
