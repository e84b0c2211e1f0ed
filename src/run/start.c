/* start.c - letting a created container run */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"
#include "hear.h"
#include "hook.h"
#include "hull/fd.h"
#include "hull/launch.h"
#include "hull/plan.h"
#include "hull/str.h"
#include "init.h"
#include "join.h"
#include "notify.h"
#include "spawn.h"
#include "start_hook.h"
#include "sync.h"
#include "undo.h"

struct start {
	struct arena arena;
	struct container c;
	struct hook_output hook_output;
	int go, status, pidfd;
	struct notify notify;
};

static int check_status(const struct start *s, struct err *e)
{
	switch (container_status(&s->c)) {
	case STATUS_CREATED:
		return 0;
	case STATUS_RUNNING:
		return err_set(e, EBUSY, "cannot start an already running container");
	case STATUS_PAUSED:
		return err_set(e, EBUSY, "container paused");
	case STATUS_CREATING:
	case STATUS_STOPPED:
		break;
	}
	return err_set(e, ESRCH, "cannot start a container that has stopped");
}

static int open_barrier(struct start *s, struct err *e)
{
	s->pidfd = container_pidfd(&s->c);
	s->status = openat(s->c.dirfd, "status", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	s->go = openat(s->c.dirfd, "go", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (s->pidfd < 0 && s->pidfd != -ESRCH)
		return err_sys(e, -s->pidfd, "pidfd_open init, pid %d", s->c.pid);
	if (s->pidfd < 0 || s->status < 0 || s->go < 0)
		return err_set(e, ESRCH, "cannot start a container that has stopped");
	return 0;
}

/* Waits until init has become the payload, or has said why not. */
static int wait_exec(struct start *s, struct err *e)
{
	struct pollfd fds[] = { { .fd = s->status, .events = POLLIN },
				{ .fd = s->pidfd, .events = POLLIN } };
	const struct config_linux *l = s->c.config.linux;
	bool asks = l && l->seccomp && plan_filter_notifies(l->seccomp);
	struct gate_report head = { 0 };

	for (;;) {
		int ready = poll(fds, ARRAY_SIZE(fds), FD_PATIENCE_S * 1000);
		int r = ready == 0 ? hear_silence(&s->c, s->c.pid, asks, e) : 0;

		if (r < 0)
			return r;
		if (ready < 0 && errno != EINTR)
			return err_errno(e, "poll");
		ssize_t n = fd_read(s->status, &head, sizeof(head));

		if (n == sizeof(head) && head.type == MESSAGE_ERROR) {
			const struct message m = { .head = head };

			return sync_error(&m, init_step_name, s->c.config.process->args.items[0],
					  NULL, e);
		}
		/* the FIFO has no writer any more: execve closed it; or init ended after it */
		if (n == 0)
			return 0;
		if (n != -EAGAIN)
			return err_set(e, EPROTO, "init's report cannot be read");
	}
}

/*
 * execve closes "status" and "go", and the kernel lets go of them in either order. While "go" has
 * a reader the container says that it is created, which is wrong after `start`: buildah ends the
 * step.
 */
static int wait_go_closed(const struct start *s, struct err *e)
{
	struct pollfd fds[] = { { .fd = s->go }, /* POLLERR: no reader any more */
				{ .fd = s->pidfd, .events = POLLIN } };

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
		if (errno != EINTR)
			return err_errno(e, "poll");
	}
	return 0;
}

static int run_poststart(struct start *s, struct err *e)
{
	const struct config_hooks *hooks = s->c.config.hooks;

	if (!hooks || !hooks->poststart.n)
		return 0;
	const char *state = container_state_json(&s->arena, &s->c, "running", s->c.pid);

	return hook_run_all(&hooks->poststart, "poststart", state, &s->hook_output, e);
}

static int release(struct start *s, struct err *e)
{
	ssize_t n = fd_write(s->go, "", 1);
	int r = n < 0 ? err_sys(e, (int)-n, "let init go on") : wait_exec(s, e);

	if (r == 0)
		r = wait_go_closed(s, e);
	return r == 0 ? run_poststart(s, e) : r;
}

static int start(struct start *s, struct err *e)
{
	int r = check_status(s, e);

	if (r == 0)
		r = container_read_config(&s->arena, &s->c, e);
	if (r == 0 && s->c.config.hooks && s->c.config.hooks->start_container.n)
		r = join_restart(&s->c, e);
	if (r == 0)
		r = handover_cloexec(e);
	if (r == 0)
		r = open_barrier(s, e);
	if (r < 0)
		return r;
	if (s->c.config.hooks && chdir(s->c.bundle) < 0)
		return err_errno(e, "chdir %s", s->c.bundle);
	notify_connect(&s->notify);
	r = notify_listen(&s->notify, &s->c, e);
	if (r == 0)
		r = hook_output_open(&s->c.config, s->c.bundle, &s->hook_output, e);
	if (r == 0)
		r = start_hooks_run(&s->arena, &s->c, &s->hook_output, e);
	if (r == 0)
		r = release(s, e);
	if (r < 0) {
		struct err ignored; /* runtime.md, "Lifecycle": stop it; deleting is the caller's */

		spawn_leave_children();
		(void)undo_init(&s->c, &ignored);
	}
	return r;
}

int launch_start(const char *root, const char *id, struct err *e)
{
	struct start s = { .hook_output = hook_output_none(),
			   .go = -1,
			   .status = -1,
			   .pidfd = -1,
			   .notify = NOTIFY_NONE };
	int r = container_open(&s.arena, root, id, LOCK_CHANGE, &s.c, e);

	if (r == 0) {
		r = start(&s, e);
		if (r == 0)
			r = notify_ready(&s.notify, &s.c, s.pidfd, e);
		notify_close(&s.notify);
		container_close(&s.c);
	}
	hook_output_close(&s.hook_output);
	fd_close(s.go);
	fd_close(s.status);
	fd_close(s.pidfd);
	arena_free(&s.arena);
	return r;
}
