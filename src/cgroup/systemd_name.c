/* systemd_name.c - names of units, and where in a hierarchy systemd puts them */
#include "systemd_name.h"

#include <errno.h>
#include <string.h>

#include "hull/str.h"

#define WHERE "linux.cgroupsPath"
#define MAX_UNIT_NAME 255 /* UNIT_NAME_MAX of systemd, without the NUL */
#define UNIT_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"

/* systemd-escape(1), but for '-' and '\', which callers have in their names and expect to find. */
static const char *escape(struct arena *a, const char *name)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_alloc(a, 4 * strlen(name) + 1), *p = out;

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (strchr(UNIT_CHARACTERS, c)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	return out;
}

static int split(struct arena *a, const char *path, const char *parts[3], struct err *e)
{
	const char *rest = path;

	for (unsigned i = 0; i < 3; i++) {
		size_t n = strcspn(rest, ":");
		char end = rest[n];

		if ((i < 2) != (end == ':'))
			return err_set(e, EINVAL,
				       WHERE ": expected \"slice:prefix:name\" for the systemd "
					     "cgroup driver: \"%.200s\"",
				       path);
		parts[i] = arena_strndup(a, rest, n);
		rest += n + (end == ':');
	}
	return 0;
}

int systemd_unit(struct arena *a, const char *path, const char *id, bool user,
		 const char **ret_slice, const char **ret_unit, struct err *e)
{
	const char *parts[3] = { "", "hull", id };
	int r = path ? split(a, path, parts, e) : 0;

	if (r < 0)
		return r;
	if (!parts[2][0])
		return err_set(e, EINVAL,
			       WHERE ": the name after the last colon is empty: \"%.200s\"", path);
	/* a slice holds units; what a container's processes need is a unit that holds processes */
	if (path && str_has_suffix(parts[2], ".slice"))
		return err_set(e, EINVAL,
			       WHERE ": a container needs a scope, not a slice: \"%.200s\"", path);
	const char *prefix = escape(a, parts[1]), *name = escape(a, parts[2]);
	const char *unit = arena_printf(a, "%s%s%s.scope", prefix, prefix[0] ? "-" : "", name);

	if (strlen(unit) > MAX_UNIT_NAME)
		return err_sys(e, ENAMETOOLONG, WHERE ": unit name \"%.60s...\"", unit);
	*ret_unit = unit;
	*ret_slice = parts[0][0] ? parts[0] : user ? "user.slice" : "system.slice";
	return 0;
}

/* "cpu.shares" and the like: a group of that name would hide, or be, a file of its parent. */
static bool is_file_name(const char *unit)
{
	static const char *const controllers[] = { "cgroup", "cpu",     "cpuacct", "cpuset",
						   "io",     "blkio",   "memory",  "devices",
						   "pids",   "hugetlb", "freezer", "misc" };
	const char *dot = strrchr(unit, '.');

	if (str_eq(unit, "notify_on_release") || str_eq(unit, "release_agent") ||
	    str_eq(unit, "tasks") || str_has_prefix(unit, "cgroup."))
		return true;
	for (size_t i = 0; dot && i < ARRAY_SIZE(controllers); i++) {
		size_t n = strlen(controllers[i]);

		if ((size_t)(dot - unit) == n && !strncmp(unit, controllers[i], n))
			return true;
	}
	return false;
}

const char *systemd_group_name(struct arena *a, const char *unit)
{
	bool escaped = unit[0] == '_' || unit[0] == '.' || is_file_name(unit);

	return escaped ? arena_printf(a, "_%s", unit) : unit;
}

static bool is_slice(const char *slice)
{
	size_t n = strlen(slice), suffix = strlen(".slice");

	return n > suffix && n <= MAX_UNIT_NAME && str_has_suffix(slice, ".slice") &&
	       slice[strspn(slice, UNIT_CHARACTERS)] == '\0' && !strchr(slice, ':') &&
	       slice[0] != '-' && slice[n - suffix - 1] != '-' && !strstr(slice, "--");
}

int systemd_slice_path(struct arena *a, const char *slice, const char **ret, struct err *e)
{
	const char *path = "";

	if (str_eq(slice, "-.slice")) {
		*ret = path;
		return 0;
	}
	if (!is_slice(slice))
		return err_set(e, EINVAL,
			       WHERE ": not the name of a slice, like \"machine.slice\" or "
				     "\"a-b.slice\": \"%.100s\"",
			       slice);
	for (const char *dash = strchr(slice, '-'); dash; dash = strchr(dash + 1, '-')) {
		const char *parent = arena_printf(a, "%.*s.slice", (int)(dash - slice), slice);

		path = arena_printf(a, "%s/%s", path, systemd_group_name(a, parent));
	}
	*ret = arena_printf(a, "%s/%s", path, systemd_group_name(a, slice));
	return 0;
}
