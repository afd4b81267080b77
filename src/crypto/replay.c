/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/replay.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64u

struct replay {
	uint64_t top; /* of the window */
	unsigned early_count;
	uint64_t early[REPLAY_EARLY]; /* above top, in rising order */
	uint32_t window;
	bool esn;
	uint32_t mask; /* words - 1; one word more than the window needs, so that clearing a whole
			  word never forgets a number inside the window */
	uint64_t bits[];
};

struct replay *replay_new(uint32_t window, bool esn)
{
	struct replay *r;
	uint32_t words = 2;

	if (window == 0)
		window = REPLAY_WINDOW_DEFAULT;
	if (window < REPLAY_WINDOW_MIN)
		window = REPLAY_WINDOW_MIN;
	if (window > REPLAY_WINDOW_MAX)
		window = REPLAY_WINDOW_MAX;
	while ((words - 1) * WORD_BITS < window)
		words *= 2;
	r = calloc(1, sizeof(*r) + words * sizeof(r->bits[0]));
	if (!r)
		return NULL;
	r->window = window;
	r->esn = esn;
	r->mask = words - 1;
	return r;
}

void replay_free(struct replay *r)
{
	free(r);
}

uint32_t replay_window(const struct replay *r)
{
	return r->window;
}

uint64_t replay_top(const struct replay *r)
{
	return r->early_count ? r->early[r->early_count - 1] : r->top;
}

/* RFC 4303, A2.2: the window lies within one span of 2^32, or across two. */
uint64_t replay_infer(const struct replay *r, uint32_t low)
{
	uint32_t top_low = (uint32_t)r->top, high = (uint32_t)(r->top >> 32);
	uint32_t bottom = top_low - r->window + 1; /* wraps on purpose */

	if (!r->esn)
		return low;
	if (top_low >= r->window - 1) {
		if (low < bottom && high++ == UINT32_MAX)
			return 0;
	} else if (low >= bottom && high-- == 0) {
		return 0; /* from before the first packet */
	}
	return (uint64_t)high << 32 | low;
}

bool replay_is_fresh(const struct replay *r, uint64_t seq)
{
	if (seq == 0)
		return false;
	if (seq > r->top) {
		for (unsigned i = 0; i < r->early_count; i++)
			if (r->early[i] == seq)
				return false;
		return true;
	}
	if (r->top - seq >= r->window)
		return false;
	return !(r->bits[seq / WORD_BITS & r->mask] >> seq % WORD_BITS & 1);
}

static void set_bit(struct replay *r, uint64_t seq)
{
	r->bits[seq / WORD_BITS & r->mask] |= UINT64_C(1) << seq % WORD_BITS;
}

static void move_window(struct replay *r, uint64_t seq)
{
	uint64_t top_word = r->top / WORD_BITS, ahead = seq / WORD_BITS - top_word;

	/* A leap clears all words; those from the old place hold nothing of the new. */
	if (ahead > r->mask)
		ahead = (uint64_t)r->mask + 1;
	for (uint64_t i = 1; i <= ahead; i++)
		r->bits[(top_word + i) & r->mask] = 0;
	r->top = seq;
}

/* Those early numbers that the window has reached are in it from now on. */
static void absorb_early(struct replay *r)
{
	unsigned n = 0;

	for (; n < r->early_count && r->early[n] <= r->top; n++)
		if (r->top - r->early[n] < r->window)
			set_bit(r, r->early[n]);
	r->early_count -= n;
	memmove(r->early, r->early + n, r->early_count * sizeof(r->early[0]));
}

void replay_mark(struct replay *r, uint64_t seq)
{
	if (seq > r->top) {
		move_window(r, seq);
		if (r->early_count)
			absorb_early(r);
	}
	set_bit(r, seq);
}

void replay_mark_early(struct replay *r, uint64_t seq)
{
	unsigned at;

	if (seq <= r->top) {
		set_bit(r, seq);
		return;
	}
	if (r->early_count == REPLAY_EARLY) {
		uint64_t lowest = r->early[0];

		replay_mark(r, lowest < seq ? lowest : seq);
		if (seq <= r->top)
			return;
	}
	for (at = r->early_count++; at > 0 && r->early[at - 1] > seq; at--)
		r->early[at] = r->early[at - 1];
	r->early[at] = seq;
}
