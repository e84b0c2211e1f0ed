/* launch_flags.h - the options that `create` and `run` share */
#ifndef HULL_LAUNCH_FLAGS_H
#define HULL_LAUNCH_FLAGS_H

#include "cli.h"
#include "hull/launch.h"
#include "hull/str.h"

#define LAUNCH_OPTIONS                                                                             \
	CLI_STRING(struct launch_options, bundle, "bundle", 'b',                                   \
		   "directory with config.json (default: the working directory)"),                 \
		CLI_STRING(struct launch_options, config, "config", 'f',                           \
			   "configuration to use in place of the bundle's config.json"),           \
		CLI_STRING(struct launch_options, console_socket, "console-socket", 0,             \
			   "AF_UNIX socket that gets the terminal's master"),                      \
		CLI_STRING(struct launch_options, pidfd_socket, "pidfd-socket", 0,                 \
			   "AF_UNIX socket that gets a pidfd of init"),                            \
		CLI_STRING(struct launch_options, pid_file, "pid-file", 0,                         \
			   "file to write init's pid to"),                                         \
		CLI_BOOL(struct launch_options, no_pivot, "no-pivot", 0,                           \
			 "do not use pivot_root, for a root on a ramdisk"),                        \
		CLI_BOOL(struct launch_options, no_new_keyring, "no-new-keyring", 0,               \
			 "keep the caller's session keyring"),                                     \
		CLI_UINT(struct launch_options, preserve_fds, "preserve-fds", 0,                   \
			 "pass descriptors 3 to 3 + N - 1 to the container"),                      \
		CLI_BOOL(struct launch_options, no_subreaper, "no-subreaper", 0,                   \
			 "do not reap the container's orphans")

/* launch_fill() - what the options do not say */
static inline void launch_fill(struct launch_options *o, const struct invocation *in)
{
	o->root = in->globals->root;
	o->id = in->argv[0];
	o->systemd_cgroup =
		in->globals->systemd_cgroup || str_eq(in->globals->cgroup_manager, "systemd");
	o->no_cgroup = str_eq(in->globals->cgroup_manager, "disabled");
}

#endif
