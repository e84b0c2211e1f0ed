/* systemd_value.h - values of D-Bus: what unit properties and the manager's methods take */
#ifndef HULL_CGROUP_SYSTEMD_VALUE_H
#define HULL_CGROUP_SYSTEMD_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hull/arena.h"
#include "hull/err.h"

/**
 * struct value - one value of any type
 * @type: its D-Bus signature: "s", "t", "ay", "a(st)"; "v" has the value inside as its one item
 * @number: of an integer or a boolean, in two's complement
 * @real: of a "d"
 * @string: of an "s", "o" or "g"
 * @items: elements of an array, members of a structure
 */
struct value {
	const char *type;
	uint64_t number;
	double real;
	const char *string;
	size_t n;
	struct value *items;
};

/* Makers of the types that hull itself sends; all in the arena. */
struct value value_u64(uint64_t n);
struct value value_bool(bool b);
struct value value_string(const char *s);
struct value value_bytes(struct arena *a, const uint8_t *bytes, size_t n);
struct value value_variant(struct arena *a, struct value inner);

/* value_list() - an array of @n values of one type, or for @n of 0 of type @element */
struct value value_list(struct arena *a, const char *element, const struct value *items, size_t n);

/* value_tuple() - a structure of @n values */
struct value value_tuple(struct arena *a, const struct value *items, size_t n);

/**
 * value_parse() - a value in GVariant's text format, as callers write unit properties
 * @where: for messages: whose value it is
 *
 * Booleans, integers ("15" is an "i", "uint64 15" a "t"), doubles, strings in either quote, arrays,
 * tuples, and "@as []" for a type that cannot be seen. No dictionaries, variants or byte strings:
 * no property of a scope has one.
 *
 * Return: 0 or -EINVAL.
 */
int value_parse(struct arena *a, const char *text, const char *where, struct value *ret,
		struct err *e);

#endif
