/* sys.c - the system calls that glibc 2.36 does not wrap */
#include "hull/sys.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * RESOLVE_IN_ROOT and RESOLVE_BENEATH fail with EAGAIN when any rename on the system races a ".."
 * step. Busy hosts need well over a hundred tries (runc measured 3 % failures after 32), so the
 * bound is a time, not a count.
 */
#define OPENAT2_DEADLINE_NS 2000000000LL

#define INITIAL_USER_NS_INODE 0xEFFFFFFDu /* PROC_USER_INIT_INO of the kernel, fixed since 3.8 */

#define MFD_EXEC_ 0x0010U /* since Linux 6.3, where vm.memfd_noexec may demand it */

static long long now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

pid_t sys_clone3(struct clone_args *args)
{
	long r = syscall(SYS_clone3, args, sizeof(*args));

	return r < 0 ? -errno : (pid_t)r;
}

int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	long long deadline = 0;

	for (;;) {
		long r = syscall(SYS_openat2, dirfd, path, how, sizeof(*how));

		if (r >= 0)
			return (int)r;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
		if (!deadline)
			deadline = now_ns() + OPENAT2_DEADLINE_NS;
		else if (now_ns() > deadline)
			return -EAGAIN;
	}
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return syscall(SYS_pivot_root, new_root, put_old) < 0 ? -errno : 0;
}

int sys_pidfd_open(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd >= 0)
		return fd;
	return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
}

int sys_memfd(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC_);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

bool sys_in_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != INITIAL_USER_NS_INODE;
}

static uid_t euid = (uid_t)-1; /* not asked for yet */

uid_t sys_euid(void)
{
	if (euid == (uid_t)-1)
		euid = (uid_t)getauxval(AT_EUID);
	return euid;
}

int sys_become(uid_t uid, gid_t gid)
{
	int r = setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0 ? -errno : 0;

	euid = r == 0 ? uid : geteuid();
	return r;
}

long sys_keyctl(int operation, unsigned long a, unsigned long b, unsigned long c)
{
	long r = syscall(SYS_keyctl, operation, a, b, c);

	return r < 0 ? -errno : r;
}
