/* mount_overlay.h - an option of overlayfs that is longer than fsconfig(2) takes */
#ifndef HULL_MOUNT_OVERLAY_H
#define HULL_MOUNT_OVERLAY_H

#include <stddef.h>

/**
 * mount_overlay_shorten() - enter the directory that all layers are below, and name them from there
 * @layers: of "lowerdir": absolute paths with ':' between them
 * @ret: @size bytes
 * @ret_cwd: where the caller was, to go back to when the mount is made; owned by the caller
 *
 * Engines name layers by paths of seventy bytes and more; mount(2) would take a page of them.
 *
 * Return: 0; -E2BIG when it is too long all the same, or has escaped characters; or -errno.
 */
int mount_overlay_shorten(const char *layers, char *ret, size_t size, int *ret_cwd);

#endif
