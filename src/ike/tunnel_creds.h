/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secrets of a connection: parsed, checked against each other, with words for what is wrong. */
#ifndef IKE_TUNNEL_CREDS_H
#define IKE_TUNNEL_CREDS_H

#include "ike/tunnel.h"

int tunnel_load_creds(struct tunnel *t, const struct ipc_conn *c, struct err *err);

#endif
