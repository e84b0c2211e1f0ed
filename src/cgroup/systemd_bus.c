/*
 * systemd_bus.c - a connection to a manager of systemd, by sd-bus: sd-bus(3)
 *
 * The prototypes below are sd-bus's, of which the headers are not needed to build hull. Nothing
 * here waits without a deadline: sd-bus's own for a handshake is ninety seconds.
 */
#include "systemd_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group.h"
#include "hull/library.h"
#include "hull/str.h"
#include "hull/sys.h"

#define LIBRARY "libsystemd.so.0"
#define PRIVATE "systemd/private"
#define FIRST_NAP_US 1000
#define MAX_PLACES 3

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;
typedef struct {
	const char *name, *message;
	int need_free;
} sd_bus_error;
typedef int (*sd_bus_message_handler_t)(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* X(name, arguments): every function of sd-bus that is called; all of them return int. */
#define FUNCTIONS                                                                                  \
	X(sd_bus_new, (sd_bus * *ret))                                                             \
	X(sd_bus_set_address, (sd_bus * b, const char *address))                                   \
	X(sd_bus_set_bus_client, (sd_bus * b, int is_client))                                      \
	X(sd_bus_start, (sd_bus * b))                                                              \
	X(sd_bus_is_ready, (sd_bus * b))                                                           \
	X(sd_bus_process, (sd_bus * b, sd_bus_message * *ret))                                     \
	X(sd_bus_wait, (sd_bus * b, uint64_t usec))                                                \
	X(sd_bus_match_signal, (sd_bus * b, sd_bus_slot * *ret, const char *sender,                \
				const char *path, const char *interface, const char *member,       \
				sd_bus_message_handler_t callback, void *userdata))                \
	X(sd_bus_message_new_method_call,                                                          \
	  (sd_bus * b, sd_bus_message * *ret, const char *destination, const char *path,           \
	   const char *interface, const char *member))                                             \
	X(sd_bus_message_append_basic, (sd_bus_message * m, char type, const void *p))             \
	X(sd_bus_message_open_container, (sd_bus_message * m, char type, const char *contents))    \
	X(sd_bus_message_close_container, (sd_bus_message * m))                                    \
	X(sd_bus_call, (sd_bus * b, sd_bus_message * m, uint64_t usec, sd_bus_error * error,       \
			sd_bus_message * *reply))                                                  \
	X(sd_bus_message_peek_type, (sd_bus_message * m, char *type, const char **contents))       \
	X(sd_bus_message_enter_container, (sd_bus_message * m, char type, const char *contents))   \
	X(sd_bus_message_read_basic, (sd_bus_message * m, char type, void *p))

/* Filled once, by load(); what it holds is the same for all connections. */
struct library {
#define X(name, arguments) int(*name) arguments;
	FUNCTIONS
#undef X
	void (*sd_bus_close)(sd_bus *b);
	void *(*sd_bus_unref)(sd_bus *b);
	void *(*sd_bus_message_unref)(sd_bus_message *m);
	void (*sd_bus_error_free)(sd_bus_error *error);
};

struct bus {
	struct library sd;
	sd_bus *connection;
	const char *address;
	int64_t deadline;
	char job[256], result[32]; /* that is waited for, and what has become of it */
};

static int load(struct library *sd, struct err *e)
{
	const struct library_symbol symbols[] = {
#define X(name, arguments) { #name, &sd->name },
		FUNCTIONS X(sd_bus_close, ) X(sd_bus_unref, ) X(sd_bus_message_unref, )
			X(sd_bus_error_free, )
#undef X
	};
	struct err why;
	int r = library_load(LIBRARY, symbols, ARRAY_SIZE(symbols), &why);

	if (r < 0)
		return err_set(e, -r,
			       "the systemd cgroup driver needs " LIBRARY
			       " of systemd 237 or later: %s: install it, or use --cgroup-manager "
			       "cgroupfs",
			       why.text);
	return 0;
}

static uint64_t usec_left(const struct bus *b)
{
	/* 0 would be sd-bus's own default */
	return (uint64_t)deadline_left(b->deadline) * 1000 + 1;
}

static int fail(const struct bus *b, int num, const char *what, struct err *e)
{
	return err_sys(e, num, "systemd at %s: %s", b->address, what);
}

/* Do what is to be done, or wait for more. Return: 0, -ETIMEDOUT or -errno. */
static int turn(struct bus *b)
{
	int r = b->sd.sd_bus_process(b->connection, NULL);

	if (r != 0)
		return r < 0 ? r : 0;
	if (!deadline_left(b->deadline))
		return -ETIMEDOUT;
	r = b->sd.sd_bus_wait(b->connection, usec_left(b));
	return r < 0 && r != -EINTR ? r : 0;
}

/* "uoss": number, path, unit and result of a job. */
static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bus *b = userdata;
	const char *job, *unit, *result;
	uint32_t number;

	(void)error;
	if (b->sd.sd_bus_message_read_basic(m, 'u', &number) > 0 &&
	    b->sd.sd_bus_message_read_basic(m, 'o', &job) > 0 &&
	    b->sd.sd_bus_message_read_basic(m, 's', &unit) > 0 &&
	    b->sd.sd_bus_message_read_basic(m, 's', &result) > 0 && str_eq(job, b->job))
		(void)snprintf(b->result, sizeof(b->result), "%s", result);
	return 0;
}

static int handshake(struct bus *b, const struct bus_place *place)
{
	const struct library *sd = &b->sd;
	int r = sd->sd_bus_new(&b->connection);

	if (r >= 0)
		r = sd->sd_bus_set_address(b->connection, place->address);
	if (r >= 0)
		r = sd->sd_bus_set_bus_client(b->connection, place->broker);
	if (r >= 0)
		r = sd->sd_bus_start(b->connection);
	while (r >= 0 && sd->sd_bus_is_ready(b->connection) <= 0)
		r = turn(b);
	/* systemd's own socket has no sender: nobody else is there */
	return r < 0 ? r
		     : sd->sd_bus_match_signal(b->connection, NULL,
					       place->broker ? SYSTEMD_NAME : NULL, SYSTEMD_PATH,
					       SYSTEMD_MANAGER, "JobRemoved", on_job_removed, b);
}

static void disconnect(struct bus *b)
{
	if (!b->connection)
		return;
	b->sd.sd_bus_close(b->connection); /* without a flush, which has no deadline */
	b->connection = b->sd.sd_bus_unref(b->connection);
}

/* A full backlog is a busy systemd, and passes. */
static int connect_to(struct bus *b, const struct bus_place *place)
{
	unsigned nap = FIRST_NAP_US;
	int r;

	b->address = place->address;
	do {
		r = handshake(b, place);
		if (r < 0)
			disconnect(b);
	} while (r == -EAGAIN && deadline_nap(b->deadline, &nap));
	return r == -EAGAIN ? -ETIMEDOUT : r;
}

int bus_open(struct arena *a, const struct bus_place *place, int64_t deadline, struct bus **ret,
	     struct err *e)
{
	struct bus *b = arena_new(a, struct bus);
	int r = load(&b->sd, e);

	if (r < 0)
		return r;
	b->deadline = deadline;
	r = connect_to(b, place);
	if (r < 0)
		return fail(b, -r, "connect", e);
	*ret = b;
	return 0;
}

/* D-Bus specification, "Server Addresses": other bytes are escaped. */
static const char *address_of(struct arena *a, const char *dir, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_/.*";
	const char *path = arena_printf(a, "%s/%s", dir, name), *text = "unix:path=";

	for (; *path; path++) {
		bool as_is = strchr(plain, *path);

		text = arena_printf(a, as_is ? "%s%c" : "%s%%%02x", text, (unsigned char)*path);
	}
	return text;
}

static size_t list_places(struct arena *a, bool user, struct bus_place places[MAX_PLACES])
{
	const char *given = getenv(user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	size_t n = 0;

	if (!user && str_or(given, "")[0]) {
		places[n++] = (struct bus_place){ given, true };
		return n;
	}
	if (!user) {
		places[n++] = (struct bus_place){ address_of(a, "/run", PRIVATE), false };
		places[n++] =
			(struct bus_place){ address_of(a, "/run/dbus", "system_bus_socket"), true };
		return n;
	}
	if (!runtime || runtime[0] != '/')
		runtime = arena_printf(a, "/run/user/%u", sys_euid());
	places[n++] = (struct bus_place){ address_of(a, runtime, PRIVATE), false };
	if (str_or(given, "")[0])
		places[n++] = (struct bus_place){ given, true };
	places[n++] = (struct bus_place){ address_of(a, runtime, "bus"), true };
	return n;
}

int bus_find(struct arena *a, bool user, int64_t deadline, struct bus **ret,
	     struct bus_place *ret_place, struct err *e)
{
	struct bus_place places[MAX_PLACES];
	size_t n = list_places(a, user, places);
	struct bus *b = arena_new(a, struct bus);
	char tried[400] = "";
	int r = load(&b->sd, e);

	if (r < 0)
		return r;
	b->deadline = deadline;
	for (size_t i = 0; i < n; i++) {
		r = connect_to(b, &places[i]);
		if (r >= 0) {
			*ret = b;
			*ret_place = places[i];
			return 0;
		}
		(void)str_append(tried, sizeof(tried), "%s%.120s (%s)", i ? ", " : "",
				 places[i].address, err_text(-r));
	}
	return err_set(e, -r,
		       "the systemd cgroup driver finds no %s bus for uid %u: %s: %s, or use "
		       "--cgroup-manager cgroupfs",
		       user ? "user" : "system", sys_euid(), tried,
		       user ? "log in as that user or set XDG_RUNTIME_DIR" : "start systemd");
}

void bus_set_deadline(struct bus *b, int64_t deadline)
{
	b->deadline = deadline;
}

static int append(const struct bus *b, sd_bus_message *m, const struct value *v);

static int append_items(const struct bus *b, sd_bus_message *m, const struct value *v)
{
	const char *type = v->type;
	char kind = type[0], inner[256] = ""; /* no signature is longer */

	/* what is inside, in the container's own notation: sd_bus_message_open_container(3) */
	if (kind == '(') {
		(void)snprintf(inner, sizeof(inner), "%.*s", (int)strlen(type) - 2, type + 1);
		kind = 'r';
	} else {
		(void)snprintf(inner, sizeof(inner), "%s",
			       kind == 'a' ? type + 1 : v->items[0].type);
	}
	int r = b->sd.sd_bus_message_open_container(m, kind, inner);

	for (size_t i = 0; r >= 0 && i < v->n; i++)
		r = append(b, m, &v->items[i]);
	return r < 0 ? r : b->sd.sd_bus_message_close_container(m);
}

static int append(const struct bus *b, sd_bus_message *m, const struct value *v)
{
	uint8_t byte = (uint8_t)v->number;
	uint16_t half = (uint16_t)v->number;
	uint32_t word = (uint32_t)v->number;
	const void *p = &v->number;

	switch (v->type[0]) {
	case 'a':
	case '(':
	case 'v':
		return append_items(b, m, v);
	case 's':
	case 'o':
	case 'g':
		p = v->string;
		break;
	case 'y':
		p = &byte;
		break;
	case 'n':
	case 'q':
		p = &half;
		break;
	case 'b':
	case 'i':
	case 'u':
		p = &word;
		break;
	case 'd':
		p = &v->real;
		break;
	default:
		break;
	}
	return b->sd.sd_bus_message_append_basic(m, v->type[0], p);
}

/* A path or a string, by itself or in the variant that a property is. */
static void read_reply(const struct bus *b, sd_bus_message *m, struct bus_reply *ret)
{
	const char *contents = NULL, *text = NULL;
	char type = '\0';

	if (b->sd.sd_bus_message_peek_type(m, &type, &contents) > 0 && type == 'v' &&
	    b->sd.sd_bus_message_enter_container(m, 'v', contents) > 0)
		(void)b->sd.sd_bus_message_peek_type(m, &type, NULL);
	if ((type == 's' || type == 'o') && b->sd.sd_bus_message_read_basic(m, type, &text) > 0)
		(void)snprintf(ret->text, sizeof(ret->text), "%s", text);
}

static void read_error(const sd_bus_error *error, struct bus_reply *ret)
{
	ret->refused = true;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", error->name);
	(void)snprintf(ret->text, sizeof(ret->text), "%s", str_or(error->message, ""));
	str_flatten(ret->text);
}

/* sd-bus makes errors for its own failures too; those of the other side name an interface's. */
static bool is_local(const sd_bus_error *error, int r)
{
	return !error->name || r == -ETIMEDOUT || r == -ECONNRESET || r == -ENOTCONN ||
	       str_has_prefix(error->name, "System.Error.");
}

int bus_call(struct bus *b, const char *path, const char *interface, const char *method,
	     const struct value *args, size_t n, struct bus_reply *ret, struct err *e)
{
	sd_bus_message *m = NULL, *reply = NULL;
	sd_bus_error error = { 0 };
	int r = b->sd.sd_bus_message_new_method_call(b->connection, &m, SYSTEMD_NAME, path,
						     interface, method);

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = append(b, m, &args[i]);
	if (r >= 0)
		r = b->sd.sd_bus_call(b->connection, m, usec_left(b), &error, &reply);
	*ret = (struct bus_reply){ 0 };
	if (r >= 0)
		read_reply(b, reply, ret);
	else if (!is_local(&error, r))
		read_error(&error, ret);
	else
		(void)fail(b, -r, method, e);
	(void)b->sd.sd_bus_message_unref(m); /* always NULL */
	(void)b->sd.sd_bus_message_unref(reply);
	b->sd.sd_bus_error_free(&error);
	return r < 0 && !ret->refused ? r : 0;
}

int bus_wait_job(struct bus *b, const char *job, char *ret_result, size_t size, struct err *e)
{
	int r = 0;

	(void)snprintf(b->job, sizeof(b->job), "%s", job);
	b->result[0] = '\0';
	while (r >= 0 && !b->result[0])
		r = turn(b);
	if (r < 0)
		return fail(b, -r, "wait for the end of a job", e);
	(void)snprintf(ret_result, size, "%s", b->result);
	return 0;
}

void bus_close(struct bus *b)
{
	disconnect(b);
}
