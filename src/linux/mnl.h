/* mnl.h - libmnl, loaded by the commands that need it: few containers are given network devices */
#ifndef HULL_LINUX_MNL_H
#define HULL_LINUX_MNL_H

#include <libmnl/libmnl.h>

/* X(name): every function mnl_name() that is called */
#define MNL_FUNCTIONS                                                                              \
	X(attr_get_payload)                                                                        \
	X(attr_get_payload_len)                                                                    \
	X(attr_get_type)                                                                           \
	X(attr_get_u32)                                                                            \
	X(attr_next)                                                                               \
	X(attr_ok)                                                                                 \
	X(attr_put)                                                                                \
	X(attr_put_strz)                                                                           \
	X(attr_put_u32)                                                                            \
	X(attr_validate)                                                                           \
	X(cb_run)                                                                                  \
	X(nlmsg_get_payload)                                                                       \
	X(nlmsg_get_payload_len)                                                                   \
	X(nlmsg_get_payload_offset)                                                                \
	X(nlmsg_get_payload_tail)                                                                  \
	X(nlmsg_put_extra_header)                                                                  \
	X(nlmsg_put_header)                                                                        \
	X(socket_bind)                                                                             \
	X(socket_close)                                                                            \
	X(socket_get_fd)                                                                           \
	X(socket_get_portid)                                                                       \
	X(socket_open2)                                                                            \
	X(socket_sendto)

/* The prototypes are those of libmnl's header. */
struct mnl {
#define X(name) __typeof__(mnl_##name) *name;
	MNL_FUNCTIONS
#undef X
};

#endif
