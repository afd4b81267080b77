/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/ss.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

host_t *ss_host_of_addr(const struct addr *a, uint16_t port)
{
	struct endpoint e = { .addr = *a, .port = port };

	return ss_host_of_endpoint(&e);
}

host_t *ss_host_of_endpoint(const struct endpoint *e)
{
	uint8_t bytes[16];

	if (e->addr.family == ADDR_NONE)
		return NULL;
	memcpy(bytes, e->addr.bytes, sizeof(bytes));
	return host_create_from_chunk(addr_to_af(e->addr.family),
				      chunk_create(bytes, addr_size(e->addr.family)), e->port);
}

struct endpoint ss_endpoint(host_t *host)
{
	struct endpoint e = { .port = 0 };
	chunk_t bytes = host->get_address(host);

	if (bytes.len != 4 && bytes.len != 16)
		return e;
	e.addr = addr_from_bytes(bytes.len == 4 ? ADDR_V4 : ADDR_V6, bytes.ptr);
	e.port = host->get_port(host);
	return e;
}

traffic_selector_t *ss_selector(const struct prefix *p)
{
	host_t *net = ss_host_of_addr(&p->addr, 0);

	return net ? traffic_selector_create_from_subnet(net, p->len, 0, 0, 65535) : NULL;
}

unsigned ss_prefixes(linked_list_t *selectors, struct prefix *out, unsigned max)
{
	enumerator_t *e = selectors->create_enumerator(selectors);
	traffic_selector_t *ts;
	unsigned n = 0;

	while (n < max && e->enumerate(e, &ts)) {
		host_t *net;
		uint8_t len;

		(void)ts->to_subnet(ts, &net, &len);
		out[n++] = (struct prefix){ .addr = ss_endpoint(net).addr, .len = len };
		net->destroy(net);
	}
	e->destroy(e);
	return n;
}

chunk_t ss_copy(struct view v)
{
	uint8_t *bytes = malloc(v.len);

	if (!bytes)
		return chunk_empty;
	memcpy(bytes, v.data, v.len);
	return chunk_create(bytes, v.len);
}

void ss_print(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(out, size, fmt, ap);
	va_end(ap);
}
