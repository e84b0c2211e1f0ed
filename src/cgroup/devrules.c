/* devrules.c - linux.resources.devices: what the list as a whole allows */
#include "devrules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hull/str.h"

#define WHERE "linux.resources.devices"
#define ANY (-1)
#define ALL_ACCESS (DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD)

static int64_t number_of(const struct opt_i64 *n)
{
	return n->set && n->value >= 0 ? n->value : ANY;
}

/* An absent access is all access. */
static struct devrule rule_of(const struct config_device_rule *c, unsigned type)
{
	return (struct devrule){
		.allow = c->allow,
		.type = type,
		.access = c->access ? c->access : ALL_ACCESS,
		.major = number_of(&c->major),
		.minor = number_of(&c->minor),
	};
}

static bool is_everything(const struct config_device_rule *c)
{
	struct devrule r = rule_of(c, 'a');

	return c->type == 'a' && r.access == ALL_ACCESS && r.major == ANY && r.minor == ANY;
}

void devrules_reduce(struct arena *a, const struct config_device_rules *list, struct devrules *ret)
{
	*ret = (struct devrules){ .items = arena_new_n(a, struct devrule, 2 * list->n + 1) };
	for (size_t i = 0; i < list->n; i++) {
		const struct config_device_rule *c = &list->items[i];

		if (is_everything(c)) {
			ret->allow = c->allow;
			ret->n = 0;
			continue;
		}
		if (c->type != 'c')
			ret->items[ret->n++] = rule_of(c, 'b');
		if (c->type != 'b')
			ret->items[ret->n++] = rule_of(c, 'c');
	}
}

bool devrules_allow_all(const struct devrules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (!rules->items[i].allow)
			return false;
	}
	return rules->allow;
}

static bool covers(const struct devrule *outer, const struct devrule *inner)
{
	return outer->type == inner->type &&
	       (outer->major == ANY || outer->major == inner->major) &&
	       (outer->minor == ANY || outer->minor == inner->minor);
}

static bool overlaps(const struct devrule *a, const struct devrule *b)
{
	return a->type == b->type && (a->major == ANY || b->major == ANY || a->major == b->major) &&
	       (a->minor == ANY || b->minor == ANY || a->minor == b->minor);
}

/*
 * Exceptions say the opposite of @allow. The kernel wants all that is asked for at once in one of
 * them, so only what one alone says already is left out.
 */
static void add_exception(struct devrules *set, const struct devrule *rule)
{
	struct devrule *same = NULL;

	for (size_t i = 0; i < set->n; i++) {
		struct devrule *x = &set->items[i];

		if (covers(x, rule) && !(rule->access & ~x->access))
			return;
		if (covers(x, rule) && covers(rule, x))
			same = x;
	}
	if (same)
		same->access |= rule->access;
	else
		set->items[set->n++] = *rule;
}

/* Return: false when part of an exception for several devices would have to go. */
static bool take_back(struct devrules *set, const struct devrule *rule)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct devrule *x = &set->items[i];

		if (covers(rule, x))
			x->access &= ~rule->access;
		else if (overlaps(rule, x) && (rule->access & x->access))
			return false;
		if (x->access)
			set->items[kept++] = *x;
	}
	set->n = kept;
	return true;
}

static const char *line_of(struct arena *a, const struct devrule *r)
{
	char major[24] = "*", minor[24] = "*";

	if (r->major != ANY)
		(void)snprintf(major, sizeof(major), "%lld", (long long)r->major);
	if (r->minor != ANY)
		(void)snprintf(minor, sizeof(minor), "%lld", (long long)r->minor);
	return arena_printf(a, "%c %s:%s %s%s%s", (char)r->type, major, minor,
			    r->access & DEVICE_READ ? "r" : "", r->access & DEVICE_WRITE ? "w" : "",
			    r->access & DEVICE_MKNOD ? "m" : "");
}

int devrules_v1(const struct devrules *rules, struct limits *l, struct err *e)
{
	struct devrules set = {
		.allow = rules->allow,
		.items = arena_new_n(l->arena, struct devrule, rules->n + 1),
	};

	for (size_t i = 0; i < rules->n; i++) {
		const struct devrule *rule = &rules->items[i];

		if (rule->allow != set.allow)
			add_exception(&set, rule);
		else if (!take_back(&set, rule))
			return err_set(e, EINVAL,
				       WHERE ": cgroup v1 cannot take \"%s\" back from an earlier "
					     "rule for more devices",
				       line_of(l->arena, rule));
	}
	(void)limits_add(l, false, "devices", set.allow ? "devices.allow" : "devices.deny", "a",
			 WHERE);
	for (size_t i = 0; i < set.n; i++)
		(void)limits_add(l, false, "devices", set.allow ? "devices.deny" : "devices.allow",
				 line_of(l->arena, &set.items[i]), WHERE);
	return 0;
}
