/* delete.c - removing a container */
#include <errno.h>

#include "handover.h"
#include "hull/launch.h"
#include "hull/restart.h"
#include "undo.h"

/* A created container may be deleted as it is, as runc has it: nothing of the user's runs. */
static int check_status(const struct container *c, bool force, struct err *e)
{
	enum container_status status = container_status(c);

	if (force || status == STATUS_STOPPED || status == STATUS_CREATED)
		return 0;
	return err_set(e, EBUSY, "cannot delete container %s that is not stopped: %s", c->id,
		       container_status_name(status));
}

int launch_delete(const char *root, const char *id, bool force, struct err *e)
{
	struct arena a = { 0 };
	struct container c;
	int r = container_open(&a, root, id, force ? LOCK_REMOVE : LOCK_CHANGE, &c, e);

	if (r == 0) {
		r = check_status(&c, force, e);
		if (r == 0 && cgroup_asks_systemd(c.cgroup))
			r = restart_shared(e);
		if (r == 0)
			r = handover_cloexec(e);
		if (r == 0)
			r = undo_all(&c, true, e);
		container_close(&c);
	} else if (r == -ENOENT && force) {
		r = 0; /* gone is what was asked for */
	}
	arena_free(&a);
	return r;
}
