/* lifecycle.c - print docs/lifecycle.md from the tables that make a container */
#include <stdio.h>

#include "hull/launch.h"
#include "run/init.h"

int main(void)
{
	const char *text;

	(void)puts("# The order of things\n\n"
		   "Printed by `make docs` from the tables in the code; do not edit.\n\n"
		   "## The command, src/run/launch.c\n\n"
		   "Rows are done downwards. One that fails has what was done undone upwards.\n");
	(void)puts("| row | why it stands here |\n|---|---|");
	for (unsigned i = 0; (text = launch_row_name(i)); i++)
		(void)printf("| %s | %s |\n", text, launch_row_why(i));
	(void)puts("\n## The container's first process, src/run/init.c\n");
	(void)puts("| step | why it stands here |\n|---|---|");
	for (unsigned i = 0; (text = init_step_name(i)); i++)
		(void)printf("| %s | %s |\n", text, init_step_why(i));
	(void)puts("\nWhat the gate does then is told at the top of src/gate/gate.c.");
	return 0;
}
