/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP's ciphers against published vectors, on every backend that is built in. */
#include "crypto/aead.h"

#include "base/list.h"
#include "crypto/aead_impl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

#define MAX 2048

struct vector {
	const char *key; /* with the salt */
	bool esn;
	const char *aad, *iv, *text, *sealed;
};

/* draft-mcgrew-gcm-test-01: all with 128 and 256 bit keys; 12 byte AAD is ESN. */
static const struct vector gcm[] = {
	{ "4c80cdefbb5d10da906ac73c3613a634 2e443b68", true, "00004321 87654321 00000000",
	  "4956ed7e3b244cfe",
	  "45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
	  "00000000045f736970045f756470037369700963796265726369747902646b00"
	  "0021000101020201",
	  "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
	  "cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
	  "61bc17d768fd9732 459018148f6cbe722fd04796562dfdb4" },
	{ "feffe9928665731c6d6a8f9467308308 cafebabe", false, "0000a5f8 0000000a",
	  "facedbaddecaf888",
	  "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100"
	  "0001000000000000037369700963796265726369747902646b00000100010001",
	  "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c"
	  "3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1"
	  "83b70d3aa8bc6ee4c309e9d85a41ad4a" },
	{ "abbccddef00112233445566778899aababbccddef00112233445566778899aab 11223344", false,
	  "4a2cbfe3 00000002", "0102030405060708",
	  "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000"
	  "7002400020bf0000020405b40101040201020201",
	  "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763"
	  "748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c49"
	  "15956c96" },
	{ "00000000000000000000000000000000 00000000", false, "00000000 00000001",
	  "0000000000000000",
	  "4500003c99c500008001cb7a40679318010101010800075c0200440061626364"
	  "65666768696a6b6c6d6e6f707172737475767761626364656667686901020201",
	  "4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284"
	  "456476492719ffb64de7d9dca1e1d894bc3bd57873ed4d181d19d4d5c8c18af3"
	  "f821d496eeb096e98ad2b69e4799c71d" },
	{ "3de09874b388e6491988d0c3607eae1f 57690e43", true, "42f67e3f 10101010 10101010",
	  "4e280000a2fca1a3", "4500001c42a200008001441f406793b6e00000020a00f5ff01020201",
	  "fba2ca845e5df9f0f22c3e6e86dd831e1fc65792cd1af9130e1379ed"
	  "369f071f35e034be95f112e4e7d05d35" },
	{ "abbccddef00112233445566778899aab decaf888", true, "00000100 00000000 00000001",
	  "cafedebaceface74",
	  "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d5"
	  "00004e20001e8c18d75b81dc91baa0476b91b924b280389d92c963bac046ec95"
	  "9b6266c04722b14923010101",
	  "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f"
	  "9190feebaf2cb01984e65863965d7472b79da345e0e780191f0d2f0e0f496c22"
	  "6f2127b27db35724e7845d68 651f57e65f354f75ff17015769623436" },
	{ "abbccddef00112233445566778899aababbccddef00112233445566778899aab 73616c74", true,
	  "17405e67 156f3126 dd0db99b", "616e640169766563",
	  "45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb712602"
	  "50101f646d540001",
	  "f2d69ecdbd5a0d5b8d5ef38bad4da58d1f278fde98ef67549d524a3018d9a57f"
	  "f4d3a31ce673119e 451626c2415771e3b7eebca614c89b35" },
	{ "7d773d00c144c525ac619d18c84a3f47 d9664267", false, "335467ae ffffffff",
	  "43457e9182443bc6", "01020201", "437f866bcb3f699fe9b0822bac961c4504bef270" },
	{ "6c6567616c697a656d6172696a75616e61616e64646f69746265666f72656961 7475726e", true,
	  "796b6963 ffffffff ffffffff", "333021696765746d",
	  "45000030da3a00008001df3bc0a80005c0a800010800c6cd0200070061626364"
	  "65666768696a6b6c6d6e6f707172737401020201",
	  "f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a86"
	  "4cd3d78ca4ae68a32b42458fb57dbe821dcc63b9"
	  "d0937ba2945f669368661a329fb4c053" },
};

/* RFC 7634, appendix A */
static const struct vector chacha = {
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3",
	false,
	"01020304 00000005",
	"1011121314151617",
	"45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
	"0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
	"2425262728292a2b2c2d2e2f303132333435363701020204",
	"24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
	"14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
	"cbec163fac469b502773f6fb94e664da9165b82829f641e0"
	"76aaa8266b7fb0f7b11b369907e1ad43"
};

static struct aead *make(struct aead_lib *lib, enum aead_cipher cipher, const struct vector *v,
			 enum aead_dir dir)
{
	uint8_t bytes[40];
	struct aead_key key = { cipher, AEAD_INTEG_NONE, v->esn, { bytes, 0 }, { NULL, 0 } };
	struct aead *a;

	key.enc.len = unhex(v->key, bytes, sizeof(bytes));
	assert_int_equal(aead_new(lib, &key, dir, &a), 0);
	return a;
}

static void try_vector(struct aead_lib *lib, enum aead_cipher cipher, const struct vector *v)
{
	struct aead *seal = make(lib, cipher, v, AEAD_SEAL),
		    *open = make(lib, cipher, v, AEAD_OPEN);
	uint8_t p[MAX], aad[12], text[MAX], want[MAX];
	size_t aad_len = unhex(v->aad, aad, sizeof(aad)), text_len = unhex(v->text, text, MAX);
	size_t want_len = unhex(v->sealed, want, MAX);
	struct rbuf r = rbuf_of(aad + 4, 4);
	uint32_t hi = v->esn ? rbuf_u32(&r) : 0;

	memcpy(p, aad, 4);
	memcpy(p + 4, aad + aad_len - 4, 4);
	assert_int_equal(unhex(v->iv, p + 8, 8), aead_iv_len(seal));
	memcpy(p + 16, text, text_len);
	assert_int_equal(aead_icv_len(seal), 16);
	assert_int_equal(aead_seal(seal, p, text_len, hi), 0);
	assert_memory_equal(p + 16, want, want_len);
	assert_int_equal(aead_open(open, p, 16 + want_len, hi), 0);
	assert_memory_equal(p + 16, text, text_len);
	/* The sequence number, shown and hidden half, is authenticated. */
	assert_int_equal(aead_seal(seal, p, text_len, hi), 0);
	if (v->esn)
		assert_int_equal(aead_open(open, p, 16 + want_len, hi + 1), -EBADMSG);
	memcpy(p + 16, want, want_len);
	p[7] ^= 1;
	assert_int_equal(aead_open(open, p, 16 + want_len, hi), -EBADMSG);
	aead_free(seal);
	aead_free(open);
}

static void with_each_backend(void (*fn)(struct aead_lib *lib))
{
	static const enum aead_want wants[] = { AEAD_OPENSSL_ONLY, AEAD_FASTEST };

	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		struct aead_lib *lib;

		assert_int_equal(aead_lib_new(wants[i], &lib, NULL), 0);
		fn(lib);
		aead_lib_free(lib);
	}
}

static void run_vectors(struct aead_lib *lib)
{
	for (size_t i = 0; i < ARRAY_LEN(gcm); i++)
		try_vector(lib, AEAD_AES_GCM_16, &gcm[i]);
	try_vector(lib, AEAD_CHACHA20_POLY1305, &chacha);
}

static void combined_modes_match_their_vectors(void **state)
{
	(void)state;
	with_each_backend(run_vectors);
}

static struct aead *make_cbc(struct aead_lib *lib, enum aead_integ integ, size_t enc_len,
			     struct view auth, bool esn, enum aead_dir dir)
{
	static const uint8_t enc[] = { 0x06, 0xa9, 0x21, 0x40, 0x36, 0xb8, 0xa1, 0x5b,
				       0x51, 0x2e, 0x03, 0xd5, 0x34, 0x12, 0x00, 0x06,
				       1,    2,    3,    4,    5,    6,    7,    8,
				       9,    10,   11,   12,   13,   14,   15,   16 };
	struct aead_key key = { AEAD_AES_CBC, integ, esn, { enc, enc_len }, auth };
	struct aead *a;

	assert_int_equal(aead_new(lib, &key, dir, &a), 0);
	return a;
}

/* RFC 4868, 2.7.1: key of 0x0b, "Hi There"; the whole digests, cut by ESP to half. */
static void hmacs_match_rfc_4868(void **state)
{
	static const struct {
		enum aead_integ integ;
		size_t key_len, icv_len;
		const char *digest;
	} rows[] = {
		{ AEAD_INTEG_SHA256_128, 32, 16,
		  "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7" },
		{ AEAD_INTEG_SHA384_192, 48, 24,
		  "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc"
		  "4c5df61d5b3297b4fb68dab9f1b582c2" },
		{ AEAD_INTEG_SHA512_256, 64, 32,
		  "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"
		  "ac2878ebd5803f6f0b61dbce5e251ff8789a4722c1be65aea45fd464e89f8f5b" },
		/* RFC 2202, 3, test case 1 */
		{ AEAD_INTEG_SHA1_96, 20, 12, "b617318655057264e28bc0b6fb378c8ef146be00" },
	};
	struct aead_lib *lib;
	uint8_t key[64], want[64], got[64];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	assert_int_equal(aead_lib_new(AEAD_OPENSSL_ONLY, &lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view auth = { key, rows[i].key_len };
		struct aead *a = make_cbc(lib, rows[i].integ, 16, auth, false, AEAD_OPEN);
		size_t n = unhex(rows[i].digest, want, sizeof(want));

		assert_int_equal(aead_evp_mac(a, (const uint8_t *)"Hi There", 8, 0, got), 0);
		assert_memory_equal(got, want, n);
		assert_int_equal(aead_icv_len(a), rows[i].icv_len);
		aead_free(a);
	}
	aead_lib_free(lib);
}

/* AES-CBC and HMAC together, with the hidden half of an extended sequence number in the MAC;
 * the expected bytes were made with another program. */
static void cbc_with_hmac(void **state)
{
	static const char text_hex[] =
		"4500001c42a200008001441f406793b6e00000020a00f5ff0102020445000000";
	static const char cipher_hex[] =
		"6c8f9e8f378b4cb3621c84cc60e97a8bf9ec0994a1470b636befdc44d9eb16c8";
	static const struct {
		enum aead_integ integ;
		uint8_t key_len;
		bool esn;
		const char *icv;
	} rows[] = {
		{ AEAD_INTEG_SHA1_96, 20, false, "2ed24b72360306e4ca4ed76a" },
		{ AEAD_INTEG_SHA1_96, 20, true, "95bc7d732788391d765b974e" },
		{ AEAD_INTEG_SHA256_128, 32, false, "0a90eb0dc33859aca56c363aeac4203d" },
		{ AEAD_INTEG_SHA256_128, 32, true, "996356a15c3e84ad12dd24fbdec98a44" },
		{ AEAD_INTEG_SHA384_192, 48, false,
		  "d3a05e25e56c1d742731900c29daa076c8208e7cc2afcb50" },
		{ AEAD_INTEG_SHA384_192, 48, true,
		  "9e87a53a929c62a11e59778a095e597e76d36476e00434a9" },
		{ AEAD_INTEG_SHA512_256, 64, false,
		  "3065c4b92eec70bc2120355c225280a8a7be5adc07f6055bb7af3f67b4c2da6f" },
		{ AEAD_INTEG_SHA512_256, 64, true,
		  "78f3482cd1b7ccb5f80c29bace7fbbaafd82a5ebf368400c545d60287f4eb9ac" },
	};
	struct aead_lib *lib;
	uint8_t auth[64], p[MAX], want[MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(auth); i++)
		auth[i] = (uint8_t)(i + 1);
	assert_int_equal(aead_lib_new(AEAD_OPENSSL_ONLY, &lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view key = { auth, rows[i].key_len };
		struct aead *s = make_cbc(lib, rows[i].integ, 16, key, rows[i].esn, AEAD_SEAL);
		struct aead *o = make_cbc(lib, rows[i].integ, 16, key, rows[i].esn, AEAD_OPEN);
		size_t head = unhex("0000010000000001 3dafba429d9eb430b422da802c9fac41", p, MAX);
		size_t n = unhex(text_hex, p + head, MAX - head), len;

		assert_int_equal(aead_seal(s, p, n, 2), 0);
		len = unhex(cipher_hex, want, MAX);
		len += unhex(rows[i].icv, want + len, MAX - len);
		assert_memory_equal(p + head, want, len);
		if (rows[i].esn)
			assert_int_equal(aead_open(o, p, head + len, 3), -EBADMSG);
		assert_int_equal(aead_open(o, p, head + len - 16, 2), -EBADMSG);
		assert_int_equal(aead_open(o, p, head + len - 1, 2), -EBADMSG);
		assert_int_equal(aead_open(o, p, head + len, 2), 0);
		(void)unhex(text_hex, want, MAX);
		assert_memory_equal(p + head, want, n);
		assert_int_equal(aead_seal(s, p, n - 1, 2), -EINVAL);
		aead_free(s);
		aead_free(o);
	}
	aead_lib_free(lib);
}

/* Counters for the counter modes; for CBC nothing that could be foretold from one SA to another. */
static void ivs_never_repeat(void **state)
{
	uint8_t auth[32] = { 1 }, a[32] = { 0 }, b[32] = { 0 };
	struct view key = { auth, sizeof(auth) };
	struct aead_lib *lib;
	struct aead *x, *y;

	(void)state;
	assert_int_equal(aead_lib_new(AEAD_FASTEST, &lib, NULL), 0);
	x = make(lib, AEAD_AES_GCM_16, &gcm[0], AEAD_SEAL);
	assert_int_equal(aead_make_iv(x, a, UINT64_C(0x0102030405060708)), 0);
	assert_memory_equal(a + 8, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	aead_free(x);
	x = make_cbc(lib, AEAD_INTEG_SHA256_128, 32, key, false, AEAD_SEAL);
	y = make_cbc(lib, AEAD_INTEG_SHA256_128, 32, key, false, AEAD_SEAL);
	assert_int_equal(aead_make_iv(x, a, 1), 0);
	assert_int_equal(aead_make_iv(x, b, 2), 0);
	assert_memory_not_equal(a + 8, b + 8, 16);
	assert_int_equal(aead_make_iv(y, b, 1), 0);
	assert_memory_not_equal(a + 8, b + 8, 16);
	aead_free(x);
	aead_free(y);
	aead_lib_free(lib);
}

static void wrong_lengths_are_refused(void **state)
{
	static const struct {
		enum aead_cipher cipher;
		enum aead_integ integ;
		uint8_t enc, auth;
	} rows[] = {
		{ AEAD_AES_GCM_16, AEAD_INTEG_NONE, 16, 0 },
		{ AEAD_AES_GCM_16, AEAD_INTEG_NONE, 28, 0 }, /* AES-192: nobody asked for it */
		{ AEAD_AES_GCM_16, AEAD_INTEG_SHA1_96, 20, 20 },
		{ AEAD_AES_GCM_16, AEAD_INTEG_NONE, 20, 20 },
		{ AEAD_CHACHA20_POLY1305, AEAD_INTEG_NONE, 32, 0 },
		{ AEAD_AES_CBC, AEAD_INTEG_NONE, 16, 0 },
		{ AEAD_AES_CBC, AEAD_INTEG_SHA256_128, 16, 20 },
		{ AEAD_AES_CBC, AEAD_INTEG_SHA1_96, 20, 20 },
		{ AEAD_AES_CBC, AEAD_INTEG_SHA1_96, 0, 20 },
	};
	static const uint8_t bytes[64];
	struct aead_lib *lib;

	(void)state;
	assert_int_equal(aead_lib_new(AEAD_FASTEST, &lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct aead_key key = { rows[i].cipher,
					rows[i].integ,
					false,
					{ bytes, rows[i].enc },
					{ bytes, rows[i].auth } };
		struct aead *a = NULL;

		assert_int_equal(aead_new(lib, &key, AEAD_SEAL, &a), -EINVAL);
		assert_null(a);
	}
	aead_lib_free(lib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(combined_modes_match_their_vectors),
		cmocka_unit_test(hmacs_match_rfc_4868),
		cmocka_unit_test(cbc_with_hmac),
		cmocka_unit_test(ivs_never_repeat),
		cmocka_unit_test(wrong_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
