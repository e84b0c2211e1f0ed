/*
 * audit.c - every system call of hull's processes, held against the invariants of docs/security.md
 *
 *   audit ROOTFS COMMAND...
 *
 * Runs the command and fails on each call that
 *   - names something in the root file system by a path that the kernel would walk, other than by
 *     openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS (I1),
 *   - creates there without O_EXCL, truncates or unlinks there (I2),
 *   - mounts by a path (I3),
 *   - executes the payload with a descriptor that is not its own (I6).
 * What hull looks up of the host's before the pivot is the host's business. Prints each finding and
 * "N calls, N paths, N findings"; status 0 only without a finding.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../crash/tracer.h"

#define T_EMPTY_PATH 0x40 /* MOVE_MOUNT_T_EMPTY_PATH */
#define F_EMPTY_PATH 0x04
#define CLONE_TREE 1
#define PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

static const char *rootfs;
static bool inside[MAX_ROLES]; /* past its pivot, chroot or setns of a mount namespace */
static unsigned calls, paths, findings;

/* What a call does with its path. */
enum use { OPEN, OPEN2, LOOK, CREATE, REMOVE, TREE, EXECUTE };

/* The calls that take a path: argument numbers of directory (-1: none), path and flags. */
static const struct call {
	long number;
	const char *name;
	int dir, path, flags;
	enum use use;
} table[] = {
	{ SYS_openat, "openat", 0, 1, 2, OPEN },
	{ SYS_openat2, "openat2", 0, 1, -1, OPEN2 },
	{ SYS_open, "open", -1, 0, 1, OPEN },
	{ SYS_creat, "creat", -1, 0, -1, REMOVE },
	{ SYS_stat, "stat", -1, 0, -1, LOOK },
	{ SYS_lstat, "lstat", -1, 0, -1, LOOK },
	{ SYS_newfstatat, "newfstatat", 0, 1, 3, LOOK },
	{ SYS_statx, "statx", 0, 1, 2, LOOK },
	{ SYS_statfs, "statfs", -1, 0, -1, LOOK },
	{ SYS_access, "access", -1, 0, -1, LOOK },
	{ SYS_faccessat, "faccessat", 0, 1, -1, LOOK },
	{ SYS_faccessat2, "faccessat2", 0, 1, 3, LOOK },
	{ SYS_readlink, "readlink", -1, 0, -1, LOOK },
	{ SYS_chdir, "chdir", -1, 0, -1, LOOK },
	{ SYS_chroot, "chroot", -1, 0, -1, LOOK },
	{ SYS_getxattr, "getxattr", -1, 0, -1, LOOK },
	{ SYS_mkdirat, "mkdirat", 0, 1, -1, CREATE },
	{ SYS_mknodat, "mknodat", 0, 1, -1, CREATE },
	{ SYS_symlinkat, "symlinkat", 1, 2, -1, CREATE },
	{ SYS_linkat, "linkat", 2, 3, -1, CREATE },
	{ SYS_mkdir, "mkdir", -1, 0, -1, CREATE },
	{ SYS_mknod, "mknod", -1, 0, -1, CREATE },
	{ SYS_symlink, "symlink", -1, 1, -1, CREATE },
	{ SYS_fchownat, "fchownat", 0, 1, 4, LOOK },
	{ SYS_chown, "chown", -1, 0, -1, REMOVE },
	{ SYS_chmod, "chmod", -1, 0, -1, REMOVE },
	{ SYS_fchmodat, "fchmodat", 0, 1, -1, REMOVE },
	{ SYS_truncate, "truncate", -1, 0, -1, REMOVE },
	{ SYS_unlink, "unlink", -1, 0, -1, REMOVE },
	{ SYS_rmdir, "rmdir", -1, 0, -1, REMOVE },
	{ SYS_unlinkat, "unlinkat", 0, 1, -1, REMOVE },
	{ SYS_renameat, "renameat", 0, 1, -1, REMOVE },
	{ SYS_renameat2, "renameat2", 0, 1, -1, REMOVE },
	{ SYS_rename, "rename", -1, 0, -1, REMOVE },
	{ SYS_open_tree, "open_tree", 0, 1, 2, TREE },
	{ SYS_execve, "execve", -1, 0, -1, EXECUTE },
};

static unsigned long long argument(const struct user_regs_struct *r, int n)
{
	const unsigned long long all[] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };

	return all[n];
}

/* Return: whether there was something to read. */
static bool peek(pid_t pid, unsigned long long from, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)(uintptr_t)from, size };

	return from && process_vm_readv(pid, &local, 1, &remote, 1, 0) > 0;
}

static void peek_text(pid_t pid, unsigned long long from, char *to, size_t size)
{
	size_t used = 0;

	/* never over a page's end at once: the next may not be there */
	while (used < size - 1) {
		size_t n = 4096 - ((from + used) & 4095);

		if (n > size - 1 - used)
			n = size - 1 - used;
		if (!peek(pid, from + used, to + used, n))
			break;
		if (memchr(to + used, '\0', n))
			return;
		used += n;
	}
	to[used] = '\0';
}

__attribute__((format(printf, 3, 4))) static void finding(pid_t pid, int role, const char *format,
							  ...)
{
	va_list args;

	findings++;
	printf("process %d (role %d): ", pid, role);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static long file_system(pid_t pid, int fd)
{
	struct statfs fs;
	char link[64];

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	return statfs(link, &fs) < 0 ? 0 : (long)fs.f_type;
}

static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (path[n] == '/' || !path[n]);
}

/* hull's own directories: state, cgroups, the private procfs. */
static bool is_hulls_own(pid_t pid, int fd)
{
	long type = file_system(pid, fd);
	char link[64], target[4096];

	if (type == PROC_SUPER_MAGIC || type == CGROUP2_SUPER_MAGIC || type == CGROUP_SUPER_MAGIC)
		return true;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return strstr(target, "/state") != NULL;
}

/* Whether the call is about something in the container's root file system. */
static bool is_in_root(pid_t pid, int role, int dir, const char *path)
{
	char link[64], target[4096];

	if (path[0] == '/' || dir == AT_FDCWD)
		return inside[role] ||
		       (path[0] == '/' && below(path, rootfs) && strcmp(path, rootfs) != 0);
	if (is_hulls_own(pid, dir))
		return false;
	if (inside[role])
		return true;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, dir);
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return below(target, rootfs);
}

/* One name below a descriptor: nothing to walk. */
static bool is_one_name(int dir, const char *path)
{
	return dir != AT_FDCWD && !strchr(path, '/') && strcmp(path, "..") != 0;
}

/*
 * The program is looked for by the names that execve(2) is going to walk; "/" and "." are what the
 * process stands on.
 */
static bool is_program_or_root(const struct call *c, const char *path)
{
	if (!strcmp(path, "/") || !strcmp(path, "."))
		return true;
	return c->number == SYS_newfstatat || c->number == SYS_stat || c->number == SYS_access ||
	       c->number == SYS_faccessat || c->number == SYS_faccessat2;
}

static void check_open2(pid_t pid, int role, const struct user_regs_struct *r, int dir,
			const char *path)
{
	struct open_how how = { 0 };

	(void)peek(pid, r->rdx, &how, sizeof(how));
	if (how.flags & (O_CREAT | O_TRUNC))
		finding(pid, role, "openat2 %s creates or truncates in the root", path);
	/* past the pivot the root is the process's own: only magic links lead out */
	if (!(how.resolve & RESOLVE_NO_MAGICLINKS) ||
	    (dir != AT_FDCWD && !(how.resolve & RESOLVE_IN_ROOT)))
		finding(pid, role, "openat2 %s without RESOLVE_IN_ROOT and NO_MAGICLINKS", path);
}

static void check_path(pid_t pid, int role, const struct call *c, const struct user_regs_struct *r)
{
	int dir = c->dir < 0 ? AT_FDCWD : (int)argument(r, c->dir);
	unsigned long long flags = c->flags < 0 ? 0 : argument(r, c->flags);
	char path[4096] = "";

	peek_text(pid, argument(r, c->path), path, sizeof(path));
	paths++;
	if (!path[0] || !is_in_root(pid, role, dir, path) || c->use == EXECUTE)
		return;
	bool one = is_one_name(dir, path);

	if (c->use == OPEN2)
		check_open2(pid, role, r, dir, path);
	else if (c->use == REMOVE || c->use == TREE)
		finding(pid, role, "%s %s in the root", c->name, path);
	else if (!one && !is_program_or_root(c, path))
		finding(pid, role, "%s %s walks in the root", c->name, path);
	else if (c->use == OPEN && (flags & (O_CREAT | O_TRUNC)) && !(flags & O_EXCL))
		finding(pid, role, "%s %s creates or truncates in the root", c->name, path);
	else if (c->use == OPEN && strcmp(path, ".") != 0 && strcmp(path, "/") != 0 &&
		 !(flags & O_NOFOLLOW))
		finding(pid, role, "%s %s follows a link in the root", c->name, path);
}

static void check_mount(pid_t pid, int role, const struct user_regs_struct *r)
{
	char target[4096] = "";

	if (r->orig_rax == SYS_mount) {
		peek_text(pid, r->rsi, target, sizeof(target));
		if (!(r->r10 & PROPAGATION) || below(target, rootfs) || inside[role])
			finding(pid, role, "mount on %s, flags %#llx", target, r->r10);
	} else if (r->orig_rax == SYS_umount2) {
		peek_text(pid, r->rdi, target, sizeof(target));
		if (strcmp(target, ".") != 0)
			finding(pid, role, "umount2 %s", target);
	} else if (r->orig_rax == SYS_move_mount) {
		/* a control group's place is one name in a file system that hull has just made */
		peek_text(pid, r->r10, target, sizeof(target));
		if (!(r->r8 & F_EMPTY_PATH) ||
		    (!(r->r8 & T_EMPTY_PATH) && !is_one_name((int)r->rdx, target)))
			finding(pid, role, "move_mount by a path: %s", target);
	}
}

/* At the payload's execve only what has no FD_CLOEXEC counts; here none is to be kept. */
static void check_descriptors(pid_t pid, int role)
{
	char name[300], text[256] = "";
	unsigned flags;

	snprintf(name, sizeof(name), "/proc/%d/fdinfo", pid);
	DIR *dir = opendir(name);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) < 3)
			continue;
		snprintf(name, sizeof(name), "/proc/%d/fdinfo/%s", pid, entry->d_name);
		FILE *f = fopen(name, "re");

		while (f && fgets(text, sizeof(text), f)) {
			if (sscanf(text, "flags: %o", &flags) == 1 && !(flags & O_CLOEXEC))
				finding(pid, role, "descriptor %s goes to the payload",
					entry->d_name);
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
}

static void seen(pid_t pid, int role, const struct user_regs_struct *r)
{
	calls++;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].number == (long)r->orig_rax)
			check_path(pid, role, &table[i], r);
	}
	check_mount(pid, role, r);
	if (r->orig_rax == SYS_execve && inside[role])
		check_descriptors(pid, role);
	if (r->orig_rax == SYS_pivot_root || r->orig_rax == SYS_chroot ||
	    /* who opens the host's paths for init enters its mounts alone and keeps the root */
	    (r->orig_rax == SYS_setns && role > 0 && r->rsi != CLONE_NEWNS))
		inside[role] = true;
}

int main(int argc, char **argv)
{
	const struct point none = { .role = -1, .seen = seen };
	struct outcome out;

	if (argc < 3)
		return 2;
	rootfs = argv[1];
	tracer_run(argv + 2, &none, &out);
	if (out.said[0])
		printf("said: %s", out.said);
	printf("%u processes, %u calls, %u paths, %u findings, status %d\n", out.started, calls,
	       paths, findings, out.status);
	return findings || out.hung || !paths;
}
