/* log.c - text or JSON lines; the only mutable state at file level in hull */
#include "hull/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"

#define LINE_SIZE 4096
#define HELD_SIZE 8192

static struct {
	int fd;      /* -1: no log file */
	bool system; /* syslog(3) in its place */
	bool json;
	enum log_level level;
	char ident[64]; /* syslog keeps the pointer */
} out = { .fd = -1, .level = LEVEL_WARNING };

/* NUL-separated warnings; by themselves, for what begins as zeros takes no room in the program */
static char held[HELD_SIZE];
static size_t held_len;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

int log_open(const char *target, bool json, enum log_level level, struct err *e)
{
	out.json = json;
	out.level = level;
	if (!target)
		return 0;
	if (str_has_prefix(target, "journald:") || str_has_prefix(target, "syslog:")) {
		(void)snprintf(out.ident, sizeof(out.ident), "%s", strchr(target, ':') + 1);
		openlog(out.ident, LOG_PID, LOG_USER);
		out.system = true;
		return 0;
	}
	if (str_has_prefix(target, "file:"))
		target += strlen("file:");
	/* of a FIFO neither the open nor a line waits for somebody to read it */
	out.fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		      0644);
	if (out.fd < 0 && errno == ENXIO)
		return err_set(e, ENXIO, "--log %s: nobody reads it", target);
	return out.fd < 0 ? err_errno(e, "--log %s: open", target) : 0;
}

/*
 * Appends @s as the inside of a JSON string. A full buffer cuts between characters, and bytes that
 * are no UTF-8 (a file name may hold any) become '?': half a character or escape would make the
 * line unreadable for those who parse it.
 */
static void json_escape(char *buf, size_t size, const char *s)
{
	for (size_t n; *s; s += n ? n : 1) {
		char one[8] = "?";

		n = str_utf8_length(s);
		if (*s == '"' || *s == '\\')
			(void)snprintf(one, sizeof(one), "\\%c", *s);
		else if (*s > 0 && *s < 0x20)
			(void)snprintf(one, sizeof(one), "\\u%04x", (unsigned)*s);
		else if (n)
			(void)snprintf(one, sizeof(one), "%.*s", (int)n, s);
		if (strlen(buf) + strlen(one) >= size)
			return;
		(void)str_append(buf, size, "%s", one);
	}
}

/* One line by one write, so that lines of concurrent commands do not mix. */
static void write_line(int fd, enum log_level level, const char *text)
{
	char line[LINE_SIZE] = "", when[STR_UTC_SIZE];
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	str_utc(&now, when);
	if (out.json) {
		(void)str_append(line, sizeof(line) - 64, "{\"level\":\"%s\",\"msg\":\"",
				 level_names[level]);
		json_escape(line, sizeof(line) - 64, text);
		(void)str_append(line, sizeof(line), "\",\"time\":\"%s\"}\n", when);
	} else {
		(void)str_append(line, sizeof(line) - 1, "%s %s: %s", when, level_names[level],
				 text);
		str_flatten(line);
		(void)str_append(line, sizeof(line), "\n");
	}
	(void)fd_write_all(fd, line, strlen(line)); /* a full disk must not fail the command */
}

static void emit(enum log_level level, const char *text)
{
	static const int priority[] = { 3, 4, 6, 7 }; /* syslog(3): err, warning, info, debug */

	if (out.system)
		syslog(priority[level], "%s", text);
	else if (out.fd >= 0)
		write_line(out.fd, level, text);
}

static void to_stderr(const char *text)
{
	char line[LINE_SIZE] = "";

	(void)str_append(line, sizeof(line) - 1, "hull: %s", text);
	str_flatten(line);
	(void)str_append(line, sizeof(line), "\n");
	(void)fd_write_all(STDERR_FILENO, line, strlen(line)); /* nowhere left to say so */
}

static bool have_log(void)
{
	return out.system || out.fd >= 0;
}

void log_warn(const char *fmt, ...)
{
	char *p = held + held_len;
	size_t room = sizeof(held) - held_len;
	va_list ap;

	if (out.level < LEVEL_WARNING || room < 2)
		return;
	va_start(ap, fmt);
	int n = vsnprintf(p, room - 1, fmt, ap);

	va_end(ap);
	if (n > 0 && (size_t)n < room - 1)
		held_len += (size_t)n + 1;
}

void log_flush(void)
{
	for (size_t i = 0; i < held_len; i += strlen(held + i) + 1) {
		emit(LEVEL_WARNING, held + i);
		if (!have_log() && isatty(STDERR_FILENO))
			to_stderr(held + i);
	}
	held_len = 0;
}

void log_debug(const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list ap;

	if (out.level < LEVEL_DEBUG)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (have_log())
		emit(LEVEL_DEBUG, text);
	else
		to_stderr(text);
}

void log_error(const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	emit(LEVEL_ERROR, text);
	to_stderr(text);
}

int log_fd(void)
{
	return out.fd;
}
