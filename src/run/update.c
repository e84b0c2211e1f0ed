/*
 * update.c - the `update` command: other limits for a container that exists
 *
 * The kernel first, then the container's own config.json, which the next update and exec read; a
 * failure puts back what came before it. A kill -9 in between leaves new limits and an old
 * config.json: nothing that `delete` would miss, and another update sets both.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hull/cgroup_live.h"
#include "hull/fd.h"
#include "hull/launch.h"
#include "hull/restart.h"
#include "hull/str.h"

struct update {
	const struct update_options *o;
	const char *text; /* of the resources; NULL: none are given */
	size_t len;
	struct arena arena;
	struct container c;
	const struct json *given_json, *all_json; /* NULL: no resources are given */
	struct config_resources given, all;
	struct config_intel_rdt rdt; /* the lines given */
	const char *rdt_before;      /* NULL: nothing was changed */
};

/* Before anything is read, for a restart begins anew. */
static int restart(struct update *u, struct err *e)
{
	int r = container_open(&u->arena, u->o->root, u->o->id, LOCK_NONE, &u->c, e);

	if (r < 0)
		return r;
	r = cgroup_asks_systemd(u->c.cgroup) ? restart_shared(e) : 0;
	container_close(&u->c);
	return r;
}

static int open_container(struct update *u, struct err *e)
{
	int r = container_open(&u->arena, u->o->root, u->o->id, LOCK_CHANGE, &u->c, e);

	if (r < 0)
		return r;
	enum container_status status = container_status(&u->c);

	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return err_set(e, ESRCH, "container not running");
	return container_read_config(&u->arena, &u->c, e);
}

/* Without a limit for memory there can be none for memory and swap together. */
static void lift_swap(struct update *u)
{
	static const struct json unlimited = { .type = JSON_NUMBER, .text = "-1" };
	struct config_memory *m = u->given.memory;

	if (!m || !m->limit.set || m->limit.value >= 0 || (m->swap.set && m->swap.value))
		return;
	m->swap = (struct opt_i64){ .set = true, .value = -1 };
	u->given_json = spec_with(&u->arena, u->given_json, "memory",
				  spec_with(&u->arena, json_member(u->given_json, "memory"), "swap",
					    &unlimited));
}

static int check(const struct update *u, struct err *e)
{
	struct config_linux linux = { .resources = (struct config_resources *)&u->given };
	const struct config config = { .linux = &linux };

	return plan_check_resources(&config, e);
}

/* The document of the container, with what is given merged in, as the tables read it. */
static int merge(struct update *u, struct err *e)
{
	const struct json *old = json_member(json_member(u->c.config.json, "linux"), "resources");
	struct json_out *o = json_out_new(false);
	size_t len;

	u->all_json = spec_merge_resources(&u->arena, old, u->given_json);
	json_out_tree(o, NULL, u->all_json);
	const char *text = json_out_text(o, &len);
	int r = text ? spec_read_resources(&u->arena, text, len, &u->all, e)
		     : err_sys(e, ENOMEM, "write JSON");

	json_out_free(o);
	return r;
}

/* Not under the lock: who types it in has time. */
static int read_text(struct update *u, struct err *e)
{
	const char *path = u->o->resources_file;
	bool input = str_eq(path, "-");
	char *text;

	u->text = u->o->resources;
	u->len = u->text ? strlen(u->text) : 0;
	if (!path)
		return 0;
	_cleanup_close_ int fd = input ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (!input && fd < 0)
		return err_errno(e, "--resources %s: open", path);
	int r = fd_read_file(input ? STDIN_FILENO : fd, &u->arena, JSON_MAX_SIZE, &text, &u->len);

	if (r < 0)
		return err_sys(e, -r, "--resources %s: read", path);
	u->text = text;
	return 0;
}

static int read_resources(struct update *u, struct err *e)
{
	struct json *tree = NULL;

	if (!u->text)
		return 0;
	int r = spec_read_resources(&u->arena, u->text, u->len, &u->given, e);

	if (r == 0)
		r = json_parse(&u->arena, u->text, u->len, &tree, e);
	if (r < 0)
		return err_wrap(e, "linux.resources");
	u->given_json = tree;
	lift_swap(u);
	r = check(u, e);
	return r < 0 ? r : merge(u, e);
}

static int read_rdt(struct update *u, struct err *e)
{
	u->rdt = (struct config_intel_rdt){ .l3_cache_schema = u->o->l3_cache_schema,
					    .mem_bw_schema = u->o->mem_bw_schema };
	if ((u->o->l3_cache_schema || u->o->mem_bw_schema) && !u->c.rdt)
		return err_set(e, EINVAL, "%s: the container has no linux.intelRdt",
			       u->o->l3_cache_schema ? "--l3-cache-schema" : "--mem-bw-schema");
	return 0;
}

static bool has_resources(const struct json *given)
{
	for (const struct json *m = given ? given->items : NULL; m; m = m->next) {
		if (!str_eq(m->key, "devices") && m->count)
			return true;
	}
	return false;
}

static int apply_resources(struct update *u, struct err *e)
{
	if (!has_resources(u->given_json))
		return 0;
	if (!u->c.cgroup)
		return err_set(e, EOPNOTSUPP, "container has no cgroup to limit");
	return cgroup_update(u->c.cgroup, &u->given, &u->all, e);
}

static int apply_rdt(struct update *u, struct err *e)
{
	if (!u->rdt.l3_cache_schema && !u->rdt.mem_bw_schema)
		return 0;
	return rdt_update(&u->arena, u->c.rdt, &u->rdt, &u->rdt_before, e);
}

static const struct json *with_text(struct update *u, const struct json *object, const char *name,
				    const char *text)
{
	const struct json value = { .type = JSON_STRING, .text = text };

	return text ? spec_with(&u->arena, object, name, &value) : object;
}

/* The whole document again, so that members which hull does not know are kept. */
static const struct json *new_config(struct update *u)
{
	const struct json *config = u->c.config.json, *linux = json_member(config, "linux");
	const struct json *rdt = json_member(linux, "intelRdt");

	rdt = with_text(u, rdt, "l3CacheSchema", u->rdt.l3_cache_schema);
	rdt = with_text(u, rdt, "memBwSchema", u->rdt.mem_bw_schema);
	if (rdt)
		linux = spec_with(&u->arena, linux, "intelRdt", rdt);
	if (u->all_json)
		linux = spec_with(&u->arena, linux, "resources", u->all_json);
	return linux ? spec_with(&u->arena, config, "linux", linux) : config;
}

static int save(struct update *u, struct err *e)
{
	struct json_out *o = json_out_new(true);
	size_t len;

	json_out_tree(o, NULL, new_config(u));
	const char *text = json_out_text(o, &len);
	int r = text ? file_replace_at(u->c.dirfd, "config.json", 0600, text, len) : -ENOMEM;

	json_out_free(o);
	return r < 0 ? err_sys(e, -r, "write %s/%s/config.json", u->c.root, u->c.id) : 0;
}

static int change(struct update *u, struct err *e)
{
	if (!u->given_json && !u->rdt.l3_cache_schema && !u->rdt.mem_bw_schema)
		return 0; /* nothing is asked for */
	int r = apply_resources(u, e);

	if (r < 0)
		return r;
	r = apply_rdt(u, e);
	if (r == 0)
		r = save(u, e);
	if (r == 0)
		return 0;
	if (u->rdt_before)
		rdt_restore(u->c.rdt, u->rdt_before);
	if (u->c.cgroup)
		cgroup_update_undo(u->c.cgroup);
	return r;
}

int launch_update(const struct update_options *o, struct err *e)
{
	struct update u = { .o = o };

	u.c.dirfd = u.c.root_fd = u.c.proc_fd = -1;
	int r = restart(&u, e);

	if (r == 0)
		r = read_text(&u, e);
	if (r == 0)
		r = open_container(&u, e);
	if (r == 0)
		r = read_resources(&u, e);
	if (r == 0)
		r = read_rdt(&u, e);
	if (r == 0)
		r = change(&u, e);
	container_close(&u.c);
	arena_free(&u.arena);
	return r;
}
