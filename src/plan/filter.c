/* filter.c - linux.seccomp to BPF, by libseccomp */
#include "hull/filter.h"

#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"
#include "stub.h"

/* BPF_MAXINSNS instructions of eight bytes: the kernel takes no longer program. */
#define MAX_PROGRAM ((size_t)4096 * 8)
/* From this many rules a binary search over the syscall number beats the linear chain. */
#define TREE_FROM 32

static void filter_cleanup(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static uint32_t action_of(unsigned action, const struct opt_u64 *number)
{
	uint32_t data = number->set ? (uint32_t)number->value : EPERM;

	switch ((enum seccomp_action)action) {
	case SECCOMP_ACT_KILL_THREAD:
		return SCMP_ACT_KILL_THREAD;
	case SECCOMP_ACT_KILL_PROCESS:
		return SCMP_ACT_KILL_PROCESS;
	case SECCOMP_ACT_TRAP:
		return SCMP_ACT_TRAP;
	case SECCOMP_ACT_ERRNO:
		return SCMP_ACT_ERRNO(data);
	case SECCOMP_ACT_TRACE:
		return SCMP_ACT_TRACE(data);
	case SECCOMP_ACT_ALLOW:
		return SCMP_ACT_ALLOW;
	case SECCOMP_ACT_LOG:
		return SCMP_ACT_LOG;
	case SECCOMP_ACT_NOTIFY:
		return SCMP_ACT_NOTIFY;
	}
	return SCMP_ACT_KILL_PROCESS; /* not reached: the reader knows these names only */
}

static struct scmp_arg_cmp condition(const struct config_syscall_arg *arg)
{
	static const enum scmp_compare ops[] = {
		[SECCOMP_OP_NE] = SCMP_CMP_NE,
		[SECCOMP_OP_LT] = SCMP_CMP_LT,
		[SECCOMP_OP_LE] = SCMP_CMP_LE,
		[SECCOMP_OP_EQ] = SCMP_CMP_EQ,
		[SECCOMP_OP_GE] = SCMP_CMP_GE,
		[SECCOMP_OP_GT] = SCMP_CMP_GT,
		[SECCOMP_OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return (struct scmp_arg_cmp){ .arg = (unsigned)arg->index,
				      .op = ops[arg->op],
				      .datum_a = arg->value,
				      .datum_b = arg->value_two };
}

static bool index_repeats(const struct config_syscall_args *args)
{
	unsigned seen = 0;

	for (size_t i = 0; i < args->n; i++) {
		unsigned bit = 1u << args->items[i].index;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

/* Return: 0 or -errno from libseccomp. */
static int add_rules(scmp_filter_ctx ctx, uint32_t action, int nr,
		     const struct config_syscall_args *args)
{
	struct scmp_arg_cmp all[6];
	int r = 0;

	if (index_repeats(args)) {
		for (size_t i = 0; r == 0 && i < args->n; i++)
			r = seccomp_rule_add(ctx, action, nr, 1, condition(&args->items[i]));
		return r;
	}
	for (size_t i = 0; i < args->n; i++)
		all[i] = condition(&args->items[i]);
	return seccomp_rule_add_array(ctx, action, nr, (unsigned)args->n, all);
}

static int add_syscall(scmp_filter_ctx ctx, const struct config_seccomp *s, size_t i, size_t *rules,
		       struct err *e)
{
	const struct config_syscall *call = &s->syscalls.items[i];
	uint32_t action = action_of(call->action, &call->errno_ret);

	/* libseccomp refuses rules that say what the default says anyway */
	if (action == action_of(s->default_action, &s->default_errno_ret))
		return 0;
	for (size_t n = 0; n < call->names.n; n++) {
		int nr = seccomp_syscall_resolve_name(call->names.items[n]);

		if (nr == __NR_SCMP_ERROR)
			continue;
		int r = add_rules(ctx, action, nr, &call->args);

		/* a call that does not exist on one of the architectures */
		if (r < 0 && r != -EDOM)
			return err_sys(e, -r, "linux.seccomp.syscalls[%zu]: seccomp_rule_add %s", i,
				       call->names.items[n]);
		*rules += 1;
	}
	return 0;
}

/* Return: libseccomp's token, or 0. */
static uint32_t arch_of(const char *name)
{
	char lower[32];
	size_t n = 0;

	if (!str_has_prefix(name, "SCMP_ARCH_"))
		return 0;
	for (name += strlen("SCMP_ARCH_"); *name && n < sizeof(lower) - 1; name++)
		lower[n++] = (char)tolower((unsigned char)*name);
	lower[n] = '\0';
	return seccomp_arch_resolve_name(lower);
}

bool filter_has_arch(const char *name)
{
	return arch_of(name) != 0;
}

static int add_archs(scmp_filter_ctx ctx, const struct strings *archs, struct err *e)
{
	for (size_t i = 0; i < archs->n; i++) {
		uint32_t arch = arch_of(archs->items[i]);

		if (!arch)
			return err_set(e, EINVAL,
				       "linux.seccomp.architectures[%zu]: this libseccomp does not "
				       "know %s",
				       i, archs->items[i]);
		int r = seccomp_arch_add(ctx, arch);

		/* libseccomp takes none of the other byte order, which no process here can have */
		if (r < 0 && r != -EEXIST && r != -EDOM)
			return err_sys(e, -r,
				       "linux.seccomp.architectures[%zu]: seccomp_arch_add %s", i,
				       archs->items[i]);
	}
	return 0;
}

/* libseccomp's tokens are the kernel's AUDIT_ARCH_*, but for x32, which it has no number for. */
static uint32_t audit_arch(uint32_t token)
{
	return token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}

/* Return: the highest number that a name of the profile has there, or -1. */
static int newest_call(const struct config_seccomp *s, uint32_t token)
{
	int newest = -1;

	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct strings *names = &s->syscalls.items[i].names;

		for (size_t n = 0; n < names->n; n++) {
			int nr = seccomp_syscall_resolve_name_arch(token, names->items[n]);

			newest = nr > newest ? nr : newest;
		}
	}
	return newest;
}

static size_t note_arch(struct stub_arch *archs, size_t n, uint32_t token, int newest)
{
	size_t i = 0;

	if (newest < 0)
		return n;
	while (i < n && archs[i].audit_arch != audit_arch(token))
		i++;
	archs[i].audit_arch = audit_arch(token);
	if (token == SCMP_ARCH_X32)
		archs[i].newest_x32 = (uint32_t)newest | STUB_X32_BIT;
	else
		archs[i].newest = (uint32_t)newest;
	return i < n ? n : n + 1;
}

/* Only where the profile's default would hide that a call does not exist. */
static bool wants_stub(const struct config_seccomp *s)
{
	if (s->default_action == SECCOMP_ACT_ALLOW || s->default_action == SECCOMP_ACT_LOG ||
	    s->default_action == SECCOMP_ACT_TRACE) /* who traces knows what exists */
		return false;
	return !s->default_errno_ret.set || s->default_errno_ret.value != ENOSYS;
}

/* Return: the length in bytes. */
static size_t put_stub(struct arena *a, const struct config_seccomp *s, struct sock_filter *ret)
{
	struct stub_arch *archs = arena_new_n(a, struct stub_arch, s->architectures.n + 1);
	uint32_t native = seccomp_arch_native();
	size_t n = note_arch(archs, 0, native, newest_call(s, native));

	if (!wants_stub(s))
		return 0;
	for (size_t i = 0; i < s->architectures.n; i++) {
		uint32_t token = arch_of(s->architectures.items[i]);

		if (token != native)
			n = note_arch(archs, n, token, newest_call(s, token));
	}
	return stub_build(archs, n, ret) * sizeof(*ret);
}

static int too_long(struct err *e)
{
	return err_set(e, EINVAL,
		       "linux.seccomp: the compiled filter has more than the 4096 instructions "
		       "that the kernel takes");
}

static int export(scmp_filter_ctx ctx, struct arena *a, const struct config_seccomp *s,
		  struct plan_filter *ret, struct err *e)
{
	_cleanup_close_ int fd = memfd_create("bpf", MFD_CLOEXEC);
	size_t room = (1 + STUB_ARCH_SIZE * (s->architectures.n + 1)) * sizeof(struct sock_filter);
	char *all = arena_alloc(a, room + MAX_PROGRAM + 1);

	if (fd < 0)
		return err_errno(e, "memfd_create");
	int r = seccomp_export_bpf(ctx, fd);

	if (r < 0)
		return err_sys(e, -r, "linux.seccomp: seccomp_export_bpf");
	size_t stub = put_stub(a, s, (struct sock_filter *)all);
	ssize_t n = pread(fd, all + stub, MAX_PROGRAM + 1, 0);

	if (n < 0)
		return err_errno(e, "linux.seccomp: read");
	if (stub + (size_t)n > MAX_PROGRAM)
		return too_long(e);
	ret->bpf = all;
	ret->len = stub + (size_t)n;
	return 0;
}

int filter_compile(struct arena *a, const struct config *c, struct plan_filter *ret, struct err *e)
{
	const struct config_seccomp *s = c->linux ? c->linux->seccomp : NULL;
	size_t rules = 0;

	if (!s)
		return 0;
	ret->flags = plan_filter_flags(s);
	ret->notify = plan_filter_notifies(s);
	if (ret->bpf)
		return 0;
	uint32_t fallback = action_of(s->default_action, &s->default_errno_ret);
	scmp_filter_ctx ctx __attribute__((cleanup(filter_cleanup))) = seccomp_init(fallback);

	if (!ctx)
		return err_set(e, EINVAL, "linux.seccomp.defaultAction: seccomp_init refused it");
	int r = add_archs(ctx, &s->architectures, e);

	for (size_t i = 0; r == 0 && i < s->syscalls.n; i++)
		r = add_syscall(ctx, s, i, &rules, e);
	if (r < 0)
		return r;
	if (rules > TREE_FROM)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* only a speed-up */
	return export(ctx, a, s, ret, e);
}

const char *filter_version(char *buf, size_t size)
{
	const struct scmp_version *v = seccomp_version();

	(void)snprintf(buf, size, "%u.%u.%u", v->major, v->minor, v->micro);
	return buf;
}
