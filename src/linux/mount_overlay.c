/* mount_overlay.c - an option of overlayfs that is longer than fsconfig(2) takes */
#include "mount_overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hull/fd.h"

/* How much of @layers[0..] names a directory, with its slash, that each of them begins with. */
static size_t common(const char *layers)
{
	size_t n = strcspn(layers, ":");

	for (const char *p = layers; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL) {
		size_t same = 0;

		if (*p == ':') /* "::" comes before layers of data */
			continue;
		while (same < n && p[same] == layers[same])
			same++;
		n = same;
	}
	while (n && layers[n - 1] != '/')
		n--;
	return n;
}

static int write_names(const char *layers, size_t skip, char *ret, size_t size)
{
	size_t used = 0;

	for (const char *p = layers;;) {
		size_t n = strcspn(p, ":");
		const char *name = n ? p + skip : p;
		size_t len = n ? n - skip : 0;

		for (; n && *name == '/'; name++) /* "dir//name" */
			len--;
		if (n && !len) {
			name = ".";
			len = 1;
		}
		if (used + len + 2 > size)
			return -E2BIG;
		memcpy(ret + used, name, len);
		used += len;
		p += n;
		if (!*p)
			break;
		ret[used++] = *p++;
	}
	ret[used] = '\0';
	return 0;
}

int mount_overlay_shorten(const char *layers, char *ret, size_t size, int *ret_cwd)
{
	char dir[PATH_MAX];
	size_t n = common(layers);

	if (layers[0] != '/' || strchr(layers, '\\') || n >= sizeof(dir))
		return -E2BIG;
	int r = write_names(layers, n, ret, size);

	if (r < 0)
		return r;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)n, layers);
	_cleanup_close_ int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (cwd < 0) /* root of a user namespace need not be able to search it, nor to go back */
		cwd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cwd < 0 || chdir(dir) < 0)
		return -errno;
	*ret_cwd = fd_steal(&cwd);
	return 0;
}
