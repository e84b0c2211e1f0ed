/* signals.h - what a payload starts with, whatever hull was started with */
#ifndef HULL_SIGNALS_H
#define HULL_SIGNALS_H

#include <stdint.h>

#include "hull/err.h"

/**
 * signals_reset() - no signal ignored, none blocked
 * @ignored: bit n - 1 stands for signal n, as in "SigIgn" of proc_pid_status(5); one call for each,
 *           where asking the kernel would be one for all
 *
 * Being ignored outlives execve(2): nohup(1) means it to, and glibc's posix_spawn(3) does it to its
 * two internal signals, so that everything make(1) runs has them ignored.
 * By system call, as sigaction(3) refuses glibc's internal signals. Return: 0 or -errno.
 */
int signals_reset(uint64_t ignored, struct err *e);

#endif
