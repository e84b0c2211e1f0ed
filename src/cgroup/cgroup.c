/* cgroup.c - one container's control groups: preparing, saving, creating, entering */
#include "hull/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devrules.h"
#include "group.h"
#include "hull/fd.h"
#include "hull/str.h"
#include "hull/sys.h"
#include "systemd.h"
#include "tree.h"

/* v1 has a controller for devices, v2 a hook for BPF programs. */
static int plan_devices(struct arena *a, struct cgroup *cg, const struct config_device_rules *list,
			struct err *e)
{
	struct devrules rules;

	if (!list->n)
		return 0;
	devrules_reduce(a, list, &rules);
	if (layout_v1(&cg->layout, "devices"))
		return devrules_v1(&rules, &cg->limits, e);
	if (layout_v2(&cg->layout))
		return devbpf_compile(a, &rules, &cg->devices, e);
	if (!cg->optional && !devrules_allow_all(&rules))
		return err_set(e, EINVAL,
			       "linux.resources.devices: this host has no devices "
			       "controller");
	return 0;
}

static int prepare(struct arena *a, struct cgroup *cg, const struct plan_cgroup *p,
		   const char *path, struct err *e)
{
	int r = layout_read(a, &cg->layout, e);

	if (r == 0)
		r = fs_place(a, cg, path, e);
	if (r == 0 && !layout_has_v1(&cg->layout))
		r = layout_read_available(a, &cg->layout, e);
	if (r < 0 || !cg->layout.n)
		return r;
	r = plan_devices(a, cg, &p->devices, e);
	return r < 0 ? r : resources_plan(p->resources, &cg->layout, &cg->limits, e);
}

int cgroup_prepare(struct arena *a, const struct plan_cgroup *p, const char *id,
		   struct cgroup **ret, struct err *e)
{
	struct cgroup *cg = arena_new(a, struct cgroup);
	const char *path;

	cg->limits.arena = a;
	cg->optional = p->optional;
	cg->delegate_uid = p->delegate_uid;
	if (p->disabled) {
		*ret = NULL;
		return 0;
	}
	int r = p->systemd ? systemd_prepare(a, cg, p, id, &path, e)
			   : fs_normalize(a, p->path ? p->path : id, &path, e);

	if (r == 0)
		r = prepare(a, cg, p, path, e);
	if (r < 0) {
		cgroup_close(cg);
		return r;
	}
	if (cg->systemd)
		systemd_placed(cg);
	if (!cg->layout.n && !p->optional)
		return err_set(e, ENOENT, "no cgroup file system is mounted on this host");
	*ret = cg->layout.n ? cg : NULL;
	return 0;
}

void cgroup_save(const struct cgroup *cg, struct json_out *o)
{
	json_out_string(o, "driver", cg->systemd ? "systemd" : "cgroupfs");
	if (cg->systemd)
		systemd_save(cg->systemd, o);
	json_out_array(o, "hierarchies");
	for (size_t i = 0; i < cg->layout.n; i++) {
		const struct hierarchy *h = &cg->layout.items[i];

		if (h->absent)
			continue;
		json_out_object(o, NULL);
		json_out_string(o, "controllers", h->controllers);
		json_out_string(o, "dir", h->dir);
		json_out_string(o, "path", h->path);
		json_out_uint(o, "made", h->made);
		json_out_object_end(o);
	}
	json_out_array_end(o);
}

static int load_hierarchy(struct arena *a, const struct json *o, struct hierarchy *ret,
			  struct err *e)
{
	const char *controllers = json_string(o, "controllers"), *dir = json_string(o, "dir");
	const char *path = json_string(o, "path");
	const struct json *made = json_member(o, "made");
	uint64_t n;

	if (!controllers || !dir || dir[0] != '/' || !path || path[0] != '/' || !path[1] ||
	    hierarchy_lists(path, '/', "..") || !made || made->type != JSON_NUMBER)
		return err_set(e, EINVAL, "saved state: not a cgroup that hull wrote");
	*ret = (struct hierarchy){ .controllers = controllers, .dir = dir, .fd = -1 };
	hierarchy_set_path(a, ret, path);
	if (str_to_u64(made->text, ret->depth, &n) < 0 || strlen(ret->group) >= PATH_MAX - NAME_MAX)
		return err_set(e, EINVAL, "saved state: not a cgroup that hull wrote");
	ret->made = (unsigned)n;
	return 0;
}

int cgroup_load(struct arena *a, const struct json *saved, struct cgroup **ret, struct err *e)
{
	const struct json *list = json_member(saved, "hierarchies");
	struct cgroup *cg = arena_new(a, struct cgroup);
	bool systemd = str_eq(json_string(saved, "driver"), "systemd");

	if (!list || list->type != JSON_ARRAY ||
	    (!systemd && !str_eq(json_string(saved, "driver"), "cgroupfs")))
		return err_set(e, EINVAL, "saved state: not a cgroup that hull wrote");
	cg->limits.arena = a;
	if (systemd && systemd_load(a, saved, cg, e) < 0)
		return -EINVAL;
	cg->delegate_uid = (uid_t)-1;
	cg->layout.items = arena_new_n(a, struct hierarchy, list->count + 1);
	for (const struct json *o = list->items; o; o = o->next) {
		int r = load_hierarchy(a, o, &cg->layout.items[cg->layout.n], e);

		if (r < 0)
			return r;
		cg->layout.n++;
	}
	*ret = cg->layout.n ? cg : NULL;
	return 0;
}

/*
 * The kernel lets only real root restrict devices; root of a user namespace cannot make nodes, nor
 * open any on what it mounts, so nothing is lost there. The container of an ordinary user has a
 * user namespace, always.
 */
static bool devices_are_moot(void)
{
	return sys_euid() != 0 || sys_in_user_namespace();
}

static int apply_limits(struct cgroup *cg, struct err *e)
{
	bool fresh = group_fresh(cg);
	int r = limits_apply(&cg->limits, fresh, false, e);

	if (r == -EPERM && devices_are_moot())
		r = limits_apply(&cg->limits, fresh, true, e);
	return r;
}

static int apply_devices(struct cgroup *cg, struct err *e)
{
	const struct hierarchy *h = layout_v2(&cg->layout);

	if (!h || h->absent || layout_v1(&cg->layout, "devices"))
		return 0;
	int r = devbpf_attach(h->fd, &cg->devices, h->made > 0, e);

	if (r == -EPERM && devices_are_moot())
		return 0;
	return r < 0 ? err_wrap(e, "linux.resources.devices") : 0;
}

/* config-linux.md, "Cgroup ownership": which files is the kernel's word, if it has one. */
static int delegate(const struct cgroup *cg, struct err *e)
{
	static const char usual[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
	const struct hierarchy *h = layout_v2(&cg->layout);
	char text[2048], *name = text, *end;

	if (cg->delegate_uid == (uid_t)-1 || layout_has_v1(&cg->layout) || !h || h->absent ||
	    (h->made && cg->delegate_uid == sys_euid()))
		return 0;
	if (file_read_at(AT_FDCWD, "/sys/kernel/cgroup/delegate", text, sizeof(text)) < 0)
		memcpy(text, usual, sizeof(usual));
	if (fchownat(h->fd, "", cg->delegate_uid, (gid_t)-1, AT_EMPTY_PATH) < 0)
		return err_errno(e, "chown %s", h->group);
	for (; *name; name = end + 1) {
		end = strchrnul(name, '\n');
		if (!*end)
			break;
		*end = '\0';
		if (fchownat(h->fd, name, cg->delegate_uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return err_errno(e, "chown %s/%s", h->group, name);
	}
	return 0;
}

static int make(struct cgroup *cg, struct err *e)
{
	int r = fs_create(cg, e);

	if (r == 0)
		r = apply_limits(cg, e);
	if (r == 0)
		r = apply_devices(cg, e);
	return r == 0 ? delegate(cg, e) : r;
}

bool cgroup_asks_systemd(const struct cgroup *cg)
{
	return cg && cg->systemd;
}

int cgroup_create(struct cgroup *cg, struct err *e)
{
	if (cg->systemd)
		return fs_check(cg, e);
	int r = make(cg, e);

	if (r < 0) {
		cgroup_close(cg);
		remove_made(cg);
	}
	return r;
}

int cgroup_admit(struct cgroup *cg, pid_t pid, struct err *e)
{
	if (!cg->systemd)
		return 0;
	int r = systemd_start(cg, pid, e);

	if (r == 0)
		r = make(cg, e);
	return r == 0 ? cgroup_add(cg, pid, e) : r;
}

/* Where no process may be made none can be born; one that exists may still be moved there. */
static bool forbids_birth(const struct limits *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].v2 && str_eq(l->items[i].file, "pids.max") &&
		    str_eq(l->items[i].value, "0"))
			return true;
	}
	return false;
}

int cgroup_dirfd(struct cgroup *cg)
{
	struct hierarchy *h = layout_v2(&cg->layout);

	if (!h || h->absent || cg->foreign || forbids_birth(&cg->limits))
		return -1;
	if (h->fd < 0) {
		int fd = hierarchy_open(h, ".", O_PATH | O_DIRECTORY);

		h->fd = fd < 0 ? -1 : fd;
	}
	return h->fd;
}

static int fail_add(const struct hierarchy *h, int num, struct err *e)
{
	const char *why = num == ENOSPC && hierarchy_has(h, "cpuset")
				  ? " (its cpuset.cpus or cpuset.mems is empty)"
			  : num == EBUSY && hierarchy_is_v2(h)
				  ? " (it has controllers enabled for groups below)"
				  : "";

	return err_set(e, num, "enter %s: %s%s", h->group, err_text(num), why);
}

int cgroup_add(struct cgroup *cg, pid_t pid, struct err *e)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", pid);
	for (size_t i = 0; i < cg->layout.n; i++) {
		const struct hierarchy *h = &cg->layout.items[i];
		int r = h->absent || h->joined ? 0 : hierarchy_write(h, "cgroup.procs", number);

		if (r < 0)
			return fail_add(h, -r, e);
	}
	return 0;
}

/* For init, whose copy was made before cgroup_admit() put it there: what a mount may show. */
static void note_admitted(struct cgroup *cg)
{
	cg->foreign = false;
	for (size_t i = 0; i < cg->layout.n; i++) {
		if (access(cg->layout.items[i].group, F_OK) < 0)
			cg->layout.items[i].absent = true;
	}
}

/* "0" is who writes it, as a process or as a thread. Return: not negative, or -errno. */
static int enter_group(struct hierarchy *h)
{
	if (hierarchy_is_v2(h))
		return hierarchy_write(h, "cgroup.procs", "0");
	if (h->fd < 0)
		h->fd = hierarchy_open(h, "tasks", O_WRONLY);
	return h->fd < 0 ? h->fd : (int)fd_write(h->fd, "0", 1);
}

int cgroup_enter(struct cgroup *cg, bool born, struct err *e)
{
	bool attached = false;

	if (cg->foreign) {
		note_admitted(cg);
		return 0;
	}
	for (size_t i = 0; i < cg->layout.n; i++) {
		struct hierarchy *h = &cg->layout.items[i];

		if (h->absent || (born && hierarchy_is_v2(h)))
			continue;
		int r = enter_group(h);

		if ((r == -EACCES || r == -EPERM) && cg->systemd && systemd_handles(h)) {
			/* one call puts it into all of those that systemd handles */
			r = attached ? 0 : systemd_attach(cg, e);
			if (r < 0)
				return r;
			attached = true;
		}
		if (r < 0)
			return fail_add(h, -r, e);
	}
	return 0;
}

int cgroup_pids(const struct cgroup *cg, struct arena *a, pid_t **ret, size_t *ret_n, struct err *e)
{
	const struct hierarchy *h = group_processes(cg);
	cleanup_pids struct pids pids = { 0 };
	int r = h ? group_pids(h, &pids) : 0;

	if (r < 0 && !hierarchy_is_gone(r))
		return err_sys(e, -r, "read %s", h->group);
	*ret = arena_new_n(a, pid_t, pids.n + 1);
	if (pids.n)
		memcpy(*ret, pids.items, pids.n * sizeof(**ret));
	*ret_n = pids.n;
	return 0;
}

/* The number after a word at the start of a line, or 0. */
static uint64_t count_in(const char *text, const char *word)
{
	size_t n = strlen(word);
	uint64_t count = 0;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, word, n) && line[n] == ' ')
			(void)sscanf(line + n, "%20" SCNu64, &count);
	}
	return count;
}

uint64_t cgroup_oom_kills(const struct cgroup *cg, int64_t *ret_limit)
{
	const struct hierarchy *v1 = layout_v1(&cg->layout, "memory"), *h = v1;
	char text[1024];

	if (!h)
		h = layout_v2(&cg->layout);
	if (ret_limit)
		*ret_limit = -1;
	if (!h || cg->foreign ||
	    hierarchy_read(h, v1 ? "memory.oom_control" : "memory.events", text, sizeof(text)) < 0)
		return 0;
	uint64_t count = count_in(text, "oom_kill");

	if (ret_limit && hierarchy_read(h, v1 ? "memory.limit_in_bytes" : "memory.max", text,
					sizeof(text)) > 0) {
		int64_t limit;

		text[strcspn(text, "\n")] = '\0';
		/* v1's "unlimited" is the largest number of whole pages */
		if (str_to_i64(text, 0, INT64_MAX - 65536, &limit) == 0)
			*ret_limit = limit;
	}
	return count;
}

void cgroup_close(struct cgroup *cg)
{
	if (cg->systemd)
		systemd_close(cg->systemd);
	for (size_t i = 0; i < cg->layout.n; i++)
		fd_close_later(fd_steal(&cg->layout.items[i].fd));
}
