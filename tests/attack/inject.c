/*
 * inject.c - inside a container that has its caller's terminal: type into it, and take it over
 *
 * Prints what could be done, and "tried" at the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int main(void)
{
	static const char text[] = "typed\n";
	struct {
		char subcode;
		unsigned short xs, ys, xe, ye, mode;
	} __attribute__((packed)) select = { 2, 1, 1, 80, 25, 0 };
	char paste = 3; /* TIOCL_PASTESEL, of a virtual console */
	int tty;

	signal(SIGTTOU, SIG_IGN);
	if (!isatty(0))
		printf("no terminal to try\n");
	for (const char *c = text; *c; c++) {
		if (ioctl(0, TIOCSTI, c) == 0)
			printf("typed\n");
	}
	if (ioctl(0, TIOCLINUX, &select) == 0 && ioctl(0, TIOCLINUX, &paste) == 0)
		printf("pasted\n");
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty >= 0)
		printf("opened the controlling terminal\n");
	if (tcgetpgrp(0) >= 0)
		printf("saw who is in the foreground\n");
	if (ioctl(0, TIOCSCTTY, 0) == 0 || ioctl(0, TIOCSCTTY, 1) == 0)
		printf("made it its own\n");
	if (tcsetpgrp(0, getpgrp()) == 0)
		printf("came to the foreground\n");
	if (ioctl(0, TIOCNOTTY) == 0)
		printf("gave it up\n");
	printf("tried\n");
	return 0;
}
