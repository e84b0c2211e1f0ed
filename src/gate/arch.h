/* arch.h - entering the kernel without a C library */
#ifndef GATE_ARCH_H
#define GATE_ARCH_H

#include "hull/gate.h"

/*
 * start.S in C's clothes: _start hands the initial stack to gate_main(). call6() is syscall(2)
 * returning -errno. start_thread() is clone(2) onto another stack, where @run is called, which must
 * not return. KERNEL_SA_RESTORER is SA_RESTORER, where struct sigaction has that member. One block
 * per architecture, by the kernel's calling conventions, syscall(2).
 *
 * The section .block begins at GATE_BLOCK_ADDRESS and makes the linker write the program header
 * that seal_gate() completes.
 */

__asm__(".pushsection .block, \"a\", %nobits\n"
	".skip 8\n"
	".popsection\n");

static inline const struct gate *gate_block(void)
{
	return (const struct gate *)GATE_BLOCK_ADDRESS;
}

#if defined(__x86_64__)

#define KERNEL_SA_RESTORER 0x04000000UL

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call gate_main\n"
	"	hlt\n");

static inline long call6(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long start_thread(unsigned long flags, void *stack, void (*run)(void))
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "call *%[run]\n\t"
			 "hlt\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(56L), "D"(flags), "S"(stack), "d"(0L), "r"(r10),
			   "r"(r8), [run] "r"(run)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

#define KERNEL_SA_RESTORER 0x04000000UL

__asm__(".globl _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	bl gate_main\n"
	"	brk #0\n");

static inline long call6(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

static inline long start_thread(unsigned long flags, void *stack, void (*run)(void))
{
	register long x8 __asm__("x8") = 220;
	register long x0 __asm__("x0") = (long)flags;
	register long x1 __asm__("x1") = (long)stack;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "blr %[run]\n\t"
			 "brk #0\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), [run] "r"(run)
			 : "x30", "memory");
	return x0;
}

#elif defined(__riscv) && __riscv_xlen == 64

__asm__(".globl _start\n"
	"_start:\n"
	"	.option push\n"
	"	.option norelax\n"
	"	lla gp, __global_pointer$\n"
	"	.option pop\n"
	"	mv a0, sp\n"
	"	andi sp, sp, -16\n"
	"	call gate_main\n"
	"	ebreak\n");

static inline long call6(long n, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			 : "memory");
	return a0;
}

static inline long start_thread(unsigned long flags, void *stack, void (*run)(void))
{
	register long a7 __asm__("a7") = 220;
	register long a0 __asm__("a0") = (long)flags;
	register long a1 __asm__("a1") = (long)stack;
	register long a2 __asm__("a2") = 0;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;

	__asm__ volatile("ecall\n\t"
			 "bnez a0, 1f\n\t"
			 "jalr %[run]\n\t"
			 "ebreak\n"
			 "1:"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), [run] "r"(run)
			 : "ra", "memory");
	return a0;
}

#else
#error "hull's gate knows x86_64, aarch64 and riscv64: add the block for this architecture"
#endif

#endif
