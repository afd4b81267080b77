/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What STAMP's two ends have in common. */
#ifndef SVC_PROBE_STAMP_H
#define SVC_PROBE_STAMP_H

#include "base/buf.h"
#include "wire/stamp_pkt.h"

struct drop_log;
struct probe_kind;

enum stamp_drop {
	STAMP_DROP_SHORT,
	STAMP_DROP_LONG,
	STAMP_DROP_HMAC,
	STAMP_DROP_STRAY, /* answers nothing that we asked */
	STAMP_DROPS
};

/* struct stamp_key's mac, with a struct hmac as its ctx. */
void stamp_hmac(void *ctx, const struct view *parts, size_t count, uint8_t out[STAMP_MAC_SIZE]);

/* What arrived and was no answer. */
const struct drop_log *probe_stamp_drops(struct probe_kind *k);

#endif
