/* payload.c - finding the program and the user's home in the container */
#include "payload.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/path.h"
#include "hull/str.h"
#include "hull/sys.h"

#define DEFAULT_PATH "/bin:/usr/bin"  /* confstr(3) _CS_PATH, as execvp(3) */
#define MAX_PASSWD ((size_t)16 << 20) /* bytes; a sparse file would keep hull reading for hours */
#define MAX_PHDRS 32                  /* programs have about a dozen, PT_INTERP among the first */

/* Return: 0 when it is a file that somebody may execute, or -errno. */
static int judge(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	return S_ISREG(st->st_mode) && (st->st_mode & 0111) ? 0 : -EACCES;
}

static bool in_groups(const struct plan_process *p, gid_t gid)
{
	for (size_t i = 0; i < p->ngroups; i++) {
		if (p->groups[i] == gid)
			return true;
	}
	return p->gid == gid || p->keep_groups; /* which hull does not know */
}

/* By the mode alone, where an access list or the kernel's other rules may know better. */
static bool is_for_user(const struct stat *st, const struct plan_process *p)
{
	if (p->uid == 0)
		return true;
	mode_t bit = st->st_uid == p->uid ? 0100 : in_groups(p, st->st_gid) ? 0010 : 0001;

	return st->st_mode & bit;
}

static const char *env_value(char *const envp[], const char *name)
{
	size_t n = strlen(name);

	for (; *envp; envp++) {
		if (!strncmp(*envp, name, n) && (*envp)[n] == '=')
			return *envp + n + 1;
	}
	return NULL;
}

/*
 * As execvp(3): the first that can be executed; an earlier refusal is remembered. It is root who
 * looks, so the first that others alone may execute is what is left when there is nothing better.
 */
static int search(const char *name, const struct plan_process *p, char *ret, size_t size)
{
	const char *path = str_or(env_value(p->envp, "PATH"), DEFAULT_PATH);
	int worst = -ENOENT;
	char one[PATH_MAX];
	bool found = false;

	for (; path; path = strchr(path, ':') ? strchr(path, ':') + 1 : NULL) {
		int n = (int)strcspn(path, ":");
		const char *slash = n && path[n - 1] != '/' ? "/" : "";
		struct stat st;

		if (snprintf(one, sizeof(one), "%.*s%s%s", n, path, slash, name) >= (int)size)
			continue;
		int r = stat(one, &st) < 0 ? -errno : judge(&st);

		if (r == -EACCES)
			worst = r;
		bool ours = r == 0 && is_for_user(&st, p);

		if (r < 0 || (found && !ours))
			continue;
		(void)snprintf(ret, size, "%s", one);
		if (ours)
			return 0;
		found = true;
	}
	return found ? 0 : worst;
}

/* The beginning of a program; mostly all that is looked for is in it. */
struct head {
	int fd;
	size_t have;
	union {
		Elf64_Ehdr elf;
		char text[1024];
	} u;
};

static bool read_at(const struct head *h, void *buf, size_t n, uint64_t at)
{
	if (at <= h->have && n <= h->have - at) {
		memcpy(buf, h->u.text + at, n);
		return true;
	}
	return pread(h->fd, buf, n, (off_t)at) == (ssize_t)n;
}

/* A broken or odd file has none here: what is wrong with it the kernel will say. */
static void elf_interpreter(const struct head *head, char *ret, size_t size)
{
	const Elf64_Ehdr *h = &head->u.elf;
	Elf64_Phdr p[MAX_PHDRS];
	size_t n = h->e_phnum < MAX_PHDRS ? h->e_phnum : MAX_PHDRS;

	if (h->e_phentsize != sizeof(*p) || !read_at(head, p, n * sizeof(*p), h->e_phoff))
		return;
	for (size_t i = 0; i < n; i++) {
		if (p[i].p_type != PT_INTERP || p[i].p_filesz == 0 || p[i].p_filesz > size)
			continue;
		if (!read_at(head, ret, p[i].p_filesz, p[i].p_offset))
			ret[0] = '\0';
		ret[p[i].p_filesz - 1] = '\0';
		return;
	}
}

/* "#! /bin/sh -e" names /bin/sh, in the first 255 bytes: execve(2) */
static void script_interpreter(char *head, char *ret, size_t size)
{
	head[255] = '\0';
	char *p = head + 2 + strspn(head + 2, " \t");

	p[strcspn(p, " \t\n")] = '\0';
	(void)snprintf(ret, size, "%s", p);
}

/* As execve will see it, but for magic links: through one the host's files would be read. */
static int open_program(const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct open_how how = { .flags = (unsigned)flags, .resolve = RESOLVE_NO_MAGICLINKS };
	int fd = sys_openat2(AT_FDCWD, path, &how);

	return fd == -ENOSYS || fd == -EPERM ? open(path, flags) : fd;
}

/* An execve that fails with ENOENT for an existing file is about its interpreter: say which. */
static int check_interpreter(const char *path, struct err *e)
{
	cleanup_close_later int fd = open_program(path);
	struct head h = { .fd = fd };
	char interpreter[PATH_MAX] = "";

	ssize_t n = fd < 0 ? 0 : read(fd, h.u.text, sizeof(h.u.text));

	h.have = n < 0 ? 0 : (size_t)n;
	if (h.have > 2 && h.u.text[0] == '#' && h.u.text[1] == '!')
		script_interpreter(h.u.text, interpreter, sizeof(interpreter));
	else if (h.have >= sizeof(h.u.elf) && !memcmp(h.u.text, ELFMAG, SELFMAG) &&
		 h.u.elf.e_ident[EI_CLASS] == ELFCLASS64)
		elf_interpreter(&h, interpreter, sizeof(interpreter));
	if (interpreter[0] && access(interpreter, F_OK) < 0)
		return err_errno(e, "exec: \"%s\": its interpreter %s", path, interpreter);
	return 0;
}

int payload_find(const char *name, const struct plan_process *p, char *ret, size_t size,
		 struct err *e)
{
	struct stat st;
	int r;

	if (strchr(name, '/')) {
		if (snprintf(ret, size, "%s", name) >= (int)size)
			return err_sys(e, ENAMETOOLONG, "exec: \"%.100s\"", name);
		r = stat(ret, &st) < 0 ? -errno : judge(&st);
	} else {
		r = search(name, p, ret, size);
	}
	if (r == -ENOENT && strchr(name, '/'))
		return err_sys(e, ENOENT, "exec: \"%s\": stat %s", name, name);
	if (r == -ENOENT)
		return err_set(e, ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
	if (r < 0)
		return err_sys(e, -r, "exec: \"%s\"", name);
	return check_interpreter(ret, e);
}

/* Takes one line of passwd(5) apart. Return: the home field of @uid's line, or NULL. */
static char *home_field(char *line, uid_t uid)
{
	char *fields[7];
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		fields[i] = line;
		line = line ? strchr(line, ':') : NULL;
		if (line)
			*line++ = '\0';
	}
	if (!fields[5] || str_to_u64(fields[2], UINT32_MAX, &number) < 0 || number != uid)
		return NULL;
	return fields[5];
}

/* Lines longer than the buffer are real: their rest is skipped. */
struct lines {
	int fd;
	size_t have, total;
	bool skipping;
	char buf[8192];
};

/* Return: the next whole line without its end, or NULL at the end. The last may lack a newline. */
static char *next_line(struct lines *l, char *line, size_t size)
{
	for (;;) {
		char *end = memchr(l->buf, '\n', l->have);

		if (end) {
			size_t n = (size_t)(end - l->buf);
			bool whole = !l->skipping && n < size;

			memcpy(line, l->buf, whole ? n : 0);
			line[whole ? n : 0] = '\0';
			l->have -= n + 1;
			memmove(l->buf, end + 1, l->have);
			l->skipping = false;
			if (whole)
				return line;
			continue;
		}
		if (l->have == sizeof(l->buf)) {
			l->skipping = true;
			l->have = 0;
		}
		ssize_t n = l->total > MAX_PASSWD
				    ? 0
				    : fd_read(l->fd, l->buf + l->have, sizeof(l->buf) - l->have);

		if (n <= 0) {
			if (l->skipping || !l->have || l->have >= size)
				return NULL;
			memcpy(line, l->buf, l->have);
			line[l->have] = '\0';
			l->have = 0;
			return line;
		}
		l->have += (size_t)n;
		l->total += (size_t)n;
	}
}

/* What the image has there is looked at before it is opened: opening a device can do things. */
static int open_regular(int rootfd, const char *path)
{
	cleanup_close_later int seen = path_open_in_root(rootfd, path, O_PATH);
	struct stat st;

	if (seen < 0 || fstat(seen, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return path_open_in_root(rootfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

void payload_home(int rootfd, uid_t uid, char *ret, size_t size)
{
	cleanup_close_later int fd = open_regular(rootfd, "/etc/passwd");
	struct lines lines = { .fd = fd };
	char line[4096];

	(void)snprintf(ret, size, "/");
	if (fd < 0)
		return;
	while (next_line(&lines, line, sizeof(line))) {
		const char *home = home_field(line, uid);

		if (home) {
			if (home[0])
				(void)snprintf(ret, size, "%s", home);
			return;
		}
	}
}

/*
 * Magic links do not count: the directory is inside the root by construction, and getcwd(2) must
 * agree (CVE-2024-21626). The root itself is where both have been asked for already.
 */
int payload_enter_cwd(const struct plan_process *p, int rootfd, bool make, struct seal *s,
		      struct err *e)
{
	bool root = str_eq(p->cwd, "/");
	cleanup_close_later int fd =
		root   ? -1
		: make ? path_make_in_root(rootfd, p->cwd, PATH_DIR, 0755)
		       : path_open_in_root(rootfd, p->cwd, O_PATH | O_DIRECTORY);
	int r = fd < 0 && !root ? fd : fchdir(root ? rootfd : fd) < 0 ? -errno : 0;
	char cwd[PATH_MAX];

	if (r == -EACCES) {
		s->head.flags |= GATE_CHDIR; /* perhaps the user may */
		return 0;
	}
	/* in the words of runc */
	if (r < 0)
		return err_sys(e, -r,
			       "process.cwd: chdir to cwd (\"%s\") set in config.json failed",
			       p->cwd);
	if (root)
		return 0;
	/* the bare call: a C library may make up a path */
	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0)
		return err_errno(e, "process.cwd: getcwd in %s", p->cwd);
	return cwd[0] == '/' ? 0
			     : err_set(e, EPERM,
				       "process.cwd: %s is outside of the container: "
				       "operation not permitted",
				       p->cwd);
}

/* Replaces or adds; plan_build_process() left room for one more. */
static void set_env(char **envp, const char *name, char *entry)
{
	size_t n = strlen(name);

	while (*envp && (strncmp(*envp, name, n) != 0 || (*envp)[n] != '='))
		envp++;
	*envp = entry;
}

void payload_finish_env(const struct plan_process *p, int rootfd, struct seal *s)
{
	static char home[PATH_MAX + 8],
		listen_pid[] = "LISTEN_PID=0000000000"; /* live until execve */

	if (!p->has_home) {
		memcpy(home, "HOME=", 6);
		payload_home(rootfd, p->uid, home + 5, sizeof(home) - 5);
		set_env(p->envp, "HOME", home);
	}
	if (p->listens) {
		set_env(p->envp, "LISTEN_PID", listen_pid);
		s->head.flags |= GATE_LISTEN_PID;
	}
}
