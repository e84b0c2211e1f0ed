/* host.c - facts about this machine */
#include "host.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "hull/fd.h"
#include "hull/signals.h"
#include "hull/str.h"
#include "hull/sys.h"

/* As in an unprivileged system container. The host's own is not root's there, but nobody's. */
static bool root_has_systemd(void)
{
	struct stat st;

	return stat("/run/systemd/private", &st) == 0 && st.st_uid == 0;
}

static int permitted_caps(uint64_t *ret, struct err *e)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(e, "capget");
	*ret = data[0].permitted | (uint64_t)data[1].permitted << 32;
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

	if (r == 0)
		r = signals_ignored(&f.ignored, e);
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
