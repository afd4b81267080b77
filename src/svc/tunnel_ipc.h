/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tunnel as futae-esp and futae-ike are told of it. */
#ifndef SVC_TUNNEL_IPC_H
#define SVC_TUNNEL_IPC_H

#include "svc/tunnel.h"

void tunnel_tell_esp(const struct tunnel *t, const struct tunnel_lane *lane);
void tunnel_tell_all_esp(const struct tunnel *t);
/* path_express() of every tunnel's path. */
int tunnel_express(struct path *p, struct view packet);
void tunnel_forget_esp(const struct tunnel *t);
void tunnel_tell_ike(struct sibling *ike, const struct tunnel *t);
void tunnel_forget_ike(struct sibling *ike, const struct tunnel *t);

#endif
