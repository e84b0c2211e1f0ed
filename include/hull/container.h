/* container.h - what exists: a container's directory below --root, and what it says */
#ifndef HULL_CONTAINER_H
#define HULL_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hull/arena.h"
#include "hull/cgroup.h"
#include "hull/err.h"
#include "hull/json.h"
#include "hull/rdt.h"
#include "hull/spec.h"

/*
 * <root>/<id>/ is made by mkdir, the one atomic claim on a name, and holds
 *
 *   state.json   written before the first effect on the host and replaced when the container is
 *                whole: enough to undo everything after a kill -9 of any command
 *   config.json  hull's own copy, which `update` replaces; edits of the bundle have no effect
 *   filter.bpf   the compiled seccomp program, so that exec never compiles
 *   go, status   FIFOs of a created container: see below
 *
 * An exclusive flock on the directory is held by every command that changes something, for as
 * long as it runs; a creator that died has left it free. Nothing is guessed from a pid: it counts
 * only together with the start time and the boot it was recorded with. "created" is the kernel's
 * word too: init holds the FIFO "go" open, close-on-exec, until it becomes the payload, so opening
 * it for writing fails with ENXIO from then on.
 */

enum container_phase {
	PHASE_CREATING, /* effects may exist in part */
	PHASE_CREATED,  /* waiting on "go", or running since it came */
	PHASE_RUNNING,  /* made by `run`, which has no "go" */
};

enum container_status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};

struct container {
	const char *id, *root;       /* the state root */
	int root_fd, dirfd, proc_fd; /* owned */
	bool locked, reaped;         /* by this command; init's end has been waited for */
	enum container_phase phase;
	const char *bundle, *rootfs, *created, *pid_file;
	const struct json *annotations; /* NULL: none */
	pid_t pid;                      /* 0: none yet */
	uint64_t start_time;
	char boot_id[37]; /* of this boot */
	bool gone; /* made in an earlier boot, which took all of it but its directory along */
	bool own_pid_ns, no_new_keyring; /* init's death ends all; they have their maker's keys */
	uid_t owner;
	struct cgroup *cgroup; /* NULL: none */
	struct rdt *rdt;       /* NULL: none */
	struct config config;  /* from the copy; read by container_read_config() */
};

/**
 * container_root() - the state root when --root is not given
 *
 * /run/hull for root; $XDG_RUNTIME_DIR/hull, else /run/user/<uid>/hull, for an ordinary user; for
 * root of a user namespace the first of these that is known. Nothing else counts: Podman gives one
 * command USER and the next XDG_RUNTIME_DIR alone, and both must find it.
 */
const char *container_root(struct arena *a);

/* container_check_id() - [A-Za-z0-9_+.-]+, not starting with '.', at most 255. 0 or -EINVAL. */
int container_check_id(const char *id, struct err *e);

/**
 * container_reserve() - claim an id: make its directory, locked
 * @ret: owns descriptors; everything but id, dirfd, proc_fd is for the caller to fill in
 *
 * Makes the root too when it is missing. Return: 0, -EEXIST when the name is taken, or -errno.
 */
int container_reserve(const char *root, const char *id, struct container *ret, struct err *e);

/* container_save() - replace state.json by what @c says. Return: 0 or -errno. */
int container_save(const struct container *c, struct err *e);
/* container_keep() - a new file beside it, for its owner alone. Return: 0 or -errno. */
int container_keep(const struct container *c, const char *name, const void *data, size_t n,
		   struct err *e);
enum container_lock {
	LOCK_NONE,   /* look only */
	LOCK_CHANGE, /* exclusive; waits up to ten seconds for another command to end */
	LOCK_REMOVE, /* the same, and a state.json that cannot be read is as good as none */
};

/**
 * container_open() - find a container by id
 * @ret: owns descriptors; container_close() it
 *
 * Return: 0, -ENOENT ("container does not exist"), -EBUSY when it stays locked, or -errno.
 * A directory without a readable state.json (its creator died before the first byte, or a
 * deletion before the last) opens as PHASE_CREATING with nothing to undo.
 */
int container_open(struct arena *a, const char *root, const char *id, enum container_lock lock,
		   struct container *ret, struct err *e);

/* container_unlock() - let other commands change it while this one waits */
void container_unlock(struct container *c);
/* container_lock_again() - 0, -ENOENT when it was deleted meanwhile, or -errno */
int container_lock_again(struct container *c, struct err *e);

/**
 * container_read_config() - its copy of config.json into @c->config
 *
 * Return: 0, -ENOENT (deleted meanwhile), -ENODATA (create did not come so far), or -errno.
 */
int container_read_config(struct arena *a, struct container *c, struct err *e);

/**
 * container_pidfd() - init, if it is still the process that was recorded
 *
 * Return: a pidfd owned by the caller, -ESRCH when init is gone, a zombie or someone else, or
 * -errno.
 */
int container_pidfd(const struct container *c);

/* container_status() - asked of the kernel, see above */
enum container_status container_status(const struct container *c);
const char *container_status_name(enum container_status s);

/**
 * container_state_json() - the specification's state object, compact, in the arena
 * @status, @pid: to report; hooks see others than commands do, and a pid of 0 is left out
 */
const char *container_state_json(struct arena *a, const struct container *c, const char *status,
				 pid_t pid);

/* container_put_state() - the same as a member of another document */
void container_put_state(struct json_out *o, const char *key, const struct container *c,
			 const char *status, pid_t pid);

/* container_erase() - remove the directory and all in it. Return: 0 or -errno. */
int container_erase(struct container *c, struct err *e);

/* container_close() - close the descriptors, and all that wait for it; gives the lock back */
void container_close(struct container *c);

/* container_list() - names below a root: sorted, ended by NULL, none without one. 0 or -errno. */
int container_list(struct arena *a, const char *root, const char ***ret, struct err *e);

#endif
