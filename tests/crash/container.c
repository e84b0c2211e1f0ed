/* container.c - what a container is like, and the terminals that came out of it */
#include "container.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static int console_fd;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

void terminals_listen(const char *path)
{
	struct sockaddr_un console = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(console.sun_path)) {
		fprintf(stderr, "crash: %s: too long for a socket\n", path);
		exit(2);
	}
	memcpy(console.sun_path, path, strlen(path));
	console_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (console_fd < 0 ||
	    bind(console_fd, (const struct sockaddr *)&console, sizeof(console)) < 0 ||
	    listen(console_fd, 8) < 0)
		die(path);
}

static bool has_terminal(int connection)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char name[256];
	struct iovec iov = { .iov_base = name, .iov_len = sizeof(name) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(connection, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0 || !CMSG_FIRSTHDR(&m))
		return false;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	bool good = isatty(fd);

	close(fd);
	return good;
}

unsigned terminals_take(void)
{
	unsigned n = 0;
	int fd;

	while ((fd = accept4(console_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		n += has_terminal(fd);
		close(fd);
	}
	return n;
}

void read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, size - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
}

static void add(char *text, size_t size, const char *what, const char *value)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s%s\n", what, value);
}

static void add_status(const char *proc, char *text, size_t size)
{
	static const char *const lines[] = { "Uid:",    "Gid:",       "Groups:", "CapInh:",
					     "CapPrm:", "CapEff:",    "CapBnd:", "CapAmb:",
					     "Seccomp", "NoNewPrivs", "SigBlk:", "SigIgn:" };
	static char status[8192];
	char path[64];

	snprintf(path, sizeof(path), "%s/status", proc);
	read_text(path, status, sizeof(status));
	for (char *line = strtok(status, "\n"); line; line = strtok(NULL, "\n")) {
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			if (!strncmp(line, lines[i], strlen(lines[i])) &&
			    strncmp(line, "Seccomp_", 8))
				add(text, size, line, "");
		}
	}
}

/* A view of the mounts without what differs each time: ids, devices, peer groups. */
static void add_mounts(const char *proc, char *text, size_t size)
{
	static char mounts[1 << 16];
	char path[64], point[512], flags[512];

	snprintf(path, sizeof(path), "%s/mountinfo", proc);
	read_text(path, mounts, sizeof(mounts));
	for (char *line = strtok(mounts, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%*s %*s %*s %*s %511s %511s", point, flags) != 2)
			continue;
		add(text, size, point, " ");
		add(text, size, flags, "");
	}
}

static bool same_file(const char *one, const char *other)
{
	struct stat a, b;

	return !stat(one, &a) && !stat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Namespaces: which are the host's, which those that were to be joined. */
static void add_namespaces(const char *proc, const char *joined, char *text, size_t size)
{
	static const char *const kinds[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char its[64], ours[64], theirs[4300];

		snprintf(its, sizeof(its), "%s/ns/%s", proc, kinds[i]);
		snprintf(ours, sizeof(ours), "/proc/self/ns/%s", kinds[i]);
		snprintf(theirs, sizeof(theirs), "%s/%s", joined, kinds[i]);
		add(text, size, kinds[i],
		    same_file(its, ours)     ? ": the host's"
		    : same_file(its, theirs) ? ": joined"
					     : ": its own");
	}
}

/* A null of the container's is as good as one of no directory's; the host's may have an owner. */
static void add_input(const char *proc, char *text, size_t size)
{
	char path[64], device[64];
	struct stat st = { 0 };

	snprintf(path, sizeof(path), "%s/fd/0", proc);
	(void)stat(path, &st);
	snprintf(device, sizeof(device), "%o %u:%u%s", st.st_mode & S_IFMT, major(st.st_rdev),
		 minor(st.st_rdev), same_file(path, "/dev/null") ? ", the host's" : "");
	add(text, size, "input: ", device);
}

void container_look(const char *pid_file, const char *joined, char *text, size_t size)
{
	static const char *const files[] = { "limits", "uid_map", "gid_map", "oom_score_adj",
					     "timens_offsets" };
	static char content[8192];
	char proc[32], path[64], number[32];

	text[0] = '\0';
	read_text(pid_file, number, sizeof(number));
	snprintf(proc, sizeof(proc), "/proc/%d", atoi(number));
	add_status(proc, text, size);
	add_mounts(proc, text, size);
	add_namespaces(proc, joined, text, size);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", proc, files[i]);
		read_text(path, content, sizeof(content));
		add(text, size, files[i], ":");
		add(text, size, content, "");
	}
	add_input(proc, text, size);
	snprintf(path, sizeof(path), "%u", terminals_take());
	add(text, size, "terminals: ", path);
}
