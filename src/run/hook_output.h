/* hook_output.h - files that keep what hooks write: run.oci.hooks.{stdout,stderr} */
#ifndef HULL_HOOK_OUTPUT_H
#define HULL_HOOK_OUTPUT_H

#include "hull/err.h"
#include "hull/spec.h"

/* Descriptors to append by, close-on-exec; -1 where no annotation names a file. */
struct hook_output {
	int out, err;
};

/* hook_output_none() - what hooks write goes where hook_run_all() says */
struct hook_output hook_output_none(void);

/**
 * hook_output_open() - as the invoking user, while paths are the host's
 * @bundle: where a relative path begins
 * @ret: to be closed by hook_output_close(), also after a failure
 *
 * A file that is not there is made, for its owner alone; a link in its place is refused. Nothing is
 * opened for a configuration without hooks.
 *
 * Return: 0 or -errno; the message names the annotation.
 */
int hook_output_open(const struct config *c, const char *bundle, struct hook_output *ret,
		     struct err *e);

void hook_output_close(struct hook_output *o);

#endif
