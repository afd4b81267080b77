/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the numbered packets of one direction, and the figures drawn from it:
 * lost, reordered, duplicated, and the longest silence.
 */
#ifndef LAB_ARRIVALS_H
#define LAB_ARRIVALS_H

#include "base/clock.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrivals {
	size_t capacity; /* packets; later ones are not sent */
	usec_t *sent_at; /* by number; written by the sender, read once it has ended */
	usec_t *arrived_at; /* by number; 0: has not arrived */
	usec_t *order; /* arrivals as they came, duplicates left out */
	_Atomic size_t sent;
	size_t arrived, reordered, duplicated, next_number;
	unsigned ttl_min, ttl_max; /* of the packets that arrived */
};

struct gap {
	usec_t from, to; /* the two arrivals around the silence */
	bool is_open; /* nothing arrived until the end of the measurement */
};

int arrivals_init(struct arrivals *a, size_t capacity); /* 0 or -ENOMEM */
void arrivals_done(struct arrivals *a);
void arrivals_add(struct arrivals *a, size_t number, usec_t at, unsigned ttl);
/* The longest silence of those that end after `since` and begin before `until`. */
struct gap arrivals_gap(const struct arrivals *a, usec_t since, usec_t until, usec_t end);
/* All figures; `fault` is when the fault happened, `end` when the last packet was sent. */
json_t *arrivals_report(const struct arrivals *a, usec_t fault, usec_t end);

#endif
