/*
 * racer.c - two threads that exchange pairs of names until killed: racer COUNT A B [A B...]
 *
 * The file COUNT says, five times a second, how many exchanges there were.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 2

static atomic_ulong exchanges;
static char **names;
static int count;

static void *exchange(void *arg)
{
	for (int i = *(int *)arg * 2;; i = (i + 2) % count) {
		if (renameat2(AT_FDCWD, names[i], AT_FDCWD, names[i + 1], RENAME_EXCHANGE) == 0)
			atomic_fetch_add(&exchanges, 1);
		/* paths with ".." wait for a moment without a rename: let there be some */
		if (i == 0)
			usleep(1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int starts[THREADS], fd = argc < 4 ? -1 : open(argv[1], O_WRONLY | O_CREAT, 0644);
	char text[32];

	if (fd < 0 || argc % 2)
		return 2;
	names = argv + 2;
	count = argc - 2;
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		starts[i] = i * 2 < count ? i : 0;
		if (pthread_create(&thread, NULL, exchange, &starts[i]))
			return 1;
	}
	for (;;) {
		int n = snprintf(text, sizeof(text), "%020lu\n", atomic_load(&exchanges));

		if (pwrite(fd, text, (size_t)n, 0) != n)
			return 1;
		usleep(200000);
	}
}
