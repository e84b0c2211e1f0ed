/* str.c - strict numbers and small string helpers */
#include "hull/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int str_to_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s || !*s)
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -ERANGE;
	}
	if (v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = s && *s == '-';
	uint64_t u;
	int r = str_to_u64(negative ? s + 1 : s, negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX,
			   &u);

	if (r < 0)
		return r;
	int64_t v = negative ? (int64_t)(0 - u) : (int64_t)u;

	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int str_to_bytes(const char *s, int64_t *ret)
{
	static const char units[] = "bkmgt";
	char digits[32];
	size_t n = strlen(s);
	unsigned shift = 0;
	int64_t v;

	if (!strcmp(s, "-1")) {
		*ret = -1;
		return 0;
	}
	if (!n || n >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, s, n + 1);
	const char *unit = strchr(units, tolower((unsigned char)digits[n - 1]));

	if (unit) {
		shift = 10 * (unsigned)(unit - units);
		digits[n - 1] = '\0';
	}
	int r = str_to_i64(digits, 0, INT64_MAX >> shift, &v);

	if (r < 0)
		return r;
	*ret = v << shift;
	return 0;
}

/* One number; blanks around it do not count. Return: where it ends, or NULL. */
static const char *mask_number(const char *p, size_t bits, size_t *ret, int *why)
{
	size_t n = 0;

	p += strspn(p, " ");
	*why = -EINVAL;
	if (*p < '0' || *p > '9')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = 10 * n + (size_t)(*p - '0');
		if (n >= bits) {
			*why = -ERANGE;
			return NULL;
		}
	}
	*ret = n;
	return p + strspn(p, " ");
}

int str_to_mask(const char *list, unsigned long *mask, size_t bits)
{
	const size_t word = 8 * sizeof(*mask);
	const char *p = list ? list : "";
	size_t first = 0, last = 0;
	int why = 0;

	memset(mask, 0, (bits + word - 1) / word * sizeof(*mask));
	while (*p) {
		p = mask_number(p, bits, &first, &why);
		last = first;
		if (p && *p == '-')
			p = mask_number(p + 1, bits, &last, &why);
		if (!p)
			return why;
		if (last < first || (*p && *p != ',') || (*p == ',' && !p[1]))
			return -EINVAL;
		for (; first <= last; first++)
			mask[first / word] |= 1UL << first % word;
		p += *p == ',';
	}
	return 0;
}

bool str_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(buf + used, size - used, fmt, ap);

	va_end(ap);
	return n >= 0 && (size_t)n < size - used;
}

void str_flatten(char *s)
{
	for (; *s; s++) {
		if (iscntrl((unsigned char)*s))
			*s = '?';
	}
}

bool str_eq(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

const char *str_or(const char *s, const char *fallback)
{
	return s ? s : fallback;
}
