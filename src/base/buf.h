/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading and writing of bytes.  Both ends carry a sticky failure: a codec
 * reads or writes field after field and asks once, at the end, whether all went well.
 * Numbers are big-endian, as on the wire.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. */
struct view {
	const uint8_t *data;
	size_t len;
};

struct rbuf {
	const uint8_t *data;
	size_t len, pos;
	bool failed; /* something was read past the end; all later reads give zeros */
};

struct wbuf {
	uint8_t *data;
	size_t cap, len;
	bool failed; /* something did not fit; nothing is written after that */
};

struct rbuf rbuf_of(const void *data, size_t len);
uint8_t rbuf_u8(struct rbuf *r);
uint16_t rbuf_u16(struct rbuf *r);
uint32_t rbuf_u32(struct rbuf *r);
uint64_t rbuf_u64(struct rbuf *r);
/* len bytes copied to out; on failure out is zeroed */
void rbuf_bytes(struct rbuf *r, void *out, size_t len);
/* len bytes in place; .data is NULL on failure */
struct view rbuf_view(struct rbuf *r, size_t len);
/* u16 length and bytes, in place */
struct view rbuf_blob(struct rbuf *r);
/* u8 length and text, into out with a final NUL; fails when it holds a NUL or does not fit */
void rbuf_str(struct rbuf *r, char *out, size_t size);
size_t rbuf_left(const struct rbuf *r);
/* true when all was read, nothing failed and nothing is left over */
bool rbuf_done(const struct rbuf *r);

struct wbuf wbuf_of(void *data, size_t cap);
void wbuf_u8(struct wbuf *w, uint8_t v);
void wbuf_u16(struct wbuf *w, uint16_t v);
void wbuf_u32(struct wbuf *w, uint32_t v);
void wbuf_u64(struct wbuf *w, uint64_t v);
void wbuf_bytes(struct wbuf *w, const void *data, size_t len);
void wbuf_blob(struct wbuf *w, const void *data, size_t len); /* u16 length; fails past 65,535 */
void wbuf_str(struct wbuf *w, const char *text); /* u8 length; fails past 255 */

#endif
