/*
 * checkpoint.c - `hull checkpoint`, `hull restore`
 *
 * Neither is built into this version. Their options are known all the same: Podman and CRI-O ask
 * `checkpoint --help` and `restore --lsm-mount-context` what a runtime can do before they use it,
 * and who uses it is told so, not that an option is wrong.
 */
#include <errno.h>

#include "cli.h"

struct options {
	const char *image_path, *work_path, *parent_path, *manage_cgroups_mode, *network_lock;
	bool tcp_established, tcp_close, tcp_skip_in_flight, ext_unix_sk, shell_job, file_locks;
	bool lazy_pages, auto_dedup, link_remap, leave_running, pre_dump;
	struct option_list empty_ns;
	const char *status_fd, *page_server;
	/* of restore alone */
	const char *bundle, *pid_file, *console_socket, *lsm_profile, *lsm_mount_context;
	bool detach, no_pivot, no_subreaper;
};

static int run(struct invocation *in, struct err *e)
{
	(void)in;
	return err_set(e, ENOSYS, "not built into this version of hull");
}

#define SHARED_OPTIONS                                                                             \
	CLI_STRING(struct options, image_path, "image-path", 0, "directory of the image"),         \
		CLI_STRING(struct options, work_path, "work-path", 0, "directory of CRIU's logs"), \
		CLI_STRING(struct options, manage_cgroups_mode, "manage-cgroups-mode", 0,          \
			   "soft, full, strict or ignore"),                                        \
		CLI_STRING(struct options, network_lock, "network-lock", 0,                        \
			   "iptables, nftables or skip"),                                          \
		CLI_BOOL(struct options, tcp_established, "tcp-established", 0,                    \
			 "with open TCP connections"),                                             \
		CLI_BOOL(struct options, ext_unix_sk, "ext-unix-sk", 0,                            \
			 "with unix sockets to the outside"),                                      \
		CLI_BOOL(struct options, shell_job, "shell-job", 0, "with the caller's terminal"), \
		CLI_BOOL(struct options, file_locks, "file-locks", 0, "with file locks"),          \
		CLI_BOOL(struct options, lazy_pages, "lazy-pages", 0, "memory pages on demand"),   \
		CLI_BOOL(struct options, auto_dedup, "auto-dedup", 0, "drop pages held twice"),    \
		CLI_LIST(struct options, empty_ns, "empty-ns", 0, "a namespace to leave empty")

static const struct cli_option checkpoint_options[] = {
	SHARED_OPTIONS,
	CLI_STRING(struct options, parent_path, "parent-path", 0, "directory of the image before"),
	CLI_BOOL(struct options, leave_running, "leave-running", 0, "do not stop the container"),
	CLI_BOOL(struct options, pre_dump, "pre-dump", 0, "memory alone, and leave it running"),
	CLI_BOOL(struct options, tcp_skip_in_flight, "tcp-skip-in-flight", 0,
		 "without connections that are being made"),
	CLI_BOOL(struct options, link_remap, "link-remap", 0, "with files that have no name"),
	CLI_STRING(struct options, status_fd, "status-fd", 0, "descriptor to say ready on"),
	CLI_STRING(struct options, page_server, "page-server", 0, "ADDRESS:PORT for the pages"),
	CLI_END,
};

static const struct cli_option restore_options[] = {
	SHARED_OPTIONS,
	CLI_STRING(struct options, bundle, "bundle", 'b', "directory with config.json"),
	CLI_STRING(struct options, pid_file, "pid-file", 0, "file to write init's pid to"),
	CLI_STRING(struct options, console_socket, "console-socket", 0,
		   "AF_UNIX socket that gets the terminal's master"),
	CLI_STRING(struct options, lsm_profile, "lsm-profile", 0, "TYPE:LABEL of processes"),
	CLI_STRING(struct options, lsm_mount_context, "lsm-mount-context", 0,
		   "SELinux context of mounts"),
	CLI_BOOL(struct options, tcp_close, "tcp-close", 0, "close TCP connections"),
	CLI_BOOL(struct options, detach, "detach", 'd', "do not wait for the container"),
	CLI_BOOL(struct options, no_pivot, "no-pivot", 0, "do not use pivot_root"),
	CLI_BOOL(struct options, no_subreaper, "no-subreaper", 0,
		 "do not reap the container's orphans"),
	CLI_END,
};

const struct command command_checkpoint = {
	.name = "checkpoint",
	.arguments = "ID",
	.summary = "save a running container (not built into this version)",
	.options = checkpoint_options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};

const struct command command_restore = {
	.name = "restore",
	.arguments = "ID",
	.summary = "bring a saved container back (not built into this version)",
	.options = restore_options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
