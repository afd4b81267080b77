/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process of futaed that is kept alive: started, talked to over one SEQPACKET
 * socket, started again with a growing pause when it dies.
 */
#ifndef SVC_SIBLING_H
#define SVC_SIBLING_H

#include "base/buf.h"
#include "io/loop.h"

#include <sys/types.h>

#define SIBLING_ARGS 8
#define SIBLING_BATCH 8192

struct sibling_msg;

struct sibling {
	const char *name; /* "futae-esp.1": of this process, unlike the program's */
	struct loop *loop;
	const char *argv[SIBLING_ARGS];
	const char *run_dir; /* for its pid file */
	bool outlives_us; /* goes on alone when futaed is killed; the next futaed ends it */
	void *ctx;
	/* Right after a start, before anything else: tell it all it must know. */
	void (*started)(struct sibling *s);
	void (*message)(struct sibling *s, struct view msg);
	void (*died)(struct sibling *s);

	pid_t pid; /* 0: not running */
	int fd;
	unsigned restarts;
	usec_t started_at, pause;
	struct watch watch;
	struct child_watch child;
	struct timer timer;
	struct sibling_msg *out, **out_end; /* what the child was too slow to take */
	size_t out_bytes;
	uint8_t batch[SIBLING_BATCH]; /* what leaves by sibling_flush() */
	size_t batch_len;
	bool stopping;
};

void sibling_init(struct sibling *s, struct loop *loop, const char *name);
void sibling_start(struct sibling *s);
/* Queues when the child is slow; fds are duplicated as needed and stay the caller's. */
void sibling_send(struct sibling *s, const void *data, size_t len, const int *fds, size_t nfds);
/*
 * This turn or never, with all others of this turn in one IPC_ESP_BATCH: 0, -EAGAIN when the child
 * is slow, -ENOTCONN when it is away.  A child that turns out slow only at the flush gets none of
 * them.
 */
int sibling_send_soon(struct sibling *s, struct view message);
/* At the end of each turn. */
void sibling_flush(struct sibling *s);
/* SIGTERM and no more restarts. */
void sibling_stop(struct sibling *s);
void sibling_done(struct sibling *s);

#endif
