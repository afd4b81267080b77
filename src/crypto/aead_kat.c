/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers, asked of each backend before it may touch a packet: a library that picks its
 * code by processor can be wrong on one processor only.
 */
#include "crypto/aead_impl.h"

#include "base/list.h"

#include <errno.h>
#include <string.h>

#define KAT_MAX 160

struct kat {
	enum aead_cipher cipher;
	enum aead_integ integ;
	const char *key, *auth; /* hexadecimal, all of them */
	const char *head; /* SPI, sequence number, IV */
	const char *text, *sealed; /* sealed has the ICV at its end */
};

static const struct kat kats[] = {
	{ /* draft-mcgrew-gcm-test-01, case 2 */
	  AEAD_AES_GCM_16, AEAD_INTEG_NONE, "feffe9928665731c6d6a8f9467308308cafebabe", "",
	  "0000a5f80000000afacedbaddecaf888",
	  "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100"
	  "0001000000000000037369700963796265726369747902646b00000100010001",
	  "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c"
	  "3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1"
	  "83b70d3aa8bc6ee4c309e9d85a41ad4a" },
	{ /* draft-mcgrew-gcm-test-01, case 3 */
	  AEAD_AES_GCM_16, AEAD_INTEG_NONE,
	  "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344", "",
	  "4a2cbfe3000000020102030405060708",
	  "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000"
	  "7002400020bf0000020405b40101040201020201",
	  "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763"
	  "748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c49"
	  "15956c96" },
	{ /* RFC 7634, appendix A */
	  AEAD_CHACHA20_POLY1305, AEAD_INTEG_NONE,
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3", "",
	  "01020304000000051011121314151617",
	  "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
	  "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
	  "2425262728292a2b2c2d2e2f303132333435363701020204",
	  "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
	  "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
	  "cbec163fac469b502773f6fb94e664da9165b82829f641e076aaa8266b7fb0f7"
	  "b11b369907e1ad43" },
	{ /* AES as in RFC 3602 case 2's key and IV; made with another program */
	  AEAD_AES_CBC, AEAD_INTEG_SHA256_128, "06a9214036b8a15b512e03d534120006",
	  "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
	  "00000100000000013dafba429d9eb430b422da802c9fac41",
	  "4500001c42a200008001441f406793b6e00000020a00f5ff0102020445000000",
	  "6c8f9e8f378b4cb3621c84cc60e97a8bf9ec0994a1470b636befdc44d9eb16c8"
	  "0a90eb0dc33859aca56c363aeac4203d" },
};

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return n;
}

static int check_seal(struct aead *a, uint8_t *packet, size_t head, size_t text_len,
		      const uint8_t *want, size_t len)
{
	if (aead_seal(a, packet, text_len, 0) < 0 || memcmp(packet + head, want, len) != 0)
		return -EIO;
	return 0;
}

/* `packet` is sealed: it must open, and must not once a bit has changed. */
static int check_open(struct aead *a, uint8_t *packet, size_t head, size_t len, const uint8_t *text,
		      size_t text_len)
{
	uint8_t changed[KAT_MAX] = { 0 };

	memcpy(changed, packet, head + len);
	changed[head + len - 1] ^= 1;
	if (aead_open(a, changed, head + len, 0) != -EBADMSG)
		return -EIO;
	if (aead_open(a, packet, head + len, 0) < 0 || memcmp(packet + head, text, text_len) != 0)
		return -EIO;
	return 0;
}

static int try_one(struct aead_lib *lib, const struct kat *k)
{
	uint8_t enc[40], auth[64], packet[KAT_MAX] = { 0 }, text[KAT_MAX], sealed[KAT_MAX];
	struct aead_key key = { k->cipher, k->integ, false, { enc, 0 }, { auth, 0 } };
	struct aead *a = NULL;
	size_t head = unhex(k->head, packet), text_len = unhex(k->text, text);
	size_t len = unhex(k->sealed, sealed);
	int rc;

	key.enc.len = unhex(k->key, enc);
	key.auth.len = unhex(k->auth, auth);
	memcpy(packet + head, text, text_len);
	rc = aead_new(lib, &key, AEAD_SEAL, &a);
	if (rc == 0)
		rc = check_seal(a, packet, head, text_len, sealed, len);
	aead_free(a);
	a = NULL;
	if (rc == 0)
		rc = aead_new(lib, &key, AEAD_OPEN, &a);
	if (rc == 0)
		rc = check_open(a, packet, head, len, text, text_len);
	aead_free(a);
	return rc;
}

int aead_self_test(struct aead_lib *lib, bool gcm_only)
{
	for (size_t i = 0; i < ARRAY_LEN(kats); i++) {
		int rc = gcm_only && kats[i].cipher != AEAD_AES_GCM_16 ? 0 : try_one(lib, &kats[i]);

		if (rc < 0)
			return rc;
	}
	return 0;
}
