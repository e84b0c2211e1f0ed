/* proc.h - what is reached through the host's procfs, by one verified descriptor of it */
#ifndef HULL_PROC_H
#define HULL_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hull/err.h"
#include "hull/plan.h"

/**
 * proc_open() - the host's procfs, opened before anything of the container is mounted
 *
 * Every write below it (id maps, sysctls, labels, oom_score_adj) goes through this descriptor, so
 * nothing that an image mounts or links at its own /proc can redirect one (CVE-2019-16884,
 * CVE-2025-52881). procfs shows each reader its own namespaces, so the container's parameters are
 * set through it as well.
 *
 * Return: an O_PATH descriptor owned by the caller, or -errno: -ENODEV when what is mounted there
 * is no procfs, or shows another pid namespace, in which numbers mean other processes.
 */
int proc_open(struct err *e);

/**
 * proc_write() - write one value to a file below procfs
 * @path: relative; no link is followed and no mount below procfs is entered
 *
 * Return: 0 or -errno.
 */
int proc_write(int proc_fd, const char *path, const char *text);

/* proc_set_sysctls() - linux.sysctl, for the namespaces the caller is in. Return: 0 or -errno. */
int proc_set_sysctls(int proc_fd, const struct plan *p, struct err *e);

/**
 * proc_start_time() - when a process started, in clock ticks after boot
 *
 * proc(5), /proc/pid/stat field 22: with the pid it tells a process from a later one that got the
 * same number.
 *
 * @ret_zombie: its first thread has ended, and perhaps all of them
 *
 * Return: 0, -ESRCH when there is no such process, or -errno. A zombie has a start time too.
 */
int proc_start_time(int proc_fd, pid_t pid, uint64_t *ret_ticks, bool *ret_zombie);

/* proc_is_stopped() - whether it was by a signal, proc(5), state T. Nobody is not. */
bool proc_is_stopped(int proc_fd, pid_t pid);

/* proc_boot_id() - the kernel's random id of this boot, 36 characters and NUL. 0 or -errno. */
int proc_boot_id(int proc_fd, char ret[37]);

/* proc_pid_of() - the pid behind a pidfd, as the caller sees it; -1 when reaped, or -errno */
pid_t proc_pid_of(int proc_fd, int pidfd);

/* proc_set_rlimits() - process.rlimits, with the caller's privilege. Return: 0 or -errno. */
int proc_set_rlimits(pid_t pid, const struct config_rlimits *limits, struct err *e);

/**
 * proc_set_oom_score() - process.oomScoreAdj
 * @lenient: lowering it without CAP_SYS_RESOURCE is refused by the kernel; warn and go on
 *
 * Return: 0 or -errno.
 */
int proc_set_oom_score(int proc_fd, pid_t pid, int64_t score, bool lenient, struct err *e);

/**
 * proc_new_keyring() - a session keyring "_ses.<id>" of the container's own
 * @label: of SELinux, which it gets: proc_pid_attr(5), "keycreate"; NULL: none
 *
 * Where somebody has made one of that name it gets no name. Return: 0 or -errno.
 */
int proc_new_keyring(int proc_fd, const char *id, const char *label, struct err *e);

#endif
