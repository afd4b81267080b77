/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/words.h"

#include "esp/control.h"
#include "esp/esp.h"
#include "esp/tunnel.h"
#include "wire/agree_word.h"
#include "wire/icmp_pkt.h"

#include <string.h>

/* futaed forgets a word after a few times this. */
#define AGAIN USEC_PER_SEC

/* A host behind the peer may send what it likes, as fast as it likes. */
static const struct bucket_cfg limit = { .burst = 20, .per_sec = 100 };

void words_take(struct esp *esp, struct tunnel *t, struct view request)
{
	struct addr src, dst;
	struct view extra;
	struct ipc_word m = { .if_id = t->if_id };
	struct agree_word w;

	if (!t->configured || !icmp_is_echo_request(request, &src, &dst))
		return;
	extra = icmp_extra(request);
	if (agree_word_decode(extra, &w) < 0) /* somebody's ping */
		return;
	if (memcmp(extra.data, t->word, IPC_WORD_LEN) == 0 &&
	    usec_since(t->word_told, esp->now) < AGAIN)
		return;
	if (!bucket_take(&limit, &t->words, esp->now))
		return;
	memcpy(m.word, extra.data, IPC_WORD_LEN);
	memcpy(t->word, extra.data, IPC_WORD_LEN);
	t->word_told = esp->now;
	control_tell_word(esp, &m);
}
