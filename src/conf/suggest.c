/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/suggest.h"

#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* The cost of putting one letter for another; case is nobody's mistake. */
static unsigned differ(char a, char b)
{
	int x = tolower((unsigned char)a), y = tolower((unsigned char)b);

	return x != y;
}

unsigned suggest_distance(const char *a, const char *b)
{
	unsigned row[3][SUGGEST_MAX + 1]; /* of the table: this line and the two before */
	size_t n = strlen(a), m = strlen(b);

	if (n > SUGGEST_MAX || m > SUGGEST_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + differ(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[n % 3][m];
}

struct suggest suggest_for(const char *typed)
{
	/* A third of it may be wrong; of a very short word, one character. */
	size_t limit = strlen(typed) / 3;

	return (struct suggest){ typed, NULL, limit ? (unsigned)limit + 1 : 2 };
}

void suggest_offer(struct suggest *s, const char *candidate)
{
	unsigned d = suggest_distance(s->typed, candidate);

	if (d < s->distance && d < strlen(candidate)) {
		s->distance = d;
		s->best = candidate;
	}
}
