/* launch.h - the commands that change what runs: create, run, start, delete, exec */
#ifndef HULL_LAUNCH_H
#define HULL_LAUNCH_H

#include <stdbool.h>

#include "hull/container.h"
#include "hull/err.h"

/* What `create` and `run` were told. Paths may be relative to the working directory. */
struct launch_options {
	const char *root, *id;
	const char *bundle; /* NULL: the working directory */
	const char *config; /* NULL: config.json of the bundle */
	const char *console_socket, *pidfd_socket, *pid_file;
	bool no_pivot, no_new_keyring, systemd_cgroup, no_cgroup;
	bool detach, keep, no_subreaper; /* of `run` */
	unsigned preserve_fds;
};

/**
 * launch_create() - everything but starting the payload
 *
 * When it fails nothing is left: no state, cgroup, process, mount or file.
 *
 * Return: 0 or -errno.
 */
int launch_create(const struct launch_options *o, struct err *e);

/**
 * launch_run() - create, start and, unless detached, wait and delete
 * @ret_status: what to exit with: the payload's status, or 128 + signal
 *
 * Return: 0, or -errno when the payload never ran.
 */
int launch_run(const struct launch_options *o, int *ret_status, struct err *e);

/**
 * launch_start() - let a created container run
 *
 * startContainer hooks run inside it first; a hook or an execve that fails is this call's error and
 * stops the container. poststart hooks run after the execve.
 *
 * Return: 0 or -errno.
 */
int launch_start(const char *root, const char *id, struct err *e);

/**
 * launch_delete() - undo everything that create did, then run poststop hooks
 * @force: also when it runs, is half made, or does not exist
 *
 * Return: 0 or -errno.
 */
int launch_delete(const char *root, const char *id, bool force, struct err *e);

/* launch_row_name(), launch_row_why() - of row @n, NULL past the last; for docs/lifecycle.md */
const char *launch_row_name(unsigned n);
const char *launch_row_why(unsigned n);

/* What `exec` was told. */
struct exec_options {
	const char *root, *id;
	const char *process_file; /* NULL: the rest describes the process */
	char *const *args;        /* NULL-terminated */
	size_t nargs;
	const char *cwd, *user;
	const char *const *env, *const *caps, *const *groups, *const *cgroups;
	size_t nenv, ncaps, ngroups, ncgroups;
	bool tty, detach, no_new_privileges, ignore_paused;
	const char *console_socket, *pidfd_socket, *pid_file, *process_label, *apparmor;
	unsigned preserve_fds;
};

/**
 * launch_exec() - run another process in a container
 * @ret_status: as launch_run()'s
 *
 * Return: 0, or -errno when the process never ran.
 */
int launch_exec(const struct exec_options *o, int *ret_status, struct err *e);

/* What `update` was told. */
struct update_options {
	const char *root, *id;
	const char *resources;      /* a linux.resources object as JSON; NULL: none */
	const char *resources_file; /* or a file with one, "-" for standard input; NULL: none */
	const char *l3_cache_schema, *mem_bw_schema; /* NULL: as they are */
};

/**
 * launch_update() - change limits of a container, and what it keeps of its configuration
 *
 * All or nothing: what was changed is put back when something later fails.
 *
 * Return: 0 or -errno.
 */
int launch_update(const struct update_options *o, struct err *e);

#endif
