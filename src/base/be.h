/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Big-endian numbers at places whose bounds are known already: packet paths check a header's length
 * once.  Everything else reads and writes by base/buf.h.
 */
#ifndef BASE_BE_H
#define BASE_BE_H

#include <stdint.h>

static inline uint16_t be_get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be_get_u32(const uint8_t *p)
{
	return (uint32_t)be_get_u16(p) << 16 | be_get_u16(p + 2);
}

static inline void be_put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void be_put_u32(uint8_t *p, uint32_t v)
{
	be_put_u16(p, (uint16_t)(v >> 16));
	be_put_u16(p + 2, (uint16_t)v);
}

#endif
