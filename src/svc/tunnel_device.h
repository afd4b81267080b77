/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of a tunnel: the TUN device and the probe source address on it. */
#ifndef SVC_TUNNEL_DEVICE_H
#define SVC_TUNNEL_DEVICE_H

#include "svc/env.h"
#include "svc/tunnel.h"

struct survey;

/*
 * Opens, sizes and raises the device; fills the lanes' fd and t->path.index.  t->trouble on
 * failure.  `addresses` are those of the node, and are kept up with what is put on the device.
 */
int tunnel_device_open(const struct env *env, struct tunnel *t, struct survey *addresses);
void tunnel_device_close(const struct env *env, struct tunnel *t);
/* Puts the device's MTU, state and probe source back as they should be; -ENODEV when it is gone. */
int tunnel_device_repair(const struct env *env, struct tunnel *t, struct survey *addresses);

#endif
