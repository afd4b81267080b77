/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP on the wire (RFC 4303), bare or in UDP port 4500 (RFC 3948): header, trailer, sizes. */
#ifndef WIRE_ESP_PKT_H
#define WIRE_ESP_PKT_H

#include "base/addr.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESP_PKT_HEADER 8
#define ESP_PKT_MARKER 4 /* zeros where ESP has its SPI: an IKE message follows */
#define ESP_PKT_TRAILER_MAX 257 /* padding, its length, next header */
#define ESP_PKT_SPI_MIN 256 /* 1 ... 255 are reserved */

#define ESP_NEXT_IPV4 4
#define ESP_NEXT_IPV6 41
#define ESP_NEXT_DUMMY 59

enum esp_pkt_kind { ESP_PKT_SHORT, ESP_PKT_KEEPALIVE, ESP_PKT_IKE, ESP_PKT_ESP };

struct esp_pkt_header {
	uint32_t spi, seq;
};

/* What came in on UDP port 4500. */
enum esp_pkt_kind esp_pkt_classify(struct view payload);
int esp_pkt_decode(struct view packet, struct esp_pkt_header *out); /* 0 or -EBADMSG */
void esp_pkt_encode(const struct esp_pkt_header *h, uint8_t out[static ESP_PKT_HEADER]);

/*
 * Adds the trailer to len bytes of text; `align` is a power of two up to 16.  The new length,
 * at most align + 1 more.
 */
size_t esp_pkt_padded(size_t len, size_t align); /* the new length alone */
size_t esp_pkt_pad(uint8_t *text, size_t len, size_t align, uint8_t next_header);
/* Takes it off: 0, or -EBADMSG when the padding is not 1, 2, 3 ... or longer than the text. */
int esp_pkt_unpad(struct view text, size_t *len, uint8_t *next_header);

struct esp_pkt_shape {
	enum addr_family outer;
	bool encap; /* in UDP */
	size_t iv_len, icv_len, align;
};

/* The longest inner packet whose outer packet fits into `mtu`; 0: none. */
size_t esp_pkt_room(const struct esp_pkt_shape *shape, size_t mtu);

#endif
