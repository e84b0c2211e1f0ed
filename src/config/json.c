/* json.c - a strict tree over yajl's events, and a writer over its generator */
#include "hull/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "hull/str.h"

struct builder {
	struct arena *arena;
	struct err *err;
	yajl_handle yajl;
	const char *text;
	size_t len;
	bool ended;     /* yajl has all of it */
	size_t counted; /* bytes of text whose lines are in @line */
	unsigned line;
	unsigned depth;
	struct json *stack[JSON_MAX_DEPTH]; /* open containers */
	struct json *tail[JSON_MAX_DEPTH];  /* last item of each */
	const char *key;                    /* of the next member */
	struct json *root;
};

/*
 * yajl counts what it has consumed also inside a callback: that is where the value ends. At the end
 * it counts a blank of its own.
 */
static unsigned line_now(struct builder *b)
{
	size_t at = b->ended ? b->len : yajl_get_bytes_consumed(b->yajl);

	for (; b->counted < at; b->counted++)
		b->line += b->text[b->counted] == '\n';
	return b->line;
}

static int refuse(struct builder *b, const char *what)
{
	(void)err_set(b->err, EINVAL, "line %u: %s", line_now(b), what);
	return 0; /* yajl: cancel */
}

static struct json *add(struct builder *b, enum json_type type)
{
	struct json *v = arena_new(b->arena, struct json);

	v->type = type;
	v->line = line_now(b);
	v->key = b->key;
	b->key = NULL;
	if (!b->depth) {
		b->root = v;
		return v;
	}
	unsigned top = b->depth - 1;

	if (b->tail[top])
		b->tail[top]->next = v;
	else
		b->stack[top]->items = v;
	b->tail[top] = v;
	b->stack[top]->count++;
	return v;
}

/* Return: the bytes as a C string, or NULL when they hold a NUL. */
static char *copy(struct builder *b, const unsigned char *s, size_t n)
{
	if (memchr(s, '\0', n))
		return NULL;
	return arena_strndup(b->arena, (const char *)s, n);
}

static int on_null(void *ctx)
{
	(void)add(ctx, JSON_NULL);
	return 1;
}

static int on_bool(void *ctx, int value)
{
	add(ctx, JSON_BOOL)->boolean = value;
	return 1;
}

static int on_number(void *ctx, const char *s, size_t n)
{
	struct builder *b = ctx;

	add(b, JSON_NUMBER)->text = arena_strndup(b->arena, s, n);
	return 1;
}

static int on_string(void *ctx, const unsigned char *s, size_t n)
{
	struct builder *b = ctx;
	char *text = copy(b, s, n);

	if (!text)
		return refuse(b, "a string holds a NUL character");
	add(b, JSON_STRING)->text = text;
	return 1;
}

static int on_key(void *ctx, const unsigned char *s, size_t n)
{
	struct builder *b = ctx;

	b->key = copy(b, s, n);
	return b->key ? 1 : refuse(b, "a member name holds a NUL character");
}

static int on_open(struct builder *b, enum json_type type)
{
	struct json *v = add(b, type);

	if (b->depth == JSON_MAX_DEPTH)
		return refuse(b, "nested deeper than 64 levels");
	b->stack[b->depth] = v;
	b->tail[b->depth++] = NULL;
	return 1;
}

static int on_object(void *ctx)
{
	return on_open(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return on_open(ctx, JSON_ARRAY);
}

static int on_array_end(void *ctx)
{
	((struct builder *)ctx)->depth--;
	return 1;
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(const struct json *const *)a)->key, (*(const struct json *const *)b)->key);
}

static const char *find_duplicate(struct arena *a, const struct json *object)
{
	const struct json **sorted = arena_new_n(a, const struct json *, object->count);
	size_t n = 0;

	for (const struct json *m = object->items; m; m = m->next)
		sorted[n++] = m;
	qsort(sorted, n, sizeof(*sorted), by_key);
	for (size_t i = 1; i < n; i++) {
		if (!strcmp(sorted[i - 1]->key, sorted[i]->key))
			return sorted[i]->key;
	}
	return NULL;
}

static int on_object_end(void *ctx)
{
	struct builder *b = ctx;
	const struct json *object = b->stack[--b->depth];
	const char *twice = object->count > 1 ? find_duplicate(b->arena, object) : NULL;

	if (!twice)
		return 1;
	(void)err_set(b->err, EINVAL, "line %u: member \"%.100s\" is given twice", line_now(b),
		      twice);
	return 0;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* yajl's own words are two lines long: keep the first, without its prefix. */
static void syntax_error(struct builder *b)
{
	unsigned char *words = yajl_get_error(b->yajl, 0, NULL, 0);
	const char *s = words ? (const char *)words : "parse error";

	(void)err_set(b->err, EINVAL, "line %u: %.*s", line_now(b), (int)strcspn(s, "\n"), s);
	if (words)
		yajl_free_error(b->yajl, words);
}

int json_parse(struct arena *a, const char *text, size_t len, struct json **ret, struct err *e)
{
	struct builder b = { .arena = a, .err = e, .text = text, .len = len, .line = 1 };

	if (len > JSON_MAX_SIZE)
		return err_set(e, EINVAL, "larger than %zu MiB", JSON_MAX_SIZE >> 20);
	b.yajl = yajl_alloc(&callbacks, NULL, &b);
	if (!b.yajl)
		return err_sys(e, ENOMEM, "yajl_alloc");
	yajl_status status = yajl_parse(b.yajl, (const unsigned char *)text, len);

	if (status == yajl_status_ok) {
		b.ended = true;
		status = yajl_complete_parse(b.yajl);
	}
	if (status == yajl_status_error)
		syntax_error(&b);
	yajl_free(b.yajl);
	if (status != yajl_status_ok)
		return -EINVAL;
	if (!b.root)
		return err_set(e, EINVAL, "line 1: the document is empty");
	*ret = b.root;
	return 0;
}

const struct json *json_member(const struct json *object, const char *name)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->items; m; m = m->next) {
		if (!strcmp(m->key, name))
			return m;
	}
	return NULL;
}

const char *json_string(const struct json *object, const char *name)
{
	const struct json *m = json_member(object, name);

	return m && m->type == JSON_STRING ? m->text : NULL;
}

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = {
		"null", "bool", "number", "string", "array", "object"
	};

	return names[type];
}

struct json_out {
	yajl_gen gen;
	bool failed, changed;
};

struct json_out *json_out_new(bool pretty)
{
	struct json_out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->gen = yajl_gen_alloc(NULL);
	if (!o->gen) {
		free(o);
		return NULL;
	}
	(void)yajl_gen_config(o->gen, yajl_gen_beautify,
			      pretty); /* fails for unknown options only */
	(void)yajl_gen_config(o->gen, yajl_gen_indent_string, "  ");
	return o;
}

void json_out_free(struct json_out *o)
{
	if (!o)
		return;
	yajl_gen_free(o->gen);
	free(o);
}

static void note(struct json_out *o, yajl_gen_status status)
{
	if (status != yajl_gen_status_ok)
		o->failed = true;
}

/* Whoever reads it must be able to: what is no UTF-8, as names of the host may be, becomes '?'. */
static void put_string(struct json_out *o, const char *s)
{
	char *copy = str_not_utf8(s) ? strdup(s) : NULL;

	for (char *bad = copy ? str_not_utf8(copy) : NULL; bad; bad = str_not_utf8(bad))
		*bad = '?';
	o->changed |= copy != NULL;
	s = copy ? copy : s;
	note(o, yajl_gen_string(o->gen, (const unsigned char *)s, strlen(s)));
	free(copy);
}

/* Every public writer starts here; a NULL @o is a document that could not be allocated. */
static bool begin(struct json_out *o, const char *key)
{
	if (!o)
		return false;
	if (key)
		put_string(o, key);
	return true;
}

void json_out_object(struct json_out *o, const char *key)
{
	if (begin(o, key))
		note(o, yajl_gen_map_open(o->gen));
}

void json_out_object_end(struct json_out *o)
{
	if (o)
		note(o, yajl_gen_map_close(o->gen));
}

void json_out_array(struct json_out *o, const char *key)
{
	if (begin(o, key))
		note(o, yajl_gen_array_open(o->gen));
}

void json_out_array_end(struct json_out *o)
{
	if (o)
		note(o, yajl_gen_array_close(o->gen));
}

void json_out_string(struct json_out *o, const char *key, const char *value)
{
	if (begin(o, key))
		put_string(o, value);
}

void json_out_int(struct json_out *o, const char *key, int64_t value)
{
	if (begin(o, key))
		note(o, yajl_gen_integer(o->gen, value));
}

static void put_number(struct json_out *o, const char *digits)
{
	note(o, yajl_gen_number(o->gen, digits, strlen(digits)));
}

void json_out_uint(struct json_out *o, const char *key, uint64_t value)
{
	char digits[24] = "";

	if (!begin(o, key))
		return;
	(void)str_append(digits, sizeof(digits), "%llu", (unsigned long long)value);
	put_number(o, digits);
}

void json_out_bool(struct json_out *o, const char *key, bool value)
{
	if (begin(o, key))
		note(o, yajl_gen_bool(o->gen, value));
}

void json_out_tree(struct json_out *o, const char *key, const struct json *value)
{
	if (!begin(o, key))
		return;
	switch (value->type) {
	case JSON_NULL:
		note(o, yajl_gen_null(o->gen));
		break;
	case JSON_BOOL:
		note(o, yajl_gen_bool(o->gen, value->boolean));
		break;
	case JSON_NUMBER:
		put_number(o, value->text);
		break;
	case JSON_STRING:
		put_string(o, value->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		/* no deeper than JSON_MAX_DEPTH, for the tree came from json_parse() */
		note(o, value->type == JSON_OBJECT ? yajl_gen_map_open(o->gen)
						   : yajl_gen_array_open(o->gen));
		for (const struct json *i = value->items; i; i = i->next)
			json_out_tree(o, i->key, i);
		note(o, value->type == JSON_OBJECT ? yajl_gen_map_close(o->gen)
						   : yajl_gen_array_close(o->gen));
		break;
	}
}

bool json_out_changed(const struct json_out *o)
{
	return o && o->changed;
}

const char *json_out_text(struct json_out *o, size_t *ret_len)
{
	const unsigned char *text;
	size_t len;

	if (!o || o->failed || yajl_gen_get_buf(o->gen, &text, &len) != yajl_gen_status_ok)
		return NULL;
	if (ret_len)
		*ret_len = len;
	return (const char *)text;
}
