/* signals.c - dispositions and mask */
#include "hull/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SIGSET_SIZE 8

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
