/* arena.h - memory that lives as long as one command */
#ifndef HULL_ARENA_H
#define HULL_ARENA_H

#include <stddef.h>

/**
 * struct arena - a list of blocks handed out from the front and freed together
 *
 * Everything parsed or planned lives in the one arena of its command. Allocation cannot fail: the
 * arena is filled before anything of the container exists, so giving up on ENOMEM there loses
 * nothing; afterwards only fixed buffers are used.
 */
struct arena {
	struct arena_block *head;
};

/**
 * arena_alloc() - zeroed memory, aligned for any type
 *
 * Return: never NULL; the process aborts with one line when the kernel has no memory.
 */
void *arena_alloc(struct arena *a, size_t size)
	__attribute__((malloc, alloc_size(2), returns_nonnull));

/* arena_array() - @n zeroed elements; aborts when n * size overflows */
void *arena_array(struct arena *a, size_t n, size_t size)
	__attribute__((malloc, alloc_size(2, 3), returns_nonnull));

char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

/* arena_free() - give everything back; the arena is empty and usable afterwards */
void arena_free(struct arena *a);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_new_n(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

#endif
