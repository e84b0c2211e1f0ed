/* plan_dump.h - a plan as text, for the golden files in tests/data/plans */
#ifndef UNIT_PLAN_DUMP_H
#define UNIT_PLAN_DUMP_H

#include <stdio.h>

#include "hull/plan.h"

/* plan_dump() - every member that is decided, one fact a line, what is empty left out */
void plan_dump(FILE *out, const struct plan *p);

#endif
