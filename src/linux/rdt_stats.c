/* rdt_stats.c - what resctrl has to say about a class; Documentation/arch/x86/resctrl.rst */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/rdt.h"
#include "hull/str.h"

#define MAX_TEXT 8192

/* Return: the file's text without its last newline, or NULL. */
static char *read_file(struct arena *a, const char *dir, const char *name)
{
	char text[MAX_TEXT];
	ssize_t n = file_read_at(AT_FDCWD, arena_printf(a, "%s/%s", dir, name), text, sizeof(text));

	if (n < 0)
		return NULL;
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return arena_strdup(a, text);
}

static void put_number(struct arena *a, struct json_out *o, const char *dir, const char *name)
{
	const char *text = read_file(a, dir, name);
	uint64_t n;

	if (text && str_to_u64(text, UINT64_MAX, &n) == 0)
		json_out_uint(o, name, n);
}

/* The first line of some schemata that begins with a resource's name. */
static void put_schema(struct arena *a, struct json_out *o, const char *key, const char *schemata,
		       const char *resource)
{
	for (const char *p = schemata; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		p += strspn(p, " ");
		if (str_has_prefix(p, resource)) {
			json_out_string(o, key, arena_strndup(a, p, strcspn(p, "\n")));
			return;
		}
	}
}

static void put_all(struct arena *a, struct json_out *o, const char *schemata)
{
	json_out_array(o, "schemata");
	for (const char *p = schemata; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		p += strspn(p, " ");
		if (*p && *p != '\n')
			json_out_string(o, NULL, arena_strndup(a, p, strcspn(p, "\n")));
	}
	json_out_array_end(o);
}

static void put_cache(struct arena *a, const char *base, const char *root, const char *own,
		      struct json_out *o)
{
	const char *info = arena_printf(a, "%s/info/L3", base);
	const char *mask = read_file(a, info, "cbm_mask");

	if (!mask)
		return;
	json_out_object(o, "l3_cache_info");
	json_out_string(o, "cbm_mask", mask);
	put_number(a, o, info, "min_cbm_bits");
	put_number(a, o, info, "num_closids");
	json_out_object_end(o);
	put_schema(a, o, "l3_cache_schema_root", root, "L3");
	put_schema(a, o, "l3_cache_schema", own, "L3");
}

static void put_bandwidth(struct arena *a, const char *base, const char *root, const char *own,
			  struct json_out *o)
{
	static const char *const names[] = { "bandwidth_gran", "delay_linear", "min_bandwidth",
					     "num_closids" };
	const char *info = arena_printf(a, "%s/info/MB", base);

	if (!read_file(a, info, "min_bandwidth"))
		return;
	json_out_object(o, "mem_bw_info");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put_number(a, o, info, names[i]);
	json_out_object_end(o);
	put_schema(a, o, "mem_bw_schema_root", root, "MB");
	put_schema(a, o, "mem_bw_schema", own, "MB");
}

static int by_name(const struct dirent **x, const struct dirent **y)
{
	return strcmp((*x)->d_name, (*y)->d_name);
}

static int is_cache(const struct dirent *d)
{
	return str_has_prefix(d->d_name, "mon_L3_");
}

/* One element a cache, each with those of the counters that the processor has. */
static void put_counters(struct arena *a, struct json_out *o, const char *key, const char *dir,
			 const char *const *names)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_cache, by_name);
	bool begun = false;

	for (int i = 0; i < n; i++) {
		const char *one = arena_printf(a, "%s/%s", dir, list[i]->d_name);

		if (read_file(a, one, names[0])) {
			if (!begun)
				json_out_array(o, key);
			begun = true;
			json_out_object(o, NULL);
			for (size_t j = 0; names[j]; j++)
				put_number(a, o, one, names[j]);
			json_out_object_end(o);
		}
		free(list[i]);
	}
	if (begun)
		json_out_array_end(o);
	if (n >= 0)
		free(list);
}

void rdt_put_stats(struct arena *a, const char *base, const struct rdt *r, struct json_out *o)
{
	static const char *const bandwidth[] = { "mbm_total_bytes", "mbm_local_bytes", NULL };
	static const char *const occupancy[] = { "llc_occupancy", NULL };

	if (!r)
		return;
	const char *root = read_file(a, base, "schemata"), *own = read_file(a, r->clos, "schemata");
	const char *counted = arena_printf(a, "%s/mon_data", r->monitor ? r->monitor : r->clos);

	put_cache(a, base, root, own, o);
	put_bandwidth(a, base, root, own, o);
	if (own)
		put_all(a, o, own);
	put_counters(a, o, "mbm_stats", counted, bandwidth);
	put_counters(a, o, "cmt_stats", counted, occupancy);
}
