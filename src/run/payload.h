/* payload.h - questions about the payload that only the container's own files answer */
#ifndef HULL_PAYLOAD_H
#define HULL_PAYLOAD_H

#include <stddef.h>
#include <sys/types.h>

#include "hull/err.h"
#include "hull/plan.h"
#include "seal.h"

/**
 * payload_find() - where the kernel will find the program
 * @name: argv[0]; with a '/' it is a path, else it is looked for in PATH
 * @p: whose environment has PATH, and who has to be allowed to execute it
 * @ret: the path to execute, @size bytes
 *
 * Called with the container's root and working directory. A missing program, a directory, one
 * that may not be executed and a missing interpreter (of a script or an ELF file) are told apart,
 * in the words callers match (callers.md 3.8).
 *
 * Return: 0 or -errno.
 */
int payload_find(const char *name, const struct plan_process *p, char *ret, size_t size,
		 struct err *e);

/**
 * payload_enter_cwd() - chdir to process.cwd
 * @make: when it is missing (0755)
 * @s: gets GATE_CHDIR when root is refused, so that the user tries
 *
 * Return: 0 or -errno.
 */
int payload_enter_cwd(const struct plan_process *p, int rootfd, bool make, struct seal *s,
		      struct err *e);

/**
 * payload_finish_env() - add HOME where it is not set, and room for a pid to LISTEN_PID
 * @s: gets GATE_LISTEN_PID, for only the gate knows the payload's pid
 */
void payload_finish_env(const struct plan_process *p, int rootfd, struct seal *s);

/**
 * payload_home() - the home directory of a user by the container's /etc/passwd
 * @rootfd: the container's root
 * @ret: "/" when the file or the user is not there
 *
 * A parser of its own and no NSS: libraries of the image must not be loaded (CVE-2019-14271).
 */
void payload_home(int rootfd, uid_t uid, char *ret, size_t size);

#endif
