/* json.h - JSON text to a tree and back; the only module that knows yajl */
#ifndef HULL_JSON_H
#define HULL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/arena.h"
#include "hull/err.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/**
 * struct json - one value of a document
 * @key:   the member's name inside an object, else NULL
 * @text:  a string's content, or a number's digits exactly as written
 * @items: first element or member; they are linked by @next in document order
 * @count: how many
 * @line:  where the value ends, counted from 1
 */
struct json {
	enum json_type type;
	bool boolean;
	unsigned line;
	const char *key;
	const char *text;
	struct json *items, *next;
	size_t count;
};

#define JSON_MAX_DEPTH 64
#define JSON_MAX_SIZE ((size_t)16 << 20)

/**
 * json_parse() - the tree of a UTF-8 document
 * @text: @len bytes; numbers keep their text, so 64-bit values stay exact
 *
 * Stricter than yajl's own tree: duplicate member names (runtime-spec glossary.md forbids them),
 * NUL inside strings, comments, trailing text, more than JSON_MAX_DEPTH levels and more than
 * JSON_MAX_SIZE bytes are refused, each with its line.
 *
 * Return: 0 and a tree in the arena, or -EINVAL.
 */
int json_parse(struct arena *a, const char *text, size_t len, struct json **ret, struct err *e);

/* json_member() - the member of an object by name, or NULL; @object may be NULL */
const struct json *json_member(const struct json *object, const char *name);

/* json_string() - a string member's text, or NULL when absent or of another type */
const char *json_string(const struct json *object, const char *name);

/* json_type_name() - "object", "string", ... for messages */
const char *json_type_name(enum json_type type);

/**
 * struct json_out - a JSON document being written
 *
 * A failure (out of memory) is remembered and reported once, by json_out_text().
 */
struct json_out;

/* json_out_new() - @pretty: two-space indentation; else compact, as hooks and logs want it */
struct json_out *json_out_new(bool pretty);
void json_out_free(struct json_out *o);

/* json_out_changed() - whether a string is not what it was: it had bytes that are no UTF-8 */
bool json_out_changed(const struct json_out *o);

void json_out_object(struct json_out *o, const char *key);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o, const char *key);
void json_out_array_end(struct json_out *o);
/* json_out_string() - bytes that are no UTF-8 become '?' */
void json_out_string(struct json_out *o, const char *key, const char *value);
void json_out_int(struct json_out *o, const char *key, int64_t value);
void json_out_uint(struct json_out *o, const char *key, uint64_t value);
void json_out_bool(struct json_out *o, const char *key, bool value);
/* json_out_tree() - a parsed value again, numbers digit by digit */
void json_out_tree(struct json_out *o, const char *key, const struct json *value);

/**
 * json_out_text() - the finished document
 *
 * Return: NUL-terminated text owned by @o, or NULL when something failed. @key is NULL in all
 * calls that write array elements or the document itself.
 */
const char *json_out_text(struct json_out *o, size_t *ret_len);

#endif
