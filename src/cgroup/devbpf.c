/*
 * devbpf.c - device rules as a BPF program
 *
 * The kernel asks the program for each open or mknod of a device, with the kinds of access wanted.
 * The program walks the rules from the last to the first and strikes off what a rule allows; it
 * ends when nothing is left or a rule denies some of the rest. Neighbours with the same type, and
 * of these with the same major number, share one comparison.
 *
 * Loading is most of the cost of limiting a container on v2, and the verifier's time goes by the
 * instructions it follows. So numbers are read anew for each comparison: a register that has been
 * compared before has a known value on one of the ways to the next rule, and then every way is
 * followed on its own (0.6 ms instead of 0.2 for a dozen rules).
 */
#include "devbpf.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"

#define NAME "hull_device" /* how programs of ours are known; at most 15 bytes */
#define MAX_ATTACHED 64    /* BPF_CGROUP_MAX_PROGS */
#define START_INSNS 3
#define RULE_INSNS 9 /* at most, for one rule */
#define END_INSNS 4
#define MAX_RULES 3000 /* jumps have 15 bits */

enum { RETURN = BPF_REG_0, CONTEXT = BPF_REG_1, WANTED = BPF_REG_2, NUMBER = BPF_REG_3 };

/* The two conditions that end the walk; their targets are set when the end is there. */
enum { ALLOW_IF = BPF_JMP32 | BPF_JEQ | BPF_K, DENY_IF = BPF_JMP32 | BPF_JSET | BPF_K };

static void emit(struct devbpf *p, unsigned code, unsigned dst, unsigned src, int off, int32_t imm)
{
	p->items[p->n++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = dst & 0xf,
		.src_reg = src & 0xf,
		.off = (int16_t)off,
		.imm = imm,
	};
}

static void emit_load(struct devbpf *p, unsigned dst, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, dst, CONTEXT, (int)offset, 0);
}

static void emit_alu(struct devbpf *p, unsigned op, unsigned dst, int32_t imm)
{
	emit(p, BPF_ALU | op | BPF_K, dst, 0, 0, imm);
}

static void emit_return(struct devbpf *p, bool allow)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, RETURN, 0, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Jumps over what follows, up to land(), unless the number is this one. Return: for land(). */
static size_t emit_unless(struct devbpf *p, size_t field, unsigned mask, int64_t value)
{
	emit_load(p, NUMBER, field);
	if (mask)
		emit_alu(p, BPF_AND, NUMBER, (int32_t)mask);
	emit(p, BPF_JMP32 | BPF_JNE | BPF_K, NUMBER, 0, 0, (int32_t)(uint32_t)value);
	return p->n - 1;
}

static void land(struct devbpf *p, size_t jump)
{
	p->items[jump].off = (int16_t)(p->n - jump - 1);
}

static int32_t access_bits(unsigned access)
{
	return (access & DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
	       (access & DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
	       (access & DEVICE_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
}

static void emit_verdict(struct devbpf *p, const struct devrule *r)
{
	int32_t bits = access_bits(r->access);

	if (r->allow) {
		emit_alu(p, BPF_AND, WANTED, ~bits);
		emit(p, ALLOW_IF, WANTED, 0, 0, 0);
	} else {
		emit(p, DENY_IF, WANTED, 0, 0, bits);
	}
}

static void emit_minor(struct devbpf *p, const struct devrule *r)
{
	if (r->minor < 0) {
		emit_verdict(p, r);
		return;
	}
	size_t jump = emit_unless(p, offsetof(struct bpf_cgroup_dev_ctx, minor), 0, r->minor);

	emit_verdict(p, r);
	land(p, jump);
}

/* All rules of one type, which the caller has compared; @n of them, taken from the last. */
static void emit_majors(struct devbpf *p, const struct devrule *rules, size_t n)
{
	while (n) {
		int64_t major = rules[n - 1].major;

		if (major < 0) {
			emit_minor(p, &rules[--n]);
			continue;
		}
		size_t jump = emit_unless(p, offsetof(struct bpf_cgroup_dev_ctx, major), 0, major);

		while (n && rules[n - 1].major == major)
			emit_minor(p, &rules[--n]);
		land(p, jump);
	}
}

/* The context's first word holds the kinds of access above and the type of device below. */
static void emit_types(struct devbpf *p, const struct devrule *rules, size_t n)
{
	const size_t field = offsetof(struct bpf_cgroup_dev_ctx, access_type);

	while (n) {
		size_t first = n - 1;

		while (first && rules[first - 1].type == rules[n - 1].type)
			first--;
		size_t jump = emit_unless(p, field, 0xffff,
					  rules[first].type == 'b' ? BPF_DEVCG_DEV_BLOCK
								   : BPF_DEVCG_DEV_CHAR);

		emit_majors(p, rules + first, n - first);
		land(p, jump);
		n = first;
	}
}

/* What no rule has decided gets the answer for everything; the other answer stands behind it. */
static void emit_end(struct devbpf *p, bool allow)
{
	size_t rest = p->n;

	emit_return(p, allow);
	emit_return(p, !allow);
	for (size_t i = 0; i < rest; i++) {
		struct bpf_insn *insn = &p->items[i];

		if (insn->code == ALLOW_IF || insn->code == DENY_IF)
			insn->off = (int16_t)(rest + (allow == (insn->code == ALLOW_IF) ? 0 : 2) -
					      i - 1);
	}
}

int devbpf_compile(struct arena *a, const struct devrules *rules, struct devbpf *ret, struct err *e)
{
	struct devbpf p = { 0 };

	if (rules->n > MAX_RULES)
		return err_set(e, EINVAL, "linux.resources.devices: more than %d rules", MAX_RULES);
	if (!devrules_allow_all(rules)) {
		p.items = arena_new_n(a, struct bpf_insn,
				      START_INSNS + RULE_INSNS * rules->n + END_INSNS);
		emit_load(&p, WANTED, offsetof(struct bpf_cgroup_dev_ctx, access_type));
		emit_alu(&p, BPF_RSH, WANTED, 16);
		emit(&p, ALLOW_IF, WANTED, 0, 0, 0); /* access(2) with F_OK wants nothing */
		emit_types(&p, rules->items, rules->n);
		emit_end(&p, rules->allow);
	}
	*ret = p;
	return 0;
}

/*
 * Always the whole union: kernels 6.17 to 7.1 write their answer to BPF_PROG_QUERY past the end of
 * a shorter one.
 */
static int bpf_call(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static int load(const struct devbpf *program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program->items;
	attr.insn_cnt = (uint32_t)program->n;
	attr.license = (uint64_t)(uintptr_t) "none"; /* calls nothing that asks for one */
	memcpy(attr.prog_name, NAME, sizeof(NAME));
	return bpf_call(BPF_PROG_LOAD, &attr);
}

/* Return: a descriptor of the program with this id when it is one of ours, or -errno. */
static int open_if_ours(uint32_t id)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	_cleanup_close_ int fd = bpf_call(BPF_PROG_GET_FD_BY_ID, &attr);

	if (fd < 0)
		return fd;
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	int r = bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr);

	if (r < 0)
		return r;
	return strncmp(info.name, NAME, sizeof(info.name)) == 0 ? fd_steal(&fd) : -ENOENT;
}

/* Return: a descriptor, -ENOENT when there is none, or -errno. */
static int find_older(int group)
{
	uint32_t ids[MAX_ATTACHED] = { 0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = ARRAY_SIZE(ids);
	int r = bpf_call(BPF_PROG_QUERY, &attr);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < attr.query.prog_cnt && i < ARRAY_SIZE(ids); i++) {
		int fd = open_if_ours(ids[i]);

		if (fd != -ENOENT)
			return fd;
	}
	return -ENOENT;
}

static int attach(int group, int program, int older)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI | (older >= 0 ? BPF_F_REPLACE : 0);
	attr.replace_bpf_fd = older >= 0 ? (uint32_t)older : 0;
	return bpf_call(BPF_PROG_ATTACH, &attr);
}

static int detach(int group, int program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return bpf_call(BPF_PROG_DETACH, &attr);
}

int devbpf_attach(int group, const struct devbpf *program, bool fresh, struct err *e)
{
	_cleanup_close_ int older = fresh ? -ENOENT : find_older(group);
	_cleanup_close_ int fd = -1;
	int r;

	if (older < 0 && older != -ENOENT)
		return err_sys(e, -older, "bpf: find the older device program");
	if (!program->n) {
		r = older < 0 ? 0 : detach(group, older);
		return r < 0 ? err_sys(e, -r, "bpf: detach the older device program") : 0;
	}
	fd = load(program);
	if (fd < 0)
		return err_sys(e, -fd, "bpf: load the device program of %zu instructions",
			       program->n);
	r = attach(group, fd, older);
	return r < 0 ? err_sys(e, -r, "bpf: attach the device program") : 0;
}
