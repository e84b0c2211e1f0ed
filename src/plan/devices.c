/* devices.c - the nodes, links and device rules of every container */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hull/str.h"
#include "parts.h"

/* runtime-spec config-linux.md, "Default Devices"; /dev/console comes with the terminal */
static const struct {
	const char *path;
	unsigned major, minor;
} default_devices[] = {
	{ "/dev/null", 1, 3 },   { "/dev/zero", 1, 5 },    { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

/* runtime-linux.md, "Dev symbolic links", and /dev/ptmx of the container's own devpts */
static const struct plan_link default_links[] = {
	{ "/proc/self/fd", "/dev/fd" },       { "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
	{ "pts/ptmx", "/dev/ptmx" },
};

#define ANY (-1)

/* What both peers allow whatever the list says: make any node, use the ones above and ptys. */
static const struct {
	unsigned type;
	int major, minor;
	unsigned access;
} default_rules[] = {
	{ 'c', ANY, ANY, DEVICE_MKNOD },
	{ 'b', ANY, ANY, DEVICE_MKNOD },
	{ 'c', 1, 3, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 1, 5, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 1, 7, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 1, 8, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 1, 9, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 5, 0, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 5, 1, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 5, 2, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 136, ANY, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
	{ 'c', 10, 200, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
};

static bool dev_is_bound(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nmounts; i++) {
		if (plan->mounts[i].kind == MOUNT_BIND && str_eq(plan->mounts[i].place, "/dev"))
			return true;
	}
	return false;
}

static struct plan_device from_config(const struct config_device *c)
{
	/* engines that copy the mode of a host's node leave its type in; the type is told apart */
	mode_t mode = c->file_mode.set ? (mode_t)c->file_mode.value & 07777 : 0666;

	return (struct plan_device){
		.path = c->path,
		.mode = c->type | mode,
		.dev = makedev((unsigned)c->major.value, (unsigned)c->minor.value),
		.uid = (uid_t)c->uid.value,
		.gid = (gid_t)c->gid.value,
	};
}

static bool is_listed(const struct config_devices *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		if (str_eq(list->items[i].path, path))
			return true;
	}
	return false;
}

static void plan_nodes(const struct planner *p, struct plan *plan)
{
	const struct config_devices none = { 0 };
	const struct config_devices *list = p->config->linux ? &p->config->linux->devices : &none;
	struct plan_devices *d = &plan->devices;

	d->items = arena_new_n(p->arena, struct plan_device, list->n + ARRAY_SIZE(default_devices));
	for (size_t i = 0; i < list->n; i++)
		d->items[d->n++] = from_config(&list->items[i]);
	if (dev_is_bound(plan))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++) {
		if (is_listed(list, default_devices[i].path))
			continue;
		d->items[d->n++] = (struct plan_device){
			.path = default_devices[i].path,
			.mode = S_IFCHR | 0666,
			.dev = makedev(default_devices[i].major, default_devices[i].minor),
		};
	}
	memcpy(plan->links, default_links, sizeof(default_links));
	plan->nlinks = ARRAY_SIZE(default_links);
}

/* A container without a list may touch what default_rules say and nothing else. */
static void plan_rules(const struct planner *p, struct plan *plan)
{
	const struct config_resources *res = plan->cgroup.resources;
	size_t given = res ? res->devices.n : 0;
	struct config_device_rules *rules = &plan->cgroup.devices;

	rules->items = arena_new_n(p->arena, struct config_device_rule,
				   1 + given + ARRAY_SIZE(default_rules));
	rules->items[rules->n++] = (struct config_device_rule){ .allow = false, .type = 'a' };
	for (size_t i = 0; i < given; i++) {
		struct config_device_rule *r = &rules->items[rules->n++];

		*r = res->devices.items[i];
		if (!r->type)
			r->type = 'a';
	}
	for (size_t i = 0; i < ARRAY_SIZE(default_rules); i++) {
		rules->items[rules->n++] = (struct config_device_rule){
			.allow = true,
			.type = default_rules[i].type,
			.major = { .set = default_rules[i].major != ANY,
				   .value = default_rules[i].major },
			.minor = { .set = default_rules[i].minor != ANY,
				   .value = default_rules[i].minor },
			.access = default_rules[i].access,
		};
	}
}

void plan_devices(const struct planner *p, struct plan *plan)
{
	plan_nodes(p, plan);
	plan_rules(p, plan);
}
