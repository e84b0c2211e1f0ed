/* sys.h - the system calls that glibc 2.36 does not wrap; no policy, -errno on failure */
#ifndef HULL_SYS_H
#define HULL_SYS_H

#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdbool.h>
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

/* sys_in_user_namespace() - other than the initial one, whatever it maps */
bool sys_in_user_namespace(void);

/* sys_euid() - geteuid(2) without the call: what the execve said and sys_become() made of it */
uid_t sys_euid(void);

/* sys_become() - setresgid(2) and setresuid(2) for all three ids. Return: 0 or -errno. */
int sys_become(uid_t uid, gid_t gid);

/* sys_keyctl() - keyctl(2). Return: what it returns, or -errno. */
long sys_keyctl(int operation, unsigned long a, unsigned long b, unsigned long c);

#endif
