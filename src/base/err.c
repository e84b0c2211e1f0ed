/* err.c - building the one line that reaches the user */
#include "hull/err.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hull/str.h"

int err_set(struct err *e, int num, const char *fmt, ...)
{
	va_list ap;

	e->num = num;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap); /* a cut text is still the right text */
	va_end(ap);
	str_flatten(e->text);
	return -num;
}

__attribute__((format(printf, 3, 0))) static int set_sys(struct err *e, int num, const char *fmt,
							 va_list ap)
{
	char what[sizeof(e->text)];

	(void)vsnprintf(what, sizeof(what), fmt, ap);
	/* an old kernel, or a profile of who confines hull that is older than the call */
	const char *hint =
		num == ENOSYS
			? " (hull needs Linux 5.12 and a seccomp profile that allows its calls)"
			: "";

	return err_set(e, num, "%.400s: %s%s", what, err_text(num), hint);
}

int err_sys(struct err *e, int num, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int r = set_sys(e, num, fmt, ap);

	va_end(ap);
	return r;
}

int err_errno(struct err *e, const char *fmt, ...)
{
	int num = errno;
	va_list ap;

	va_start(ap, fmt);
	int r = set_sys(e, num, fmt, ap);

	va_end(ap);
	return r;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->text)], context[sizeof(e->text)];
	va_list ap;

	memcpy(inner, e->text, sizeof(inner));
	va_start(ap, fmt);
	(void)vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	return err_set(e, e->num, "%.255s: %.255s", context, inner);
}

const char *err_text(int num)
{
	static char text[128];

	(void)snprintf(text, sizeof(text), "%s", strerror(num));
	/* "RFS specific error" and the like keep their capitals */
	if (text[0] && islower((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}
