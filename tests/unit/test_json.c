/* test_json.c - the strict tree, and the writer */
#include "hull/json.h"
#include "unit.h"

static struct json *parse(const char *text)
{
	struct json *j = NULL;

	if (json_parse(&unit_arena, text, strlen(text), &j, &unit_err) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	assert_non_null(j);
	return j;
}

static void refuse_bytes(const char *text, size_t len, const char *message)
{
	struct json *j = NULL;

	if (json_parse(&unit_arena, text, len, &j, &unit_err) != -EINVAL)
		fail_msg("not refused: %.100s", text);
	assert_null(j);
	assert_int_equal(unit_err.num, EINVAL);
	if (!str_has_prefix(unit_err.text, message))
		fail_msg("%.100s: \"%s\" instead of \"%s\"", text, unit_err.text, message);
}

static void refuse(const char *text, const char *message)
{
	refuse_bytes(text, strlen(text), message);
}

TEST(every_type)
{
	const struct json *j = parse("{\"n\":null,\"t\":true,\"f\":false,\"i\":-12,\"s\":\"x\","
				     "\"a\":[1,2,3],\"o\":{\"k\":\"v\"},\"ea\":[],\"eo\":{}}");

	assert_int_equal(j->type, JSON_OBJECT);
	assert_int_equal(j->count, 9);
	assert_int_equal(json_member(j, "n")->type, JSON_NULL);
	assert_int_equal(json_member(j, "t")->type, JSON_BOOL);
	assert_true(json_member(j, "t")->boolean);
	assert_false(json_member(j, "f")->boolean);
	assert_string_equal(json_member(j, "i")->text, "-12");
	assert_int_equal(json_member(j, "i")->type, JSON_NUMBER);
	assert_string_equal(json_string(j, "s"), "x");
	assert_int_equal(json_member(j, "a")->count, 3);
	assert_string_equal(json_string(json_member(j, "o"), "k"), "v");
	assert_int_equal(json_member(j, "ea")->count, 0);
	assert_null(json_member(j, "ea")->items);
	assert_int_equal(json_member(j, "eo")->type, JSON_OBJECT);
	assert_int_equal(json_member(j, "eo")->count, 0);
}

TEST(items_keep_their_order)
{
	const struct json *a = json_member(parse("{\"a\":[\"x\",\"y\",\"z\"]}"), "a")->items;

	assert_string_equal(a->text, "x");
	assert_string_equal(a->next->text, "y");
	assert_string_equal(a->next->next->text, "z");
	assert_null(a->next->next->next);
	assert_null(a->key);
}

TEST(a_document_may_be_any_value)
{
	assert_int_equal(parse("[]")->type, JSON_ARRAY);
	assert_int_equal(parse(" 7 ")->type, JSON_NUMBER);
	assert_int_equal(parse("\"s\"")->type, JSON_STRING);
	assert_int_equal(parse("null")->type, JSON_NULL);
}

TEST(numbers_keep_every_digit)
{
	static const char *const numbers[] = {
		"0",
		"-1",
		"18446744073709551615",
		"9223372036854775808",
		"-9223372036854775808",
		"99999999999999999999999999",
		"0.1",
		"1e3",
		"1E-7",
		"-0.0",
		"4294967296",
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct json *j = parse(arena_printf(&unit_arena, "[%s]", numbers[i]));

		assert_string_equal(j->items->text, numbers[i]);
	}
}

TEST(strings_with_escapes)
{
	assert_string_equal(parse("\"a\\\"b\\\\c\\/d\\n\\t\\u00e9\\u65e5\\ud83d\\ude00\"")->text,
			    "a\"b\\c/d\n\té日😀");
	assert_string_equal(parse("\"Größe\"")->text, "Größe");
	assert_string_equal(parse("\"\"")->text, "");
}

TEST(a_member_given_twice_is_refused)
{
	refuse("{\"a\":1,\"a\":1}", "line 1: member \"a\" is given twice");
	refuse("{\"a\":1,\n\"b\":2,\n\"a\":3\n}", "line 4: member \"a\" is given twice");
	refuse("{\"a\":1,\"\\u0061\":2}", "line 1: member \"a\" is given twice");
	refuse("{\"x\":[{\"p\":{\"q\":1,\"q\":2}}]}", "line 1: member \"q\" is given twice");
	refuse("{\"\":1,\"\":2}", "line 1: member \"\" is given twice");
}

TEST(the_same_member_of_different_objects_is_fine)
{
	const struct json *j = parse("[{\"a\":1},{\"a\":2},{\"a\":{\"a\":3}},{\"A\":1,\"a\":2}]");

	assert_int_equal(j->count, 4);
}

TEST(duplicates_are_found_among_many)
{
	size_t size = 200000;
	char *text = arena_alloc(&unit_arena, size);
	size_t at = 0;

	text[at++] = '{';
	for (int i = 0; i < 10000; i++)
		at += (size_t)snprintf(text + at, size - at, "\"key%d\":%d,", i, i);
	(void)snprintf(text + at, size - at, "\"last\":0}");
	assert_int_equal(parse(text)->count, 10001);
	(void)snprintf(text + at, size - at, "\"key5000\":0}");
	refuse(text, "line 1: member \"key5000\" is given twice");
}

TEST(nul_characters_are_refused)
{
	refuse("{\"a\":\"x\\u0000y\"}", "line 1: a string holds a NUL character");
	refuse("[\n\"\\u0000\"]", "line 2: a string holds a NUL character");
	refuse("{\"a\\u0000b\":1}", "line 1: a member name holds a NUL character");
	refuse_bytes("[\"a\0b\"]", sizeof("[\"a\0b\"]") - 1, "line 1: ");
	refuse_bytes("[1]\0", 4, "line 1: ");
	refuse_bytes("{\"a\":1}\0{\"b\":2}", 15, "line 1: ");
}

static char *nested(size_t levels, const char *open, const char *close)
{
	char *text = arena_alloc(&unit_arena, levels * (strlen(open) + strlen(close)) + 2);
	char *p = text;

	for (size_t i = 0; i < levels; i++)
		p = stpcpy(p, open);
	*p++ = '1';
	for (size_t i = 0; i < levels; i++)
		p = stpcpy(p, close);
	return text;
}

TEST(depth_is_limited)
{
	assert_int_equal(parse(nested(JSON_MAX_DEPTH, "[", "]"))->count, 1);
	assert_int_equal(parse(nested(JSON_MAX_DEPTH, "{\"a\":", "}"))->count, 1);
	refuse(nested(JSON_MAX_DEPTH + 1, "[", "]"), "line 1: nested deeper than 64 levels");
	refuse(nested(JSON_MAX_DEPTH + 1, "{\"a\":", "}"), "line 1: nested deeper than 64 levels");
	refuse(nested(500000, "[", "]"), "line 1: nested deeper than 64 levels");
}

TEST(depth_counts_levels_and_not_values)
{
	size_t n = 1000;
	char *text = arena_alloc(&unit_arena, 4 * n + 8);
	char *p = stpcpy(text, "[");

	for (size_t i = 0; i < n; i++)
		p = stpcpy(p, "[],");
	(void)stpcpy(p, "[]]");
	assert_int_equal(parse(text)->count, n + 1);
}

TEST(size_is_limited)
{
	size_t len = JSON_MAX_SIZE + 1;
	char *text = malloc(len);
	struct json *j = NULL;

	assert_non_null(text);
	memset(text, ' ', len);
	text[0] = '7';
	assert_int_equal(json_parse(&unit_arena, text, len, &j, &unit_err), -EINVAL);
	assert_string_equal(unit_err.text, "larger than 16 MiB");
	assert_int_equal(json_parse(&unit_arena, text, len - 1, &j, &unit_err), 0);
	free(text);
}

TEST(comments_are_no_json)
{
	refuse("{} // no", "line 1: ");
	refuse("/* no */ {}", "line 1: ");
	refuse("{\n\"a\": 1 /* no */\n}", "line 2: ");
}

TEST(what_follows_the_document_is_refused)
{
	refuse("{} {}", "line 1: ");
	refuse("{}}", "line 1: ");
	refuse("{}\n\nx", "line 3: ");
	refuse("[1],", "line 1: ");
	assert_int_equal(parse("{} \n\t\r\n ")->type, JSON_OBJECT);
}

TEST(what_is_no_json_is_refused)
{
	static const char *const bad[] = {
		"{",          "[1",        "{\"a\"}",        "{\"a\":}",
		"{\"a\":1,}", "[1,]",      "{a:1}",          "{'a':1}",
		"[01]",       "[+1]",      "[.5]",           "[1.]",
		"[0x10]",     "[NaN]",     "[Infinity]",     "nul",
		"tru",        "\"open",    "\"\\x\"",        "\"\\u12\"",
		"\"a\nb\"",   "[\"\t\"]",  "[1 2]",          "[1e]",
		"\"\xff\"",   "\"\xc3(\"", "\xef\xbb\xbf{}", "{\"a\":1 \"b\":2}",
		"]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuse(bad[i], "line ");
}

TEST(an_empty_document_is_refused)
{
	const char *nothing = arena_alloc(&unit_arena, 0);

	refuse_bytes(nothing, 0, "line 1: "); /* under AddressSanitizer: and not looked into */
	refuse("  \n \n", "line ");
}

TEST(a_document_that_breaks_off_does_so_on_its_last_line)
{
	refuse("{\n\"a\": 1,\n\n", "line 4: ");
	refuse("[\n\n\"open", "line 3: ");
}

TEST(messages_are_one_line)
{
	refuse("{\n\n  \"a\": nope\n}", "line 3: ");
	assert_null(strchr(unit_err.text, '\n'));
	assert_null(strstr(unit_err.text, "??"));
	refuse("[\"\xff\"]", "line 1: ");
	assert_null(strchr(unit_err.text, '\n'));
}

TEST(values_know_their_line)
{
	const struct json *j = parse("{\n"
				     "\"a\": 1,\n"
				     "\n"
				     "\"b\": \"x\", \"c\": true,\n"
				     "\"d\": [\n"
				     "  null,\n"
				     "  2\n"
				     "],\r\n"
				     "\"e\": 5}");

	assert_int_equal(json_member(j, "a")->line, 2);
	assert_int_equal(json_member(j, "b")->line, 4);
	assert_int_equal(json_member(j, "c")->line, 4);
	assert_int_equal(json_member(j, "d")->items->line, 6);
	assert_int_equal(json_member(j, "d")->items->next->line, 7);
	assert_int_equal(json_member(j, "e")->line, 9);
}

TEST(lines_of_objects_and_arrays_are_where_they_begin)
{
	/* what a person looks for when "mounts[1] (line 4)" is wrong */
	const struct json *j = parse("{\"mounts\":\n[\n{\"a\":1},\n{\n\"a\":2\n}\n]\n}");

	assert_int_equal(json_member(j, "mounts")->line, 2);
	assert_int_equal(json_member(j, "mounts")->items->next->line, 4);
}

TEST(members_of_what_is_no_object)
{
	assert_null(json_member(NULL, "a"));
	assert_null(json_member(parse("[1]"), "a"));
	assert_null(json_member(parse("\"a\""), "a"));
	assert_null(json_member(parse("{\"a\":1}"), "b"));
	assert_null(json_string(parse("{\"a\":1}"), "a"));
	assert_null(json_string(NULL, "a"));
}

/* Takes ownership of @o. */
static void assert_written(struct json_out *o, const char *expected)
{
	size_t len = 0;
	const char *text = json_out_text(o, &len);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
	json_out_free(o);
}

TEST(compact_output)
{
	struct json_out *o = json_out_new(false);

	json_out_object(o, NULL);
	json_out_string(o, "id", "web");
	json_out_int(o, "pid", -7);
	json_out_uint(o, "max", UINT64_MAX);
	json_out_int(o, "min", INT64_MIN);
	json_out_bool(o, "ok", true);
	json_out_bool(o, "bad", false);
	json_out_array(o, "list");
	json_out_string(o, NULL, "a");
	json_out_int(o, NULL, 1);
	json_out_array_end(o);
	json_out_object(o, "empty");
	json_out_object_end(o);
	json_out_object_end(o);
	assert_written(o, "{\"id\":\"web\",\"pid\":-7,\"max\":18446744073709551615,"
			  "\"min\":-9223372036854775808,\"ok\":true,\"bad\":false,"
			  "\"list\":[\"a\",1],\"empty\":{}}");
}

TEST(pretty_output)
{
	struct json_out *o = json_out_new(true);

	json_out_object(o, NULL);
	json_out_string(o, "id", "web");
	json_out_array(o, "list");
	json_out_int(o, NULL, 1);
	json_out_array_end(o);
	json_out_object_end(o);
	assert_written(o, "{\n  \"id\": \"web\",\n  \"list\": [\n    1\n  ]\n}\n");
}

TEST(output_escapes_what_must_be_and_no_more)
{
	struct json_out *o = json_out_new(false);

	/* an escaped slash broke consumers of hooks' state (config.md 1.3) */
	json_out_object(o, NULL);
	json_out_string(o, "/a\"b", "x/y\\z\n\x01 Größe");
	json_out_object_end(o);
	assert_written(o, "{\"/a\\\"b\":\"x/y\\\\z\\n\\u0001 Größe\"}");
}

TEST(a_tree_comes_back_digit_by_digit)
{
	static const char text[] = "{\"a\":[18446744073709551615,-1,0.10,1e3,true,false,null,\"x\","
				   "[],{}],\"o\":{\"k\":{\"deep\":[[1]]}},\"s\":\"q\\\"\\n\"}";
	struct json_out *o = json_out_new(false);

	json_out_tree(o, NULL, parse(text));
	assert_written(o, text);
}

TEST(a_tree_goes_under_a_key)
{
	struct json_out *o = json_out_new(false);

	json_out_object(o, NULL);
	json_out_tree(o, "copy", parse("{\"n\":1}"));
	json_out_object_end(o);
	assert_written(o, "{\"copy\":{\"n\":1}}");
}

TEST(a_writer_that_could_not_be_made_gives_no_document)
{
	json_out_object(NULL, NULL);
	json_out_string(NULL, "a", "b");
	json_out_int(NULL, "a", 1);
	json_out_uint(NULL, "a", 1);
	json_out_bool(NULL, "a", true);
	json_out_array(NULL, "a");
	json_out_array_end(NULL);
	json_out_tree(NULL, "a", parse("1"));
	json_out_object_end(NULL);
	assert_null(json_out_text(NULL, NULL));
	json_out_free(NULL);
}

TEST(misuse_gives_no_document)
{
	struct json_out *o = json_out_new(false);

	json_out_object(o, NULL);
	json_out_int(o, NULL, 1); /* a number for a name */
	assert_null(json_out_text(o, NULL));
	json_out_free(o);
}
