/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets to the futae-esp processes, the workers: IKE datagrams by worker 0, each SA by the
 * worker that has its tunnel, in one order.  futaed replaces a socket when its worker is new.  Any
 * thread sends; one thread, charon's receiver, waits and takes.
 */
#ifndef IKE_LINK_H
#define IKE_LINK_H

#include "base/buf.h"
#include "wire/ipc_msg.h"

#include <stdbool.h>
#include <stddef.h>

int link_init(void);
/* Takes over fd.  The first message on it says forget every SA, because this futae-esp may have
 * served an older futae-ike. */
void link_replace(struct ipc_worker worker, int fd);
/* How many workers there are.  Known as soon as there was a link to any of them: no peer can have
 * answered, and no SPI be needed, before. */
unsigned link_workers(void);
/* 0, or -errno when it did not go out: -ENOTCONN without that worker, -EAGAIN when it does not keep
 * up.  `must` waits a moment for it first: SAs must not get lost, IKE sends again by itself. */
int link_send(unsigned worker, const void *msg, size_t len, bool must);
/* Blocks until link_take() may have something; a pthread cancellation point. */
void link_wait(void);
/* 1, a message in buf and whose it is; or 0. */
int link_take(void *buf, size_t cap, struct view *out, unsigned *worker);
bool link_is_up(void); /* to any worker */
/* Wakes link_wait() once. */
void link_wake(void);

#endif
