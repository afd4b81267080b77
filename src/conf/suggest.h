/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": the name that somebody most likely wanted to type. */
#ifndef CONF_SUGGEST_H
#define CONF_SUGGEST_H

#define SUGGEST_MAX 64 /* longer words are not compared */

/* Offer every candidate to suggest_offer(); best stays NULL when none is close enough. */
struct suggest {
	const char *typed, *best;
	unsigned distance;
};

struct suggest suggest_for(const char *typed);
void suggest_offer(struct suggest *s, const char *candidate);

/* Single characters to insert, delete, replace, or swap with the next. */
unsigned suggest_distance(const char *a, const char *b);

#endif
