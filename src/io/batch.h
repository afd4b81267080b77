/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many reads and writes of packets in one system call.  A TUN device gives and takes one packet
 * per call, and where a call costs a microsecond that is most of what forwarding costs.  With
 * io_uring a whole batch is one call; without it (old kernel, forbidden by the container) the
 * same batch is worked through call by call.  Either way it is done when batch_run() returns:
 * nothing is under way behind anybody's back, and no buffer is the kernel's between calls.
 */
#ifndef IO_BATCH_H
#define IO_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#define BATCH_MAX 256

struct batch;

enum batch_want { BATCH_PLAIN, BATCH_FASTEST };

struct batch_op {
	int fd;
	bool write;
	const struct iovec *iov;
	unsigned iov_count;
	ssize_t result; /* bytes, or -errno; -EAGAIN: a read found nothing, or a write no room */
};

struct batch *batch_new(enum batch_want want); /* NULL: no memory */
void batch_free(struct batch *b);
const char *batch_name(const struct batch *b); /* "io_uring" or "calls" */
/*
 * n at most BATCH_MAX.  Ops of one descriptor are done in order; once a read of a descriptor
 * finds nothing, later reads of it in the batch may say -EAGAIN without having looked.
 */
void batch_run(struct batch *b, struct batch_op *ops, unsigned n);

#endif
