/* test_names.c - the words of mount options and signals */
#include <signal.h>
#include <sys/mount.h>

#include "hull/names.h"
#include "hull/plan.h"
#include "unit.h"

TEST(every_option_of_the_specification_is_known)
{
	/* config.md, "Linux mount options": what must, should and may be supported */
	static const char *const all[] = {
		"async",         "atime",        "bind",
		"defaults",      "dev",          "diratime",
		"dirsync",       "exec",         "idmap",
		"iversion",      "lazytime",     "loud",
		"mand",          "noatime",      "nodev",
		"nodiratime",    "noexec",       "noiversion",
		"nolazytime",    "nomand",       "norelatime",
		"nostrictatime", "nosuid",       "nosymfollow",
		"private",       "ratime",       "rbind",
		"rdev",          "rdiratime",    "relatime",
		"remount",       "rexec",        "ridmap",
		"rnoatime",      "rnodev",       "rnodiratime",
		"rnoexec",       "rnorelatime",  "rnostrictatime",
		"rnosuid",       "rnosymfollow", "ro",
		"rprivate",      "rrelatime",    "rro",
		"rrw",           "rshared",      "rslave",
		"rstrictatime",  "rsuid",        "rsymfollow",
		"runbindable",   "rw",           "shared",
		"silent",        "slave",        "strictatime",
		"suid",          "symfollow",    "sync",
		"tmpcopyup",     "unbindable",
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!names_mount_option(all[i]))
			fail_msg("%s is unknown", all[i]);
	}
}

TEST(other_words_belong_to_the_file_system)
{
	static const char *const others[] = { "size=64k",    "mode=755",  "gid=5",  "lowerdir=/a",
					      "RO",          "ro ",       "bind=1", "rrbind",
					      "newinstance", "context=x", "nosui",  "rtmpcopyup" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_null(names_mount_option(others[i]));
}

TEST(no_option_is_listed_twice)
{
	for (const struct mount_option *o = mount_options; o->name; o++)
		assert_ptr_equal(names_mount_option(o->name), o);
}

/* One mount with these options, through the whole plan. */
static struct plan_mount plan_of(const char *type, const char *options)
{
	static const struct host_facts host = { .last_cap = 40, .permitted = ~0ULL };
	static const struct plan_input in = { .id = "test", .bundle = "/bundle" };
	struct config *c = arena_new(&unit_arena, struct config);
	struct plan p = { 0 };
	const char *text = arena_printf(&unit_arena,
					"{'ociVersion':'1.3.0','process':{'args':['x'],"
					"'cwd':'/'},'root':{'path':'r'},'linux':"
					"{'namespaces':[{'type':'mount'}]},'mounts':"
					"[{'destination':'/d','source':'src','type':'%s',"
					"'options':[%s]}]}",
					type, options);

	text = unit_json(text);
	if (spec_read_config(&unit_arena, text, strlen(text), c, &unit_err) < 0 ||
	    plan_build(&unit_arena, c, &in, &host, &p, &unit_err) < 0)
		fail_msg("%s: %s", options, unit_err.text);
	assert_int_equal(p.nmounts, 1);
	return p.mounts[0];
}

static void assert_attr(const char *options, uint64_t set, uint64_t mask)
{
	struct mnt_attr a = plan_of("tmpfs", options).attr;

	if (a.set != set || (a.mask & ~(uint64_t)MOUNT_ATTR__ATIME) != mask)
		fail_msg("%s: set %#llx mask %#llx", options, (unsigned long long)a.set,
			 (unsigned long long)a.mask);
}

TEST(attributes)
{
	assert_attr("'ro'", MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY);
	assert_attr("'rw'", 0, MOUNT_ATTR_RDONLY);
	assert_attr("'nosuid','nodev','noexec'",
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	assert_attr("'suid','dev','exec'", 0,
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	assert_attr("'nodiratime'", MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME);
	assert_attr("'nosymfollow'", MNT_ATTR_NOSYMFOLLOW, MNT_ATTR_NOSYMFOLLOW);
	assert_attr("'defaults'", 0, 0);
	assert_attr("'silent','loud','iversion','noiversion'", 0, 0);
}

TEST(of_opposites_the_last_one_stands)
{
	assert_attr("'ro','rw'", 0, MOUNT_ATTR_RDONLY);
	assert_attr("'rw','ro'", MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY);
	assert_attr("'nosuid','suid'", 0, MOUNT_ATTR_NOSUID);
	assert_attr("'nodev','ro','dev'", MOUNT_ATTR_RDONLY, MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY);
	assert_attr("'nosymfollow','symfollow'", 0, MNT_ATTR_NOSYMFOLLOW);
}

TEST(access_times_are_one_choice)
{
	struct mnt_attr a = plan_of("tmpfs", "'noatime'").attr;

	assert_int_equal(a.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME);
	/* the kernel wants all of the bits named when one of them is */
	assert_int_equal(a.mask & MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME);
	a = plan_of("tmpfs", "'noatime','strictatime'").attr;
	assert_int_equal(a.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME);
	a = plan_of("tmpfs", "'strictatime','relatime'").attr;
	assert_int_equal(a.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME);
	a = plan_of("tmpfs", "'strictatime','noatime'").attr;
	assert_int_equal(a.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME);
	a = plan_of("tmpfs", "'noatime','atime'").attr;
	assert_int_equal(a.set & MOUNT_ATTR__ATIME, 0);
}

TEST(recursive_attributes_are_kept_apart)
{
	struct plan_mount m = plan_of("none", "'rbind','rro','rnosuid','nodev'");

	assert_int_equal(m.rattr.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	assert_int_equal(m.rattr.mask, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	assert_int_equal(m.attr.set, MOUNT_ATTR_NODEV);
	m = plan_of("none", "'rbind','rro','rrw'");
	assert_int_equal(m.rattr.set, 0);
	assert_int_equal(m.rattr.mask, MOUNT_ATTR_RDONLY);
	m = plan_of("none", "'rbind','rnoatime','rstrictatime'");
	assert_int_equal(m.rattr.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME);
}

TEST(propagations_are_applied_in_their_order)
{
	struct plan_mount m = plan_of("none", "'rbind','rslave','shared','unbindable'");

	assert_int_equal(m.propagation.n, 3);
	assert_int_equal(m.propagation.items[0], MS_SLAVE | MS_REC);
	assert_int_equal(m.propagation.items[1], MS_SHARED);
	assert_int_equal(m.propagation.items[2], MS_UNBINDABLE);
	assert_int_equal(plan_of("none", "'bind','rprivate'").propagation.items[0],
			 MS_PRIVATE | MS_REC);
	assert_int_equal(plan_of("none", "'bind'").propagation.n, 0);
}

TEST(kinds_of_mounts)
{
	struct plan_mount m = plan_of("none", "'bind'");

	assert_int_equal(m.kind, MOUNT_BIND);
	assert_false(m.recursive);
	assert_string_equal(m.source, "/bundle/src"); /* relative to the bundle */
	m = plan_of("tmpfs", "'rbind'");              /* whatever the type says */
	assert_int_equal(m.kind, MOUNT_BIND);
	assert_true(m.recursive);
	assert_int_equal(plan_of("tmpfs", "'ro'").kind, MOUNT_FS);
	assert_int_equal(plan_of("tmpfs", "'remount','ro'").kind, MOUNT_REMOUNT);
	assert_int_equal(plan_of("cgroup", "'ro'").kind, MOUNT_CGROUP);
	assert_int_equal(plan_of("cgroup2", "'ro'").kind, MOUNT_CGROUP);
	assert_string_equal(plan_of("tmpfs", "'ro'").source, "src"); /* only a name */
	assert_string_equal(m.where, "mounts[0] /d");
}

TEST(options_of_the_file_system_keep_their_order)
{
	struct plan_mount m = plan_of("tmpfs", "'size=64k','nosuid','mode=755','sync',"
					       "'lazytime','tmpcopyup'");

	assert_int_equal(m.data.n, 4);
	assert_string_equal(m.data.items[0], "size=64k");
	assert_string_equal(m.data.items[1], "mode=755");
	assert_string_equal(m.data.items[2], "sync");
	assert_string_equal(m.data.items[3], "lazytime");
	assert_true(m.tmpcopyup);
}

TEST(the_kernels_file_systems_want_a_real_directory)
{
	static const char *const kernels[] = { "proc", "sysfs", "devpts", "mqueue", "cgroup" };

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		assert_true(plan_of(kernels[i], "").real_dir);
	assert_false(plan_of("tmpfs", "").real_dir);
	assert_false(plan_of("none", "'bind'").real_dir);
}

TEST(signals_by_number)
{
	assert_int_equal(names_signal("9"), SIGKILL);
	assert_int_equal(names_signal("15"), SIGTERM);
	assert_int_equal(names_signal("0"), 0); /* asks whether the process is there */
	assert_int_equal(names_signal("64"), 64);
	assert_int_equal(names_signal("65"), -EINVAL);
	assert_int_equal(names_signal("9x"), -EINVAL);
	assert_int_equal(names_signal("-9"), -EINVAL);
	assert_int_equal(names_signal("99999999999999999999"), -EINVAL);
}

TEST(signals_by_name)
{
	static const struct {
		const char *name;
		int number;
	} all[] = {
		{ "HUP", SIGHUP },       { "INT", SIGINT },   { "QUIT", SIGQUIT },
		{ "ILL", SIGILL },       { "TRAP", SIGTRAP }, { "ABRT", SIGABRT },
		{ "BUS", SIGBUS },       { "FPE", SIGFPE },   { "KILL", SIGKILL },
		{ "USR1", SIGUSR1 },     { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },
		{ "PIPE", SIGPIPE },     { "ALRM", SIGALRM }, { "TERM", SIGTERM },
		{ "CHLD", SIGCHLD },     { "CONT", SIGCONT }, { "STOP", SIGSTOP },
		{ "TSTP", SIGTSTP },     { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },
		{ "URG", SIGURG },       { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
		{ "VTALRM", SIGVTALRM }, { "PROF", SIGPROF }, { "WINCH", SIGWINCH },
		{ "IO", SIGIO },         { "POLL", SIGPOLL }, { "PWR", SIGPWR },
		{ "SYS", SIGSYS },       { "IOT", SIGIOT },   { "CLD", SIGCHLD },
		{ "STKFLT", SIGSTKFLT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		assert_int_equal(names_signal(all[i].name), all[i].number);
		assert_int_equal(names_signal(arena_printf(&unit_arena, "SIG%s", all[i].name)),
				 all[i].number);
	}
	assert_int_equal(names_signal("SigTerm"), SIGTERM);
	assert_int_equal(names_signal("kill"), SIGKILL);
}

TEST(real_time_signals)
{
	assert_int_equal(names_signal("RTMIN"), SIGRTMIN);
	assert_int_equal(names_signal("SIGRTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(names_signal("rtmax"), SIGRTMAX);
	assert_int_equal(names_signal("SIGRTMAX-2"), SIGRTMAX - 2);
	assert_int_equal(names_signal(arena_printf(&unit_arena, "RTMIN+%d", SIGRTMAX - SIGRTMIN)),
			 SIGRTMAX);
	assert_int_equal(names_signal(
				 arena_printf(&unit_arena, "RTMIN+%d", SIGRTMAX - SIGRTMIN + 1)),
			 -EINVAL);
	assert_int_equal(names_signal("RTMIN-1"), -EINVAL);
	assert_int_equal(names_signal("RTMAX+1"), -EINVAL);
	assert_int_equal(names_signal("RTMIN+"), -EINVAL);
	assert_int_equal(names_signal("RTMINX"), -EINVAL);
}

TEST(what_is_no_signal)
{
	static const char *const bad[] = { "",      "SIG",   "SIGSIGTERM", "FOO", "TERM ",
					   " TERM", "TERMX", "SIGFOO",     "+9",  "SIG9" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (names_signal(bad[i]) != -EINVAL)
			fail_msg("\"%s\" is taken for %d", bad[i], names_signal(bad[i]));
	}
}
