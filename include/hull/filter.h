/* filter.h - a seccomp profile to a BPF program; the only module that knows libseccomp */
#ifndef HULL_FILTER_H
#define HULL_FILTER_H

#include "hull/plan.h"

/**
 * filter_compile() - translate linux.seccomp
 * @c: the document, whose linux.seccomp may be absent: then @ret is empty
 * @ret: the program, in the arena; one that is there already is taken as it is
 *
 * Syscalls that this libseccomp does not know are skipped, as both peers do. Several conditions
 * on one argument index become rules of their own (runtime-spec: alternatives), for libseccomp
 * takes one per index.
 *
 * Return: 0 or -errno.
 */
int filter_compile(struct arena *a, const struct config *c, struct plan_filter *ret, struct err *e);

/* filter_version() - libseccomp's version, "2.5.4", into @buf; for `hull --version` */
const char *filter_version(char *buf, size_t size);

/* filter_has_arch() - whether libseccomp knows an "SCMP_ARCH_..." name; for `hull features` */
bool filter_has_arch(const char *name);

#endif
