/* container.c - the state directory */
#include "hull/container.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "hull/fd.h"
#include "hull/json.h"
#include "hull/path.h"
#include "hull/proc.h"
#include "hull/str.h"
#include "hull/sys.h"

#define LOCK_SECONDS 10

static const char *const phase_names[] = { "creating", "created", "running" };

const char *container_root(struct arena *a)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	bool given = runtime && runtime[0] == '/';

	if (sys_euid() == 0 && !(given && sys_in_user_namespace()))
		return "/run/hull";
	if (given)
		return arena_printf(a, "%s/hull", runtime);
	return arena_printf(a, "/run/user/%u/hull", sys_euid());
}

int container_check_id(const char *id, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+.-";

	if (!id[0])
		return err_set(e, EINVAL, "container id cannot be empty");
	if (id[0] == '.' || id[strspn(id, allowed)])
		return err_set(
			e, EINVAL,
			"invalid container ID format: \"%.60s\" (letters, digits and _+.- only, "
			"not starting with a dot)",
			id);
	if (strlen(id) > NAME_MAX)
		return err_set(e, EINVAL, "invalid container ID format: longer than %d bytes",
			       NAME_MAX);
	return 0;
}

/* Nobody else may be able to put a state into hull's hands, or to read secrets of one. */
static int check_owner(int fd, const char *what, mode_t forbidden, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat %s", what);
	if (!st.st_nlink)
		return -ENOENT;
	if (st.st_uid != sys_euid() && st.st_uid != 0)
		return err_set(e, EPERM, "%s belongs to uid %u: operation not permitted", what,
			       st.st_uid);
	if ((st.st_mode & forbidden) && !(st.st_mode & S_ISVTX))
		return err_set(e, EPERM, "%s is writable by others: operation not permitted", what);
	return 0;
}

static int open_root(const char *root, bool make, struct err *e)
{
	_cleanup_close_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && make) {
		_cleanup_close_ int made = path_mkdirs(root, 0700);

		if (made < 0)
			return err_sys(e, -made, "--root %s: mkdir", root);
		fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_errno(e, "--root %s: open", root);
	int r = check_owner(fd, root, S_IWOTH, e);

	if (r == -ENOENT && make)
		return err_sys(e, ENOENT, "--root %s", root);
	return r < 0 ? r : fd_steal(&fd);
}

static void on_alarm(int sig)
{
	(void)sig; /* its only purpose is to end flock(2) with EINTR */
}

/* Return: 0, -EBUSY when another command holds it for too long, or -errno. */
static int lock_dir(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	struct sigaction wake = { .sa_handler = on_alarm }, before;
	sigset_t blocked, others;

	(void)sigaction(SIGALRM, &wake, &before); /* none of these can fail for valid arguments */
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	others = blocked; /* all, in the foreground */
	(void)sigdelset(&others, SIGALRM);
	(void)sigprocmask(SIG_SETMASK, &others, NULL);
	(void)alarm(LOCK_SECONDS);
	int r = flock(fd, LOCK_EX) < 0 ? -errno : 0;

	(void)alarm(0);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
	(void)sigaction(SIGALRM, &before, NULL);
	return r == -EINTR ? -EBUSY : r;
}

static int open_dir(const char *id, int root_fd, struct err *e)
{
	int fd = openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_errno(e, "open state directory %s", id);
	return fd;
}

static int is_deleted(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

static int make_and_lock(struct container *c, struct err *e)
{
	if (mkdirat(c->root_fd, c->id, 0700) < 0)
		return errno == EEXIST
			       ? err_set(e, EEXIST, "container with given ID already exists")
			       : err_errno(e, "mkdir %s/%s", c->root, c->id);
	int r = c->dirfd = open_dir(c->id, c->root_fd, e);

	if (r >= 0)
		r = lock_dir(c->dirfd);
	/* `delete --force` may have taken the empty directory for that of a dead creator */
	if (r == 0)
		r = check_owner(c->dirfd, c->id, S_IWGRP | S_IWOTH, e);
	if (r < 0) {
		(void)unlinkat(c->root_fd, c->id, AT_REMOVEDIR); /* unless it is in use */
		return err_sys(e, -r, "lock %s/%s", c->root, c->id);
	}
	return 0;
}

static int open_proc(struct container *c, struct err *e)
{
	c->proc_fd = proc_open(e);
	if (c->proc_fd < 0)
		return c->proc_fd;
	int r = proc_boot_id(c->proc_fd, c->boot_id);

	return r < 0 ? err_sys(e, -r, "read /proc/sys/kernel/random/boot_id") : 0;
}

int container_reserve(const char *root, const char *id, struct container *ret, struct err *e)
{
	struct container c = { .id = id, .root = root, .root_fd = -1, .dirfd = -1, .proc_fd = -1 };
	int r = container_check_id(id, e);

	if (r == 0)
		r = open_proc(&c, e);
	if (r == 0)
		c.root_fd = r = open_root(root, true, e);
	if (r >= 0)
		r = make_and_lock(&c, e);
	if (r < 0) {
		container_close(&c);
		return r;
	}
	c.owner = sys_euid();
	c.locked = true;
	*ret = c;
	return 0;
}

int container_save(const struct container *c, struct err *e)
{
	struct json_out *o = json_out_new(false);
	size_t len;

	json_out_object(o, NULL);
	json_out_int(o, "version", 1);
	json_out_string(o, "phase", phase_names[c->phase]);
	json_out_string(o, "id", c->id);
	json_out_string(o, "bundle", c->bundle);
	json_out_string(o, "rootfs", c->rootfs);
	json_out_string(o, "created", c->created);
	if (c->annotations)
		json_out_tree(o, "annotations", c->annotations);
	json_out_uint(o, "owner", c->owner);
	json_out_string(o, "bootId", c->boot_id);
	json_out_bool(o, "ownPidNamespace", c->own_pid_ns);
	json_out_bool(o, "noNewKeyring", c->no_new_keyring);
	if (c->pid_file)
		json_out_string(o, "pidFile", c->pid_file);
	if (c->pid) {
		json_out_int(o, "pid", c->pid);
		json_out_uint(o, "startTime", c->start_time);
	}
	if (c->cgroup) {
		json_out_object(o, "cgroup");
		cgroup_save(c->cgroup, o);
		json_out_object_end(o);
	}
	if (c->rdt) {
		json_out_object(o, "intelRdt");
		json_out_string(o, "clos", c->rdt->clos);
		json_out_bool(o, "madeClos", c->rdt->made_clos);
		if (c->rdt->monitor) {
			json_out_string(o, "monitor", c->rdt->monitor);
			json_out_bool(o, "madeMonitor", c->rdt->made_monitor);
		}
		json_out_object_end(o);
	}
	json_out_object_end(o);
	const char *text = json_out_text(o, &len);
	int r = !text                 ? -ENOMEM
		: json_out_changed(o) ? -EILSEQ /* a path that nobody would find again */
		: len > JSON_MAX_SIZE ? -EFBIG  /* of annotations; nobody could read it again */
				      : file_replace_at(c->dirfd, "state.json", 0600, text, len);

	json_out_free(o);
	return r < 0 ? err_sys(e, -r, "write %s/%s/state.json", c->root, c->id) : 0;
}

int container_keep(const struct container *c, const char *name, const void *data, size_t n,
		   struct err *e)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_close_ int fd = openat(c->dirfd, name, flags, 0600);
	int r = fd < 0 ? -errno : fd_write_all(fd, data, n);

	return r < 0 ? err_sys(e, -r, "write %s/%s/%s", c->root, c->id, name) : 0;
}

static uint64_t number(const struct json *o, const char *name)
{
	const struct json *m = json_member(o, name);
	uint64_t n;

	return m && m->type == JSON_NUMBER && str_to_u64(m->text, UINT64_MAX, &n) == 0 ? n : 0;
}

static struct rdt *load_rdt(struct arena *a, const struct json *o)
{
	const struct json *made = json_member(o, "madeClos");
	const struct json *made_monitor = json_member(o, "madeMonitor");

	if (!json_string(o, "clos"))
		return NULL;
	struct rdt *r = arena_new(a, struct rdt);

	*r = (struct rdt){ .clos = json_string(o, "clos"),
			   .monitor = json_string(o, "monitor"),
			   .made_clos = made && made->boolean,
			   .made_monitor = made_monitor && made_monitor->boolean };
	return r;
}

static int load(struct arena *a, struct container *c, const struct json *o, struct err *e)
{
	const char *phase = json_string(o, "phase"), *boot = json_string(o, "bootId");
	const struct json *own = json_member(o, "ownPidNamespace");
	const struct json *caller = json_member(o, "noNewKeyring");

	c->phase = str_eq(phase, "created")   ? PHASE_CREATED
		   : str_eq(phase, "running") ? PHASE_RUNNING
					      : PHASE_CREATING;
	c->bundle = str_or(json_string(o, "bundle"), "");
	c->rootfs = str_or(json_string(o, "rootfs"), "");
	c->created = str_or(json_string(o, "created"), "");
	c->annotations = json_member(o, "annotations");
	c->pid_file = json_string(o, "pidFile");
	c->gone = boot && !str_eq(boot, c->boot_id);
	c->pid = (pid_t)number(o, "pid");
	c->start_time = number(o, "startTime");
	c->owner = (uid_t)number(o, "owner");
	c->own_pid_ns = own && own->boolean;
	c->no_new_keyring = caller && caller->boolean;
	/* what a boot took with it may be somebody else's by now */
	const struct json *cgroup = c->gone ? NULL : json_member(o, "cgroup");

	c->rdt = c->gone ? NULL : load_rdt(a, json_member(o, "intelRdt"));
	return cgroup ? cgroup_load(a, cgroup, &c->cgroup, e) : 0;
}

/* The shared lock is free when no command is at work: then nobody is creating any more. */
static bool creator_lives(const struct container *c)
{
	if (c->locked)
		return false;
	if (flock(c->dirfd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	(void)flock(c->dirfd, LOCK_UN); /* cannot fail for an open descriptor */
	return false;
}

/* The mark of container_erase(): without state.json it is no creation that has just begun. */
static bool is_being_erased(const struct container *c)
{
	struct stat st;

	return fstat(c->dirfd, &st) == 0 && st.st_mode & S_ISVTX &&
	       (creator_lives(c) || is_deleted(c->dirfd));
}

/* An empty or missing file is the trace of a command that died: there is nothing to undo yet. */
static int read_state(struct arena *a, struct container *c, struct err *e)
{
	_cleanup_close_ int fd = openat(c->dirfd, "state.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct json *o;
	char *text;
	size_t len;

	c->bundle = c->rootfs = c->created = "";
	if (fd < 0 && errno != ENOENT)
		return err_errno(e, "open %s/%s/state.json", c->root, c->id);
	if (fd < 0)
		return is_being_erased(c) ? err_set(e, ENOENT, "container does not exist") : 0;
	int r = fd_read_file(fd, a, JSON_MAX_SIZE, &text, &len);

	if (r < 0)
		return err_sys(e, -r, "read %s/%s/state.json", c->root, c->id);
	if (!len)
		return 0;
	r = json_parse(a, text, len, &o, e);
	if (r == 0)
		r = load(a, c, o, e);
	return r < 0 ? err_wrap(e, "%s/%s/state.json", c->root, c->id) : 0;
}

int container_lock_again(struct container *c, struct err *e)
{
	int r = lock_dir(c->dirfd);

	if (r == -EBUSY)
		return err_set(e, EBUSY,
			       "another hull command is at work on it: device or resource busy");
	if (r < 0)
		return err_sys(e, -r, "lock %s/%s", c->root, c->id);
	c->locked = true;
	/* whoever held the lock may have deleted what it locked */
	return is_deleted(c->dirfd) ? -ENOENT : 0;
}

void container_unlock(struct container *c)
{
	(void)flock(c->dirfd, LOCK_UN); /* cannot fail for an open descriptor */
	c->locked = false;
}

static int open_and_lock(struct container *c, enum container_lock lock, struct err *e)
{
	c->dirfd = open_dir(c->id, c->root_fd, e);
	int r = c->dirfd < 0 ? c->dirfd : check_owner(c->dirfd, c->id, S_IWGRP | S_IWOTH, e);

	return r < 0 || lock == LOCK_NONE ? r : container_lock_again(c, e);
}

int container_open(struct arena *a, const char *root, const char *id, enum container_lock lock,
		   struct container *ret, struct err *e)
{
	struct container c = { .id = id, .root = root, .root_fd = -1, .dirfd = -1, .proc_fd = -1 };
	int r = container_check_id(id, e);

	if (r < 0)
		return r;
	c.root_fd = r = open_root(root, false, e);
	if (r >= 0)
		r = open_and_lock(&c, lock, e);
	if (r == -ENOENT)
		r = err_set(e, ENOENT, "container does not exist");
	if (r >= 0)
		r = open_proc(&c, e);
	if (r >= 0)
		r = read_state(a, &c, e);
	if (r == -EINVAL && lock == LOCK_REMOVE)
		r = 0;
	if (r < 0) {
		container_close(&c);
		return r;
	}
	*ret = c;
	return 0;
}

int container_read_config(struct arena *a, struct container *c, struct err *e)
{
	_cleanup_close_ int fd = openat(c->dirfd, "config.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char *text;
	size_t len;

	if (fd < 0 && errno == ENOENT) {
		if (is_being_erased(c))
			return err_set(e, ENOENT, "container does not exist");
		(void)err_sys(e, ENOENT, "open %s/%s/config.json", c->root, c->id);
		return -ENODATA;
	}
	if (fd < 0)
		return err_errno(e, "open %s/%s/config.json", c->root, c->id);
	int r = fd_read_file(fd, a, JSON_MAX_SIZE, &text, &len);

	if (r < 0)
		return err_sys(e, -r, "read %s/%s/config.json", c->root, c->id);
	return spec_read_config(a, text, len, &c->config, e);
}

int container_pidfd(const struct container *c)
{
	uint64_t start;
	bool zombie;

	if (!c->pid || c->gone || c->reaped)
		return -ESRCH;
	_cleanup_close_ int pidfd = sys_pidfd_open(c->pid);

	if (pidfd < 0)
		return pidfd;
	/* the pidfd pins the number first, so what is read next is about the process it holds */
	int r = proc_start_time(c->proc_fd, c->pid, &start, &zombie);

	if (r < 0)
		return r;
	/* the first thread may have ended before others: pidfd_open(2) tells when all have */
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (start != c->start_time || (zombie && poll(&end, 1, 0) == 1))
		return -ESRCH;
	return fd_steal(&pidfd);
}

static bool waits_for_go(const struct container *c)
{
	_cleanup_close_ int fd =
		openat(c->dirfd, "go", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	/* ENXIO: nobody reads it any more; who lacks descriptors has not heard so */
	return fd >= 0 || (errno != ENXIO && errno != ENOENT);
}

enum container_status container_status(const struct container *c)
{
	if (c->phase == PHASE_CREATING)
		return creator_lives(c) ? STATUS_CREATING : STATUS_STOPPED;
	cleanup_close_later int pidfd = container_pidfd(c);

	/* who lacks descriptors, or may not ask, has not heard that it ended */
	if (pidfd == -ESRCH)
		return STATUS_STOPPED;
	if (c->cgroup && cgroup_is_frozen(c->cgroup) > 0)
		return STATUS_PAUSED;
	if (c->phase == PHASE_CREATED && waits_for_go(c))
		return STATUS_CREATED;
	return STATUS_RUNNING;
}

const char *container_status_name(enum container_status s)
{
	static const char *const names[] = { "creating", "created", "running", "paused",
					     "stopped" };

	return names[s];
}

void container_put_state(struct json_out *o, const char *key, const struct container *c,
			 const char *status, pid_t pid)
{
	json_out_object(o, key);
	json_out_string(o, "ociVersion", SPEC_VERSION);
	json_out_string(o, "id", c->id);
	json_out_string(o, "status", status);
	if (pid)
		json_out_int(o, "pid", pid);
	json_out_string(o, "bundle", c->bundle);
	if (c->annotations)
		json_out_tree(o, "annotations", c->annotations);
	json_out_object_end(o);
}

const char *container_state_json(struct arena *a, const struct container *c, const char *status,
				 pid_t pid)
{
	struct json_out *o = json_out_new(false);

	container_put_state(o, NULL, c, status, pid);
	const char *copy = arena_strdup(a, str_or(json_out_text(o, NULL), "{}"));

	json_out_free(o);
	return copy;
}

void container_close(struct container *c)
{
	if (c->cgroup)
		cgroup_close(c->cgroup);
	fd_close_later(fd_steal(&c->dirfd));
	fd_close_later(fd_steal(&c->root_fd));
	fd_close_later(fd_steal(&c->proc_fd));
	fd_close_now();
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int container_list(struct arena *a, const char *root, const char ***ret, struct err *e)
{
	int fd = open_root(root, false, e);
	size_t n = 0, room = 64;
	const char **names = arena_new_n(a, const char *, room + 1);
	struct dirent *entry;
	struct err ignored;

	if (fd == -ENOENT) {
		*ret = names;
		return 0;
	}
	if (fd < 0)
		return fd;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		fd_close(fd);
		return err_errno(e, "open %s", root);
	}
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
			continue;
		if (container_check_id(entry->d_name, &ignored) < 0)
			continue;
		if (n == room) {
			const char **bigger = arena_new_n(a, const char *, 2 * room + 1);

			memcpy(bigger, names, n * sizeof(*names));
			names = bigger;
			room *= 2;
		}
		names[n++] = arena_strdup(a, entry->d_name);
	}
	(void)closedir(dir); /* only reads happened */
	qsort(names, n, sizeof(*names), by_name);
	*ret = names;
	return 0;
}
