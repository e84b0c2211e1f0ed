/*
 * join.c - entering a container
 *
 * The same shape as launch.c and init.c, shorter: the file knows the order of an entry, its steps
 * are at the end. Identity is the gate's work in both, so a process entered is never less confined
 * than init.
 */
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "hear.h"
#include "host_limits.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/proc.h"
#include "hull/restart.h"
#include "hull/sched.h"
#include "hull/signals.h"
#include "hull/str.h"
#include "hull/sys.h"
#include "payload.h"
#include "spawn.h"
#include "streams.h"
#include "sync.h"

#define MAX_FILTER ((size_t)4096 * 8)

/* What the entering process works on, next to the plan. */
struct entry {
	struct join *j;
	int sock, rootfd;
	int null;  /* the host's, for output of a hook that nobody wants */
	bool born; /* in the container's v2 group */
	char program[4096];
};

void join_init(struct join *j, struct container *c, struct arena *a)
{
	*j = (struct join){ .container = c,
			    .arena = a,
			    .input = -1,
			    .output = hook_output_none(),
			    .init_pidfd = -1,
			    .sock = -1,
			    .master = -1,
			    .pidfd = -1,
			    .seal = { .memfd = -1 } };
}

/* The program that create compiled; its flags are the configuration's. */
static int load_filter(struct join *j, struct err *e)
{
	const struct config_linux *l = j->container->config.linux;
	struct plan_filter *f = &j->process.filter;
	_cleanup_close_ int fd = -1;
	char *bpf = NULL;

	if (!l || !l->seccomp)
		return 0;
	fd = openat(j->container->dirfd, "filter.bpf", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? -errno : fd_read_file(fd, j->arena, MAX_FILTER, &bpf, &f->len);

	if (r < 0)
		return err_sys(e, -r, "read filter.bpf of container %s", j->container->id);
	f->bpf = bpf;
	f->flags = plan_filter_flags(l->seccomp);
	f->notify = plan_filter_notifies(l->seccomp);
	return 0;
}

static bool same_user_ns(const struct container *c)
{
	struct stat ours, theirs;
	char path[48];

	(void)snprintf(path, sizeof(path), "%d/ns/user", c->pid);
	return fstatat(c->proc_fd, "self/ns/user", &ours, 0) == 0 &&
	       fstatat(c->proc_fd, path, &theirs, 0) == 0 && ours.st_ino == theirs.st_ino;
}

static unsigned namespaces_of(const struct container *c)
{
	const struct config_linux *l = c->config.linux;
	unsigned all = 0;

	for (size_t i = 0; l && i < l->namespaces.n; i++)
		all |= l->namespaces.items[i].type;
	/* the kernel refuses to enter one's own user namespace */
	if ((all & CLONE_NEWUSER) && same_user_ns(c))
		all &= ~(unsigned)CLONE_NEWUSER;
	return all;
}

int join_restart(const struct container *c, struct err *e)
{
	if (!cgroup_asks_systemd(c->cgroup))
		return 0;
	return sys_euid() != 0 || sys_in_user_namespace() ? restart_shared(e) : 0;
}

int join_prepare(struct join *j, const struct host_facts *host, struct err *e)
{
	j->host = host;
	j->init_pidfd = container_pidfd(j->container);
	if (j->init_pidfd == -ESRCH)
		return err_set(e, ESRCH, "container not running");
	if (j->init_pidfd < 0)
		return err_sys(e, -j->init_pidfd, "pidfd_open init, pid %d", j->container->pid);
	j->namespaces = namespaces_of(j->container);
	int r = load_filter(j, e);

	if (r == 0)
		r = seal_gate(j->arena, &j->process, host->last_cap, &j->seal, e);
	if (r == 0 && (j->namespaces & CLONE_NEWPID))
		j->seal.head.flags |= GATE_FORK;
	return r;
}

/* Leaves: death with the command, the payload's signals, nobody who may look into it. */
static int step_detach(struct entry *n, struct err *e)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, "prctl");
	(void)umask(0); /* modes are those that are asked for; the payload's is the plan's */
	return signals_reset(n->j->host->ignored, e);
}

/* Before the container's /dev/null is what that name means: it may be anything (CVE-2026-88265). */
static int step_null(struct entry *n, struct err *e)
{
	const struct join *j = n->j;

	if (j->input < 0 || (j->output.out >= 0 && j->output.err >= 0))
		return 0;
	n->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return n->null < 0 ? err_errno(e, "open the host's /dev/null") : 0;
}

static int step_limits(struct entry *n, struct err *e)
{
	return host_limits_early(0, &n->j->process, n->j->host, false, e);
}

static bool follow_init(struct join *j, int why)
{
	struct container *c = j->container;

	return c->cgroup && cgroup_follow(c->cgroup, j->arena, why, c->proc_fd, c->pid);
}

static int enter_groups(struct entry *n, struct err *e)
{
	struct cgroup *cgroup = n->j->container->cgroup;
	int r = cgroup_enter(cgroup, n->born, e);

	return r < 0 && follow_init(n->j, -r) ? cgroup_enter(cgroup, n->born, e) : r;
}

/*
 * Nothing of the container's is touched, and nothing is spent, outside of its groups. Without a
 * word about CPUs the caller's are not inherited; config.md, execCPUAffinity.
 */
static int step_cgroups(struct entry *n, struct err *e)
{
	const struct config_affinity *a = n->j->process.exec_cpu_affinity;
	int r = a ? sched_set_affinity(0, a->initial, "process.execCPUAffinity.initial", e) : 0;

	if (r == 0 && n->j->container->cgroup)
		r = enter_groups(n, e);
	if (r == 0 && n->j->container->rdt)
		r = rdt_add(n->j->container->rdt, getpid(), e); /* the gate's child inherits it */
	if (r < 0)
		return r;
	if (!a)
		sched_reset_affinity(0);
	return a ? sched_set_affinity(0, a->final, "process.execCPUAffinity.final", e) : 0;
}

/* One call: the kernel checks all before it changes any. The pid namespace waits for a child. */
static int step_namespaces(struct entry *n, struct err *e)
{
	const struct join *j = n->j;
	char root[48];

	/* without a mount namespace the container's root is init's chroot */
	(void)snprintf(root, sizeof(root), "%d/root", j->container->pid);
	n->rootfd = j->namespaces & CLONE_NEWNS
			    ? -1
			    : openat(j->container->proc_fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (j->namespaces && setns(j->init_pidfd, (int)j->namespaces) < 0)
		return err_errno(e, "setns to the container's namespaces");
	if (n->rootfd >= 0 && (fchdir(n->rootfd) < 0 || chroot(".") < 0))
		return err_errno(e, "chroot to the container's root");
	if (n->rootfd < 0)
		n->rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return n->rootfd < 0 ? err_errno(e, "open the container's root") : 0;
}

/* As whom files of the container are looked at and made; the gate becomes the user. */
static int step_become_root(struct entry *n, struct err *e)
{
	if (!(n->j->namespaces & CLONE_NEWUSER))
		return 0;
	int r = sys_become(0, 0);

	if (r < 0 && r != -EINVAL) /* root is not mapped: the overflow ids have to do */
		return err_sys(e, -r, "become root of the user namespace");
	/* the change of ids took both back */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, "prctl");
	return 0;
}

/* session-keyring(7): the caller's keys are not the container's here, either. */
static int step_keyring(struct entry *n, struct err *e)
{
	const struct container *c = n->j->container;

	return c->no_new_keyring ? 0
				 : proc_new_keyring(c->proc_fd, c->id, n->j->process.selinux, e);
}

static int step_streams(struct entry *n, struct err *e)
{
	struct join *j = n->j;
	int r = streams_open_console(&j->process, n->rootfd, false, n->sock, &j->seal, e);

	if (r < 0)
		return r;
	if (j->input < 0)
		return streams_adopt(&j->process, n->rootfd, e);
	int out = j->output.out < 0 ? n->null : j->output.out;
	int errors = j->output.err < 0 ? n->null : j->output.err;

	if (dup3(j->input, 0, 0) < 0 || dup3(out, 1, 0) < 0 || dup3(errors, 2, 0) < 0)
		return err_errno(e, "set up standard streams");
	return 0;
}

static int step_cwd(struct entry *n, struct err *e)
{
	return payload_enter_cwd(&n->j->process, n->rootfd, false, &n->j->seal, e);
}

static int step_program(struct entry *n, struct err *e)
{
	const struct join *j = n->j;
	const char *name = j->program ? j->program : j->process.argv[0];

	return payload_find(name, &j->process, n->program, sizeof(n->program), e);
}

static int step_environment(struct entry *n, struct err *e)
{
	(void)e;
	payload_finish_env(&n->j->process, n->rootfd, &n->j->seal);
	return 0;
}

static int step_personality(struct entry *n, struct err *e)
{
	const struct config_linux *l = n->j->container->config.linux;

	return sched_set_personality(l ? l->personality : NULL, e);
}

static int step_memory_policy(struct entry *n, struct err *e)
{
	return sched_set_memory_policy(n->j->process.memory_policy, e);
}

static int step_gate(struct entry *n, struct err *e)
{
	struct join *j = n->j;

	j->seal.head.sync_fd = n->sock;
	if (j->seal.head.label)
		j->seal.head.proc_fd = j->container->proc_fd;
	return seal_exec(&j->seal, n->program, j->process.argv, j->process.envp, e);
}

static const struct {
	const char *name;
	int (*run)(struct entry *, struct err *);
} steps[] = {
	{ "detach", step_detach },
	{ "null device", step_null },
	{ "resource limits", step_limits },
	{ "cgroups", step_cgroups },
	{ "namespaces", step_namespaces },
	{ "become root", step_become_root },
	{ "session keyring", step_keyring },
	{ "streams", step_streams },
	{ "working directory", step_cwd },
	{ "program", step_program },
	{ "environment", step_environment },
	{ "personality", step_personality },
	{ "memory policy", step_memory_policy },
	{ "gate", step_gate },
};

static const char *step_name(unsigned n)
{
	return n < ARRAY_SIZE(steps) ? steps[n].name : NULL;
}

static _Noreturn void enter(struct join *j, int sock, bool born)
{
	struct entry n = { .j = j, .sock = sock, .rootfd = -1, .null = -1, .born = born };
	struct err e = { 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].run(&n, &e) < 0) {
			sync_send_error(sock, i, &e);
			break;
		}
	}
	_exit(1);
}

/* Both the listener and the pid that goes with it have come. Return: 0 or -errno. */
static int serve_listener(struct join *j, int *listener, struct err *e)
{
	const char *status = container_status_name(container_status(j->container));

	int r = agent_send(j->arena, j->container, status, j->pid, *listener, e);

	fd_close(fd_steal(listener));
	return r;
}

static void take_message(struct join *j, const struct message *m, int *fd, int *listener)
{
	if (m->head.type == MESSAGE_FORKED)
		j->pid = m->head.num;
	else if (m->head.type == MESSAGE_CONSOLE)
		j->master = fd_steal(fd);
	else if (m->head.type == MESSAGE_LISTENER)
		*listener = fd_steal(fd);
}

/*
 * The process that forked says so and ends. Killed in between it leaves a child that holds the
 * other end of the socket and waits for this one.
 */
static bool said_before_end(const struct join *j, int first)
{
	struct pollfd sock = { .fd = j->sock, .events = POLLIN };

	(void)spawn_wait(first);
	return poll(&sock, 1, 0) > 0;
}

/*
 * With a pid namespace the payload is a child of the process that was made; both are this
 * command's own, and speak as they like. Until all that is wanted has come, end of file is a
 * failure.
 */
static int serve(struct join *j, int first, struct err *e)
{
	bool forks = j->seal.head.flags & GATE_FORK;
	unsigned wanted = 1u << MESSAGE_READY | (forks ? 1u << MESSAGE_FORKED : 0) |
			  (j->process.terminal ? 1u << MESSAGE_CONSOLE : 0) |
			  (j->process.filter.notify ? 1u << MESSAGE_LISTENER : 0);
	_cleanup_close_ int listener = -1;
	bool asked = false;

	while (wanted) {
		_cleanup_close_ int fd = -1;
		struct message m;
		int r = wanted == 1u << MESSAGE_FORKED && !said_before_end(j, first)
				? 0
				: hear(j->sock, j->container, j->pid, asked, &m, &fd, e);

		if (r < 0)
			return r;
		if (r == 0)
			return err_set(e, EPROTO, "the process ended without a word");
		if (m.head.type == MESSAGE_ERROR)
			return sync_error(&m, step_name, str_or(j->program, j->process.argv[0]),
					  j->process.apparmor, e);
		if (m.head.type > 31 || !(wanted >> m.head.type & 1))
			return err_set(e, EPROTO, "message %u is out of place", m.head.type);
		wanted &= ~(1u << m.head.type);
		take_message(j, &m, &fd, &listener);
		if (listener < 0 || (wanted & 1u << MESSAGE_FORKED))
			continue;
		r = serve_listener(j, &listener, e);
		if (r < 0)
			return r;
		asked = true;
	}
	return 0;
}

/* Nobody else reaps our children, so the number is still the process that reported it. */
static int pin(struct join *j, int *first, struct err *e)
{
	if (!(j->seal.head.flags & GATE_FORK)) {
		j->pidfd = fd_steal(first);
		return 0;
	}
	j->pidfd = sys_pidfd_open(j->pid);
	return j->pidfd < 0 ? err_sys(e, -j->pidfd, "pidfd_open the process, pid %d", j->pid) : 0;
}

/* The v2 group to be born in; -1 for none, and where the CPUs before the group matter. */
static int birthplace(const struct join *j)
{
	const struct config_affinity *a = j->process.exec_cpu_affinity;

	if (!j->container->cgroup || (a && str_or(a->initial, "")[0]))
		return -1;
	return cgroup_dirfd(j->container->cgroup);
}

/* The payload's process, when it has been announced: our own child, or it is left alone. */
static void kill_forked(const struct join *j, pid_t first)
{
	siginfo_t info;

	if (j->pid > 0 && j->pid != first &&
	    waitid(P_PID, (id_t)j->pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0)
		(void)kill(j->pid, SIGKILL);
}

/*
 * Who may not be born in a group may yet be put there by somebody else: cgroup_enter().
 *
 * Return: the pid, or -errno.
 */
static pid_t clone_entry(struct join *j, int sock, int cgroup_fd, int *ret_pidfd)
{
	struct clone_args args = { .flags = CLONE_PIDFD | (cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0),
				   .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
				   .exit_signal = SIGCHLD,
				   .cgroup = cgroup_fd >= 0 ? (uint64_t)cgroup_fd : 0 };
	pid_t pid = sys_clone3(&args);

	if (pid == 0) {
		fd_close(j->sock);
		enter(j, sock, cgroup_fd >= 0);
	}
	return pid == -EACCES && cgroup_fd >= 0 ? clone_entry(j, sock, -1, ret_pidfd) : pid;
}

int join_spawn(struct join *j, struct err *e)
{
	int ends[2], first_fd = -1;
	int r = sync_pair(ends);

	if (r < 0)
		return err_sys(e, -r, "socketpair");
	j->sock = ends[0];
	(void)follow_init(j, 0);
	pid_t pid = clone_entry(j, ends[1], birthplace(j), &first_fd);

	if (pid < 0 && follow_init(j, -pid))
		pid = clone_entry(j, ends[1], birthplace(j), &first_fd);
	fd_close(ends[1]);
	if (pid < 0)
		return err_sys(e, -pid, "clone3 into the container's cgroup");
	_cleanup_close_ int first = first_fd;

	j->pid = pid;
	r = serve(j, first, e);

	if (r < 0) {
		(void)pidfd_send_signal(first, SIGKILL, NULL, 0);
		kill_forked(j, pid);
		fd_close(fd_steal(&j->sock)); /* one that was not announced hears this */
		(void)spawn_wait(first);
		return r;
	}
	if (j->seal.head.flags & GATE_FORK)
		(void)spawn_wait(first);
	return pin(j, &first, e);
}

int join_go(struct join *j, struct err *e)
{
	_cleanup_close_ int fd = -1;
	struct message m;

	if (sync_go(j->sock) < 0)
		return err_set(e, ESRCH, "the process was killed before it began");
	int r = hear(j->sock, j->container, j->pid, j->process.filter.notify, &m, &fd, e);

	if (r < 0) {
		/* it waits for the agent, or is stopped */
		(void)pidfd_send_signal(j->pidfd, SIGKILL, NULL, 0);
		return r;
	}
	return r > 0 ? sync_error(&m, step_name, str_or(j->program, j->process.argv[0]), NULL, e)
		     : 0;
}

void join_end(struct join *j)
{
	fd_close_later(j->sock);
	fd_close_later(j->master);
	fd_close_later(j->pidfd);
	fd_close_later(j->init_pidfd);
	fd_close_later(j->seal.memfd);
}
