/* tree.c - the groups below the container's, and the processes in them */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hierarchy.h"
#include "hull/fd.h"

/* Return: 0 or -ENOMEM; room for one more element. */
static int reserve(void **items, size_t n, size_t *size, size_t element)
{
	if (n < *size)
		return 0;
	size_t bigger = *size ? 2 * *size : 16;
	void *p = reallocarray(*items, bigger, element);

	if (!p)
		return -ENOMEM;
	*items = p;
	*size = bigger;
	return 0;
}

static int add_node(struct tree *t, size_t parent, const char *name)
{
	void *items = t->nodes;
	int r = reserve(&items, t->n, &t->size, sizeof(*t->nodes));

	t->nodes = items;
	if (r < 0)
		return r;
	struct tree_node *node = &t->nodes[t->n++];

	node->parent = parent;
	(void)snprintf(node->name, sizeof(node->name), "%s", name);
	return 0;
}

void tree_free(struct tree *t)
{
	free(t->nodes);
	*t = (struct tree){ 0 };
}

/*
 * A node's path, relative to the nearest of its ancestors from which it fits into @buf; usually
 * that is the root. Names are put in front of each other from the end of the buffer.
 */
struct tree_path {
	size_t from;
	const char *text;
	char buf[PATH_MAX];
};

static bool prepend(struct tree_path *p, const char *name)
{
	size_t n = strlen(name), room = (size_t)(p->text - p->buf);

	if (n + 1 > room)
		return false;
	char *start = p->buf + room - n - 1;

	memcpy(start, name, n + 1);
	start[n] = '/';
	p->text = start;
	return true;
}

/* @ret->from is the node to begin with. */
static void fill_path(const struct tree *t, const char *file, struct tree_path *ret)
{
	size_t n = strlen(file) + 1; /* names of hull's own choice: short */

	memcpy(ret->buf + sizeof(ret->buf) - n, file, n);
	ret->text = ret->buf + sizeof(ret->buf) - n;
	while (ret->from && prepend(ret, t->nodes[ret->from].name))
		ret->from = t->nodes[ret->from].parent;
}

/* Return: a descriptor that @p starts from, to be closed unless it is @root, or -errno. */
static int start_of(const struct tree *t, int root, const struct tree_path *p)
{
	return p->from ? tree_open(t, root, p->from, ".", O_PATH | O_DIRECTORY) : root;
}

int tree_open(const struct tree *t, int root, size_t node, const char *file, int flags)
{
	struct tree_path p = { .from = node };

	fill_path(t, file, &p);
	int start = start_of(t, root, &p);
	int fd = start < 0 ? start : openat(start, p.text, flags | O_NOFOLLOW | O_CLOEXEC);

	if (start >= 0 && fd < 0)
		fd = -errno;
	if (start != root)
		fd_close(start);
	return fd;
}

int tree_remove(const struct tree *t, int root, size_t node)
{
	struct tree_path p = { .from = node };

	fill_path(t, "", &p);
	int start = start_of(t, root, &p);
	int r = start < 0 ? start : unlinkat(start, p.text, AT_REMOVEDIR);

	if (start >= 0 && r < 0)
		r = -errno;
	if (start != root)
		fd_close(start);
	return r;
}

static void dir_cleanup(DIR **d)
{
	if (*d)
		(void)closedir(*d); /* only reads happened */
}

static int list_children(struct tree *t, size_t parent, int fd)
{
	DIR *dir __attribute__((cleanup(dir_cleanup))) = fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		fd_close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = add_node(t, parent, entry->d_name);
	}
	return r == 0 ? -errno : r;
}

/* A directory's links are one for its name, its "." and the ".." of each child. */
static int list_node(struct tree *t, int root, size_t node)
{
	_cleanup_close_ int fd = tree_open(t, root, node, ".", O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && st.st_nlink == 2)
		return 0;
	return list_children(t, node, fd_steal(&fd));
}

int tree_list(int root, struct tree *ret)
{
	cleanup_tree struct tree t = { 0 };
	int r = add_node(&t, 0, "");

	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = list_node(&t, root, i);
		if (i && hierarchy_is_gone(r))
			r = 0;
	}
	if (r < 0)
		return r;
	*ret = t;
	t = (struct tree){ 0 };
	return 0;
}

void pids_free(struct pids *p)
{
	free(p->items);
	*p = (struct pids){ 0 };
}

static int add_pid(struct pids *p, pid_t pid)
{
	void *items = p->items;
	int r = reserve(&items, p->n, &p->size, sizeof(*p->items));

	p->items = items;
	if (r == 0)
		p->items[p->n++] = pid;
	return r;
}

int pids_read(int fd, struct pids *p)
{
	char text[4096];
	int64_t pid = 0;
	bool digits = false;
	int r = 0;

	while (r == 0) {
		ssize_t n = fd_read(fd, text, sizeof(text));

		if (n <= 0)
			return (int)n;
		for (ssize_t i = 0; r == 0 && i < n; i++) {
			bool digit = text[i] >= '0' && text[i] <= '9';

			/* 0 is a process of a pid namespace that hull cannot see into */
			if (!digit && digits && pid)
				r = add_pid(p, (pid_t)pid);
			pid = digit ? (digits ? pid * 10 : 0) + (text[i] - '0') : 0;
			digits = digit;
			if (pid > INT32_MAX) /* it would be somebody else's number */
				return -EPROTO;
		}
	}
	return r;
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void pids_sort(struct pids *p)
{
	size_t kept = 0;

	if (p->n)
		qsort(p->items, p->n, sizeof(*p->items), by_number);
	for (size_t i = 0; i < p->n; i++) {
		if (!kept || p->items[i] != p->items[kept - 1])
			p->items[kept++] = p->items[i];
	}
	p->n = kept;
}

bool pids_contain(const struct pids *p, pid_t pid)
{
	return p->n && bsearch(&pid, p->items, p->n, sizeof(pid), by_number);
}

/*
 * A threaded group of v2 has no list of processes (EOPNOTSUPP): they are listed by the domain it
 * belongs to, which is above it and, unless it is outside the container, has been read already.
 */
int tree_pids(const struct tree *t, int root, size_t node, struct pids *p)
{
	_cleanup_close_ int fd = tree_open(t, root, node, "cgroup.procs", O_RDONLY);
	int r = fd < 0 ? fd : pids_read(fd, p);

	if (r == -EOPNOTSUPP && node == 0) {
		_cleanup_close_ int threads = tree_open(t, root, node, "cgroup.threads", O_RDONLY);

		r = threads < 0 ? threads : pids_read(threads, p);
	}
	return hierarchy_is_gone(r) || r == -EOPNOTSUPP ? 0 : r;
}

int tree_all_pids(const struct tree *t, int root, struct pids *p)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++)
		r = tree_pids(t, root, i, p);
	pids_sort(p);
	return r;
}
