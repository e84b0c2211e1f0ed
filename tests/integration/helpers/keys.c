/*
 * keys.c - keyctl(2) without keyutils
 *
 *   keys new COMMAND...          COMMAND in a new session keyring, with a key "canary" in it
 *   keys trap NAME COMMAND...    COMMAND while a keyring NAME that all may search lies in wait
 *   keys canary                  "seen" or "not seen": whether the key can be found and read
 *   keys session                 what /proc/keys says of the session keyring: uid and name
 */
#define _GNU_SOURCE
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long keyctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

static int execute(char **argv)
{
	execvp(argv[0], argv);
	perror(argv[0]);
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char text[512] = "";
	long key;

	if (!strcmp(what, "new") && argc > 2) {
		if (keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) < 0 ||
		    syscall(SYS_add_key, "user", "canary", "secret", 6,
			    KEY_SPEC_SESSION_KEYRING) < 0)
			return perror("keys"), 1;
		return execute(argv + 2);
	}
	if (!strcmp(what, "trap") && argc > 3) {
		key = syscall(SYS_add_key, "keyring", argv[2], NULL, 0, KEY_SPEC_SESSION_KEYRING);
		if (key < 0 || keyctl(KEYCTL_SETPERM, (unsigned long)key, 0x3f3f3f3f, 0, 0) < 0)
			return perror("keys"), 1;
		syscall(SYS_add_key, "user", "canary", "secret", 6, key);
		return execute(argv + 3);
	}
	if (!strcmp(what, "canary")) {
		key = keyctl(KEYCTL_SEARCH, (unsigned long)KEY_SPEC_SESSION_KEYRING,
			     (unsigned long)"user", (unsigned long)"canary", 0);
		puts(key > 0 && keyctl(KEYCTL_READ, (unsigned long)key, (unsigned long)text,
				       sizeof(text), 0) > 0 ?
			     "seen" :
			     "not seen");
		return 0;
	}
	if (!strcmp(what, "session") &&
	    keyctl(KEYCTL_DESCRIBE, (unsigned long)KEY_SPEC_SESSION_KEYRING, (unsigned long)text,
		   sizeof(text), 0) > 0) {
		puts(text);
		return 0;
	}
	return 2;
}
