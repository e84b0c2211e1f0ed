/* tree.h - the groups below the container's, and the processes in them */
#ifndef HULL_CGROUP_TREE_H
#define HULL_CGROUP_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Containers may make groups of their own, as deep and as many as they like, and while hull looks.
 * A tree is therefore a flat list, parents before children, that holds no descriptors; walking it
 * backwards meets children first. Memory comes from malloc() and its lack is an error like others,
 * for these functions also undo failed creations.
 */
struct tree {
	size_t n, size;
	struct tree_node {
		size_t parent; /* index; of the first node, the container's group itself, its own */
		char name[NAME_MAX + 1];
	} * nodes;
};

/* tree_list() - all groups at or below a directory; tree_free() it. Return: 0 or -errno. */
int tree_list(int root, struct tree *ret);

void tree_free(struct tree *t);
#define cleanup_tree __attribute__((cleanup(tree_free)))

/* tree_open() - open a file of one group, "." for itself. Return: a descriptor or -errno. */
int tree_open(const struct tree *t, int root, size_t node, const char *file, int flags);

/* tree_remove() - rmdir one group. Return: 0 or -errno. */
int tree_remove(const struct tree *t, int root, size_t node);

struct pids {
	size_t n, size;
	pid_t *items;
};

void pids_free(struct pids *p);
#define cleanup_pids __attribute__((cleanup(pids_free)))

/* pids_read() - append what an open cgroup.procs lists. Return: 0 or -errno. */
int pids_read(int fd, struct pids *p);

/* pids_sort() - ascending, each once */
void pids_sort(struct pids *p);

/* pids_contain() - whether a sorted list has a number */
bool pids_contain(const struct pids *p, pid_t pid);

/* tree_pids() - append the processes of one group. Return: 0, also when it is gone, or -errno. */
int tree_pids(const struct tree *t, int root, size_t node, struct pids *p);

/* tree_all_pids() - append the processes of all groups, then sort. Return: 0 or -errno. */
int tree_all_pids(const struct tree *t, int root, struct pids *p);

#endif
