/*
 * cli.c - print what the command line's tables say, for the manual and for shells
 *
 *   cli man <hull.8.in    the manual page: each ".\" OPTIONS command" line becomes that command's
 *                         synopsis and options, ".\" OPTIONS" those that stand before a command
 *   cli bash|zsh|fish     completion
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "hull/str.h"

static const struct command *find(const char *name)
{
	const struct command *const *c = commands;

	while (*c && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

/* The first argument is a container's id. */
static bool takes_id(const struct command *c)
{
	return str_has_prefix(c->arguments, "ID") && strcmp(c->name, "create") != 0 &&
	       strcmp(c->name, "run") != 0;
}

/* --- the manual, mdoc(7) --- */

static const char *value_of(const struct cli_option *o)
{
	return o->kind == OPT_BOOL ? "" : o->kind == OPT_UINT ? " Ar N" : " Ar VALUE";
}

static void man_text(const char *text)
{
	for (; *text; text++)
		(void)fputs(*text == '-' ? "\\-" : (char[]){ *text, '\0' }, stdout);
	(void)puts("");
}

static void man_options(const struct cli_option *o)
{
	if (!o->name)
		return;
	(void)puts(".Bl -tag -width Ds");
	for (; o->name; o++) {
		(void)printf(".It ");
		if (o->letter)
			(void)printf("Fl %c , ", o->letter);
		(void)printf("Fl \\-%s%s\n", o->name, value_of(o));
		man_text(o->help);
	}
	(void)puts(".El");
}

static int man(void)
{
	static const char mark[] = ".\\\" OPTIONS";
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (!str_has_prefix(line, mark)) {
			(void)fputs(line, stdout);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		const char *name = line + sizeof(mark) - 1 + strspn(line + sizeof(mark) - 1, " ");
		const struct command *c = find(name);

		if (!*name) {
			man_options(global_options);
		} else if (c) {
			(void)printf(".Ss hull %s%s%s%s\n", c->name,
				     c->options[0].name ? " [options]" : "",
				     c->arguments[0] ? " " : "", c->arguments);
			man_text(c->summary);
			man_options(c->options);
		} else {
			(void)fprintf(stderr, "no such command: %s\n", name);
			return 1;
		}
	}
	return 0;
}

/* --- completion --- */

static void words(const struct cli_option *o)
{
	(void)printf("--help");
	for (; o->name; o++) {
		(void)printf(" --%s", o->name);
		if (o->letter)
			(void)printf(" -%c", o->letter);
	}
}

static void command_names(void)
{
	for (const struct command *const *c = commands; *c; c++)
		(void)printf("%s%s", c == commands ? "" : " ", (*c)->name);
}

static int bash(void)
{
	(void)puts("# bash completion for hull; printed by `make docs`, do not edit\n"
		   "_hull() {\n"
		   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} word command= words ids=\n"
		   "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		   "\t\tcase $word in");
	(void)printf("\t\t");
	for (const struct command *const *c = commands; *c; c++)
		(void)printf("%s%s", c == commands ? "" : " | ", (*c)->name);
	(void)puts(") command=$word && break ;;\n\t\tesac\n\tdone\n\tcase $command in");
	for (const struct command *const *c = commands; *c; c++) {
		(void)printf("\t%s) words=\"", (*c)->name);
		words((*c)->options);
		(void)printf("\"%s ;;\n", takes_id(*c) ? " ids=1" : "");
	}
	(void)printf("\t*) words=\"");
	words(global_options);
	(void)printf(" ");
	command_names();
	(void)puts("\" ;;\n\tesac\n"
		   "\t[[ $cur == -* || -z $ids ]] || words=$(hull list --quiet 2>/dev/null)\n"
		   "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		   "}\n"
		   "complete -o default -F _hull hull");
	return 0;
}

/* Text between single quotes, where a colon and a bracket mean something to _arguments. */
static void zsh_text(const char *text)
{
	for (; *text; text++) {
		if (strchr(":[]\\", *text))
			(void)putchar('\\');
		(void)fputs(*text == '\'' ? "'\\''" : (char[]){ *text, '\0' }, stdout);
	}
}

static void zsh_options(const struct cli_option *o, const char *indent)
{
	for (; o->name; o++) {
		const char *value = o->kind == OPT_BOOL ? "" : ":value:_files";
		const char *star = o->kind == OPT_LIST ? "*" : "";

		(void)printf("%s'%s--%s[", indent, star, o->name);
		zsh_text(o->help);
		(void)printf("]%s' \\\n", value);
		if (o->letter) {
			(void)printf("%s'%s-%c[", indent, star, o->letter);
			zsh_text(o->help);
			(void)printf("]%s' \\\n", value);
		}
	}
}

static int zsh(void)
{
	(void)puts("#compdef hull\n"
		   "# zsh completion for hull; printed by `make docs`, do not edit\n"
		   "_hull_ids() {\n"
		   "\tcompadd -- ${(f)\"$(hull list --quiet 2>/dev/null)\"}\n"
		   "}\n\n"
		   "_hull_commands() {\n"
		   "\tlocal -a names=(");
	for (const struct command *const *c = commands; *c; c++) {
		(void)printf("\t\t'%s:", (*c)->name);
		zsh_text((*c)->summary);
		(void)puts("'");
	}
	(void)puts("\t)\n"
		   "\t_describe command names\n"
		   "}\n\n"
		   "_hull() {\n"
		   "\tlocal line state\n"
		   "\t_arguments -C \\");
	zsh_options(global_options, "\t\t");
	(void)puts("\t\t'1:command:_hull_commands' \\\n"
		   "\t\t'*::argument:->argument'\n"
		   "\t[[ $state = argument ]] || return\n"
		   "\tcase $line[1] in");
	for (const struct command *const *c = commands; *c; c++) {
		(void)printf("\t%s)\n\t\t_arguments \\\n", (*c)->name);
		zsh_options((*c)->options, "\t\t\t");
		(void)printf("\t\t\t'1:container:%s' '*:argument:_files'\n\t\t;;\n",
			     takes_id(*c) ? "_hull_ids" : " ");
	}
	(void)puts("\tesac\n}\n\n_hull \"$@\"");
	return 0;
}

static void fish_quoted(const char *text)
{
	(void)putchar('\'');
	for (; *text; text++)
		(void)fputs(*text == '\'' ? "\\'" : (char[]){ *text, '\0' }, stdout);
	(void)putchar('\'');
}

static void fish_options(const struct cli_option *o, const char *condition)
{
	for (; o->name; o++) {
		(void)printf("complete -c hull -n '%s' -l %s", condition, o->name);
		if (o->letter)
			(void)printf(" -s %c", o->letter);
		(void)printf("%s -d ", o->kind == OPT_BOOL ? "" : " -r");
		fish_quoted(o->help);
		(void)puts("");
	}
}

static int fish(void)
{
	char condition[64];

	(void)puts("# fish completion for hull; printed by `make docs`, do not edit");
	fish_options(global_options, "__fish_use_subcommand");
	for (const struct command *const *c = commands; *c; c++) {
		(void)printf("complete -c hull -f -n __fish_use_subcommand -a %s -d ", (*c)->name);
		fish_quoted((*c)->summary);
		(void)puts("");
		(void)snprintf(condition, sizeof(condition), "__fish_seen_subcommand_from %s",
			       (*c)->name);
		fish_options((*c)->options, condition);
		if (takes_id(*c))
			(void)printf("complete -c hull -f -n '%s' -a '(hull list --quiet "
				     "2>/dev/null)'\n",
				     condition);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*print)(void);
	} modes[] = { { "man", man }, { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(argv[1], modes[i].name))
			return modes[i].print();
	}
	(void)fprintf(stderr, "usage: cli man|bash|zsh|fish\n");
	return 2;
}
