/*
 * launch.c - the command's side of making a container
 *
 * This file and init.c are the only ones that know an order. The rows at the end are done
 * downwards; a row that fails has everything before it undone upwards, by the functions that
 * `delete` uses too (undo.h), so an error leaves things as if nothing had been attempted
 * (runtime-spec runtime.md, "Errors"). What an effect needs for its undoing is in state.json
 * before the effect: a kill -9 at any instruction is cleared by `delete --force`.
 */
#include "hull/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "barrier.h"
#include "bundle.h"
#include "filter_cache.h"
#include "handover.h"
#include "hear.h"
#include "hook.h"
#include "host.h"
#include "host_limits.h"
#include "hull/fd.h"
#include "hull/log.h"
#include "hull/net.h"
#include "hull/ns.h"
#include "hull/proc.h"
#include "hull/restart.h"
#include "hull/sched.h"
#include "hull/str.h"
#include "hull/tty.h"
#include "init.h"
#include "notify.h"
#include "spawn.h"
#include "start_hook.h"
#include "supervise.h"
#include "sync.h"
#include "trees.h"
#include "undo.h"
#include "userns.h"

struct launch {
	const struct launch_options *o;
	struct arena arena;
	struct host_facts host;
	struct bundle bundle;
	struct plan plan;
	struct container c;
	struct init init;
	int sock, console_sock, pidfd, trees_pidfd, master;
	int *userns; /* of idmapped mounts, by mount */
	const char *pidfd_socket;
	struct net_moves net_moves;
	struct hook_output hook_output;
	struct notify notify;
	bool foreground; /* this command waits for the payload */
	bool made;       /* hooks may have seen the container: poststop belongs to its undoing */
	struct supervisor supervisor;
};

static int make_plan(struct launch *l, struct err *e)
{
	unsigned listen = handover_listen_fds();
	struct filter_cache filter;

	notify_connect(&l->notify);
	filter_cache_find(&l->arena, &l->bundle.config, &filter);
	const struct plan_input in = {
		.id = l->o->id,
		.bundle = l->bundle.dir,
		.no_pivot = l->o->no_pivot,
		.no_new_keyring = l->o->no_new_keyring,
		.systemd_cgroup = l->o->systemd_cgroup,
		.no_cgroup = l->o->no_cgroup,
		.preserve_fds = listen + l->o->preserve_fds,
		.listen_fds = listen,
		.listen_fdnames = getenv("LISTEN_FDNAMES"),
		.notify_dir = notify_dir(&l->notify, &l->arena, l->o->root, l->o->id),
		.filter_bpf = filter.bpf,
		.filter_len = filter.len,
	};
	int r = host_read_facts(&l->bundle.config, &l->host, e);

	if (r == 0)
		r = plan_build(&l->arena, &l->bundle.config, &in, &l->host, &l->plan, e);
	if (r == 0)
		filter_cache_keep(&l->arena, &filter, &l->plan.process.filter);
	return r == 0 ? bundle_check(&l->arena, &l->plan, e) : r;
}

/* Everything of the user's that can be wrong is found here, before anything exists. */
static int do_prepare(struct launch *l, struct err *e)
{
	int r = container_check_id(l->o->id, e);

	if (r == 0 && l->o->systemd_cgroup)
		r = restart_shared(e);
	if (r == 0)
		r = bundle_read(&l->arena, l->o->bundle, l->o->config, &l->bundle, e);
	if (r == 0)
		r = make_plan(l, e);
	if (r == 0 && l->bundle.config.linux && l->bundle.config.linux->net_devices.n)
		r = restart_shared(e);
	/* somebody can watch us in a pid namespace that is not new */
	if (r == 0 && !(l->plan.unshare & CLONE_NEWPID))
		r = restart_sealed(e);
	if (r == 0)
		r = handover_check_console(l->plan.process.terminal, l->o->console_socket,
					   l->foreground, e);
	return r;
}

/* The claim on the name, and all that undoing will need. */
static int do_reserve(struct launch *l, struct err *e)
{
	struct cgroup *cgroup = NULL;
	struct rdt *rdt = NULL;
	int r = cgroup_prepare(&l->arena, &l->plan.cgroup, l->o->id, &cgroup, e);

	if (r == 0)
		r = rdt_prepare(&l->arena, RDT_MOUNT, &l->bundle.config, l->o->id, &rdt, e);
	if (r == 0)
		r = container_reserve(l->o->root, l->o->id, &l->c, e);
	if (r < 0)
		return r;
	l->c.phase = PHASE_CREATING;
	l->c.bundle = l->bundle.dir;
	l->c.rootfs = l->plan.rootfs;
	l->c.created = host_now(&l->arena);
	l->c.pid_file = handover_absolute(&l->arena, l->o->pid_file);
	l->pidfd_socket = handover_absolute(&l->arena, l->o->pidfd_socket);
	l->c.no_new_keyring = l->o->no_new_keyring;
	l->c.own_pid_ns = l->plan.unshare & CLONE_NEWPID;
	l->c.config = l->bundle.config;
	if (l->bundle.config.annotations.n)
		l->c.annotations = json_member(l->bundle.config.json, "annotations");
	l->c.cgroup = cgroup;
	l->c.rdt = rdt;
	return 0;
}

/* state.json first: from here on `delete --force` knows what to look for. */
static int do_announce(struct launch *l, struct err *e)
{
	const struct plan_filter *f = &l->plan.process.filter;
	int r = container_save(&l->c, e);

	if (r == 0)
		r = container_keep(&l->c, "config.json", l->bundle.text, l->bundle.len, e);
	if (r == 0 && f->bpf)
		r = container_keep(&l->c, "filter.bpf", f->bpf, f->len, e);
	if (r == 0 && l->plan.notifies)
		r = notify_make_dir(&l->c, e);
	/* of a created container, `start` listens */
	return r == 0 && (l->foreground || l->o->detach) ? notify_listen(&l->notify, &l->c, e) : r;
}

/* Inputs that can be missing, and the gate: charged to the caller, not to the container. */
static int do_inputs(struct launch *l, struct err *e)
{
	int r = handover_cloexec(e);

	if (r == 0)
		r = spawn_check(e);
	if (r == 0)
		r = handover_connect(l->o->console_socket, &l->console_sock, e);
	if (r == 0)
		r = hook_output_open(&l->bundle.config, l->bundle.dir, &l->hook_output, e);
	if (r == 0)
		r = userns_open_all(&l->arena, l->c.proc_fd, &l->plan, l->host.euid == 0,
				    &l->userns, e);
	if (r == 0)
		r = seal_gate(&l->arena, &l->plan.process, l->host.last_cap, &l->init.seal, e);
	/* `run` says go over the socket */
	if (r < 0 || l->foreground || l->o->detach)
		return r;
	return barrier_make(&l->c, &l->init.seal.head.go_fd, &l->init.seal.head.status_fd, e);
}

static int do_cgroup(struct launch *l, struct err *e)
{
	return l->c.cgroup ? cgroup_create(l->c.cgroup, e) : 0;
}

static int do_rdt(struct launch *l, struct err *e)
{
	return l->c.rdt ? rdt_create(l->c.rdt, l->bundle.config.linux->intel_rdt, e) : 0;
}

static bool has_host_hooks(const struct config *c)
{
	return c->hooks && (c->hooks->prestart.n || c->hooks->create_runtime.n);
}

/* Root of another user namespace may not be allowed to walk to bind sources. */
static bool needs_trees(const struct launch *l)
{
	return plan_has_ns(&l->plan, CLONE_NEWUSER) && plan_has_ns(&l->plan, CLONE_NEWNS) &&
	       (l->host.permitted >> CAP_SYS_ADMIN & 1);
}

static int do_spawn(struct launch *l, struct err *e)
{
	int ends[2], trees[2] = { -1, -1 };
	int r = sync_pair(ends);

	if (r < 0)
		return err_sys(e, -r, "socketpair");
	l->sock = ends[0];
	if (needs_trees(l) && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, trees) < 0) {
		fd_close(ends[1]);
		return err_errno(e, "socketpair");
	}
	l->init.plan = &l->plan;
	l->init.arena = &l->arena;
	l->init.container = &l->c;
	l->init.sock = ends[1];
	l->init.command_sock = ends[0];
	l->init.proc_fd = l->c.proc_fd;
	l->init.ignored = l->host.ignored;
	l->init.trees = trees[1];
	l->init.command_trees = trees[0];
	l->init.userns = l->userns;
	l->init.hook_output = &l->hook_output;
	l->init.rootfd = -1;
	l->init.host_hooks = has_host_hooks(&l->bundle.config);
	int cgroup_fd = l->c.cgroup ? cgroup_dirfd(l->c.cgroup) : -1;

	r = spawn_init(&l->plan, l->c.proc_fd, cgroup_fd, init_main, &l->init, &l->c.pid, &l->pidfd,
		       e);
	fd_close(ends[1]);
	fd_close(trees[1]);
	if (r == 0 && trees[0] >= 0)
		return trees_serve(&l->plan, l->userns, l->pidfd, trees[0],
				   (const int[]){ l->sock, l->c.dirfd }, &l->trees_pidfd, e);
	fd_close(trees[0]);
	return r;
}

/* What will tell init from another process with its number. */
static int identify(struct launch *l, struct err *e)
{
	bool zombie;
	int r = proc_start_time(l->c.proc_fd, l->c.pid, &l->c.start_time, &zombie);

	return r < 0 ? err_sys(e, -r, "read /proc/%d/stat", l->c.pid) : 0;
}

static bool owns_userns(const struct launch *l)
{
	return l->plan.unshare & CLONE_NEWUSER;
}

static int tell_init(struct launch *l, struct err *e)
{
	int r = sync_go(l->sock);

	if (r == -EPIPE || r == -ECONNRESET)
		return spawn_explain_end(l->pidfd, l->c.cgroup, e);
	return r < 0 ? err_sys(e, -r, "tell init to go on") : 0;
}

static int do_admit(struct launch *l, struct err *e)
{
	const struct config_linux *linux = l->bundle.config.linux;
	int r = identify(l, e);

	if (r == 0 && l->c.cgroup)
		r = cgroup_admit(l->c.cgroup, l->c.pid, e);
	if (r == 0 && l->plan.idmap.uid_map)
		r = ns_write_idmaps(l->c.proc_fd, l->c.pid, &l->plan.idmap, l->host.euid == 0, e);
	if (r == 0 && l->c.rdt)
		r = rdt_add(l->c.rdt, l->c.pid, e);
	if (r == 0 && linux)
		r = net_move_devices(&l->arena, l->c.proc_fd, l->c.pid, &linux->net_devices,
				     &l->net_moves, e);
	if (r == 0)
		r = host_limits_early(l->c.pid, &l->plan.process, &l->host, owns_userns(l), e);
	/* what createContainer hooks do is for poststop hooks to undo */
	l->made = r == 0 && l->bundle.config.hooks && l->bundle.config.hooks->create_container.n;
	return r < 0 ? r : tell_init(l, e);
}

/* Where hooks of the host run. */
static int enter_bundle(struct launch *l, struct err *e)
{
	l->made = true;
	if (l->bundle.config.hooks && chdir(l->bundle.dir) < 0)
		return err_errno(e, "chdir %s", l->bundle.dir);
	return 0;
}

static int run_host_hooks(struct launch *l, struct err *e)
{
	const struct config_hooks *h = l->bundle.config.hooks;
	const char *state = container_state_json(&l->arena, &l->c, "creating", l->c.pid);
	int r = enter_bundle(l, e);

	if (r == 0)
		r = hook_run_all(&h->prestart, "prestart", state, &l->hook_output, e);
	if (r == 0)
		r = hook_run_all(&h->create_runtime, "createRuntime", state, &l->hook_output, e);
	return r;
}

static int take_console(struct launch *l, int fd, struct err *e)
{
	if (l->console_sock < 0) {
		tty_suit_caller(fd);
		l->master = fd;
		return 0;
	}
	int r = handover_console(l->console_sock, fd, e);

	fd_close(fd);
	return r;
}

static int misplaced(struct err *e, unsigned type)
{
	return err_set(e, EPROTO, "init sent message %u out of place", type);
}

/* Return: 0 to go on listening, or -errno. */
static int take_message(struct launch *l, const struct message *m, int *fd, struct err *e)
{
	if (m->head.type == MESSAGE_MOUNTED) {
		int r = run_host_hooks(l, e);

		return r == 0 ? tell_init(l, e) : r;
	}
	if (*fd < 0)
		return misplaced(e, m->head.type);
	if (m->head.type == MESSAGE_LISTENER)
		return agent_send(&l->arena, &l->c, "creating", l->c.pid, *fd, e);
	return take_console(l, fd_steal(fd), e);
}

/* Each message at most once, and only where the plan has it: a hostile init steers nothing. */
static int do_serve(struct launch *l, struct err *e)
{
	unsigned wanted = 1u << MESSAGE_READY | (l->init.host_hooks ? 1u << MESSAGE_MOUNTED : 0) |
			  (l->plan.process.terminal ? 1u << MESSAGE_CONSOLE : 0) |
			  (l->plan.process.filter.notify ? 1u << MESSAGE_LISTENER : 0);
	int r = 0;

	while (r == 0 && wanted) {
		_cleanup_close_ int fd = -1;
		struct message m;
		bool asked = l->plan.process.filter.notify && !(wanted >> MESSAGE_LISTENER & 1);
		int got = hear(l->sock, &l->c, l->c.pid, asked, &m, &fd, e);

		if (got < 0)
			return got;
		if (got == 0)
			return spawn_explain_end(l->pidfd, l->c.cgroup, e);
		if (m.head.type == MESSAGE_ERROR)
			return sync_error(&m, init_step_name, l->plan.process.argv[0],
					  l->plan.process.apparmor, e);
		if (m.head.type > 31 || !(wanted >> m.head.type & 1))
			return misplaced(e, m.head.type);
		wanted &= ~(1u << m.head.type);
		if (m.head.type != MESSAGE_READY)
			r = take_message(l, &m, &fd, e);
		else if (wanted)
			r = misplaced(e, m.head.type);
	}
	return r;
}

/* With the host's privilege, and late, so that making the container is not limited itself. */
static int do_limits(struct launch *l, struct err *e)
{
	sched_reset_affinity(l->c.pid);
	return host_limits_apply(l->c.proc_fd, l->c.pid, &l->plan.process, &l->host, owns_userns(l),
				 e);
}

/* Visible only when whole: state, then pid file, then the word to go on. */
static int do_record(struct launch *l, struct err *e)
{
	bool waits = l->init.seal.head.go_fd >= 0;

	l->c.phase = waits ? PHASE_CREATED : PHASE_RUNNING;
	int r = container_save(&l->c, e);

	if (r == 0)
		r = handover_pidfd(l->pidfd_socket, l->pidfd, "standard", e);
	if (r == 0 && l->c.pid_file)
		r = handover_pid_file(l->c.pid_file, l->c.pid, e);
	if (r < 0 || !waits)
		return r;
	return tell_init(l, e);
}

/* `run` goes on to the execve, whose success is the end of file on the socket. */
static int do_start(struct launch *l, struct err *e)
{
	_cleanup_close_ int fd = -1;
	struct message m;

	if (l->init.seal.head.go_fd >= 0)
		return 0;
	int r = enter_bundle(l, e);

	if (r == 0)
		r = start_hooks_run(&l->arena, &l->c, &l->hook_output, e);
	if (r < 0)
		return r;
	r = tell_init(l, e);
	if (r < 0)
		return r;
	r = hear(l->sock, &l->c, l->c.pid, l->plan.process.filter.notify, &m, &fd, e);
	if (r < 0)
		return r;
	if (r > 0)
		return sync_error(&m, init_step_name, l->plan.process.argv[0], NULL, e);
	if (!l->bundle.config.hooks)
		return 0;
	const char *state = container_state_json(&l->arena, &l->c, "running", l->c.pid);

	return hook_run_all(&l->bundle.config.hooks->poststart, "poststart", state, &l->hook_output,
			    e);
}

static const struct row {
	const char *name;
	int (*make)(struct launch *, struct err *);
	int (*undo)(struct container *, struct err *);
	const char *why;
} rows[] = {
	{ "prepare", do_prepare, NULL, "what the user got wrong fails before anything exists" },
	{ "reserve the id", do_reserve, undo_reserve, "mkdir, the one atomic claim on the name" },
	{ "announce", do_announce, NULL, "what undoing will need, before the first effect" },
	{ "inputs", do_inputs, NULL, "console socket, gate and FIFOs, charged to the caller" },
	{ "cgroups", do_cgroup, undo_cgroup, "limits are on before any process is inside" },
	{ "resctrl", do_rdt, undo_rdt, "classes are there before the process that enters them" },
	{ "init", do_spawn, undo_init, "namespaces come with the process" },
	{ "ids and groups", do_admit, NULL, "init waits until it is somebody, somewhere" },
	{ "serve init", do_serve, NULL, "hooks and the terminal, until nothing can fail" },
	{ "limits", do_limits, NULL,
	  "with host privilege, and so late that set-up is not limited" },
	{ "record", do_record, undo_pid_file, "visible only when whole" },
	{ "start", do_start, NULL, "of `run`: startContainer hooks, the execve, poststart hooks" },
};

const char *launch_row_name(unsigned n)
{
	return n < ARRAY_SIZE(rows) ? rows[n].name : NULL;
}

const char *launch_row_why(unsigned n)
{
	return n < ARRAY_SIZE(rows) ? rows[n].why : NULL;
}

/*
 * Everything from the failed row upwards; what was not made accepts to be undone too. What cannot
 * be undone keeps its record, and is named in the error. The pidfd knows init also where its
 * recorded identity is not complete yet.
 */
static void undo_rows(struct launch *l, size_t failed, struct err *e)
{
	struct err own;
	int r = 0;

	/* virtual devices would end with the namespace, and that with init */
	net_move_back(&l->net_moves);
	fd_close(fd_steal(&l->sock));
	if (l->pidfd >= 0)
		spawn_kill(l->pidfd);
	l->c.phase = PHASE_CREATING;
	if (l->made)
		r = undo_all(&l->c, true, &own);
	for (size_t i = l->made ? 0 : failed + 1; r == 0 && i-- > 0;) {
		if (rows[i].undo)
			r = rows[i].undo(&l->c, &own);
	}
	if (r < 0)
		(void)err_set(e, e->num, "%.300s; undo it with delete --force: %.150s",
			      arena_strdup(&l->arena, e->text), own.text);
}

static void launch_init(struct launch *l, const struct launch_options *o, bool foreground)
{
	*l = (struct launch){ .o = o, .foreground = foreground };
	l->sock = l->console_sock = l->pidfd = l->trees_pidfd = l->master = -1;
	l->notify = NOTIFY_NONE;
	l->supervisor = (struct supervisor){ .fd = -1, .notify = &l->notify };
	l->c.dirfd = l->c.root_fd = l->c.proc_fd = -1;
	l->init.seal.memfd = l->init.seal.head.go_fd = l->init.seal.head.status_fd = -1;
	l->hook_output = hook_output_none();
}

static int make_all(struct launch *l, struct err *e)
{
	int r = handover_inherited(handover_listen_fds() + l->o->preserve_fds, e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++) {
		log_debug("%s: %s", l->o->id, rows[i].name);
		r = rows[i].make(l, e);
		if (r < 0)
			undo_rows(l, i, e);
	}
	return r;
}

static void launch_end(struct launch *l)
{
	trees_end(l->trees_pidfd);
	net_moves_end(&l->net_moves);
	supervise_end(&l->supervisor);
	fd_close_later(l->master);
	fd_close_later(l->sock);
	fd_close_later(l->console_sock);
	fd_close_later(l->pidfd);
	fd_close_later(l->init.seal.memfd);
	fd_close_later(l->init.seal.head.go_fd);
	fd_close_later(l->init.seal.head.status_fd);
	userns_close_all(&l->plan, l->userns);
	hook_output_close(&l->hook_output);
	notify_close(&l->notify);
	container_close(&l->c);
	arena_free(&l->arena);
}

int launch_create(const struct launch_options *o, struct err *e)
{
	struct launch l;

	launch_init(&l, o, false);
	int r = make_all(&l, e);

	launch_end(&l);
	return r;
}

/* The container has ended; somebody else may have deleted it already. */
static int clean_up(struct launch *l, struct err *e)
{
	int r = container_lock_again(&l->c, e);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : undo_all(&l->c, true, e);
}

/* Return: the payload's exit status, or -errno. */
static int stay(struct launch *l, struct err *e)
{
	/* without a pid namespace the payload's orphans have nobody else to reap them */
	if (!l->c.own_pid_ns && !l->o->no_subreaper)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	container_unlock(&l->c);
	int status = supervise_wait(&l->supervisor, l->c.pid, l->pidfd, fd_steal(&l->master), e);
	struct err own;

	l->c.reaped = status >= 0;
	if (status >= 0 && l->o->keep)
		return status;
	if (clean_up(l, &own) < 0 && status >= 0)
		log_error("run %s: %s", l->o->id, own.text);
	return status;
}

int launch_run(const struct launch_options *o, int *ret_status, struct err *e)
{
	struct launch l;
	int r = 0, status = 0;

	launch_init(&l, o, !o->detach);
	if (l.foreground)
		r = supervise_begin(&l.supervisor, e);
	if (r == 0)
		r = make_all(&l, e);
	if (r == 0 && l.foreground)
		r = status = stay(&l, e);
	else if (r == 0)
		r = notify_ready(&l.notify, &l.c, l.pidfd, e);
	launch_end(&l);
	if (r >= 0)
		*ret_status = status;
	return r < 0 ? r : 0;
}
