/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines in, lines out, over one non-blocking stream socket whose peer may be slow, gone or
 * hostile.  Nothing here blocks; one line is handed up per turn of the loop, so that a
 * client with a thousand requests does not hold up anybody.
 */
#ifndef CTL_CONN_H
#define CTL_CONN_H

#include <stddef.h>

struct loop;
struct ctl_conn;

struct ctl_conn_user {
	/* A line without its newline, ended by NUL (len tells of others inside). */
	void (*line)(void *ctx, struct ctl_conn *c, char *text, size_t len);
	/* The connection ends and is freed after this; `why` is for the log, NULL when the peer
	 * left properly. */
	void (*closed)(void *ctx, struct ctl_conn *c, const char *why);
	void *ctx;
};

struct ctl_conn_limits {
	size_t line; /* longer ones: `too_long` is sent, and the end */
	size_t output; /* waiting when more is to be sent: dropped */
	const char *too_long;
};

/* Takes fd over, also on failure (NULL: no memory).  Both structs must outlive it. */
struct ctl_conn *ctl_conn_new(struct loop *loop, int fd, const struct ctl_conn_user *user,
			      const struct ctl_conn_limits *limits);
/* At once, without `closed`. */
void ctl_conn_free(struct ctl_conn *c);
/* Puts it at the end of what is to be written; never calls back. */
void ctl_conn_send(struct ctl_conn *c, const char *data, size_t len);

#endif
