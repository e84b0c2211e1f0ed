/* describe.h - a container as `state` and `list` print it */
#ifndef HULL_DESCRIBE_H
#define HULL_DESCRIBE_H

#include "hull/container.h"
#include "hull/json.h"

/* describe() - one object: runtime-spec runtime.md "State", rootfs, created and owner */
void describe(struct json_out *o, const struct container *c, enum container_status status);

/* describe_owner() - "root", or "#uid" */
const char *describe_owner(const struct container *c, char *buf, size_t size);

#endif
