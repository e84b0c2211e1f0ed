/* seal.c - the gate, and what it is to do, in sealed memory */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/restart.h"
#include "hull/str.h"
#include "hull/sys.h"

/* The variable part of the block: what has been put after struct gate so far. */
struct block {
	char *bytes;
	size_t used;
};

/* Return: the offset for struct gate, 0 for nothing. */
static uint32_t put(struct block *b, const void *data, size_t n)
{
	if (!n)
		return 0;
	uint32_t at = (uint32_t)b->used;

	memcpy(b->bytes + at, data, n);
	b->used += (n + 7) & ~(size_t)7; /* keeps instructions and ids aligned */
	return at;
}

static uint32_t put_string(struct block *b, const char *s)
{
	return s && s[0] ? put(b, s, strlen(s) + 1) : 0;
}

/* apparmor(7) and SELinux: what is written takes effect at the payload's execve. */
static void put_label(struct arena *a, struct block *b, const struct plan_process *p,
		      struct gate *g)
{
	if (p->apparmor && p->apparmor[0]) {
		g->label_path = put_string(b, "thread-self/attr/apparmor/exec");
		g->label = put_string(b, arena_printf(a, "exec %s", p->apparmor));
	} else if (p->selinux && p->selinux[0]) {
		g->label_path = put_string(b, "thread-self/attr/exec");
		g->label = put_string(b, p->selinux);
	}
}

static void put_process(struct arena *a, struct block *b, const struct plan_process *p,
			struct gate *g)
{
	g->keep_fds = p->preserve_fds;
	g->flags = (p->keep_groups ? GATE_KEEP_GROUPS : 0) |
		   (p->no_new_privileges ? GATE_NO_NEW_PRIVS : 0) |
		   (p->filter.notify ? GATE_NOTIFY : 0);
	g->uid = p->uid;
	g->gid = p->gid;
	g->umask = p->umask;
	g->ngroups = (uint32_t)p->ngroups;
	g->groups = put(b, p->groups, p->ngroups * sizeof(*p->groups));
	g->bounding = p->caps.bounding;
	g->effective = p->caps.effective;
	g->permitted = p->caps.permitted;
	g->inheritable = p->caps.inheritable;
	g->ambient = p->caps.ambient;
	g->filter_flags = p->filter.flags;
	g->filter_count = (uint32_t)(p->filter.len / sizeof(struct sock_filter));
	g->filter = put(b, p->filter.bpf, p->filter.bpf ? p->filter.len : 0);
	g->cwd = put_string(b, p->cwd);
	put_label(a, b, p, g);
}

static size_t block_size(const struct plan_process *p)
{
	size_t labels =
		(p->apparmor ? strlen(p->apparmor) : 0) + (p->selinux ? strlen(p->selinux) : 0);

	return sizeof(struct gate) + p->ngroups * sizeof(*p->groups) + p->filter.len +
	       strlen(p->cwd) + labels + 256;
}

/* The block, @at so many bytes of the program, as one of its segments: elf(5). */
static void put_program(char *image, size_t at, size_t n)
{
	memcpy(image, gate_image, (size_t)(gate_image_end - gate_image));
	const ElfW(Ehdr) *head = (const void *)image;
	ElfW(Phdr) *segments = (void *)(image + head->e_phoff);

	for (unsigned i = 0; i < head->e_phnum; i++) {
		if (segments[i].p_vaddr != GATE_BLOCK_ADDRESS)
			continue;
		segments[i].p_offset = at;
		segments[i].p_filesz = segments[i].p_memsz = n;
	}
}

int seal_gate(struct arena *a, const struct plan_process *p, unsigned last_cap, struct seal *ret,
	      struct err *e)
{
	struct gate g = { .magic = GATE_MAGIC,
			  .sync_fd = -1,
			  .go_fd = -1,
			  .status_fd = -1,
			  .proc_fd = -1,
			  .last_cap = last_cap };
	size_t page = getauxval(AT_PAGESZ);
	size_t at = ((size_t)(gate_image_end - gate_image) + page - 1) / page * page;
	char *image = arena_alloc(a, at + block_size(p));
	struct block b = { image + at, (sizeof(g) + 7) & ~(size_t)7 };
	_cleanup_close_ int fd = sys_memfd("hull-gate");

	if (fd < 0)
		return err_sys(e, -fd, "memfd_create (see sysctl vm.memfd_noexec)");
	put_process(a, &b, p, &g);
	memcpy(b.bytes, &g, sizeof(g));
	put_program(image, at, b.used);
	int r = fd_write_all(fd, image, at + b.used);

	if (r < 0)
		return err_sys(e, -r, "write the gate");
	/* A program that its user cannot read is closed to debuggers from its first instruction,
	 * and to root of a user namespace that the file's owner is not in (CVE-2016-9962). */
	if (fchmod(fd, 0111) < 0)
		return err_errno(e, "fchmod the gate");
	*ret = (struct seal){ .memfd = fd_steal(&fd), .at = (off_t)at, .head = g };
	return 0;
}

static int pass_all(const struct gate *g)
{
	const int fds[] = { g->sync_fd, g->go_fd, g->status_fd, g->proc_fd };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fds); i++)
		r = fds[i] < 0 ? 0 : fcntl(fds[i], F_SETFD, 0);
	for (unsigned i = 0; r == 0 && i < g->keep_fds; i++)
		r = fcntl((int)(3 + i), F_SETFD, 0);
	return r;
}

static size_t count(char *const list[])
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

/*
 * Who is not root, in a user namespace where root is not mapped, would lose every capability at the
 * execve; the gate sets all of them exactly.
 */
static void keep_caps(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (sys_euid() == 0 || syscall(SYS_capget, &header, data) < 0)
		return;
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	(void)syscall(SYS_capset, &header, data); /* without, the gate says what it lacks */
	for (unsigned cap = 0; cap < 64; cap++) {
		if (data[cap / 32].permitted >> (cap % 32) & 1)
			(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	}
}

/* In place: the payload's RLIMIT_FSIZE, which may hold already, bounds write(2). */
static int write_head(const struct seal *s)
{
	void *head = mmap(NULL, sizeof(s->head), PROT_WRITE, MAP_SHARED, s->memfd, s->at);

	if (head == MAP_FAILED)
		return -1;
	memcpy(head, &s->head, sizeof(s->head));
	return munmap(head, sizeof(s->head));
}

int seal_exec(struct seal *s, const char *path, char *const argv[], char *const envp[],
	      struct err *e)
{
	size_t n = count(argv);
	struct arena a = { 0 };
	char **all = arena_new_n(&a, char *, n + 2);

	all[0] = (char *)path;
	memcpy(all + 1, argv, n * sizeof(*argv));
	if (write_head(s) < 0)
		return err_errno(e, "write the gate");
	if (fcntl(s->memfd, F_ADD_SEALS, RESTART_SEALS) < 0)
		return err_errno(e, "seal the gate");
	if (pass_all(&s->head) < 0)
		return err_errno(e, "pass descriptors to the gate");
	keep_caps();
	(void)execveat(s->memfd, "", all, envp, AT_EMPTY_PATH);
	int num = errno;

	arena_free(&a);
	return err_sys(e, num, "exec: \"%s\"", path);
}
