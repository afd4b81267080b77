/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A YAML document as a tree that knows where in the file everything is.  Values are plain
 * text here, quoted or not; what they mean is the schema's business.  Whatever a stranger
 * may send is bounded: size, depth, number of values, and what aliases expand to.
 */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include "conf/report.h"

#include <stdbool.h>
#include <stddef.h>

#define TREE_DEPTH_MAX 16
#define TREE_NODES_MAX 1000000u /* after aliases are followed */

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

struct tree_node;

struct tree_child {
	const char *key; /* NULL in lists */
	struct conf_pos pos; /* of the key, or of the item */
	const struct tree_node *node;
};

struct tree_node {
	enum tree_kind kind;
	bool null; /* a scalar without quotes that is empty, `null` or ~ */
	struct conf_pos pos;
	const char *text; /* scalar: UTF-8 without NUL */
	size_t count; /* list, map */
	struct tree_child *child; /* in the order written; keys differ */
	size_t weight; /* values in it, aliases followed */
};

struct tree; /* owns the nodes */

/* 0; -EINVAL with errors in *report, or -ENOMEM.  A document with nothing in it is an error.
 * A key given twice is reported and dropped, and reading goes on: look at report->errors. */
int tree_parse(const char *text, size_t len, struct conf_report *report, struct tree **out);
void tree_free(struct tree *tree);
const struct tree_node *tree_root(const struct tree *tree);

/* The child under that key, or NULL; also for node NULL and for what is no map. */
const struct tree_child *tree_get(const struct tree_node *node, const char *key);
/* Item number i of a list or map, or NULL. */
const struct tree_node *tree_item(const struct tree_node *node, size_t i);

#endif
