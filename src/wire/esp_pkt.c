/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/esp_pkt.h"

#include <errno.h>

#define UDP_HEADER 8
#define KEEPALIVE 0xff

enum esp_pkt_kind esp_pkt_classify(struct view payload)
{
	const uint8_t *p = payload.data;

	if (payload.len == 1 && p[0] == KEEPALIVE)
		return ESP_PKT_KEEPALIVE;
	if (payload.len < ESP_PKT_MARKER)
		return ESP_PKT_SHORT;
	if (p[0] == 0 && p[1] == 0 && p[2] == 0 && p[3] == 0)
		return ESP_PKT_IKE;
	return payload.len < ESP_PKT_HEADER ? ESP_PKT_SHORT : ESP_PKT_ESP;
}

int esp_pkt_decode(struct view packet, struct esp_pkt_header *out)
{
	struct rbuf r = rbuf_of(packet.data, packet.len);
	struct esp_pkt_header h = { rbuf_u32(&r), rbuf_u32(&r) };

	if (r.failed || h.spi < ESP_PKT_SPI_MIN)
		return -EBADMSG;
	*out = h;
	return 0;
}

void esp_pkt_encode(const struct esp_pkt_header *h, uint8_t out[static ESP_PKT_HEADER])
{
	struct wbuf w = wbuf_of(out, ESP_PKT_HEADER);

	wbuf_u32(&w, h->spi);
	wbuf_u32(&w, h->seq);
}

size_t esp_pkt_padded(size_t len, size_t align)
{
	return (len + 2 + align - 1) & ~(align - 1);
}

size_t esp_pkt_pad(uint8_t *text, size_t len, size_t align, uint8_t next_header)
{
	size_t pad = esp_pkt_padded(len, align) - len - 2;

	for (size_t i = 0; i < pad; i++)
		text[len + i] = (uint8_t)(i + 1);
	text[len + pad] = (uint8_t)pad;
	text[len + pad + 1] = next_header;
	return len + pad + 2;
}

int esp_pkt_unpad(struct view text, size_t *len, uint8_t *next_header)
{
	size_t pad, end;

	if (text.len < 2)
		return -EBADMSG;
	end = text.len - 2;
	pad = text.data[end];
	if (pad > end)
		return -EBADMSG;
	for (size_t i = 0; i < pad; i++)
		if (text.data[end - pad + i] != i + 1)
			return -EBADMSG;
	*len = end - pad;
	*next_header = text.data[end + 1];
	return 0;
}

size_t esp_pkt_room(const struct esp_pkt_shape *s, size_t mtu)
{
	size_t around = (s->outer == ADDR_V6 ? 40u : 20u) + (s->encap ? UDP_HEADER : 0u) +
			ESP_PKT_HEADER + s->iv_len + s->icv_len;
	size_t text;

	if (mtu < around)
		return 0;
	text = (mtu - around) & ~(s->align - 1);
	return text > 2 ? text - 2 : 0;
}
