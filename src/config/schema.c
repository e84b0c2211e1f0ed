/* schema.c - the engine that walks a JSON object along its table */
#include "schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hull/str.h"

/* How arrays of objects are laid out, whatever their element: see OBJECTS. */
struct list {
	size_t n;
	void *items;
};

int schema_fail(struct reader *r, const struct json *v, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!r->path[0])
		return err_set(r->err, EINVAL, "line %u: %s", v->line, text);
	return err_set(r->err, EINVAL, "%s (line %u): %s", r->path, v->line, text);
}

/* Return: the length to cut the path back to. */
static size_t enter_member(struct reader *r, const char *name)
{
	size_t before = strlen(r->path);

	(void)str_append(r->path, sizeof(r->path), "%s%.64s", before ? "." : "", name);
	return before;
}

static size_t enter_index(struct reader *r, size_t i)
{
	size_t before = strlen(r->path);

	(void)str_append(r->path, sizeof(r->path), "[%zu]", i);
	return before;
}

static int expect(struct reader *r, const struct json *v, enum json_type type)
{
	if (v->type == type)
		return 0;
	return schema_fail(r, v, "expected %s, found %s", json_type_name(type),
			   json_type_name(v->type));
}

static int read_member(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	size_t before = enter_member(r, f->name);
	int ret = f->read(r, f, v, (char *)out + f->offset);

	r->path[before] = '\0';
	return ret;
}

static int require(struct reader *r, const struct field *f, const struct json *object)
{
	size_t before = enter_member(r, f->name);
	int ret = schema_fail(r, object, "is required");

	r->path[before] = '\0';
	return ret;
}

int schema_read(struct reader *r, const struct field *table, const struct json *v, void *out)
{
	int ret = expect(r, v, JSON_OBJECT);

	for (const struct field *f = table; ret == 0 && f->name; f++) {
		const struct json *m = json_member(v, f->name);

		/* Go writes an unset pointer as null: the same as absent */
		if (m && m->type != JSON_NULL)
			ret = read_member(r, f, m, out);
		else if (f->support == FIELD_REQUIRED)
			ret = require(r, f, v);
	}
	return ret;
}

int read_bool(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	(void)f;
	if (expect(r, v, JSON_BOOL) < 0)
		return -EINVAL;
	*(bool *)out = v->boolean;
	return 0;
}

int read_opt_bool(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct opt_u64 *n = out;
	bool value;

	if (read_bool(r, f, v, &value) < 0)
		return -EINVAL;
	*n = (struct opt_u64){ .set = true, .value = value };
	return 0;
}

int read_present(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	(void)r;
	(void)f;
	(void)v;
	*(bool *)out = true;
	return 0;
}

/* A row without bounds takes the whole type. */
static int number_fail(struct reader *r, const struct json *v, int why)
{
	return schema_fail(r, v,
			   why == -ERANGE ? "out of range: %.40s" : "not a whole number: %.40s",
			   v->text);
}

int read_u64(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	uint64_t n;

	if (expect(r, v, JSON_NUMBER) < 0)
		return -EINVAL;
	int ret = str_to_u64(v->text, f->max ? f->max : UINT64_MAX, &n);

	if (ret == -EINVAL && v->text[0] == '-')
		ret = -ERANGE;
	if (ret == 0 && n < (uint64_t)f->min)
		ret = -ERANGE;
	if (ret < 0)
		return number_fail(r, v, ret);
	*(uint64_t *)out = n;
	return 0;
}

int read_i64(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	bool bounded = f->min || f->max;
	int64_t n;

	if (expect(r, v, JSON_NUMBER) < 0)
		return -EINVAL;
	int ret = str_to_i64(v->text, bounded ? f->min : INT64_MIN,
			     bounded ? (int64_t)f->max : INT64_MAX, &n);

	if (ret < 0)
		return number_fail(r, v, ret);
	*(int64_t *)out = n;
	return 0;
}

int read_opt_u64(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct opt_u64 *o = out;

	o->set = true;
	return read_u64(r, f, v, &o->value);
}

int read_opt_i64(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct opt_i64 *o = out;

	o->set = true;
	return read_i64(r, f, v, &o->value);
}

int read_string(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	(void)f;
	if (expect(r, v, JSON_STRING) < 0)
		return -EINVAL;
	*(const char **)out = v->text;
	return 0;
}

int read_path(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	if (read_string(r, f, v, out) < 0)
		return -EINVAL;
	if (v->text[0] != '/')
		return schema_fail(r, v, "must be an absolute path: \"%.100s\"", v->text);
	return 0;
}

/* Calls @read for each item of an array, @out moving on by @size. */
static int read_items(struct reader *r, const struct field *f, const struct json *v, char *out,
		      size_t size, field_reader *read)
{
	size_t i = 0;

	for (const struct json *item = v->items; item; item = item->next, i++) {
		size_t before = enter_index(r, i);
		int ret = read(r, f, item, out + i * size);

		r->path[before] = '\0';
		if (ret < 0)
			return ret;
	}
	return 0;
}

int read_strings(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct strings *s = out;

	if (expect(r, v, JSON_ARRAY) < 0)
		return -EINVAL;
	s->n = v->count;
	s->items = arena_new_n(r->arena, const char *, v->count + 1);
	return read_items(r, f, v, (char *)s->items, sizeof(*s->items), read_string);
}

int read_numbers(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct numbers *s = out;

	if (expect(r, v, JSON_ARRAY) < 0)
		return -EINVAL;
	s->n = v->count;
	s->items = arena_new_n(r->arena, uint64_t, v->count + 1);
	return read_items(r, f, v, (char *)s->items, sizeof(*s->items), read_u64);
}

int read_pairs(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct pairs *p = out;

	if (expect(r, v, JSON_OBJECT) < 0)
		return -EINVAL;
	p->items = arena_new_n(r->arena, struct pair, v->count + 1);
	for (const struct json *m = v->items; m; m = m->next) {
		struct pair *pair = &p->items[p->n++];
		size_t before = enter_member(r, m->key);

		pair->key = m->key;
		if (!m->key[0])
			return schema_fail(r, m, "an empty name");
		if (read_string(r, f, m, &pair->value) < 0)
			return -EINVAL;
		r->path[before] = '\0';
	}
	return 0;
}

int read_object(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	void *object = arena_alloc(r->arena, f->size);

	memcpy(out, &object, sizeof(object));
	return schema_read(r, f->table, v, object);
}

/* Also each element of an array: the struct is there already. */
int read_object_in_place(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	return schema_read(r, f->table, v, out);
}

/* MEMBER_OFFSET checked the type of the items pointer, so that is where the row points. */
static void store_list(void *out, size_t n, void *items)
{
	struct list l = { .n = n, .items = items };

	memcpy((char *)out - offsetof(struct list, items), &l, sizeof(l));
}

int read_objects(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	if (expect(r, v, JSON_ARRAY) < 0)
		return -EINVAL;
	char *items = arena_array(r->arena, v->count + 1, f->size);

	store_list(out, v->count, items);
	return read_items(r, f, v, items, f->size, read_object_in_place);
}

int read_map(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	if (expect(r, v, JSON_OBJECT) < 0)
		return -EINVAL;
	char *item = arena_array(r->arena, v->count + 1, f->size);

	store_list(out, v->count, item);
	for (const struct json *m = v->items; m; m = m->next, item += f->size) {
		size_t before = enter_member(r, m->key);

		memcpy(item, &m->key, sizeof(m->key));
		if (schema_read(r, f->table, m, item) < 0)
			return -EINVAL;
		r->path[before] = '\0';
	}
	return 0;
}

static const struct spec_name *find_name(const struct spec_name *list, const char *name)
{
	for (; list->name; list++) {
		if (!strcmp(list->name, name))
			return list;
	}
	return NULL;
}

static int lookup(struct reader *r, const struct field *f, const struct json *v, uint64_t *ret)
{
	if (expect(r, v, JSON_STRING) < 0)
		return -EINVAL;
	const struct spec_name *n = find_name(f->table, v->text);

	if (!n)
		return schema_fail(r, v, "unknown value \"%.100s\"", v->text);
	*ret = n->value;
	return 0;
}

int read_name(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	uint64_t value = 0;

	if (lookup(r, f, v, &value) < 0)
		return -EINVAL;
	*(unsigned *)out = (unsigned)value;
	return 0;
}

int read_opt_name(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	struct opt_u64 *o = out;

	o->set = true;
	return lookup(r, f, v, &o->value);
}

static int read_flag(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	return lookup(r, f, v, out);
}

int read_names(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	if (expect(r, v, JSON_ARRAY) < 0)
		return -EINVAL;
	uint64_t *flags = arena_new_n(r->arena, uint64_t, v->count + 1);

	if (read_items(r, f, v, (char *)flags, sizeof(*flags), read_flag) < 0)
		return -EINVAL;
	for (size_t i = 0; i < v->count; i++)
		*(uint64_t *)out |= flags[i];
	return 0;
}

int read_refused(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	(void)out;
	return schema_fail(r, v, "%s", f->note);
}

int read_ignored_bool(struct reader *r, const struct field *f, const struct json *v, void *out)
{
	(void)f;
	(void)out;
	return expect(r, v, JSON_BOOL);
}
