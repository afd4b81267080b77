/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets by hand: sealed with a key and a number of the test's choice, or not sealed at all. */
#include "esp_peer.h"

#include "base/csum.h"
#include "crypto/aead.h"
#include "wire/esp_pkt.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX 65535 /* inner */
#define WIRE_MAX (PACKET_MAX + 512)

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

/* What is to be in the packet, besides its number: see forge_option(). */
struct recipe {
	bool esn;
	uint8_t next; /* next header; 0: what the inner packet says */
	size_t tfc; /* padding against traffic analysis, behind the inner packet */
	bool bad_padding;
	uint8_t inner[PACKET_MAX];
	size_t len;
};

static struct aead *aead_of(struct aead_lib *lib, const struct ipc_sa *m, bool esn)
{
	static const enum aead_cipher ciphers[] = {
		[IPC_CIPHER_AES_GCM_16] = AEAD_AES_GCM_16,
		[IPC_CIPHER_AES_CBC] = AEAD_AES_CBC,
		[IPC_CIPHER_CHACHA20_POLY1305] = AEAD_CHACHA20_POLY1305,
	};
	static const enum aead_integ integs[] = {
		[IPC_INTEG_NONE] = AEAD_INTEG_NONE,
		[IPC_INTEG_SHA1_96] = AEAD_INTEG_SHA1_96,
		[IPC_INTEG_SHA256_128] = AEAD_INTEG_SHA256_128,
		[IPC_INTEG_SHA384_192] = AEAD_INTEG_SHA384_192,
		[IPC_INTEG_SHA512_256] = AEAD_INTEG_SHA512_256,
	};
	struct aead_key key = { ciphers[m->cipher],
				integs[m->integ],
				esn,
				{ m->enc_key, m->enc_key_len },
				{ m->integ_key, m->integ_key_len } };
	struct aead *a;

	if (aead_new(lib, &key, AEAD_SEAL, &a) < 0)
		die("no such suite");
	return a;
}

/* The inner packet grows to `len` bytes, of zeros, and says so in its header. */
static void grow_inner(struct recipe *r, size_t len)
{
	uint16_t csum;

	if (len > sizeof(r->inner) || r->len < 20 || r->inner[0] != 0x45)
		die("only an IPv4 packet can grow, and not without end");
	r->len = len;
	r->inner[2] = (uint8_t)(len >> 8);
	r->inner[3] = (uint8_t)len;
	r->inner[10] = r->inner[11] = 0;
	csum = csum_finish(csum_add(0, r->inner, 20));
	r->inner[10] = (uint8_t)(csum >> 8);
	r->inner[11] = (uint8_t)csum;
}

/* esn | next=PROTOCOL | tfc=BYTES | bad-padding | grow=BYTES */
static void forge_option(const char *word, struct recipe *r)
{
	if (strcmp(word, "esn") == 0)
		r->esn = true;
	else if (strncmp(word, "next=", 5) == 0)
		r->next = (uint8_t)strtoul(word + 5, NULL, 0);
	else if (strncmp(word, "tfc=", 4) == 0)
		r->tfc = strtoul(word + 4, NULL, 0);
	else if (strcmp(word, "bad-padding") == 0)
		r->bad_padding = true;
	else if (strncmp(word, "grow=", 5) == 0)
		grow_inner(r, strtoul(word + 5, NULL, 0));
	else
		die(word);
}

/* Header, IV, text with its trailer, ICV: written into `out`; how long it is. */
static size_t seal(struct aead *a, uint32_t spi, uint64_t seq, const struct recipe *r,
		   uint8_t out[static WIRE_MAX])
{
	struct esp_pkt_header h = { spi, (uint32_t)seq };
	uint8_t next = r->len && r->inner[0] >> 4 == 6 ? ESP_NEXT_IPV6 : ESP_NEXT_IPV4;
	size_t head = ESP_PKT_HEADER + aead_iv_len(a), len = r->len + r->tfc;

	if (len > PACKET_MAX)
		die("too long");
	memset(out, 0, WIRE_MAX);
	memcpy(out + head, r->inner, r->len);
	len = esp_pkt_pad(out + head, len, aead_align(a), r->next ? r->next : next);
	if (r->bad_padding)
		out[head + len - 2] ^= 0x10; /* the pad length now counts in the packet itself */
	esp_pkt_encode(&h, out);
	if (aead_make_iv(a, out, seq) < 0 || aead_seal(a, out, len, (uint32_t)(seq >> 32)) < 0)
		die("cannot seal");
	return head + len + aead_icv_len(a);
}

/* forge udp|esp PORT SRC DST SPI SEQ SUITE KEY INNER-HEX [OPTION]... */
void do_forge(char *const *w, int n)
{
	static struct recipe r;
	static uint8_t wire[WIRE_MAX];
	struct ipc_sa m = { 0 };
	struct aead_lib *lib;
	struct aead *a;
	size_t len;

	memset(&r, 0, sizeof(r));
	r.len = parse_hex(w[9], r.inner, sizeof(r.inner));
	for (int i = 10; i < n; i++)
		forge_option(w[i], &r);
	if (aead_lib_new(AEAD_OPENSSL_ONLY, &lib, NULL) < 0)
		die("no ciphers");
	parse_suite(w[7], w[8], &m);
	a = aead_of(lib, &m, r.esn);
	len = seal(a, (uint32_t)strtoul(w[5], NULL, 0), strtoull(w[6], NULL, 0), &r, wire);
	send_bytes(w, 4500, (struct view){ wire, len });
	aead_free(a);
	aead_lib_free(lib);
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
