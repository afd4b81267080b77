/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets by hand: sealed with a key and a number of the test's choice, or not sealed at all. */
#include "esp_peer.h"

#include "esp/seal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From `src` by UDP (from `port`, 0: any) to port `to`, or by protocol 50. */
static void send_bytes(char *const *w, uint16_t to, struct view bytes)
{
	struct endpoint src = { parse_addr(w[3]), (uint16_t)strtoul(w[2], NULL, 0) };
	struct endpoint dst = { parse_addr(w[4]), to };
	bool udp = strcmp(w[1], "udp") == 0;
	struct sockaddr_storage ss;
	socklen_t len;
	int on = 1, fd = socket(addr_to_af(src.addr.family), udp ? SOCK_DGRAM : SOCK_RAW,
				udp ? 0 : IPPROTO_ESP);

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!udp)
		src.port = dst.port = 0;
	len = (socklen_t)endpoint_to_sockaddr(&src, &ss);
	if (fd < 0 || bind(fd, (struct sockaddr *)&ss, len) < 0)
		die("cannot bind");
	len = (socklen_t)endpoint_to_sockaddr(&dst, &ss);
	if (sendto(fd, bytes.data, bytes.len, 0, (struct sockaddr *)&ss, len) < 0)
		die("cannot send");
	close(fd);
}

/* throw udp|esp PORT SRC DST HEX [TO-PORT] */
void do_throw(char *const *w, int n)
{
	uint8_t data[2048];
	struct view v = { data, parse_hex(w[5], data, sizeof(data)) };

	send_bytes(w, n > 6 ? (uint16_t)strtoul(w[6], NULL, 0) : 4500, v);
}

/* forge udp|esp PORT SRC DST SPI SEQ SUITE KEY INNER-HEX */
void do_forge(char *const *w, int n)
{
	static const struct hash_key key;
	struct ipc_sa m = { .ref = { (uint32_t)strtoul(w[5], NULL, 0), IPC_SA_OUT,
				     parse_addr(w[4]) },
			    .if_id = 1,
			    .src = { parse_addr(w[3]), 0 },
			    .dst = { parse_addr(w[4]), 0 },
			    .ts_local_count = 1,
			    .ts_remote_count = 1 };
	struct sadb *db = calloc(1, sizeof(*db));
	uint8_t *p = calloc(1, PKT_DATA);
	struct aead_lib *lib;
	struct tunnel *t;
	struct sa *sa;
	uint8_t *inner;
	size_t len;

	(void)n;
	if (!db || !p)
		abort();
	if (aead_lib_new(AEAD_OPENSSL_ONLY, &lib, NULL) < 0)
		die("no ciphers");
	sadb_init(db, &key, lib);
	parse_suite(w[7], w[8], &m);
	m.ts_local[0].addr.family = m.ts_remote[0].addr.family = ADDR_V4;
	if (sadb_add(db, &m, &t) < 0)
		die("no such SA");
	sa = sadb_find(db, &m.ref);
	sa->seq = strtoul(w[6], NULL, 0) - 1;
	inner = p + seal_head(sa);
	len = parse_hex(w[9], inner, PKT_DATA / 2);
	if (seal_packet(sa, p, len, len && *inner >> 4 == 6 ? ADDR_V6 : ADDR_V4, 1) != SEAL_OK)
		die("cannot seal");
	send_bytes(w, 4500, (struct view){ p, seal_len(sa, len) });
	sadb_done(db);
	aead_lib_free(lib);
	free(db);
	free(p);
}

/* flood COUNT SRC DST: as a stranger would who wants futae-ike to be busy */
void do_flood(char *const *w, int n)
{
	uint8_t ike[28] = { [17] = 0x20, [27] = 28 };
	char udp[] = "udp", any[] = "0";
	char *to[] = { NULL, udp, any, w[2], w[3] };

	(void)n;
	for (unsigned long i = strtoul(w[1], NULL, 0); i > 0; i--)
		send_bytes(to, 500, (struct view){ ike, sizeof(ike) });
}
