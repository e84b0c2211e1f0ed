/* Names, values and properties of units: what systemd is asked for, without a systemd. */
#include "unit.h"

#include "cgroup/devrules.h"
#include "cgroup/group.h"
#include "cgroup/systemd.h"
#include "cgroup/systemd_name.h"
#include "hull/json.h"
#include "limits_help.h"

/* --- units and slices --- */

static const char *unit_of(const char *path, const char *id, bool user)
{
	const char *slice, *unit;

	if (systemd_unit(&unit_arena, path, id, user, &slice, &unit, &unit_err) < 0)
		return unit_err.text;
	return arena_printf(&unit_arena, "%s %s", slice, unit);
}

TEST(the_unit_is_named_by_the_path)
{
	assert_string_equal(unit_of(NULL, "web", false), "system.slice hull-web.scope");
	assert_string_equal(unit_of(NULL, "web", true), "user.slice hull-web.scope");
	assert_string_equal(unit_of("a-b.slice:crio:web", "id", false), "a-b.slice crio-web.scope");
	assert_string_equal(unit_of(":docker:web", "id", false), "system.slice docker-web.scope");
	assert_string_equal(unit_of("::web", "id", true), "user.slice web.scope");
	assert_string_equal(unit_of("-.slice::web", "id", false), "-.slice web.scope");
}

TEST(bytes_that_a_unit_cannot_have_are_escaped)
{
	assert_string_equal(unit_of(NULL, "a+b", false), "system.slice hull-a\\x2bb.scope");
	assert_string_equal(unit_of("::a/b c\xc3", "id", false),
			    "system.slice a\\x2fb\\x20c\\xc3.scope");
	assert_string_equal(unit_of("::a\\x2db-c_d.e@f", "id", false),
			    "system.slice a\\x2db-c_d.e@f.scope");
}

TEST(paths_of_another_form_are_refused)
{
	static const char form[] = "linux.cgroupsPath: expected \"slice:prefix:name\" for the "
				   "systemd cgroup driver: ";
	static const char *const bad[] = { "/a/b", "a:b", "a.slice:b:c:d", "a" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_string_equal(unit_of(bad[i], "id", false),
				    arena_printf(&unit_arena, "%s\"%s\"", form, bad[i]));
	assert_string_equal(unit_of("a.slice:b:", "id", false),
			    "linux.cgroupsPath: the name after the last colon is empty: "
			    "\"a.slice:b:\"");
	assert_string_equal(unit_of("a.slice:b:c.slice", "id", false),
			    "linux.cgroupsPath: a container needs a scope, not a slice: "
			    "\"a.slice:b:c.slice\"");
	assert_true(strstr(unit_of(NULL, arena_printf(&unit_arena, "%0250d", 0), false),
			   "file name too long"));
}

static const char *slice_path(const char *slice)
{
	const char *path;

	return systemd_slice_path(&unit_arena, slice, &path, &unit_err) < 0 ? NULL : path;
}

TEST(dashes_in_a_slice_are_levels)
{
	static const char *const bad[] = { "",          "a",        ".slice",     "a/b.slice",
					   "-a.slice",  "a-.slice", "a--b.slice", "a b.slice",
					   "a:b.slice", "a.scope" };

	assert_string_equal(slice_path("-.slice"), "");
	assert_string_equal(slice_path("machine.slice"), "/machine.slice");
	assert_string_equal(slice_path("a-b-c.slice"), "/a.slice/a-b.slice/a-b-c.slice");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(slice_path(bad[i]));
}

TEST(names_that_the_kernel_has_files_for_get_an_underscore)
{
	static const char *const names[][2] = {
		{ "hull-a.scope", "hull-a.scope" },
		{ "memory.scope", "_memory.scope" },
		{ "memory-a.scope", "memory-a.scope" },
		{ "cgroup.a.scope", "_cgroup.a.scope" },
		{ "_a.scope", "__a.scope" },
		{ ".a.scope", "_.a.scope" },
		{ "cpu.max.scope", "cpu.max.scope" },
		{ "tasks", "_tasks" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(systemd_group_name(&unit_arena, names[i][0]), names[i][1]);
	assert_string_equal(slice_path("cpu-a.slice"), "/_cpu.slice/cpu-a.slice");
}

/* --- values --- */

/* "as ['a', 'b']": the type, and the value in GVariant's text format */
static const char *dump_value(const struct value *v)
{
	const char *text = "";

	switch (v->type[0]) {
	case 's':
	case 'o':
	case 'g':
		return arena_printf(&unit_arena, "'%s'", v->string);
	case 'd':
		return arena_printf(&unit_arena, "%g", v->real);
	case 'b':
		return v->number ? "true" : "false";
	case 'n':
	case 'i':
	case 'x':
		return arena_printf(&unit_arena, "%lld", (long long)v->number);
	case 'a':
	case '(':
		break;
	default:
		return arena_printf(&unit_arena, "%llu", (unsigned long long)v->number);
	}
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(&unit_arena, "%s%s%s", text, i ? ", " : "",
				    dump_value(&v->items[i]));
	return arena_printf(&unit_arena, v->type[0] == 'a' ? "[%s]" : "(%s)", text);
}

static const char *parse(const char *text)
{
	struct value v;

	if (value_parse(&unit_arena, text, "annotation", &v, &unit_err) < 0)
		return NULL;
	return arena_printf(&unit_arena, "%s %s", v.type, dump_value(&v));
}

TEST(values_are_read_in_gvariant_text)
{
	static const char *const good[][2] = {
		{ "15", "i 15" },
		{ "-15", "i -15" },
		{ " uint64 10000000 ", "t 10000000" },
		{ "uint64 18446744073709551615", "t 18446744073709551615" },
		{ "byte 0x1F", "y 31" },
		{ "int16 -32768", "n -32768" },
		{ "int64 -9223372036854775808", "x -9223372036854775808" },
		{ "true", "b true" },
		{ "boolean false", "b false" },
		{ "1.5", "d 1.5" },
		{ "double 2", "d 2" },
		{ "'text'", "s 'text'" },
		{ "\"it's\"", "s 'it's'" },
		{ "'a\\'b\\\\\\n'", "s 'a'b\\\n'" },
		{ "'\xc3\xa4'", "s '\xc3\xa4'" },
		{ "''", "s ''" },
		{ "objectpath '/a'", "o '/a'" },
		{ "['a', 'b']", "as ['a', 'b']" },
		{ "@as []", "as []" },
		{ "@as ['a']", "as ['a']" },
		{ "[uint32 1, uint32 2]", "au [1, 2]" },
		{ "@au [1,2]", "au [1, 2]" },
		{ "[('/dev/null', 'rw')]", "a(ss) [('/dev/null', 'rw')]" },
		{ "@a(ss) [('/dev/null', 'rw')]", "a(ss) [('/dev/null', 'rw')]" },
		{ "('a', uint64 7)", "(st) ('a', 7)" },
		{ "('a',)", "(s) ('a')" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *got = parse(good[i][0]);

		if (!got)
			fail_msg("%s: %s", good[i][0], unit_err.text);
		assert_string_equal(got, good[i][1]);
	}
}

TEST(other_text_is_no_value)
{
	static const char *const bad[] = {
		"",
		"text",
		"'text",
		"'a' 'b'",
		"uint64",
		"uint64 -1",
		"byte 256",
		"2147483648",
		"uint64 'a'",
		"[",
		"[]",
		"['a', 1]",
		"['a'",
		"('a'",
		"()",
		"@as",
		"@",
		"@as ['a', 1]",
		"@s 1",
		"'\\",
		"'\\q'",
		"0x",
		"byte 0x100",
		"{'a': 1}",
		"<1>",
		"+1",
		"true false",
		"@au ['a']",
		"[[[[[[[[[[1]]]]]]]]]]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (parse(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_true(str_has_prefix(unit_err.text, "annotation: expected a value in GVariant"));
}

/* --- properties --- */

static const char *dump_props(const struct props *p)
{
	const char *text = "";

	for (size_t i = 0; i < p->n; i++)
		text = arena_printf(&unit_arena, "%s%s%s=%s %s\n", text,
				    p->items[i].optional ? "?" : "", p->items[i].name,
				    p->items[i].value.type, dump_value(&p->items[i].value));
	return text;
}

static const char pure_v2[] = "0::/\n";
static const char all[] = "cpu cpuset io memory pids hugetlb";

static const char *props(const char *host, const char *resources, struct cpu_max now)
{
	struct layout layout = read_layout(host, all);
	const struct config_resources *r = read_resources(resources);
	struct limits l = { .arena = &unit_arena };
	struct props p = { .arena = &unit_arena };
	struct devrules rules;

	devrules_reduce(&unit_arena, &r->devices, &rules);
	if (layout_v1(&layout, "devices") && r->devices.n)
		assert_int_equal(devrules_v1(&rules, &l, &unit_err), 0);
	if (resources_plan(r, &layout, &l, &unit_err) < 0)
		fail_msg("%s", unit_err.text);
	props_of_limits(&l, &now, &p);
	return dump_props(&p);
}

TEST(limits_of_v2)
{
	assert_string_equal(
		props(pure_v2,
		      "{'memory':{'limit':1000,'swap':3000,'reservation':500},"
		      "'cpu':{'shares':1024,'quota':25000,'period':50000,"
		      "'cpus':'0-2,9','mems':'0'},"
		      "'pids':{'limit':77},"
		      "'blockIO':{'weight':500,'weightDevice':[{'major':8,'minor':0,'weight':10}],"
		      "'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':7},"
		      "{'major':8,'minor':16,'rate':0}],"
		      "'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':9}]},"
		      "'hugepageLimits':[{'pageSize':'2MB','limit':0}]}",
		      CPU_MAX_DEFAULT),
		"?AllowedCPUs=ay [7, 2]\n"
		"?AllowedMemoryNodes=ay [1]\n"
		"?TasksMax=t 77\n"
		"?CPUWeight=t 100\n"
		"?MemoryMax=t 1000\n"
		"?MemorySwapMax=t 2000\n"
		"?MemoryLow=t 500\n"
		"?IOWeight=t 4950\n"
		"?IODeviceWeight=a(st) [('/dev/block/8:0', 1)]\n"
		"?IOReadBandwidthMax=a(st) [('/dev/block/8:0', 7), "
		"('/dev/block/8:16', 18446744073709551615)]\n"
		"?IOWriteIOPSMax=a(st) [('/dev/block/8:0', 9)]\n"
		"?CPUQuotaPerSecUSec=t 500000\n"
		"?CPUQuotaPeriodUSec=t 50000\n");
}

TEST(limits_of_v1)
{
	assert_string_equal(props(hybrid_host,
				  "{'memory':{'limit':1000,'swap':-1,'reservation':500},"
				  "'cpu':{'shares':512,'quota':-1,'period':50000,'cpus':'0'},"
				  "'devices':[{'allow':false,'type':'a','access':'rwm'},"
				  "{'allow':true,'type':'c','major':1,'minor':3,'access':'rw'},"
				  "{'allow':true,'type':'c','major':136,'access':'rwm'},"
				  "{'allow':true,'type':'c','minor':7,'access':'r'},"
				  "{'allow':true,'type':'b','access':'m'}]}",
				  CPU_MAX_DEFAULT),
			    "DevicePolicy=s 'strict'\n"
			    "?DeviceAllow=a(ss) [('/dev/char/1:3', 'rw'), ('char-136', 'rwm'), "
			    "('block-*', 'm')]\n"
			    "?CPUShares=t 512\n"
			    "?MemoryLimit=t 1000\n"
			    "?CPUQuotaPerSecUSec=t 18446744073709551615\n"
			    "?CPUQuotaPeriodUSec=t 50000\n");
}

TEST(a_list_that_allows_all_but_some_is_no_policy)
{
	assert_string_equal(props(hybrid_host,
				  "{'devices':[{'allow':true,'type':'a','access':'rwm'},"
				  "{'allow':false,'type':'c','major':1,'minor':1}]}",
				  CPU_MAX_DEFAULT),
			    "DevicePolicy=s 'auto'\n");
}

TEST(no_limit_and_no_process)
{
	assert_string_equal(props(pure_v2,
				  "{'memory':{'limit':-1},'pids':{'limit':-1},"
				  "'cpu':{'idle':1,'shares':500}}",
				  CPU_MAX_DEFAULT),
			    "?TasksMax=t 18446744073709551615\n"
			    "?CPUWeight=t 0\n"
			    "?MemoryMax=t 18446744073709551615\n"
			    "?MemorySwapMax=t 18446744073709551615\n");
	/* the file gets its 0 from hull */
	assert_string_equal(props(pure_v2, "{'pids':{'limit':0}}", CPU_MAX_DEFAULT),
			    "?TasksMax=t 1\n");
}

TEST(unified_values_win)
{
	assert_string_equal(
		props(pure_v2,
		      "{'memory':{'limit':1000},'unified':{'memory.max':'2000',"
		      "'memory.high':'max','memory.oom.group':'1','cpu.max':'1000 9000',"
		      "'io.max':'8:0 rbps=1 wiops=max','io.weight':'default 7',"
		      "'hugetlb.2MB.max':'0','memory.min':'no number'}}",
		      CPU_MAX_DEFAULT),
		"?MemoryMax=t 2000\n"
		"?MemoryHigh=t 18446744073709551615\n"
		"?OOMPolicy=s 'kill'\n"
		"?IOReadBandwidthMax=a(st) [('/dev/block/8:0', 1)]\n"
		"?IOWriteIOPSMax=a(st) [('/dev/block/8:0', 18446744073709551615)]\n"
		"?IOWeight=t 7\n"
		"?CPUQuotaPerSecUSec=t 120000\n"
		"?CPUQuotaPeriodUSec=t 9000\n");
}

TEST(half_a_quota_is_completed_from_the_group)
{
	const struct cpu_max now = { 30000, 60000 };

	assert_string_equal(props(pure_v2, "{'cpu':{'quota':6000}}", now),
			    "?CPUQuotaPerSecUSec=t 100000\n?CPUQuotaPeriodUSec=t 60000\n");
	assert_string_equal(props(pure_v2, "{'cpu':{'period':100000}}", now),
			    "?CPUQuotaPerSecUSec=t 300000\n?CPUQuotaPeriodUSec=t 100000\n");
	assert_string_equal(props(hybrid_host, "{'cpu':{'period':100000}}", now),
			    "?CPUQuotaPerSecUSec=t 300000\n?CPUQuotaPeriodUSec=t 100000\n");
}

TEST(a_quota_is_rounded_up_to_whole_percents)
{
	assert_string_equal(props(pure_v2, "{'cpu':{'quota':33333,'period':100000}}",
				  CPU_MAX_DEFAULT),
			    "?CPUQuotaPerSecUSec=t 340000\n?CPUQuotaPeriodUSec=t 100000\n");
	assert_string_equal(props(pure_v2, "{'cpu':{'quota':9223372036854775807}}",
				  CPU_MAX_DEFAULT),
			    "?CPUQuotaPerSecUSec=t 18446744073709551615\n"
			    "?CPUQuotaPeriodUSec=t 100000\n");
}

static int annotate(const char *key, const char *value, struct props *p)
{
	struct pair pair = { key, value };
	const struct pairs list = { 1, &pair };

	return props_of_annotations(&list, p, &unit_err);
}

TEST(annotations_are_properties)
{
	struct props p = { .arena = &unit_arena };

	assert_int_equal(annotate("org.systemd.property.KillSignal", "15", &p), 0);
	assert_int_equal(annotate("org.systemd.property.After", "['a.service']", &p), 0);
	assert_int_equal(annotate("org.systemd.property.RuntimeMaxSec", "2", &p), 0);
	assert_int_equal(annotate("org.systemd.property.TimeoutStopSec", "uint64 3", &p), 0);
	assert_int_equal(annotate("org.systemd.property.WatchdogSec", "1.5", &p), 0);
	assert_int_equal(annotate("org.systemd.property.TimeoutStopUSec", "uint64 4", &p), 0);
	assert_int_equal(annotate("org.systemd.other", "nonsense", &p), 0);
	assert_string_equal(dump_props(&p), "KillSignal=i 15\n"
					    "After=as ['a.service']\n"
					    "RuntimeMaxUSec=t 2000000\n"
					    "TimeoutStopUSec=t 4\n"
					    "WatchdogUSec=t 1500000\n");
}

TEST(annotations_that_are_none_are_refused)
{
	struct props p = { .arena = &unit_arena };
	static const char *const bad[][2] = {
		{ "org.systemd.property.", "1" },
		{ "org.systemd.property.Kill Signal", "1" },
		{ "org.systemd.property.A=b", "1" },
		{ "org.systemd.property.KillSignal", "SIGTERM" },
		{ "org.systemd.property.RuntimeMaxSec", "'2s'" },
		{ "org.systemd.property.RuntimeMaxSec", "-1" },
		{ "org.systemd.property.RuntimeMaxSec", "true" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(annotate(bad[i][0], bad[i][1], &p), -EINVAL);
		assert_true(str_has_prefix(unit_err.text, "annotations: org.systemd.property."));
	}
	assert_int_equal(p.n, 0);
}

TEST(only_what_is_optional_can_be_dropped)
{
	struct props p = { .arena = &unit_arena };

	props_set(&p, "A", value_u64(1), NULL)->optional = true;
	(void)props_set(&p, "B", value_u64(2), NULL);
	assert_false(props_drop(&p, "B"));
	assert_false(props_drop(&p, "C"));
	assert_true(props_drop(&p, "A"));
	assert_string_equal(dump_props(&p), "B=t 2\n");
}

/* --- the saved state --- */

static const char saved[] =
	"{'driver':'systemd','systemd':{'unit':'a.scope','description':'hull container a (1)',"
	"'address':'unix:path=/run/systemd/private','broker':false,'started':true},"
	"'hierarchies':[{'controllers':'','dir':'/sys/fs/cgroup','path':'/system.slice/a.scope',"
	"'made':1}]}";

static int load(const char *text, struct cgroup **ret)
{
	const char *json = unit_json(text);
	struct json *o;

	assert_int_equal(json_parse(&unit_arena, json, strlen(json), &o, &unit_err), 0);
	return cgroup_load(&unit_arena, o, ret, &unit_err);
}

TEST(the_unit_is_saved_and_loaded)
{
	struct json_out *o = json_out_new(false);
	struct cgroup *cg;

	assert_int_equal(load(saved, &cg), 0);
	assert_string_equal(cg->systemd->unit, "a.scope");
	assert_false(cg->foreign);
	json_out_object(o, NULL);
	cgroup_save(cg, o);
	json_out_object_end(o);
	assert_string_equal(json_out_text(o, NULL), unit_json(saved));
	json_out_free(o);
}

/* Its creator died: nothing of it may be touched before systemd has said whose the unit is. */
TEST(a_unit_that_was_only_announced_is_foreign)
{
	const char *end = strstr(saved, "true}");
	const char *announced = arena_printf(&unit_arena, "%.*sfalse%s", (int)(end - saved), saved,
					     end + strlen("true"));
	struct cgroup *cg;
	pid_t *pids;
	size_t n;

	assert_int_equal(load(announced, &cg), 0);
	assert_true(cg->foreign);
	assert_null(group_processes(cg));
	assert_null(group_freezer(cg));
	assert_int_equal(cgroup_dirfd(cg), -1);
	assert_int_equal(cgroup_kill(cg, &unit_err), 0);
	assert_int_equal(cgroup_pids(cg, &unit_arena, &pids, &n, &unit_err), 0);
	assert_int_equal(n, 0);
}

TEST(a_unit_that_hull_did_not_write_is_refused)
{
	static const char *const bad[] = {
		"{'driver':'systemd','hierarchies':[]}",
		"{'driver':'systemd','systemd':{},'hierarchies':[]}",
		"{'driver':'systemd','systemd':{'unit':'a','description':'b','address':'c',"
		"'broker':1,'started':true},'hierarchies':[]}",
	};
	struct cgroup *cg;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(load(bad[i], &cg), -EINVAL);
		assert_string_equal(unit_err.text, "saved state: not a cgroup that hull wrote");
	}
}

TEST(no_bus_is_said_with_where_and_for_whom)
{
	const struct pairs none = { 0 };
	const struct plan_cgroup p = { .systemd = true, .annotations = &none };
	struct cgroup *cg;

	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", 1), 0);
	int r = cgroup_prepare(&unit_arena, &p, "id", &cg, &unit_err);

	if (strstr(unit_err.text, "install libsystemd"))
		skip_because("libsystemd is not installed");
	assert_int_equal(r, -ENOENT);
	assert_string_equal(
		unit_err.text,
		arena_printf(&unit_arena,
			     "the systemd cgroup driver finds no system bus for uid %u: "
			     "unix:path=/nowhere/bus (no such file or directory): start "
			     "systemd, or use --cgroup-manager cgroupfs",
			     geteuid()));
}
