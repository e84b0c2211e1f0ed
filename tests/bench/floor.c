/*
 * floor.c - what the kernel alone asks for: the yardstick of `make bench`
 *
 *     floor run ROOTFS NAME        the calls of a container of `hull spec`, with ROOTFS/true in it
 *     floor exec PID               the calls of one more process, /true, in the container of PID
 *     floor peak COMMAND...        not a yardstick: the memory of another program's largest process
 *
 * The same namespaces, mounts, groups, device rules and capabilities as hull makes of that
 * configuration, each by the fewest calls there are, with nothing read, checked, kept, undone or
 * said: a failed call is the line number on stderr and status 1. Paths are followed as they come,
 * which no runtime may do.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"
#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MUST(call) ((call) < 0 ? fail(__LINE__) : (void)0)

static char groups[16][128]; /* the container's directory of each hierarchy */
static int ngroups;
static const char *group_v2; /* that of them which clone3(2) takes */

static void fail(int line)
{
	fprintf(stderr, "floor: line %d: %m\n", line);
	_exit(1);
}

static void put(const char *dir, const char *file, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	int fd = open(path, O_WRONLY);

	MUST(fd);
	MUST(write(fd, text, strlen(text)));
	(void)close(fd);
}

/* v2 at /sys/fs/cgroup itself, or a v1 hierarchy, or "unified", in each directory there. */
static void find_groups(const char *name)
{
	if (access(CGROUPS "/cgroup.procs", F_OK) == 0) {
		(void)snprintf(groups[ngroups++], sizeof(groups[0]), CGROUPS "/%s", name);
		group_v2 = groups[0];
		return;
	}
	DIR *dir = opendir(CGROUPS);
	const struct dirent *entry;

	if (!dir)
		fail(__LINE__);
	while ((entry = readdir(dir)) && ngroups < (int)ARRAY_SIZE(groups)) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (!strcmp(entry->d_name, "unified"))
			group_v2 = groups[ngroups];
		(void)snprintf(groups[ngroups++], sizeof(groups[0]), CGROUPS "/%.64s/%s",
			       entry->d_name, name);
	}
	(void)closedir(dir);
}

static void make_groups(void)
{
	static const char *const devices[] = { "c *:* m",   "b *:* m",     "c 1:3 rwm",
					       "c 1:5 rwm", "c 1:7 rwm",   "c 1:8 rwm",
					       "c 1:9 rwm", "c 5:0 rwm",   "c 5:1 rwm",
					       "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm" };

	for (int i = 0; i < ngroups; i++) {
		MUST(mkdir(groups[i], 0755));
		if (strstr(groups[i], "/cpuset/")) {
			put(groups[i], "cpuset.cpus", "0");
			put(groups[i], "cpuset.mems", "0");
		}
		if (!strstr(groups[i], "/devices/"))
			continue;
		put(groups[i], "devices.deny", "a");
		for (size_t n = 0; n < ARRAY_SIZE(devices); n++)
			put(groups[i], "devices.allow", devices[n]);
	}
}

/* The container's own directory of each hierarchy. */
static void mount_view(void)
{
	if (ngroups == 1) {
		MUST(mount("cgroup", "sys/fs/cgroup", "cgroup2",
			   MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL));
		return;
	}
	MUST(mount("cgroup", "sys/fs/cgroup", "tmpfs", 0, "mode=755"));
	for (int i = 0; i < ngroups; i++) {
		char place[128];
		int n = (int)strcspn(groups[i] + sizeof(CGROUPS), "/");

		(void)snprintf(place, sizeof(place), "sys/fs/cgroup/%.*s", n,
			       groups[i] + sizeof(CGROUPS));
		MUST(mkdir(place, 0755));
		MUST(mount(groups[i], place, NULL, MS_BIND, NULL));
	}
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

	MUST(mount_setattr(AT_FDCWD, "sys/fs/cgroup", AT_RECURSIVE, &attr, sizeof(attr)));
}

/* readonlyPaths and maskedPaths, as far as this kernel has them. */
static void hide(void)
{
	static const char *const readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys" };
	static const char *const masked[] = { "proc/acpi", "sys/firmware" };
	static const char *const files[] = { "proc/keys", "proc/timer_list" };

	for (size_t i = 0; i < ARRAY_SIZE(readonly); i++) {
		MUST(mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL));
		MUST(mount(NULL, readonly[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
	}
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++)
		MUST(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		MUST(mount("dev/null", files[i], NULL, MS_BIND, NULL));
	MUST(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
}

static void make_mounts(const char *rootfs)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	const dev_t numbers[] = { makedev(1, 3), makedev(1, 5), makedev(1, 7),
				  makedev(1, 8), makedev(1, 9), makedev(5, 0) };

	MUST(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
	MUST(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
	MUST(chdir(rootfs));
	MUST(mount("proc", "proc", "proc", 0, NULL));
	MUST(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"));
	MUST(mkdir("dev/pts", 0755));
	MUST(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		   "newinstance,ptmxmode=0666,mode=0620,gid=5"));
	MUST(mkdir("dev/shm", 0755));
	MUST(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV,
		   "mode=1777,size=65536k"));
	MUST(mkdir("dev/mqueue", 0755));
	MUST(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL));
	MUST(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL));
	mount_view();
	(void)umask(0);
	MUST(chdir("dev"));
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		MUST(mknod(nodes[i], S_IFCHR | 0666, numbers[i]));
	MUST(symlink("/proc/self/fd", "fd"));
	MUST(symlink("/proc/self/fd/0", "stdin"));
	MUST(symlink("/proc/self/fd/1", "stdout"));
	MUST(symlink("/proc/self/fd/2", "stderr"));
	MUST(symlink("pts/ptmx", "ptmx"));
	MUST(chdir(".."));
	(void)umask(022);
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(chdir("/"));
	hide();
}

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	MUST(fd);
	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	(void)close(fd);
}

/* Of `hull spec`: CAP_AUDIT_WRITE, CAP_KILL and CAP_NET_BIND_SERVICE. */
static void become_user(void)
{
	const uint32_t caps = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = caps, .permitted = caps } };

	MUST(setsid());
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (cap > 31 || !(caps >> cap & 1))
			MUST(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	}
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	MUST(syscall(SYS_capset, &header, data));
	(void)execl("/true", "/true", NULL);
	fail(__LINE__);
}

/*
 * What moves a process by cgroup.procs waits for all processors (a grace period of RCU, ten
 * milliseconds on a host that has done no such thing just now); "tasks" of v1 and clone3(2) do not.
 */
static void join_groups(void)
{
	for (int i = 0; i < ngroups; i++) {
		if (groups[i] != group_v2)
			put(groups[i], "tasks", "0");
	}
}

static int open_group(void)
{
	int fd = group_v2 ? open(group_v2, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (group_v2)
		MUST(fd);
	return fd;
}

static pid_t spawn(uint64_t flags, int group)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	if (group >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	MUST(pid);
	return pid;
}

static void child(const char *rootfs)
{
	const struct rlimit files = { 1024, 1024 };

	join_groups();
	MUST(unshare(CLONE_NEWCGROUP));
	loopback_up();
	make_mounts(rootfs);
	MUST(sethostname("hull", 4));
	MUST(setrlimit(RLIMIT_NOFILE, &files));
	become_user();
}

static int wait_for(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *rootfs, const char *name)
{
	find_groups(name);
	make_groups();
	pid_t pid = spawn(NAMESPACES & ~CLONE_NEWCGROUP, open_group());

	if (pid == 0)
		child(rootfs);
	int status = wait_for(pid);

	for (int i = 0; i < ngroups; i++)
		MUST(rmdir(groups[i]));
	return status;
}

/* Kibibytes of the largest process of the command, on standard output. */
static int peak(char **argv)
{
	struct rusage use;
	pid_t pid = fork();

	MUST(pid);
	if (pid == 0) {
		(void)execvp(argv[0], argv);
		fail(__LINE__);
	}
	int status = wait_for(pid);

	MUST(getrusage(RUSAGE_CHILDREN, &use));
	printf("%ld\n", use.ru_maxrss);
	return status;
}

static void find_groups_of(pid_t pid)
{
	char path[64], text[4096] = "", line[128];

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	int fd = open(path, O_RDONLY);

	MUST(fd);
	MUST(read(fd, text, sizeof(text) - 1));
	(void)close(fd);
	bool v1 = access(CGROUPS "/cgroup.procs", F_OK) < 0;

	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		char controllers[64] = "unified", *group;
		bool is_v2 = !strncmp(p, "0:", 2);

		if (!is_v2 && !v1)
			continue;
		(void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		group = strrchr(line, ':');
		(void)sscanf(line, "%*d:%63[^:=]:", controllers);
		(void)sscanf(line, "%*d:name=%63[^:]", controllers);
		if (is_v2)
			group_v2 = groups[ngroups];
		(void)snprintf(groups[ngroups++], sizeof(groups[0]), CGROUPS "/%s%s",
			       v1 ? controllers : "", group + 1);
	}
}

static int exec_in(pid_t pid)
{
	const struct rlimit files = { 1024, 1024 };
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	MUST(pidfd);
	find_groups_of(pid);
	join_groups();
	int group = open_group();

	MUST(setns(pidfd, NAMESPACES));
	pid_t child = spawn(0, group);

	if (child == 0) {
		MUST(setrlimit(RLIMIT_NOFILE, &files));
		become_user();
	}
	return wait_for(child);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "exec"))
		return exec_in(atoi(argv[2]));
	if (argc > 2 && !strcmp(argv[1], "peak"))
		return peak(argv + 2);
	fprintf(stderr, "usage: floor run ROOTFS NAME | floor exec PID | floor peak COMMAND...\n");
	return 2;
}
