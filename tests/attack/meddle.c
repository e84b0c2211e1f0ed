/*
 * meddle.c - inside a container: write into who enters, and into what it and hull say to each other
 *
 *   meddle        whoever appears next
 *   meddle PID    that process, for ever
 *
 * A line of /seen is "saw PID", or "reached WHAT" for what was done to a process that was not yet,
 * or is not, a program of the container's: its memory was opened for writing, a descriptor was
 * taken out of it or opened through /proc. What was got is used: a socket or a FIFO is told that
 * all is ready, that the word to go has come, and that there was an error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define AHEAD 64 /* numbers that may be given out meanwhile, on a busy machine */
#define DESCRIPTORS 24

static struct stat own, payload; /* programs of the container's */
static FILE *seen;

static int open_of(pid_t pid, const char *what, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	return open(path, flags | O_CLOEXEC | O_NONBLOCK);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether its program can be seen, and is not the container's. Who is gone is neither. */
static bool is_foreign(pid_t pid, bool *ret_payload)
{
	struct stat st;
	int fd = open_of(pid, "exe", O_PATH);
	bool known = fd >= 0 && fstat(fd, &st) == 0;

	if (fd >= 0)
		close(fd);
	*ret_payload = known && (is_same(&st, &own) || is_same(&st, &payload));
	return known && !*ret_payload;
}

/*
 * What was got belongs to hull if the process is foreign still, for a payload never becomes that.
 * Of one that is gone nobody knows whose it was: by then perhaps the payload's, the caller's pipe.
 */
static bool reached(pid_t pid, const char *what, int n, bool *ret_payload)
{
	bool foreign = is_foreign(pid, ret_payload);

	if (foreign) {
		fprintf(seen, "reached %s %d of %d\n", what, n, pid);
		fflush(seen);
	}
	return foreign;
}

/* Messages of include/hull/gate.h: ready, an error of the payload's execve, and the byte to go. */
static void lie(int fd)
{
	static const uint32_t ready[4] = { 2, 0, 0, 1 }, error[4] = { 1, EACCES, 14, 1 };

	if (write(fd, "", 1) < 0 || write(fd, ready, sizeof(ready)) < 0 ||
	    write(fd, error, sizeof(error)) < 0)
		return;
}

static bool try_descriptors(pid_t pid, int pidfd)
{
	char name[16];
	bool done = false;

	for (int n = 0; n < DESCRIPTORS && !done; n++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, n, 0);

		if (fd >= 0) {
			if (reached(pid, "descriptor", n, &done))
				lie(fd);
			close(fd);
		}
		snprintf(name, sizeof(name), "fd/%d", n);
		fd = open_of(pid, name, O_WRONLY);
		if (fd >= 0) {
			if (reached(pid, "file", n, &done))
				lie(fd);
			close(fd);
		}
	}
	return done;
}

static bool try_memory(pid_t pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
	int fd = open_of(pid, "mem", O_RDWR);
	bool done = false;

	if (fd >= 0) {
		(void)reached(pid, "memory", 0, &done);
		close(fd);
	}
	/* no such address is an answer, too */
	if (!done && (process_vm_readv(pid, &here, 1, &there, 1, 0) == 1 || errno == EFAULT))
		(void)reached(pid, "memory by address", 0, &done);
	return done;
}

/* Return: whether there is nothing more to come of it. */
static bool try_all(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool done;

	if (pidfd < 0)
		return true;
	done = try_memory(pid) || try_descriptors(pid, pidfd);
	close(pidfd);
	return done;
}

static bool is_there(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return access(path, F_OK) == 0;
}

static void saw(pid_t pid)
{
	fprintf(seen, "saw %d\n", pid);
	fflush(seen);
}

int main(int argc, char **argv)
{
	pid_t last = getpid();

	seen = fopen("/seen", "w");
	if (!seen || stat("/proc/self/exe", &own) < 0 || stat("/bin/busybox", &payload) < 0)
		return 1;
	fprintf(seen, "watching\n");
	fflush(seen);
	while (argc > 1) {
		for (int i = 0; i < 100; i++)
			(void)try_all(atoi(argv[1]));
		saw(atoi(argv[1]));
	}
	for (;;) {
		for (pid_t pid = last + 1; pid <= last + AHEAD; pid++) {
			if (!is_there(pid))
				continue;
			while (is_there(pid) && !try_all(pid))
				;
			last = pid;
			saw(pid);
		}
	}
}
