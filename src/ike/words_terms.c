/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/words_terms.h"

#include "base/list.h"

#include <stdio.h>

#define ALGS_MAX 32
#define SIDE_TEXT 88 /* so that both sides fit into one message to futaed */

struct algs {
	unsigned count;
	uint32_t list[ALGS_MAX]; /* algorithm << 16 | bits */
};

static void note(struct algs *a, uint32_t alg)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->list[i] == alg)
			return;
	if (a->count < ALGS_MAX)
		a->list[a->count++] = alg;
}

static struct algs collect(linked_list_t *proposals, transform_type_t type)
{
	enumerator_t *e = proposals->create_enumerator(proposals), *t;
	struct algs a = { .count = 0 };
	proposal_t *p;
	uint16_t alg, bits;

	while (e->enumerate(e, &p)) {
		t = p->create_enumerator(p, type);
		while (t->enumerate(t, &alg, &bits))
			note(&a, (uint32_t)alg << 16 | bits);
		t->destroy(t);
	}
	e->destroy(e);
	return a;
}

static bool overlap(const struct algs *a, const struct algs *b)
{
	for (unsigned i = 0; i < a->count; i++)
		for (unsigned j = 0; j < b->count; j++)
			if (a->list[i] == b->list[j])
				return true;
	return false;
}

static void list_algs(const struct algs *a, transform_type_t type, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < a->count; i++) {
		char word[64];
		unsigned bits = a->list[i] & 0xffff;

		ss_print(word, sizeof(word), bits ? "%N_%u" : "%N", transform_get_enum_names(type),
			 (int)(a->list[i] >> 16), bits);
		if (len + strlen(word) + 8 > size) {
			(void)snprintf(out + len, size - len, ", ...");
			return;
		}
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "", word);
	}
}

static bool explain(linked_list_t *theirs, linked_list_t *ours, transform_type_t type,
		    const char *what, char *out, size_t size)
{
	struct algs a = collect(theirs, type), b = collect(ours, type);
	char offered[SIDE_TEXT], accepted[SIDE_TEXT];

	if (!a.count || !b.count || overlap(&a, &b))
		return false;
	list_algs(&a, type, offered, sizeof(offered));
	list_algs(&b, type, accepted, sizeof(accepted));
	(void)snprintf(out, size, "no common %s: the peer offers %s; we accept %s", what, offered,
		       accepted);
	return true;
}

void words_list(linked_list_t *proposals, char *out, size_t size)
{
	char all[1024];

	ss_print(all, sizeof(all), "%#P", proposals);
	if (strlen(all) < size)
		(void)snprintf(out, size, "%s", all);
	else
		(void)snprintf(out, size, "%.*s...", (int)(size - 4), all);
}

void words_mismatch(linked_list_t *theirs, linked_list_t *ours, char *out, size_t size)
{
	static const struct {
		transform_type_t type;
		const char *name;
	} kinds[] = { { ENCRYPTION_ALGORITHM, "cipher" },
		      { KEY_EXCHANGE_METHOD, "Diffie-Hellman group" },
		      { INTEGRITY_ALGORITHM, "integrity algorithm" },
		      { PSEUDO_RANDOM_FUNCTION, "pseudo-random function" },
		      { EXTENDED_SEQUENCE_NUMBERS, "sequence number length" } };
	char offered[SIDE_TEXT], accepted[SIDE_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (explain(theirs, ours, kinds[i].type, kinds[i].name, out, size))
			return;
	words_list(theirs, offered, sizeof(offered));
	words_list(ours, accepted, sizeof(accepted));
	(void)snprintf(out, size, "no proposal fits as a whole: the peer offers %s; we accept %s",
		       offered, accepted);
}
