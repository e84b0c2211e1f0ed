/*
 * fuzz.c - one program for all fuzz targets: the name it is called by says which
 *
 * libFuzzer has main(); tests/fuzz/run.sh makes a link for each name that `fuzz --list` prints.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "hull/fd.h"
#include "hull/str.h"

static const struct {
	const char *name;
	target *run;
} targets[] = {
	{ "json", fuzz_json },           /* src/config/json.c, in and out again */
	{ "config", fuzz_config },       /* config.json to a plan */
	{ "process", fuzz_process },     /* the object of `exec --process` */
	{ "resources", fuzz_resources }, /* the object of `update --resources`, to files and BPF */
	{ "mounts", fuzz_mounts },       /* options of a mount */
	{ "idmaps", fuzz_idmaps },       /* id mappings */
	{ "words", fuzz_words },         /* numbers, sizes, signals, units, paths: one word each */
	{ "state", fuzz_state },         /* state.json of a container */
	{ "init", fuzz_init },           /* what processes that hull makes say to it */
	{ "launch", fuzz_launch },       /* the same while `create` and `run` make a container */
	{ "gate", fuzz_gate },       /* the other direction: the block, and the kernel's answers */
	{ "notify", fuzz_notify },   /* what a payload says to its service manager */
	{ "netlink", fuzz_netlink }, /* the kernel's replies about network devices */
	{ "proc", fuzz_proc },       /* files of procfs */
	{ "cgroup", fuzz_cgroup },   /* files of cgroups */
	{ "rdt", fuzz_rdt },         /* files of resctrl */
};

static target *chosen;

uint8_t input_byte(struct input *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->data++;
}

const uint8_t *input_take(struct input *in, size_t n, size_t *ret_n)
{
	const uint8_t *taken = in->data;

	*ret_n = n < in->n ? n : in->n;
	in->data += *ret_n;
	in->n -= *ret_n;
	return taken;
}

char *input_text(struct input *in, struct arena *a)
{
	size_t n;
	const uint8_t *bytes = input_take(in, in->n, &n);

	return arena_strndup(a, (const char *)bytes, n);
}

char *input_line(struct input *in, struct arena *a)
{
	const uint8_t *end = in->n ? memchr(in->data, '\n', in->n) : NULL;
	size_t n, len = end ? (size_t)(end - in->data) : in->n;
	const uint8_t *bytes = input_take(in, len + (end != NULL), &n);

	return arena_strndup(a, (const char *)bytes, len);
}

void fuzz_die(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
	abort();
}

void fuzz_say(const struct err *e)
{
	REQUIRE(strlen(e->text) < sizeof(e->text));
	REQUIRE(e->num >= 0);
}

/* Which of the low numbers are open: fd_is_open() is a fraction of what reading procfs takes. */
static uint32_t open_fds(void)
{
	uint32_t fds = 0;

	fd_close_now();
	for (int fd = 0; fd < 32; fd++)
		fds |= (uint32_t)fd_is_open(fd) << fd;
	return fds;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *slash = strrchr((*argv)[0], '/');
	const char *name = slash ? slash + 1 : (*argv)[0];
	bool list = *argc > 1 && str_eq((*argv)[1], "--list");

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (list)
			(void)puts(targets[i].name);
		else if (str_eq(name, targets[i].name))
			chosen = targets[i].run;
	}
	if (list)
		exit(0);
	if (!chosen) {
		(void)fprintf(stderr, "%s: not the name of a target: see --list\n", name);
		exit(2);
	}
	world_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = { data, n };
	struct arena a = { 0 };
	struct err e = { 0 };
	uint32_t fds = open_fds();

	chosen(&in, &a, &e);
	world_end();
	fuzz_say(&e);
	arena_free(&a);
	REQUIRE(open_fds() == fds);
	return 0;
}
