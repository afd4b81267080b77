/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TUN devices: opened by futaed, read and written by futae-esp. */
#ifndef IO_TUN_H
#define IO_TUN_H

#include "base/err.h"

#include <stdbool.h>

/*
 * Creates (or attaches to) TUN device `name`: single queue, no packet information header, a
 * virtio-net header before each packet (wire/vnet_hdr.h).  The kernel hands down TCP data of up
 * to 64 KB in one piece, and takes such pieces; *uso says whether it does so with UDP, too (Linux
 * 6.2).  The device has carrier while any copy of the fd lives.  fd, non-blocking, or -errno and
 * what to do (no /dev/net/tun, no right, name taken by another kind of device).
 */
int tun_open(const char *name, bool *uso, struct err *err);
/*
 * The same with `count` queues, one fd each: the kernel keeps a flow's packets in one queue.  All
 * are attached.  0 or -errno, and then none is left open.  Such a device costs some 3.6 MB and 25
 * ms.
 */
int tun_open_queues(const char *name, unsigned count, int *fds, bool *uso, struct err *err);
/*
 * Whether the kernel puts packets into this queue: when not, what waits in it is dropped, it gives
 * nothing more, and can still be written.  -EINVAL when that is how it is already.
 */
int tun_queue_attach(int fd, bool attach);

#endif
