/* hook.c - running the configuration's hooks */
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/log.h"
#include "hull/str.h"
#include "spawn.h"

struct running {
	int pidfd, errors; /* owned; -1 when closed */
	pid_t group;       /* to kill on time-out */
	char said[512];    /* what the hook wrote to standard error last */
	size_t len;
};

/* A file and not a pipe: a hook that does not read it neither blocks nor kills hull. */
int hook_state_file(const char *state, struct err *e)
{
	_cleanup_close_ int fd = memfd_create("state", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "memfd_create");
	int r = fd_write_all(fd, state, strlen(state));

	if (r < 0)
		return err_sys(e, -r, "write state");
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(e, "lseek state");
	return fd_steal(&fd);
}

/* Return: a positive errno. The calls that fill in attributes fail for lack of memory only. */
static int spawn(const struct config_hook *h, int state, int out, int errors, pid_t *ret)
{
	char *const self[] = { (char *)h->path, NULL };
	char *const empty[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawn_file_actions_init(&files);
	int r = posix_spawn_file_actions_adddup2(&files, state, 0);

	if (!r)
		r = out >= 0
			    ? posix_spawn_file_actions_adddup2(&files, out, 1)
			    : posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&files, errors, 2);
	if (!r)
		r = posix_spawn(ret, h->path, &files, &attr,
				h->args.n ? (char *const *)h->args.items : self,
				h->env.n ? (char *const *)h->env.items : empty);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return r;
}

/* Keeps the end of what it says. Return: false when there is nothing now. */
static bool read_errors(struct running *run)
{
	char buf[4096];
	ssize_t n = fd_read(run->errors, buf, sizeof(buf));

	if (n <= 0) {
		if (n != -EAGAIN)
			fd_close(fd_steal(&run->errors));
		return false;
	}
	const size_t room = sizeof(run->said) - 1;
	size_t more = (size_t)n < room ? (size_t)n : room;
	size_t old = run->len < room - more ? run->len : room - more;

	memmove(run->said, run->said + run->len - old, old);
	memcpy(run->said + old, buf + (size_t)n - more, more);
	run->len = old + more;
	return true;
}

static const char *last_line(struct running *run)
{
	while (run->len && run->said[run->len - 1] == '\n')
		run->len--;
	run->said[run->len] = '\0';
	const char *last = strrchr(run->said, '\n');

	return last ? last + 1 : run->said;
}

static int remaining_ms(const struct timespec *start, const struct opt_u64 *timeout)
{
	struct timespec now;

	if (!timeout->set)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	long long left =
		(long long)timeout->value * 1000 -
		((now.tv_sec - start->tv_sec) * 1000LL + (now.tv_nsec - start->tv_nsec) / 1000000);

	return left > INT32_MAX ? INT32_MAX : left > 0 ? (int)left : 0;
}

/* Return: 0 when it ended, -ETIMEDOUT after killing it. Lingering children are not waited for. */
static int wait_end(struct running *run, const struct opt_u64 *timeout)
{
	struct timespec start;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		struct pollfd fds[] = { { .fd = run->pidfd, .events = POLLIN },
					{ .fd = run->errors, .events = POLLIN } };
		int left = remaining_ms(&start, timeout);
		int n = poll(fds, ARRAY_SIZE(fds), left);

		if (n < 0 && errno != EINTR)
			return -errno;
		/* also of one that never stops writing */
		if (n == 0 || (n > 0 && left == 0 && !fds[0].revents)) {
			(void)kill(-run->group, SIGKILL); /* unreaped: no stranger's number */
			(void)pidfd_send_signal(run->pidfd, SIGKILL, NULL, 0);
			return -ETIMEDOUT;
		}
		if (n > 0 && fds[1].revents)
			(void)read_errors(run);
		if (n > 0 && fds[0].revents)
			return 0;
	}
}

static int judge(struct running *run, const struct opt_u64 *timeout, int waited, struct err *e)
{
	int status = spawn_wait(run->pidfd);

	/* bounded: who lingers may write for ever */
	for (int i = 0; i < 64 && run->errors >= 0 && read_errors(run); i++)
		;
	const char *said = last_line(run), *colon = said[0] ? ": " : "";

	if (waited == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT, "hook ran past specified timeout of %llu.0s",
			       (unsigned long long)timeout->value);
	if (waited < 0 || status < 0)
		return err_sys(e, waited < 0 ? -waited : -status, "wait");
	if (WIFSIGNALED(status))
		return err_set(e, EIO, "killed by signal %d%s%.255s", WTERMSIG(status), colon,
			       said);
	if (WEXITSTATUS(status))
		return err_set(e, EIO, "exit status %d%s%.255s", WEXITSTATUS(status), colon, said);
	return 0;
}

int hook_await(pid_t group, int pidfd, int errors, const struct opt_u64 *timeout, struct err *e)
{
	struct running run = { .group = group, .pidfd = pidfd, .errors = errors };
	int r = judge(&run, timeout, wait_end(&run, timeout), e);

	fd_close(run.errors);
	return r;
}

int hook_pipe(int ret_ends[2], struct err *e)
{
	if (pipe2(ret_ends, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	/* the hook's end waits, as what writes to it expects */
	(void)fcntl(ret_ends[0], F_SETFL, O_NONBLOCK); /* cannot fail for a pipe */
	return 0;
}

static int run_one(const struct config_hook *h, int state, const struct hook_output *output,
		   struct err *e)
{
	struct running run = { .pidfd = -1, .errors = -1 };
	_cleanup_close_ int write_end = -1;
	int ends[2];

	if (lseek(state, 0, SEEK_SET) < 0)
		return err_errno(e, "lseek state");
	if (output->err < 0) {
		int r = hook_pipe(ends, e);

		if (r < 0)
			return r;
		run.errors = ends[0];
		write_end = ends[1];
	}
	int r = spawn(h, state, output->out, output->err < 0 ? write_end : output->err, &run.group);

	if (r) {
		fd_close(run.errors);
		return err_sys(e, r, "execve");
	}
	fd_close(fd_steal(&write_end));
	run.pidfd = pidfd_open(run.group, 0);
	if (run.pidfd < 0) {
		r = err_errno(e, "pidfd_open");
		(void)kill(-run.group, SIGKILL); /* our own child, not reaped yet */
		(void)waitpid(run.group, NULL, 0);
	} else {
		r = judge(&run, &h->timeout, wait_end(&run, &h->timeout), e);
	}
	fd_close(run.pidfd);
	fd_close(run.errors);
	return r;
}

int hook_run_all(const struct config_hook_list *hooks, const char *name, const char *state,
		 const struct hook_output *output, struct err *e)
{
	if (!hooks->n)
		return 0;
	_cleanup_close_ int file = hook_state_file(state, e);

	if (file < 0)
		return file;
	for (size_t i = 0; i < hooks->n; i++) {
		int r = run_one(&hooks->items[i], file, output, e);

		if (r < 0)
			return err_wrap(e, "hooks.%s[%zu] %s", name, i, hooks->items[i].path);
	}
	return 0;
}

void hook_run_each(const struct config_hook_list *hooks, const char *name, const char *state,
		   const struct hook_output *output)
{
	struct err e;

	for (size_t i = 0; i < hooks->n; i++) {
		const struct config_hook_list one = { 1, &hooks->items[i] };

		if (hook_run_all(&one, name, state, output, &e) < 0)
			log_warn("%s", e.text);
	}
}
