/* commands.c - one row for each command, and the options that stand before it */
#include <stddef.h>

#include "cli.h"

const struct command *const commands[] = {
	&command_checkpoint, &command_create,  &command_delete,
	&command_events,     &command_exec,    &command_features,
	&command_kill,       &command_list,    &command_pause,
	&command_ps,         &command_restore, &command_resume,
	&command_run,        &command_spec,    &command_start,
	&command_state,      &command_update,  NULL,
};

const struct cli_option global_options[] = {
	CLI_STRING(struct globals, root, "root", 0, "directory of container state"),
	CLI_STRING(struct globals, log, "log", 0, "file for messages; journald:NAME, syslog:NAME"),
	CLI_STRING(struct globals, log_format, "log-format", 0, "text (default) or json"),
	CLI_STRING(struct globals, log_level, "log-level", 0,
		   "error, warning (default), info, debug"),
	CLI_BOOL(struct globals, debug, "debug", 0, "same as --log-level debug"),
	CLI_BOOL(struct globals, systemd_cgroup, "systemd-cgroup", 0,
		 "let systemd place containers"),
	CLI_STRING(struct globals, cgroup_manager, "cgroup-manager", 0,
		   "cgroupfs (default), systemd or disabled"),
	CLI_STRING(struct globals, rootless, "rootless", 0,
		   "true, false or auto; hull finds out itself"),
	CLI_BOOL(struct globals, version, "version", 'v', "print the version"),
	CLI_END,
};
