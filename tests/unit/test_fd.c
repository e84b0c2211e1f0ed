/* test_fd.c - whole reads and writes, replacing files, passing descriptors, long socket names */
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <sys/time.h>

#include "hull/fd.h"
#include "unit.h"

TEST(close_ignores_minus_one_and_keeps_errno)
{
	errno = ENOTTY;
	fd_close(-1);
	assert_int_equal(errno, ENOTTY);
	fd_close(9999); /* EBADF */
	assert_int_equal(errno, ENOTTY);
}

static int open_and_leave_scope(void)
{
	_cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd;
}

static int open_and_steal(void)
{
	_cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd_steal(&fd);
}

TEST(cleanup_closes_what_was_not_stolen)
{
	int left = open_and_leave_scope();

	assert_false(fd_is_open(left));
	int stolen = open_and_steal();

	assert_true(fd_is_open(stolen));
	(void)close(stolen);
	assert_false(fd_is_open(stolen));
}

TEST(read_text_wants_room_for_the_terminator)
{
	char buf[8];

	unit_write_file(unit_temp_path("f"), "1234567");
	assert_int_equal(file_read_at(unit_temp_fd(), "f", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	unit_write_file(unit_temp_path("f"), "12345678");
	assert_int_equal(file_read_at(unit_temp_fd(), "f", buf, sizeof(buf)), -E2BIG);
	assert_int_equal(file_read_at(unit_temp_fd(), "absent", buf, sizeof(buf)), -ENOENT);
}

TEST(read_text_collects_pieces)
{
	char buf[16];
	int p[2];

	assert_int_equal(pipe(p), 0);
	assert_int_equal(fd_write_all(p[1], "abc", 3), 0);
	assert_int_equal(fd_write_all(p[1], "def", 3), 0);
	(void)close(p[1]);
	assert_int_equal(fd_read_text(p[0], buf, sizeof(buf)), 6);
	assert_string_equal(buf, "abcdef");
	(void)close(p[0]);
}

static int read_file(const char *path, size_t limit, char **text, size_t *len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd_read_file(fd, &unit_arena, limit, text, len);
}

TEST(read_file_of_every_kind)
{
	char *text = NULL;
	size_t len = 77;

	unit_write_file(unit_temp_path("f"), "");
	assert_int_equal(read_file(unit_temp_path("f"), 100, &text, &len), 0);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	unit_write_file(unit_temp_path("f"), "hello");
	assert_int_equal(read_file(unit_temp_path("f"), 5, &text, NULL), 0);
	assert_string_equal(text, "hello");
	/* says that it has no size, like all of /proc */
	assert_int_equal(read_file("/proc/self/status", 1 << 20, &text, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, "\nUid:"));
}

TEST(read_file_keeps_its_limit)
{
	char *text = NULL;

	unit_write_file(unit_temp_path("f"), "hello");
	assert_int_equal(read_file(unit_temp_path("f"), 4, &text, NULL), -EFBIG);
	assert_int_equal(read_file("/proc/self/status", 100, &text, NULL), -EFBIG);
	assert_int_equal(read_file("/dev/zero", 10000, &text, NULL), -EFBIG);
	assert_null(text);
}

TEST(read_file_grows_for_a_pipe_and_keeps_nuls)
{
	static char data[50000];
	char *text;
	size_t len;
	int p[2];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i % 7 ? 'a' + i % 26 : '\0');
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fd_write_all(p[1], data, sizeof(data)), 0); /* a pipe holds 64 KiB */
	(void)close(p[1]);
	assert_int_equal(fd_read_file(p[0], &unit_arena, 1 << 20, &text, &len), 0);
	(void)close(p[0]);
	assert_int_equal(len, sizeof(data));
	assert_memory_equal(text, data, len);
	assert_int_equal(text[len], '\0');
}

TEST(no_bytes_are_no_error)
{
	char c;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	errno = EIO; /* left over from something else */
	assert_int_equal(fd_write(fd, "", 0), 0);
	assert_int_equal(fd_read(fd, &c, 1), 0);
	assert_int_equal(fd_write_all(fd, "", 0), 0);
	(void)close(fd);
	assert_int_equal(fd_write(fd, "x", 1), -EBADF);
	assert_int_equal(fd_read(fd, &c, 1), -EBADF);
	assert_int_equal(fd_write_all(fd, "x", 1), -EBADF);
}

static int alarm_pipe[2];

/* The call that is interrupted has something to do when it is tried again. */
static void on_alarm(int sig)
{
	char drained[1 << 16];

	(void)sig;
	(void)!write(alarm_pipe[1], "x", 1);
	if (fcntl(alarm_pipe[0], F_GETFL) & O_NONBLOCK)
		(void)!read(alarm_pipe[0], drained, sizeof(drained));
}

static bool interrupted(void *arg)
{
	static char block[1 << 16];
	struct sigaction action = { .sa_handler = on_alarm }; /* without SA_RESTART */
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	char c;

	(void)arg;
	REQUIRE(pipe(alarm_pipe) == 0);
	REQUIRE(sigaction(SIGALRM, &action, NULL) == 0);
	REQUIRE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	REQUIRE(fd_read(alarm_pipe[0], &c, 1) == 1 && c == 'x');
	REQUIRE(fcntl(alarm_pipe[1], F_SETPIPE_SZ, sizeof(block)) == sizeof(block));
	REQUIRE(fd_write_all(alarm_pipe[1], block, sizeof(block)) == 0); /* full */
	REQUIRE(fcntl(alarm_pipe[0], F_SETFL, O_NONBLOCK) == 0);
	/* the handler must not block on the full pipe itself */
	int spare = alarm_pipe[1];

	alarm_pipe[1] = open("/dev/null", O_WRONLY);
	REQUIRE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	REQUIRE(fd_write(spare, "y", 1) == 1);
	return true;
}

TEST(signals_do_not_interrupt)
{
	unit_in_child(interrupted, NULL);
}

TEST(a_descriptor_is_open_with_and_without_a_flag)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd_is_open(fd));
	assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	assert_true(fd_is_open(fd));
	(void)close(fd);
	assert_false(fd_is_open(fd));
	assert_false(fd_is_open(-1));
}

TEST(write_at_neither_creates_nor_truncates)
{
	assert_int_equal(file_write_at(unit_temp_fd(), "f", "x"), -ENOENT);
	assert_int_equal(access(unit_temp_path("f"), F_OK), -1);
	unit_write_file(unit_temp_path("f"), "12345");
	assert_int_equal(file_write_at(unit_temp_fd(), "f", "ab"), 0);
	assert_string_equal(unit_read_file(unit_temp_path("f")), "ab345");
}

TEST(write_at_tells_the_kernels_refusal)
{
	int proc = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(proc >= 0);
	assert_int_equal(file_write_at(proc, "oom_score_adj", "no number"), -EINVAL);
	(void)close(proc);
}

static bool is_only_file(const char *name)
{
	struct stat st;

	/* "." and ".." and the file: nothing else was left behind */
	return stat(unit_temp_path(name), &st) == 0 &&
	       stat(unit_temp_path(arena_printf(&unit_arena, ".%s.tmp", name)), &st) < 0;
}

TEST(replace_makes_a_file_with_its_mode)
{
	struct stat st;
	mode_t before = umask(0);

	assert_int_equal(file_replace_at(unit_temp_fd(), "f", 0640, "new", 3), 0);
	(void)umask(before);
	assert_string_equal(unit_read_file(unit_temp_path("f")), "new");
	assert_int_equal(stat(unit_temp_path("f"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_true(is_only_file("f"));
}

TEST(replace_leaves_readers_the_old_file)
{
	char buf[16];

	unit_write_file(unit_temp_path("f"), "old");
	_cleanup_close_ int reader = open(unit_temp_path("f"), O_RDONLY | O_CLOEXEC);

	assert_int_equal(file_replace_at(unit_temp_fd(), "f", 0600, "brand new", 9), 0);
	assert_int_equal(fd_read_text(reader, buf, sizeof(buf)), 3);
	assert_string_equal(buf, "old");
	assert_string_equal(unit_read_file(unit_temp_path("f")), "brand new");
}

TEST(replace_takes_over_from_a_dead_writer)
{
	unit_write_file(unit_temp_path(".f.tmp"), "half of");
	assert_int_equal(file_replace_at(unit_temp_fd(), "f", 0600, "whole", 5), 0);
	assert_string_equal(unit_read_file(unit_temp_path("f")), "whole");
	assert_true(is_only_file("f"));
}

TEST(replace_never_writes_through_a_link)
{
	unit_write_file(unit_temp_path("victim"), "untouched");
	assert_int_equal(symlink(unit_temp_path("victim"), unit_temp_path(".f.tmp")), 0);
	assert_int_equal(symlink(unit_temp_path("victim"), unit_temp_path("f")), 0);
	assert_int_equal(file_replace_at(unit_temp_fd(), "f", 0600, "new", 3), 0);
	assert_string_equal(unit_read_file(unit_temp_path("victim")), "untouched");
	assert_string_equal(unit_read_file(unit_temp_path("f")), "new");
}

static bool replace_with_little_room(void *arg)
{
	static char data[10000];

	/* the file system is "full" after 100 bytes */
	(void)signal(SIGXFSZ, SIG_IGN);
	REQUIRE(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 100, 100 }) == 0);
	REQUIRE(file_replace_at(*(int *)arg, "f", 0600, data, sizeof(data)) == -EFBIG);
	return true;
}

TEST(replace_that_fails_leaves_the_old_content_and_no_rest)
{
	int dir = unit_temp_fd();

	unit_write_file(unit_temp_path("f"), "old");
	unit_in_child(replace_with_little_room, &dir);
	assert_string_equal(unit_read_file(unit_temp_path("f")), "old");
	assert_true(is_only_file("f"));
}

TEST(replace_cannot_replace_a_directory)
{
	assert_int_equal(mkdir(unit_temp_path("d"), 0700), 0);
	assert_int_equal(file_replace_at(unit_temp_fd(), "d", 0600, "x", 1), -EISDIR);
	assert_true(is_only_file("d"));
}

TEST(replace_refuses_a_name_without_room_for_its_temporary_one)
{
	char name[NAME_MAX + 1];

	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_int_equal(file_replace_at(unit_temp_fd(), name, 0600, "x", 1), -ENAMETOOLONG);
	name[NAME_MAX - 5] = '\0';
	assert_int_equal(file_replace_at(unit_temp_fd(), name, 0600, "x", 1), 0);
}

static void pass_over(int type)
{
	int s[2], fd = 77;
	char buf[16] = "";
	struct stat sent, got;

	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, s), 0);
	_cleanup_close_ int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(fd_send(s[0], file, "hello", 5), 0);
	assert_int_equal(fd_recv(s[1], &fd, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_true(fd >= 0 && fd != file);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(file, &sent), 0);
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(sent.st_rdev, got.st_rdev);
	(void)close(fd);
	(void)close(s[0]);
	fd = 77;
	assert_int_equal(fd_recv(s[1], &fd, buf, sizeof(buf)), 0); /* end of file */
	assert_int_equal(fd, -1);
	(void)close(s[1]);
}

TEST(a_descriptor_passes_over_both_kinds_of_socket)
{
	pass_over(SOCK_STREAM);
	pass_over(SOCK_SEQPACKET);
}

TEST(a_message_without_a_descriptor)
{
	int s[2], fd = 77;
	char buf[16];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	assert_int_equal(write(s[0], "x", 1), 1);
	assert_int_equal(fd_recv(s[1], &fd, buf, sizeof(buf)), 1);
	assert_int_equal(fd, -1);
	(void)close(s[0]);
	(void)close(s[1]);
}

/* What a hostile peer may do: more descriptors in a message than were asked for. */
static void send_many(int sock, int fd, size_t n)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(n * sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(n * sizeof(int)) };

	for (size_t i = 0; i < n; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd, sizeof(fd));
	assert_int_equal(sendmsg(sock, &msg, 0), 1);
}

TEST(more_than_one_descriptor_is_refused_and_none_stays_open)
{
	int s[2], fd = 77;
	char buf[16];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	unsigned before = unit_open_fds();

	for (size_t n = 2; n <= 8; n++) {
		send_many(s[0], s[0], n);
		assert_int_equal(fd_recv(s[1], &fd, buf, sizeof(buf)), -EPROTO);
		assert_int_equal(fd, 77);
		assert_int_equal(unit_open_fds(), before);
	}
	(void)close(s[0]);
	(void)close(s[1]);
}

TEST(sending_to_nobody_is_an_error_and_no_signal)
{
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	(void)close(s[1]);
	assert_int_equal(fd_send(s[0], s[0], "x", 1), -EPIPE);
	(void)close(s[0]);
}

/* Listens on "sock" in a directory whose path makes the whole @length characters long. */
static const char *listen_at_length(size_t length, int *ret)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s", unit_temp_dir());
	while (strlen(path) + strlen("/sock") < length) {
		size_t left = length - strlen(path) - strlen("/sock") - 1;

		assert_true(
			str_append(path, sizeof(path), "/%.*s", left > 200 ? 100 : (int)left,
				   "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
				   "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
				   "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
				   "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"));
		assert_int_equal(mkdir(path, 0700), 0);
	}
	/* bind() has the same limit as connect(): go there first */
	_cleanup_close_ int cwd = open(".", O_PATH | O_CLOEXEC);

	assert_int_equal(chdir(path), 0);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "sock");
	*ret = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*ret, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(*ret, 1), 0);
	assert_int_equal(fchdir(cwd), 0);
	assert_true(str_append(path, sizeof(path), "/sock"));
	assert_int_equal(strlen(path), length);
	return arena_strdup(&unit_arena, path);
}

static void connect_at_length(size_t length)
{
	int listener;
	const char *path = listen_at_length(length, &listener);
	int client = fd_connect_unix(path);

	assert_true(client >= 0);
	assert_int_equal(fcntl(client, F_GETFD), FD_CLOEXEC);
	_cleanup_close_ int server = accept(listener, NULL, NULL);

	assert_true(server >= 0);
	(void)close(client);
	(void)close(listener);
}

TEST(connecting_to_a_short_path)
{
	connect_at_length(40);
}

TEST(connecting_to_the_longest_path_that_fits)
{
	connect_at_length(107);
}

TEST(connecting_to_the_shortest_path_that_does_not_fit)
{
	connect_at_length(108);
}

TEST(connecting_to_a_very_long_path)
{
	connect_at_length(1000);
}

TEST(connecting_fails_without_leaving_descriptors)
{
	char longer[300];
	unsigned before = unit_open_fds();

	assert_int_equal(fd_connect_unix("/nonexistent/sock"), -ENOENT);
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[200] = '\0';
	assert_int_equal(fd_connect_unix(longer), -ENOENT);
	unit_write_file(unit_temp_path("plain"), "");
	assert_int_equal(fd_connect_unix(unit_temp_path("plain")), -ECONNREFUSED);
	assert_int_equal(unit_open_fds(), before);
}
