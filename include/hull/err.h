/* err.h - one failure, as plain bytes that survive ENOMEM, clone and a socket */
#ifndef HULL_ERR_H
#define HULL_ERR_H

/**
 * struct err - why an operation failed
 * @num:  a positive errno value; EINVAL or EPROTO where no system call failed
 * @text: one line without a newline, outermost context first
 *
 * Functions that can fail return 0 or -errno and take a struct err as their last argument. The
 * leaf names the system call and its object, each module boundary adds once what the user wrote.
 */
struct err {
	int num;
	char text[512];
};

/**
 * err_set() - record a failure that is not a system call's
 * @e: filled in; must not be NULL
 * @num: errno value
 * @fmt: the whole sentence; no errno text is appended
 *
 * Return: -@num, so that a caller can return the call itself.
 */
int err_set(struct err *e, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * err_sys() - record a failed system call
 * @num: the errno it left
 * @fmt: the call and its object; ": <errno text>" is appended
 *
 * Return: -@num.
 */
int err_sys(struct err *e, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* err_errno() - the same of the call that has just failed */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * err_wrap() - put "<context>: " in front of the text
 *
 * Return: -e->num.
 */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * err_text() - the kernel's words for an errno, in the lower case that callers match
 *
 * containerd, Docker, Podman and CRI-O classify failures by substrings such as "no such file or
 * directory" (shared reference callers.md 3.8), so glibc's capital first letter is lowered.
 *
 * Return: a string with static lifetime, overwritten by the next call.
 */
const char *err_text(int num);

#endif
