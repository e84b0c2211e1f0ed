/* host.c - facts about this machine */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/str.h"
#include "hull/sys.h"

#define STATUS_MAX (1 << 20) /* bytes, with the 65536 groups that a user may be in */

/* As in an unprivileged system container. The host's own is not root's there, but nobody's. */
static bool root_has_systemd(void)
{
	struct stat st;

	return stat("/run/systemd/private", &st) == 0 && st.st_uid == 0;
}

/* proc_pid_status(5): both are sets of bits. */
static int read_status(struct host_facts *f, struct err *e)
{
	static const char ignored[] = "\nSigIgn:\t", permitted[] = "\nCapPrm:\t";
	static char text[STATUS_MAX];
	ssize_t n = file_read_at(-1, "/proc/self/status", text, sizeof(text));
	const char *signals = n < 0 ? NULL : strstr(text, ignored);
	const char *caps = n < 0 ? NULL : strstr(text, permitted);

	if (!signals || !caps)
		return err_sys(e, n < 0 ? (int)-n : EPROTO,
			       "read SigIgn and CapPrm of /proc/self/status");
	f->ignored = strtoull(signals + strlen(ignored), NULL, 16);
	f->permitted = strtoull(caps + strlen(permitted), NULL, 16);
	return 0;
}

static bool wants_label(const char *label)
{
	return label && label[0];
}

static bool apparmor_enabled(void)
{
	char text[8];
	ssize_t n = file_read_at(-1, "/sys/module/apparmor/parameters/enabled", text, sizeof(text));

	return n > 0 && text[0] == 'Y';
}

static bool selinux_enabled(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

int host_read_facts(const struct config *c, struct host_facts *ret, struct err *e)
{
	/* as the kernel has told at the execve: nothing has changed it */
	struct host_facts f = { .euid = sys_euid(), .egid = (gid_t)getauxval(AT_EGID) };
	int r = read_status(&f, e);

	if (r < 0)
		return r;
	f.last_cap = caps_last();
	f.in_userns = sys_in_user_namespace();
	f.own_systemd = f.in_userns && f.euid == 0 && root_has_systemd();
	if (c->process && wants_label(c->process->apparmor_profile))
		f.apparmor = apparmor_enabled();
	if ((c->process && wants_label(c->process->selinux_label)) ||
	    (c->linux && wants_label(c->linux->mount_label)))
		f.selinux = selinux_enabled();
	*ret = f;
	return 0;
}

const char *host_now(struct arena *a)
{
	struct timespec now;
	char text[STR_UTC_SIZE];

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	str_utc(&now, text);
	return arena_strdup(a, text);
}
