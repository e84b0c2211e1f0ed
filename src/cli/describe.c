/* describe.c - a container as `state` and `list` print it */
#include "describe.h"

#include <stdio.h>

const char *describe_owner(const struct container *c, char *buf, size_t size)
{
	(void)snprintf(buf, size, c->owner ? "#%u" : "root", c->owner);
	return buf;
}

void describe(struct json_out *o, const struct container *c, enum container_status status)
{
	bool alive = status != STATUS_STOPPED && status != STATUS_CREATING;
	char owner[16];

	json_out_object(o, NULL);
	json_out_string(o, "ociVersion", SPEC_VERSION);
	json_out_string(o, "id", c->id);
	json_out_int(o, "pid", alive ? c->pid : 0);
	json_out_string(o, "status", container_status_name(status));
	json_out_string(o, "bundle", c->bundle);
	json_out_string(o, "rootfs", c->rootfs);
	json_out_string(o, "created", c->created[0] ? c->created : "0001-01-01T00:00:00Z");
	if (c->annotations)
		json_out_tree(o, "annotations", c->annotations);
	json_out_string(o, "owner", describe_owner(c, owner, sizeof(owner)));
	json_out_object_end(o);
}
