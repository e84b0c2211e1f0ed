/* proc.c - sysctls, limits and facts about processes, through one procfs descriptor */
#include "hull/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/log.h"
#include "hull/str.h"
#include "hull/sys.h"

/* keyrings(7): KEY_USR_SEARCH, KEY_GRP_SEARCH and KEY_OTH_SEARCH of the kernel */
#define SEARCH_BY_OTHERS 0x00080808u

int proc_open(struct err *e)
{
	_cleanup_close_ int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char self[16];
	int64_t pid;

	if (fd < 0)
		return err_errno(e, "open /proc");
	ssize_t n = readlinkat(fd, "self", self, sizeof(self) - 1);

	self[n < 0 ? 0 : n] = '\0';
	if (str_to_i64(self, 1, INT32_MAX, &pid) < 0 || pid != getpid())
		return err_set(e, ENODEV,
			       "/proc is no procfs of this pid namespace: mount one first");
	return fd_steal(&fd);
}

static int open_beyond(int proc_fd, const char *path, struct open_how how)
{
	struct statfs fs;

	how.resolve &= ~(uint64_t)RESOLVE_NO_XDEV;
	_cleanup_close_ int fd = sys_openat2(proc_fd, path, &how);

	if (fd >= 0 && (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC))
		return -EXDEV;
	return fd_steal(&fd);
}

int proc_write(int proc_fd, const char *path, const char *text)
{
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC,
				.resolve =
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
	_cleanup_close_ int fd = sys_openat2(proc_fd, path, &how);

	/* a host that is a container has mounts of the same file system there, some writable */
	if (fd == -EXDEV && str_has_prefix(path, "sys/")) {
		fd = open_beyond(proc_fd, path, how);
		if (fd < 0)
			return fd;
	}
	/* withheld by a seccomp filter: every component is the kernel's own here */
	if (fd == -ENOSYS || fd == -EPERM)
		fd = openat(proc_fd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fd == -1 ? -errno : fd;
	ssize_t r = fd_write(fd, text, strlen(text));

	return r < 0 ? (int)r : 0;
}

int proc_set_sysctls(int proc_fd, const struct plan *p, struct err *e)
{
	char path[256];

	for (size_t i = 0; i < p->nsysctls; i++) {
		const struct plan_sysctl *s = &p->sysctls[i];
		int n = snprintf(path, sizeof(path), "sys/%s", s->path);
		int r = n < (int)sizeof(path) ? proc_write(proc_fd, path, s->value) : -ENAMETOOLONG;

		if (r < 0)
			return err_sys(e, -r, "linux.sysctl.%s: write /proc/%s", s->key, path);
	}
	return 0;
}

/* proc(5), /proc/pid/stat, from field 3 on, the state. Return: 0 or -errno, -ESRCH for nobody. */
static int read_stat(int proc_fd, pid_t pid, char buf[1024], const char **ret)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%d/stat", pid);
	ssize_t n = file_read_at(proc_fd, name, buf, 1024);

	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	/* the name in field 2 may hold blanks and parentheses: count from its end */
	const char *p = strrchr(buf, ')');

	if (!p || p[1] != ' ')
		return -EPROTO;
	*ret = p + 2;
	return 0;
}

bool proc_is_stopped(int proc_fd, pid_t pid)
{
	char stat[1024];
	const char *p;

	return read_stat(proc_fd, pid, stat, &p) == 0 && *p == 'T';
}

int proc_start_time(int proc_fd, pid_t pid, uint64_t *ret_ticks, bool *ret_zombie)
{
	char stat[1024];
	const char *p;
	int r = read_stat(proc_fd, pid, stat, &p);

	if (r < 0)
		return r;
	*ret_zombie = *p == 'Z' || *p == 'X';
	for (int field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -EPROTO;
		p++;
	}
	*ret_ticks = strtoull(p, NULL, 10);
	return 0;
}

int proc_boot_id(int proc_fd, char ret[37])
{
	char text[64];
	ssize_t n = file_read_at(proc_fd, "sys/kernel/random/boot_id", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (n < 36)
		return -EPROTO;
	memcpy(ret, text, 36);
	ret[36] = '\0';
	return 0;
}

pid_t proc_pid_of(int proc_fd, int pidfd)
{
	char name[48], info[512];
	int64_t pid;

	(void)snprintf(name, sizeof(name), "self/fdinfo/%d", pidfd);
	ssize_t n = file_read_at(proc_fd, name, info, sizeof(info));

	if (n < 0)
		return (pid_t)n;
	char *p = strstr(info, "\nPid:\t");

	if (!p)
		return -EPROTO;
	p += strlen("\nPid:\t");
	p[strcspn(p, "\n")] = '\0';
	return str_to_i64(p, -1, INT32_MAX, &pid) == 0 ? (pid_t)pid : -EPROTO;
}

int proc_set_rlimits(pid_t pid, const struct config_rlimits *limits, struct err *e)
{
	for (size_t i = 0; i < limits->n; i++) {
		const struct config_rlimit *l = &limits->items[i];
		struct rlimit now = { .rlim_cur = l->soft, .rlim_max = l->hard };

		if (prlimit(pid, (enum __rlimit_resource)l->type, &now, NULL) < 0)
			return err_errno(e, "process.rlimits[%zu]: prlimit %s", i,
					 spec_name_of(spec_rlimits, l->type));
	}
	return 0;
}

int proc_set_oom_score(int proc_fd, pid_t pid, int64_t score, bool lenient, struct err *e)
{
	char name[48], text[24];

	(void)snprintf(name, sizeof(name), "%d/oom_score_adj", pid);
	(void)snprintf(text, sizeof(text), "%lld", (long long)score);
	int r = proc_write(proc_fd, name, text);

	if (r == -EACCES && lenient) {
		log_warn("process.oomScoreAdj: %s needs CAP_SYS_RESOURCE and is ignored", text);
		return 0;
	}
	return r < 0 ? err_sys(e, -r, "process.oomScoreAdj: write %s to /proc/%s", text, name) : 0;
}

/*
 * A keyring of that name that somebody lets be searched is joined, not made: keyctl(2). One that
 * has just been made is one's own, and nobody but who has it may search it.
 */
static bool is_fresh(long keyring)
{
	char text[512];
	unsigned uid, gid, perm;
	long n = sys_keyctl(KEYCTL_DESCRIBE, (unsigned long)keyring, (unsigned long)text,
			    sizeof(text));

	return n > 0 && n <= (long)sizeof(text) &&
	       sscanf(text, "keyring;%u;%u;%x;", &uid, &gid, &perm) == 3 && uid == sys_euid() &&
	       !(perm & SEARCH_BY_OTHERS);
}

int proc_new_keyring(int proc_fd, const char *id, const char *label, struct err *e)
{
	char name[300];

	/* until the execve, which refuses what cannot be; some kernels have none of keys */
	if (label && label[0])
		(void)file_write_at(proc_fd, "thread-self/attr/keycreate", label);
	(void)snprintf(name, sizeof(name), "_ses.%.255s", id);
	long r = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, (unsigned long)name, 0, 0);

	if (r > 0 && !is_fresh(r))
		r = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0);
	/* a kernel without keyrings has none to inherit either */
	if (r < 0 && r != -ENOSYS)
		return err_sys(e, (int)-r, "keyctl join session keyring %s", name);
	return 0;
}
