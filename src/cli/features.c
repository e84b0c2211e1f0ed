/*
 * features.c - `hull features`
 *
 * runtime-spec features.md, printed from the tables that the reader and the planner use and from
 * the libraries in use: what this program can do, whatever this kernel can.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hull/caps.h"
#include "hull/filter.h"
#include "hull/json.h"
#include "hull/names.h"
#include "hull/spec.h"
#include "hull/str.h"

static void put_names(struct json_out *o, const char *key, const struct spec_name *list)
{
	json_out_array(o, key);
	for (; list->name; list++)
		json_out_string(o, NULL, list->name);
	json_out_array_end(o);
}

static void put_strings(struct json_out *o, const char *key, const char *const *list)
{
	json_out_array(o, key);
	for (; *list; list++)
		json_out_string(o, NULL, *list);
	json_out_array_end(o);
}

static void put_mount_options(struct json_out *o)
{
	json_out_array(o, "mountOptions");
	for (const struct mount_option *m = mount_options; m->name; m++) {
		if (m->name[0])
			json_out_string(o, NULL, m->name);
	}
	json_out_array_end(o);
}

static void put_capabilities(struct json_out *o)
{
	char name[64];

	json_out_array(o, "capabilities");
	for (unsigned cap = 0; caps_is_known(cap); cap++)
		json_out_string(o, NULL, caps_name(cap, name, sizeof(name)));
	json_out_array_end(o);
}

static void put_cgroup(struct json_out *o)
{
	json_out_object(o, "cgroup");
	json_out_bool(o, "v1", true);
	json_out_bool(o, "v2", true);
	json_out_bool(o, "systemd", true);
	json_out_bool(o, "systemdUser", true);
	json_out_bool(o, "rdma", true);
	json_out_object_end(o);
}

static void put_seccomp(struct json_out *o)
{
	json_out_object(o, "seccomp");
	json_out_bool(o, "enabled", true);
	put_names(o, "actions", spec_seccomp_actions);
	put_names(o, "operators", spec_seccomp_ops);
	json_out_array(o, "archs");
	for (const struct spec_name *n = spec_seccomp_archs; n->name; n++) {
		if (filter_has_arch(n->name))
			json_out_string(o, NULL, n->name);
	}
	json_out_array_end(o);
	put_names(o, "knownFlags", spec_seccomp_flags);
	put_names(o, "supportedFlags", spec_seccomp_flags);
	json_out_object_end(o);
}

static void put_enabled(struct json_out *o, const char *key, bool enabled)
{
	json_out_object(o, key);
	json_out_bool(o, "enabled", enabled);
	json_out_object_end(o);
}

static void put_linux(struct json_out *o)
{
	json_out_object(o, "linux");
	put_names(o, "namespaces", spec_namespaces);
	put_capabilities(o);
	put_cgroup(o);
	put_seccomp(o);
	put_enabled(o, "apparmor", true);
	put_enabled(o, "selinux", true);
	json_out_object(o, "memoryPolicy");
	put_names(o, "modes", spec_memory_modes);
	put_names(o, "flags", spec_memory_flags);
	json_out_object_end(o);
	json_out_object(o, "intelRdt");
	json_out_bool(o, "enabled", true);
	json_out_bool(o, "schemata", true);
	json_out_bool(o, "monitoring", true);
	json_out_object_end(o);
	json_out_object(o, "mountExtensions");
	put_enabled(o, "idmap", true);
	json_out_object_end(o);
	put_enabled(o, "netDevices", true);
	json_out_object_end(o);
}

/* Those that change what hull does, so that callers can keep them from users. */
static void put_unsafe_annotations(struct json_out *o)
{
	json_out_array(o, "potentiallyUnsafeConfigAnnotations");
	for (const struct annotation *a = spec_annotations; a->name; a++)
		json_out_string(o, NULL, a->name);
	json_out_array_end(o);
}

static int run(struct invocation *in, struct err *e)
{
	static const char *const hooks[] = { "prestart",
					     "createRuntime",
					     "createContainer",
					     "startContainer",
					     "poststart",
					     "poststop",
					     NULL };
	struct json_out *o = json_out_new(true);
	char seccomp[32];

	(void)in;
	json_out_object(o, NULL);
	json_out_string(o, "ociVersionMin", SPEC_VERSION_MIN);
	json_out_string(o, "ociVersionMax", SPEC_VERSION);
	put_strings(o, "hooks", hooks);
	put_mount_options(o);
	put_linux(o);
	json_out_object(o, "annotations");
	json_out_string(o, "io.github.seccomp.libseccomp.version",
			filter_version(seccomp, sizeof(seccomp)));
	json_out_object_end(o);
	put_unsafe_annotations(o);
	json_out_object_end(o);
	int r = cli_print_json(o, e);

	json_out_free(o);
	return r;
}

static const struct cli_option options[] = { CLI_END };

const struct command command_features = {
	.name = "features",
	.arguments = "",
	.summary = "print what hull supports as JSON",
	.options = options,
	.run = run,
};
