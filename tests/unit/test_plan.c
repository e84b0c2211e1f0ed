/*
 * test_plan.c - whole documents to whole plans
 *
 * tests/data/plans/NAME.json and the example at the top of the tree are planned for a fixed host
 * and compared with NAME.golden. UPDATE_GOLDEN=1 writes the golden files anew: read the difference
 * before committing it.
 */
#include <glob.h>
#include <sched.h>

#include "hull/plan.h"
#include "plan_dump.h"
#include "unit.h"

#define DATA "tests/data/plans/"

static const struct host_facts root = { .last_cap = 40,
					.permitted = (1ULL << 41) - 1,
					.apparmor = true };
static const struct host_facts ordinary = { .euid = 1000, .egid = 1000, .last_cap = 40 };

struct golden {
	const char *name, *path;
	const struct host_facts *host;
	struct plan_input in;
};

static const struct golden goldens[] = {
	{ "example", "config.json.example", &root, { .id = "demo", .bundle = "/bundle" } },
	{ "minimal", DATA "minimal.json", &root, { .id = "min", .bundle = "/bundle" } },
	{ "docker",
	  DATA "docker.json",
	  &root,
	  { .id = "4f1c", .bundle = "/run/containerd/io.containerd.runtime.v2.task/moby/4f1c" } },
	{ "kubernetes",
	  DATA "kubernetes.json",
	  &root,
	  { .id = "9d2e",
	    .bundle = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/9d2e",
	    .systemd_cgroup = true } },
	{ "podman-rootless",
	  DATA "podman-rootless.json",
	  &ordinary,
	  { .id = "a7b3",
	    .bundle = "/home/u/.local/share/containers/storage/overlay-containers/a7b3",
	    .no_new_keyring = true } },
	{ "everything",
	  DATA "everything.json",
	  &root,
	  { .id = "all",
	    .bundle = "/bundle",
	    .no_pivot = true,
	    .no_cgroup = true,
	    .preserve_fds = 4,
	    .listen_fds = 2,
	    .listen_fdnames = "web:admin" } },
};

static const char *dump(const struct golden *g, const struct config *c)
{
	struct plan p = { 0 };
	char *text = NULL;
	size_t len;

	if (plan_build(&unit_arena, c, &g->in, g->host, &p, &unit_err) < 0)
		fail_msg("%s: %s", g->path, unit_err.text);
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	plan_dump(out, &p);
	assert_int_equal(fclose(out), 0);
	const char *copy = arena_strdup(&unit_arena, text);

	free(text);
	return copy;
}

static void compare(const char *path, const char *got)
{
	const char *expected = unit_read_file(path);

	for (unsigned line = 1; *got || *expected; line++) {
		size_t n = strcspn(got, "\n"), m = strcspn(expected, "\n");

		if (n != m || memcmp(got, expected, n) != 0)
			fail_msg("%s:%u:\n# expected: %.*s\n# got:      %.*s", path, line, (int)m,
				 expected, (int)n, got);
		got += n + (got[n] == '\n');
		expected += m + (expected[m] == '\n');
	}
}

static void check(const char *name)
{
	const struct golden *g = goldens;
	struct config c;

	while (!str_eq(g->name, name))
		g++;
	const char *text = unit_read_file(g->path);

	if (spec_read_config(&unit_arena, text, strlen(text), &c, &unit_err) < 0)
		fail_msg("%s: %s", g->path, unit_err.text);
	const char *path = arena_printf(&unit_arena, DATA "%s.golden", name);
	unsigned fds = unit_open_fds();
	const char *got = dump(g, &c);

	assert_int_equal(unit_open_fds(), fds);
	assert_string_equal(dump(g, &c), got); /* the same input gives the same plan */
	if (getenv("UPDATE_GOLDEN"))
		unit_write_file(path, got);
	compare(path, got);
}

TEST(plan_of_the_example)
{
	check("example");
}

TEST(plan_of_what_is_required_only)
{
	check("minimal");
}

TEST(plan_of_a_container_by_docker)
{
	check("docker");
}

TEST(plan_of_a_container_by_kubernetes)
{
	check("kubernetes");
}

TEST(plan_of_a_container_by_podman_for_an_ordinary_user)
{
	check("podman-rootless");
}

TEST(plan_of_everything)
{
	check("everything");
}

TEST(every_document_there_has_its_test)
{
	glob_t g;

	assert_int_equal(glob(DATA "*.json", 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc + 1, ARRAY_SIZE(goldens)); /* and the example */
	globfree(&g);
}

/* What is decided from the document's namespaces and the cgroup mount alone. */
static struct plan plan_with(const char *linux_members, const char *mount_options)
{
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	struct config *c = arena_new(&unit_arena, struct config);
	struct plan p = { 0 };
	const char *text = arena_printf(
		&unit_arena,
		"{'ociVersion':'1.3.0','root':{'path':'r'},'process':{'args':['x'],"
		"'cwd':'/','user':{'uid':7}},'mounts':[{'destination':'/sys/fs/cgroup',"
		"'source':'cgroup','type':'cgroup','options':[%s]}],'linux':{%s}}",
		mount_options, linux_members);

	text = unit_json(text);
	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0 ||
	    plan_build(&unit_arena, c, &in, &root, &p, &unit_err) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	return p;
}

static struct plan plan_of_user(const char *linux_members)
{
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	const char *json = unit_json(arena_printf(
		&unit_arena,
		"{'ociVersion':'1.3.0','root':{'path':'r'},'process':{'args':['x'],'cwd':'/'},"
		"'linux':{'namespaces':[{'type':'user'}],'uidMappings':[{'containerID':0,"
		"'hostID':1000,'size':1}],'gidMappings':[{'containerID':0,'hostID':1000,"
		"'size':1}],%s}}",
		linux_members));
	struct config *c = arena_new(&unit_arena, struct config);
	struct plan p = { 0 };

	if (spec_read_config(&unit_arena, json, strlen(json), c, &unit_err) < 0 ||
	    plan_build(&unit_arena, c, &in, &ordinary, &p, &unit_err) < 0)
		fail_msg("%s: %s", json, unit_err.text);
	return p;
}

TEST(file_systems_of_the_container_alone_carry_its_label)
{
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	static const struct host_facts selinux = { .last_cap = 40, .selinux = true };
	static const char *const labelled[] = { "tmpfs", "devpts", "overlay" };
	static const char *const others[] = { "mqueue", "proc", "sysfs", "cgroup", "ext4" };
	static const char text[] =
		"{'ociVersion':'1.3.0','root':{'path':'r'},'process':{'args':['x'],'cwd':'/'},"
		"'linux':{'namespaces':[{'type':'mount'}],'mountLabel':'system_u:x'},'mounts':["
		"{'destination':'/1','type':'tmpfs','options':['size=1m']},"
		"{'destination':'/3','type':'devpts'},{'destination':'/4','type':'overlay'},"
		"{'destination':'/2','type':'mqueue'},{'destination':'/5','type':'proc'},"
		"{'destination':'/6','type':'sysfs'},{'destination':'/7','type':'cgroup'},"
		"{'destination':'/8','type':'ext4'},"
		"{'destination':'/9','type':'tmpfs','source':'/s','options':['bind']}]}";
	const char *json = unit_json(text);
	struct config c;
	struct plan p = { 0 };

	assert_int_equal(spec_read_config(&unit_arena, json, strlen(json), &c, &unit_err), 0);
	assert_int_equal(plan_build(&unit_arena, &c, &in, &selinux, &p, &unit_err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(labelled); i++) {
		const struct strings *data = &p.mounts[i].data;

		assert_string_equal(data->items[data->n - 1], "context=system_u:x");
	}
	assert_int_equal(p.mounts[0].data.n, 2);         /* in addition to its own */
	for (size_t i = 0; i <= ARRAY_SIZE(others); i++) /* and the bind */
		assert_int_equal(p.mounts[ARRAY_SIZE(labelled) + i].data.n, 0);
}

TEST(an_annotation_says_which_option_carries_the_label)
{
	static const char *const types[] = { "context", "fscontext", "defcontext", "rootcontext" };
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	static const struct host_facts selinux = { .last_cap = 40, .selinux = true };
	static const char form[] =
		"{'ociVersion':'1.3.0','root':{'path':'r'},'process':{'args':['x'],'cwd':'/'},"
		"'linux':{'namespaces':[{'type':'mount'}],'mountLabel':'u:r:t:s0:c1,c2'},"
		"'mounts':[{'destination':'/1','type':'tmpfs'}],"
		"'annotations':{'run.oci.mount_context_type':'%s'}}";

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *json = unit_json(arena_printf(&unit_arena, form, types[i]));
		struct config c;
		struct plan p = { 0 };

		assert_int_equal(spec_read_config(&unit_arena, json, strlen(json), &c, &unit_err),
				 0);
		assert_int_equal(plan_build(&unit_arena, &c, &in, &selinux, &p, &unit_err), 0);
		assert_int_equal(p.mounts[0].data.n, 1);
		assert_string_equal(p.mounts[0].data.items[0],
				    arena_printf(&unit_arena, "%s=u:r:t:s0:c1,c2", types[i]));
	}
}

TEST(an_ordinary_user_can_do_without_a_cgroup_that_limits_nothing)
{
	static const char *const limits[] = {
		"'memory':{'limit':1}", "'cpu':{'shares':2}",
		"'pids':{'limit':1}",   "'blockIO':{'weight':10}",
		"'network':{}",         "'hugepageLimits':[{'pageSize':'2MB','limit':1}]",
		"'rdma':{'mlx':{}}",    "'unified':{'memory.high':'1'}",
	};

	assert_true(plan_of_user("'resources':{}").cgroup.optional);
	assert_true(plan_of_user("'resources':{'devices':[{'allow':false}]}").cgroup.optional);
	assert_true(plan_of_user("'cgroupsPath':''").cgroup.optional);
	assert_false(plan_of_user("'cgroupsPath':'/wanted'").cgroup.optional);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		assert_false(plan_of_user(arena_printf(&unit_arena, "'resources':{%s}", limits[i]))
				     .cgroup.optional);
}

#define MAPS(first)                                                                                \
	"'uidMappings':[" first "],'gidMappings':[{'containerID':0,'hostID':5,'size':9}]"
#define TEN "{'containerID':0,'hostID':1000,'size':10}"

TEST(a_cgroup_is_given_away_when_it_is_writable_in_a_namespace_of_its_own)
{
	static const char own[] = "'namespaces':[{'type':'mount'},{'type':'cgroup'}]";
	static const char no[] = "'namespaces':[{'type':'mount'}]";
	static const char joined[] = "'namespaces':[{'type':'mount'},"
				     "{'type':'cgroup','path':'/x'}]";

	assert_int_equal(plan_with(own, "").cgroup.delegate_uid, 7);
	assert_int_equal(plan_with(own, "'rw'").cgroup.delegate_uid, 7);
	assert_int_equal(plan_with(own, "'ro'").cgroup.delegate_uid, (uid_t)-1);
	assert_int_equal(plan_with(no, "").cgroup.delegate_uid, (uid_t)-1);
	assert_int_equal(plan_with(joined, "").cgroup.delegate_uid, (uid_t)-1);
}

TEST(a_cgroup_is_given_to_the_hosts_id_of_the_user)
{
	static const char ns[] = "'namespaces':[{'type':'mount'},{'type':'cgroup'},"
				 "{'type':'user'%s}],%s";

	/* seven inside is 1007 outside */
	assert_int_equal(
		plan_with(arena_printf(&unit_arena, ns, "", MAPS(TEN)), "").cgroup.delegate_uid,
		1007);
	/* of a namespace that exists the document tells the mapping, or nobody does */
	assert_int_equal(plan_with(arena_printf(&unit_arena, ns, ",'path':'/x'", MAPS(TEN)), "")
				 .cgroup.delegate_uid,
			 1007);
	assert_int_equal(plan_with(arena_printf(&unit_arena, ns, ",'path':'/x'", "'x':1"), "")
				 .cgroup.delegate_uid,
			 (uid_t)-1);
}

TEST(root_inside_is_root_or_the_first_id_there_is)
{
	static const char ns[] = "'namespaces':[{'type':'mount'},{'type':'user'}],%s";
	struct plan p = plan_with(arena_printf(&unit_arena, ns, MAPS(TEN)), "'ro'");

	assert_int_equal(p.idmap.root_uid, 0);
	p = plan_with(arena_printf(&unit_arena, ns,
				   MAPS("{'containerID':5,'hostID':1000,'size':3},"
					"{'containerID':600,'hostID':2000,'size':5}")),
		      "'ro'");
	assert_int_equal(p.idmap.root_uid, 5);
	assert_string_equal(p.idmap.uid_map, "5 1000 3\n600 2000 5\n");
}

TEST(the_largest_ids_fit_the_map)
{
	static const char ns[] = "'namespaces':[{'type':'mount'},{'type':'user'}],%s";
	struct plan p = plan_with(arena_printf(&unit_arena, ns,
					       MAPS("{'containerID':4294967295,'hostID':4294967295,"
						    "'size':4294967295}," TEN)),
				  "'ro'");

	assert_string_equal(p.idmap.uid_map, "4294967295 4294967295 4294967295\n0 1000 10\n");
}

TEST(namespaces_new_and_joined)
{
	struct plan p = plan_with("'namespaces':[{'type':'mount'},{'type':'pid'},"
				  "{'type':'network','path':'/run/netns/n'}]",
				  "'ro'");

	assert_int_equal(p.unshare, CLONE_NEWNS | CLONE_NEWPID);
	assert_true(plan_has_ns(&p, CLONE_NEWPID));
	assert_true(plan_has_ns(&p, CLONE_NEWNET));
	assert_false(plan_has_ns(&p, CLONE_NEWIPC));
	assert_string_equal(plan_joined(&p, CLONE_NEWNET), "/run/netns/n");
	assert_null(plan_joined(&p, CLONE_NEWPID));
	assert_null(plan_joined(&p, CLONE_NEWIPC));
}
