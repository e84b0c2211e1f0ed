/* events.c - `hull events` */
#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cli.h"
#include "hull/cgroup_live.h"
#include "hull/container.h"
#include "hull/fd.h"
#include "hull/net.h"
#include "hull/str.h"

#define DEFAULT_INTERVAL_NS INT64_C(5000000000)

struct options {
	const char *interval;
	bool stats;
};

static void put_data(struct arena *a, const struct container *c, struct json_out *o)
{
	json_out_object(o, "data");
	cgroup_put_stats(c->cgroup, a, o);
	json_out_object(o, "intel_rdt");
	rdt_put_stats(a, RDT_MOUNT, c->rdt, o);
	json_out_object_end(o);
	net_put_stats(a, c->proc_fd, c->pid, o);
	json_out_object_end(o);
}

/* One line; its memory is not kept, for this may go on for years. */
static int print_event(const struct container *c, const char *type, bool data, struct err *e)
{
	struct json_out *o = json_out_new(false);
	struct arena a = { 0 };

	json_out_object(o, NULL);
	json_out_string(o, "type", type);
	json_out_string(o, "id", c->id);
	if (data)
		put_data(&a, c, o);
	json_out_object_end(o);
	int r = cli_print_json(o, e);

	json_out_free(o);
	arena_free(&a);
	return r;
}

static int start_timer(int64_t ns, struct err *e)
{
	const struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	const struct itimerspec every = { .it_interval = t, .it_value = t };
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL) < 0)
		return err_errno(e, "timerfd");
	return fd_steal(&fd);
}

/* What the kernel may wake us for. */
enum { WAKE_END, WAKE_OOM, WAKE_TIMER, WAKE_OUTPUT, WAKES };

/* Return: 1 to go on, 0 at the end of the container or of whoever reads, or -errno. */
static int handle(const struct container *c, struct pollfd *p, struct cgroup_oom *oom,
		  struct err *e)
{
	bool ended = p[WAKE_END].revents;
	uint64_t ticks;
	int r = 0;

	/* the last thing that happened to it may be the reason for its end */
	if ((ended || p[WAKE_OOM].revents) && cgroup_oom_happened(oom))
		r = print_event(c, "oom", false, e);
	if (r < 0 || ended)
		return r;
	if (p[WAKE_OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL))
		return 0;
	if (fd_read(p[WAKE_TIMER].fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		r = print_event(c, "stats", true, e);
	return r < 0 ? r : 1;
}

static int follow(const struct container *c, int init, int timer, struct cgroup_oom *oom,
		  struct err *e)
{
	struct pollfd p[WAKES] = {
		[WAKE_END] = { .fd = init, .events = POLLIN },
		[WAKE_TIMER] = { .fd = timer, .events = POLLIN },
		[WAKE_OUTPUT] = { .fd = STDOUT_FILENO },
	};
	int r = 1;

	while (r > 0) {
		p[WAKE_OOM] = oom->pollfd;
		if (poll(p, WAKES, -1) >= 0)
			r = handle(c, p, oom, e);
		else if (errno != EINTR)
			r = err_errno(e, "poll");
	}
	return r;
}

static int watch(const struct container *c, int init, int64_t interval, struct err *e)
{
	struct cgroup_oom oom;
	int r = cgroup_watch_oom(c->cgroup, &oom, e);

	if (r < 0)
		return r;
	_cleanup_close_ int timer = start_timer(interval, e);

	r = timer < 0 ? timer : follow(c, init, timer, &oom, e);
	cgroup_oom_close(&oom);
	return r;
}

static int show(struct invocation *in, const struct container *c, int64_t interval, struct err *e)
{
	const struct options *o = in->options;
	enum container_status status = container_status(c);
	_cleanup_close_ int init = container_pidfd(c);

	if (status == STATUS_STOPPED || status == STATUS_CREATING || init == -ESRCH)
		return err_set(e, ESRCH, "container with id %s is not running", c->id);
	if (init < 0)
		return err_sys(e, -init, "pidfd_open init, pid %d", c->pid);
	if (!c->cgroup)
		return err_set(e, EOPNOTSUPP, "container has no cgroup to measure");
	return o->stats ? print_event(c, "stats", true, e) : watch(c, init, interval, e);
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *o = in->options;
	int64_t interval = DEFAULT_INTERVAL_NS;
	struct container c;

	if (o->interval && str_to_duration(o->interval, &interval) < 0)
		return err_set(e, EINVAL, "--interval \"%.40s\": not a duration like 5s or 1m30s",
			       o->interval);
	if (interval <= 0)
		return err_set(e, EINVAL, "--interval: duration interval must be greater than 0");
	int r = container_open(in->arena, in->globals->root, in->argv[0], LOCK_NONE, &c, e);

	if (r < 0)
		return r;
	r = show(in, &c, interval, e);
	container_close(&c);
	return r;
}

static const struct cli_option options[] = {
	CLI_STRING(struct options, interval, "interval", 0,
		   "time between statistics: 5s (default), 500ms, 1m30s"),
	CLI_BOOL(struct options, stats, "stats", 0, "print statistics once"),
	CLI_END,
};

const struct command command_events = {
	.name = "events",
	.arguments = "ID",
	.summary = "show what a container uses and when it runs out of memory",
	.options = options,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
