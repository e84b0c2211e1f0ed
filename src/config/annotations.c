/* annotations.c - the annotations that change what hull does; everything else in them is cargo */
#include <string.h>

#include "hull/spec.h"

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
