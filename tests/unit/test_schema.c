/* test_schema.c - the engine: each kind of value, its range and its messages */
#include "config/schema.h"
#include "unit.h"

struct part {
	const char *key; /* what OBJECT_MAP fills in */
	uint64_t n;
	const char *name;
};

struct parts {
	size_t n;
	struct part *items;
};

struct thing {
	bool flag, has_words;
	uint64_t u, small;
	int64_t i, signed_small;
	struct opt_u64 ou;
	struct opt_i64 oi;
	const char *text, *path, *needed;
	struct strings words;
	struct numbers numbers;
	struct pairs pairs;
	unsigned color;
	struct opt_u64 shade;
	uint64_t colors;
	struct part *part;
	struct part in_place;
	struct parts list, map;
};

static const struct spec_name colors[] = {
	{ "red", 1 },
	{ "green", 2 },
	{ "blue", 4 },
	{ NULL, 0 },
};

static const struct field part_rows[] = {
	U64(struct part, n, "n", RANGE(1, 9), REQUIRED),
	STRING(struct part, name, "name", .table = NULL),
	END,
};

static const struct field thing_rows[] = {
	BOOL(struct thing, flag, "flag"),
	U64(struct thing, u, "u", .table = NULL),
	U64(struct thing, small, "small", RANGE(10, 20)),
	I64(struct thing, i, "i", .table = NULL),
	I64(struct thing, signed_small, "signedSmall", RANGE(-5, 5)),
	OPT_U64(struct thing, ou, "ou", RANGE(0, 100)),
	OPT_I64(struct thing, oi, "oi", RANGE(-100, 0)),
	STRING(struct thing, text, "text", .table = NULL),
	PATH(struct thing, path, "path", .table = NULL),
	STRINGS(struct thing, words, "words"),
	ROW(read_present, struct thing, has_words, bool, "words", .table = NULL),
	NUMBERS(struct thing, numbers, "numbers", RANGE(0, 1000)),
	PAIRS(struct thing, pairs, "pairs"),
	NAME(struct thing, color, "color", colors),
	ROW(read_opt_name, struct thing, shade, struct opt_u64, "shade", .table = colors),
	NAMES(struct thing, colors, "colors", colors),
	OBJECT(struct thing, part, struct part, "part", part_rows),
	{ .name = "inPlace",
	  .read = read_object_in_place,
	  .offset = MEMBER_OFFSET(struct thing, in_place, struct part),
	  .table = part_rows },
	OBJECTS(struct thing, list, struct part, "list", part_rows),
	OBJECT_MAP(struct thing, map, struct part, "map", part_rows),
	REFUSED("never", "is not supported here"),
	STRING(struct thing, needed, "needed", REQUIRED),
	END,
};

static int read_thing(const char *members, struct thing *ret)
{
	const char *text = unit_json(arena_printf(&unit_arena, "{\n%s\n}", members));
	struct reader r = { .arena = &unit_arena, .err = &unit_err };
	struct json *j;

	*ret = (struct thing){ 0 };
	if (json_parse(&unit_arena, text, strlen(text), &j, &unit_err) < 0)
		fail_msg("%s: %s", text, unit_err.text);
	int ret_code = schema_read(&r, thing_rows, j, ret);

	assert_true(ret_code < 0 || !r.path[0]); /* cut back to where it was */
	return ret_code;
}

/* Reads members in addition to the required one. */
static struct thing read_ok(const char *members)
{
	struct thing t;

	if (read_thing(arena_printf(&unit_arena, "%s,\n'needed':''", members), &t) < 0)
		fail_msg("%s: %s", members, unit_err.text);
	return t;
}

static void refuse(const char *members, const char *message)
{
	struct thing t;

	if (read_thing(arena_printf(&unit_arena, "%s,\n'needed':''", members), &t) != -EINVAL)
		fail_msg("not refused: %s", members);
	assert_int_equal(unit_err.num, EINVAL);
	assert_string_equal(unit_err.text, message);
}

TEST(booleans)
{
	assert_true(read_ok("'flag':true").flag);
	assert_false(read_ok("'flag':false").flag);
	refuse("'flag':1", "flag (line 2): expected bool, found number");
	refuse("'flag':'true'", "flag (line 2): expected bool, found string");
}

TEST(unsigned_numbers)
{
	assert_true(read_ok("'u':18446744073709551615").u == UINT64_MAX);
	assert_int_equal(read_ok("'u':0").u, 0);
	refuse("'u':18446744073709551616", "u (line 2): out of range: 18446744073709551616");
	refuse("'u':-1", "u (line 2): out of range: -1");
	refuse("'u':1.5", "u (line 2): not a whole number: 1.5");
	refuse("'u':1e3", "u (line 2): not a whole number: 1e3");
	refuse("'u':'1'", "u (line 2): expected number, found string");
	refuse("'u':[1]", "u (line 2): expected number, found array");
	refuse("'u':true", "u (line 2): expected number, found bool");
}

TEST(unsigned_ranges_are_inclusive)
{
	assert_int_equal(read_ok("'small':10").small, 10);
	assert_int_equal(read_ok("'small':20").small, 20);
	refuse("'small':9", "small (line 2): out of range: 9");
	refuse("'small':21", "small (line 2): out of range: 21");
}

TEST(signed_numbers)
{
	assert_true(read_ok("'i':-9223372036854775808").i == INT64_MIN);
	assert_true(read_ok("'i':9223372036854775807").i == INT64_MAX);
	refuse("'i':9223372036854775808", "i (line 2): out of range: 9223372036854775808");
	refuse("'i':-9223372036854775809", "i (line 2): out of range: -9223372036854775809");
	refuse("'i':-1.0", "i (line 2): not a whole number: -1.0");
	refuse("'i':{}", "i (line 2): expected number, found object");
}

TEST(signed_ranges_are_inclusive)
{
	assert_int_equal(read_ok("'signedSmall':-5").signed_small, -5);
	assert_int_equal(read_ok("'signedSmall':5").signed_small, 5);
	refuse("'signedSmall':-6", "signedSmall (line 2): out of range: -6");
	refuse("'signedSmall':6", "signedSmall (line 2): out of range: 6");
}

TEST(optional_numbers_tell_zero_from_absence)
{
	struct thing t = read_ok("'ou':0,'oi':0");

	assert_true(t.ou.set && t.oi.set);
	assert_int_equal(t.ou.value, 0);
	t = read_ok("'u':1");
	assert_false(t.ou.set || t.oi.set);
	t = read_ok("'oi':-100,'ou':100");
	assert_int_equal(t.oi.value, -100);
	assert_int_equal(t.ou.value, 100);
	refuse("'ou':101", "ou (line 2): out of range: 101");
	refuse("'oi':1", "oi (line 2): out of range: 1");
}

TEST(strings_and_paths)
{
	struct thing t = read_ok("'text':'','path':'/a'");

	assert_string_equal(t.text, "");
	assert_string_equal(t.path, "/a");
	refuse("'text':5", "text (line 2): expected string, found number");
	refuse("'path':'a/b'", "path (line 2): must be an absolute path: \"a/b\"");
	refuse("'path':''", "path (line 2): must be an absolute path: \"\"");
}

TEST(arrays_of_strings)
{
	struct thing t = read_ok("'words':['a','','c']");

	assert_int_equal(t.words.n, 3);
	assert_string_equal(t.words.items[0], "a");
	assert_string_equal(t.words.items[2], "c");
	assert_null(t.words.items[3]); /* ready for execve(2) */
	assert_int_equal(read_ok("'words':[]").words.n, 0);
	refuse("'words':['a',\n7]", "words[1] (line 3): expected string, found number");
	refuse("'words':['a',null]", "words[1] (line 2): expected string, found null");
	refuse("'words':'a'", "words (line 2): expected array, found string");
	refuse("'words':{}", "words (line 2): expected array, found object");
}

TEST(a_second_row_can_tell_whether_a_member_is_there)
{
	assert_true(read_ok("'words':[]").has_words);
	assert_false(read_ok("'u':1").has_words);
	assert_false(read_ok("'words':null").has_words);
}

TEST(arrays_of_numbers)
{
	struct thing t = read_ok("'numbers':[0,1000]");

	assert_int_equal(t.numbers.n, 2);
	assert_int_equal(t.numbers.items[1], 1000);
	refuse("'numbers':[1,\n2,\n1001]", "numbers[2] (line 4): out of range: 1001");
	refuse("'numbers':7", "numbers (line 2): expected array, found number");
	refuse("'numbers':[-1]", "numbers[0] (line 2): out of range: -1");
}

TEST(maps_of_strings)
{
	struct thing t = read_ok("'pairs':{'b':'2','a':''}");

	assert_int_equal(t.pairs.n, 2);
	assert_string_equal(t.pairs.items[0].key, "b");
	assert_string_equal(t.pairs.items[0].value, "2");
	assert_string_equal(t.pairs.items[1].value, "");
	refuse("'pairs':{'a':'',\n'b':2}", "pairs.b (line 3): expected string, found number");
	refuse("'pairs':{'':'x'}", "pairs. (line 2): an empty name");
	refuse("'pairs':[]", "pairs (line 2): expected object, found array");
}

TEST(names)
{
	struct thing t = read_ok("'color':'blue','shade':'red'");

	assert_int_equal(t.color, 4);
	assert_true(t.shade.set);
	assert_int_equal(t.shade.value, 1);
	assert_false(read_ok("'u':1").shade.set);
	refuse("'color':'BLUE'", "color (line 2): unknown value \"BLUE\"");
	refuse("'color':''", "color (line 2): unknown value \"\"");
	refuse("'color':4", "color (line 2): expected string, found number");
	refuse("'shade':'mauve'", "shade (line 2): unknown value \"mauve\"");
}

TEST(sets_of_names)
{
	assert_int_equal(read_ok("'colors':['red','blue','red']").colors, 5);
	assert_int_equal(read_ok("'colors':[]").colors, 0);
	refuse("'colors':['red',\n'pink']", "colors[1] (line 3): unknown value \"pink\"");
	refuse("'colors':[3]", "colors[0] (line 2): expected string, found number");
	refuse("'colors':'red'", "colors (line 2): expected array, found string");
}

TEST(objects)
{
	struct thing t = read_ok("'part':{'n':3},'inPlace':{'n':4,'name':'x'}");

	assert_int_equal(t.part->n, 3);
	assert_int_equal(t.in_place.n, 4);
	assert_string_equal(t.in_place.name, "x");
	assert_null(read_ok("'u':1").part);
	refuse("'part':{\n'n':10}", "part.n (line 3): out of range: 10");
	refuse("'part':{}", "part.n (line 2): is required");
	refuse("'part':[]", "part (line 2): expected object, found array");
	refuse("'inPlace':{'n':1,'name':1}",
	       "inPlace.name (line 2): expected string, found number");
}

TEST(arrays_of_objects)
{
	struct thing t = read_ok("'list':[{'n':1},{'n':2,'name':'b'}]");

	assert_int_equal(t.list.n, 2);
	assert_int_equal(t.list.items[0].n, 1);
	assert_null(t.list.items[0].name);
	assert_string_equal(t.list.items[1].name, "b");
	refuse("'list':[{'n':1},\n{'n':2},\n{'name':'c'}]", "list[2].n (line 4): is required");
	refuse("'list':[{'n':1},7]", "list[1] (line 2): expected object, found number");
	refuse("'list':{}", "list (line 2): expected array, found object");
}

TEST(maps_of_objects)
{
	struct thing t = read_ok("'map':{'x':{'n':1},'y':{'n':2}}");

	assert_int_equal(t.map.n, 2);
	assert_string_equal(t.map.items[1].key, "y");
	assert_int_equal(t.map.items[1].n, 2);
	refuse("'map':{'x':{'n':1},\n'y':{'n':0}}", "map.y.n (line 3): out of range: 0");
	refuse("'map':{'x':1}", "map.x (line 2): expected object, found number");
	refuse("'map':[]", "map (line 2): expected object, found array");
}

TEST(what_is_known_and_not_supported_is_refused_by_name)
{
	refuse("'never':1", "never (line 2): is not supported here");
	assert_false(read_ok("'never':null").flag); /* null says nothing */
}

TEST(null_is_absence)
{
	struct thing t = read_ok("'flag':null,'u':null,'small':null,'ou':null,'text':null,"
				 "'path':null,'words':null,'pairs':null,'color':null,"
				 "'colors':null,'part':null,'list':null,'map':null");

	assert_false(t.flag || t.ou.set);
	assert_null(t.text);
	assert_null(t.part);
	assert_int_equal(t.words.n + t.pairs.n + t.list.n + t.map.n, 0);
}

TEST(what_is_required_must_be_there_and_not_null)
{
	struct thing t;

	assert_int_equal(read_thing("'u':1", &t), -EINVAL);
	assert_string_equal(unit_err.text, "needed (line 1): is required");
	assert_int_equal(read_thing("'needed':null", &t), -EINVAL);
	assert_string_equal(unit_err.text, "needed (line 1): is required");
	assert_int_equal(read_thing("'needed':''", &t), 0);
	assert_string_equal(t.needed, "");
}

TEST(unknown_members_are_ignored_whatever_they_hold)
{
	struct thing t = read_ok("'unknown':{'flag':3,'n':[{}]},'Flag':7,'u':5,"
				 "'part':{'n':1,'unknown':'x'}");

	assert_int_equal(t.u, 5);
	assert_false(t.flag);
}

TEST(the_document_itself_has_no_name)
{
	struct reader r = { .arena = &unit_arena, .err = &unit_err };
	struct json *j;
	struct thing t;

	assert_int_equal(json_parse(&unit_arena, "\n[]", 3, &j, &unit_err), 0);
	assert_int_equal(schema_read(&r, thing_rows, j, &t), -EINVAL);
	assert_string_equal(unit_err.text, "line 2: expected object, found array");
}

TEST(paths_too_long_for_a_message_are_cut)
{
	char key[500];

	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	struct thing t;
	const char *members = arena_printf(&unit_arena, "'map':{'%s':{'n':0}}", key);

	assert_int_equal(read_thing(members, &t), -EINVAL);
	assert_true(str_has_prefix(unit_err.text, "map.kkkk"));
	assert_true(str_has_suffix(unit_err.text, ".n (line 2): out of range: 0"));
}
