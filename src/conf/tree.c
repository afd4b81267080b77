/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/tree.h"

#include "conf/value.h"

#include <assert.h>
#include <errno.h>
#include <libfyaml.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 << 10)
#define BRACKETS_MAX 256u

/* Memory that is only ever freed as a whole. */
struct block {
	struct block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct tree {
	struct block *blocks;
	struct tree_node *root;
};

struct anchor {
	const char *name;
	const struct tree_node *node; /* NULL while it is still open */
};

/* A list or map that is being read. */
struct open {
	struct tree_node *node;
	struct tree_child *child; /* heap; copied into the tree when it ends */
	size_t cap;
	const char *key; /* of the value that comes next; NULL: a key comes next */
	struct conf_pos key_pos;
	size_t anchor; /* index + 1 of its anchor, or 0 */
};

struct builder {
	struct tree *tree;
	struct conf_report *report;
	struct open stack[TREE_DEPTH_MAX];
	size_t depth;
	struct anchor *anchors; /* heap */
	size_t anchor_count, anchor_cap;
	size_t total; /* values so far, aliases followed */
	bool done; /* the document has ended */
	int rc; /* the first failure that ends it all */
};

static void *tree_alloc(struct tree *tree, size_t size)
{
	struct block *b = tree->blocks;
	void *p;

	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!b || b->size - b->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		*b = (struct block){ .next = tree->blocks, .size = room };
		tree->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += size;
	memset(p, 0, size);
	return p;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	while (tree->blocks) {
		struct block *b = tree->blocks;

		tree->blocks = b->next;
		/* Secrets may stand in the text. */
		explicit_bzero(b->bytes, b->used);
		free(b);
	}
	free(tree);
}

const struct tree_node *tree_root(const struct tree *tree)
{
	return tree->root;
}

const struct tree_child *tree_get(const struct tree_node *node, const char *key)
{
	if (!node || node->kind != TREE_MAP)
		return NULL;
	for (size_t i = 0; i < node->count; i++)
		if (!strcmp(node->child[i].key, key))
			return &node->child[i];
	return NULL;
}

const struct tree_node *tree_item(const struct tree_node *node, size_t i)
{
	return node && i < node->count ? node->child[i].node : NULL;
}

static struct conf_pos mark_pos(const struct fy_mark *mark, struct conf_pos otherwise)
{
	if (!mark)
		return otherwise;
	return (struct conf_pos){ (unsigned)mark->line + 1, (unsigned)mark->column + 1 };
}

static struct conf_pos event_pos(struct builder *b, struct fy_event *event)
{
	struct conf_pos otherwise = { 1, 1 };

	if (b->depth)
		otherwise = b->stack[b->depth - 1].key ? b->stack[b->depth - 1].key_pos
						       : b->stack[b->depth - 1].node->pos;
	return mark_pos(fy_event_start_mark(event), otherwise);
}

/* Ends the reading: what follows would be told wrong. */
static void fail(struct builder *b, struct conf_pos pos, const char *what)
{
	if (!b->rc)
		conf_report_add(b->report, CONF_ERROR, pos, "%s", what);
	b->rc = -EINVAL;
}

static char *copy_token(struct builder *b, struct fy_token *token, struct conf_pos pos)
{
	size_t len = 0, bad;
	const char *text = token ? fy_token_get_text(token, &len) : "";
	char *copy;

	if (!text) {
		text = "";
		len = 0;
	}
	/* Escapes can make what the file itself may not hold. */
	if (memchr(text, '\0', len) || !value_is_utf8(text, len, &bad)) {
		fail(b, pos, "this text holds a NUL or broken UTF-8; write it without");
		return NULL;
	}
	copy = tree_alloc(b->tree, len + 1);
	if (!copy)
		b->rc = -ENOMEM;
	else
		memcpy(copy, text, len);
	return copy;
}

static bool grow(struct builder *b, void **array, size_t count, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *p;

	if (count < *cap)
		return true;
	p = reallocarray(*array, want, size);
	if (!p) {
		b->rc = -ENOMEM;
		return false;
	}
	*array = p;
	*cap = want;
	return true;
}

/* Puts a whole value where it belongs: the root, a list, or under the key before it. */
static void attach(struct builder *b, const struct tree_node *node, struct conf_pos pos)
{
	struct open *o = b->depth ? &b->stack[b->depth - 1] : NULL;
	void *array;

	if (!o)
		return;
	array = o->child;
	if (!grow(b, &array, o->node->count, &o->cap, sizeof(*o->child)))
		return;
	o->child = array;
	o->child[o->node->count++] = (struct tree_child){ o->key, o->key ? o->key_pos : pos, node };
	o->node->weight += node->weight;
	o->key = NULL;
}

static void count_values(struct builder *b, size_t n, struct conf_pos pos)
{
	b->total += n;
	if (b->total > TREE_NODES_MAX)
		fail(b, pos, "more than 1000000 values, aliases counted; write fewer");
}

static bool expects_key(const struct builder *b)
{
	return b->depth && b->stack[b->depth - 1].node->kind == TREE_MAP &&
	       !b->stack[b->depth - 1].key;
}

/* index + 1 of the new anchor; 0 when the event has none. */
static size_t add_anchor(struct builder *b, struct fy_token *token, const struct tree_node *node,
			 struct conf_pos pos)
{
	void *array = b->anchors;
	const char *name;

	if (!token)
		return 0;
	name = copy_token(b, token, pos);
	if (!name || !grow(b, &array, b->anchor_count, &b->anchor_cap, sizeof(*b->anchors)))
		return 0;
	b->anchors = array;
	b->anchors[b->anchor_count++] = (struct anchor){ name, node };
	if (b->anchor_count > 1000)
		fail(b, pos, "more than 1000 anchors; write fewer");
	return b->anchor_count;
}

static void on_alias(struct builder *b, struct fy_event *event)
{
	struct conf_pos pos = event_pos(b, event);
	const char *name = copy_token(b, event->alias.anchor, pos);

	if (!name)
		return;
	if (expects_key(b)) {
		fail(b, pos, "an alias cannot be a key; write the key itself");
		return;
	}
	for (size_t i = b->anchor_count; i-- > 0;) {
		if (strcmp(b->anchors[i].name, name) != 0)
			continue;
		if (!b->anchors[i].node)
			break;
		count_values(b, b->anchors[i].node->weight, pos);
		attach(b, b->anchors[i].node, pos);
		return;
	}
	fail(b, pos, "an alias of nothing, or of what it stands in; write the value itself");
}

static void on_scalar(struct builder *b, struct fy_event *event)
{
	struct conf_pos pos = event_pos(b, event);
	const char *text = copy_token(b, event->scalar.value, pos);
	struct open *o = b->depth ? &b->stack[b->depth - 1] : NULL;
	struct tree_node *node;

	if (!text)
		return;
	if (expects_key(b)) {
		if (event->scalar.anchor)
			fail(b, pos, "a key cannot have an anchor; remove it");
		o->key = text;
		o->key_pos = pos;
		return;
	}
	node = tree_alloc(b->tree, sizeof(*node));
	if (!node) {
		b->rc = -ENOMEM;
		return;
	}
	*node = (struct tree_node){ .kind = TREE_SCALAR, .pos = pos, .text = text, .weight = 1 };
	node->null = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN &&
		     (!*text || !strcmp(text, "~") || !strcmp(text, "null"));
	(void)add_anchor(b, event->scalar.anchor, node, pos);
	count_values(b, 1, pos);
	if (b->depth)
		attach(b, node, pos);
	else
		b->tree->root = node;
}

static void on_open(struct builder *b, struct fy_event *event, enum tree_kind kind)
{
	struct conf_pos pos = event_pos(b, event);
	struct tree_node *node;
	struct fy_token *anchor =
		kind == TREE_MAP ? event->mapping_start.anchor : event->sequence_start.anchor;

	if (expects_key(b)) {
		fail(b, pos, "a list or map cannot be a key; write a plain word");
		return;
	}
	if (b->depth == TREE_DEPTH_MAX) {
		fail(b, pos, "nested more than 16 deep; nothing in a configuration needs that");
		return;
	}
	node = tree_alloc(b->tree, sizeof(*node));
	if (!node) {
		b->rc = -ENOMEM;
		return;
	}
	*node = (struct tree_node){ .kind = kind, .pos = pos, .weight = 1 };
	count_values(b, 1, pos);
	b->stack[b->depth] = (struct open){ .node = node };
	b->stack[b->depth].anchor = add_anchor(b, anchor, NULL, pos);
	b->depth++;
}

static int compare_keys(const void *a, const void *b)
{
	const struct tree_child *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	/* The array they point into keeps the order written. */
	return order ? order : *x < *y ? -1 : 1;
}

/* Reports each key that comes again, and forgets the later ones. */
static void drop_twice(struct builder *b, struct open *o)
{
	size_t n = o->node->count, kept = 0;
	struct tree_child **sorted = n > 1 ? calloc(n, sizeof(struct tree_child *)) : NULL;
	struct tree_child *first;

	if (!sorted) {
		if (n > 1)
			b->rc = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = &o->child[i];
	qsort(sorted, n, sizeof(struct tree_child *), compare_keys);
	first = sorted[0];
	for (size_t i = 1; i < n; i++) {
		if (strcmp(first->key, sorted[i]->key) != 0) {
			first = sorted[i];
			continue;
		}
		conf_report_add(b->report, CONF_ERROR, sorted[i]->pos,
				"key '%.40s' is given twice, first in line %u; keep one",
				first->key, first->pos.line);
		sorted[i]->node = NULL;
	}
	free(sorted);
	for (size_t i = 0; i < n; i++)
		if (o->child[i].node)
			o->child[kept++] = o->child[i];
	o->node->count = kept;
}

static void on_close(struct builder *b)
{
	struct open *o = &b->stack[b->depth - 1];
	struct tree_node *node = o->node;

	assert(node);
	if (node->kind == TREE_MAP)
		drop_twice(b, o);
	if (node->count) {
		node->child = tree_alloc(b->tree, node->count * sizeof(*node->child));
		if (node->child)
			memcpy(node->child, o->child, node->count * sizeof(*node->child));
		else
			b->rc = -ENOMEM;
	}
	free(o->child);
	if (o->anchor)
		b->anchors[o->anchor - 1].node = node;
	b->depth--;
	if (b->depth)
		attach(b, node, node->pos);
	else
		b->tree->root = node;
}

static bool refuse_tag(struct builder *b, struct fy_event *event)
{
	struct fy_token *tag = fy_event_get_tag_token(event);

	if (tag)
		fail(b, mark_pos(fy_token_start_mark(tag), event_pos(b, event)),
		     "tags have no meaning here; remove it");
	return tag != NULL;
}

static void on_event(struct builder *b, struct fy_event *event)
{
	switch (event->type) {
	case FYET_ALIAS:
		on_alias(b, event);
		break;
	case FYET_SCALAR:
		if (!refuse_tag(b, event))
			on_scalar(b, event);
		break;
	case FYET_SEQUENCE_START:
	case FYET_MAPPING_START:
		if (!refuse_tag(b, event))
			on_open(b, event, event->type == FYET_MAPPING_START ? TREE_MAP : TREE_LIST);
		break;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		on_close(b);
		break;
	case FYET_DOCUMENT_START:
		if (b->done)
			fail(b, event_pos(b, event), "a second document; keep only one");
		break;
	case FYET_DOCUMENT_END:
		b->done = true;
		break;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
		break;
	}
}

/* libfyaml's own words, one report line each. */
static void report_syntax(struct conf_report *report, struct fy_diag *diag)
{
	struct fy_diag_error *e;
	void *at = NULL;

	while ((e = fy_diag_errors_iterate(diag, &at)) != NULL) {
		struct conf_pos pos = { e->line > 0 ? (unsigned)e->line : 1,
					e->column > 0 ? (unsigned)e->column : 1 };

		if (e->type == FYET_ERROR && e->msg)
			conf_report_add(report, CONF_ERROR, pos, "this is not YAML: %.160s",
					e->msg);
	}
	if (!report->errors)
		conf_report_add(report, CONF_ERROR, (struct conf_pos){ 0, 0 },
				"this is not YAML; write `key: value` lines");
}

static void run(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;

	while (!b->rc && (event = fy_parser_parse(parser)) != NULL) {
		on_event(b, event);
		fy_parser_event_free(parser, event);
	}
	if (!b->rc && fy_parser_get_stream_error(parser)) {
		report_syntax(b->report, diag);
		b->rc = -EINVAL;
	}
	while (b->depth)
		free(b->stack[--b->depth].child);
	free(b->anchors);
	if (!b->rc && (!b->tree->root || b->tree->root->null))
		fail(b, (struct conf_pos){ 0, 0 },
		     "there is nothing in it; write at least `node: NAME`");
}

static int check_encoding(const char *text, size_t len, struct conf_report *report)
{
	struct conf_pos pos = { 1, 1 };
	const char *nul = memchr(text, '\0', len);
	size_t bad;

	if (value_is_utf8(text, len, &bad) && !nul)
		return 0;
	if (nul && value_is_utf8(text, (size_t)(nul - text), &bad))
		bad = (size_t)(nul - text);
	for (size_t i = 0; i < bad; i++) {
		pos.column++;
		if (text[i] == '\n')
			pos = (struct conf_pos){ pos.line + 1, 1 };
	}
	conf_report_add(report, CONF_ERROR, pos,
			"byte 0x%02x is not UTF-8 text; save the file as UTF-8",
			(unsigned char)text[bad]);
	return -EINVAL;
}

/*
 * The scanner looks ahead to the end of an open bracket, so that a file of nothing but [ costs
 * it gigabytes before it says anything.  Brackets in quotes and comments are counted too: no
 * sane file has so many that do not close.
 */
static int check_brackets(const char *text, size_t len, struct conf_report *report)
{
	struct conf_pos pos = { 1, 1 };
	size_t open = 0;

	for (size_t i = 0; i < len; i++, pos.column++) {
		if (text[i] == '\n')
			pos = (struct conf_pos){ pos.line + 1, 0 };
		else if (text[i] == '[' || text[i] == '{')
			open++;
		else if ((text[i] == ']' || text[i] == '}') && open)
			open--;
		if (open > BRACKETS_MAX) {
			conf_report_add(
				report, CONF_ERROR, pos,
				"more than 256 brackets are open; nothing in a configuration needs "
				"that");
			return -EINVAL;
		}
	}
	return 0;
}

int tree_parse(const char *text, size_t len, struct conf_report *report, struct tree **out)
{
	struct fy_diag_cfg diag_cfg;
	struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG };
	struct fy_parser *parser = NULL;
	struct builder b = { .report = report, .rc = check_encoding(text, len, report) };

	if (!b.rc)
		b.rc = check_brackets(text, len, report);
	if (b.rc)
		return b.rc;
	b.rc = -ENOMEM;
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	cfg.diag = fy_diag_create(&diag_cfg);
	b.tree = calloc(1, sizeof(*b.tree));
	if (cfg.diag) {
		fy_diag_set_collect_errors(cfg.diag, true);
		parser = fy_parser_create(&cfg);
	}
	if (parser && b.tree && !fy_parser_set_string(parser, text, len)) {
		b.rc = 0;
		run(&b, parser, cfg.diag);
	}
	fy_parser_destroy(parser);
	fy_diag_destroy(cfg.diag);
	if (b.rc)
		tree_free(b.tree);
	else
		*out = b.tree;
	return b.rc;
}
