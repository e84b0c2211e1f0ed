/* kernel.c - targets for files that the kernel makes up: procfs, cgroups, resctrl */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup/group.h"
#include "cgroup/tree.h"
#include "fuzz.h"
#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/net.h"
#include "hull/path.h"
#include "hull/proc.h"
#include "hull/rdt.h"
#include "hull/signals.h"
#include "hull/str.h"
#include "run/host.h"

/* What becomes of an answer that is printed: JSON that can be read, or none. */
static void end(struct json_out *o, struct arena *a, struct err *e)
{
	struct json *tree;
	const char *text = json_out_text(o, NULL);

	REQUIRE(text);
	(void)json_parse(a, text, strlen(text), &tree, e);
	json_out_free(o);
}

void fuzz_proc(struct input *in, struct arena *a, struct err *e)
{
	struct config_process process = { .apparmor_profile = "p" };
	const struct config c = { .process = &process };
	struct json_out *o = json_out_new(false);
	struct host_facts host;
	char boot[37];
	uint64_t n;
	bool zombie;

	world_files(in, OTHERS_ABSENT);
	(void)proc_start_time(AT_FDCWD, 1, &n, &zombie);
	if (proc_boot_id(AT_FDCWD, boot) == 0)
		REQUIRE(!boot[36]);
	(void)proc_pid_of(AT_FDCWD, 3);
	(void)host_read_facts(&c, &host, e);
	json_out_object(o, NULL);
	net_put_stats(a, AT_FDCWD, 1, o);
	json_out_object_end(o);
	end(o, a, e);
}

static void count(struct cgroup *cg, struct arena *a, struct err *e)
{
	struct json_out *o = json_out_new(true);
	struct cgroup_oom w;
	int64_t limit;
	pid_t *pids;
	size_t n;

	json_out_object(o, NULL);
	cgroup_put_stats(cg, a, o);
	json_out_object_end(o);
	end(o, a, e);
	(void)cgroup_oom_kills(cg, &limit);
	(void)cgroup_is_frozen(cg);
	(void)cgroup_pids(cg, a, &pids, &n, e);
	(void)cgroup_follow(cg, a, 0, AT_FDCWD, 1);
	if (cgroup_watch_oom(cg, &w, e) == 0) {
		(void)cgroup_oom_happened(&w);
		cgroup_oom_close(&w);
	}
}

/* The old values of files decide about the order of writes, and are put back. */
static void update(struct cgroup *cg, struct arena *a, struct err *e)
{
	struct config_resources given = { 0 };
	const char *text = world_text(a, "resources");

	if (spec_read_resources(a, text, strlen(text), &given, e) < 0)
		return;
	if (cgroup_update(cg, &given, &given, e) == 0)
		cgroup_update_undo(cg);
	for (size_t i = 0; i < cg->layout.n; i++)
		(void)cpuset_fill(&cg->layout.items[i], &cg->limits, e);
}

static void use(struct cgroup *cg, struct arena *a, struct err *e)
{
	cg->limits.arena = a;
	cg->delegate_uid = (uid_t)-1;
	for (size_t i = 0; i < cg->layout.n; i++)
		hierarchy_set_path(a, &cg->layout.items[i], "/parent/group");
	count(cg, a, e);
	update(cg, a, e);
	cgroup_close(cg);
}

static void read_pids(struct err *e)
{
	cleanup_pids struct pids pids = { 0 };
	_cleanup_close_ int fd = open("cgroup.procs", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && pids_read(fd, &pids) < 0)
		(void)err_set(e, 1, "cgroup.procs");
	pids_sort(&pids);
	(void)pids_contain(&pids, 1);
}

/* On the host that /proc/self/cgroup describes, and on one that has v2 alone. */
void fuzz_cgroup(struct input *in, struct arena *a, struct err *e)
{
	struct cgroup own = { 0 }, v2 = { 0 };

	world_files(in, OTHERS_ABSENT);
	layout_parse(a, world_text(a, "self/cgroup"), &own.layout);
	if (own.layout.n > 16)
		own.layout.n = 16;
	for (size_t i = 0; i < own.layout.n; i++)
		(void)layout_locate(a, &own.layout, &own.layout.items[i]);
	(void)layout_read_available(a, &own.layout, e);
	use(&own, a, e);
	layout_parse(a, "0::/\n", &v2.layout);
	(void)layout_read_available(a, &v2.layout, e);
	use(&v2, a, e);
	read_pids(e);
}

/* Where its class exists, which has other schemata or the same; and what it counts. */
void fuzz_rdt(struct input *in, struct arena *a, struct err *e)
{
	const char *base = arena_printf(a, "%s/resctrl", world_dir());
	struct json_out *o = json_out_new(false);
	struct config_intel_rdt wanted = { .clos_id = "c" };
	struct config_linux linux = { .intel_rdt = &wanted };
	const struct config c = { .linux = &linux };
	const char *before, *line;
	struct rdt *r;

	fd_close(path_mkdirs(arena_printf(a, "%s/c/mon_data/mon_L3_00", base), 0700));
	world_files(in, OTHERS_ABSENT);
	wanted.l3_cache_schema = world_text(a, "l3CacheSchema");
	wanted.mem_bw_schema = world_text(a, "memBwSchema");
	line = world_text(a, "line");
	wanted.schemata = (struct strings){ 1, &line };
	if (rdt_prepare(a, base, &c, "id", &r, e) == 0) {
		(void)rdt_create(r, &wanted, e);
		if (rdt_update(a, r, &wanted, &before, e) == 0)
			rdt_restore(r, before);
		json_out_object(o, NULL);
		rdt_put_stats(a, base, r, o);
		json_out_object_end(o);
		end(o, a, e);
	} else {
		json_out_free(o);
	}
}
