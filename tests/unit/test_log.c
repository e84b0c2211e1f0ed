/* test_log.c - what reaches the log file and standard error; each case is a command of its own */
#include <regex.h>

#include "hull/json.h"
#include "hull/log.h"
#include "unit.h"

/* Where a case logs to, and what its standard error is. */
struct paths {
	const char *log, *err;
	bool (*body)(const struct paths *p);
};

static bool with_streams(void *arg)
{
	const struct paths *p = arg;
	int fd = open(p->err, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	REQUIRE(fd >= 0);
	int real = dup(STDERR_FILENO);

	(void)dup2(fd, STDERR_FILENO);
	bool ok = p->body(p);

	(void)dup2(real, STDERR_FILENO);
	return ok;
}

/* Return: what went to standard error; the log is left for the caller to read. */
static const char *run(bool (*body)(const struct paths *p))
{
	struct paths p = { unit_temp_path("log"), unit_temp_path("err"), body };

	unit_in_child(with_streams, &p);
	return unit_read_file(p.err);
}

static const char *log_text(void)
{
	return unit_read_file(unit_temp_path("log"));
}

static bool matches(const char *text, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	bool ok = regexec(&re, text, 0, NULL, 0) == 0;

	regfree(&re);
	return ok;
}

/* The one line of the log as an object, checked as callers read it: strictly. */
static const struct json *log_object(void)
{
	const char *text = log_text();
	struct json *j = NULL;

	assert_int_equal(strcspn(text, "\n"), strlen(text) - 1);
	if (json_parse(&unit_arena, text, strlen(text), &j, &unit_err) < 0)
		fail_msg("%s: %s", unit_err.text, text);
	assert_int_equal(j->type, JSON_OBJECT);
	return j;
}

static bool open_json(const struct paths *p, enum log_level level)
{
	struct err e;

	REQUIRE(log_open(p->log, true, level, &e) == 0);
	REQUIRE(log_fd() >= 0);
	REQUIRE(fcntl(log_fd(), F_GETFD) == FD_CLOEXEC);
	return true;
}

static const char hostile[] =
	"a\"b\\c/\n\t\x01\x1f\x7f Größe 日本 ก ߿ 😀 \xf4\x8f\xbf\xbf";

static bool json_error(const struct paths *p)
{
	REQUIRE(open_json(p, LEVEL_WARNING));
	log_error("%s", hostile);
	return true;
}

TEST(json_lines_are_what_callers_parse)
{
	(void)run(json_error);
	const struct json *j = log_object();

	assert_string_equal(json_string(j, "level"), "error");
	assert_string_equal(json_string(j, "msg"), hostile);
	assert_int_equal(j->count, 3);
	assert_non_null(strstr(log_text(), " Größe 日本")); /* no more escapes than needed */
	assert_true(matches(json_string(j, "time"),
			    "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
			    "\\.[0-9]{9}Z$"));
	assert_true(matches(log_text(), "^\\{\"level\":\"error\",\"msg\":\""));
}

static bool json_long(const struct paths *p)
{
	char text[8000];

	REQUIRE(open_json(p, LEVEL_DEBUG));
	memset(text, '\x01', sizeof(text)); /* six characters each when escaped */
	text[sizeof(text) - 1] = '\0';
	log_debug("%s", text);
	return true;
}

TEST(a_json_line_that_is_too_long_is_cut_between_characters)
{
	(void)run(json_long);
	const char *msg = json_string(log_object(), "msg");

	assert_true(strlen(msg) > 500);
	assert_int_equal(strspn(msg, "\x01"), strlen(msg));
}

static bool json_long_utf8(const struct paths *p)
{
	char text[8001] = "x";

	REQUIRE(open_json(p, LEVEL_DEBUG));
	while (str_append(text, sizeof(text), "%s", "日"))
		;
	log_debug("%s", text);
	return true;
}

TEST(a_json_line_is_not_cut_inside_a_character_of_several_bytes)
{
	(void)run(json_long_utf8);
	const char *msg = json_string(log_object(), "msg");

	assert_true(strlen(msg) > 3000);
	assert_int_equal(strlen(msg) % 3, 1);
}

static bool json_bad_utf8(const struct paths *p)
{
	REQUIRE(open_json(p, LEVEL_WARNING));
	log_error("open /caf\xe9: no such file or directory"); /* Latin-1 */
	return true;
}

TEST(a_name_that_is_not_utf8_does_not_spoil_the_json)
{
	(void)run(json_bad_utf8);
	assert_true(str_has_prefix(json_string(log_object(), "msg"), "open /caf"));
}

static bool text_error(const struct paths *p)
{
	struct err e;
	char target[200];

	(void)snprintf(target, sizeof(target), "file:%s", p->log);
	REQUIRE(log_open(target, false, LEVEL_WARNING, &e) == 0);
	log_error("create %s: it failed", "web");
	return true;
}

TEST(errors_go_to_the_log_and_to_standard_error)
{
	assert_string_equal(run(text_error), "hull: create web: it failed\n");
	assert_true(matches(log_text(), "^20[^ ]+Z error: create web: it failed\n$"));
}

TEST(a_log_is_appended_to)
{
	struct stat st;

	(void)umask(022);
	(void)run(text_error);
	(void)run(text_error);
	assert_true(matches(log_text(), "^[^\n]*it failed\n[^\n]*it failed\n$"));
	assert_int_equal(stat(unit_temp_path("log"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static bool no_log(const struct paths *p)
{
	(void)p;
	log_warn("a warning");
	log_error("the error");
	log_flush();
	return true;
}

TEST(without_a_log_only_the_error_reaches_a_standard_error_that_is_no_terminal)
{
	assert_string_equal(run(no_log), "hull: the error\n");
}

static bool fails_after_warnings(const struct paths *p)
{
	REQUIRE(open_json(p, LEVEL_WARNING));
	log_warn("first");
	log_warn("second");
	log_error("the reason");
	return true; /* and no log_flush(), for the command has failed */
}

TEST(a_failed_command_logs_its_error_alone)
{
	(void)run(fails_after_warnings);
	assert_string_equal(json_string(log_object(), "msg"), "the reason");
}

static bool succeeds_after_warnings(const struct paths *p)
{
	struct err e;

	REQUIRE(log_open(p->log, false, LEVEL_WARNING, &e) == 0);
	log_warn("first %d", 1);
	log_warn("second");
	REQUIRE(lseek(log_fd(), 0, SEEK_END) == 0); /* nothing yet */
	log_flush();
	log_flush(); /* says nothing twice */
	return true;
}

TEST(held_warnings_come_in_order_and_once)
{
	assert_string_equal(run(succeeds_after_warnings), "");
	assert_true(matches(log_text(), "^[^\n]* warning: first 1\n[^\n]* warning: second\n$"));
}

static bool many_warnings(const struct paths *p)
{
	struct err e;

	REQUIRE(log_open(p->log, false, LEVEL_WARNING, &e) == 0);
	for (int i = 0; i < 5000; i++)
		log_warn("warning number %d", i);
	log_warn("%20000s", "long");
	log_flush();
	return true;
}

TEST(too_many_warnings_lose_the_last_ones_only)
{
	(void)run(many_warnings);
	const char *text = log_text();

	assert_non_null(strstr(text, "warning number 0\n"));
	assert_non_null(strstr(text, "warning number 100\n"));
	assert_null(strstr(text, "warning number 4999\n"));
	assert_null(strstr(text, "long"));
	assert_true(str_has_suffix(text, "\n"));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(matches(arena_strndup(&unit_arena, line, strcspn(line, "\n")),
				    " warning: warning number [0-9]+$"));
}

static bool only_errors(const struct paths *p)
{
	struct err e;

	REQUIRE(log_open(p->log, false, LEVEL_ERROR, &e) == 0);
	log_warn("a warning");
	log_debug("a detail");
	log_error("an error");
	log_flush();
	return true;
}

static bool everything(const struct paths *p)
{
	struct err e;

	REQUIRE(log_open(p->log, false, LEVEL_DEBUG, &e) == 0);
	log_warn("a warning");
	log_debug("a detail");
	log_flush();
	return true;
}

TEST(levels_decide_what_is_written)
{
	(void)run(only_errors);
	assert_true(matches(log_text(), "^[^\n]* error: an error\n$"));
	(void)unlink(unit_temp_path("log"));
	(void)run(everything);
	assert_true(matches(log_text(), "^[^\n]* debug: a detail\n[^\n]* warning: a warning\n$"));
}

static bool debug_without_log(const struct paths *p)
{
	struct err e;

	(void)p;
	REQUIRE(log_open(NULL, false, LEVEL_DEBUG, &e) == 0);
	REQUIRE(log_fd() == -1);
	log_debug("a detail");
	return true;
}

TEST(details_go_to_standard_error_without_a_log)
{
	assert_string_equal(run(debug_without_log), "hull: a detail\n");
}

static bool system_log(const struct paths *p)
{
	struct err e;

	(void)p;
	REQUIRE(log_open("syslog:hull-unit", false, LEVEL_ERROR, &e) == 0);
	REQUIRE(log_fd() == -1);
	REQUIRE(log_open("journald:hull-unit", false, LEVEL_ERROR, &e) == 0);
	REQUIRE(log_fd() == -1);
	REQUIRE(access("syslog:hull-unit", F_OK) < 0 && access("journald:hull-unit", F_OK) < 0);
	return true;
}

TEST(the_system_log_is_no_file)
{
	assert_string_equal(run(system_log), "");
}

static bool bad_target(const struct paths *p)
{
	struct err e;

	(void)p;
	REQUIRE(log_open("/nonexistent/log", false, LEVEL_ERROR, &e) == -ENOENT);
	REQUIRE(!strcmp(e.text, "--log /nonexistent/log: open: no such file or directory"));
	return true;
}

TEST(a_log_that_cannot_be_opened_is_named)
{
	(void)run(bad_target);
}
