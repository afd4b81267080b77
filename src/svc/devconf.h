/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's settings of one network device: net.ipv4.conf.DEVICE.* and the like. */
#ifndef SVC_DEVCONF_H
#define SVC_DEVCONF_H

struct nl;

/* Missing files (a kernel without IPv6) and refusals are no trouble of the caller's. */
void devconf_set(const char *device, const char *family, const char *key, const char *value);
/*
 * Takes what comes by a device to which no route leads back just now: an idle tunnel, or the
 * macvlan of a virtual router.  Loose (2) wins over a strict "all", but on a device without an
 * address it drops the same packets: so off, where "all" lets it be off.
 */
void devconf_accept_asymmetric(const char *device);
/* The device says nothing of its own accord: no router solicitation, no address of its own. */
void devconf_be_silent(struct nl *nl, const char *device);

#endif
