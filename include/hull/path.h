/* path.h - the one way to reach a path inside a root file system */
#ifndef HULL_PATH_H
#define HULL_PATH_H

#include <stdint.h>
#include <sys/types.h>

#include "hull/err.h"

/*
 * Every byte below a container's root is hostile: links may point anywhere, and another process
 * may rename directories while hull walks. All functions resolve as if @rootfd were "/", follow
 * no magic link, and hand out a descriptor; callers act on that descriptor and never on the path
 * again (invariants I1 and I2, docs/security.md).
 */

enum path_kind {
	PATH_ANY,      /* whatever is there */
	PATH_DIR,      /* a directory */
	PATH_REAL_DIR, /* a directory that is not reached by a link in its last component */
	PATH_FILE,     /* anything but a directory */
};

/**
 * path_open_in_root() - open what exists
 * @rootfd: O_PATH directory descriptor of the container's root
 * @path: as the user wrote it; absolute and relative mean the same, ".." stops at the root
 * @flags: open(2) flags, O_CLOEXEC is added; O_PATH for everything that is not known to be harmless
 *
 * Uses openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS); where a seccomp filter or an old kernel
 * withholds it (ENOSYS, EPERM), walks component by component with O_NOFOLLOW.
 *
 * Return: a descriptor owned by the caller, or -errno.
 */
int path_open_in_root(int rootfd, const char *path, int flags);

/**
 * path_open_linkless_in_root() - the same where no component is a link; with one it is -ELOOP
 *
 * For what a link of the image must not choose.
 */
int path_open_linkless_in_root(int rootfd, const char *path, int flags);

/**
 * path_make_in_root() - open what exists, or create it
 * @kind: PATH_DIR, PATH_REAL_DIR or PATH_FILE, for the last component when it is missing
 * @mode: of a created last component; created parents get 0755
 *
 * Follows links inside the root, dangling ones too, and creates what they point at. An entry that
 * another process creates at the same moment is opened instead. Nothing is ever truncated,
 * removed or replaced.
 *
 * Return: an O_PATH descriptor owned by the caller, or -errno (-ENOTDIR and -EISDIR when what
 * exists is not of @kind, -ELOOP after 40 links).
 */
int path_make_in_root(int rootfd, const char *path, enum path_kind kind, mode_t mode);

/* path_make_linkless_in_root() - the same, with -ELOOP for a link; what precedes it may be made */
int path_make_linkless_in_root(int rootfd, const char *path, enum path_kind kind, mode_t mode);

/**
 * path_parent_in_root() - the directory that holds the last component of @path, created if missing
 * @ret_name: the last component, pointing into @path's tail; "." and ".." are refused
 *
 * For mknodat() and symlinkat(), which create exclusively and so need no look at the name.
 *
 * Return: an O_PATH directory descriptor owned by the caller, or -errno.
 */
int path_parent_in_root(int rootfd, const char *path, const char **ret_name);

/**
 * path_clean() - "//a/./b/../c" as "/a/c", links aside: for comparing, never for opening
 *
 * The root is "".
 *
 * Return: 0, or -ENAMETOOLONG when it does not fit.
 */
int path_clean(const char *path, char *ret, size_t size);

/**
 * path_mkdirs() - mkdir -p for a trusted host path
 * @mode: of each directory it creates
 *
 * Return: a directory descriptor of the last component owned by the caller, or -errno.
 */
int path_mkdirs(const char *path, mode_t mode);

#endif
