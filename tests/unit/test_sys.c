/* test_sys.c - a process by its number, when the number is no process's any more */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>

#include "hull/fd.h"
#include "hull/sys.h"
#include "unit.h"

TEST(a_process_is_opened_by_its_number)
{
	_cleanup_close_ int fd = sys_pidfd_open(getpid());

	assert_true(fd >= 0);
}

TEST(a_process_that_is_reaped_is_gone)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(sys_pidfd_open(pid), -ESRCH);
}

TEST(a_number_that_is_left_as_a_group_is_no_process)
{
	int ready[2];
	pid_t member;

	assert_int_equal(pipe(ready), 0);
	pid_t leader = fork();

	if (leader == 0) {
		(void)setpgid(0, 0);
		member = fork();
		if (member == 0)
			for (;;)
				(void)pause();
		_exit(write(ready[1], &member, sizeof(member)) != sizeof(member));
	}
	assert_int_equal(read(ready[0], &member, sizeof(member)), sizeof(member));
	assert_int_equal(waitpid(leader, NULL, 0), leader);
	int r = sys_pidfd_open(leader);

	assert_int_equal(kill(-leader, SIGKILL), 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
	assert_int_equal(r, -ESRCH);
}

/* Writes its number to @arg and waits until that is cleared. */
static int be_a_thread(void *arg)
{
	_Atomic pid_t *tid = arg;

	*tid = (pid_t)syscall(SYS_gettid);
	while (*tid)
		thrd_yield();
	return 0;
}

TEST(the_number_of_a_thread_is_no_process)
{
	_Atomic pid_t tid = 0;
	thrd_t thread;

	assert_int_equal(thrd_create(&thread, be_a_thread, (void *)&tid), thrd_success);
	while (!tid)
		thrd_yield();
	int r = sys_pidfd_open(tid);

	tid = 0;
	(void)thrd_join(thread, NULL);
	assert_int_equal(r, -ESRCH);
}
