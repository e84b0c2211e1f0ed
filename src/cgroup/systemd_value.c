/* systemd_value.c - values of D-Bus, made and read from GVariant's text format */
#include "systemd_value.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hull/str.h"

#define MAX_DEPTH 8
#define MAX_ITEMS 1024

struct value value_u64(uint64_t n)
{
	return (struct value){ .type = "t", .number = n };
}

struct value value_bool(bool b)
{
	return (struct value){ .type = "b", .number = b };
}

struct value value_string(const char *s)
{
	return (struct value){ .type = "s", .string = s };
}

struct value value_list(struct arena *a, const char *element, const struct value *items, size_t n)
{
	struct value v = { .type = arena_printf(a, "a%s", n ? items[0].type : element),
			   .n = n,
			   .items = arena_new_n(a, struct value, n + 1) };

	if (n)
		memcpy(v.items, items, n * sizeof(*items));
	return v;
}

struct value value_bytes(struct arena *a, const uint8_t *bytes, size_t n)
{
	struct value v = { .type = "ay", .n = n, .items = arena_new_n(a, struct value, n + 1) };

	for (size_t i = 0; i < n; i++)
		v.items[i] = (struct value){ .type = "y", .number = bytes[i] };
	return v;
}

struct value value_tuple(struct arena *a, const struct value *items, size_t n)
{
	struct value v = value_list(a, "", items, n);
	const char *type = "(";

	for (size_t i = 0; i < n; i++)
		type = arena_printf(a, "%s%s", type, items[i].type);
	v.type = arena_printf(a, "%s)", type);
	return v;
}

struct value value_variant(struct arena *a, struct value inner)
{
	struct value v = { .type = "v", .n = 1, .items = arena_new(a, struct value) };

	v.items[0] = inner;
	return v;
}

struct reader {
	struct arena *arena;
	const char *p;
	unsigned depth;
};

/* g_variant_parse(): the words before a number or a string that say its type. */
static const struct keyword {
	const char *word, *type;
	int64_t min;
	uint64_t max;
} keywords[] = {
	{ "byte", "y", 0, UINT8_MAX },    { "int16", "n", INT16_MIN, INT16_MAX },
	{ "uint16", "q", 0, UINT16_MAX }, { "int32", "i", INT32_MIN, INT32_MAX },
	{ "uint32", "u", 0, UINT32_MAX }, { "int64", "x", INT64_MIN, INT64_MAX },
	{ "uint64", "t", 0, UINT64_MAX }, { "double", "d", 0, 0 },
	{ "string", "s", 0, 0 },          { "objectpath", "o", 0, 0 },
	{ "signature", "g", 0, 0 },       { "boolean", "b", 0, 0 },
};

static const struct keyword *keyword_of(const char *word, char type)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (word ? str_eq(keywords[i].word, word) : keywords[i].type[0] == type)
			return &keywords[i];
	}
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

/* Letters, digits, and what belongs to a number: a word, a number or nothing. */
static const char *take_word(struct reader *r)
{
	size_t n =
		strspn(r->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._");
	const char *word = arena_strndup(r->arena, r->p, n);

	r->p += n;
	return word;
}

/* The escapes that GLib itself writes, but for \u. Return: NUL for what is none. */
static char unescape(char c)
{
	static const char from[] = "abfnrtv\"'\\", to[] = "\a\b\f\n\r\t\v\"'\\";
	const char *at = strchr(from, c);

	if (!at)
		return '\0';
	return to[at - from];
}

static int read_string(struct reader *r, const char *type, struct value *ret)
{
	char quote = *r->p++;
	char *out = arena_strdup(r->arena, r->p), *end = out;

	if (!strchr("sog", type[0]))
		return -EINVAL;
	for (; *r->p != quote; r->p++) {
		char c = *r->p;

		if (c == '\\')
			c = unescape(*++r->p);
		if (!c)
			return -EINVAL;
		*end++ = c;
	}
	*end = '\0';
	r->p++;
	*ret = (struct value){ .type = type, .string = out };
	return 0;
}

static int read_real(const char *word, struct value *ret)
{
	char *end;
	double d = strtod(word, &end);

	if (!word[0] || *end)
		return -EINVAL;
	*ret = (struct value){ .type = "d", .real = d };
	return 0;
}

/* "0x1f" is how GLib writes a byte. */
static int read_hex(const char *digits, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (!digits[0] || strlen(digits) > 16)
		return -EINVAL;
	for (; *digits; digits++) {
		static const char all[] = "0123456789abcdef";
		const char *at = strchr(all, tolower((unsigned char)*digits));

		if (!at)
			return -EINVAL;
		n = n << 4 | (uint64_t)(at - all);
	}
	*ret = n;
	return n > max ? -ERANGE : 0;
}

static int read_number(const char *word, const char *type, struct value *ret)
{
	bool real = type ? type[0] == 'd' : strpbrk(word, ".e") && !str_has_prefix(word, "0x");
	const struct keyword *k = keyword_of(NULL, str_or(type, "i")[0]);
	int64_t n = 0;
	int r;

	if (real)
		return read_real(word, ret);
	if (!k || !k->max)
		return -EINVAL;
	*ret = (struct value){ .type = k->type };
	if (str_has_prefix(word, "0x"))
		return read_hex(word + 2, k->max, &ret->number);
	if (word[0] != '-')
		return str_to_u64(word, k->max, &ret->number);
	r = str_to_i64(word, k->min, INT64_MAX, &n);
	ret->number = (uint64_t)n;
	return r;
}

static int read_value(struct reader *r, const char *type, struct value *ret);

/* The signature of @v's elements where @type says it, or NULL. */
static const char *element_type(const struct reader *r, const char *type, size_t i, bool tuple)
{
	if (!type)
		return NULL;
	/* members of a structure in a declared type are basic, which every property's are */
	return tuple ? arena_strndup(r->arena, type + 1 + i, 1) : type + 1;
}

static int read_items(struct reader *r, const char *type, bool tuple, struct value *ret)
{
	struct value *items = arena_new_n(r->arena, struct value, MAX_ITEMS);
	char close = *r->p++ == '(' ? ')' : ']';
	size_t n = 0;

	for (skip_blanks(r); *r->p != close; skip_blanks(r)) {
		if (n == MAX_ITEMS || (n && *r->p != ','))
			return -EINVAL;
		r->p += n > 0;
		skip_blanks(r);
		if (*r->p == close && tuple && n == 1)
			break; /* "(1,)" */
		int fail = read_value(r, element_type(r, type, n, tuple), &items[n]);

		if (fail < 0)
			return fail;
		if (!tuple && !str_eq(items[n].type, items[0].type))
			return -EINVAL;
		n++;
	}
	r->p++;
	if (!n && (tuple || !type))
		return -EINVAL; /* of no type */
	*ret = tuple ? value_tuple(r->arena, items, n)
		     : value_list(r->arena, type ? type + 1 : "", items, n);
	return type && !str_eq(type, ret->type) ? -EINVAL : 0;
}

static int read_word(struct reader *r, const char *type, struct value *ret)
{
	const char *word = take_word(r);
	const struct keyword *k = keyword_of(word, '\0');

	if (k && !type) {
		skip_blanks(r);
		return read_value(r, k->type, ret);
	}
	if ((str_eq(word, "true") || str_eq(word, "false")) && (!type || type[0] == 'b')) {
		*ret = value_bool(word[0] == 't');
		return 0;
	}
	return read_number(word, type, ret);
}

/* @type: what it was declared to be; NULL: what it looks like */
static int read_value(struct reader *r, const char *type, struct value *ret)
{
	int fail;

	skip_blanks(r);
	if (r->depth >= MAX_DEPTH)
		return -EINVAL;
	r->depth++;
	if (*r->p == '@' && !type) {
		size_t n = strcspn(++r->p, " ");
		const char *declared = arena_strndup(r->arena, r->p, n);

		r->p += n;
		fail = n ? read_value(r, declared, ret) : -EINVAL;
	} else if (*r->p == '[' || *r->p == '(') {
		bool tuple = *r->p == '(';

		fail = type && type[0] != (tuple ? '(' : 'a') ? -EINVAL
							      : read_items(r, type, tuple, ret);
	} else if (*r->p == '\'' || *r->p == '"') {
		fail = read_string(r, str_or(type, "s"), ret);
	} else {
		fail = read_word(r, type, ret);
	}
	r->depth--;
	return fail;
}

int value_parse(struct arena *a, const char *text, const char *where, struct value *ret,
		struct err *e)
{
	struct reader r = { .arena = a, .p = text };
	struct value v;
	int fail = read_value(&r, NULL, &v);

	skip_blanks(&r);
	if (fail < 0 || *r.p)
		return err_set(
			e, EINVAL,
			"%s: expected a value in GVariant's text format, like 15, uint64 15, "
			"true or 'text': \"%.100s\"",
			where, text);
	*ret = v;
	return 0;
}
