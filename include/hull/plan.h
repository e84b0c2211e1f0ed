/* plan.h - struct plan: everything that will be done, decided before any of it is done */
#ifndef HULL_PLAN_H
#define HULL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/caps.h"
#include "hull/err.h"
#include "hull/mnt.h"
#include "hull/spec.h"

/* What the machine is like, as far as decisions depend on it. */
struct host_facts {
	uid_t euid;
	gid_t egid;
	bool own_systemd;   /* a system manager of that namespace's root runs in it */
	bool in_userns;     /* hull itself runs in a user namespace other than the initial one */
	unsigned last_cap;  /* the highest capability this kernel knows */
	uint64_t permitted; /* capabilities hull has to give away */
	uint64_t ignored;   /* signals, as signals_reset() takes them */
	bool apparmor, selinux;
};

/* What the command line said. Paths are absolute. */
struct plan_input {
	const char *id;
	const char *bundle;
	bool no_pivot, no_new_keyring;
	bool systemd_cgroup, no_cgroup;
	unsigned preserve_fds; /* descriptors 3 .. 3 + n - 1 go to the payload */
	unsigned listen_fds;   /* how many of them are LISTEN_FDS' */
	const char *listen_fdnames;
	const char *notify_dir; /* with the socket for sd_notify(3); NULL: no manager to notify */
	const void *filter_bpf; /* linux.seccomp compiled before; NULL: to be compiled */
	size_t filter_len;      /* bytes */
};

struct plan_join {
	unsigned type; /* CLONE_NEW* */
	const char *path;
};

/* user_namespaces(7): the lines for /proc/PID/{uid,gid}_map and who is root inside. */
struct plan_idmap {
	const char *uid_map, *gid_map; /* NULL: no new user namespace */
	const char *path;              /* of one that is joined; NULL: none */
	const struct config_idmaps *uids, *gids;
	uid_t root_uid; /* ids init takes in the new namespace */
	gid_t root_gid;
};

enum mount_kind {
	MOUNT_BIND,    /* a clone of a host tree */
	MOUNT_FS,      /* a new mount of a file system type */
	MOUNT_CGROUP,  /* what "cgroup" means on this host */
	MOUNT_REMOUNT, /* change one that is there */
};

struct plan_mount {
	enum mount_kind kind;
	const char *where;  /* "mounts[3] /data", for messages */
	const char *source; /* host path of a bind, absolute; else as given */
	const char *dest, *fstype;
	const char
		*place; /* @dest without "." and "..", links aside: to know it by, never to open */
	bool recursive; /* of a bind: submounts too */
	struct mnt_attr attr, rattr; /* of the mount, of the mount and all below it */
	uint64_t implied;            /* of a bind with flags: bits to clear where that is allowed */
	struct numbers propagation;  /* MS_SHARED and so on, in order */
	struct strings data;         /* file system options, "key" or "key=value" */
	bool tmpcopyup;
	const struct plan_idmap *idmap; /* NULL: owners are shown as they are */
	bool idmap_recursive;
	bool real_dir; /* the destination must not be a link: LSM and cgroup writes depend on it */
};

struct plan_device {
	const char *path;
	mode_t mode; /* S_IFCHR etc. and permission bits */
	dev_t dev;
	uid_t uid;
	gid_t gid;
};

struct plan_devices {
	size_t n;
	struct plan_device *items;
};

struct plan_link {
	const char *target, *path;
};

struct plan_sysctl {
	const char *key;  /* as given */
	const char *path; /* below /proc/sys */
	unsigned ns;      /* CLONE_NEW*: the namespace it belongs to */
	const char *value;
};

/* A compiled seccomp program, in kernel byte order. */
struct plan_filter {
	const void *bpf; /* NULL: no filter */
	size_t len;      /* bytes, a multiple of sizeof(struct sock_filter) */
	unsigned flags;  /* SECCOMP_FILTER_FLAG_* */
	bool notify;     /* it asks an agent, who gets its listener */
};

/* Everything about one process: container init's, or exec's. */
struct plan_process {
	bool terminal;
	const struct config_console_size *console_size;
	const char *cwd;
	char **argv, **envp; /* NULL-terminated */
	bool has_home;       /* HOME is given and not empty */
	uid_t uid;
	gid_t gid;
	size_t ngroups;
	gid_t *groups;
	bool keep_groups; /* leave the caller's supplementary groups alone */
	mode_t umask;
	struct caps_sets caps;
	bool no_new_privileges;
	const char *apparmor, *selinux; /* label to write, or NULL */
	struct config_rlimits rlimits;
	struct opt_i64 oom_score_adj;
	const struct config_scheduler *scheduler; /* these four: NULL where not given */
	const struct config_io_priority *io_priority;
	const struct config_memory_policy *memory_policy;
	const struct config_affinity *exec_cpu_affinity;
	struct plan_filter filter;
	unsigned preserve_fds;
	bool listens; /* LISTEN_FDS are among them */
};

struct plan_cgroup {
	const char *path;             /* as configured; NULL: not given */
	bool disabled, systemd, user; /* not at all, by systemd, by a user's manager of it */
	bool optional; /* rootless without path and limits: go on without when it is refused */
	const struct config_resources *resources; /* NULL: none */
	struct config_device_rules devices;       /* with the rules every container has */
	const struct pairs *annotations;
	uid_t delegate_uid; /* owner of the container's cgroup; (uid_t)-1: leave it */
};

struct plan {
	const struct config *config;
	const char *id, *bundle, *rootfs;
	bool rootfs_readonly;
	unsigned unshare; /* CLONE_NEW* to create */
	struct plan_join joins[8];
	size_t njoins;
	struct plan_idmap idmap;
	unsigned long root_propagation;          /* for the mount namespace before pivot */
	bool set_root_propagation;               /* and again for the container's root after it */
	bool no_pivot, no_new_keyring, notifies; /* @notifies: mounts have NAMES_NOTIFY_DIR */
	size_t nmounts;
	struct plan_mount *mounts;
	struct plan_devices devices;
	size_t nlinks;
	struct plan_link links[8];
	struct strings masked, readonly;
	size_t nsysctls;
	struct plan_sysctl *sysctls;
	const char *mount_label;
	const char *hostname, *domainname;
	struct plan_cgroup cgroup;
	struct plan_process process;
};

/* plan_has_ns() - whether the container has its own @type, new or joined */
bool plan_has_ns(const struct plan *p, unsigned type);

/* plan_joined() - the path of a joined namespace, or NULL */
const char *plan_joined(const struct plan *p, unsigned type);

/**
 * plan_build() - decide everything about a container
 * @c: lives in the same arena, must outlive the plan
 * @ret: filled in
 *
 * Pure: no side effect and no descriptor left open; the same input gives the same plan. Whatever
 * can fail for a reason of the user's fails here, before anything exists.
 *
 * Return: 0 or -errno; messages name the JSON path and line.
 */
int plan_build(struct arena *a, const struct config *c, const struct plan_input *in,
	       const struct host_facts *host, struct plan *ret, struct err *e);

/**
 * plan_build_process() - decide about a process alone: exec's
 * @c: the container's configuration, whose seccomp profile and namespaces bind the process too
 * @process: what to run
 * @path: of @process in its document, for messages: "process" or ""
 *
 * The filter is left empty: exec takes the one that create compiled.
 *
 * Return: 0 or -errno.
 */
int plan_build_process(struct arena *a, const struct config *c,
		       const struct config_process *process, const struct plan_input *in,
		       const struct host_facts *host, struct plan_process *ret, struct err *e);

/* plan_filter_flags() - SECCOMP_FILTER_FLAG_* for a profile, with the default for none given */
unsigned plan_filter_flags(const struct config_seccomp *s);

/* plan_filter_notifies() - whether any rule is SCMP_ACT_NOTIFY */
bool plan_filter_notifies(const struct config_seccomp *s);

/* plan_listener_path() - the socket of the agent: listenerPath, or the annotation; or NULL */
const char *plan_listener_path(const struct config *c);

/* plan_check() - the rules over several members: src/plan/check.c. Return: 0 or -EINVAL. */
int plan_check(const struct config *c, const struct plan_input *in, const struct host_facts *host,
	       struct err *e);

/* the rules about c->linux->resources, and c->process, called @path in messages, alone */
int plan_check_resources(const struct config *c, struct err *e);
int plan_check_process(const struct config *c, const char *path, struct err *e);

#endif
