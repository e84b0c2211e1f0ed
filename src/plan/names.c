/* names.c - words of mount options and signals */
#include "hull/names.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>

#include "hull/plan.h"
#include "hull/str.h"

#define ATIME (MOUNT_ATTR__ATIME | MNT_ATTR_RELATIME) /* one choice of three */
#define NOSYMFOLLOW MNT_ATTR_NOSYMFOLLOW

#define ATTR(name, set, clear)                                                                     \
	{                                                                                          \
		name, OPTION_ATTR, set, clear                                                      \
	}
/* an attribute and its recursive form */
#define ATTRS(name, set, clear)                                                                    \
	ATTR(name, set, clear),                                                                    \
	{                                                                                          \
		"r" name, OPTION_RATTR, set, clear                                                 \
	}
#define PROPAGATION(name, flag)                                                                    \
	{ name, OPTION_PROPAGATION, flag, 0 },                                                     \
	{                                                                                          \
		"r" name, OPTION_PROPAGATION, (flag) | MS_REC, 0                                   \
	}
#define OPTION(name, kind)                                                                         \
	{                                                                                          \
		name, kind, 0, 0                                                                   \
	}

/*
 * "atime" and "norelatime" take NOATIME and RELATIME back; without either the kernel's default,
 * relatime, stands. "iversion" has no word in fsconfig(2): file systems that keep a change counter
 * keep it always. "silent" is about the kernel's log.
 */
const struct mount_option mount_options[] = {
	ATTRS("atime", 0, ATIME),
	ATTRS("dev", 0, MOUNT_ATTR_NODEV),
	ATTRS("diratime", 0, MOUNT_ATTR_NODIRATIME),
	ATTRS("exec", 0, MOUNT_ATTR_NOEXEC),
	ATTRS("noatime", MOUNT_ATTR_NOATIME, ATIME),
	ATTRS("nodev", MOUNT_ATTR_NODEV, 0),
	ATTRS("nodiratime", MOUNT_ATTR_NODIRATIME, 0),
	ATTRS("noexec", MOUNT_ATTR_NOEXEC, 0),
	ATTRS("norelatime", 0, 0),
	ATTRS("nostrictatime", 0, ATIME),
	ATTRS("nosuid", MOUNT_ATTR_NOSUID, 0),
	ATTRS("nosymfollow", NOSYMFOLLOW, 0),
	ATTRS("relatime", MNT_ATTR_RELATIME, ATIME),
	ATTRS("ro", MOUNT_ATTR_RDONLY, 0),
	ATTRS("rw", 0, MOUNT_ATTR_RDONLY),
	ATTRS("strictatime", MOUNT_ATTR_STRICTATIME, ATIME),
	ATTRS("suid", 0, MOUNT_ATTR_NOSUID),
	ATTRS("symfollow", 0, NOSYMFOLLOW),
	PROPAGATION("private", MS_PRIVATE),
	PROPAGATION("shared", MS_SHARED),
	PROPAGATION("slave", MS_SLAVE),
	PROPAGATION("unbindable", MS_UNBINDABLE),
	OPTION("async", OPTION_SUPERBLOCK),
	OPTION("dirsync", OPTION_SUPERBLOCK),
	OPTION("lazytime", OPTION_SUPERBLOCK),
	OPTION("mand", OPTION_SUPERBLOCK),
	OPTION("nolazytime", OPTION_SUPERBLOCK),
	OPTION("nomand", OPTION_SUPERBLOCK),
	OPTION("sync", OPTION_SUPERBLOCK),
	OPTION("bind", OPTION_BIND),
	OPTION("rbind", OPTION_RBIND),
	OPTION("remount", OPTION_REMOUNT),
	OPTION("tmpcopyup", OPTION_TMPCOPYUP),
	OPTION("idmap", OPTION_IDMAP),
	OPTION("ridmap", OPTION_RIDMAP),
	OPTION("defaults", OPTION_NONE),
	OPTION("iversion", OPTION_NONE),
	OPTION("noiversion", OPTION_NONE),
	OPTION("silent", OPTION_NONE),
	OPTION("loud", OPTION_NONE),
	OPTION("", OPTION_NONE), /* Podman writes one when a size is not given */
	{ NULL, OPTION_NONE, 0, 0 },
};

const struct mount_option *names_mount_option(const char *name)
{
	for (const struct mount_option *o = mount_options; o->name; o++) {
		if (!strcmp(o->name, name))
			return o;
	}
	return NULL;
}

static int realtime_signal(const char *name)
{
	uint64_t n;

	if (!strncasecmp(name, "RTMIN", 5) && (!name[5] || name[5] == '+')) {
		if (!name[5])
			return SIGRTMIN;
		if (str_to_u64(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &n) == 0)
			return SIGRTMIN + (int)n;
	}
	if (!strncasecmp(name, "RTMAX", 5) && (!name[5] || name[5] == '-')) {
		if (!name[5])
			return SIGRTMAX;
		if (str_to_u64(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &n) == 0)
			return SIGRTMAX - (int)n;
	}
	return -EINVAL;
}

int names_signal(const char *name)
{
	uint64_t n;

	if (isdigit((unsigned char)name[0]))
		return str_to_u64(name, (uint64_t)SIGRTMAX, &n) == 0 ? (int)n : -EINVAL;
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	for (int sig = 1; sig < SIGSYS + 1; sig++) {
		const char *abbreviated = sigabbrev_np(sig);

		if (abbreviated && !strcasecmp(abbreviated, name))
			return sig;
	}
	/* names that the C library spells otherwise */
	if (!strcasecmp(name, "IOT"))
		return SIGIOT;
	if (!strcasecmp(name, "CLD"))
		return SIGCHLD;
	if (!strcasecmp(name, "IO"))
		return SIGIO;
	return realtime_signal(name);
}
