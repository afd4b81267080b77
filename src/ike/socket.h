/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon's socket: IKE datagrams come from and go to futae-esp, which owns the UDP ports. */
#ifndef IKE_SOCKET_H
#define IKE_SOCKET_H

#include "ike/ss.h"

socket_t *socket_create(void);

#endif
