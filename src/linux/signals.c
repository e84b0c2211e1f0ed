/* signals.c - dispositions and mask */
#include "hull/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hull/fd.h"

#define KERNEL_SIGSET_SIZE 8

int signals_ignored(uint64_t *ret, struct err *e)
{
	char text[4096];
	ssize_t n = file_read_at(-1, "/proc/self/status", text, sizeof(text));
	const char *line = n < 0 ? NULL : strstr(text, "\nSigIgn:\t");

	if (!line)
		return err_sys(e, n < 0 ? (int)-n : EPROTO, "read SigIgn of /proc/self/status");
	*ret = strtoull(line + strlen("\nSigIgn:\t"), NULL, 16);
	return 0;
}

int signals_reset(uint64_t ignored, struct err *e)
{
	static const uint64_t by_default[4]; /* the kernel's struct sigaction; SIG_DFL is 0 */
	sigset_t none;

	for (int sig = 1; ignored; sig++, ignored >>= 1) {
		if ((ignored & 1) &&
		    syscall(SYS_rt_sigaction, sig, by_default, NULL, KERNEL_SIGSET_SIZE) < 0)
			return err_errno(e, "sigaction %d", sig);
	}
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_errno(e, "sigprocmask");
	return 0;
}
