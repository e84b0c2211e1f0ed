/*
 * init.c - the container's side of making a container, one step after the other
 *
 * This file and launch.c are the only ones that know an order. Steps share one shape, call the
 * modules of linux/ and nothing of each other, and return at once when the plan has nothing for
 * them. Everything was resolved and compiled by the command before; what is left here is calls.
 * docs/lifecycle.md is printed from the table at the end.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "hook.h"
#include "hull/cgroup.h"
#include "hull/cgroup_view.h"
#include "hull/container.h"
#include "hull/device.h"
#include "hull/fd.h"
#include "hull/mnt.h"
#include "hull/net.h"
#include "hull/ns.h"
#include "hull/path.h"
#include "hull/proc.h"
#include "hull/rootfs.h"
#include "hull/sched.h"
#include "hull/signals.h"
#include "hull/str.h"
#include "hull/sys.h"
#include "hull/tty.h"
#include "payload.h"
#include "streams.h"
#include "sync.h"
#include "trees.h"

/*
 * Needs: nothing.
 * Leaves: signals as the payload has them, death with the command.
 */
static int step_detach(struct init *i, struct err *e)
{
	fd_close(i->command_sock); /* or the command's end would never be an end of file */
	fd_close(i->command_trees);
	fd_close(i->container->dirfd); /* and its lock would outlive it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, "prctl PR_SET_PDEATHSIG");
	(void)umask(0); /* modes are those that are asked for; the payload's is the plan's */
	return signals_reset(i->ignored, e);
}

/* Must not: do anything before it; ids, cgroups and limits are the command's to set. */
static int step_wait(struct init *i, struct err *e)
{
	int r = sync_wait_go(i->sock);

	return r < 0 ? err_sys(e, -r, "wait for the command") : 0;
}

/* Of the user namespace's, and while procfs takes the process for one that may write there. */
static int step_time(struct init *i, struct err *e)
{
	const struct config_linux *l = i->plan->config->linux;

	if (!(i->plan->unshare & CLONE_NEWTIME))
		return 0;
	return ns_enter_new_time(i->proc_fd, l->time_offsets, e);
}

/*
 * Needs: id maps written. user_namespaces(7): until then every id is the overflow id, as which
 * nothing may be created. No process of the container's may look into this one (CVE-2016-9962).
 */
static int step_become_root(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;

	if (plan_has_ns(p, CLONE_NEWUSER)) {
		int r = sys_become(p->idmap.root_uid, p->idmap.root_gid);

		if (r < 0)
			return err_sys(e, -r, "linux.uidMappings, gidMappings: become %u:%u",
				       p->idmap.root_uid, p->idmap.root_gid);
	}
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, "prctl PR_SET_DUMPABLE");
	/* a change of ids takes it back */
	if (plan_has_ns(p, CLONE_NEWUSER) && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, "prctl PR_SET_PDEATHSIG");
	return 0;
}

/* session-keyring(7): the caller's keys must not be the container's. */
static int step_keyring(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;

	return p->no_new_keyring ? 0 : proc_new_keyring(i->proc_fd, p->id, p->process.selinux, e);
}

/* By itself, which is quicker than being put there; into v2 it was born where the host has that. */
static int step_cgroups(struct init *i, struct err *e)
{
	struct cgroup *cgroup = i->container->cgroup;

	return cgroup ? cgroup_enter(cgroup, cgroup_dirfd(cgroup) >= 0, e) : 0;
}

/* Needs: membership in the container's groups, which become the root of the namespace. */
static int step_cgroup_namespace(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;
	int r = 0;

	if (!(p->unshare & CLONE_NEWCGROUP))
		return 0;
	for (size_t n = 0; r == 0 && !i->place && n < p->nmounts; n++) {
		if (p->mounts[n].kind == MOUNT_CGROUP)
			r = cgroup_look(i->container->cgroup, i->arena, &i->place, e);
	}
	if (r < 0)
		return r;
	return unshare(CLONE_NEWCGROUP) < 0 ? err_errno(e, "unshare cgroup namespace") : 0;
}

/* Before hooks, which may want to talk over it. */
static int step_loopback(struct init *i, struct err *e)
{
	return i->plan->unshare & CLONE_NEWNET ? net_loopback_up(e) : 0;
}

/*
 * Leaves: i->rootfd, and the means to hide paths, both taken while every path is the host's.
 * Must not: come after any mount, which would reach the host.
 */
static int step_root(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;

	if (!plan_has_ns(p, CLONE_NEWNS))
		return 0;
	cleanup_close_later int place = -1;
	int r = rootfs_isolate(p, e);

	if (r == 0)
		r = place = i->trees < 0 ? rootfs_place(p, e) : trees_get_root(i->trees, e);
	if (r >= 0)
		r = rootfs_attach(p, place, &i->rootfd, e);
	if (r == 0 && p->masked.n)
		r = mount_masks_open(&i->masks, e);
	return r;
}

static int place_cgroup(struct init *i, const struct plan_mount *m, struct err *e)
{
	cleanup_close_later int dest = mount_dest(i->rootfd, m, false, e);

	if (dest < 0)
		return dest;
	int r = cgroup_mount(i->container->cgroup, i->place, m, dest,
			     i->plan->unshare & CLONE_NEWCGROUP, e);

	return r < 0 ? err_wrap(e, "%s", m->where) : 0;
}

/*
 * /proc may be covered by a procfs only: what hull and the LSMs write to would else be a file of
 * the image's (CVE-2019-19921).
 */
static int check_proc(const struct plan_mount *m, int source, struct err *e)
{
	struct statfs fs;

	if (strcmp(m->place, "/proc") != 0)
		return 0;
	bool ok = m->kind == MOUNT_FS && str_eq(m->fstype, "proc");

	if (m->kind == MOUNT_BIND)
		ok = fstatfs(source, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	if (m->kind == MOUNT_REMOUNT)
		ok = true;
	return ok ? 0
		  : err_set(e, EPERM,
			    "%s: only a procfs can be mounted there: operation not permitted",
			    m->where);
}

/* runtime-spec config.md, "Mounts": in the order listed. */
static int step_mounts(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;
	int r = 0;

	i->late = arena_new_n(i->arena, int, p->nmounts);
	for (size_t n = 0; r == 0 && n < p->nmounts; n++) {
		const struct plan_mount *m = &p->mounts[n];
		cleanup_close_later int source = -1;
		int late = -1;

		if (m->kind == MOUNT_BIND) {
			source = i->trees < 0 ? mount_source(m, i->userns[n], e)
					      : trees_get(i->trees, n, e);
			if (source < 0)
				return source;
		}
		r = check_proc(m, source, e);
		if (r == 0)
			r = m->kind == MOUNT_CGROUP
				    ? place_cgroup(i, m, e)
				    : mount_place(i->rootfd, m, source, i->userns[n], &late, e);
		if (late >= 0)
			i->late[i->nlate++] = late;
	}
	return r;
}

/* After the mounts, which bring the container's /dev; before hooks, which may add to it. */
static int step_devices(struct init *i, struct err *e)
{
	return plan_has_ns(i->plan, CLONE_NEWNS) ? device_make_all(i->rootfd, i->plan, e) : 0;
}

/* prestart and createRuntime: they see the mounts, and the host's root is still there. */
static int step_host_hooks(struct init *i, struct err *e)
{
	if (!i->host_hooks)
		return 0;
	int r = sync_send(i->sock, MESSAGE_MOUNTED, 0);

	if (r == 0)
		r = sync_wait_go(i->sock);
	return r < 0 ? err_sys(e, -r, "wait for hooks") : 0;
}

/* Needs: the host's paths, where the hook is looked up; so before the pivot. */
static int step_container_hooks(struct init *i, struct err *e)
{
	const struct config_hooks *hooks = i->plan->config->hooks;

	if (!hooks || !hooks->create_container.n)
		return 0;
	/* where hooks that add libraries to the image expect to be, for runc runs them there */
	int r = i->rootfd >= 0 ? fchdir(i->rootfd) : chdir(i->plan->rootfs);

	if (r < 0 && errno != EACCES)
		return err_errno(e, "chdir to the root file system");
	const char *state = container_state_json(i->arena, i->container, "creating", getpid());

	(void)umask(022); /* theirs */
	r = hook_run_all(&hooks->create_container, "createContainer", state, i->hook_output, e);
	(void)umask(0);
	/* posix_spawn(3) blocks them all for a moment, and does not say when they stay so */
	return r == 0 ? signals_reset(0, e) : r;
}

/* Leaves: no path of the host's. */
static int step_pivot(struct init *i, struct err *e)
{
	if (plan_has_ns(i->plan, CLONE_NEWNS))
		return rootfs_enter(i->plan, i->proc_fd, i->rootfd, i->arena, e);
	return rootfs_chroot(i->plan, &i->rootfd, e);
}

/* Needs: the container's devpts, and /dev still writable. */
static int step_console(struct init *i, struct err *e)
{
	bool bind = plan_has_ns(i->plan, CLONE_NEWNS);

	return streams_open_console(&i->plan->process, i->rootfd, bind, i->sock, &i->seal, e);
}

/* Before /proc/sys turns read-only; through the host's procfs, which no image can cover. */
static int step_sysctls(struct init *i, struct err *e)
{
	return proc_set_sysctls(i->proc_fd, i->plan, e);
}

static bool is_listed_before(const struct strings *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list->items[i], list->items[n]))
			return true;
	}
	return false;
}

/* After everything that writes there. */
static int step_protect(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;
	int r = 0;

	for (size_t n = 0; r == 0 && n < p->readonly.n; n++) {
		r = mount_readonly(i->rootfd, p->readonly.items[n], e);
		if (r < 0)
			return err_wrap(e, "linux.readonlyPaths[%zu]", n);
	}
	for (size_t n = 0; r == 0 && n < p->masked.n; n++) {
		if (is_listed_before(&p->masked, n))
			continue;
		r = mount_mask(i->rootfd, &i->masks, p->masked.items[n], e);
		if (r < 0)
			return err_wrap(e, "linux.maskedPaths[%zu]", n);
	}
	return 0;
}

static int step_names(struct init *i, struct err *e)
{
	const struct plan *p = i->plan;
	const struct config_linux *l = p->config->linux;

	if (p->hostname && sethostname(p->hostname, strlen(p->hostname)) < 0)
		return err_errno(e, "hostname: sethostname %s", p->hostname);
	if (p->domainname && setdomainname(p->domainname, strlen(p->domainname)) < 0)
		return err_errno(e, "domainname: setdomainname %s", p->domainname);
	return sched_set_personality(l ? l->personality : NULL, e);
}

static int step_stdio(struct init *i, struct err *e)
{
	return streams_adopt(&i->plan->process, i->rootfd, e);
}

static int step_cwd(struct init *i, struct err *e)
{
	return payload_enter_cwd(&i->plan->process, i->rootfd, true, &i->seal, e);
}

/* "ro" of every tmpfs, root.readonly and rootfsPropagation. */
static int step_seal(struct init *i, struct err *e)
{
	for (size_t n = 0; n < i->nlate; n++) {
		int r = mnt_set_readonly(i->late[n], false);

		if (r < 0)
			return err_sys(e, -r, "mounts: mount_setattr of a read-only tmpfs");
	}
	return plan_has_ns(i->plan, CLONE_NEWNS) ? rootfs_seal(i->plan, i->rootfd, e) : 0;
}

static int step_program(struct init *i, struct err *e)
{
	const struct plan_process *p = &i->plan->process;

	return payload_find(p->argv[0], p, i->program, sizeof(i->program), e);
}

static int step_environment(struct init *i, struct err *e)
{
	(void)e;
	payload_finish_env(&i->plan->process, i->rootfd, &i->seal);
	return 0;
}

/* As late as can be: what hull itself still allocates is not bound by it. */
static int step_memory_policy(struct init *i, struct err *e)
{
	return sched_set_memory_policy(i->plan->process.memory_policy, e);
}

/* Needs: everything above. Leaves: the gate, which becomes the user and waits. Never returns. */
static int step_gate(struct init *i, struct err *e)
{
	const struct plan_process *p = &i->plan->process;

	i->seal.head.sync_fd = i->sock;
	if (i->seal.head.label)
		i->seal.head.proc_fd = i->proc_fd;
	return seal_exec(&i->seal, i->program, p->argv, p->envp, e);
}

static const struct step {
	const char *name;
	int (*run)(struct init *, struct err *);
	const char *why;
} steps[] = {
	{ "detach", step_detach, "dies with the command from here on" },
	{ "wait for ids and cgroups", step_wait,
	  "nothing may run as nobody, or outside the cgroups" },
	{ "time namespace", step_time, "offsets are written as who made the process" },
	{ "become root", step_become_root, "nothing else may run as the overflow uid" },
	{ "session keyring", step_keyring, "must not inherit the caller's keys" },
	{ "cgroups", step_cgroups, "what is made from here on counts against the limits" },
	{ "cgroup namespace", step_cgroup_namespace, "its root is the group it is made in" },
	{ "loopback", step_loopback, "network before hooks" },
	{ "root file system", step_root, "no mount below may leak to the host" },
	{ "mounts", step_mounts, "in the configuration's order, by descriptor" },
	{ "devices", step_devices, "the container's /dev is mounted now" },
	{ "createRuntime hooks", step_host_hooks,
	  "they see the mounts; the host's root is still there" },
	{ "createContainer hooks", step_container_hooks, "the host's paths, so before the pivot" },
	{ "pivot", step_pivot, "from here no host path exists" },
	{ "console", step_console, "needs the new /dev, still writable" },
	{ "sysctls", step_sysctls, "before /proc/sys turns read-only" },
	{ "masked and read-only paths", step_protect, "after everything that writes there" },
	{ "names", step_names, "hostname, domainname, personality" },
	{ "standard streams", step_stdio, "the container's null, the user's pipes" },
	{ "working directory", step_cwd, "may have to be made, so before the root is read-only" },
	{ "read-only root", step_seal, "after everything that writes to it" },
	{ "program", step_program, "a missing program is an error of create" },
	{ "environment", step_environment, "HOME comes from the container's passwd" },
	{ "memory policy", step_memory_policy, "the payload's, not that of making it" },
	{ "gate", step_gate, "identity, filter, wait, execve: src/gate/gate.c" },
};

void init_main(void *arg)
{
	struct init *i = arg;
	struct err e = { 0 };

	for (unsigned n = 0; n < ARRAY_SIZE(steps); n++) {
		if (steps[n].run(i, &e) < 0) {
			sync_send_error(i->sock, n, &e);
			_exit(1);
		}
	}
	_exit(1); /* not reached: the last step executes the gate or fails */
}

const char *init_step_name(unsigned n)
{
	return n < ARRAY_SIZE(steps) ? steps[n].name : NULL;
}

const char *init_step_why(unsigned n)
{
	return n < ARRAY_SIZE(steps) ? steps[n].why : NULL;
}
