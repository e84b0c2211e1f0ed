/* stub.c - ENOSYS for system calls that are newer than the profile */
#include "stub.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP(op, value, yes, no)                                                                   \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (op) | BPF_K, (value), (yes), (no))
#define NOT_THERE                                                                                  \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA))

/*
 * For each architecture:         and for x86_64, whose x32 calls have a bit of their own:
 *   jeq arch, else next            jeq arch, else next
 *   ld nr                          ld nr
 *   jgt newest, else leave         jge x32 bit: jgt newest_x32, else leave
 *   ret ENOSYS                     jgt newest, else leave
 *   leave: ld arch                 ret ENOSYS
 *                                  leave: ld arch
 * Behind the last one stands the filter, which loads what it needs anew.
 */
static size_t put_arch(const struct stub_arch *a, struct sock_filter *out)
{
	size_t n = 0;

	if (!a->newest_x32) {
		out[n++] = JUMP(BPF_JEQ, a->audit_arch, 0, 4);
		out[n++] = LOAD(nr);
		out[n++] = JUMP(BPF_JGT, a->newest, 0, 1);
	} else {
		out[n++] = JUMP(BPF_JEQ, a->audit_arch, 0, 6);
		out[n++] = LOAD(nr);
		out[n++] = JUMP(BPF_JGE, STUB_X32_BIT, 0, 1);
		out[n++] = JUMP(BPF_JGT, a->newest_x32, 1, 2);
		out[n++] = JUMP(BPF_JGT, a->newest, 0, 1);
	}
	out[n++] = NOT_THERE;
	out[n++] = LOAD(arch);
	return n;
}

size_t stub_build(const struct stub_arch *archs, size_t n, struct sock_filter *ret)
{
	size_t len = 0;

	ret[len++] = LOAD(arch);
	for (size_t i = 0; i < n; i++)
		len += put_arch(&archs[i], ret + len);
	return len;
}
