/* unit.c - running the tests of one program, and what they share */
#include "unit.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/wait.h>

#include "hull/fd.h"

#define MAX_TESTS 200
#define MAX_FDS 16

static struct CMUnitTest tests[MAX_TESTS];
static size_t ntests;
static char temp_dir[64];
static int temp_fds[MAX_FDS];
static size_t ntemp_fds;

struct arena unit_arena;
struct err unit_err;

static int set_up(void **state)
{
	(void)state;
	unit_err = (struct err){ 0 };
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	while (ntemp_fds)
		(void)close(temp_fds[--ntemp_fds]);
	if (temp_dir[0] && nftw(temp_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return -1;
	temp_dir[0] = '\0';
	arena_free(&unit_arena);
	return 0;
}

void unit_add(const char *name, void (*test)(void **state))
{
	if (ntests == MAX_TESTS)
		abort();
	tests[ntests++] = (struct CMUnitTest){
		.name = name, .test_func = test, .setup_func = set_up, .teardown_func = tear_down
	};
}

const char *unit_temp_dir(void)
{
	if (!temp_dir[0]) {
		(void)snprintf(temp_dir, sizeof(temp_dir), "/tmp/hull-unit-XXXXXX");
		if (!mkdtemp(temp_dir))
			fail_msg("mkdtemp: %s", strerror(errno));
	}
	return temp_dir;
}

int unit_temp_fd(void)
{
	int fd = open(unit_temp_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(ntemp_fds < MAX_FDS);
	temp_fds[ntemp_fds++] = fd;
	return fd;
}

const char *unit_temp_path(const char *name)
{
	return arena_printf(&unit_arena, "%s/%s", unit_temp_dir(), name);
}

void unit_write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

const char *unit_read_file(const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	size_t size = (size_t)1 << 20;
	char *text = arena_alloc(&unit_arena, size);
	size_t n = fread(text, 1, size - 1, f);

	assert_true(n < size - 1);
	assert_int_equal(fclose(f), 0);
	return text;
}

int unit_fork(bool (*body)(void *arg), void *arg)
{
	int status;

	(void)fflush(stdout); /* or the child's copy of the buffer would be a second report */
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body(arg) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

void unit_in_child(bool (*body)(void *arg), void *arg)
{
	int status = unit_fork(body, arg);

	if (WIFSIGNALED(status))
		fail_msg("the child was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		fail_msg("the child failed: see above");
}

const char *unit_json(const char *text)
{
	char *json = arena_strdup(&unit_arena, text);

	for (char *quote = json; (quote = strchr(quote, '\'')); quote++)
		*quote = '"';
	return json;
}

unsigned unit_open_fds(void)
{
	fd_close_now();
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

int main(void)
{
	return _cmocka_run_group_tests(program_invocation_short_name, tests, ntests, NULL, NULL);
}
