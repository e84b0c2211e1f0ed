/* test_merge.c - linux.resources after an update */
#include "hull/json.h"
#include "hull/spec.h"
#include "unit.h"

static const struct json *read_tree(const char *text)
{
	struct json *tree;
	const char *json = unit_json(text);

	if (json_parse(&unit_arena, json, strlen(json), &tree, &unit_err) < 0)
		fail_msg("%s", unit_err.text);
	return tree;
}

static const char *write_tree(const struct json *tree)
{
	struct json_out *o = json_out_new(false);

	json_out_tree(o, NULL, tree);
	const char *text = arena_strdup(&unit_arena, json_out_text(o, NULL));

	json_out_free(o);
	return text;
}

static void merges(const char *old, const char *given, const char *expected)
{
	const struct json *o = old ? read_tree(old) : NULL;
	const struct json *m = spec_merge_resources(&unit_arena, o, read_tree(given));

	assert_string_equal(write_tree(m), unit_json(expected));
	if (o) /* the original stays */
		assert_string_equal(write_tree(o), unit_json(old));
}

TEST(what_is_given_wins_and_what_is_not_stays)
{
	merges("{'memory':{'limit':1,'swap':2},'cpu':{'shares':3}}", "{'memory':{'limit':9}}",
	       "{'memory':{'limit':9,'swap':2},'cpu':{'shares':3}}");
	merges("{'memory':{'limit':1}}", "{'pids':{'limit':5},'memory':{'swap':7}}",
	       "{'memory':{'limit':1,'swap':7},'pids':{'limit':5}}");
	merges(NULL, "{'cpu':{'cpus':'0'}}", "{'cpu':{'cpus':'0'}}");
	merges("{'cpu':{'cpus':'0-3'}}", "{}", "{'cpu':{'cpus':'0-3'}}");
}

TEST(a_zero_that_cannot_be_meant_is_absent)
{
	merges("{'memory':{'limit':1,'swap':2,'reservation':3,'kernel':4,'kernelTCP':5},"
	       "'cpu':{'shares':1,'quota':2,'period':3,'realtimeRuntime':4,'realtimePeriod':5,"
	       "'cpus':'0','mems':'0'},'blockIO':{'weight':10,'leafWeight':11},"
	       "'network':{'classID':1}}",
	       "{'memory':{'limit':0,'swap':0,'reservation':0,'kernel':0,'kernelTCP':0},"
	       "'cpu':{'shares':0,'quota':0,'period':0,'realtimeRuntime':0,'realtimePeriod':0,"
	       "'cpus':'','mems':''},'blockIO':{'weight':0,'leafWeight':0},"
	       "'network':{'classID':0}}",
	       "{'memory':{'limit':1,'swap':2,'reservation':3,'kernel':4,'kernelTCP':5},"
	       "'cpu':{'shares':1,'quota':2,'period':3,'realtimeRuntime':4,'realtimePeriod':5,"
	       "'cpus':'0','mems':'0'},'blockIO':{'weight':10,'leafWeight':11},"
	       "'network':{'classID':1}}");
	/* nor does it become a member */
	merges("{}", "{'memory':{'limit':0,'swap':5}}", "{'memory':{'swap':5}}");
}

TEST(a_zero_that_is_meant_is_a_value)
{
	merges("{'pids':{'limit':7},'cpu':{'burst':8,'idle':1},'memory':{'swappiness':9}}",
	       "{'pids':{'limit':0},'cpu':{'burst':0,'idle':0},'memory':{'swappiness':0}}",
	       "{'pids':{'limit':0},'cpu':{'burst':0,'idle':0},'memory':{'swappiness':0}}");
}

TEST(null_is_absent)
{
	merges("{'memory':{'limit':1},'pids':{'limit':2}}", "{'memory':null,'pids':{'limit':null}}",
	       "{'memory':{'limit':1},'pids':{'limit':2}}");
	merges("{}", "{'memory':null}", "{}");
}

TEST(devices_are_matched_by_number)
{
	merges("{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1},"
	       "{'major':8,'minor':16,'rate':2}]}}",
	       "{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':16,'rate':0},"
	       "{'major':9,'minor':0,'rate':3}]}}",
	       "{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1},"
	       "{'major':8,'minor':16,'rate':0},{'major':9,'minor':0,'rate':3}]}}");
	/* a member of an element that is not given stays */
	merges("{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':1,'leafWeight':2}]}}",
	       "{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':5}]}}",
	       "{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':5,'leafWeight':2}]}}");
}

TEST(of_two_for_one_device_the_last_counts)
{
	merges("{'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':1}]}}",
	       "{'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':2},"
	       "{'major':8,'minor':0,'rate':3}]}}",
	       "{'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':3}]}}");
}

TEST(page_sizes_interfaces_and_names_are_matched_too)
{
	merges("{'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'1GB','limit':2}],"
	       "'network':{'priorities':[{'name':'eth0','priority':1}]},"
	       "'rdma':{'mlx':{'hcaHandles':1,'hcaObjects':2}},'unified':{'a.b':'1','c.d':'2'}}",
	       "{'hugepageLimits':[{'pageSize':'1GB','limit':9}],"
	       "'network':{'priorities':[{'name':'lo','priority':3},{'name':'eth0','priority':2}]},"
	       "'rdma':{'mlx':{'hcaHandles':5}},'unified':{'c.d':'','e.f':'3'}}",
	       "{'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'1GB','limit':9}],"
	       "'network':{'priorities':[{'name':'eth0','priority':2},{'name':'lo','priority':3}]},"
	       "'rdma':{'mlx':{'hcaHandles':5,'hcaObjects':2}},"
	       "'unified':{'a.b':'1','c.d':'','e.f':'3'}}");
}

TEST(device_rules_never_change)
{
	merges("{'devices':[{'allow':false}]}", "{'devices':[{'allow':true}],'pids':{'limit':1}}",
	       "{'devices':[{'allow':false}],'pids':{'limit':1}}");
	merges("{}", "{'devices':[{'allow':true}]}", "{}");
}

TEST(a_member_is_replaced_where_it_is_or_added_at_the_end)
{
	const struct json *o = read_tree("{'a':1,'b':{'c':2},'d':3}"), *v = read_tree("[7]");

	assert_string_equal(write_tree(spec_with(&unit_arena, o, "b", v)),
			    unit_json("{'a':1,'b':[7],'d':3}"));
	assert_string_equal(write_tree(spec_with(&unit_arena, o, "e", v)),
			    unit_json("{'a':1,'b':{'c':2},'d':3,'e':[7]}"));
	assert_string_equal(write_tree(spec_with(&unit_arena, NULL, "e", v)),
			    unit_json("{'e':[7]}"));
	assert_string_equal(write_tree(o), unit_json("{'a':1,'b':{'c':2},'d':3}"));
}
