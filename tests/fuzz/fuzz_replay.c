/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any order of numbers: none is taken twice, and none ahead of the window is refused. */
#include "crypto/replay.h"

#include <stddef.h>
#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#define TAKEN_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t taken[TAKEN_MAX];
	size_t n = 0;
	struct replay *r;
	bool esn;

	if (len < 3)
		return 0;
	esn = data[0] & 1;
	r = replay_new((uint32_t)(data[0] << 8 | data[1]), esn);
	MUST(r);
	if (esn && data[2] & 1)
		replay_mark(r, UINT32_MAX - data[2]); /* the wrap is near */
	for (size_t i = 3; i + 3 < len && n < TAKEN_MAX; i += 4) {
		uint32_t low = (uint32_t)data[i] << 24 | (uint32_t)data[i + 1] << 16 |
			       (uint32_t)data[i + 2] << 8 | data[i + 3];
		uint64_t top = replay_top(r), seq = replay_infer(r, low);

		MUST(seq == 0 || (uint32_t)seq == low);
		MUST(!esn || seq == 0 || data[2] & 2 || seq + replay_window(r) > top);
		if (!replay_is_fresh(r, seq)) {
			MUST(seq <= top);
			continue;
		}
		for (size_t k = 0; k < n; k++)
			MUST(taken[k] != seq);
		if (data[2] & 2 && low % 3 == 0)
			replay_mark_early(r, seq);
		else
			replay_mark(r, seq);
		MUST(!replay_is_fresh(r, seq));
		MUST(replay_top(r) == (seq > top ? seq : top));
		taken[n++] = seq;
	}
	replay_free(r);
	return 0;
}
