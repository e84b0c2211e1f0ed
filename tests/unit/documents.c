/* documents.c - config.json documents for the tests of the reader */
#include "documents.h"

#include "unit.h"

int read_config(const char *text, struct config *ret)
{
	*ret = (struct config){ 0 };
	text = unit_json(text);
	return spec_read_config(&unit_arena, text, strlen(text), ret, &unit_err);
}

/* @members follow ociVersion, on line 2 */
static const char *document(const char *members)
{
	return arena_printf(&unit_arena, "{ 'ociVersion': '1.3.0',\n%s\n}", members);
}

struct config read_ok(const char *members)
{
	struct config c;

	if (read_config(document(members), &c) < 0)
		fail_msg("%s: %s", members, unit_err.text);
	return c;
}

void refuse(const char *members, const char *message)
{
	struct config c;

	if (read_config(document(members), &c) != -EINVAL)
		fail_msg("not refused: %s", members);
	assert_string_equal(unit_err.text, message);
	assert_null(c.oci_version); /* untouched */
}

/* @form with @value in the place of its %s */
const char *fill(const char *form, const char *value)
{
	const char *at = strstr(form, "%s");

	assert_non_null(at);
	return arena_printf(&unit_arena, "%.*s%s%s", (int)(at - form), form, value, at + 2);
}
