/* test_order.c - what must come before what when a container is made */
#include "hull/launch.h"
#include "run/init.h"
#include "unit.h"

/* Return: which step has this name; a step that is not there fails the test. */
static unsigned place(const char *(*name_of)(unsigned), const char *name)
{
	const char *found;

	for (unsigned n = 0; (found = name_of(n)); n++) {
		if (str_eq(found, name))
			return n;
	}
	fail_msg("there is no step \"%s\"", name);
	return 0;
}

static void assert_order(const char *(*name_of)(unsigned), const char *first, const char *then)
{
	if (place(name_of, first) >= place(name_of, then))
		fail_msg("\"%s\" must come before \"%s\"", first, then);
}

#define INIT_ORDER(first, then) assert_order(init_step_name, first, then)
#define LAUNCH_ORDER(first, then) assert_order(launch_row_name, first, then)

TEST(init_does_nothing_before_it_has_ids_and_is_in_its_cgroups)
{
	assert_int_equal(place(init_step_name, "detach"), 0);
	assert_int_equal(place(init_step_name, "wait for ids and cgroups"), 1);
	/* the only thing between: a new user namespace's root may not write another's offsets */
	assert_int_equal(place(init_step_name, "time namespace"), 2);
	assert_int_equal(place(init_step_name, "become root"), 3);
}

TEST(no_mount_precedes_the_private_root)
{
	INIT_ORDER("root file system", "mounts");
	INIT_ORDER("mounts", "devices");
	INIT_ORDER("mounts", "masked and read-only paths");
}

TEST(hooks_see_mounts_and_the_host)
{
	INIT_ORDER("loopback", "createRuntime hooks");
	INIT_ORDER("devices", "createRuntime hooks");
	INIT_ORDER("createRuntime hooks", "createContainer hooks");
	INIT_ORDER("createContainer hooks", "pivot");
}

TEST(what_writes_precedes_what_forbids_writing)
{
	INIT_ORDER("console", "masked and read-only paths");
	INIT_ORDER("sysctls", "masked and read-only paths");
	INIT_ORDER("working directory", "read-only root");
	INIT_ORDER("devices", "read-only root");
}

TEST(nothing_of_the_container_is_looked_up_while_the_host_root_is_there)
{
	INIT_ORDER("pivot", "console");
	INIT_ORDER("pivot", "working directory");
	INIT_ORDER("pivot", "program");
	INIT_ORDER("pivot", "environment");
}

TEST(the_gate_is_last)
{
	unsigned gate = place(init_step_name, "gate");

	assert_null(init_step_name(gate + 1));
}

TEST(the_name_is_claimed_and_announced_before_any_effect)
{
	LAUNCH_ORDER("prepare", "reserve the id");
	assert_int_equal(place(launch_row_name, "announce"),
			 place(launch_row_name, "reserve the id") + 1);
	LAUNCH_ORDER("announce", "cgroups");
	LAUNCH_ORDER("announce", "init");
}

TEST(limits_are_on_before_init_and_the_record_is_last_before_the_start)
{
	LAUNCH_ORDER("cgroups", "init");
	LAUNCH_ORDER("serve init", "limits");
	LAUNCH_ORDER("limits", "record");
	LAUNCH_ORDER("record", "start");
}

TEST(every_step_says_why)
{
	for (unsigned n = 0; init_step_name(n); n++)
		assert_true(strlen(init_step_why(n)) > 10);
	for (unsigned n = 0; launch_row_name(n); n++)
		assert_true(strlen(launch_row_why(n)) > 10);
}
