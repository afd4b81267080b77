/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this node's addresses say to the peers' health checks.  futae-esp answers for them,
 * through the tunnel that the probe came by; here is decided whether the answer is "fit".
 *
 * An address is fit while its interface has carrier and no VRRP instance on that interface
 * is stopped.  Linux answers for the address of a dead port for ever; we do not, so that the
 * other end sends the office's traffic to the router that can still reach the office.
 */
#ifndef SVC_ANSWER_H
#define SVC_ANSWER_H

#include "conf/model.h"
#include "svc/env.h"

struct ifaces;
struct sibling;
struct answers;

struct answers *answers_new(const struct env *env, struct ifaces *ifaces, struct sibling *esp,
			    unsigned workers);
void answers_free(struct answers *as);
void answers_apply(struct answers *as, const struct conf *conf);
void answers_refresh(struct answers *as); /* after links or addresses changed */
void answers_tell_esp(struct answers *as, unsigned worker); /* that has just started */
/* Whether peers are told that this address is fit; *why is set when not. */
/* Known, and not fit. */
bool answers_denies(const struct answers *as, const struct addr *addr);
bool answers_is_fit(const struct answers *as, const struct addr *addr, const char **why);

#endif
