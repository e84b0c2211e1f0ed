/* idmap.c - id mappings as the kernel takes them */
#include <stdio.h>

#include "parts.h"

/* user_namespaces(7), "Defining user and group ID mappings" */
static const char *map_text(struct arena *a, const struct config_idmaps *maps)
{
	size_t size = maps->n * 40 + 1; /* three numbers of ten digits, blanks */
	char *text = arena_alloc(a, size);
	size_t n = 0;

	for (size_t i = 0; i < maps->n; i++) {
		const struct config_idmap *m = &maps->items[i];

		n += (size_t)snprintf(text + n, size - n, "%u %u %u\n", (unsigned)m->container_id,
				      (unsigned)m->host_id, (unsigned)m->size);
	}
	return text;
}

/* Whom init becomes: root, or the first id there is where root is not mapped. */
static unsigned root_of(const struct config_idmaps *maps)
{
	for (size_t i = 0; i < maps->n; i++) {
		if (maps->items[i].container_id == 0)
			return 0;
	}
	return maps->n ? (unsigned)maps->items[0].container_id : 0;
}

struct plan_idmap *plan_new_idmap(struct arena *a, const struct config_idmaps *uids,
				  const struct config_idmaps *gids)
{
	struct plan_idmap *m = arena_new(a, struct plan_idmap);

	*m = (struct plan_idmap){
		.uid_map = map_text(a, uids),
		.gid_map = map_text(a, gids),
		.uids = uids,
		.gids = gids,
		.root_uid = root_of(uids),
		.root_gid = root_of(gids),
	};
	return m;
}

int64_t plan_map_id(const struct config_idmaps *maps, uint64_t id)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct config_idmap *m = &maps->items[i];

		if (id >= m->container_id && id - m->container_id < m->size)
			return (int64_t)(m->host_id + (id - m->container_id));
	}
	return -1;
}
