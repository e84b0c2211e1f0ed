/* annotations.c - the annotations that change what hull does; everything else in them is cargo */
#include <string.h>

#include "hull/spec.h"
#include "hull/str.h"

const struct annotation spec_annotations[] = {
	{ "org.systemd.property.",
	  "with a name after it: a property of the container's unit, in GVariant's text format "
	  "(`15`, `uint64 15`, `'text'`); for the systemd cgroup driver alone" },
	{ "run.oci.hooks.stderr",
	  "a file that the standard error of hooks is appended to; a relative path begins at the "
	  "bundle" },
	{ "run.oci.hooks.stdout", "the same for their standard output" },
	{ "run.oci.keep_original_groups",
	  "`1`: the payload has the supplementary groups of hull's caller, whatever "
	  "`process.user.additionalGids` says" },
	{ "run.oci.mount_context_type",
	  "the mount option that carries `linux.mountLabel`: `context`, which is the default, "
	  "`fscontext`, `defcontext` or `rootcontext`" },
	{ "run.oci.seccomp.receiver",
	  "the socket of a seccomp agent where `linux.seccomp.listenerPath` names none" },
	{ NULL, NULL },
};

const char *spec_annotation(const struct config *c, const char *key)
{
	for (size_t i = 0; i < c->annotations.n; i++) {
		if (!strcmp(c->annotations.items[i].key, key))
			return c->annotations.items[i].value;
	}
	return NULL;
}

void spec_put_annotations(struct json_out *o, const struct pairs *annotations)
{
	if (!annotations->n)
		return;
	json_out_object(o, "annotations");
	for (size_t i = 0; i < annotations->n; i++)
		json_out_string(o, annotations->items[i].key, annotations->items[i].value);
	json_out_object_end(o);
}

struct pairs spec_get_annotations(struct arena *a, const struct json *object)
{
	struct pairs p = { 0 };

	if (!object || object->type != JSON_OBJECT)
		return p;
	p.items = arena_new_n(a, struct pair, object->count);
	for (const struct json *m = object->items; m; m = m->next)
		p.items[p.n++] = (struct pair){ m->key, str_or(m->text, "") };
	return p;
}
