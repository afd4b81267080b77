/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket options in tables, for the files of io/ that open sockets. */
#ifndef IO_SOCKOPT_H
#define IO_SOCKOPT_H

#include <stddef.h>

struct sockopt {
	int level, name, value;
};

/* 0, or -errno of the first that was refused. */
int sockopt_set(int fd, const struct sockopt *opts, size_t n);
/* Room for `bytes` of packets: by force where we may, else as much as the system allows. */
void sockopt_raise_buffers(int fd, int bytes);

#endif
