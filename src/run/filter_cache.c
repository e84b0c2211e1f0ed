/* filter_cache.c - compiled seccomp programs, kept for the next container with the same profile */
#include "filter_cache.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hull/container.h"
#include "hull/fd.h"
#include "hull/filter.h"
#include "hull/json.h"
#include "hull/path.h"
#include "hull/sys.h"

#define MAGIC "hullbpf1"
#define FROM_NAMES 32   /* a shorter profile is compiled sooner than found */
#define VERSION_SIZE 32 /* of libseccomp's, "2.5.4" */
#define MAX_FILE ((size_t)1 << 20)

struct head {
	char magic[8];
	uint64_t key_len, len; /* bytes; of the key, and of the program that follows it */
};

/* The program from its first byte, an ELF header, on; by the name that ld(1) has for it. */
extern const char own_image[] __asm__("__ehdr_start");

/* The linker's hash of this program, ld(1) --build-id: a hull of another build finds nothing. */
static const ElfW(Nhdr) * build_id(void)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)own_image;
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)(own_image + header->e_phoff);

	for (size_t i = 0; i < header->e_phnum; i++) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)(own_image + p[i].p_vaddr);

		if (p[i].p_type == PT_NOTE && p[i].p_memsz > sizeof(*note) + sizeof("GNU") &&
		    note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof("GNU") &&
		    note->n_descsz <= p[i].p_memsz - sizeof(*note) - sizeof("GNU"))
			return note;
	}
	return NULL;
}

static size_t count_names(const struct config_seccomp *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->syscalls.n; i++)
		n += s->syscalls.items[i].names.n;
	return n;
}

/* Everything that the program depends on: the profile as it was read, and who compiles it. */
static void make_key(struct arena *a, const struct json *profile, const ElfW(Nhdr) * id,
		     struct filter_cache *ret)
{
	struct json_out *o = json_out_new(false);
	size_t text_len = 0;

	json_out_tree(o, NULL, profile);
	const char *text = json_out_text(o, &text_len);

	size_t len = VERSION_SIZE + id->n_descsz + text_len;
	char *key = arena_alloc(a, len);

	memset(key, 0, len);
	(void)filter_version(key, VERSION_SIZE);
	memcpy(key + VERSION_SIZE, (const char *)(id + 1) + id->n_namesz, id->n_descsz);
	if (text) {
		memcpy(key + VERSION_SIZE + id->n_descsz, text, text_len);
		*ret = (struct filter_cache){ .key = key, .key_len = len };
	}
	json_out_free(o);
}

/* Fowler, Noll and Vo's 64-bit hash, of which a collision costs one compilation. */
static void file_name(const struct filter_cache *f, char ret[8])
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < f->key_len; i++)
		hash = (hash ^ (unsigned char)f->key[i]) * 0x100000001b3;
	(void)snprintf(ret, 8, "%02x", (unsigned)(hash % FILTER_CACHE_FILES));
}

static bool is_ours(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == sys_euid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static const char *dir_path(struct arena *a)
{
	return arena_printf(a, "%s/.filters", container_root(a));
}

/* Return: a descriptor, or -errno. */
static int open_dir(struct arena *a)
{
	int fd = open(dir_path(a), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (is_ours(fd, S_IFDIR))
		return fd;
	fd_close(fd);
	return -EPERM;
}

/* @bytes: the whole file. Return: whether it is about this key and complete. */
static bool take(const char *bytes, size_t n, struct filter_cache *f)
{
	const struct head *h = (const struct head *)bytes;
	const char *key = bytes + sizeof(*h);

	if (n < sizeof(*h) || memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0 ||
	    h->key_len != f->key_len || n - sizeof(*h) < f->key_len || !h->len ||
	    h->len != n - sizeof(*h) - f->key_len || memcmp(key, f->key, f->key_len) != 0)
		return false;
	f->bpf = key + f->key_len;
	f->len = (size_t)h->len;
	return true;
}

void filter_cache_find(struct arena *a, const struct config *c, struct filter_cache *ret)
{
	const struct config_seccomp *s = c->linux ? c->linux->seccomp : NULL;
	const ElfW(Nhdr) *id = build_id();
	char name[8], *bytes;
	size_t n;

	*ret = (struct filter_cache){ 0 };
	if (!s || !id || count_names(s) < FROM_NAMES)
		return;
	make_key(a, json_member(json_member(c->json, "linux"), "seccomp"), id, ret);
	if (!ret->key)
		return;
	_cleanup_close_ int dir = open_dir(a);

	if (dir < 0)
		return;
	file_name(ret, name);
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && is_ours(fd, S_IFREG) && fd_read_file(fd, a, MAX_FILE, &bytes, &n) == 0)
		(void)take(bytes, n, ret);
}

void filter_cache_keep(struct arena *a, const struct filter_cache *f, const struct plan_filter *new)
{
	size_t size = sizeof(struct head) + f->key_len + new->len;
	char name[8];

	if (!f->key || f->bpf || !new->bpf || size > MAX_FILE)
		return;
	fd_close(path_mkdirs(dir_path(a), 0700));
	_cleanup_close_ int dir = open_dir(a);

	if (dir < 0)
		return;
	struct head h = { .magic = MAGIC, .key_len = f->key_len, .len = new->len };
	char *bytes = arena_alloc(a, size);

	memcpy(bytes, &h, sizeof(h));
	memcpy(bytes + sizeof(h), f->key, f->key_len);
	memcpy(bytes + sizeof(h) + f->key_len, new->bpf, new->len);
	file_name(f, name);
	(void)file_replace_at(dir, name, 0600, bytes, size); /* without, it is compiled again */
}
