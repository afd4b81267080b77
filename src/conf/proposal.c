/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/proposal.h"

#include "base/list.h"
#include "conf/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum part { PART_CIPHER, PART_AEAD, PART_INTEG, PART_PRF, PART_GROUP, PART_NO_GROUP, PART_ESN };

#define IKE (1u << PROPOSAL_IKE)
#define ESP (1u << PROPOSAL_ESP)
#define BOTH (IKE | ESP)

struct word {
	const char *word;
	enum part part;
	unsigned uses;
	bool shown; /* in lists of what there is: not those of yesterday, nor second names */
};

/*
 * strongSwan knows more; the rest is beyond the plugins that futae-ike loads, or encrypts nothing
 * (null), or nothing that a day's work would not open (des).  PRFs say nothing about ESP, where
 * strongSwan passes over them.
 */
static const struct word words[] = {
	{ "aes128gcm16", PART_AEAD, BOTH, true },
	{ "aes256gcm16", PART_AEAD, BOTH, true },
	{ "chacha20poly1305", PART_AEAD, BOTH, true },
	{ "aes128", PART_CIPHER, BOTH, true },
	{ "aes256", PART_CIPHER, BOTH, true },
	{ "aes", PART_CIPHER, BOTH, false },
	{ "aes128gcm", PART_AEAD, BOTH, false },
	{ "aes128gcm128", PART_AEAD, BOTH, false },
	{ "aes256gcm", PART_AEAD, BOTH, false },
	{ "aes256gcm128", PART_AEAD, BOTH, false },
	{ "aes192", PART_CIPHER, IKE, false },
	{ "aes192gcm", PART_AEAD, IKE, false },
	{ "aes192gcm16", PART_AEAD, IKE, false },
	{ "aes192gcm128", PART_AEAD, IKE, false },
	{ "aes128gcm8", PART_AEAD, IKE, false },
	{ "aes128gcm64", PART_AEAD, IKE, false },
	{ "aes128gcm12", PART_AEAD, IKE, false },
	{ "aes128gcm96", PART_AEAD, IKE, false },
	{ "aes192gcm8", PART_AEAD, IKE, false },
	{ "aes192gcm64", PART_AEAD, IKE, false },
	{ "aes192gcm12", PART_AEAD, IKE, false },
	{ "aes192gcm96", PART_AEAD, IKE, false },
	{ "aes256gcm8", PART_AEAD, IKE, false },
	{ "aes256gcm64", PART_AEAD, IKE, false },
	{ "aes256gcm12", PART_AEAD, IKE, false },
	{ "aes256gcm96", PART_AEAD, IKE, false },
	{ "aes128ccm8", PART_AEAD, IKE, false },
	{ "aes128ccm64", PART_AEAD, IKE, false },
	{ "aes128ccm12", PART_AEAD, IKE, false },
	{ "aes128ccm96", PART_AEAD, IKE, false },
	{ "aes128ccm16", PART_AEAD, IKE, false },
	{ "aes128ccm128", PART_AEAD, IKE, false },
	{ "aes192ccm8", PART_AEAD, IKE, false },
	{ "aes192ccm64", PART_AEAD, IKE, false },
	{ "aes192ccm12", PART_AEAD, IKE, false },
	{ "aes192ccm96", PART_AEAD, IKE, false },
	{ "aes192ccm16", PART_AEAD, IKE, false },
	{ "aes192ccm128", PART_AEAD, IKE, false },
	{ "aes256ccm8", PART_AEAD, IKE, false },
	{ "aes256ccm64", PART_AEAD, IKE, false },
	{ "aes256ccm12", PART_AEAD, IKE, false },
	{ "aes256ccm96", PART_AEAD, IKE, false },
	{ "aes256ccm16", PART_AEAD, IKE, false },
	{ "aes256ccm128", PART_AEAD, IKE, false },
	{ "aes128ctr", PART_CIPHER, IKE, false },
	{ "aes192ctr", PART_CIPHER, IKE, false },
	{ "aes256ctr", PART_CIPHER, IKE, false },
	{ "camellia", PART_CIPHER, IKE, false },
	{ "camellia128", PART_CIPHER, IKE, false },
	{ "camellia192", PART_CIPHER, IKE, false },
	{ "camellia256", PART_CIPHER, IKE, false },
	{ "3des", PART_CIPHER, IKE, false },
	{ "sha1", PART_INTEG, BOTH, true },
	{ "sha256", PART_INTEG, BOTH, true },
	{ "sha384", PART_INTEG, BOTH, true },
	{ "sha512", PART_INTEG, BOTH, true },
	{ "sha", PART_INTEG, BOTH, false },
	{ "sha2_256", PART_INTEG, BOTH, false },
	{ "sha2_384", PART_INTEG, BOTH, false },
	{ "sha2_512", PART_INTEG, BOTH, false },
	{ "md5", PART_INTEG, IKE, false },
	{ "prfsha1", PART_PRF, BOTH, true },
	{ "prfsha256", PART_PRF, BOTH, true },
	{ "prfsha384", PART_PRF, BOTH, true },
	{ "prfsha512", PART_PRF, BOTH, true },
	{ "prfmd5", PART_PRF, BOTH, false },
	{ "curve25519", PART_GROUP, BOTH, true },
	{ "ecp256", PART_GROUP, BOTH, true },
	{ "ecp384", PART_GROUP, BOTH, true },
	{ "ecp521", PART_GROUP, BOTH, true },
	{ "modp2048", PART_GROUP, BOTH, true },
	{ "modp3072", PART_GROUP, BOTH, true },
	{ "x25519", PART_GROUP, BOTH, false },
	{ "curve448", PART_GROUP, BOTH, false },
	{ "x448", PART_GROUP, BOTH, false },
	{ "ecp192", PART_GROUP, BOTH, false },
	{ "ecp224", PART_GROUP, BOTH, false },
	{ "ecp224bp", PART_GROUP, BOTH, false },
	{ "ecp256bp", PART_GROUP, BOTH, false },
	{ "ecp384bp", PART_GROUP, BOTH, false },
	{ "ecp512bp", PART_GROUP, BOTH, false },
	{ "modp768", PART_GROUP, BOTH, false },
	{ "modp1024", PART_GROUP, BOTH, false },
	{ "modp1536", PART_GROUP, BOTH, false },
	{ "modp4096", PART_GROUP, BOTH, false },
	{ "modp6144", PART_GROUP, BOTH, false },
	{ "modp8192", PART_GROUP, BOTH, false },
	{ "modp1024s160", PART_GROUP, BOTH, false },
	{ "modp2048s224", PART_GROUP, BOTH, false },
	{ "modp2048s256", PART_GROUP, BOTH, false },
	{ "modpnone", PART_NO_GROUP, BOTH, false },
	{ "esn", PART_ESN, ESP, false },
	{ "noesn", PART_ESN, ESP, false },
};

static const char *use_name(enum proposal_use use)
{
	return use == PROPOSAL_IKE ? "IKE" : "ESP";
}

const char *proposal_word(enum proposal_use use, unsigned index)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].uses & 1u << use && index-- == 0)
			return words[i].word;
	return NULL;
}

static const struct word *find(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, text) == 0)
			return &words[i];
	return NULL;
}

/* "sha1, sha256": those of one part that are shown, ciphers of both kinds as one */
static const char *list(enum part part, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (size_t i = 0; i < ARRAY_LEN(words) && n < size; i++)
		if (words[i].shown &&
		    (words[i].part == part || (part == PART_CIPHER && words[i].part == PART_AEAD)))
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "",
					      words[i].word);
	return out;
}

static int refuse_unknown(enum proposal_use use, const char *text, struct err *err)
{
	struct suggest near = suggest_for(text);
	char ciphers[80], integs[40], groups[60];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].uses & 1u << use)
			suggest_offer(&near, words[i].word);
	if (near.best)
		return err_set(err, -EINVAL, "'%.40s' is no algorithm of %s; did you mean '%s'?",
			       text, use_name(use), near.best);
	return err_set(err, -EINVAL, "'%.24s' is no algorithm of %s; write %s with %s%s, and %s",
		       text, use_name(use), list(PART_CIPHER, ciphers, sizeof(ciphers)),
		       list(PART_INTEG, integs, sizeof(integs)),
		       use == PROPOSAL_IKE ? " or prfsha256" : "",
		       list(PART_GROUP, groups, sizeof(groups)));
}

static int refuse_use(enum proposal_use use, const struct word *w, struct err *err)
{
	char all[80];

	if (w->part == PART_ESN)
		return err_set(err, -EINVAL, "'%s' is for ESP; remove it", w->word);
	return err_set(err, -EINVAL, "futae-esp cannot do '%s' in %s; write one of %s", w->word,
		       use_name(use),
		       list(w->part == PART_AEAD ? PART_CIPHER : w->part, all, sizeof(all)));
}

/* What strongSwan, and the SA in the end, want of a proposal as a whole. */
static int check_whole(enum proposal_use use, const char *text, unsigned parts, struct err *err)
{
	bool plain = parts & 1u << PART_CIPHER, aead = parts & 1u << PART_AEAD;
	bool integ = parts & 1u << PART_INTEG, prf = parts & 1u << PART_PRF;

	if (!plain && !aead)
		return err_set(err, -EINVAL, "'%.60s' has no cipher; add one such as aes256gcm16",
			       text);
	if (plain && aead)
		return err_set(err, -EINVAL,
			       "'%.60s' mixes ciphers that need an integrity algorithm and that "
			       "do not; write two proposals",
			       text);
	if (plain && !integ)
		return err_set(err, -EINVAL,
			       "'%.60s' has no integrity algorithm; add one such as sha256", text);
	if (use == PROPOSAL_ESP)
		return 0;
	if (aead && !prf && !integ)
		return err_set(err, -EINVAL, "'%.60s' has no PRF; add one such as prfsha384", text);
	if (!(parts & 1u << PART_GROUP))
		return err_set(err, -EINVAL,
			       "'%.60s' has no Diffie-Hellman group; add one such as curve25519",
			       text);
	return 0;
}

int proposal_check(enum proposal_use use, const char *text, struct err *err)
{
	const char *at = text;
	unsigned parts = 0;

	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_", *c))
			return err_set(err, -EINVAL,
				       "'%.60s' is not a proposal; write one such as "
				       "aes256gcm16-%secp384, several as a list",
				       text, use == PROPOSAL_IKE ? "prfsha384-" : "");
	for (at += strspn(at, "-"); *at; at += strspn(at, "-")) {
		size_t n = strcspn(at, "-");
		const struct word *w;
		char one[256];

		(void)snprintf(one, sizeof(one), "%.*s", (int)n, at);
		w = find(one);
		if (!w)
			return refuse_unknown(use, one, err);
		if (!(w->uses & 1u << use))
			return refuse_use(use, w, err);
		parts |= 1u << w->part;
		at += n;
	}
	return check_whole(use, text, parts, err);
}
