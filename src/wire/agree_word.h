/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one end of a tunnel tells the other about it: the value of a private TLV in STAMP test
 * packets (RFC 8972, section 4).  Who does not know it ignores it, as that section asks.
 */
#ifndef WIRE_AGREE_WORD_H
#define WIRE_AGREE_WORD_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define AGREE_WORD_VERSION 1
#define AGREE_WORD_LEN 32u /* of version 1; later ones are longer, and begin the same */

enum agree_sight {
	AGREE_SILENT, /* we hear nothing of you by this tunnel */
	AGREE_HELD, /* we hear you, but do not use it: it failed, or must first stay good */
	AGREE_USABLE,
	AGREE_SIGHT_COUNT
};

enum agree_role { AGREE_NO_VRRP, AGREE_BACKUP, AGREE_MASTER, AGREE_ROLE_COUNT };

struct agree_word {
	uint64_t node; /* who says it: the same in all tunnels of a node */
	uint64_t nonce; /* the sender's own, new with each start */
	uint64_t echo; /* the receiver's, as last heard; 0: never */
	uint32_t epoch; /* counts what was said; serial numbers as in RFC 1982 */
	uint8_t lead; /* the higher leads; of equals, the higher node */
	enum agree_sight sight;
	enum agree_role role; /* of VRRP on the sender's own network */
	bool carries; /* the sender's routes use this tunnel now */
	bool fit; /* the sender's own network can be reached through it */
};

/* Writes AGREE_WORD_LEN bytes. */
void agree_word_encode(const struct agree_word *w, uint8_t out[AGREE_WORD_LEN]);
/* 0, or -EBADMSG: too short, another version, a value without meaning */
int agree_word_decode(struct view value, struct agree_word *w);

#endif
