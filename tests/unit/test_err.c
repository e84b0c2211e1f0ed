/* test_err.c - the one line that reaches the user */
#include "unit.h"

TEST(set_returns_the_negative_and_formats)
{
	assert_int_equal(err_set(&unit_err, ENOENT, "mounts[%d] %s", 3, "/data"), -ENOENT);
	assert_int_equal(unit_err.num, ENOENT);
	assert_string_equal(unit_err.text, "mounts[3] /data");
}

TEST(line_breaks_and_escapes_cannot_forge_a_line)
{
	(void)err_set(&unit_err, EINVAL, "a\nb\tc\033[1m\177d\re");
	assert_string_equal(unit_err.text, "a?b?c?[1m?d?e");
	(void)err_wrap(&unit_err, "x\ny");
	assert_string_equal(unit_err.text, "x?y: a?b?c?[1m?d?e");
}

TEST(letters_beyond_ascii_stay)
{
	(void)err_set(&unit_err, EINVAL, "/straße/日本");
	assert_string_equal(unit_err.text, "/straße/日本");
}

TEST(text_that_is_too_long_is_cut_and_terminated)
{
	char name[2000];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	(void)err_set(&unit_err, EINVAL, "%s", name);
	assert_int_equal(strlen(unit_err.text), sizeof(unit_err.text) - 1);
}

TEST(sys_appends_the_kernels_words)
{
	assert_int_equal(err_sys(&unit_err, ENOENT, "open %s", "/x"), -ENOENT);
	assert_string_equal(unit_err.text, "open /x: no such file or directory");
}

TEST(sys_keeps_the_kernels_words_after_a_long_name)
{
	char name[2000];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	(void)err_sys(&unit_err, EACCES, "open %s", name);
	assert_true(str_has_suffix(unit_err.text, ": permission denied"));
}

TEST(sys_shows_a_percent_sign_of_the_name_as_it_is)
{
	(void)err_sys(&unit_err, ENOENT, "open %s", "/%s%n");
	assert_string_equal(unit_err.text, "open /%s%n: no such file or directory");
}

TEST(wrap_puts_the_context_in_front)
{
	(void)err_sys(&unit_err, EPERM, "mount_setattr");
	assert_int_equal(err_wrap(&unit_err, "mounts[%d] %s", 3, "/data"), -EPERM);
	assert_int_equal(err_wrap(&unit_err, "create %s", "web"), -EPERM);
	assert_string_equal(unit_err.text,
			    "create web: mounts[3] /data: mount_setattr: operation not permitted");
	assert_int_equal(unit_err.num, EPERM);
}

TEST(wrap_with_a_long_context_leaves_the_reason_readable)
{
	char name[2000];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	(void)err_set(&unit_err, EPERM, "the reason");
	(void)err_wrap(&unit_err, "%s", name);
	assert_true(str_has_suffix(unit_err.text, ": the reason"));
	assert_true(str_has_prefix(unit_err.text, "nnn"));
}

TEST(text_lowers_the_first_letter_of_a_sentence_only)
{
	assert_string_equal(err_text(ENOENT), "no such file or directory");
	assert_string_equal(err_text(EPERM), "operation not permitted");
	assert_string_equal(err_text(EDOTDOT), "RFS specific error");
	assert_string_equal(err_text(4000), "unknown error 4000");
}
