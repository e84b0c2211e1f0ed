/* merge.c - linux.resources after an update: what is given wins, what is left out stays */
#include <string.h>

#include "hull/json.h"
#include "hull/spec.h"
#include "hull/str.h"

enum merge_kind {
	MERGE_GIVEN,   /* the new value; members of objects one by one */
	MERGE_NONZERO, /* unless it is 0 or "", which callers write for "not given" */
	MERGE_OBJECT,  /* member by member */
	MERGE_LIST,    /* element by element, those with the same keys */
	MERGE_OLD,     /* never changes */
};

/* How one member is merged; members without a row take the new value. */
struct merge_rule {
	const char *name;
	enum merge_kind kind;
	const struct merge_rule *rows;
	const char *keys[2];
};

static const struct merge_rule no_rows[] = { { .name = NULL } };

static const struct merge_rule memory_rows[] = {
	{ "limit", MERGE_NONZERO, NULL, { NULL } },
	{ "reservation", MERGE_NONZERO, NULL, { NULL } },
	{ "swap", MERGE_NONZERO, NULL, { NULL } },
	{ "kernel", MERGE_NONZERO, NULL, { NULL } },
	{ "kernelTCP", MERGE_NONZERO, NULL, { NULL } },
	{ .name = NULL },
};

static const struct merge_rule cpu_rows[] = {
	{ "shares", MERGE_NONZERO, NULL, { NULL } },
	{ "quota", MERGE_NONZERO, NULL, { NULL } },
	{ "period", MERGE_NONZERO, NULL, { NULL } },
	{ "realtimeRuntime", MERGE_NONZERO, NULL, { NULL } },
	{ "realtimePeriod", MERGE_NONZERO, NULL, { NULL } },
	{ "cpus", MERGE_NONZERO, NULL, { NULL } },
	{ "mems", MERGE_NONZERO, NULL, { NULL } },
	{ .name = NULL },
};

#define BY_DEVICE                                                                                  \
	{                                                                                          \
		"major", "minor"                                                                   \
	}

static const struct merge_rule block_io_rows[] = {
	{ "weight", MERGE_NONZERO, NULL, { NULL } },
	{ "leafWeight", MERGE_NONZERO, NULL, { NULL } },
	{ "weightDevice", MERGE_LIST, NULL, BY_DEVICE },
	{ "throttleReadBpsDevice", MERGE_LIST, NULL, BY_DEVICE },
	{ "throttleWriteBpsDevice", MERGE_LIST, NULL, BY_DEVICE },
	{ "throttleReadIOPSDevice", MERGE_LIST, NULL, BY_DEVICE },
	{ "throttleWriteIOPSDevice", MERGE_LIST, NULL, BY_DEVICE },
	{ .name = NULL },
};

static const struct merge_rule network_rows[] = {
	{ "classID", MERGE_NONZERO, NULL, { NULL } },
	{ "priorities", MERGE_LIST, NULL, { "name" } },
	{ .name = NULL },
};

static const struct merge_rule resources_rows[] = {
	{ "devices", MERGE_OLD, NULL, { NULL } },
	{ "memory", MERGE_OBJECT, memory_rows, { NULL } },
	{ "cpu", MERGE_OBJECT, cpu_rows, { NULL } },
	{ "pids", MERGE_OBJECT, no_rows, { NULL } },
	{ "blockIO", MERGE_OBJECT, block_io_rows, { NULL } },
	{ "hugepageLimits", MERGE_LIST, NULL, { "pageSize" } },
	{ "network", MERGE_OBJECT, network_rows, { NULL } },
	{ "rdma", MERGE_OBJECT, no_rows, { NULL } },
	{ "unified", MERGE_OBJECT, no_rows, { NULL } },
	{ .name = NULL },
};

/* An object or array that grows at its end; what is put in is shared below its first level. */
struct growing {
	struct arena *arena;
	struct json *value, *last;
};

static struct growing grow(struct arena *a, enum json_type type)
{
	struct growing g = { .arena = a, .value = arena_new(a, struct json) };

	g.value->type = type;
	return g;
}

static void put(struct growing *g, const char *key, const struct json *value)
{
	struct json *copy = arena_new(g->arena, struct json);

	*copy = *value;
	copy->key = key;
	copy->next = NULL;
	if (g->last)
		g->last->next = copy;
	else
		g->value->items = copy;
	g->last = copy;
	g->value->count++;
}

static bool is_given(const struct json *v)
{
	return v && v->type != JSON_NULL;
}

static bool is_zero(const struct json *v)
{
	return (v->type == JSON_NUMBER && str_eq(v->text, "0")) ||
	       (v->type == JSON_STRING && !v->text[0]);
}

static const struct merge_rule *rule_of(const struct merge_rule *rows, const char *name)
{
	while (rows->name && strcmp(rows->name, name) != 0)
		rows++;
	return rows;
}

static const struct json *merge(struct arena *a, const struct merge_rule *rule,
				const struct json *old, const struct json *given);

static const struct json *merge_objects(struct arena *a, const struct merge_rule *rows,
					const struct json *old, const struct json *given)
{
	struct growing g = grow(a, JSON_OBJECT);

	for (const struct json *m = old ? old->items : NULL; m; m = m->next) {
		const struct json *new = json_member(given, m->key);

		put(&g, m->key, is_given(new) ? merge(a, rule_of(rows, m->key), m, new) : m);
	}
	for (const struct json *m = given->items; m; m = m->next) {
		const struct json *v = is_given(m) && !json_member(old, m->key)
					       ? merge(a, rule_of(rows, m->key), NULL, m)
					       : NULL;

		if (v)
			put(&g, m->key, v);
	}
	return g.value;
}

static bool same_text(const struct json *x, const struct json *y)
{
	return x && y && str_eq(x->text, y->text);
}

/* Return: the last element with the same keys, or NULL. */
static const struct json *find(const struct json *list, const char *const *keys,
			       const struct json *wanted)
{
	const struct json *found = NULL;

	for (const struct json *v = list ? list->items : NULL; v; v = v->next) {
		bool same = true;

		for (size_t i = 0; i < 2 && keys[i]; i++)
			same = same &&
			       same_text(json_member(v, keys[i]), json_member(wanted, keys[i]));
		if (same)
			found = v;
	}
	return found;
}

static const struct json *merge_lists(struct arena *a, const char *const *keys,
				      const struct json *old, const struct json *given)
{
	struct growing g = grow(a, JSON_ARRAY);

	for (const struct json *v = old ? old->items : NULL; v; v = v->next) {
		const struct json *new = find(given, keys, v);

		put(&g, NULL, new ? merge_objects(a, no_rows, v, new) : v);
	}
	for (const struct json *v = given->items; v; v = v->next) {
		if (!find(old, keys, v))
			put(&g, NULL, v);
	}
	return g.value;
}

/* Return: the value, or NULL for none. */
static const struct json *merge(struct arena *a, const struct merge_rule *rule,
				const struct json *old, const struct json *given)
{
	switch (rule->kind) {
	case MERGE_OBJECT:
		return merge_objects(a, rule->rows, old, given);
	case MERGE_LIST:
		return merge_lists(a, rule->keys, old, given);
	case MERGE_NONZERO:
		return is_zero(given) ? old : given;
	case MERGE_OLD:
		return old;
	case MERGE_GIVEN:
		break;
	}
	return given->type == JSON_OBJECT ? merge_objects(a, no_rows, old, given) : given;
}

const struct json *spec_merge_resources(struct arena *a, const struct json *old,
					const struct json *given)
{
	return merge_objects(a, resources_rows, old, given);
}

const struct json *spec_with(struct arena *a, const struct json *object, const char *name,
			     const struct json *value)
{
	struct growing g = grow(a, JSON_OBJECT);
	bool found = false;

	for (const struct json *m = object ? object->items : NULL; m; m = m->next) {
		bool this = str_eq(m->key, name);

		put(&g, m->key, this ? value : m);
		found = found || this;
	}
	if (!found)
		put(&g, name, value);
	return g.value;
}
