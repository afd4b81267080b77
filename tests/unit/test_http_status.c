/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status lines of HTTP/1 (RFC 9112, 4). */
#include "wire/http_status.h"

#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	int want;
} rows[] = {
	{ "HTTP/1.1 200 OK\r\nServer: x\r\n", 200 },
	{ "HTTP/1.0 301 Moved\r\n", 301 },
	{ "HTTP/1.1 503\r\n", 503 },
	{ "HTTP/1.1 204\n", 204 },
	{ "HTTP/1.1 999 ", 999 },
	{ "", -EAGAIN },
	{ "HTTP/1.", -EAGAIN },
	{ "HTTP/1.1 200", -EAGAIN }, /* 2000 would be none */
	{ "HTTP/1.1 2000 ", -EBADMSG },
	{ "HTTP/1.1 20 OK", -EBADMSG },
	{ "HTTP/1.1  200 OK", -EBADMSG },
	{ "HTTP/2.0 200 OK", -EBADMSG },
	{ "HTTP/1.1 099 ", -EBADMSG },
	{ "http/1.1 200 OK", -EBADMSG },
	{ "220 mail ESMTP", -EBADMSG },
	{ "HTTP/1.1 -20 ", -EBADMSG },
	{ "\x16\x03\x03", -EBADMSG },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].text);

		assert_int_equal(http_status_parse(
					 (struct view){ (const uint8_t *)rows[i].text, len }),
				 rows[i].want);
		/* However it is cut: nothing else than what the whole says, or too little. */
		for (size_t cut = 0; cut < len; cut++) {
			int got = http_status_parse(
				(struct view){ (const uint8_t *)rows[i].text, cut });

			assert_true(got == -EAGAIN || got == rows[i].want);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
