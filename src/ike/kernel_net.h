/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's view of the network, without netlink and so without any right: every configured address
 * counts as ours (it may be a virtual one that is elsewhere just now), and routing is futaed's.
 */
#ifndef IKE_KERNEL_NET_H
#define IKE_KERNEL_NET_H

#include "ike/ss.h"

kernel_net_t *kernel_net_create(void);

#endif
