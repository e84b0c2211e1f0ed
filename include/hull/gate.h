/* gate.h - what hull hands to the gate, the last program before the payload */
#ifndef HULL_GATE_H
#define HULL_GATE_H

#include <stdint.h>

/*
 * The gate (src/gate/gate.c) is a freestanding program of a few kilobytes that hull carries inside
 * itself. Container processes reach their payload by way of it: hull executes it from a sealed
 * memfd, so from there on nothing of hull's memory, descriptors or file is left in a process that
 * the container could look at (CVE-2019-5736, CVE-2016-9962, CVE-2024-21626). The memfd holds the
 * program, padded to a whole number of pages, then one struct gate followed by the arrays it points
 * to, which the execve maps as one more segment of the program, at GATE_BLOCK_ADDRESS. Its
 * arguments are the path to execute and then the payload's own; its environment is the payload's.
 */

#define GATE_MAGIC 0x74616768u /* "hgat" */
#define GATE_BLOCK_ADDRESS 0x10000000

enum gate_flags {
	GATE_FORK = 1,        /* enter the pid namespace set by setns(2): continue in a child */
	GATE_KEEP_GROUPS = 2, /* leave supplementary groups alone */
	GATE_NO_NEW_PRIVS = 4,
	GATE_CHDIR = 8,       /* cwd was refused to root: try again as the user */
	GATE_TTY = 16,        /* descriptor 0 becomes the controlling terminal */
	GATE_NOTIFY = 32,     /* the filter asks an agent: hand its listener over */
	GATE_LISTEN_PID = 64, /* the environment's LISTEN_PID has room for the payload's own pid */
};

/* Where it was when something failed; names are in src/run/sync.c. */
enum gate_stage {
	GATE_AT_START,
	GATE_AT_FORK,
	GATE_AT_TTY,
	GATE_AT_GROUPS,
	GATE_AT_GID,
	GATE_AT_BOUNDING,
	GATE_AT_UID,
	GATE_AT_CHDIR,
	GATE_AT_LABEL,
	GATE_AT_NO_NEW_PRIVS,
	GATE_AT_FILTER,
	GATE_AT_CAPS,
	GATE_AT_AMBIENT,
	GATE_AT_WAIT,
	GATE_AT_EXEC,
	GATE_STAGES
};

/* Offsets count from the start of struct gate; 0 means that there is none. */
struct gate {
	uint32_t magic;
	int32_t sync_fd;   /* SOCK_SEQPACKET to the command that made the process */
	int32_t go_fd;     /* FIFO to wait on after that command has gone; -1: do not */
	int32_t status_fd; /* FIFO for a report to `hull start`; -1: report to sync_fd */
	int32_t proc_fd;   /* procfs root, when a label is to be written */
	uint32_t keep_fds; /* descriptors 3 .. 3 + n - 1 belong to the payload */
	uint32_t flags;    /* enum gate_flags */
	uint32_t uid, gid, umask;
	uint32_t ngroups, groups; /* gid_t[] */
	uint32_t last_cap;
	uint32_t filter_flags;
	uint64_t bounding, effective, permitted, inheritable, ambient;
	uint32_t filter_count, filter; /* struct sock_filter[] */
	uint32_t cwd;                  /* string */
	uint32_t label_path, label;    /* strings: below proc_fd, what to write */
};

/*
 * Messages on sync_fd and status_fd start with this; what hull's own init sends has a text after
 * it (src/run/sync.h). The answers are single bytes.
 */
enum {
	MESSAGE_ERROR = 1, /* num is an errno, step says where */
	MESSAGE_READY,     /* identity is in place; answer: go */
	MESSAGE_MOUNTED,   /* file systems are in place; answer: hooks are done */
	MESSAGE_CONSOLE,   /* carries the pty's master */
	MESSAGE_FORKED,    /* num is the pid of the child made for GATE_FORK */
	MESSAGE_LISTENER,  /* carries the filter's listener */
};

struct gate_report {
	uint32_t type;
	int32_t num;
	uint32_t step;
	uint32_t from_gate; /* step is an enum gate_stage, not a row of init.c */
};

/* The program, built by the Makefile and embedded by src/run/seal.c. */
extern const unsigned char gate_image[];
extern const unsigned char gate_image_end[];

#endif
