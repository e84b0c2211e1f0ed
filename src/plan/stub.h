/* stub.h - what a seccomp filter says to system calls that are newer than its profile */
#ifndef HULL_STUB_H
#define HULL_STUB_H

#include <stddef.h>
#include <stdint.h>

#include <linux/filter.h>

/* An architecture of a filter, as the kernel names it, and the newest call the profile knows. */
struct stub_arch {
	uint32_t audit_arch; /* AUDIT_ARCH_* */
	uint32_t newest;
	uint32_t newest_x32; /* of AUDIT_ARCH_X86_64: the same with the x32 bit; 0: not known */
};

#define STUB_ARCH_SIZE 7 /* instructions an architecture takes at most */
#define STUB_X32_BIT 0x40000000u

/**
 * stub_build() - instructions to stand in front of a filter
 * @n: of @archs
 * @ret: room for 1 + STUB_ARCH_SIZE * @n instructions
 *
 * A profile denies what it does not list with EPERM. A call that did not exist when it was written
 * must read ENOSYS instead, which is what C libraries fall back from (runc has done so since 1.0).
 *
 * Return: how many instructions were written.
 */
size_t stub_build(const struct stub_arch *archs, size_t n, struct sock_filter *ret);

#endif
