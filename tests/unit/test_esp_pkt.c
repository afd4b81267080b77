/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/esp_pkt.h"

#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

static void port_4500_carries_three_things(void **state)
{
	static const struct {
		const char *bytes;
		enum esp_pkt_kind kind;
	} rows[] = {
		{ "", ESP_PKT_SHORT },
		{ "ff", ESP_PKT_KEEPALIVE },
		{ "fe", ESP_PKT_SHORT },
		{ "ffff", ESP_PKT_SHORT },
		{ "000000", ESP_PKT_SHORT },
		{ "00000000", ESP_PKT_IKE },
		{ "00000000 0102030405", ESP_PKT_IKE },
		{ "00000100", ESP_PKT_SHORT },
		{ "00000100 000000", ESP_PKT_SHORT },
		{ "00000100 00000001", ESP_PKT_ESP },
		{ "ffffffff ffffffff", ESP_PKT_ESP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t p[16];
		size_t n = unhex(rows[i].bytes, p, sizeof(p));

		assert_int_equal(esp_pkt_classify((struct view){ p, n }), rows[i].kind);
	}
}

static void headers_go_both_ways(void **state)
{
	struct esp_pkt_header h = { 0xcafe0102, 7 }, got = { 0, 0 };
	uint8_t p[ESP_PKT_HEADER];

	(void)state;
	esp_pkt_encode(&h, p);
	assert_memory_equal(p, "\xca\xfe\x01\x02\0\0\0\x07", 8);
	assert_int_equal(esp_pkt_decode((struct view){ p, 8 }, &got), 0);
	assert_int_equal(got.spi, h.spi);
	assert_int_equal(got.seq, h.seq);
	assert_int_equal(esp_pkt_decode((struct view){ p, 7 }, &got), -EBADMSG);
	(void)unhex("000000ff", p, 4); /* reserved SPIs */
	assert_int_equal(esp_pkt_decode((struct view){ p, 8 }, &got), -EBADMSG);
}

static void trailers_go_both_ways(void **state)
{
	static const size_t aligns[] = { 4, 16 };

	(void)state;
	for (size_t a = 0; a < ARRAY_LEN(aligns); a++)
		for (size_t len = 0; len < 70; len++) {
			uint8_t text[100] = { 0 }, next = 0;
			size_t padded = esp_pkt_pad(text, len, aligns[a], 41), back = 999;

			assert_int_equal(padded % aligns[a], 0);
			assert_true(padded >= len + 2 && padded <= len + aligns[a] + 1);
			assert_int_equal(esp_pkt_unpad((struct view){ text, padded }, &back, &next),
					 0);
			assert_int_equal(back, len);
			assert_int_equal(next, 41);
		}
}

static void bad_trailers_are_refused(void **state)
{
	static const struct {
		const char *text;
		int rc;
		size_t len;
	} rows[] = {
		{ "", -EBADMSG, 0 },
		{ "04", -EBADMSG, 0 },
		{ "0004", 0, 0 },
		{ "aa 01 01 04", 0, 1 },
		{ "aa 02 01 04", -EBADMSG, 0 },
		{ "aa 01 02 02 04", 0, 1 },
		{ "aa 01 03 02 04", -EBADMSG, 0 },
		{ "01 02 02 04", 0, 0 },
		{ "01 02 03 04", -EBADMSG, 0 }, /* longer than the text */
		{ "ff 04", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t p[16], next;
		size_t n = unhex(rows[i].text, p, sizeof(p)), len = 0;

		assert_int_equal(esp_pkt_unpad((struct view){ p, n }, &len, &next), rows[i].rc);
		if (rows[i].rc == 0)
			assert_int_equal(len, rows[i].len);
	}
}

static void room_is_what_fits(void **state)
{
	static const struct {
		struct esp_pkt_shape shape;
		size_t mtu, room;
	} rows[] = {
		/* 20 + 8 + 8 + 8 + 16 around; 1440 of text */
		{ { ADDR_V4, true, 8, 16, 4 }, 1500, 1438 },
		{ { ADDR_V4, false, 8, 16, 4 }, 1500, 1446 },
		{ { ADDR_V6, true, 8, 16, 4 }, 1500, 1418 },
		/* 20 + 8 + 8 + 16 + 16 around: 1432, in blocks 1424 */
		{ { ADDR_V4, true, 16, 16, 16 }, 1500, 1422 },
		{ { ADDR_V4, true, 16, 32, 16 }, 1500, 1406 },
		{ { ADDR_V4, true, 8, 16, 4 }, 60, 0 },
		{ { ADDR_V4, true, 8, 16, 4 }, 63, 0 },
		{ { ADDR_V4, true, 8, 16, 4 }, 64, 2 },
		{ { ADDR_V4, true, 8, 16, 4 }, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(esp_pkt_room(&rows[i].shape, rows[i].mtu), rows[i].room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_4500_carries_three_things),
		cmocka_unit_test(headers_go_both_ways),
		cmocka_unit_test(trailers_go_both_ways),
		cmocka_unit_test(bad_trailers_are_refused),
		cmocka_unit_test(room_is_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
