/*
 * gate.c - the target for the gate: the block that hull writes, and whatever the kernel answers
 *
 * The gate's source is included, with its way into the kernel replaced: a call returns what the
 * input says, and before it what the call would read is read. The block is real, from seal_gate(),
 * and has no byte after its end, so an offset that is wrong is seen.
 */
#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "hull/plan.h"
#include "run/seal.h"

static jmp_buf left; /* the process is gone */
static struct input *answers;
static const char *block;
static size_t calls;

#define MAX_CALLS 4096 /* some are repeated as long as the answer is EINTR */

static void read_bytes(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)((const volatile char *)p)[i];
}

static const struct gate *gate_block(void)
{
	return (const struct gate *)block;
}

static long call6(long n, long a, long b, long c, long d, long e, long f);
static long start_thread(unsigned long flags, void *stack, void (*run)(void));

#define GATE_ARCH_H
#include "../../src/gate/gate.c"

/* What the call takes from memory, or puts there. */
static void touch(long n, long a, long b, long c)
{
	if (n == __NR_write)
		read_bytes((const void *)b, (size_t)c);
	else if (n == __NR_setgroups)
		read_bytes((const void *)b, (size_t)a * 4);
	else if (n == __NR_openat)
		read_bytes((const void *)b, length((const char *)b) + 1);
	else if (n == __NR_chdir)
		read_bytes((const void *)a, length((const char *)a) + 1);
	else if (n == __NR_seccomp)
		read_bytes(((const struct filter_program *)c)->filter,
			   ((const struct filter_program *)c)->count * 8UL);
	else if (n == __NR_getcwd)
		memcpy((void *)a, "/", 2);
	else if (n == __NR_capget)
		memset((void *)b, 0, 2 * sizeof(struct __user_cap_data_struct));
	else if (n == __NR_sendmsg)
		read_bytes(((const struct msghdr *)b)->msg_iov->base,
			   ((const struct msghdr *)b)->msg_iov->len);
}

/* Half of all bytes are the answer of success; the others are small numbers or errors. */
static long answer(long success)
{
	unsigned byte = input_byte(answers);

	return byte < 128 ? success : byte < 140 ? byte - 128 : 139L - byte;
}

static long call6(long n, long a, long b, long c, long d, long e, long f)
{
	(void)d;
	(void)e;
	(void)f;
	if (n == __NR_exit_group || n == __NR_exit || n == __NR_execve || ++calls > MAX_CALLS)
		longjmp(left, 1);
	touch(n, a, b, c);
	if (n == __NR_getpid)
		return 1 + input_byte(answers) * 1000000L;
	return answer(n == __NR_write ? c : n == __NR_read ? 1 : 0);
}

/* Both threads wait for a word of the other: here the second speaks before the first begins. */
static long start_thread(unsigned long flags, void *stack, void (*run)(void))
{
	(void)flags;
	(void)stack;
	(void)run;
	send_listener(3);
	handing_over.sent = 1;
	return answer(1);
}

static void read_block(struct arena *a, struct seal *seal, struct input *in)
{
	struct gate *head = &seal->head;
	size_t size = (size_t)(lseek(seal->memfd, 0, SEEK_END) - seal->at);
	char *copy = arena_alloc(a, size);

	REQUIRE(pread(seal->memfd, copy, size, seal->at) == (ssize_t)size);
	head->flags |= input_byte(in);
	head->go_fd = input_byte(in) & 1 ? 5 : -1;
	if (!head->cwd)
		head->flags &= ~(unsigned)GATE_CHDIR;
	if (!head->filter)
		head->flags &= ~(unsigned)GATE_NOTIFY;
	memcpy(copy, head, sizeof(*head));
	block = copy;
}

static struct plan_process process_of(struct input *in, struct arena *a)
{
	struct plan_process p = { .keep_groups = input_byte(in) & 1,
				  .uid = input_byte(in),
				  .ngroups = input_byte(in) };
	size_t n = input_byte(in) * 8UL;

	p.groups = arena_new_n(a, gid_t, p.ngroups + 1);
	p.filter = (struct plan_filter){ .bpf = n ? arena_alloc(a, n) : NULL, .len = n };
	p.caps = (struct caps_sets){ .bounding = input_byte(in), .ambient = input_byte(in) };
	p.no_new_privileges = input_byte(in) & 1;
	p.cwd = input_line(in, a);
	p.apparmor = input_line(in, a);
	p.selinux = input_line(in, a);
	return p;
}

void fuzz_gate(struct input *in, struct arena *a, struct err *e)
{
	const struct plan_process p = process_of(in, a);
	static char listen_pid[] = "LISTEN_PID=0123456789";
	char *args[] = { (char *)3, "/bin/sh", "sh", "-", NULL, "A=", listen_pid, NULL };
	struct seal seal = { .memfd = -1 };

	if (seal_gate(a, &p, 40, &seal, e) < 0)
		return;
	read_block(a, &seal, in);
	(void)close(seal.memfd);
	answers = in;
	calls = 0;
	handing_over.fd = -1;
	handing_over.sent = 0;
	if (!setjmp(left))
		gate_main((long *)args);
}
