/* arena.c - a bump allocator over malloc'd blocks */
#include "hull/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Built for a sanitizer it is 0: then each allocation is a block of its own, and a step over either
 * end of it is seen. Inside a larger block it would be into a neighbour's memory, and pass.
 */
#ifndef ARENA_BLOCK_SIZE
#define ARENA_BLOCK_SIZE 32768
#endif

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "hull: out of memory\n";

	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n; /* abort() says it, too */
	abort();
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (!b)
		out_of_memory();
	b->used = 0;
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct arena_block *b = a->head;

	if (size > PTRDIFF_MAX) /* no object is that large, and rounding it up may overflow */
		out_of_memory();
	if (!b || b->size - b->used < need) {
		b = block_new(need > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE);
		b->next = a->head;
		a->head = b;
	}
	void *p = b->data + b->used;

	b->used = b->size - b->used < need ? b->size : b->used + need;
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(a, n * size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);

	va_end(ap);
	if (n < 0)
		out_of_memory(); /* the only failure of vsnprintf to no buffer */
	char *p = arena_alloc(a, (size_t)n + 1);

	(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

void arena_free(struct arena *a)
{
	for (struct arena_block *b = a->head, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
}
