/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advertisements of others: read, checked (RFC 9568, 7.1), counted, handed on as events. */
#ifndef SVC_VRRP_IN_H
#define SVC_VRRP_IN_H

#include "base/clock.h"

struct vrrp;
struct vrrp_event;

typedef void vrrp_in_fn(void *ctx, const struct vrrp_event *ev, usec_t at);

/* Takes what waits in one of the instance's sockets (-1: none), up to a bound. */
void vrrp_in_drain(struct vrrp *v, int fd, vrrp_in_fn *fn, void *ctx);

#endif
