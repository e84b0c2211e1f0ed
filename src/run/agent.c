/* agent.c - handing the listener of a seccomp filter over */
#include "agent.h"

#include <errno.h>
#include <string.h>

#include "hull/fd.h"
#include "hull/json.h"
#include "hull/plan.h"
#include "hull/str.h"

/* What an empty socket takes in one message, whatever net.core.wmem_default is. */
enum { AT_ONCE = 32 * 1024 };

static const char *process_state(struct arena *a, const struct container *c, const char *status,
				 pid_t pid)
{
	const struct config_seccomp *s = c->config.linux->seccomp;
	struct json_out *o = json_out_new(false);

	json_out_object(o, NULL);
	json_out_string(o, "ociVersion", SPEC_VERSION);
	json_out_array(o, "fds");
	json_out_string(o, NULL, "seccompFd");
	json_out_array_end(o);
	json_out_int(o, "pid", pid);
	if (s && s->listener_metadata)
		json_out_string(o, "metadata", s->listener_metadata);
	container_put_state(o, "state", c, status, c->pid);
	json_out_object_end(o);
	const char *text = arena_strdup(a, str_or(json_out_text(o, NULL), ""));

	json_out_free(o);
	return text;
}

int agent_send(struct arena *a, const struct container *c, const char *status, pid_t pid,
	       int listener, struct err *e)
{
	const char *named = plan_listener_path(&c->config);
	/* as other relative paths of a configuration */
	const char *path = named[0] == '/' ? named : arena_printf(a, "%s/%s", c->bundle, named);
	const char *text = process_state(a, c, status, pid);
	_cleanup_close_ int sock = fd_connect_unix(path);

	if (sock < 0)
		return err_sys(e, -sock, "linux.seccomp.listenerPath: connect %s", path);
	/* agents read once: the state comes with the descriptor, unless no buffer would hold it */
	size_t n = strlen(text), first = n < AT_ONCE ? n : AT_ONCE;
	int r = n ? fd_send(sock, listener, text, first) : -ENOMEM;

	if (r == 0)
		r = fd_write_all(sock, text + first, n - first);
	if (r == -EAGAIN)
		r = -ETIMEDOUT;
	return r < 0 ? err_sys(e, -r, "linux.seccomp.listenerPath: send to %s", path) : 0;
}
