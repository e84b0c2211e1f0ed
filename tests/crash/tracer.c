/* tracer.c - a command under ptrace(2) */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the registers of system calls are known here for x86_64 only"
#endif

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define HANG_MS 8000 /* hull itself gives up after ten seconds what nobody should wait for */
#define QUIET_MS 4 /* of those that stay, after the command has ended: they wait for another one */

struct tracee {
	pid_t pid; /* 0: free */
	int role;  /* -1: not known yet */
	bool held; /* until it is known which process it is */
	bool fail; /* the call it is in, with the point's error */
};

struct trace {
	const struct point *point;
	struct outcome *out;
	struct tracee tracees[MAX_ROLES];
	pid_t command;
	bool begun; /* main() runs */
	bool ended; /* the command has */
	bool leaving;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static struct tracee *find(struct trace *t, pid_t pid)
{
	for (int i = 0; i < MAX_ROLES; i++) {
		if (t->tracees[i].pid == pid)
			return &t->tracees[i];
	}
	return NULL;
}

/* A child may be seen stopped before the event that tells of it, or after. */
static struct tracee *add(struct trace *t, pid_t pid)
{
	struct tracee *e = find(t, pid);

	if (e)
		return e;
	e = find(t, 0);
	if (!e || t->out->started == MAX_ROLES) {
		fprintf(stderr, "crash: more processes than there are roles\n");
		exit(2);
	}
	*e = (struct tracee){ .pid = pid, .role = -1 };
	return e;
}

/* A tracee that is gone meanwhile is no error: its end is reported next. */
static void go_on(enum __ptrace_request how, pid_t pid, int sig)
{
	if (ptrace(how, pid, NULL, (void *)(intptr_t)sig) < 0 && errno != ESRCH)
		die("ptrace");
}

static void give_role(struct trace *t, struct tracee *e)
{
	if (e->role < 0)
		e->role = (int)t->out->started++;
	if (e->held)
		go_on(PTRACE_SYSCALL, e->pid, 0);
	e->held = false;
}

static void forget(struct tracee *e)
{
	*e = (struct tracee){ .pid = 0 };
}

static void let_go(struct tracee *e, int sig)
{
	go_on(PTRACE_DETACH, e->pid, sig);
	forget(e);
}

/* Return: whether the process at @pid runs hull's code. */
static bool is_hull(pid_t pid)
{
	char link[64], exe[4096];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	ssize_t n = readlink(link, exe, sizeof(exe) - 1);

	if (n < 0)
		return false;
	exe[n] = '\0';
	const char *name = strrchr(exe, '/');

	return !strncmp(exe, "/memfd:hull", 11) || (name && !strncmp(name, "/hull", 5));
}

static bool is_here(const struct trace *t, const struct tracee *e)
{
	return !t->out->reached && e->role == t->point->role &&
	       t->out->calls[e->role] == t->point->n;
}

/* Return: false when the process was killed. */
static bool at_entry(struct trace *t, struct tracee *e)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, e->pid, NULL, &regs) < 0)
		return true;
	if (!t->begun)
		t->begun = regs.orig_rax == SYS_poll || t->point->seen;
	if (!t->begun || e->role < 0)
		return true;
	/* brk(2) of the kernel returns an address, never an error */
	if (t->point->error && regs.orig_rax == SYS_brk)
		return true;
	t->out->calls[e->role]++;
	if (t->point->seen)
		t->point->seen(e->pid, e->role, &regs);
	if (!is_here(t, e))
		return true;
	t->out->reached = true;
	t->out->call = (long)regs.orig_rax;
	if (!t->point->error) {
		kill(e->pid, SIGKILL);
		return false;
	}
	e->fail = true;
	/* a close that reports an error has closed all the same, close(2) */
	if (t->out->call == SYS_close)
		return true;
	regs.orig_rax = (unsigned long long)-1;
	if (ptrace(PTRACE_SETREGS, e->pid, NULL, &regs) < 0 && errno != ESRCH)
		die("ptrace SETREGS");
	return true;
}

static void at_exit(struct trace *t, struct tracee *e)
{
	struct user_regs_struct regs;

	if (!e->fail)
		return;
	e->fail = false;
	if (ptrace(PTRACE_GETREGS, e->pid, NULL, &regs) < 0)
		return;
	regs.rax = (unsigned long long)-(long long)t->point->error;
	if (ptrace(PTRACE_SETREGS, e->pid, NULL, &regs) < 0 && errno != ESRCH)
		die("ptrace SETREGS");
}

static void at_syscall(struct trace *t, struct tracee *e)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, e->pid, sizeof(info), &info) < 0)
		return; /* it has ended */
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		at_exit(t, e);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY && !at_entry(t, e))
		return;
	/* a stop like this one takes the place of the one that was asked for */
	if (t->leaving)
		let_go(e, 0);
	else
		go_on(PTRACE_SYSCALL, e->pid, 0);
}

static void at_event(struct trace *t, struct tracee *e, int status)
{
	unsigned long child;

	switch (status >> 16) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, e->pid, NULL, &child) == 0 && child)
			give_role(t, add(t, (pid_t)child));
		break;
	case PTRACE_EVENT_EXEC:
		if (!is_hull(e->pid)) {
			let_go(e, 0);
			return;
		}
		/* as another program, before it makes any process: its loader is not hull's */
		if (e->pid == t->command)
			t->begun = false;
		break;
	case PTRACE_EVENT_STOP:
		if (t->leaving) {
			let_go(e, 0);
			return;
		}
		if (e->role < 0) {
			e->held = true;
			return;
		}
		break;
	}
	go_on(PTRACE_SYSCALL, e->pid, 0);
}

static void take(struct trace *t, pid_t pid, int status)
{
	struct tracee *e = find(t, pid);

	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		if (e)
			forget(e);
		if (pid == t->command) {
			t->ended = true;
			t->out->status = status;
		}
		return;
	}
	if (!WIFSTOPPED(status))
		return;
	e = add(t, pid);
	if (status >> 16)
		at_event(t, e, status);
	else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		at_syscall(t, e);
	else
		go_on(PTRACE_SYSCALL, pid, WSTOPSIG(status));
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static bool any(const struct trace *t)
{
	for (int i = 0; i < MAX_ROLES; i++) {
		if (t->tracees[i].pid)
			return true;
	}
	return false;
}

static void each(const struct trace *t, void (*act)(pid_t))
{
	for (int i = 0; i < MAX_ROLES; i++) {
		if (t->tracees[i].pid)
			act(t->tracees[i].pid);
	}
}

static void interrupt(pid_t pid)
{
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL); /* one that ends reports that instead */
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
}

/* Return: 0 when something was taken, else milliseconds to wait for, at most. */
static void pump(struct trace *t)
{
	long long last = now_ms(), hang = last + HANG_MS;
	struct timespec nap = { .tv_nsec = 50000 };
	int status;

	while (!t->ended || any(t)) {
		/* once the command has ended init is nobody's child that this one knows: poll */
		pid_t pid = waitpid(-1, &status, __WALL | (t->ended ? WNOHANG : 0));

		if (pid > 0) {
			take(t, pid, status);
			last = now_ms();
			continue;
		}
		if (pid < 0 && errno == ECHILD)
			return;
		if (now_ms() > hang || (pid < 0 && errno == EINTR)) {
			t->out->hung = true;
			each(t, end);
			hang += 1000;
		} else if (now_ms() - last > QUIET_MS && !t->leaving) {
			t->leaving = true;
			each(t, interrupt);
		}
		nanosleep(&nap, NULL);
	}
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* The child waits until it is traced, so that nothing is missed. */
static pid_t start(char *const argv[], int errors, const int gate[2])
{
	pid_t pid = fork();
	char byte;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	dup2(errors, 2);
	close(gate[1]);
	if (read(gate[0], &byte, 1) < 0)
		_exit(127);
	for (int fd = 3; fd < 20; fd++)
		close(fd);
	execv(argv[0], argv);
	_exit(127);
}

static void read_said(int fd, char *said, size_t size)
{
	ssize_t n = pread(fd, said, size - 1, 0);

	said[n < 0 ? 0 : n] = '\0';
}

void tracer_run(char *const argv[], const struct point *point, struct outcome *ret)
{
	struct sigaction alarmed = { .sa_handler = on_alarm };
	struct trace t = { .point = point, .out = ret };
	int errors = memfd_create("errors", MFD_CLOEXEC), gate[2];

	memset(ret, 0, sizeof(*ret));
	if (errors < 0 || pipe(gate) < 0)
		die("pipe");
	t.command = start(argv, errors, gate);
	if (ptrace(PTRACE_SEIZE, t.command, NULL, (void *)OPTIONS) < 0)
		die("ptrace SEIZE");
	give_role(&t, add(&t, t.command));
	/* seized, not stopped: the first stop is that of the execve */
	close(gate[1]);
	close(gate[0]);
	sigaction(SIGALRM, &alarmed, NULL);
	alarm(HANG_MS / 1000);
	pump(&t);
	alarm(0);
	read_said(errors, ret->said, sizeof(ret->said));
	close(errors);
}

int tracer_call(char *const argv[], char *said, size_t size)
{
	int status, errors = memfd_create("errors", MFD_CLOEXEC);
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(errors, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	/* an orphan that nobody reaps keeps its pid namespace, and so the command, waiting */
	for (pid_t ended = 0; ended != pid;) {
		ended = waitpid(-1, &status, __WALL);
		if (ended < 0 && errno != EINTR)
			die("waitpid");
	}
	read_said(errors, said, size);
	close(errors);
	return status;
}
