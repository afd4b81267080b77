/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A word, and what follows from it: what was understood can be said again, and nobody who does
 * not know our nonce is believed. */
#include "fsm/agree.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct agree_cfg cfg = { .node = 5, .nonce = 77, .hold = USEC_PER_SEC };
	struct agree a = { 0 };
	usec_t now = USEC_PER_SEC;

	while (len > 0) {
		size_t n = len > AGREE_WORD_LEN ? AGREE_WORD_LEN : len;
		struct agree_word w, back;
		uint8_t out[AGREE_WORD_LEN];

		if (agree_word_decode((struct view){ data, n }, &w) == 0) {
			struct agree_step s = agree_hear(&cfg, a, &w, now);

			agree_word_encode(&w, out);
			MUST(agree_word_decode((struct view){ out, sizeof(out) }, &back) == 0);
			MUST(back.node == w.node && back.epoch == w.epoch && back.echo == w.echo);
			MUST(w.echo == cfg.nonce || !(s.actions & AGREE_CHANGED) ||
			     (s.next.twin && !a.twin)); /* said once, believed never */
			MUST(!s.next.known || s.next.peer.echo == cfg.nonce);
			MUST(!s.next.known || s.next.deadline > now);
			a = s.next;
		}
		now += USEC_PER_MSEC;
		data += n;
		len -= n;
	}
	return 0;
}
