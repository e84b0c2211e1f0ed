/* test_rdt.c - resctrl groups, in a directory that looks like one */
#include "hull/rdt.h"
#include "unit.h"

static const char *base;
static struct config_intel_rdt wanted;
static struct config_linux linux_part;
static struct config config;

/* A resctrl with an empty configuration of a container "web". */
static void setup_resctrl(void)
{
	base = unit_temp_dir();
	unit_write_file(unit_temp_path("schemata"), "    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n");
	wanted = (struct config_intel_rdt){ 0 };
	linux_part = (struct config_linux){ .intel_rdt = &wanted };
	config = (struct config){ .linux = &linux_part };
}

static int prepare(struct rdt **ret)
{
	return rdt_prepare(&unit_arena, base, &config, "web", ret, &unit_err);
}

/* The kernel fills a new group with files: here the test does, in mkdir's place. */
static void make_group(const char *name, const char *schemata)
{
	assert_int_equal(mkdir(unit_temp_path(name), 0755), 0);
	unit_write_file(unit_temp_path(arena_printf(&unit_arena, "%s/schemata", name)), schemata);
	unit_write_file(unit_temp_path(arena_printf(&unit_arena, "%s/tasks", name)), "");
}

TEST(without_intel_rdt_nothing_is_looked_at)
{
	struct rdt *r;

	setup_resctrl();
	linux_part.intel_rdt = NULL;
	base = "/nonexistent";
	assert_int_equal(prepare(&r), 0);
	assert_null(r);
}

TEST(resctrl_must_be_mounted)
{
	struct rdt *r;

	setup_resctrl();
	base = "/nonexistent";
	assert_int_equal(prepare(&r), -ENODEV);
	assert_string_equal(unit_err.text,
			    "linux.intelRdt: resctrl is not mounted at /nonexistent");
}

TEST(a_class_without_a_name_is_the_containers_and_goes_with_it)
{
	struct rdt *r;

	setup_resctrl();
	assert_int_equal(prepare(&r), 0);
	assert_true(r->made_clos);
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0);
	assert_int_equal(access(unit_temp_path("web"), F_OK), 0);
	assert_int_equal(rdt_remove(r, &unit_err), 0);
	assert_int_equal(access(unit_temp_path("web"), F_OK), -1);
	assert_int_equal(rdt_remove(r, &unit_err), 0); /* again */
}

TEST(groups_of_the_id_that_were_there_before_stay)
{
	struct rdt *r;

	setup_resctrl();
	wanted.enable_monitoring = true;
	assert_int_equal(mkdir(unit_temp_path("web"), 0755), 0);
	assert_int_equal(mkdir(unit_temp_path("web/mon_groups"), 0755), 0);
	assert_int_equal(mkdir(unit_temp_path("web/mon_groups/web"), 0755), 0);
	assert_int_equal(prepare(&r), 0);
	assert_false(r->made_clos);
	assert_false(r->made_monitor);
	assert_int_equal(rdt_remove(r, &unit_err), 0);
	assert_int_equal(access(unit_temp_path("web/mon_groups/web"), F_OK), 0);
}

TEST(a_named_class_must_exist_unless_schemata_say_what_it_is)
{
	struct rdt *r;

	setup_resctrl();
	wanted.clos_id = "gold";
	assert_int_equal(prepare(&r), -ENOENT);
	make_group("gold", "L3:0=f\n");
	assert_int_equal(prepare(&r), 0);
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0);
	assert_int_equal(rdt_remove(r, &unit_err), 0);
	assert_int_equal(access(unit_temp_path("gold"), F_OK), 0); /* never hull's to remove */
}

TEST(an_existing_class_must_be_what_is_asked_for)
{
	struct rdt *r;

	setup_resctrl();
	make_group("gold", "    MB:0= 50;1=100\n    L3:0=000f;1=fffff\n");
	wanted.clos_id = "gold";
	wanted.l3_cache_schema = "L3:1=FFFFF\nMB:0=10";
	assert_int_equal(prepare(&r), 0);
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0);
	wanted.l3_cache_schema = "L3:1=ff";
	assert_int_equal(rdt_create(r, &wanted, &unit_err), -EEXIST);
	wanted.l3_cache_schema = "L2:0=f";
	assert_int_equal(rdt_create(r, &wanted, &unit_err), -EEXIST);
	wanted.l3_cache_schema = "L3:0=f";
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0); /* leading zeros are the kernel's */
	wanted.mem_bw_schema = "MB:0=50";
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0);
	wanted.mem_bw_schema = "MB:0=60";
	assert_int_equal(rdt_create(r, &wanted, &unit_err), -EEXIST);
}

TEST(names_stay_below_the_root)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "../x", "/x" };
	struct rdt *r;

	setup_resctrl();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		wanted.clos_id = bad[i];
		assert_int_equal(prepare(&r), -EINVAL);
	}
	wanted.clos_id = "/";
	assert_int_equal(prepare(&r), 0);
	assert_string_equal(r->clos, base);
}

TEST(a_process_enters_class_and_monitor)
{
	struct rdt *r;

	setup_resctrl();
	make_group("gold", "L3:0=f\n");
	assert_int_equal(mkdir(unit_temp_path("gold/mon_groups"), 0755), 0);
	make_group("gold/mon_groups/web", "");
	wanted.clos_id = "gold";
	wanted.enable_monitoring = true;
	assert_int_equal(prepare(&r), 0);
	assert_int_equal(rdt_create(r, &wanted, &unit_err), 0);
	assert_int_equal(rdt_add(r, 1234, &unit_err), 0);
	assert_string_equal(unit_read_file(unit_temp_path("gold/tasks")), "1234\n");
	assert_string_equal(unit_read_file(unit_temp_path("gold/mon_groups/web/tasks")), "1234\n");
}

/* --- a class in use --- */

static const char *schemata_of(const char *name)
{
	return unit_read_file(unit_temp_path(arena_printf(&unit_arena, "%s/schemata", name)));
}

TEST(an_update_writes_the_lines_given_and_remembers_the_old_ones)
{
	const char *before = NULL;
	struct rdt *r;

	setup_resctrl();
	make_group("web", "    MB:0=100\n    L3:0=ff\n");
	assert_int_equal(prepare(&r), 0);
	wanted.l3_cache_schema = "L3:0=3";
	assert_int_equal(rdt_update(&unit_arena, r, &wanted, &before, &unit_err), 0);
	assert_true(str_has_prefix(schemata_of("web"), "L3:0=3\n"));
	assert_string_equal(before, "    MB:0=100\n    L3:0=ff\n");
	/* each line is written by itself: of a regular file the last one stays */
	rdt_restore(r, before);
	assert_true(str_has_prefix(schemata_of("web"), "L3:0=ff\n"));
}

TEST(an_update_of_a_class_that_is_gone_names_it)
{
	const char *before = NULL;
	struct rdt *r;

	setup_resctrl();
	assert_int_equal(prepare(&r), 0);
	wanted.mem_bw_schema = "MB:0=50";
	assert_int_equal(rdt_update(&unit_arena, r, &wanted, &before, &unit_err), -ENOENT);
	assert_string_equal(unit_err.text,
			    arena_printf(&unit_arena,
					 "linux.intelRdt: read %s/web/schemata: no such file or "
					 "directory",
					 base));
	assert_null(before);
}

static void make_dirs(const char *const *names)
{
	for (; *names; names++)
		assert_int_equal(mkdir(unit_temp_path(*names), 0755), 0);
}

static const char *stats_of(const struct rdt *r)
{
	struct json_out *o = json_out_new(false);

	json_out_object(o, NULL);
	rdt_put_stats(&unit_arena, base, r, o);
	json_out_object_end(o);
	const char *text = arena_strdup(&unit_arena, json_out_text(o, NULL));

	json_out_free(o);
	return text;
}

TEST(statistics_of_a_class)
{
	static const char *const dirs[] = { "info",
					    "info/L3",
					    "info/MB",
					    "web/mon_data",
					    "web/mon_data/mon_L3_01",
					    "web/mon_data/mon_L3_00",
					    NULL };
	struct rdt *r;

	setup_resctrl();
	assert_int_equal(prepare(&r), 0);
	assert_string_equal(stats_of(NULL), "{}");
	assert_string_equal(stats_of(r), "{}");
	make_group("web", "    L3:0=ff\n    MB:0=50\n");
	make_dirs(dirs);
	unit_write_file(unit_temp_path("info/L3/cbm_mask"), "fffff\n");
	unit_write_file(unit_temp_path("info/L3/min_cbm_bits"), "2\n");
	unit_write_file(unit_temp_path("info/L3/num_closids"), "16\n");
	unit_write_file(unit_temp_path("info/MB/min_bandwidth"), "10\n");
	unit_write_file(unit_temp_path("info/MB/bandwidth_gran"), "5\n");
	unit_write_file(unit_temp_path("web/mon_data/mon_L3_00/mbm_total_bytes"), "7\n");
	unit_write_file(unit_temp_path("web/mon_data/mon_L3_00/mbm_local_bytes"), "6\n");
	unit_write_file(unit_temp_path("web/mon_data/mon_L3_01/mbm_total_bytes"), "9\n");
	unit_write_file(unit_temp_path("web/mon_data/mon_L3_01/mbm_local_bytes"), "Unavailable\n");
	unit_write_file(unit_temp_path("web/mon_data/mon_L3_01/llc_occupancy"), "4\n");
	assert_string_equal(
		stats_of(r),
		unit_json("{'l3_cache_info':{'cbm_mask':'fffff','min_cbm_bits':2,'num_closids':16},"
			  "'l3_cache_schema_root':'L3:0=fffff;1=fffff','l3_cache_schema':'L3:0=ff',"
			  "'mem_bw_info':{'bandwidth_gran':5,'min_bandwidth':10},"
			  "'mem_bw_schema_root':'MB:0=100;1=100','mem_bw_schema':'MB:0=50',"
			  "'schemata':['L3:0=ff','MB:0=50'],"
			  "'mbm_stats':[{'mbm_total_bytes':7,'mbm_local_bytes':6},"
			  "{'mbm_total_bytes':9}],'cmt_stats':[{'llc_occupancy':4}]}"));
}
