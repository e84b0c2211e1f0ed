/* exec.c - the `exec` command: another process in a container */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handover.h"
#include "host.h"
#include "host_limits.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/launch.h"
#include "hull/log.h"
#include "hull/proc.h"
#include "hull/restart.h"
#include "hull/str.h"
#include "hull/sys.h"
#include "hull/tty.h"
#include "join.h"
#include "spawn.h"
#include "supervise.h"

struct exec {
	const struct exec_options *o;
	struct arena arena;
	struct container c;
	struct config file;            /* of --process */
	struct config_process process; /* what to run */
	struct host_facts host;
	struct join join;
	struct supervisor supervisor;
	int console_sock;
	bool was_alive;
};

static int fail_stopped(struct err *e)
{
	return err_set(e, ESRCH, "cannot exec in a stopped container: container not running");
}

static int check_status(const struct exec *x, struct err *e)
{
	switch (container_status(&x->c)) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		return x->o->ignore_paused ? 0
					   : err_set(e, EBUSY,
						     "cannot exec in a paused container (use "
						     "--ignore-paused to override)");
	case STATUS_CREATING:
		return err_set(e, EBUSY, "cannot exec in a container that is being created");
	case STATUS_STOPPED:
		break;
	}
	return fail_stopped(e);
}

static int read_process_file(struct exec *x, struct err *e)
{
	const char *path = x->o->process_file;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;

	if (fd < 0)
		return err_errno(e, "--process %s: open", path);
	int r = fd_read_file(fd, &x->arena, JSON_MAX_SIZE, &text, &len);

	if (r < 0)
		return err_sys(e, -r, "--process %s: read", path);
	r = spec_read_process(&x->arena, text, len, &x->file, e);
	if (r < 0)
		return err_wrap(e, "--process %s", path);
	x->process = *x->file.process;
	return 0;
}

/* One strict decimal number: a blank, a sign or a name never becomes uid 0 (CVE-2026-30892). */
static int parse_id(const char *text, const char *option, uint64_t *ret, struct err *e)
{
	return str_to_u64(text, UINT32_MAX - 1, ret) < 0
		       ? err_set(e, EINVAL, "%s \"%.40s\": not a numeric id", option, text)
		       : 0;
}

static int apply_user(struct exec *x, struct err *e)
{
	struct config_user *u = &x->process.user;

	if (x->o->user) {
		size_t n = strcspn(x->o->user, ":");
		int r = parse_id(arena_strndup(&x->arena, x->o->user, n), "--user", &u->uid, e);

		if (r == 0 && x->o->user[n])
			r = parse_id(x->o->user + n + 1, "--user", &u->gid, e);
		if (r < 0)
			return r;
	}
	uint64_t *gids = arena_new_n(&x->arena, uint64_t, u->additional_gids.n + x->o->ngroups + 1);

	for (size_t i = 0; i < u->additional_gids.n; i++)
		gids[i] = u->additional_gids.items[i];
	for (size_t i = 0; i < x->o->ngroups; i++) {
		int r = parse_id(x->o->groups[i], "--additional-gids",
				 &gids[u->additional_gids.n + i], e);

		if (r < 0)
			return r;
	}
	u->additional_gids.items = gids;
	u->additional_gids.n += x->o->ngroups;
	return 0;
}

static struct strings append(struct arena *a, const struct strings *to, const char *const *more,
			     size_t n)
{
	struct strings s = { to->n + n, arena_new_n(a, const char *, to->n + n + 1) };

	for (size_t i = 0; i < to->n; i++)
		s.items[i] = to->items[i];
	for (size_t i = 0; i < n; i++)
		s.items[to->n + i] = more[i];
	return s;
}

/*
 * Capabilities given to one process widen bounding, effective and permitted; ambient only where
 * the container has an inheritable set already, which stays as it is (CVE-2022-29162).
 */
static void apply_caps(struct exec *x)
{
	struct config_capabilities *c = arena_new(&x->arena, struct config_capabilities);

	if (!x->o->ncaps)
		return;
	if (x->process.capabilities)
		*c = *x->process.capabilities;
	c->bounding = append(&x->arena, &c->bounding, x->o->caps, x->o->ncaps);
	c->effective = append(&x->arena, &c->effective, x->o->caps, x->o->ncaps);
	c->permitted = append(&x->arena, &c->permitted, x->o->caps, x->o->ncaps);
	if (c->inheritable.n)
		c->ambient = append(&x->arena, &c->ambient, x->o->caps, x->o->ncaps);
	x->process.capabilities = c;
}

/* The container's own process is the pattern; what the command line says goes on top. */
static int apply_options(struct exec *x, struct err *e)
{
	const struct exec_options *o = x->o;
	struct config_process *p = &x->process;

	*p = *x->c.config.process;
	p->args = (struct strings){ o->nargs, (const char **)o->args };
	p->env = append(&x->arena, &p->env, o->env, o->nenv);
	p->terminal = o->tty;
	p->console_size = NULL;
	if (o->cwd)
		p->cwd = o->cwd;
	if (o->no_new_privileges)
		p->no_new_privileges = true;
	apply_caps(x);
	return apply_user(x, e);
}

static int make_process(struct exec *x, struct err *e)
{
	const struct exec_options *o = x->o;

	if (!o->process_file && !o->nargs)
		return err_set(e, EINVAL, "process args cannot be empty");
	int r = o->process_file ? read_process_file(x, e) : apply_options(x, e);

	if (r < 0)
		return r;
	/* what a process file leaves out is the container's, as in runc: never less confined */
	if (!x->process.apparmor_profile)
		x->process.apparmor_profile = x->c.config.process->apparmor_profile;
	if (!x->process.selinux_label)
		x->process.selinux_label = x->c.config.process->selinux_label;
	if (!x->process.capabilities)
		x->process.capabilities = x->c.config.process->capabilities;
	if (!x->process.rlimits.n)
		x->process.rlimits = x->c.config.process->rlimits;
	if (!x->process.oom_score_adj.set)
		x->process.oom_score_adj = x->c.config.process->oom_score_adj;
	if (!x->process.scheduler)
		x->process.scheduler = x->c.config.process->scheduler;
	if (!x->process.io_priority)
		x->process.io_priority = x->c.config.process->io_priority;
	if (!x->process.exec_cpu_affinity)
		x->process.exec_cpu_affinity = x->c.config.process->exec_cpu_affinity;
	if (o->apparmor)
		x->process.apparmor_profile = o->apparmor;
	if (o->process_label)
		x->process.selinux_label = o->process_label;
	if (o->tty)
		x->process.terminal = true;
	return 0;
}

static int check_process(const struct exec *x, struct err *e)
{
	const struct config config = { .oci_version = SPEC_VERSION,
				       .json = x->file.json,
				       .process = (struct config_process *)&x->process };

	return plan_check_process(&config, x->o->process_file ? "" : "process", e);
}

static int plan(struct exec *x, struct err *e)
{
	unsigned listen = handover_listen_fds();
	const struct plan_input in = { .id = x->o->id,
				       .bundle = x->c.bundle,
				       .preserve_fds = listen + x->o->preserve_fds,
				       .listen_fds = listen,
				       .listen_fdnames = getenv("LISTEN_FDNAMES") };
	int r = handover_inherited(in.preserve_fds, e);

	if (r == 0)
		r = handover_check_console(x->process.terminal, x->o->console_socket, !x->o->detach,
					   e);
	if (r == 0)
		r = check_process(x, e);
	if (r == 0)
		r = host_read_facts(&x->c.config, &x->host, e);
	if (r == 0)
		r = plan_build_process(&x->arena, &x->c.config, &x->process, &in, &x->host,
				       &x->join.process, e);
	return r;
}

static int choose_cgroup(struct exec *x, struct err *e)
{
	struct cgroup *cgroup = x->c.cgroup;

	if (!x->o->ncgroups)
		return 0;
	if (!cgroup)
		return err_set(e, EOPNOTSUPP, "--cgroup: the container has no cgroup");
	return cgroup_choose_below(cgroup, &x->arena, x->o->cgroups, x->o->ncgroups, e);
}

static int prepare(struct exec *x, struct err *e)
{
	int r = container_open(&x->arena, x->o->root, x->o->id, LOCK_NONE, &x->c, e);

	if (r < 0)
		return r;
	r = check_status(x, e);
	x->was_alive = r == 0;
	if (r == 0)
		r = join_restart(&x->c, e);
	if (r == 0)
		r = container_read_config(&x->arena, &x->c, e);
	if (r == 0)
		r = make_process(x, e);
	if (r == 0)
		r = plan(x, e);
	if (r == 0)
		r = choose_cgroup(x, e);
	if (r == 0)
		r = handover_cloexec(e);
	if (r == 0)
		r = handover_connect(x->o->console_socket, &x->console_sock, e);
	/* prlimit(2) without CAP_SYS_RESOURCE is for processes of one's own ids */
	return r == 0 ? join_prepare(&x->join, &x->host, e) : r;
}

static int hand_over(struct exec *x, struct err *e)
{
	const char *pid_file = handover_absolute(&x->arena, x->o->pid_file);
	int r = 0;

	log_debug("%s: exec: process %d", x->o->id, x->join.pid);
	if (x->console_sock >= 0) {
		r = handover_console(x->console_sock, x->join.master, e);
		fd_close(fd_steal(&x->join.master));
	} else if (x->join.master >= 0) {
		tty_suit_caller(x->join.master);
	}
	if (r == 0)
		r = host_limits_apply(x->c.proc_fd, x->join.pid, &x->join.process, &x->host, false,
				      e);
	if (r == 0)
		r = handover_pidfd(x->o->pidfd_socket, x->join.pidfd, "setns", e);
	if (r == 0 && pid_file)
		r = handover_pid_file(pid_file, x->join.pid, e);
	if (r == 0)
		r = join_go(&x->join, e);
	if (r < 0 && pid_file)
		handover_forget_pid_file(pid_file,
					 x->join.pid); /* its absence says that exec failed */
	return r;
}

static int run(struct exec *x, int *ret_status, struct err *e)
{
	int r = join_spawn(&x->join, e);

	if (r == 0)
		r = hand_over(x, e);
	if (r < 0 || x->o->detach)
		return r;
	r = supervise_wait(&x->supervisor, x->join.pid, x->join.pidfd, fd_steal(&x->join.master),
			   e);
	if (r < 0)
		return r;
	*ret_status = r;
	return 0;
}

/*
 * Whatever failed because init has ended meanwhile failed for that reason. Who was killed together
 * with init is heard of before it, and init does not end before that one is waited for.
 */
static bool has_ended(const struct exec *x, int error)
{
	_cleanup_close_ int pidfd = x->was_alive ? container_pidfd(&x->c) : -1;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0 || (error != -EPROTO && error != -ESRCH))
		return pidfd == -ESRCH;
	spawn_leave_children();
	return poll(&end, 1, 200) == 1;
}

int launch_exec(const struct exec_options *o, int *ret_status, struct err *e)
{
	struct exec x = { .o = o, .console_sock = -1, .supervisor = { .fd = -1 } };
	int r = 0;

	x.c.dirfd = x.c.root_fd = x.c.proc_fd = -1;
	join_init(&x.join, &x.c, &x.arena);
	*ret_status = 0;
	if (!o->detach)
		r = supervise_begin(&x.supervisor, e);
	if (r == 0)
		r = prepare(&x, e);
	if (r == 0)
		r = run(&x, ret_status, e);
	/* refused by the group, where join_restart() could not know of it */
	if (r == -ELIBACC && !o->preserve_fds && !o->console_socket && !handover_listen_fds())
		r = restart_shared(e);
	if (r < 0 && has_ended(&x, r))
		r = fail_stopped(e);
	if (!o->detach)
		supervise_end(&x.supervisor);
	fd_close(x.console_sock);
	join_end(&x.join);
	container_close(&x.c);
	arena_free(&x.arena);
	return r;
}
