/* systemd.c - the container's groups as a scope of systemd: org.freedesktop.systemd1(5) */
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"
#include "systemd_name.h"

#define ERROR_EXISTS "org.freedesktop.systemd1.UnitExists"
#define ERROR_NO_UNIT "org.freedesktop.systemd1.NoSuchUnit"
#define UNKNOWN_PROPERTY "Cannot set property "
#define UNIT_INTERFACE "org.freedesktop.systemd1.Unit"
#define WHERE "linux.cgroupsPath"

/* No other container's, not even one of this name of another --root. */
static int describe(struct arena *a, struct systemd *sd, const struct props *settings,
		    struct err *e)
{
	const char *text = arena_printf(a, "hull container %s", sd->id);
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_errno(e, "getrandom");
	for (size_t i = 0; i < settings->n; i++) {
		if (str_eq(settings->items[i].name, "Description") &&
		    settings->items[i].value.string)
			text = settings->items[i].value.string;
	}
	sd->description = arena_printf(a, "%s (%016llx)", text, (unsigned long long)number);
	return 0;
}

static int call(struct systemd *sd, const char *method, const struct value *args, size_t n,
		struct bus_reply *ret, struct err *e)
{
	int r = bus_call(sd->bus, SYSTEMD_PATH, SYSTEMD_MANAGER, method, args, n, ret, e);

	sd->silent = sd->silent || r == -ETIMEDOUT;
	return r;
}

static int get_property(struct systemd *sd, const char *path, const char *interface,
			const char *name, struct bus_reply *ret, struct err *e)
{
	const struct value args[] = { value_string(interface), value_string(name) };
	int r = bus_call(sd->bus, path, "org.freedesktop.DBus.Properties", "Get", args, 2, ret, e);

	sd->silent = sd->silent || r == -ETIMEDOUT;
	return r;
}

static int refused(const struct systemd *sd, const struct bus_reply *reply, const char *what,
		   struct err *e)
{
	return err_set(e, EPROTO, "systemd: %s %s: %s (%s)", what, sd->unit, reply->text,
		       reply->name);
}

/* A user's manager is not at the root; where it is only it knows. */
static int find_base(struct systemd *sd, bool user, struct arena *a, const char **ret,
		     struct err *e)
{
	struct bus_reply reply;

	*ret = "";
	if (!user)
		return 0;
	int r = get_property(sd, SYSTEMD_PATH, SYSTEMD_MANAGER, "ControlGroup", &reply, e);

	if (r == 0 && (reply.refused || (reply.text[0] && reply.text[0] != '/')))
		r = refused(sd, &reply, "ControlGroup for", e);
	if (r == 0)
		*ret = str_eq(reply.text, "/") ? "" : arena_strdup(a, reply.text);
	return r;
}

/* What can be wrong without a systemd. @ret_path: below the manager's own group */
static int choose_unit(struct arena *a, const struct plan_cgroup *p, const char *id,
		       struct systemd *sd, const char **ret_path, struct err *e)
{
	const char *slice = "";
	int r = systemd_unit(a, p->path, id, p->user, &sd->slice, &sd->unit, e);

	sd->id = id;
	sd->settings.arena = a;
	if (r == 0)
		r = systemd_slice_path(a, sd->slice, &slice, e);
	if (r == 0)
		r = props_of_annotations(p->annotations, &sd->settings, e);
	if (r == 0)
		r = describe(a, sd, &sd->settings, e);
	if (r == 0)
		*ret_path = arena_printf(a, "%s/%s", slice, systemd_group_name(a, sd->unit));
	return r;
}

int systemd_prepare(struct arena *a, struct cgroup *cg, const struct plan_cgroup *p, const char *id,
		    const char **ret_path, struct err *e)
{
	struct systemd *sd = arena_new(a, struct systemd);
	const char *base = "", *path = "";
	int r = choose_unit(a, p, id, sd, &path, e);

	if (r == 0)
		r = bus_find(a, p->user, deadline_in(SYSTEMD_START_MS), &sd->bus, &sd->place, e);
	if (r < 0)
		return r;
	cg->systemd = sd;
	cg->foreign = true;
	r = find_base(sd, p->user, a, &base, e);
	if (r == 0)
		*ret_path = arena_printf(a, "%s%s", base, path);
	return r;
}

/* systemd's cgroup_controller_from_string(), and where it keeps its own books */
bool systemd_handles(const struct hierarchy *h)
{
	static const char *const names[] = { "name=systemd", "cpu",     "cpuacct", "blkio",
					     "memory",       "devices", "pids" };
	bool handled = hierarchy_is_v2(h);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		handled = handled || hierarchy_has(h, names[i]);
	return handled;
}

void systemd_placed(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->layout.n; i++) {
		struct hierarchy *h = &cg->layout.items[i];

		h->systemd = systemd_handles(h);
		if (h->systemd && h->made > 1)
			h->made = 1;
	}
}

void systemd_save(const struct systemd *sd, struct json_out *o)
{
	json_out_object(o, "systemd");
	json_out_string(o, "unit", sd->unit);
	json_out_string(o, "description", sd->description);
	json_out_string(o, "address", sd->place.address);
	json_out_bool(o, "broker", sd->place.broker);
	json_out_bool(o, "started", sd->started);
	json_out_object_end(o);
}

int systemd_load(struct arena *a, const struct json *saved, struct cgroup *cg, struct err *e)
{
	const struct json *o = json_member(saved, "systemd");
	const struct json *broker = json_member(o, "broker"), *started = json_member(o, "started");
	struct systemd *sd = arena_new(a, struct systemd);

	sd->unit = json_string(o, "unit");
	sd->description = json_string(o, "description");
	sd->place.address = json_string(o, "address");
	sd->settings.arena = a;
	if (!sd->unit || !sd->description || !sd->place.address || !broker ||
	    broker->type != JSON_BOOL || !started || started->type != JSON_BOOL)
		return err_set(e, EINVAL, "saved state: not a cgroup that hull wrote");
	sd->place.broker = broker->boolean;
	sd->started = started->boolean;
	cg->systemd = sd;
	cg->foreign = !sd->started;
	return 0;
}

/* --- making the scope --- */

static void set(struct props *p, const char *name, struct value v)
{
	(void)props_set(p, name, v, NULL);
}

static void collect(const struct cgroup *cg, pid_t pid, struct props *p)
{
	const struct systemd *sd = cg->systemd;
	struct value number = { .type = "u", .number = (uint64_t)pid };
	bool v1 = layout_has_v1(&cg->layout);

	set(p, "Slice", value_string(sd->slice));
	set(p, "Delegate", value_bool(true));
	set(p, "PIDs", value_list(p->arena, "u", &number, 1));
	set(p, "CPUAccounting", value_bool(true));
	set(p, "MemoryAccounting", value_bool(true));
	set(p, "TasksAccounting", value_bool(true));
	set(p, v1 ? "BlockIOAccounting" : "IOAccounting", value_bool(true));
	/* or it would be stopped early in a shutdown, before who looks after containers */
	set(p, "DefaultDependencies", value_bool(false));
	props_of_limits(&cg->limits, &CPU_MAX_DEFAULT, p);
	for (size_t i = 0; i < sd->settings.n; i++) {
		const struct prop *s = &sd->settings.items[i];

		(void)props_set(p, s->name, s->value, s->where);
	}
	set(p, "Description", value_string(sd->description));
}

/* a(sv) */
static struct value list_of(const struct props *p)
{
	struct value *pairs = arena_new_n(p->arena, struct value, p->n + 1);

	for (size_t i = 0; i < p->n; i++) {
		const struct value pair[] = { value_string(p->items[i].name),
					      value_variant(p->arena, p->items[i].value) };

		pairs[i] = value_tuple(p->arena, pair, 2);
	}
	return value_list(p->arena, "(sv)", pairs, p->n);
}

/* An older systemd does not know every property: bus_unit_set_properties() of systemd. */
static bool drop_unknown(struct props *p, const struct bus_reply *reply)
{
	char name[64];

	/* or not every value of one: the file gets it in any case */
	return reply->refused &&
	       (sscanf(reply->text, UNKNOWN_PROPERTY "%63[A-Za-z]", name) == 1 ||
		sscanf(reply->text, "Value specified in %63[A-Za-z] is out of range", name) == 1) &&
	       props_drop(p, name);
}

static int start_unit(struct systemd *sd, struct props *p, struct bus_reply *ret, struct err *e)
{
	int r;

	do {
		/* "fail": not in the place of a job that somebody else has queued */
		const struct value args[] = { value_string(sd->unit), value_string("fail"),
					      list_of(p),
					      value_list(p->arena, "(sa(sv))", NULL, 0) };

		r = call(sd, "StartTransientUnit", args, 4, ret, e);
	} while (r == 0 && drop_unknown(p, ret));
	return r;
}

static int reset_failed(struct systemd *sd, struct err *e)
{
	const struct value unit = value_string(sd->unit);
	struct bus_reply reply;

	/* that there is nothing to reset is no error */
	return call(sd, "ResetFailedUnit", &unit, 1, &reply, e);
}

static int fail_start(const struct systemd *sd, const struct bus_reply *reply,
		      const struct props *p, struct err *e)
{
	char name[64] = "";

	if (str_eq(reply->name, ERROR_EXISTS))
		return err_set(e, EEXIST,
			       WHERE ": systemd has a unit %s already: choose another name, or "
				     "stop it",
			       sd->unit);
	(void)sscanf(reply->text, UNKNOWN_PROPERTY "%63[A-Za-z]", name);
	for (size_t i = 0; i < p->n; i++) {
		if (p->items[i].where && str_eq(p->items[i].name, name))
			return err_set(e, EINVAL, "%s: systemd: %s", p->items[i].where,
				       reply->text);
	}
	return refused(sd, reply, "StartTransientUnit", e);
}

/* The job's word is not enough: that init is where its limits will be written is the kernel's. */
static int check_place(struct cgroup *cg, pid_t pid, struct err *e)
{
	char path[32], text[16 * 1024];
	const char *own = "?", *wanted = "?";
	bool inside = false;
	struct layout l;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	ssize_t n = file_read_at(AT_FDCWD, path, text, sizeof(text));

	if (n < 0)
		return err_sys(e, (int)-n, "read %s", path);
	layout_parse(cg->limits.arena, text, &l);
	for (size_t i = 0; i < cg->layout.n; i++) {
		struct hierarchy *h = &cg->layout.items[i];

		for (size_t j = 0; j < l.n; j++) {
			if (!str_eq(h->controllers, l.items[j].controllers))
				continue;
			h->joined = str_eq(h->path, l.items[j].own);
			if (!hierarchy_is_v2(h) && !hierarchy_has(h, "name=systemd"))
				continue;
			inside = inside || h->joined;
			own = l.items[j].own;
			wanted = h->path;
		}
	}
	return inside ? 0
		      : err_set(e, ENOENT,
				"systemd put init into %.150s, not into %.150s: is it another "
				"machine's or namespace's?",
				own, wanted);
}

static int wait_started(struct cgroup *cg, const char *job, struct err *e)
{
	struct systemd *sd = cg->systemd;
	char result[32];
	int r = bus_wait_job(sd->bus, job, result, sizeof(result), e);

	if (r < 0)
		return err_wrap(e, "start %s", sd->unit);
	if (!str_eq(result, "done"))
		return err_set(e, EPROTO,
			       "systemd could not start %s: its job ended as \"%s\" (see "
			       "journalctl -u %s)",
			       sd->unit, result, sd->unit);
	return 0;
}

int systemd_start(struct cgroup *cg, pid_t pid, struct err *e)
{
	struct systemd *sd = cg->systemd;
	struct props p = { .arena = cg->limits.arena };
	struct bus_reply reply;

	collect(cg, pid, &p);
	bus_set_deadline(sd->bus, deadline_in(SYSTEMD_START_MS));
	int r = start_unit(sd, &p, &reply, e);

	/* one that has failed is kept for whoever wants to know why */
	if (r == 0 && reply.refused && str_eq(reply.name, ERROR_EXISTS)) {
		r = reset_failed(sd, e);
		if (r == 0)
			r = start_unit(sd, &p, &reply, e);
	}
	if (r < 0)
		return r;
	if (reply.refused)
		return fail_start(sd, &reply, &p, e);
	r = wait_started(cg, reply.text, e);
	if (r == 0)
		r = check_place(cg, pid, e);
	if (r < 0)
		return r;
	sd->started = true;
	cg->foreign = false;
	return 0;
}

/* --- and what comes after --- */

static int connect_again(struct systemd *sd, struct arena *a, struct err *e)
{
	int64_t deadline = deadline_in(SYSTEMD_STOP_MS);

	if (!sd->bus)
		return bus_open(a, &sd->place, deadline, &sd->bus, e);
	bus_set_deadline(sd->bus, deadline);
	return 0;
}

/* @path: of a unit that was there a moment ago, and may be gone by now */
static int find_owner(struct systemd *sd, const char *path, struct err *e)
{
	struct bus_reply description, state;
	int r = get_property(sd, path, UNIT_INTERFACE, "Description", &description, e);

	if (r < 0)
		return r;
	if (!description.refused && str_eq(description.text, sd->description))
		return SCOPE_OURS;
	r = get_property(sd, path, UNIT_INTERFACE, "LoadState", &state, e);
	if (r < 0)
		return r;
	return state.refused || str_eq(state.text, "not-found") ? SCOPE_GONE : SCOPE_OTHER;
}

int systemd_find(struct cgroup *cg, struct err *e)
{
	struct systemd *sd = cg->systemd;
	const struct value unit = value_string(sd->unit);
	struct bus_reply reply;

	if (sd->silent)
		return err_set(e, ETIMEDOUT, "systemd does not answer about %s", sd->unit);
	int r = connect_again(sd, cg->limits.arena, e);

	/* its manager has ended, and all its units with it */
	if (r == -ENOENT || r == -ECONNREFUSED)
		return SCOPE_GONE;
	if (r == 0)
		r = call(sd, "GetUnit", &unit, 1, &reply, e);
	if (r == 0 && reply.refused)
		return str_eq(reply.name, ERROR_NO_UNIT) ? SCOPE_GONE
							 : refused(sd, &reply, "GetUnit", e);
	if (r == 0)
		r = find_owner(sd, reply.text, e);
	return r < 0 ? err_wrap(e, "find %s", sd->unit) : r;
}

static int wait_stopped(struct systemd *sd, const char *job, struct err *e)
{
	char result[32];
	int r = bus_wait_job(sd->bus, job, result, sizeof(result), e);

	if (r < 0)
		return err_wrap(e, "stop %s", sd->unit);
	return 0; /* however it ended, what matters is what is left */
}

int systemd_stop(struct cgroup *cg, struct err *e)
{
	struct systemd *sd = cg->systemd;
	const struct value kill[] = { value_string(sd->unit),
				      value_string("all"),
				      { .type = "i", .number = SIGKILL } };
	const struct value stop[] = { value_string(sd->unit), value_string("replace") };
	struct bus_reply reply;
	/* it would ask politely first, and for longer than anybody who deletes wants to wait */
	int r = call(sd, "KillUnit", kill, 3, &reply, e);

	if (r == 0)
		r = call(sd, "StopUnit", stop, 2, &reply, e);
	if (r == 0 && !reply.refused)
		r = wait_stopped(sd, reply.text, e);
	return r == 0 ? reset_failed(sd, e) : r;
}

int systemd_attach(struct cgroup *cg, struct err *e)
{
	struct systemd *sd = cg->systemd;
	/* who has connected: the number that systemd sees, whatever it is here */
	const struct value self = { .type = "u", .number = 0 };
	const struct value args[] = { value_string(sd->unit), value_string(""),
				      value_list(cg->limits.arena, "u", &self, 1) };
	struct bus_reply reply;
	int r = connect_again(sd, cg->limits.arena, e);

	if (r == 0)
		r = call(sd, "AttachProcessesToUnit", args, 3, &reply, e);
	if (r == 0 && reply.refused)
		r = refused(sd, &reply, "AttachProcessesToUnit", e);
	return r;
}

/* What a change of one half of the quota leaves as it is. */
static struct cpu_max read_cpu_max(const struct cgroup *cg)
{
	const struct hierarchy *v1 = layout_v1(&cg->layout, "cpu"), *h = layout_v2(&cg->layout);
	struct cpu_max now = CPU_MAX_DEFAULT;
	char quota[64] = "", period[32] = "";

	if (v1) {
		(void)hierarchy_read(v1, "cpu.cfs_quota_us", quota, 32);
		(void)hierarchy_read(v1, "cpu.cfs_period_us", period, sizeof(period));
		quota[strcspn(quota, "\n")] = ' ';
		(void)str_append(quota, sizeof(quota), "%s", period);
	} else if (h) {
		(void)hierarchy_read(h, "cpu.max", quota, sizeof(quota));
	}
	cpu_max_parse(quota, &now);
	return now;
}

int systemd_set_properties(struct cgroup *cg, const struct limits *l, struct err *e)
{
	struct systemd *sd = cg->systemd;
	struct props p = { .arena = l->arena };
	struct bus_reply reply = { 0 };

	if (!sd)
		return 0;
	struct cpu_max now = read_cpu_max(cg);

	props_of_limits(l, &now, &p);
	int r = p.n ? connect_again(sd, l->arena, e) : 0;

	while (r == 0 && p.n) {
		const struct value args[] = { value_string(sd->unit), value_bool(true),
					      list_of(&p) };

		r = call(sd, "SetUnitProperties", args, 3, &reply, e);
		if (r < 0 || !drop_unknown(&p, &reply))
			break;
	}
	if (r == 0 && p.n && reply.refused)
		return fail_start(sd, &reply, &p, e);
	/* it writes after it has answered, and before it takes the next call: who writes exact
	 * values afterwards must not be overwritten by rounded ones */
	const struct value unit = value_string(sd->unit);

	return r == 0 && p.n ? call(sd, "GetUnit", &unit, 1, &reply, e) : r;
}

void systemd_close(struct systemd *sd)
{
	if (sd->bus)
		bus_close(sd->bus);
	sd->bus = NULL;
}
