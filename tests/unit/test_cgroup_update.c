/* test_cgroup_update.c - changing limits, in directories that look like groups */
#include <sys/inotify.h>

#include "cgroup/group.h"
#include "hull/cgroup_live.h"
#include "limits_help.h"
#include "unit.h"

static struct cgroup cg;

/* A host whose only hierarchy is of one version; its group is the test's directory. */
static void setup_host(bool v2)
{
	cg = (struct cgroup){ .limits = { .arena = &unit_arena } };
	cg.layout = v2 ? read_layout("0::/\n", "cpuset cpu io memory hugetlb pids rdma")
		       : read_layout("1:memory,cpu,cpuset,pids,blkio:/\n", NULL);
	cg.layout.items[0].group = unit_temp_dir();
	if (v2)
		unit_write_file(unit_temp_path("cgroup.controllers"),
				"cpuset cpu io memory hugetlb pids rdma\n");
}

static void file(const char *name, const char *text)
{
	unit_write_file(unit_temp_path(name), text);
}

/* A regular file keeps its tail, which a kernel file has not. */
static void begins(const char *name, const char *text)
{
	const char *now = unit_read_file(unit_temp_path(name));

	if (!str_has_prefix(now, text))
		fail_msg("%s: \"%s\" instead of \"%s\"", name, now, text);
}

static int update(const char *given, const char *all)
{
	return cgroup_update(&cg, read_resources(given), read_resources(all), &unit_err);
}

static void updates(const char *given, const char *all)
{
	if (update(given, all) < 0)
		fail_msg("%s: %s", given, unit_err.text);
}

static void refused(const char *given, const char *all, const char *message)
{
	if (update(given, all) == 0)
		fail_msg("%s is not refused", given);
	assert_string_equal(unit_err.text, message);
}

TEST(only_what_is_given_is_written)
{
	setup_host(true);
	file("memory.max", "AAAA\n");
	file("pids.max", "BBBB\n");
	updates("{'pids':{'limit':7}}", "{'memory':{'limit':100},'pids':{'limit':7}}");
	begins("memory.max", "AAAA\n");
	begins("pids.max", "7");
}

TEST(swap_alone_is_reckoned_from_the_limit_which_is_not_written)
{
	setup_host(true);
	file("memory.max", "AAAA\n");
	file("memory.swap.max", "0\n");
	updates("{'memory':{'swap':300}}", "{'memory':{'limit':100,'swap':300}}");
	begins("memory.max", "AAAA\n");
	begins("memory.swap.max", "200");
}

TEST(a_limit_alone_leaves_both_together_as_they_were)
{
	setup_host(true);
	file("memory.max", "100\n");
	file("memory.swap.max", "200\n");
	updates("{'memory':{'limit':250}}", "{'memory':{'limit':250,'swap':300}}");
	begins("memory.max", "250");
	begins("memory.swap.max", "50");
	refused("{'memory':{'limit':400}}", "{'memory':{'limit':400,'swap':300}}",
		"linux.resources.memory.swap: memory+swap limit should be >= memory limit");
	begins("memory.max", "250");
	refused("{'memory':{'swap':400}}", "{'memory':{'swap':400}}",
		"linux.resources.memory.swap: unable to set swap limit without memory limit");
}

TEST(zeros_are_not_given)
{
	setup_host(true);
	updates("{'memory':{'limit':0,'swap':0,'reservation':0},'cpu':{'shares':0,'quota':0,"
		"'period':0,'cpus':'','mems':'','realtimeRuntime':0},'blockIO':{'weight':0}}",
		"{}");
}

TEST(shares_wait_until_the_group_is_no_longer_idle)
{
	setup_host(true);
	file("cpu.weight", "100\n");
	file("cpu.idle", "1\n");
	updates("{'cpu':{'shares':1024}}", "{'cpu':{'shares':1024,'idle':1}}");
	begins("cpu.weight", "100\n");
	begins("cpu.idle", "1\n");
	updates("{'cpu':{'idle':0}}", "{'cpu':{'shares':2048,'idle':0}}");
	begins("cpu.idle", "0");
	begins("cpu.weight", "17");
}

TEST(a_period_keeps_the_quota)
{
	setup_host(true);
	file("cpu.max", "20000 100000\n");
	updates("{'cpu':{'period':5000}}", "{'cpu':{'period':5000}}");
	begins("cpu.max", "20000 5000");
}

TEST(a_missing_file_is_found_before_anything_is_written)
{
	setup_host(true);
	file("pids.max", "9\n");
	refused("{'pids':{'limit':5},'unified':{'memory.nosuch':'1'}}", "{}",
		arena_printf(&unit_arena,
			     "linux.resources.unified.memory.nosuch: open %s/memory.nosuch: "
			     "no such file or directory",
			     unit_temp_dir()));
	begins("pids.max", "9\n");
}

/* What cannot be opened for writing stands for a value that the kernel refuses. */
static void refuse_writes(const char *name)
{
	assert_int_equal(mkdir(unit_temp_path(name), 0755), 0);
}

TEST(a_refusal_puts_back_what_was_written_before_it)
{
	setup_host(true);
	file("memory.max", "111\n");
	file("cpu.max", "5555 100000\n");
	file("cpuset.cpus", "\n");
	refuse_writes("pids.max");
	assert_int_equal(update("{'memory':{'limit':222},'cpu':{'quota':7777,'cpus':'1'},"
				"'pids':{'limit':5}}",
				"{}"),
			 -EISDIR);
	assert_string_equal(unit_err.text,
			    "linux.resources.pids.limit: write pids.max \"5\": is a directory");
	begins("memory.max", "111");
	begins("cpu.max", "5555 100000");
	begins("cpuset.cpus", "\n");
}

TEST(undoing_after_success_puts_everything_back)
{
	setup_host(false);
	file("memory.limit_in_bytes", "111\n");
	file("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
	file("cpu.shares", "1024\n");
	updates("{'memory':{'limit':222,'disableOOMKiller':true},'cpu':{'shares':2048}}", "{}");
	begins("memory.limit_in_bytes", "222");
	begins("memory.oom_control", "1");
	cgroup_update_undo(&cg);
	begins("memory.limit_in_bytes", "111");
	begins("memory.oom_control", "0");
	begins("cpu.shares", "1024");
	updates("{'memory':{'disableOOMKiller':false}}", "{}");
	begins("memory.oom_control", "0");
	/* and is done once */
	file("cpu.shares", "5\n");
	cgroup_update_undo(&cg);
	begins("cpu.shares", "5\n");
}

TEST(files_with_a_line_for_each_device_get_that_line_back)
{
	static const struct {
		bool v2;
		const char *given, *name, *before, *after, *undone;
	} rows[] = {
		{ true, "{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':5}]}", "io.max",
		  "7:0 rbps=1 wbps=max riops=max wiops=max\n"
		  "8:0 rbps=max wbps=2 riops=max wiops=max\n",
		  "8:0 rbps=5", "8:0 rbps=max wbps=2 riops=max wiops=max" },
		{ true, "{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':5}]}", "io.max",
		  "18:0 rbps=1 wbps=max riops=max wiops=max\n", "8:0 rbps=5",
		  "8:0 rbps=max wbps=max riops=max wiops=max" },
		{ true, "{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':5}]}", "io.max", "",
		  "8:0 rbps=5", "8:0 rbps=max wbps=max riops=max wiops=max" },
		{ true, "{'weight':20}", "io.bfq.weight", "default 100\n8:0 200\n", "20",
		  "default 100" },
		{ true, "{'weightDevice':[{'major':8,'minor':0,'weight':30}]}", "io.bfq.weight",
		  "default 100\n8:0 200\n", "8:0 30", "8:0 200" },
		{ true, "{'weightDevice':[{'major':8,'minor':0,'weight':30}]}", "io.bfq.weight",
		  "default 100\n", "8:0 30", "8:0 default" },
		{ true, "{'weight':10}", "io.weight", "default 100\n", "default 1", "default 100" },
		{ false, "{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':5}]}",
		  "blkio.throttle.write_iops_device", "8:0 77\n", "8:0 5", "8:0 77" },
		{ false, "{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':5}]}",
		  "blkio.throttle.write_iops_device", "", "8:0 5", "8:0 0" },
		{ false, "{'weight':20}", "blkio.bfq.weight", "100\n", "20", "100" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		setup_host(rows[i].v2);
		(void)unlink(unit_temp_path("io.bfq.weight"));
		file(rows[i].name, rows[i].before);
		updates(arena_printf(&unit_arena, "{'blockIO':%s}", rows[i].given), "{}");
		begins(rows[i].name, rows[i].after);
		cgroup_update_undo(&cg);
		begins(rows[i].name, rows[i].undone);
	}
}

static int watch(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	assert_true(fd >= 0);
	assert_true(inotify_add_watch(fd, unit_temp_dir(), IN_MODIFY) >= 0);
	return fd;
}

/* The names of the files in the order in which they have been written since watch(). */
static const char *written(int fd)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(fd, buf, sizeof(buf));
	char *names = "";

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(buf + at);

		names = arena_printf(&unit_arena, "%s%s ", names, event->name);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	close(fd);
	return names;
}

static const char *order_of(const char *given, const char *all)
{
	int fd = watch();

	updates(given, all);
	return written(fd);
}

TEST(bfq_forgets_weights_of_devices_with_each_new_one_of_all)
{
	const char *order = "blkio.bfq.weight blkio.bfq.weight_device ";

	setup_host(false);
	file("blkio.bfq.weight", "100\n");
	file("blkio.bfq.weight_device", "8:0 200\n");
	assert_string_equal(order_of("{'blockIO':{'weight':20}}",
				     "{'blockIO':{'weight':20,'weightDevice':"
				     "[{'major':8,'minor':0,'weight':300}]}}"),
			    order);
	begins("blkio.bfq.weight_device", "8:0 300");
	int fd = watch();

	cgroup_update_undo(&cg);
	assert_string_equal(written(fd), order);
	begins("blkio.bfq.weight", "100");
	begins("blkio.bfq.weight_device", "8:0 200");
}

TEST(what_grows_is_written_before_what_shrinks)
{
	setup_host(true);
	file("memory.max", "100000\n");
	file("memory.swap.max", "0\n");
	assert_string_equal(order_of("{'memory':{'limit':50000,'swap':200000}}", "{}"),
			    "memory.swap.max memory.max ");
	file("memory.max", "50000\n");
	file("memory.swap.max", "150000\n");
	assert_string_equal(order_of("{'memory':{'limit':100000,'swap':110000}}", "{}"),
			    "memory.max memory.swap.max ");
	file("memory.max", "max\n");
	file("memory.swap.max", "0\n");
	assert_string_equal(order_of("{'memory':{'limit':100000,'swap':200000}}", "{}"),
			    "memory.swap.max memory.max ");
	setup_host(false);
	file("memory.limit_in_bytes", "100000\n");
	file("memory.memsw.limit_in_bytes", "200000\n");
	assert_string_equal(order_of("{'memory':{'limit':50000,'swap':100000}}", "{}"),
			    "memory.limit_in_bytes memory.memsw.limit_in_bytes ");
	file("memory.limit_in_bytes", "100000\n");
	file("memory.memsw.limit_in_bytes", "200000\n");
	assert_string_equal(order_of("{'memory':{'limit':50000,'swap':-1}}", "{}"),
			    "memory.memsw.limit_in_bytes memory.limit_in_bytes ");
}

TEST(memory_in_use_is_not_taken_away_when_that_is_to_be_checked)
{
	setup_host(true);
	file("memory.max", "max\n");
	file("memory.current", "4096\n");
	file("memory.swap.current", "1024\n");
	file("memory.swap.max", "max\n");
	refused("{'memory':{'limit':4000,'checkBeforeUpdate':true}}",
		"{'memory':{'limit':4000,'checkBeforeUpdate':true}}",
		"linux.resources.memory.limit: rejecting memory limit 4000 <= usage 4096");
	/* the container's own wish holds too */
	refused("{'memory':{'limit':4000}}", "{'memory':{'limit':4000,'checkBeforeUpdate':true}}",
		"linux.resources.memory.limit: rejecting memory limit 4000 <= usage 4096");
	refused("{'memory':{'limit':4000,'swap':5000}}",
		"{'memory':{'limit':4000,'swap':5000,'checkBeforeUpdate':true}}",
		"linux.resources.memory.swap: rejecting memory+swap limit 5000 <= usage 5120");
	begins("memory.max", "max\n");
	updates("{'memory':{'limit':5000}}", "{'memory':{'limit':5000,'checkBeforeUpdate':true}}");
	begins("memory.max", "5000");
	file("memory.max", "max\n");
	updates("{'memory':{'limit':1000}}", "{'memory':{'limit':1000}}");
	begins("memory.max", "1000");
}

TEST(what_this_host_does_not_have_is_refused_by_its_path)
{
	setup_host(true);
	refused("{'cpu':{'realtimePeriod':5}}", "{}",
		"linux.resources.cpu.realtimePeriod: cgroup v2 has no such limit");
	refused("{'network':{'classID':5}}", "{}",
		"linux.resources.network.classID: cgroup v2 has no such limit");
	refused("{'memory':{'kernel':5}}", "{}",
		"linux.resources.memory.kernel: cgroup v2 has no such limit");
	refused("{'unified':{'nosuch.max':'5'}}", "{}",
		"linux.resources.unified.nosuch.max: this host has no nosuch controller on cgroup "
		"v2");
	setup_host(false);
	refused("{'unified':{'memory.max':'5'}}", "{}",
		"linux.resources.unified.memory.max: needs cgroup v2, which this host does not "
		"have");
}

TEST(device_rules_are_left_alone)
{
	setup_host(false);
	cg.layout = read_layout("1:devices,pids:/\n", NULL);
	cg.layout.items[0].group = unit_temp_dir();
	file("devices.deny", "");
	file("pids.max", "1\n");
	updates("{'devices':[{'allow':false,'access':'rwm'}],'pids':{'limit':2}}", "{}");
	begins("pids.max", "2");
	assert_string_equal(unit_read_file(unit_temp_path("devices.deny")), "");
}
