/* names.h - words of mount options, signals and errors, and what the kernel knows them by */
#ifndef HULL_NAMES_H
#define HULL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum mount_option_kind {
	OPTION_ATTR,        /* bits of struct mount_attr */
	OPTION_RATTR,       /* the same, for the whole tree */
	OPTION_PROPAGATION, /* MS_SHARED and so on in @set */
	OPTION_SUPERBLOCK,  /* a VFS flag passed to the file system by this name */
	OPTION_BIND,
	OPTION_RBIND,
	OPTION_REMOUNT,
	OPTION_TMPCOPYUP,
	OPTION_IDMAP,
	OPTION_RIDMAP,
	OPTION_NONE, /* accepted, nothing to do */
};

struct mount_option {
	const char *name;
	enum mount_option_kind kind;
	uint64_t set, clear;
};

/* Every option of runtime-spec config.md "Linux mount options"; ends with a NULL name. */
extern const struct mount_option mount_options[];

/* names_mount_option() - the row of an option, or NULL: it is the file system's */
const struct mount_option *names_mount_option(const char *name);

/**
 * names_signal() - a number, or a name in any case with or without "SIG", RTMIN+n included
 *
 * Return: the signal number, or -EINVAL.
 */
int names_signal(const char *name);

/* Where a container finds its socket for sd_notify(3), as runc has it. */
#define NAMES_NOTIFY_DIR "/run/notify"
#define NAMES_NOTIFY_SOCKET "notify.sock"

#endif
