/* limits_help.c - linux.resources and its translation as text, for the tests of src/cgroup/ */
#include "limits_help.h"

#include "unit.h"

const char hybrid_host[] = "9:name=systemd:/init\n"
			   "8:cpu,cpuacct:/a/b\n"
			   "4:memory:/\n"
			   "3:cpuset:/../..\n"
			   "2:devices:/\n"
			   "1:freezer:/\n"
			   "0::/user.slice/session-1.scope\n";

struct layout read_layout(const char *text, const char *available)
{
	struct layout l;

	layout_parse(&unit_arena, text, &l);
	l.available = available;
	return l;
}

const struct config_resources *read_resources(const char *text)
{
	struct config_resources *r = arena_new(&unit_arena, struct config_resources);
	const char *json = unit_json(text);

	if (spec_read_resources(&unit_arena, json, strlen(json), r, &unit_err) < 0)
		fail_msg("%s", unit_err.text);
	return r;
}

const char *dump_limits(const struct limits *l)
{
	char *text = "";

	for (size_t i = 0; i < l->n; i++) {
		const struct limit *w = &l->items[i];

		text = arena_printf(&unit_arena, "%s%s%s %s=%s", text,
				    w->flags & LIMIT_OPTIONAL ? "?" : "", w->controller, w->file,
				    w->value);
		if (w->instead)
			text = arena_printf(&unit_arena, "%s or %s=%s", text, w->instead,
					    w->instead_value);
		text = arena_printf(&unit_arena, "%s (%s)\n", text,
				    w->where + strlen("linux.resources."));
	}
	return text;
}
