/*
 * test_path.c - resolution inside a root file system
 *
 * Each test runs three times, in a child: with openat2(2), and under a seccomp filter that refuses
 * it with ENOSYS (old kernels) and with EPERM (old container runtimes around hull), so that the
 * walk by hand has to give the same answers.
 */
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hull/fd.h"
#include "hull/path.h"
#include "unit.h"

static const char *top; /* holds root/ and, beside it, what must stay out of reach */
static int root = -1;   /* O_PATH descriptor of root/ */

static bool without_openat2(int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	REQUIRE(syscall(SYS_openat2, -1, "", NULL, 0) == -1 && errno == error);
	return true;
}

static const char *host(const char *below_top)
{
	return arena_printf(&unit_arena, "%s/%s", top, below_top);
}

static bool plant(void)
{
	REQUIRE(mkdir(host("root"), 0755) == 0);
	REQUIRE(mkdir(host("outside"), 0755) == 0);
	unit_write_file(host("outside/secret"), "secret");
	REQUIRE(mkdir(host("root/a"), 0755) == 0);
	REQUIRE(mkdir(host("root/a/b"), 0755) == 0);
	REQUIRE(mkdir(host("root/a/b/c"), 0755) == 0);
	unit_write_file(host("root/a/f"), "content");
	REQUIRE(mkfifo(host("root/a/fifo"), 0600) == 0);
	REQUIRE(symlink("/a/b", host("root/absolute")) == 0);
	REQUIRE(symlink("a/b", host("root/relative")) == 0);
	REQUIRE(symlink("../a/b/c", host("root/a/up")) == 0);
	REQUIRE(symlink("/a/f", host("root/file")) == 0);
	REQUIRE(symlink("/", host("root/a/b/top")) == 0);
	REQUIRE(symlink("../../../../../outside/secret", host("root/escape")) == 0);
	REQUIRE(symlink(host("outside"), host("root/escape-absolute")) == 0);
	REQUIRE(symlink("/new/dir/leaf", host("root/dangling")) == 0);
	REQUIRE(symlink("../fresh/./x/../leaf", host("root/a/crooked")) == 0);
	REQUIRE(symlink("loop-b", host("root/loop-a")) == 0);
	REQUIRE(symlink("loop-a", host("root/loop-b")) == 0);
	REQUIRE(symlink("self/x", host("root/self")) == 0);
	return true;
}

struct mode {
	const char *name;
	int refusal; /* of openat2; 0: none */
	bool (*body)(void);
};

static bool in_mode(void *arg)
{
	const struct mode *m = arg;

	(void)umask(0);
	top = unit_temp_path(m->name);
	REQUIRE(mkdir(top, 0755) == 0);
	REQUIRE(plant());
	root = open(host("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(root >= 0);
	unsigned before = unit_open_fds();

	REQUIRE(!m->refusal || without_openat2(m->refusal));
	REQUIRE(m->body());
	REQUIRE(unit_open_fds() == before);
	REQUIRE(strcmp(unit_read_file(host("outside/secret")), "secret") == 0);
	return true;
}

static void in_each_mode(bool (*body)(void))
{
	struct mode modes[] = {
		{ "native", 0, body },
		{ "enosys", ENOSYS, body },
		{ "eperm", EPERM, body },
	};

	(void)unit_temp_dir(); /* made here, so that the children share it and it goes away */
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int status = unit_fork(in_mode, &modes[i]);

		if (!WIFEXITED(status) || WEXITSTATUS(status))
			fail_msg("in mode %s", modes[i].name);
	}
}

/* A test whose body runs in a child, once per mode; it returns whether all went well. */
#define EACH_MODE(name)                                                                            \
	static bool name##_body(void);                                                             \
	TEST(name)                                                                                 \
	{                                                                                          \
		in_each_mode(name##_body);                                                         \
	}                                                                                          \
	static bool name##_body(void)

static bool is_same(int fd, const char *below_top)
{
	struct stat a, b;

	REQUIRE(fd >= 0);
	REQUIRE(fstat(fd, &a) == 0);
	REQUIRE(lstat(host(below_top), &b) == 0);
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool opens_as(const char *path, int flags, const char *below_top)
{
	_cleanup_close_ int fd = path_open_in_root(root, path, flags);
	bool ok = fd >= 0 && is_same(fd, below_top) && fcntl(fd, F_GETFD) == FD_CLOEXEC;

	if (!ok)
		(void)dprintf(2, "# \"%s\", flags %#x: expected %s, got %d\n", path,
			      (unsigned)flags, below_top, fd);
	return ok;
}

static bool opens(const char *path, const char *below_top)
{
	return opens_as(path, O_PATH, below_top);
}

static bool fails_as(const char *path, int flags, int error)
{
	_cleanup_close_ int fd = path_open_in_root(root, path, flags);

	if (fd != -error)
		(void)dprintf(2, "# \"%s\", flags %#x: expected -%d, got %d\n", path,
			      (unsigned)flags, error, fd);
	return fd == -error;
}

static bool fails(const char *path, int error)
{
	return fails_as(path, O_PATH, error);
}

EACH_MODE(plain_paths)
{
	REQUIRE(opens("/a/b/c", "root/a/b/c"));
	REQUIRE(opens("a/b/c", "root/a/b/c"));
	REQUIRE(opens("//a///b//c//", "root/a/b/c"));
	REQUIRE(opens("./a/./b/./c/.", "root/a/b/c"));
	REQUIRE(opens("/a/f", "root/a/f"));
	REQUIRE(opens("a/fifo", "root/a/fifo"));
	REQUIRE(opens("/", "root"));
	REQUIRE(opens(".", "root"));
	REQUIRE(opens("", "root"));
	return true;
}

EACH_MODE(dot_dot_stops_at_the_root)
{
	REQUIRE(opens("..", "root"));
	REQUIRE(opens("/../../../..", "root"));
	REQUIRE(opens("../../../../a/b", "root/a/b"));
	REQUIRE(opens("a/b/../../../../a", "root/a"));
	REQUIRE(opens("a/b/c/../..", "root/a"));
	REQUIRE(fails("../outside", ENOENT));
	REQUIRE(fails("a/../../outside/secret", ENOENT));
	return true;
}

EACH_MODE(dot_dot_is_not_a_matter_of_text)
{
	/* absent/.. is not the root, and file/.. is nothing at all */
	REQUIRE(fails("absent/..", ENOENT));
	REQUIRE(fails("a/f/..", ENOTDIR));
	REQUIRE(fails("a/f/.", ENOTDIR));
	/* ".." of a link is the parent of what it points at */
	REQUIRE(opens("absolute/..", "root/a"));
	REQUIRE(opens("a/b/top/..", "root"));
	return true;
}

EACH_MODE(linkless_opens_only_where_no_component_is_a_link)
{
	static const char *const links[] = { "/absolute", "/absolute/c", "/file",     "/a/up",
					     "/escape",   "/dangling",   "/a/b/top/a" };
	_cleanup_close_ int plain = path_open_linkless_in_root(root, "/a/../a/./f", O_PATH);

	REQUIRE(is_same(plain, "root/a/f"));
	REQUIRE(path_open_linkless_in_root(root, "/a/none", O_PATH) == -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		REQUIRE(path_open_linkless_in_root(root, links[i], O_PATH) == -ELOOP);
	return true;
}

EACH_MODE(links_stay_inside)
{
	REQUIRE(opens("absolute", "root/a/b"));
	REQUIRE(opens("absolute/c", "root/a/b/c"));
	REQUIRE(opens("relative/c", "root/a/b/c"));
	REQUIRE(opens("a/up", "root/a/b/c"));
	REQUIRE(opens("file", "root/a/f"));
	REQUIRE(opens("a/b/top/a/b/top/a/f", "root/a/f"));
	REQUIRE(fails("escape", ENOENT));
	REQUIRE(fails("escape-absolute", ENOENT));
	REQUIRE(fails("escape-absolute/secret", ENOENT));
	/* the same link, once the container has such a file of its own */
	REQUIRE(mkdir(host("root/outside"), 0755) == 0);
	unit_write_file(host("root/outside/secret"), "ours");
	REQUIRE(opens("escape", "root/outside/secret"));
	return true;
}

EACH_MODE(a_last_link_can_be_asked_for_itself)
{
	REQUIRE(opens_as("absolute", O_PATH | O_NOFOLLOW, "root/absolute"));
	REQUIRE(opens_as("dangling", O_PATH | O_NOFOLLOW, "root/dangling"));
	REQUIRE(opens_as("a/b/top", O_PATH | O_NOFOLLOW, "root/a/b/top"));
	/* only the last one */
	REQUIRE(opens_as("absolute/c", O_PATH | O_NOFOLLOW, "root/a/b/c"));
	REQUIRE(opens_as("absolute/top", O_PATH | O_NOFOLLOW, "root/a/b/top"));
	/* a slash after it asks for what it points at */
	REQUIRE(opens_as("absolute/", O_PATH | O_NOFOLLOW, "root/a/b"));
	REQUIRE(fails_as("file", O_RDONLY | O_NOFOLLOW, ELOOP));
	return true;
}

EACH_MODE(a_directory_can_be_demanded)
{
	REQUIRE(opens_as("absolute", O_PATH | O_DIRECTORY, "root/a/b"));
	REQUIRE(fails_as("a/f", O_PATH | O_DIRECTORY, ENOTDIR));
	REQUIRE(fails_as("file", O_PATH | O_DIRECTORY, ENOTDIR));
	REQUIRE(fails_as("absolute", O_PATH | O_DIRECTORY | O_NOFOLLOW, ENOTDIR));
	REQUIRE(fails("a/f/", ENOTDIR));
	REQUIRE(fails("file/", ENOTDIR));
	return true;
}

static bool reads(const char *path, const char *expected)
{
	char buf[64];
	_cleanup_close_ int fd = path_open_in_root(root, path, O_RDONLY);

	REQUIRE(fd >= 0);
	REQUIRE(fd_read_text(fd, buf, sizeof(buf)) >= 0);
	return !strcmp(buf, expected);
}

EACH_MODE(files_open_for_reading)
{
	REQUIRE(reads("/a/f", "content"));
	REQUIRE(reads("file", "content")); /* through a link */
	REQUIRE(reads("a/b/top/file", "content"));
	REQUIRE(fails_as("escape", O_RDONLY, ENOENT));
	REQUIRE(fails_as("loop-a", O_RDONLY, ELOOP));
	REQUIRE(opens_as("/", O_RDONLY | O_DIRECTORY, "root"));
	REQUIRE(opens_as("a/b/..", O_RDONLY | O_DIRECTORY, "root/a"));
	REQUIRE(opens_as("absolute", O_RDONLY | O_DIRECTORY, "root/a/b"));
	REQUIRE(opens_as("a/fifo", O_RDONLY | O_NONBLOCK, "root/a/fifo"));
	return true;
}

EACH_MODE(looking_creates_nothing)
{
	REQUIRE(fails("missing/dir/file", ENOENT));
	REQUIRE(fails_as("missing/dir/file", O_RDONLY, ENOENT));
	REQUIRE(fails_as("dangling", O_RDONLY, ENOENT));
	REQUIRE(access(host("root/missing"), F_OK) < 0);
	REQUIRE(access(host("root/new"), F_OK) < 0);
	return true;
}

EACH_MODE(a_file_is_no_directory)
{
	REQUIRE(fails("a/f/x", ENOTDIR));
	REQUIRE(fails("file/x", ENOTDIR));
	REQUIRE(fails("a/fifo/x", ENOTDIR));
	return true;
}

EACH_MODE(loops_end)
{
	REQUIRE(fails("loop-a", ELOOP));
	REQUIRE(fails("loop-b/x", ELOOP));
	REQUIRE(fails("self", ELOOP));
	REQUIRE(path_make_in_root(root, "loop-a", PATH_FILE, 0644) == -ELOOP);
	REQUIRE(path_make_in_root(root, "self", PATH_DIR, 0755) == -ELOOP);
	return true;
}

EACH_MODE(forty_links_are_followed_and_no_more)
{
	for (int i = 1; i <= 41; i++) {
		const char *target = i == 1 ? "/a/f" : arena_printf(&unit_arena, "n%d", i - 1);

		REQUIRE(symlink(target, host(arena_printf(&unit_arena, "root/n%d", i))) == 0);
	}
	REQUIRE(opens("n40", "root/a/f"));
	REQUIRE(fails("n41", ELOOP));
	return true;
}

EACH_MODE(long_names)
{
	char name[NAME_MAX + 2];
	char path[PATH_MAX + 10];

	memset(name, 'n', sizeof(name) - 1);
	name[NAME_MAX + 1] = '\0';
	REQUIRE(fails(name, ENAMETOOLONG));
	REQUIRE(path_make_in_root(root, name, PATH_FILE, 0644) == -ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	REQUIRE(fails(name, ENOENT));
	_cleanup_close_ int fd = path_make_in_root(root, name, PATH_FILE, 0644);

	REQUIRE(fd >= 0);
	REQUIRE(opens(name, arena_printf(&unit_arena, "root/%s", name)));
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 1 - strlen("a/f"), "a/f", sizeof("a/f"));
	REQUIRE(strlen(path) == PATH_MAX - 1);
	REQUIRE(opens(path, "root/a/f"));
	memcpy(path + PATH_MAX - 1, "/", sizeof("/"));
	REQUIRE(fails(path, ENAMETOOLONG));
	return true;
}

static bool makes(const char *path, enum path_kind kind, mode_t mode, const char *below_top)
{
	struct stat st;
	_cleanup_close_ int fd = path_make_in_root(root, path, kind, mode);

	if (fd < 0)
		(void)dprintf(2, "# making \"%s\": %d\n", path, fd);
	REQUIRE(fd >= 0);
	REQUIRE(fcntl(fd, F_GETFL) & O_PATH);
	REQUIRE(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	REQUIRE(is_same(fd, below_top));
	REQUIRE(fstat(fd, &st) == 0);
	REQUIRE((st.st_mode & 07777) == mode);
	return kind == PATH_DIR ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode);
}

static bool has_mode(const char *below_top, mode_t mode)
{
	struct stat st;

	REQUIRE(lstat(host(below_top), &st) == 0);
	return (st.st_mode & 07777) == mode;
}

EACH_MODE(missing_tails_are_made)
{
	REQUIRE(makes("/x/y/z", PATH_DIR, 0700, "root/x/y/z"));
	REQUIRE(has_mode("root/x", 0755));
	REQUIRE(has_mode("root/x/y", 0755));
	REQUIRE(makes("p/q/file", PATH_FILE, 0640, "root/p/q/file"));
	REQUIRE(makes("absolute/more", PATH_DIR, 01777, "root/a/b/more"));
	REQUIRE(makes("../../beside", PATH_DIR, 0755, "root/beside"));
	REQUIRE(access(host("beside"), F_OK) < 0);
	REQUIRE(makes("with/slash/", PATH_DIR, 0755, "root/with/slash"));
	REQUIRE(path_make_in_root(root, "with/file/", PATH_FILE, 0644) == -ENOTDIR);
	REQUIRE(access(host("root/with/file"), F_OK) < 0);
	return true;
}

EACH_MODE(what_dangling_links_point_at_is_made_inside)
{
	REQUIRE(makes("dangling", PATH_FILE, 0644, "root/new/dir/leaf"));
	REQUIRE(makes("a/crooked", PATH_DIR, 0755, "root/fresh/leaf"));
	REQUIRE(makes("escape", PATH_FILE, 0600, "root/outside/secret"));
	REQUIRE(symlink("/etc/deep", host("root/var")) == 0);
	REQUIRE(makes("var/run/lock", PATH_DIR, 0755, "root/etc/deep/run/lock"));
	return true;
}

EACH_MODE(what_exists_is_opened_and_left_alone)
{
	REQUIRE(chmod(host("root/a/f"), 0604) == 0);
	REQUIRE(makes("file", PATH_FILE, 0604, "root/a/f"));
	REQUIRE(strcmp(unit_read_file(host("root/a/f")), "content") == 0);
	_cleanup_close_ int fifo = path_make_in_root(root, "a/fifo", PATH_FILE, 0644);

	REQUIRE(is_same(fifo, "root/a/fifo"));
	REQUIRE(makes("/", PATH_DIR, 0755, "root"));
	REQUIRE(makes("relative", PATH_DIR, 0755, "root/a/b"));
	return true;
}

EACH_MODE(what_is_of_the_other_kind_is_refused)
{
	REQUIRE(path_make_in_root(root, "a/f", PATH_DIR, 0755) == -ENOTDIR);
	REQUIRE(path_make_in_root(root, "file", PATH_DIR, 0755) == -ENOTDIR);
	REQUIRE(path_make_in_root(root, "a", PATH_FILE, 0644) == -EISDIR);
	REQUIRE(path_make_in_root(root, "absolute", PATH_FILE, 0644) == -EISDIR);
	REQUIRE(path_make_in_root(root, "a/f/x", PATH_FILE, 0644) == -ENOTDIR);
	REQUIRE(path_make_in_root(root, "a/fifo/x", PATH_DIR, 0755) == -ENOTDIR);
	return true;
}

EACH_MODE(parents_with_the_name_that_is_left)
{
	const char *name = NULL;
	_cleanup_close_ int a = path_parent_in_root(root, "/a/b/null", &name);

	REQUIRE(is_same(a, "root/a/b"));
	REQUIRE(!strcmp(name, "null"));
	_cleanup_close_ int made = path_parent_in_root(root, "dev/net/tun", &name);

	REQUIRE(is_same(made, "root/dev/net"));
	REQUIRE(!strcmp(name, "tun"));
	REQUIRE(access(host("root/dev/net/tun"), F_OK) < 0);
	_cleanup_close_ int linked = path_parent_in_root(root, "absolute/x", &name);

	REQUIRE(is_same(linked, "root/a/b"));
	/* the last component is nobody's business yet, a link or not */
	_cleanup_close_ int link = path_parent_in_root(root, "dangling", &name);

	REQUIRE(is_same(link, "root"));
	REQUIRE(!strcmp(name, "dangling"));
	return true;
}

EACH_MODE(parents_of_what_has_no_name)
{
	static const char *const nameless[] = { "", "/", ".", "..", "a/", "a/.", "a/..", "/.." };
	const char *name = "untouched";

	for (size_t i = 0; i < ARRAY_SIZE(nameless); i++)
		REQUIRE(path_parent_in_root(root, nameless[i], &name) == -EINVAL);
	REQUIRE(path_parent_in_root(root, "a/f/x", &name) == -ENOTDIR);
	REQUIRE(!strcmp(name, "untouched"));
	return true;
}

/* Magic links jump wherever a process's descriptors are: out of the root, if anyone follows. */
EACH_MODE(magic_links_lead_nowhere)
{
	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) < 0)
		return true; /* see the test below, which says so */
	_cleanup_close_ int outside = open(host("outside"), O_PATH | O_CLOEXEC);

	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	REQUIRE(mkdir(host("root/proc"), 0755) == 0);
	REQUIRE(mount("/proc", host("root/proc"), NULL, MS_BIND | MS_REC, NULL) == 0);
	REQUIRE(chdir(host("outside")) == 0);
	/* the one in "root" is of the mount namespace that was left */
	_cleanup_close_ int here = open(host("root"), O_PATH | O_CLOEXEC);

	_cleanup_close_ int proc = path_open_in_root(here, "proc/version", O_PATH);

	REQUIRE(is_same(proc, "root/proc/version"));
	const char *fd = arena_printf(&unit_arena, "proc/self/fd/%d", outside);
	const char *const ways[] = { "proc/self/cwd", fd, "proc/thread-self/cwd" };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const char *in = arena_printf(&unit_arena, "%s/secret", ways[i]);

		REQUIRE(path_open_in_root(here, ways[i], O_PATH) == -ELOOP);
		REQUIRE(path_open_in_root(here, in, O_RDONLY) == -ELOOP);
		REQUIRE(path_make_in_root(here, in, PATH_DIR, 0755) == -ELOOP);
	}
	/* this one's text is "/", which in here is the root */
	REQUIRE(path_open_in_root(here, "proc/self/root", O_PATH) == -ELOOP);
	/* a plain link */
	_cleanup_close_ int net = path_open_in_root(here, "proc/net/dev", O_PATH);

	REQUIRE(net >= 0);
	return true;
}

TEST(magic_links_can_be_tested_here)
{
	if (geteuid() != 0 && access("/proc/self/ns/user", F_OK) != 0)
		skip_because("no user namespaces: magic links were not tried");
}

static bool made_dirs(void *arg)
{
	(void)umask(0);
	top = arg;
	_cleanup_close_ int fd = path_mkdirs(host("one/two/three"), 0711);

	REQUIRE(is_same(fd, "one/two/three"));
	REQUIRE(has_mode("one", 0711) && has_mode("one/two/three", 0711));
	_cleanup_close_ int again = path_mkdirs(host("one//two/./three/"), 0700);

	REQUIRE(is_same(again, "one/two/three"));
	REQUIRE(has_mode("one/two", 0711));
	/* a host path is trusted: its links are followed */
	REQUIRE(symlink("one/two", host("link")) == 0);
	_cleanup_close_ int linked = path_mkdirs(host("link/four"), 0700);

	REQUIRE(is_same(linked, "one/two/four"));
	unit_write_file(host("file"), "");
	REQUIRE(path_mkdirs(host("file/x"), 0700) == -ENOTDIR);
	char name[NAME_MAX + 2] = "";

	memset(name, 'n', NAME_MAX + 1);
	REQUIRE(path_mkdirs(host(name), 0700) == -ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	_cleanup_close_ int longest = path_mkdirs(host(name), 0700);

	REQUIRE(is_same(longest, name));
	REQUIRE(chdir(top) == 0);
	_cleanup_close_ int relative = path_mkdirs("one/five", 0700);

	REQUIRE(is_same(relative, "one/five"));
	return true;
}

TEST(mkdirs_for_host_paths)
{
	unit_in_child(made_dirs, (void *)unit_temp_dir());
}
