/*
 * gate.c - the last page of hull that a container process runs
 *
 * Theory of operation. hull's child has built everything around the process: namespaces, mounts,
 * console, working directory. It executes this program from a sealed memfd, which wipes hull out
 * of the process. What is left to do needs no path lookup, no memory and no library: become the
 * user, install the filter, wait for the word to go, execute the payload. Container init and
 * processes entered by `hull exec` take the same way, so neither can be weaker than the other.
 *
 * Order, and why:
 *   session, terminal               of the payload's own
 *   groups, gid, bounding set, uid   each needs a capability that the last step takes away;
 *                                    PR_SET_KEEPCAPS carries CAP_SYS_ADMIN over the change of uid
 *   cwd, once more                   some directories open to the user only (NFS root squash)
 *   label                            takes effect at the next execve, which is the payload's
 *   filter, without no_new_privs     needs CAP_SYS_ADMIN, so it precedes the capabilities; only
 *                                    capset, prctl, read, write and execve are called under it
 *   capabilities, ambient set
 *   READY, wait                      from here on nothing of the container's creation can fail
 *   filter, with no_new_privs        as late as can be: read, write and execve remain; one with a
 *                                    listener comes before READY all the same
 *   execve
 *
 * Every descriptor beyond the payload's is close-on-exec before the wait, so the execve that
 * starts the payload is also what closes sync_fd: end of file there means success.
 */
#include "hull/gate.h"

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "arch.h"

#define SIGINT 2
#define SIGQUIT 3
#define SIGTERM 15
#define SIGCHLD 17
#define EPERM 1
#define EINTR 4
#define EPIPE 32
#define EPROTO 71

/* socket(2) and its kin, without the C library's headers; the layouts are the kernel's ABI */
#define SOL_SOCKET 1
#define SCM_RIGHTS 1
struct iovec {
	void *base;
	unsigned long len;
};
struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iovec *msg_iov;
	unsigned long msg_iovlen;
	void *msg_control;
	unsigned long msg_controllen;
	unsigned msg_flags;
};
struct cmsghdr {
	unsigned long len;
	int level, type;
};

/* of rt_sigaction(2) */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
#ifdef KERNEL_SA_RESTORER
	void (*restorer)(int);
#endif
	unsigned long mask;
};

/* struct sock_fprog, without linux/filter.h's dependence on libc types */
struct filter_program {
	unsigned short count;
	const void *filter;
};

#define call(n, a, b, c, d, e) call6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define call3(n, a, b, c) call((n), (a), (b), (c), 0, 0)

static _Noreturn void leave(int status)
{
	for (;;)
		(void)call3(__NR_exit_group, status, 0, 0);
}

/* Who cannot be told waits for ever: ending is what is heard then. */
static void report(int fd, unsigned type, unsigned stage, long num)
{
	const struct gate_report message = { type, (int)num, stage, 1 };
	long r;

	do
		r = call3(__NR_write, fd, &message, sizeof(message));
	while (r == -EINTR);
	if (r != sizeof(message))
		leave(1);
}

/* Who hears of a failure: the creator until it has said go, `hull start` afterwards. */
static int listener;

static void must(long r, unsigned stage)
{
	if (r >= 0)
		return;
	report(listener, MESSAGE_ERROR, stage, -r);
	leave(1);
}

static const char *string_at(const struct gate *g, unsigned offset)
{
	return (const char *)g + offset;
}

static unsigned length(const char *s)
{
	unsigned n = 0;

	while (s[n])
		n++;
	return n;
}

/* The parent leaves, so that the child is the command's own and in the joined pid namespace. */
static void enter_pid_namespace(const struct gate *g)
{
	if (!(g->flags & GATE_FORK))
		return;
	long pid = call(__NR_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	must(pid, GATE_AT_FORK);
	if (pid > 0) {
		report(g->sync_fd, MESSAGE_FORKED, 0, pid);
		leave(0);
	}
}

/* sd_listen_fds(3) compares it with getpid(). There is room for ten digits. */
static void write_listen_pid(const struct gate *g, char **envp)
{
	static const char name[] = "LISTEN_PID=";
	char digits[12];
	unsigned n, used = 0;

	if (!(g->flags & GATE_LISTEN_PID))
		return;
	long pid = call3(__NR_getpid, 0, 0, 0);

	for (; *envp; envp++) {
		for (n = 0; name[n] && (*envp)[n] == name[n];)
			n++;
		if (!name[n])
			break;
	}
	if (!*envp)
		return;
	for (; pid > 0; pid /= 10)
		digits[used++] = (char)('0' + pid % 10);
	while (used)
		(*envp)[n++] = digits[--used];
	(*envp)[n] = '\0';
}

/* A session of its own: no typing into the caller's terminal from inside (CVE-2017-5226). */
static void lead_session(const struct gate *g)
{
	(void)call3(__NR_setsid, 0, 0, 0); /* fails for a leader only */
	if (g->flags & GATE_TTY)
		must(call3(__NR_ioctl, 0, TIOCSCTTY, 0), GATE_AT_TTY);
}

static long set_caps(unsigned long long effective, unsigned long long permitted,
		     unsigned long long inheritable)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	data[0].effective = (unsigned)effective;
	data[1].effective = (unsigned)(effective >> 32);
	data[0].permitted = (unsigned)permitted;
	data[1].permitted = (unsigned)(permitted >> 32);
	data[0].inheritable = (unsigned)inheritable;
	data[1].inheritable = (unsigned)(inheritable >> 32);
	return call3(__NR_capset, &header, data, 0);
}

/* After the change of uid the effective set is empty: raise what is permitted again. */
static long raise_permitted(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long r = call3(__NR_capget, &header, data, 0);

	if (r < 0)
		return r;
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	return call3(__NR_capset, &header, data, 0);
}

static void drop_bounding(const struct gate *g)
{
	for (unsigned cap = 0; cap <= g->last_cap; cap++) {
		if (g->bounding >> cap & 1)
			continue;
		long r = call3(__NR_prctl, PR_CAPBSET_DROP, cap, 0);

		/* without CAP_SETPCAP nothing can be dropped, nor need what is not there */
		must(r == -EPERM && !call3(__NR_prctl, PR_CAPBSET_READ, cap, 0) ? 0 : r,
		     GATE_AT_BOUNDING);
	}
}

static void become_user(const struct gate *g)
{
	if (!(g->flags & GATE_KEEP_GROUPS)) {
		long r = call3(__NR_setgroups, g->ngroups, string_at(g, g->groups), 0);

		/* an ordinary user's namespace denies it, user_namespaces(7): nothing was asked */
		must(r == -EPERM && !g->ngroups ? 0 : r, GATE_AT_GROUPS);
	}
	must(call3(__NR_setresgid, g->gid, g->gid, g->gid), GATE_AT_GID);
	drop_bounding(g);
	if (g->uid)
		must(call3(__NR_prctl, PR_SET_KEEPCAPS, 1, 0), GATE_AT_UID);
	must(call3(__NR_setresuid, g->uid, g->uid, g->uid), GATE_AT_UID);
	/* who becomes root keeps what it had, or has the permitted set made effective */
	if (g->uid)
		must(raise_permitted(), GATE_AT_UID);
	/* the caller's, or what brought a process that is not root over the execve */
	must(call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), GATE_AT_AMBIENT);
	(void)call3(__NR_umask, g->umask, 0, 0); /* cannot fail */
}

/* A directory above which the container's root does not lie reads "(unreachable)/...". */
static void change_directory(const struct gate *g)
{
	char cwd[4096];

	if (!(g->flags & GATE_CHDIR))
		return;
	must(call3(__NR_chdir, string_at(g, g->cwd), 0, 0), GATE_AT_CHDIR);
	must(call3(__NR_getcwd, cwd, sizeof(cwd), 0), GATE_AT_CHDIR);
	must(cwd[0] == '/' ? 0 : -EPROTO, GATE_AT_CHDIR);
}

static void write_label(const struct gate *g)
{
	if (!g->label)
		return;
	const char *label = string_at(g, g->label);
	long fd = call(__NR_openat, g->proc_fd, string_at(g, g->label_path),
		       O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0, 0);

	must(fd, GATE_AT_LABEL);
	must(call3(__NR_write, fd, label, length(label)), GATE_AT_LABEL);
	(void)call3(__NR_close, fd, 0, 0);
	(void)call3(__NR_close, g->proc_fd, 0, 0);
}

/*
 * A filter with SCMP_ACT_NOTIFY comes with a listener that must reach an agent before anything can
 * be asked, and sending it may be among what is asked. So a second thread sends it, which exists
 * before the filter and stays without: it sees the descriptor in memory, sends it and ends. Both
 * wait for one short call of the other, without a system call that the filter could hold.
 */
static struct {
	const struct gate *gate;
	int fd; /* -1 until there is one */
	int sent;
} handing_over = { .fd = -1 };

static char thread_stack[4096] __attribute__((aligned(16)));

#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static void send_listener(int fd)
{
	struct gate_report r = { MESSAGE_LISTENER, 0, GATE_AT_FILTER, 1 };
	struct {
		struct cmsghdr head;
		int fd;
	} control = { { sizeof(control.head) + sizeof(fd), SOL_SOCKET, SCM_RIGHTS }, fd };
	struct iovec data = { &r, sizeof(r) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	must(call3(__NR_sendmsg, handing_over.gate->sync_fd, &message, 0), GATE_AT_FILTER);
}

static void hand_over(void)
{
	int fd;

	while ((fd = __atomic_load_n(&handing_over.fd, __ATOMIC_ACQUIRE)) < 0)
		(void)call3(__NR_sched_yield, 0, 0, 0);
	send_listener(fd);
	(void)call3(__NR_close, fd, 0, 0); /* the payload must not answer for itself */
	__atomic_store_n(&handing_over.sent, 1, __ATOMIC_RELEASE);
	for (;;)
		(void)call3(__NR_exit, 0, 0, 0);
}

static void load_filter(const struct gate *g)
{
	struct filter_program program = { (unsigned short)g->filter_count,
					  string_at(g, g->filter) };
	unsigned flags = g->filter_flags;

	if (g->flags & GATE_NOTIFY) {
		char *top = thread_stack + sizeof(thread_stack);

		handing_over.gate = g;
		must(start_thread(THREAD_FLAGS, top, hand_over), GATE_AT_FILTER);
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	}
	long r = call3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	must(r, GATE_AT_FILTER);
	if (!(g->flags & GATE_NOTIFY))
		return;
	__atomic_store_n(&handing_over.fd, (int)r, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&handing_over.sent, __ATOMIC_ACQUIRE))
		;
}

static void drop_caps(const struct gate *g)
{
	must(set_caps(g->effective, g->permitted, g->inheritable), GATE_AT_CAPS);
	for (unsigned cap = 0; g->ambient >> cap; cap++) {
		if (g->ambient >> cap & 1)
			must(call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0),
			     GATE_AT_AMBIENT);
		if (cap == 63)
			break;
	}
}

/*
 * A created container ends by what would end any program. But the first process of a pid namespace
 * is spared what it has no handler for, so here are some; the payload's execve takes them away. Not
 * for SIGHUP: a terminal may change hands before it is used.
 */
static void end_by_signal(int number)
{
	leave(128 + number);
}

static void heed_signals(void)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM };
	struct kernel_sigaction action = { .handler = end_by_signal };

#ifdef KERNEL_SA_RESTORER /* of a handler that never returns; x86 takes none without */
	action.flags = KERNEL_SA_RESTORER;
	action.restorer = end_by_signal;
#endif
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)call(__NR_rt_sigaction, numbers[i], &action, 0, sizeof(action.mask), 0);
}

/* The creator's death is its end of file: then nobody will ever start this process. */
static void wait_for_byte(int fd)
{
	char byte;
	long r;

	do
		r = call3(__NR_read, fd, &byte, 1);
	while (r == -EINTR);
	must(r == 1 ? 0 : r < 0 ? r : -EPIPE, GATE_AT_WAIT);
}

_Noreturn void gate_main(long *stack);

__attribute__((used)) _Noreturn void gate_main(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;
	/* argv: the path to execute, then the payload's own */
	const struct gate *g = gate_block();
	/* a listener needs its receiver, who is there until the wait ends */
	int late = (g->flags & GATE_NO_NEW_PRIVS) && !(g->flags & GATE_NOTIFY);

	if (g->magic != GATE_MAGIC)
		leave(1); /* without its block it cannot even say so: hull sees the end of file */
	listener = g->sync_fd;
	/* nobody inside may look or attach */
	must(call3(__NR_prctl, PR_SET_DUMPABLE, 0, 0), GATE_AT_START);
	must(call3(__NR_close_range, 3 + g->keep_fds, ~0U, CLOSE_RANGE_CLOEXEC), GATE_AT_START);
	enter_pid_namespace(g);
	write_listen_pid(g, envp);
	if (g->go_fd >= 0)
		heed_signals();
	lead_session(g);
	become_user(g);
	/* new ids make it what sysctl fs.suid_dumpable says */
	must(call3(__NR_prctl, PR_SET_DUMPABLE, 0, 0), GATE_AT_UID);
	change_directory(g);
	write_label(g);
	if (g->flags & GATE_NO_NEW_PRIVS)
		must(call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), GATE_AT_NO_NEW_PRIVS);
	/* from the creator's death on only its closed socket can tell: see wait_for_byte() */
	must(call3(__NR_prctl, PR_SET_PDEATHSIG, 0, 0), GATE_AT_START);
	if (g->filter && !late)
		load_filter(g);
	drop_caps(g);
	report(g->sync_fd, MESSAGE_READY, 0, 0);
	wait_for_byte(g->sync_fd);
	if (g->go_fd >= 0) {
		listener = g->status_fd;
		wait_for_byte(g->go_fd);
	}
	if (g->filter && late)
		load_filter(g);
	must(call3(__NR_execve, argv[0], argv + 1, envp), GATE_AT_EXEC);
	leave(1);
}
