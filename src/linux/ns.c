/* ns.c - joining namespaces and mapping ids */
#include "hull/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/proc.h"
#include "hull/str.h"
#include "hull/sys.h"

int ns_open(const char *path, unsigned type, struct err *e)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *name = spec_name_of(spec_namespaces, type);

	if (fd < 0)
		return err_errno(e, "linux.namespaces: open %s namespace %s", name, path);
	int found = ioctl(fd, NS_GET_NSTYPE);

	if (found < 0)
		return err_set(e, EINVAL, "linux.namespaces: %s is not a namespace", path);
	if ((unsigned)found != type)
		return err_set(e, EINVAL,
			       "linux.namespaces: %s is a %s namespace, not a %s namespace", path,
			       str_or(spec_name_of(spec_namespaces, (unsigned)found), "strange"),
			       name);
	return fd_steal(&fd);
}

bool ns_is_own(const char *path, unsigned type)
{
	static const struct {
		unsigned type;
		const char *link;
	} links[] = {
		{ CLONE_NEWNS, "mnt" },        { CLONE_NEWUTS, "uts" },   { CLONE_NEWIPC, "ipc" },
		{ CLONE_NEWNET, "net" },       { CLONE_NEWPID, "pid" },   { CLONE_NEWUSER, "user" },
		{ CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWTIME, "time" },
	};
	struct stat want, have;
	char own[32] = "";

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (links[i].type == type)
			(void)snprintf(own, sizeof(own), "/proc/self/ns/%s", links[i].link);
	}
	return stat(path, &want) == 0 && stat(own, &have) == 0 && want.st_ino == have.st_ino &&
	       want.st_dev == have.st_dev;
}

struct joins {
	const struct plan *plan;
	int fds[ARRAY_SIZE(((struct plan *)0)->joins)];
	struct err *err;
};

static int fail(struct joins *j, size_t i)
{
	return err_sys(j->err, errno, "linux.namespaces: setns %s namespace %s",
		       spec_name_of(spec_namespaces, j->plan->joins[i].type),
		       j->plan->joins[i].path);
}

/* Joins what is still open, except @not; EPERM is left for another try unless @strict. */
static int join_others(struct joins *j, unsigned not, bool strict)
{
	for (size_t i = 0; i < j->plan->njoins; i++) {
		unsigned type = j->plan->joins[i].type;

		if (j->fds[i] < 0 || (type & not ))
			continue;
		if (setns(j->fds[i], (int)type) < 0) {
			if (errno == EPERM && !strict)
				continue;
			return fail(j, i);
		}
		fd_close(fd_steal(&j->fds[i]));
	}
	return 0;
}

static int join_user(struct joins *j)
{
	struct stat want, have;

	for (size_t i = 0; i < j->plan->njoins; i++) {
		if (j->plan->joins[i].type != CLONE_NEWUSER)
			continue;
		/* the kernel refuses to enter one's own user namespace */
		bool inside = fstat(j->fds[i], &want) == 0 &&
			      stat("/proc/self/ns/user", &have) == 0 &&
			      want.st_ino == have.st_ino && want.st_dev == have.st_dev;

		if (!inside && setns(j->fds[i], CLONE_NEWUSER) < 0)
			return fail(j, i);
		fd_close(fd_steal(&j->fds[i]));
	}
	return 0;
}

static int join_in_order(struct joins *j)
{
	bool user = plan_joined(j->plan, CLONE_NEWUSER);
	int r = join_others(j, CLONE_NEWUSER | CLONE_NEWPID, !user);

	if (r == 0)
		r = join_user(j);
	if (r == 0)
		r = join_others(j, CLONE_NEWPID, true);
	return r < 0 ? r : join_others(j, 0, true);
}

int ns_join_all(const struct plan *p, struct err *e)
{
	struct joins j = { .plan = p, .err = e };
	int r = 0;

	for (size_t i = 0; i < p->njoins; i++)
		j.fds[i] = -1;
	/* every path is the host's: open all before the first join changes what a path means */
	for (size_t i = 0; r >= 0 && i < p->njoins; i++)
		r = j.fds[i] = ns_open(p->joins[i].path, p->joins[i].type, e);
	if (r >= 0)
		r = join_in_order(&j);
	for (size_t i = 0; i < p->njoins; i++)
		fd_close(j.fds[i]);
	return r < 0 ? r : 0;
}

static int write_time_offsets(int proc_fd, const struct config_time_offsets *t, struct err *e)
{
	char text[160] = "";

	if (t->monotonic)
		(void)str_append(text, sizeof(text), "monotonic %lld %llu\n",
				 (long long)t->monotonic->secs,
				 (unsigned long long)t->monotonic->nanosecs);
	if (t->boottime)
		(void)str_append(text, sizeof(text), "boottime %lld %llu\n",
				 (long long)t->boottime->secs,
				 (unsigned long long)t->boottime->nanosecs);
	int r = text[0] ? file_write_at(proc_fd, "self/timens_offsets", text) : 0;

	return r < 0 ? err_sys(e, -r, "linux.timeOffsets: write timens_offsets") : 0;
}

/* time_namespaces(7): unshare makes it for children, and whoever enters it fixes its offsets. */
int ns_enter_new_time(int proc_fd, const struct config_time_offsets *t, struct err *e)
{
	if (unshare(CLONE_NEWTIME) < 0)
		return err_errno(e, "unshare time namespace");
	int r = t ? write_time_offsets(proc_fd, t, e) : 0;

	if (r < 0)
		return r;
	_cleanup_close_ int fd = openat(proc_fd, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
		return err_errno(e, "enter the new time namespace");
	return 0;
}

static int write_map(int proc_fd, pid_t pid, const char *file, const char *text)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "%d/%s", pid, file);
	return file_write_at(proc_fd, name, text);
}

/*
 * Runs the first of the places where @helper is. Return: 0 with its pid and its standard error, to
 * be closed, or an errno.
 */
static int spawn_helper(const char *helper, char *const argv[], pid_t *ret_pid, int *ret_said)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin" };
	char *const envp[] = { NULL };
	posix_spawn_file_actions_t files;
	int ends[2], r = ENOENT;
	char path[64];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, ends[1],
					       STDERR_FILENO); /* fails for lack of memory */
	for (size_t i = 0; r == ENOENT && i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dirs[i], helper);
		r = posix_spawn(ret_pid, path, &files, NULL, argv, envp);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	fd_close(ends[1]);
	if (r)
		fd_close(ends[0]);
	else
		*ret_said = ends[0];
	return r;
}

/*
 * newuidmap PID CONTAINER HOST SIZE ...: setuid helpers of shadow that check /etc/subuid. Podman
 * starts runtimes without PATH, so they are looked for where they are installed.
 */
static int run_helper(const char *helper, pid_t pid, const struct config_idmaps *maps,
		      struct err *e)
{
	struct arena a = { 0 };
	char **argv = arena_new_n(&a, char *, 3 * maps->n + 3);
	char said[256] = "";
	int n = 0, status;
	_cleanup_close_ int output = -1;
	pid_t child = -1;

	argv[n++] = arena_strdup(&a, helper);
	argv[n++] = arena_printf(&a, "%d", pid);
	for (size_t i = 0; i < maps->n; i++) {
		argv[n++] = arena_printf(&a, "%u", (unsigned)maps->items[i].container_id);
		argv[n++] = arena_printf(&a, "%u", (unsigned)maps->items[i].host_id);
		argv[n++] = arena_printf(&a, "%u", (unsigned)maps->items[i].size);
	}
	int r = spawn_helper(helper, argv, &child, &output);

	arena_free(&a);
	if (r)
		return err_sys(e, r, "%s (package uidmap): execve", helper);
	(void)fd_read_text(output, said, sizeof(said) - 1); /* nothing when all is well */
	said[strcspn(said, "\n")] = '\0';
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return err_errno(e, "wait for %s", helper);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(e, EPERM, "%s (see /etc/subuid and /etc/subgid)",
			       said[0] ? said : helper);
	return 0;
}

/* user_namespaces(7): without privilege one line that maps one's own id is all one may write. */
static int write_own_ids(int proc_fd, pid_t pid, const struct plan_idmap *m, struct err *e)
{
	int r = write_map(proc_fd, pid, "setgroups", "deny");

	if (r == 0)
		r = write_map(proc_fd, pid, "gid_map", m->gid_map);
	if (r < 0)
		return err_sys(e, -r, "linux.gidMappings: write gid_map");
	r = write_map(proc_fd, pid, "uid_map", m->uid_map);
	return r < 0 ? err_sys(e, -r, "linux.uidMappings: write uid_map") : 0;
}

static bool single(const struct config_idmaps *maps)
{
	return maps->n == 1 && maps->items[0].size == 1;
}

int ns_write_idmaps(int proc_fd, pid_t pid, const struct plan_idmap *m, bool privileged,
		    struct err *e)
{
	int r;

	if (!privileged && single(m->uids) && single(m->gids))
		return write_own_ids(proc_fd, pid, m, e);
	if (!privileged) {
		r = run_helper("newuidmap", pid, m->uids, e);
		return r < 0 ? r : run_helper("newgidmap", pid, m->gids, e);
	}
	r = write_map(proc_fd, pid, "uid_map", m->uid_map);
	if (r < 0)
		return err_sys(e, -r, "linux.uidMappings: write uid_map");
	r = write_map(proc_fd, pid, "gid_map", m->gid_map);
	return r < 0 ? err_sys(e, -r, "linux.gidMappings: write gid_map") : 0;
}

/* The process that holds a namespace until it is open has nothing else to do. */
static _Noreturn void hold(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || syscall(SYS_getppid) != parent)
		_exit(1);
	for (;;)
		(void)pause();
}

static int open_of(int proc_fd, pid_t pid, struct err *e)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%d/ns/user", pid);
	int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_errno(e, "open /proc/%s", path) : fd;
}

int ns_make_user(int proc_fd, const struct plan_idmap *m, bool privileged, struct err *e)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	pid_t parent = getpid(), pid = sys_clone3(&args);

	if (pid == 0)
		hold(parent);
	if (pid < 0)
		return err_sys(e, -pid, "clone3 user namespace");
	int fd = ns_write_idmaps(proc_fd, pid, m, privileged, e);

	if (fd == 0)
		fd = open_of(proc_fd, pid, e);
	/* our own child, not reaped yet; one that lives ends with this process */
	if (kill(pid, SIGKILL) == 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return fd;
}
