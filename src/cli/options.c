/* options.c - option tables over getopt_long_only(3) */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hull/fd.h"
#include "hull/json.h"
#include "hull/str.h"

#define HELP_VALUE 'h'
#define FIRST_VALUE 256 /* what getopt returns for row n is FIRST_VALUE + n */

static size_t count(const struct cli_option *options)
{
	size_t n = 0;

	while (options[n].name)
		n++;
	return n;
}

/* The table in getopt's form: a leading ':' tells a missing argument from an unknown option. */
static struct option *long_options(struct arena *a, const struct cli_option *options, char *letters)
{
	size_t n = count(options);
	struct option *l = arena_new_n(a, struct option, n + 2);

	for (size_t i = 0; i < n; i++) {
		l[i] = (struct option){ .name = options[i].name,
					.has_arg = options[i].kind == OPT_BOOL ? optional_argument
									       : required_argument,
					.val = FIRST_VALUE + (int)i };
		if (options[i].letter)
			(void)str_append(letters, 64, "%c%s", options[i].letter,
					 options[i].kind == OPT_BOOL ? "" : ":");
	}
	l[n] = (struct option){ .name = "help", .has_arg = no_argument, .val = HELP_VALUE };
	return l;
}

static const struct cli_option *find(const struct cli_option *options, int value)
{
	if (value >= FIRST_VALUE)
		return &options[value - FIRST_VALUE];
	for (; options->name; options++) {
		if (options->letter == value)
			return options;
	}
	return NULL;
}

static int store_bool(const struct cli_option *o, bool *out, const char *text, struct err *e)
{
	if (!text || str_eq(text, "true") || str_eq(text, "1"))
		*out = true;
	else if (str_eq(text, "false") || str_eq(text, "0"))
		*out = false;
	else
		return err_set(e, EINVAL, "invalid value \"%.60s\" for flag --%s: true or false",
			       text, o->name);
	return 0;
}

static int store(struct arena *a, const struct cli_option *o, void *base, const char *text,
		 struct err *e)
{
	void *out = (char *)base + o->offset;
	struct option_list *list = out;
	uint64_t n;

	switch (o->kind) {
	case OPT_BOOL:
		return store_bool(o, out, text, e);
	case OPT_STRING:
		*(const char **)out = text;
		return 0;
	case OPT_UINT:
		if (str_to_u64(text, INT_MAX, &n) < 0)
			return err_set(e, EINVAL, "invalid value \"%.60s\" for flag --%s: a number",
				       text, o->name);
		*(unsigned *)out = (unsigned)n;
		return 0;
	case OPT_LIST:
		break;
	}
	const char **longer = arena_new_n(a, const char *, list->n + 1);

	if (list->n)
		memcpy(longer, list->items, list->n * sizeof(*longer));
	longer[list->n++] = text;
	list->items = longer;
	return 0;
}

static int refuse(int value, const char *word, struct err *e)
{
	if (value == ':')
		return err_set(e, EINVAL, "flag needs an argument: %.60s", word);
	return err_set(e, EINVAL, "flag provided but not defined: %.60s", word);
}

int cli_parse(struct arena *a, int argc, char **argv, const struct cli_option *options, void *out,
	      bool stop_at_argument, int *ret_first, struct err *e)
{
	char letters[80] = "";
	int value;

	(void)str_append(letters, sizeof(letters), "%s:h", stop_at_argument ? "+" : "");
	struct option *l = long_options(a, options, letters);

	opterr = 0;
	optind = 0; /* glibc: begin anew, and read the '+' again */
	for (;;) {
		int at = optind ? optind : 1;

		value = getopt_long_only(argc, argv, letters, l, NULL);
		if (value == -1)
			break;
		const struct cli_option *o = find(options, value);

		if (value == HELP_VALUE && !o)
			return -ECANCELED;
		if (value == '?' || value == ':' || !o)
			return refuse(value, argv[at < argc ? optind - (optind > at) : at], e);
		int r = store(a, o, out, optarg, e);

		if (r < 0)
			return r;
	}
	*ret_first = optind;
	return 0;
}

void cli_print_options(const struct cli_option *options)
{
	for (; options->name; options++) {
		char left[48];
		const char *value = options->kind == OPT_BOOL   ? ""
				    : options->kind == OPT_UINT ? " N"
								: " VALUE";

		if (options->letter)
			(void)snprintf(left, sizeof(left), "-%c, --%s%s", options->letter,
				       options->name, value);
		else
			(void)snprintf(left, sizeof(left), "    --%s%s", options->name, value);
		(void)printf("  %-30s %s\n", left, options->help);
	}
}

int cli_print_json(struct json_out *o, struct err *e)
{
	size_t len;
	const char *text = json_out_text(o, &len);

	if (!text)
		return err_sys(e, ENOMEM, "write JSON");
	int r = fd_write_all(STDOUT_FILENO, text, len);

	/* yajl ends a pretty document with a newline, a compact one without */
	if (r == 0 && (!len || text[len - 1] != '\n'))
		r = fd_write_all(STDOUT_FILENO, "\n", 1);
	return r < 0 ? err_sys(e, -r, "write to standard output") : 0;
}
