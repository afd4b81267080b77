/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advertisements of others: read, checked (RFC 9568, 7.1), counted, handed on as events. */
#ifndef SVC_VRRP_IN_H
#define SVC_VRRP_IN_H

#include "base/clock.h"

struct addr;
struct vrrp;
struct vrrp_event;

typedef void vrrp_in_fn(void *ctx, const struct vrrp_event *ev, usec_t at);

/* Takes what waits in one of the instance's sockets (-1: none), `most` packets of it. */
void vrrp_in_drain(struct vrrp *v, int fd, unsigned most, vrrp_in_fn *fn, void *ctx);
/* Counts what was not heeded (enum vrrp_pkt_error or vrrp_refusal), and logs it at most once a
 * minute for each reason and sender. */
void vrrp_in_refuse(struct vrrp *v, unsigned reason, const struct addr *src, usec_t now);

#endif
