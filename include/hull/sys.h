/* sys.h - the system calls that glibc 2.36 does not wrap; no policy, -errno on failure */
#ifndef HULL_SYS_H
#define HULL_SYS_H

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/types.h>

/* sys_clone3() - clone3(2) with fork semantics; the child returns 0 on the same stack */
pid_t sys_clone3(struct clone_args *args);

/* sys_openat2() - openat2(2); retried on EINTR and, when resolution raced a rename, on EAGAIN */
int sys_openat2(int dirfd, const char *path, const struct open_how *how);

/* sys_pivot_root() - pivot_root(2) */
int sys_pivot_root(const char *new_root, const char *put_old);

/**
 * sys_pidfd_open() - pidfd_open(2) of a number that was written down
 *
 * Since then it may have become a thread's (EINVAL, or ENOENT since Linux 6.9), or be left as the
 * group or session of processes that outlived it (EINVAL): no process has it, as with ESRCH.
 *
 * Return: a descriptor owned by the caller, -ESRCH or -errno.
 */
int sys_pidfd_open(pid_t pid);

/* sys_memfd() - memfd_create(2) for a program: sealable, close-on-exec, owned by the caller */
int sys_memfd(const char *name);

/* sys_keyctl_join() - keyctl(KEYCTL_JOIN_SESSION_KEYRING, name); the new keyring's serial */
long sys_keyctl_join(const char *name);

#endif
