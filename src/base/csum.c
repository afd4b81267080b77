/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/csum.h"

#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

static uint32_t fold(uint64_t sum)
{
	while (sum >> 32)
		sum = (sum & UINT32_MAX) + (sum >> 32);
	return (uint32_t)sum;
}

static uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static void store(uint8_t *p, uint64_t word)
{
	memcpy(p, &word, sizeof(word));
}

/* The carry comes in again at the lowest bit: what 16 bits do, 64 do as well (RFC 1071, 2B). */
static uint64_t add(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

/* From 64 bits, summed as this machine reads them, to 16 as the wire has them. */
static uint16_t to_wire(uint64_t sum)
{
	uint32_t half = fold(sum);

	half = (half & 0xffff) + (half >> 16);
	half = (half & 0xffff) + (half >> 16);
	return ntohs((uint16_t)half);
}

/* The last bytes, fewer than eight, as a word with zeros behind. */
static uint64_t load_tail(const uint8_t *p, size_t len)
{
	uint8_t word[8] = { 0 };

	for (size_t i = 0; i < len; i++)
		word[i] = p[i];
	return load(word);
}

/* Four sums side by side: each alone would wait for its own carry. */
uint32_t csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (; len >= 32; p += 32, len -= 32) {
		a = add(a, load(p));
		b = add(b, load(p + 8));
		c = add(c, load(p + 16));
		d = add(d, load(p + 24));
	}
	for (; len >= 8; p += 8, len -= 8)
		a = add(a, load(p));
	if (len)
		b = add(b, load_tail(p, len));
	return fold((uint64_t)sum + to_wire(add(add(a, b), add(c, d))));
}

uint32_t csum_copy(uint32_t sum, void *dst, const void *src, size_t len)
{
	const uint8_t *p = src;
	uint8_t *q = dst;
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (; len >= 32; p += 32, q += 32, len -= 32) {
		uint64_t w = load(p), x = load(p + 8), y = load(p + 16), z = load(p + 24);

		store(q, w);
		store(q + 8, x);
		store(q + 16, y);
		store(q + 24, z);
		a = add(a, w);
		b = add(b, x);
		c = add(c, y);
		d = add(d, z);
	}
	for (; len >= 8; p += 8, q += 8, len -= 8) {
		store(q, load(p));
		a = add(a, load(p));
	}
	if (len) {
		memcpy(q, p, len);
		b = add(b, load_tail(p, len));
	}
	return fold((uint64_t)sum + to_wire(add(add(a, b), add(c, d))));
}

uint32_t csum_add_pseudo(uint32_t sum, const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t len)
{
	sum = csum_add(sum, src->bytes, addr_size(src->family));
	sum = csum_add(sum, dst->bytes, addr_size(dst->family));
	return fold((uint64_t)sum + protocol + (len >> 16) + (len & 0xffff));
}

uint16_t csum_finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
