/* str.h - strict numbers and small string helpers */
#ifndef HULL_STR_H
#define HULL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * str_to_u64() - one decimal number and nothing else
 *
 * No sign, no blanks, no other base, no trailing text: the lenient strtoul() turned user ids into
 * root elsewhere (CVE-2026-30892, CVE-2016-3697).
 *
 * Return: 0, -EINVAL for anything but digits, -ERANGE above @max. @ret is untouched on failure.
 */
int str_to_u64(const char *s, uint64_t max, uint64_t *ret);

/* str_to_i64() - as str_to_u64(), with an optional leading '-' and a lower bound */
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* str_to_bytes() - a count with an optional unit b, k, m, g, t (powers of 1024), or -1 */
int str_to_bytes(const char *s, int64_t *ret);

/**
 * str_to_duration() - nanoseconds of a time as Go writes it: "5s", "1m30s", "1.5h", "-250ms"
 *
 * Units are h, m, s, ms, us (or the micro sign and s) and ns; only 0 goes without one.
 *
 * Return: 0, -EINVAL for another form, -ERANGE.
 */
int str_to_duration(const char *s, int64_t *ret);

/**
 * str_to_mask() - a list of numbers and ranges, "0-3, 7", as bits
 * @list: cpuset(7) "List format"; NULL and "" set no bit
 * @mask: @bits of them, all written
 *
 * Return: 0, -EINVAL for another form, -ERANGE for a number of @bits or more.
 */
int str_to_mask(const char *list, unsigned long *mask, size_t bits);

/**
 * str_utc() - a time as RFC 3339 wants it, with nanoseconds: "2026-11-24T18:15:45.123456789Z"
 *
 * gmtime(3) would read /etc/localtime first, in seven system calls, for a zone it does not use.
 */
#define STR_UTC_SIZE 72 /* 31 are used; gcc counts every number as ten digits */
struct timespec;
void str_utc(const struct timespec *t, char ret[STR_UTC_SIZE]);

/* str_append() - strlcat that tells whether all of it fitted; @size counts the NUL */
bool str_append(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* str_flatten() - control characters to '?': a line break in a name would forge a second line */
void str_flatten(char *s);

/* str_utf8_length() - how many bytes the UTF-8 character at @s has, or 0 when there is none */
size_t str_utf8_length(const char *s);

/* str_not_utf8() - the first byte of @s that is none of a UTF-8 character, or NULL */
char *str_not_utf8(const char *s);

bool str_eq(const char *a, const char *b);
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);

/* str_or() - @s, or @fallback when @s is NULL */
const char *str_or(const char *s, const char *fallback);

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
