/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pieces that several messages of wire/ipc_msg.h are made of.  Private to ipc_*.c.
 * Getters mark the reader as failed when a value is not one of its type; the decoder asks
 * once, at its end.
 */
#ifndef WIRE_IPC_CODEC_H
#define WIRE_IPC_CODEC_H

#include "wire/ipc_msg.h"

/* A message of this type in buf; a reader behind the type byte of msg, failed if another. */
struct wbuf ipc_begin(enum ipc_type type, void *buf, size_t cap);
struct rbuf ipc_open(enum ipc_type type, struct view msg);
/* What every encoder and decoder returns. */
ssize_t ipc_end(const struct wbuf *w);
int ipc_close(const struct rbuf *r);

void ipc_put_bool(struct wbuf *w, bool v);
bool ipc_get_bool(struct rbuf *r);
/* One byte, below `limit`. */
unsigned ipc_get_enum(struct rbuf *r, unsigned limit);
void ipc_put_addr(struct wbuf *w, const struct addr *a);
struct addr ipc_get_addr(struct rbuf *r);
void ipc_put_endpoint(struct wbuf *w, const struct endpoint *e);
struct endpoint ipc_get_endpoint(struct rbuf *r);
/* Traffic selectors: u8 count, then prefixes that have a family; at most IPC_TS_MAX. */
void ipc_put_selectors(struct wbuf *w, const struct prefix *ts, unsigned count);
unsigned ipc_get_selectors(struct rbuf *r, struct prefix ts[static IPC_TS_MAX]);

#endif
