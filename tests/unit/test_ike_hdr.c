/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which datagrams open an IKE_SA, and which only pretend to. */
#include "base/list.h"
#include "ike/ike_hdr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HDR 28

struct fields {
	uint8_t responder, version, exchange, flags, id;
};

/* Only the fields' lowest byte: the rest is 0, but for the initiator's SPI. */
static void build(const struct fields *f, uint8_t out[static HDR])
{
	memset(out, 0, HDR);
	memset(out, 0x5a, 8);
	out[15] = f->responder;
	out[17] = f->version;
	out[18] = f->exchange;
	out[19] = f->flags;
	out[23] = f->id;
}

static void classifies(void **state)
{
	static const struct {
		struct fields f; /* responder SPI, version, exchange, flags, message ID */
		enum ike_hdr_kind want;
	} rows[] = {
		{ { 0, 0x20, 34, 0x08, 0 }, IKE_HDR_OPENS_V2 },
		{ { 1, 0x20, 34, 0x20, 0 }, IKE_HDR_OTHER }, /* the answer to ours */
		{ { 1, 0x20, 34, 0x08, 0 }, IKE_HDR_BOGUS },
		{ { 0, 0x20, 34, 0x08, 1 }, IKE_HDR_BOGUS },
		{ { 1, 0x20, 35, 0x08, 1 }, IKE_HDR_OTHER }, /* IKE_AUTH */
		{ { 0, 0x10, 2, 0, 0 }, IKE_HDR_OPENS_V1 },
		{ { 0, 0x10, 4, 0, 0 }, IKE_HDR_OPENS_V1 },
		{ { 1, 0x10, 2, 0, 0 }, IKE_HDR_OTHER }, /* main mode goes on */
		{ { 0, 0x10, 2, 0, 7 }, IKE_HDR_BOGUS },
		{ { 0, 0x20, 2, 0, 0 }, IKE_HDR_BOGUS }, /* of another age */
		{ { 0, 0x10, 34, 0, 0 }, IKE_HDR_BOGUS },
		{ { 1, 0x10, 5, 0, 9 }, IKE_HDR_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t d[4 + HDR] = { 0 };

		build(&rows[i].f, d + 4);
		assert_int_equal(ike_hdr_classify((struct view){ d + 4, HDR }, false),
				 rows[i].want);
		assert_int_equal(ike_hdr_classify((struct view){ d, sizeof(d) }, true),
				 rows[i].want);
	}
}

/* What is cut short is charon's to refuse, not ours to read past. */
static void reads_no_further_than_there_is(void **state)
{
	static const struct fields bogus = { 1, 0x20, 34, 0x08, 1 };
	uint8_t d[HDR];

	(void)state;
	build(&bogus, d);
	for (size_t len = 0; len < 24; len++)
		assert_int_equal(ike_hdr_classify((struct view){ d, len }, false), IKE_HDR_OTHER);
	assert_int_equal(ike_hdr_classify((struct view){ d, 24 }, false), IKE_HDR_BOGUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classifies),
		cmocka_unit_test(reads_no_further_than_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
