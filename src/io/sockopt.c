/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/sockopt.h"

#include "base/list.h"

#include <errno.h>
#include <sys/socket.h>

int sockopt_set(int fd, const struct sockopt *opts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (setsockopt(fd, opts[i].level, opts[i].name, &opts[i].value,
			       sizeof(opts[i].value)) < 0)
			return -errno;
	return 0;
}

void sockopt_raise_buffers(int fd, int bytes)
{
	static const struct {
		int force, plain;
	} both[] = { { SO_SNDBUFFORCE, SO_SNDBUF }, { SO_RCVBUFFORCE, SO_RCVBUF } };

	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		if (setsockopt(fd, SOL_SOCKET, both[i].force, &bytes, sizeof(bytes)) < 0)
			(void)setsockopt(fd, SOL_SOCKET, both[i].plain, &bytes, sizeof(bytes));
}
