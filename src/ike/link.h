/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket to futae-esp: IKE datagrams and SAs in one order.  futaed replaces it when futae-esp
 * is new.  Any thread sends; one thread, charon's receiver, waits and takes.
 */
#ifndef IKE_LINK_H
#define IKE_LINK_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

int link_init(void);
/* Takes over fd.  The first message on it says forget every SA, because this futae-esp may have
 * served an older futae-ike. */
void link_replace(int fd);
/* 0, or -errno when it did not go out: -ENOTCONN without a futae-esp, -EAGAIN when it does not keep
 * up.  `must` waits a moment for it first: SAs must not get lost, IKE sends again by itself. */
int link_send(const void *msg, size_t len, bool must);
/* Blocks until link_take() may have something; a pthread cancellation point. */
void link_wait(void);
/* 1 and a message in buf, or 0. */
int link_take(void *buf, size_t cap, struct view *out);
bool link_is_up(void);
/* Wakes link_wait() once. */
void link_wake(void);

#endif
