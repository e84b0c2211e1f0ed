/* test_sync.c - messages between a command and the process it is building */
#include "hull/fd.h"
#include "run/sync.h"
#include "unit.h"

static void pair(int ret[2])
{
	assert_int_equal(sync_pair(ret), 0);
}

static int receive(int sock, struct message *ret)
{
	int fd = -1;
	int r = sync_recv(sock, ret, &fd);

	assert_int_equal(fd, -1);
	return r;
}

TEST(a_message_arrives_and_then_the_end)
{
	struct message m;
	int ends[2];

	pair(ends);
	assert_int_equal(sync_send(ends[1], MESSAGE_READY, 5), 0);
	fd_close(ends[1]);
	assert_int_equal(receive(ends[0], &m), 1);
	assert_int_equal(m.head.type, MESSAGE_READY);
	assert_int_equal(m.head.num, 5);
	assert_int_equal(receive(ends[0], &m), 0);
	fd_close(ends[0]);
}

TEST(the_last_word_of_who_did_not_read_ours_is_heard)
{
	struct message m;
	int ends[2];

	pair(ends);
	assert_int_equal(sync_go(ends[0]), 0);
	assert_int_equal(sync_send(ends[1], MESSAGE_ERROR, EIO), 0);
	fd_close(ends[1]);
	assert_int_equal(receive(ends[0], &m), 1);
	assert_int_equal(m.head.type, MESSAGE_ERROR);
	assert_int_equal(m.head.num, EIO);
	assert_int_equal(receive(ends[0], &m), 0);
	fd_close(ends[0]);
}

TEST(who_ended_without_a_word_and_did_not_read_ours_is_the_end)
{
	struct message m;
	int ends[2];

	pair(ends);
	assert_int_equal(sync_go(ends[0]), 0);
	fd_close(ends[1]);
	assert_int_equal(receive(ends[0], &m), 0);
	fd_close(ends[0]);
}

TEST(a_packet_of_another_size_is_no_message)
{
	struct message m;
	int ends[2];

	pair(ends);
	assert_int_equal(write(ends[1], "word", 4), 4);
	assert_int_equal(receive(ends[0], &m), -EPROTO);
	fd_close(ends[0]);
	fd_close(ends[1]);
}
