/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What strongswan.conf would say: made here, so that none of the host's has any effect. */
#ifndef IKE_SETTINGS_H
#define IKE_SETTINGS_H

#include <stdbool.h>

/* A request is sent again after 1, 1.6, 2.6 ... s, and given up after 26 s in all. */
#define SETTINGS_RETRANSMIT_TRIES 5

extern const char settings_plugins[];

/* After library_init(); vici: the path of swanctl's socket. */
bool settings_apply(const char *vici);

#endif
