/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration's check lets through as a proposal is what futae-ike and futae-esp can do.
 */
#include "base/list.h"
#include "conf/proposal.h"
#include "ike/settings.h"
#include "ike/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
	char nothing[] = "", plugins[512], *vici;

	(void)state;
	if (!library_init(nothing, "test_proposal"))
		return -1;
	dbg_default_set_level(LEVEL_SILENT);
	(void)snprintf(plugins, sizeof(plugins), "%s", settings_plugins);
	vici = strstr(plugins, " vici"); /* needs a charon, and computes nothing */
	if (vici)
		*vici = '\0';
	return lib->plugins->load(lib->plugins, plugins) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	library_deinit();
	return 0;
}

static bool can_encrypt(uint16_t alg, uint16_t bits)
{
	if (encryption_algorithm_is_aead(alg)) {
		aead_t *a = lib->crypto->create_aead(lib->crypto, alg, bits / 8, 0);

		DESTROY_IF(a);
		return a != NULL;
	}
	crypter_t *c = lib->crypto->create_crypter(lib->crypto, alg, bits / 8);

	DESTROY_IF(c);
	return c != NULL;
}

static bool plugins_can(const proposal_token_t *t)
{
	switch (t->type) {
	case ENCRYPTION_ALGORITHM:
		return can_encrypt(t->algorithm, t->keysize);
	case INTEGRITY_ALGORITHM: {
		signer_t *s = lib->crypto->create_signer(lib->crypto, t->algorithm);

		DESTROY_IF(s);
		return s != NULL;
	}
	case PSEUDO_RANDOM_FUNCTION: {
		prf_t *p = lib->crypto->create_prf(lib->crypto, t->algorithm);

		DESTROY_IF(p);
		return p != NULL;
	}
	case KEY_EXCHANGE_METHOD: {
		key_exchange_t *k = NULL;

		if (t->algorithm != KE_NONE)
			k = lib->crypto->create_ke(lib->crypto, t->algorithm);
		DESTROY_IF(k);
		return t->algorithm == KE_NONE || k != NULL;
	}
	default:
		return true;
	}
}

static bool is_understood(enum proposal_use use, const char *text)
{
	proposal_t *p =
		proposal_create_from_string(use == PROPOSAL_IKE ? PROTO_IKE : PROTO_ESP, text);
	char word[96];
	bool good = p && (use == PROPOSAL_IKE || !suite_find_unknown(p, word, sizeof(word)));

	DESTROY_IF(p);
	return good;
}

/* Each word, alone and made whole by others. */
static void words_are_what_the_libraries_know(void **state)
{
	static const char *const whole[] = { "%s",
					     "%s-sha256-modp2048",
					     "%s-prfsha256-modp2048",
					     "aes256-%s-modp2048",
					     "aes256-sha256-%s",
					     "aes256gcm16-%s",
					     "aes256gcm16-%s-ecp256",
					     "aes128-sha1-%s-modp2048" };
	const char *w;

	(void)state;
	for (enum proposal_use use = PROPOSAL_IKE; use <= PROPOSAL_ESP; use++)
		for (unsigned i = 0; (w = proposal_word(use, i)); i++) {
			const proposal_token_t *t = lib->proposal->get_token(lib->proposal, w);
			unsigned good = 0;

			if (!t || !plugins_can(t))
				fail_msg("%s is beyond the plugins", w);
			for (size_t j = 0; j < ARRAY_LEN(whole); j++) {
				char text[128];

				(void)snprintf(text, sizeof(text), whole[j], w);
				if (proposal_check(use, text, NULL) < 0)
					continue;
				good++;
				if (!is_understood(use, text))
					fail_msg("%s passes and is not understood", text);
			}
			if (!good)
				fail_msg("%s is good for nothing", w);
		}
}

#define ESP_LIST                                                                                   \
	"aes128gcm16, aes256gcm16, chacha20poly1305, aes128, aes256 with sha1, sha256, sha384, "   \
	"sha512"
#define GROUPS "curve25519, ecp256, ecp384, ecp521, modp2048, modp3072"

static const struct {
	enum proposal_use use;
	const char *text, *says;
} rows[] = {
	{ PROPOSAL_IKE, "foo",
	  "'foo' is no algorithm of IKE; write " ESP_LIST " or prfsha256, and " GROUPS },
	{ PROPOSAL_ESP, "aes256gcm16-nonsense",
	  "'nonsense' is no algorithm of ESP; write " ESP_LIST ", and " GROUPS },
	{ PROPOSAL_ESP, "aes256gmc16",
	  "'aes256gmc16' is no algorithm of ESP; did you mean "
	  "'aes256gcm16'?" },
	{ PROPOSAL_IKE, "AES256-sha256-modp2048",
	  "'AES256' is no algorithm of IKE; did you mean 'aes256'?" },
	{ PROPOSAL_ESP, "3des-sha1",
	  "futae-esp cannot do '3des' in ESP; write one of aes128gcm16, aes256gcm16, "
	  "chacha20poly1305, aes128, aes256" },
	{ PROPOSAL_ESP, "aes192-sha256",
	  "futae-esp cannot do 'aes192' in ESP; write one of aes128gcm16, aes256gcm16, "
	  "chacha20poly1305, aes128, aes256" },
	{ PROPOSAL_ESP, "aes256-md5",
	  "futae-esp cannot do 'md5' in ESP; write one of sha1, sha256, sha384, sha512" },
	{ PROPOSAL_IKE, "aes256-sha256-modp2048-esn", "'esn' is for ESP; remove it" },
	{ PROPOSAL_ESP, "aes256", "'aes256' has no integrity algorithm; add one such as sha256" },
	{ PROPOSAL_ESP, "sha256-modp2048",
	  "'sha256-modp2048' has no cipher; add one such as aes256gcm16" },
	{ PROPOSAL_ESP, "-", "'-' has no cipher; add one such as aes256gcm16" },
	{ PROPOSAL_ESP, "aes256gcm16-aes256-sha256",
	  "'aes256gcm16-aes256-sha256' mixes ciphers that need an integrity algorithm and that do "
	  "not; write two proposals" },
	{ PROPOSAL_IKE, "aes256gcm16-ecp384",
	  "'aes256gcm16-ecp384' has no PRF; add one such as prfsha384" },
	{ PROPOSAL_IKE, "aes256-sha256-modpnone",
	  "'aes256-sha256-modpnone' has no Diffie-Hellman group; add one such as curve25519" },
	{ PROPOSAL_IKE, "aes256, aes128",
	  "'aes256, aes128' is not a proposal; write one such as aes256gcm16-prfsha384-ecp384, "
	  "several as a list" },
};

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { "" };

		assert_true(proposal_check(rows[i].use, rows[i].text, &err) < 0);
		assert_string_equal(err.text, rows[i].says);
		/* one is lenient only where the SA would fail in the end */
		if (strcmp(rows[i].text, "aes256") != 0 && !strstr(rows[i].text, "-esn"))
			assert_false(is_understood(rows[i].use, rows[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_what_the_libraries_know),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
