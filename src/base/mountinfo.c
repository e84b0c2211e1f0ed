/* mountinfo.c - /proc/pid/mountinfo */
#include "hull/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "hull/fd.h"

#define MOUNTINFO_LIMIT ((size_t)64 << 20)

int mountinfo_read(int proc_fd, struct arena *a, char **ret_text)
{
	_cleanup_close_ int fd = proc_fd < 0
					 ? open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
					 : openat(proc_fd, "self/mountinfo", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_read_file(fd, a, MOUNTINFO_LIMIT, ret_text, NULL);
}

/* Blank, tab, newline and backslash are written as three octal digits. */
static void unescape(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		unsigned c = 0;
		int used = 0;

		if (*p == '\\' && sscanf(p + 1, "%3o%n", &c, &used) == 1 && used == 3) {
			*out++ = (char)c;
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
}

/* A word of the line, terminated; NULL when there is none. */
static char *take_word(char **line)
{
	char *word;

	do
		word = strsep(line, " ");
	while (word && !*word);
	return word;
}

/* "36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
static bool parse(char *line, struct mountinfo *ret)
{
	char *tail = strstr(line, " - ");
	int used = 0;

	if (!tail || sscanf(line, "%d %d %*s %*s %n", &ret->id, &ret->parent, &used) != 2 || !used)
		return false;
	*tail = '\0';
	tail += 3;
	line += used;
	char *dir = take_word(&line);

	ret->type = take_word(&tail);
	/* the source; where that is empty the options are taken for it, and none are left */
	(void)take_word(&tail);
	ret->options = tail ? tail : "";
	if (!dir || !ret->type)
		return false;
	unescape(dir);
	ret->dir = dir;
	return true;
}

bool mountinfo_next(struct arena *a, const char **text, struct mountinfo *ret)
{
	while (**text) {
		size_t n = strcspn(*text, "\n");
		char *line = arena_strndup(a, *text, n);

		*text += n + ((*text)[n] == '\n');
		if (parse(line, ret))
			return true;
	}
	return false;
}
