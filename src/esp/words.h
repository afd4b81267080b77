/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a futae peer tells us by its health checks (wire/agree_word.h) reaches futaed from here,
 * since it is we who see them all, also those to hosts behind us.  Whether it is believed is for
 * futaed to say.
 */
#ifndef ESP_WORDS_H
#define ESP_WORDS_H

#include "base/buf.h"

#define WORDS_TTL 255

struct esp;
struct tunnel;

/*
 * What came by this tunnel is ICMP, marked as a health check, and no router has touched it since it
 * was sent (TTL 255, RFC 5082): so the peer itself says it, and no host behind the peer.
 */
void words_take(struct esp *esp, struct tunnel *t, struct view request);

#endif
