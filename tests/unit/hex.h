/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in tests, as RFCs print them; include after cmocka. */
#ifndef UNIT_HEX_H
#define UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Blanks are skipped; fails the test on anything that is no hexadecimal. */
static inline size_t unhex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	while (*text) {
		char digits[3] = { text[0], text[1], '\0' }, *end;

		if (*text == ' ') {
			text++;
			continue;
		}
		assert_true(n < cap);
		out[n++] = (uint8_t)strtoul(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
		text += 2;
	}
	return n;
}

#endif
