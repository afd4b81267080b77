/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *    0                   1                   2                   3
 *   |    version    | sight | role  |c f          |     lead      |   flags: c carries, f fit
 *   |                             epoch                           |
 *   |                             node (8)                        |
 *   |                             nonce (8)                       |
 *   |                             echo (8)                        |
 */
#include "wire/agree_word.h"

#include "base/be.h"

#include <errno.h>

#define FLAG_CARRIES 0x80u
#define FLAG_FIT 0x40u

static void put_u64(uint8_t *p, uint64_t v)
{
	be_put_u32(p, (uint32_t)(v >> 32));
	be_put_u32(p + 4, (uint32_t)v);
}

static uint64_t get_u64(const uint8_t *p)
{
	return (uint64_t)be_get_u32(p) << 32 | be_get_u32(p + 4);
}

void agree_word_encode(const struct agree_word *w, uint8_t out[AGREE_WORD_LEN])
{
	out[0] = AGREE_WORD_VERSION;
	out[1] = (uint8_t)((unsigned)w->sight << 4 | (unsigned)w->role);
	out[2] = (uint8_t)((w->carries ? FLAG_CARRIES : 0) | (w->fit ? FLAG_FIT : 0));
	out[3] = w->lead;
	be_put_u32(out + 4, w->epoch);
	put_u64(out + 8, w->node);
	put_u64(out + 16, w->nonce);
	put_u64(out + 24, w->echo);
}

int agree_word_decode(struct view value, struct agree_word *w)
{
	const uint8_t *p = value.data;

	if (value.len < AGREE_WORD_LEN || p[0] != AGREE_WORD_VERSION)
		return -EBADMSG;
	if (p[1] >> 4 >= AGREE_SIGHT_COUNT || (p[1] & 0xf) >= AGREE_ROLE_COUNT)
		return -EBADMSG;
	*w = (struct agree_word){
		.sight = (enum agree_sight)(p[1] >> 4),
		.role = (enum agree_role)(p[1] & 0xf),
		.carries = p[2] & FLAG_CARRIES,
		.fit = p[2] & FLAG_FIT,
		.lead = p[3],
		.epoch = be_get_u32(p + 4),
		.node = get_u64(p + 8),
		.nonce = get_u64(p + 16),
		.echo = get_u64(p + 24),
	};
	return w->node != 0 && w->nonce != 0 ? 0 : -EBADMSG;
}
