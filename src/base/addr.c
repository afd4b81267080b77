/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

size_t addr_size(enum addr_family family)
{
	return family == ADDR_V4 ? 4 : family == ADDR_V6 ? 16 : 0;
}

uint8_t addr_bits(enum addr_family family)
{
	return (uint8_t)(8 * addr_size(family));
}

int addr_to_af(enum addr_family family)
{
	return family == ADDR_V4 ? AF_INET : family == ADDR_V6 ? AF_INET6 : AF_UNSPEC;
}

struct addr addr_from_bytes(enum addr_family family, const uint8_t *bytes)
{
	struct addr a = { .family = family };

	if (family != ADDR_NONE)
		memcpy(a.bytes, bytes, addr_size(family));
	return a;
}

bool addr_parse(const char *text, struct addr *out)
{
	struct addr a = { .family = strchr(text, ':') ? ADDR_V6 : ADDR_V4 };

	if (inet_pton(addr_to_af(a.family), text, a.bytes) != 1)
		return false;
	*out = a;
	return true;
}

const char *addr_format(const struct addr *a, char out[static ADDR_TEXT])
{
	if (a->family == ADDR_NONE || !inet_ntop(addr_to_af(a->family), a->bytes, out, ADDR_TEXT))
		(void)snprintf(out, ADDR_TEXT, "none");
	return out;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, addr_size(a->family)) == 0;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, addr_size(a->family));
}

bool addr_is_multicast(const struct addr *a)
{
	return (a->family == ADDR_V4 && (a->bytes[0] & 0xf0) == 0xe0) ||
	       (a->family == ADDR_V6 && a->bytes[0] == 0xff);
}

bool addr_is_unspecified(const struct addr *a)
{
	for (size_t i = 0; i < addr_size(a->family); i++)
		if (a->bytes[i])
			return false;
	return true;
}

/* Clears the bits past len; tells whether any was set. */
static bool mask_host_bits(struct addr *a, uint8_t len)
{
	bool any = false;

	for (size_t i = 0; i < addr_size(a->family); i++) {
		unsigned keep = len > 8 * i ? len - (unsigned)(8 * i) : 0;
		uint8_t mask = (uint8_t)(0xff00u >> (keep < 8 ? keep : 8));

		any = any || (a->bytes[i] & (uint8_t)~mask);
		a->bytes[i] &= mask;
	}
	return any;
}

bool prefix_parse(const char *text, struct prefix *out)
{
	char host[ADDR_TEXT];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix p;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_parse(host, &p.addr))
		return false;
	p.len = addr_bits(p.addr.family);
	if (slash) {
		char *end;
		unsigned long len = strtoul(slash + 1, &end, 10);

		if (slash[1] < '0' || slash[1] > '9' || *end || len > p.len)
			return false;
		p.len = (uint8_t)len;
	}
	if (mask_host_bits(&p.addr, p.len))
		return false;
	*out = p;
	return true;
}

const char *prefix_format(const struct prefix *p, char out[static PREFIX_TEXT])
{
	char host[ADDR_TEXT];

	(void)snprintf(out, PREFIX_TEXT, "%s/%u", addr_format(&p->addr, host), p->len);
	return out;
}

struct prefix prefix_of_host(const struct addr *a)
{
	return (struct prefix){ *a, addr_bits(a->family) };
}

bool prefix_is_sound(const struct prefix *p)
{
	struct addr net = p->addr;

	return p->addr.family != ADDR_NONE && p->len <= addr_bits(p->addr.family) &&
	       !mask_host_bits(&net, p->len);
}

bool prefix_contains(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->len / 8;
	uint8_t mask = (uint8_t)(0xff00u >> p->len % 8);

	if (a->family != p->addr.family || memcmp(a->bytes, p->addr.bytes, whole) != 0)
		return false;
	return !mask || !((a->bytes[whole] ^ p->addr.bytes[whole]) & mask);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && addr_equal(&a->addr, &b->addr);
}

bool prefix_overlap(const struct prefix *a, const struct prefix *b)
{
	return a->len <= b->len ? prefix_contains(a, &b->addr) : prefix_contains(b, &a->addr);
}

const char *endpoint_format(const struct endpoint *e, char out[static ENDPOINT_TEXT])
{
	char host[ADDR_TEXT];

	addr_format(&e->addr, host);
	(void)snprintf(out, ENDPOINT_TEXT, e->addr.family == ADDR_V6 ? "[%s]:%u" : "%s:%u", host,
		       e->port);
	return out;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

size_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(e->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

	memset(out, 0, sizeof(*out));
	switch (e->addr.family) {
	case ADDR_V4:
		memcpy(&v4.sin_addr, e->addr.bytes, 4);
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	case ADDR_V6:
		memcpy(&v6.sin6_addr, e->addr.bytes, 16);
		memcpy(out, &v6, sizeof(v6));
		return sizeof(v6);
	case ADDR_NONE:
		break;
	}
	return 0;
}

bool endpoint_from_sockaddr(const struct sockaddr *sa, size_t len, struct endpoint *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->sa_family == AF_INET && len >= sizeof(v4)) {
		memcpy(&v4, sa, sizeof(v4));
		out->addr = addr_from_bytes(ADDR_V4, (const uint8_t *)&v4.sin_addr);
		out->port = ntohs(v4.sin_port);
		return true;
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(v6)) {
		memcpy(&v6, sa, sizeof(v6));
		out->addr = addr_from_bytes(ADDR_V6, (const uint8_t *)&v6.sin6_addr);
		out->port = ntohs(v6.sin6_port);
		return true;
	}
	return false;
}
