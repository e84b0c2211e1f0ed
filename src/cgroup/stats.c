/*
 * stats.c - what the groups count, in the JSON of `runc events`
 *
 * That shape is v1's; v2's numbers are put where their like is. Every file may be missing (the
 * kernel's configuration, a controller that is not enabled) and every read may fail (the group is
 * being removed): then there is nothing to say, which is no error.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/str.h"

#define MAX_TEXT ((size_t)4 << 20)
#define MAX_LIST 65536 /* processors and memory nodes have 16 bits in this shape */
#define NS_PER_US 1000

struct stats {
	const struct cgroup *cg;
	struct arena *arena;
	struct json_out *out;
};

/* Where a family is counted: its v1 controller if there is one, else v2; or NULL. */
static const struct hierarchy *home(const struct stats *s, const char *v1_controller)
{
	const struct hierarchy *h = layout_v1(&s->cg->layout, v1_controller);

	return h ? h : layout_v2(&s->cg->layout);
}

/* Return: all of a file, "" when there is none. */
static const char *slurp(const struct stats *s, const struct hierarchy *h, const char *file)
{
	_cleanup_close_ int fd = h ? hierarchy_open(h, file, O_RDONLY) : -ENOENT;
	char *text;

	return fd >= 0 && fd_read_file(fd, s->arena, MAX_TEXT, &text, NULL) == 0 ? text : "";
}

static bool to_number(const char *text, size_t n, uint64_t *ret)
{
	char digits[24];

	if (n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	return str_to_u64(digits, UINT64_MAX, ret) == 0;
}

/* A file with one number; "max" is the largest, as v1 has it. Return: 0 without. */
static uint64_t read_number(const struct stats *s, const struct hierarchy *h, const char *file)
{
	const char *text = slurp(s, h, file);
	uint64_t n;

	if (str_has_prefix(text, "max"))
		return UINT64_MAX;
	return to_number(text, strcspn(text, "\n"), &n) ? n : 0;
}

/* The number after a word at the start of a line. Return: 0 without. */
static uint64_t number_of(const char *text, const char *word)
{
	size_t n = strlen(word);
	uint64_t value;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (!strncmp(text, word, n) && text[n] == ' ' &&
		    to_number(text + n + 1, strcspn(text + n + 1, "\n"), &value))
			return value;
	}
	return 0;
}

/* "some avg10=0.12 avg60=0.05 avg300=0.00 total=1234"; accounting/psi.rst */
static void put_pressure_line(struct json_out *o, const char *text, const char *key)
{
	static const char *const names[] = { "avg10", "avg60", "avg300", "total" };
	char values[ARRAY_SIZE(names)][32];
	const char *line = strstr(text, key);

	if (!line || sscanf(line + strlen(key),
			    " avg10=%31[0-9.] avg60=%31[0-9.] avg300=%31[0-9.] total=%31[0-9]",
			    values[0], values[1], values[2], values[3]) != ARRAY_SIZE(names))
		return;
	json_out_object(o, key);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct json number = { .type = JSON_NUMBER, .text = values[i] };

		json_out_tree(o, names[i], &number);
	}
	json_out_object_end(o);
}

/* Every group of v2 has these, whichever controllers it has. */
static void put_pressure(const struct stats *s, const char *file)
{
	const char *text = slurp(s, layout_v2(&s->cg->layout), file);

	if (!text[0])
		return;
	json_out_object(s->out, "psi");
	put_pressure_line(s->out, text, "some");
	put_pressure_line(s->out, text, "full");
	json_out_object_end(s->out);
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return p + (*p == '\n');
}

/* Column @n of lines that begin with a processor's number; the heading does not. */
static void put_percpu_column(const struct stats *s, const char *key, const char *text, int n)
{
	json_out_array(s->out, key);
	for (; *text; text = next_line(text)) {
		uint64_t v[2];

		if (sscanf(text, "%*u %20" SCNu64 " %20" SCNu64, &v[0], &v[1]) == 2)
			json_out_uint(s->out, NULL, v[n]);
	}
	json_out_array_end(s->out);
}

static void put_cpuacct(const struct stats *s, const struct hierarchy *h)
{
	const char *stat = slurp(s, h, "cpuacct.stat");
	uint64_t tick = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
	const char *each = slurp(s, h, "cpuacct.usage_percpu"),
		   *all = slurp(s, h, "cpuacct.usage_all");

	json_out_uint(s->out, "total", read_number(s, h, "cpuacct.usage"));
	if (each[0]) {
		json_out_array(s->out, "percpu");
		for (size_t n; each += strspn(each, " \n"), *each; each += n) {
			uint64_t v = 0;

			n = strcspn(each, " \n");
			json_out_uint(s->out, NULL, to_number(each, n, &v) ? v : 0);
		}
		json_out_array_end(s->out);
	}
	if (all[0]) {
		put_percpu_column(s, "percpu_user", all, 0);
		put_percpu_column(s, "percpu_kernel", all, 1);
	}
	json_out_uint(s->out, "kernel", number_of(stat, "system") * tick);
	json_out_uint(s->out, "user", number_of(stat, "user") * tick);
}

static void put_cpu(const struct stats *s)
{
	const struct hierarchy *h = home(s, "cpu"), *acct = layout_v1(&s->cg->layout, "cpuacct");
	const struct hierarchy *v2 = layout_v2(&s->cg->layout);
	const char *stat = slurp(s, h, "cpu.stat"), *usage = acct ? "" : slurp(s, v2, "cpu.stat");
	bool v1 = h && !hierarchy_is_v2(h);

	json_out_object(s->out, "cpu");
	json_out_object(s->out, "usage");
	if (acct) {
		put_cpuacct(s, acct);
	} else {
		json_out_uint(s->out, "total", number_of(usage, "usage_usec") * NS_PER_US);
		json_out_uint(s->out, "kernel", number_of(usage, "system_usec") * NS_PER_US);
		json_out_uint(s->out, "user", number_of(usage, "user_usec") * NS_PER_US);
	}
	json_out_object_end(s->out);
	json_out_object(s->out, "throttling");
	json_out_uint(s->out, "periods", number_of(stat, "nr_periods"));
	json_out_uint(s->out, "throttledPeriods", number_of(stat, "nr_throttled"));
	json_out_uint(s->out, "throttledTime",
		      v1 ? number_of(stat, "throttled_time")
			 : number_of(stat, "throttled_usec") * NS_PER_US);
	json_out_object_end(s->out);
	put_pressure(s, "cpu.pressure");
	json_out_object_end(s->out);
}

/* "0-2,7" as [0, 1, 2, 7] */
static void put_list(const struct stats *s, const char *key, const char *text)
{
	const size_t word = 8 * sizeof(unsigned long);
	unsigned long mask[MAX_LIST / (8 * sizeof(unsigned long))];
	char *list = arena_strndup(s->arena, text, strcspn(text, "\n"));

	if (!list[0] || str_to_mask(list, mask, MAX_LIST) < 0)
		return;
	json_out_array(s->out, key);
	for (size_t i = 0; i < MAX_LIST; i++) {
		if (mask[i / word] >> i % word & 1)
			json_out_uint(s->out, NULL, i);
	}
	json_out_array_end(s->out);
}

static void put_cpuset(const struct stats *s)
{
	static const char *const names[] = {
		"cpu_exclusive",      "mem_hardwall",       "mem_exclusive",   "memory_migrate",
		"memory_spread_page", "memory_spread_slab", "memory_pressure", "sched_load_balance",
	};
	const struct hierarchy *h = home(s, "cpuset");
	bool v1 = h && !hierarchy_is_v2(h);
	int64_t level = 0;

	json_out_object(s->out, "cpuset");
	put_list(s, "cpus", slurp(s, h, v1 ? "cpuset.cpus" : "cpuset.cpus.effective"));
	put_list(s, "mems", slurp(s, h, v1 ? "cpuset.mems" : "cpuset.mems.effective"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *file = arena_printf(s->arena, "cpuset.%s", names[i]);

		json_out_uint(s->out, names[i], v1 ? read_number(s, h, file) : 0);
	}
	if (v1)
		(void)sscanf(slurp(s, h, "cpuset.sched_relax_domain_level"), "%20" SCNd64, &level);
	json_out_int(s->out, "sched_relax_domain_level", level);
	json_out_object_end(s->out);
}

struct memory_entry {
	uint64_t limit, usage, max, failcnt;
};

static void put_memory_entry(const struct stats *s, const char *key, const struct memory_entry *m)
{
	json_out_object(s->out, key);
	json_out_uint(s->out, "limit", m->limit);
	json_out_uint(s->out, "usage", m->usage);
	json_out_uint(s->out, "max", m->max);
	json_out_uint(s->out, "failcnt", m->failcnt);
	json_out_object_end(s->out);
}

static void put_memory_v1(const struct stats *s, const struct hierarchy *h)
{
	static const struct {
		const char *key, *prefix;
	} rows[] = {
		{ "usage", "memory" },
		{ "swap", "memory.memsw" },
		{ "kernel", "memory.kmem" },
		{ "kernelTCP", "memory.kmem.tcp" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct memory_entry m;
		const struct {
			const char *file;
			uint64_t *to;
		} files[] = {
			{ "limit_in_bytes", &m.limit },
			{ "usage_in_bytes", &m.usage },
			{ "max_usage_in_bytes", &m.max },
			{ "failcnt", &m.failcnt },
		};

		for (size_t j = 0; j < ARRAY_SIZE(files); j++)
			*files[j].to = read_number(s, h,
						   arena_printf(s->arena, "%s.%s", rows[i].prefix,
								files[j].file));
		put_memory_entry(s, rows[i].key, &m);
	}
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* "swap" is v1's memory and swap together; how high that ever was v2 does not know. */
static void put_memory_v2(const struct stats *s, const struct hierarchy *h)
{
	const char *events = slurp(s, h, "memory.events");
	const struct memory_entry none = { 0 };
	const struct memory_entry usage = { .limit = read_number(s, h, "memory.max"),
					    .usage = read_number(s, h, "memory.current"),
					    .max = read_number(s, h, "memory.peak"),
					    .failcnt = number_of(events, "max") };
	const struct memory_entry swap = {
		.limit = sum(read_number(s, h, "memory.swap.max"), usage.limit),
		.usage = sum(read_number(s, h, "memory.swap.current"), usage.usage)
	};

	put_memory_entry(s, "usage", &usage);
	put_memory_entry(s, "swap", &swap);
	put_memory_entry(s, "kernel", &none);
	put_memory_entry(s, "kernelTCP", &none);
}

static void put_memory(const struct stats *s)
{
	const struct hierarchy *h = home(s, "memory");
	const char *stat = slurp(s, h, "memory.stat");
	bool v1 = h && !hierarchy_is_v2(h);

	json_out_object(s->out, "memory");
	json_out_uint(s->out, "cache", number_of(stat, v1 ? "cache" : "file"));
	if (v1)
		put_memory_v1(s, h);
	else
		put_memory_v2(s, h);
	json_out_object(s->out, "raw");
	for (; *stat; stat = next_line(stat)) {
		char name[64];
		uint64_t value;

		if (sscanf(stat, "%63s %20" SCNu64, name, &value) == 2)
			json_out_uint(s->out, name, value);
	}
	json_out_object_end(s->out);
	put_pressure(s, "memory.pressure");
	json_out_object_end(s->out);
}

/* Without a limit there is no member: 0 is one. */
static void put_pids(const struct stats *s)
{
	const struct hierarchy *h = home(s, "pids");
	const char *limit = slurp(s, h, "pids.max");
	uint64_t n;

	json_out_object(s->out, "pids");
	json_out_uint(s->out, "current", read_number(s, h, "pids.current"));
	if (to_number(limit, strcspn(limit, "\n"), &n))
		json_out_uint(s->out, "limit", n);
	json_out_object_end(s->out);
}

struct io_entry {
	uint64_t major, minor, value;
	char op[16];
};

static void put_io_entry(const struct stats *s, const struct io_entry *e)
{
	json_out_object(s->out, NULL);
	json_out_uint(s->out, "major", e->major);
	json_out_uint(s->out, "minor", e->minor);
	json_out_string(s->out, "op", e->op);
	json_out_uint(s->out, "value", e->value);
	json_out_object_end(s->out);
}

/* "8:0 Read 4096", or "8:0 12" in files without operations; "Total 4096" is no device's. */
static bool parse_io_v1(const char *line, struct io_entry *e)
{
	*e = (struct io_entry){ 0 };
	if (sscanf(line, "%20" SCNu64 ":%20" SCNu64 " %15[A-Za-z] %20" SCNu64, &e->major, &e->minor,
		   e->op, &e->value) == 4)
		return true;
	e->op[0] = '\0';
	return sscanf(line, "%20" SCNu64 ":%20" SCNu64 " %20" SCNu64, &e->major, &e->minor,
		      &e->value) == 3;
}

/* BFQ counts what it schedules, CFQ did; throttling counts everything, but fewer things of it. */
static const char *find_io_v1(const struct stats *s, const struct hierarchy *h, const char *file)
{
	static const char *const prefixes[] = { "blkio.bfq.", "blkio.", "blkio.throttle." };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		const char *text = slurp(s, h, arena_printf(s->arena, "%s%s", prefixes[i], file));
		struct io_entry e;

		if (parse_io_v1(text, &e))
			return text;
	}
	return "";
}

static void put_io_v1(const struct stats *s, const struct hierarchy *h)
{
	static const struct {
		const char *key, *file;
	} rows[] = {
		{ "ioServiceBytesRecursive", "io_service_bytes_recursive" },
		{ "ioServicedRecursive", "io_serviced_recursive" },
		{ "ioQueueRecursive", "io_queued_recursive" },
		{ "ioServiceTimeRecursive", "io_service_time_recursive" },
		{ "ioWaitTimeRecursive", "io_wait_time_recursive" },
		{ "ioMergedRecursive", "io_merged_recursive" },
		{ "ioTimeRecursive", "time_recursive" },
		{ "sectorsRecursive", "sectors_recursive" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = find_io_v1(s, h, rows[i].file);
		struct io_entry e;

		if (!text[0])
			continue;
		json_out_array(s->out, rows[i].key);
		for (; *text; text = next_line(text)) {
			if (parse_io_v1(text, &e))
				put_io_entry(s, &e);
		}
		json_out_array_end(s->out);
	}
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...": one value of each device's line */
static void put_io_column(const struct stats *s, const char *text, const char *name, const char *op)
{
	for (; *text; text = next_line(text)) {
		const char *line = arena_strndup(s->arena, text, strcspn(text, "\n"));
		const char *at = strstr(line, name);
		struct io_entry e = { 0 };

		(void)snprintf(e.op, sizeof(e.op), "%s", op);
		if (at && sscanf(line, "%20" SCNu64 ":%20" SCNu64, &e.major, &e.minor) == 2 &&
		    sscanf(at + strlen(name), "%20" SCNu64, &e.value) == 1)
			put_io_entry(s, &e);
	}
}

static void put_io_v2(const struct stats *s, const struct hierarchy *h)
{
	const char *text = slurp(s, h, "io.stat");

	if (!text[0])
		return;
	json_out_array(s->out, "ioServiceBytesRecursive");
	put_io_column(s, text, " rbytes=", "Read");
	put_io_column(s, text, " wbytes=", "Write");
	json_out_array_end(s->out);
	json_out_array(s->out, "ioServicedRecursive");
	put_io_column(s, text, " rios=", "Read");
	put_io_column(s, text, " wios=", "Write");
	json_out_array_end(s->out);
}

static void put_io(const struct stats *s)
{
	const struct hierarchy *h = home(s, "blkio");

	json_out_object(s->out, "blkio");
	if (h && !hierarchy_is_v2(h))
		put_io_v1(s, h);
	else
		put_io_v2(s, h);
	put_pressure(s, "io.pressure");
	json_out_object_end(s->out);
}

static void put_page_size(const struct stats *s, const struct hierarchy *h, const char *size)
{
	bool v2 = hierarchy_is_v2(h);
	const char *plain = arena_printf(s->arena, "hugetlb.%s", size);
	const char *usage = v2 ? "current" : "usage_in_bytes";
	const char *prefix = arena_printf(s->arena, "%s.rsvd", plain);

	/* what is reserved is what is limited, where the kernel (5.7) counts that */
	if (!slurp(s, h, arena_printf(s->arena, "%s.%s", prefix, usage))[0])
		prefix = plain;
	json_out_object(s->out, size);
	json_out_uint(s->out, "usage",
		      read_number(s, h, arena_printf(s->arena, "%s.%s", prefix, usage)));
	if (v2) {
		const char *events = slurp(s, h, arena_printf(s->arena, "%s.events", plain));

		json_out_uint(s->out, "failcnt", number_of(events, "max"));
	} else {
		json_out_uint(s->out, "max",
			      read_number(s, h,
					  arena_printf(s->arena, "%s.max_usage_in_bytes", prefix)));
		json_out_uint(s->out, "failcnt",
			      read_number(s, h, arena_printf(s->arena, "%s.failcnt", prefix)));
	}
	json_out_object_end(s->out);
}

static void close_dir(DIR **d)
{
	if (*d)
		(void)closedir(*d); /* only reads happened */
}

/* Which sizes there are the files say: "hugetlb.2MB.current". */
static void put_hugetlb(const struct stats *s)
{
	const struct hierarchy *h = home(s, "hugetlb");
	int fd = h ? hierarchy_open_dir(h) : -ENOENT;
	DIR *dir __attribute__((cleanup(close_dir))) = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	json_out_object(s->out, "hugetlb");
	while (dir && (entry = readdir(dir))) {
		char size[32];
		int end = 0;

		(void)sscanf(entry->d_name, "hugetlb.%31[0-9KMGB]%n", size, &end);
		if (end && str_eq(entry->d_name + end,
				  hierarchy_is_v2(h) ? ".current" : ".usage_in_bytes"))
			put_page_size(s, h, size);
	}
	if (!dir)
		fd_close(fd);
	json_out_object_end(s->out);
}

void cgroup_put_stats(const struct cgroup *cg, struct arena *a, struct json_out *o)
{
	const struct stats s = { cg, a, o };

	put_cpu(&s);
	put_cpuset(&s);
	put_memory(&s);
	put_pids(&s);
	put_io(&s);
	put_hugetlb(&s);
}
