/* container.h - what a container is like, and the terminals that came out of it */
#ifndef CRASH_CONTAINER_H
#define CRASH_CONTAINER_H

#include <stddef.h>

/* read_text() - a file's first @size - 1 bytes; none of one that is not there */
void read_text(const char *path, char *text, size_t size);

/**
 * container_look() - what confines the container's init, in lines; takes the terminals that came
 * @pid_file: with its number
 * @joined: the directory of namespaces that it may have been told to join
 */
void container_look(const char *pid_file, const char *joined, char *text, size_t size);

/**
 * terminals_listen() - make the socket at @path, for --console-socket
 *
 * Nobody has to accept: a connection waits with all that was sent over it.
 */
void terminals_listen(const char *path);

/* terminals_take() - hang up what came; return: how many terminals that were */
unsigned terminals_take(void);

#endif
