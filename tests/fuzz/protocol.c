/* protocol.c - targets for what other processes say: hull's own children, and the payload */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "hull/container.h"
#include "hull/fd.h"
#include "hull/launch.h"
#include "hull/path.h"
#include "hull/plan.h"
#include "hull/proc.h"
#include "run/join.h"
#include "run/notify.h"
#include "run/spawn.h"
#include "run/sync.h"
#include "run/trees.h"

/* --- init: one function at a time --- */

static const char *step_name(unsigned n)
{
	return n < 3 ? "step" : NULL;
}

static void hear_messages(struct input *in, struct err *e)
{
	_cleanup_close_ int sock = world_socket(in);
	struct message m;
	int fd;

	while (sync_recv(sock, &m, &fd) > 0) {
		fd_close(fd);
		(void)sync_error(&m, step_name, "program", "profile", e);
		fuzz_say(e);
	}
}

static void hear_middle(struct input *in, struct err *e)
{
	_cleanup_close_ int proc = proc_open(e);
	const struct plan p = { .njoins = 1, .joins = { { CLONE_NEWNET, "/proc/self/ns/net" } } };
	pid_t pid;
	int pidfd = -1;

	world_child(in);
	if (spawn_init(&p, proc, -1, NULL, NULL, &pid, &pidfd, e) == 0)
		fd_close(pidfd);
}

static void hear_trees(struct input *in, struct err *e)
{
	_cleanup_close_ int sock = world_socket(in);
	int fd;

	for (int i = 0; i < 3; i++) {
		fd = trees_get(sock, 0, e);
		fuzz_say(e);
		if (fd >= 0)
			fd_close(fd);
	}
}

static void hear_go(struct input *in, struct err *e)
{
	_cleanup_close_ int sock = world_socket(in);

	(void)e;
	while (sync_wait_go(sock) == 0)
		;
}

/* @kind: which messages the command expects */
static void hear_entry(struct input *in, unsigned kind, struct arena *a, struct err *e)
{
	static const char filter[8];
	char *argv[] = { "program", NULL };
	struct config_seccomp seccomp = { .listener_path = "/agent" };
	struct config_linux linux = { .seccomp = &seccomp };
	struct container c = { .id = "id",
			       .bundle = "/bundle",
			       .dirfd = -1,
			       .root_fd = -1,
			       .proc_fd = -1,
			       .config = { .linux = &linux } };
	struct join j;

	join_init(&j, &c, a);
	j.seal.head.flags = kind & 1 ? GATE_FORK : 0;
	j.process.argv = argv;
	j.process.terminal = kind & 2;
	j.process.filter =
		(struct plan_filter){ .bpf = filter, .len = sizeof(filter), .notify = kind & 4 };
	world_child(in);
	if (join_spawn(&j, e) == 0)
		(void)join_go(&j, e);
	join_end(&j);
}

/* The first byte says what is heard, and by whom. */
void fuzz_init(struct input *in, struct arena *a, struct err *e)
{
	unsigned kind = input_byte(in);

	switch (kind & 7) {
	case 0:
		hear_messages(in, e);
		break;
	case 1:
		hear_middle(in, e);
		break;
	case 2:
		hear_trees(in, e);
		break;
	case 3:
		hear_go(in, e);
		break;
	default:
		hear_entry(in, kind >> 3, a, e);
	}
}

/* --- launch: create and run, from a bundle to a recorded container, or to nothing --- */

static const char *config_of(struct arena *a, unsigned kind)
{
	return arena_printf(
		a,
		"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},"
		"\"process\":{\"terminal\":%s,\"cwd\":\"%s\",\"args\":[\"sh\"]},"
		"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}]%s}}",
		kind & 1 ? "true" : "false", kind & 8 ? "not absolute" : "/",
		kind & 2 ? ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			   "\"listenerPath\":\"/agent\",\"syscalls\":[{\"names\":[\"mkdir\"],"
			   "\"action\":\"SCMP_ACT_NOTIFY\"}]}"
			 : "");
}

/* However init behaves: what was made is found and deleted, what failed has left nothing. */
void fuzz_launch(struct input *in, struct arena *a, struct err *e)
{
	const char *dir = world_dir();
	unsigned kind = input_byte(in);
	const char *config = config_of(a, kind);
	struct launch_options o = { .root = arena_printf(a, "%s/root", dir),
				    .id = "c",
				    .bundle = dir,
				    .console_socket = kind & 1 ? "/console" : NULL,
				    .pidfd_socket = "/pidfd",
				    .pid_file = arena_printf(a, "%s/pid", dir),
				    .no_cgroup = true,
				    .detach = true };
	const char *left = arena_printf(a, "%s/root/c", dir);
	sigset_t before;
	int status;

	(void)sigprocmask(SIG_BLOCK, NULL, &before);
	fd_close(path_mkdirs(arena_printf(a, "%s/rootfs", dir), 0700));
	fd_close(path_mkdirs(o.root, 0700));
	world_file("config.json", config, strlen(config), OTHERS_REAL);
	world_child(in);
	int r = kind & 4 ? launch_run(&o, &status, e) : launch_create(&o, e);

	(void)sigprocmask(SIG_SETMASK, &before, NULL); /* for ever blocked, but for a test */
	fuzz_say(e);
	REQUIRE((access(left, F_OK) == 0) == (r == 0));
	REQUIRE((unlink(o.pid_file) == 0) == (r == 0));
	if (r == 0)
		REQUIRE(launch_delete(o.root, o.id, true, e) == 0);
	REQUIRE(access(left, F_OK) < 0);
}

/* --- notify --- */

static bool may_pass(const char *line)
{
	return strncmp(line, "MAINPID=", 8) != 0 || !strcmp(line, "MAINPID=42");
}

/* Whatever comes, what goes on has no pid but hull's own word. */
static void check_passed(int manager)
{
	char text[8192];
	ssize_t n;

	while ((n = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		char *line, *rest = text;

		text[n] = '\0';
		REQUIRE(strlen(text) == (size_t)n);
		while ((line = strsep(&rest, "\n")))
			REQUIRE(may_pass(line));
	}
}

/* The input is one datagram, or with a first byte of 0 many lines, each one of them. */
void fuzz_notify(struct input *in, struct arena *a, struct err *e)
{
	int host[2], own[2];
	bool lines = input_byte(in) == 0;

	(void)e;
	REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, host) == 0);
	REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, own) == 0);
	struct notify n = { host[0], own[0] };

	do {
		size_t len;
		const char *line = lines ? input_line(in, a) : NULL;
		const uint8_t *all = lines ? NULL : input_take(in, in->n, &len);

		(void)send(own[1], lines ? (const void *)line : all, lines ? strlen(line) : len,
			   MSG_DONTWAIT);
		notify_rest(&n, 42);
		check_passed(host[1]);
	} while (in->n);
	notify_close(&n);
	fd_close(host[1]);
	fd_close(own[1]);
}
