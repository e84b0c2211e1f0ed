/* test_cgroup_limits.c - linux.resources: the files and values, and writing them */
#include "limits_help.h"
#include "unit.h"

/* --- files and values --- */

static int translate(bool v2, const char *text, struct limits *l)
{
	*l = (struct limits){ .arena = &unit_arena };
	return (v2 ? v2_writes : v1_writes)(read_resources(text), FAMILY_ALL, l, &unit_err);
}

static void expect(bool v2, const char *text, const char *lines)
{
	struct limits l;

	if (translate(v2, text, &l) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	assert_string_equal(dump_limits(&l), lines);
}

static void refuse(bool v2, const char *text, const char *message)
{
	struct limits l;

	if (translate(v2, text, &l) == 0)
		fail_msg("%s is not refused", text);
	assert_int_equal(unit_err.num, EINVAL);
	assert_string_equal(unit_err.text, message);
}

#define V1 false
#define V2 true

TEST(an_empty_object_limits_nothing)
{
	expect(V1, "{'memory':{},'cpu':{},'blockIO':{},'network':{}}", "");
	expect(V2, "{'memory':{},'cpu':{},'blockIO':{},'network':{}}", "");
}

TEST(memory_on_v1)
{
	expect(V1,
	       "{'memory':{'limit':100,'swap':300,'reservation':50,'kernel':7,'kernelTCP':8,"
	       "'swappiness':0,'disableOOMKiller':true}}",
	       "memory memory.limit_in_bytes=100 (memory.limit)\n"
	       "memory memory.memsw.limit_in_bytes=300 (memory.swap)\n"
	       "memory memory.soft_limit_in_bytes=50 (memory.reservation)\n"
	       "?memory memory.kmem.limit_in_bytes=7 (memory.kernel)\n"
	       "?memory memory.kmem.tcp.limit_in_bytes=8 (memory.kernelTCP)\n"
	       "memory memory.swappiness=0 (memory.swappiness)\n"
	       "memory memory.oom_control=1 (memory.disableOOMKiller)\n");
	expect(V1, "{'memory':{'limit':-1,'disableOOMKiller':false}}",
	       "memory memory.limit_in_bytes=-1 (memory.limit)\n"
	       "?memory memory.memsw.limit_in_bytes=-1 (memory.swap)\n"
	       "memory memory.oom_control=0 (memory.disableOOMKiller)\n");
}

TEST(memory_on_v2)
{
	expect(V2, "{'memory':{'limit':100,'swap':300,'reservation':50}}",
	       "memory memory.max=100 (memory.limit)\n"
	       "memory memory.swap.max=200 (memory.swap)\n"
	       "memory memory.low=50 (memory.reservation)\n");
	expect(V2, "{'memory':{'limit':-1,'reservation':-1}}",
	       "memory memory.max=max (memory.limit)\n"
	       "?memory memory.swap.max=max (memory.swap)\n"
	       "memory memory.low=max (memory.reservation)\n");
	expect(V2, "{'memory':{'limit':100,'swap':-1}}",
	       "memory memory.max=100 (memory.limit)\n"
	       "?memory memory.swap.max=max (memory.swap)\n");
	expect(V2, "{'memory':{'limit':100,'swap':100}}",
	       "memory memory.max=100 (memory.limit)\n"
	       "?memory memory.swap.max=0 (memory.swap)\n");
	/* zero is how callers leave a member out */
	expect(V2, "{'memory':{'limit':0,'swap':0,'reservation':0}}", "");
}

TEST(swap_needs_a_limit_below_it)
{
	static const char none[] =
		"linux.resources.memory.swap: unable to set swap limit without memory limit";
	static const char below[] =
		"linux.resources.memory.swap: memory+swap limit should be >= memory limit";

	for (int v2 = 0; v2 < 2; v2++) {
		refuse(v2, "{'memory':{'swap':100}}", none);
		refuse(v2, "{'memory':{'limit':-1,'swap':100}}", none);
		refuse(v2, "{'memory':{'limit':200,'swap':100}}", below);
	}
}

TEST(cpu_on_v1)
{
	expect(V1,
	       "{'cpu':{'shares':1024,'quota':50000,'period':100000,'burst':1000,"
	       "'realtimeRuntime':9,'realtimePeriod':10,'cpus':'0-3','mems':'0','idle':0}}",
	       "cpuset cpuset.cpus=0-3 (cpu.cpus)\n"
	       "cpuset cpuset.mems=0 (cpu.mems)\n"
	       "cpu cpu.shares=1024 (cpu.shares)\n"
	       "cpu cpu.cfs_period_us=100000 (cpu.period)\n"
	       "cpu cpu.cfs_quota_us=50000 (cpu.quota)\n"
	       "cpu cpu.cfs_burst_us=1000 (cpu.burst)\n"
	       "cpu cpu.rt_period_us=10 (cpu.realtimePeriod)\n"
	       "cpu cpu.rt_runtime_us=9 (cpu.realtimeRuntime)\n"
	       "?cpu cpu.idle=0 (cpu.idle)\n");
	/* the kernel refuses a weight to an idle group, and it would have no effect */
	expect(V1, "{'cpu':{'shares':2,'idle':1,'quota':-1,'cpus':''}}",
	       "cpu cpu.cfs_quota_us=-1 (cpu.quota)\n"
	       "cpu cpu.idle=1 (cpu.idle)\n");
}

TEST(cpu_on_v2)
{
	expect(V2, "{'cpu':{'shares':1024,'quota':50000,'period':20000,'burst':0,'cpus':'0'}}",
	       "cpuset cpuset.cpus=0 (cpu.cpus)\n"
	       "cpu cpu.weight=100 (cpu.shares)\n"
	       "cpu cpu.max=50000 20000 (cpu.quota)\n"
	       "?cpu cpu.max.burst=0 (cpu.burst)\n");
	expect(V2, "{'cpu':{'quota':50000}}", "cpu cpu.max=50000 (cpu.quota)\n");
	expect(V2, "{'cpu':{'quota':-1,'period':5000}}", "cpu cpu.max=max 5000 (cpu.quota)\n");
	expect(V2, "{'cpu':{'quota':50000,'period':5}}", "cpu cpu.max=50000 5 (cpu.period)\n");
	expect(V2, "{'cpu':{'period':5000,'shares':0}}", "cpu cpu.max=max 5000 (cpu.period)\n");
	expect(V2, "{'cpu':{'shares':1024,'idle':1}}", "cpu cpu.idle=1 (cpu.idle)\n");
}

TEST(shares_become_weights_along_the_curve_through_the_defaults)
{
	static const uint64_t points[][2] = {
		{ 0, 0 },          { 1, 1 },          { 2, 1 },
		{ 3, 2 },          { 10, 4 },         { 100, 17 },
		{ 512, 59 },       { 1000, 99 },      { 1024, 100 },
		{ 2048, 174 },     { 10000, 627 },    { 100000, 4340 },
		{ 262143, 10000 }, { 262144, 10000 }, { UINT64_MAX, 10000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		assert_int_equal(v2_weight_of_shares(points[i][0]), points[i][1]);
	for (uint64_t s = 1; s < 262144; s += 61)
		assert_true(v2_weight_of_shares(s) <= v2_weight_of_shares(s + 61));
}

TEST(block_io_weights_are_two_linear_scales)
{
	assert_int_equal(v2_weight_of_blkio(10), 1);
	assert_int_equal(v2_weight_of_blkio(500), 4950);
	assert_int_equal(v2_weight_of_blkio(1000), 10000);
	assert_int_equal(v2_weight_of_blkio(1), 1);
}

static const char block_io[] =
	"{'blockIO':{'weight':500,'weightDevice':[{'major':8,'minor':0,'weight':100}],"
	"'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1}],"
	"'throttleWriteBpsDevice':[{'major':8,'minor':16,'rate':2}],"
	"'throttleReadIOPSDevice':[{'major':8,'minor':0,'rate':3}],"
	"'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':0}]}}";

TEST(block_io_on_v1)
{
	expect(V1, block_io,
	       "blkio blkio.bfq.weight=500 or blkio.weight=500 (blockIO.weight)\n"
	       "blkio blkio.bfq.weight_device=8:0 100 or blkio.weight_device=8:0 100 "
	       "(blockIO.weightDevice[0])\n"
	       "blkio blkio.throttle.read_bps_device=8:0 1 (blockIO.throttleReadBpsDevice[0])\n"
	       "blkio blkio.throttle.write_bps_device=8:16 2 (blockIO.throttleWriteBpsDevice[0])\n"
	       "blkio blkio.throttle.read_iops_device=8:0 3 (blockIO.throttleReadIOPSDevice[0])\n"
	       "blkio blkio.throttle.write_iops_device=8:0 0 "
	       "(blockIO.throttleWriteIOPSDevice[0])\n");
	expect(V1,
	       "{'blockIO':{'leafWeight':20,'weightDevice':[{'major':1,'minor':2,"
	       "'leafWeight':30}]}}",
	       "blkio blkio.leaf_weight=20 (blockIO.leafWeight)\n"
	       "blkio blkio.leaf_weight_device=1:2 30 (blockIO.weightDevice[0])\n");
}

TEST(block_io_on_v2)
{
	expect(V2, block_io,
	       "io io.bfq.weight=500 or io.weight=default 4950 (blockIO.weight)\n"
	       "io io.bfq.weight=8:0 100 (blockIO.weightDevice[0])\n"
	       "io io.max=8:0 rbps=1 (blockIO.throttleReadBpsDevice[0])\n"
	       "io io.max=8:16 wbps=2 (blockIO.throttleWriteBpsDevice[0])\n"
	       "io io.max=8:0 riops=3 (blockIO.throttleReadIOPSDevice[0])\n"
	       "io io.max=8:0 wiops=max (blockIO.throttleWriteIOPSDevice[0])\n");
}

TEST(pids_zero_is_a_limit)
{
	for (int v2 = 0; v2 < 2; v2++) {
		expect(v2, "{'pids':{'limit':0}}", "pids pids.max=0 (pids.limit)\n");
		expect(v2, "{'pids':{'limit':7}}", "pids pids.max=7 (pids.limit)\n");
		expect(v2, "{'pids':{'limit':-1}}", "pids pids.max=max (pids.limit)\n");
	}
}

TEST(huge_pages_and_their_reservations)
{
	expect(V1, "{'hugepageLimits':[{'pageSize':'2MB','limit':4194304}]}",
	       "hugetlb hugetlb.2MB.limit_in_bytes=4194304 (hugepageLimits[0])\n"
	       "?hugetlb hugetlb.2MB.rsvd.limit_in_bytes=4194304 (hugepageLimits[0])\n");
	expect(V2, "{'hugepageLimits':[{'pageSize':'1GB','limit':0}]}",
	       "hugetlb hugetlb.1GB.max=0 (hugepageLimits[0])\n"
	       "?hugetlb hugetlb.1GB.rsvd.max=0 (hugepageLimits[0])\n");
}

TEST(rdma_in_both_layouts)
{
	for (int v2 = 0; v2 < 2; v2++) {
		expect(v2, "{'rdma':{'mlx5_1':{'hcaHandles':3,'hcaObjects':10000}}}",
		       "rdma rdma.max=mlx5_1 hca_handle=3 hca_object=10000 (rdma.mlx5_1)\n");
		expect(v2, "{'rdma':{'mlx4_0':{'hcaObjects':0}}}",
		       "rdma rdma.max=mlx4_0 hca_object=0 (rdma.mlx4_0)\n");
		refuse(v2, "{'rdma':{'mlx4_0':{}}}",
		       "linux.resources.rdma.mlx4_0: hcaHandles or hcaObjects is required");
	}
}

TEST(network_is_of_v1)
{
	expect(V1, "{'network':{'classID':1048577,'priorities':[{'name':'eth0','priority':5}]}}",
	       "net_cls net_cls.classid=1048577 (network.classID)\n"
	       "net_prio net_prio.ifpriomap=eth0 5 (network.priorities[0])\n");
}

TEST(v2_refuses_what_only_v1_can_do)
{
	static const char *const cases[][2] = {
		{ "{'memory':{'kernel':1}}", "memory.kernel" },
		{ "{'memory':{'kernelTCP':1}}", "memory.kernelTCP" },
		{ "{'memory':{'swappiness':10}}", "memory.swappiness" },
		{ "{'memory':{'disableOOMKiller':true}}", "memory.disableOOMKiller" },
		{ "{'cpu':{'realtimeRuntime':1}}", "cpu.realtimeRuntime" },
		{ "{'cpu':{'realtimePeriod':1}}", "cpu.realtimePeriod" },
		{ "{'blockIO':{'leafWeight':10}}", "blockIO.leafWeight" },
		{ "{'blockIO':{'weightDevice':[{'major':1,'minor':1,'leafWeight':10}]}}",
		  "blockIO.weightDevice[0]" },
		{ "{'network':{'classID':1}}", "network.classID" },
		{ "{'network':{'priorities':[{'name':'a','priority':0}]}}", "network.priorities" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuse(V2, cases[i][0],
		       arena_printf(&unit_arena, "linux.resources.%s: cgroup v2 has no such limit",
				    cases[i][1]));
}

TEST(v2_ignores_values_that_ask_for_nothing)
{
	expect(V2,
	       "{'memory':{'kernel':-1,'kernelTCP':0,'swappiness':60,'disableOOMKiller':false},"
	       "'cpu':{'realtimeRuntime':0,'realtimePeriod':0},'blockIO':{'leafWeight':0},"
	       "'network':{'classID':0,'priorities':[]}}",
	       "");
}

/* --- which layout --- */

static int plan(const char *text, struct layout *layout, struct limits *l)
{
	*l = (struct limits){ .arena = &unit_arena };
	return resources_plan(read_resources(text), layout, l, &unit_err);
}

static void plan_refuse(const char *text, struct layout layout, const char *message)
{
	struct limits l;

	assert_int_equal(plan(text, &layout, &l), -EINVAL);
	assert_string_equal(unit_err.text, message);
}

TEST(on_a_hybrid_host_each_limit_goes_where_its_controller_lives)
{
	struct layout layout = read_layout(hybrid_host, "hugetlb io pids");
	struct limits l;

	assert_int_equal(
		plan("{'memory':{'limit':100},'pids':{'limit':5},'cpu':{'cpus':'0'},"
		     "'hugepageLimits':[{'pageSize':'2MB','limit':0}],"
		     "'blockIO':{'weight':10},'unified':{'io.max':'8:0 rbps=1\\n8:16 rbps=2\\n',"
		     "'cgroup.max.depth':'3'}}",
		     &layout, &l),
		0);
	assert_string_equal(dump_limits(&l),
			    "cpuset cpuset.cpus=0 (cpu.cpus)\n"
			    "memory memory.limit_in_bytes=100 (memory.limit)\n"
			    "pids pids.max=5 (pids.limit)\n"
			    "io io.bfq.weight=10 or io.weight=default 1 (blockIO.weight)\n"
			    "hugetlb hugetlb.2MB.max=0 (hugepageLimits[0])\n"
			    "?hugetlb hugetlb.2MB.rsvd.max=0 (hugepageLimits[0])\n"
			    "io io.max=8:0 rbps=1 (unified.io.max)\n"
			    "io io.max=8:16 rbps=2 (unified.io.max)\n"
			    "cgroup cgroup.max.depth=3 (unified.cgroup.max.depth)\n");
	assert_ptr_equal(l.items[1].home, layout_v1(&layout, "memory"));
	for (size_t i = 2; i < l.n; i++)
		assert_ptr_equal(l.items[i].home, layout_v2(&layout));
	assert_string_equal(limits_where(&l, "pids"), "linux.resources.pids.limit");
	assert_null(limits_where(&l, "memory"));
}

TEST(a_missing_controller_is_named_with_the_limit)
{
	struct layout v1 = read_layout("1:memory:/\n", NULL), v2 = read_layout("0::/\n", "cpu");

	plan_refuse("{'pids':{'limit':5}}", v1,
		    "linux.resources.pids.limit: this host has no pids controller");
	plan_refuse("{'pids':{'limit':5}}", v2,
		    "linux.resources.pids.limit: this host has no pids controller on cgroup v2");
	plan_refuse("{'network':{'classID':5}}", v1,
		    "linux.resources.network.classID: this host has no net_cls controller");
}

TEST(unified_keys_are_checked)
{
	static const char *const cases[][2] = {
		{ "a/b", "is not the name of a cgroup file" },
		{ "../memory.max", "is not the name of a cgroup file" },
		{ "memory", "is not the name of a cgroup file" },
		{ ".max", "is not the name of a cgroup file" },
		{ "foo.max", "this host has no foo controller on cgroup v2" },
		{ "memory.max",
		  "the memory controller is on cgroup v1 here (/sys/fs/cgroup/memory)" },
	};
	struct layout mixed = read_layout(hybrid_host, "hugetlb");
	struct layout v1 = read_layout("1:memory:/\n", NULL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		plan_refuse(arena_printf(&unit_arena, "{'unified':{'%s':'1'}}", cases[i][0]), mixed,
			    arena_printf(&unit_arena, "linux.resources.unified.%s: %s", cases[i][0],
					 cases[i][1]));
	plan_refuse("{'unified':{'memory.max':'1'}}", v1,
		    "linux.resources.unified.memory.max: needs cgroup v2, which this host does not "
		    "have");
}

TEST(page_sizes_become_file_names_and_are_checked)
{
	static const char *const bad[] = { "2mb", "02MB", "MB", "2", "2TB", "2MBx", "../2MB", "" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct layout v2 = read_layout("0::/\n", "hugetlb");
		struct limits l;

		assert_int_equal(
			plan(arena_printf(&unit_arena,
					  "{'hugepageLimits':[{'pageSize':'%s','limit':1}]}",
					  bad[i]),
			     &v2, &l),
			-EINVAL);
		assert_true(str_has_prefix(unit_err.text,
					   "linux.resources.hugepageLimits[0].pageSize: "));
	}
}

/* --- writing --- */

/* A v1 hierarchy whose group is the test's own directory. */
static struct layout plain_layout(void)
{
	struct layout l = read_layout("1:memory,cpu,devices:/\n", NULL);

	l.items[0].group = unit_temp_dir();
	return l;
}

static void plain_limit(struct limits *l, const struct layout *layout, const char *file,
			const char *value)
{
	limits_add(l, false, "memory", file, value, "linux.resources.x")->home = &layout->items[0];
}

TEST(every_value_is_written)
{
	struct layout layout = plain_layout();
	struct limits l = { .arena = &unit_arena };

	unit_write_file(unit_temp_path("one"), "");
	unit_write_file(unit_temp_path("two"), "");
	for (int i = 0; i < 40; i++)
		plain_limit(&l, &layout, "one", limits_number(&l, i % 10));
	plain_limit(&l, &layout, "two", "2");
	unsigned before = unit_open_fds();

	assert_int_equal(limits_apply(&l, true, false, &unit_err), 0);
	assert_int_equal(unit_open_fds(), before);
	assert_string_equal(unit_read_file(unit_temp_path("one")),
			    "0123456789012345678901234567890123456789");
	assert_string_equal(unit_read_file(unit_temp_path("two")), "2");
}

TEST(a_missing_file_is_an_error_unless_it_need_not_be_there)
{
	struct layout layout = plain_layout();
	struct limits l = { .arena = &unit_arena };

	plain_limit(&l, &layout, "gone", "1");
	assert_int_equal(limits_apply(&l, true, false, &unit_err), -ENOENT);
	assert_string_equal(unit_err.text,
			    "linux.resources.x: write gone \"1\": no such file or directory");
	l.items[0].flags = LIMIT_OPTIONAL;
	assert_int_equal(limits_apply(&l, true, false, &unit_err), 0);
	l.items[0].flags = 0;
	l.items[0].instead = "there";
	l.items[0].instead_value = "2";
	unit_write_file(unit_temp_path("there"), "");
	assert_int_equal(limits_apply(&l, true, false, &unit_err), 0);
	assert_string_equal(unit_read_file(unit_temp_path("there")), "2");
}

TEST(a_limit_without_a_place_is_never_passed_over)
{
	struct limits l = { .arena = &unit_arena };

	(void)limits_add(&l, false, "devices", "devices.deny", "a", "linux.resources.devices");
	assert_int_equal(limits_apply(&l, true, false, &unit_err), -ENOENT);
}

TEST(only_a_period_keeps_the_quota_of_an_old_group)
{
	struct layout layout = plain_layout();
	struct limits l = { .arena = &unit_arena };

	plain_limit(&l, &layout, "cpu.max", "max 5000");
	l.items[0].flags = LIMIT_KEEPS_WORD;
	unit_write_file(unit_temp_path("cpu.max"), "20000 100000\n");
	assert_int_equal(limits_apply(&l, false, false, &unit_err), 0);
	/* a regular file keeps its tail, which a kernel file has not */
	assert_true(str_has_prefix(unit_read_file(unit_temp_path("cpu.max")), "20000 5000"));
	unit_write_file(unit_temp_path("cpu.max"), "max 100000\n");
	assert_int_equal(limits_apply(&l, true, false, &unit_err), 0);
	assert_true(str_has_prefix(unit_read_file(unit_temp_path("cpu.max")), "max 5000"));
}
