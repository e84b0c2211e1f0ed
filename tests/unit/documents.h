/* documents.h - config.json documents for the tests of the reader */
#ifndef UNIT_DOCUMENTS_H
#define UNIT_DOCUMENTS_H

#include "hull/spec.h"

/* fill() - @form with @value in the place of its %s, in the arena */
const char *fill(const char *form, const char *value);

/* read_config() - a whole document with ' for ". Return: as spec_read_config(). */
int read_config(const char *text, struct config *ret);

/* read_ok() - a document with these members after ociVersion, on line 2 */
struct config read_ok(const char *members);

/* refuse() - the same, where it must not be read: with this very message */
void refuse(const char *members, const char *message);

#endif
