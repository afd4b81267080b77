/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses, prefixes and UDP endpoints as plain values: copied, compared, printed.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

enum addr_family { ADDR_NONE, ADDR_V4, ADDR_V6 };

struct addr {
	enum addr_family family;
	uint8_t bytes[16]; /* network order; the first 4 for IPv4, the rest 0 */
};

struct prefix {
	struct addr addr; /* bits past len are 0 */
	uint8_t len;
};

struct endpoint {
	struct addr addr;
	uint16_t port; /* host order */
};

#define ADDR_TEXT 46
#define PREFIX_TEXT 50
#define ENDPOINT_TEXT 54

size_t addr_size(enum addr_family family); /* 4, 16 or 0 */
uint8_t addr_bits(enum addr_family family); /* 32, 128 or 0 */
int addr_to_af(enum addr_family family); /* AF_INET, AF_INET6 or AF_UNSPEC */
struct addr addr_from_bytes(enum addr_family family, const uint8_t *bytes);
bool addr_parse(const char *text, struct addr *out);
const char *addr_format(const struct addr *a, char out[static ADDR_TEXT]);
bool addr_equal(const struct addr *a, const struct addr *b);
int addr_compare(const struct addr *a, const struct addr *b); /* as memcmp; IPv4 before IPv6 */
bool addr_is_multicast(const struct addr *a);
bool addr_is_unspecified(const struct addr *a); /* 0.0.0.0, ::, or no address at all */

/* "10.1.22.0/24"; a bare address is a host prefix.  False also when host bits are set. */
bool prefix_parse(const char *text, struct prefix *out);
const char *prefix_format(const struct prefix *p, char out[static PREFIX_TEXT]);
bool prefix_is_sound(const struct prefix *p); /* its length fits, and no host bit is set */
struct prefix prefix_of_host(const struct addr *a);
bool prefix_contains(const struct prefix *p, const struct addr *a);
bool prefix_equal(const struct prefix *a, const struct prefix *b);
bool prefix_overlap(const struct prefix *a, const struct prefix *b);

const char *endpoint_format(const struct endpoint *e, char out[static ENDPOINT_TEXT]);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* Fills *out; returns its length for bind() and sendmsg(), 0 for ADDR_NONE. */
size_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *out);
bool endpoint_from_sockaddr(const struct sockaddr *sa, size_t len, struct endpoint *out);

#endif
