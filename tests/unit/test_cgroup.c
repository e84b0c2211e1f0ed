/* test_cgroup.c - where a container's control groups are, and what is saved about them */
#include "cgroup/group.h"
#include "cgroup/tree.h"
#include "hull/json.h"
#include "limits_help.h"
#include "unit.h"

/* --- where things are --- */

TEST(hierarchies_are_named_after_their_controllers)
{
	static const char *const expected[][2] = {
		{ "name=systemd", "/sys/fs/cgroup/systemd" },
		{ "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct" },
		{ "memory", "/sys/fs/cgroup/memory" },
		{ "cpuset", "/sys/fs/cgroup/cpuset" },
		{ "devices", "/sys/fs/cgroup/devices" },
		{ "freezer", "/sys/fs/cgroup/freezer" },
		{ "", "/sys/fs/cgroup/unified" },
	};
	struct layout l = read_layout(hybrid_host, NULL);

	assert_int_equal(l.n, ARRAY_SIZE(expected));
	for (size_t i = 0; i < l.n; i++) {
		assert_string_equal(l.items[i].controllers, expected[i][0]);
		assert_string_equal(l.items[i].dir, expected[i][1]);
		assert_int_equal(l.items[i].fd, -1);
	}
	assert_string_equal(l.items[1].own, "/a/b");
	assert_ptr_equal(layout_v1(&l, "cpuacct"), &l.items[1]);
	assert_null(layout_v1(&l, "pids"));
	assert_null(layout_v1(&l, ""));
	assert_ptr_equal(layout_v2(&l), &l.items[6]);
	assert_true(layout_has_v1(&l));
}

TEST(a_path_may_contain_colons)
{
	struct layout l = read_layout("1:memory:/x.slice:docker:1\nnonsense\n0::/", NULL);

	assert_int_equal(l.n, 2);
	assert_string_equal(l.items[0].own, "/x.slice:docker:1");
	assert_string_equal(l.items[1].own, "/");
}

TEST(pure_layouts)
{
	struct layout v1 = read_layout("1:memory:/\n", NULL), v2 = read_layout("0::/\n", NULL);

	assert_null(layout_v2(&v1));
	assert_true(layout_has_v1(&v1));
	assert_false(layout_has_v1(&v2));
}

TEST(unconventional_mounts_are_found_by_their_options)
{
	static const char mounts[] =
		"31 23 0:28 / /proc rw,relatime - proc proc rw\n"
		"32 31 0:29 / /cg/cpu\\040s rw shared:9 master:1 - cgroup cgroup rw,cpuacct,cpu\n"
		"33 31 0:30 / /cg/sd rw - cgroup cgroup rw,xattr,name=systemd\n"
		"34 31 0:31 / /cg/2 rw - cgroup2 cgroup2 rw,nsdelegate\n"
		"35 31 0:32 / /cg/later rw - cgroup2 cgroup2 rw\n";
	static const char *const expected[][2] = {
		{ "cpu,cpuacct", "/cg/cpu s" },
		{ "cpuacct", "/cg/cpu s" },
		{ "name=systemd", "/cg/sd" },
		{ "", "/cg/2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(layout_find_mount(&unit_arena, mounts, expected[i][0]),
				    expected[i][1]);
	assert_null(layout_find_mount(&unit_arena, mounts, "memory"));
	assert_null(layout_find_mount(&unit_arena, mounts, "cpu,memory"));
	assert_null(layout_find_mount(&unit_arena, "", "cpu"));
}

TEST(cgroups_paths_are_normalised)
{
	static const char *const good[][2] = {
		{ "/a/b", "/a/b" },
		{ "a/b", "a/b" },
		{ "//a///b/", "/a/b" },
		{ "/./a/./b/.", "/a/b" },
		{ "./a", "a" },
		{ "x.slice:prefix:id", "x.slice:prefix:id" },
		{ "/..a/b..", "/..a/b.." },
	};
	static const char *const bad[] = { "/", "", ".", "//", "..", "/a/..", "../a", "/a/../b" };
	const char *path;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(fs_normalize(&unit_arena, good[i][0], &path, &unit_err), 0);
		assert_string_equal(path, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(fs_normalize(&unit_arena, bad[i], &path, &unit_err), -EINVAL);
		assert_true(str_has_prefix(unit_err.text, "linux.cgroupsPath: "));
	}
}

TEST(relative_paths_begin_where_hull_may_make_groups)
{
	struct layout l = read_layout(hybrid_host, NULL);

	assert_string_equal(fs_base(&unit_arena, &l.items[0], false), "/init");
	assert_string_equal(fs_base(&unit_arena, &l.items[2], false), "");
	assert_string_equal(fs_base(&unit_arena, &l.items[3], false), "");
	assert_string_equal(fs_base(&unit_arena, &l.items[6], false),
			    "/user.slice/session-1.scope");
	assert_string_equal(fs_base(&unit_arena, &l.items[6], true), "/user.slice");
	l = read_layout("0::/leaf\n", NULL);
	assert_string_equal(fs_base(&unit_arena, &l.items[0], true), "");
}

TEST(prefixes_of_a_path)
{
	struct hierarchy h = { .controllers = "", .dir = "/cg", .fd = -1 };
	char buf[64];

	hierarchy_set_path(&unit_arena, &h, "/a/bc/d");
	assert_int_equal(h.depth, 3);
	assert_string_equal(h.group, "/cg/a/bc/d");
	static const char *const expected[] = { "/cg", "/cg/a", "/cg/a/bc", "/cg/a/bc/d" };

	for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
		hierarchy_prefix(&h, i, buf, sizeof(buf));
		assert_string_equal(buf, expected[i]);
	}
}

/* --- the saved state --- */

static int load(const char *text, struct cgroup **ret)
{
	const char *json = unit_json(text);
	struct json *tree;

	assert_int_equal(json_parse(&unit_arena, json, strlen(json), &tree, &unit_err), 0);
	return cgroup_load(&unit_arena, tree, ret, &unit_err);
}

TEST(what_is_saved_is_loaded)
{
	static const char saved[] =
		"{'driver':'cgroupfs','hierarchies':["
		"{'controllers':'cpu,cpuacct','dir':'/sys/fs/cgroup/cpu','path':'/a/b','made':1},"
		"{'controllers':'','dir':'/sys/fs/cgroup/unified','path':'/a/b','made':2}]}";
	struct json_out *o = json_out_new(false);
	struct cgroup *cg;

	assert_int_equal(load(saved, &cg), 0);
	assert_int_equal(cg->layout.n, 2);
	assert_string_equal(cg->layout.items[0].group, "/sys/fs/cgroup/cpu/a/b");
	assert_int_equal(cg->layout.items[1].made, 2);
	assert_true(hierarchy_is_v2(&cg->layout.items[1]));
	json_out_object(o, NULL);
	cgroup_save(cg, o);
	json_out_object_end(o);
	assert_string_equal(json_out_text(o, NULL), unit_json(saved));
	json_out_free(o);
}

TEST(a_container_without_groups_loads_as_none)
{
	struct cgroup *cg = (struct cgroup *)&cg;

	assert_int_equal(load("{'driver':'cgroupfs','hierarchies':[]}", &cg), 0);
	assert_null(cg);
}

TEST(a_state_that_hull_did_not_write_is_refused)
{
	static const char *const bad[] = {
		"{}",
		"{'driver':'systemd','hierarchies':[]}",
		"{'driver':'cgroupfs'}",
		"{'driver':'cgroupfs','hierarchies':[{}]}",
	};
	/* one hierarchy: mount, path, made */
	static const char *const bad_places[][3] = {
		{ "cg", "/a", "1" },     { "/cg", "a", "1" },     { "/cg", "/", "1" },
		{ "/cg", "/../a", "1" }, { "/cg", "/a", "2" },    { "/cg", "/a", "-1" },
		{ "/cg", "/a", "'1'" },  { "/cg", "/a", "null" },
	};
	struct cgroup *cg;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(load(bad[i], &cg), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_places); i++) {
		const char *const *p = bad_places[i];

		assert_int_equal(load(arena_printf(&unit_arena,
						   "{'driver':'cgroupfs','hierarchies':["
						   "{'controllers':'','dir':'%s','path':'%s',"
						   "'made':%s}]}",
						   p[0], p[1], p[2]),
				      &cg),
				 -EINVAL);
		assert_string_equal(unit_err.text, "saved state: not a cgroup that hull wrote");
	}
}

TEST(disabled_groups_are_none)
{
	const struct plan_cgroup off = { .disabled = true };
	struct cgroup *cg = (struct cgroup *)&off;

	assert_int_equal(cgroup_prepare(&unit_arena, &off, "id", &cg, &unit_err), 0);
	assert_null(cg);
}

/* --- trees, of ordinary directories --- */

static void make_deep(int at, const char *name, unsigned depth)
{
	int fd = dup(at);

	while (depth--) {
		assert_int_equal(mkdirat(fd, name, 0755), 0);
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_true(next >= 0);
		(void)close(fd);
		fd = next;
	}
	int procs = openat(fd, "cgroup.procs", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_int_equal(write(procs, "7\n3\n7\n", 6), 6);
	(void)close(procs);
	(void)close(fd);
}

TEST(a_tree_lists_parents_before_children_and_holds_no_descriptors)
{
	cleanup_tree struct tree t = { 0 };
	int root = unit_temp_fd();

	make_deep(root, "a", 3);
	make_deep(root, "b", 1);
	unsigned before = unit_open_fds();

	assert_int_equal(tree_list(root, &t), 0);
	assert_int_equal(unit_open_fds(), before);
	assert_int_equal(t.n, 5);
	for (size_t i = 1; i < t.n; i++)
		assert_true(t.nodes[i].parent < i);
}

/* Deeper than any path the kernel takes in one piece; what a container can make hull can remove. */
TEST(a_tree_deeper_than_path_max)
{
	static const char name[] = "group-with-a-name-of-some-forty-characters";
	cleanup_tree struct tree t = { 0 };
	cleanup_pids struct pids pids = { 0 };
	int root = unit_temp_fd();

	make_deep(root, name, 300);
	assert_int_equal(tree_list(root, &t), 0);
	assert_int_equal(t.n, 301);
	assert_int_equal(tree_all_pids(&t, root, &pids), 0);
	assert_int_equal(pids.n, 2);
	assert_int_equal(pids.items[0], 3);
	int leaf = tree_open(&t, root, 300, ".", O_RDONLY | O_DIRECTORY);

	assert_true(leaf >= 0);
	assert_int_equal(unlinkat(leaf, "cgroup.procs", 0), 0);
	(void)close(leaf);
	for (size_t i = t.n; i-- > 1;)
		assert_int_equal(tree_remove(&t, root, i), 0);
	assert_true(tree_open(&t, root, 1, ".", O_RDONLY) == -ENOENT);
}

TEST(a_wide_tree)
{
	cleanup_tree struct tree t = { 0 };
	int root = unit_temp_fd();

	for (int i = 0; i < 1000; i++)
		assert_int_equal(mkdirat(root, arena_printf(&unit_arena, "g%d", i), 0755), 0);
	assert_int_equal(tree_list(root, &t), 0);
	assert_int_equal(t.n, 1001);
	for (size_t i = t.n; i-- > 1;)
		assert_int_equal(tree_remove(&t, root, i), 0);
}

TEST(process_lists_are_read_across_buffers)
{
	cleanup_pids struct pids p = { 0 };
	int fd = open(unit_temp_path("procs"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (int i = 3000; i > 0; i--)
		(void)dprintf(fd, "%d\n", i);
	(void)dprintf(fd, "0\n3000\n"); /* 0: a process that this pid namespace does not see */
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(pids_read(fd, &p), 0);
	(void)close(fd);
	assert_int_equal(p.n, 3001);
	pids_sort(&p);
	assert_int_equal(p.n, 3000);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(p.items[i], i + 1);
	assert_true(pids_contain(&p, 1500));
	assert_false(pids_contain(&p, 3001));
}

TEST(a_number_that_is_no_pid_is_nobodys)
{
	cleanup_pids struct pids p = { 0 };
	int fd = open(unit_temp_path("procs"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)dprintf(fd, "2147483647\n4294967297\n");
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(pids_read(fd, &p), -EPROTO);
	(void)close(fd);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.items[0], INT32_MAX);
}
