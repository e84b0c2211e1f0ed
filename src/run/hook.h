/* hook.h - running the configuration's hooks */
#ifndef HULL_HOOK_H
#define HULL_HOOK_H

#include <sys/types.h>

#include "hook_output.h"
#include "hull/err.h"
#include "hull/spec.h"

/**
 * hook_run_all() - the hooks of one kind, in order, in the caller's namespaces
 * @name: "createRuntime" and so on, for messages
 * @state: the state object, on each hook's standard input
 *
 * A hook gets exactly the environment it is configured with, none when it has none, and no
 * descriptor but 0 to 2: where @output has no file its output goes nowhere, the last line of its
 * standard error into the message when it fails. One that exceeds its timeout is killed with its
 * process group.
 *
 * Return: 0, or -errno at the first hook that fails.
 */
int hook_run_all(const struct config_hook_list *hooks, const char *name, const char *state,
		 const struct hook_output *output, struct err *e);

/* hook_run_each() - for poststop: all of them, failures are warnings */
void hook_run_each(const struct config_hook_list *hooks, const char *name, const char *state,
		   const struct hook_output *output);

/**
 * hook_await() - the end of a hook that is a child by pidfd
 * @group: its process group, of which it is the first
 * @errors: the pipe that is its standard error, for the message; taken over. Or -1.
 *
 * Return: 0, or -errno when it failed.
 */
int hook_await(pid_t group, int pidfd, int errors, const struct opt_u64 *timeout, struct err *e);

/* hook_pipe() - for a hook's standard error: what is read does not wait. 0 or -errno. */
int hook_pipe(int ret_ends[2], struct err *e);

/* hook_state_file() - a memfd that holds the state object. A descriptor or -errno. */
int hook_state_file(const char *state, struct err *e);

#endif
