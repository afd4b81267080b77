/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STAMP packets against the layouts of RFC 8762 (figures 3 to 6) and RFC 8972. */
#include "wire/stamp_pkt.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

/* No MAC at all, but one that each byte changes, and their order. */
static void toy_mac(void *ctx, const struct view *parts, size_t count, uint8_t out[STAMP_MAC_SIZE])
{
	uint64_t sum[2] = { *(const uint64_t *)ctx, 1 };

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < parts[i].len; j++) {
			sum[0] = (sum[0] + parts[i].data[j]) * 0x9e3779b97f4a7c15u;
			sum[1] = (sum[1] ^ sum[0]) * 0xbf58476d1ce4e5b9u;
		}
	memcpy(out, sum, STAMP_MAC_SIZE);
}

static uint64_t secret = 42, guess = 43;
static const struct stamp_key key = { toy_mac, &secret }, wrong = { toy_mac, &guess };

static const struct stamp_request request = {
	.seq = 0x01020304, .sent = 0x1112131415161718, .estimate = 0x8101, .ssid = 0xabcd
};
static const struct stamp_reply reply = { .seq = 0x21222324,
					  .sent = 0x3132333435363738,
					  .estimate = 0x0102,
					  .ssid = 0xabcd,
					  .received = 0x4142434445464748,
					  .sender_seq = 0x01020304,
					  .sender_sent = 0x1112131415161718,
					  .sender_estimate = 0x8101,
					  .sender_ttl = 62 };

static void assert_bytes(const uint8_t *at, const char *hex)
{
	uint8_t want[STAMP_PKT_MAX];
	size_t n = unhex(hex, want, sizeof(want));

	assert_memory_equal(at, want, n);
}

static void assert_zeros(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(at[i], 0);
}

static void test_plain_layouts(void **state)
{
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	(void)state;
	stamp_request_put(&w, &request, NULL);
	assert_int_equal(w.len, 44);
	assert_bytes(buf, "01020304 1112131415161718 8101 abcd");
	assert_zeros(buf + 16, 28);
	w = wbuf_of(buf, sizeof(buf));
	stamp_reply_put(&w, &reply, NULL);
	assert_int_equal(w.len, 44);
	assert_bytes(buf, "21222324 3132333435363738 0102 abcd 4142434445464748"
			  "01020304 1112131415161718 8101 0000 3e 000000");
}

static void test_authenticated_layouts(void **state)
{
	uint8_t buf[STAMP_PKT_MAX], mac[STAMP_MAC_SIZE];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	const struct view covered = { buf, 96 };

	(void)state;
	stamp_request_put(&w, &request, &key);
	assert_int_equal(w.len, 112);
	assert_bytes(buf, "01020304 000000000000000000000000 1112131415161718 8101 abcd");
	assert_zeros(buf + 28, 68);
	toy_mac(&secret, &covered, 1, mac);
	assert_memory_equal(buf + 96, mac, sizeof(mac));
	w = wbuf_of(buf, sizeof(buf));
	stamp_reply_put(&w, &reply, &key);
	assert_int_equal(w.len, 112);
	assert_bytes(buf, "21222324 000000000000000000000000 3132333435363738 0102 abcd 00000000"
			  "4142434445464748 0000000000000000 01020304 000000000000000000000000"
			  "1112131415161718 8101 000000000000 3e");
	assert_zeros(buf + 81, 15);
	toy_mac(&secret, &covered, 1, mac);
	assert_memory_equal(buf + 96, mac, sizeof(mac));
}

static void test_read_back(void **state)
{
	const struct stamp_key *keys[] = { NULL, &key };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		uint8_t buf[STAMP_PKT_MAX];
		struct wbuf w = wbuf_of(buf, sizeof(buf));
		struct stamp_request q;
		struct stamp_reply r;

		stamp_request_put(&w, &request, keys[i]);
		assert_int_equal(stamp_request_parse((struct view){ buf, w.len }, keys[i], &q), 0);
		assert_int_equal(q.seq, request.seq);
		assert_int_equal(q.sent, request.sent);
		assert_int_equal(q.estimate, request.estimate);
		assert_int_equal(q.ssid, request.ssid);
		assert_int_equal(q.tlvs.len, 0);
		w = wbuf_of(buf, sizeof(buf));
		stamp_reply_put(&w, &reply, keys[i]);
		assert_int_equal(stamp_reply_parse((struct view){ buf, w.len }, keys[i], &r), 0);
		assert_int_equal(r.seq, reply.seq);
		assert_int_equal(r.sent, reply.sent);
		assert_int_equal(r.received, reply.received);
		assert_int_equal(r.estimate, reply.estimate);
		assert_int_equal(r.ssid, reply.ssid);
		assert_int_equal(r.sender_seq, reply.sender_seq);
		assert_int_equal(r.sender_sent, reply.sender_sent);
		assert_int_equal(r.sender_estimate, reply.sender_estimate);
		assert_int_equal(r.sender_ttl, reply.sender_ttl);
	}
}

static void test_what_is_wrong(void **state)
{
	uint8_t buf[STAMP_PKT_MAX + 1] = { 0 };
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	struct stamp_request q;
	struct stamp_reply r;

	(void)state;
	stamp_request_put(&w, &request, &key);
	for (size_t len = 0; len < 112; len++)
		assert_int_equal(stamp_request_parse((struct view){ buf, len }, &key, &q),
				 STAMP_PKT_SHORT);
	assert_int_equal(stamp_request_parse((struct view){ buf, 112 }, &wrong, &q), STAMP_PKT_MAC);
	for (size_t at = 0; at < 112; at++) {
		buf[at] ^= 1;
		assert_int_equal(stamp_request_parse((struct view){ buf, 112 }, &key, &q),
				 STAMP_PKT_MAC);
		buf[at] ^= 1;
	}
	for (size_t len = 0; len < 14; len++)
		assert_int_equal(stamp_request_parse((struct view){ buf, len }, NULL, &q),
				 STAMP_PKT_SHORT);
	for (size_t len = 0; len < 41; len++)
		assert_int_equal(stamp_reply_parse((struct view){ buf, len }, NULL, &r),
				 STAMP_PKT_SHORT);
	assert_int_equal(stamp_request_parse((struct view){ buf, sizeof(buf) }, NULL, &q),
			 STAMP_PKT_LONG);
	assert_int_equal(stamp_reply_parse((struct view){ buf, sizeof(buf) }, NULL, &r),
			 STAMP_PKT_LONG);
}

/* RFC 5357: 14 bytes and padding out, 41 and padding back; no session identifier in the first. */
static void test_twamp_light(void **state)
{
	uint8_t buf[43];
	struct stamp_request q;
	struct stamp_reply r;

	(void)state;
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(stamp_request_parse((struct view){ buf, 14 }, NULL, &q), 0);
	assert_int_equal(q.ssid, 0);
	assert_int_equal(stamp_request_parse((struct view){ buf, 43 }, NULL, &q), 0);
	assert_int_equal(q.ssid, 0);
	assert_int_equal(stamp_reply_parse((struct view){ buf, 41 }, NULL, &r), 0);
	assert_int_equal(r.sender_ttl, 255);
}

static void test_times(void **state)
{
	/* 2036-02-07 06:28:16 UTC begins NTP's second era. */
	const int64_t era = INT64_C(2085978496) * 1000000000;
	const int64_t times[] = { 0,       1,   999999999, INT64_C(1700000000123456789),
				  era - 1, era, era + 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		for (enum stamp_format f = STAMP_NTP; f <= STAMP_PTP; f++)
			assert_int_equal(stamp_time_decode(f, stamp_time_encode(f, times[i])),
					 times[i]);
	assert_true(stamp_time_encode(STAMP_NTP, 500000000) == UINT64_C(0x83aa7e8080000000));
	assert_true(stamp_time_encode(STAMP_NTP, era) == 0);
	assert_true(stamp_time_encode(STAMP_PTP, 500000000) == (UINT64_C(37) << 32 | 500000000));
}

static void test_estimates(void **state)
{
	const uint64_t errors[] = { 0, 1, 59, 60, 1000, 999999, 1000000, 16000000, 4000000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		const struct stamp_estimate e = { i % 2, i % 3 ? STAMP_NTP : STAMP_PTP, errors[i] };
		uint16_t raw = stamp_estimate_encode(&e);
		struct stamp_estimate d = stamp_estimate_decode(raw);

		assert_true(raw & 0xff);
		assert_int_equal(raw >> 15, e.synced);
		assert_int_equal(raw >> 14 & 1, e.format == STAMP_PTP);
		assert_int_equal(d.synced, e.synced);
		assert_int_equal(d.format, e.format);
		/* Never better than it is, and at most a hundredth worse. */
		assert_true(d.error_ns + 1 >= e.error_ns);
		assert_true(d.error_ns <= e.error_ns + e.error_ns / 100 + 1);
	}
	assert_true(stamp_estimate_decode(0x3fff).error_ns < UINT64_C(1100000000000));
}

static void test_tlvs(void **state)
{
	static const uint8_t text[] = "hello";
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	struct stamp_tlv_walk walk;
	struct stamp_request q;
	struct stamp_tlv t;
	struct view v;

	(void)state;
	stamp_request_put(&w, &request, NULL);
	stamp_tlv_add(&w, STAMP_TLV_FUTAE, (struct view){ text, 5 });
	stamp_tlv_put(&w, STAMP_TLV_INTEGRITY, STAMP_TLV_PADDING, (struct view){ NULL, 0 });
	assert_int_equal(w.len, 44 + 9 + 4);
	assert_bytes(buf + 44, "80 f0 0005 68656c6c6f 20 01 0000");
	assert_int_equal(stamp_request_parse((struct view){ buf, w.len }, NULL, &q), 0);
	assert_true(stamp_tlv_find(q.tlvs, STAMP_TLV_FUTAE, &v));
	assert_int_equal(v.len, 5);
	assert_memory_equal(v.data, text, 5);
	assert_false(stamp_tlv_find(q.tlvs, 7, &v));
	walk = stamp_tlvs(q.tlvs);
	assert_true(stamp_tlv_next(&walk, &t));
	assert_true(stamp_tlv_next(&walk, &t));
	assert_int_equal(t.flags, STAMP_TLV_INTEGRITY);
	assert_int_equal(t.at, 9);
	assert_false(t.malformed);
	assert_false(stamp_tlv_next(&walk, &t));
	/* Cut anywhere, what is left of the first is malformed, or no TLV at all. */
	for (size_t len = 0; len < 9; len++) {
		walk = stamp_tlvs((struct view){ buf + 44, len });
		assert_int_equal(stamp_tlv_next(&walk, &t), len >= 4);
		if (len >= 4) {
			assert_true(t.malformed);
			assert_int_equal(t.value.len, len - 4);
		}
		assert_false(stamp_tlv_find((struct view){ buf + 44, len }, STAMP_TLV_FUTAE, &v));
	}
}

static void test_tlv_mac(void **state)
{
	static const uint8_t text[] = "agreement";
	uint8_t buf[STAMP_PKT_MAX];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	struct view packet, tlvs;

	(void)state;
	stamp_request_put(&w, &request, &key);
	packet = (struct view){ buf, w.len };
	assert_int_equal(stamp_tlv_check(packet, (struct view){ NULL, 0 }, &key),
			 STAMP_UNPROTECTED);
	stamp_tlv_add(&w, STAMP_TLV_FUTAE, (struct view){ text, sizeof(text) });
	tlvs = (struct view){ buf + 112, w.len - 112 };
	assert_int_equal(stamp_tlv_check(packet, tlvs, &key), STAMP_UNPROTECTED);
	stamp_tlv_add_mac(&w, STAMP_TLV_UNRECOGNIZED, true, &key);
	assert_false(w.failed);
	tlvs.len = w.len - 112;
	assert_int_equal(stamp_tlv_check(packet, tlvs, &key), STAMP_INTACT);
	assert_int_equal(stamp_tlv_check(packet, tlvs, &wrong), STAMP_FORGED);
	/* Each byte of the number and the TLVs before counts. */
	for (size_t at = 0; at < w.len; at++) {
		if (at == 4)
			at = 112;
		if (at == w.len - 20)
			break;
		buf[at] ^= 1;
		assert_int_not_equal(stamp_tlv_check(packet, tlvs, &key), STAMP_INTACT);
		buf[at] ^= 1;
	}
	/* Behind it padding may stand, and nothing else. */
	stamp_tlv_add(&w, STAMP_TLV_PADDING, (struct view){ text, 3 });
	tlvs.len = w.len - 112;
	assert_int_equal(stamp_tlv_check(packet, tlvs, &key), STAMP_INTACT);
	stamp_tlv_add(&w, STAMP_TLV_FUTAE, (struct view){ text, 3 });
	tlvs.len = w.len - 112;
	assert_int_equal(stamp_tlv_check(packet, tlvs, &key), STAMP_FORGED);
}

static void test_no_room(void **state)
{
	uint8_t buf[STAMP_PKT_MAX];

	(void)state;
	for (size_t cap = 0; cap < 112 + 20; cap++) {
		struct wbuf w = wbuf_of(buf, cap);

		stamp_request_put(&w, &request, &key);
		assert_int_equal(w.failed, cap < 112);
		stamp_tlv_add_mac(&w, 0, true, &key);
		assert_true(w.failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_layouts), cmocka_unit_test(test_authenticated_layouts),
		cmocka_unit_test(test_read_back),     cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_twamp_light),   cmocka_unit_test(test_times),
		cmocka_unit_test(test_estimates),     cmocka_unit_test(test_tlvs),
		cmocka_unit_test(test_tlv_mac),       cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
