/* hierarchy.h - one tree of groups, the container's place in it, and the files of that place */
#ifndef HULL_CGROUP_HIERARCHY_H
#define HULL_CGROUP_HIERARCHY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hull/arena.h"

/**
 * struct hierarchy - one tree of groups, and the container's place in it
 * @controllers: as in /proc/self/cgroup: "cpu,cpuacct", "name=systemd", or "" for cgroup v2
 * @dir: where it is mounted
 * @own: the group hull itself is in; NULL where it was not read
 * @path: the container's group below @dir: "/a/b"
 * @group: @dir and @path together
 * @depth: components of @path
 * @made: how many of them, counted from the end, are hull's to make and to remove
 * @absent: the kernel refused it and the container goes without
 * @systemd: systemd makes groups here, and its are the parents
 * @joined: init is inside
 * @seen: @dir is a cgroup file system of the right version
 * @fd: -1, or owned: v2 the group's directory (O_PATH), v1 its "tasks" open for writing
 */
struct hierarchy {
	const char *controllers, *dir, *own, *path, *group;
	unsigned depth, made;
	bool absent, systemd, joined, seen;
	int fd;
};

static inline bool hierarchy_is_v2(const struct hierarchy *h)
{
	return !h->controllers[0];
}

/* Files of a group that is removed say ENODEV to who has them open, ENOENT to others. */
static inline bool hierarchy_is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

/* hierarchy_has() - whether it has a v1 controller */
bool hierarchy_has(const struct hierarchy *h, const char *controller);

/* hierarchy_lists() - whether a list of words with one separator contains a word */
bool hierarchy_lists(const char *list, char separator, const char *word);

/* hierarchy_set_path() - fill in @path, @group and @depth */
void hierarchy_set_path(struct arena *a, struct hierarchy *h, const char *path);

/* hierarchy_prefix() - the first @depth components of the group's path, as a path on the host */
void hierarchy_prefix(const struct hierarchy *h, unsigned depth, char *buf, size_t size);

/* hierarchy_open() - open a file of the container's group. Return: a descriptor or -errno. */
int hierarchy_open(const struct hierarchy *h, const char *file, int flags);

/* hierarchy_open_dir() - the group's directory itself, for reading. A descriptor or -errno. */
int hierarchy_open_dir(const struct hierarchy *h);

/* hierarchy_read() - the start of such a file by one read, as a string. Its length, or -errno. */
ssize_t hierarchy_read(const struct hierarchy *h, const char *file, char *buf, size_t size);

/* hierarchy_write() - write one value to such a file. Return: 0 or -errno. */
int hierarchy_write(const struct hierarchy *h, const char *file, const char *text);

#endif
