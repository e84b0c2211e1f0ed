/* schema.h - tables that say how a JSON object becomes a struct */
#ifndef HULL_SCHEMA_H
#define HULL_SCHEMA_H

#include "hull/json.h"
#include "hull/spec.h"

/**
 * struct reader - the state of reading one document
 * @path: where in it, as in "mounts[3].options[1]", grown and cut back as the tables nest
 */
struct reader {
	struct arena *arena;
	struct err *err;
	char path[256];
};

struct field;

/* A kind of value: reads @v into @out. Return: 0 or -EINVAL with the error set. */
typedef int field_reader(struct reader *r, const struct field *f, const struct json *v, void *out);

enum field_support { FIELD_READ, FIELD_REQUIRED, FIELD_REFUSED, FIELD_IGNORED };

/**
 * struct field - one member of a JSON object: parse, type, range, default and support in a row
 * @name:    the specification's name; a NULL name ends a table
 * @read:    the kind
 * @offset:  of the C member
 * @table:   the rows of a nested object, or the names of an enumeration
 * @size:    of one element, where the member is an array of objects
 * @max,@min: inclusive bounds of a number
 * @note:    why a member is refused, which is printed, or ignored
 */
struct field {
	const char *name;
	field_reader *read;
	size_t offset;
	enum field_support support;
	const void *table;
	size_t size;
	int64_t min;
	uint64_t max;
	const char *note;
};

field_reader read_bool, read_opt_bool, read_present, read_u64, read_opt_u64, read_i64, read_opt_i64,
	read_string, read_path, read_strings, read_numbers, read_pairs, read_object,
	read_object_in_place, read_objects, read_map, read_name, read_opt_name, read_names,
	read_refused, read_ignored_bool;

/* schema_read() - one JSON object by its table. Return: 0 or -EINVAL. */
int schema_read(struct reader *r, const struct field *table, const struct json *v, void *out);

/* spec_rows - of config.json as a whole: docs/config-support.md is printed from them */
extern const struct field spec_rows[];

/* schema_fail() - "<path> (line N): <text>". Return: -EINVAL. */
int schema_fail(struct reader *r, const struct json *v, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A row that names a member of another C type than its kind writes does not compile. */
#define MEMBER_OFFSET(type, member, ctype)                                                         \
	(offsetof(type, member) +                                                                  \
	 0 * sizeof(struct {                                                                       \
		 _Static_assert(_Generic(((type *)0)->member, ctype : 1, default : 0),             \
				#type "." #member " is not a " #ctype);                            \
		 int unused;                                                                       \
	 }))

#define ROW(kind, type, member, ctype, json, ...)                                                  \
	{                                                                                          \
		.name = (json), .read = (kind), .offset = MEMBER_OFFSET(type, member, ctype),      \
		__VA_ARGS__                                                                        \
	}

#define REQUIRED .support = FIELD_REQUIRED
#define RANGE(low, high) .min = (low), .max = (high)

#define BOOL(type, member, json) ROW(read_bool, type, member, bool, json, .table = NULL)
/* for one whose absence is neither true nor false; its value is 0 or 1 */
#define OPT_BOOL(type, member, json)                                                               \
	ROW(read_opt_bool, type, member, struct opt_u64, json, .table = NULL)
#define U64(type, member, json, ...) ROW(read_u64, type, member, uint64_t, json, __VA_ARGS__)
#define I64(type, member, json, ...) ROW(read_i64, type, member, int64_t, json, __VA_ARGS__)
#define OPT_U64(type, member, json, ...)                                                           \
	ROW(read_opt_u64, type, member, struct opt_u64, json, __VA_ARGS__)
#define OPT_I64(type, member, json, ...)                                                           \
	ROW(read_opt_i64, type, member, struct opt_i64, json, __VA_ARGS__)
#define STRING(type, member, json, ...)                                                            \
	ROW(read_string, type, member, const char *, json, __VA_ARGS__)
#define PATH(type, member, json, ...) ROW(read_path, type, member, const char *, json, __VA_ARGS__)
#define STRINGS(type, member, json)                                                                \
	ROW(read_strings, type, member, struct strings, json, .table = NULL)
#define NUMBERS(type, member, json, ...)                                                           \
	ROW(read_numbers, type, member, struct numbers, json, __VA_ARGS__)
#define PAIRS(type, member, json) ROW(read_pairs, type, member, struct pairs, json, .table = NULL)
#define NAME(type, member, json, names, ...)                                                       \
	ROW(read_name, type, member, unsigned, json, .table = (names), __VA_ARGS__)
#define NAMES(type, member, json, names)                                                           \
	ROW(read_names, type, member, uint64_t, json, .table = (names))
/* a pointer to a struct, allocated when the object is there */
#define OBJECT(type, member, ctype, json, rows, ...)                                               \
	ROW(read_object, type, member, ctype *, json, .table = (rows), .size = sizeof(ctype),      \
	    __VA_ARGS__)
/* an array of objects; the C member is a struct { size_t n; ctype *items; } */
#define OBJECTS(type, member, ctype, json, rows)                                                   \
	ROW(read_objects, type, member.items, ctype *, json, .table = (rows), .size = sizeof(ctype))
/* as OBJECTS, from an object whose member names go into the element's first member, a string */
#define OBJECT_MAP(type, member, ctype, json, rows)                                                \
	ROW(read_map, type, member.items, ctype *, json, .table = (rows), .size = sizeof(ctype))
#define REFUSED(json, why)                                                                         \
	{                                                                                          \
		.name = (json), .read = read_refused, .support = FIELD_REFUSED, .note = (why)      \
	}
/* known, and of no consequence on any kernel that hull runs on; the type is checked all the same */
#define IGNORED_BOOL(json, why)                                                                    \
	{                                                                                          \
		.name = (json), .read = read_ignored_bool, .support = FIELD_IGNORED, .note = (why) \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#endif
