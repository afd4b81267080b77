/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of addresses and prefixes, of lists of them, and of proposals. */
#include "conf/schema_def.h"

#include "conf/proposal.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESS_PATTERN "^[0-9A-Fa-f:.]+$"
#define PREFIX_PATTERN "^[0-9A-Fa-f:.]+(/[0-9]+)?$"

static bool is_host(struct loader *ld, const char *key, const struct tree_node *node,
		    const struct addr *a)
{
	if (!addr_is_unspecified(a) && !addr_is_multicast(a))
		return true;
	schema_error(ld, node->pos,
		     "%s: %.60s is not the address of a host; write a unicast address", key,
		     node->text);
	return false;
}

static bool load_address(struct loader *ld, const char *key, const struct tree_node *node,
			 struct addr *out)
{
	const char *text = schema_scalar(ld, key, node);
	struct addr a;

	if (!text)
		return false;
	if (!addr_parse(text, &a)) {
		schema_error(ld, node->pos,
			     "%s: '%.60s' is not an IP address; write one such as 192.0.2.1 or "
			     "2001:db8::1",
			     key, text);
		return false;
	}
	if (!is_host(ld, key, node, &a))
		return false;
	*out = a;
	return true;
}

static void address_load(struct loader *ld, const struct schema_field *f,
			 const struct tree_node *node, void *obj)
{
	const char *text = node->kind == TREE_SCALAR ? node->text : "";
	struct addr a = { .family = ADDR_NONE };

	if (schema_word_of(f->words, text) || load_address(ld, f->key, node, &a))
		*(struct addr *)((char *)obj + f->offset) = a;
}

static void address_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct addr *a = (const void *)((const char *)obj + f->offset);
	char text[ADDR_TEXT];

	if (a->family == ADDR_NONE && !f->words)
		return;
	print_key(pr, f->key);
	(void)fputc(' ', pr->out);
	print_text(pr, a->family == ADDR_NONE ? f->words->word : addr_format(a, text));
	(void)fputc('\n', pr->out);
}

const struct schema_type type_address = {
	.form = FORM_TEXT,
	.name = "an address",
	.example = "ADDRESS",
	.pattern = ADDRESS_PATTERN,
	.load = address_load,
	.print = address_print,
};

/* "ADDRESS/LENGTH" or "ADDRESS", host bits as they are. */
static bool split_prefix(const char *text, struct addr *addr, uint8_t *len)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char host[ADDR_TEXT];
	uint64_t bits;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_parse(host, addr))
		return false;
	bits = addr_bits(addr->family);
	if (slash &&
	    (value_parse_number(slash + 1, &bits, NULL) < 0 || bits > addr_bits(addr->family)))
		return false;
	*len = (uint8_t)bits;
	return true;
}

/* Says what the prefix would have to be when only its host bits are wrong. */
static void refuse_prefix(struct loader *ld, const char *key, const struct tree_node *node)
{
	char want[PREFIX_TEXT];
	struct prefix p;
	unsigned keep;

	if (!split_prefix(node->text, &p.addr, &p.len)) {
		schema_error(ld, node->pos,
			     "%s: '%.60s' is not a prefix; write one such as 10.1.22.0/24 or "
			     "2001:db8::/32",
			     key, node->text);
		return;
	}
	keep = p.len;
	for (size_t i = 0; i < addr_size(p.addr.family); i++) {
		unsigned bits = keep > 8 ? 8 : keep;

		p.addr.bytes[i] &= (uint8_t)(0xff00u >> bits);
		keep -= bits;
	}
	schema_error(ld, node->pos, "%s: %.60s has host bits set; write %s", key, node->text,
		     prefix_format(&p, want));
}

static bool load_prefix(struct loader *ld, const char *key, const struct tree_node *node,
			struct prefix *out)
{
	const char *text = schema_scalar(ld, key, node);

	if (!text)
		return false;
	if (!prefix_parse(text, out)) {
		refuse_prefix(ld, key, node);
		return false;
	}
	return true;
}

static void prefix_load(struct loader *ld, const struct schema_field *f,
			const struct tree_node *node, void *obj)
{
	struct prefix p;

	if (load_prefix(ld, f->key, node, &p))
		*(struct prefix *)((char *)obj + f->offset) = p;
}

static void prefix_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct prefix *p = (const void *)((const char *)obj + f->offset);
	char text[PREFIX_TEXT];

	if (p->addr.family == ADDR_NONE)
		return;
	print_key(pr, f->key);
	(void)fputc(' ', pr->out);
	print_text(pr, prefix_format(p, text));
	(void)fputc('\n', pr->out);
}

const struct schema_type type_prefix = {
	.form = FORM_TEXT,
	.name = "a prefix",
	.example = "PREFIX",
	.pattern = PREFIX_PATTERN,
	.load = prefix_load,
	.print = prefix_print,
};

/* A virtual address keeps its host bits: 10.1.22.254/24 says how it is put on the device. */
static bool load_host_prefix(struct loader *ld, const char *key, const struct tree_node *node,
			     struct prefix *out)
{
	const char *text = schema_scalar(ld, key, node);
	struct prefix p;

	if (!text)
		return false;
	if (!split_prefix(text, &p.addr, &p.len) || !p.len) {
		schema_error(ld, node->pos,
			     "%s: '%.60s' is not an address; write one such as 10.1.22.254 or "
			     "10.1.22.254/24",
			     key, text);
		return false;
	}
	if (!is_host(ld, key, node, &p.addr))
		return false;
	*out = p;
	return true;
}

typedef bool load_item(struct loader *ld, const char *key, const struct tree_node *node, void *out);

static bool item_address(struct loader *ld, const char *key, const struct tree_node *node,
			 void *out)
{
	return load_address(ld, key, node, out);
}

static bool item_prefix(struct loader *ld, const char *key, const struct tree_node *node, void *out)
{
	return load_prefix(ld, key, node, out);
}

static bool item_host_prefix(struct loader *ld, const char *key, const struct tree_node *node,
			     void *out)
{
	return load_host_prefix(ld, key, node, out);
}

/* A list, or one item written without the brackets. */
static void load_items(struct loader *ld, const struct schema_field *f,
		       const struct tree_node *node, void *obj, size_t size, load_item *load)
{
	size_t want = node->kind == TREE_LIST ? node->count : 1;
	char *items;

	if (node->kind == TREE_MAP || want == 0) {
		schema_error(ld, node->pos, "%s must be a list; write %s: [..]", f->key, f->key);
		return;
	}
	if (want > f->max) {
		schema_error(ld, node->pos, "%s has %zu items; write at most %zu", f->key, want,
			     (size_t)f->max);
		return;
	}
	items = schema_alloc(ld, want, size);
	for (size_t i = 0; items && i < want; i++)
		/* A wrong one stays in its place as nothing, so that the others keep theirs. */
		(void)load(ld, f->key, node->kind == TREE_LIST ? tree_item(node, i) : node,
			   items + i * size);
	*(void **)((char *)obj + f->offset) = items;
	*(size_t *)((char *)obj + f->count_offset) = items ? want : 0;
}

static void addresses_load(struct loader *ld, const struct schema_field *f,
			   const struct tree_node *node, void *obj)
{
	load_items(ld, f, node, obj, sizeof(struct addr), item_address);
}

static void prefixes_load(struct loader *ld, const struct schema_field *f,
			  const struct tree_node *node, void *obj)
{
	load_items(ld, f, node, obj, sizeof(struct prefix), item_prefix);
}

static void host_prefixes_load(struct loader *ld, const struct schema_field *f,
			       const struct tree_node *node, void *obj)
{
	load_items(ld, f, node, obj, sizeof(struct prefix), item_host_prefix);
}

static void addresses_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct addr *list =
		*(struct addr *const *)(const void *)((const char *)obj + f->offset);
	size_t count = *(const size_t *)(const void *)((const char *)obj + f->count_offset);
	char text[ADDR_TEXT];

	if (!count)
		return;
	print_key(pr, f->key);
	for (size_t i = 0; i < count; i++) {
		(void)fputs(i ? ", " : " [", pr->out);
		print_text(pr, addr_format(&list[i], text));
	}
	(void)fputs("]\n", pr->out);
}

static void prefixes_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct prefix *list =
		*(struct prefix *const *)(const void *)((const char *)obj + f->offset);
	size_t count = *(const size_t *)(const void *)((const char *)obj + f->count_offset);
	char text[PREFIX_TEXT];

	if (!count)
		return;
	print_key(pr, f->key);
	for (size_t i = 0; i < count; i++) {
		(void)fputs(i ? ", " : " [", pr->out);
		print_text(pr, prefix_format(&list[i], text));
	}
	(void)fputs("]\n", pr->out);
}

const struct schema_type type_addresses = {
	.form = FORM_TEXTS,
	.name = "addresses",
	.example = "[ADDRESS]",
	.pattern = ADDRESS_PATTERN,
	.load = addresses_load,
	.print = addresses_print,
};

const struct schema_type type_prefixes = {
	.form = FORM_TEXTS,
	.name = "prefixes",
	.example = "PREFIX",
	.pattern = PREFIX_PATTERN,
	.load = prefixes_load,
	.print = prefixes_print,
};

const struct schema_type type_host_prefixes = {
	.form = FORM_TEXTS,
	.name = "addresses, with or without length",
	.example = "[ADDRESS]",
	.pattern = PREFIX_PATTERN,
	.load = host_prefixes_load,
	.print = prefixes_print,
};

/* Several are joined with commas. */
static bool append_proposal(struct loader *ld, const struct schema_field *f, enum proposal_use use,
			    const struct tree_node *node, char *out)
{
	const char *text = schema_scalar(ld, f->key, node);
	size_t used = strlen(out);
	struct err err;

	if (!text)
		return false;
	if (proposal_check(use, text, &err) < 0) {
		schema_error(ld, node->pos, "%s: %s", f->key, err.text);
		return false;
	}
	if (used + strlen(text) + 2 > f->size) {
		schema_error(ld, node->pos, "%s are too long; write fewer proposals", f->key);
		return false;
	}
	(void)snprintf(out + used, f->size - used, "%s%s", used ? "," : "", text);
	return true;
}

static void proposals_load(struct loader *ld, const struct schema_field *f, enum proposal_use use,
			   const struct tree_node *node, void *obj)
{
	char *out = (char *)obj + f->offset;

	if (node->kind != TREE_LIST) {
		(void)append_proposal(ld, f, use, node, out);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		(void)append_proposal(ld, f, use, tree_item(node, i), out);
}

static void ike_proposals_load(struct loader *ld, const struct schema_field *f,
			       const struct tree_node *node, void *obj)
{
	proposals_load(ld, f, PROPOSAL_IKE, node, obj);
}

static void esp_proposals_load(struct loader *ld, const struct schema_field *f,
			       const struct tree_node *node, void *obj)
{
	proposals_load(ld, f, PROPOSAL_ESP, node, obj);
}

static void proposals_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const char *text = (const char *)obj + f->offset;

	if (!*text)
		return;
	print_key(pr, f->key);
	for (const char *sep = " ["; *text; sep = ", ") {
		size_t n = strcspn(text, ",");
		char one[256];

		(void)snprintf(one, sizeof(one), "%.*s", (int)n, text);
		(void)fputs(sep, pr->out);
		print_text(pr, one);
		text += n + (text[n] == ',');
	}
	(void)fputs("]\n", pr->out);
}

const struct schema_type type_ike_proposals = {
	.form = FORM_TEXTS,
	.name = "proposals",
	.example = "[PROPOSAL]",
	.pattern = "^[A-Za-z0-9_-]+$",
	.load = ike_proposals_load,
	.print = proposals_print,
};

const struct schema_type type_esp_proposals = {
	.form = FORM_TEXTS,
	.name = "proposals",
	.example = "[PROPOSAL]",
	.pattern = "^[A-Za-z0-9_-]+$",
	.load = esp_proposals_load,
	.print = proposals_print,
};
