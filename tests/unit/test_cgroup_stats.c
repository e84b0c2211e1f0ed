/* test_cgroup_stats.c - statistics and memory events, from directories that look like groups */
#include "cgroup/group.h"
#include "hull/cgroup_live.h"
#include "limits_help.h"
#include "unit.h"

static struct cgroup cg;

static void setup_host(const char *cgroups)
{
	cg = (struct cgroup){ .layout = read_layout(cgroups, NULL) };
	for (size_t i = 0; i < cg.layout.n; i++)
		cg.layout.items[i].group = unit_temp_dir();
}

static void file(const char *name, const char *text)
{
	unit_write_file(unit_temp_path(name), text);
}

/* One member of the statistics, as compact JSON. */
static const char *stats(const char *member)
{
	struct json_out *o = json_out_new(false);
	struct json *tree;
	size_t len;

	json_out_object(o, NULL);
	cgroup_put_stats(&cg, &unit_arena, o);
	json_out_object_end(o);
	const char *text = json_out_text(o, &len);

	assert_non_null(text);
	assert_int_equal(json_parse(&unit_arena, text, len, &tree, &unit_err), 0);
	json_out_free(o);
	assert_non_null(json_member(tree, member));
	o = json_out_new(false);
	json_out_tree(o, NULL, json_member(tree, member));
	text = arena_strdup(&unit_arena, json_out_text(o, NULL));
	json_out_free(o);
	return text;
}

static void counts(const char *member, const char *expected)
{
	assert_string_equal(stats(member), unit_json(expected));
}

TEST(without_any_file_the_shape_is_there)
{
	setup_host("0::/\n");
	counts("cpu", "{'usage':{'total':0,'kernel':0,'user':0},"
		      "'throttling':{'periods':0,'throttledPeriods':0,'throttledTime':0}}");
	counts("pids", "{'current':0}");
	counts("blkio", "{}");
	counts("hugetlb", "{}");
	assert_true(str_has_prefix(stats("memory"),
				   unit_json("{'cache':0,'usage':{'limit':0,'usage':0,")));
	assert_true(str_has_prefix(stats("cpuset"), unit_json("{'cpu_exclusive':0,")));
}

TEST(processors_on_v2)
{
	setup_host("0::/\n");
	file("cpu.stat", "usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\nnr_periods 4\n"
			 "nr_throttled 5\nthrottled_usec 6\n");
	file("cpu.pressure", "some avg10=0.12 avg60=3.00 avg300=10.50 total=1234\n"
			     "full avg10=0.00 avg60=0.01 avg300=0.02 total=5\n");
	counts("cpu", "{'usage':{'total':3000000,'kernel':1000000,'user':2000000},"
		      "'throttling':{'periods':4,'throttledPeriods':5,'throttledTime':6000},"
		      "'psi':{'some':{'avg10':0.12,'avg60':3.00,'avg300':10.50,'total':1234},"
		      "'full':{'avg10':0.00,'avg60':0.01,'avg300':0.02,'total':5}}}");
	/* before Linux 5.13 processors had no second line */
	file("cpu.pressure", "some avg10=0.12 avg60=3.00 avg300=10.50 total=1234\n");
	file("cpu.stat", "");
	counts("cpu", "{'usage':{'total':0,'kernel':0,'user':0},"
		      "'throttling':{'periods':0,'throttledPeriods':0,'throttledTime':0},"
		      "'psi':{'some':{'avg10':0.12,'avg60':3.00,'avg300':10.50,'total':1234}}}");
	file("cpu.pressure", "nonsense\n");
	assert_non_null(strstr(stats("cpu"), unit_json("'psi':{}")));
}

TEST(processors_on_v1)
{
	setup_host("1:cpu,cpuacct:/\n");
	file("cpuacct.usage", "3000\n");
	file("cpuacct.usage_percpu", "1000 2000 \n");
	file("cpuacct.usage_all", "cpu user system\n0 11 12\n1 13 14\n");
	file("cpuacct.stat", "user 3\nsystem 2\n");
	file("cpu.stat", "nr_periods 4\nnr_throttled 5\nthrottled_time 6\n");
	counts("cpu", arena_printf(&unit_arena,
				   "{'usage':{'total':3000,'percpu':[1000,2000],"
				   "'percpu_user':[11,13],'percpu_kernel':[12,14],'kernel':%lld,"
				   "'user':%lld},'throttling':{'periods':4,'throttledPeriods':5,"
				   "'throttledTime':6}}",
				   2 * 1000000000LL / sysconf(_SC_CLK_TCK),
				   3 * 1000000000LL / sysconf(_SC_CLK_TCK)));
}

TEST(processors_of_hybrid_hosts_have_their_pressure_on_v2)
{
	setup_host("1:cpu:/\n0::/\n");
	file("cpu.stat", "nr_periods 4\nthrottled_time 6\nusage_usec 1\n");
	file("cpu.pressure", "some avg10=0.12 avg60=3.00 avg300=10.50 total=1234\n");
	counts("cpu", "{'usage':{'total':1000,'kernel':0,'user':0},"
		      "'throttling':{'periods':4,'throttledPeriods':0,'throttledTime':6},"
		      "'psi':{'some':{'avg10':0.12,'avg60':3.00,'avg300':10.50,'total':1234}}}");
}

TEST(sets_of_processors)
{
	setup_host("0::/\n");
	file("cpuset.cpus.effective", "0-2,64\n");
	file("cpuset.mems.effective", "0\n");
	assert_true(str_has_prefix(stats("cpuset"), unit_json("{'cpus':[0,1,2,64],'mems':[0],"
							      "'cpu_exclusive':0,")));
	setup_host("1:cpuset:/\n");
	file("cpuset.cpus", "1\n");
	file("cpuset.cpu_exclusive", "1\n");
	file("cpuset.sched_load_balance", "1\n");
	file("cpuset.sched_relax_domain_level", "-1\n");
	counts("cpuset",
	       "{'cpus':[1],'cpu_exclusive':1,'mem_hardwall':0,'mem_exclusive':0,"
	       "'memory_migrate':0,'memory_spread_page':0,'memory_spread_slab':0,"
	       "'memory_pressure':0,'sched_load_balance':1,'sched_relax_domain_level':-1}");
}

TEST(memory_on_v2_swap_is_both_together)
{
	setup_host("0::/\n");
	file("memory.current", "100\n");
	file("memory.max", "1000\n");
	file("memory.peak", "200\n");
	file("memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\n");
	file("memory.swap.current", "10\n");
	file("memory.swap.max", "50\n");
	file("memory.stat", "anon 5\nfile 6\n");
	file("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
	counts("memory", "{'cache':6,'usage':{'limit':1000,'usage':100,'max':200,'failcnt':7},"
			 "'swap':{'limit':1050,'usage':110,'max':0,'failcnt':0},"
			 "'kernel':{'limit':0,'usage':0,'max':0,'failcnt':0},"
			 "'kernelTCP':{'limit':0,'usage':0,'max':0,'failcnt':0},"
			 "'raw':{'anon':5,'file':6},"
			 "'psi':{'some':{'avg10':0.00,'avg60':0.00,'avg300':0.00,'total':0}}}");
	file("memory.max", "max\n");
	assert_non_null(strstr(stats("memory"),
			       unit_json("'swap':{'limit':18446744073709551615,'usage':110,")));
}

TEST(memory_on_v1)
{
	setup_host("1:memory:/\n");
	file("memory.limit_in_bytes", "9223372036854771712\n");
	file("memory.usage_in_bytes", "100\n");
	file("memory.max_usage_in_bytes", "200\n");
	file("memory.failcnt", "3\n");
	file("memory.memsw.limit_in_bytes", "1050\n");
	file("memory.memsw.usage_in_bytes", "110\n");
	file("memory.kmem.usage_in_bytes", "44\n");
	file("memory.kmem.tcp.failcnt", "55\n");
	file("memory.stat", "cache 6\nrss 5\n");
	counts("memory",
	       "{'cache':6,'usage':{'limit':9223372036854771712,'usage':100,'max':200,'failcnt':3},"
	       "'swap':{'limit':1050,'usage':110,'max':0,'failcnt':0},"
	       "'kernel':{'limit':0,'usage':44,'max':0,'failcnt':0},"
	       "'kernelTCP':{'limit':0,'usage':0,'max':0,'failcnt':55},"
	       "'raw':{'cache':6,'rss':5}}");
}

TEST(numbers_of_processes)
{
	setup_host("0::/\n");
	file("pids.current", "3\n");
	file("pids.max", "max\n");
	counts("pids", "{'current':3}");
	file("pids.max", "20\n");
	counts("pids", "{'current':3,'limit':20}");
	file("pids.max", "0\n");
	counts("pids", "{'current':3,'limit':0}");
}

TEST(block_devices_on_v2)
{
	setup_host("0::/\n");
	file("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
			"253:16 wbytes=9\n7:0\n");
	counts("blkio", "{'ioServiceBytesRecursive':["
			"{'major':8,'minor':0,'op':'Read','value':1},"
			"{'major':8,'minor':0,'op':'Write','value':2},"
			"{'major':253,'minor':16,'op':'Write','value':9}],"
			"'ioServicedRecursive':["
			"{'major':8,'minor':0,'op':'Read','value':3},"
			"{'major':8,'minor':0,'op':'Write','value':4}]}");
}

TEST(block_devices_on_v1_by_whoever_counts_them)
{
	setup_host("1:blkio:/\n");
	file("blkio.bfq.io_service_bytes_recursive", "Total 0\n");
	file("blkio.throttle.io_service_bytes_recursive",
	     "8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3\n");
	file("blkio.time_recursive", "8:0 77\n");
	counts("blkio", "{'ioServiceBytesRecursive':["
			"{'major':8,'minor':0,'op':'Read','value':1},"
			"{'major':8,'minor':0,'op':'Write','value':2},"
			"{'major':8,'minor':0,'op':'Total','value':3}],"
			"'ioTimeRecursive':[{'major':8,'minor':0,'op':'','value':77}]}");
	file("blkio.bfq.io_service_bytes_recursive", "8:0 Read 5\nTotal 5\n");
	assert_non_null(strstr(stats("blkio"), unit_json("'op':'Read','value':5}]")));
}

TEST(huge_pages)
{
	setup_host("0::/\n");
	file("hugetlb.2MB.current", "1\n");
	file("hugetlb.2MB.rsvd.current", "2\n");
	file("hugetlb.2MB.events", "max 3\n");
	counts("hugetlb", "{'2MB':{'usage':2,'failcnt':3}}");
	setup_host("1:hugetlb:/\n");
	file("hugetlb.1GB.usage_in_bytes", "4\n");
	file("hugetlb.1GB.max_usage_in_bytes", "5\n");
	file("hugetlb.1GB.failcnt", "6\n");
	counts("hugetlb", "{'1GB':{'usage':4,'max':5,'failcnt':6}}");
}

/* --- running out of memory --- */

TEST(kills_are_told_once_each_time_there_are_more)
{
	struct cgroup_oom w;
	unsigned before = unit_open_fds();

	setup_host("0::/\n");
	file("memory.events", "low 0\nhigh 0\nmax 7\noom 9\noom_kill 1\noom_group_kill 0\n");
	assert_int_equal(cgroup_watch_oom(&cg, &w, &unit_err), 0);
	assert_int_equal(w.pollfd.events, POLLPRI);
	assert_false(cgroup_oom_happened(&w));
	file("memory.events", "low 0\nhigh 0\nmax 8\noom 10\noom_kill 1\noom_group_kill 0\n");
	assert_false(cgroup_oom_happened(&w));
	file("memory.events", "low 0\nhigh 0\nmax 8\noom 10\noom_kill 3\noom_group_kill 0\n");
	assert_true(cgroup_oom_happened(&w));
	assert_false(cgroup_oom_happened(&w));
	cgroup_oom_close(&w);
	assert_int_equal(unit_open_fds(), before);
}

TEST(without_a_memory_controller_nothing_is_told)
{
	struct cgroup_oom w;

	setup_host("0::/\n");
	assert_int_equal(cgroup_watch_oom(&cg, &w, &unit_err), 0);
	assert_int_equal(w.pollfd.fd, -1);
	assert_false(cgroup_oom_happened(&w));
	cgroup_oom_close(&w);
}

TEST(a_v1_host_without_notifications_is_an_error_that_names_the_file)
{
	struct cgroup_oom w;
	unsigned before = unit_open_fds();

	setup_host("1:memory:/\n");
	file("memory.oom_control", "oom_kill_disable 0\n");
	assert_int_equal(cgroup_watch_oom(&cg, &w, &unit_err), -ENOENT);
	assert_string_equal(unit_err.text,
			    arena_printf(&unit_arena,
					 "write %s/cgroup.event_control: no such file or directory",
					 unit_temp_dir()));
	assert_int_equal(unit_open_fds(), before);
}
