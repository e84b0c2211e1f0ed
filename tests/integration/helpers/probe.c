/*
 * probe.c - asks the kernel from inside a container, without a shell in between
 *
 *   probe call NUMBER [ARGUMENT...]   one system call: prints "ok" or the errno's number
 *   probe signalled NUMBER            the same, able to be interrupted by SIGUSR1
 *   probe fds                         every open descriptor and what it is
 *   probe clock                       CLOCK_MONOTONIC and CLOCK_BOOTTIME in whole seconds
 *   probe session                     session id, and whether there is a controlling terminal
 *   probe pdeathsig                   the signal that comes when the parent ends
 *   probe huge NUMBER                 how many of so many huge pages of 2 MiB there are for it
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int call(int argc, char **argv)
{
	long a[7] = { 0 };

	for (int i = 0; i < argc && i < 7; i++)
		a[i] = (long)strtoull(argv[i], NULL, 0);
	long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);

	if (r < 0)
		printf("errno %d\n", errno);
	else
		printf("ok\n");
	return 0;
}

static void ignore(int sig)
{
	(void)sig;
}

static int signalled(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = ignore }; /* without SA_RESTART */

	sigaction(SIGUSR1, &action, NULL);
	return call(argc, argv);
}

static int fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	char target[PATH_MAX];
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(dir))
			continue;
		ssize_t n = readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);

		printf("%s %.*s\n", e->d_name, n < 0 ? 0 : (int)n, target);
	}
	return !dir;
}

static int clocks(void)
{
	struct timespec mono, boot;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	printf("%lld %lld\n", (long long)mono.tv_sec, (long long)boot.tv_sec);
	return 0;
}

static int session(void)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY);

	printf("sid %d pid %d tty %s\n", getsid(0), getpid(), tty < 0 ? "no" : "yes");
	return 0;
}

static int pdeathsig(void)
{
	int sig = -1;

	prctl(PR_GET_PDEATHSIG, &sig);
	printf("%d\n", sig);
	return 0;
}

static int huge(int wanted)
{
	int got = 0;

	while (got < wanted && mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) != MAP_FAILED)
		got++;
	printf("%d\n", got);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "call"))
		return call(argc - 2, argv + 2);
	if (argc > 2 && !strcmp(argv[1], "signalled"))
		return signalled(argc - 2, argv + 2);
	if (argc == 2 && !strcmp(argv[1], "fds"))
		return fds();
	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clocks();
	if (argc == 2 && !strcmp(argv[1], "session"))
		return session();
	if (argc == 2 && !strcmp(argv[1], "pdeathsig"))
		return pdeathsig();
	if (argc == 3 && !strcmp(argv[1], "huge"))
		return huge(atoi(argv[2]));
	fprintf(stderr, "probe: what?\n");
	return 2;
}
