/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in tests, as RFCs print them; include after cmocka. */
#ifndef UNIT_HEX_H
#define UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Blanks are skipped; fails the test on anything that is no hexadecimal. */
static inline size_t unhex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	while (*text) {
		unsigned byte;

		if (*text == ' ') {
			text++;
			continue;
		}
		assert_true(n < cap);
		assert_int_equal(sscanf(text, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
		text += 2;
	}
	return n;
}

#endif
