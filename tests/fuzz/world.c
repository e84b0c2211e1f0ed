/*
 * world.c - the system calls that hull hears the outside by, answered from the input
 *
 * The linker leads every call of hull's to __wrap_NAME(), which goes on to the real one unless a
 * target has asked otherwise.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/sys.h"
#include "run/sync.h"

#define MAX_FILES 64
#define PIPE_SIZE 65536 /* what one holds without a reader */

static struct {
	bool files, closed, processes;
	size_t n;
	struct {
		const char *name, *text;
		size_t name_len, len;
	} items[MAX_FILES];
	struct input child;
	int socket; /* the other end of the last socketpair */
	int peer;   /* of the last fd_connect_unix() or world_socket() */
	ino_t inode;
} world = { .socket = -1, .peer = -1 };

/* The linker has the real one under this name, and calls the other. */
#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

int __real_open(const char *path, int flags, ...);
int __real_socketpair(int domain, int type, int protocol, int ends[2]);
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

FILE *world_null;

void world_begin(void)
{
	world_null = fopen("/dev/null", "we");
	REQUIRE(world_null);
	(void)signal(SIGPIPE, SIG_IGN); /* as in hull's main() */
	(void)world_pid();
}

/* --- files --- */

static bool belongs(const char *path, const char *name, size_t n)
{
	size_t len = strlen(path);

	return n && len >= n && memcmp(path + len - n, name, n) == 0 &&
	       (len == n || path[len - n - 1] == '/');
}

/* What the kernel makes up has no size and is read like a pipe; a file has one. */
static int open_text(const char *text, size_t n)
{
	int ends[2];

	if (n && text[n - 1] != '\n') {
		int fd = memfd_create("input", MFD_CLOEXEC);

		REQUIRE(fd >= 0 && fd_write_all(fd, text, n) == 0 && lseek(fd, 0, SEEK_SET) == 0);
		return fd;
	}
	REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
	REQUIRE(fd_write_all(ends[1], text, n < PIPE_SIZE ? n : PIPE_SIZE) == 0);
	fd_close(ends[1]);
	return ends[0];
}

#define REALLY (-2)

/* Return: a descriptor, -1 with errno, or REALLY. */
static int open_here(const char *path, int flags)
{
	for (size_t i = 0; world.files && i < world.n; i++) {
		if (!belongs(path, world.items[i].name, world.items[i].name_len))
			continue;
		return (flags & O_ACCMODE) == O_RDONLY
			       ? open_text(world.items[i].text, world.items[i].len)
			       : __real_open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	errno = ENOENT;
	return world.closed ? -1 : REALLY;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
}

WRAP(int, open, const char *path, int flags, ...)
{
	int fd = open_here(path, flags);
	va_list ap;

	va_start(ap, flags);
	mode_t mode = mode_of(flags, ap);

	va_end(ap);
	return fd == REALLY ? __real_open(path, flags, mode) : fd;
}

WRAP(int, openat, int dir, const char *path, int flags, ...)
{
	int fd = open_here(path, flags);
	va_list ap;

	va_start(ap, flags);
	mode_t mode = mode_of(flags, ap);

	va_end(ap);
	return fd == REALLY ? __real_openat(dir, path, flags, mode) : fd;
}

/* No two names are the same file: a namespace that is asked about is not hull's own. */
WRAP(int, fstatat, int dir, const char *path, struct stat *ret, int flags)
{
	if (!world.closed)
		return __real_fstatat(dir, path, ret, flags);
	*ret = (struct stat){ .st_ino = ++world.inode };
	return 0;
}

WRAP(int, access, const char *path, int mode)
{
	return world.closed ? 0 : __real_access(path, mode);
}

WRAP(int, mkdirat, int dir, const char *path, mode_t mode)
{
	if (!world.closed)
		return __real_mkdirat(dir, path, mode);
	errno = EEXIST;
	return -1;
}

WRAP(int, unlinkat, int dir, const char *path, int flags)
{
	return world.closed ? 0 : __real_unlinkat(dir, path, flags);
}

void world_file(const char *name, const void *text, size_t n, enum others others)
{
	world.files = true;
	world.closed = others == OTHERS_ABSENT;
	if (world.n == MAX_FILES)
		return;
	world.items[world.n].name = name;
	world.items[world.n].name_len = strlen(name);
	world.items[world.n].text = text;
	world.items[world.n++].len = n;
}

static const char *line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	return newline ? newline : end;
}

static const char *next_line(const char *p, const char *end)
{
	p = line_end(p, end);
	return p + (p < end);
}

void world_files(struct input *in, enum others others)
{
	const char *p = (const char *)in->data, *end = p + in->n;

	world.files = true;
	world.closed = others == OTHERS_ABSENT;
	while (p < end && world.n < MAX_FILES) {
		const char *name = p + (*p == '@'), *text = next_line(p, end), *next = text;

		while (next < end && *next != '@')
			next = next_line(next, end);
		world.items[world.n].name = name;
		world.items[world.n].name_len = (size_t)(line_end(p, end) - name);
		world.items[world.n].text = text;
		world.items[world.n++].len = (size_t)(next - text);
		p = next;
	}
}

const char *world_text(struct arena *a, const char *name)
{
	for (size_t i = 0; i < world.n; i++) {
		if (belongs(name, world.items[i].name, world.items[i].name_len))
			return arena_strndup(a, world.items[i].text, world.items[i].len);
	}
	return "";
}

/* --- processes --- */

/* Of a child that has ended and is never waited for, so the number stays its own. */
int world_pid(void)
{
	static pid_t pid;
	siginfo_t info;

	if (!pid) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		REQUIRE(pid > 0 && __real_waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	}
	return pid;
}

enum packet {
	PACKET_KIND = 3, /* how long: */
	PACKET_BYTES = 0,
	PACKET_HEAD = 1, /* a gate's report */
	PACKET_MESSAGE = 2,
	PACKET_ERR = 3,
	PACKET_FD = 4,  /* one descriptor comes along */
	PACKET_FDS = 8, /* or two */
};

static size_t size_of(unsigned kind, struct input *in)
{
	static const size_t sizes[] = { 0, sizeof(struct gate_report), sizeof(struct message),
					sizeof(struct err) };

	kind &= PACKET_KIND;
	return kind == PACKET_BYTES ? input_byte(in) : sizes[kind];
}

static void send_packet(int sock, unsigned kind, const void *data, size_t n)
{
	int null = fileno(world_null), fds[2] = { null, null };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = { .header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (void *)data, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (kind & (PACKET_FD | PACKET_FDS)) {
		control.header.cmsg_len = CMSG_LEN((kind & PACKET_FDS ? 2 : 1) * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
		m.msg_control = &control;
		m.msg_controllen = control.header.cmsg_len;
	}
	(void)sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL); /* a full queue drops the rest */
}

/* Each packet is a byte that says how long it is and what comes along, and then its content. */
static void speak(int sock, struct input *in)
{
	char data[sizeof(struct message)];
	size_t n;

	while (in->n) {
		unsigned kind = input_byte(in);
		size_t size = size_of(kind, in);

		memset(data, 0, sizeof(data));
		const uint8_t *bytes = input_take(in, size, &n);

		memcpy(data, bytes, n);
		send_packet(sock, kind, data, size);
	}
	(void)shutdown(sock, SHUT_WR);
}

int world_socket(struct input *in)
{
	int ends[2];

	REQUIRE(__real_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	speak(ends[1], in);
	fd_close(world.peer);
	world.peer = ends[1]; /* for what is said to it */
	return ends[0];
}

void world_child(struct input *in)
{
	world.processes = true;
	world.child = *in;
	in->n = 0;
}

WRAP(int, socketpair, int domain, int type, int protocol, int ends[2])
{
	int r = __real_socketpair(domain, type, protocol, ends);

	if (r == 0 && world.processes) {
		fd_close(world.socket);
		world.socket = dup(ends[1]);
	}
	return r;
}

/* It is never polled. valgrind does not know the real ones. */
WRAP(int, pidfd_open, pid_t pid, unsigned flags)
{
	/* -1 is asked for to hear whether there is such a call */
	return world.processes && pid > 0 ? __real_open("/dev/null", O_RDONLY | O_CLOEXEC)
					  : __real_pidfd_open(pid, flags);
}

WRAP(pid_t, sys_clone3, struct clone_args *args)
{
	if (!world.processes)
		return __real_sys_clone3(args);
	if (args->flags & CLONE_PIDFD)
		*(int *)(uintptr_t)args->pidfd = __wrap_pidfd_open(world_pid(), 0);
	if (world.socket >= 0)
		speak(world.socket, &world.child);
	return world_pid();
}

WRAP(int, waitid, idtype_t type, id_t id, siginfo_t *info, int options)
{
	if (!world.processes)
		return __real_waitid(type, id, info, options);
	*info = (siginfo_t){ .si_code = CLD_EXITED };
	return 0;
}

WRAP(int, kill, pid_t pid, int sig)
{
	return world.processes ? 0 : __real_kill(pid, sig);
}

WRAP(int, pidfd_send_signal, int fd, int sig, siginfo_t *info, unsigned flags)
{
	return world.processes ? 0 : __real_pidfd_send_signal(fd, sig, info, flags);
}

WRAP(int, sched_setaffinity, pid_t pid, size_t size, const cpu_set_t *set)
{
	return world.processes ? 0 : __real_sched_setaffinity(pid, size, set);
}

WRAP(int, setns, int fd, int type)
{
	return world.processes || world.closed ? 0 : __real_setns(fd, type);
}

/* Whoever is connected to listens, and says nothing. */
WRAP(int, fd_connect_unix, const char *path)
{
	int ends[2];

	if (!world.processes)
		return __real_fd_connect_unix(path);
	REQUIRE(__real_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	fd_close(world.peer);
	world.peer = ends[1];
	return ends[0];
}

void world_end(void)
{
	fd_close(world.socket);
	fd_close(world.peer);
	memset(&world, 0, sizeof(world));
	world.socket = world.peer = -1;
}

/* --- a place for real files --- */

static char directory[64];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_directory(void)
{
	(void)nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *world_dir(void)
{
	if (!directory[0]) {
		(void)snprintf(directory, sizeof(directory), "/dev/shm/hull-fuzz-XXXXXX");
		REQUIRE(mkdtemp(directory));
		REQUIRE(atexit(remove_directory) == 0);
	}
	return directory;
}
