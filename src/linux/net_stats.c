/* net_stats.c - the counters of network interfaces; proc(5), /proc/pid/net/dev */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hull/fd.h"
#include "hull/net.h"
#include "hull/str.h"

#define MAX_TEXT ((size_t)4 << 20)
#define COLUMNS 16

static bool is_our_own(int proc_fd, pid_t pid)
{
	struct stat ours, theirs;
	char path[32];

	(void)snprintf(path, sizeof(path), "%d/ns/net", pid);
	return fstatat(proc_fd, "self/ns/net", &ours, 0) < 0 ||
	       fstatat(proc_fd, path, &theirs, 0) < 0 || ours.st_ino == theirs.st_ino;
}

/* "  eth0: 1 2 ...": eight numbers of what came in, eight of what went out. */
static bool parse(const char *line, char name[32], uint64_t v[COLUMNS])
{
	int at = 0;

	if (sscanf(line, " %31[^: \n]:%n", name, &at) != 1 || !at)
		return false;
	for (int i = 0; i < COLUMNS; i++) {
		int used = 0;

		if (sscanf(line + at, "%20" SCNu64 "%n", &v[i], &used) != 1)
			return false;
		at += used;
	}
	return true;
}

static void put(struct json_out *o, const char *name, const uint64_t v[COLUMNS])
{
	static const struct {
		const char *key;
		int column;
	} rows[] = {
		{ "RxBytes", 0 }, { "RxPackets", 1 }, { "RxErrors", 2 },  { "RxDropped", 3 },
		{ "TxBytes", 8 }, { "TxPackets", 9 }, { "TxErrors", 10 }, { "TxDropped", 11 },
	};

	json_out_object(o, NULL);
	json_out_string(o, "Name", name);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_out_uint(o, rows[i].key, v[rows[i].column]);
	json_out_object_end(o);
}

void net_put_stats(struct arena *a, int proc_fd, pid_t pid, struct json_out *o)
{
	char path[32], name[32], *text = NULL;
	uint64_t v[COLUMNS];

	(void)snprintf(path, sizeof(path), "%d/net/dev", pid);
	_cleanup_close_ int fd =
		is_our_own(proc_fd, pid) ? -1 : openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

	json_out_array(o, "network_interfaces");
	if (fd >= 0 && fd_read_file(fd, a, MAX_TEXT, &text, NULL) == 0) {
		for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
			if (parse(text, name, v))
				put(o, name, v);
		}
	}
	json_out_array_end(o);
}
