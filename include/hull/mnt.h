/* mnt.h - mounts by descriptor: the calls that every maker of mounts shares */
#ifndef HULL_MNT_H
#define HULL_MNT_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of struct mount_attr, mount_setattr(2); @mask holds every bit that was spoken about. */
struct mnt_attr {
	uint64_t set, mask;
};

/* "relatime" is the absence of bits to the kernel; this one says that it was asked for. */
#define MNT_ATTR_RELATIME (1ULL << 63)
/* MOUNT_ATTR_NOSYMFOLLOW, since Linux 5.14: the C library's headers may be older */
#define MNT_ATTR_NOSYMFOLLOW 0x00200000ULL

/* mnt_set_attr() - change attributes of a mount, or with @recursive of its tree. 0 or -errno. */
int mnt_set_attr(int mount, const struct mnt_attr *attr, bool recursive);

/* mnt_set_readonly() - the one attribute that is set most often. Return: 0 or -errno. */
int mnt_set_readonly(int mount, bool recursive);

/* mnt_set_idmap() - show other owners, by the maps of a user namespace. Return: 0 or -errno. */
int mnt_set_idmap(int mount, int userns, bool recursive);

/* mnt_set_propagation() - MS_SHARED and the like, with MS_REC for the tree. 0 or -errno. */
int mnt_set_propagation(int mount, unsigned long flags);

/**
 * mnt_clone() - a detached copy of the mount or file behind a descriptor
 *
 * Before Linux 6.15 only of what is attached in the caller's mount namespace.
 *
 * Return: a descriptor owned by the caller, or -errno.
 */
int mnt_clone(int fd, bool recursive);

/* mnt_clone_path() - the same of a path of the host's */
int mnt_clone_path(const char *path, bool recursive);

/* mnt_move() - put a detached mount on what an O_PATH descriptor names. Return: 0 or -errno. */
int mnt_move(int mount, int target);

#endif
