/* test_str.c - strict numbers and small string helpers */
#include <time.h>

#include "unit.h"

static void assert_u64(const char *s, uint64_t max, uint64_t expected)
{
	uint64_t n = 77;

	assert_int_equal(str_to_u64(s, max, &n), 0);
	assert_int_equal(n, expected);
}

static void refuse_u64(const char *s, uint64_t max, int expected)
{
	uint64_t n = 77;

	assert_int_equal(str_to_u64(s, max, &n), expected);
	assert_int_equal(n, 77);
}

TEST(u64_takes_decimal_digits)
{
	assert_u64("0", UINT64_MAX, 0);
	assert_u64("1000", UINT64_MAX, 1000);
	assert_u64("007", UINT64_MAX, 7); /* no octal */
	assert_u64("9223372036854775808", UINT64_MAX, (uint64_t)INT64_MAX + 1);
	assert_u64("18446744073709551615", UINT64_MAX, UINT64_MAX);
}

TEST(u64_refuses_everything_else)
{
	static const char *const bad[] = { "",   " ",   " 1",   "1 ",  "+1", "-1",  "-0",
					   "0x", "0x1", "1e3",  "1.0", "a",  "1a",  "\n1",
					   "1,", "١",   "1\n2", "--1", "-",  "1_0", "nan" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuse_u64(bad[i], UINT64_MAX, -EINVAL);
	refuse_u64(NULL, UINT64_MAX, -EINVAL);
}

TEST(u64_keeps_its_bound)
{
	assert_u64("100", 100, 100);
	refuse_u64("101", 100, -ERANGE);
	assert_u64("0", 0, 0);
	refuse_u64("1", 0, -ERANGE);
	assert_u64("4294967295", UINT32_MAX, UINT32_MAX);
	refuse_u64("4294967296", UINT32_MAX, -ERANGE);
}

TEST(u64_sees_overflow)
{
	refuse_u64("18446744073709551616", UINT64_MAX, -ERANGE);
	refuse_u64("18446744073709551620", UINT64_MAX, -ERANGE);
	refuse_u64("99999999999999999999999999999999", UINT64_MAX, -ERANGE);
}

static void assert_i64(const char *s, int64_t min, int64_t max, int64_t expected)
{
	int64_t n = 77;

	assert_int_equal(str_to_i64(s, min, max, &n), 0);
	assert_true(n == expected);
}

static void refuse_i64(const char *s, int64_t min, int64_t max, int expected)
{
	int64_t n = 77;

	assert_int_equal(str_to_i64(s, min, max, &n), expected);
	assert_true(n == 77);
}

TEST(i64_takes_the_whole_type)
{
	assert_i64("-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN);
	assert_i64("9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX);
	assert_i64("-1", INT64_MIN, INT64_MAX, -1);
	assert_i64("-0", INT64_MIN, INT64_MAX, 0);
	refuse_i64("-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE);
	refuse_i64("9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE);
	refuse_i64("18446744073709551615", INT64_MIN, INT64_MAX, -ERANGE);
}

TEST(i64_keeps_both_bounds)
{
	assert_i64("-1000", -1000, 1000, -1000);
	assert_i64("1000", -1000, 1000, 1000);
	refuse_i64("-1001", -1000, 1000, -ERANGE);
	refuse_i64("1001", -1000, 1000, -ERANGE);
}

TEST(i64_refuses_other_text)
{
	refuse_i64("--1", INT64_MIN, INT64_MAX, -EINVAL);
	refuse_i64("-", INT64_MIN, INT64_MAX, -EINVAL);
	refuse_i64("- 1", INT64_MIN, INT64_MAX, -EINVAL);
	refuse_i64("+1", INT64_MIN, INT64_MAX, -EINVAL);
	refuse_i64("", INT64_MIN, INT64_MAX, -EINVAL);
	refuse_i64(NULL, INT64_MIN, INT64_MAX, -EINVAL);
}

static void assert_bytes(const char *s, int64_t expected)
{
	int64_t n = 77;

	assert_int_equal(str_to_bytes(s, &n), 0);
	assert_true(n == expected);
}

static void refuse_bytes(const char *s, int expected)
{
	int64_t n = 77;

	assert_int_equal(str_to_bytes(s, &n), expected);
	assert_true(n == 77);
}

TEST(bytes_with_units)
{
	assert_bytes("0", 0);
	assert_bytes("4096", 4096);
	assert_bytes("10b", 10);
	assert_bytes("1k", 1024);
	assert_bytes("512m", 512LL << 20);
	assert_bytes("2G", 2LL << 30);
	assert_bytes("3T", 3LL << 40);
	assert_bytes("-1", -1);
	assert_bytes("9223372036854775807", INT64_MAX);
	assert_bytes("8388607t", 8388607LL << 40);
}

TEST(bytes_refuse_overflow_and_other_text)
{
	static const char *const bad[] = { "",   "k",  "1.5m",   "1kb", "1 k",
					   " 1", "1p", "1000bk", "kk",  "0x10" };

	refuse_bytes("1111111111111111111111111111111111111111111111", -EINVAL);
	refuse_bytes("-2", -ERANGE);
	refuse_bytes("-1k", -ERANGE);
	refuse_bytes("9223372036854775808", -ERANGE);
	refuse_bytes("9223372036854775807k", -ERANGE);
	refuse_bytes("8388608t", -ERANGE);
	refuse_bytes("16777216t", -ERANGE); /* 2^64 */
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuse_bytes(bad[i], -EINVAL);
}

static void lasts(const char *s, int64_t expected)
{
	int64_t ns = 77;

	if (str_to_duration(s, &ns) < 0)
		fail_msg("%s is refused", s);
	assert_int_equal(ns, expected);
}

TEST(durations_as_go_writes_them)
{
	lasts("5s", 5000000000);
	lasts("0", 0);
	lasts("0s", 0);
	lasts("+1h", 3600000000000);
	lasts("-1m", -60000000000);
	lasts("1h2m3.5s", 3723500000000);
	lasts("100ms", 100000000);
	lasts("1us", 1000);
	lasts("1\u00b5s", 1000);
	lasts("1\u03bcs", 1000);
	lasts("7ns", 7);
	lasts(".5s", 500000000);
	lasts("1.s", 1000000000);
	lasts("0.1234567891s", 123456789);
	lasts("2562047h", 9223369200000000000);
}

TEST(durations_refuse_everything_else)
{
	static const char *const bad[] = { "",   "5",    "s",   "5 s",  " 5s",  "5s ", "5x",  "1d",
					   ".s", "--5s", "5s5", "1e3s", "0x5s", "-",   "1,5s" };
	int64_t ns = 77;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (str_to_duration(bad[i], &ns) != -EINVAL)
			fail_msg("\"%s\" is not refused", bad[i]);
	}
	assert_int_equal(str_to_duration("2562048h", &ns), -ERANGE);
	assert_int_equal(str_to_duration("99999999999999999999s", &ns), -ERANGE);
	assert_int_equal(str_to_duration("2562047h2562047h", &ns), -ERANGE);
	assert_int_equal(ns, 77);
}

TEST(append_tells_whether_it_fitted)
{
	char buf[8] = "";

	assert_true(str_append(buf, sizeof(buf), "%s", "abc"));
	assert_true(str_append(buf, sizeof(buf), "%d", 1234));
	assert_string_equal(buf, "abc1234"); /* seven and the NUL: exactly full */
	assert_false(str_append(buf, sizeof(buf), "x"));
	assert_string_equal(buf, "abc1234");
	assert_true(str_append(buf, sizeof(buf), "%s", ""));
}

TEST(append_cuts_what_does_not_fit)
{
	char buf[6] = "ab";

	assert_false(str_append(buf, sizeof(buf), "%s", "cdefgh"));
	assert_string_equal(buf, "abcde");
}

TEST(comparing)
{
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "b"));
	assert_false(str_eq("a", NULL));
	assert_false(str_eq(NULL, "a"));
	assert_false(str_eq(NULL, NULL)); /* two absent values are not the same value */
}

TEST(beginnings_and_ends)
{
	assert_true(str_has_prefix("/proc/sys", "/proc/"));
	assert_true(str_has_prefix("abc", ""));
	assert_true(str_has_prefix("abc", "abc"));
	assert_false(str_has_prefix("/proc", "/proc/"));
	assert_true(str_has_suffix("cgroup.procs", ".procs"));
	assert_true(str_has_suffix("abc", ""));
	assert_true(str_has_suffix("abc", "abc"));
	assert_false(str_has_suffix("procs", "cgroup.procs"));
	assert_false(str_has_suffix("abcd", "abc"));
}

TEST(or_falls_back_for_null_only)
{
	assert_string_equal(str_or("a", "b"), "a");
	assert_string_equal(str_or("", "b"), "");
	assert_string_equal(str_or(NULL, "b"), "b");
}

static void assert_mask(const char *list, unsigned long expected)
{
	unsigned long mask[2] = { 77, 77 };

	assert_int_equal(str_to_mask(list, mask, 128), 0);
	assert_int_equal(mask[0], expected);
	assert_int_equal(mask[1], 0);
}

TEST(a_mask_is_a_list_of_numbers_and_ranges)
{
	assert_mask(NULL, 0);
	assert_mask("", 0);
	assert_mask("0", 1);
	assert_mask("0-3", 0xf);
	assert_mask("0-3,7", 0x8f);
	assert_mask(" 1 , 4 - 5", 0x32);
	assert_mask("5,5-5,4-5", 0x30);
	unsigned long mask[2];

	assert_int_equal(str_to_mask("63-64,127", mask, 128), 0);
	assert_int_equal(mask[0], 1UL << 63);
	assert_int_equal(mask[1], 1UL | 1UL << 63);
}

TEST(a_mask_refuses_everything_else)
{
	static const char *const bad[] = { "x",  "-",  "-1",   "0-",  "0--1",
					   "1,", ",1", "1,,2", "3-1", "1 2" };
	unsigned long mask[2];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(str_to_mask(bad[i], mask, 128), -EINVAL);
	assert_int_equal(str_to_mask("128", mask, 128), -ERANGE);
	assert_int_equal(str_to_mask("99999999999999999999999", mask, 128), -ERANGE);
}

TEST(a_time_reads_as_gmtime_has_it)
{
	char expected[64], got[STR_UTC_SIZE];

	/* every 5 days and some hours from 1970 to 2200: all months, leap years, a skipped one */
	for (time_t at = 0; at < 7258118400; at += 5 * 86400 + 12345) {
		const struct timespec t = { .tv_sec = at, .tv_nsec = at % 1000000000 };
		struct tm tm;

		assert_non_null(gmtime_r(&at, &tm));
		size_t n = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);

		(void)snprintf(expected + n, sizeof(expected) - n, ".%09ldZ", t.tv_nsec);
		str_utc(&t, got);
		assert_string_equal(got, expected);
	}
}
