/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/batch.h"

#include "base/list.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct batch {
	bool has_ring, opened; /* opened: its memory is there, even when it failed since */
	struct io_uring ring;
};

/* Declared by Debian 12's liburing, and missing in it. */
static int ask(struct io_uring *ring, unsigned what, void *arg, unsigned n)
{
	return syscall(SYS_io_uring_register, ring->ring_fd, what, arg, n) < 0 ? -errno : 0;
}

/* Even a program that was taken over can do nothing else by the ring than this. */
static int restrict_ring(struct io_uring *ring)
{
	static const uint8_t ops[] = { IORING_OP_READ, IORING_OP_READV, IORING_OP_WRITE,
				       IORING_OP_WRITEV };
	struct io_uring_restriction r[ARRAY_LEN(ops)];
	int rc;

	memset(r, 0, sizeof(r));
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		r[i].opcode = IORING_RESTRICTION_SQE_OP;
		r[i].sqe_op = ops[i];
	}
	rc = ask(ring, IORING_REGISTER_RESTRICTIONS, r, ARRAY_LEN(r));
	return rc < 0 ? rc : ask(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

static void prepare(struct io_uring *ring, const struct batch_op *op, size_t index)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	const struct iovec *iov = op->iov;
	const uint64_t here = (uint64_t)-1; /* no offset */

	/* One piece is cheaper to say without a list. */
	if (op->iov_count == 1 && op->write)
		io_uring_prep_write(sqe, op->fd, iov->iov_base, (unsigned)iov->iov_len, here);
	else if (op->iov_count == 1)
		io_uring_prep_read(sqe, op->fd, iov->iov_base, (unsigned)iov->iov_len, here);
	else if (op->write)
		io_uring_prep_writev(sqe, op->fd, iov, op->iov_count, here);
	else
		io_uring_prep_readv(sqe, op->fd, iov, op->iov_count, here);
	sqe->rw_flags =
		RWF_NOWAIT; /* at once or not at all: no thread of the kernel ends it later */
	sqe->user_data = index;
}

/* Takes in what is done; how many that were. */
static unsigned reap(struct io_uring *ring, struct batch_op *ops)
{
	struct io_uring_cqe *cqe;
	unsigned head, n = 0;

	io_uring_for_each_cqe(ring, head, cqe)
	{
		ops[cqe->user_data].result = cqe->res;
		n++;
	}
	io_uring_cq_advance(ring, n);
	return n;
}

/* False when the ring itself failed; ops that it did not do still say -EIO. */
static bool run_ring(struct io_uring *ring, struct batch_op *ops, unsigned n)
{
	unsigned done = 0;

	for (unsigned i = 0; i < n; i++) {
		ops[i].result = -EIO;
		prepare(ring, &ops[i], i);
	}
	while (done < n) {
		int rc = io_uring_submit_and_wait(ring, n - done);

		done += reap(ring, ops);
		/* Interrupted or short of memory: what was submitted is done all the same. */
		if (rc < 0 && rc != -EINTR && rc != -EAGAIN && rc != -EBUSY)
			return false;
	}
	return true;
}

static void run_calls(struct batch_op *ops, unsigned n)
{
	int empty = -1;

	for (unsigned i = 0; i < n; i++) {
		struct batch_op *op = &ops[i];
		ssize_t done;

		if (!op->write && op->fd == empty) {
			op->result = -EAGAIN;
			continue;
		}
		done = op->write ? writev(op->fd, op->iov, (int)op->iov_count)
				 : readv(op->fd, op->iov, (int)op->iov_count);
		op->result = done < 0 ? -errno : done;
		if (!op->write && op->result == -EAGAIN)
			empty = op->fd;
	}
}

/* A driver that cannot promise not to wait is no work for the ring; the others here are like it. */
static bool finish_by_calls(struct batch_op *ops, unsigned n)
{
	bool any = false;

	for (unsigned i = 0; i < n; i++)
		if (ops[i].result == -EOPNOTSUPP) {
			run_calls(&ops[i], 1);
			any = true;
		}
	return any;
}

void batch_run(struct batch *b, struct batch_op *ops, unsigned n)
{
	/* One alone is a plain call's work. */
	if (!b->has_ring || n < 2) {
		run_calls(ops, n);
		return;
	}
	/* Given up, it stays mapped: nothing of it is used again. */
	if (!run_ring(&b->ring, ops, n) || finish_by_calls(ops, n))
		b->has_ring = false;
}

/* Does the ring do what is asked of it, on this kernel, for a descriptor that can be empty? */
static bool ring_works(struct io_uring *ring)
{
	char sent[] = "?", got[sizeof(sent)] = "", none[sizeof(sent)];
	struct iovec out = { sent, sizeof(sent) }, in = { got, sizeof(got) },
		     again = { none, sizeof(none) };
	struct batch_op ops[3];
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return false;
	ops[0] = (struct batch_op){ pair[0], true, &out, 1, 0 };
	ops[1] = (struct batch_op){ pair[1], false, &in, 1, 0 };
	ops[2] = (struct batch_op){ pair[1], false, &again, 1, 0 };
	ok = run_ring(ring, ops, ARRAY_LEN(ops)) && ops[0].result == sizeof(sent) &&
	     ops[1].result == sizeof(got) && got[0] == '?' && ops[2].result == -EAGAIN;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return ok;
}

static bool open_ring(struct io_uring *ring)
{
	struct io_uring_params p = { .flags = IORING_SETUP_R_DISABLED };

	if (io_uring_queue_init_params(BATCH_MAX, ring, &p) < 0)
		return false;
	if (restrict_ring(ring) == 0 && ring_works(ring))
		return true;
	io_uring_queue_exit(ring);
	return false;
}

struct batch *batch_new(enum batch_want want)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b && want == BATCH_FASTEST)
		b->opened = b->has_ring = open_ring(&b->ring);
	return b;
}

void batch_free(struct batch *b)
{
	if (b && b->opened)
		io_uring_queue_exit(&b->ring);
	free(b);
}

const char *batch_name(const struct batch *b)
{
	return b->has_ring ? "io_uring" : "calls";
}
