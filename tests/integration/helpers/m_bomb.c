/* m_bomb.c - fork; a fork that fails is tried again. Where nothing stops it, it stops at 2000. */
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	atomic_int *made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (made == MAP_FAILED)
		return 1;
	while (atomic_load(made) < 2000) {
		if (fork() == 0)
			atomic_fetch_add(made, 1);
	}
	for (;;)
		pause();
}
