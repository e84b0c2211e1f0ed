/* tty.h - pseudo-terminals: the container's own, and the person's in front of it */
#ifndef HULL_TTY_H
#define HULL_TTY_H

#include <poll.h>
#include <stdbool.h>
#include <termios.h>

#include "hull/err.h"
#include "hull/plan.h"

/**
 * tty_open() - a new pty of the devpts that the container has at /dev/pts
 * @rootfd: the container's root
 * @size: NULL leaves the kernel's 0 x 0
 * @ret_master, @ret_slave: owned by the caller
 *
 * The slave comes from the master by TIOCGPTPEER, never by name (CVE-2025-52565).
 *
 * Return: 0 or -errno.
 */
int tty_open(int rootfd, const struct config_console_size *size, int *ret_master, int *ret_slave,
	     struct err *e);

/* tty_bind_console() - put the slave at /dev/console of the container. Return: 0 or -errno. */
int tty_bind_console(int rootfd, int slave, struct err *e);

/**
 * tty_suit_caller() - fit a new pty to where hull itself relays it, before the payload begins
 *
 * The window size of a terminal at standard input; and where standard output is none, lines end as
 * the payload wrote them, without a carriage return: what reads them there is a program.
 */
void tty_suit_caller(int master);

/**
 * struct tty_relay - bytes between the person's terminal and the container's
 *
 * Both directions buffer, neither blocks: a reader that stalls stops only its own direction.
 */
struct tty_buffer {
	char data[8192];
	size_t start, end;
};

struct tty_relay {
	int master;   /* of the container, owned */
	int in, out;  /* 0 and 1 */
	bool in_open; /* nothing more comes from the person */
	bool master_open;
	bool raw; /* @saved is to be put back */
	int flags_in, flags_out;
	struct termios saved;
	struct tty_buffer to_master, to_person;
};

/**
 * tty_relay_start() - put the person's terminal into raw mode and begin
 * @master: taken over by @r, also on failure
 *
 * Return: 0 or -errno.
 */
int tty_relay_start(struct tty_relay *r, int master, struct err *e);

/* tty_relay_poll() - what to wait for: fills in three entries of @fds */
void tty_relay_poll(const struct tty_relay *r, struct pollfd fds[3]);

/* tty_relay_move() - move what can be moved without waiting, after poll(2) filled in @fds */
void tty_relay_move(struct tty_relay *r, const struct pollfd fds[3]);

/* tty_relay_resize() - the person's window size to the container, for SIGWINCH */
void tty_relay_resize(const struct tty_relay *r);

/* tty_relay_stop() - hand over what the container wrote last and restore the terminal */
void tty_relay_stop(struct tty_relay *r);

#endif
