/* log.h - where messages go: stderr for people, the --log file for callers */
#ifndef HULL_LOG_H
#define HULL_LOG_H

#include <stdbool.h>

#include "hull/err.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

/**
 * log_open() - direct messages to a file, once, before anything is logged
 * @target: path or "file:PATH", opened O_APPEND and created 0644; "journald:NAME" and
 *          "syslog:NAME" go to the system log; NULL leaves stderr alone
 * @json: one object per line, {"level","msg","time"}, as containerd and Podman parse it
 * @level: the least important level to write
 *
 * Return: 0, -ENXIO for a FIFO that nobody reads, or -errno.
 */
int log_open(const char *target, bool json, enum log_level level, struct err *e);

/**
 * log_warn() - something the specification wants said although the command goes on
 *
 * Callers merge stderr into parsed output and read the log as "the last error" (callers.md C-07,
 * P-05), so warnings are held back until log_flush(): a command that fails logs its error alone.
 * They reach the log file, and stderr only when that is a terminal.
 */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_debug() - written at once, to the log or stderr, when the level asks for it */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_error() - the one line of a failed command: to the log, and to stderr as "hull: <text>" */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_flush() - write the held-back warnings; called once, when the command has succeeded */
void log_flush(void);

/* log_fd() - the log file's descriptor, or -1 */
int log_fd(void);

#endif
