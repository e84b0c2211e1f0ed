/* spec.c - `hull spec`: a configuration to begin with */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hull/fd.h"
#include "hull/json.h"
#include "hull/spec.h"
#include "hull/str.h"

struct options {
	const char *bundle, *file;
	bool rootless;
};

/* What a container keeps by default: enough to audit, to be signalled, and to bind low ports. */
static const char *const capabilities[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE",
					    NULL };

static const char *const env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=xterm",
	NULL,
};

static const char *const masked[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/proc/sched_debug",
	"/sys/firmware",
	"/proc/scsi",
	NULL,
};

static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
};

static const struct {
	const char *destination, *type, *source;
	const char *options[8];
	enum { ALWAYS, ROOT_ONLY, ROOTLESS_ONLY } when;
} mounts[] = {
	{ "/proc", "proc", "proc", { NULL }, ALWAYS },
	{ "/dev",
	  "tmpfs",
	  "tmpfs",
	  { "nosuid", "strictatime", "mode=755", "size=65536k" },
	  ALWAYS },
	{ "/dev/pts",
	  "devpts",
	  "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" },
	  ROOT_ONLY },
	{ "/dev/pts",
	  "devpts",
	  "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" },
	  ROOTLESS_ONLY },
	{ "/dev/shm",
	  "tmpfs",
	  "shm",
	  { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" },
	  ALWAYS },
	{ "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" }, ALWAYS },
	{ "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" }, ROOT_ONLY },
	{ "/sys", "none", "/sys", { "rbind", "nosuid", "noexec", "nodev", "rro" }, ROOTLESS_ONLY },
	{ "/sys/fs/cgroup",
	  "cgroup",
	  "cgroup",
	  { "nosuid", "noexec", "nodev", "relatime", "ro" },
	  ROOT_ONLY },
};

static void put_strings(struct json_out *o, const char *key, const char *const *list)
{
	json_out_array(o, key);
	for (; *list; list++)
		json_out_string(o, NULL, *list);
	json_out_array_end(o);
}

static void put_process(struct json_out *o)
{
	static const char *const args[] = { "sh", NULL };
	static const char *const sets[] = { "bounding", "effective", "permitted" };

	json_out_object(o, "process");
	json_out_bool(o, "terminal", true);
	json_out_object(o, "user");
	json_out_uint(o, "uid", 0);
	json_out_uint(o, "gid", 0);
	json_out_object_end(o);
	put_strings(o, "args", args);
	put_strings(o, "env", env);
	json_out_string(o, "cwd", "/");
	json_out_object(o, "capabilities");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		put_strings(o, sets[i], capabilities);
	json_out_object_end(o);
	json_out_array(o, "rlimits");
	json_out_object(o, NULL);
	json_out_string(o, "type", "RLIMIT_NOFILE");
	json_out_uint(o, "hard", 1024);
	json_out_uint(o, "soft", 1024);
	json_out_object_end(o);
	json_out_array_end(o);
	json_out_bool(o, "noNewPrivileges", true);
	json_out_object_end(o);
}

static void put_mounts(struct json_out *o, bool rootless)
{
	json_out_array(o, "mounts");
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (mounts[i].when == (rootless ? ROOT_ONLY : ROOTLESS_ONLY))
			continue;
		json_out_object(o, NULL);
		json_out_string(o, "destination", mounts[i].destination);
		json_out_string(o, "type", mounts[i].type);
		json_out_string(o, "source", mounts[i].source);
		if (mounts[i].options[0])
			put_strings(o, "options", mounts[i].options);
		json_out_object_end(o);
	}
	json_out_array_end(o);
}

static void put_idmap(struct json_out *o, const char *key, unsigned host_id)
{
	json_out_array(o, key);
	json_out_object(o, NULL);
	json_out_uint(o, "containerID", 0);
	json_out_uint(o, "hostID", host_id);
	json_out_uint(o, "size", 1);
	json_out_object_end(o);
	json_out_array_end(o);
}

static void put_namespaces(struct json_out *o, bool rootless)
{
	static const char *const kinds[] = { "pid", "network", "ipc", "uts", "mount", "cgroup" };

	json_out_array(o, "namespaces");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		/* an ordinary user has nothing to connect a network namespace to */
		if (rootless && str_eq(kinds[i], "network"))
			continue;
		json_out_object(o, NULL);
		json_out_string(o, "type", kinds[i]);
		json_out_object_end(o);
	}
	if (rootless) {
		json_out_object(o, NULL);
		json_out_string(o, "type", "user");
		json_out_object_end(o);
	}
	json_out_array_end(o);
}

static void put_linux(struct json_out *o, bool rootless)
{
	json_out_object(o, "linux");
	if (rootless) {
		put_idmap(o, "uidMappings", geteuid());
		put_idmap(o, "gidMappings", getegid());
	} else {
		json_out_object(o, "resources");
		json_out_array(o, "devices");
		json_out_object(o, NULL);
		json_out_bool(o, "allow", false);
		json_out_string(o, "access", "rwm");
		json_out_object_end(o);
		json_out_array_end(o);
		json_out_object_end(o);
	}
	put_namespaces(o, rootless);
	put_strings(o, "maskedPaths", masked);
	put_strings(o, "readonlyPaths", readonly);
	json_out_object_end(o);
}

static void put_config(struct json_out *o, bool rootless)
{
	json_out_object(o, NULL);
	json_out_string(o, "ociVersion", SPEC_VERSION);
	put_process(o);
	json_out_object(o, "root");
	json_out_string(o, "path", "rootfs");
	json_out_bool(o, "readonly", true);
	json_out_object_end(o);
	json_out_string(o, "hostname", "hull");
	put_mounts(o, rootless);
	put_linux(o, rootless);
	json_out_object_end(o);
}

static int write_new(const char *path, const char *text, size_t n, struct err *e)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, EEXIST, "File %s exists. Remove it first", path);
	if (fd < 0)
		return err_errno(e, "create %s", path);
	int r = fd_write_all(fd, text, n);

	if (r < 0) {
		(void)unlink(path); /* half a configuration is worse than none */
		return err_sys(e, -r, "write %s", path);
	}
	return 0;
}

static int run(struct invocation *in, struct err *e)
{
	const struct options *opts = in->options;
	const char *name = str_or(opts->file, "config.json");
	const char *path =
		opts->bundle ? arena_printf(in->arena, "%s/%s", opts->bundle, name) : name;
	struct json_out *o = json_out_new(true);
	size_t n;

	put_config(o, opts->rootless);
	const char *text = json_out_text(o, &n);
	int r = text ? write_new(path, text, n, e) : err_sys(e, ENOMEM, "write JSON");

	json_out_free(o);
	return r;
}

static const struct cli_option options[] = {
	CLI_STRING(struct options, bundle, "bundle", 'b', "directory to write to"),
	CLI_STRING(struct options, file, "file", 'f', "name of the file (default: config.json)"),
	CLI_BOOL(struct options, rootless, "rootless", 0, "for an ordinary user"),
	CLI_END,
};

const struct command command_spec = {
	.name = "spec",
	.arguments = "",
	.summary = "write a config.json to begin with",
	.options = options,
	.options_size = sizeof(struct options),
	.run = run,
};
