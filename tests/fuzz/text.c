/* text.c - targets for what people and callers write: JSON, words, numbers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/plan_dump.h"
#include "cgroup/devbpf.h"
#include "cgroup/group.h"
#include "cgroup/systemd_name.h"
#include "cgroup/systemd_props.h"
#include "fuzz.h"
#include "hull/caps.h"
#include "hull/cgroup_live.h"
#include "hull/container.h"
#include "hull/fd.h"
#include "hull/names.h"
#include "hull/path.h"
#include "hull/plan.h"
#include "hull/str.h"
#include "plan/parts.h"

static const struct host_facts root = {
	.last_cap = 40, .permitted = (1ULL << 41) - 1, .apparmor = true, .selinux = true
};
static const struct host_facts ordinary = { .euid = 1000, .egid = 1000, .last_cap = 40 };

static const struct plan_input inputs[] = {
	{ .id = "id", .bundle = "/bundle" },
	{ .id = "id",
	  .bundle = "/bundle",
	  .systemd_cgroup = true,
	  .no_pivot = true,
	  .preserve_fds = 3,
	  .listen_fds = 2,
	  .listen_fdnames = "a:b",
	  .notify_dir = "/run/hull/id/notify" },
};

/* Exactly the bytes of the input, so that a read past their end is seen. */
static char *exactly(struct input *in, struct arena *a, size_t *ret_len)
{
	const uint8_t *bytes = input_take(in, in->n, ret_len);
	char *copy = arena_alloc(a, *ret_len);

	if (*ret_len)
		memcpy(copy, bytes, *ret_len);
	return copy;
}

/* --- json --- */

static const char *print(struct arena *a, const struct json *tree, bool pretty)
{
	struct json_out *o = json_out_new(pretty);

	json_out_tree(o, NULL, tree);
	const char *text = json_out_text(o, NULL), *copy = text ? arena_strdup(a, text) : NULL;

	json_out_free(o);
	return copy;
}

/* What is read is written so that it is read the same. */
void fuzz_json(struct input *in, struct arena *a, struct err *e)
{
	struct json *tree, *again;
	size_t n;
	const char *text = exactly(in, a, &n);

	if (json_parse(a, text, n, &tree, e) < 0)
		return;
	for (int pretty = 0; pretty <= 1; pretty++) {
		const char *first = print(a, tree, pretty);

		REQUIRE(first && json_parse(a, first, strlen(first), &again, e) == 0);
		REQUIRE(str_eq(print(a, again, pretty), first));
	}
}

/* --- config, process, resources --- */

void fuzz_config(struct input *in, struct arena *a, struct err *e)
{
	unsigned kind = input_byte(in);
	struct config c;
	struct plan p = { 0 };
	size_t n;
	const char *text = exactly(in, a, &n);

	if (spec_read_config(a, text, n, &c, e) == 0 &&
	    plan_build(a, &c, &inputs[kind & 1], kind & 2 ? &ordinary : &root, &p, e) == 0)
		plan_dump(world_null, &p);
}

void fuzz_process(struct input *in, struct arena *a, struct err *e)
{
	unsigned kind = input_byte(in);
	struct plan p = { 0 };
	struct config c;
	size_t n;
	const char *text = exactly(in, a, &n);

	if (spec_read_process(a, text, n, &c, e) < 0 || plan_check_process(&c, "", e) < 0)
		return;
	if (plan_build_process(a, &c, c.process, &inputs[kind & 1], kind & 2 ? &ordinary : &root,
			       &p.process, e) == 0)
		plan_dump(world_null, &p);
}

static const char hybrid[] = "9:name=systemd:/\n8:cpu,cpuacct:/\n4:memory:/\n3:cpuset:/\n"
			     "2:devices:/\n1:blkio:/\n5:pids:/\n6:net_cls,net_prio:/\n0::/\n";

/* To files of both layouts, to properties of a unit, to a BPF program. */
static void translate(struct arena *a, const struct config_resources *r, bool v2, struct err *e)
{
	struct limits l = { .arena = a };
	struct props props = { .arena = a };
	struct devrules rules;
	struct devbpf bpf;
	struct layout layout;

	layout_parse(a, v2 ? "0::/\n" : hybrid, &layout);
	layout.available = v2 ? "cpuset cpu io memory hugetlb pids rdma misc" : "hugetlb rdma";
	devrules_reduce(a, &r->devices, &rules);
	if (v2)
		(void)devbpf_compile(a, &rules, &bpf, e);
	else
		(void)devrules_v1(&rules, &l, e);
	fuzz_say(e);
	if (resources_plan(r, &layout, &l, e) == 0)
		props_of_limits(&l, &CPU_MAX_DEFAULT, &props);
	fuzz_say(e);
}

void fuzz_resources(struct input *in, struct arena *a, struct err *e)
{
	struct json *tree;
	struct config_resources r = { 0 }, merged = { 0 };
	size_t n;
	const char *text = exactly(in, a, &n);

	if (spec_read_resources(a, text, n, &r, e) < 0)
		return;
	translate(a, &r, false, e);
	translate(a, &r, true, e);
	/* merged into itself it is what it was, as far as one can see */
	REQUIRE(json_parse(a, text, n, &tree, e) == 0);
	const char *all = print(a, spec_merge_resources(a, tree, tree), false);

	REQUIRE(all && spec_read_resources(a, all, strlen(all), &merged, e) == 0);
	translate(a, &merged, true, e);
}

/* --- mounts, idmaps --- */

/* Lines: type, source, destination, and then one option each. */
void fuzz_mounts(struct input *in, struct arena *a, struct err *e)
{
	struct config c = { .oci_version = "1.3.0" };
	const struct planner p = { a, &c, &inputs[0], &root, e };
	struct plan_mount m = { .where = "mounts[0]", .kind = MOUNT_FS };
	struct config_linux linux = { 0 };
	char *argv[] = { NULL };
	struct plan plan = { .config = &c, .process = { .argv = argv, .envp = argv } };

	c.linux = &linux;
	c.mounts.n = 1;
	struct config_mount *mount = c.mounts.items = arena_new(a, struct config_mount);

	mount->type = input_line(in, a);
	mount->source = input_line(in, a);
	mount->destination = input_line(in, a);
	mount->options.items = arena_new_n(a, const char *, in->n + 1);
	while (in->n)
		mount->options.items[mount->options.n++] = input_line(in, a);
	(void)plan_options(&p, 0, mount, &m);
	fuzz_say(e);
	if (plan_mounts(&p, &plan) == 0)
		plan_dump(world_null, &plan);
}

static uint64_t number(struct input *in)
{
	static const uint64_t edges[] = {
		0, 1, 65535, 65536, INT32_MAX, UINT32_MAX - 1, UINT32_MAX
	};
	unsigned kind = input_byte(in);
	uint64_t n = 0;

	if (kind < ARRAY_SIZE(edges))
		return edges[kind];
	for (unsigned i = 0; i < kind % 5; i++)
		n = n << 8 | input_byte(in);
	return n;
}

static struct config_idmaps maps_of(struct input *in, struct arena *a)
{
	struct config_idmaps maps = { .n = input_byte(in) };

	maps.items = arena_new_n(a, struct config_idmap, maps.n + 1);
	for (size_t i = 0; i < maps.n; i++)
		maps.items[i] = (struct config_idmap){ number(in), number(in), number(in) };
	return maps;
}

/* The kernel's text holds as many lines, and who is asked for is found where the maps say. */
void fuzz_idmaps(struct input *in, struct arena *a, struct err *e)
{
	struct config_idmaps uids = maps_of(in, a), gids = maps_of(in, a);
	struct config_namespace user = { .type = 0x10000000 };
	struct config_linux linux = { .namespaces = { 1, &user },
				      .uid_mappings = uids,
				      .gid_mappings = gids };
	const struct config c = { .oci_version = "1.3.0", .linux = &linux };
	const struct plan_idmap *m = plan_new_idmap(a, &uids, &gids);
	size_t lines = 0;

	for (const char *p = m->uid_map; *p; p++)
		lines += *p == '\n';
	REQUIRE(lines == uids.n);
	for (int i = 0; i < 8; i++)
		(void)plan_map_id(&uids, number(in));
	(void)plan_check(&c, &inputs[0], &root, e);
	fuzz_say(e);
}

/* --- words: the first byte says who reads the rest --- */

static void read_numbers_of(const char *s, struct arena *a, struct err *e)
{
	unsigned long mask[16];
	uint64_t u;
	int64_t i;

	(void)a;
	(void)e;
	if (str_to_u64(s, UINT32_MAX, &u) == 0)
		REQUIRE(u <= UINT32_MAX);
	if (str_to_i64(s, -5, INT32_MAX, &i) == 0)
		REQUIRE(i >= -5 && i <= INT32_MAX);
	(void)str_to_bytes(s, &i);
	(void)str_to_duration(s, &i);
	(void)str_to_mask(s, mask, 1000);
	(void)str_to_mask(s, mask, 1);
}

static void read_names_of(const char *s, struct arena *a, struct err *e)
{
	char buf[64];
	int signal = names_signal(s), cap = caps_from_name(s);

	(void)a;
	REQUIRE(signal < 0 || signal <= 64);
	REQUIRE(cap < 64);
	if (cap >= 0)
		(void)caps_name((unsigned)cap, buf, sizeof(buf));
	(void)names_mount_option(s);
	(void)container_check_id(s, e);
}

static void read_paths(const char *s, struct arena *a, struct err *e)
{
	char small[16], large[4096];
	const char *path;

	(void)path_clean(s, small, sizeof(small));
	if (path_clean(s, large, sizeof(large)) == 0)
		REQUIRE(!strstr(large, "//") && strlen(large) <= strlen(s) + 1);
	(void)fs_normalize(a, s, &path, e);
	path = sysctl_to_path(a, s);
	REQUIRE(!path || !strstr(path, "/../"));
}

static void read_units(const char *s, struct arena *a, struct err *e)
{
	const char *slice, *unit, *path;

	if (systemd_unit(a, s, "id", strlen(s) & 1, &slice, &unit, e) == 0) {
		REQUIRE(!strchr(unit, '/'));
		(void)systemd_group_name(a, unit);
		(void)systemd_slice_path(a, slice, &path, e);
	}
	fuzz_say(e);
	(void)systemd_slice_path(a, s, &path, e);
}

static void read_values(const char *s, struct arena *a, struct err *e)
{
	struct cpu_max max = CPU_MAX_DEFAULT;
	struct props props = { .arena = a };
	struct pair pair = { "org.systemd.property.RuntimeMaxSec", s };
	struct value v;

	(void)value_parse(a, s, "here", &v, e);
	fuzz_say(e);
	cpu_max_parse(s, &max);
	(void)props_of_annotations(&(const struct pairs){ 1, &pair }, &props, e);
}

static void read_errors(const char *s, struct arena *a, struct err *e)
{
	char buf[32] = "";

	(void)err_set(e, 1, "%s", s);
	for (int i = 0; i < 3; i++)
		(void)err_wrap(e, "%s", s);
	(void)err_sys(e, 2, "%s", s);
	(void)str_append(buf, sizeof(buf), "%s", s);
	(void)str_append(buf, sizeof(buf), "%s", s);
	str_flatten(arena_strdup(a, s));
}

static void read_groups(const char *s, struct arena *a, struct err *e)
{
	struct cgroup cg = { 0 };

	layout_parse(a, hybrid, &cg.layout);
	for (size_t i = 0; i < cg.layout.n; i++)
		hierarchy_set_path(a, &cg.layout.items[i], "/id");
	(void)cgroup_choose_below(&cg, a, &s, 1, e);
}

void fuzz_words(struct input *in, struct arena *a, struct err *e)
{
	static void (*const readers[])(const char *, struct arena *, struct err *) = {
		read_numbers_of, read_names_of, read_paths,  read_units,
		read_values,     read_errors,   read_groups,
	};
	unsigned kind = input_byte(in);

	world_file("", "", 0, OTHERS_ABSENT);
	readers[kind % ARRAY_SIZE(readers)](input_text(in, a), a, e);
}

/* --- state --- */

/* What is loaded is saved so that it is loaded again. */
static void save_again(const struct cgroup *cg, struct arena *a, struct err *e)
{
	struct json_out *o = json_out_new(false);
	struct cgroup *again = NULL;
	struct json *tree;

	json_out_object(o, NULL);
	cgroup_save(cg, o);
	json_out_object_end(o);
	const char *text = json_out_text(o, NULL);

	REQUIRE(text && json_parse(a, text, strlen(text), &tree, e) == 0);
	REQUIRE(cgroup_load(a, tree, &again, e) == 0 && again);
	json_out_free(o);
	cgroup_close(again);
}

void fuzz_state(struct input *in, struct arena *a, struct err *e)
{
	const char *state_root = arena_printf(a, "%s/root", world_dir());
	enum container_lock lock = input_byte(in) & 1 ? LOCK_REMOVE : LOCK_CHANGE;
	struct container c;
	size_t n;
	const char *text = exactly(in, a, &n);

	fd_close(path_mkdirs(arena_printf(a, "%s/c", state_root), 0700));
	world_file("state.json", text, n, OTHERS_REAL);
	if (container_open(a, state_root, "c", lock, &c, e) < 0)
		return;
	const char *state = container_state_json(a, &c, "stopped", c.pid);

	REQUIRE(state[0] == '{');
	if (c.cgroup)
		save_again(c.cgroup, a, e);
	container_close(&c);
}
