/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ipc_msg.h"

#include "base/list.h"
#include "wire/liveness.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[IPC_MSG_MAX], again[IPC_MSG_MAX];
static uint8_t blob[60000];

static struct addr addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

static struct endpoint endpoint(const char *text, uint16_t port)
{
	return (struct endpoint){ addr(text), port };
}

#define ASSERT_ADDR(a, b) assert_true(addr_equal(&(a), &(b)))
#define ASSERT_ENDPOINT(a, b) assert_true(endpoint_equal(&(a), &(b)))

/* Every message decodes into *out; nothing shorter, longer or of another type does. */
#define ROUND_TRIP(m, out, encode, decode)                                                         \
	do {                                                                                       \
		ssize_t got = encode(&(m), bytes, sizeof(bytes));                                  \
                                                                                                   \
		assert_true(got > 0);                                                              \
		assert_int_equal(decode((struct view){ bytes, (size_t)got }, &(out)), 0);          \
		assert_int_equal(encode(&(out), again, sizeof(again)), got);                       \
		assert_memory_equal(bytes, again, (size_t)got);                                    \
		for (size_t n = 0; n < (size_t)got; n++)                                           \
			assert_int_equal(decode((struct view){ bytes, n }, &(out)), -EBADMSG);     \
		assert_int_equal(encode(&(m), again, (size_t)got - 1), -EMSGSIZE);                 \
		bytes[got] = 0;                                                                    \
		assert_int_equal(decode((struct view){ bytes, (size_t)got + 1 }, &(out)),          \
				 -EBADMSG);                                                        \
		bytes[0]++;                                                                        \
		assert_int_equal(decode((struct view){ bytes, (size_t)got }, &(out)), -EBADMSG);   \
		bytes[0]--;                                                                        \
	} while (0)

static void tunnel(void **state)
{
	struct ipc_tunnel
		m = { 7, LIVENESS_SLOTS - 1, "line1", 1400, 1360, 1340, true, true, true },
		out;

	(void)state;
	ROUND_TRIP(m, out, ipc_tunnel_encode, ipc_tunnel_decode);
	assert_int_equal(out.if_id, 7);
	assert_int_equal(out.slot, LIVENESS_SLOTS - 1);
	assert_string_equal(out.name, "line1");
	assert_int_equal(out.mtu, 1400);
	assert_int_equal(out.mss_v4, 1360);
	assert_int_equal(out.mss_v6, 1340);
	assert_true(out.copy_dscp);
	assert_true(out.uso);
	assert_true(out.shared);
	/* the slot indexes shared memory */
	m.slot = LIVENESS_SLOTS;
	ipc_tunnel_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_tunnel_decode((struct view){ bytes, 24 }, &out), -EBADMSG);
	m.slot = 0;
	m.if_id = 0;
	ipc_tunnel_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_tunnel_decode((struct view){ bytes, 24 }, &out), -EBADMSG);
	m.if_id = 1;
	assert_int_equal(ipc_tunnel_encode(&m, bytes, sizeof(bytes)), 24);
	assert_int_equal(ipc_tunnel_decode((struct view){ bytes, 24 }, &out), 0);
}

static void script(void **state)
{
	struct ipc_script_run m = { 7, 500, "db", 9, "/bin/x\0y" }, out;
	struct ipc_script_done d = { 7, IPC_SCRIPT_NOT_RUN, 2, "no such \xff file" }, end;

	(void)state;
	ROUND_TRIP(m, out, ipc_script_run_encode, ipc_script_run_decode);
	assert_int_equal(out.id, 7);
	assert_int_equal(out.timeout_msec, 500);
	assert_string_equal(out.name, "db");
	assert_int_equal(out.command_len, 9);
	assert_memory_equal(out.command, "/bin/x\0y", 9);
	/* no NUL at the end, no whole path, nothing at all */
	m.command_len = 8;
	assert_int_equal(ipc_script_run_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
	m.command_len = 0;
	assert_int_equal(ipc_script_run_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
	m.command_len = 9;
	m.command[0] = 'b';
	assert_int_equal(ipc_script_run_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
	ROUND_TRIP(d, end, ipc_script_done_encode, ipc_script_done_decode);
	assert_int_equal(end.outcome, IPC_SCRIPT_NOT_RUN);
	assert_string_equal(end.text, "no such \xff file");
	d.outcome = IPC_SCRIPT_OUTCOMES;
	assert_true(ipc_script_done_encode(&d, bytes, sizeof(bytes)) > 0);
	assert_int_equal(ipc_script_done_decode((struct view){ bytes, 28 }, &end), -EBADMSG);
}

static void tunnel_on_the_wire(void **state)
{
	static const uint8_t want[] = { 3,   0, 0,    0, 7,    0, 0,    1, 2, 2, 'l',
					'1', 5, 0x78, 5, 0x50, 5, 0x3c, 1, 1, 0 };
	const struct ipc_tunnel m = { 7, 258, "l1", 1400, 1360, 1340, true, true, false };

	(void)state;
	assert_int_equal(ipc_tunnel_encode(&m, bytes, sizeof(bytes)), sizeof(want));
	assert_memory_equal(bytes, want, sizeof(want));
}

static void express(void **state)
{
	static const uint8_t packet[] = "not even an IP packet";
	struct ipc_express m = { 7, { packet, sizeof(packet) } }, out;

	(void)state;
	ROUND_TRIP(m, out, ipc_express_encode, ipc_express_decode);
	assert_int_equal(out.if_id, 7);
	assert_int_equal(out.packet.len, sizeof(packet));
	assert_memory_equal(out.packet.data, packet, sizeof(packet));
	m.if_id = 0; /* no tunnel */
	(void)ipc_express_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_express_decode((struct view){ bytes, 7 + sizeof(packet) }, &out),
			 -EBADMSG);
}

static void peers_word(void **state)
{
	struct ipc_word m = { 7, { 1, 2, 3 } }, out;

	(void)state;
	ROUND_TRIP(m, out, ipc_word_encode, ipc_word_decode);
	assert_int_equal(out.if_id, 7);
	assert_memory_equal(out.word, m.word, sizeof(m.word));
	m.if_id = 0; /* no tunnel */
	(void)ipc_word_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_word_decode((struct view){ bytes, 5 + sizeof(m.word) }, &out),
			 -EBADMSG);
}

/* Three messages in, the same three out; cut short anywhere, no more than what was whole. */
static void batch(void **state)
{
	static const char *const texts[] = { "a", "some more", "the last" };
	uint8_t buf[32];
	struct view out, msg = { buf, 0 };
	size_t ends[3], at = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ssize_t n =
			ipc_batch_add((struct view){ (const uint8_t *)texts[i], strlen(texts[i]) },
				      buf, msg.len, sizeof(buf));

		assert_true(n > 0);
		ends[i] = msg.len = (size_t)n;
	}
	assert_int_equal(ipc_msg_type(msg), IPC_ESP_BATCH);
	/* Full: it says so, and what is there stays. */
	assert_int_equal(ipc_batch_add((struct view){ buf, 9 }, buf, msg.len, sizeof(buf)),
			 -EMSGSIZE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ipc_batch_next(msg, &at, &out), 1);
		assert_int_equal(out.len, strlen(texts[i]));
		assert_memory_equal(out.data, texts[i], out.len);
	}
	assert_int_equal(ipc_batch_next(msg, &at, &out), 0);
	for (size_t len = 0; len < msg.len; len++) {
		size_t whole = 0, n = 0;
		int rc;

		at = 0;
		while (whole < 3 && ends[whole] <= len)
			whole++;
		while ((rc = ipc_batch_next((struct view){ buf, len }, &at, &out)) == 1)
			n++;
		assert_int_equal(n, whole);
		assert_int_equal(rc, len == 1 || (whole && ends[whole - 1] == len) ? 0 : -EBADMSG);
	}
	buf[2] = 0; /* an empty message would not be one */
	at = 0;
	assert_int_equal(ipc_batch_next(msg, &at, &out), -EBADMSG);
}

static void answers(void **state)
{
	static struct ipc_answers m = { .count = IPC_ANSWERS_MAX }, out;

	(void)state;
	for (unsigned i = 0; i < IPC_ANSWERS_MAX; i++)
		m.list[i] = (struct ipc_answer){ addr(i % 2 ? "10.1.22.252" : "2001:db8::1"),
						 i % 3 == 0, i % 5 == 0 };
	ROUND_TRIP(m, out, ipc_answers_encode, ipc_answers_decode);
	m.list[0].fit = false;
	ROUND_TRIP(m, out, ipc_answers_encode, ipc_answers_decode);
	assert_int_equal(out.count, IPC_ANSWERS_MAX);
	ASSERT_ADDR(out.list[255].addr, m.list[255].addr);
	assert_false(out.list[0].fit);
	assert_true(out.list[0].fit_alone);
	assert_true(out.list[3].fit);
	assert_false(out.list[3].fit_alone);
	m.count = IPC_ANSWERS_MAX + 1;
	assert_int_equal(ipc_answers_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
}

static void peers(void **state)
{
	static struct ipc_peers m = { .count = 2 }, out;
	ssize_t len;

	(void)state;
	m.list[0] = addr("198.51.100.7");
	m.list[1] = addr("2001:db8::1");
	ROUND_TRIP(m, out, ipc_peers_encode, ipc_peers_decode);
	assert_int_equal(out.count, 2);
	ASSERT_ADDR(out.list[1], m.list[1]);
	m.list[1] = (struct addr){ 0 }; /* nobody is no peer */
	len = ipc_peers_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_peers_decode((struct view){ bytes, (size_t)len }, &out), -EBADMSG);
	m.count = IPC_PEERS_MAX;
	for (unsigned i = 0; i < IPC_PEERS_MAX; i++)
		m.list[i] = addr("2001:db8::1");
	len = ipc_peers_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_peers_decode((struct view){ bytes, (size_t)len }, &out), 0);
	assert_int_equal(out.count, IPC_PEERS_MAX);
	m.count++;
	assert_int_equal(ipc_peers_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
}

static void stats_and_tunnel_sa(void **state)
{
	struct ipc_stats s = { 3, 1, 2, 1ull << 40, 4, { 0 } }, s_out;
	struct ipc_tunnel_sa t = { 3, 2, 1 }, t_out;

	(void)state;
	for (unsigned i = 0; i < IPC_DROP_COUNT; i++)
		s.drops[i] = 100 + i;
	ROUND_TRIP(s, s_out, ipc_stats_encode, ipc_stats_decode);
	assert_int_equal(s_out.if_id, 3);
	assert_int_equal(s_out.in_packets, 1);
	assert_int_equal(s_out.in_bytes, 2);
	assert_true(s_out.out_packets == 1ull << 40);
	assert_int_equal(s_out.out_bytes, 4);
	assert_memory_equal(s_out.drops, s.drops, sizeof(s.drops));
	ROUND_TRIP(t, t_out, ipc_tunnel_sa_encode, ipc_tunnel_sa_decode);
	assert_int_equal(t_out.if_id, 3);
	assert_int_equal(t_out.inbound, 2);
	assert_int_equal(t_out.outbound, 1);
}

static struct ipc_conn some_conn(void)
{
	struct ipc_conn m = {
		.name = "line1",
		.if_id = 7,
		.version = 1,
		.local = addr("203.0.113.72"),
		.remote = { .family = ADDR_NONE },
		.local_id = "gateway.example",
		.remote_id = "@cpe01",
		.auth = IPC_AUTH_CERT,
		.psk = { blob, 3 },
		.cert = { blob + 3, 2000 },
		.key = { blob + 9, 1 },
		.ca_count = 2,
		.ca = { { blob, 4 }, { blob + 4, 5 } },
		.ike_proposals = "aes256-sha256-modp2048",
		.esp_proposals = "aes128gcm16,aes256-sha256",
		.ts_local_count = 1,
		.ts_remote_count = 2,
		.ts_local = { prefix("172.16.41.0/24") },
		.ts_remote = { prefix("10.1.22.0/24"), prefix("::/0") },
		.ts_separate = true,
		.ike_rekey_sec = 14400,
		.ike_reauth_sec = 1,
		.child_rekey_sec = 3600,
		.child_bytes = 1ull << 33,
		.child_packets = 5,
		.dpd_sec = 30,
		.replay_window = 1024,
		.children = 3,
		.force_encap = true,
		.fragmentation = false,
		.initiate = true,
		.initiate_delay = 250000,
	};

	return m;
}

static void conn(void **state)
{
	struct ipc_conn m = some_conn(), out;

	(void)state;
	for (size_t i = 0; i < sizeof(blob); i++)
		blob[i] = (uint8_t)(i * 7);
	ROUND_TRIP(m, out, ipc_conn_encode, ipc_conn_decode);
	/* the views of `out` point into the message, which the macro has left as it was */
	assert_string_equal(out.name, "line1");
	assert_int_equal(out.if_id, 7);
	assert_int_equal(out.version, 1);
	ASSERT_ADDR(out.local, m.local);
	assert_int_equal(out.remote.family, ADDR_NONE);
	assert_string_equal(out.local_id, m.local_id);
	assert_string_equal(out.remote_id, m.remote_id);
	assert_int_equal(out.auth, IPC_AUTH_CERT);
	assert_int_equal(out.psk.len, 3);
	assert_int_equal(out.cert.len, 2000);
	assert_memory_equal(out.cert.data, blob + 3, 2000);
	assert_int_equal(out.key.len, 1);
	assert_int_equal(out.ca_count, 2);
	assert_memory_equal(out.ca[1].data, blob + 4, 5);
	assert_string_equal(out.ike_proposals, m.ike_proposals);
	assert_string_equal(out.esp_proposals, m.esp_proposals);
	assert_int_equal(out.ts_local_count, 1);
	assert_int_equal(out.ts_remote_count, 2);
	assert_true(prefix_equal(&out.ts_local[0], &m.ts_local[0]));
	assert_true(prefix_equal(&out.ts_remote[1], &m.ts_remote[1]));
	assert_true(out.ts_separate);
	assert_int_equal(out.ike_rekey_sec, 14400);
	assert_int_equal(out.ike_reauth_sec, 1);
	assert_int_equal(out.child_rekey_sec, 3600);
	assert_true(out.child_bytes == m.child_bytes);
	assert_int_equal(out.child_packets, 5);
	assert_int_equal(out.dpd_sec, 30);
	assert_int_equal(out.replay_window, 1024);
	assert_int_equal(out.children, 3);
	assert_true(out.force_encap);
	assert_false(out.fragmentation);
	assert_true(out.initiate);
	assert_int_equal(out.initiate_delay, 250000);
}

/* What a decoder must refuse even though all lengths are right. */
static void bad_conns(void **state)
{
	struct ipc_conn out;

	(void)state;
	for (int i = 0; i <= 8; i++) {
		struct ipc_conn m = some_conn();
		ssize_t len;

		switch (i) {
		case 1:
			m.version = 3;
			break;
		case 2:
			m.auth = (enum ipc_auth)2;
			break;
		case 3:
			m.ts_remote[0].len = 33;
			break;
		case 4:
			m.ts_remote[0].len = 22; /* leaves host bits */
			break;
		case 5:
			m.ts_remote[1].len = 129;
			break;
		case 6:
			m.ts_local[0].addr.family = ADDR_NONE;
			break;
		case 7:
			m.local.family = (enum addr_family)3;
			break;
		case 8:
			m.if_id = 0;
			break;
		default:
			break;
		}
		len = ipc_conn_encode(&m, bytes, sizeof(bytes));
		assert_true(len > 0);
		assert_int_equal(ipc_conn_decode((struct view){ bytes, (size_t)len }, &out),
				 i == 0 ? 0 : -EBADMSG);
	}
}

static void conns_have_limits(void **state)
{
	struct ipc_conn m = some_conn(), out;
	ssize_t len;

	(void)state;
	m.ca_count = IPC_CERT_MAX + 1;
	assert_int_equal(ipc_conn_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
	m.ca_count = 0;
	m.ts_local_count = IPC_TS_MAX + 1;
	assert_int_equal(ipc_conn_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
	m.ts_local_count = IPC_TS_MAX;
	for (unsigned i = 0; i < IPC_TS_MAX; i++)
		m.ts_local[i] = prefix("2001:db8::/32");
	m.cert = m.key = (struct view){ blob, sizeof(blob) };
	len = ipc_conn_encode(&m, bytes, sizeof(bytes));
	assert_true(len > 120000);
	assert_int_equal(ipc_conn_decode((struct view){ bytes, (size_t)len }, &out), 0);
	assert_int_equal(out.ts_local_count, IPC_TS_MAX);
	m.psk = (struct view){ blob, sizeof(blob) }; /* more than one message takes */
	assert_int_equal(ipc_conn_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
}

static void names(void **state)
{
	char out[IPC_NAME] = "untouched", longest[IPC_NAME + 1];
	enum ipc_rekey which = IPC_REKEY_IKE;
	ssize_t len;

	(void)state;
	len = ipc_name_encode(IPC_IKE_REDIAL, "line1", bytes, sizeof(bytes));
	assert_int_equal(ipc_name_decode((struct view){ bytes, (size_t)len - 1 }, out), -EBADMSG);
	assert_string_equal(out, "untouched");
	assert_int_equal(ipc_name_decode((struct view){ bytes, (size_t)len }, out), 0);
	assert_string_equal(out, "line1");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0'; /* 32 letters: one too many */
	len = ipc_name_encode(IPC_IKE_CONN_DEL, longest, bytes, sizeof(bytes));
	assert_int_equal(ipc_name_decode((struct view){ bytes, (size_t)len }, out), -EBADMSG);
	len = ipc_name_encode(IPC_IKE_CONN_DEL, longest + 1, bytes, sizeof(bytes));
	assert_int_equal(ipc_name_decode((struct view){ bytes, (size_t)len }, out), 0);
	assert_string_equal(out, longest + 1);

	len = ipc_rekey_encode("line2", IPC_REKEY_CHILD, bytes, sizeof(bytes));
	assert_int_equal(ipc_name_decode((struct view){ bytes, (size_t)len }, out), -EBADMSG);
	assert_int_equal(ipc_rekey_decode((struct view){ bytes, (size_t)len }, out, &which), 0);
	assert_string_equal(out, "line2");
	assert_int_equal(which, IPC_REKEY_CHILD);
	bytes[1] = 2;
	assert_int_equal(ipc_rekey_decode((struct view){ bytes, (size_t)len }, out, &which),
			 -EBADMSG);
}

static void ike_state(void **state)
{
	struct ipc_ike_state m = {
		.name = "line1",
		.phase = IPC_IKE_RETRY,
		.version = 2,
		.children = 3,
		.nat_remote = true,
		.encap = true,
		.local = endpoint("203.0.113.72", 4500),
		.remote = endpoint("2001:db8::9", 40001),
		.remote_id = "cpe01",
		.ike_suite = "AES_CBC_256/HMAC_SHA2_256_128",
		.child_suite = "AES_GCM_16_128",
		.established = 99,
		.retry_at = 77,
		.attempts = 5,
	};
	struct ipc_ike_state out;

	(void)state;
	memset(m.trouble, 'x', sizeof(m.trouble) - 1);
	ROUND_TRIP(m, out, ipc_ike_state_encode, ipc_ike_state_decode);
	assert_string_equal(out.name, "line1");
	assert_int_equal(out.phase, IPC_IKE_RETRY);
	assert_int_equal(out.version, 2);
	assert_int_equal(out.children, 3);
	assert_false(out.nat_local);
	assert_true(out.nat_remote);
	assert_true(out.encap);
	ASSERT_ENDPOINT(out.local, m.local);
	ASSERT_ENDPOINT(out.remote, m.remote);
	assert_string_equal(out.remote_id, "cpe01");
	assert_string_equal(out.ike_suite, m.ike_suite);
	assert_string_equal(out.child_suite, m.child_suite);
	assert_int_equal(out.established, 99);
	assert_int_equal(out.retry_at, 77);
	assert_int_equal(out.attempts, 5);
	assert_string_equal(out.trouble, m.trouble);
	bytes[7] = IPC_IKE_RETRY + 1;
	assert_int_equal(ipc_ike_state_decode((struct view){ bytes, 600 }, &out), -EBADMSG);
}

static void ike_event(void **state)
{
	struct ipc_ike_event m = { "line1", IPC_IKE_EV_FAILED, "wrong pre-shared key" }, out;
	ssize_t len;

	(void)state;
	ROUND_TRIP(m, out, ipc_ike_event_encode, ipc_ike_event_decode);
	assert_string_equal(out.name, "line1");
	assert_int_equal(out.kind, IPC_IKE_EV_FAILED);
	assert_string_equal(out.text, "wrong pre-shared key");
	m.kind = (enum ipc_ike_event_kind)(IPC_IKE_EV_FAILED + 1);
	len = ipc_ike_event_encode(&m, bytes, sizeof(bytes));
	assert_int_equal(ipc_ike_event_decode((struct view){ bytes, (size_t)len }, &out), -EBADMSG);
}

static void datagram(void **state)
{
	struct ipc_datagram m = {
		endpoint("198.51.100.2", 500), endpoint("203.0.113.72", 4500), 46, { blob, 1300 }
	};
	struct ipc_datagram out;

	(void)state;
	ROUND_TRIP(m, out, ipc_datagram_encode, ipc_datagram_decode);
	ASSERT_ENDPOINT(out.src, m.src);
	ASSERT_ENDPOINT(out.dst, m.dst);
	assert_int_equal(out.dscp, 46);
	assert_int_equal(out.data.len, 1300);
	assert_memory_equal(out.data.data, blob, 1300);
	m.data.len = 65536;
	assert_int_equal(ipc_datagram_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
}

static struct ipc_sa some_sa(void)
{
	struct ipc_sa m = {
		.ref = { 0xc0ffee01, IPC_SA_OUT, addr("198.51.100.2") },
		.if_id = 7,
		.name = "line1",
		.src = endpoint("203.0.113.72", 4500),
		.dst = endpoint("198.51.100.2", 4501),
		.encap = true,
		.esn = false,
		.initiator = true,
		.cipher = IPC_CIPHER_AES_CBC,
		.integ = IPC_INTEG_SHA256_128,
		.enc_key_len = 16,
		.integ_key_len = 32,
		.replay_window = 1024,
		.soft_bytes = 1,
		.soft_packets = 2,
		.hard_bytes = 3,
		.hard_packets = 4,
		.ts_local_count = 1,
		.ts_remote_count = 2,
		.ts_local = { prefix("0.0.0.0/0") },
		.ts_remote = { prefix("10.1.22.0/24"), prefix("::/0") },
	};

	memset(m.enc_key, 0xaa, m.enc_key_len);
	memset(m.integ_key, 0xbb, m.integ_key_len);
	return m;
}

static void sa(void **state)
{
	struct ipc_sa m = some_sa(), out;

	(void)state;
	ROUND_TRIP(m, out, ipc_sa_encode, ipc_sa_decode);
	assert_int_equal(out.ref.spi, 0xc0ffee01);
	assert_int_equal(out.ref.direction, IPC_SA_OUT);
	ASSERT_ADDR(out.ref.dst, m.ref.dst);
	assert_int_equal(out.if_id, 7);
	assert_string_equal(out.name, "line1");
	ASSERT_ENDPOINT(out.src, m.src);
	ASSERT_ENDPOINT(out.dst, m.dst);
	assert_true(out.encap);
	assert_false(out.esn);
	assert_true(out.initiator);
	assert_int_equal(out.cipher, IPC_CIPHER_AES_CBC);
	assert_int_equal(out.integ, IPC_INTEG_SHA256_128);
	assert_int_equal(out.enc_key_len, 16);
	assert_int_equal(out.integ_key_len, 32);
	assert_memory_equal(out.enc_key, m.enc_key, sizeof(m.enc_key));
	assert_memory_equal(out.integ_key, m.integ_key, sizeof(m.integ_key));
	assert_int_equal(out.replay_window, 1024);
	assert_int_equal(out.soft_bytes, 1);
	assert_int_equal(out.soft_packets, 2);
	assert_int_equal(out.hard_bytes, 3);
	assert_int_equal(out.hard_packets, 4);
	assert_int_equal(out.ts_local_count, 1);
	assert_int_equal(out.ts_remote_count, 2);
	assert_true(prefix_equal(&out.ts_local[0], &m.ts_local[0]));
	assert_true(prefix_equal(&out.ts_remote[0], &m.ts_remote[0]));
	m.enc_key_len = IPC_KEY_MAX + 1;
	assert_int_equal(ipc_sa_encode(&m, bytes, sizeof(bytes)), -EMSGSIZE);
}

/* Algorithms that leave packets unprotected never become an SA. */
static void sas_must_protect(void **state)
{
	static const struct {
		enum ipc_cipher cipher;
		enum ipc_integ integ;
		uint8_t enc, integ_len;
		int want;
	} rows[] = {
		{ IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 20, 0, 0 },
		{ IPC_CIPHER_CHACHA20_POLY1305, IPC_INTEG_NONE, 36, 0, 0 },
		{ IPC_CIPHER_AES_CBC, IPC_INTEG_SHA512_256, 32, 64, 0 },
		{ IPC_CIPHER_NULL_NEVER, IPC_INTEG_SHA256_128, 0, 32, -EBADMSG },
		{ IPC_CIPHER_NULL_NEVER, IPC_INTEG_SHA256_128, 16, 32, -EBADMSG },
		{ IPC_CIPHER_AES_CBC, IPC_INTEG_NONE, 16, 0, -EBADMSG },
		{ IPC_CIPHER_AES_CBC, IPC_INTEG_SHA1_96, 16, 0, -EBADMSG },
		{ IPC_CIPHER_AES_CBC, IPC_INTEG_NONE, 16, 20, -EBADMSG },
		{ IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 0, 0, -EBADMSG },
		{ IPC_CIPHER_AES_GCM_16, IPC_INTEG_SHA1_96, 20, 20, -EBADMSG },
		{ (enum ipc_cipher)4, IPC_INTEG_NONE, 20, 0, -EBADMSG },
		{ IPC_CIPHER_AES_CBC, (enum ipc_integ)5, 16, 20, -EBADMSG },
	};
	struct ipc_sa out;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipc_sa m = some_sa();
		ssize_t len;

		m.cipher = rows[i].cipher;
		m.integ = rows[i].integ;
		m.enc_key_len = rows[i].enc;
		m.integ_key_len = rows[i].integ_len;
		len = ipc_sa_encode(&m, bytes, sizeof(bytes));
		assert_int_equal(ipc_sa_decode((struct view){ bytes, (size_t)len }, &out),
				 rows[i].want);
	}
}

/* A number that is not below the count would reach past somebody's table. */
static void workers(void **state)
{
	static const struct ipc_worker bad[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 1 }, { 16, 16 }, { 0, 17 }
	};
	struct ipc_worker worker = { 15, 16 }, worker_out;
	struct ipc_sockets sockets = { { 2, 3 }, true }, sockets_out;
	uint8_t raw[3] = { IPC_SIBLING };

	(void)state;
	ROUND_TRIP(worker, worker_out, ipc_worker_encode, ipc_worker_decode);
	assert_int_equal(worker_out.number, 15);
	assert_int_equal(worker_out.count, 16);
	ROUND_TRIP(sockets, sockets_out, ipc_sockets_encode, ipc_sockets_decode);
	assert_int_equal(sockets_out.worker.number, 2);
	assert_int_equal(sockets_out.worker.count, 3);
	assert_true(sockets_out.join);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_true(ipc_worker_encode(&bad[i], bytes, sizeof(bytes)) < 0);
		raw[1] = bad[i].number;
		raw[2] = bad[i].count;
		assert_int_equal(ipc_worker_decode((struct view){ raw, 3 }, &worker_out), -EBADMSG);
	}
	assert_int_equal(ipc_worker_of(0xc0000001, 1), 0);
	assert_int_equal(ipc_worker_of(0xc0000002, 3), 2);
}

static void sa_news(void **state)
{
	const struct ipc_sa_ref ref = { 0x12345678, IPC_SA_IN, addr("2001:db8::1") };
	struct ipc_sa_update update = { ref, endpoint("2001:db8::2", 4500),
					endpoint("2001:db8::1", 4501), true };
	struct ipc_sa_usage usage = { ref, 1ull << 50, 3, 4 }, usage_out;
	struct ipc_sa_expire expire = { ref, true }, expire_out;
	struct ipc_sa_mapping mapping = { ref, endpoint("198.51.100.9", 61000) }, mapping_out;
	struct ipc_sa_update update_out;
	struct ipc_sa_ref ref_out;

	(void)state;
	ROUND_TRIP(ref, ref_out, ipc_sa_ref_encode, ipc_sa_ref_decode);
	assert_int_equal(ref_out.spi, ref.spi);
	assert_int_equal(ref_out.direction, IPC_SA_IN);
	ASSERT_ADDR(ref_out.dst, ref.dst);
	bytes[5] = IPC_SA_OUT + 1;
	assert_int_equal(ipc_sa_ref_decode((struct view){ bytes, 23 }, &ref_out), -EBADMSG);
	ROUND_TRIP(ref, ref_out, ipc_sa_done_encode, ipc_sa_done_decode);
	assert_int_equal(ref_out.spi, ref.spi);
	assert_int_equal(ipc_sa_ref_decode((struct view){ bytes, 23 }, &ref_out), -EBADMSG);

	ROUND_TRIP(update, update_out, ipc_sa_update_encode, ipc_sa_update_decode);
	assert_int_equal(update_out.ref.spi, ref.spi);
	ASSERT_ENDPOINT(update_out.src, update.src);
	ASSERT_ENDPOINT(update_out.dst, update.dst);
	assert_true(update_out.encap);

	ROUND_TRIP(usage, usage_out, ipc_sa_usage_encode, ipc_sa_usage_decode);
	assert_true(usage_out.bytes == 1ull << 50);
	assert_int_equal(usage_out.packets, 3);
	assert_int_equal(usage_out.last_use, 4);

	ROUND_TRIP(expire, expire_out, ipc_sa_expire_encode, ipc_sa_expire_decode);
	assert_true(expire_out.hard);

	ROUND_TRIP(mapping, mapping_out, ipc_sa_mapping_encode, ipc_sa_mapping_decode);
	assert_int_equal(mapping_out.ref.spi, ref.spi);
	ASSERT_ENDPOINT(mapping_out.remote, mapping.remote);
}

static void types(void **state)
{
	static const uint8_t unknown[] = { 0, 11, 19, 23, 44, 62, 85, 99, 104, 255 };
	uint32_t if_id = 0;

	(void)state;
	assert_int_equal(ipc_msg_type((struct view){ bytes, 0 }), -EBADMSG);
	for (size_t i = 0; i < sizeof(unknown); i++)
		assert_int_equal(ipc_msg_type((struct view){ unknown + i, 1 }), -EBADMSG);
	assert_int_equal(ipc_empty_encode(IPC_SA_FLUSH, bytes, sizeof(bytes)), 1);
	assert_int_equal(ipc_msg_type((struct view){ bytes, 1 }), IPC_SA_FLUSH);
	/* nothing may hide behind a message without fields */
	assert_int_equal(ipc_msg_type((struct view){ bytes, 2 }), -EBADMSG);
	assert_int_equal(ipc_empty_encode(IPC_ESP_LIVENESS, bytes, 0), -EMSGSIZE);
	assert_int_equal(ipc_if_id_encode(IPC_ESP_TUNNEL_DEL, 0x01020304, bytes, sizeof(bytes)), 5);
	assert_int_equal(ipc_msg_type((struct view){ bytes, 5 }), IPC_ESP_TUNNEL_DEL);
	assert_int_equal(ipc_if_id_decode((struct view){ bytes, 4 }, &if_id), -EBADMSG);
	assert_int_equal(ipc_if_id_decode((struct view){ bytes, 5 }, &if_id), 0);
	assert_int_equal(if_id, 0x01020304);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(ipc_drop_name(IPC_DROP_REPLAY), "replay");
	assert_string_equal(ipc_drop_name(IPC_DROP_WRONG_ADDRESS), "wrong-address");
	assert_string_equal(ipc_drop_name(IPC_DROP_COUNT), "unknown");
	assert_string_equal(ipc_ike_event_name(IPC_IKE_EV_CHILD_UP), "child-up");
	assert_string_equal(ipc_ike_phase_name(IPC_IKE_CONNECTING), "connecting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel),
		cmocka_unit_test(script),
		cmocka_unit_test(tunnel_on_the_wire),
		cmocka_unit_test(express),
		cmocka_unit_test(peers_word),
		cmocka_unit_test(batch),
		cmocka_unit_test(answers),
		cmocka_unit_test(peers),
		cmocka_unit_test(stats_and_tunnel_sa),
		cmocka_unit_test(conn),
		cmocka_unit_test(bad_conns),
		cmocka_unit_test(conns_have_limits),
		cmocka_unit_test(names),
		cmocka_unit_test(ike_state),
		cmocka_unit_test(ike_event),
		cmocka_unit_test(datagram),
		cmocka_unit_test(sa),
		cmocka_unit_test(sas_must_protect),
		cmocka_unit_test(workers),
		cmocka_unit_test(sa_news),
		cmocka_unit_test(types),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
