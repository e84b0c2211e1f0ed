/* notify MESSAGE... - send each to NOTIFY_SOCKET, as sd_notify(3) would */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	int sock = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (!path || sock < 0) {
		fprintf(stderr, "no NOTIFY_SOCKET\n");
		return 1;
	}
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	for (int i = 1; i < argc; i++) {
		if (sendto(sock, argv[i], strlen(argv[i]), 0, (void *)&to, sizeof(to)) < 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
