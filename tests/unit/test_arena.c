/* test_arena.c - memory that lives as long as one command */
#include <signal.h>
#include <stdalign.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "unit.h"

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i])
			return false;
	}
	return true;
}

TEST(memory_is_zeroed_even_where_it_was_used_before)
{
	for (int round = 0; round < 3; round++) {
		unsigned char *p = arena_alloc(&unit_arena, 5000);

		assert_true(all_zero(p, 5000));
		memset(p, 0xff, 5000);
		arena_free(&unit_arena);
	}
}

TEST(every_size_is_aligned_for_any_type)
{
	for (size_t size = 0; size < 100; size++) {
		uintptr_t p = (uintptr_t)arena_alloc(&unit_arena, size);

		assert_int_equal(p % alignof(max_align_t), 0);
	}
}

TEST(pieces_do_not_overlap)
{
	enum { PIECES = 2000 };
	unsigned char *piece[PIECES];

	for (size_t i = 0; i < PIECES; i++) {
		piece[i] = arena_alloc(&unit_arena, i % 97 + 1);
		memset(piece[i], (int)(i % 251), i % 97 + 1);
	}
	for (size_t i = 0; i < PIECES; i++) {
		for (size_t at = 0; at < i % 97 + 1; at++)
			assert_int_equal(piece[i][at], i % 251);
	}
}

TEST(pieces_larger_than_a_block_and_small_ones_after_them)
{
	unsigned char *small = arena_alloc(&unit_arena, 8);
	unsigned char *large = arena_alloc(&unit_arena, (size_t)3 << 20);
	unsigned char *after = arena_alloc(&unit_arena, 8);

	memset(small, 1, 8);
	memset(large, 2, (size_t)3 << 20);
	assert_true(all_zero(after, 8));
	assert_int_equal(small[7], 1);
	assert_int_equal(large[((size_t)3 << 20) - 1], 2);
}

TEST(an_array_has_room_for_its_elements)
{
	uint64_t *n = arena_new_n(&unit_arena, uint64_t, 1000);

	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(n[i], 0);
	n[999] = 7; /* the sanitizer has an opinion about this one */
}

TEST(strings)
{
	assert_string_equal(arena_strdup(&unit_arena, "abc"), "abc");
	assert_string_equal(arena_strndup(&unit_arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&unit_arena, "abc", 0), "");
	assert_string_equal(arena_printf(&unit_arena, "%s-%d", "x", 42), "x-42");
	assert_string_equal(arena_printf(&unit_arena, "%s", ""), "");
}

TEST(printf_of_a_text_longer_than_a_block)
{
	char *long_text = arena_alloc(&unit_arena, 100001);

	memset(long_text, 'x', 100000);
	char *twice = arena_printf(&unit_arena, "%s%s", long_text, long_text);

	assert_int_equal(strlen(twice), 200000);
	assert_int_equal(strspn(twice, "x"), 200000);
}

TEST(an_empty_arena_can_be_freed_and_used_again)
{
	struct arena a = { 0 };

	arena_free(&a);
	arena_free(&a);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_free(&a);
	assert_null(a.head);
}

/* Where the last words of a child go. */
static int words[2];

static bool allocate(void *arg)
{
	const size_t *n = arg;

	(void)dup2(words[1], STDERR_FILENO);
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	(void)arena_array(&unit_arena, n[0], n[1]);
	return true;
}

static void assert_gives_up(size_t n, size_t size)
{
	char said[256] = "";

	assert_int_equal(pipe(words), 0);
	int status = unit_fork(allocate, (size_t[]){ n, size });

	(void)close(words[1]);
	ssize_t got = read(words[0], said, sizeof(said) - 1);

	(void)close(words[0]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_true(got > 0);
	assert_string_equal(said, "hull: out of memory\n");
}

TEST(sizes_that_overflow_give_up_in_one_line)
{
	assert_gives_up(SIZE_MAX / 16 + 1, 16); /* the product */
	assert_gives_up(SIZE_MAX / 16, 16);     /* with what precedes the data in its block */
	assert_gives_up(SIZE_MAX - 3, 1);       /* when it is rounded up */
}
