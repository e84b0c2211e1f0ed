/* str.c - strict numbers and small string helpers */
#include "hull/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

static const struct {
	const char *name;
	int64_t ns;
} time_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\u00b5s", 1000 }, /* micro sign */
	{ "\u03bcs", 1000 }, /* Greek letter mu */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", INT64_C(60000000000) },
	{ "h", INT64_C(3600000000000) },
};

/* The longest unit that @s begins with: "ms" is not minutes. Return: its length, or 0. */
static size_t time_unit(const char *s, int64_t *ret_ns)
{
	size_t best = 0;

	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++) {
		size_t n = strlen(time_units[i].name);

		if (n > best && str_has_prefix(s, time_units[i].name)) {
			best = n;
			*ret_ns = time_units[i].ns;
		}
	}
	return best;
}

/* One number with its unit, "1.5h". Return: 0 with @s moved behind it, -EINVAL or -ERANGE. */
static int time_part(const char **s, int64_t *ret)
{
	size_t n = strspn(*s, "0123456789"), fraction = 0;
	const char *digits = *s, *decimals = *s + n + 1;
	int64_t whole = 0, unit = 0, part = 0;

	if ((*s)[n] == '.')
		fraction = strspn(decimals, "0123456789");
	if (!n && !fraction)
		return -EINVAL;
	*s += n + (*(digits + n) == '.' ? 1 + fraction : 0);
	size_t len = time_unit(*s, &unit);

	if (!len)
		return -EINVAL;
	*s += len;
	for (size_t i = 0; i < n; i++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, digits[i] - '0', &whole))
			return -ERANGE;
	}
	for (int64_t place = unit / 10; fraction && place; fraction--, place /= 10)
		part += (*decimals++ - '0') * place;
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, part, &whole))
		return -ERANGE;
	*ret = whole;
	return 0;
}

int str_to_duration(const char *s, int64_t *ret)
{
	bool negative = *s == '-';
	int64_t sum = 0;

	s += *s == '-' || *s == '+';
	if (!strcmp(s, "0")) {
		*ret = 0;
		return 0;
	}
	if (!*s)
		return -EINVAL;
	while (*s) {
		int64_t part;
		int r = time_part(&s, &part);

		if (r < 0)
			return r;
		if (__builtin_add_overflow(sum, part, &sum))
			return -ERANGE;
	}
	*ret = negative ? -sum : sum;
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

/* The date of a day after 1970-01-01, by years that begin in March: a leap day comes last. */
static void date_of(int64_t day, unsigned *year, unsigned *month, unsigned *mday)
{
	const int64_t from_0000_03_01 = day + 719468;
	unsigned era = (unsigned)(from_0000_03_01 / 146097); /* of 400 years */
	unsigned n = (unsigned)(from_0000_03_01 % 146097);
	unsigned y = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	unsigned yday = n - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * yday + 2) / 153; /* 31, 30, 31, 30, 31, twice and the rest */

	*mday = yday - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = era * 400 + y + (*month <= 2);
}

void str_utc(const struct timespec *t, char ret[STR_UTC_SIZE])
{
	unsigned second = (unsigned)(t->tv_sec % 86400), year, month, mday;

	date_of(t->tv_sec / 86400, &year, &month, &mday);
	(void)snprintf(ret, STR_UTC_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ", year % 10000,
		       month, mday, second / 3600, second / 60 % 60, second % 60,
		       (unsigned)(t->tv_nsec % 1000000000));
}

size_t str_utf8_length(const char *s)
{
	unsigned char c = (unsigned char)s[0], second = c ? (unsigned char)s[1] : 0;
	size_t n = 0;

	/* longer than need be, of surrogates, and beyond U+10FFFF */
	if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
	    (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
		return 0;
	if (c < 0x80)
		n = 1;
	else if (c >= 0xc2 && c < 0xf5)
		n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

char *str_not_utf8(const char *s)
{
	for (size_t n; *s; s += n) {
		n = str_utf8_length(s);
		if (!n)
			return (char *)s;
	}
	return NULL;
}
